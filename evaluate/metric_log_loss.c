/* SPDX-License-Identifier: MIT */
/* Probabilities are held to [2^-52, 1 - 2^-52], as scikit-learn does; a class that training never saw was given none. */
#include <float.h>
#include <math.h>

#include "mean_sums.h"

static double surprise(const struct judged *rows, size_t row)
{
	double share = judged_share(rows, row, judged_truth(rows, row));

	return -log(fmin(fmax(share, DBL_EPSILON), 1 - DBL_EPSILON));
}

static void add(double *sums, const struct judged *block, const uint8_t *times)
{
	mean_add(sums, block, times, surprise);
}

const struct metric_kind metric_log_loss = {
	.name = "log_loss",
	.title = "logarithmic loss",
	.help = "mean of -ln(probability given to the true class)",
	.tasks = OF_CLASSES,
	.better = BETTER_LOW,
	.unit = UNIT_PLAIN,
	.overall = true,
	.needs_shares = true,
	.size = mean_size,
	.add = add,
	.value = mean_value,
};
