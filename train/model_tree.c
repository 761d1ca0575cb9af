/* SPDX-License-Identifier: MIT */
/*
 * One tree (CART, Breiman et al. 1984), for people to read: of LEAVES leaves at most, of which those are taken back that do not show on
 * other rows: on the valid ones, or, without any, in ten folds, each answered by a tree of the other nine. The smallest tree within a
 * standard error of the best one is taken (their 1 SE rule): what is read is to be there in other rows, too.
 */
#include "model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forest.h"
#include "forest_judge.h"
#include "memory.h"
#include "rng.h"
#include "tree_limits.h"
#include "tree_prune.h"

enum { PRUNED_LEAF = 50 };              /* bytes of a leaf, besides those of the grower, while its tree is pruned */
enum { LEAVES = 32, LEAF_ROWS = 5, FOLDS = 10, DRAWN_LEAVES = 256 };
static const double CHOSEN = -1;        /* ccp_alpha that is chosen */

struct tree_config {
	struct limit_texts limits;
	double ccp_alpha;
	int64_t leaves, max_depth, min_samples_leaf;
};

static int tree_check(const void *config, const struct problem *problem, struct error *err)
{
	return tree_limits_check(&((const struct tree_config *)config)->limits, problem, err);
}

/* ---- what fittings share ---- */

static bool tree_shares(const void *config, const void *other)
{
	return ((const struct tree_config *)config)->limits.max_bins == ((const struct tree_config *)other)->limits.max_bins;
}

static void *tree_share(const void *config, const struct training *training, struct error *err)
{
	return forest_share((size_t)((const struct tree_config *)config)->limits.max_bins, training, err);
}

static const struct model_sharing tree_sharing = { tree_shares, forest_shared_size, tree_share, tree_read_unshare };

/* ---- fitting ---- */

/* A tree that was grown over all rows, or those of all folds but one. */
struct fold_tree { struct grower grower; double *alphas, *answers; };

struct tree_fitting {
	const struct tree_config *config;
	const struct training *training;
	struct workers *workers;
	struct tree_limits limits;
	struct look_rules look;
	struct grow_rules rules;
	struct tree_read own;
	const struct tree_read *read;   /* its own, or shared by fittings (forest_share) */
	size_t n_classes, n_folds, n_at_work;
	struct fold_tree *at_work;
	size_t first_fold;              /* of those at work */
	double *candidates;             /* alphas, ascending from 0 */
	size_t n_candidates;
	struct forest forest;
};

static void set_rules(struct tree_fitting *fitting, const struct tree_config *config, const struct problem *problem)
{
	fitting->config = config;
	fitting->n_classes = forest_classes(problem);
	fitting->look = (struct look_rules){ .columns = SIZE_MAX, .min_rows = (size_t)config->min_samples_leaf,
	                                     .n_classes = forest_outputs(fitting->n_classes) > 1 ? fitting->n_classes : 0 };
	fitting->rules = (struct grow_rules){
		.look = &fitting->look, .leaves = grow_most(config->leaves), .depth = grow_most(config->max_depth),
	};
}

static bool cross_validates(const struct tree_config *config, uint64_t n_valid) { return config->ccp_alpha < 0 && n_valid == 0; }

static uint64_t tree_needs(const void *config, const struct training *training, size_t lanes, bool passing)
{
	const struct tree_config *tree = config;
	struct tree_fitting fitting;
	size_t n_classes = forest_classes(training->problem), n_features = training->problem->features.n, at_work = cross_validates(tree, training->n_valid) ? lanes : 1;
	uint64_t n = training->n_rows, leaves = tree->leaves ? (uint64_t)tree->leaves : n / (uint64_t)tree->min_samples_leaf + 1;

	if (passing)
		return tree_read_size(training, true);
	leaves = leaves < n ? leaves : n;
	set_rules(&fitting, tree, training->problem);
	return tree_read_size(training, true) + at_work * (grower_size(&fitting.rules, n, n_features, leaves, 1) + leaves * PRUNED_LEAF) +
	       forest_judge_size(n + training->n_valid, n_classes) + leaves * (200 + 5 * forest_outputs(n_classes) * sizeof(double));
}

static void tree_close(void *state)
{
	struct tree_fitting *fitting = state;

	for (size_t i = 0; i < fitting->n_at_work; i++) {
		grower_close(&fitting->at_work[i].grower);
		free(fitting->at_work[i].alphas);
		free(fitting->at_work[i].answers);
	}
	free(fitting->at_work);
	free(fitting->candidates);
	forest_release(&fitting->forest);
	tree_read_release(&fitting->own);
	tree_limits_release(&fitting->limits);
	workers_free(fitting->workers);
	free(fitting);
}

static void *tree_begin(const void *config, const struct training *training, object checkpoint, struct error *err)
{
	struct tree_fitting *fitting = mem_new(1, sizeof *fitting);
	const struct tree_config *tree = config;

	(void)checkpoint;
	set_rules(fitting, tree, training->problem);
	fitting->training = training;
	if (tree_limits_read(&fitting->limits, &tree->limits, training, err) < 0) {
		tree_close(fitting);
		return NULL;
	}
	fitting->rules.monotone = fitting->limits.monotone;
	fitting->rules.interact = fitting->limits.interact;
	fitting->read = training->shared ? training->shared : &fitting->own;
	fitting->workers = workers_new(training->threads);
	return fitting;
}

static size_t fold_of(const struct tree_fitting *fitting, size_t row)
{
	return hash_mix(row ^ hash_mix((uint64_t)fitting->training->seed + UINT64_C(0x666f6c64))) % fitting->n_folds;
}

/* What alphas are in: gains by weight, in the units of the impurity; of numbers in those of their scale (tree_read.h). */
static double scale_of(const struct tree_fitting *fitting, double weight)
{
	return (fitting->n_classes == 2 ? 2 : 1) / weight;
}

/* A tree of all rows but those of fold `without`; what it would be at each alpha. */
static void grow_tree(const struct tree_fitting *fitting, struct fold_tree *tree, size_t without)
{
	const struct tree_side *side = &fitting->read->train;
	struct grower *grower = &tree->grower;
	double weight = 0;
	size_t n = 0;

	for (size_t row = 0; row < side->rows.n_rows; row++) {
		float own = tree_side_weight(side, row);

		grower->order[n] = (uint32_t)row;
		grower->words[n] = look_word(own);
		if (own > 0 && (without == SIZE_MAX || fold_of(fitting, row) != without)) {
			weight += (double)own;
			n++;
		}
	}
	free(tree->alphas);
	free(tree->answers);
	tree->alphas = tree->answers = NULL;
	if (n == 0)
		return;
	grow(grower, n, (struct quantum){ 1, 1 }, NULL, 0);
	tree->alphas = mem_array(grower->draft.n_nodes, sizeof *tree->alphas);
	prune_alphas(&grower->draft, scale_of(fitting, weight), tree->alphas);
	tree->answers = forest_node_values(grower, fitting->read, fitting->n_classes);
}

static void grow_fold(void *state, size_t i)
{
	struct tree_fitting *fitting = state;

	grow_tree(fitting, &fitting->at_work[i], fitting->first_fold + i);
}

static int by_size(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

/* The alphas at which the tree changes. */
static void find_candidates(struct tree_fitting *fitting, const struct fold_tree *tree)
{
	size_t n = tree->grower.draft.n_nodes, n_all = 1;
	double *all = mem_array(n + 1, sizeof *all);

	all[0] = 0;
	for (size_t i = 0; i < n; i++)
		if (tree->grower.draft.nodes[i].kind != NODE_LEAF && isfinite(tree->alphas[i]))
			all[n_all++] = tree->alphas[i];
	qsort(all, n_all, sizeof *all, by_size);
	fitting->n_candidates = 0;
	for (size_t i = 0; i < n_all; i++)
		if (i == 0 || all[i] > all[i - 1])
			all[fitting->n_candidates++] = all[i];
	fitting->candidates = all;
}

/* Rows of a side; of one fold, or all. */
static size_t rows_of(const struct tree_fitting *fitting, const struct tree_side *side, size_t fold, uint32_t *numbers)
{
	size_t n = 0;

	for (size_t row = 0; row < side->rows.n_rows; row++) {
		numbers[n] = (uint32_t)row;
		n += fold == SIZE_MAX || fold_of(fitting, row) == fold;
	}
	return n;
}

static void judge_folds(struct tree_fitting *fitting, struct prune_judge *judge)
{
	const struct tree_side *side = &fitting->read->train;
	uint32_t *numbers = mem_array(side->rows.n_rows + 1, sizeof *numbers);

	for (fitting->first_fold = 0; fitting->first_fold < fitting->n_folds; fitting->first_fold += fitting->n_at_work) {
		size_t left = fitting->n_folds - fitting->first_fold, n = left < fitting->n_at_work ? left : fitting->n_at_work;

		workers_run(fitting->workers, n, grow_fold, fitting);
		for (size_t i = 0; i < n; i++) {
			const struct fold_tree *tree = &fitting->at_work[i];

			if (tree->answers)
				prune_judge_add(judge, &tree->grower.draft, tree->alphas, tree->answers, fitting->n_classes, side, numbers,
				                rows_of(fitting, side, fitting->first_fold + i, numbers));
		}
	}
	free(numbers);
}

/* By the valid rows, or by folds, whose trees are asked between two alphas of the tree of all rows: at their geometric mean. */
static double choose_alpha(struct tree_fitting *fitting, const struct pruned_tree *whole, const double *alphas, const double *answers)
{
	const struct tree_side *valid = &fitting->read->valid;
	double *between = mem_array(fitting->n_candidates, sizeof *between), alpha;
	struct prune_judge judge;

	for (size_t i = 0; i < fitting->n_candidates; i++)
		between[i] = i + 1 < fitting->n_candidates ? sqrt(fitting->candidates[i]) * sqrt(fitting->candidates[i + 1]) : INFINITY;
	prune_judge_open(&judge, valid->rows.n_rows > 0 ? fitting->candidates : between, fitting->n_candidates, fitting->read->unit);
	if (valid->rows.n_rows > 0) {
		uint32_t *numbers = mem_array(valid->rows.n_rows, sizeof *numbers);

		prune_judge_add(&judge, &whole->draft, alphas, answers, fitting->n_classes, valid, numbers, rows_of(fitting, valid, SIZE_MAX, numbers));
		free(numbers);
	} else {
		judge_folds(fitting, &judge);
	}
	alpha = judge.weight > 0 ? fitting->candidates[prune_judge_choose(&judge)] : 0;
	prune_judge_close(&judge);
	free(between);
	return alpha;
}

static void remark_pruning(const struct tree_fitting *fitting, size_t n_whole, double alpha)
{
	size_t n = fitting->forest.trees.n_values / fitting->forest.trees.width;
	double unit = fitting->read->unit;
	char *text = mem_format("%zu of %zu leaves stay, ccp_alpha=%.4g (chosen %s, 1 standard error)", n, n_whole, alpha * unit * unit,
	                        fitting->read->valid.rows.n_rows > 0 ? "on the valid rows" : "in 10 folds");

	if (fitting->config->ccp_alpha < 0)
		fitting->training->remark(fitting->training->state, text);
	free(text);
}

static void open_growers(struct tree_fitting *fitting)
{
	size_t n = fitting->read->train.rows.n_rows, threads = fitting->training->threads > 1 ? (size_t)fitting->training->threads : 1;

	fitting->n_folds = n < FOLDS ? n : FOLDS;
	fitting->n_at_work = cross_validates(fitting->config, fitting->read->valid.rows.n_rows) ? threads : 1;
	fitting->at_work = mem_new(fitting->n_at_work, sizeof *fitting->at_work);
	for (size_t i = 0; i < fitting->n_at_work; i++)
		grower_open(&fitting->at_work[i].grower, &fitting->read->train.rows, &fitting->rules, fitting->workers, 1, 0);
}

static void tell_losses(struct tree_fitting *fitting, struct round *told)
{
	struct forest_judge judge;
	struct forest_score ignored;

	forest_judge_open(&judge, fitting->read, &fitting->read->train, fitting->n_classes);
	told->loss = forest_judge_add(&judge, &fitting->forest.trees, 0, NULL, 0, fitting->workers, &ignored);
	forest_judge_close(&judge);
	if (fitting->read->valid.rows.n_rows == 0)
		return;
	forest_judge_open(&judge, fitting->read, &fitting->read->valid, fitting->n_classes);
	told->valid = forest_judge_add(&judge, &fitting->forest.trees, 0, NULL, 0, fitting->workers, &ignored);
	forest_judge_close(&judge);
}

static int tree_round(void *state, struct round *told, struct error *err)
{
	struct tree_fitting *fitting = state;
	size_t width = forest_outputs(fitting->n_classes);
	struct pruned_tree whole, pruned;
	struct fold_tree *tree;
	double alpha, *alphas, *answers;

	if (!fitting->training->shared && forest_read(&fitting->own, (size_t)fitting->config->limits.max_bins, fitting->training, fitting->workers, err) < 0)
		return -1;
	open_growers(fitting);
	tree = &fitting->at_work[0];
	grow_tree(fitting, tree, SIZE_MAX);
	find_candidates(fitting, tree);
	prune_tree(&whole, &tree->grower.draft, tree->alphas, -1, tree->answers, width);        /* a copy: the grower goes on to the folds */
	alphas = tree->alphas;
	answers = tree->answers;
	tree->alphas = tree->answers = NULL;
	alpha = fitting->config->ccp_alpha < 0 ? choose_alpha(fitting, &whole, alphas, answers) : fitting->config->ccp_alpha / fitting->read->unit / fitting->read->unit;
	prune_tree(&pruned, &whole.draft, alphas, alpha, answers, width);
	fitting->forest.n_classes = fitting->n_classes;
	trees_init(&fitting->forest.trees, &fitting->read->bins, width, width);
	trees_add(&fitting->forest.trees, &pruned.draft);
	tell_losses(fitting, told);
	remark_pruning(fitting, whole.draft.n_leaves, alpha);
	pruned_tree_release(&pruned);
	pruned_tree_release(&whole);
	free(alphas);
	free(answers);
	return 0;
}

static void *finish_tree(void *state, struct error *err)
{
	struct tree_fitting *fitting = state;
	struct forest *forest = mem_new(1, sizeof *forest);

	(void)err;
	*forest = fitting->forest;
	fitting->forest = (struct forest){ .n_classes = 0 };
	trees_prune(&forest->trees);
	return forest;
}

/* ---- the model ---- */

static void describe_tree(const void *model, const struct problem *problem, struct buffer *to)
{
	const struct forest *forest = model;
	size_t n_leaves = forest->trees.n_values / forest->trees.width;

	buffer_format(to, "leaves: %zu, depth: %zu\n\n", n_leaves, forest->trees.trees[0].depth);
	if (n_leaves <= DRAWN_LEAVES) {
		trees_draw(&forest->trees, 0, problem, to);
		buffer_add_byte(to, '\n');
	}
	trees_rank(&forest->trees, 1, &problem->features, to);
}

static const struct tree_config tree_defaults = {
	.limits = LIMITS_DEFAULT, .ccp_alpha = CHOSEN, .leaves = LEAVES, .min_samples_leaf = LEAF_ROWS,
};

#define MEMBER(name) offsetof(struct tree_config, name)
static const struct option_row tree_options[] = {
	{ "leaves", 0, OPTION_INT, MEMBER(leaves), "N", NULL, 0, 1e9, "at most, those that gain most, before some are taken back; 0: any (default 32)" },
	{ "max_depth", 0, OPTION_INT, MEMBER(max_depth), "N", NULL, 0, 1e6, "at most; 0: any (default 0)" },
	{ "min_samples_leaf", 0, OPTION_INT, MEMBER(min_samples_leaf), "N", NULL, 1, 1e9, "least rows of a leaf (default 5)" },
	{ "ccp_alpha", 0, OPTION_REAL, MEMBER(ccp_alpha), "A", NULL, 0, 1e300,
	  "what a leaf must gain to stay, of the impurity of all rows (default: chosen on the valid rows, without any by cross-validation)" },
	LIMITS_OPTIONS(struct tree_config, limits),
	OPTION_END,
};

const struct model_kind model_tree = {
	.name = "tree",
	.summary = "one decision tree that people can read",
	.options = tree_options,
	.config_size = sizeof(struct tree_config),
	.defaults = &tree_defaults,
	.simpler = "fewer leaves, a larger min_samples_leaf",
	.takes = MODEL_MISSING | MODEL_AGAIN | MODEL_LEVELS,
	.check = tree_check,
	.needs = tree_needs,
	.sharing = &tree_sharing,
	.begin = tree_begin,
	.round = tree_round,
	.finish = finish_tree,
	.close = tree_close,
	.predict = forest_predict,
	.reasons = forest_reasons,
	.save = forest_save,
	.load = forest_load,
	.free = forest_free,
	.describe = describe_tree,
};
