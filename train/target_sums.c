/* SPDX-License-Identifier: MIT */
#include "target_sums.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

static void add_up(void *left, void *right, void *state)
{
	const struct target_sums *sums = state;
	double *to = left;
	const double *from = right;

	for (size_t i = 0; i <= sums->n; i++)
		to[i] += from[i];
}

void target_sums_init(struct target_sums *sums, const struct problem *problem)
{
	*sums = (struct target_sums){ .numbers = problem->task == TASK_REGRESSION };
	sums->n = sums->numbers ? 1 : problem->classes.n;
	sums->sums = mem_new(sums->n + 1, sizeof *sums->sums);
	tree_init(&sums->tree, (sums->n + 1) * sizeof *sums->sums, add_up, sums);
}

void target_sums_add(struct target_sums *sums, const struct panel *panel, const double *y)
{
	memset(sums->sums, 0, (sums->n + 1) * sizeof *sums->sums);
	for (size_t row = 0; row < panel->n_rows; row++) {
		double weight = panel->weight ? panel->weight[row] : 1;

		sums->sums[sums->numbers ? 0 : (size_t)y[row]] += sums->numbers ? weight * y[row] : weight;
		sums->sums[sums->n] += weight;
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

void target_sums_release(struct target_sums *sums)
{
	tree_release(&sums->tree);
	free(sums->sums);
	sums->sums = NULL;
}
