/* SPDX-License-Identifier: MIT */
/* Text with a dictionary is counted by code first, so a level is looked up once a batch, not once a row. */
#include "column_stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "memory.h"

static const double quartiles[N_QUARTILES] = { 0.25, 0.5, 0.75 };

void stats_start(struct column_stats *stats, const struct field *field, size_t col, const struct stats_limits *limits)
{
	*stats = (struct column_stats){ .field = field, .col = col, .cap = limits->levels, .cap_bytes = limits->level_bytes, .room = limits->room };
	distinct_start(&stats->levels, field->type);
	moment_sum_init(&stats->sum);
	for (size_t i = 0; i < N_QUARTILES; i++)
		stats->quartiles[i] = NAN;
}

static double level_number(const struct distinct *levels, size_t i)
{
	int64_t number;
	double real;

	if (levels->type == TYPE_REAL)
		memcpy(&real, distinct_bytes(levels, i), sizeof real);
	else
		memcpy(&number, distinct_bytes(levels, i), sizeof number);
	return levels->type == TYPE_REAL ? real : (double)number;
}

static void add_level_numbers(const struct distinct *levels, struct quantiles *to)
{
	for (size_t i = 0; i < levels->n; i++)
		quantiles_add_times(to, level_number(levels, i), levels->items[i].count);
}

/* Of what is no number nothing is asked of some levels; of numbers they stand for the rows so far. */
static void give_up_levels(struct column_stats *stats, uint64_t row)
{
	stats->many = true;
	stats->beyond = row;
	if (!stats_numeric(stats)) {
		distinct_release(&stats->levels);
		return;
	}
	stats->quantiles = quantiles_new(quartiles, N_QUARTILES, stats->room);
	add_level_numbers(&stats->levels, stats->quantiles);
}

/* False: there are too many. */
static bool add_level(struct column_stats *stats, const void *bytes, size_t size, uint64_t count)
{
	size_t n = stats->levels.n;
	uint32_t number = distinct_add_within(&stats->levels, bytes, size, stats->cap);

	if (number == NO_VALUE)
		return false;
	stats->levels.items[number].count += count;
	if (stats->levels.n > n && stats->levels.n < stats->cap && distinct_memory(&stats->levels) > stats->cap_bytes)
		stats->cap = stats->levels.n;
	return true;
}

/* A batch's rows per dictionary entry, then the entries. */
static bool count_codes(struct column_stats *stats, const struct column *column, size_t n_rows)
{
	uint32_t *counts = mem_array(column->n_entries, sizeof *counts);
	bool fits = true;

	column_count_entries(column, n_rows, NULL, counts);
	for (uint32_t entry = 0; entry < column->n_entries && fits; entry++)
		if (counts[entry])
			fits = add_level(stats, column->bytes + column->offsets[entry], column->offsets[entry + 1] - column->offsets[entry], counts[entry]);
	free(counts);
	return fits;
}

static bool add_row(struct column_stats *stats, const struct column *column, size_t row)
{
	enum type type = stats->field->type;
	size_t size = type_width(type);

	if (type == TYPE_TEXT) {
		const char *text = column_text(column, row, &size);

		return add_level(stats, text, size, 1);
	}
	if (type == TYPE_REAL) {
		double value = column_real(column, row) + 0.0;  /* -0.0 is 0.0 */

		return add_level(stats, &value, sizeof value, 1);
	}
	return add_level(stats, (const char *)column->values + row * size, size, 1);
}

/* Once the cap is passed there is nothing more to learn from levels. */
static void count_levels(struct column_stats *stats, const struct column *column, const struct batch *batch)
{
	size_t row = 0;

	if (stats->field->type == TYPE_TEXT && column->codes) {
		if (!count_codes(stats, column, batch->n_rows))
			give_up_levels(stats, batch->first_row);
		return;
	}
	while (row < batch->n_rows && (!column_valid(column, row) || add_row(stats, column, row)))
		row++;
	if (row < batch->n_rows)
		give_up_levels(stats, batch->first_row + row);
}

static void add_extremes(struct column_stats *stats, const struct column *column, size_t n_rows)
{
	bool any = stats->count > 0;

	for (size_t row = 0; row < n_rows; row++) {
		int64_t value = column_int(column, row);

		if (!column_valid(column, row))
			continue;
		stats->first = !any || value < stats->first ? value : stats->first;
		stats->last = !any || value > stats->last ? value : stats->last;
		any = true;
	}
}

/* Rows from `beyond` on to the quantiles; to the moments, the first time, all of them. */
static void add_values(struct column_stats *stats, const struct batch *batch, const struct column *column, bool moments)
{
	double values[BLOCK_ROWS];
	size_t from = !stats->many || stats->beyond >= batch->first_row + batch->n_rows ? batch->n_rows :
		stats->beyond > batch->first_row ? (size_t)(stats->beyond - batch->first_row) : 0;

	for (size_t row = 0, rest; row < batch->n_rows; row += rest) {
		size_t n = 0;

		rest = block_rest(batch, row);
		if (moments || row >= from)
			n = column_gather(column, stats->field->type, NULL, row, rest, values);
		if (moments)
			moment_sum_add(&stats->sum, block_of(batch, row), values, n);
		if (row < from && row + rest > from)
			n = column_gather(column, stats->field->type, NULL, from, row + rest - from, values);
		if (row + rest > from)
			quantiles_add_all(stats->quantiles, values, n);
	}
}

int stats_update(struct column_stats *stats, struct batch *batch, struct error *err)
{
	const struct column *column = column_read(batch, stats->col, err);

	if (!column)
		return -1;
	if (!stats->many)
		count_levels(stats, column, batch);
	if (stats->field->type == TYPE_INT || stats->field->type == TYPE_TIME)
		add_extremes(stats, column, batch->n_rows);
	if (stats_numeric(stats))
		add_values(stats, batch, column, true);
	stats->missing += column->n_missing;
	stats->count += batch->n_rows - column->n_missing;
	return 0;
}

/* All values are among the levels: no row is needed. */
static void settle_by_levels(struct column_stats *stats)
{
	struct quantiles *quantiles = quantiles_new(quartiles, N_QUARTILES, stats->levels.n);

	do
		add_level_numbers(&stats->levels, quantiles);
	while (!quantiles_finish(quantiles, stats->quartiles));
	quantiles_free(quantiles);
}

bool stats_finish(struct column_stats *stats)
{
	if (stats->settled)
		return true;
	if (!stats->moments.n)
		stats->moments = moment_sum_finish(&stats->sum);
	moment_sum_release(&stats->sum);
	if (!stats->quantiles) {
		if (stats_numeric(stats))
			settle_by_levels(stats);
		stats->settled = true;
		return true;
	}
	stats->settled = quantiles_finish(stats->quantiles, stats->quartiles);
	if (!stats->settled) {
		add_level_numbers(&stats->levels, stats->quantiles);    /* of the next pass */
		return false;
	}
	quantiles_free(stats->quantiles);
	stats->quantiles = NULL;
	return true;
}

int stats_again(struct column_stats *stats, struct batch *batch, size_t col, struct error *err)
{
	const struct column *column = column_read(batch, col, err);

	if (!column)
		return -1;
	add_values(stats, batch, column, false);
	return 0;
}

void stats_release(struct column_stats *stats)
{
	distinct_release(&stats->levels);
	moment_sum_release(&stats->sum);
	quantiles_free(stats->quantiles);
}
