/* SPDX-License-Identifier: MIT */
/*
 * For each delimiter the bytes are split into rows, of which only the number of cells is kept, and bit maps of what the first 64
 * cells are. All further questions are asked of these.
 */
#include "sniff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "null_words.h"
#include "number.h"

enum { MOST_KINDS = 64, MOST_CELLS = 4096, MOST_ABOVE = 64 };
#define LEAST_SHARE 0.9         /* of the rows that are as they should be */

/* A row of the look: how many cells it has, and which of the first 64 are numbers, numbers that are no names (1.5, -3), or empty. */
struct look_row { size_t n; uint64_t line, numbers, signs, empty; bool comment, gap, broken, twice; size_t n_quoted, n_empty; };

struct sniffed {
	struct look_row *rows;
	size_t n, room;
	bool gap;                       /* an empty line stands behind the last of them */
	bool stray;                     /* a quote where it means nothing */
	size_t n_quoted;                /* rows with a cell in quotes, but for the first */
	/* as judged */
	bool valid;
	size_t n_cells, header;         /* of the rows, and which of them is the header */
	double share;                   /* of the rows behind it that have as many */
};

/* seen: the numbers among the first cells, of a row that may be a header; NULL: of another. */
static void see_cell(struct look_row *row, const char *cell, size_t size, bool quoted, double *seen)
{
	uint64_t bit = row->n < MOST_KINDS ? UINT64_C(1) << row->n : 0;
	double value;

	row->n++;
	row->n_quoted += quoted;
	row->n_empty += size == 0;
	if (size == 0 || null_word(cell, size) != NO_NULL_WORD)
		row->empty |= bit;
	if (row->empty & bit || quoted || !number_real_rounded(cell, size, &value))
		return;
	row->numbers |= bit;
	if (*cell == '-' || memchr(cell, '.', size))
		row->signs |= bit;
	if (!bit || !seen)
		return;
	for (size_t i = 0; i + 1 < row->n; i++)
		row->twice |= (row->numbers >> i & 1) && seen[i] == value;
	seen[row->n - 1] = value;
}

/* Behind the cell in quotes that begins at `at`: where its closing quote ends, or size. *closed: there is one. */
static size_t skip_quoted(const char *bytes, size_t size, size_t at, char quote, bool *closed)
{
	for (at++; at < size; at++)
		if (bytes[at] == quote) {
			if (at + 1 == size || bytes[at + 1] != quote) {
				*closed = true;
				return at + 1;
			}
			at++;
		}
	*closed = false;
	return size;
}

/* One row from `at` on; gives where the next one begins. *cut: it is not all there. */
static size_t see_row(const char *bytes, size_t size, size_t at, char delimiter, int quote, struct sniffed *look, uint64_t *line, bool *cut)
{
	struct look_row row = { .line = *line, .comment = bytes[at] == '#' };
	double room[MOST_KINDS], *seen = look->n == 0 ? room : NULL;
	bool more = true;

	*cut = false;
	while (more) {
		size_t from = at, end;
		bool quoted = quote >= 0 && at < size && bytes[at] == (char)quote, closed = true;

		if (quoted)
			at = skip_quoted(bytes, size, at, (char)quote, &closed);
		*cut |= !closed;
		for (size_t i = from; quoted && i < at; i++)
			*line += bytes[i] == '\n';
		end = at;
		for (; at < size && bytes[at] != delimiter && bytes[at] != '\n' && bytes[at] != '\r'; at++)
			row.broken |= quoted || (quote >= 0 && bytes[at] == (char)quote);
		if (quoted)
			see_cell(&row, bytes + from + 1, end > from + 1 ? end - from - 2 : 0, true, seen);
		else
			see_cell(&row, bytes + from, at - from, false, seen);
		more = at < size && bytes[at] == delimiter;
		at += more;
	}
	*cut |= at == size;
	*line += at < size;
	at += at + 1 < size && bytes[at] == '\r' && bytes[at + 1] == '\n' ? 2 : 1;
	if (row.n == 1 && row.n_empty) {
		look->gap = true;
		return at;
	}
	row.gap = look->gap;
	look->gap = false;
	look->stray |= row.broken;
	look->n_quoted += row.n_quoted > 0 && look->n > 0;
	array_grow(look->rows, look->n, look->room);
	look->rows[look->n++] = row;
	return at;
}

static bool is_names(const struct look_row *row)
{
	return !row->broken && row->n >= 2 && row->n_empty == 0 && row->numbers == 0;
}

static bool is_title(const struct look_row *row)
{
	return row->n >= 2 && (row->n_empty >= 2 || (row->n_empty == row->n - 1 && !(row->empty & 1)));
}

/* The columns that are numbers, or empty, in all rows of n_cells from `from` on, and a number in one of them. */
static uint64_t number_columns(const struct sniffed *look, size_t from)
{
	uint64_t all = UINT64_MAX, any = 0;

	for (size_t i = from; i < look->n; i++) {
		const struct look_row *row = &look->rows[i];

		if (row->n != look->n_cells || row->broken)
			continue;
		all &= row->numbers | row->empty;
		any |= row->numbers;
	}
	return all & any;
}

/* Rows above the one that may be the header: those that are shorter or longer, titles, comments. *proven: no types are needed to see that
 * they are none. *titles: they have one cell at most, of three or more. */
static size_t rows_above(const struct sniffed *look, bool *proven, bool *titles)
{
	size_t i = 0;

	*proven = true;
	*titles = look->n_cells > 2;
	for (; i < look->n && i < MOST_ABOVE; i++) {
		const struct look_row *row = &look->rows[i];
		bool other = row->n != look->n_cells;

		if (!other && !row->comment && !is_title(row))
			break;
		*proven &= row->comment && other;
		*titles &= !other && row->n_empty + 1 >= row->n;
	}
	return i;
}

/* Whether row i may be a header: names above a column of numbers. */
static bool is_header(const struct sniffed *look, size_t i)
{
	return i + 1 < look->n && look->rows[i].n == look->n_cells && is_names(&look->rows[i]) && number_columns(look, i + 1);
}

/* The header behind lines that are none: the first that can't be one of these, or one behind an empty line. 0: the first row. */
static size_t find_header(const struct sniffed *look)
{
	bool proven, titles;
	size_t above = rows_above(look, &proven, &titles);
	const struct look_row *row = above + 1 < look->n ? &look->rows[above] : NULL;

	if (above == 0 || is_header(look, above) || (row && proven && is_names(row)) || (row && titles && row->n_empty == 0 && !(row->numbers & 1)))
		return above;
	for (size_t i = above + 1; i < look->n && i < MOST_ABOVE; i++)
		if (look->rows[i].gap && is_header(look, i))
			return i;
	return 0;
}

static void judge(struct sniffed *look, bool lines)
{
	size_t *counts = mem_new(MOST_CELLS, sizeof *counts), n_same = 0;

	for (size_t i = 0; i < look->n; i++)
		if (look->rows[i].n >= 2 && look->rows[i].n < MOST_CELLS && !look->rows[i].broken)
			counts[look->rows[i].n]++;
	for (size_t n = 2; n < MOST_CELLS; n++)
		if (counts[n] > counts[look->n_cells])
			look->n_cells = n;
	free(counts);
	if (look->n_cells == 0)
		return;
	look->header = lines ? find_header(look) : 0;
	for (size_t i = look->header + 1; i < look->n; i++)
		n_same += look->rows[i].n == look->n_cells && !look->rows[i].broken;
	look->share = look->header + 1 < look->n ? (double)n_same / (double)(look->n - look->header - 1) : 1;
	look->valid = look->share >= LEAST_SHARE && look->rows[look->header].n == look->n_cells && !look->rows[look->header].broken;
}

static void look_at(struct sniffed *look, const char *bytes, size_t size, bool whole, const struct settled *as, bool lines)
{
	uint64_t line = 1;
	bool cut = false;

	*look = (struct sniffed){ .rows = NULL };
	for (size_t at = 0; at < size;) {
		size_t n = look->n;

		if ((unsigned char)bytes[at] == as->comment) {
			while (at < size && bytes[at] != '\n' && bytes[at] != '\r')
				at++;
			line++;
			at += at + 1 < size && bytes[at] == '\r' && bytes[at + 1] == '\n' ? 2 : 1;
			continue;
		}
		at = see_row(bytes, size, at, (char)as->delimiter, as->quote, look, &line, &cut);
		if (cut && !whole && n > 0)
			look->n = n;
	}
	judge(look, lines);
}

/* Whether `look` is a better reading than `best`. */
static bool is_better(const struct sniffed *look, const struct sniffed *best)
{
	if (!look->valid || !best->valid)
		return look->valid;
	return look->share > best->share || (look->share == best->share && look->n_cells > best->n_cells && best->share < 1);
}

/* Words between single blanks, one of them a number in all rows. */
static bool is_spaced(const struct sniffed *look)
{
	if (!look->valid || look->share < 1 || look->header > 0 || look->n < 2)
		return false;
	for (size_t i = 0; i < look->n; i++)
		if (look->rows[i].n_empty || look->rows[i].n_quoted)
			return false;
	return number_columns(look, 1) != 0;
}

static bool has_byte(const char *bytes, size_t size, char byte)
{
	return memchr(bytes, byte, size) != NULL;
}

/* The best delimiter with this quote; `best` is the look at it, or at that which stands, where none is valid. */
static void find_delimiter(const char *bytes, size_t size, bool whole, const struct sought *sought, struct settled *settled, struct sniffed *best)
{
	static const char others[] = ";\t|";
	struct settled as = *settled;

	look_at(best, bytes, size, whole, settled, sought->lines);
	if (!sought->delimiter || (best->valid && best->share >= 1))
		return;
	for (size_t i = 0; i < sizeof others - 1; i++) {
		struct sniffed look;

		if (!has_byte(bytes, size, others[i]))
			continue;
		as.delimiter = (unsigned char)others[i];
		look_at(&look, bytes, size, whole, &as, sought->lines);
		if (is_better(&look, best)) {
			struct sniffed old = *best;

			*best = look;
			look = old;
			settled->delimiter = as.delimiter;
		}
		free(look.rows);
	}
	if (!best->valid && best->n_cells == 0 && has_byte(bytes, size, ' ')) {
		struct sniffed look;

		as.delimiter = ' ';
		look_at(&look, bytes, size, whole, &as, false);
		if (is_spaced(&look)) {
			free(best->rows);
			*best = look;
			settled->delimiter = ' ';
			return;
		}
		free(look.rows);
	}
}

/* Whether ' is the quote, with that delimiter or another. */
static void find_quote(const char *bytes, size_t size, bool whole, const struct sought *sought, struct settled *settled, struct sniffed *best)
{
	struct settled as = *settled;
	struct sought also = *sought;
	struct sniffed look;

	if (settled->quote != '"' || best->n_quoted > 0 || (best->n > 0 && best->rows[0].n_quoted) || !has_byte(bytes, size, '\''))
		return;
	as.quote = '\'';
	also.delimiter &= !best->valid;
	find_delimiter(bytes, size, whole, &also, &as, &look);
	if (look.stray || look.n == 0 || (look.rows[0].n_quoted < look.rows[0].n && (2 * look.n_quoted < look.n || look.n_quoted == 0)) || (look.n_cells && !look.valid) || (!look.valid && best->valid)) {
		free(look.rows);
		return;
	}
	free(best->rows);
	*best = look;
	*settled = as;
}

/* The first row is numbers as those below it, and no names. */
static bool lacks_header(const struct sniffed *look)
{
	const struct look_row *first = look->rows;
	uint64_t columns;

	if (!look->valid || look->n < 2 || look->header > 0 || first->comment)
		return false;
	columns = number_columns(look, 1);
	return first->numbers && (first->signs || first->twice) && !(first->numbers & ~columns) && !(columns & ~(first->numbers | first->empty));
}

void sniff(const char *bytes, size_t size, bool whole, const struct sought *sought, struct settled *settled)
{
	struct sniffed best;

	if (sought->lines && size >= 6 && memcmp(bytes, "sep=", 4) == 0 && (bytes[5] == '\n' || bytes[5] == '\r')) {
		size_t line = bytes[5] == '\r' && size > 6 && bytes[6] == '\n' ? 7 : 6;

		settled->delimiter = sought->delimiter ? (unsigned char)bytes[4] : settled->delimiter;
		settled->skip_lines = 1;
		sniff(bytes + line, size - line, whole, &(struct sought){ .quote = sought->quote, .header = sought->header }, settled);
		return;
	}
	find_delimiter(bytes, size, whole, sought, settled, &best);
	if (sought->quote)
		find_quote(bytes, size, whole, sought, settled, &best);
	if (best.valid && best.header > 0)
		settled->skip_lines = (int64_t)best.rows[best.header].line - 1;
	if (sought->header && lacks_header(&best))
		settled->no_header = true;
	free(best.rows);
}

bool sniff_is_plain(const char *line, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (strchr(";\t|'# ", line[i]) && line[i])
			return false;
	return size > 0 && (line[0] < '0' || line[0] > '9') && line[0] != '-' && line[0] != '.' && !(size >= 4 && memcmp(line, "sep=", 4) == 0);
}

void sniff_options(const struct settled *plain, const struct settled *found, struct names *options, struct names *values)
{
	char text[32];

	if (found->delimiter != plain->delimiter) {
		snprintf(text, sizeof text, "%c", found->delimiter);
		names_add(options, "delimiter");
		names_add(values, found->delimiter == '\t' ? "tab" : found->delimiter == ' ' ? "space" : text);
	}
	if (found->quote != plain->quote) {
		snprintf(text, sizeof text, "%c", found->quote);
		names_add(options, "quote");
		names_add(values, text);
	}
	if (found->skip_lines != plain->skip_lines) {
		snprintf(text, sizeof text, "%lld", (long long)found->skip_lines);
		names_add(options, "skip-lines");
		names_add(values, text);
	}
	if (found->no_header && !plain->no_header) {
		names_add(options, "no-header");
		names_add(values, "yes");
	}
}
