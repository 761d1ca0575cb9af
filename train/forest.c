/* SPDX-License-Identifier: MIT */
#include "forest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forest_judge.h"
#include "memory.h"
#include "rng.h"

struct foresting {
	const struct forest_options *options;
	const struct training *training;
	struct workers *workers;
	struct tree_read own;
	const struct tree_read *read;   /* its own, or shared by fittings (forest_share) */
	struct row_draw draw;
	/* trees that were grown ahead: of numbers trees.n_trees + i, i from `next` on */
	struct grower *growers;
	double **values;
	size_t n_growers, n_ahead, next;
	struct trees trees;             /* until the rows are there a checkpoint's, pruned; n_outputs 0: there is none */
	struct forest_judge out_of_bag, valid;
	struct forest_score score, kept_score;
	size_t kept;                    /* trees; SIZE_MAX: never */
	bool begun;
};

static uint64_t hash_of_tree(const struct foresting *foresting, size_t tree)
{
	return hash_mix(hash_mix((uint64_t)foresting->training->seed + UINT64_C(0x666f7265)) + tree);
}

/* ---- a tree ---- */

/* The rows of a tree, ascending, and their weights. */
static size_t draw_rows(const struct foresting *foresting, struct grower *grower, uint64_t hash)
{
	const struct tree_side *side = &foresting->read->train;
	size_t n_rows = side->rows.n_rows, n = 0;

	for (size_t row = 0; row < n_rows; row++) {
		float weight = tree_side_weight(side, row);

		if (foresting->options->bootstrap)
			weight *= (float)row_draws(&foresting->draw, hash, row);
		grower->order[n] = (uint32_t)row;
		grower->words[n] = look_word(weight);
		n += weight > 0;
	}
	for (size_t row = hash % n_rows; n == 0; row = (row + 1) % n_rows)
		if (tree_side_weight(side, row) > 0) {
			grower->order[0] = (uint32_t)row;
			grower->words[n++] = look_word(tree_side_weight(side, row));
		}
	return n;
}

static void grow_ahead(void *state, size_t i)
{
	struct foresting *foresting = state;
	struct grower *grower = &foresting->growers[i];
	uint64_t hash = hash_of_tree(foresting, foresting->trees.n_trees + i);

	grow(grower, draw_rows(foresting, grower, hash), (struct quantum){ 1, 1 }, NULL, (uint32_t)(hash >> 32));
	free(foresting->values[i]);
	foresting->values[i] = forest_values(grower, foresting->read, foresting->options->n_classes);
	grower->draft.values = foresting->values[i];
}

/* The next tree in their order. */
static void add_tree(struct foresting *foresting)
{
	if (foresting->next == foresting->n_ahead) {
		size_t left = foresting->options->n_trees > foresting->trees.n_trees ? foresting->options->n_trees - foresting->trees.n_trees : 1;

		foresting->next = 0;
		foresting->n_ahead = left < foresting->n_growers ? left : foresting->n_growers;
		workers_run(foresting->workers, foresting->n_ahead, grow_ahead, foresting);
	}
	trees_add(&foresting->trees, &foresting->growers[foresting->next++].draft);
}

static double judge_tree(struct foresting *foresting, size_t tree, double *valid)
{
	struct forest_score ignored;
	double loss = NAN;

	if (foresting->options->bootstrap)
		loss = forest_judge_add(&foresting->out_of_bag, &foresting->trees, tree, &foresting->draw, hash_of_tree(foresting, tree), foresting->workers,
		                        &foresting->score);
	if (foresting->read->valid.rows.n_rows > 0)
		*valid = forest_judge_add(&foresting->valid, &foresting->trees, tree, NULL, 0, foresting->workers, &ignored);
	return loss;
}

/* ---- the life of a fitting ---- */

static int resume(struct foresting *foresting, struct error *err)
{
	double ignored;

	if (!trees_spread(&foresting->trees, &foresting->read->bins))
		return error_set(err, STATUS_REQUIREMENT, "the checkpoint's trees are of other rows");
	for (size_t tree = 0; tree < foresting->trees.n_trees; tree++)
		judge_tree(foresting, tree, &ignored);
	return 0;
}

int forest_read(struct tree_read *read, size_t max_bins, const struct training *training, struct workers *workers, struct error *err)
{
	const struct tree_keeping keeping = { .max_bins = max_bins, .least = 1, .exact = true };

	return tree_read_look(read, training, err) < 0 ? -1 : tree_read_keep(read, workers, &keeping, err);
}

struct tree_read *forest_share(size_t max_bins, const struct training *training, struct error *err)
{
	struct workers *workers = workers_new(training->threads);
	struct tree_read *read = mem_new(1, sizeof *read);
	int result = forest_read(read, max_bins, training, workers, err);

	workers_free(workers);
	if (result == 0)
		return read;
	tree_read_unshare(read);
	return NULL;
}

uint64_t forest_shared_size(const void *config, const struct training *training)
{
	(void)config;
	return tree_read_size(training, true);
}

static int begin_rounds(struct foresting *foresting, struct error *err)
{
	const struct forest_options *options = foresting->options;
	const struct training *training = foresting->training;

	if (!training->shared && forest_read(&foresting->own, options->max_bins, training, foresting->workers, err) < 0)
		return -1;
	foresting->n_growers = training->threads > 1 ? (size_t)training->threads : 1;
	foresting->values = mem_new(foresting->n_growers, sizeof *foresting->values);
	foresting->growers = mem_new(foresting->n_growers, sizeof *foresting->growers);
	for (size_t i = 0; i < foresting->n_growers; i++)
		grower_open(&foresting->growers[i], &foresting->read->train.rows, &options->rules, foresting->workers, 1, 0);
	if (options->bootstrap)
		forest_judge_open(&foresting->out_of_bag, foresting->read, &foresting->read->train, options->n_classes);
	if (foresting->read->valid.rows.n_rows > 0)
		forest_judge_open(&foresting->valid, foresting->read, &foresting->read->valid, options->n_classes);
	foresting->begun = true;
	if (foresting->trees.n_outputs > 0)
		return resume(foresting, err);
	trees_init(&foresting->trees, &foresting->read->bins, forest_outputs(options->n_classes), forest_outputs(options->n_classes));
	return 0;
}

int foresting_round(struct foresting *foresting, struct round *told, struct error *err)
{
	if (!foresting->begun && begin_rounds(foresting, err) < 0)
		return -1;
	add_tree(foresting);
	told->loss = judge_tree(foresting, foresting->trees.n_trees - 1, &told->valid);
	return 1;
}

void foresting_keep(struct foresting *foresting)
{
	foresting->kept = foresting->trees.n_trees;
	foresting->kept_score = foresting->score;
}

void foresting_model(const struct foresting *foresting, struct forest *forest)
{
	struct buffer text = BUFFER_INIT;

	*forest = (struct forest){ .n_classes = foresting->options->n_classes, .score = foresting->kept == SIZE_MAX ? foresting->score : foresting->kept_score };
	trees_copy_pruned(&forest->trees, &foresting->trees, foresting->kept);
	if (forest->score.n_rows > 0) {
		buffer_add_text(&text, "out of bag: ");
		forest_score_tell(forest, &text);
		foresting->training->remark(foresting->training->state, buffer_text(&text));
	}
	buffer_free(&text);
}

void foresting_checkpoint(const struct foresting *foresting, struct buffer *to)
{
	struct trees pruned;

	trees_copy_pruned(&pruned, &foresting->trees, SIZE_MAX);
	pack_map(to, 4);
	pack_text(to, "score");
	forest_score_pack(&foresting->score, to);
	pack_text(to, "kept_score");
	forest_score_pack(&foresting->kept_score, to);
	pack_text(to, "kept");
	pack_int(to, foresting->kept == SIZE_MAX ? -1 : (int64_t)foresting->kept);
	pack_text(to, "trees");
	trees_pack(&pruned, to);
	trees_release(&pruned);
}

static int read_checkpoint(struct foresting *foresting, object checkpoint, struct error *err)
{
	object trees = map_get(checkpoint, "trees");
	int64_t kept;

	if (!object_int(map_get(checkpoint, "kept"), &kept) || kept < -1 || !trees ||
	    !forest_score_read(&foresting->score, map_get(checkpoint, "score")) || !forest_score_read(&foresting->kept_score, map_get(checkpoint, "kept_score")))
		return error_set(err, STATUS_FAILED, "the checkpoint of the forest is broken");
	if (trees_unpack(&foresting->trees, trees, foresting->training->problem->features.n, forest_outputs(foresting->options->n_classes), err) < 0)
		return -1;
	if ((kept >= 0 && (uint64_t)kept > foresting->trees.n_trees) || !forest_answers_fit(&foresting->trees, foresting->options->n_classes))
		return error_set(err, STATUS_FAILED, "the checkpoint of the forest is broken");
	foresting->kept = kept < 0 ? SIZE_MAX : (size_t)kept;
	return 0;
}

struct foresting *foresting_new(const struct forest_options *options, const struct training *training, object checkpoint, struct error *err)
{
	struct foresting *foresting = mem_new(1, sizeof *foresting);

	foresting->options = options;
	foresting->training = training;
	foresting->kept = SIZE_MAX;
	foresting->read = training->shared ? training->shared : &foresting->own;
	foresting->workers = workers_new(training->threads);
	row_draw_init(&foresting->draw, options->max_samples);
	if (checkpoint && read_checkpoint(foresting, checkpoint, err) < 0) {
		foresting_free(foresting);
		return NULL;
	}
	return foresting;
}

/* Leaves of a tree, at most: one for each row that it has, where it is grown to the end, a little fewer than would fit where not. */
static uint64_t leaves_of(const struct forest_options *options, uint64_t n_rows)
{
	uint64_t drawn = options->bootstrap ? (uint64_t)((double)n_rows * (1 - exp(-options->max_samples))) : n_rows, least = options->rules.look->min_rows;
	uint64_t leaves = (least > 1 ? drawn * 17 / 20 / least : drawn) + 1;

	if (options->rules.depth < 32 && leaves >> options->rules.depth)
		leaves = UINT64_C(1) << options->rules.depth;
	return leaves < options->rules.leaves ? leaves : options->rules.leaves;
}

uint64_t foresting_size(const struct forest_options *options, const struct training *training, size_t lanes, bool passing)
{
	uint64_t n = training->n_rows, width = forest_outputs(options->n_classes), leaves = leaves_of(options, n), size = tree_read_size(training, true);
	uint64_t judged = (options->bootstrap ? n : 0) + training->n_valid, leaf = 2 * (sizeof(struct grown_node) + 2 * sizeof(float)) + width * sizeof(double);

	if (passing)
		return size;
	size += lanes * grower_size(&options->rules, n, training->problem->features.n, leaves, 1);
	return size + forest_judge_size(judged, options->n_classes) + 2 * options->n_trees * leaves * leaf;
}

void foresting_free(struct foresting *foresting)
{
	if (!foresting)
		return;
	for (size_t i = 0; i < foresting->n_growers; i++) {
		grower_close(&foresting->growers[i]);
		free(foresting->values[i]);
	}
	free(foresting->growers);
	free(foresting->values);
	forest_judge_close(&foresting->out_of_bag);
	forest_judge_close(&foresting->valid);
	trees_release(&foresting->trees);
	tree_read_release(&foresting->own);
	workers_free(foresting->workers);
	free(foresting);
}
