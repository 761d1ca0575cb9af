/* SPDX-License-Identifier: MIT */
/*
 * Lloyd's k-means over rows that are kept: each goes to the nearest of k centres (the
 * first of equals, by squared distances that are computed in full), each centre moves to
 * the weighted mean of its rows, until the centres move no further than the tolerance.
 * Several starts go side by side, one pass over the rows for all: the last one stays
 * that has the least inertia, the weighted sum of squared distances.
 *
 *     kmeans_open -> kmeans_add..., from any lane -> kmeans_close -> kmeans_seed or kmeans_place, for each start
 *                 -> kmeans_step... -> kmeans_judge -> kmeans_free
 *
 * The rules are scikit-learn's: greedy k-means++ of 2 + log k candidates; a start is over
 * once the squared shift of all centres is at most tol times the mean variance of the
 * features; of clusters without a row each takes the row farthest from its centre.
 * Which centre is nearest is told by the row and the centres alone, and sums hang on
 * nothing but which rows are in a cluster: the same bits for any number of threads, and
 * whether or not there is room to keep something of the passes before.
 *
 * What a pass costs, in nanoseconds a row, 200,000 rows of 20 normal features and 8
 * centres on a Zen 5 core (in brackets 50,000 rows of 16 and 256 centres), where
 * scikit-learn 1.9.1 takes 31 (340):
 *
 *     51 (390)    all distances in full, in double, 8 rows and 4 centres in registers
 *     34 (76)     float32 decides, double where that leaves a doubt (kmeans_nearest.c)
 *     12 (37)     that of rows only that bounds leave in doubt, sums of those only that changed (kmeans_sums.c)
 *
 * The last keeps 10 bytes a row and start, in what the rows leave of the memory; where
 * they leave none, it is the line before. Columns of few ones are looked at as if they
 * were kept whole: with 16 rows in a vector that costs less than to add what a place
 * changes to each centre, up to 40 levels of a text. Bounds for each centre (Elkan)
 * would keep 4 k bytes a row.
 */
#ifndef KMEANS_H
#define KMEANS_H

#include "row_store.h"
#include "workers.h"

/* Centres lie by feature: that of cluster c in feature j is [j * kmeans_wide(k) + c], and 0 behind k. */
static inline size_t kmeans_wide(size_t k) { return (k + 3) / 4 * 4; }

enum { KMEANS_TILE = 8 };               /* centres that are measured at once in float32 */
static inline size_t kmeans_tiles(size_t k) { return (k + KMEANS_TILE - 1) / KMEANS_TILE; }

struct kmeans_start {
	double *centres;
	double inertia;                 /* of the last pass, around the centres as they stood before it, to 1e-15 of that around one centre */
	uint64_t n_steps;
	bool settled;
	/* private */
	double *sums;                   /* 2 size: by feature, and for weights, and by cluster two parts (kmeans_sums.c) */
	float *small, *squares;         /* tiles x features x centres of a tile: -2 (c - means) unit; by centre: its square */
	float longest;                  /* the largest of their roots */
	float *moved, *away;            /* by centre: how far it went, how far any other went, since the last pass, at most; times unit */
	uint16_t *nearest;              /* by row: the nearest centre in the last pass; NULL: nothing is kept */
	float *upper, *lower;           /* by row: distances times unit: from it at most, from all others at least */
	bool known;                     /* there was a pass, so these and sums hold */
};

struct kmeans_grid { double high, low; };

struct kmeans {
	size_t k, wide, n_features, n_starts;
	struct row_store rows;
	struct kmeans_start *starts;
	double tol;                     /* of the squared shift, once closed */
	/* private */
	double relative_tol;
	struct workers *workers;
	struct kmeans_lane *lanes;
	size_t n_lanes, size;           /* size: sums of a start: by feature and cluster, weights by cluster */
	double *total;                  /* they, of one start */
	double *inertia;                /* by start: of the pass, where it was summed */
	double *means, unit;            /* by feature; what distances are multiplied with to be about 1; NaN: they are so small that only double tells */
	double scatter;                 /* weighted squares around the means */
	struct kmeans_grid *grids;      /* by feature, and of the weights */
	struct kmeans_look *looks;
	bool all;                       /* the pass is over settled starts too; when closing: the means are known */
	struct kmeans_seeding *seeding; /* while a start is seeded */
};

/* Overwrites it. memory: of the rows. host: borrowed, may be NULL. */
void kmeans_open(struct kmeans *kmeans, size_t k, size_t n_features, size_t n_starts, double tol, int threads, uint64_t memory, const struct host *host);
/* Bytes that it holds besides the rows, about; passing: while these are added. */
uint64_t kmeans_memory(size_t k, size_t n_features, size_t n_starts, size_t lanes, uint64_t n_rows, bool passing);
int kmeans_add(struct kmeans *kmeans, const struct panel *panel, struct error *err) MUST_CHECK;         /* y is not looked at */
/* Behind the last panel. -1: fewer rows than clusters, or values too large for their squares. */
int kmeans_close(struct kmeans *kmeans, struct error *err) MUST_CHECK;
/* A start's centres: by k-means++, or rows by chance, each by its weight; or those given. */
int kmeans_seed(struct kmeans *kmeans, size_t start, bool plus_plus, uint32_t seed, struct error *err) MUST_CHECK;
void kmeans_place(struct kmeans *kmeans, size_t start, const double *centres);
/* One pass for all starts that are not settled. 1: there are such, 0: all are settled. */
int kmeans_step(struct kmeans *kmeans, struct error *err) MUST_CHECK;
/* One more pass: the start of least inertia around its centres as they stand, with that, and what each cluster weighs (k). */
int kmeans_judge(struct kmeans *kmeans, size_t *best, double *inertia, double *weights, struct error *err) MUST_CHECK;
void kmeans_free(struct kmeans *kmeans);        /* fine on a zeroed one, and twice */

/* The nearest centre of each row of columns (of n_rows <= PANEL_ROWS, one for each feature), and the squared distance from it. */
void kmeans_nearest(const double *const *columns, size_t n_features, size_t n_rows, const double *centres, size_t k, uint32_t *nearest,
                    double *distances);

#endif
