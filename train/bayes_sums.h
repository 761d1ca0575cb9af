/* SPDX-License-Identifier: MIT */
/*
 * Of each class and feature the weight of the rows that have a value, the mean and
 * the sum of squares about it, over a tree of blocks (tree.h): one pass, and the same
 * bits for any number of lanes, each of which has sums of its own. Within a block rows
 * are put in order of their classes and looked at twice, so nothing is lost to large
 * means; blocks are merged as Chan, Golub and LeVeque (1983) do.
 *
 *     bayes_sums_init -> bayes_sums_add... -> bayes_sums_merge... -> bayes_sums_finish -> bayes_sums_release
 *
 * A missing value (NaN) is left out. What a sum can't hold is not finite.
 */
#ifndef BAYES_SUMS_H
#define BAYES_SUMS_H

#include "model.h"

struct bayes_sums {
	size_t n_classes, n_features;
	bool weighted;                  /* rows have weights: their number is another */
	bool cuts;                      /* a value is whether it is above `cut` */
	double cut;
	/* of the last panel; once finished, of all rows */
	double *classes;                /* by class: weight */
	double *weights, *means, *squares;      /* n_classes x n_features */
	double *n_rows, *row_means, *row_squares;       /* by feature, of rows without their weights; NULL unless weighted */
	double *others;                 /* by feature: above 0 if a value was neither 0 nor 1 */
	double *negative;               /* one: the first feature with a value below 0; n_features: none */
	/* private */
	struct tree tree;
	double *node;                   /* all of these */
	uint16_t *order;
	double *values, *value_weights, *row_weights;   /* PANEL_ROWS */
	size_t *starts;                 /* n_classes + 2 */
};

/* It stays where it is until it is released. */
void bayes_sums_init(struct bayes_sums *sums, const struct problem *problem, bool weighted);
void bayes_sums_add(struct bayes_sums *sums, const struct panel *panel);
void bayes_sums_merge(struct bayes_sums *to, struct bayes_sums *from);  /* `from` is empty then */
void bayes_sums_finish(struct bayes_sums *sums);
void bayes_sums_release(struct bayes_sums *sums);       /* fine on a zeroed one, and twice */
/* Bytes of so many, with the nodes of their trees. */
uint64_t bayes_sums_memory(size_t n_classes, size_t n_features, uint64_t n_rows, size_t lanes);

#endif
