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

#include "metric.h"

size_t mean_size(size_t n_items);
/* of_row: finite where the row's weight is not 0; NaN: the row does not count. */
void mean_add(double *sums, const struct judged *block, const uint8_t *times, double (*of_row)(const struct judged *rows, size_t row));
double mean_value(const double *sums, size_t n_items, size_t item);
uint64_t mean_rows(const double *sums, size_t n_items, size_t item);    /* that count */

/* In four lanes (value i goes to lane i % 4), which the compiler may take side by side, added in one order. */
double lane_sum(const double *values, size_t n);

#endif
