/* SPDX-License-Identifier: MIT */
/*
 * Trees that were grown, as a model keeps, scores and explains them.
 *
 * A tree's nodes lie in preorder: a node's left child is the next one, its right child
 * lies `right` nodes on. Where a number is cut, bins up to `bin` go left, and missing
 * ones (bin 0) where the node says. Bins are those of `bins`: while trees are grown all
 * of the training's; trees_prune leaves the cuts that are used, so that a model is
 * small and a value soon found.
 *
 *     trees_init -> trees_add... -> trees_prune -> trees_score, trees_reasons, from any thread -> trees_release
 *                                -> trees_pack;   trees_unpack -> as if pruned -> trees_spread -> trees_add...
 *
 * A leaf holds `width` numbers: one, which is added to the row's output `tree->output`,
 * or one for each output. A row's outputs are sums over the trees, in their order.
 */
#ifndef TREES_H
#define TREES_H

#include "tree_rows.h"

enum node_kind { NODE_LEAF, NODE_CUT, NODE_LEVELS };
struct grown_node {
	uint32_t feature;               /* a leaf: 0 */
	uint32_t right;                 /* nodes from this one to its right child; a leaf: 0 */
	uint32_t at;                    /* a leaf: its number in the tree; NODE_LEVELS: that of its set, of levels that go left; each from 0 in preorder */
	uint8_t bin, kind, left;        /* left: 1, a leaf: 0: nodes to its left child */
	bool missing_right;             /* NODE_CUT; then bin is 1 at least */
};

/* Where rows of this bin go from a NODE_CUT: missing ones, where they go right, are the last bin. */
static inline bool cut_goes_right(const struct grown_node *node, unsigned bin)
{
	return (uint8_t)(bin - node->missing_right) > (uint8_t)(node->bin - node->missing_right);
}

/* From any inner node; set: a NODE_LEVELS' own. */
static inline bool node_goes_left(const struct grown_node *node, const struct level_set *set, unsigned bin)
{
	return node->kind == NODE_LEVELS ? level_set_holds(set, bin) : !cut_goes_right(node, bin);
}

/* A tree goes no deeper: what explains it holds numbers for each node above a leaf. Trees of up to MASKED_LEAVES are scored by masks. */
enum { MAX_TREE_DEPTH = 500, MASKED_LEAVES = 256 };
struct grown_tree {
	size_t first, n_nodes, depth;           /* depth: nodes from the root to the deepest leaf, without it */
	size_t first_value, first_set;          /* in values, where leaf i has the width numbers from first_value + i * width on, and in sets */
	size_t first_step, n_open, n_shut;      /* private: its steps, where it is scored by masks */
	uint32_t output;
	bool by_level;                          /* a NODE_LEVELS is among them */
};

/* Private: an inner node as trees_score meets it. */
struct score_step {
	uint32_t feature, set;
	uint8_t self, left, right;      /* slots: of the rows that come to it, and that go on to its sides */
	uint8_t plus, bin;              /* goes left: (uint8_t)(bin of the row + plus) <= bin */
	uint8_t skips;                  /* leaves at its left */
	bool by_level;
};

struct trees {
	struct bins bins;               /* owned */
	size_t n_outputs, width;        /* width: 1, or n_outputs */
	struct grown_tree *trees;
	struct grown_node *nodes;
	float *covers, *gains;          /* by node: the weight of the training rows that came to it; what its split gained, a leaf 0 */
	double *values;
	struct level_set *sets;
	size_t n_trees, n_nodes, n_values, n_sets;
	size_t trees_room, nodes_room, values_room, sets_room;
	bool pruned;
	uint32_t *used;                 /* pruned: features that a tree splits by, ascending; nodes' `feature` are places in it then */
	size_t n_used;
	struct score_step *steps;       /* private */
};

/* bins are copied. */
void trees_init(struct trees *trees, const struct bins *bins, size_t n_outputs, size_t width);
/* A tree's nodes, in preorder; leaf i has the numbers values[i * width], …. All is copied, but for the covers of inner nodes, which are made the sums of their sides'. MAX_TREE_DEPTH holds, and width 1 or `output` 0. */
struct tree_draft {
	const struct grown_node *nodes;
	const float *covers, *gains;
	const double *values;
	const struct level_set *sets;
	size_t n_nodes, n_leaves, n_sets;
	uint32_t output;
};
void trees_add(struct trees *trees, const struct tree_draft *draft);
void trees_copy(struct trees *to, const struct trees *from);            /* `to` is overwritten */
void trees_prune(struct trees *trees);          /* bins and features that no tree uses are dropped; bins.n stays. No trees are added behind it */
/* The first n_trees, or all where there are fewer, as pruned; `to` is overwritten. `from` may be pruned or not. */
void trees_copy_pruned(struct trees *to, const struct trees *from, size_t n_trees);
void trees_settle(struct trees *trees);         /* private: makes the steps of pruned ones */
/* Pruned ones over all bins again, so that trees may be added. false: a cut of theirs is none of the bins', and they are only to be released. */
bool trees_spread(struct trees *trees, const struct bins *bins);
void trees_release(struct trees *trees);        /* fine on a zeroed one, and twice */

/* out[row * n_outputs + k] += what the trees say. Pruned ones. A row's numbers do not hang on the other rows. */
void trees_score(const struct trees *trees, const struct panel *panel, double *out);
/* leaves[i]: which leaf of the tree row numbers[i], or, numbers NULL, row first + i comes to, by its bins. Trees that are not pruned. */
void trees_find_leaves(const struct trees *trees, size_t tree, const struct tree_rows *rows, const uint32_t *numbers, size_t first, size_t n,
                       uint32_t *leaves);
/*
 * What each feature adds, exactly: Shapley values along the trees' paths, by the covers (Lundberg et al. 2018, TreeSHAP's tree_path_dependent).
 * out: for output k n_rows x (n_features + 1) from out[k * n_rows * (n_features + 1)] on; += ; the last of a row is what the trees say on average.
 * They sum to trees_score's. Work: nodes x depth for each row.
 */
void trees_reasons(const struct trees *trees, const struct panel *panel, double *out);
/* By feature (bins.n): += what all splits by it gained, and how many there are. */
void trees_importance(const struct trees *trees, double *gains, double *splits);
/* For people: features by what splits by them gained in all, as shares, and how many there are, over n sets of trees of the same features;
 * of those without a split how many there are. */
void trees_rank(const struct trees *trees, size_t n, const struct names *features, struct buffer *to);

/* One packed map: cuts that are used, a bin of bytes for each tree. Pruned ones. */
void trees_pack(const struct trees *trees, struct buffer *to);
/* Overwrites the trees, to be released in any case. -1: broken, or of other
 * features; nothing in it is believed before it is checked: nodes within their tree, features, bins and leaves that there are, finite values. */
int trees_unpack(struct trees *trees, object from, size_t n_features, size_t n_outputs, struct error *err) MUST_CHECK;
/* For people: the tree as lines, its nodes' features and levels by name, levels that nobody named by number; a leaf's
 * answer, or the shares of its classes: of two that of the second, of more the largest ones. For trees of a few leaves. */
void trees_draw(const struct trees *trees, size_t tree, const struct problem *problem, struct buffer *to);

#endif
