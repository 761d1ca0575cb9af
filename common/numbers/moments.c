/* SPDX-License-Identifier: MIT */
/*
 * A block is summed in four lanes (element i goes to lane i % 4), which the
 * compiler may compute side by side and which are added in one fixed order.
 */
#include "moments.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { LANES = 4, NODE_PARTS = 7 };     /* a packed node: level, number, n, mean, m2, min, max */

static double smaller(double a, double b) { return b < a ? b : a; }
static double larger(double a, double b) { return b > a ? b : a; }

/* n > 0 */
static struct moments leaf_of(const double *x, size_t n)
{
	double sum[LANES] = { 0 }, squares[LANES] = { 0 }, min[LANES], max[LANES], mean;
	size_t full = n - n % LANES;

	for (size_t k = 0; k < LANES; k++)
		min[k] = max[k] = x[0];
	for (size_t i = 0; i < full; i += LANES)
		for (size_t k = 0; k < LANES; k++) {
			sum[k] += x[i + k];
			min[k] = smaller(min[k], x[i + k]);
			max[k] = larger(max[k], x[i + k]);
		}
	for (size_t k = 0; full + k < n; k++) {
		sum[k] += x[full + k];
		min[k] = smaller(min[k], x[full + k]);
		max[k] = larger(max[k], x[full + k]);
	}
	mean = ((sum[0] + sum[1]) + (sum[2] + sum[3])) / (double)n;
	for (size_t i = 0; i < full; i += LANES)
		for (size_t k = 0; k < LANES; k++)
			squares[k] += (x[i + k] - mean) * (x[i + k] - mean);
	for (size_t k = 0; full + k < n; k++)
		squares[k] += (x[full + k] - mean) * (x[full + k] - mean);
	return (struct moments){ .n = n, .mean = mean, .m2 = (squares[0] + squares[1]) + (squares[2] + squares[3]),
		.min = smaller(smaller(min[0], min[1]), smaller(min[2], min[3])), .max = larger(larger(max[0], max[1]), larger(max[2], max[3])) };
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
	*sum = (struct moment_sum){ .n_open = 0 };
	tree_init(&sum->tree, sizeof(struct moments), merge, NULL);
}

void moment_sum_release(struct moment_sum *sum)
{
	tree_release(&sum->tree);
	free(sum->open);
	moment_sum_init(sum);
}

static void add_leaf(struct moment_sum *sum, uint64_t block, const double *values, size_t n)
{
	struct moments leaf = leaf_of(values, n);

	tree_add(&sum->tree, 0, block, &leaf);
}

static void close_leaf(struct moment_sum *sum)
{
	if (sum->n_open > 0)
		add_leaf(sum, sum->block, sum->open, sum->n_open);
	sum->n_open = 0;
}

void moment_sum_add(struct moment_sum *sum, uint64_t block, const double *values, size_t n)
{
	if (n == 0)
		return;
	if (block != sum->block || sum->n_open + n > BLOCK_ROWS)
		close_leaf(sum);
	if (n >= BLOCK_ROWS) {          /* whole: no need to keep it */
		add_leaf(sum, block, values, n);
		return;
	}
	if (!sum->open)
		sum->open = mem_array(BLOCK_ROWS, sizeof *sum->open);
	memcpy(sum->open + sum->n_open, values, n * sizeof *values);
	sum->n_open += n;
	sum->block = block;
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

	pack_array(to, tree->n + (sum->n_open > 0));
	for (size_t i = 0; i < tree->n; i++)
		pack_node(to, tree_level(tree, i), tree_number(tree, i), tree_node(tree, i));
	if (sum->n_open > 0) {
		struct moments leaf = leaf_of(sum->open, sum->n_open);

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
