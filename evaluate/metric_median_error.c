/* SPDX-License-Identifier: MIT */
#include "error_quantile.h"

static double of_rows(const struct judged *rows, const uint32_t *order, const struct drawn *drawn, size_t n_items, size_t item)
{
	(void)n_items;
	(void)item;
	return error_quantile(rows, order, drawn, 0.5, true);
}

const struct metric_kind metric_median_error = {
	.name = "median_error",
	.title = "median absolute error",
	.help = "half of the rows are this close",
	.tasks = OF_NUMBERS,
	.better = BETTER_LOW,
	.unit = UNIT_TARGET,
	.overall = true,
	.key = error_key,
	.of_rows = of_rows,
};
