/* SPDX-License-Identifier: MIT */
/*
 * How far an input has come along a stored list of units.
 *
 *     stored                u1 u2 u3 | u4 u5 u6 u7
 *     input     f1 f2 | u1 u2 u3                      the same digests: the rest is due
 *
 * The longest tail of the input's units that begins the stored ones is what was done
 * already. What stands before it made the raw records: a front of units that learned
 * nothing (rename, derive, parse). Row parts change no column, and where only some
 * names are asked for, neither does what writes none (drop, role): they are passed
 * over in both lists.
 */
#ifndef OVERLAP_H
#define OVERLAP_H

#include "lineage.h"

struct overlap {
	struct unit_place *have, *want;
	size_t n_have, n_want;
	size_t tail;                    /* of have: where what begins the stored list begins; n_have: there is none of it */
	size_t done;                    /* of want: before it all was done */
};

/* Both lineages outlive it. all: everything of `want` is asked for. STATUS_REQUIREMENT, naming the step and what to do: a front that
 * holds a stored unit, one that learned something, or a table step that makes rows of rows. Released in any case. */
int overlap_find(struct overlap *overlap, const struct lineage *have, const struct lineage *want, bool all, struct error *err) MUST_CHECK;
void overlap_release(struct overlap *overlap);

#endif
