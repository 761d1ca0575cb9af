/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "class_sums.h"

static double of_class(const struct class_sums *sums)
{
	return sums->truths > 0 ? sums->hits / sums->truths : 0;
}

static double value(const double *sums, size_t n_classes, size_t class)
{
	if (class != OVERALL && class_truths(sums, class) == 0)
		return NAN;             /* nothing to be found; in the mean it counts 0 if it was answered */
	return class_value(sums, n_classes, class, of_class);
}

const struct metric_kind metric_recall = {
	.name = "recall",
	.title = "recall, mean over classes",
	.help = "of the rows of the class, the share found; without [CLASS] the mean over classes",
	CLASS_METRIC,
	.value = value,
};
