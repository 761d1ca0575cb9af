/* SPDX-License-Identifier: MIT */
/* Loops over whole columns that several steps share. Columns come from column_read. */
#ifndef COLUMNS_H
#define COLUMNS_H

#include "arena.h"
#include "batch.h"
#include "tree.h"

/* Word `word` of a bit map over n_rows rows: NULL stands for all rows. */
static inline uint64_t bits_word(const uint64_t *bits, size_t word, size_t n_rows)
{
	size_t left = n_rows - word * 64;

	return (bits ? bits[word] : ~UINT64_C(0)) & (left < 64 ? (UINT64_C(1) << left) - 1 : ~UINT64_C(0));
}
size_t bits_count(const uint64_t *bits, size_t n_rows);

/* int, real or bool as doubles, 0 where missing: the column's own values, or new ones in `scratch`. */
const double *column_reals(struct arena *scratch, const struct column *column, enum type type, size_t n_rows);

/* Whether an int column has a value that doubles do not tell from its neighbours, beyond 2^53, in `rows` (NULL: all). */
bool column_beyond_reals(const struct column *column, const uint64_t *rows, size_t n_rows);

/* The values that are present in `rows` (NULL: all) of the rows first .. first + n - 1, in order, as doubles (of a time:
 * microseconds) into `to` (room for n); how many. */
size_t column_gather(const struct column *column, enum type type, const uint64_t *rows, size_t first, size_t n, double *to);

/* How often rows (NULL: all) show each entry of a text column with a dictionary: into counts, room for n_entries. */
void column_count_entries(const struct column *column, size_t n_rows, const uint64_t *rows, uint32_t *counts);

/* Sums go by blocks of the stream's rows (tree.h): the block of a row of a batch that knows its first_row; how many rows
 * from this one on the batch holds of that block. */
static inline uint64_t block_of(const struct batch *batch, size_t row) { return (batch->first_row + row) / BLOCK_ROWS; }
static inline size_t block_rest(const struct batch *batch, size_t row)
{
	size_t rest = BLOCK_ROWS - (size_t)((batch->first_row + row) % BLOCK_ROWS), left = batch->n_rows - row;

	return rest < left ? rest : left;
}

/* Columns `kept`, each at most once, become the whole batch, in that order. */
void batch_arrange(struct batch *batch, const size_t *kept, size_t n);

#endif
