/* SPDX-License-Identifier: MIT */
/*
 * Records as panels: the training and valid rows of a source, features as numbers,
 * the target as number or class. A panel holds those rows of one block of the source
 * (blocks.h): at most PANEL_ROWS, fewer where rows are held out or lack what they need.
 */
#ifndef PANELS_H
#define PANELS_H

#include "model.h"
#include "stream.h"

struct panels {
	struct source *source;
	const struct problem *problem;
	bool prepared;                  /* for the message about a missing value */
	size_t *cols, n_cols;           /* of the source, as pieces have them: the features, then those below */
	int target, weight, split;      /* places in pieces; weight, split: or NO_FIELD */
	uint64_t n_train, n_valid;      /* rows used */
	uint64_t valid_missing;         /* valid rows with a missing feature: left out */
};

/* The source's fields must hold the problem's features, all numbers or bools. */
int panels_open(struct panels *panels, struct source *source, const struct problem *problem, const char *target, bool prepared,
                struct error *err) MUST_CHECK;
/* All panels, of both parts, each to `take`, which may keep nothing of it. One lane: in order; several: from several threads at once, one
 * at a time for each lane. -1 is passed on. */
int panels_run(struct panels *panels, size_t n_lanes, int (*take)(void *state, size_t lane, const struct panel *panel, struct error *err),
               void *state, struct error *err) MUST_CHECK;
void panels_release(struct panels *panels);

#endif
