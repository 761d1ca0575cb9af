/* SPDX-License-Identifier: MIT */
/*
 * Records as panels: the training and valid rows of a source, features as numbers,
 * the target as number or class, in panels of exactly PANEL_ROWS rows.
 */
#ifndef PANELS_H
#define PANELS_H

#include "model.h"
#include "stream.h"

struct panels {
	struct source *source;
	const struct problem *problem;
	bool prepared;                  /* for the message about a missing value */
	size_t *cols;                   /* of the features */
	int target, weight, split;      /* columns; weight, split: or NO_FIELD */
	struct filling { double *x, *y, *weight; size_t n; uint64_t block; } parts[2];
	struct batch *batch;            /* being read, from row `at` */
	size_t at, room;
	bool ended;
	unsigned char *part_of;         /* per row of the batch: a part, or 2 */
	double *y_of;
	uint32_t *picked;
	uint64_t row, n_train, n_valid; /* rows seen; rows used */
	uint64_t valid_missing;         /* valid rows with a missing feature: left out */
};

/* The source's fields must hold the problem's features, all numbers or bools. */
int panels_open(struct panels *panels, struct source *source, const struct problem *problem, const char *target, bool prepared,
                struct error *err) MUST_CHECK;
int panels_next(struct panels *panels, struct panel *panel, struct error *err) MUST_CHECK;     /* n_rows 0: the end */
void panels_release(struct panels *panels);

#endif
