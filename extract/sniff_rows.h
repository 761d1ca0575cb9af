/* SPDX-License-Identifier: MIT */
/*
 * The rows of a text in one dialect, for the look at its first bytes (sniff.h): of each only the number of cells is kept,
 * and bit maps of what the first 64 cells are. All questions are asked of these.
 */
#ifndef SNIFF_ROWS_H
#define SNIFF_ROWS_H

#include <stdlib.h>

#include "sniff.h"

enum { MOST_KINDS = 64 };

/* What is looked at. whole: there is no more of it. */
struct sniff_text { const char *bytes; size_t size; bool whole; };

/* Which of the first cells are numbers (in quotes: such as 9,443), numbers that are no names (1.5, -3), with a decimal comma, days (2024-05-01, and what
 * may stand behind one), empty, or the same as in the first row; `comma`: another cell without quotes has one; `null`: one is \N, which is nobody's name.
 * words: a delimiter is not between digits; prose: one has a blank, // or \ behind it; hex: all cells are hexadecimal digits, or empty. */
struct look_row { size_t n; uint64_t line, numbers, signs, commas, days, empty, same; bool comment, gap, broken, twice, comma, null, words, prose, hex; size_t n_quoted, n_empty; };

struct look_rows {
	struct look_row *items;
	size_t n, room;
	struct first_cell { const char *bytes; size_t size; } first[MOST_KINDS];        /* of the first row */
	bool stray;                     /* a quote where it means nothing */
	size_t n_quoted;                /* rows with a cell in quotes, but for the first */
	bool comma;                     /* stands in a cell without quotes that is no number */
};

/* Who is shown the cells of rows behind line header_line, but for empty ones and words for missing values: of the row-th that is kept. */
struct look_cells { void (*take)(void *state, size_t row, size_t col, const char *cell, size_t size); void *state; uint64_t header_line; };

/* The rows of the text, read as `as` says; a last one that is cut is left out, though its cells were shown. cells: NULL: nobody is shown any. */
void look_rows_find(struct look_rows *rows, const struct sniff_text *text, const struct settled *as, const struct look_cells *cells);
static inline void look_rows_free(struct look_rows *rows) { free(rows->items); }

#endif
