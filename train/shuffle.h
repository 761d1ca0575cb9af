/* SPDX-License-Identifier: MIT */
/*
 * The rows of a matrix in a random order, a batch at a time. Where the matrix is in
 * memory they are taken by their numbers; where it is in a file, the next stretch of
 * the order is gathered in one pass over it, as much as memory holds. The order is the
 * same either way: it hangs on the number of rows and the seed.
 *
 *     shuffle_new -> (shuffle_start -> shuffle_rows, from the first batch to the last)... -> shuffle_free
 *
 * Memory: 8 bytes a row, in a file 4 and the stretch.
 */
#ifndef SHUFFLE_H
#define SHUFFLE_H

#include "matrix.h"

enum { SHUFFLE_ROW = 8 };       /* bytes that a row of a matrix in memory costs besides */

struct shuffle {
	const struct matrix *matrix;
	size_t batch;
	uint32_t *place;                /* by row: its place in the order */
	uint32_t *order;                /* by place: the row; NULL: the matrix is in a file */
	struct matrix stretch;          /* of the order, from `first` on */
	size_t first;
	float *space;                   /* a piece */
};

/* The matrix is filled, and outlives it. batch: rows of all shuffle_rows but the last. -1: too many rows for their numbers. */
int shuffle_new(struct shuffle *shuffle, const struct matrix *matrix, size_t batch, uint64_t memory, struct error *err) MUST_CHECK;
void shuffle_start(struct shuffle *shuffle, uint32_t seed);
/* The n rows from place `first` on: rows (*order)[*at], (*order)[*at + 1], … of *matrix, or, where *order is NULL, *at, *at + 1, ….
 * -1: not read. */
int shuffle_rows(struct shuffle *shuffle, size_t first, size_t n, const struct matrix **matrix, const uint32_t **order, size_t *at,
                 struct error *err) MUST_CHECK;
void shuffle_free(struct shuffle *shuffle);     /* fine on a zeroed one, and twice */

#endif
