/* SPDX-License-Identifier: MIT */
/* A training out of arrays in memory: what train.c does for a family, for unit tests of one. */
#ifndef FAKE_TRAINING_H
#define FAKE_TRAINING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

struct fake {
	const double *x, *y, *weight;   /* x: row by row; weight may be NULL */
	size_t n_features, n_rows, n_valid;     /* the valid rows follow the training rows */
	double panel_x[64 * PANEL_ROWS];
	double losses[100000], last_valid;
	uint64_t epochs;
	bool quiet;                     /* a fit is expected to fail */
	char remarks[2000];
	struct problem problem;
	struct training training;
};

/* Block `block` of rows first .. first + n - 1. */
static inline struct panel fake_panel(struct fake *fake, enum part part, size_t first, size_t n, size_t block)
{
	size_t at = block * PANEL_ROWS, left = n - at, n_here = left < PANEL_ROWS ? left : PANEL_ROWS;

	at += first;
	for (size_t row = 0; row < n_here; row++)
		for (size_t col = 0; col < fake->n_features; col++)
			fake->panel_x[col * PANEL_ROWS + row] = fake->x[(at + row) * fake->n_features + col];
	return (struct panel){ .part = part, .block = block, .n_rows = n_here, .n_features = fake->n_features, .x = fake->panel_x,
	                       .y = fake->y + at, .weight = fake->weight ? fake->weight + at : NULL };
}

/* In order for one lane; for several backwards, and to each in turn. */
static inline int fake_rows(void *state, size_t lanes, int (*take)(void *fitting, size_t lane, const struct panel *panel, struct error *err),
                            void *fitting, struct error *err)
{
	struct fake *fake = state;

	for (int part = PART_TRAIN; part <= PART_VALID; part++) {
		size_t first = part == PART_VALID ? fake->n_rows : 0, n = part == PART_VALID ? fake->n_valid : fake->n_rows;
		size_t n_blocks = (n + PANEL_ROWS - 1) / PANEL_ROWS;

		for (size_t i = 0; i < n_blocks; i++) {
			struct panel panel = fake_panel(fake, (enum part)part, first, n, lanes > 1 ? n_blocks - 1 - i : i);

			if (take(fitting, i % lanes, &panel, err) < 0)
				return -1;
		}
	}
	return 0;
}

static inline int fake_progress(void *state, uint64_t epoch, uint64_t n_epochs, double loss, double valid)
{
	struct fake *fake = state;

	(void)n_epochs;
	fake->losses[epoch] = loss;
	fake->last_valid = valid;
	fake->epochs = epoch;
	return 0;
}

static inline void fake_remark(void *state, const char *text)
{
	struct fake *fake = state;
	size_t used = strlen(fake->remarks);

	snprintf(fake->remarks + used, sizeof fake->remarks - used, "%s\n", text);
}

/* A problem of n_features named x0, x1, … and n_classes named c0, c1, … (0: regression). */
static inline struct fake *fake_new(const double *x, const double *y, size_t n_rows, size_t n_features, size_t n_classes)
{
	struct fake *fake = calloc(1, sizeof *fake);
	char name[32];

	fake->x = x;
	fake->y = y;
	fake->n_rows = n_rows;
	fake->n_features = n_features;
	fake->problem.task = n_classes ? TASK_CLASSIFICATION : TASK_REGRESSION;
	for (size_t i = 0; i < n_features; i++) {
		snprintf(name, sizeof name, "x%zu", i);
		names_add(&fake->problem.features, name);
	}
	for (size_t i = 0; i < n_classes; i++) {
		snprintf(name, sizeof name, "c%zu", i);
		names_add(&fake->problem.classes, name);
	}
	fake->training = (struct training){ .problem = &fake->problem, .n_rows = n_rows, .seed = 42, .threads = 1, .memory = 256 << 20,
	                                    .rows = fake_rows, .progress = fake_progress, .remark = fake_remark, .state = fake };
	return fake;
}

/* Fits kind with parameters "key=value key=value"; NULL and a line on stdout after an error. */
static inline void *fake_fit(struct fake *fake, const struct model_kind *kind, const char *parameters)
{
	struct error err = ERROR_INIT;
	unsigned char config[1024];
	char text[512], *at = text;
	void *model = NULL;

	memcpy(config, kind->defaults, kind->config_size);
	snprintf(text, sizeof text, "%s", parameters);
	while (*at) {
		char *value = strchr(at, '='), *end = at + strcspn(at, " "), last = *end;
		const struct option_row *row;

		*end = *value = '\0';
		row = option_find(kind->options, at, &err);
		if (!row || option_set(row, config, value + 1, &err) < 0)
			goto out;
		at = last ? end + 1 : end;
	}
	fake->training.n_rows = fake->n_rows;
	fake->training.n_valid = fake->n_valid;
	if (kind->check(config, &fake->problem, &err) == 0)
		model = kind->fit(config, &fake->training, &err);
out:
	if (!model && !fake->quiet)
		printf("fit failed: %s\n", err.message);
	return model;
}

static inline void fake_free(struct fake *fake)
{
	problem_release(&fake->problem);
	free(fake);
}

/* Predictions for the first n rows (at most PANEL_ROWS) of the training. */
static inline void fake_predict(struct fake *fake, const struct model_kind *kind, const void *model, size_t first, size_t n, double *out)
{
	struct panel panel = { .n_rows = n, .n_features = fake->n_features, .x = fake->panel_x };

	for (size_t row = 0; row < n; row++)
		for (size_t col = 0; col < fake->n_features; col++)
			fake->panel_x[col * PANEL_ROWS + row] = fake->x[(first + row) * fake->n_features + col];
	kind->predict(model, &panel, out);
}

#endif
