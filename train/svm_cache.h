/* SPDX-License-Identifier: MIT */
/*
 * The kernel's matrix over some rows, as far as it was asked for and there is room: rows
 * of floats, the one that was asked for longest ago making way (Chang and Lin, LIBSVM: A
 * Library for Support Vector Machines, 2011, section 5.3). Floats, as LIBSVM keeps them:
 * half of the memory and of its traffic, and what is solved is as near to the problem as
 * its rows are known; K is reckoned in double (svm_kernel.h) and rounded once.
 *
 *     svm_cache_new -> svm_cache_fill, or not -> svm_cache_row... -> svm_cache_free
 *
 * A cache hangs on rows and kernel alone, not on what is solved over them: solutions for
 * other C, nu, epsilon or targets of the same rows may borrow one, one after the other, or,
 * once it is filled, side by side.
 */
#ifndef SVM_CACHE_H
#define SVM_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "svm_kernel.h"
#include "workers.h"

struct svm_range { size_t first, end; };        /* rows first .. end - 1 */

struct svm_cache {
	const struct svm_kernel *kernel;
	const struct svm_rows *rows;
	struct svm_range ranges[2];
	size_t n_ranges;
	size_t width;                   /* floats of a row */
	/* private */
	size_t n_rows, n_slots, n_used;
	float *data;                    /* n_slots x width */
	uint32_t *slots;                /* by row of the ranges: where it lies, or NO_SLOT */
	uint32_t *held, *newer, *older; /* by slot: the row of the ranges; its neighbours by age */
	uint32_t newest, oldest;
	struct svm_point point;
	double *x, *values;
	bool filled;
	bool (*stopped)(void *state);
	void *state;
};

/* Rows and kernel are borrowed. ranges: 1 or 2, ascending, without a row in common; they are the cache's rows and columns. memory: bytes for
 * rows; at least four are kept. */
struct svm_cache *svm_cache_new(const struct svm_kernel *kernel, const struct svm_rows *rows, const struct svm_range *ranges, size_t n_ranges, uint64_t memory);
void svm_cache_free(struct svm_cache *cache);           /* NULL is fine */
/* Bytes of all rows: what a cache must be given to be filled, and never to make way. */
uint64_t svm_cache_memory(const struct svm_range *ranges, size_t n_ranges);
/* All rows at once, each pair of rows once; there is room for all, and one range, from row 0 on. stopped(state): asked now and then, from any thread; true: the cache is of
 * no use. false: it was stopped, or a value is no float. From then on svm_cache_row may be called from any thread. */
bool svm_cache_fill(struct svm_cache *cache, struct workers *workers, bool (*stopped)(void *state), void *state);
/* Where a row stands among the columns. */
size_t svm_cache_column(const struct svm_cache *cache, size_t row);
/* K(row, .) by column; it stays there while three others are asked for. NULL: a value is too large for a float, or none. */
const float *svm_cache_row(struct svm_cache *cache, size_t row);

#endif
