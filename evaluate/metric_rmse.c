/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "mean_sums.h"

static double square(const struct judged *rows, size_t row)
{
	double error = rows->truth[row] - judged_answer(rows, row);

	return error * error;
}

static void add(double *sums, const struct judged *block, const uint8_t *times)
{
	mean_add(sums, block, times, square);
}

static double value(const double *sums, size_t n_items, size_t item)
{
	return sqrt(mean_value(sums, n_items, item));
}

const struct metric_kind metric_rmse = {
	.name = "rmse",
	.title = "root mean squared error",
	.help = "square root of the mean of (truth - prediction)^2",
	.tasks = OF_NUMBERS,
	.better = BETTER_LOW,
	.unit = UNIT_TARGET,
	.headline = true,
	.overall = true,
	.size = mean_size,
	.add = add,
	.value = value,
};
