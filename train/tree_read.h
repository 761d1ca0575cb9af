/* SPDX-License-Identifier: MIT */
/*
 * Rows for trees, in two passes over the panels: the first samples values for bins, counts
 * rows and sees what targets are like, the second keeps each row as bins (tree_rows.h).
 *
 *     tree_read_look -> (middle and unit are set anew) -> tree_read_keep -> ... -> tree_read_release
 *
 * What was read is the same for any two fittings with the same tree_keeping and middle, so one
 * may be made for many (model_sharing), each of which only reads it.
 *
 *     numbers    rows.y = (y - middle) / unit in floats; y as it is beside them, where that is asked for
 *     classes    rows.y = the number of the class
 *     weights    of training rows those that are not 0 have a mean of 1; of valid rows the heaviest is 1. Only proportions matter
 */
#ifndef TREE_READ_H
#define TREE_READ_H

#include "target_sums.h"
#include "tree_rows.h"

struct tree_side {
	struct block_counts counts;
	struct tree_rows rows;
	double *y;                      /* n_rows, of numbers, where they are asked for; else NULL */
};
struct tree_read {
	const struct training *training;        /* up to tree_read_keep */
	struct tree_side train, valid;
	struct bins bins;
	struct grouping grouping;
	/* Behind the first pass: of numbers the mean of the training rows, and a power of two, 1 unless the largest is
	 * beyond 1e12 or below 1e-12; of classes 0 and 1. */
	double middle, unit, mean;      /* mean: that of the training rows, whatever middle was set to */
	double least;                   /* target of a training row */
	struct target_sums targets;     /* of the training rows, finished */
	size_t n_lanes;
	/* private */
	bool open;
	double all_weights, n_weights, heaviest_valid;
	struct read_lane *lanes;
	struct bin_sample *sample;
};

/* Overwrites what is read, to be released in any case; it stays where it is, and training outlives both passes. */
int tree_read_look(struct tree_read *read, const struct training *training, struct error *err) MUST_CHECK;

struct tree_keeping {
	size_t max_bins, least;         /* tree_bins.h */
	bool exact;                     /* numbers: y as they are, too */
	/* Each panel, when its rows are kept: from `first` on of this side. From any lane; NULL: nothing more. */
	void (*also)(void *state, size_t lane, const struct panel *panel, const struct tree_side *side, size_t first);
	void *state;
};
int tree_read_keep(struct tree_read *read, struct workers *workers, const struct tree_keeping *keeping, struct error *err) MUST_CHECK;
void tree_read_unshare(void *read);     /* releases and frees it: the `free` of a model_sharing */
void tree_read_release(struct tree_read *read);         /* fine on a zeroed one, and twice */
uint64_t tree_read_size(const struct training *training, bool exact);           /* bytes that it holds, at most */

/* A square in units as one of targets; where sizes of these have no squares, it stays what it is. */
static inline double tree_read_square(double square, double unit)
{
	double size = unit * unit;

	return size > 1e-250 && size < 1e250 ? square * size : square;
}

static inline float tree_side_weight(const struct tree_side *side, size_t row) { return side->rows.weight ? side->rows.weight[row] : 1; }

#endif
