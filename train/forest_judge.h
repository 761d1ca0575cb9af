/* SPDX-License-Identifier: MIT */
/* Parts of forest.h: how often a tree draws a row; what rows are answered by trees that did not draw them, and what that is worth. */
#ifndef FOREST_JUDGE_H
#define FOREST_JUDGE_H

#include "forest.h"

enum { MOST_DRAWS = 24 };               /* of a row; of Poisson's distribution with mean 1 that is beyond 1e-23 */
struct row_draw { uint64_t below[MOST_DRAWS]; };       /* a hash from below[i] on: more than i times */
void row_draw_init(struct row_draw *draw, double mean);
/* tree: a hash of its own. */
unsigned row_draws(const struct row_draw *draw, uint64_t tree, size_t row);

struct forest_judge {
	const struct tree_side *side;
	size_t n_classes;
	double middle, unit;            /* squares of numbers are around it, in units (tree_read.h) */
	double *sums;                   /* by row and output: over the trees that judge it */
	uint32_t *n_trees;              /* by row */
	struct run_judged *runs;
};
/* Overwrites the judge; the side, one of what was read, outlives it. */
void forest_judge_open(struct forest_judge *judge, const struct tree_read *read, const struct tree_side *side, size_t n_classes);
void forest_judge_close(struct forest_judge *judge);    /* fine on a zeroed one, and twice */
uint64_t forest_judge_size(uint64_t n_rows, size_t n_classes);
/* One tree more, of trees that are not pruned; draw NULL: it judges all rows, else those that it did not draw. Gives the loss, the mean
 * squared error or the log loss, and the score; NaN: no row has an answer. */
double forest_judge_add(struct forest_judge *judge, const struct trees *trees, size_t tree, const struct row_draw *draw, uint64_t hash,
                        struct workers *workers, struct forest_score *score);

#endif
