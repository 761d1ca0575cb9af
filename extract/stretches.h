/* SPDX-License-Identifier: MIT */
/*
 * Stretches of a pass side by side: one thread at a time cuts the next one off the input, unseen (cut.h); whoever did that
 * splits it into cells and looks at its columns, or builds them, with an inference or a builder of its own;
 * they are joined in order. One that is odd (a row is not clean, a cell misfits) is given back to the input, and its rows are
 * taken in turn by who joins, with all that belongs to it. If they end where the cut said, those behind it
 * stand; otherwise they are dropped, and cut anew. Where odd ones are frequent some stretches are left to be taken in turn.
 */
#ifndef STRETCHES_H
#define STRETCHES_H

#include "rows_parts.h"

struct stretches;
/* Nothing is asked of `rows` before the first stretches_next. */
struct stretches *stretches_new(struct rows *rows);
/*
 * Between two stretches. In a pass that looks all that can be cut are looked at. In one that builds the next batch, which may be followed by ready ones
 * (rows_dequeue). 1: there is a batch; 0: none can be cut here, and the next stretch has to be taken in turn; -1: what rows in turn fail with.
 */
int stretches_next(struct stretches *stretches, struct batch *to, bool now, struct error *err) MUST_CHECK;
/* Some were cut: `rows` is the stretches' own until stretches_next has no rows. */
bool stretches_under_way(const struct stretches *stretches);
void stretches_free(struct stretches *stretches);       /* waits for the threads; NULL is fine */

#endif
