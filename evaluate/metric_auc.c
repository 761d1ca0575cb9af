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

/* Weights passed of other rows and of the class; pairs, in the right order 2, tied 1; then of the rows with the last key, and that key. */
enum { OTHERS, OWN, TWICE, TIED_OTHERS, TIED_OWN, KEY, N_SUMS };

static void end_ties(double *state)
{
	state[TWICE] += state[TIED_OWN] * (2 * state[OTHERS] + state[TIED_OTHERS]);
	state[OTHERS] += state[TIED_OTHERS];
	state[OWN] += state[TIED_OWN];
	state[TIED_OTHERS] = state[TIED_OWN] = 0;
}

static void walk(double *state, const struct ranked *rows, const struct walk_of *of)
{
	(void)of;
	for (size_t i = 0; i < rows->n; i++) {
		if (rows->keys[i] != state[KEY])
			end_ties(state);
		state[KEY] = rows->keys[i];
		state[rows->own[i] ? TIED_OWN : TIED_OTHERS] += rows->weights[i];
	}
}

/* NaN unless the class and others both occur. */
static double walked(double *state, const struct walk_of *of)
{
	(void)of;
	end_ties(state);
	return state[OWN] > 0 && state[OTHERS] > 0 ? state[TWICE] / (2 * state[OWN] * state[OTHERS]) : NAN;
}

const struct metric_kind metric_auc = {
	.name = "auc",
	.title = "area under the ROC curve",
	.help = "chance that a row of the class is ranked above one of another: with two classes of the\n"
	        "                second in byte order, else the mean of each against the rest",
	.tasks = OF_CLASSES,
	.better = BETTER_HIGH,
	.unit = UNIT_PLAIN,
	.at_most_1 = true,
	.overall = true,
	.brackets = BRACKETS_CLASS,
	.needs_shares = true,
	.mirrored = true,
	.key = key,
	.walk_size = N_SUMS,
	.walk = walk,
	.walked = walked,
};
