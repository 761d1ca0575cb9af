/* SPDX-License-Identifier: MIT */
/*
 * A column of a block (cells.h) as runs of cells that are plain: nothing there, or one of the usual words for a missing
 * value; or numbers, times and bools as nearly all are written, perhaps in quotes. Their values are what cell_fits says
 * of each in turn. A run ends before the first cell that is not so, which is left to who asks.
 *
 *     struct plain plain = plain_column(cells, col, words, NUMBER_MARKS_PLAIN);
 *     n = plain_times(&plain, row, n_rows, &reader, times, &run);    at most PLAIN_ROWS at once
 *
 * Cells are read in words: up to INPUT_SLACK bytes behind them may be looked at.
 */
#ifndef PLAIN_CELLS_H
#define PLAIN_CELLS_H

#include "cells.h"
#include "cpu.h"
#include "missing_words.h"
#include "number_marks.h"
#include "time_reader.h"

enum { PLAIN_ROWS = 256 };

/* A column, and what its cells may be. */
struct plain {
	const char *bytes;
	const uint32_t *ends, *begins;  /* of row 0's cell: the byte behind it, and where it begins, or the one before that */
	size_t end_step, begin_step;    /* from row to row */
	uint32_t after;                 /* cells begin so far behind `begins` */
	int quote;                      /* around them, or NO_QUOTE */
	bool strips;                    /* what stands in quotes is plain, too */
	enum missing_words words;
	bool marked;                    /* numbers with marks: those without groups are plain, */
	char point;                     /* with this one between digits */
	enum cpu_lanes lanes;           /* what the processor has; may be set lower: numbers are the same, more slowly */
	uint64_t null_firsts, null_sizes;       /* a bit each, of the words that --null makes null: first bytes and sizes, cut to 6 bits */
};
struct plain plain_column(const struct cells *cells, size_t col, enum missing_words words, struct number_marks marks);

/* What a run had beside values. */
struct plain_run {
	size_t n_missing;
	uint16_t missing[PLAIN_ROWS];           /* which rows of it, those with words too */
	uint32_t n_words, words[N_MISSING_WORDS];
	size_t n_beyond;                        /* ints that doubles do not tell from their neighbours */
	bool trailing;                          /* a time does not print back (time_reader.h) */
};

/* Sizes that no plain cell has. */
enum { PLAIN_EMPTY = 0x7ffffffe /* quotes around nothing */, PLAIN_NOT = 0x7fffffff };

/* A cell without its quotes. *size 0: there is none. */
static inline const char *plain_find(const struct plain *plain, size_t row, size_t *size)
{
	uint32_t begin = plain->begins[row * plain->begin_step] + plain->after, n = plain->ends[row * plain->end_step] - begin;
	const char *at = plain->bytes + begin;

	if ((unsigned char)*at == plain->quote && n > 0) {
		at++;
		n = !plain->strips ? PLAIN_NOT : n == 2 ? PLAIN_EMPTY : n - 2;
	}
	if (plain->null_sizes && n > 0 && (plain->null_sizes >> (n < 63 ? n : 63) & 1) && (plain->null_firsts >> ((unsigned char)*at & 63) & 1))
		n = PLAIN_NOT;
	*size = n;
	return at;
}

void plain_run_begin(struct plain_run *run);     /* for who reads one: nothing was so far */
/* Whether a cell that is no value, as plain_find gives it, is a word for a missing one: then it is counted. */
bool plain_take_word(const struct plain *plain, const char *at, size_t size, struct plain_run *run);

/* Rows from `from` on, n (at most PLAIN_ROWS) or as many as are plain, to to[0 ..]. `run` is set anew; values of its missing rows mean nothing. */
/* to: NULL if only how many is asked, which is quicker. */
size_t plain_times(const struct plain *plain, size_t from, size_t n, struct time_reader *reader, int64_t *to, struct plain_run *run);
/* In the words of a bool's form. */
size_t plain_bools(const struct plain *plain, size_t from, size_t n, const char *form, uint8_t *to, struct plain_run *run);
/* How many rows are no value of any type but text, not even without blanks at their ends. */
size_t plain_texts(const struct plain *plain, size_t from, size_t n, struct plain_run *run);

#endif
