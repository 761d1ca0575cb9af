/* SPDX-License-Identifier: MIT */
/* The statistics as records, a row per field: text columns first, then counts, then reals. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "bits.h"
#include "memory.h"
#include "text_builder.h"

enum { NAME, TYPE, UNIT, ROLE, FIRST, LAST, TOP, N_TEXTS };
enum { COUNT, MISSING, DIFFERENT, TOP_COUNT, N_COUNTS };
enum { MEAN, DEVIATION, MIN, Q25, MEDIAN, Q75, MAX, N_REALS };
static const char *const names[] = { "name", "type", "unit", "role", "first", "last", "top", "count", "missing", "different", "top_count",
                                     "mean", "deviation", "min", "q25", "median", "q75", "max" };

/* The most frequent text, the first in byte order among equals; NO_VALUE: there are too many, or the field is no text. */
static uint32_t top_level(const struct column_stats *stats)
{
	const struct distinct *levels = &stats->levels;
	uint32_t *order, top;

	if ((stats->field->type != TYPE_TEXT && stats->field->type != TYPE_BOOL) || !levels->n || stats->many)
		return NO_VALUE;
	order = distinct_by_count(levels);
	top = order[0];
	free(order);
	return top;
}

/* NULL: there is none. `room` keeps what has to be made. */
static const char *text_of(const struct column_stats *stats, size_t which, struct buffer *room)
{
	const struct field *field = stats->field;
	uint32_t top;

	switch (which) {
	case NAME: return field->name;
	case TYPE: return type_name(field->type);
	case UNIT: return field->unit;
	case ROLE: return role_name(field->role);
	case TOP:
		top = top_level(stats);
		if (top == NO_VALUE)
			return NULL;
		distinct_print(&stats->levels, top, room);
		return buffer_text(room);
	default:
		if (field->type != TYPE_TIME || !stats->count)
			return NULL;
		describe_time(field, which == FIRST ? stats->first : stats->last, room);
		return buffer_text(room);
	}
}

static void put_texts(struct batch *batch, size_t which, const struct column_stats *columns)
{
	struct text_builder *builder = text_builder_new();
	struct column fresh = COLUMN_INIT;

	for (size_t row = 0; row < batch->n_rows; row++) {
		struct buffer room = BUFFER_INIT;
		const char *value = text_of(&columns[row], which, &room);

		if (value)
			text_builder_add(builder, value, strlen(value));
		else
			text_builder_add_missing(builder);
		buffer_free(&room);
	}
	text_builder_finish(builder, batch->pool, &fresh);
	batch_put(batch, which, TYPE_TEXT, &fresh);
	text_builder_free(builder);
}

static double real_of(const struct column_stats *stats, size_t which)
{
	if (!stats_numeric(stats) || !stats->count)
		return NAN;
	switch (which) {
	case MEAN: return stats->moments.mean;
	case DEVIATION: return stats->count > 1 ? moments_deviation(&stats->moments, 1) : NAN;
	case MIN: return stats->moments.min;
	case MAX: return stats->moments.max;
	default: return stats->settled ? stats->quartiles[which - Q25] : NAN;
	}
}

/* -1: not known. */
static int64_t count_of(const struct column_stats *stats, size_t which)
{
	uint32_t top;

	switch (which) {
	case COUNT: return (int64_t)stats->count;
	case MISSING: return (int64_t)stats->missing;
	case DIFFERENT: return stats->many ? -1 : (int64_t)stats->levels.n;
	default:
		top = top_level(stats);
		return top == NO_VALUE ? -1 : (int64_t)stats->levels.items[top].count;
	}
}

static void put_counts(struct batch *batch, size_t which, const struct column_stats *columns)
{
	struct column fresh = COLUMN_INIT;
	int64_t *values = column_new_values(&fresh, batch->pool, TYPE_INT, batch->n_rows);
	uint64_t *valid = column_new_valid(&fresh, batch->pool, batch->n_rows, false);

	for (size_t row = 0; row < batch->n_rows; row++) {
		int64_t count = count_of(&columns[row], which);

		if (count < 0)
			continue;
		values[row] = count;
		bit_set(valid, row);
	}
	batch_put(batch, N_TEXTS + which, TYPE_INT, &fresh);
}

static void put_reals(struct batch *batch, size_t which, const struct column_stats *columns)
{
	struct column fresh = COLUMN_INIT;
	double *values = column_new_values(&fresh, batch->pool, TYPE_REAL, batch->n_rows);
	uint64_t *valid = column_new_valid(&fresh, batch->pool, batch->n_rows, false);

	for (size_t row = 0; row < batch->n_rows; row++) {
		double value = real_of(&columns[row], which);

		if (!isfinite(value))
			continue;
		values[row] = value;
		bit_set(valid, row);
	}
	batch_put(batch, N_TEXTS + N_COUNTS + which, TYPE_REAL, &fresh);
}

static int write_fields(const struct survey *survey, const struct schema *schema, struct output *output, struct error *err)
{
	size_t n = survey->header->schema.n_fields;
	struct pool *pool = pool_new();
	struct batch batch = BATCH_INIT;
	int result = 0;

	for (size_t from = 0; from < n && result == 0; from += BATCH_ROWS) {
		batch_start(&batch, pool, schema, n - from < BATCH_ROWS ? n - from : BATCH_ROWS);
		batch.first_row = from;
		for (size_t i = 0; i < N_TEXTS; i++)
			put_texts(&batch, i, survey->columns + from);
		for (size_t i = 0; i < N_COUNTS; i++)
			put_counts(&batch, i, survey->columns + from);
		for (size_t i = 0; i < N_REALS; i++)
			put_reals(&batch, i, survey->columns + from);
		result = output_batch(output, &batch, err);
	}
	batch_free(&batch);
	pool_drop(pool);
	return result;
}

int describe_end(const struct end *upstream, uint64_t n_rows, struct output *output, const struct host *host, struct error *err)
{
	struct stage stage = { .program = (char *)host->program, .rows_in = n_rows, .rows_out = output_rows(output), .seconds = host_seconds(host) };
	struct end end = END_INIT;
	int result;

	end_copy(&end, upstream);
	end.partial = false;
	end_add_stage(&end, &stage);
	result = output_end(output, &end, err);
	end_release(&end);
	return result;
}

int describe_records(const struct survey *survey, const struct end *upstream, struct output *output, const struct host *host,
                     struct error *err)
{
	struct header header = HEADER_INIT;
	int result = 0;

	for (size_t i = 0; i < N_TEXTS + N_COUNTS + N_REALS; i++)
		schema_add(&header.schema, names[i], i < N_TEXTS ? TYPE_TEXT : i < N_TEXTS + N_COUNTS ? TYPE_INT : TYPE_REAL, ROLE_FEATURE);
	schema_copy(&header.lineage.inputs, &header.schema);
	header.source = mem_text(survey->header->source);
	if (output_header(output, &header, err) < 0 || write_fields(survey, &header.schema, output, err) < 0 ||
	    describe_end(upstream, survey->n_rows, output, host, err) < 0)
		result = -1;
	header_release(&header);
	return result;
}
