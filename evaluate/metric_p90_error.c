/* SPDX-License-Identifier: MIT */
/* Between two rows linearly, as numpy does by default; with weights the least error that 90 % of the weight reaches. */
#include "error_quantile.h"

#define SHARE 0.9

static void walk(double *state, const struct ranked *rows, const struct walk_of *of)
{
	error_quantile_walk(state, rows, of, SHARE, false);
}

static double walked(double *state, const struct walk_of *of)
{
	return error_quantile(state, of, SHARE);
}

const struct metric_kind metric_p90_error = {
	.name = "p90_error",
	.title = "90 % absolute error",
	.help = "nine rows of ten are this close",
	ERROR_QUANTILE_METRIC,
	.share = SHARE,
	.walk = walk,
	.walked = walked,
};
