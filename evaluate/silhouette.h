/* SPDX-License-Identifier: MIT */
/*
 * How well clusters are apart: of each row (b - a) / max(a, b), where a is the mean
 * distance from the other rows of its cluster and b the least of the mean distances from
 * those of another; 0 where it is alone in its cluster. Means of that are scikit-learn's
 * silhouette_score. Rows count alike, whatever they weigh.
 *
 * Every pair of rows is measured, which takes rows^2 x features: so all rows count up to
 * `room`, and of more an even sample of so many, drawn as they come (a reservoir).
 *
 *     silhouette_start -> silhouette_add... -> silhouette_values -> silhouette_release
 */
#ifndef SILHOUETTE_H
#define SILHOUETTE_H

#include "rng.h"

enum { SILHOUETTE_ROWS = 10000 };       /* that are measured, at most */

struct silhouette {
	size_t n_features, n, room;
	double *points;                 /* n x n_features */
	uint32_t *clusters;
	uint64_t n_rows;                /* that came */
	struct rng rng;
};

/* Overwrites it. memory: bytes for its rows: where features are many fewer rows are kept, 100 at least. */
void silhouette_start(struct silhouette *silhouette, size_t n_features, uint64_t memory);
void silhouette_add(struct silhouette *silhouette, const double *point, uint32_t cluster);
/* means, rows: of each of n_clusters clusters, then of all; NaN without rows, and of less than two clusters. */
void silhouette_values(const struct silhouette *silhouette, size_t n_clusters, double *means, uint64_t *rows);
void silhouette_release(struct silhouette *silhouette); /* fine on a zeroed one, and twice */

#endif
