/* SPDX-License-Identifier: MIT */
/* Each candidate reads each level, the plainest first, until one reads them all. */
#include "text_kind.h"

#include <stdio.h>
#include <string.h>

#include "parse_quantity.h"
#include "timestamp.h"

enum { FORM_SIZE = 48 };

/* words: behind `as`; of a date they are its form. unit: also the currency. */
struct candidate { enum measure measure; const char *words, *unit; enum family family; char decimal; bool date; };

static const struct candidate measures[] = {
	{ .measure = MEASURE_NUMBER, .words = "number" },
	{ .measure = MEASURE_PERCENT, .words = "percent" },
	{ .measure = MEASURE_QUANTITY, .words = "distance", .unit = "km", .family = FAMILY_LENGTH },
	{ .measure = MEASURE_QUANTITY, .words = "mass", .unit = "kg", .family = FAMILY_MASS },
	{ .measure = MEASURE_DURATION, .words = "duration", .unit = "min", .family = FAMILY_TIME },
	{ .measure = MEASURE_MONEY, .words = "money unit=$", .unit = "$" },
	{ .measure = MEASURE_MONEY, .words = "money unit=EUR", .unit = "EUR" },
	{ .measure = MEASURE_MONEY, .words = "money unit=GBP", .unit = "GBP" },
	{ .measure = MEASURE_MONEY, .words = "money unit=JPY", .unit = "JPY" },
	{ .measure = MEASURE_MONEY, .words = "money unit=INR", .unit = "INR" },
	{ .measure = MEASURE_MONEY, .words = "money unit=CHF", .unit = "CHF" },
	{ .measure = MEASURE_QUANTITY, .words = "quantity unit=l", .unit = "l", .family = FAMILY_VOLUME },
	{ .measure = MEASURE_QUANTITY, .words = "quantity unit=km/h", .unit = "km/h", .family = FAMILY_SPEED },
	{ .measure = MEASURE_QUANTITY, .words = "quantity unit=C", .unit = "C", .family = FAMILY_TEMPERATURE },
};
static const char *const days[] = { "%Y-%m-%d", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y" };
static const char *const clocks[] = { "", " %H:%M", " %H:%M:%S" };
enum { N_MEASURES = sizeof measures / sizeof *measures, N_DAYS = sizeof days / sizeof *days, N_CLOCKS = sizeof clocks / sizeof *clocks };

static bool reads(const struct candidate *candidate, const struct quantity_unit *unit, const char *text, size_t size)
{
	int64_t micros;
	double value;

	return candidate->date ? time_read(text, size, candidate->words, true, &micros)
	       : parse_measure(candidate->measure, text, size, candidate->decimal, unit, candidate->unit, &value);
}

static uint64_t rows_read(const struct candidate *candidate, const struct distinct *levels)
{
	struct quantity_unit unit = { .name = NULL };
	uint64_t rows = 0;

	if (candidate->unit)
		measure_find(candidate->unit, candidate->family, &unit);
	for (size_t i = 0; i < levels->n; i++)
		if (reads(candidate, &unit, distinct_bytes(levels, i), levels->items[i].size))
			rows += levels->items[i].count;
	return rows;
}

/* The best so far. */
struct best { struct candidate candidate; uint64_t rows; bool tie; char form[FORM_SIZE]; };

static void try_measures(const struct distinct *levels, uint64_t all, struct best *best)
{
	for (size_t i = 0; i < 2 * (size_t)N_MEASURES && best->rows < all; i++) {
		struct candidate candidate = measures[i / 2];
		uint64_t rows;

		candidate.decimal = i % 2 ? ',' : '.';
		rows = rows_read(&candidate, levels);
		if (rows > best->rows) {
			best->candidate = candidate;
			best->rows = rows;
		}
	}
}

/* Two forms that read as much, and are no numbers before, differ in the order of day and month. */
static void try_dates(const struct distinct *levels, uint64_t all, struct best *best)
{
	for (size_t i = 0; i < (size_t)N_DAYS * N_CLOCKS; i++) {
		struct candidate candidate = { .date = true };
		char form[FORM_SIZE];
		uint64_t rows;

		if (best->rows == all && !best->candidate.date)
			return;
		snprintf(form, sizeof form, "%s%s", days[i % N_DAYS], clocks[i / N_DAYS]);
		candidate.words = form;
		rows = rows_read(&candidate, levels);
		if (rows > best->rows) {
			*best = (struct best){ .candidate = { .date = true }, .rows = rows };
			memcpy(best->form, form, sizeof form);
		} else if (rows > 0 && rows == best->rows && best->candidate.date) {
			best->tie = true;
		}
	}
}

bool text_kind_find(const struct distinct *levels, struct buffer *to)
{
	struct best best = { .rows = 0 };
	uint64_t all = 0;

	for (size_t i = 0; i < levels->n; i++)
		all += levels->items[i].count;
	try_measures(levels, all, &best);
	try_dates(levels, all, &best);
	if (best.rows <= all / 2 || best.tie)
		return false;
	if (best.candidate.date)
		buffer_format(to, strchr(best.form, ' ') ? "date \"%s\"" : "date %s", best.form);
	else
		buffer_format(to, "%s%s", best.candidate.words, best.candidate.decimal == ',' ? " decimal=comma" : "");
	return true;
}
