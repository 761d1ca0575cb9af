/* SPDX-License-Identifier: MIT */
/*
 * A tree whose leaves are groups of 16 rows. A node has up to four children and
 * their boxes, feature by feature, so that the distances of a query from all four are
 * reckoned at once. Rows are divided by their widest feature in the middle, twice for
 * each node, always between two groups; equal values are divided by row number, so
 * the tree hangs on the rows alone, and no table makes it deep.
 *
 * Rounding never rules out a row: what a feature adds to the distance of a box is at
 * most what it adds to that of a row in it, also rounded, and sums go in the same order.
 */
#include "knn.h"

#include <assert.h>
#include <stdlib.h>

#include "memory.h"
#include "rng.h"

enum { CHILDREN = 4, STACK = 4 * 32 };  /* 2^32 rows are 14 levels */
#define LEAF (UINT32_C(1) << 31)        /* the rest is the number of a group */
#define NONE UINT32_MAX

struct knn_node { uint32_t children[CHILDREN]; };
struct key { double value; uint32_t row; };

struct group_span { size_t first, last; };   /* groups */

struct builder {
	struct knn_index *index;
	struct key *keys;
	double *low, *high;             /* by feature: the box of the last span asked for */
};

/* ---- dividing ---- */

static bool before(const struct key *a, const struct key *b)
{
	return a->value < b->value || (a->value == b->value && a->row < b->row);
}

static void swap_keys(struct key *a, struct key *b)
{
	struct key kept = *a;

	*a = *b;
	*b = kept;
}

/* The `middle` smallest come first (Hoare's select). Keys are distinct; the pivot is where a hash says. */
static void divide_keys(struct key *keys, size_t n, size_t middle)
{
	size_t first = 0, end = n;

	while (end - first > 1) {
		struct key pivot = keys[first + hash_mix(first * 31 + end) % (end - first)];
		size_t i = first, j = end - 1;

		for (;;) {
			while (before(&keys[i], &pivot))
				i++;
			while (before(&pivot, &keys[j]))
				j--;
			if (i >= j)
				break;
			swap_keys(&keys[i++], &keys[j--]);
		}
		/* keys[first .. i - 1] are smaller than those from i on; where both met, the pivot stands. */
		if (middle == i || (i == j && middle == i + 1))
			return;
		if (middle < i)
			end = i;
		else
			first = i + (i == j);
	}
}

static size_t rows_before(const struct builder *builder, size_t group)
{
	size_t n_rows = builder->index->n_rows;

	return group * KNN_GROUP < n_rows ? group * KNN_GROUP : n_rows;
}

static void find_box(const struct builder *builder, struct group_span span)
{
	const struct knn_index *index = builder->index;
	size_t n = index->n_features;

	for (size_t j = 0; j < n; j++) {
		builder->low[j] = INFINITY;
		builder->high[j] = -INFINITY;
	}
	for (size_t place = rows_before(builder, span.first); place < rows_before(builder, span.last); place++) {
		const double *row = &index->rows[index->order[place] * n];

		for (size_t j = 0; j < n; j++) {
			builder->low[j] = row[j] < builder->low[j] ? row[j] : builder->low[j];
			builder->high[j] = row[j] > builder->high[j] ? row[j] : builder->high[j];
		}
	}
}

/* Two halves of a span of more than one group. */
static void divide(const struct builder *builder, struct group_span span, struct group_span *left, struct group_span *right)
{
	struct knn_index *index = builder->index;
	size_t first = rows_before(builder, span.first), n = rows_before(builder, span.last) - first, widest = 0;
	size_t middle = span.first + (span.last - span.first) / 2;

	find_box(builder, span);
	for (size_t j = 1; j < index->n_features; j++)
		if (builder->high[j] - builder->low[j] > builder->high[widest] - builder->low[widest])
			widest = j;
	for (size_t i = 0; i < n; i++) {
		uint32_t row = index->order[first + i];

		builder->keys[i] = (struct key){ index->rows[row * index->n_features + widest], row };
	}
	divide_keys(builder->keys, n, rows_before(builder, middle) - first);
	for (size_t i = 0; i < n; i++)
		index->order[first + i] = builder->keys[i].row;
	*left = (struct group_span){ span.first, middle };
	*right = (struct group_span){ middle, span.last };
}

static uint32_t new_node(struct knn_index *index)
{
	size_t width = index->n_features * 2 * CHILDREN;

	if (index->n_nodes == index->node_room) {
		index->node_room = index->node_room ? 2 * index->node_room : 8;
		index->nodes = mem_resize(index->nodes, index->node_room, sizeof *index->nodes);
		index->boxes = mem_resize(index->boxes, index->node_room * width, sizeof *index->boxes);
	}
	return (uint32_t)index->n_nodes++;
}

/* The node of a span; of one group it is the leaf itself. Its depth is that of halving 2^28 groups. */
static uint32_t build(const struct builder *builder, struct group_span span)
{
	struct knn_index *index = builder->index;
	struct group_span parts[CHILDREN], halves[2];
	size_t n_parts = 0;
	uint32_t node;

	if (span.last - span.first == 1)
		return LEAF | (uint32_t)span.first;
	divide(builder, span, &halves[0], &halves[1]);
	for (size_t i = 0; i < 2; i++) {
		parts[n_parts++] = halves[i];
		if (halves[i].last - halves[i].first > 1) {
			divide(builder, halves[i], &parts[n_parts - 1], &parts[n_parts]);
			n_parts++;
		}
	}
	node = new_node(index);
	for (size_t c = 0; c < CHILDREN; c++) {
		struct group_span part = c < n_parts ? parts[c] : (struct group_span){ 0, 0 };
		uint32_t child = c < n_parts ? build(builder, part) : NONE;
		double *boxes = &index->boxes[node * index->n_features * 2 * CHILDREN];

		index->nodes[node].children[c] = child;
		find_box(builder, part);
		for (size_t j = 0; j < index->n_features; j++, boxes += 2 * CHILDREN) {
			boxes[c] = builder->low[j];
			boxes[CHILDREN + c] = builder->high[j];
		}
	}
	return node;
}

/* Keys, order, and a node for each two groups, or three. */
uint64_t knn_tree_memory(size_t n_rows, size_t n_features)
{
	return n_rows * (sizeof(struct key) + sizeof(uint32_t)) + n_rows / KNN_GROUP / 2 * (n_features + 1) * 2 * CHILDREN * sizeof(double);
}

void knn_tree_build(struct knn_index *index)
{
	struct builder builder = { .index = index };
	size_t n = index->n_rows;

	index->order = mem_array(n, sizeof *index->order);
	for (size_t row = 0; row < n; row++)
		index->order[row] = (uint32_t)row;
	builder.keys = mem_array(n, sizeof *builder.keys);
	builder.low = mem_array(index->n_features, sizeof *builder.low);
	builder.high = mem_array(index->n_features, sizeof *builder.high);
	build(&builder, (struct group_span){ 0, (n + KNN_GROUP - 1) / KNN_GROUP });
	free(builder.keys);
	free(builder.low);
	free(builder.high);
	index->node_room = index->n_nodes;
	index->nodes = mem_resize(index->nodes, index->n_nodes + 1, sizeof *index->nodes);
	index->boxes = mem_resize(index->boxes, index->n_nodes * index->n_features * 2 * CHILDREN + 1, sizeof *index->boxes);
	knn_groups_fill(index);
}

/* ---- searching ---- */

struct waiting { double distance; uint32_t node; };

static INLINE void look_at_leaf(const struct knn_index *index, enum knn_metric metric, const double *query, size_t group, struct nearest *nearest)
{
	const double *at = &index->groups[group * index->n_features * KNN_GROUP];
	vec4d sums[KNN_VECTORS] = { { 0 } };

	for (size_t j = 0; j < index->n_features; j++, at += KNN_GROUP)
		for (size_t v = 0; v < KNN_VECTORS; v++) {
			vec4d off = *(const vec4d *)&at[4 * v] - query[j];

			knn_add(index, metric, &sums[v], &off);
		}
	knn_take_group(index, sums, group * KNN_GROUP, nearest);
}

/* Children that may hold a row to be taken, onto the stack, the nearest on top. */
static INLINE size_t look_at_node(const struct knn_index *index, enum knn_metric metric, const double *query, uint32_t node, double worst,
                                  struct waiting *stack)
{
	const double *boxes = &index->boxes[node * index->n_features * 2 * CHILDREN];
	const vec4d zero = { 0 };
	vec4d sums = { 0 };
	size_t n = 0;

	for (size_t j = 0; j < index->n_features; j++, boxes += 2 * CHILDREN) {
		vec4d below = *(const vec4d *)boxes - query[j], above = query[j] - *(const vec4d *)(boxes + CHILDREN);

		knn_larger(&below, &above);
		knn_larger(&below, &zero);
		knn_add(index, metric, &sums, &below);
	}
	for (size_t c = 0; c < CHILDREN; c++) {
		struct waiting child = { sums[c], index->nodes[node].children[c] };
		size_t at = n;

		if (child.node == NONE || child.distance > worst)
			continue;
		for (; at > 0 && stack[at - 1].distance < child.distance; at--)
			stack[at] = stack[at - 1];
		stack[at] = child;
		n++;
	}
	return n;
}

static INLINE void search(const struct knn_index *index, enum knn_metric metric, const double *query, struct nearest *nearest)
{
	struct waiting stack[STACK] = { { 0, index->n_nodes > 0 ? 0 : LEAF } };
	size_t n = 1;

	while (n > 0) {
		struct waiting next = stack[--n];

		if (next.distance > nearest->worst)
			continue;
		if (next.node & LEAF)
			look_at_leaf(index, metric, query, next.node & ~LEAF, nearest);
		else
			n += look_at_node(index, metric, query, next.node, nearest->worst, &stack[n]);
		assert(n + CHILDREN <= STACK);
	}
}

WIDE static void search_euclidean(const struct knn_index *index, const double *query, struct nearest *nearest)
{
	search(index, KNN_EUCLIDEAN, query, nearest);
}

WIDE static void search_manhattan(const struct knn_index *index, const double *query, struct nearest *nearest)
{
	search(index, KNN_MANHATTAN, query, nearest);
}

WIDE static void search_chebyshev(const struct knn_index *index, const double *query, struct nearest *nearest)
{
	search(index, KNN_CHEBYSHEV, query, nearest);
}

WIDE static void search_minkowski(const struct knn_index *index, const double *query, struct nearest *nearest)
{
	search(index, KNN_MINKOWSKI, query, nearest);
}

void knn_tree_search(const struct knn_index *index, const double *query, struct nearest *nearest)
{
	switch (index->metric) {
	case KNN_EUCLIDEAN:
		search_euclidean(index, query, nearest);
		break;
	case KNN_MANHATTAN:
		search_manhattan(index, query, nearest);
		break;
	case KNN_CHEBYSHEV:
		search_chebyshev(index, query, nearest);
		break;
	default:
		search_minkowski(index, query, nearest);
	}
}
