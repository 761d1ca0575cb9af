/* SPDX-License-Identifier: MIT */
/*
 * Private to lines: the cells of a column as they stand in lines, a few hundred rows
 * at a time: where each text lies, and how long it is. Numbers and times are printed
 * into slots of one width, the entries of a dictionary once for their batch, and
 * a text that needs neither quotes nor escapes is where it is in the column. So the
 * loop that makes lines of them knows no types, and those that print know no other columns.
 */
#ifndef LINE_CELLS_H
#define LINE_CELLS_H

#include "lines.h"
#include "number_marks.h"
#include "timestamp.h"

enum { CELL_SLACK = 32 };
struct cell_text { const char *at; size_t size; };      /* CELL_SLACK bytes from `at` on may be read */

struct line_cells {
	const struct line_style *style;
	const struct field *field;
	const struct column *column;    /* as this batch has it */
	int decimals;                   /* of a real's form */
	struct number_marks marks;      /* of a number's */
	bool first;                     /* of the line */
	bool plain;                     /* all texts of the batch, or all times, stand as they are but for what is at their ends */
	bool cached;                    /* entries are printed */
	size_t n_rows;                  /* at most so many at a time */
	char *slots;
	struct time_printer *times;
	struct cell_text *entries;
	size_t room;                    /* of entries */
	struct buffer cache;            /* their texts */
	struct buffer printed;          /* of texts that are not as in the column, of the rows at hand */
	char *tail;                     /* the last bytes of the column, with slack behind them */
};

/* All is zeroed, style and field last as long. n_rows: the most rows that are asked for at once. */
void line_cells_init(struct line_cells *cells, const struct line_style *style, const struct field *field, bool first, size_t n_rows);
void line_cells_release(struct line_cells *cells);
/* Of a batch with so many rows; the column is read, and there while its rows are printed. */
void line_cells_begin(struct line_cells *cells, const struct column *column, size_t n_rows);
/* Rows row .. row + n - 1, into to[0], to[stride] ...; there until the next call. null: for what is missing. At most how many bytes they are, but
 * for nulls. */
size_t line_cells_print(struct line_cells *cells, size_t row, size_t n, struct cell_text null, struct cell_text *to, size_t stride);

#endif
