/* SPDX-License-Identifier: MIT */
/*
 * The steps between two table steps, over a source: what plan.h describes, one
 * stretch of it.
 *
 *     input --ops of pass 1, fits--> spool --ops of pass 2, fits--> spool ... --last ops--> out
 *
 * What each pass learns and applies says agenda.h. Lanes divide the rows of each pass.
 *
 * Where the rows are kept already and none goes, a pass looks only: its fits see what
 * the units make, but that is dropped and the units stay due, since making it again is
 * cheaper than keeping it. It counts nothing, and each unit is used so once at most: so
 * a step counts a row once, and work grows with the steps.
 */
#ifndef SEGMENT_H
#define SEGMENT_H

#include "chain.h"

/* Steps first .. first + n - 1 of the chain, which outlives the source, over `in`, which it takes over (also after a failure). */
int segment_open(struct source *out, struct source *in, struct chain *chain, size_t first, size_t n, struct error *err) MUST_CHECK;
#endif
