/* SPDX-License-Identifier: MIT */
#include "metric.h"

static size_t size(size_t n_items)
{
	(void)n_items;
	return 1;
}

static void add(double *sums, const struct judged *block, const uint8_t *times)
{
	for (size_t row = 0; row < block->n_rows; row++)
		sums[0] += times ? times[row] : 1;
}

static double value(const double *sums, size_t n_items, size_t item)
{
	(void)n_items;
	(void)item;
	return sums[0];
}

const struct metric_kind metric_rows = {
	.name = "rows",
	.title = "rows",
	.help = "how many rows were scored, whatever their weights",
	.tasks = OF_NUMBERS | OF_CLASSES | OF_CLUSTERS,
	.better = BETTER_HIGH,
	.unit = UNIT_COUNT,
	.overall = true,
	.size = size,
	.add = add,
	.value = value,
};
