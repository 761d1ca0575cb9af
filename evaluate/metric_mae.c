/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "mean_sums.h"

static double error(const struct judged *rows, size_t row)
{
	return fabs(rows->truth[row] - judged_answer(rows, row));
}

static void add(double *sums, const struct judged *block, const uint8_t *times)
{
	mean_add(sums, block, times, error);
}

const struct metric_kind metric_mae = {
	.name = "mae",
	.title = "mean absolute error",
	.help = "mean of |truth - prediction|",
	.tasks = OF_NUMBERS,
	.better = BETTER_LOW,
	.unit = UNIT_TARGET,
	.overall = true,
	.size = mean_size,
	.add = add,
	.value = mean_value,
};
