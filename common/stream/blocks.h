/* SPDX-License-Identifier: MIT */
/*
 * All rows of a source, in lanes (lanes.h), cut in blocks (cutter.h): what somebody
 * who sums over a stream needs. Each block of rows comes whole to one lane.
 */
#ifndef BLOCKS_H
#define BLOCKS_H

#include "lanes.h"

struct block_work {
	const size_t *cols;             /* the columns that pieces have, in this order; each once */
	size_t n_cols;
	/* Checks and counts a batch, side by side with others: the columns of pieces are read (column_read, column_check). NULL: nothing. */
	int (*look)(void *state, size_t lane, struct batch *batch, struct error *err);
	/* Takes the batch over, in order, one at a time; lane: that which looked at it. NULL: it is dropped. */
	int (*keep)(void *state, size_t lane, struct batch *batch, struct error *err);
	/* A piece, of one block or of several whole ones; pieces of a block come one after the other, and `done` behind the last of a block.
	 * One lane takes batches as they come, in order: of a wide table those of one block would be many, waiting for the last. */
	int (*piece)(void *state, size_t lane, struct batch *piece, struct error *err);
	int (*done)(void *state, size_t lane, struct error *err);      /* all blocks that the lane began are whole. NULL: nothing */
	void *state;
	const struct host *host;        /* may be NULL */
};

/* Reads `in` to its end, or to where it failed; it stays the caller's. n_lanes: at least 1. */
int blocks_run(struct source *in, size_t n_lanes, const struct block_work *work, struct error *err) MUST_CHECK;

#endif
