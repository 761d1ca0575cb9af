/* SPDX-License-Identifier: MIT */
/*
 * 1 - (weighted squared errors) / (weighted squared deviations of the truth from its own weighted mean in these rows). Deviations of a
 * block are summed in two passes, blocks are merged as in moments.c (Chan, Golub, LeVeque 1983).
 */
#include <math.h>

#include "mean_sums.h"
#include "tree.h"

enum { WEIGHT, MEAN, DEVIATIONS, ERRORS, N_SUMS };

static size_t size(size_t n_items)
{
	(void)n_items;
	return N_SUMS;
}

static void add(double *sums, const struct judged *block, const uint8_t *times)
{
	double weights[BLOCK_ROWS], truths[BLOCK_ROWS], terms[BLOCK_ROWS];
	size_t n = 0;

	for (size_t row = 0; row < block->n_rows; row++) {
		double weight = judged_weight(block, times, row), error = block->truth[row] - judged_answer(block, row);

		if (weight > 0) {
			truths[n] = block->truth[row];
			terms[n] = weight * (error * error);
			weights[n++] = weight;
		}
	}
	if (n == 0)
		return;
	sums[WEIGHT] = lane_sum(weights, n);
	sums[ERRORS] = lane_sum(terms, n);
	for (size_t i = 0; i < n; i++)
		terms[i] = weights[i] * truths[i];
	sums[MEAN] = lane_sum(terms, n) / sums[WEIGHT];
	for (size_t i = 0; i < n; i++)
		terms[i] = weights[i] * ((truths[i] - sums[MEAN]) * (truths[i] - sums[MEAN]));
	sums[DEVIATIONS] = lane_sum(terms, n);
}

static void merge(double *sums, const double *later, size_t n_sums)
{
	double weight = sums[WEIGHT] + later[WEIGHT], step = later[MEAN] - sums[MEAN];

	(void)n_sums;
	if (later[WEIGHT] == 0)
		return;
	sums[MEAN] += step * (later[WEIGHT] / weight);
	sums[DEVIATIONS] += later[DEVIATIONS] + step * step * sums[WEIGHT] * (later[WEIGHT] / weight);
	sums[ERRORS] += later[ERRORS];
	sums[WEIGHT] = weight;
}

static double value(const double *sums, size_t n_items, size_t item)
{
	(void)n_items;
	(void)item;
	return sums[DEVIATIONS] > 0 ? 1 - sums[ERRORS] / sums[DEVIATIONS] : NAN;
}

const struct metric_kind metric_r2 = {
	.name = "r2",
	.title = "share of the variance explained",
	.help = "share of the truth's variance that is explained: 1 is perfect, 0 no better than its mean",
	.tasks = OF_NUMBERS,
	.better = BETTER_HIGH,
	.unit = UNIT_PLAIN,
	.at_most_1 = true,
	.overall = true,
	.size = size,
	.add = add,
	.merge = merge,
	.value = value,
};
