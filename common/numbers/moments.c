/* SPDX-License-Identifier: MIT */
/*
 * A block is summed in four lanes, which the compiler may compute side by side and
 * which are added in one fixed order.
 */
#include "moments.h"

#include <math.h>
enum { NODE_PARTS = 7 };     /* a packed node: level, number, n, mean, m2, min, max */

static double smaller(double a, double b) { return b < a ? b : a; }
static double larger(double a, double b) { return b > a ? b : a; }

/* Deviations of one value. */
static inline void add_value(struct moment_leaf *leaf, size_t lane, double x)
{
	double step = x - leaf->first;

	leaf->sum[lane] += x;
	leaf->steps[lane] += step;
	leaf->squares[lane] += step * step;
	leaf->min[lane] = smaller(leaf->min[lane], x);
	leaf->max[lane] = larger(leaf->max[lane], x);
}

/* In a copy, which the compiler keeps in registers. */
static void leaf_add(struct moment_leaf *to, const double *x, size_t n)
{
	struct moment_leaf leaf = *to;
	size_t i = 0;

	if (leaf.n == 0) {
		leaf = (struct moment_leaf){ .first = x[0] };
		for (size_t k = 0; k < MOMENT_LANES; k++)
			leaf.min[k] = leaf.max[k] = x[0];
	}
	for (; i < n && (leaf.n + i) % MOMENT_LANES != 0; i++)
		add_value(&leaf, (leaf.n + i) % MOMENT_LANES, x[i]);
	for (; i + MOMENT_LANES <= n; i += MOMENT_LANES)
		for (size_t k = 0; k < MOMENT_LANES; k++)
			add_value(&leaf, k, x[i + k]);
	for (size_t k = 0; i < n; i++, k++)
		add_value(&leaf, k, x[i]);
	leaf.n += n;
	*to = leaf;
}

static double total(const double lanes[MOMENT_LANES]) { return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]); }

/* leaf->n > 0 */
static struct moments leaf_moments(const struct moment_leaf *leaf)
{
	double n = (double)leaf->n, steps = total(leaf->steps), squares = total(leaf->squares), m2 = squares - steps * (steps / n);

	return (struct moments){ .n = leaf->n, .mean = total(leaf->sum) / n, .m2 = isinf(squares) ? squares : m2 > 0 ? m2 : 0,
		.min = smaller(smaller(leaf->min[0], leaf->min[1]), smaller(leaf->min[2], leaf->min[3])),
		.max = larger(larger(leaf->max[0], leaf->max[1]), larger(leaf->max[2], leaf->max[3])) };
}

static void merge(void *left, void *right, void *state)
{
	struct moments *a = left;
	const struct moments *b = right;
	double n = (double)a->n, n_more = (double)b->n, step = b->mean - a->mean, share = n_more / (n + n_more);

	(void)state;
	a->mean += step * share;
	a->m2 += b->m2 + step * step * n * share;
	a->n += b->n;
	a->min = smaller(a->min, b->min);
	a->max = larger(a->max, b->max);
}

double moments_deviation(const struct moments *moments, int ddof)
{
	double free = (double)moments->n - ddof;

	return free > 0 ? sqrt(moments->m2 / free) : 0;
}

/* ---- the sum ---- */

void moment_sum_init(struct moment_sum *sum)
{
	*sum = (struct moment_sum){ .block = 0 };
	tree_init(&sum->tree, sizeof(struct moments), merge, NULL);
}

void moment_sum_release(struct moment_sum *sum)
{
	tree_release(&sum->tree);
	moment_sum_init(sum);
}

static void close_leaf(struct moment_sum *sum)
{
	struct moments leaf;

	if (sum->open.n == 0)
		return;
	leaf = leaf_moments(&sum->open);
	sum->open.n = 0;
	tree_add(&sum->tree, 0, sum->block, &leaf);
}

void moment_sum_add(struct moment_sum *sum, uint64_t block, const double *values, size_t n)
{
	if (n == 0)
		return;
	if (block != sum->block || sum->open.n + n > BLOCK_ROWS)
		close_leaf(sum);
	sum->block = block;
	leaf_add(&sum->open, values, n);
}

void moment_sum_add_rows(struct moment_sum *sum, uint64_t first_row, const double *values, size_t n)
{
	for (size_t at = 0, some; at < n; at += some) {
		uint64_t row = first_row + at;

		some = BLOCK_ROWS - (size_t)(row % BLOCK_ROWS);
		some = some < n - at ? some : n - at;
		moment_sum_add(sum, row / BLOCK_ROWS, values + at, some);
	}
}

void moment_sum_merge(struct moment_sum *to, struct moment_sum *from)
{
	close_leaf(to);
	close_leaf(from);
	tree_take(&to->tree, &from->tree);
}

struct moments moment_sum_finish(struct moment_sum *sum)
{
	struct moments moments = { .n = 0 };

	close_leaf(sum);
	tree_finish(&sum->tree, &moments);
	return moments;
}

struct moments moments_of_rows(const double *values, size_t n)
{
	struct moment_sum sum;
	struct moments moments;

	moment_sum_init(&sum);
	moment_sum_add_rows(&sum, 0, values, n);
	moments = moment_sum_finish(&sum);
	moment_sum_release(&sum);
	return moments;
}

/* ---- as bytes ---- */

static void pack_node(struct buffer *to, unsigned level, uint64_t number, const struct moments *moments)
{
	pack_array(to, NODE_PARTS);
	pack_uint(to, level);
	pack_uint(to, number);
	pack_uint(to, moments->n);
	pack_real(to, moments->mean);
	pack_real(to, moments->m2);
	pack_real(to, moments->min);
	pack_real(to, moments->max);
}

void moment_sum_pack(const struct moment_sum *sum, struct buffer *to)
{
	const struct tree *tree = &sum->tree;

	pack_array(to, tree->n + (sum->open.n > 0));
	for (size_t i = 0; i < tree->n; i++)
		pack_node(to, tree_level(tree, i), tree_number(tree, i), tree_node(tree, i));
	if (sum->open.n > 0) {
		struct moments leaf = leaf_moments(&sum->open);

		pack_node(to, 0, sum->block, &leaf);
	}
}

bool moment_sum_unpack(struct moment_sum *sum, object from)
{
	if (!tree_places_sound(from))
		return false;
	for (size_t i = 0; i < array_size(from); i++) {
		object node = array_get(from, i);
		struct moments moments;
		uint64_t level, number;

		if (array_size(node) != NODE_PARTS || !object_uint(array_get(node, 0), &level) || !object_uint(array_get(node, 1), &number) ||
		    !object_uint(array_get(node, 2), &moments.n) || moments.n == 0 ||
		    !object_real(array_get(node, 3), &moments.mean) || !object_real(array_get(node, 4), &moments.m2) ||
		    !object_real(array_get(node, 5), &moments.min) || !object_real(array_get(node, 6), &moments.max) ||
		    !isfinite(moments.min) || !isfinite(moments.max) || moments.min > moments.max)
			return false;
		tree_add(&sum->tree, (unsigned)level, number, &moments);
	}
	return true;
}
