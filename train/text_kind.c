/* SPDX-License-Identifier: MIT */
/* Each candidate reads each level, the plainest first, until one reads them all. */
#include "text_kind.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "parse_quantity.h"
#include "timestamp.h"

enum { FORM_SIZE = 48, WORD_SIZE = 9 };

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
static const char *const days[] = {
	"%Y-%m-%d", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y",
	"%d %b %Y", "%b %d %Y", "%b %d, %Y", "%d-%b-%Y", "%b-%d-%Y", "%d-%b-%y",
	"%Y-%m", "%Y/%m", "%m/%Y", "%b %Y", "%b-%Y", "%b-%y",
};
/* The last ones read what no column of times has: nanoseconds. */
static const char *const clocks[] = {
	"", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", " %H:%M:%S%.f", "T%H:%M:%S%.f", " %H:%M:%S%.fZ", "T%H:%M:%S%.fZ",
};
enum { N_MEASURES = sizeof measures / sizeof *measures, N_DAYS = sizeof days / sizeof *days, N_CLOCKS = sizeof clocks / sizeof *clocks };

static bool reads(const struct candidate *candidate, const struct quantity_unit *unit, const char *text, size_t size)
{
	int64_t micros;
	double value;

	return candidate->date ? time_read(text, size, candidate->words, true, &micros)
	       : parse_measure(candidate->measure, text, size, candidate->decimal, unit, candidate->unit, &value);
}

/* A unit says something where it stands: a number alone, or in brackets, is read as any of them. */
static bool has_word(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!isdigit((unsigned char)text[i]) && !strchr(" +-.,()[]", text[i]))
			return true;
	return false;
}

static uint64_t rows_read(const struct candidate *candidate, const struct distinct *levels)
{
	struct quantity_unit unit = { .name = NULL };
	bool said = !candidate->unit;
	uint64_t rows = 0;

	if (candidate->unit && !measure_find(candidate->unit, candidate->family, &unit))
		unit = (struct quantity_unit){ .family = FAMILY_OWN, .factor = 1, .name = candidate->unit };
	for (size_t i = 0; i < levels->n; i++) {
		const char *text = distinct_bytes(levels, i);
		size_t size = levels->items[i].size;

		if (!reads(candidate, &unit, text, size))
			continue;
		rows += levels->items[i].count;
		said = said || has_word(text, size);
	}
	return said ? rows : 0;
}

/* The best so far. */
struct best { struct candidate candidate; uint64_t rows; bool tie; size_t clock; char form[FORM_SIZE], word[WORD_SIZE]; };

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

/* A unit that no table knows: the letters at the end of a text. */
static void try_own_unit(const struct distinct *levels, uint64_t all, struct best *best)
{
	struct candidate candidate = { .measure = MEASURE_QUANTITY, .unit = best->word, .family = FAMILY_OWN, .decimal = '.' };
	uint64_t rows;

	for (size_t i = 0; i < levels->n && !*best->word; i++) {
		const char *text = distinct_bytes(levels, i);
		size_t end = levels->items[i].size, from = end;

		while (from > 0 && isalpha((unsigned char)text[from - 1]))
			from--;
		if (from > 0 && end > from && end - from < WORD_SIZE)
			memcpy(best->word, text + from, end - from);
	}
	if (!*best->word || best->rows == all)
		return;
	rows = rows_read(&candidate, levels);
	if (rows > best->rows) {
		best->candidate = candidate;
		best->rows = rows;
	}
}

/* Two forms of one clock that read as much, and are no numbers before, differ in the order of day and month. */
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
			*best = (struct best){ .candidate = { .date = true }, .rows = rows, .clock = i / N_DAYS };
			memcpy(best->form, form, sizeof form);
		} else if (rows > 0 && rows == best->rows && best->candidate.date && best->clock == i / N_DAYS) {
			best->tie = true;
		}
	}
}

static void print_kind(const struct best *best, struct buffer *to)
{
	const struct candidate *candidate = &best->candidate;

	if (best->tie)
		buffer_format(to, "date FORM");
	else if (candidate->date)
		buffer_format(to, strchr(best->form, ' ') ? "date \"%s\"" : "date %s", best->form);
	else if (candidate->words)
		buffer_format(to, "%s%s", candidate->words, candidate->decimal == ',' ? " decimal=comma" : "");
	else
		buffer_format(to, "quantity unit=%s", candidate->unit);
}

uint64_t text_kind_find(const struct distinct *levels, bool dates, struct buffer *to)
{
	struct best best = { .rows = 0 };
	uint64_t all = 0;

	for (size_t i = 0; i < levels->n; i++)
		all += levels->items[i].count;
	if (!dates) {
		try_measures(levels, all, &best);
		try_own_unit(levels, all, &best);
	}
	try_dates(levels, all, &best);
	if (best.rows <= all / 2)
		return 0;
	print_kind(&best, to);
	return best.rows;
}
