/* SPDX-License-Identifier: MIT */
/*
 * The weighted sum of the training rows' targets, or the weight of each class (without a target neither), and the
 * weight of all: over a tree of blocks (tree.h), so with the same bits for any number of
 * lanes, each of which has sums of its own. Rows without weights weigh 1.
 *
 *     target_sums_init -> (target_sums_add | target_sums_merge)... -> target_sums_finish -> target_sums_release
 */
#ifndef TARGET_SUMS_H
#define TARGET_SUMS_H

#include "model.h"

struct target_sums {
	bool numbers;                   /* a regression */
	size_t n;                       /* classes, or 1; 0 without a target */
	double *sums;                   /* n, then the weight of all; of a regression a small share of the first, too. Of the last panel; once finished, of all rows */
	struct tree tree;
};

/* It stays where it is until it is released. */
void target_sums_init(struct target_sums *sums, const struct problem *problem);
/* y: the panel's, or the same targets in other units. */
void target_sums_add(struct target_sums *sums, const struct panel *panel, const double *y);
void target_sums_merge(struct target_sums *to, struct target_sums *from);       /* `from` is empty then */
bool target_sums_finish(struct target_sums *sums);              /* false: no panel came, all sums are 0 */
double target_sums_mean(const struct target_sums *sums);        /* of a regression, finished; also where the sum itself is no number. May be none */
void target_sums_release(struct target_sums *sums);             /* fine on a zeroed one, and twice */

#endif
