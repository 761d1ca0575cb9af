/* SPDX-License-Identifier: MIT */
/*
 * Short batches made into one that is worth its keep: what comes row by row (live
 * input, a script's stream) would cost a block for every run of every row.
 *
 *     gather_wants -> gather_add -> gather_full -> gather_take ... -> gather_release
 *
 * It begins zeroed, and is taken once it is full, before more is added. After -1 rows are lost: it is only released.
 * Runs of batches of about the same length are joined, these again, and so on: so a
 * row is copied a few times, however short the batches are. What comes out hangs on
 * the batches that come in and on nothing else.
 */
#ifndef GATHER_H
#define GATHER_H

#include "text_builder.h"

enum { GATHER_RUN = 16, GATHER_LEVELS = 4 };    /* batches that are joined at once; levels: of so many runs of runs */

struct gather {
	struct batch items[GATHER_RUN * GATHER_LEVELS];
	unsigned char levels[GATHER_RUN * GATHER_LEVELS];
	size_t n, n_rows, bytes;
	struct text_builder *texts;
};

bool gather_wants(const struct batch *batch);           /* it is short; others are kept as they stand, behind what was gathered */
/* Takes the batch over (it is empty then, also after a failure). Its schema outlives it here. -1: a column is broken. */
int gather_add(struct gather *gather, struct batch *batch, struct error *err) MUST_CHECK;
bool gather_full(const struct gather *gather);          /* time to take it */
/* All rows added, in order, as one batch, compacted; there is at least one. */
int gather_take(struct gather *gather, struct batch *to, struct error *err) MUST_CHECK;
void gather_release(struct gather *gather);

#endif
