/* SPDX-License-Identifier: MIT */
/* Text with a dictionary is counted by code first, so a level is looked up once a batch, not once a row. */
#include "column_stats.h"

#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "memory.h"

void stats_start(struct column_stats *stats, const struct field *field, size_t col, const struct stats_limits *limits)
{
	*stats = (struct column_stats){ .field = field, .col = col, .cap = limits->levels, .cap_bytes = limits->level_bytes };
	distinct_start(&stats->levels, field->type);
	moment_sum_init(&stats->sum);
	if (stats_numeric(stats))
		stats->quantiles = quantiles_new((const double[]){ 0.25, 0.5, 0.75 }, N_QUARTILES, limits->room);
}

static void add_level(struct column_stats *stats, const void *bytes, size_t size, uint64_t count)
{
	uint32_t number = distinct_add_within(&stats->levels, bytes, size, stats->cap);

	if (number == NO_VALUE) {
		stats->many = true;
		distinct_release(&stats->levels);       /* nothing is asked of some of them */
		return;
	}
	stats->levels.items[number].count += count;
	if (stats->levels.n < stats->cap && distinct_memory(&stats->levels) > stats->cap_bytes)
		stats->cap = stats->levels.n;
}

/* A batch's rows per dictionary entry, then the entries. */
static void count_codes(struct column_stats *stats, const struct column *column, size_t n_rows)
{
	uint32_t *counts = mem_array(column->n_entries, sizeof *counts);

	column_count_entries(column, n_rows, NULL, counts);
	for (uint32_t entry = 0; entry < column->n_entries; entry++)
		if (counts[entry] && !stats->many)
			add_level(stats, column->bytes + column->offsets[entry], column->offsets[entry + 1] - column->offsets[entry], counts[entry]);
	free(counts);
}

/* Once the cap is passed there is nothing more to learn from levels. */
static void count_levels(struct column_stats *stats, const struct column *column, size_t n_rows)
{
	enum type type = stats->field->type;

	if (type == TYPE_TEXT && column->codes) {
		count_codes(stats, column, n_rows);
		return;
	}
	for (size_t row = 0; row < n_rows && !stats->many; row++) {
		if (!column_valid(column, row))
			continue;
		if (type == TYPE_TEXT) {
			size_t size;
			const char *text = column_text(column, row, &size);

			add_level(stats, text, size, 1);
		} else if (type == TYPE_REAL) {
			double value = column_real(column, row) + 0.0;  /* -0.0 is 0.0 */

			add_level(stats, &value, sizeof value, 1);
		} else {
			size_t width = type_width(type);

			add_level(stats, (const char *)column->values + row * width, width, 1);
		}
	}
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

/* moments: the first time. */
static void add_values(struct column_stats *stats, const struct batch *batch, const struct column *column, bool moments)
{
	double values[BLOCK_ROWS];

	for (size_t row = 0, rest; row < batch->n_rows; row += rest) {
		size_t n;

		rest = block_rest(batch, row);
		n = column_gather(column, stats->field->type, NULL, row, rest, values);
		if (moments)
			moment_sum_add(&stats->sum, block_of(batch, row), values, n);
		quantiles_add_all(stats->quantiles, values, n);
	}
}

int stats_update(struct column_stats *stats, struct batch *batch, struct error *err)
{
	const struct column *column = column_read(batch, stats->col, err);

	if (!column)
		return -1;
	if (!stats->many)
		count_levels(stats, column, batch->n_rows);
	if (stats->field->type == TYPE_INT || stats->field->type == TYPE_TIME)
		add_extremes(stats, column, batch->n_rows);
	if (stats_numeric(stats))
		add_values(stats, batch, column, true);
	stats->missing += column->n_missing;
	stats->count += batch->n_rows - column->n_missing;
	return 0;
}

bool stats_finish(struct column_stats *stats)
{
	if (!stats->settled) {
		stats->settled = !stats->quantiles || quantiles_finish(stats->quantiles, stats->quartiles);
		if (stats->settled) {
			stats->moments = moment_sum_finish(&stats->sum);
			moment_sum_release(&stats->sum);
			quantiles_free(stats->quantiles);
			stats->quantiles = NULL;
		}
	}
	return stats->settled;
}

int stats_again(struct column_stats *stats, struct batch *batch, struct error *err)
{
	const struct column *column = column_read(batch, stats->col, err);

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
