/* SPDX-License-Identifier: MIT */
/*
 * One block of kept rows (row_store.h), column by column, and the two products that
 * a pass of a linear model is made of:
 *
 *     kept_block_add      to   += X factors       the scores of its rows
 *     kept_block_dot      sums += X' with         the gradient
 *
 * Rows stand in runs, each a multiple of KEPT_STRETCH rows but for the last: a column
 * that lies in several batches of the stream, as it came, is read where it is. Sums come to
 * the same bits however the rows are cut. Four columns are taken at once: so the rows'
 * sums are read and written for four of them, and what is read comes as four streams.
 */
#ifndef KEPT_BLOCK_H
#define KEPT_BLOCK_H

#include <stddef.h>
#include <stdint.h>

enum { KEPT_STRETCH = 16 };

struct kept_column {
	const double *const *runs;      /* of each run of rows; NULL: `most` (0 or 1) in all rows but those at `places` */
	const double *values;           /* n_rows, where there is one run; else NULL */
	const uint16_t *places;         /* n_places, ascending; there stands 1 - most */
	size_t n_places;
	double most;
};

/* One block, as it is read. */
struct kept_block {
	size_t n_rows, first_row;       /* at most PANEL_ROWS; rows in blocks before it */
	double total;                   /* of the weights */
	const double *y, *weight;       /* n_rows; y NULL: panels had none; weight NULL: all 1 */
	struct kept_column *columns;    /* n_features */
	size_t n_runs;                  /* at least 1 */
	const uint16_t *run_ends;       /* by run: the row behind it */
	double *space;                  /* private, as is the next */
	uint16_t whole;                 /* the end of the only run */
};

void kept_block_free(struct kept_block *block);         /* fine on a zeroed one, and twice */

/* Rows of a block that will be read next: memory is asked for them while others are worked on. */
struct kept_ahead { const struct kept_block *block; size_t first, n; };

/* Both are of rows first .. first + n - 1, r being counted from `first`, a multiple of KEPT_STRETCH. */
/* to[k * PANEL_ROWS + r] += the sum over columns of factors[k * n_columns + col] * column[r], for k < n_sets. */
void kept_block_add(const struct kept_block *block, size_t first, size_t n, size_t n_columns, size_t n_sets, const double *factors, double *to);
/* sums[k * (n_columns + 1) + col] += the sum over rows of column[r] * with[k * PANEL_ROWS + r]; behind the columns that of `with` itself.
 * ahead: of the same columns; NULL: none. */
void kept_block_dot(const struct kept_block *block, size_t first, size_t n, size_t n_columns, size_t n_sets, const double *with,
                    const struct kept_ahead *ahead, double *sums);
/* values[r] of all rows of a column. */
void kept_column_spread(const struct kept_block *block, size_t col, double *values);
/* values[i * step] of rows first .. first + n - 1 of a column: without `less`, and then times scale. */
void kept_column_scaled(const struct kept_block *block, size_t col, size_t first, size_t n, double less, double scale, double *values, size_t step);

#endif
