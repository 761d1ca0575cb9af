/* SPDX-License-Identifier: MIT */
/*
 * One training: a family fits the prepared rows; what it tells on the way (losses,
 * remarks) and what the simplest predictor would have said are kept for the model.
 */
#ifndef LESSON_H
#define LESSON_H

#include "model.h"
#include "moments.h"
#include "panels.h"
#include "setup.h"

struct lesson {
	const struct setup *setup;
	const struct lineage *lineage;  /* of the prepared rows */
	struct problem problem;
	struct panels panels;
	struct history { double *loss, *valid; size_t n, room; } history;
	struct names remarks;
	struct lesson_lane {
		struct moment_sum target;       /* in its own units */
		double *own;                    /* a panel's targets in their own units */
		uint64_t *class_rows;           /* training rows of each class */
	} *lanes;
	size_t n_lanes;
	struct moments target;          /* of all; regression only */
	uint64_t *class_rows;           /* of all: the first lane's */
	bool quiet, line_stands;        /* line_stands: the progress line is on the terminal */
	double last_line;               /* when it was written, in tool_seconds */
};

struct lesson_options { uint64_t n_train, n_valid, memory, seed; int threads; bool prepared, quiet; };

/* source: prepared rows; its fields with role feature, but the target, are what is learned from. The family's model, or NULL. */
void *lesson_run(struct lesson *lesson, const struct setup *setup, struct source *source, const struct names *classes,
                 const struct lesson_options *options, struct error *err);
/* The model's `training`: one packed map. */
void lesson_pack(const struct lesson *lesson, uint64_t seed, struct buffer *to);
void lesson_release(struct lesson *lesson);

#endif
