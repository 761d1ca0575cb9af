/* SPDX-License-Identifier: MIT */
#include "printed.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "file_kinds.h"
#include "memory.h"
#include "number.h"
#include "text.h"

enum { MOST_PLACES = 64, LEAST_CELLS = 3, LEAST_VALUES = 2, UNIT_LETTERS = 3 };

/* The words of a line: how many, where the first stand, which of these are numbers, and which are numbers or sizes. runs: several blanks stand between two of them. */
struct line_words { size_t n, from[MOST_PLACES], to[MOST_PLACES]; uint64_t numbers, values; bool indented, runs; };

/* 12, 3.5G, 17%, 10:30, 2024-05-01, 1/2, +5, .5, 3d2h: it begins with a digit, and has few letters. */
static bool is_value(const char *word, size_t size)
{
	size_t n_letters = 0, at = size > 1 && strchr("+-.", *word) ? 1 : 0;

	if (!text_is_digit(word[at]))
		return false;
	for (; at < size; at++) {
		n_letters += (word[at] | 0x20) >= 'a' && (word[at] | 0x20) <= 'z';
		if (!text_is_digit(word[at]) && !strchr(".:,/%-+", word[at]) && ((word[at] | 0x20) < 'a' || (word[at] | 0x20) > 'z'))
			return false;
	}
	return n_letters <= UNIT_LETTERS;
}

static struct line_words split(const char *line, size_t size)
{
	struct line_words words = { .indented = size > 0 && *line == ' ' };

	for (size_t at = 0; at < size;) {
		size_t from, blanks = at;
		double value;

		while (at < size && line[at] == ' ')
			at++;
		words.runs |= words.n > 0 && at < size && at - blanks > 1;
		for (from = at; at < size && line[at] != ' '; at++)
			continue;
		if (at == from)
			break;
		if (words.n < MOST_PLACES) {
			words.from[words.n] = from;
			words.to[words.n] = at;
			words.values |= (uint64_t)is_value(line + from, at - from) << words.n;
			words.numbers |= (uint64_t)number_real_rounded(line + from, at - from, &value) << words.n;
		}
		words.n++;
	}
	return words;
}

/* *** 1. row ***, and no other letter. */
static bool is_record_line(const char *line, size_t size)
{
	size_t at = 0, stars;

	while (at < size && line[at] == '*')
		at++;
	stars = at;
	if (stars < 3 || at == size || line[at++] != ' ' || at == size || !text_is_digit(line[at]))
		return false;
	while (at < size && text_is_digit(line[at]))
		at++;
	if (size - at < 6 || memcmp(line + at, ". row ", 6) != 0)
		return false;
	for (at += 6; at < size && line[at] == '*'; at++)
		continue;
	return at == size && line[size - 1] == '*';
}

static bool is_total(const char *line, size_t size)
{
	return size > 6 && memcmp(line, "total ", 6) == 0 && is_value(line + 6, size - 6);
}

/* What all rows have. n_under: so many have a word under the name at that place. */
struct printed_rows { size_t n, n_runs, least, most, n_under[MOST_PLACES]; uint64_t values, numbers; };

/* Two columns of values and more; those of names stand under these, but for rows that a long word has moved. */
static bool has_values(const struct printed_rows *rows, const struct line_words *names)
{
	size_t n = 0;

	for (size_t i = 0; i < MOST_PLACES; i++)
		n += (rows->values >> i & 1) && (!names || (i < names->n && 2 * rows->n_under[i] >= rows->n));
	return n >= LEAST_VALUES;
}

/* names: NULL: there are none. */
static bool look_at_rows(const char *bytes, const char *end, bool whole, const struct line_words *names, struct printed_rows *rows)
{
	const char *line;
	size_t size;

	*rows = (struct printed_rows){ .least = SIZE_MAX, .values = UINT64_MAX, .numbers = UINT64_MAX };
	while (text_next_line(&bytes, end, whole, &line, &size)) {
		struct line_words words = split(line, size);

		if (words.n == 0 && bytes == end)
			break;
		if (memchr(line, '\t', size))
			return false;
		rows->values &= words.values;
		rows->numbers &= words.numbers;
		rows->least = words.n < rows->least ? words.n : rows->least;
		rows->most = words.n > rows->most ? words.n : rows->most;
		rows->n_runs += words.runs;
		for (size_t i = 0; names && i < words.n && i < names->n && i < MOST_PLACES; i++)
			rows->n_under[i] += words.from[i] < names->to[i] && names->from[i] < words.to[i];
		rows->n++;
	}
	return rows->n >= 2 && rows->least >= LEAST_CELLS && 2 * rows->n_runs >= rows->n && has_values(rows, names);
}

struct printed_table printed_find(const char *bytes, size_t size, bool whole)
{
	const char *end = bytes + size, *line;
	struct printed_rows rows;
	struct line_words names;
	bool list;

	if (!text_next_line(&bytes, end, whole, &line, &size))
		return (struct printed_table){ PRINTED_NOT, 0 };
	if (is_record_line(line, size))
		return (struct printed_table){ PRINTED_RECORDS, 0 };
	names = split(line, size);
	list = is_total(line, size);
	if (memchr(line, '\t', size) || !(list || (names.n >= LEAST_CELLS && names.runs && names.values == 0)) ||
	    !look_at_rows(bytes, end, whole, list ? NULL : &names, &rows))
		return (struct printed_table){ PRINTED_NOT, 0 };
	if (list)
		return (struct printed_table){ PRINTED_LIST, rows.least };
	/* One word more than the rows: a name of two words, "Mounted on". A name less, behind blanks, is that of row numbers. */
	if (names.n > rows.least + 1 || names.indented || (rows.least == rows.most && rows.least == names.n && rows.numbers))
		return (struct printed_table){ PRINTED_NOT, 0 };
	return (struct printed_table){ PRINTED_TABLE, names.n < rows.least ? names.n : rows.least };
}

int refuse_printed(const struct input *input, const struct printed_table *printed, struct error *err)
{
	static const char records[] =
		"awk '/^[*]+ [0-9]+[.] row [*]+$/ { n++; next } { i = index($0, \":\"); k = substr($0, 1, i - 1); sub(/^ */, \"\", k); h[n] = h[n] \"\\t\" k; r[n] = r[n] \"\\t\" substr($0, i + 2) } "
		"END { print substr(h[1], 2); for (i = 1; i <= n; i++) print substr(r[i], 2) }'{}{|tsv} --no-escapes; or mysql -B, and ; in place of \\G";
	bool list = printed->kind == PRINTED_LIST;
	char *advice;

	if (printed->kind == PRINTED_RECORDS)
		return file_kind_refuse(input, "records one below the other, as mysql prints them for people", records, "csv", err);
	advice = mem_format("awk '%s{ for (i = 1; i < %zu; i++) { printf \"%%s\\t\", $1; sub(/^ *[^ ]+ */, \"\") } print }'{}{|tsv} --no-escapes%s; --delimiter ',' if each line is one cell",
	                    list ? "NR > 1 " : "", printed->n_cells, list ? " --no-header" : "");
	file_kind_refuse(input, "a table with blanks between its columns, as printed for people", advice, "csv", err);
	free(advice);
	return -1;
}
