/* SPDX-License-Identifier: MIT */
#include "error_quantile.h"

#include <math.h>

/* Sums of weights that differ by less, as a share of all, differ by rounding. */
static const double ROUNDING = 1e-12;

double error_key(const struct judged *rows, size_t row, size_t item)
{
	(void)item;
	return fabs(rows->truth[row] - judged_answer(rows, row));
}

/* numpy's: from the nearer end, so that t = 1 gives b exactly. */
static double between(double a, double b, double t)
{
	if (a == b)
		return a;               /* both may be infinite */
	return t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t;
}

/* Of n rows in order, each as often as `times` says, the errors of the rank and of the one behind it, if there is one. */
static void errors_at(const struct judged *rows, const uint32_t *order, const uint8_t *times, uint64_t rank, uint64_t n, double *errors)
{
	uint64_t passed = 0, next = rank + (rank + 1 < n);
	size_t i = 0;

	if (!times) {
		errors[0] = error_key(rows, order[rank], OVERALL);
		errors[1] = error_key(rows, order[next], OVERALL);
		return;
	}
	while ((passed += times[order[i]]) <= rank)
		i++;
	errors[0] = error_key(rows, order[i], OVERALL);
	while (passed <= next)
		passed += times[order[++i]];
	errors[1] = error_key(rows, order[i], OVERALL);
}

static double plain_quantile(const struct judged *rows, const uint32_t *order, const struct drawn *drawn, double p)
{
	double at = p * (drawn->rows - 1), errors[2];
	uint64_t rank;

	if (drawn->rows == 0)
		return NAN;
	rank = (uint64_t)at;
	errors_at(rows, order, drawn->times, rank, (uint64_t)drawn->rows, errors);
	return between(errors[0], errors[1], at - (double)rank);
}

static double weighted_quantile(const struct judged *rows, const uint32_t *order, const struct drawn *drawn, double p, bool middle)
{
	double bound = p * drawn->weight, slack = ROUNDING * drawn->weight, reached = 0, least = NAN;

	for (size_t i = 0; i < rows->n_rows; i++) {
		double weight = judged_weight(rows, drawn->times, order[i]);

		if (weight == 0)
			continue;
		if (!isnan(least))
			return (least + error_key(rows, order[i], OVERALL)) / 2;
		reached += weight;
		if (reached < bound - slack)
			continue;
		least = error_key(rows, order[i], OVERALL);
		if (!middle || reached > bound + slack)
			break;
	}
	return least;
}

double error_quantile(const struct judged *rows, const uint32_t *order, const struct drawn *drawn, double p, bool middle)
{
	return rows->weight ? weighted_quantile(rows, order, drawn, p, middle) : plain_quantile(rows, order, drawn, p);
}
