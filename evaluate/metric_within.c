/* SPDX-License-Identifier: MIT */
/* Sums: the weight of the rows within each tolerance, then that of all. */
#include <math.h>

#include "mean_sums.h"
#include "tree.h"

static size_t size(size_t n_items)
{
	return n_items + 1;
}

static void add(double *sums, const struct judged *block, const uint8_t *times)
{
	double truths[BLOCK_ROWS], errors[BLOCK_ROWS], weights[BLOCK_ROWS], met[BLOCK_ROWS];
	size_t n = block->n_rows, n_items = block->items->n;

	for (size_t row = 0; row < n; row++) {
		truths[row] = fabs(block->truth[row]);
		errors[row] = fabs(block->truth[row] - judged_answer(block, row));
		weights[row] = judged_weight(block, times, row);
	}
	for (size_t i = 0; i < n_items; i++) {
		const struct metric_item *tolerance = &block->items->items[i];
		double share = tolerance->percent ? tolerance->value : 0, limit = tolerance->percent ? 0 : tolerance->value;

		for (size_t row = 0; row < n; row++)
			met[row] = errors[row] <= share * truths[row] + limit ? weights[row] : 0;
		sums[i] += lane_sum(met, n);
	}
	sums[n_items] += lane_sum(weights, n);
}

static double value(const double *sums, size_t n_items, size_t item)
{
	return sums[n_items] > 0 ? sums[item] / sums[n_items] : NAN;
}

static bool good_item(const struct metric_item *item)
{
	return item->value >= 0;
}

static const struct option_row option = {
	.name = "within", .type = OPTION_TEXT, .argument = "LIST",
	.help = "also tell the share of rows at most so far off: 5 is in the target's unit, 10% is of the truth (default 5%,10%,20%)",
};

const struct metric_kind metric_within = {
	.name = "within",
	.title = "within",
	.help = "share of rows at most so far off: within[5] in the target's unit, within[10%] of the truth",
	.tasks = OF_NUMBERS,
	.better = BETTER_HIGH,
	.unit = UNIT_SHARE,
	.at_most_1 = true,
	.brackets = BRACKETS_ITEM,
	.item_word = "tolerance",
	.item_form = "a number such as 5, or a share of the truth such as 10%",
	.good_item = good_item,
	.item_of_target = true,
	.option = &option,
	.items = "5%,10%,20%",
	.size = size,
	.add = add,
	.value = value,
};
