/* SPDX-License-Identifier: MIT */
/*
 * Medians of groups, exact and in bounded memory. In the first pass values are kept
 * beside the number of their group while the memory lasts, and groups are counted
 * on. If all fitted, one pass was enough. Else the first groups that fit together
 * are kept in the next pass, and so on; a group too large by itself is left to
 * quantiles.h. Which way a median came makes no difference to its bits.
 *
 * Values may be divided as in quantiles.h: merge before the finish of each pass, and
 * after one that said false unpack what it packs as often as wanted.
 */
#ifndef GROUP_MEDIANS_H
#define GROUP_MEDIANS_H

#include "quantiles.h"

struct group_medians {
	struct group_value *kept;
	size_t n_kept, room, limit;
	uint64_t *counts;               /* values of each group, complete after the first pass */
	double *medians;                /* by group, as they get known */
	size_t n_groups;                /* room of both; zeroed */
	size_t first, last;             /* groups first .. last - 1 are kept in this pass */
	bool again, spilled;            /* not the first pass; more came than `limit` */
	struct quantiles *large;        /* of group `first`, if that alone is larger than `limit` */
};

void group_medians_init(struct group_medians *medians, size_t memory);
void group_medians_release(struct group_medians *medians);
void group_medians_room(struct group_medians *medians, size_t n_groups);        /* before groups up to there are added */
void group_medians_add(struct group_medians *medians, uint32_t group, double value);
/* True: counts and medians hold (of groups with a count). False: all values are wanted once more. */
bool group_medians_finish(struct group_medians *medians, size_t n_groups);
/* All that `from` took in this pass; it is only to be released then. groups[i]: what group i of n is in `to`, which has room for it.
 * False: they are not in the same pass. */
bool group_medians_merge(struct group_medians *to, struct group_medians *from, const uint32_t *groups, size_t n);
void group_medians_pack(const struct group_medians *medians, size_t n_groups, struct buffer *to);      /* one msgpack value */
bool group_medians_unpack(struct group_medians *medians, size_t n_groups, object from);        /* into a fresh one; false: broken */
size_t group_medians_memory(const struct group_medians *medians);       /* without what is kept, which has its own limit */

#endif
