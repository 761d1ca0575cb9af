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
 * Sums run over fixed runs of blocks and are merged in order: the same bits for any
 * number of threads.
 *
 * A pass costs rows x k x features (distances.h), where a column of few ones costs no
 * more than these. Bounds of triangles (Elkan, Hamerly) would keep two or k numbers a
 * row and start.
 */
#ifndef KMEANS_H
#define KMEANS_H

#include "row_store.h"
#include "workers.h"

/* Centres lie by feature: that of cluster c in feature j is [j * kmeans_wide(k) + c], and 0 behind k. */
static inline size_t kmeans_wide(size_t k) { return (k + 3) / 4 * 4; }

struct kmeans_start {
	double *centres;
	double inertia;                 /* of the last pass, around the centres as they stood before it */
	uint64_t n_steps;
	bool settled;
};

struct kmeans {
	size_t k, wide, n_features, n_starts;
	struct row_store rows;
	struct kmeans_start *starts;
	double tol;                     /* of the squared shift, once closed */
	/* private */
	double relative_tol;
	struct workers *workers;
	struct kmeans_lane *lanes;
	size_t n_lanes, size;           /* size: doubles of a start's sums: by feature and cluster, weights by cluster, inertia */
	double *total;                  /* n_starts x size: of the last pass */
	bool all;                       /* the pass is over settled starts too; when closing: the means are known */
	struct kmeans_seeding *seeding; /* while a start is seeded */
};

/* Overwrites it. memory: of the rows. host: borrowed, may be NULL. */
void kmeans_open(struct kmeans *kmeans, size_t k, size_t n_features, size_t n_starts, double tol, int threads, uint64_t memory, const struct host *host);
uint64_t kmeans_memory(size_t k, size_t n_features, size_t n_starts, size_t lanes, uint64_t n_rows);      /* that it holds besides the rows, about */
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
