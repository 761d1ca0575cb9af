/* SPDX-License-Identifier: MIT */
/*
 * Sums of metrics that are the weighted mean of a value of each row: mae, rmse,
 * mape, accuracy, log_loss. Such a metric is its value of a row, and
 *
 *     static void add(double *sums, const struct judged *block, const uint8_t *times) { mean_add(sums, block, times, of_row); }
 *     ... .size = mean_size, .add = add, .value = mean_value
 */
#ifndef MEAN_SUMS_H
#define MEAN_SUMS_H

#include <math.h>

#include "metric.h"
#include "tree.h"

size_t mean_size(size_t n_items);
double mean_value(const double *sums, size_t n_items, size_t item);
uint64_t mean_rows(const double *sums, size_t n_items, size_t item);    /* that count */

/* In four lanes (value i goes to lane i % 4), which the compiler may take side by side, added in one order. */
double lane_sum(const double *values, size_t n);

enum { MEAN_VALUES, MEAN_WEIGHT, MEAN_ROWS, N_MEAN_SUMS };
/* of_row: finite where the row's weight is not 0; NaN: the row does not count. Inline, so that it is no call for each row. */
static inline void mean_add(double *sums, const struct judged *block, const uint8_t *times, double (*of_row)(const struct judged *rows, size_t row))
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
	sums[MEAN_ROWS] += n_rows;
	sums[MEAN_VALUES] += lane_sum(values, n);
	sums[MEAN_WEIGHT] += lane_sum(weights, n);
}

#endif
