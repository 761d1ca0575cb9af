/* SPDX-License-Identifier: MIT */
/*
 * Minimal cost-complexity pruning (Breiman, Friedman, Olshen and Stone 1984, chapter 3):
 * of the subtrees below a node that one becomes a leaf first whose splits gain least for
 * each leaf that they add,
 *
 *     alpha = gain of all splits below / (leaves - 1)
 *
 * and so on, up to the root. Each node so has the alpha from which on it is a leaf, as
 * scikit-learn's ccp_alpha, and for each alpha the tree is the smallest of those whose
 * error + alpha * leaves is least.
 *
 * Which alpha is best says the error of other rows (prune_judge): a row's answers change
 * with alpha at the nodes on its path, so it costs its path, however many alphas there are.
 */
#ifndef TREE_PRUNE_H
#define TREE_PRUNE_H

#include "tree_read.h"
#include "trees.h"

/* By node of the draft: from which alpha on it is a leaf; a leaf 0, a node that its parents swallow INFINITY. scale: of gains. Overwritten. */
void prune_alphas(const struct tree_draft *draft, double scale, double *alphas);

struct pruned_tree {
	struct tree_draft draft;
	struct grown_node *nodes;
	float *covers, *gains;
	double *values;
	struct level_set *sets;
};
/* The draft at an alpha; answers: by node of it, `width` numbers. Overwrites the tree, to be released. */
void prune_tree(struct pruned_tree *tree, const struct tree_draft *draft, const double *alphas, double alpha, const double *answers, size_t width);
void pruned_tree_release(struct pruned_tree *tree);     /* fine on a zeroed one, and twice */

/* What rows say of each of n alphas, ascending from 0. */
struct prune_judge {
	size_t n, n_rows;
	const double *alphas;           /* borrowed */
	double unit;                    /* of numbers (tree_read.h): their losses are squares in it */
	double weight, *loss, *squares; /* n: sums of the rows' losses, and of their squares, as differences to the one before */
};
void prune_judge_open(struct prune_judge *judge, const double *alphas, size_t n, double unit);
void prune_judge_close(struct prune_judge *judge);      /* fine on a zeroed one, and twice */
/* Rows `numbers` of a side, that a draft has not seen. n_classes as in forest.h; the loss of classes is the squared error of all shares. */
void prune_judge_add(struct prune_judge *judge, const struct tree_draft *draft, const double *alphas, const double *answers, size_t n_classes,
                     const struct tree_side *side, const uint32_t *numbers, size_t n);
/* The largest alpha, by its place, whose mean loss is within one standard error of the least one. */
size_t prune_judge_choose(const struct prune_judge *judge);

#endif
