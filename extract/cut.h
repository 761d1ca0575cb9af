/* SPDX-License-Identifier: MIT */
/*
 * Pieces of a text between rows, so that each can be split (cells.h) by whoever has time. Where a row ends
 * that begins before some byte is told by the parity of quotes alone, which is all that has to be done in order: if
 * the rows up to there are clean, that is where the last of them ends. Whether they are is seen when they are split; if
 * they are not, the piece is given back (input_return) and its rows come one by one.
 */
#ifndef CUT_H
#define CUT_H

#include "input.h"

struct cells;

struct cut {
	/* What the text is: set by the format that cuts it. */
	size_t n_empty;                 /* of the columns, as cells_demand_empty has them */
	size_t n_columns;               /* this and the next two as cells_split has them */
	unsigned char delimiter;
	int quote, comment;
	/* How many of so many bytes come before the first that makes a row odd beyond that; NULL: none does. */
	size_t (*clean)(const struct cut *cut, const char *bytes, size_t size);
	bool escapes, quotes;           /* what that is told: backslashes may mean something, a quote at the beginning of a cell is remarked on */
	/* The piece: set by cut_rows. */
	struct input_part part;
	uint64_t line, n_lines;         /* where it begins, and how many line feeds it has */
};

/*
 * Takes the rows that begin within the next `upto` bytes (1 or more), a row being at an end where a line feed stands outside of quotes. False, and
 * nothing is taken: the input ends before that, or fails, or is one that can't rewind and does not come within 2 ms.
 */
bool cut_rows(struct input *input, size_t upto, struct cut *cut);
/* The rows that come next as a block, split at once: what `cells` of a row_format (row.h) does. */
void cut_cells(struct input *input, const struct cut *cut, struct cells *cells, size_t most, size_t upto, bool wait);

#endif
