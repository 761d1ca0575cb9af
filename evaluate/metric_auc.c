/* SPDX-License-Identifier: MIT */
/*
 * ROC AUC is the chance that a row of the class has a higher probability of it than a
 * row of another, ties counting a half; with weights, a pair counts the product of
 * its rows' weights (the trapezoids under scikit-learn's weighted ROC curve). Pairs are counted
 * along the order; where weights are whole that is exact up to 2^53.
 */
#include <math.h>

#include "metric.h"

static double key(const struct judged *rows, size_t row, size_t class)
{
	return judged_share(rows, row, class);
}

/* NaN unless the class and others both occur. */
static double of_rows(const struct judged *rows, const uint32_t *order, const struct drawn *drawn, size_t n_classes, size_t class)
{
	double others = 0, own = 0, twice = 0;          /* twice: pairs in the right order count 2, ties 1 */

	(void)n_classes;
	for (size_t i = 0; i < rows->n_rows; ) {
		double tied[2] = { 0, 0 }, share = key(rows, order[i], class);

		do {
			tied[judged_truth(rows, order[i]) == class] += judged_weight(rows, drawn->times, order[i]);
			i++;
		} while (i < rows->n_rows && key(rows, order[i], class) == share);
		twice += tied[1] * (2 * others + tied[0]);
		others += tied[0];
		own += tied[1];
	}
	return own > 0 && others > 0 ? twice / (2 * own * others) : NAN;
}

const struct metric_kind metric_auc = {
	.name = "auc",
	.title = "area under the ROC curve",
	.help = "chance that a row of the class is ranked above one of another: with two classes of the\n"
	        "                second in byte order, else the mean of each against the rest",
	.tasks = OF_CLASSES,
	.better = BETTER_HIGH,
	.unit = UNIT_PLAIN,
	.overall = true,
	.brackets = BRACKETS_CLASS,
	.needs_shares = true,
	.mirrored = true,
	.key = key,
	.of_rows = of_rows,
};
