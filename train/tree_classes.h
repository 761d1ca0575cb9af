/* SPDX-License-Identifier: MIT */
/* Sums of several classes over the rows of each bin, and what cuts between these gain: of tree_look.h. */
#ifndef TREE_CLASSES_H
#define TREE_CLASSES_H

#include "tree_bins.h"

struct share_sums {
	size_t n;                       /* classes */
	double *table;                  /* MAX_BINS x n; between features all 0 */
	double *all, *left;             /* n: of the leaf; of a cut's left side */
	double weight, squares;         /* of `all`: the sum, and that of squares */
	size_t most;                    /* the class that weighs most */
};
void share_sums_init(struct share_sums *sums, size_t n_classes);
void share_sums_release(struct share_sums *sums);       /* fine on a zeroed one, and twice */
/* The leaf: n rows of these classes. The impurity, times their weight, which is 0 if and only if all are of one class. */
double share_sums_leaf(struct share_sums *sums, const uint32_t *classes, const float *h, size_t n);
/* Gains and weights of the left side behind each of the first n_cuts bins of the list. -INFINITY: a side whose weight is lost beside the
 * other one's is none. */
void share_sums_cuts(struct share_sums *sums, const uint8_t *bins, size_t n_cuts, double *gains, double *weights);

#endif
