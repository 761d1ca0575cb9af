/* SPDX-License-Identifier: MIT */
#include "target_sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

static const double SMALL = 0x1p-64;    /* of targets of which the sum is too large */

static size_t n_sums(const struct target_sums *sums) { return sums->n + 1 + sums->numbers; }

static void add_up(void *left, void *right, void *state)
{
	const struct target_sums *sums = state;
	double *to = left;
	const double *from = right;

	for (size_t i = 0; i < n_sums(sums); i++)
		to[i] += from[i];
}

void target_sums_init(struct target_sums *sums, const struct problem *problem)
{
	*sums = (struct target_sums){ .numbers = problem->task == TASK_REGRESSION };
	sums->n = sums->numbers ? 1 : problem->classes.n;
	sums->sums = mem_new(n_sums(sums), sizeof *sums->sums);
	tree_init(&sums->tree, n_sums(sums) * sizeof *sums->sums, add_up, sums);
}

void target_sums_add(struct target_sums *sums, const struct panel *panel, const double *y)
{
	memset(sums->sums, 0, n_sums(sums) * sizeof *sums->sums);
	for (size_t row = 0; row < panel->n_rows; row++) {
		double weight = panel->weight ? panel->weight[row] : 1;

		if (y)
			sums->sums[sums->numbers ? 0 : (size_t)y[row]] += sums->numbers ? weight * y[row] : weight;
		sums->sums[sums->n] += weight;
		if (sums->numbers)
			sums->sums[2] += weight * (y[row] * SMALL);
	}
	tree_add(&sums->tree, 0, panel->block, sums->sums);
}

void target_sums_merge(struct target_sums *to, struct target_sums *from)
{
	tree_take(&to->tree, &from->tree);
}

bool target_sums_finish(struct target_sums *sums)
{
	return tree_finish(&sums->tree, sums->sums);
}

double target_sums_mean(const struct target_sums *sums)
{
	return isfinite(sums->sums[0]) ? sums->sums[0] / sums->sums[1] : sums->sums[2] / sums->sums[1] / SMALL;
}

void target_sums_release(struct target_sums *sums)
{
	tree_release(&sums->tree);
	free(sums->sums);
	sums->sums = NULL;
}
