/* SPDX-License-Identifier: MIT */
#include "dialect.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "buffer.h"
#include "number.h"
#include "row.h"
#include "sniff_amounts.h"
#include "sniff_marks.h"
#include "text.h"

enum { HINT_ROWS = 64 };        /* a table of which nothing is seen so far may begin below */

static const struct { char byte; const char *argument; } delimiters[N_DELIMITERS] = { { ',', "','" }, { ';', "';'" }, { '\t', "tab" }, { '|', "'|'" } };

void delimiters_count(const char *line, size_t size, struct delimiters *to)
{
	bool quoted = false;

	*to = (struct delimiters){ .n = { 0 } };
	for (size_t i = 0; i < size; i++) {
		quoted ^= line[i] == '"';
		for (size_t k = 0; k < N_DELIMITERS; k++)
			to->n[k] += !quoted && line[i] == delimiters[k].byte;
	}
}

void delimiters_drop(struct delimiters *from, char byte)
{
	for (size_t k = 0; k < N_DELIMITERS; k++)
		if (delimiters[k].byte == byte)
			from->n[k] = 0;
}

/* A NULL row: any. */
static const char *find_other(const struct dialect *dialect, const struct delimiters *row, size_t n_columns)
{
	size_t best = N_DELIMITERS;

	for (size_t k = 0; k < N_DELIMITERS; k++) {
		size_t n = dialect->header.n[k];

		if (n == 0 || n + 1 <= n_columns || (row && row->n[k] != n) || (unsigned char)delimiters[k].byte == dialect->delimiter)
			continue;
		if (best == N_DELIMITERS || n > dialect->header.n[best])
			best = k;
	}
	return best < N_DELIMITERS ? delimiters[best].argument : NULL;
}

const char *delimiter_seems(const struct dialect *dialect, const struct delimiters *row, size_t n_columns)
{
	return dialect->given || !dialect->delimiter ? NULL : find_other(dialect, row, n_columns);
}

bool blanks_seem(const char *line, size_t size)
{
	size_t words = 0, at = 0;

	while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r'))
		size--;
	while (at < size && line[at] == '"') {
		const char *end = memchr(line + at + 1, '"', size - at - 1);

		if (!end)
			return false;
		words++;
		at = (size_t)(end - line) + 1;
		if (at == size)
			return words > 1;
		if (line[at++] != ' ')
			return false;
	}
	return false;
}

bool names_are_quoted(const struct names *names, char quote)
{
	for (size_t i = 0; i < names->n; i++)
		if (!text_is_quoted(names->items[i], strlen(names->items[i]), quote))
			return false;
	return names->n > 0;
}

const char *delimiter_other(const struct dialect *dialect, size_t n_columns)
{
	return dialect->delimiter ? find_other(dialect, NULL, n_columns) : NULL;
}

char delimiter_named(const char *line, size_t size)
{
	bool named = size >= 6 && memcmp(line, "sep=", 4) == 0 && (line[5] == '\n' || line[5] == '\r');

	return named && !strchr("\"\r\n", line[4]) ? line[4] : 0;     /* strchr finds a NUL, too */
}

const char *delimiter_print(unsigned char delimiter, char room[DELIMITER_ROOM])
{
	if (delimiter == '\t' || delimiter == ' ')
		return delimiter == ' ' ? "space" : "tab";
	snprintf(room, DELIMITER_ROOM, delimiter == '\'' ? "\"%c\"" : "'%c'", delimiter);
	return room;
}

static bool is_number(const struct cell *cell)
{
	double value;

	return cell->kind == CELL_TEXT && number_real_rounded(cell->as.text, cell->size, &value);
}

/* But for empty ones at the end, which a delimiter too many makes. */
static size_t cells_used(const struct row *row)
{
	size_t n = row->n_cells;

	while (n > 0 && n <= row->room && row->cells[n - 1].kind == CELL_NULL)
		n--;
	return n;
}

/* A number of four digits as a whole; 0: the cell is none. */
static int year_of(const struct row *row, size_t i, size_t n)
{
	int year = 0;

	if (i >= n || row->cells[i].kind != CELL_TEXT || row->cells[i].size != 4)
		return 0;
	for (size_t at = 0; at < 4; at++) {
		if (row->cells[i].as.text[at] < '0' || row->cells[i].as.text[at] > '9')
			return 0;
		year = 10 * year + (row->cells[i].as.text[at] - '0');
	}
	return year;
}

/* Years one behind the other are names, as tables of countries have them. */
static bool is_year(const struct row *row, size_t i, size_t n)
{
	int year = year_of(row, i, n);

	return year > 0 && i > 0 && (year_of(row, i - 1, n) == year - 1 || year_of(row, i + 1, n) == year + 1);
}

/* Two cells or more, all are texts, none is empty or a number that is no year, but for a delimiter too many at the end: a row of names, perhaps. */
static bool row_is_header(const struct row *row)
{
	size_t n = cells_used(row);

	if (row->broken || n < 2 || n + 1 < row->n_cells || row->n_cells > row->room)
		return false;
	for (size_t i = 0; i < n; i++)
		if (row->cells[i].kind != CELL_TEXT || row->cells[i].size == 0 || (is_number(&row->cells[i]) && !is_year(row, i, n)))
			return false;
	return true;
}

bool row_is_data(const struct row *row)
{
	size_t n_numbers = 0, n_empty = 0;

	if (row->broken || row->n_cells > row->room)
		return false;
	for (size_t i = 0; i < row->n_cells; i++) {
		const struct cell *cell = &row->cells[i];

		n_empty += cell->kind == CELL_NULL;
		if (!is_number(cell))
			continue;
		if (memchr(cell->as.text, '.', cell->size))
			return true;
		n_numbers++;
	}
	return n_numbers > 0 && n_numbers + n_empty == row->n_cells;
}

size_t row_excess(const struct row *row, size_t n_columns)
{
	if (row->broken || row->n_cells <= n_columns || row->n_cells > row->room)
		return 0;
	for (size_t i = n_columns; i < row->n_cells; i++)
		if (row->cells[i].kind != CELL_NULL)
			return 0;
	return row->n_cells - n_columns;
}

void header_search_add(struct header_search *search, const struct row *row, struct dialect *to)
{
	if (!search->begun)
		to->n_cells = row->n_cells;
	else if (to->n_cells != row->n_cells)
		to->n_cells = 0;
	search->begun = true;
	if (search->done || row->broken || (row->n_cells == 1 && row->cells[0].kind == CELL_NULL))      /* an empty line, where there is one column */
		return;
	if (row_is_header(row)) {
		search->line = row->line;
		search->n_cells = cells_used(row);
		return;
	}
	search->done = true;
	if (search->line && (search->n_cells == row->n_cells || search->n_cells == cells_used(row)))
		to->header_line = search->line;
}

/* How many bytes a character of several has that begins here; 1: none does. */
static size_t utf8_size(const char *bytes, size_t size)
{
	for (size_t n = 2; n <= 4 && n <= size; n++)
		if (text_is_utf8(bytes, n))
			return n;
	return 1;
}

const char *encoding_advice(const char *bytes, size_t size)
{
	static const char undefined[] = "\x81\x8d\x8f\x90\x9d";        /* in Windows-1252 */
	size_t n = 0, n_beside = 0;
	bool windows = false, latin = false;

	for (size_t i = 0, step; i < size; i += step) {
		unsigned char byte = (unsigned char)bytes[i];

		step = byte < 0x80 ? 1 : utf8_size(bytes + i, size - i);
		for (size_t at = i; at < i + step; at++)
			latin |= memchr(undefined, bytes[at], sizeof undefined - 1) != NULL;
		if (byte < 0x80 || step > 1)
			continue;
		n++;
		n_beside += (i > 0 && (unsigned char)bytes[i - 1] >= 0x80) || (i + 1 < size && (unsigned char)bytes[i + 1] >= 0x80);
		windows |= byte < 0xa0;
	}
	if (n >= 6 && 2 * n_beside > n)
		return "--encoding big5, gb18030, shift_jis, euc-kr or windows-1251, as it was written";
	return windows && !latin ? "--encoding windows-1252 reads a Windows-1252 file" : "--encoding latin-1 reads a Latin-1 file";
}

/* The words of a line into `words`, which are gone if it has not as many as those before. all: every word may be a number. */
static void count_words(struct words *words, const char *line, size_t size, bool all)
{
	size_t n = 0, at = 0;
	uint64_t numbers = 0;

	while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r'))
		size--;
	words->edges |= size > 0 && (line[0] == ' ' || line[size - 1] == ' ');
	while (at < size) {
		size_t from = at, blanks;
		double value;

		while (at < size && line[at] != ' ')
			at++;
		if (at > from && n < MOST_WORDS && number_real_rounded(line + from, at - from, &value))
			numbers |= (uint64_t)1 << n;
		n += at > from;
		for (blanks = at; at < size && line[at] == ' '; at++)
			continue;
		words->runs |= blanks > from && at < size && at - blanks > 1;
	}
	if (words->indented && !words->rows && n == words->n + 1)
		words->unnamed = true;
	else if ((words->begun && n != words->n) || (n < 2 && words->begun))
		n = 0;
	if (!all)
		words->numbers &= numbers;
	words->n = n;
	words->begun = true;
}

void words_begin(struct words *words, const struct names *header)
{
	*words = (struct words){ .numbers = UINT64_MAX };
	if (header->n) {
		count_words(words, header->items[0], strlen(header->items[0]), true);
		words->indented = *header->items[0] == ' ';
	}
}

void words_add(struct words *words, const struct row *row)
{
	if (row->n_cells == 1 && row->cells[0].kind == CELL_NULL)
		return;                 /* an empty line */
	if (row->broken || memchr(row->raw, '"', row->raw_size))
		words->n = 0, words->begun = true;
	else if (!words->begun || words->n)
		count_words(words, row->raw, row->raw_size, false);
	words->rows = true;
}

const char *words_advice(const struct words *words)
{
	if (words->n < 2 || words->numbers == 0 || !words->rows)
		return NULL;
	if (words->unnamed)
		return "sed 's/^ *//; s/[[:space:]]*$//; 1s/^/row /' FILE | tr -s ' ' leaves one blank between cells and names the first column, then --delimiter space";
	if (words->edges)
		return "sed 's/^ *//; s/[[:space:]]*$//' FILE | tr -s ' ' leaves one blank between cells, then --delimiter space";
	return words->runs ? "tr -s ' ' <FILE leaves one blank between cells, then --delimiter space" : "--delimiter space";
}

void title_search_begin(struct title_search *search, const struct names *header)
{
	*search = (struct title_search){ .most = 0 };
	for (size_t i = 0; i < header->n; i++)
		search->most += *header->items[i] != 0;         /* none: a title begins with an empty row */
	search->done = header->n == 0 || !cells_are_title(header->n, header->n - search->most, !*header->items[0]);
}

/* Of rows that are all like titles the last of those with the most names, before any has a number, may be the header. */
static void search_names(struct title_search *search, const struct row *row, size_t n_empty)
{
	for (size_t i = 0; i < row->n_cells; i++)
		search->numbers |= is_number(&row->cells[i]);
	if (search->numbers || row->n_cells - n_empty < search->most || (row->n_cells - n_empty == search->most && !search->names_line))
		return;
	search->most = row->n_cells - n_empty;
	search->names_line = row->line;
}

uint64_t title_search_line(const struct title_search *search)
{
	return search->line ? search->line : search->names_line;
}

void title_search_add(struct title_search *search, const struct row *row)
{
	size_t n_empty = 0;

	if (search->done || row->broken || row->n_cells > row->room) {
		search->done = true;
		return;
	}
	for (size_t i = 0; i < row->n_cells; i++)
		n_empty += row->cells[i].kind == CELL_NULL;
	if (n_empty == row->n_cells)
		return;
	if (cells_are_title(row->n_cells, n_empty, row->cells[0].kind == CELL_NULL)) {
		search_names(search, row, n_empty);
		return;
	}
	search->done = true;
	if (row_is_header(row))
		search->line = row->line;
}

/* With ' around cells the row would have n_columns, and one of them begins so. */
static bool seems_single_quoted(const struct row *row, unsigned char delimiter, size_t n_columns)
{
	size_t n = 1;
	bool quoted = false, begins = false;

	for (size_t i = 0; i < row->raw_size; i++) {
		begins |= row->raw[i] == '\'' && (i == 0 || (unsigned char)row->raw[i - 1] == delimiter);
		quoted ^= row->raw[i] == '\'';
		n += !quoted && (unsigned char)row->raw[i] == delimiter;
	}
	return begins && !quoted && n == n_columns;
}

/* Without the delimiters behind a backslash the row would have n_columns. */
static bool seems_escaped(const struct row *row, unsigned char delimiter, size_t n_columns)
{
	size_t n = 1, n_escaped = 0;

	if (memchr(row->raw, '"', row->raw_size))
		return false;
	for (size_t i = 0; i < row->raw_size; i++) {
		bool escapes = row->raw[i] == '\\' && i + 1 < row->raw_size;

		i += escapes;
		n_escaped += escapes && (unsigned char)row->raw[i] == delimiter;
		n += !escapes && (unsigned char)row->raw[i] == delimiter;
	}
	return n_escaped > 0 && n == n_columns;
}

/* A row of one column, which a decimal comma parts. */
static bool seems_decimal(const struct row *row, unsigned char delimiter, size_t n_columns)
{
	size_t size = row->raw_size;

	while (size > 0 && (row->raw[size - 1] == '\n' || row->raw[size - 1] == '\r'))
		size--;
	return delimiter == ',' && n_columns == 1 && row->n_cells > 1 && sniff_marks_comma(row->raw, size);
}

/* ="007", as spreadsheets are made to keep zeros. */
static bool seems_formula(const struct row *row, unsigned char delimiter)
{
	for (size_t i = 0; i + 1 < row->raw_size; i++)
		if (row->raw[i] == '=' && row->raw[i + 1] == '"' && (i == 0 || (unsigned char)row->raw[i - 1] == delimiter))
			return true;
	return false;
}

/* TSV has no quotes: with them around cells the row would have n_columns. */
static bool seems_quoted(const struct row *row, unsigned char delimiter, const struct delimiters *outside, size_t n_columns)
{
	if (delimiter != '\t' || row->n_cells <= n_columns)
		return false;
	for (size_t k = 0; k < N_DELIMITERS; k++)
		if (delimiters[k].byte == '\t')
			return outside->n[k] + 1 == n_columns;
	return false;
}

/* The row, or a header that is all one cell, begins as comments do; with --comment '#' neither can. */
static bool seems_comment(const struct row *row, const struct columns *columns)
{
	return (row->raw_size > 0 && *row->raw == '#') || (columns->header.n == 1 && *columns->header.items[0] == '#');
}

bool dialect_all_rows(const struct row *row, const struct columns *columns)
{
	return row->in_file == 0 && !row->broken && row->n_cells == columns->dialect.n_cells;
}

/* A header that names less than all rows have. One name too few is how R writes them: the rows' names stand in a column that has none. */
static void advise_header(const struct row *row, const struct columns *columns, struct buffer *to)
{
	unsigned char delimiter = columns->dialect.delimiter;
	uint64_t before = row->line - 1;

	if (row->n_cells == columns->schema.n_fields + 1 && columns->header.n > 0 && delimiter != '/' && delimiter != '&' && delimiter != '\\')
		buffer_format(to, delimiter == '\t' ? "sed '%" PRIu64 "s/^/row\\t/' FILE names a first column, of R's row names; "
		              : "sed '%" PRIu64 "s/^/row%c/' FILE names a first column, of R's row names; ", before, delimiter);
	buffer_format(to, "--skip-lines %" PRIu64 " --no-header if the line before it names no columns", before);
}

void dialect_advise(const struct row *row, const struct columns *columns, struct buffer *to)
{
	size_t n_columns = columns->schema.n_fields;
	uint64_t before = row->line - 1, header = columns->dialect.header_line;
	const struct sniff_hint *hint = &columns->settled.hint;
	char room[DELIMITER_ROOM];
	struct delimiters here;
	const char *delimiter;
	bool first = row->in_file == 0 || n_columns == 1;

	if (!columns->dialect.delimiter || row->line < 2)
		return;
	if (row->in_file < HINT_ROWS && hint->n_cells > 0) {
		buffer_format(to, "--delimiter %s --skip-lines %" PRId64 " if the table begins behind these: most lines have %zu cells so", delimiter_print((unsigned char)hint->delimiter, room),
		              hint->skip_lines, hint->n_cells);
		return;
	}
	if (seems_comment(row, columns)) {
		buffer_add_text(to, "--comment '#' if lines that begin so are no rows");
		return;
	}
	delimiters_count(row->raw, row->raw_size, &here);
	delimiter = delimiter_seems(&columns->dialect, &here, n_columns);
	if (delimiter)
		buffer_format(to, "--delimiter %s seems to be the one: this line and the first have it equally often", delimiter);
	else if (row->broken && seems_formula(row, columns->dialect.delimiter))
		buffer_add_text(to, "sed -E 's/(^|[,;\\t])=\"/\\1\"/g' FILE makes texts of formulas such as =\"007\"");
	else if (row->broken)
		return;
	else if (seems_decimal(row, columns->dialect.delimiter, n_columns))
		buffer_add_text(to, "--delimiter ';' if this is a number with a decimal comma");
	else if (columns->dialect.delimiter == ',' && n_columns == 1 && row->n_cells > 1 && amounts_are_parted(row))
		buffer_add_text(to, "--delimiter ';' if this is one number with commas between thousands");
	else if (columns->dialect.delimiter == ',' && amounts_advise(row, n_columns, to))
		return;
	else if (seems_quoted(row, columns->dialect.delimiter, &here, n_columns))
		buffer_add_text(to, "-f csv --delimiter tab reads cells in quotes");
	else if (row->n_cells > n_columns && seems_single_quoted(row, columns->dialect.delimiter, n_columns))
		buffer_add_text(to, "--quote \"'\" if these are quotes");
	else if (row->n_cells > n_columns && seems_escaped(row, columns->dialect.delimiter, n_columns))
		buffer_format(to, "%s--escape '\\' takes a delimiter behind a backslash as text", columns->dialect.delimiter == '\t' ? "-f csv --delimiter tab " : "");
	else if (row->behind_gap && row_is_header(row) && !first)
		buffer_format(to, "another table seems to begin here: head -n %" PRIu64 " FILE keeps those before it, --skip-lines %" PRIu64 " reads from here on", before, before);
	else if (first && row_is_header(row) && header > row->line)
		buffer_format(to, "--skip-lines %" PRIu64 " if line %" PRIu64 " is the header", header - 1, header);
	else if (first && row_is_header(row))
		buffer_format(to, "--skip-lines %" PRIu64 " if this is the header", before);
	else if (row->n_cells > n_columns && dialect_all_rows(row, columns))
		advise_header(row, columns, to);
	else if (row->in_file > 0 && n_columns > 1 && row->n_cells == 1 && row->room > 0 && !is_number(&row->cells[0]))
		buffer_add_text(to, "--skip-footer N if it stands below the table, as sums and sources do");
}
