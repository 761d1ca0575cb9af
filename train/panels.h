/* SPDX-License-Identifier: MIT */
/*
 * Records as panels: the training and valid rows of a source, features as numbers,
 * the target as number or class. A panel holds those rows of one block of the source
 * (blocks.h): at most PANEL_ROWS, fewer where rows are held out or lack what they need.
 *
 *     panels_open -> panels_run, for each pass over a source with the same fields -> panels_release
 *
 * Left out of both parts are test rows, rows without a target and, where the target has classes, rows
 * of a class that is none of them, but for valid rows of such a class where `unknown` says so. A missing mark fails, and, of a row that goes into a part, a
 * missing weight or one below 0.
 */
#ifndef PANELS_H
#define PANELS_H

#include "model.h"
#include "spool.h"
#include "stream.h"

struct panels {
	const struct host *host;
	const struct problem *problem;  /* borrowed */
	bool missing;                   /* a missing feature is NaN */
	bool no_x;                      /* features are not looked at: panels have none */
	bool tells_runs;                /* panels say where columns lie (struct panel_runs): those of reals that came without a hole between rows */
	bool unknown;                   /* the caller's to set: valid rows of other classes come, too, their y is how many classes there are */
	size_t most;                    /* rows of a panel: PANEL_ROWS, unless the caller knows that fewer come in all (more are an error) */
	size_t *cols, n_cols;           /* of the source, as pieces have them: the features, then those below */
	int target, weight, split, by, time;    /* places in pieces, or NO_FIELD */
	/* For messages, of a row of the source: where it came from, appended ("rows.csv:17"). NULL: it is told by its number. */
	int (*place)(void *state, uint64_t row, struct buffer *to, struct error *err);
	void *place_state;
};

/* Rows that were used in a pass; valid_missing: valid rows that were left out for want of a feature. */
struct panel_rows { uint64_t n_train, n_valid, valid_missing; };

/* Overwrites the panels. The fields must hold the problem's features, all numbers or bools, and the target, unless it is NULL: then panels
 * have no y; and what the problem groups rows by. One with role time is taken, if it is there. problem and host are borrowed,
 * schema and target only read. takes: MODEL_MISSING: a missing feature is NaN; else it is an error in a training row, and a valid row
 * with one is left out; MODEL_NO_X: features are passed over, in panels there are none; MODEL_RUNS: panel->runs. -1: a column is not there, or there are two of weights. To be released, also after -1. */
int panels_open(struct panels *panels, const struct schema *schema, const struct problem *problem, const char *target, unsigned takes,
                const struct host *host, struct error *err) MUST_CHECK;
/* Bytes that panels_run holds, about: a panel of each part, and the rows that they are made of, of which several lanes hold a block each.
 * most: rows of a panel. n_parts: 1, or 2 where there are valid rows. */
uint64_t panels_memory(size_t n_features, size_t most, size_t n_lanes, size_t n_parts);
/* All panels, of both parts, each to `take`, which may keep nothing of it. One lane: in order; several: from several threads at once, one
 * at a time for each lane. -1 of it is passed on. keep: takes the batches over; NULL: they go. The source is read to its end, or to where it
 * failed, and stays open, the caller's. rows is set in any case: after -1 what had passed. */
int panels_run(const struct panels *panels, struct source *source, struct spool *keep, size_t n_lanes, panel_taker *take, void *state,
               struct panel_rows *rows, struct error *err) MUST_CHECK;
void panels_release(struct panels *panels);

#endif
