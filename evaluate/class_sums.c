/* SPDX-License-Identifier: MIT */
#include "class_sums.h"

#include <math.h>

enum { HITS, TRUTHS, ANSWERS, N_SUMS };         /* of each class */

size_t class_sums_size(size_t n_classes)
{
	return N_SUMS * n_classes;
}

void class_sums_add(double *sums, const struct judged *block, const uint8_t *times)
{
	for (size_t row = 0; row < block->n_rows; row++) {
		size_t truth = judged_truth(block, row), answer = (size_t)judged_answer(block, row);
		double weight = judged_weight(block, times, row);

		sums[N_SUMS * answer + ANSWERS] += weight;
		sums[N_SUMS * truth + TRUTHS] += weight;
		if (truth == answer)
			sums[N_SUMS * truth + HITS] += weight;
	}
}

static double value_of(const double *sums, double (*of_class)(const struct class_sums *sums))
{
	struct class_sums class = { .hits = sums[HITS], .truths = sums[TRUTHS], .answers = sums[ANSWERS] };

	return class.truths > 0 || class.answers > 0 ? of_class(&class) : NAN;
}

double class_truths(const double *sums, size_t class)
{
	return sums[N_SUMS * class + TRUTHS];
}

double class_value(const double *sums, size_t n_classes, size_t class, double (*of_class)(const struct class_sums *sums))
{
	double total = 0;
	size_t n = 0;

	if (class != OVERALL)
		return value_of(sums + N_SUMS * class, of_class);
	for (class = 0; class < n_classes; class++) {
		double value = value_of(sums + N_SUMS * class, of_class);

		if (!isnan(value)) {
			total += value;
			n++;
		}
	}
	return n > 0 ? total / (double)n : NAN;
}
