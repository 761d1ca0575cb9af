/* SPDX-License-Identifier: MIT */
/*
 * Mean and squared deviations, the same bits for any batch size: values are
 * gathered into blocks of 1,024 in order of arrival, each block is summed by
 * itself (two passes) and merged behind those before it (Chan, Golub, LeVeque
 * 1983).
 */
#ifndef MOMENTS_H
#define MOMENTS_H

#include <stddef.h>
#include <stdint.h>

enum { MOMENT_BLOCK = 1024 };

struct moments {
	uint64_t n;
	double mean, m2;                /* sum of squared deviations from the mean; of the blocks merged so far */
	double min, max;                /* 0 while n + n_open is 0 */
	size_t n_open;
	double open[MOMENT_BLOCK];      /* the block being filled */
};
void moments_add(struct moments *moments, double value);        /* start from a zeroed struct */
void moments_add_all(struct moments *moments, const double *values, size_t n);  /* the same for each of n, at once */
void moments_close(struct moments *moments);                    /* merges the open block: before reading n, mean, m2 */
double moments_deviation(const struct moments *moments, int ddof);      /* sqrt(m2 / (n - ddof)); 0 if n <= ddof */

#endif
