/* SPDX-License-Identifier: MIT */
#include "sniff_rows.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "null_words.h"
#include "number.h"
#include "sniff_marks.h"
#include "text.h"

/* What the cells are seen with. */
struct row_seer {
	struct look_rows *rows;
	const char *bytes;
	size_t size;
	const struct settled *as;
	uint64_t line;
	bool cut;                       /* the row is not all there */
	bool gap;                       /* an empty line stands behind the last of them */
	const struct look_cells *cells;
};

/* Whether a cell is the same as in the first row. */
static bool is_same(struct look_rows *rows, size_t col, const char *cell, size_t size)
{
	struct first_cell *first = &rows->first[col];

	if (rows->n == 0)
		*first = (struct first_cell){ cell, size };
	return size == first->size && memcmp(cell, first->bytes, size) == 0;
}

static bool is_hex(const char *cell, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!text_is_digit(cell[i]) && ((cell[i] | 0x20) < 'a' || (cell[i] | 0x20) > 'f'))
			return false;
	return true;
}

/* Whether a cell begins with a day as ISO 8601 writes it, alone or with a time behind it. */
static bool is_day(const char *cell, size_t size)
{
	if (size < 10 || cell[4] != '-' || cell[7] != '-' || (size > 10 && cell[10] != 'T' && cell[10] != ' '))
		return false;
	for (size_t i = 0; i < 10; i++)
		if (i != 4 && i != 7 && !text_is_digit(cell[i]))
			return false;
	return true;
}

/* Whether a cell in quotes is a number for whose commas they stand there: "9,443". Others in quotes may be texts. */
static bool is_grouped(const char *cell, size_t size, double *value)
{
	static const struct number_marks commas = { 0, ',' };
	char room[NUMBER_MARKED];
	struct marked how;
	size_t n = memchr(cell, ',', size) ? number_unmark(cell, size, commas, room, &how) : 0;

	return n > 0 && how.n_groups > 0 && number_real_rounded(room, n, value);
}

/* seen: the numbers among the first cells, of a row that may be a header; NULL: of another. */
static void see_cell(struct row_seer *look, struct look_row *row, const char *cell, size_t size, bool quoted, double *seen)
{
	struct look_rows *rows = look->rows;
	uint64_t bit = row->n < MOST_KINDS ? UINT64_C(1) << row->n : 0;
	bool empty = size == 0 || null_word(cell, size) != NO_NULL_WORD;
	double value;

	if (bit && (rows->n == 0 || row->n < rows->items[0].n) && is_same(rows, row->n, cell, size))
		row->same |= bit;
	row->n++;
	row->n_quoted += quoted;
	row->n_empty += size == 0;
	row->hex = row->hex && is_hex(cell, size);
	row->null |= size == 2 && memcmp(cell, "\\N", 2) == 0;
	if (look->cells && !empty && row->line > look->cells->header_line)
		look->cells->take(look->cells->state, rows->n, row->n - 1, cell, size);
	if (empty)
		row->empty |= bit;
	if (is_day(cell, size))
		row->days |= bit;
	if (empty || (quoted && !is_grouped(cell, size, &value)))
		return;
	if (!quoted && !number_real_rounded(cell, size, &value)) {
		if (!memchr(cell, ',', size))
			return;
		if (!sniff_marks_comma(cell, size)) {
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
static size_t see_bytes(struct row_seer *look, size_t at, struct look_row *row, double *seen)
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
			row->broken |= (unsigned char)bytes[at] == as->quote && as->quote >= 0 && !text_is_digit(bytes[at - 1]);
	}
	for (size_t i = from; i < at; i++)
		look->line += bytes[i] == '\n';
	if (quoted)
		see_cell(look, row, bytes + from + 1, end > from + 1 ? end - from - 2 : 0, true, seen);
	else
		see_cell(look, row, bytes + from, at - from, false, seen);
	return at;
}

/* What stands beside the delimiter at `at`. */
static void see_delimiter(const struct row_seer *look, size_t at, struct look_row *row)
{
	size_t behind = at + strlen(look->as->delimiter), left = look->size - behind;
	const char *bytes = look->bytes + behind;

	row->words |= at == 0 || !text_is_digit(look->bytes[at - 1]) || left == 0 || !text_is_digit(*bytes);
	row->prose |= left > 0 && (text_is_blank(*bytes) || *bytes == '\\' || (left > 1 && memcmp(bytes, "//", 2) == 0));
}

/* One row from `at` on; gives where the next one begins. */
static size_t see_row(struct row_seer *look, size_t at)
{
	const char *bytes = look->bytes;
	struct look_rows *rows = look->rows;
	struct look_row row = { .line = look->line, .comment = bytes[at] == '#', .hex = true };
	double room[MOST_KINDS], *seen = look->rows->n == 0 ? room : NULL;
	bool more = true;

	look->cut = false;
	while (more) {
		at = see_bytes(look, at, &row, seen);
		more = at < look->size && bytes[at] == *look->as->delimiter;
		if (more) {
			see_delimiter(look, at, &row);
			at += strlen(look->as->delimiter);
		}
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
	rows->stray |= row.broken;
	rows->comma |= row.comma;
	rows->n_quoted += row.n_quoted > 0 && rows->n > 0;
	array_grow(rows->items, rows->n, rows->room);
	rows->items[rows->n++] = row;
	return at;
}

void look_rows_find(struct look_rows *rows, const struct sniff_text *text, const struct settled *as, const struct look_cells *cells)
{
	struct row_seer state = { .rows = rows, .bytes = text->bytes, .size = text->size, .as = as, .line = 1, .cells = cells }, *look = &state;
	const char *bytes = look->bytes;

	*rows = (struct look_rows){ .n = 0 };
	for (size_t at = 0; at < look->size;) {
		size_t n = rows->n;

		if ((unsigned char)bytes[at] == as->comment) {
			while (at < look->size && bytes[at] != '\n' && bytes[at] != '\r')
				at++;
			look->line++;
			at += at + 1 < look->size && bytes[at] == '\r' && bytes[at + 1] == '\n' ? 2 : 1;
			continue;
		}
		at = see_row(look, at);
		if (look->cut && !text->whole && n > 0)
			rows->n = n;
	}
}
