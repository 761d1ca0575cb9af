/* SPDX-License-Identifier: MIT */
/* Fields and their statistics, a table for each sort of values, so that 80 columns are enough. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "number.h"
#include "table.h"
#include "text.h"
#include "timestamp.h"

enum { DIGITS = 5, TOP_LEVELS = 5, LEVEL_WIDTH = 24, LEVELS_WIDTH = 120, LEAST_NAME = 12, MOST_NAME = 60, GAP = 2 };

static void text_cell(struct table *table, const char *text)
{
	table_cell(table, text, strlen(text));
}

static void finish_table(struct table *table, bool any, size_t width, struct buffer *to)
{
	if (any) {
		table_print(table, to, 0, width);
		buffer_add_text(to, "\n");
	}
	table_free(table);
}

void describe_time(const struct field *field, int64_t micros, struct buffer *to)
{
	char text[TIME_TEXT_SIZE];

	buffer_add(to, text, time_print(text, micros, field->form));
}

/* At most so many code points; control bytes are the table's business. */
static void add_cut(struct buffer *to, const char *bytes, size_t size, size_t most)
{
	size_t end = 0;

	while (end < size && most > 0) {
		do
			end++;
		while (end < size && ((unsigned char)bytes[end] & 0xc0) == 0x80);
		most--;
	}
	buffer_add(to, bytes, end);
	buffer_add_text(to, end < size ? "…" : "");
}

/* "Sunny 34 %, Windy 21 %, …" */
static void print_levels(const struct column_stats *stats, size_t most, struct buffer *to)
{
	const struct distinct *levels = &stats->levels;
	struct buffer level = BUFFER_INIT;
	char share[NUMBER_SIZE];
	uint32_t *order;

	if (stats->many) {
		buffer_format(to, "(more than %zu)", stats->cap);
		return;
	}
	order = distinct_by_count(levels);
	for (size_t i = 0; i < levels->n && i < most; i++) {
		buffer_clear(&level);
		distinct_print(levels, order[i], &level);
		buffer_add_text(to, i ? ", " : "");
		add_cut(to, buffer_text(&level), level.size, LEVEL_WIDTH);
		number_print_short(share, 100 * (double)levels->items[order[i]].count / (double)stats->count, 3);
		buffer_format(to, " %s %%", share);
	}
	if (levels->n > most)
		buffer_add_text(to, ", …");
	buffer_free(&level);
	free(order);
}

void describe_schema(const struct header *header, const struct survey *survey, size_t width, struct buffer *to)
{
	const struct schema *schema = &header->schema;
	struct table *table = table_new();

	table_column(table, "field", false);
	table_column(table, "type", false);
	table_column(table, "unit", false);
	table_column(table, "role", false);
	if (survey) {
		table_column(table, "missing", true);
		table_column(table, "different", true);
	}
	for (size_t col = 0; col < schema->n_fields; col++) {
		const struct field *field = &schema->fields[col];
		const struct column_stats *stats;

		text_cell(table, field->name);
		text_cell(table, type_name(field->type));
		text_cell(table, field->unit ? field->unit : "");
		text_cell(table, role_name(field->role));
		if (!survey)
			continue;
		stats = &survey->columns[col];
		table_format(table, "%" PRIu64, stats->missing);
		table_format(table, stats->many ? "> %zu" : "%zu", stats->many ? stats->cap : stats->levels.n);
	}
	finish_table(table, schema->n_fields > 0, width, to);
}

/* Where rows came from is no data. */
static bool worth_telling(const struct column_stats *stats)
{
	return stats->count && stats->field->role != ROLE_ORIGIN;
}

/* On a narrow terminal names are cut, so that the numbers stay. */
static size_t name_limit(size_t width)
{
	return width ? (width / 4 > LEAST_NAME ? width / 4 : LEAST_NAME) : MOST_NAME;
}

/* Long names often differ at the end only: they lose their middle. */
static void name_cell(struct table *table, const char *name, size_t width)
{
	size_t n = text_count(name, strlen(name)), limit = name_limit(width), head = (limit - 1) / 2, tail = n - (limit - 1 - head);
	struct buffer cell = BUFFER_INIT;

	if (n <= limit) {
		text_cell(table, name);
		return;
	}
	for (size_t i = 0, point = 0; name[i]; i++) {
		bool begins = ((unsigned char)name[i] & 0xc0) != 0x80;

		if (begins && point == head)
			buffer_add_text(&cell, "…");
		if (begins ? point < head || point >= tail : point <= head || point > tail)
			buffer_add_byte(&cell, (unsigned char)name[i]);
		point += begins;
	}
	table_cell(table, buffer_text(&cell), cell.size);
	buffer_free(&cell);
}

/* NaN: the rows could not be kept for it. */
static void quartile_cell(struct table *table, double value)
{
	if (isnan(value))
		text_cell(table, "?");
	else
		table_number(table, value, DIGITS);
}

static void describe_numbers(const struct survey *survey, size_t width, struct buffer *to)
{
	static const char *const titles[] = { "mean", "deviation", "min", "25 %", "median", "75 %", "max" };
	struct table *table = table_new();
	bool any = false;

	table_column(table, "numbers", false);
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		table_column(table, titles[i], true);
	for (size_t col = 0; col < survey->header->schema.n_fields; col++) {
		const struct column_stats *stats = &survey->columns[col];

		if (!stats_numeric(stats) || !worth_telling(stats))
			continue;
		any = true;
		name_cell(table, stats->field->name, width);
		table_number(table, stats->moments.mean, DIGITS);
		table_number(table, moments_deviation(&stats->moments, 1), DIGITS);
		table_number(table, stats->moments.min, DIGITS);
		for (size_t i = 0; i < N_QUARTILES; i++)
			quartile_cell(table, stats->quartiles[i]);
		table_number(table, stats->moments.max, DIGITS);
	}
	finish_table(table, any, width, to);
}

static void describe_times(const struct survey *survey, size_t width, struct buffer *to)
{
	struct table *table = table_new();
	bool any = false;

	table_column(table, "times", false);
	table_column(table, "first", false);
	table_column(table, "last", false);
	for (size_t col = 0; col < survey->header->schema.n_fields; col++) {
		const struct column_stats *stats = &survey->columns[col];
		int64_t both[2] = { stats->first, stats->last };

		if (stats->field->type != TYPE_TIME || !worth_telling(stats))
			continue;
		any = true;
		text_cell(table, stats->field->name);
		for (size_t i = 0; i < 2; i++) {
			struct buffer text = BUFFER_INIT;

			describe_time(stats->field, both[i], &text);
			table_cell(table, buffer_text(&text), text.size);
			buffer_free(&text);
		}
	}
	finish_table(table, any, width, to);
}

static void describe_texts(const struct survey *survey, size_t width, struct buffer *to)
{
	struct table *table = table_new();
	bool any = false;

	table_column(table, "texts", false);
	table_column(table, "most frequent", false);
	table_limit(table, width > name_limit(width) + GAP ? width - name_limit(width) - GAP : LEVELS_WIDTH);
	for (size_t col = 0; col < survey->header->schema.n_fields; col++) {
		const struct column_stats *stats = &survey->columns[col];
		struct buffer text = BUFFER_INIT;

		if ((stats->field->type != TYPE_TEXT && stats->field->type != TYPE_BOOL) || !worth_telling(stats))
			continue;
		any = true;
		name_cell(table, stats->field->name, width);
		print_levels(stats, TOP_LEVELS, &text);
		table_cell(table, buffer_text(&text), text.size);
		buffer_free(&text);
	}
	finish_table(table, any, width, to);
}

void describe_statistics(const struct survey *survey, size_t width, struct buffer *to)
{
	describe_numbers(survey, width, to);
	describe_times(survey, width, to);
	describe_texts(survey, width, to);
}
