/* SPDX-License-Identifier: MIT */
#include "class_sums.h"

static double of_class(const struct class_sums *sums)
{
	return sums->answers > 0 ? sums->hits / sums->answers : 0;
}

static double value(const double *sums, size_t n_classes, size_t class)
{
	return class_value(sums, n_classes, class, of_class);
}

const struct metric_kind metric_precision = {
	.name = "precision",
	.title = "precision, mean over classes",
	.help = "of the rows said to be of the class, the share that is; without [CLASS] the mean over classes",
	CLASS_METRIC,
	.value = value,
};
