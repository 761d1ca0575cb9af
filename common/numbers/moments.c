/* SPDX-License-Identifier: MIT */
/*
 * A full block is summed in four lanes (element i goes to lane i % 4), which the
 * compiler may compute side by side and which are added in one fixed order.
 */
#include "moments.h"

#include <math.h>
#include <string.h>

enum { LANES = 4 };

static double sum(const double *x, size_t n)
{
	double lane[LANES] = { 0 };
	for (size_t i = 0; i < n; i++)
		lane[i % LANES] += x[i];
	return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

static double sum_of_squares(const double *x, size_t n, double mean)
{
	double lane[LANES] = { 0 };
	for (size_t i = 0; i < n; i++)
		lane[i % LANES] += (x[i] - mean) * (x[i] - mean);
	return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

void moments_add(struct moments *moments, double value)
{
	if (moments->n + moments->n_open == 0)
		moments->min = moments->max = value;
	moments->min = value < moments->min ? value : moments->min;
	moments->max = value > moments->max ? value : moments->max;
	moments->open[moments->n_open++] = value;
	if (moments->n_open == MOMENT_BLOCK)
		moments_close(moments);
}

void moments_add_all(struct moments *moments, const double *values, size_t n)
{
	double min, max;

	if (n == 0)
		return;
	min = max = values[0];
	for (size_t i = 0; i < n; i++) {
		min = values[i] < min ? values[i] : min;
		max = values[i] > max ? values[i] : max;
	}
	if (moments->n + moments->n_open > 0) {
		min = moments->min < min ? moments->min : min;
		max = moments->max > max ? moments->max : max;
	}
	moments->min = min;
	moments->max = max;
	while (n > 0) {
		size_t room = MOMENT_BLOCK - moments->n_open, some = n < room ? n : room;

		memcpy(moments->open + moments->n_open, values, some * sizeof *values);
		moments->n_open += some;
		values += some;
		n -= some;
		if (moments->n_open == MOMENT_BLOCK)
			moments_close(moments);
	}
}

void moments_close(struct moments *moments)
{
	if (moments->n_open == 0)
		return;
	double n = (double)moments->n, n_block = (double)moments->n_open;
	double mean = sum(moments->open, moments->n_open) / n_block;
	double m2 = sum_of_squares(moments->open, moments->n_open, mean);
	double step = mean - moments->mean, share = n_block / (n + n_block);
	moments->mean += step * share;
	moments->m2 += m2 + step * step * n * share;
	moments->n += moments->n_open;
	moments->n_open = 0;
}

double moments_deviation(const struct moments *moments, int ddof)
{
	double free = (double)moments->n - ddof;
	return free > 0 ? sqrt(moments->m2 / free) : 0;
}
