/* SPDX-License-Identifier: MIT */
/*
 * A block of rows as positions, before anybody knows their types: where each cell
 * ends, and nothing copied. Only rows that are clean are in it: each has exactly the
 * columns' cells; a cell has quotes around it from delimiter to delimiter, with those within
 * doubled, or none at all; a line ends in LF or CRLF. Where a row is not clean, or not
 * there as a whole, the block ends before it, and the format's `next` has it.
 *
 *     bytes   a,"b ""c"" d",\n,2,3\r\n
 *     ends     ^           ^^ ^ ^ ^       n_rows x n_columns: the byte behind each cell and its quotes
 *     begins  ^               ^       ^   n_rows + 1: of rows
 */
#ifndef CELLS_H
#define CELLS_H

#include "buffer.h"
#include "names.h"
#include "row.h"

enum { CELLS_BYTES = 128 * 1024 };      /* that a block is made of, where there are so many: they stay in the cache */

struct cells {
	const char *bytes;              /* of the input: there until the reader is asked for something. INPUT_SLACK bytes behind them may be read */
	size_t size;                    /* of the rows */
	size_t n_rows, n_columns;
	size_t at;                      /* rows before this one were taken: for whoever takes them */
	uint32_t *ends, *begins;
	uint32_t *lines;                /* of the block, before each row; n_rows + 1 */
	int quote;                      /* that cells may have around them; NO_QUOTE: there is none in the block */
	bool ascii;                     /* no byte of the rows is 0x80 or more */
	uint64_t line;                  /* where the first row begins */
	const char *file;               /* this and the next three by files_cells */
	uint64_t in_file, number;       /* of the first row, as in struct row */
	const struct names *nulls;      /* words that --null makes null; NULL: none */
	size_t ends_room, rows_room;
	struct row row;                 /* of cells_row, and its texts */
	struct buffer text;
};
#define CELLS_INIT { .text = BUFFER_INIT }

/*
 * Rows of n_columns (1 or more) cells from `bytes` on, at most `most`; all that they are but line, file, in_file, number and nulls is set, and `at` is 0.
 * quote: or NO_QUOTE. comment: a row that begins with it is none, or NO_COMMENT. Up to INPUT_SLACK bytes behind `size` are read, and don't matter.
 */
void cells_split(struct cells *cells, const char *bytes, size_t size, size_t n_columns, size_t most, unsigned char delimiter, int quote,
                 int comment);
/* The last n_empty columns are none of the file's: rows end before the first that has something in one of them. */
void cells_demand_empty(struct cells *cells, size_t n_empty);
void cells_clear(struct cells *cells);          /* no rows */
void cells_release(struct cells *cells);

/* Where a cell stands with its quotes, and how long it is. */
static inline const char *cells_find(const struct cells *cells, size_t row, size_t col, size_t *size)
{
	const uint32_t *end = cells->ends + row * cells->n_columns + col;
	uint32_t begin = col ? end[-1] + 1 : cells->begins[row];

	*size = *end - begin;
	return cells->bytes + begin;
}

/* A cell of so many bytes that has quotes, or may be one of `nulls`. Doubled quotes are taken out behind what `text` holds. */
struct cell cells_quoted(const struct cells *cells, const char *at, size_t size, struct buffer *text);

/* One cell, as `next` would give it. `text` is cleared before: the cell's text may lie there. */
static inline struct cell cells_cell(const struct cells *cells, size_t row, size_t col, struct buffer *text)
{
	size_t size;
	const char *at = cells_find(cells, row, col, &size);

	if (size > 0 && ((unsigned char)*at == cells->quote || cells->nulls)) {
		buffer_clear(text);
		return cells_quoted(cells, at, size, text);
	}
	return (struct cell){ .kind = size ? CELL_TEXT : CELL_NULL, .size = (uint32_t)size, .as.text = at };
}

/* A row as `next` would give it; it stays until the next call. */
struct row *cells_row(struct cells *cells, size_t row);

#endif
