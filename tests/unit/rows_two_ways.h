/* SPDX-License-Identifier: MIT */
/* The rows of a CSV in memory as text, with or without blocks (extract/cells.h): what is the same both ways is right if one of them is. */
#ifndef ROWS_TWO_WAYS_H
#define ROWS_TWO_WAYS_H

#include "cells.h"
#include "column_names.h"
#include "memory_feed.h"
#include "source_csv.h"

static inline void print_whole_row(const struct row *row, struct buffer *to)
{
	buffer_format(to, "%d:%d", (int)row->line, (int)row->n_cells);
	for (size_t i = 0; i < row->n_cells && i < row->room; i++) {
		const struct cell *cell = &row->cells[i];

		buffer_add_text(to, cell->kind == CELL_NULL ? "|null" : "|");
		if (cell->kind != CELL_NULL)
			buffer_add(to, cell->as.text, cell->size);
	}
	buffer_format(to, "%s%s%s (%d bytes)\n", row->broken ? row->broken : "", row->behind_gap ? " gap" : "", row->ascii ? "" : " high", (int)row->raw_size);
}

/* Reads have at most `most` bytes, blocks at most `block` rows; 0: there are no blocks. fails: reading does, at the end. Gives how many rows came in blocks. */
static inline size_t print_rows(const char *bytes, size_t size, size_t most, size_t block, bool fails, const struct csv_config *config, struct buffer *to)
{
	struct memory_feed memory = { .bytes = bytes, .size = size, .most = most, .fails = fails };
	struct feed feed = memory_feed(&memory, true, false);
	struct cells cells = CELLS_INIT;
	struct input input;
	struct columns columns = { .named = false };
	struct error err = ERROR_INIT;
	struct row *row = NULL;
	void *reader = NULL;
	size_t n = 0;

	input_init(&input, "a.csv", &feed, NULL);
	input.keep = true;
	if (csv_rows.open(&reader, &input, &columns, config, &err) < 0 || csv_rows.start(reader, &err) < 0)
		goto out;
	input.keep = false;
	do {
		if (block > 0)
			csv_rows.cells(reader, &cells, block, SIZE_MAX, true);
		for (size_t i = 0; i < cells.n_rows; i++)
			print_whole_row(cells_row(&cells, i), to);
		n += cells.n_rows;
		if (cells.n_rows == 0 && csv_rows.next(reader, &row, &err) < 0)
			goto out;
		if (cells.n_rows == 0 && row)
			print_whole_row(row, to);
	} while (cells.n_rows > 0 || row);
out:
	if (err.code)
		buffer_format(to, "%s\n", err.message);
	csv_rows.close(reader);
	cells_release(&cells);
	input_release(&input);
	columns_release(&columns);
	return n;
}

#endif
