/* SPDX-License-Identifier: MIT */
/*
 * The best way to divide a leaf's rows, from the rows themselves: for trees whose splits
 * look at a few features each, for single trees, and for shares of several classes.
 *
 *     numbers    gain = GL^2 / HL + GR^2 / HR    of g = h (y - mean of the leaf): what the sum of squares falls by
 *     classes    gain = sum_k L_k^2 / L + R_k^2 / R - T_k^2 / T: what the Gini impurity, times the weight, falls by
 *
 * (Breiman et al. 1984.) Two classes are numbers 0 and 1: half of their Gini impurity.
 *
 * Sums are doubles, in the order of the rows, by one thread: trees grow side by side. For
 * each feature the rows are summed up by bin, and only the bins of rows that are there are
 * read and cleared, so that a leaf of three rows costs three bins: half of the nodes of a
 * tree that is grown to the end have no more. A feature that divides a leaf into pure sides
 * ends the look: none is better.
 *
 * A cut lies in the middle of the bins between those of rows that are there, and missing
 * rows go to the side that gains more; where none came, to the heavier one. Levels go left
 * and right in the order of their mean: for numbers and two classes the best combination is
 * a cut in it (Fisher 1958). Of several classes it is that of the share of the leaf's most
 * frequent one (a look at one class against the others; all combinations are 2^levels).
 * Levels that are not there go to the heavier side. With equal gains the first feature that
 * is looked at stands, and of it the first cut. An impure leaf is divided though nothing is
 * gained by one split, as scikit-learn does.
 *
 * Below a monotone cut sides answer within the leaf's bounds, and gains are those of such answers, as in tree_split.h. Where cuts
 * with sides beyond the bounds were forbidden instead, random trees stopped early: of 30,000 rows of counts, with one monotone
 * feature, they had 30,000 leaves and an r2 of 0.35, now 173,000 and 0.47, scikit-learn's ExtraTreesRegressor 278,000 and 0.45.
 *
 * As random trees (Geurts et al. 2006) each feature has one cut by chance, evenly between
 * the least and the largest bin that are there; levels are divided in an order by chance.
 */
#ifndef TREE_LOOK_H
#define TREE_LOOK_H

#include <string.h>

#include "tree_split.h"

struct look_rules {
	size_t columns;                 /* features that each split looks at, of those allowed; SIZE_MAX: all */
	size_t min_rows;                /* least rows of a side, whatever they weigh; 1 at least */
	bool random;                    /* of each feature one cut by chance */
	size_t n_classes;               /* more than two: rows' y are their numbers; else 0: y are numbers */
};

/* What is to be divided: n rows, whose weights h, above 0, are the floats in `words`. */
struct look_leaf {
	const uint32_t *order, *words;
	size_t n;
	float *g, *h;                   /* room for n each */
	double low, high;               /* bounds of answers, as y; infinite: none */
	uint64_t interact;              /* with `interact`: sets that all features on its path are in */
	uint64_t chance;
};

static inline uint32_t look_word(float weight)
{
	uint32_t word;

	memcpy(&word, &weight, sizeof word);
	return word;
}

static inline float look_weight(uint32_t word)
{
	float weight;

	memcpy(&weight, &word, sizeof weight);
	return weight;
}

struct looker;
/* rows and rules outlive the looker, monotone and interact as well (tree_grow.h); either may be NULL. */
struct looker *looker_new(const struct tree_rows *rows, const struct look_rules *rules, const signed char *monotone, const uint64_t *interact);
void looker_free(struct looker *looker);                /* NULL is fine */
uint64_t looker_size(size_t n_features, size_t n_classes);              /* bytes that it holds */
/* Before a tree's first leaf: what features are looked at hangs on the tree alone. */
void looker_start(struct looker *looker);
/* Overwrites `best`: gain 0 where the rows are alike, in what is learned or in all that may be looked at. Its `answers` are set, `left` is not. */
void look(struct looker *looker, const struct look_leaf *leaf, struct split *best);

#endif
