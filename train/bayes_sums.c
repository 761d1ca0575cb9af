/* SPDX-License-Identifier: MIT */
#include "bayes_sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "vector.h"

static size_t node_size(const struct bayes_sums *sums)
{
	return sums->n_classes * (1 + 3 * sums->n_features) + (sums->weighted ? 4 : 1) * sums->n_features + 1;
}

/* Moments of two sets of rows become those of both. */
WIDE static void merge_moments(double *restrict weights, double *restrict means, double *restrict squares, const double *restrict other_weights,
                               const double *restrict other_means, const double *restrict other_squares, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double weight = weights[i] + other_weights[i], share = weight > 0 ? other_weights[i] / weight : 0, off = other_means[i] - means[i];

		means[i] += off * share;
		squares[i] += other_squares[i] + off * off * (weights[i] * share);
		weights[i] = weight;
	}
}

/* The parts of a node, as in the struct. */
static void set_places(struct bayes_sums *sums, double *node)
{
	size_t n = sums->n_classes * sums->n_features;

	sums->classes = node;
	sums->weights = node + sums->n_classes;
	sums->means = sums->weights + n;
	sums->squares = sums->means + n;
	sums->others = sums->squares + n;
	sums->negative = sums->others + sums->n_features;
	if (!sums->weighted)
		return;
	sums->n_rows = sums->negative + 1;
	sums->row_means = sums->n_rows + sums->n_features;
	sums->row_squares = sums->row_means + sums->n_features;
}

static void merge(void *left, void *right, void *state)
{
	struct bayes_sums to = *(const struct bayes_sums *)state, from = to;

	set_places(&to, left);
	set_places(&from, right);
	for (size_t i = 0; i < to.n_classes; i++)
		to.classes[i] += from.classes[i];
	for (size_t j = 0; j < to.n_features; j++)
		to.others[j] += from.others[j];
	to.negative[0] = from.negative[0] < to.negative[0] ? from.negative[0] : to.negative[0];
	merge_moments(to.weights, to.means, to.squares, from.weights, from.means, from.squares, to.n_classes * to.n_features);
	if (to.weighted)
		merge_moments(to.n_rows, to.row_means, to.row_squares, from.n_rows, from.row_means, from.row_squares, to.n_features);
}

void bayes_sums_init(struct bayes_sums *sums, const struct problem *problem, bool weighted)
{
	*sums = (struct bayes_sums){ .n_classes = problem->classes.n, .n_features = problem->features.n, .weighted = weighted };
	sums->node = mem_new(node_size(sums), sizeof *sums->node);
	set_places(sums, sums->node);
	sums->order = mem_array(PANEL_ROWS, sizeof *sums->order);
	sums->values = mem_array(PANEL_ROWS, sizeof *sums->values);
	sums->value_weights = mem_array(PANEL_ROWS, sizeof *sums->value_weights);
	sums->row_weights = mem_array(PANEL_ROWS, sizeof *sums->row_weights);
	sums->starts = mem_array(sums->n_classes + 2, sizeof *sums->starts);
	tree_init(&sums->tree, node_size(sums) * sizeof *sums->node, merge, sums);
}

void bayes_sums_release(struct bayes_sums *sums)
{
	tree_release(&sums->tree);
	free(sums->node);
	free(sums->order);
	free(sums->values);
	free(sums->value_weights);
	free(sums->row_weights);
	free(sums->starts);
	memset(sums, 0, sizeof *sums);
}

uint64_t bayes_sums_memory(size_t n_classes, size_t n_features, uint64_t n_rows, size_t lanes)
{
	struct bayes_sums sums = { .n_classes = n_classes, .n_features = n_features, .weighted = true };
	uint64_t n_nodes = 3;

	for (uint64_t n_blocks = n_rows / BLOCK_ROWS; n_blocks > 0; n_blocks /= 2)
		n_nodes++;
	return lanes * n_nodes * node_size(&sums) * sizeof(double);
}

/* ---- one panel ---- */

static double weight_of(const struct panel *panel, size_t row) { return panel->weight ? panel->weight[row] : 1; }

/* Rows by class, and the weight of each class. */
static void order_rows(struct bayes_sums *sums, const struct panel *panel)
{
	size_t *starts = sums->starts;

	memset(starts, 0, (sums->n_classes + 2) * sizeof *starts);
	for (size_t row = 0; row < panel->n_rows; row++)
		starts[(size_t)panel->y[row] + 2]++;
	for (size_t i = 2; i < sums->n_classes + 2; i++)
		starts[i] += starts[i - 1];
	for (size_t row = 0; row < panel->n_rows; row++) {
		size_t class = (size_t)panel->y[row], place = starts[class + 1]++;

		sums->order[place] = (uint16_t)row;
		sums->row_weights[place] = weight_of(panel, row);
		sums->classes[class] += weight_of(panel, row);
	}
}

/* The present values of rows first .. end - 1 in that order, and their weights. Returns how many there are. */
static size_t gather(struct bayes_sums *sums, const double *x, size_t first, size_t end)
{
	size_t n = 0;

	for (size_t i = first; i < end; i++) {
		double value = x[sums->order[i]];

		sums->values[n] = value;
		sums->value_weights[n] = sums->row_weights[i];
		n += value == value;
	}
	for (size_t i = 0; sums->cuts && i < n; i++)
		sums->values[i] = sums->values[i] > sums->cut;
	return n;
}

struct moments_of_values { double weight, mean, squares; };

/* weights NULL: all 1 */
WIDE static void find_moments(const double *values, const double *weights, size_t n, struct moments_of_values *of)
{
	vec4d sums[2] = { { 0 } }, squares = { 0 };
	double rest[2] = { 0, 0 }, rest_squares = 0;
	size_t whole = n / 4 * 4;

	for (size_t i = 0; i < whole; i += 4) {
		vec4d value = *(const vec4d *)&values[i];

		if (weights) {
			value *= *(const vec4d *)&weights[i];
			sums[1] += *(const vec4d *)&weights[i];
		}
		sums[0] += value;
	}
	for (size_t i = whole; i < n; i++) {
		rest[0] += values[i] * (weights ? weights[i] : 1);
		rest[1] += weights ? weights[i] : 0;
	}
	of->weight = weights ? sum4(&sums[1]) + rest[1] : (double)n;
	of->mean = of->weight > 0 ? (sum4(&sums[0]) + rest[0]) / of->weight : 0;
	for (size_t i = 0; i < whole; i += 4) {
		vec4d off = *(const vec4d *)&values[i] - of->mean;

		off *= off;
		if (weights)
			off *= *(const vec4d *)&weights[i];
		squares += off;
	}
	for (size_t i = whole; i < n; i++)
		rest_squares += (values[i] - of->mean) * (values[i] - of->mean) * (weights ? weights[i] : 1);
	of->squares = sum4(&squares) + rest_squares;
}

static void look_at_values(struct bayes_sums *sums, size_t feature, size_t n)
{
	int others = 0, negative = 0;

	for (size_t i = 0; i < n; i++) {
		others |= (sums->values[i] != 0) & (sums->values[i] != 1);
		negative |= sums->values[i] < 0;
	}
	sums->others[feature] += others;
	if (negative && (double)feature < sums->negative[0])
		sums->negative[0] = (double)feature;
}

void bayes_sums_add(struct bayes_sums *sums, const struct panel *panel)
{
	memset(sums->node, 0, node_size(sums) * sizeof *sums->node);
	sums->negative[0] = (double)sums->n_features;
	order_rows(sums, panel);
	for (size_t j = 0; j < sums->n_features; j++) {
		const double *x = &panel->x[j * panel->stride];
		struct moments_of_values of;
		size_t n;

		for (size_t class = 0, first = 0; class < sums->n_classes; first = sums->starts[++class]) {
			size_t at = class * sums->n_features + j;

			if (first == sums->starts[class + 1])
				continue;
			n = gather(sums, x, first, sums->starts[class + 1]);
			look_at_values(sums, j, n);
			find_moments(sums->values, panel->weight ? sums->value_weights : NULL, n, &of);
			sums->weights[at] = of.weight;
			sums->means[at] = of.mean;
			sums->squares[at] = of.squares;
		}
		if (!sums->weighted)
			continue;
		n = gather(sums, x, 0, panel->n_rows);
		find_moments(sums->values, NULL, n, &of);
		sums->n_rows[j] = of.weight;
		sums->row_means[j] = of.mean;
		sums->row_squares[j] = of.squares;
	}
	tree_add(&sums->tree, 0, panel->block, sums->node);
}

void bayes_sums_merge(struct bayes_sums *to, struct bayes_sums *from)
{
	tree_take(&to->tree, &from->tree);
}

void bayes_sums_finish(struct bayes_sums *sums)
{
	if (!tree_finish(&sums->tree, sums->node))
		memset(sums->node, 0, node_size(sums) * sizeof *sums->node);
}
