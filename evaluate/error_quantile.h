/* SPDX-License-Identifier: MIT */
/* Quantiles of the absolute error, exact, in one walk along its order: median_error, p90_error. */
#ifndef ERROR_QUANTILE_H
#define ERROR_QUANTILE_H

#include "metric.h"

enum { ERROR_QUANTILE_SIZE = 4 };       /* of the walk's state */

/* The absolute error: a metric_kind's key. */
double error_key(const struct judged *rows, size_t row, size_t item);
/*
 * The error that the share p of the rows stays within.
 *
 * Without weights, of n rows: at position p * (n - 1), between neighbours linearly (numpy's "linear"). With weights, which need not be
 * whole numbers: the least error that p of the weight reaches (inverse of the distribution; numpy's "inverted_cdf"); with `middle`,
 * where exactly p of it does, the middle between that error and the next (scikit-learn's median_absolute_error). For
 * the median both are the same where all weights are equal.
 */
void error_quantile_walk(double *state, const struct ranked *rows, const struct walk_of *of, double p, bool middle);
double error_quantile(const double *state, const struct walk_of *of, double p);

/* What their struct metric_kind has in common. */
#define ERROR_QUANTILE_METRIC .tasks = OF_NUMBERS, .better = BETTER_LOW, .unit = UNIT_TARGET, .overall = true, .key = error_key, \
	.walk_size = ERROR_QUANTILE_SIZE

#endif
