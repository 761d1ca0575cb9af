/* SPDX-License-Identifier: MIT */
/*
 * Rows as bins, for growing trees: one byte a value, its target and weight as floats.
 *
 *     group 0  row 0: f7 f2 f9 .. | row 1: f7 f2 f9 .. | ..        bins of up to GROUP_WIDTH features
 *     group 1  row 0: f4 f0 ..    | row 1: f4 f0 ..    | ..
 *
 * Features lie in groups, of as many bins each as may be, so that the sums of one
 * group's bins (tree_histogram.h) stay in a processor's first cache while rows stream
 * by, and that a row costs one line of memory for a whole group.
 *
 * A first pass over the panels counts the rows of each block (tree_rows_count); in the
 * second each panel goes to its place (tree_rows_add), from any lane. So rows are in the
 * order of the stream, whatever order they came in.
 */
#ifndef TREE_ROWS_H
#define TREE_ROWS_H

#include <pthread.h>

#include "tree_bins.h"

enum { GROUP_WIDTH = 16, MOST_TREE_ROWS = 1 << 30 };
enum { RUN_ROWS = 16384 };              /* of a task over rows; what runs come to is merged in their order */
static inline size_t n_runs(size_t n_rows) { return (n_rows + RUN_ROWS - 1) / RUN_ROWS; }

struct feature_group {
	size_t width;                   /* features in it */
	unsigned shift;                 /* of its histogram: 2^shift bins for each feature */
	size_t at;                      /* where its sums begin in a histogram of all groups */
	size_t first;                   /* its features are grouping->features[first], … */
};
/* How features are divided; the same for training and valid rows. */
struct grouping {
	size_t n_features, n_groups, n_sums;    /* n_sums: of a histogram */
	struct feature_group *groups;
	uint32_t *features;             /* by place: the feature */
	uint32_t *group_of, *lane_of;   /* by feature: its group, its place there */
};
void grouping_make(struct grouping *grouping, const struct bins *bins);
void grouping_release(struct grouping *grouping);

struct block_counts { uint32_t *n; size_t n_blocks, room; pthread_mutex_t lock; };       /* by block */
void block_counts_init(struct block_counts *counts);
void block_counts_add(struct block_counts *counts, const struct panel *panel);          /* from any lane */
void block_counts_release(struct block_counts *counts);

struct tree_rows {
	const struct bins *bins;
	const struct grouping *grouping;
	size_t n_rows;
	unsigned char **groups;         /* by group: n_rows x width */
	float *y, *weight;              /* n_rows; weight NULL: all 1 */
	double all_weights, n_weights;  /* a weight w is kept as w / all_weights * n_weights; both 1 unless they are set before the first is added */
	size_t *first_rows, n_blocks;   /* by block */
};
/* Overwrites the rows. bins and grouping are borrowed. MOST_TREE_ROWS at most (the caller's to see). */
void tree_rows_open(struct tree_rows *rows, const struct bins *bins, const struct grouping *grouping, const struct block_counts *counts, bool weighted);
/* y: what is learned, instead of the panel's own; n_rows. */
void tree_rows_add(struct tree_rows *rows, const struct panel *panel, const float *y);
void tree_rows_free(struct tree_rows *rows);            /* fine on a zeroed one, and twice */
uint64_t tree_rows_size(size_t n_features, uint64_t n_rows, bool weighted);              /* bytes */

/* Bins of a feature: that of row i is bins[i * width]. */
struct bin_column { const unsigned char *bins; size_t width; };

static inline struct bin_column tree_rows_column(const struct tree_rows *rows, size_t feature)
{
	const struct grouping *grouping = rows->grouping;
	size_t group = grouping->group_of[feature];

	return (struct bin_column){ rows->groups[group] + grouping->lane_of[feature], grouping->groups[group].width };
}

static inline unsigned tree_rows_bin(const struct tree_rows *rows, size_t feature, size_t row)
{
	struct bin_column column = tree_rows_column(rows, feature);

	return column.bins[row * column.width];
}

#endif
