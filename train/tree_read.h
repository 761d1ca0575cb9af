/* SPDX-License-Identifier: MIT */
/*
 * Rows for trees whose leaves answer with means: two passes over the panels, the first
 * for bins, counts and the mean target, the second keeps the rows (tree_rows.h).
 *
 *     numbers    rows.y = (y - middle) / unit in floats, which splits are found by; y as it is beside them, for means
 *     classes    rows.y = the number of the class; y NULL
 */
#ifndef TREE_READ_H
#define TREE_READ_H

#include "tree_rows.h"

struct tree_side {
	struct block_counts counts;
	struct tree_rows rows;
	double *y;                      /* n_rows, of numbers */
};
struct tree_read {
	const struct training *training;
	struct tree_side train, valid;
	struct bins bins;
	struct grouping grouping;
	double middle, unit;            /* of numbers: unit is a power of two, 1 but for sizes that no float has */
	/* private */
	struct read_lane *lanes;
	size_t n_lanes;
	struct bin_sample *sample;
};

enum { MOST_TREE_ROWS = 1 << 30 };
/* Overwrites what is read, to be released in any case; it stays where it is, and training outlives it. max_bins: tree_bins.h. */
int tree_read(struct tree_read *read, const struct training *training, struct workers *workers, size_t max_bins, struct error *err) MUST_CHECK;
void tree_read_release(struct tree_read *read);         /* fine on a zeroed one, and twice */
uint64_t tree_read_size(const struct training *training);       /* bytes that it holds, at most */

static inline float tree_side_weight(const struct tree_side *side, size_t row) { return side->rows.weight ? side->rows.weight[row] : 1; }

#endif
