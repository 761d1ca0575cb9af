/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "metric.h"

enum { LARGEST, WEIGHT, N_SUMS };

static size_t size(size_t n_items)
{
	(void)n_items;
	return N_SUMS;
}

static void add(double *sums, const struct judged *block, const uint8_t *times)
{
	for (size_t row = 0; row < block->n_rows; row++) {
		double weight = judged_weight(block, times, row), error = fabs(block->truth[row] - judged_answer(block, row));

		if (weight > 0 && error > sums[LARGEST])
			sums[LARGEST] = error;
		sums[WEIGHT] += weight;
	}
}

static void merge(double *sums, const double *later, size_t n_sums)
{
	(void)n_sums;
	sums[LARGEST] = fmax(sums[LARGEST], later[LARGEST]);
	sums[WEIGHT] += later[WEIGHT];
}

static double value(const double *sums, size_t n_items, size_t item)
{
	(void)n_items;
	(void)item;
	return sums[WEIGHT] > 0 ? sums[LARGEST] : NAN;
}

const struct metric_kind metric_max_error = {
	.name = "max_error",
	.title = "largest absolute error",
	.help = "the worst row",
	.tasks = OF_NUMBERS,
	.better = BETTER_LOW,
	.unit = UNIT_TARGET,
	.overall = true,
	.size = size,
	.add = add,
	.merge = merge,
	.value = value,
};
