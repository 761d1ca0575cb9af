/* SPDX-License-Identifier: MIT */
#include "knn.h"

#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "memory.h"

/*
 * Of more features a tree rules out too little. 2,048 queries of 100,000 normal rows took (tree, filter) 5 and 36 ms of 4 features,
 * 37 and 53 of 8, 189 and 68 of 12, 4,290 and 113 of 24; by manhattan 47 and 85 of 8, 119 and 94 of 10.
 */
enum { TREE_FEATURES = 10, MOST_POWER = 16 };
enum { FOUND_AT_ONCE = 1 << 18 };        /* neighbours held */

static bool searches_tree(const struct knn_index *index, size_t k)
{
	return index->metric != KNN_COSINE && index->n_features <= TREE_FEATURES && k < (index->n_rows + 1) / 2;
}

static bool filters(const struct knn_index *index) { return index->metric == KNN_EUCLIDEAN || index->metric == KNN_COSINE; }

/* Row order[i] goes to place i, round by round of those that change places. */
static void order_rows(const struct knn_index *index)
{
	size_t n = index->n_features, size = n * sizeof(double);
	double *rows = index->rows, *kept = mem_array(n + 1, sizeof *kept);
	uint64_t *done = mem_new(bits_words(index->n_rows), sizeof *done);

	for (size_t first = 0; first < index->n_rows; first++) {
		size_t at = first;

		if (bit_is_set(done, first))
			continue;
		memcpy(kept, &rows[first * n], size);
		for (; index->order[at] != first; at = index->order[at]) {
			memcpy(&rows[at * n], &rows[index->order[at] * n], size);
			bit_set(done, at);
		}
		memcpy(&rows[at * n], kept, size);
		bit_set(done, at);
	}
	free(kept);
	free(done);
}

void knn_groups_fill(struct knn_index *index)
{
	size_t n = index->n_features, size = n * KNN_GROUP, room = knn_room(index->n_rows);
	double *group = mem_array(size + 1, sizeof *group);

	if (index->order)
		order_rows(index);
	for (size_t place = index->n_rows; place < room; place++)
		memcpy(&index->rows[place * n], &index->rows[(index->n_rows - 1) * n], n * sizeof *group);
	for (double *at = index->rows; at < index->rows + room * n; at += size) {
		for (size_t i = 0; i < KNN_GROUP; i++)
			for (size_t j = 0; j < n; j++)
				group[j * KNN_GROUP + i] = at[i * n + j];
		memcpy(at, group, size * sizeof *group);
	}
	free(group);
	index->groups = index->rows;
	index->rows = NULL;
}

/* Metric and algorithm as they are taken. */
static void choose(struct knn_index *index, enum knn_algorithm algorithm, size_t k)
{
	if (index->metric == KNN_MINKOWSKI && (index->p == 1 || index->p == 2 || isinf(index->p)))
		index->metric = index->p == 1 ? KNN_MANHATTAN : index->p == 2 ? KNN_EUCLIDEAN : KNN_CHEBYSHEV;
	index->algorithm = algorithm != KNN_AUTO ? algorithm : searches_tree(index, k) ? KNN_TREE : KNN_BRUTE;
}

uint64_t knn_index_memory(enum knn_metric metric, double p, enum knn_algorithm algorithm, size_t n_rows, size_t n_features, size_t k)
{
	struct knn_index index = { .metric = metric, .p = p, .n_rows = n_rows, .n_features = n_features };

	choose(&index, algorithm, k);
	if (index.algorithm == KNN_TREE)
		return knn_tree_memory(n_rows, n_features);
	return filters(&index) ? knn_room(n_rows) * (n_features + 3) * sizeof(float) : 0;
}

struct knn_index *knn_index_new(enum knn_metric metric, double p, enum knn_algorithm algorithm, double *rows, size_t n_rows, size_t n_features,
                                size_t k)
{
	struct knn_index *index = mem_new(1, sizeof *index);

	*index = (struct knn_index){ .metric = metric, .p = p, .n_rows = n_rows, .n_features = n_features, .rows = rows };
	choose(index, algorithm, k);
	if (index->metric == KNN_MINKOWSKI && p == floor(p) && p <= MOST_POWER)
		index->power = (unsigned)p;
	if (index->algorithm == KNN_TREE)
		knn_tree_build(index);
	else if (filters(index))
		knn_filter_build(index);
	else
		knn_groups_fill(index);
	return index;
}

void knn_index_free(struct knn_index *index)
{
	if (!index)
		return;
	free(index->rows);
	free(index->groups);
	free(index->order);
	free(index->nodes);
	free(index->boxes);
	free(index->centre);
	free(index->squares);
	free(index->small);
	free(index->halves);
	free(index);
}

void knn_column(const struct knn_index *index, size_t feature, double *values)
{
	size_t n = index->n_features;

	for (size_t place = 0; place < index->n_rows; place++)
		if (index->rows)
			values[place] = index->rows[place * n + feature];
		else
			values[index->order ? index->order[place] : place] = index->groups[(place / KNN_GROUP * n + feature) * KNN_GROUP + place % KNN_GROUP];
}

/* ---- the nearest so far ---- */

static bool farther(const struct neighbour *a, const struct neighbour *b)
{
	return a->distance > b->distance || (a->distance == b->distance && a->row > b->row);
}

/* `item` into the place `at`, from which the top of what is below it was taken. */
static void sift_down(struct neighbour *items, size_t n, size_t at, struct neighbour item)
{
	size_t child;

	while ((child = 2 * at + 1) < n) {
		if (child + 1 < n && farther(&items[child + 1], &items[child]))
			child++;
		if (!farther(&items[child], &item))
			break;
		items[at] = items[child];
		at = child;
	}
	items[at] = item;
}

void nearest_put(struct nearest *nearest, double distance, uint32_t row)
{
	struct neighbour *items = nearest->items, item = { distance, row };
	size_t at;

	if (nearest->n == nearest->k) {
		if (!farther(&items[0], &item))
			return;
		sift_down(items, nearest->n, 0, item);
		nearest->worst = items[0].distance;
		return;
	}
	for (at = nearest->n++; at > 0 && farther(&item, &items[(at - 1) / 2]); at = (at - 1) / 2)
		items[at] = items[(at - 1) / 2];
	items[at] = item;
	if (nearest->n == nearest->k)
		nearest->worst = items[0].distance;
}

/* ---- searching ---- */

static double root(const struct knn_index *index, double sum)
{
	if (index->metric == KNN_EUCLIDEAN)
		return sqrt(sum);
	return index->metric == KNN_MINKOWSKI ? pow(sum, 1 / index->p) : sum;
}

/* The heap becomes a list, the nearest first, with distances as they are told. */
static void settle(const struct knn_index *index, struct nearest *nearest)
{
	for (size_t n = nearest->n; n > 1; n--) {
		struct neighbour last = nearest->items[n - 1];

		nearest->items[n - 1] = nearest->items[0];
		sift_down(nearest->items, n - 1, 0, last);
	}
	for (size_t i = 0; i < nearest->n; i++)
		nearest->items[i].distance = root(index, nearest->items[i].distance);
}

static void search_some(const struct knn_index *index, const double *queries, size_t n, struct nearest *nearest)
{
	if (index->algorithm == KNN_TREE)
		for (size_t i = 0; i < n; i++)
			knn_tree_search(index, &queries[i * index->n_features], &nearest[i]);
	else if (filters(index))
		knn_filter_search(index, queries, n, nearest);
	else
		knn_scan_search(index, queries, n, nearest);
}

void knn_search(const struct knn_index *index, const struct panel *panel, size_t k, neighbours_taker *take, void *state)
{
	size_t n = index->n_features, most = FOUND_AT_ONCE / k < 4 ? 4 : FOUND_AT_ONCE / k;
	size_t room = most < panel->n_rows ? most : panel->n_rows;
	double *queries = mem_array(room * n + 1, sizeof *queries);
	struct neighbour *items = mem_array(room * k + 1, sizeof *items);
	struct nearest *nearest = mem_array(room + 1, sizeof *nearest);

	for (size_t first = 0; first < panel->n_rows; first += room) {
		size_t n_queries = panel->n_rows - first < room ? panel->n_rows - first : room;

		for (size_t i = 0; i < n_queries; i++)
			nearest[i] = (struct nearest){ .k = k, .worst = INFINITY, .items = &items[i * k] };
		for (size_t j = 0; j < n; j++)
			for (size_t i = 0; i < n_queries; i++) {
				double value = panel->x[j * panel->stride + first + i];

				queries[i * n + j] = isnan(value) ? 0 : value;
				nearest[i].missing |= isnan(value);
			}
		search_some(index, queries, n_queries, nearest);
		for (size_t i = 0; i < n_queries; i++) {
			settle(index, &nearest[i]);
			take(state, first + i, nearest[i].n == k && !nearest[i].missing ? nearest[i].items : NULL);
		}
	}
	free(queries);
	free(items);
	free(nearest);
}
