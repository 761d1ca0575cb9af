/* SPDX-License-Identifier: MIT */
#include "mean_sums.h"

static double hit(const struct judged *rows, size_t row)
{
	return rows->truth[row] == judged_answer(rows, row);
}

static void add(double *sums, const struct judged *block, const uint8_t *times)
{
	mean_add(sums, block, times, hit);
}

const struct metric_kind metric_accuracy = {
	.name = "accuracy",
	.title = "right answers",
	.help = "share of rows with the right class",
	.tasks = OF_CLASSES,
	.better = BETTER_HIGH,
	.unit = UNIT_SHARE,
	.at_most_1 = true,
	.headline = true,
	.overall = true,
	.size = mean_size,
	.add = add,
	.value = mean_value,
};
