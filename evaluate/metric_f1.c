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
	.tasks = OF_CLASSES,
	.better = BETTER_HIGH,
	.unit = UNIT_SHARE,
	.at_most_1 = true,
	.overall = true,
	.brackets = BRACKETS_CLASS,
	.size = class_sums_size,
	.add = class_sums_add,
	.value = value,
};
