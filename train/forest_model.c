/* SPDX-License-Identifier: MIT */
#include "forest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

void forest_release(struct forest *forest)
{
	trees_release(&forest->trees);
	*forest = (struct forest){ .n_classes = 0 };
}

void forest_free(void *model)
{
	if (!model)
		return;
	forest_release(model);
	free(model);
}

/* ---- answers ---- */

int forest_predict(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct forest *forest = model;
	size_t width = forest->trees.n_outputs, n = forest->n_classes ? forest->n_classes : 1;
	double n_trees = (double)forest->trees.n_trees;

	(void)err;
	memset(out, 0, panel->n_rows * width * sizeof *out);
	trees_score(&forest->trees, panel, out);
	for (size_t i = 0; i < panel->n_rows * width; i++)
		out[i] /= n_trees;
	for (size_t row = panel->n_rows; n == 2 && row-- > 0;) {
		double second = out[row];

		out[2 * row] = 1 - second;
		out[2 * row + 1] = second;
	}
	return 0;
}

/* Of two classes the first one's are those of the second taken from 0, and what stands without them from 1. */
int forest_reasons(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct forest *forest = model;
	size_t step = panel->n_features + 1, n = panel->n_rows * step;
	double *from = forest->n_classes == 2 ? &out[n] : out;

	(void)err;
	memset(from, 0, n * forest->trees.n_outputs * sizeof *from);
	trees_reasons(&forest->trees, panel, from);
	for (size_t i = 0; i < n * forest->trees.n_outputs; i++)
		from[i] /= (double)forest->trees.n_trees;
	for (size_t i = 0; forest->n_classes == 2 && i < n; i++)
		out[i] = (i % step == panel->n_features) - from[i];
	return 0;
}

/* Around the first row's, so that a leaf of equal targets answers just them. Its bounds are in the scale of splits. */
static double mean_of_leaf(const struct grower *grower, const struct grown_leaf *leaf, const struct tree_read *read)
{
	const double *y = read->train.y;
	const uint32_t *order = &grower->order[leaf->first], *words = &grower->words[leaf->first];
	double start = y[order[0]], sum = 0, weight = 0;

	for (size_t i = 0; i < leaf->n; i++) {
		double h = (double)look_weight(words[i]);

		sum += h * (y[order[i]] - start);
		weight += h;
	}
	return fmin(fmax(start + sum / weight, read->middle + leaf->low * read->unit), read->middle + leaf->high * read->unit);
}

static void shares_of_leaf(const struct grower *grower, const struct grown_leaf *leaf, const float *y, double *shares, size_t n_classes)
{
	const uint32_t *order = &grower->order[leaf->first], *words = &grower->words[leaf->first];
	double sums[2] = { 0 }, *to = n_classes > 2 ? shares : sums, weight = 0;

	for (size_t k = 0; n_classes > 2 && k < n_classes; k++)
		shares[k] = 0;
	for (size_t i = 0; i < leaf->n; i++) {
		double h = (double)look_weight(words[i]);

		to[(size_t)y[order[i]]] += h;
		weight += h;
	}
	if (n_classes == 2)
		shares[0] = fmin(fmax(sums[1] / weight, leaf->low), leaf->high);
	for (size_t k = 0; n_classes > 2 && k < n_classes; k++)
		shares[k] /= weight;
}

static void values_of_leaf(const struct grower *grower, const struct grown_leaf *leaf, const struct tree_read *read, size_t n_classes, double *values)
{
	if (n_classes == 0)
		values[0] = mean_of_leaf(grower, leaf, read);
	else
		shares_of_leaf(grower, leaf, read->train.rows.y, values, n_classes);
}

double *forest_values(const struct grower *grower, const struct tree_read *read, size_t n_classes)
{
	size_t width = forest_outputs(n_classes);
	double *values = mem_array(grower->draft.n_leaves * width, sizeof *values);

	for (size_t i = 0; i < grower->draft.n_leaves; i++)
		values_of_leaf(grower, &grower->leaves[i], read, n_classes, &values[i * width]);
	return values;
}

double *forest_node_values(const struct grower *grower, const struct tree_read *read, size_t n_classes)
{
	size_t n = grower->draft.n_nodes, width = forest_outputs(n_classes);
	double *values = mem_array(n * width, sizeof *values);
	struct grown_leaf *nodes = grower_nodes(grower);

	for (size_t i = 0; i < n; i++)
		values_of_leaf(grower, &nodes[i], read, n_classes, &values[i * width]);
	free(nodes);
	return values;
}

/* ---- as bytes ---- */

void forest_score_pack(const struct forest_score *score, struct buffer *to)
{
	const double numbers[] = { (double)score->n_rows, score->first, score->second };

	pack_reals(to, numbers, 3);
}

bool forest_score_read(struct forest_score *score, object from)
{
	double numbers[3];

	if (!object_finite_reals(from, numbers, 3) || !(numbers[0] >= 0 && numbers[0] < 0x1p53))
		return false;
	*score = (struct forest_score){ (uint64_t)numbers[0], numbers[1], numbers[2] };
	return true;
}

void forest_save(const void *model, struct buffer *to)
{
	const struct forest *forest = model;

	pack_map(to, 2);
	pack_text(to, "out_of_bag");
	forest_score_pack(&forest->score, to);
	pack_text(to, "trees");
	trees_pack(&forest->trees, to);
}

bool forest_answers_fit(const struct trees *trees, size_t n_classes)
{
	if (trees->width != forest_outputs(n_classes))
		return false;
	if (n_classes == 0)
		return true;
	for (size_t i = 0; i < trees->n_values; i++)
		if (!(trees->values[i] >= 0 && trees->values[i] <= 1))
			return false;
	for (size_t i = 0; trees->width > 1 && i < trees->n_values; i += trees->width) {
		double sum = 0;

		for (size_t k = 0; k < trees->width; k++)
			sum += trees->values[i + k];
		if (!(fabs(sum - 1) < 1e-9))
			return false;
	}
	return true;
}

static int unpack(struct forest *forest, object from, const struct problem *problem, struct error *err)
{
	size_t n_classes = forest_classes(problem), width = forest_outputs(n_classes);
	object trees = map_get(from, "trees");

	*forest = (struct forest){ .n_classes = n_classes };
	if (!trees || !forest_score_read(&forest->score, map_get(from, "out_of_bag")))
		return error_set(err, STATUS_FAILED, "the parameters of the trees are broken, or not finite");
	if (trees_unpack(&forest->trees, trees, problem->features.n, width, err) < 0)
		return -1;
	if (forest->trees.n_trees == 0 || !forest_answers_fit(&forest->trees, n_classes))
		return error_set(err, STATUS_FAILED, "the trees of the model are broken, or of another problem");
	return 0;
}

void *forest_load(object params, const struct problem *problem, struct error *err)
{
	struct forest *forest = mem_new(1, sizeof *forest);

	if (unpack(forest, params, problem, err) == 0)
		return forest;
	forest_free(forest);
	return NULL;
}

/* ---- for people ---- */

void forest_score_tell(const struct forest *forest, struct buffer *to)
{
	const struct forest_score *score = &forest->score;

	if (score->n_rows == 0)
		return;
	if (forest->n_classes)
		buffer_format(to, "accuracy %.4f, log loss %.4f", score->first, score->second);
	else
		buffer_format(to, "r2 %.4f, rmse %.5g", score->first, score->second);
}
