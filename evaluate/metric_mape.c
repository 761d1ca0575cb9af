/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "mean_sums.h"

static double relative(const struct judged *rows, size_t row)
{
	double truth = rows->truth[row];

	return truth != 0 ? fabs(truth - judged_answer(rows, row)) / fabs(truth) : NAN;
}

static void add(double *sums, const struct judged *block, const uint8_t *times)
{
	mean_add(sums, block, times, relative);
}

const struct metric_kind metric_mape = {
	.name = "mape",
	.title = "mean absolute % error",
	.help = "mean of |truth - prediction| / |truth|, rows with truth 0 left out",
	.tasks = OF_NUMBERS,
	.better = BETTER_LOW,
	.unit = UNIT_SHARE,
	.overall = true,
	.leaves_out = "with truth 0",
	.size = mean_size,
	.add = add,
	.value = mean_value,
	.rows = mean_rows,
};
