/* SPDX-License-Identifier: MIT */
#include "silhouette.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "distances.h"
#include "memory.h"

enum { FEWEST_ROWS = 100, STRETCH = 1024, SEED = 42 };

void silhouette_start(struct silhouette *silhouette, size_t n_features, uint64_t memory)
{
	uint64_t room = memory / ((n_features + 1) * 2 * sizeof(double));

	*silhouette = (struct silhouette){ .n_features = n_features };
	silhouette->room = room > SILHOUETTE_ROWS ? SILHOUETTE_ROWS : room < FEWEST_ROWS ? FEWEST_ROWS : (size_t)room;
	rng_seed(&silhouette->rng, SEED);
}

void silhouette_release(struct silhouette *silhouette)
{
	free(silhouette->points);
	free(silhouette->clusters);
	*silhouette = (struct silhouette){ .n = 0 };
}

void silhouette_add(struct silhouette *silhouette, const double *point, uint32_t cluster)
{
	uint64_t at = silhouette->n_rows++;

	if (!silhouette->clusters) {
		silhouette->points = mem_array(silhouette->room * silhouette->n_features + 1, sizeof *silhouette->points);
		silhouette->clusters = mem_array(silhouette->room, sizeof *silhouette->clusters);
	}
	if (at >= silhouette->room)
		at = rng_below(&silhouette->rng, silhouette->n_rows);
	else
		silhouette->n++;
	if (at >= silhouette->room)
		return;
	memcpy(silhouette->points + at * silhouette->n_features, point, silhouette->n_features * sizeof *point);
	silhouette->clusters[at] = cluster;
}

/* The rows cluster by cluster, as columns: row i of cluster c stands between first[c] and first[c + 1]. */
struct sorted { size_t n, n_features, n_clusters, *first; double *columns; };

static void sort_rows(const struct silhouette *silhouette, size_t n_clusters, struct sorted *sorted)
{
	size_t *next = mem_new(n_clusters + 1, sizeof *next);

	*sorted = (struct sorted){ .n = silhouette->n, .n_features = silhouette->n_features, .n_clusters = n_clusters,
	                           .first = mem_new(n_clusters + 1, sizeof *sorted->first),
	                           .columns = mem_array(silhouette->n * silhouette->n_features + 1, sizeof *sorted->columns) };
	for (size_t i = 0; i < sorted->n; i++)
		sorted->first[silhouette->clusters[i] + 1]++;
	for (size_t c = 0; c < n_clusters; c++)
		next[c + 1] = sorted->first[c + 1] += sorted->first[c];
	next[0] = 0;
	for (size_t i = 0; i < sorted->n; i++) {
		size_t to = next[silhouette->clusters[i]]++;

		for (size_t j = 0; j < sorted->n_features; j++)
			sorted->columns[j * sorted->n + to] = silhouette->points[i * sorted->n_features + j];
	}
	free(next);
}

/* What rows near the one with the numbers row .. row + DISTANCES_FROM - 1: the sum of the distances to each cluster, by cluster. */
static void sum_distances(const struct sorted *sorted, size_t row, double *centres, double *const *squares, const double **columns, double *sums)
{
	static const double zero[STRETCH];
	const double *start[DISTANCES_FROM] = { zero, zero, zero, zero };
	size_t c = 0;

	for (size_t j = 0; j < sorted->n_features; j++)
		for (size_t t = 0; t < DISTANCES_FROM; t++)
			centres[j * DISTANCES_FROM + t] = sorted->columns[j * sorted->n + (row + t < sorted->n ? row + t : row)];
	memset(sums, 0, DISTANCES_FROM * sorted->n_clusters * sizeof *sums);
	for (size_t first = 0; first < sorted->n; first += STRETCH) {
		size_t left = sorted->n - first, n = left < STRETCH ? left : STRETCH;

		for (size_t j = 0; j < sorted->n_features; j++)
			columns[j] = sorted->columns + j * sorted->n + first;
		distances_squared(columns, NULL, sorted->n_features, n, centres, DISTANCES_FROM, start, squares);
		for (size_t t = 0; t < DISTANCES_FROM; t++)
			distances_root(squares[t], n);
		for (size_t i = 0; i < n; i++) {
			while (first + i >= sorted->first[c + 1])
				c++;
			for (size_t t = 0; t < DISTANCES_FROM; t++)
				sums[t * sorted->n_clusters + c] += squares[t][i];
		}
	}
}

static double coefficient(const struct sorted *sorted, size_t cluster, const double *sums)
{
	size_t own = sorted->first[cluster + 1] - sorted->first[cluster];
	double inside, outside = INFINITY, larger;

	if (own == 1)
		return 0;
	inside = sums[cluster] / (double)(own - 1);
	for (size_t c = 0; c < sorted->n_clusters; c++) {
		size_t n = sorted->first[c + 1] - sorted->first[c];

		if (c != cluster && n > 0)
			outside = fmin(outside, sums[c] / (double)n);
	}
	larger = fmax(inside, outside);
	return larger > 0 ? (outside - inside) / larger : 0;
}

void silhouette_values(const struct silhouette *silhouette, size_t n_clusters, double *means, uint64_t *rows)
{
	struct sorted sorted;
	double *centres = mem_new(silhouette->n_features * DISTANCES_FROM + 1, sizeof *centres), *squares[DISTANCES_FROM];
	double *sums = mem_new(n_clusters * DISTANCES_FROM, sizeof *sums), all = 0;
	const double **columns = mem_array(silhouette->n_features + 1, sizeof *columns);
	size_t n_there = 0;

	sort_rows(silhouette, n_clusters, &sorted);
	for (size_t t = 0; t < DISTANCES_FROM; t++)
		squares[t] = mem_array(STRETCH, sizeof(double));
	for (size_t c = 0; c < n_clusters; c++) {
		rows[c] = sorted.first[c + 1] - sorted.first[c];
		n_there += rows[c] > 0;
		means[c] = 0;
	}
	rows[n_clusters] = sorted.n;
	for (size_t row = 0, c = 0; n_there > 1 && row < sorted.n; row++) {
		while (row >= sorted.first[c + 1])
			c++;
		if (row % DISTANCES_FROM == 0)
			sum_distances(&sorted, row, centres, squares, columns, sums);
		means[c] += coefficient(&sorted, c, sums + row % DISTANCES_FROM * n_clusters);
	}
	for (size_t c = 0; c < n_clusters; c++) {
		all += means[c];
		means[c] = rows[c] > 0 && n_there > 1 ? means[c] / (double)rows[c] : NAN;
	}
	means[n_clusters] = n_there > 1 ? all / (double)sorted.n : NAN;
	for (size_t t = 0; t < DISTANCES_FROM; t++)
		free(squares[t]);
	free(centres);
	free(sums);
	free(columns);
	free(sorted.first);
	free(sorted.columns);
}
