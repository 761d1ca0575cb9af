/* SPDX-License-Identifier: MIT */
/* In the units in which the model sees its features: behind its scaling, if it has one. */
#include "metric.h"

/* Of all rows, then of each cluster. */
static size_t size(size_t n_items)
{
	return 1 + n_items;
}

static void add(double *sums, const struct judged *block, const uint8_t *times)
{
	for (size_t row = 0; row < block->n_rows; row++) {
		double distance = judged_answer(block, row), square = judged_weight(block, times, row) * distance * distance;

		sums[0] += square;
		sums[1 + judged_truth(block, row)] += square;
	}
}

static double value(const double *sums, size_t n_items, size_t item)
{
	(void)n_items;
	return item == OVERALL ? sums[0] : sums[1 + item];
}

const struct metric_kind metric_inertia = {
	.name = "inertia",
	.title = "sum of squared distances",
	.help = "sum of weight x squared distance from the centre of the row's cluster, as the model scales the features",
	.tasks = OF_CLUSTERS,
	.better = BETTER_LOW,
	.unit = UNIT_PLAIN,
	.overall = true,
	.brackets = BRACKETS_CLASS,
	.size = size,
	.add = add,
	.value = value,
};
