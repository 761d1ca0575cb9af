/* SPDX-License-Identifier: MIT */
/*
 * A batch's rows are dealt to two panels, training and valid, until one is full;
 * columns are gathered one after the other for the rows that were dealt. Where all
 * rows are training rows that is a copy.
 */
#include "panels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classes.h"
#include "marks.h"
#include "memory.h"

enum { NO_PART = 2 };

int panels_open(struct panels *panels, struct source *source, const struct problem *problem, const char *target, bool prepared,
                struct error *err)
{
	const struct schema *schema = &source->header->schema;

	*panels = (struct panels){ .source = source, .problem = problem, .prepared = prepared };
	panels->cols = mem_array(problem->features.n, sizeof *panels->cols);
	for (size_t i = 0; i < problem->features.n; i++) {
		int col = schema_require(schema, problem->features.items[i], err);

		if (col == NO_FIELD)
			return -1;
		panels->cols[i] = (size_t)col;
	}
	panels->target = schema_require(schema, target, err);
	if (panels->target == NO_FIELD)
		return -1;
	panels->weight = schema_find_role(schema, ROLE_WEIGHT);
	panels->split = schema_find_role(schema, ROLE_SPLIT);
	if (panels->weight != NO_FIELD && !type_is_number(schema->fields[panels->weight].type) && schema->fields[panels->weight].type != TYPE_BOOL)
		return error_set(err, STATUS_FAILED, "the weights '%s' are %s (cast them, or give them another role)",
		                 schema->fields[panels->weight].name, type_name(schema->fields[panels->weight].type));
	for (int part = PART_TRAIN; part <= PART_VALID; part++) {
		struct filling *filling = &panels->parts[part];

		filling->x = mem_aligned(problem->features.n * PANEL_ROWS * sizeof *filling->x);
		filling->y = mem_aligned(PANEL_ROWS * sizeof *filling->y);
		filling->weight = mem_aligned(PANEL_ROWS * sizeof *filling->weight);
	}
	return 0;
}

void panels_release(struct panels *panels)
{
	for (int part = PART_TRAIN; part <= PART_VALID; part++) {
		free(panels->parts[part].x);
		free(panels->parts[part].y);
		free(panels->parts[part].weight);
	}
	free(panels->cols);
	free(panels->part_of);
	free(panels->y_of);
	free(panels->picked);
	*panels = (struct panels){ .source = NULL };
}

/* ---- a new batch: which row goes where, and its target ---- */

static int read_target(struct panels *panels, struct error *err)
{
	struct batch *batch = panels->batch;
	const struct field *field = &batch->schema->fields[panels->target];
	const struct column *column = column_read(batch, (size_t)panels->target, err);

	if (!column)
		return error_prefix(err, "column '%s'", field->name);
	if (panels->problem->task == TASK_CLASSIFICATION)
		class_numbers(&panels->problem->classes, field, column, batch->n_rows, panels->y_of);
	else
		for (size_t row = 0; row < batch->n_rows; row++)
			panels->y_of[row] = column_number(column, field->type, row);
	for (size_t row = 0; row < batch->n_rows; row++)
		if (!column_valid(column, row))
			panels->part_of[row] = NO_PART;
	return 0;
}

static int fail_missing(const struct panels *panels, const char *name, size_t row, struct error *err)
{
	uint64_t number = panels->row + row;

	if (panels->prepared)
		return error_set(err, STATUS_FAILED, "column '%s' is missing in row %llu (impute it)", name, (unsigned long long)number);
	return error_set(err, STATUS_FAILED, "column '%s' is missing in row %llu (impute it, or leave out --no-prepare)", name,
	                 (unsigned long long)number);
}

/* A missing feature is an error in a training row; a valid row with one is left out. */
static int read_features(struct panels *panels, struct error *err)
{
	struct batch *batch = panels->batch;

	for (size_t i = 0; i < panels->problem->features.n; i++) {
		const struct column *column = column_read(batch, panels->cols[i], err);

		if (!column)
			return error_prefix(err, "column '%s'", panels->problem->features.items[i]);
		for (size_t row = 0; column->n_missing && row < batch->n_rows; row++) {
			if (panels->part_of[row] == NO_PART || column_valid(column, row))
				continue;
			if (panels->part_of[row] == PART_TRAIN)
				return fail_missing(panels, panels->problem->features.items[i], row, err);
			panels->part_of[row] = NO_PART;
			panels->valid_missing++;
		}
	}
	return 0;
}

static int read_weights(struct panels *panels, struct error *err)
{
	struct batch *batch = panels->batch;
	const struct field *field = &batch->schema->fields[panels->weight];
	const struct column *column = column_read(batch, (size_t)panels->weight, err);

	if (!column)
		return error_prefix(err, "column '%s'", field->name);
	for (size_t row = 0; row < batch->n_rows; row++)
		if (panels->part_of[row] != NO_PART && (!column_valid(column, row) || column_number(column, field->type, row) < 0))
			return error_set(err, STATUS_FAILED, "column '%s': the weight is %s in row %llu", field->name,
			                 column_valid(column, row) ? "negative" : "missing", (unsigned long long)(panels->row + row));
	return 0;
}

static void make_room(struct panels *panels, size_t n_rows)
{
	if (n_rows <= panels->room)
		return;
	panels->room = n_rows;
	panels->part_of = mem_resize(panels->part_of, n_rows, 1);
	panels->y_of = mem_resize(panels->y_of, n_rows, sizeof *panels->y_of);
	panels->picked = mem_resize(panels->picked, n_rows, sizeof *panels->picked);
}

static int take_batch(struct panels *panels, struct error *err)
{
	struct marks marks = { .split = panels->split };
	struct batch *batch = panels->batch;

	make_room(panels, batch->n_rows);
	panels->at = 0;
	if (marks_read(&marks, batch, panels->part_of, err) < 0)
		return -1;
	for (size_t row = 0; row < batch->n_rows; row++)
		panels->part_of[row] = panels->part_of[row] == MARK_TRAIN ? PART_TRAIN : panels->part_of[row] == MARK_VALID ? PART_VALID : NO_PART;
	if (read_target(panels, err) < 0 || read_features(panels, err) < 0)
		return -1;
	if (panels->weight != NO_FIELD && read_weights(panels, err) < 0)
		return -1;
	/* A class that no training row has can't be learned from a valid row. */
	for (size_t row = 0; row < batch->n_rows; row++)
		if (panels->problem->task == TASK_CLASSIFICATION && panels->y_of[row] == NO_CLASS)
			panels->part_of[row] = NO_PART;
	return 0;
}

/* ---- dealing ---- */

/* Appends the picked rows of the batch to a part. */
static void deal(struct panels *panels, enum part part, size_t n_picked)
{
	struct filling *filling = &panels->parts[part];
	const struct batch *batch = panels->batch;
	const uint32_t *picked = panels->picked;
	bool run = n_picked > 0 && picked[n_picked - 1] - picked[0] + 1 == n_picked;

	for (size_t i = 0; i < panels->problem->features.n; i++) {
		const struct column *column = &batch->columns[panels->cols[i]];
		enum type type = batch->schema->fields[panels->cols[i]].type;
		double *to = &filling->x[i * PANEL_ROWS + filling->n];

		if (type == TYPE_REAL && run)
			memcpy(to, (const double *)column->values + picked[0], n_picked * sizeof *to);
		else if (type == TYPE_REAL)
			for (size_t k = 0; k < n_picked; k++)
				to[k] = ((const double *)column->values)[picked[k]];
		else if (type == TYPE_INT)
			for (size_t k = 0; k < n_picked; k++)
				to[k] = (double)((const int64_t *)column->values)[picked[k]];
		else
			for (size_t k = 0; k < n_picked; k++)
				to[k] = ((const uint8_t *)column->values)[picked[k]];
	}
	for (size_t k = 0; k < n_picked; k++) {
		filling->y[filling->n + k] = panels->y_of[picked[k]];
		if (panels->weight != NO_FIELD)
			filling->weight[filling->n + k] = column_number(&batch->columns[panels->weight],
			                                                batch->schema->fields[panels->weight].type, picked[k]);
	}
	filling->n += n_picked;
}

/* Rows from `at` to `end` of a part that have room in its panel; *end becomes the row behind the last one. */
static size_t pick(struct panels *panels, enum part part, size_t *end)
{
	size_t room = PANEL_ROWS - panels->parts[part].n, n = 0;

	for (size_t row = panels->at; row < *end; row++) {
		if (panels->part_of[row] != part)
			continue;
		if (n == room) {
			*end = row;
			break;
		}
		panels->picked[n++] = (uint32_t)row;
	}
	return n;
}

/* Deals rows until a panel is full or the batch is through. */
static void deal_batch(struct panels *panels)
{
	size_t end = panels->batch->n_rows;

	pick(panels, PART_TRAIN, &end);
	pick(panels, PART_VALID, &end);
	deal(panels, PART_TRAIN, pick(panels, PART_TRAIN, &end));
	deal(panels, PART_VALID, pick(panels, PART_VALID, &end));
	panels->at = end;
}

static void hand_out(struct panels *panels, enum part part, struct panel *panel)
{
	struct filling *filling = &panels->parts[part];

	*panel = (struct panel){ .part = part, .block = filling->block++, .n_rows = filling->n,
	                         .n_features = panels->problem->features.n, .x = filling->x, .y = filling->y,
	                         .weight = panels->weight == NO_FIELD ? NULL : filling->weight };
	if (part == PART_TRAIN)
		panels->n_train += filling->n;
	else
		panels->n_valid += filling->n;
	filling->n = 0;
}

int panels_next(struct panels *panels, struct panel *panel, struct error *err)
{
	for (;;) {
		if (panels->batch && panels->at < panels->batch->n_rows)
			deal_batch(panels);
		for (int part = PART_TRAIN; part <= PART_VALID; part++)
			if (panels->parts[part].n == PANEL_ROWS) {
				hand_out(panels, (enum part)part, panel);
				return 0;
			}
		if (panels->batch && panels->at < panels->batch->n_rows)
			continue;
		panels->row += panels->batch ? panels->batch->n_rows : 0;
		if (panels->ended)
			break;
		if (source_next(panels->source, &panels->batch, err) < 0)
			return -1;
		panels->ended = !panels->batch;
		if (panels->batch && take_batch(panels, err) < 0)
			return -1;
	}
	hand_out(panels, panels->parts[PART_TRAIN].n > 0 ? PART_TRAIN : PART_VALID, panel);
	return 0;
}
