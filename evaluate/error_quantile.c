/* SPDX-License-Identifier: MIT */
#include "error_quantile.h"

#include <math.h>

/* Sums of weights that differ by less, as a share of all, differ by rounding. */
static const double ROUNDING = 1e-12;

/* The weight of the rows passed; how many of the two errors between which the quantile lies are found; these. */
enum { PASSED, FOUND, BELOW, ABOVE };

double error_key(const struct judged *rows, size_t row, size_t item)
{
	(void)item;
	return fabs(rows->truth[row] - judged_answer(rows, row));
}

/* numpy's: from the nearer end, so that t = 1 gives b exactly. */
static double between(double a, double b, double t)
{
	if (a == b)
		return a;               /* both may be infinite */
	return t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t;
}

/* The errors of the rank and of the one behind it, if there is one. */
static void plain_walk(double *state, const struct ranked *rows, const struct walk_of *of, double p)
{
	double rank = floor(p * (of->rows - 1)), next = rank + 1 < of->rows ? rank + 1 : rank;

	for (size_t i = 0; i < rows->n && state[FOUND] < 2; i++) {
		state[PASSED] += rows->weights[i];
		if (state[FOUND] == 0 && state[PASSED] > rank) {
			state[BELOW] = rows->keys[i];
			state[FOUND] = 1;
		}
		if (state[FOUND] == 1 && state[PASSED] > next) {
			state[ABOVE] = rows->keys[i];
			state[FOUND] = 2;
		}
	}
}

static void weighted_walk(double *state, const struct ranked *rows, const struct walk_of *of, double p, bool middle)
{
	double bound = p * of->weight, slack = ROUNDING * of->weight;

	for (size_t i = 0; i < rows->n && state[FOUND] < 2; i++) {
		if (state[FOUND] == 1) {
			state[ABOVE] = rows->keys[i];
			state[FOUND] = 2;
			return;
		}
		state[PASSED] += rows->weights[i];
		if (state[PASSED] < bound - slack)
			continue;
		state[BELOW] = state[ABOVE] = rows->keys[i];
		state[FOUND] = middle && state[PASSED] <= bound + slack ? 1 : 2;
	}
}

void error_quantile_walk(double *state, const struct ranked *rows, const struct walk_of *of, double p, bool middle)
{
	if (of->weighted)
		weighted_walk(state, rows, of, p, middle);
	else
		plain_walk(state, rows, of, p);
}

double error_quantile(const double *state, const struct walk_of *of, double p)
{
	double at = p * (of->rows - 1);

	if (state[FOUND] == 0)
		return NAN;
	return of->weighted ? (state[BELOW] + state[ABOVE]) / 2 : between(state[BELOW], state[ABOVE], at - floor(at));
}
