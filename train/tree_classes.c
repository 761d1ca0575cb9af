/* SPDX-License-Identifier: MIT */
#include "tree_classes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

void share_sums_init(struct share_sums *sums, size_t n_classes)
{
	*sums = (struct share_sums){ .n = n_classes, .table = mem_new(MAX_BINS * n_classes, sizeof *sums->table) };
	sums->all = mem_new(n_classes, sizeof *sums->all);
	sums->left = mem_new(n_classes, sizeof *sums->left);
}

void share_sums_release(struct share_sums *sums)
{
	free(sums->table);
	free(sums->all);
	free(sums->left);
	*sums = (struct share_sums){ .n = 0 };
}

double share_sums_leaf(struct share_sums *sums, const uint32_t *classes, const float *h, size_t n)
{
	size_t n_there = 0;

	memset(sums->all, 0, sums->n * sizeof *sums->all);
	for (size_t i = 0; i < n; i++)
		sums->all[classes[i]] += (double)h[i];
	sums->weight = sums->squares = 0;
	sums->most = 0;
	for (size_t k = 0; k < sums->n; k++) {
		sums->weight += sums->all[k];
		sums->squares += sums->all[k] * sums->all[k];
		sums->most = sums->all[k] > sums->all[sums->most] ? k : sums->most;
		n_there += sums->all[k] > 0;
	}
	return n_there > 1 ? sums->weight - sums->squares / sums->weight : 0;
}

/* A class's weight goes left: both sums of squares move by what its own do. */
void share_sums_cuts(struct share_sums *sums, const uint8_t *bins, size_t n_cuts, double *gains, double *weights)
{
	double left = 0, right = sums->squares, weight = 0, parent = sums->squares / sums->weight;

	memset(sums->left, 0, sums->n * sizeof *sums->left);
	for (size_t i = 0; i < n_cuts; i++) {
		const double *of_bin = &sums->table[bins[i] * sums->n];
		double others;

		for (size_t k = 0; k < sums->n; k++) {
			double more = of_bin[k], rest = sums->all[k] - sums->left[k];

			left += more * (2 * sums->left[k] + more);
			right -= more * (2 * rest - more);
			weight += more;
			sums->left[k] += more;
		}
		weights[i] = weight;
		others = sums->weight - weight;
		gains[i] = weight > 0 && others > 0 ? left / weight + right / others - parent : -INFINITY;
	}
}
