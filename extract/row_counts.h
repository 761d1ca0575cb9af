/* SPDX-License-Identifier: MIT */
/*
 * Columns without a name that count the rows, as pandas writes its index: an int in
 * every row, one more than in the row before, from any first number on. Counted are the
 * rows of a file, of all files, or those that stay where bad ones are left out. One row
 * counts if it is 0 or 1.
 */
#ifndef ROW_COUNTS_H
#define ROW_COUNTS_H

#include "row.h"
#include "slots.h"

enum { COUNTED_ROWS = 3 };      /* ways of counting */

struct row_counts {
	struct row_count {
		size_t cell;
		bool may[COUNTED_ROWS];                 /* the column still is the number of the row, counted so, and a constant: */
		int64_t first[COUNTED_ROWS];
	} *items;
	size_t n;
	uint64_t n_rows;                /* that were shown */
};

/* At the start of a pass over all rows; also again. */
void row_counts_begin(struct row_counts *counts, const struct columns *columns);
/* A row that stays, with all its cells. */
void row_counts_add(struct row_counts *counts, const struct row *row);
/* Rows of a block, n from cells->at on. */
void row_counts_add_cells(struct row_counts *counts, const struct cells *cells, size_t n);
/* Of the same columns: rows that come behind, which were shown as those of a file's beginning; the first is row in_file of its file, and `number` of all. */
void row_counts_merge(struct row_counts *counts, const struct row_counts *later, uint64_t in_file, uint64_t number);
/* Again from no row on, of the same columns as others. */
void row_counts_begin_as(struct row_counts *counts, const struct row_counts *from);
/* A column without a name that counts the rows tells them apart, and nothing else: its role is id. */
void row_counts_find_ids(const struct row_counts *counts, struct slots *slots);
void row_counts_release(struct row_counts *counts);

#endif
