/* SPDX-License-Identifier: MIT */
/*
 * A family of models: one file model_NAME.c (fit, predict, save, load) ending in
 * one `const struct model_kind`, named once in models.h. Models see panels: the
 * training or valid rows of one block of PANEL_ROWS rows of the stream, whatever batches
 * they came in; so sums over a tree of blocks (tree.h) come out the same, bit by bit.
 *
 * What a family sees of the world: x is real and complete (no NaN: the default
 * preparation, or an error that names the column, saw to that); y is the target
 * in the model's units, or for classes the class number; both tasks and any
 * number of outputs.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "error.h"
#include "lineage.h"
#include "pack.h"
#include "tool.h"

enum { PANEL_ROWS = 1024 };
enum task { TASK_REGRESSION, TASK_CLASSIFICATION };
enum part { PART_TRAIN, PART_VALID };

struct panel {
	enum part part;
	uint64_t block;                 /* number of the block of rows of the stream that it holds, counted in its part (tree.h) */
	size_t n_rows, n_features;
	const double *x;                /* column by column: feature j of row r is x[j * PANEL_ROWS + r] */
	const double *y;                /* n_rows: value, or class number 0 .. n_classes - 1; NULL in predict */
	const double *weight;           /* n_rows, >= 0; NULL: all 1 */
};

struct problem {
	enum task task;
	struct names features;          /* in the order of x's columns */
	struct names classes;           /* byte order; empty for regression */
};
/* Outputs of predict: 1 for regression (the value, in the model's units), else a probability for each class. */
size_t problem_outputs(const struct problem *problem);
void problem_release(struct problem *problem);

struct training {
	const struct problem *problem;
	uint64_t n_rows, n_valid;       /* rows that will come, at most */
	uint32_t seed;
	int threads;
	uint64_t memory;                /* bytes a family may hold before it takes a temporary file */
	/* All rows, as panels, each to `take`, which may keep nothing of it. lanes 1: in order of the blocks; more: from so many threads at
	 * once, blocks in any order. The rows pass once: a family that wants them again keeps them (matrix.h). */
	int (*rows)(void *state, size_t lanes, int (*take)(void *fitting, size_t lane, const struct panel *panel, struct error *err),
	            void *fitting, struct error *err);
	/* After each epoch (loss: mean over its rows before their update; valid: NaN if there are no valid rows); train keeps them as
	 * the model's history. Nonzero: stop here and keep the best (SIGINT). */
	int (*progress)(void *state, uint64_t epoch, uint64_t n_epochs, double loss, double valid);
	void (*remark)(void *state, const char *text);  /* for people and for the model's `training`: "collinear columns: …" */
	void *state;
};

struct model_kind {
	const char *name;               /* "linear" */
	const char *usage;              /* "alpha=0" … */
	const char *summary;
	const struct option_row *options;       /* key=value parameters, members of config */
	size_t config_size;
	const void *defaults;           /* config_size bytes */
	bool wants_scaled;              /* the default preparation scales features and, for regression, the target */

	/* Pure, before any work: parameters that do not go together, a task that it can't do. */
	int (*check)(const void *config, const struct problem *problem, struct error *err);
	void *(*fit)(const void *config, const struct training *training, struct error *err);
	/* out: n_rows x outputs, row by row. A row's result does not depend on the other rows. */
	void (*predict)(const void *model, const struct panel *panel, double *out);
	/* params: one packed map, numbers as bin. */
	void (*save)(const void *model, struct buffer *params);
	void *(*load)(object params, const struct problem *problem, struct error *err);
	void (*free)(void *model);
	/* For people: parameters as lines of name and value ("distance_km  5.01"), by size; `describe` prints it. */
	void (*describe)(const void *model, const struct problem *problem, struct buffer *to);
};

const struct model_kind *model_find(const char *name);
const struct model_kind *const *model_list(size_t *n);

#endif
