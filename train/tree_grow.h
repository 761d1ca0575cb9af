/* SPDX-License-Identifier: MIT */
/*
 * One tree, grown over rows as bins.
 *
 *     grower_open -> (order and words are set -> grow -> values of its leaves -> trees_add)... -> grower_close
 *
 * The leaf whose split gains most is divided next, until there are as many leaves as
 * wanted (Shi 2007, LightGBM's way); or level by level. The rows of a leaf lie together,
 * in the order of the stream, and the words of their gradients beside them: so each
 * pass over a leaf reads forward. Of two children only the one with fewer rows is
 * summed up, its sibling's sums are its parent's less these: 100 trees of 63 leaves over
 * 360,000 rows of 20 features take 1.1 seconds of one thread, with both summed up 2.2.
 *
 *     order   [ leaf 0: 3 9 12 .. | leaf 2: 0 1 4 .. | leaf 1: 2 5 .. ]
 *     words   [ of row 3, 9, 12 ..                                    ]
 *
 * With `look` rules (tree_look.h) leaves' rows are looked at instead, nothing is summed up
 * for a sibling, and words are weights.
 *
 * Sums of leaves that wait to be divided are kept within `memory`; beyond it those of the
 * leaf that gains least are dropped, and summed up anew in their time.
 *
 * Threads divide the rows and groups of a large leaf and the features of a search;
 * what comes out are the same trees for any number of them, as sums are of whole numbers.
 */
#ifndef TREE_GROW_H
#define TREE_GROW_H

#include "tree_look.h"
#include "trees.h"

struct grow_rules {
	struct split_rules split;
	size_t leaves, depth;           /* most; SIZE_MAX: any number */
	bool by_level;                  /* the leaves of a level before the next one's */
	const struct look_rules *look;  /* NULL: sums of bins are searched, by `split`; else that says nothing */
	const signed char *monotone;    /* by feature: 1, -1: answers may only rise, fall with it; NULL: none */
	/* By feature: a bit for each set of features that it belongs to; those on one path share a set. NULL: no matter. */
	const uint64_t *interact;
};

/* A parameter that bounds leaves or depth: 0 is any number. */
static inline size_t grow_most(int64_t n) { return n > 0 ? (size_t)n : SIZE_MAX; }

struct grown_leaf { size_t first, n; grad_sum sum; double low, high; };         /* its rows: order[first], …; bounds of its answer */

struct grower {
	/* The caller's, before each grow: the n rows that count, and their words (tree_histogram.h, or tree_look.h); tree_rows' n_rows have
	 * room. Behind it by leaves. */
	uint32_t *order, *words;
	/* As many each; the grower's in grow, the caller's else. */
	uint32_t *spare_order, *spare_words;
	/* Of the last grow: all but draft.values and draft.output. */
	struct tree_draft draft;
	struct grown_leaf *leaves;      /* draft.n_leaves */
	struct growing *growing;        /* private */
};

/* Overwrites the grower; rows, rules and workers outlive it. threads: of the workers. */
void grower_open(struct grower *grower, const struct tree_rows *rows, const struct grow_rules *rules, struct workers *workers, int threads,
                 uint64_t memory);
void grower_close(struct grower *grower);               /* fine on a zeroed one, and twice */
/* By node of the last grow: its rows, as those of the leaves below it lie one behind the other, and bounds that hold all of theirs. The caller's. */
struct grown_leaf *grower_nodes(const struct grower *grower);
/* Bytes that it holds besides `memory`, for trees of so many leaves, at most. */
uint64_t grower_size(const struct grow_rules *rules, uint64_t n_rows, size_t n_features, uint64_t n_leaves, size_t threads);
/* quantum, and allowed: by feature, those that the tree may split by, NULL: all; neither counts with `look`, there chance does: a number of
 * the tree's own. */
void grow(struct grower *grower, size_t n, struct quantum quantum, const bool *allowed, uint32_t chance);

#endif
