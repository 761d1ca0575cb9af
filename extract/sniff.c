/* SPDX-License-Identifier: MIT */
/*
 * For each delimiter the bytes are split into rows, of which only the number of cells is kept, and bit maps of what the first 64
 * cells are. All further questions are asked of these.
 */
#include "sniff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialect.h"
#include "memory.h"
#include "null_words.h"
#include "number.h"
#include "sniff_marks.h"
#include "text.h"

enum { MOST_KINDS = 64, MOST_CELLS = 4096, MOST_ABOVE = 64 };
#define LEAST_SHARE 0.9         /* of the rows that are as they should be */

/* A row of the look: how many cells it has, and which of the first 64 are numbers, numbers that are no names (1.5, -3), with a decimal comma, empty, or the same as in the
 * first row; `comma`: another cell without quotes has one. */
struct look_row { size_t n; uint64_t line, numbers, signs, commas, empty, same; bool comment, gap, broken, twice, comma; size_t n_quoted, n_empty; };

struct sniffed {
	const char *bytes;
	size_t size;
	const struct settled *as;       /* while the bytes are split */
	uint64_t line;
	bool cut;                       /* the row is not all there */
	struct marks_look *marks;       /* is shown the cells behind line header_line; NULL: nobody is */
	uint64_t header_line;
	struct look_row *rows;
	size_t n, room;
	struct first_cell { const char *bytes; size_t size; } first[MOST_KINDS];        /* of the first row */
	bool gap;                       /* an empty line stands behind the last of them */
	bool stray;                     /* a quote where it means nothing */
	size_t n_quoted;                /* rows with a cell in quotes, but for the first */
	bool comma;                     /* stands in a cell without quotes that is no number */
	/* as judged */
	bool valid;
	size_t n_cells, header;         /* of the rows, and which of them is the header */
	double share;                   /* of the rows behind it that have as many */
};

/* Whether a cell is the same as in the first row. */
static bool is_same(struct sniffed *look, size_t col, const char *cell, size_t size)
{
	struct first_cell *first = &look->first[col];

	if (look->n == 0)
		*first = (struct first_cell){ cell, size };
	return size == first->size && memcmp(cell, first->bytes, size) == 0;
}

/* seen: the numbers among the first cells, of a row that may be a header; NULL: of another. */
static void see_cell(struct sniffed *look, struct look_row *row, const char *cell, size_t size, bool quoted, double *seen)
{
	uint64_t bit = row->n < MOST_KINDS ? UINT64_C(1) << row->n : 0;
	bool empty = size == 0 || null_word(cell, size) != NO_NULL_WORD;
	double value;

	if (bit && (look->n == 0 || row->n < look->rows[0].n) && is_same(look, row->n, cell, size))
		row->same |= bit;
	row->n++;
	row->n_quoted += quoted;
	row->n_empty += size == 0;
	if (look->marks && !empty && row->line > look->header_line)
		marks_look_add(look->marks, row->n - 1, cell, size);
	if (empty)
		row->empty |= bit;
	if (empty || quoted)
		return;
	if (!number_real_rounded(cell, size, &value)) {
		if (!memchr(cell, ',', size))
			return;
		if (!marks_seem_comma(cell, size)) {
			row->comma = true;
			return;
		}
		value = (double)row->n * -1e300;        /* no other cell has it: names are not so, whatever it is */
		row->commas |= bit;
	}
	row->numbers |= bit;
	if (*cell == '-' || memchr(cell, '.', size) || row->commas & bit)
		row->signs |= bit;
	if (!bit || !seen)
		return;
	for (size_t i = 0; i + 1 < row->n; i++)
		row->twice |= (row->numbers >> i & 1) && seen[i] == value;
	seen[row->n - 1] = value;
}

/* Whether an escape at `at` takes what stands behind it for text: how many bytes both are; 0: it does not. */
static size_t escape_size(const char *bytes, size_t size, size_t at, const struct settled *as)
{
	size_t n = strlen(as->delimiter);

	if ((unsigned char)bytes[at] != as->escape || at + 1 == size)
		return 0;
	if ((unsigned char)bytes[at + 1] == as->quote || (unsigned char)bytes[at + 1] == as->escape || bytes[at + 1] == '\n')
		return 2;
	if (bytes[at + 1] == '\r')
		return at + 2 < size && bytes[at + 2] == '\n' ? 3 : 2;
	return size - at - 1 >= n && memcmp(bytes + at + 1, as->delimiter, n) == 0 ? 1 + n : 0;
}

/* Behind the cell in quotes that begins at `at`: where its closing quote ends, or size. *closed: there is one. */
static size_t skip_quoted(const char *bytes, size_t size, size_t at, const struct settled *as, bool *closed)
{
	for (at++; at < size; at++) {
		size_t n = as->escape >= 0 ? escape_size(bytes, size, at, as) : 0;

		if (n > 0) {
			at += n - 1;
		} else if ((unsigned char)bytes[at] == as->quote) {
			if (at + 1 == size || bytes[at + 1] != bytes[at]) {
				*closed = true;
				return at + 1;
			}
			at++;
		}
	}
	*closed = false;
	return size;
}

static bool ends_cell(const char *bytes, size_t size, size_t at, const struct settled *as)
{
	size_t n = strlen(as->delimiter);

	return bytes[at] == '\n' || bytes[at] == '\r' || (bytes[at] == *as->delimiter && (n == 1 || (size - at >= n && memcmp(bytes + at, as->delimiter, n) == 0)));
}

/* A cell from `at` on, into the row; gives where it ends. */
static size_t see_bytes(struct sniffed *look, size_t at, struct look_row *row, double *seen)
{
	const struct settled *as = look->as;
	const char *bytes = look->bytes;
	size_t size = look->size, from, end;
	bool quoted, closed = true;

	while (as->trim && at < size && text_is_blank(bytes[at]) && !ends_cell(bytes, size, at, as))
		at++;
	from = at;
	quoted = as->quote >= 0 && at < size && (unsigned char)bytes[at] == as->quote;
	if (quoted)
		at = skip_quoted(bytes, size, at, as, &closed);
	look->cut |= !closed;
	end = at;
	for (; at < size; at++) {
		size_t n = as->escape >= 0 && !quoted ? escape_size(bytes, size, at, as) : 0;

		if (n > 0)
			at += n - 1;
		else if (ends_cell(bytes, size, at, as))
			break;
		else if (quoted)
			row->broken |= !(as->trim && text_is_blank(bytes[at]));
		else        /* behind a digit it stands for inches (csv_split.h) */
			row->broken |= (unsigned char)bytes[at] == as->quote && as->quote >= 0 && (bytes[at - 1] < '0' || bytes[at - 1] > '9');
	}
	for (size_t i = from; i < at; i++)
		look->line += bytes[i] == '\n';
	if (quoted)
		see_cell(look, row, bytes + from + 1, end > from + 1 ? end - from - 2 : 0, true, seen);
	else
		see_cell(look, row, bytes + from, at - from, false, seen);
	return at;
}

/* One row from `at` on; gives where the next one begins. */
static size_t see_row(struct sniffed *look, size_t at)
{
	const char *bytes = look->bytes;
	struct look_row row = { .line = look->line, .comment = bytes[at] == '#' };
	double room[MOST_KINDS], *seen = look->n == 0 ? room : NULL;
	bool more = true;

	look->cut = false;
	while (more) {
		at = see_bytes(look, at, &row, seen);
		more = at < look->size && bytes[at] == *look->as->delimiter;
		at += more ? strlen(look->as->delimiter) : 0;
	}
	look->cut |= at == look->size;
	look->line += at < look->size;
	at += at + 1 < look->size && bytes[at] == '\r' && bytes[at + 1] == '\n' ? 2 : 1;
	if (row.n == 1 && row.n_empty) {
		look->gap = true;
		return at;
	}
	row.gap = look->gap;
	look->gap = false;
	look->stray |= row.broken;
	look->comma |= row.comma;
	look->n_quoted += row.n_quoted > 0 && look->n > 0;
	array_grow(look->rows, look->n, look->room);
	look->rows[look->n++] = row;
	return at;
}

static bool is_names(const struct look_row *row)
{
	return !row->broken && row->n >= 2 && row->n_empty == 0 && row->numbers == 0;
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

		if (!other && !row->comment && !cells_are_title(row->n, row->n_empty, row->empty & 1))
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

static void see_rows(struct sniffed *look, bool whole)
{
	const char *bytes = look->bytes;

	for (size_t at = 0; at < look->size;) {
		size_t n = look->n;

		if ((unsigned char)bytes[at] == look->as->comment) {
			while (at < look->size && bytes[at] != '\n' && bytes[at] != '\r')
				at++;
			look->line++;
			at += at + 1 < look->size && bytes[at] == '\r' && bytes[at + 1] == '\n' ? 2 : 1;
			continue;
		}
		at = see_row(look, at);
		if (look->cut && !whole && n > 0)
			look->n = n;
	}
}

static void look_at(struct sniffed *look, const char *bytes, size_t size, bool whole, const struct settled *as, bool lines)
{
	*look = (struct sniffed){ .bytes = bytes, .size = size, .as = as, .line = 1 };
	see_rows(look, whole);
	look->as = NULL;        /* it is the caller's, and may change */
	judge(look, lines);
}

/* Whether `look` is a better reading than `best`: one that takes all lines for rows is better than one that leaves out the first, and one of more cells, numbers among
 * them, than one without. */
static bool is_better(const struct sniffed *look, const struct sniffed *best)
{
	if (!look->valid || !best->valid)
		return look->valid;
	if (look->share == 1 && look->header == 0 && (best->header > 0 || (look->n_cells > best->n_cells && number_columns(look, 1) && !number_columns(best, 1))))
		return true;
	return look->share > best->share || (look->share == best->share && look->n_cells > best->n_cells && best->share < 1);
}

/* Rows without a header that are numbers with a decimal comma, so that what parts them is not the comma, however well that does it. */
static bool parts_decimals(const struct sniffed *look)
{
	uint64_t commas = 0;

	if (!look->valid || look->share < 1 || look->header > 0 || look->comma)
		return false;
	for (size_t i = 0; i < look->n; i++)
		commas |= look->rows[i].commas;
	return commas & number_columns(look, 0);
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
	if (!sought->delimiter)
		return;
	for (size_t i = 0; i < sizeof others - 1; i++) {
		struct sniffed look;

		if (!has_byte(bytes, size, others[i]))
			continue;
		*as.delimiter = others[i];
		look_at(&look, bytes, size, whole, &as, sought->lines);
		if (is_better(&look, best) || (*settled->delimiter == ',' && parts_decimals(&look))) {
			struct sniffed old = *best;

			*best = look;
			look = old;
			*settled->delimiter = *as.delimiter;
		}
		free(look.rows);
	}
	if (!best->valid && best->n_cells == 0 && has_byte(bytes, size, ' ')) {
		struct sniffed look;

		*as.delimiter = ' ';
		look_at(&look, bytes, size, whole, &as, false);
		if (is_spaced(&look)) {
			free(best->rows);
			*best = look;
			*settled->delimiter = ' ';
			return;
		}
		free(look.rows);
	}
}

/* Whether rows that are broken, or of several lengths, are as they should be with another escape, or without the blanks around cells. */
static void find_other(const char *bytes, size_t size, bool whole, const struct sought *sought, struct settled *settled, const struct settled *as, struct sniffed *best)
{
	struct settled other = *as;
	struct sought also = *sought;
	struct sniffed look;

	also.delimiter &= !best->valid;
	find_delimiter(bytes, size, whole, &also, &other, &look);
	if (!look.valid || look.share < 1 || look.stray) {
		free(look.rows);
		return;
	}
	free(best->rows);
	*best = look;
	*settled = other;
}

/* A quote with a blank beside it. */
static bool has_padded_quote(const char *bytes, size_t size, const struct settled *as)
{
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)bytes[i] == as->quote && ((i > 0 && text_is_blank(bytes[i - 1])) || (i + 1 < size && text_is_blank(bytes[i + 1]))))
			return true;
	return false;
}

static void find_escape_or_blanks(const char *bytes, size_t size, bool whole, const struct sought *sought, struct settled *settled, struct sniffed *best)
{
	struct settled as = *settled;

	if (best->valid && best->share >= 1 && !best->stray)
		return;
	if (sought->escape && has_byte(bytes, size, '\\')) {
		as.escape = '\\';
		find_other(bytes, size, whole, sought, settled, &as, best);
	}
	as = *settled;
	if (sought->trim && !(best->valid && best->share >= 1 && !best->stray) && has_padded_quote(bytes, size, &as)) {
		as.trim = true;
		find_other(bytes, size, whole, sought, settled, &as, best);
	}
}

/* Where a table of another delimiter may begin, below lines that have nothing of it, and above others that make it no proof. */
static void find_hint(const char *bytes, size_t size, bool whole, struct settled *settled)
{
	static const char delimiters[] = ",;\t|";
	struct settled as = *settled;
	size_t most = 0;

	settled->hint.n_cells = 0;
	for (size_t i = 0; i < sizeof delimiters - 1; i++) {
		struct sniffed look;
		size_t n_same = 0, header = 0;

		*as.delimiter = delimiters[i];
		look_at(&look, bytes, size, whole, &as, false);
		for (size_t row = 0; row < look.n; row++)
			n_same += look.rows[row].n == look.n_cells;
		while (header + 1 < look.n && (look.rows[header].n != look.n_cells || look.rows[header + 1].n != look.n_cells || 2 * look.rows[header].n_empty > look.n_cells))
			header++;
		if (look.n_cells >= 3 && 2 * n_same > look.n && n_same > most && header > 0 && header + 1 < look.n) {
			most = n_same;
			settled->hint = (struct sniff_hint){ delimiters[i], (int64_t)look.rows[header].line - 1, look.n_cells };
		}
		free(look.rows);
	}
	if (settled->hint.delimiter == *settled->delimiter)
		settled->hint.n_cells = 0;      /* who judges rows sees what there is to say */
}

/* Which marks numbers have, of the rows behind the header. */
static void find_marks(const char *bytes, size_t size, bool whole, const struct sought *sought, struct settled *settled, const struct sniffed *best)
{
	struct sniffed look = { .bytes = bytes, .size = size, .as = settled, .line = 1 };

	while (!whole && look.size > 0 && bytes[look.size - 1] != '\n' && bytes[look.size - 1] != '\r')
		look.size--;            /* a row that is cut tells nothing */
	if (!settled->no_header && best->n > 0)
		look.header_line = best->rows[best->header].line;
	look.marks = marks_look_new(sought->decimal && *settled->delimiter != ',', sought->decimal || !settled->marks.point, sought->thousands, settled->marks);
	see_rows(&look, whole);
	marks_look_end(look.marks, &settled->marks);
	marks_look_free(look.marks);
	free(look.rows);
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

/* Two texts of the first row and more stand in their columns again, and not as that row once more: they are values, and no names. */
static bool has_values(const struct sniffed *look)
{
	const struct look_row *first = look->rows;
	uint64_t texts = ~(first->numbers | first->empty), again = 0;

	for (size_t i = 1; i < look->n; i++)
		if (look->rows[i].n == first->n && look->rows[i].same != first->same)
			again |= look->rows[i].same & texts;
	return again & (again - 1);
}

/* The first row is numbers as those below it, and no names. */
static bool lacks_header(const struct sniffed *look)
{
	const struct look_row *first = look->rows;
	uint64_t columns;

	if (!look->valid || look->n < 2 || look->header > 0 || first->comment)
		return false;
	columns = number_columns(look, 1);
	return first->numbers && (first->signs || first->twice || has_values(look)) && !(first->numbers & ~columns) && !(columns & ~(first->numbers | first->empty));
}

void sniff(const char *bytes, size_t size, bool whole, const struct sought *sought, struct settled *settled)
{
	char named = sought->lines ? delimiter_named(bytes, size) : 0;
	struct sniffed best;

	if (named) {
		size_t line = bytes[5] == '\r' && size > 6 && bytes[6] == '\n' ? 7 : 6;
		struct sought rest = *sought;

		if (sought->delimiter) {
			settled->delimiter[0] = named;
			settled->delimiter[1] = 0;
		}
		settled->skip_lines = 1;
		rest.delimiter = rest.lines = false;
		sniff(bytes + line, size - line, whole, &rest, settled);
		return;
	}
	find_delimiter(bytes, size, whole, sought, settled, &best);
	if (sought->quote)
		find_quote(bytes, size, whole, sought, settled, &best);
	find_escape_or_blanks(bytes, size, whole, sought, settled, &best);
	if (best.valid && best.header > 0)
		settled->skip_lines = (int64_t)best.rows[best.header].line - 1;
	if (sought->header && lacks_header(&best))
		settled->no_header = true;
	if (sought->delimiter && sought->lines && !best.valid)
		find_hint(bytes, size, whole, settled);
	if (sought->decimal || sought->thousands)
		find_marks(bytes, size, whole, sought, settled, &best);
	free(best.rows);
}

bool sniff_is_plain(const char *line, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (strchr(";\t|'# ", line[i]) && line[i])
			return false;
	return size > 0 && (line[0] < '0' || line[0] > '9') && line[0] != '-' && line[0] != '.' && !(size >= 4 && memcmp(line, "sep=", 4) == 0);
}

static void add_option(struct names *options, struct names *values, const char *option, const char *value)
{
	names_add(options, option);
	names_add(values, value);
}

void sniff_options(const struct settled *plain, const struct settled *found, struct names *options, struct names *values)
{
	char text[32];
	char group = found->marks.group;

	if (strcmp(found->delimiter, plain->delimiter) != 0)
		add_option(options, values, "delimiter", *found->delimiter == '\t' ? "tab" : *found->delimiter == ' ' ? "space" : found->delimiter);
	if (found->quote != plain->quote) {
		snprintf(text, sizeof text, "%c", found->quote);
		add_option(options, values, "quote", text);
	}
	if (found->escape != plain->escape) {
		snprintf(text, sizeof text, "%c", found->escape);
		add_option(options, values, "escape", text);
	}
	if (found->skip_lines != plain->skip_lines) {
		snprintf(text, sizeof text, "%lld", (long long)found->skip_lines);
		add_option(options, values, "skip-lines", text);
	}
	if (found->no_header && !plain->no_header)
		add_option(options, values, "no-header", "yes");
	if (found->trim && !plain->trim)
		add_option(options, values, "trim", "yes");
	if (found->marks.point != plain->marks.point)
		add_option(options, values, "decimal", "comma");
	if (group != plain->marks.group) {
		snprintf(text, sizeof text, "%c", group);
		add_option(options, values, "thousands", group == ',' ? "comma" : group == '.' ? "point" : group == ' ' ? "space" : text);
	}
}
