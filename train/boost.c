/* SPDX-License-Identifier: MIT */
#include "boost.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "boost_fitting.h"
#include "boost_renew.h"
#include "boost_sample.h"
#include "memory.h"
#include "rng.h"

enum { CHANCE_ROWS = 1, CHANCE_FEATURES, CHANCE_DITHER, CHANCE_TREE };
enum { SCALE_NUMBERS = 5 };             /* of a checkpoint */

/* A number of the fitting's own for each round and purpose. */
static uint64_t chance_of(const struct boosting *boosting, int purpose)
{
	return hash_mix(hash_mix((uint64_t)boosting->training->seed << 8 | (uint64_t)purpose) + boosting->n_rounds);
}

/* ---- slopes ---- */

struct run_task { struct boosting *boosting; struct side *side; size_t tree; bool slopes; };

static void slopes_of_run(void *state, size_t run)
{
	const struct run_task *task = state;
	struct boosting *boosting = task->boosting;
	size_t first = run * RUN_ROWS, left = task->side->rows->n_rows - first, n_outputs = boosting->n_outputs;
	const float **scores = mem_array(n_outputs, sizeof *scores);
	float **g = mem_array(n_outputs, sizeof *g), **h = mem_array(n_outputs, sizeof *h);
	struct boost_rows rows = { .n = left < RUN_ROWS ? left : RUN_ROWS, .y = &task->side->rows->y[first], .scores = scores };

	if (task->side->rows->weight)
		rows.weight = &task->side->rows->weight[first];
	for (size_t k = 0; k < n_outputs; k++) {
		scores[k] = &task->side->scores[k][first];
		g[k] = task->slopes ? &boosting->g[k][first] : NULL;
		h[k] = task->slopes ? &boosting->h[k][first] : NULL;
	}
	if (task->slopes) {
		rows.g = g;
		rows.h = h;
	}
	boosting->losses[run] = boost_loss_rows(&boosting->objective, &rows);
	free(scores);
	free(g);
	free(h);
}

/* The mean loss; g and h of training rows, where wanted. */
static double slopes(struct boosting *boosting, struct side *side, bool wanted)
{
	struct run_task task = { .boosting = boosting, .side = side, .slopes = wanted };
	double sum = 0;

	workers_run(boosting->workers, n_runs(side->rows->n_rows), slopes_of_run, &task);
	for (size_t run = 0; run < n_runs(side->rows->n_rows); run++)
		sum += boosting->losses[run];
	return sum / (side == &boosting->train ? boosting->weight : boosting->valid_weight);
}

/* In the units of the targets. */
static double told_loss(const struct boosting *boosting, double loss)
{
	enum boost_loss kind = boosting->objective.loss;
	double unit = boosting->unit;

	return boost_loss_squares(kind) ? tree_read_square(loss, unit) : boost_loss_renews(kind) ? loss * unit : loss;
}

/* ---- words ---- */

static void sums_of_run(void *state, size_t run)
{
	struct boosting *boosting = state;
	size_t first = run * RUN_ROWS, n_rows = boosting->train.rows->n_rows, end = first + RUN_ROWS < n_rows ? first + RUN_ROWS : n_rows;

	for (size_t k = 0; k < boosting->n_outputs; k++) {
		float most_g = 0, most_h = 0;
		double sum_g = 0, sum_h = 0;

		for (size_t row = first; row < end; row++) {
			float g = fabsf(boosting->g[k][row]), h = boosting->h[k][row];

			most_g = g > most_g ? g : most_g;
			most_h = h > most_h ? h : most_h;
			sum_g += (double)g;
			sum_h += (double)h;
		}
		boosting->runs[run * boosting->n_outputs + k] = (struct run_sums){ (double)most_g, sum_g, (double)most_h, sum_h };
	}
}

static void words_of_run(void *state, size_t run)
{
	struct boosting *boosting = state;
	size_t first = run * RUN_ROWS, left = boosting->train.rows->n_rows - first, n = left < RUN_ROWS ? left : RUN_ROWS;
	uint32_t salt = (uint32_t)chance_of(boosting, CHANCE_DITHER);

	for (size_t k = 0; k < boosting->n_outputs; k++)
		quantise(&boosting->g[k][first], &boosting->h[k][first], n, first, boosting->quanta[k], salt, &boosting->words[k][first]);
}

static void make_words(struct boosting *boosting)
{
	size_t n = boosting->train.rows->n_rows;
	bool whole = boost_loss_whole(boosting->objective.loss) && !boosting->train.rows->weight && boosting->options->goss_top == 0;

	workers_run(boosting->workers, n_runs(n), sums_of_run, boosting);
	for (size_t k = 0; k < boosting->n_outputs; k++) {
		struct run_sums all = { 0 };

		for (size_t run = 0; run < n_runs(n); run++) {
			const struct run_sums *one = &boosting->runs[run * boosting->n_outputs + k];

			all = (struct run_sums){ fmax(all.most_g, one->most_g), all.sum_g + one->sum_g, fmax(all.most_h, one->most_h), all.sum_h + one->sum_h };
		}
		boosting->quanta[k] = quantise_scales(all.most_g, all.sum_g, all.most_h, all.sum_h, whole, n);
	}
	workers_run(boosting->workers, n_runs(n), words_of_run, boosting);
}

/* Which rows and features the round takes; multiplies g and h of rows that stand for others. */
static void take_sample(struct boosting *boosting)
{
	const struct boost_options *options = boosting->options;
	size_t n = boosting->train.rows->n_rows;
	uint64_t chance = chance_of(boosting, CHANCE_ROWS);

	if (boosting->allowed)
		sample_features(options->colsample, boosting->read->bins.n, chance_of(boosting, CHANCE_FEATURES), boosting->allowed);
	boosting->n_sampled = n;
	if (!boosting->sampled)
		return;
	if (options->goss_top > 0)
		boosting->n_sampled = sample_goss(options->goss_top, options->goss_other, n, boosting->n_outputs, boosting->g, boosting->h, chance,
		                                  (float *)boosting->grower.order, boosting->sampled);
	else
		boosting->n_sampled = sample_rows(options->subsample, n, chance, boosting->sampled);
}

/* ---- a tree ---- */

static void place_rows(struct boosting *boosting, size_t k)
{
	struct grower *grower = &boosting->grower;
	const uint32_t *rows = boosting->sampled, *words = boosting->words[k];

	for (size_t i = 0; i < boosting->n_sampled; i++)
		grower->order[i] = rows ? rows[i] : (uint32_t)i;
	for (size_t i = 0; rows && i < boosting->n_sampled; i++)
		grower->words[i] = words[rows[i]];              /* rows ascend: in place, too */
	if (!rows && words != grower->words)
		memcpy(grower->words, words, boosting->n_sampled * sizeof *words);
}

/* Of the residuals of rows that lie together in the grower's order. */
static double quantile_of(const struct boosting *boosting, size_t output, size_t first, size_t n)
{
	const struct grower *grower = &boosting->grower;

	return residual_quantile(boost_alpha(&boosting->objective, output), &grower->order[first], n, boosting->train.rows->y, boosting->train.scores[output],
	                         boosting->train.rows->weight, (float *)&grower->spare_order[first], (float *)&grower->spare_words[first]);
}

/* Where leaves answer by quantiles, gradients only say which side a row is on, and bounds by them are in another unit: bounds between the
 * quantiles of a monotone cut's sides take their place. */
static void bound_quantiles(const struct boosting *boosting, size_t output)
{
	const struct tree_draft *draft = &boosting->grower.draft;
	const signed char *monotone = boosting->options->rules.monotone;
	struct grown_leaf *parts = grower_nodes(&boosting->grower);

	parts[0].low = -INFINITY;
	parts[0].high = INFINITY;
	for (size_t i = 0; i < draft->n_nodes; i++) {
		const struct grown_node *node = &draft->nodes[i];
		struct grown_leaf *left = &parts[i + 1], *right = &parts[i + node->right];
		double middle;

		if (node->kind == NODE_LEAF) {
			boosting->grower.leaves[node->at].low = parts[i].low;
			boosting->grower.leaves[node->at].high = parts[i].high;
			continue;
		}
		left->low = right->low = parts[i].low;
		left->high = right->high = parts[i].high;
		if (!monotone[node->feature])
			continue;
		middle = quantile_of(boosting, output, left->first, left->n) / 2 + quantile_of(boosting, output, right->first, right->n) / 2;
		middle = fmin(fmax(middle, parts[i].low), parts[i].high);
		*(monotone[node->feature] > 0 ? &left->high : &left->low) = middle;
		*(monotone[node->feature] > 0 ? &right->low : &right->high) = middle;
	}
	free(parts);
}

struct leaf_task { struct boosting *boosting; size_t output; double *values; };

static void answer_of_leaf(void *state, size_t i)
{
	const struct leaf_task *task = state;
	const struct boosting *boosting = task->boosting;
	const struct grower *grower = &boosting->grower;
	const struct grown_leaf *leaf = &grower->leaves[i];
	double answer;

	if (boost_loss_renews(boosting->objective.loss))
		answer = fmin(fmax(quantile_of(boosting, task->output, leaf->first, leaf->n), leaf->low), leaf->high);
	else
		answer = split_answer(&boosting->rules.split, boosting->quanta[task->output], leaf->sum, leaf->low, leaf->high);
	task->values[i] = boosting->options->lr * answer;
}

/* The first of the leaf's rows, which ascend, that is not before `row`. */
static size_t first_from(const uint32_t *order, size_t n, size_t row)
{
	size_t low = 0;

	while (low < n) {
		size_t middle = low + (n - low) / 2;

		if (order[middle] < row)
			low = middle + 1;
		else
			n = middle;
	}
	return low;
}

/* All leaves' rows of one run, so that two threads do not write to the same lines of memory. */
static void score_leaves(void *state, size_t run)
{
	const struct leaf_task *task = state;
	const struct grower *grower = &task->boosting->grower;
	float *scores = task->boosting->train.scores[task->output];
	size_t first = run * RUN_ROWS, end = first + RUN_ROWS;

	for (size_t i = 0; i < grower->draft.n_leaves; i++) {
		const uint32_t *order = &grower->order[grower->leaves[i].first];
		float value = (float)task->values[i];

		for (size_t at = first_from(order, grower->leaves[i].n, first); at < grower->leaves[i].n && order[at] < end; at++)
			scores[order[at]] += value;
	}
}

static void score_run(void *state, size_t run)
{
	const struct run_task *task = state;
	const struct trees *trees = &task->boosting->trees;
	const struct grown_tree *tree = &trees->trees[task->tree];
	const double *values = &trees->values[tree->first_value];
	size_t first = run * RUN_ROWS, left = task->side->rows->n_rows - first, n = left < RUN_ROWS ? left : RUN_ROWS;
	float *scores = &task->side->scores[tree->output][first];
	uint32_t *leaves = mem_array(n, sizeof *leaves);

	trees_find_leaves(trees, task->tree, task->side->rows, NULL, first, n, leaves);
	for (size_t i = 0; i < n; i++)
		scores[i] += (float)values[leaves[i]];
	free(leaves);
}

static void score_side(struct boosting *boosting, struct side *side, size_t tree)
{
	struct run_task task = { .boosting = boosting, .side = side, .tree = tree };

	workers_run(boosting->workers, n_runs(side->rows->n_rows), score_run, &task);
}

/* false: no split gains anything, and there is no tree. */
static bool grow_one(struct boosting *boosting, size_t k)
{
	struct grower *grower = &boosting->grower;
	struct leaf_task task = { .boosting = boosting, .output = k };

	place_rows(boosting, k);
	if (!(boosting->quanta[k].g > 0 && boosting->quanta[k].h > 0))
		return false;
	grow(grower, boosting->n_sampled, boosting->quanta[k], boosting->allowed, (uint32_t)(chance_of(boosting, CHANCE_TREE) + k));
	if (grower->draft.n_leaves < 2)
		return false;
	if (boost_loss_renews(boosting->objective.loss) && boosting->options->rules.monotone)
		bound_quantiles(boosting, k);
	task.values = mem_array(grower->draft.n_leaves, sizeof *task.values);
	workers_run(boosting->workers, grower->draft.n_leaves, answer_of_leaf, &task);
	grower->draft.values = task.values;
	grower->draft.output = (uint32_t)k;
	trees_add(&boosting->trees, &grower->draft);
	if (boosting->sampled)
		score_side(boosting, &boosting->train, boosting->trees.n_trees - 1);
	else
		workers_run(boosting->workers, n_runs(boosting->train.rows->n_rows), score_leaves, &task);
	score_side(boosting, &boosting->valid, boosting->trees.n_trees - 1);
	free(task.values);
	return true;
}

/* ---- the life of a fitting ---- */

/* A checkpoint's trees, which know the cuts that they use, over all bins again; then all rows pass through them, in the order in which they
 * were added: the same floats. */
static int resume(struct boosting *boosting, struct error *err)
{
	if (!trees_spread(&boosting->trees, &boosting->read->bins))
		return error_set(err, STATUS_REQUIREMENT, "the checkpoint's trees are of other rows");
	for (size_t tree = 0; tree < boosting->trees.n_trees; tree++) {
		score_side(boosting, &boosting->train, tree);
		score_side(boosting, &boosting->valid, tree);
	}
	return 0;
}

static void allocate(struct boosting *boosting)
{
	size_t n = boosting->train.rows->n_rows, n_outputs = boosting->n_outputs;
	size_t runs = n_runs(n) > n_runs(boosting->valid.rows->n_rows) ? n_runs(n) : n_runs(boosting->valid.rows->n_rows);
	const struct boost_options *options = boosting->options;

	boosting->g = mem_new(n_outputs, sizeof *boosting->g);
	boosting->h = mem_new(n_outputs, sizeof *boosting->h);
	boosting->quanta = mem_new(n_outputs, sizeof *boosting->quanta);
	boosting->runs = mem_new(runs * n_outputs + 1, sizeof *boosting->runs);
	boosting->losses = mem_new(runs + 1, sizeof *boosting->losses);
	boosting->words = mem_new(n_outputs, sizeof *boosting->words);
	for (size_t k = 0; k < n_outputs; k++) {
		boosting->g[k] = k == 0 ? (float *)boosting->grower.spare_order : mem_array(n + 1, sizeof(float));
		boosting->h[k] = k == 0 ? (float *)boosting->grower.spare_words : mem_array(n + 1, sizeof(float));
		boosting->words[k] = k == 0 ? boosting->grower.words : mem_array(n + 1, sizeof **boosting->words);
	}
	if (options->subsample < 1 || options->goss_top > 0)
		boosting->sampled = mem_array(n + 1, sizeof *boosting->sampled);
	if (options->colsample < 1)
		boosting->allowed = mem_new(boosting->read->bins.n + 1, sizeof *boosting->allowed);
}

static int begin_rounds(struct boosting *boosting, struct error *err)
{
	if (boost_read(boosting, err) < 0)
		return -1;
	allocate(boosting);
	if (boosting->trees.n_outputs == 0)
		trees_init(&boosting->trees, &boosting->read->bins, boosting->n_outputs, 1);
	else if (resume(boosting, err) < 0)
		return -1;
	slopes(boosting, &boosting->train, true);
	boosting->begun = true;
	return 0;
}

int boosting_round(struct boosting *boosting, struct round *told, struct error *err)
{
	bool grown = false;
	double loss;

	if (!boosting->begun && begin_rounds(boosting, err) < 0)
		return -1;
	boosting->n_rounds++;
	take_sample(boosting);
	make_words(boosting);
	for (size_t k = 0; k < boosting->n_outputs; k++)
		grown |= grow_one(boosting, k);
	loss = slopes(boosting, &boosting->train, true);
	if (!isfinite(loss))
		return error_set(err, STATUS_FAILED, "the loss is no longer a number in round %" PRIu64 " (lower lr=)", boosting->n_rounds);
	told->loss = told_loss(boosting, loss);
	if (boosting->valid.rows->n_rows > 0)
		told->valid = told_loss(boosting, slopes(boosting, &boosting->valid, false));
	told->lr = boosting->options->lr;
	return grown || boosting->sampled || boosting->allowed ? 1 : 0;
}

void boosting_keep(struct boosting *boosting)
{
	boosting->kept = boosting->trees.n_trees;
}

void boosting_model(const struct boosting *boosting, struct boost *boost)
{
	size_t n = boosting->n_outputs;
	struct trees *own;

	if (boosting->from.n_parts > 0) {
		boost_copy(boost, &boosting->from);
	} else {
		*boost = (struct boost){ .objective = boosting->objective };
		boost->starts = mem_array(n, sizeof *boost->starts);
		for (size_t k = 0; k < n; k++)
			boost->starts[k] = boosting->away + boosting->per * boosting->starts[k];
	}
	boost->objective.delta = boosting->objective.delta * boosting->unit;
	boost->parts = mem_resize(boost->parts, boost->n_parts + 1, sizeof *boost->parts);
	own = &boost->parts[boost->n_parts++];
	trees_copy_pruned(own, &boosting->trees, boosting->kept);
	for (size_t i = 0; i < own->n_values; i++)
		own->values[i] *= boosting->per;
}

void boosting_checkpoint(const struct boosting *boosting, struct buffer *to)
{
	double scale[SCALE_NUMBERS] = { boosting->middle, boosting->unit, boosting->away, boosting->per, boosting->objective.delta };
	struct trees pruned;

	trees_copy_pruned(&pruned, &boosting->trees, SIZE_MAX);
	pack_map(to, 5);
	pack_text(to, "rounds");
	pack_uint(to, boosting->n_rounds);
	pack_text(to, "kept");
	pack_int(to, boosting->kept == SIZE_MAX ? -1 : (int64_t)boosting->kept);
	pack_text(to, "scale");
	pack_reals(to, scale, SCALE_NUMBERS);
	pack_text(to, "starts");
	pack_reals(to, boosting->starts, boosting->n_outputs);
	pack_text(to, "trees");
	trees_pack(&pruned, to);
	trees_release(&pruned);
}

static int read_checkpoint(struct boosting *boosting, object checkpoint, struct error *err)
{
	const struct training *training = boosting->training;
	object trees = map_get(checkpoint, "trees");
	double scale[SCALE_NUMBERS];
	int64_t kept;

	if (!object_uint(map_get(checkpoint, "rounds"), &boosting->n_rounds) || !object_int(map_get(checkpoint, "kept"), &kept) || kept < -1 || !trees ||
	    !object_finite_reals(map_get(checkpoint, "scale"), scale, SCALE_NUMBERS) ||
	    !object_finite_reals(map_get(checkpoint, "starts"), boosting->starts, boosting->n_outputs))
		return error_set(err, STATUS_FAILED, "the checkpoint of boosting is broken");
	boosting->middle = scale[0];
	boosting->unit = scale[1];
	boosting->away = scale[2];
	boosting->per = scale[3];
	boosting->objective.delta = scale[4];
	if (trees_unpack(&boosting->trees, trees, training->problem->features.n, boosting->n_outputs, err) < 0)
		return -1;
	if ((kept >= 0 && (uint64_t)kept > boosting->trees.n_trees) || boosting->trees.width != 1)
		return error_set(err, STATUS_FAILED, "the checkpoint of boosting is broken");
	boosting->kept = kept < 0 ? SIZE_MAX : (size_t)kept;
	return 0;
}

uint64_t boosting_size(const struct boost_options *options, const struct training *training, size_t lanes, bool passing)
{
	size_t n_features = training->problem->features.n, n_outputs = options->objective.n_outputs;
	const struct grow_rules *rules = &options->rules;
	uint64_t n = training->n_rows, all = n + training->n_valid, size = tree_read_size(training, false) + all * sizeof(float) * n_outputs;
	uint64_t leaves = rules->leaves < n ? rules->leaves : n;

	if (passing)
		return size;
	size += grower_size(rules, n, n_features, leaves, lanes) + (n_outputs - 1) * n * (2 * sizeof(float) + sizeof(uint32_t));
	return size + (options->subsample < 1 || options->goss_top > 0 ? n * sizeof(uint32_t) : 0);
}

struct boosting *boosting_new(const struct boost_options *options, const struct training *training, const struct boost *from, object checkpoint,
                              struct error *err)
{
	struct boosting *boosting = mem_new(1, sizeof *boosting);

	boosting->options = options;
	boosting->training = training;
	boosting->objective = options->objective;
	boosting->n_outputs = options->objective.n_outputs;
	boosting->kept = SIZE_MAX;
	boosting->starts = mem_new(boosting->n_outputs, sizeof *boosting->starts);
	boosting->read = training->shared ? training->shared : &boosting->own;
	boosting->workers = workers_new(training->threads);
	if (from)
		boost_copy(&boosting->from, from);
	if (checkpoint && read_checkpoint(boosting, checkpoint, err) < 0) {
		boosting_free(boosting);
		return NULL;
	}
	return boosting;
}

void boosting_free(struct boosting *boosting)
{
	if (!boosting)
		return;
	for (size_t k = 1; boosting->g && k < boosting->n_outputs; k++) {
		free(boosting->g[k]);
		free(boosting->h[k]);
		free(boosting->words[k]);
	}
	free(boosting->g);
	free(boosting->h);
	free(boosting->words);
	free(boosting->quanta);
	free(boosting->runs);
	free(boosting->losses);
	free(boosting->sampled);
	free(boosting->allowed);
	free(boosting->starts);
	grower_close(&boosting->grower);
	boost_side_free(boosting, &boosting->train);
	boost_side_free(boosting, &boosting->valid);
	tree_read_release(&boosting->own);
	trees_release(&boosting->trees);
	boost_release(&boosting->from);
	workers_free(boosting->workers);
	free(boosting);
}
