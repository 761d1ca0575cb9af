/* SPDX-License-Identifier: MIT */
#include "mean_sums.h"

#include <math.h>

enum { LANES = 4 };

double lane_sum(const double *values, size_t n)
{
	double sum[LANES] = { 0 };
	size_t full = n - n % LANES;

	for (size_t i = 0; i < full; i += LANES)
		for (size_t k = 0; k < LANES; k++)
			sum[k] += values[i + k];
	for (size_t k = 0; full + k < n; k++)
		sum[k] += values[full + k];
	return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

size_t mean_size(size_t n_items)
{
	(void)n_items;
	return N_MEAN_SUMS;
}

double mean_value(const double *sums, size_t n_items, size_t item)
{
	(void)n_items;
	(void)item;
	return sums[MEAN_WEIGHT] > 0 && isfinite(sums[MEAN_WEIGHT]) ? sums[MEAN_VALUES] / sums[MEAN_WEIGHT] : NAN;
}

uint64_t mean_rows(const double *sums, size_t n_items, size_t item)
{
	(void)n_items;
	(void)item;
	return (uint64_t)sums[MEAN_ROWS];
}
