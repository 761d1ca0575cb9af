/* SPDX-License-Identifier: MIT */
/* Between two rows linearly, as numpy does by default; with weights the least error that 90 % of the weight reaches. */
#include "error_quantile.h"

static double of_rows(const struct judged *rows, const uint32_t *order, const struct drawn *drawn, size_t n_items, size_t item)
{
	(void)n_items;
	(void)item;
	return error_quantile(rows, order, drawn, 0.9, false);
}

const struct metric_kind metric_p90_error = {
	.name = "p90_error",
	.title = "90 % absolute error",
	.help = "nine rows of ten are this close",
	.tasks = OF_NUMBERS,
	.better = BETTER_LOW,
	.unit = UNIT_TARGET,
	.overall = true,
	.key = error_key,
	.of_rows = of_rows,
};
