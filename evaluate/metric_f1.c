/* SPDX-License-Identifier: MIT */
#include "class_sums.h"

static double of_class(const struct class_sums *sums)
{
	return 2 * sums->hits / (sums->truths + sums->answers);
}

static double value(const double *sums, size_t n_classes, size_t class)
{
	return class_value(sums, n_classes, class, of_class);
}

const struct metric_kind metric_f1 = {
	.name = "f1",
	.title = "F1, mean over classes",
	.help = "harmonic mean of precision and recall; without [CLASS] the mean over classes",
	CLASS_METRIC,
	.value = value,
};
