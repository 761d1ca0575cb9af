/* SPDX-License-Identifier: MIT */
/*
 * Count, mean, squared deviations, smallest and largest of the values of a stream.
 * The values of each block of rows (tree.h) are summed by themselves, and blocks are
 * merged as a tree (Chan, Golub, LeVeque 1983: Algorithms for computing the sample
 * variance). So the same bits come out whatever the batches, threads or machines, as
 * long as rows are divided between blocks.
 *
 * An unfinished block keeps sums and no values, so that thousands of columns may have
 * one each. Its deviations are summed from its first value: of n values these sums are
 * at most n + 1 times what is left when the mean's distance from there is taken off, so
 * no more than that factor is lost of their bits, wherever the values lie.
 *
 *     moment_sum_init -> (moment_sum_add | moment_sum_merge)... -> moment_sum_finish -> moment_sum_release
 *
 * Whoever adds says which block a value's row lies in: row / BLOCK_ROWS, where
 * `row` numbers all rows of the stream, also those without a value.
 */
#ifndef MOMENTS_H
#define MOMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pack.h"
#include "tree.h"

/* Of one block, or of several. No missing values: they are not counted. */
struct moments {
	uint64_t n;
	double mean, m2;                /* sum of squared deviations from the mean */
	double min, max;                /* all 0 while n is 0 */
};
double moments_deviation(const struct moments *moments, int ddof);      /* sqrt(m2 / (n - ddof)); 0 if n <= ddof */
struct moments moments_of_rows(const double *values, size_t n);         /* a whole stream, of which each row has a value */

enum { MOMENT_LANES = 4 };              /* value i of a block goes to lane i % 4 */
struct moment_leaf {
	size_t n;
	double first;                   /* value; deviations are from it */
	double sum[MOMENT_LANES], steps[MOMENT_LANES], squares[MOMENT_LANES];           /* of values, deviations and their squares */
	double min[MOMENT_LANES], max[MOMENT_LANES];
};

struct moment_sum {
	struct tree tree;               /* of struct moments */
	uint64_t block;                 /* the open leaf's */
	struct moment_leaf open;
};
void moment_sum_init(struct moment_sum *sum);
void moment_sum_release(struct moment_sum *sum);
/* n finite values of rows of `block`, n <= BLOCK_ROWS. A block may come in pieces, one after the other; it ends when another comes. */
void moment_sum_add(struct moment_sum *sum, uint64_t block, const double *values, size_t n);
/* The same for the rows first_row .. first_row + n - 1, of which each has a value; any number. */
void moment_sum_add_rows(struct moment_sum *sum, uint64_t first_row, const double *values, size_t n);
/* What `from` holds; it is empty then. */
void moment_sum_merge(struct moment_sum *to, struct moment_sum *from);
struct moments moment_sum_finish(struct moment_sum *sum);       /* of all; n is 0 if there were none */
/* On its way to another machine: one msgpack value. The open block ends there. */
void moment_sum_pack(const struct moment_sum *sum, struct buffer *to);
bool moment_sum_unpack(struct moment_sum *sum, object from);    /* into an empty one; false: broken */

#endif
