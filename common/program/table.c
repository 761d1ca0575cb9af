/* SPDX-License-Identifier: MIT */
/* Cells are escaped and measured when they come, so that a table is one run of bytes and an array of pieces of it. */
#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buffer.h"
#include "memory.h"
#include "number.h"
#include "text.h"

enum { LONGEST_CELL = 60, LONGEST_WRAPPED = 4096, GAP = 2, NARROWEST = 16 };

struct shown_cell { size_t start, size, columns; };   /* of the table's bytes; places on a terminal */
struct title { struct shown_cell cell; bool right, kept, wraps; size_t width, limit; };

struct table {
	struct buffer bytes;
	struct title *titles;
	size_t n_titles, room_titles;
	size_t end_of_titles;           /* in bytes: cells begin here */
	struct shown_cell *cells;             /* row by row */
	size_t n_cells, room_cells;
	size_t *shown, n_shown;         /* columns that table_flow prints; 0: it has not begun */
};

struct table *table_new(void)
{
	return mem_new(1, sizeof(struct table));
}

void table_free(struct table *table)
{
	if (!table)
		return;
	buffer_free(&table->bytes);
	free(table->titles);
	free(table->shown);
	free(table->cells);
	free(table);
}

static struct shown_cell add_text(struct table *table, const char *text, size_t size, size_t limit)
{
	struct shown_cell cell = { .start = table->bytes.size };

	text_escape(&table->bytes, text, size, limit);
	cell.size = table->bytes.size - cell.start;
	cell.columns = text_columns((char *)table->bytes.data + cell.start, cell.size);
	return cell;
}

void table_column(struct table *table, const char *title, bool right)
{
	array_grow(table->titles, table->n_titles, table->room_titles);
	table->titles[table->n_titles++] = (struct title){ .cell = add_text(table, title, strlen(title), LONGEST_CELL), .right = right,
	                                                    .limit = LONGEST_CELL };
	table->end_of_titles = table->bytes.size;
}

void table_limit(struct table *table, size_t max_cell)
{
	table->titles[table->n_titles - 1].limit = max_cell;
}

void table_keep(struct table *table)
{
	table->titles[table->n_titles - 1].kept = true;
}

void table_wrap(struct table *table)
{
	table->titles[table->n_titles - 1].wraps = true;
	table_limit(table, LONGEST_WRAPPED);
}

void table_cell(struct table *table, const char *text, size_t size)
{
	array_grow(table->cells, table->n_cells, table->room_cells);
	table->cells[table->n_cells] = add_text(table, text, size, table->titles[table->n_cells % table->n_titles].limit);
	table->n_cells++;
}

void table_format(struct table *table, const char *format, ...)
{
	char text[256];
	va_list arguments;
	int size;

	va_start(arguments, format);
	size = vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	table_cell(table, text, size < 0 ? 0 : (size_t)size < sizeof text ? (size_t)size : sizeof text - 1);
}

void table_number(struct table *table, double value, int digits)
{
	char text[NUMBER_SIZE];

	table_cell(table, text, number_print_short(text, value, digits));
}

static void measure(const struct table *table, size_t *widths)
{
	for (size_t col = 0; col < table->n_titles; col++)
		widths[col] = table->titles[col].cell.columns;
	for (size_t i = 0; i < table->n_cells; i++)
		if (table->cells[i].columns > widths[i % table->n_titles])
			widths[i % table->n_titles] = table->cells[i].columns;
}

/* A column that wraps has what the others leave it. */
static void narrow(const struct table *table, size_t *widths, size_t max_width)
{
	size_t total = 0;

	for (size_t col = 0; col < table->n_titles; col++)
		total += widths[col] + (col ? GAP : 0);
	for (size_t col = 0; col < table->n_titles && max_width && total > max_width; col++) {
		size_t others = total - widths[col], least = table->titles[col].cell.columns > NARROWEST ? table->titles[col].cell.columns : NARROWEST;

		if (table->titles[col].wraps && others + least <= max_width) {
			widths[col] = max_width - others;
			total = max_width;
		}
	}
}

/* Takes columns from the left while they fit: kept ones, or the others. */
static void take_columns(const struct table *table, const size_t *widths, bool kept, size_t max_width, size_t *width, bool *taken)
{
	for (size_t col = 0; col < table->n_titles; col++) {
		if (taken[col] || table->titles[col].kept != kept)
			continue;
		if (max_width && *width && *width + GAP + widths[col] > max_width)
			break;
		*width += widths[col] + (*width ? GAP : 0);
		taken[col] = true;
	}
}

/* Which columns fit, at least one, in their order: the first column, then those to be kept, then the others. The caller frees. */
static size_t *find_shown(const struct table *table, const size_t *widths, size_t max_width, size_t *n_shown)
{
	size_t *shown = mem_array(table->n_titles + 1, sizeof *shown), width = 0;
	bool *taken = mem_new(table->n_titles + 1, sizeof *taken);
	size_t first_kept = 0;

	while (first_kept < table->n_titles && !table->titles[first_kept].kept)
		first_kept++;
	if (first_kept > 0 && first_kept < table->n_titles && widths[0] + GAP + widths[first_kept] <= max_width) {
		width = widths[0];
		taken[0] = true;
	}
	take_columns(table, widths, true, max_width, &width, taken);
	take_columns(table, widths, false, max_width, &width, taken);
	*n_shown = 0;
	for (size_t col = 0; col < table->n_titles; col++)
		if (taken[col])
			shown[(*n_shown)++] = col;
	free(taken);
	return shown;
}

static void put_many(struct buffer *to, const char *piece, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buffer_add_text(to, piece);
}

/* Text that is wider than its column (table_flow) is cut, a number is not. */
static void put_cell(const struct table *table, const struct shown_cell *cell, size_t width, bool right, bool last, struct buffer *to)
{
	const char *text = (char *)table->bytes.data + cell->start;
	size_t spare = cell->columns < width ? width - cell->columns : 0;

	if (right)
		put_many(to, " ", spare);
	if (cell->columns > width && !right) {
		size_t size = cell->size, columns = cell->columns;

		while (columns >= width && size > 0) {          /* code points from the end, until "…" fits */
			do
				size--;
			while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80);
			columns = text_columns(text, size);
		}
		buffer_add(to, text, size);
		buffer_add_text(to, width ? "…" : "");
		spare = width ? width - columns - 1 : 0;
	} else {
		buffer_add(to, text, cell->size);
	}
	if (!right && !last)
		put_many(to, " ", spare);
}

static void put_row(const struct table *table, const struct shown_cell *cells, size_t stride, const size_t *widths, const size_t *shown,
                    size_t n_shown, size_t indent, struct buffer *to)
{
	put_many(to, " ", indent);
	for (size_t i = 0; i < n_shown; i++) {
		const struct shown_cell *cell = (const struct shown_cell *)((const char *)cells + shown[i] * stride);

		put_cell(table, cell, widths[shown[i]], table->titles[shown[i]].right, i + 1 == n_shown, to);
		put_many(to, " ", i + 1 < n_shown ? GAP : 0);
	}
	/* An empty cell at the end leaves blanks behind the one before it. */
	while (to->size > 0 && to->data[to->size - 1] == ' ')
		to->size--;
	buffer_add_byte(to, '\n');
}

static void put_rule(const size_t *widths, const size_t *shown, size_t n_shown, size_t indent, struct buffer *to)
{
	put_many(to, " ", indent);
	for (size_t i = 0; i < n_shown; i++) {
		put_many(to, "─", widths[shown[i]]);
		put_many(to, " ", i + 1 < n_shown ? GAP : 0);
	}
	buffer_add_byte(to, '\n');
}

static void put_titles(const struct table *table, const size_t *widths, const size_t *shown, size_t n_shown, size_t indent, struct buffer *to)
{
	put_row(table, &table->titles->cell, sizeof *table->titles, widths, shown, n_shown, indent, to);
	put_rule(widths, shown, n_shown, indent, to);
}

/* What fits in one line, up to a blank if there is one; the rest stays. */
static struct shown_cell take_piece(const struct table *table, struct shown_cell *rest, size_t width)
{
	const char *text = (char *)table->bytes.data + rest->start;
	struct shown_cell piece = *rest;
	size_t size = 0, fits = 0, blank = 0, skipped;

	if (rest->columns > width) {
		while (size < rest->size && text_columns(text, size) <= width) {
			fits = size;
			blank = text[size] == ' ' ? size : blank;
			do
				size++;
			while (size < rest->size && ((unsigned char)text[size] & 0xc0) == 0x80);
		}
		piece.size = blank > 0 ? blank : fits > 0 ? fits : size;
	}
	skipped = piece.size + (piece.size < rest->size && text[piece.size] == ' ');
	piece.columns = text_columns(text, piece.size);
	*rest = (struct shown_cell){ rest->start + skipped, rest->size - skipped, text_columns(text + skipped, rest->size - skipped) };
	return piece;
}

/* One row, and the lines below it of cells that wrap. */
static void put_wrapped(const struct table *table, const struct shown_cell *cells, const size_t *widths, const size_t *shown, size_t n_shown,
                        size_t indent, struct buffer *to)
{
	struct shown_cell *rest = mem_array(table->n_titles + 1, sizeof *rest), *line = mem_array(table->n_titles + 1, sizeof *line);
	bool more = true;

	memcpy(rest, cells, table->n_titles * sizeof *rest);
	while (more) {
		more = false;
		for (size_t col = 0; col < table->n_titles; col++) {
			line[col] = rest[col];
			if (table->titles[col].wraps)
				line[col] = take_piece(table, &rest[col], widths[col]);
			else
				rest[col].size = rest[col].columns = 0;
			more = more || rest[col].size > 0;
		}
		put_row(table, line, sizeof *line, widths, shown, n_shown, indent, to);
	}
	free(rest);
	free(line);
}

static void put_rows(const struct table *table, const size_t *widths, const size_t *shown, size_t n_shown, size_t indent, struct buffer *to)
{
	bool wraps = false;

	for (size_t col = 0; col < table->n_titles; col++)
		wraps = wraps || table->titles[col].wraps;
	for (size_t i = 0; i + table->n_titles <= table->n_cells; i += table->n_titles)
		if (wraps)
			put_wrapped(table, table->cells + i, widths, shown, n_shown, indent, to);
		else
			put_row(table, table->cells + i, sizeof *table->cells, widths, shown, n_shown, indent, to);
}

/* From which column on, if all of the last ones are cut. */
static void put_cut(const struct table *table, const size_t *shown, size_t n_shown, size_t indent, struct buffer *to)
{
	size_t n_cut = table->n_titles - n_shown;

	if (n_cut == 0)
		return;
	put_many(to, " ", indent);
	buffer_format(to, "and %zu column%s more", n_cut, n_cut == 1 ? "" : "s");
	if (shown[n_shown - 1] == n_shown - 1) {
		buffer_add_text(to, ", from ");
		buffer_add(to, table->bytes.data + table->titles[n_shown].cell.start, table->titles[n_shown].cell.size);
		buffer_add_text(to, " on");
	}
	buffer_add_byte(to, '\n');
}

void table_print(const struct table *table, struct buffer *to, size_t indent, size_t max_width)
{
	size_t *widths = mem_new(table->n_titles + 1, sizeof *widths), *shown, n_shown;

	measure(table, widths);
	narrow(table, widths, max_width > indent ? max_width - indent : max_width);
	shown = find_shown(table, widths, max_width > indent ? max_width - indent : max_width, &n_shown);
	put_titles(table, widths, shown, n_shown, indent, to);
	put_rows(table, widths, shown, n_shown, indent, to);
	put_cut(table, shown, n_shown, indent, to);
	free(widths);
	free(shown);
}

void table_flow(struct table *table, struct buffer *to, size_t max_width)
{
	size_t *widths = mem_new(table->n_titles + 1, sizeof *widths);

	if (table->n_shown == 0) {
		measure(table, widths);
		free(table->shown);
		table->shown = find_shown(table, widths, max_width, &table->n_shown);
		put_titles(table, widths, table->shown, table->n_shown, 0, to);
		for (size_t col = 0; col < table->n_titles; col++)
			table->titles[col].width = widths[col];
	}
	for (size_t col = 0; col < table->n_titles; col++)
		widths[col] = table->titles[col].width;
	put_rows(table, widths, table->shown, table->n_shown, 0, to);
	table->bytes.size = table->end_of_titles;
	table->n_cells = 0;
	free(widths);
}

void table_flow_end(struct table *table, struct buffer *to)
{
	if (table->n_shown > 0)
		put_cut(table, table->shown, table->n_shown, 0, to);
}
