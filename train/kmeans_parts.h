/* SPDX-License-Identifier: MIT */
/*
 * What the files of k-means (kmeans.h) share, and nobody else sees.
 *
 *     kmeans.c            rows, passes over them, how centres move
 *     kmeans_nearest.c    which centre is nearest to each row of a block
 *     kmeans_sums.c       sums by cluster, the same in any order
 *     kmeans_seed.c       where centres start
 */
#ifndef KMEANS_PARTS_H
#define KMEANS_PARTS_H

#include "distances.h"
#include "kmeans.h"

/* Centres that are measured at once; blocks of a run, whose results are merged in order; rows that are measured in double at once. */
enum { TILE = DISTANCES_FROM, RUN_BLOCKS = 8, EXACT_ROWS = 64 };

/* Some rows of a block, in their order. */
struct chosen {
	size_t n;
	bool all;                       /* rows[i] is i */
	uint16_t rows[PANEL_ROWS];
	uint16_t at[PANEL_ROWS];        /* by row: 1 + its place in rows, 0: it is not there; only unless `all` */
};

/* What one thread works with. */
struct kmeans_lane {
	struct kept_block block;
	const double *weights;          /* of the block */
	double *ones;                   /* they, where there are none */
	double *values, *least;         /* scratch, by row; by row: squared distance */
	double *zero;                   /* by row */
	double *start[TILE], *tile[TILE];       /* by row: what columns of few ones come to; squared distances from the tile's centres */
	const double **whole;           /* columns that are kept whole, */
	size_t *features, n_whole;      /* and their features */
	struct chosen doubtful, unsure, changed;
	uint16_t *was, *now;            /* by row: the nearest centre in the pass before, in this one */
	float *small;                   /* groups of rows x features x rows of a group: as float32 */
	float *squares, *best, *second; /* by place among the doubtful: of the row; the least score, and the one behind it */
	int32_t *candidate;             /* that of the least */
	double *exact;                  /* n_features x EXACT_ROWS */
	const double **columns;         /* n_features */
	double *pairs;                  /* 2 x rows */
	double *sums;                   /* n_starts x 2 size: what this pass changed */
	double *inertia;                /* by start: of the run, where the pass wants it */
	struct kmeans_look *looks;      /* n_features + 1 */
	size_t run;
	struct error err;
};

int kmeans_take_block(struct kmeans *kmeans, struct kmeans_lane *lane, size_t i, struct error *err) MUST_CHECK;
/* Runs side by side as there are lanes; `merge` sees each lane that had one, in the order of the runs. */
int kmeans_run_all(struct kmeans *kmeans, void (*run)(void *kmeans, size_t lane), void (*merge)(struct kmeans *kmeans, struct kmeans_lane *lane),
                   struct error *err) MUST_CHECK;

void chosen_all(struct chosen *chosen, size_t n_rows);
void chosen_begin(struct chosen *chosen);       /* none; behind chosen_all, too */
static inline void chosen_add(struct chosen *chosen, size_t row)
{
	chosen->rows[chosen->n] = (uint16_t)row;
	chosen->at[row] = (uint16_t)++chosen->n;
}
/* Rows from place `first` on, `n` of them, of a feature: where they lie, or in `to`. */
const double *chosen_values(const struct chosen *chosen, size_t first, size_t n, const struct kept_column *column, double *to);
double kmeans_value_at(const struct kept_block *block, size_t feature, size_t row);

/* ---- the nearest centres ---- */

/* Before a pass, of a start's centres as they stand. */
void kmeans_view(struct kmeans *kmeans, struct kmeans_start *start);
/* Those of the block's rows, in lane->now; lane->changed are the rows that had another in the pass before (lane->was), or none. */
void kmeans_assign(struct kmeans *kmeans, struct kmeans_lane *lane, struct kmeans_start *start);
/* The squared distances of the block's rows from those, in full, in lane->least. */
void kmeans_measure(struct kmeans *kmeans, struct kmeans_lane *lane, const double *centres);
/* Bytes of what is kept of each row, for one start. */
enum { KMEANS_OF_ROW = sizeof(uint16_t) + 2 * sizeof(float) };

/* ---- sums ---- */

/* For values of one column, none larger than `most`, in sums of up to n. */
struct kmeans_grid kmeans_grid(double most, size_t n);
/* Rows of lane->changed go from the sums of the cluster where they were to those where they are. */
void kmeans_sums_change(struct kmeans *kmeans, struct kmeans_lane *lane, bool known, double *sums);

#endif
