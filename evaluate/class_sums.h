/* SPDX-License-Identifier: MIT */
/*
 * Sums of metrics that look at one class against the others: precision, recall, f1.
 * Such a metric is its value of a class, and
 *
 *     static double value(const double *sums, size_t n_classes, size_t class) { return class_value(sums, n_classes, class, of_class); }
 *     ... CLASS_METRIC, .value = value
 */
#ifndef CLASS_SUMS_H
#define CLASS_SUMS_H

#include "metric.h"

/* Weights of the rows of the class, of those said to be, and of those that are both. */
struct class_sums { double hits, truths, answers; };

size_t class_sums_size(size_t n_classes);
double class_truths(const double *sums, size_t class);          /* what the rows of the class weigh */
void class_sums_add(double *sums, const struct judged *block, const uint8_t *times);
/*
 * of_class of the class, or the mean of all (macro average): as in scikit-learn over the classes that occur in truth or
 * answers, and a ratio 0/0 is 0. of_class is asked only of those; the others have no value.
 */
double class_value(const double *sums, size_t n_classes, size_t class, double (*of_class)(const struct class_sums *sums));

/* What their struct metric_kind has in common. */
#define CLASS_METRIC .tasks = OF_CLASSES, .better = BETTER_HIGH, .unit = UNIT_SHARE, .at_most_1 = true, .overall = true, \
	.brackets = BRACKETS_CLASS, .size = class_sums_size, .add = class_sums_add

#endif
