/* SPDX-License-Identifier: MIT */
/*
 * For each delimiter the bytes are split into rows (sniff_rows.h), of which all further questions are asked. What is tried
 * is a reading of its own, which takes the place of the one that stands if it is the better one.
 */
#include "sniff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialect.h"
#include "memory.h"
#include "sniff_again.h"
#include "sniff_amounts.h"
#include "sniff_marks.h"
#include "sniff_rows.h"
#include "text.h"

enum { MOST_ABOVE = 64 };
#define LEAST_SHARE 0.9         /* of the rows that are as they should be */

/* How a text is read, what is still sought, and what comes of it. */
struct sniffed {
	const struct sniff_text *text;
	struct sought sought;
	struct settled as;
	struct look_rows rows;
	/* as judged */
	bool valid;
	size_t n_cells, header;         /* of the rows, and which of them is the header */
	double share;                   /* of the rows behind it that have as many */
};

static bool is_names(const struct look_row *row)
{
	return !row->broken && row->n >= 2 && row->n_empty == 0 && row->numbers == 0;
}

/* The columns that are numbers (or days), or empty, in all rows of n_cells from `from` on, and a number in one of them. */
static uint64_t columns_of(const struct sniffed *reading, size_t from, bool days)
{
	size_t n_cells = reading->n_cells ? reading->n_cells : 1;
	uint64_t all = UINT64_MAX, any = 0;

	for (size_t i = from; i < reading->rows.n; i++) {
		const struct look_row *row = &reading->rows.items[i];
		uint64_t these = days ? row->days : row->numbers;

		if (row->n != n_cells || row->broken)
			continue;
		all &= these | row->empty;
		any |= these;
	}
	return all & any;
}

static uint64_t number_columns(const struct sniffed *reading, size_t from) { return columns_of(reading, from, false); }

/* Rows above the one that may be the header: those that are shorter or longer, titles, comments. *proven: no types are needed to see that
 * they are none. *titles: they have one cell at most, of three or more. */
static size_t rows_above(const struct sniffed *reading, bool *proven, bool *titles)
{
	size_t i = 0;

	*proven = true;
	*titles = reading->n_cells > 2;
	for (; i < reading->rows.n && i < MOST_ABOVE; i++) {
		const struct look_row *row = &reading->rows.items[i];
		bool other = row->n != reading->n_cells;

		if (!other && !row->comment && !cells_are_title(row->n, row->n_empty, row->empty & 1))
			break;
		*proven &= row->comment && other;
		*titles &= !other && row->n_empty + 1 >= row->n;
	}
	return i;
}

/* Whether row i may be a header: names above a column of numbers. */
static bool is_header(const struct sniffed *reading, size_t i)
{
	const struct look_rows *rows = &reading->rows;

	return i + 1 < rows->n && rows->items[i].n == reading->n_cells && is_names(&rows->items[i]) && number_columns(reading, i + 1);
}

/* The header behind lines that are none: the first that can't be one of these, or one behind an empty line. 0: the first row. */
static size_t find_header(const struct sniffed *reading)
{
	const struct look_rows *rows = &reading->rows;
	bool proven, titles;
	size_t above = rows_above(reading, &proven, &titles);
	const struct look_row *row = above + 1 < rows->n ? &rows->items[above] : NULL;

	if (above == 0 || is_header(reading, above) || (row && proven && is_names(row)) || (row && titles && row->n_empty == 0 && !(row->numbers & 1)))
		return above;
	for (size_t i = above + 1; i < rows->n && i < MOST_ABOVE; i++)
		if (rows->items[i].gap && is_header(reading, i))
			return i;
	return 0;
}

static int by_size(const void *a, const void *b)
{
	size_t left = *(const size_t *)a, right = *(const size_t *)b;

	return (left > right) - (left < right);
}

/* How many cells, two or more, most rows have; of several the fewest. 0: none has. */
static size_t usual_cells(const struct look_rows *rows)
{
	size_t *sizes = mem_array(rows->n, sizeof *sizes), n = 0, usual = 0, most = 0;

	for (size_t i = 0; i < rows->n; i++)
		if (rows->items[i].n >= 2 && !rows->items[i].broken)
			sizes[n++] = rows->items[i].n;
	qsort(sizes, n, sizeof *sizes, by_size);
	for (size_t from = 0, i = 0; i < n; i++) {
		if (sizes[i] != sizes[from])
			from = i;
		if (i - from + 1 > most) {
			most = i - from + 1;
			usual = sizes[i];
		}
	}
	free(sizes);
	return usual;
}

static void judge(struct sniffed *reading)
{
	const struct look_rows *rows = &reading->rows;
	size_t n_same = 0;

	reading->n_cells = usual_cells(rows);
	if (reading->n_cells == 0)
		return;
	reading->header = reading->sought.lines ? find_header(reading) : 0;
	for (size_t i = reading->header + 1; i < rows->n; i++)
		n_same += rows->items[i].n == reading->n_cells && !rows->items[i].broken;
	reading->share = reading->header + 1 < rows->n ? (double)n_same / (double)(rows->n - reading->header - 1) : 1;
	reading->valid = reading->share >= LEAST_SHARE && rows->items[reading->header].n == reading->n_cells && !rows->items[reading->header].broken;
}

/* All rows are as they should be. */
static bool is_whole(const struct sniffed *reading) { return reading->valid && reading->share >= 1 && !reading->rows.stray; }

/* ---- readings that are tried ---- */

/* Another reading of the same text, to be made or found. */
static struct sniffed try_as(const struct sniffed *reading, const struct settled *as)
{
	return (struct sniffed){ .text = reading->text, .sought = reading->sought, .as = *as };
}

static void read_rows(struct sniffed *reading)
{
	look_rows_find(&reading->rows, reading->text, &reading->as, NULL);
	judge(reading);
}

/* Frees the one that does not stand. */
static void keep(struct sniffed *reading, struct sniffed *tried, bool better)
{
	look_rows_free(better ? &reading->rows : &tried->rows);
	if (better)
		*reading = *tried;
}

static bool has_byte(const struct sniff_text *text, char byte)
{
	return memchr(text->bytes, byte, text->size) != NULL;
}

/* Whether `tried` is a better reading than `best`: one that takes all lines for rows is better than one that leaves out the first, and one of more cells,
 * numbers among them, than one without. */
static bool is_better(const struct sniffed *tried, const struct sniffed *best)
{
	if (!tried->valid || !best->valid)
		return tried->valid;
	if (tried->share == 1 && tried->header == 0 && (best->header > 0 || (tried->n_cells > best->n_cells && number_columns(tried, 1) && !number_columns(best, 1))))
		return true;
	return tried->share > best->share || (tried->share == best->share && tried->n_cells > best->n_cells && best->share < 1);
}

/* Rows without a header that are numbers with a decimal comma, so that what parts them is not the comma, however well that does it. */
static bool parts_decimals(const struct sniffed *reading)
{
	uint64_t commas = 0;

	if (!reading->valid || reading->share < 1 || reading->header > 0 || reading->rows.comma)
		return false;
	for (size_t i = 0; i < reading->rows.n; i++)
		commas |= reading->rows.items[i].commas;
	return commas & number_columns(reading, 0);
}

/* Words between single blanks, one of them a number in all rows. quoted: each row has some in quotes, as logs of servers do; else none has. */
static bool is_spaced(const struct sniffed *reading, bool quoted)
{
	if (!is_whole(reading) || reading->header > 0 || reading->rows.n < 2)
		return false;
	for (size_t i = 0; i < reading->rows.n; i++)
		if (quoted ? !reading->rows.items[i].n_quoted : reading->rows.items[i].n_empty || reading->rows.items[i].n_quoted)
			return false;
	return number_columns(reading, 1) != 0;
}

static void try_blanks(struct sniffed *reading)
{
	struct sniffed tried = try_as(reading, &reading->as);

	*tried.as.delimiter = ' ';
	tried.sought.lines = false;
	read_rows(&tried);
	tried.sought.lines = reading->sought.lines;
	keep(reading, &tried, is_spaced(&tried, true) || (reading->n_cells == 0 && is_spaced(&tried, false)));
}

/* Rows of equally many cells, a column of numbers among them, below names where there are two cells only; and the delimiter is none of times, ratios,
 * addresses (12:30, 2^10, 00:1f:ab), prose (a: b) and paths (http://x, C:\x). */
static bool is_parted(const struct sniffed *reading)
{
	const struct look_row *rows = reading->rows.items;
	bool colon = *reading->as.delimiter == ':', address = colon;

	if (!is_whole(reading) || reading->rows.n < 2 || !number_columns(reading, 1) || (reading->n_cells == 2 && !is_names(rows)))
		return false;
	for (size_t i = 0; i < reading->rows.n; i++) {
		if (rows[i].prose || (i > 0 && !rows[i].words && (colon || !is_names(rows))))
			return false;
		address &= i == 0 || rows[i].hex;
	}
	return !address;
}

/* Delimiters that stand in other texts, too, where all rows have them. */
static void try_rare(struct sniffed *reading)
{
	static const char rare[] = ":^~";

	for (size_t i = 0; i < sizeof rare - 1 && !reading->valid; i++) {
		struct sniffed tried = try_as(reading, &reading->as);

		if (!has_byte(reading->text, rare[i]))
			continue;
		*tried.as.delimiter = rare[i];
		tried.sought.lines = false;
		read_rows(&tried);
		tried.sought.lines = reading->sought.lines;
		keep(reading, &tried, is_parted(&tried));
	}
}

/* The best delimiter with this quote: where none is valid, that which stands. */
static void find_delimiter(struct sniffed *reading)
{
	static const char others[] = ";\t|";

	read_rows(reading);
	if (!reading->sought.delimiter)
		return;
	for (size_t i = 0; i < sizeof others - 1; i++) {
		struct sniffed tried = try_as(reading, &reading->as);

		if (!has_byte(reading->text, others[i]))
			continue;
		*tried.as.delimiter = others[i];
		read_rows(&tried);
		keep(reading, &tried, is_better(&tried, reading) || (*reading->as.delimiter == ',' && parts_decimals(&tried)));
	}
	if (!reading->valid && has_byte(reading->text, ' '))
		try_blanks(reading);
	if (!reading->valid)
		try_rare(reading);
}

/* One column of amounts with commas: read with a delimiter that stands nowhere. */
static void find_amounts(struct sniffed *reading)
{
	struct sniffed tried = try_as(reading, &reading->as);
	enum sniff_amounts amounts = AMOUNTS_NOT;

	if (reading->sought.delimiter && *reading->as.delimiter == ',' && reading->n_cells > 0)
		amounts = sniff_amounts(reading->text);
	if (amounts == AMOUNTS_NOT || (amounts == AMOUNTS_ALL && !reading->sought.header && !reading->as.no_header))
		return;
	*tried.as.delimiter = ';';
	tried.as.no_header |= amounts == AMOUNTS_ALL;
	read_rows(&tried);
	keep(reading, &tried, true);
}

/* Whether rows that are broken, or of several lengths, are as they should be with another escape, or without the blanks around cells. */
static void try_other(struct sniffed *reading, const struct settled *as)
{
	struct sniffed tried = try_as(reading, as);

	tried.sought.delimiter &= !reading->valid;
	find_delimiter(&tried);
	tried.sought = reading->sought;
	keep(reading, &tried, is_whole(&tried));
}

/* A quote with a blank beside it. */
static bool has_padded_quote(const struct sniffed *reading)
{
	const char *bytes = reading->text->bytes;
	size_t size = reading->text->size;

	for (size_t i = 0; i < size; i++)
		if ((unsigned char)bytes[i] == reading->as.quote && ((i > 0 && text_is_blank(bytes[i - 1])) || (i + 1 < size && text_is_blank(bytes[i + 1]))))
			return true;
	return false;
}

static void find_escape_or_blanks(struct sniffed *reading)
{
	struct settled as = reading->as;

	if (is_whole(reading))
		return;
	if (reading->sought.escape && has_byte(reading->text, '\\')) {
		as.escape = '\\';
		try_other(reading, &as);
	}
	as = reading->as;
	if (reading->sought.trim && !is_whole(reading) && has_padded_quote(reading)) {
		as.trim = true;
		try_other(reading, &as);
	}
}

/* Whether ' is the quote, with that delimiter or another. */
static void find_quote(struct sniffed *reading)
{
	struct sniffed tried = try_as(reading, &reading->as);
	const struct look_rows *rows = &tried.rows;

	if (reading->as.quote != '"' || reading->rows.n_quoted > 0 || (reading->rows.n > 0 && reading->rows.items[0].n_quoted) || !has_byte(reading->text, '\''))
		return;
	tried.as.quote = '\'';
	tried.sought.delimiter &= !reading->valid;
	find_delimiter(&tried);
	tried.sought = reading->sought;
	keep(reading, &tried, !rows->stray && rows->n > 0 && (rows->items[0].n_quoted == rows->items[0].n || (2 * rows->n_quoted >= rows->n && rows->n_quoted > 0)) &&
	     (!tried.n_cells || tried.valid) && (tried.valid || !reading->valid));
}

/* ---- what else there is to say ---- */

/* Where a table of another delimiter may begin, below lines that have nothing of it, and above others that make it no proof. */
static void find_hint(struct sniffed *reading)
{
	static const char delimiters[] = ",;\t|";
	struct sniff_hint *hint = &reading->as.hint;
	size_t most = 0;

	hint->n_cells = 0;
	for (size_t i = 0; i < sizeof delimiters - 1; i++) {
		struct sniffed tried = try_as(reading, &reading->as);
		const struct look_rows *rows = &tried.rows;
		size_t n_same = 0, header = 0;

		*tried.as.delimiter = delimiters[i];
		tried.sought.lines = false;
		read_rows(&tried);
		for (size_t row = 0; row < rows->n; row++)
			n_same += rows->items[row].n == tried.n_cells;
		while (header + 1 < rows->n && (rows->items[header].n != tried.n_cells || rows->items[header + 1].n != tried.n_cells || 2 * rows->items[header].n_empty > tried.n_cells))
			header++;
		if (tried.n_cells >= 3 && 2 * n_same > rows->n && n_same > most && header > 0 && header + 1 < rows->n) {
			most = n_same;
			*hint = (struct sniff_hint){ delimiters[i], (int64_t)rows->items[header].line - 1, tried.n_cells };
		}
		look_rows_free(&tried.rows);
	}
	if (hint->delimiter == *reading->as.delimiter)
		hint->n_cells = 0;      /* who judges rows sees what there is to say */
}

static void take_mark(void *state, size_t row, size_t col, const char *cell, size_t size)
{
	(void)row;
	sniff_marks_add(state, col, cell, size);
}

/* Which marks numbers have, of the rows behind the header. */
static void find_marks(struct sniffed *reading)
{
	const struct sought *sought = &reading->sought;
	struct sniff_text text = *reading->text;
	struct look_cells cells = { .take = take_mark };
	struct look_rows rows;
	struct sniff_marks *marks;

	while (!text.whole && text.size > 0 && text.bytes[text.size - 1] != '\n' && text.bytes[text.size - 1] != '\r')
		text.size--;            /* a row that is cut tells nothing */
	if (!reading->as.no_header && reading->rows.n > 0)
		cells.header_line = reading->rows.items[reading->header].line;
	marks = sniff_marks_new(sought->decimal && *reading->as.delimiter != ',', sought->decimal || !reading->as.marks.point, sought->thousands, reading->as.marks);
	cells.state = marks;
	look_rows_find(&rows, &text, &reading->as, &cells);
	sniff_marks_end(marks, &reading->as.marks);
	sniff_marks_free(marks);
	look_rows_free(&rows);
}

/* The texts of the first row, a bit each, that stand in their columns again, and not as that row once more, unless it is all of one column. */
static uint64_t texts_again(const struct sniffed *reading)
{
	const struct look_row *first = reading->rows.items;
	uint64_t texts = ~(first->numbers | first->empty), again = 0;

	for (size_t i = 1; i < reading->rows.n; i++)
		if (is_compared(&reading->rows, i))
			again |= reading->rows.items[i].same & texts;
	return again;
}

/* Whether the first row may be one like those below it: it has a number, or nothing, wherever they are numbers. */
static bool may_lack_header(const struct sniffed *reading)
{
	const struct look_rows *rows = &reading->rows;
	const struct look_row *first = rows->items;

	if (rows->n < 2 || reading->header > 0 || first->comment || first->broken || (!reading->valid && (reading->n_cells > 0 || first->n > 1 || rows->n == 2)))
		return false;
	return !(number_columns(reading, 1) & ~(first->numbers | first->empty));
}

/* The first row is numbers as those below it, and no names, or two texts and more that stand below again, or a day above days, or a null. */
static bool lacks_header(const struct sniffed *reading)
{
	const struct look_row *first = reading->rows.items;
	uint64_t again;

	if (!may_lack_header(reading) || first->numbers & ~number_columns(reading, 1))
		return false;
	again = texts_again(reading);
	return first->null || (first->days & columns_of(reading, 1, true)) || (reading->valid && first->numbers && (first->signs || first->twice || (again & (again - 1))));
}

/* The lines without the quotes around them, and with those within taken once; to be freed. NULL: not all of them have such. */
static char *unwrap(const struct sniffed *reading, size_t *size)
{
	const struct look_rows *rows = &reading->rows;
	const char *bytes = reading->text->bytes, *end = bytes + reading->text->size;
	char *lines = mem_array(reading->text->size + 1, 1);

	*size = 0;
	for (size_t i = 0; i < rows->n; i++) {
		const char *line_end = memchr(bytes, '\n', (size_t)(end - bytes));
		size_t n = (size_t)((line_end ? line_end : end) - bytes);

		n -= n > 0 && bytes[n - 1] == '\r';
		if (rows->items[i].n != 1 || rows->items[i].broken || !text_is_quoted(bytes, n, '"')) {
			free(lines);
			return NULL;
		}
		for (size_t at = 1; at + 1 < n; at++) {
			lines[(*size)++] = bytes[at];
			at += bytes[at] == '"' && at + 2 < n && bytes[at + 1] == '"';
		}
		lines[(*size)++] = '\n';
		bytes = line_end ? line_end + 1 : end;
	}
	return lines;
}

static bool is_wrapped(const struct sniffed *reading)
{
	struct sniffed within = try_as(reading, &reading->as);
	struct sniff_text text = { .whole = true };
	char *lines = reading->n_cells == 0 && reading->rows.n >= 2 && reading->as.quote == '"' ? unwrap(reading, &text.size) : NULL;
	bool wrapped;

	if (!lines)
		return false;
	text.bytes = lines;
	within.text = &text;
	within.sought.lines = false;
	find_delimiter(&within);
	wrapped = is_whole(&within) && is_names(within.rows.items) && number_columns(&within, 1) &&
		(*within.as.delimiter == ',' || (strchr(";\t|", *within.as.delimiter) && within.n_cells > 2));     /* "a b" above "1 2" may be one column */
	look_rows_free(&within.rows);
	free(lines);
	return wrapped;
}

/* A first line that names the delimiter: sep=; */
static size_t take_named(const struct sniff_text *text, struct sniffed *reading)
{
	char named = reading->sought.lines ? delimiter_named(text->bytes, text->size) : 0;

	if (!named)
		return 0;
	if (reading->sought.delimiter) {
		reading->as.delimiter[0] = named;
		reading->as.delimiter[1] = 0;
	}
	reading->as.skip_lines = 1;
	reading->sought.delimiter = reading->sought.lines = false;
	return text->bytes[5] == '\r' && text->size > 6 && text->bytes[6] == '\n' ? 7 : 6;
}

/* All that is sought, into reading->as. */
static void settle(struct sniffed *reading)
{
	find_delimiter(reading);
	find_amounts(reading);
	if (reading->sought.quote)
		find_quote(reading);
	find_escape_or_blanks(reading);
	if (reading->valid && reading->header > 0)
		reading->as.skip_lines = (int64_t)reading->rows.items[reading->header].line - 1;
	if (reading->sought.header && lacks_header(reading))
		reading->as.no_header = true;
	else if (reading->sought.header)
		reading->as.names_again = may_lack_header(reading) && sniff_again(reading->text, &reading->as, &reading->rows, texts_again(reading));
	if (reading->sought.delimiter && reading->sought.lines && !reading->valid)
		find_hint(reading);
	reading->as.wrapped = reading->sought.delimiter && reading->sought.quote && is_wrapped(reading);
	reading->as.one_column = reading->sought.delimiter && *reading->as.delimiter == ',' && !reading->valid;
	if (reading->sought.decimal || reading->sought.thousands)
		find_marks(reading);
}

void sniff(const char *bytes, size_t size, bool whole, const struct sought *sought, struct settled *settled)
{
	struct sniff_text text = { bytes, size, whole };
	struct sniffed reading = { .text = &text, .sought = *sought, .as = *settled };
	size_t named = take_named(&text, &reading);

	text.bytes += named;
	text.size -= named;
	settle(&reading);
	*settled = reading.as;
	look_rows_free(&reading.rows);
}

/* ---- a look at a few rows ---- */

/* Whether the first row is a header by what stands below it: a name above numbers or days; or, of two columns and more, texts above two rows. */
static bool is_header_early(const struct sniffed *reading)
{
	const struct look_row *first = reading->rows.items;
	uint64_t values = first->numbers | first->days;

	if (values || first->n_empty > 0)
		return false;
	return number_columns(reading, 1) || columns_of(reading, 1, true) || (first->n > 1 && reading->rows.n > 2);
}

/* A blank beside a delimiter or a line end, which may stand beside a quote further down. */
static bool has_padding(const struct sniff_text *text, char delimiter)
{
	const char *bytes = text->bytes;

	for (size_t i = 0; i < text->size; i++)
		if (text_is_blank(bytes[i]) && (i == 0 || bytes[i - 1] == delimiter || bytes[i - 1] == '\n' || i + 1 == text->size || bytes[i + 1] == delimiter || bytes[i + 1] == '\r' || bytes[i + 1] == '\n'))
			return true;
	return false;
}

/* Rows of equally many cells, none of which is a comment or a title. */
static bool are_alike(const struct look_rows *rows)
{
	const struct look_row *first = rows->items;

	for (size_t i = 0; i < rows->n; i++)
		if (rows->items[i].n != first->n || rows->items[i].broken || rows->items[i].comment || rows->items[i].gap)
			return false;
	return rows->n > 1 && !rows->stray && !cells_are_title(first->n, first->n_empty, first->empty & 1);
}

static bool is_settled_early(const struct sniffed *reading, const struct settled *given)
{
	const struct settled *as = &reading->as;

	return are_alike(&reading->rows) && strcmp(as->delimiter, given->delimiter) == 0 && as->quote == given->quote && as->escape == given->escape &&
		as->trim == given->trim && as->skip_lines == given->skip_lines && !as->wrapped && as->marks.point == given->marks.point &&
		as->marks.group == given->marks.group && (!reading->sought.header || as->no_header || is_header_early(reading));
}

bool sniff_early(const char *lines, size_t size, const struct sought *sought, struct settled *settled)
{
	struct sniff_text text = { lines, size, false };
	struct sniffed reading = { .text = &text, .sought = *sought, .as = *settled };
	bool known;

	if ((strcmp(settled->delimiter, ",") != 0 && (sought->decimal || sought->thousands)) || (sought->quote && has_byte(&text, '\'')) ||
	    (sought->escape && has_byte(&text, '\\')) || (sought->trim && has_padding(&text, *settled->delimiter)) || (sought->lines && delimiter_named(lines, size)) ||
	    (sought->delimiter && (has_byte(&text, ';') || has_byte(&text, '\t') || has_byte(&text, '|'))))
		return false;
	settle(&reading);
	known = is_settled_early(&reading, settled);
	if (known)
		*settled = reading.as;
	look_rows_free(&reading.rows);
	return known;
}

bool sniff_is_plain(const char *line, size_t size, const struct sought *sought, const struct settled *given)
{
	const char *delimiters = sought->delimiter ? ";\t|:^~ " : sought->trim && memchr(line, '"', size) ? " \t" : "";
	bool number = size > 0 && (text_is_digit(line[0]) || line[0] == '-' || line[0] == '.');

	if (size == 0 || (strcmp(given->delimiter, ",") != 0 && (sought->decimal || sought->thousands)))
		return false;
	for (size_t i = 0; i < size; i++)
		if ((line[i] && strchr(delimiters, line[i])) || (sought->quote && line[i] == '\'') || (sought->lines && line[i] == '#') ||
		    ((sought->escape || sought->header) && line[i] == '\\'))
			return false;
	return !(sought->header && number) && !(sought->lines && size >= 4 && memcmp(line, "sep=", 4) == 0);
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
