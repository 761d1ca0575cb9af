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

enum { LONGEST_CELL = 60, GAP = 2 };

struct shown_cell { size_t start, size, columns; };   /* of the table's bytes; places on a terminal */
struct title { struct shown_cell cell; bool right; size_t width, limit; };

struct table {
	struct buffer bytes;
	struct title *titles;
	size_t n_titles, room_titles;
	size_t end_of_titles;           /* in bytes: cells begin here */
	struct shown_cell *cells;             /* row by row */
	size_t n_cells, room_cells;
	size_t n_shown;                 /* columns that table_flow prints; 0: it has not begun */
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

/* How many columns fit; at least one. */
static size_t count_shown(const size_t *widths, size_t n, size_t max_width)
{
	size_t col = 0, width = 0;

	for (; col < n; col++) {
		width += widths[col] + (col ? GAP : 0);
		if (max_width && width > max_width && col > 0)
			break;
	}
	return col;
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

static void put_row(const struct table *table, const struct shown_cell *cells, size_t stride, const size_t *widths, size_t n_shown,
                    size_t indent, struct buffer *to)
{
	put_many(to, " ", indent);
	for (size_t col = 0; col < n_shown; col++) {
		const struct shown_cell *cell = (const struct shown_cell *)((const char *)cells + col * stride);

		put_cell(table, cell, widths[col], table->titles[col].right, col + 1 == n_shown, to);
		put_many(to, " ", col + 1 < n_shown ? GAP : 0);
	}
	/* An empty cell at the end leaves blanks behind the one before it. */
	while (to->size > 0 && to->data[to->size - 1] == ' ')
		to->size--;
	buffer_add_byte(to, '\n');
}

static void put_rule(const size_t *widths, size_t n_shown, size_t indent, struct buffer *to)
{
	put_many(to, " ", indent);
	for (size_t col = 0; col < n_shown; col++) {
		put_many(to, "─", widths[col]);
		put_many(to, " ", col + 1 < n_shown ? GAP : 0);
	}
	buffer_add_byte(to, '\n');
}

static void put_titles(const struct table *table, const size_t *widths, size_t n_shown, size_t indent, struct buffer *to)
{
	put_row(table, &table->titles->cell, sizeof *table->titles, widths, n_shown, indent, to);
	put_rule(widths, n_shown, indent, to);
}

static void put_rows(const struct table *table, const size_t *widths, size_t n_shown, size_t indent, struct buffer *to)
{
	for (size_t i = 0; i + table->n_titles <= table->n_cells; i += table->n_titles)
		put_row(table, table->cells + i, sizeof *table->cells, widths, n_shown, indent, to);
}

static void put_cut(const struct table *table, size_t n_shown, size_t indent, struct buffer *to)
{
	size_t n_cut = table->n_titles - n_shown;

	if (n_cut == 0)
		return;
	put_many(to, " ", indent);
	buffer_format(to, "and %zu column%s more, from ", n_cut, n_cut == 1 ? "" : "s");
	buffer_add(to, table->bytes.data + table->titles[n_shown].cell.start, table->titles[n_shown].cell.size);
	buffer_add_text(to, " on\n");
}

void table_print(const struct table *table, struct buffer *to, size_t indent, size_t max_width)
{
	size_t *widths = mem_new(table->n_titles + 1, sizeof *widths), n_shown;

	measure(table, widths);
	n_shown = count_shown(widths, table->n_titles, max_width > indent ? max_width - indent : max_width);
	put_titles(table, widths, n_shown, indent, to);
	put_rows(table, widths, n_shown, indent, to);
	put_cut(table, n_shown, indent, to);
	free(widths);
}

void table_flow(struct table *table, struct buffer *to, size_t max_width)
{
	size_t *widths = mem_new(table->n_titles + 1, sizeof *widths);

	if (table->n_shown == 0) {
		measure(table, widths);
		table->n_shown = count_shown(widths, table->n_titles, max_width);
		put_titles(table, widths, table->n_shown, 0, to);
		for (size_t col = 0; col < table->n_titles; col++)
			table->titles[col].width = widths[col];
	}
	for (size_t col = 0; col < table->n_titles; col++)
		widths[col] = table->titles[col].width;
	put_rows(table, widths, table->n_shown, 0, to);
	table->bytes.size = table->end_of_titles;
	table->n_cells = 0;
	free(widths);
}

void table_flow_end(struct table *table, struct buffer *to)
{
	if (table->n_shown > 0)
		put_cut(table, table->n_shown, 0, to);
}
