/* SPDX-License-Identifier: MIT */
/*
 * Shapley values along the paths of trees, in nodes x depth / 2 steps for a row.
 *
 * With some features known, a row goes to both sides of a node of an unknown one, by the shares of the training rows that went there.
 * So a leaf's value counts by a product over the features of its path: z, the product of its nodes' shares, for an unknown one; for a known one
 * 1 where the row passes all of its nodes, else 0: call it o. The Shapley value is the mean over t in 0 .. 1 of what a feature adds
 * where each other one is known by chance t (Owen 1972), which for that product is
 *
 *     leaf x (o - z) x integral of the product over the other features of (t o + (1 - t) z)
 *
 * a polynomial, of a degree below the number of features of the path, so Gauss and Legendre's rule of half as many points is exact, and
 * adds numbers of one sign. The products go down the tree, a factor for each edge; sums over the leaves come up (as
 * in Linear TreeSHAP, Yu et al. 2022): an edge adds sum x (o - z) / (t o + (1 - t) z) of its feature as it stands below it, less
 * the same as it stood above.
 *
 * o is 0 or 1, so factors and coefficients are one of three numbers, chosen by masks: rows go in runs of ROWS.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "trees.h"
#include "vector.h"

enum { ROWS = 16, VECTORS = ROWS / 4 };
typedef long long vec4l __attribute__((vector_size(32), may_alias));
static const double PI = 3.14159265358979323846;

/* Points and weights of n over 0 .. 1. */
struct rule { size_t n; double *points, *weights; };

/* Newton's steps to the roots of Legendre's polynomial. */
static void rule_make(struct rule *rule, size_t n)
{
	rule->n = n;
	rule->points = mem_resize(rule->points, n, sizeof *rule->points);
	rule->weights = mem_resize(rule->weights, n, sizeof *rule->weights);
	for (size_t i = 0; i < n; i++) {
		double root = cos(PI * ((double)i + 0.75) / ((double)n + 0.5)), slope = 1;

		for (int step = 0; step < 10; step++) {
			double last = 1, value = root;

			for (size_t k = 2; k <= n; k++) {
				double next = ((double)(2 * k - 1) * root * value - (double)(k - 1) * last) / (double)k;

				last = value;
				value = next;
			}
			slope = (double)n * (root * value - last) / (root * root - 1);
			root -= value / slope;
		}
		rule->points[i] = 0.5 + 0.5 * root;
		rule->weights[i] = 1 / ((1 - root * root) * slope * slope);
	}
}

/* A tree as it is explained; and one path in it, by depth, of the edges above each node. */
struct explained {
	const struct trees *trees;
	const struct grown_node *nodes;
	const struct level_set *sets;
	const double *values;           /* of one output: that of leaf i at i * width */
	uint32_t *depths, *same;        /* by node: the depth of the edge above it that is of its own edge's feature; 0: none */
	double *shares;                 /* by node: of its parent's rows */
	struct rule rule;
	/* by depth, of the edge above that node */
	uint32_t *path;                 /* the node */
	double *z;
	double *inverse;                /* by point: of t + (1 - t) z, where o is 1 */
	double *stays, *leaves;         /* by point: coefficients of rows whose o stays 1, and becomes 0 */
	vec4l *on;                      /* o of the feature, as masks */
	vec4d *products, *sums;         /* by point */
};

/* ---- a run of rows ---- */

static INLINE void pick(const vec4l *mask, double value, vec4d *to) { *to = (vec4d)(*mask & (vec4l)((vec4d){ 0 } + value)); }

/* Which rows pass the edge to the node at `depth`, of those that passed the same feature's above. */
static INLINE void pass_edge(const struct explained *of, size_t node, size_t depth, const unsigned char *bins, size_t stride)
{
	const struct grown_node *parent = &of->nodes[of->path[depth - 1]];
	const struct level_set *set = parent->kind == NODE_LEVELS ? &of->sets[parent->at] : NULL;
	bool right = node != of->path[depth - 1] + 1;
	const long long *above = (const long long *)&of->on[of->same[node] * VECTORS];
	long long *on = (long long *)&of->on[depth * VECTORS];

	bins += parent->feature * stride;
	for (size_t row = 0; row < ROWS; row++)
		on[row] = above[row] & -(long long)(node_goes_left(parent, set, bins[row]) != right);
}

static INLINE void go_down(const struct explained *of, size_t node, size_t depth)
{
	size_t n = of->rule.n, same = of->same[node];
	double share = of->shares[node], above = of->z[same], z = above * share;
	const vec4l *on = &of->on[depth * VECTORS], *was = &of->on[same * VECTORS];

	of->z[depth] = z;
	for (size_t k = 0; k < n; k++) {
		double t = of->rule.points[k], g = t + (1 - t) * z, inverse = 1 / g, old = of->inverse[same * n + k];
		const vec4d *from = &of->products[((depth - 1) * n + k) * VECTORS];
		vec4d *to = &of->products[(depth * n + k) * VECTORS];

		of->inverse[depth * n + k] = inverse;
		of->stays[depth * n + k] = (1 - z) * inverse - (1 - above) * old;
		of->leaves[depth * n + k] = -1 / (1 - t) - (1 - above) * old;
		for (size_t v = 0; v < VECTORS; v++) {
			vec4l left = was[v] & ~on[v], never = ~was[v];
			vec4d stays, leaves, stayed;

			pick(&on[v], g * old, &stays);
			pick(&left, (1 - t) * z * old, &leaves);
			pick(&never, share, &stayed);
			to[v] = from[v] * (stays + leaves + stayed);
		}
	}
}

static INLINE void come_up(const struct explained *of, size_t node, size_t depth, size_t n_rows, double *out, size_t step)
{
	size_t n = of->rule.n;
	const vec4l *on = &of->on[depth * VECTORS], *was = &of->on[of->same[node] * VECTORS];
	vec4d adds[VECTORS] = { { 0 } };
	const double *each = (const double *)adds;

	for (size_t k = 0; k < n; k++) {
		const vec4d *from = &of->sums[(depth * n + k) * VECTORS];
		vec4d *to = &of->sums[((depth - 1) * n + k) * VECTORS];

		for (size_t v = 0; v < VECTORS; v++) {
			vec4l left = was[v] & ~on[v];
			vec4d stays, leaves;

			pick(&on[v], of->stays[depth * n + k], &stays);
			pick(&left, of->leaves[depth * n + k], &leaves);
			adds[v] += from[v] * (stays + leaves);
			to[v] += from[v];
		}
	}
	for (size_t row = 0; row < n_rows; row++)
		out[row * step] += each[row];
}

/* out: of the first row; step: from row to row. */
WIDE static void explain_rows(const struct explained *of, size_t n_nodes, const unsigned char *bins, size_t stride, size_t n_rows, double *out, size_t step)
{
	size_t n = of->rule.n;

	memset(of->on, 0xff, VECTORS * sizeof *of->on);
	of->z[0] = 1;
	for (size_t k = 0; k < n; k++)
		of->inverse[k] = 1;
	for (size_t i = 0; i < n * VECTORS; i++)
		of->products[i] = (vec4d){ 1, 1, 1, 1 };
	for (size_t node = 0; node < n_nodes; node++) {
		size_t depth = of->depths[node];
		vec4d *sums = &of->sums[depth * n * VECTORS];
		double value;

		of->path[depth] = (uint32_t)node;
		if (depth > 0) {
			pass_edge(of, node, depth, bins, stride);
			go_down(of, node, depth);
		}
		if (of->nodes[node].kind != NODE_LEAF) {
			memset(sums, 0, n * VECTORS * sizeof *sums);
			continue;
		}
		value = of->values[of->nodes[node].at * of->trees->width];
		for (size_t k = 0; k < n; k++)
			for (size_t v = 0; v < VECTORS; v++)
				sums[k * VECTORS + v] = of->products[(depth * n + k) * VECTORS + v] * (value * of->rule.weights[k]);
		/* A right child ends its parent. */
		for (bool ends = true; ends && depth > 0; depth--) {
			uint32_t feature = of->trees->used[of->nodes[of->path[depth - 1]].feature];

			come_up(of, of->path[depth], depth, n_rows, &out[feature], step);
			ends = of->path[depth] != of->path[depth - 1] + 1;
		}
	}
}

/* ---- a tree ---- */

/* Edges of the nodes, and the number of features of the path that has most. */
static size_t find_edges(const struct explained *of, const float *covers, size_t n_nodes)
{
	uint32_t *n_features = mem_new(n_nodes, sizeof *n_features);
	size_t most = 1;

	of->depths[0] = of->same[0] = 0;
	for (size_t node = 0; node < n_nodes; node++) {
		size_t depth = of->depths[node];
		const struct grown_node *parent = depth > 0 ? &of->nodes[of->path[depth - 1]] : NULL;

		of->path[depth] = (uint32_t)node;
		if (parent) {
			size_t from = of->path[depth - 1], same = depth - 1;

			while (same > 0 && of->nodes[of->path[same - 1]].feature != parent->feature)
				same--;
			of->same[node] = (uint32_t)same;
			of->shares[node] = covers[from] > 0 ? (double)covers[node] / ((double)covers[from + 1] + (double)covers[from + parent->right]) : 0.5;
			n_features[node] = n_features[from] + (same == 0);
			most = n_features[node] > most ? n_features[node] : most;
		}
		if (of->nodes[node].kind != NODE_LEAF)
			of->depths[node + 1] = of->depths[node + of->nodes[node].right] = (uint32_t)depth + 1;
	}
	free(n_features);
	return most;
}

/* What a tree says on average: of its leaves by their shares. */
static double mean_of(const struct explained *of, size_t n_nodes)
{
	double sum = 0;

	of->z[0] = 1;
	for (size_t node = 0; node < n_nodes; node++) {
		size_t depth = of->depths[node];

		if (depth > 0)
			of->z[depth] = of->z[depth - 1] * of->shares[node];
		if (of->nodes[node].kind == NODE_LEAF)
			sum += of->z[depth] * of->values[of->nodes[node].at * of->trees->width];
	}
	return sum;
}

/* Room for the largest tree; what is by point is given it by each. */
static void open_explained(struct explained *of, const struct trees *trees)
{
	size_t nodes = 1, depth = 0;

	*of = (struct explained){ .trees = trees };
	for (size_t i = 0; i < trees->n_trees; i++) {
		nodes = trees->trees[i].n_nodes > nodes ? trees->trees[i].n_nodes : nodes;
		depth = trees->trees[i].depth > depth ? trees->trees[i].depth : depth;
	}
	of->depths = mem_new(nodes, sizeof *of->depths);
	of->same = mem_new(nodes, sizeof *of->same);
	of->shares = mem_new(nodes, sizeof *of->shares);
	of->path = mem_new(depth + 1, sizeof *of->path);
	of->z = mem_new(depth + 1, sizeof *of->z);
	of->on = mem_aligned((depth + 1) * VECTORS * sizeof *of->on);
}

static void release_points(struct explained *of)
{
	free(of->inverse);
	free(of->stays);
	free(of->leaves);
	free(of->products);
	free(of->sums);
}

static void close_explained(struct explained *of)
{
	release_points(of);
	free(of->depths);
	free(of->same);
	free(of->shares);
	free(of->path);
	free(of->z);
	free(of->on);
	free(of->rule.points);
	free(of->rule.weights);
}

static void make_points(struct explained *of, size_t n_points, size_t depth)
{
	size_t n = n_points * (depth + 1);

	release_points(of);
	if (of->rule.n != n_points)
		rule_make(&of->rule, n_points);
	of->inverse = mem_array(n, sizeof *of->inverse);
	of->stays = mem_array(n, sizeof *of->stays);
	of->leaves = mem_array(n, sizeof *of->leaves);
	of->products = mem_aligned(n * VECTORS * sizeof *of->products);
	of->sums = mem_aligned(n * VECTORS * sizeof *of->sums);
}

static void explain_tree(struct explained *of, const struct grown_tree *tree, const unsigned char *bins, const struct panel *panel, double *out)
{
	const struct trees *trees = of->trees;
	size_t step = panel->n_features + 1;

	of->nodes = &trees->nodes[tree->first];
	of->sets = tree->by_level ? &trees->sets[tree->first_set] : NULL;
	make_points(of, (find_edges(of, &trees->covers[tree->first], tree->n_nodes) + 1) / 2, tree->depth);
	for (size_t k = 0; k < trees->width; k++) {
		double *to = &out[(tree->output + k) * panel->n_rows * step], mean;

		of->values = &trees->values[tree->first_value + k];
		mean = mean_of(of, tree->n_nodes);
		for (size_t row = 0; row < panel->n_rows; row++)
			to[row * step + panel->n_features] += mean;
		for (size_t row = 0; row < panel->n_rows; row += ROWS)
			explain_rows(of, tree->n_nodes, &bins[row], PANEL_ROWS, panel->n_rows - row < ROWS ? panel->n_rows - row : ROWS, &to[row * step], step);
	}
}

void trees_reasons(const struct trees *trees, const struct panel *panel, double *out)
{
	unsigned char *bins = mem_new(trees->n_used + 1, PANEL_ROWS);
	struct explained of;

	for (size_t place = 0; place < trees->n_used; place++)
		bins_of(&trees->bins.features[trees->used[place]], &panel->x[trees->used[place] * panel->stride], panel->n_rows, &bins[place * PANEL_ROWS], 1);
	open_explained(&of, trees);
	for (size_t i = 0; i < trees->n_trees; i++)
		explain_tree(&of, &trees->trees[i], bins, panel, out);
	close_explained(&of);
	free(bins);
}
