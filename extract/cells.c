/* SPDX-License-Identifier: MIT */
/*
 * Ends are found first (structure.h), part by part, and then the rows that they make: the n-th of them has to be a line
 * feed, and no other. That none of the others is one is told for all rows of a part by their number. Whether quotes stand where
 * they may is seen with the ends: the first byte that is wrong ends the block, and rows
 * that end before it are whole, since each wrong byte lies within its row or is the one behind it.
 */
#include "cells.h"

#include <string.h>

#include "csv_plain.h"
#include "fit.h"
#include "memory.h"
#include "structure.h"
#include "text.h"

enum { SLACK = 64, FIRST_PART = 512, MOST_PART = 4096 };        /* bytes that are gone through before their rows are looked at: ends are still in the cache then */

/* ---- rows ---- */

static uint32_t count_line_feeds(const char *bytes, size_t size)
{
	uint32_t n = 0;

	for (size_t i = 0; i < size; i++)
		n += bytes[i] == '\n';
	return n;
}

/* Rows from n_rows on whose last end is a line feed, up to `upto` or a comment. within: there are line feeds in quotes. */
static void add_rows(struct cells *cells, size_t upto, int comment, bool within)
{
	const char *bytes = cells->bytes;
	size_t n_columns = cells->n_columns, row = cells->n_rows;
	uint32_t begin = cells->begins[row], lines = cells->lines[row], *begins = cells->begins, *all_lines = cells->lines;
	uint32_t *last = cells->ends + row * n_columns + n_columns - 1;

	for (; row < upto; row++, last += n_columns) {
		uint32_t end = *last;

		if (bytes[end] != '\n' || (unsigned char)bytes[begin] == comment)
			break;
		*last = end - (end > begin && bytes[end - 1] == '\r');
		lines += within ? count_line_feeds(bytes + begin, end + 1 - begin) : 1;
		begins[row + 1] = begin = end + 1;
		all_lines[row + 1] = lines;
	}
	cells->n_rows = row;
}

/* Rows from `from` on stay up to the first that has a line feed before its last end. */
static void drop_rows(struct cells *cells, size_t from)
{
	size_t within = cells->n_columns - 1;

	for (size_t row = from; row < cells->n_rows; row++)
		for (size_t col = 0; col < within; col++)
			if (cells->bytes[cells->ends[row * cells->n_columns + col]] == '\n') {
				cells->n_rows = row;
				return;
			}
}

static void reserve(struct cells *cells, size_t size)
{
	size_t n_rows = size / cells->n_columns + 2;

	if (size + SLACK > cells->ends_room)
		cells->ends = mem_resize(cells->ends, cells->ends_room = size + SLACK, sizeof *cells->ends);
	if (n_rows > cells->rows_room) {
		cells->rows_room = n_rows;
		cells->begins = mem_resize(cells->begins, n_rows, sizeof *cells->begins);
		cells->lines = mem_resize(cells->lines, n_rows, sizeof *cells->lines);
	}
}

void cells_split(struct cells *cells, const char *bytes, size_t size, size_t n_columns, size_t most, unsigned char delimiter, int quote,
                 int comment)
{
	struct structure structure;
	size_t part = FIRST_PART;
	enum cpu_lanes by = cpu_lanes();
	bool more = most > 0;

	cells_clear(cells);
	cells->bytes = bytes;
	cells->n_columns = n_columns;
	reserve(cells, size);
	cells->begins[0] = cells->lines[0] = 0;
	structure = (struct structure)STRUCTURE_INIT(bytes, delimiter, quote, cells->ends);
	for (size_t at = 0; at < size && more; part = part < MOST_PART ? 2 * part : part) {
		size_t upto = size - at < part ? size : at + part, before = cells->n_rows, n_rows;

		structure_find(&structure, at, upto, by);
		n_rows = structure.n / n_columns;
		add_rows(cells, n_rows < most ? n_rows : most, comment, structure.within);
		more = cells->n_rows == n_rows && structure.n_line_feeds == n_rows;     /* each that ends with one has no other */
		if (!more)
			drop_rows(cells, before);
		more = more && !structure.wrong && n_rows < most;
		at = upto;
	}
	cells->size = cells->begins[cells->n_rows];
	cells->ascii = !structure.high;
	cells->quote = structure.quotes ? quote : NO_QUOTE;
}

void cells_demand_empty(struct cells *cells, size_t n_empty)
{
	const uint32_t *last = cells->ends + cells->n_columns - 1;

	for (size_t row = 0; row < cells->n_rows && n_empty > 0; row++, last += cells->n_columns)
		if (*last - last[-(ptrdiff_t)n_empty] != n_empty) {     /* each is as long as its delimiter */
			cells->n_rows = row;
			cells->size = cells->begins[row];
		}
}

void cells_clear(struct cells *cells)
{
	cells->n_rows = cells->at = cells->size = 0;
}

void cells_release(struct cells *cells)
{
	free(cells->ends);
	free(cells->begins);
	free(cells->lines);
	free(cells->row.cells);
	buffer_free(&cells->text);
	*cells = (struct cells)CELLS_INIT;
}

/* ---- single cells ---- */

/* A cell in quotes, without them; doubled ones are taken out behind what `text` holds. */
static struct cell unquoted(const struct cells *cells, const char *at, size_t size, struct buffer *text)
{
	const char *from = at + 1, *end = at + size - 1, *doubled = memchr(from, cells->quote, (size_t)(end - from));
	struct cell cell = { .kind = CELL_TEXT, .size = (uint32_t)(end - from), .as.text = from };
	size_t begin = text->size;

	if (!doubled)
		return cell;
	for (; doubled; doubled = memchr(from, cells->quote, (size_t)(end - from))) {
		buffer_add(text, from, (size_t)(doubled + 1 - from));
		from = doubled + 2;
	}
	buffer_add(text, from, (size_t)(end - from));
	cell.size = (uint32_t)(text->size - begin);
	cell.as.text = (const char *)text->data + begin;
	return cell;
}

struct cell cells_quoted(const struct cells *cells, const char *at, size_t size, struct buffer *text)
{
	struct cell cell = { .kind = size ? CELL_TEXT : CELL_NULL, .size = (uint32_t)size, .as.text = at };

	if (size && (unsigned char)*at == cells->quote)
		cell = unquoted(cells, at, size, text);
	if (cells->nulls && cell.kind != CELL_NULL && cell_is_word(&cell, cells->nulls))
		cell.kind = CELL_NULL;
	return cell;
}

struct row *cells_row(struct cells *cells, size_t at)
{
	struct row *row = &cells->row;
	size_t begin = cells->begins[at], size = cells->begins[at + 1] - begin;

	if (row->room < cells->n_columns) {
		row->room = cells->n_columns;
		row->cells = mem_resize(row->cells, row->room, sizeof *row->cells);
	}
	buffer_clear(&cells->text);
	buffer_reserve(&cells->text, size);     /* so that it stays where it is */
	for (size_t col = 0; col < cells->n_columns; col++) {
		size_t cell_size;
		const char *cell = cells_find(cells, at, col, &cell_size);

		row->cells[col] = cells_quoted(cells, cell, cell_size, &cells->text);
	}
	row->n_cells = cells->n_columns;
	row->line = cells->line + cells->lines[at];
	row->file = cells->file;
	row->in_file = cells->in_file + at;
	row->number = cells->number + at;
	row->raw = cells->bytes + begin;
	row->raw_size = size;
	row->text = (const char *)cells->text.data;
	row->text_size = cells->text.size;
	row->ascii = text_is_ascii(row->raw, size);
	return row;
}
