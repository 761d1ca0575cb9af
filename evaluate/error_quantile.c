/* SPDX-License-Identifier: MIT */
#include "error_quantile.h"

#include <math.h>

/* Sums of weights that differ by less, as a share of all, differ by rounding. */
static const double ROUNDING = 1e-12;

double error_key(const struct judged *rows, size_t row, size_t class)
{
	(void)class;
	return fabs(rows->truth[row] - judged_answer(rows, row));
}

/* numpy's: from the nearer end, so that t = 1 gives b exactly. */
static double between(double a, double b, double t)
{
	if (a == b)
		return a;               /* both may be infinite */
	return t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t;
}

/* Where in the order the row of a rank stands, if each counts `times`. */
static size_t place_of_rank(const struct judged *rows, const uint32_t *order, const uint8_t *times, uint64_t rank)
{
	uint64_t n = 0;

	if (!times)
		return rank;
	for (size_t i = 0; i < rows->n_rows; i++) {
		n += times[order[i]];
		if (n > rank)
			return i;
	}
	return rows->n_rows - 1;
}

static double plain_quantile(const struct judged *rows, const uint32_t *order, const uint8_t *times, double p)
{
	uint64_t n = times ? 0 : rows->n_rows;
	double at, below, above;
	uint64_t rank;

	for (size_t row = 0; times && row < rows->n_rows; row++)
		n += times[row];
	if (n == 0)
		return NAN;
	at = p * (double)(n - 1);
	rank = (uint64_t)at;
	below = error_key(rows, order[place_of_rank(rows, order, times, rank)], 0);
	above = error_key(rows, order[place_of_rank(rows, order, times, rank + (rank + 1 < n))], 0);

	return between(below, above, at - (double)rank);
}

static double weighted_quantile(const struct judged *rows, const uint32_t *order, const uint8_t *times, double p, bool middle)
{
	double total = 0, reached = 0, least = NAN;
	double slack;

	for (size_t i = 0; i < rows->n_rows; i++)
		total += judged_weight(rows, times, order[i]);
	slack = ROUNDING * total;

	for (size_t i = 0; i < rows->n_rows; i++) {
		double weight = judged_weight(rows, times, order[i]);

		if (weight == 0)
			continue;
		if (!isnan(least))
			return (least + error_key(rows, order[i], 0)) / 2;
		reached += weight;
		if (reached < p * total - slack)
			continue;
		least = error_key(rows, order[i], 0);
		if (!middle || reached > p * total + slack)
			break;
	}
	return least;
}

double error_quantile(const struct judged *rows, const uint32_t *order, const uint8_t *times, double p, bool middle)
{
	return rows->weight ? weighted_quantile(rows, order, times, p, middle) : plain_quantile(rows, order, times, p);
}
