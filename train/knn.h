/* SPDX-License-Identifier: MIT */
/*
 * The nearest of many rows, exactly: of each query the k rows of the smallest
 * distance, and of equal distances those of the lower row numbers. A distance is one
 * sum in double, feature by feature in their order, so it is the same bits whichever
 * way the rows are searched, and whatever machine does it.
 *
 *     knn_index_new -> knn_search..., from any thread -> knn_index_free
 *
 * Three ways to search:
 *
 *     knn_tree.c      a tree of boxes, four to a node, over groups of 16 rows that lie column by column: few features
 *     knn_filter.c    euclidean and cosine, many features: products in float32, 16 rows times 4 queries at once, rule out all
 *                     rows whose distance is certainly larger than the k-th so far; the few others are measured in double
 *     knn_scan.c      other metrics: all groups in double, 16 rows times 2 queries at once
 *
 * Memory: 8 bytes a value; of knn_filter.c 12; a tree has a sixth to a third more for its boxes, and 20 bytes a row while it is built. Rows
 * are put in groups where they lie. All values are finite.
 */
#ifndef KNN_H
#define KNN_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"
#include "vector.h"

enum knn_metric { KNN_EUCLIDEAN, KNN_MANHATTAN, KNN_CHEBYSHEV, KNN_MINKOWSKI, KNN_COSINE };
enum knn_algorithm { KNN_AUTO, KNN_TREE, KNN_BRUTE };
enum { KNN_GROUP = 16, KNN_VECTORS = KNN_GROUP / 4 };

struct knn_index {
	enum knn_metric metric;
	double p;                       /* of KNN_MINKOWSKI */
	unsigned power;                 /* p, if products make it; 0: pow does */
	enum knn_algorithm algorithm;   /* never KNN_AUTO */
	size_t n_rows, n_features;
	/* private; row by row where the filter searches, else in groups: value j of lane i of group g at (g * n_features + j) * KNN_GROUP + i */
	double *rows, *groups;
	uint32_t *order;                /* row by place in the groups; NULL: as they came */
	struct knn_node *nodes;         /* of the tree, the root first */
	double *boxes;                  /* by node and feature: four lower bounds, four upper ones */
	size_t n_nodes, node_room;
	double *centre, *squares;       /* of the filter: by feature; by row the sum of squares */
	double unit, slack;
	float *small, *halves;          /* the rows in float32, in groups; what a product must reach, by place */
};

/* Rows that there must be room for: whole groups. */
static inline size_t knn_room(size_t n_rows) { return (n_rows + KNN_GROUP - 1) / KNN_GROUP * KNN_GROUP; }
/* rows: n_rows x n_features, with room for knn_room rows, the index's from here on. n_rows: 1 or more, below 2^32. k: how many neighbours will be asked for, which KNN_AUTO
 * goes by: the tree for up to 10 features, and fewer neighbours than half of the rows, but not for cosine. */
struct knn_index *knn_index_new(enum knn_metric metric, double p, enum knn_algorithm algorithm, double *rows, size_t n_rows, size_t n_features,
                                size_t k);
/* Bytes besides the rows, while it is made, about. */
uint64_t knn_index_memory(enum knn_metric metric, double p, enum knn_algorithm algorithm, size_t n_rows, size_t n_features, size_t k);
void knn_index_free(struct knn_index *index);           /* NULL is fine */
/* Feature `feature` of all rows, in the order in which they came. */
void knn_column(const struct knn_index *index, size_t feature, double *values);

struct neighbour { double distance; uint32_t row; };
typedef void neighbours_taker(void *state, size_t query, const struct neighbour *neighbours);
/* To `take`, for each of the panel's rows, its k neighbours by distance, the nearest first; NULL: it has a missing value, or distances that
 * are no numbers. k: at most n_rows. */
void knn_search(const struct knn_index *index, const struct panel *panel, size_t k, neighbours_taker *take, void *state);

/* ---- private to knn_*.c ---- */

/* The k nearest so far of one query: a heap, the farthest on top. Their distances are not yet roots. */
struct nearest {
	size_t n, k;
	int missing;                    /* a value of the query is */
	double worst;                   /* infinite until there are k */
	struct neighbour *items;
};
void nearest_put(struct nearest *nearest, double distance, uint32_t row);

/* To be taken, or equal to the farthest: then the row number decides. */
static inline void nearest_offer(struct nearest *nearest, double distance, uint32_t row)
{
	if (distance <= nearest->worst)
		nearest_put(nearest, distance, row);
}

void knn_groups_fill(struct knn_index *index);          /* rows become groups, by order */
uint64_t knn_tree_memory(size_t n_rows, size_t n_features);
void knn_tree_build(struct knn_index *index);
void knn_tree_search(const struct knn_index *index, const double *query, struct nearest *nearest);
void knn_filter_build(struct knn_index *index);
/* n queries, row by row. */
void knn_filter_search(const struct knn_index *index, const double *queries, size_t n, struct nearest *nearest);
void knn_scan_search(const struct knn_index *index, const double *queries, size_t n, struct nearest *nearest);

typedef long long vec4l __attribute__((vector_size(32), aligned(8), may_alias));

static INLINE void knn_larger(vec4d *a, const vec4d *b)
{
	vec4l takes = *a > *b;

	*a = (vec4d)((takes & (vec4l)*a) | (~takes & (vec4l)*b));
}

/* What one feature adds to distances. off: how far it is, of either sign. */
static INLINE void knn_add(const struct knn_index *index, enum knn_metric metric, vec4d *sum, const vec4d *off)
{
	vec4d size = (vec4d)((vec4l)*off & INT64_MAX), product = size;

	if (metric == KNN_EUCLIDEAN) {
		*sum += *off * *off;
	} else if (metric == KNN_MANHATTAN) {
		*sum += size;
	} else if (metric == KNN_CHEBYSHEV) {
		knn_larger(sum, &size);
	} else if (index->power) {
		for (unsigned i = 1; i < index->power; i++)
			product *= size;
		*sum += product;
	} else {
		for (size_t i = 0; i < 4; i++)
			(*sum)[i] += pow(size[i], index->p);
	}
}

/* The distances of a group. first: its place. */
static INLINE void knn_take_group(const struct knn_index *index, const vec4d *sums, size_t first, struct nearest *nearest)
{
	vec4l within = { 0 };

	for (size_t v = 0; v < KNN_VECTORS; v++)
		within |= sums[v] <= nearest->worst;
	if (!(within[0] | within[1] | within[2] | within[3]))
		return;
	for (size_t i = 0; i < KNN_GROUP && first + i < index->n_rows; i++)
		nearest_offer(nearest, sums[i / 4][i % 4], index->order ? index->order[first + i] : (uint32_t)(first + i));
}

#endif
