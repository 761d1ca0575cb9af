/* SPDX-License-Identifier: MIT */
#include "error_quantile.h"

static void walk(double *state, const struct ranked *rows, const struct walk_of *of)
{
	error_quantile_walk(state, rows, of, 0.5, true);
}

static double walked(double *state, const struct walk_of *of)
{
	return error_quantile(state, of, 0.5);
}

const struct metric_kind metric_median_error = {
	.name = "median_error",
	.title = "median absolute error",
	.help = "half of the rows are this close",
	ERROR_QUANTILE_METRIC,
	.walk = walk,
	.walked = walked,
};
