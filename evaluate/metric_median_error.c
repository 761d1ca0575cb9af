/* SPDX-License-Identifier: MIT */
#include "error_quantile.h"

#define SHARE 0.5

static void walk(double *state, const struct ranked *rows, const struct walk_of *of)
{
	error_quantile_walk(state, rows, of, SHARE, true);
}

static double walked(double *state, const struct walk_of *of)
{
	return error_quantile(state, of, SHARE);
}

const struct metric_kind metric_median_error = {
	.name = "median_error",
	.title = "median absolute error",
	.help = "half of the rows are this close",
	ERROR_QUANTILE_METRIC,
	.share = SHARE,
	.walk = walk,
	.walked = walked,
};
