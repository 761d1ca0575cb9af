/* SPDX-License-Identifier: MIT */
/* Quantiles of the absolute error: median_error, p90_error. */
#ifndef ERROR_QUANTILE_H
#define ERROR_QUANTILE_H

#include "metric.h"

/* The absolute error: a metric_kind's key. */
double error_key(const struct judged *rows, size_t row, size_t item);
/*
 * The error that the share p of the rows stays within, exact, in one walk along the order, by error_key.
 *
 * Without weights, of n rows: at position p * (n - 1), between neighbours linearly (numpy's "linear"). With weights, which need not be
 * whole numbers: the least error that p of the weight reaches (inverse of the distribution; numpy's "inverted_cdf"); with `middle`,
 * where exactly p of it does, the middle between that error and the next (scikit-learn's median_absolute_error). For
 * the median both are the same where all weights are equal.
 */
double error_quantile(const struct judged *rows, const uint32_t *order, const struct drawn *drawn, double p, bool middle);

#endif
