/* SPDX-License-Identifier: MIT */
/*
 * The best way to divide a leaf's rows by one feature, from the sums of its bins.
 *
 *     gain = GL^2 / (HL + l2) + GR^2 / (HR + l2) - G^2 / (H + l2)
 *
 * (Friedman 2001; Chen and Guestrin, XGBoost, 2016, eq. 7, without the half.) A number is
 * cut between bins, and missing ones go to the side that gains more; where none came, to
 * the heavier one. Levels go left or right in any combination: in the order of
 * G / (H + smooth) the best combination is a cut (Fisher 1958), a few levels are tried one
 * by one. As what is chosen from many ways fits by chance too, their l2 is larger.
 *
 * A monotone feature is cut only where the sides' answers are in order, and a leaf below
 * such a cut answers within bounds.
 */
#ifndef TREE_SPLIT_H
#define TREE_SPLIT_H

#include "tree_histogram.h"

struct split_rules {
	double l2, min_gain;
	double min_weight;              /* least sum of h of a side */
	double min_rows;                /* least rows of a side, by their share of H */
	double level_l2, level_smooth;  /* besides, for levels */
};

struct split {
	double gain;                    /* 0: there is none that is allowed */
	uint32_t feature;
	uint8_t bin;                    /* a number's bin up to this one goes left */
	bool missing_right;
	bool by_level;                  /* those in left_levels go left */
	struct level_set left_levels;
	grad_sum left;
	double answers[2];              /* tree_look.h: of the left and the right side, of numbers */
};

/* What is to be divided. */
struct split_leaf {
	grad_sum sum;
	size_t n_rows;
	double low, high;               /* bounds of its answers; infinite: none */
};

/* sums: by bin of the feature. direction: 1, -1: answers may only rise, fall with it; 0: any. `best` stands, where it is as good. */
void split_find(const struct split_rules *rules, struct quantum quantum, const struct split_leaf *leaf, const struct feature_bins *bins,
                uint32_t feature, int direction, const grad_sum *sums, struct split *best);
/* What a leaf of these sums answers: the minimum of G v + (H + l2) v^2 / 2 within the bounds. */
double split_answer(const struct split_rules *rules, struct quantum quantum, grad_sum sum, double low, double high);
/* Levels in an order: by place, of equals the lower bin first. */
struct placed_level { double place; uint32_t bin; };
void levels_sort(struct placed_level *levels, size_t n);
static inline bool split_goes_left(const struct split *split, unsigned bin)
{
	if (split->by_level)
		return level_set_holds(&split->left_levels, bin);
	return bin == 0 ? !split->missing_right : bin <= split->bin;
}

#endif
