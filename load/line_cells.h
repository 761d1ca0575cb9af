/* SPDX-License-Identifier: MIT */
/*
 * Private to lines: the cells of a column as they stand in lines, some rows at a time:
 * where each text lies, and how long it is. Numbers (number_cells.h) and times are
 * printed once or into slots of one width, the entries of a dictionary once for their
 * batch, and a text that needs neither quotes nor escapes is where it is in the
 * column. So the loop that makes lines of them knows no types, and those that print
 * know no other columns.
 */
#ifndef LINE_CELLS_H
#define LINE_CELLS_H

#include "cell_text.h"
#include "lines.h"
#include "number_cells.h"
#include "timestamp.h"

struct line_cells {
	const struct line_style *style;
	const struct field *field;
	const struct column *column;    /* as this batch has it */
	bool first;                     /* of the line */
	bool plain;                     /* all times stand as they are */
	bool cached;                    /* entries are printed */
	size_t n_rows;                  /* at most so many at a time */
	size_t sizes;                   /* of the texts of the rows at hand, put together with | */
	struct number_cells numbers;
	char *slots;                    /* of times */
	struct time_printer *times;
	struct cell_text *entries;
	size_t room;                    /* of entries */
	struct buffer cache;            /* their texts */
	struct buffer printed;          /* of texts that are not as in the column, of the rows at hand */
	struct buffer tail;             /* the last texts of the column, with slack behind them, */
	size_t tail_begin;              /* from here on */
};

/* All is zeroed, style, field and known last as long. n_rows: the most rows that are asked for at once. */
void line_cells_init(struct line_cells *cells, const struct line_style *style, const struct field *field, bool first, size_t n_rows, struct known_numbers *known);
void line_cells_release(struct line_cells *cells);
/* Of a batch with so many rows; the column is read, and there while its rows are printed. */
void line_cells_begin(struct line_cells *cells, const struct column *column, size_t n_rows);
/* Rows row .. row + n - 1, into to[0], to[stride] ...; there until the next call. null: for what is missing. At most how many bytes they are, but
 * for nulls. */
size_t line_cells_print(struct line_cells *cells, size_t row, size_t n, struct cell_text null, struct cell_text *to, size_t stride);

#endif
