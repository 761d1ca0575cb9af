/* SPDX-License-Identifier: MIT */
/*
 * Batches cut at multiples of BLOCK_ROWS (tree.h), so that each block of rows comes
 * whole to one who sums it:
 *
 *     batches   |      0      |      1      | 2 |     3      |
 *     blocks    |  a  |  b  |  c  |  d  |  e  |  f  |  g  |  h  ...
 *     pieces    [ a  b ]      [c c][ d ]      [e e e][ f ][ g g ] ...
 *
 * Rows of an unfinished block wait until the rest comes, shared with their batch where it
 * shows little else. What stands for a column in a batch is worth 20 values: of batches of
 * a few rows several are joined, so that those of a block are not many.
 */
#ifndef CUTTER_H
#define CUTTER_H

#include "text_builder.h"

/* To be taken one after the other, by one: pieces of one block follow each other, a piece holds any number of whole blocks else. */
struct pieces { struct batch *items; size_t n, room; };
void pieces_clear(struct pieces *pieces);
void pieces_release(struct pieces *pieces);

/* Begins zeroed. uncut: one takes all batches, and keeps himself what a block needs to its end: each is a piece at once, none waits. */
struct cutter { struct pieces open; struct text_builder *texts; bool uncut; };
/* Adds what can be taken now to `pieces` (cleared first). Batches come in order, numbered by first_row without a gap: best with the
 * columns only that are needed (batch_view). They are read; one that goes whole is taken over. */
int cutter_add(struct cutter *cutter, struct batch *batch, struct pieces *pieces, struct error *err) MUST_CHECK;
void cutter_finish(struct cutter *cutter, struct pieces *pieces);        /* the unfinished block, at the end */
void cutter_release(struct cutter *cutter);

#endif
