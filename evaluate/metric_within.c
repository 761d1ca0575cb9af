/* SPDX-License-Identifier: MIT */
/* Sums: the weight of the rows within each tolerance, then that of all. */
#include <math.h>

#include "metric.h"

static size_t size(size_t n_items)
{
	return n_items + 1;
}

static void add(double *sums, const struct judged *block, const uint8_t *times)
{
	const struct item_list *within = block->items;

	for (size_t row = 0; row < block->n_rows; row++) {
		double weight = judged_weight(block, times, row), truth = fabs(block->truth[row]);
		double error = fabs(block->truth[row] - judged_answer(block, row));

		for (size_t i = 0; i < within->n; i++) {
			const struct metric_item *tolerance = &within->items[i];

			if (error <= (tolerance->percent ? tolerance->value * truth : tolerance->value))
				sums[i] += weight;
		}
		sums[within->n] += weight;
	}
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
