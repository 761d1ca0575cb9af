/* SPDX-License-Identifier: MIT */
/* All groups of rows, each past all queries while it is in the cache: two queries at a time, so that eight sums go side by side. */
#include "knn.h"

enum { QUERIES = 2 };

static INLINE void scan(const struct knn_index *index, enum knn_metric metric, const double *queries, size_t n, struct nearest *nearest)
{
	size_t n_features = index->n_features, size = n_features * KNN_GROUP;

	for (size_t first = 0; first < index->n_rows; first += KNN_GROUP)
		for (size_t i = 0; i < n; i += QUERIES) {
			size_t next = i + 1 < n ? i + 1 : i;
			const double *at = &index->groups[first / KNN_GROUP * size], *one = &queries[i * n_features], *other = &queries[next * n_features];
			vec4d sums[QUERIES][KNN_VECTORS] = { { { 0 } } };

			for (size_t j = 0; j < n_features; j++, at += KNN_GROUP)
				for (size_t v = 0; v < KNN_VECTORS; v++) {
					vec4d off = *(const vec4d *)&at[4 * v] - one[j], other_off = *(const vec4d *)&at[4 * v] - other[j];

					knn_add(index, metric, &sums[0][v], &off);
					knn_add(index, metric, &sums[1][v], &other_off);
				}
			knn_take_group(index, sums[0], first, &nearest[i]);
			if (next > i)
				knn_take_group(index, sums[1], first, &nearest[next]);
		}
}

WIDE static void scan_manhattan(const struct knn_index *index, const double *queries, size_t n, struct nearest *nearest)
{
	scan(index, KNN_MANHATTAN, queries, n, nearest);
}

WIDE static void scan_chebyshev(const struct knn_index *index, const double *queries, size_t n, struct nearest *nearest)
{
	scan(index, KNN_CHEBYSHEV, queries, n, nearest);
}

WIDE static void scan_minkowski(const struct knn_index *index, const double *queries, size_t n, struct nearest *nearest)
{
	scan(index, KNN_MINKOWSKI, queries, n, nearest);
}

void knn_scan_search(const struct knn_index *index, const double *queries, size_t n, struct nearest *nearest)
{
	if (index->metric == KNN_MANHATTAN)
		scan_manhattan(index, queries, n, nearest);
	else if (index->metric == KNN_CHEBYSHEV)
		scan_chebyshev(index, queries, n, nearest);
	else
		scan_minkowski(index, queries, n, nearest);
}
