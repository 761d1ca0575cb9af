/* SPDX-License-Identifier: MIT */
/*
 * A lesson over arrays in memory: what train.c does for a family, for unit tests of one.
 *
 *     fake_new -> fake_fit, or fake_open and a lesson of one's own -> fake_free
 */
#ifndef FAKE_TRAINING_H
#define FAKE_TRAINING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lesson.h"
#include "text_builder.h"

enum { FAKE_BATCH = 1000 };     /* rows: blocks lie in two of them */

struct fake {
	const double *x, *y, *weight;   /* x: row by row, NaN: missing; y NULL: without a target; weight may be NULL */
	size_t n_features, n_rows, n_valid;     /* the valid rows follow the training rows */
	bool quiet;                     /* a fit is expected to fail */
	struct lesson_options options;
	struct problem problem;
	/* of the last fit */
	double losses[100000], last_valid;      /* by round, from 1 */
	uint64_t epochs;
	char remarks[2000];
	struct error err;
	/* private */
	struct setup setup;
	struct header header;
	struct source source;
	unsigned char config[1024];
	char target[2], words[512];
	double panel_x[64 * PANEL_ROWS];
};

/* ---- the rows as a source ---- */

struct fake_source { struct fake *fake; size_t next; struct end end; };

static inline void fake_put_reals(struct batch *batch, const double *from, size_t step)
{
	struct column column = COLUMN_INIT;
	uint64_t *valid = column_new_valid(&column, batch->pool, batch->n_rows, true);
	double *values = column_new_values(&column, batch->pool, TYPE_REAL, batch->n_rows);

	for (size_t row = 0; row < batch->n_rows; row++) {
		values[row] = from[row * step];
		if (values[row] != values[row])
			valid[row / 64] &= ~(UINT64_C(1) << row % 64);
	}
	batch_put(batch, batch->n_columns, TYPE_REAL, &column);
}

/* Text of row i: what `number` says, behind `before`; numbers beyond the words are printed. */
static inline void fake_put_words(struct batch *batch, const double *numbers, size_t first, size_t n_rows)
{
	struct text_builder *builder = text_builder_new();
	struct column column = COLUMN_INIT;
	char word[32];

	for (size_t row = 0; row < batch->n_rows; row++) {
		if (numbers)
			snprintf(word, sizeof word, "c%.0f", numbers[row]);
		else
			snprintf(word, sizeof word, "%s", first + row < n_rows ? "train" : "valid");
		text_builder_add(builder, word, strlen(word));
	}
	text_builder_finish(builder, batch->pool, &column);
	batch_put(batch, batch->n_columns, TYPE_TEXT, &column);
	text_builder_free(builder);
}

static inline int fake_next(void *state, struct batch *to, bool now, struct error *err)
{
	struct fake_source *from = state;
	const struct fake *fake = from->fake;
	size_t first = from->next, left = fake->n_rows + fake->n_valid - first;

	(void)now, (void)err;
	batch_clear(to);
	if (left == 0)
		return 0;
	batch_start(to, NULL, &fake->header.schema, left < FAKE_BATCH ? left : FAKE_BATCH);
	to->n_columns = 0;
	to->first_row = first;
	from->next += to->n_rows;
	for (size_t col = 0; col < fake->n_features; col++)
		fake_put_reals(to, &fake->x[first * fake->n_features + col], fake->n_features);
	if (fake->problem.task == TASK_CLASSIFICATION)
		fake_put_words(to, &fake->y[first], first, fake->n_rows);
	else if (fake->y)
		fake_put_reals(to, &fake->y[first], 1);
	if (fake->weight)
		fake_put_reals(to, &fake->weight[first], 1);
	fake_put_words(to, NULL, first, fake->n_rows);
	return 1;
}

static inline const struct end *fake_end(void *state) { return &((struct fake_source *)state)->end; }

static inline int fake_source(void *of, struct source *source, struct error *err)
{
	struct fake *fake = of;
	struct fake_source *state = calloc(1, sizeof *state);

	(void)err;
	state->fake = fake;
	*source = (struct source){ .header = &fake->header, .next = fake_next, .end = fake_end, .close = free, .state = state };
	return 0;
}

/* ---- lessons ---- */

/* A problem of n_features named x0, x1, … and n_classes named c0, c1, … (0: regression). */
static inline struct fake *fake_new(const double *x, const double *y, size_t n_rows, size_t n_features, size_t n_classes)
{
	struct fake *fake = calloc(1, sizeof *fake);
	char name[32];

	fake->x = x;
	fake->y = y;
	fake->n_rows = n_rows;
	fake->n_features = n_features;
	fake->problem.task = !y ? TASK_CLUSTERING : n_classes ? TASK_CLASSIFICATION : TASK_REGRESSION;
	for (size_t i = 0; i < n_features; i++) {
		snprintf(name, sizeof name, "x%zu", i);
		names_add(&fake->problem.features, name);
	}
	for (size_t i = 0; i < n_classes; i++) {
		snprintf(name, sizeof name, "c%zu", i);
		names_add(&fake->problem.classes, name);
	}
	fake->options = (struct lesson_options){ .seed = 42, .threads = 1, .memory = 256 << 20, .checkpoints = true };
	fake->target[0] = 'y';
	return fake;
}

/* "key=value key=value" into the setup; -1: fake->err says why. */
static inline int fake_setup(struct fake *fake, const struct model_kind *kind, const char *parameters)
{
	char *at = fake->words;

	fake->setup.kind = kind;
	fake->setup.parameters = fake->config;
	fake->setup.task = fake->problem.task;
	fake->setup.target = fake->y ? fake->target : NULL;
	buffer_clear(&fake->setup.given);
	pack_map(&fake->setup.given, 1);
	pack_key_text(&fake->setup.given, "all", parameters);
	memcpy(fake->config, kind->defaults, kind->config_size);
	snprintf(fake->words, sizeof fake->words, "%s", parameters);
	while (*at) {
		char *value = strchr(at, '='), *end = at + strcspn(at, " "), last = *end;
		const struct option_row *row;

		*end = *value = '\0';
		row = option_find(kind->options, at, &fake->err);
		if (!row || option_set(row, fake->config, value + 1, &fake->err) < 0)
			return -1;
		at = last ? end + 1 : end;
	}
	return 0;
}

/* A lesson that has not begun, over all rows. Several may be open at once, of the same parameters and each over a source of its own, which
 * the caller closes behind it. NULL: fake->err says why. */
static inline struct lesson *fake_open(struct fake *fake, const struct model_kind *kind, const char *parameters, struct source *source)
{
	struct schema *schema = &fake->header.schema;

	fake->err = (struct error)ERROR_INIT;
	schema_release(schema);
	*schema = (struct schema)SCHEMA_INIT;
	for (size_t i = 0; i < fake->n_features; i++)
		schema_add(schema, fake->problem.features.items[i], TYPE_REAL, ROLE_FEATURE);
	if (fake->y)
		schema_add(schema, "y", fake->problem.task == TASK_REGRESSION ? TYPE_REAL : TYPE_TEXT, ROLE_TARGET);
	if (fake->weight)
		schema_add(schema, "w", TYPE_REAL, ROLE_WEIGHT);
	schema_add(schema, "_split", TYPE_TEXT, ROLE_SPLIT);
	fake->options.n_train = fake->n_rows;
	fake->options.n_valid = fake->n_valid;
	if (fake_setup(fake, kind, parameters) < 0 || fake_source(fake, source, &fake->err) < 0)
		return NULL;
	return lesson_open(&fake->setup, source, &fake->problem.classes, &fake->options, &fake->err);
}

/* All rounds. Frees the lesson; its losses and remarks are the fake's. NULL and, unless fake->quiet, a line on stdout after an error. */
static inline void *fake_fit(struct fake *fake, const struct model_kind *kind, const char *parameters)
{
	struct source source = { .next = NULL };
	struct lesson *lesson = fake_open(fake, kind, parameters, &source);
	size_t used = 0;
	void *model = NULL;

	if (lesson && lesson_rounds(lesson, UINT64_MAX, &fake->err) == 0)
		model = lesson_finish(lesson, &fake->err);
	if (model) {
		const struct history *history = &lesson->history;

		fake->epochs = history->n;
		memcpy(&fake->losses[1], history->loss, history->n * sizeof(double));
		fake->last_valid = history->valid[history->n - 1];
		for (size_t i = 0; i < lesson->remarks.n && used < sizeof fake->remarks; i++)
			used += (size_t)snprintf(fake->remarks + used, sizeof fake->remarks - used, "%s\n", lesson->remarks.items[i]);
	}
	if (!model && !fake->quiet)
		printf("fit failed: %s\n", fake->err.message);
	lesson_free(lesson);
	source_close(&source);
	return model;
}

static inline void fake_free(struct fake *fake)
{
	problem_release(&fake->problem);
	header_release(&fake->header);
	buffer_free(&fake->setup.given);
	free(fake);
}

/* Rows first .. first + n - 1 (at most PANEL_ROWS) as a panel to be predicted. */
static inline struct panel fake_panel(struct fake *fake, size_t first, size_t n)
{
	for (size_t row = 0; row < n; row++)
		for (size_t col = 0; col < fake->n_features; col++)
			fake->panel_x[col * PANEL_ROWS + row] = fake->x[(first + row) * fake->n_features + col];
	return (struct panel){ .n_rows = n, .n_features = fake->n_features, .x = fake->panel_x, .stride = PANEL_ROWS };
}

static inline void fake_predict(struct fake *fake, const struct model_kind *kind, const void *model, size_t first, size_t n, double *out)
{
	struct panel panel = fake_panel(fake, first, n);

	if (kind->predict(model, &panel, out, &fake->err) < 0)
		printf("predict failed: %s\n", fake->err.message);
}

#endif
