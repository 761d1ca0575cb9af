/* SPDX-License-Identifier: MIT */
#include "mean_sums.h"

#include <math.h>

#include "tree.h"

enum { VALUES, WEIGHT, ROWS, N_SUMS };
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
	return N_SUMS;
}

void mean_add(double *sums, const struct judged *block, const uint8_t *times, double (*of_row)(const struct judged *rows, size_t row))
{
	double values[BLOCK_ROWS], weights[BLOCK_ROWS], n_rows = 0;
	size_t n = 0;

	for (size_t row = 0; row < block->n_rows; row++) {
		double weight = judged_weight(block, times, row), value = of_row(block, row);

		if (isnan(value))
			continue;
		n_rows += times ? times[row] : 1;
		if (weight > 0) {
			values[n] = weight * value;
			weights[n++] = weight;
		}
	}
	sums[ROWS] += n_rows;
	sums[VALUES] += lane_sum(values, n);
	sums[WEIGHT] += lane_sum(weights, n);
}

double mean_value(const double *sums, size_t n_items, size_t item)
{
	(void)n_items;
	(void)item;
	return sums[WEIGHT] > 0 && isfinite(sums[WEIGHT]) ? sums[VALUES] / sums[WEIGHT] : NAN;
}

uint64_t mean_rows(const double *sums, size_t n_items, size_t item)
{
	(void)n_items;
	(void)item;
	return (uint64_t)sums[ROWS];
}
