/* SPDX-License-Identifier: MIT */
/* Random forests as a family: its parameters, what predict gives, save and load. How they are grown: forest.h. */
#include "model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forest.h"
#include "memory.h"
#include "number.h"
#include "tree_limits.h"

struct forest_config {
	struct pace pace;
	struct limit_texts limits;
	const char *max_features;
	double max_samples;
	int64_t min_samples_leaf, max_depth, leaves;
	int bootstrap, extra;
};

enum { AUTO, YES, NO };                 /* bootstrap */
enum { CLASS_ROWS = 5 };

/* ---- parameters ---- */

/* "sqrt", "all", "3", "0.5": of n features; -1: none of these. */
static int read_features(const char *text, bool classes, size_t n, size_t *columns, struct error *err)
{
	double number;
	bool share;

	if (strcmp(text, "auto") == 0)
		text = classes ? "sqrt" : "0.5";
	share = strchr(text, '.') != NULL;
	*columns = SIZE_MAX;
	if (strcmp(text, "all") == 0)
		return 0;
	if (strcmp(text, "sqrt") == 0)
		number = sqrt((double)n);
	else if (!number_real_rounded(text, strlen(text), &number) || !(number > 0) || (share ? number > 1 : number != floor(number)))
		return error_set(err, STATUS_USAGE, "max_features: '%s' is none of sqrt, all, a number of features such as 3, a share such as 0.5", text);
	else if (share)
		number *= (double)n;
	if (number < (double)n)
		*columns = number < 1 ? 1 : (size_t)number;
	return 0;
}

static bool draws(const struct forest_config *config)
{
	return config->bootstrap == YES || (config->bootstrap == AUTO && config->extra == 0);
}

static int forest_check(const void *config, const struct problem *problem, struct error *err)
{
	const struct forest_config *forest = config;
	size_t columns;

	if (read_features(forest->max_features, problem->task == TASK_CLASSIFICATION, 1, &columns, err) < 0)
		return -1;
	if (forest->max_samples < 1 && !draws(forest))
		return error_set(err, STATUS_USAGE, "max_samples= is of bootstrap=yes");
	return tree_limits_check(&forest->limits, problem, err);
}

/* ---- what fittings share ---- */

static bool forest_shares(const void *config, const void *other)
{
	return ((const struct forest_config *)config)->limits.max_bins == ((const struct forest_config *)other)->limits.max_bins;
}

static void *share_forest(const void *config, const struct training *training, struct error *err)
{
	return forest_share((size_t)((const struct forest_config *)config)->limits.max_bins, training, err);
}

static const struct model_sharing forest_sharing = { forest_shares, forest_shared_size, share_forest, tree_read_unshare };

/* ---- fitting ---- */

struct forest_fitting { struct forest_options options; struct look_rules look; struct tree_limits limits; struct foresting *foresting; };

/* All but the limits. Of a fitting that stays where it is. */
static int options_of(struct forest_fitting *fitting, const struct forest_config *config, const struct problem *problem, struct error *err)
{
	size_t n_classes = forest_classes(problem), min_rows = config->min_samples_leaf ? (size_t)config->min_samples_leaf : n_classes ? CLASS_ROWS : 1;

	fitting->look = (struct look_rules){ .min_rows = min_rows, .random = config->extra != 0, .n_classes = forest_outputs(n_classes) > 1 ? n_classes : 0 };
	fitting->options = (struct forest_options){
		.rules = { .look = &fitting->look, .leaves = grow_most(config->leaves), .depth = grow_most(config->max_depth) },
		.n_trees = (size_t)config->pace.rounds, .n_classes = n_classes, .max_bins = (size_t)config->limits.max_bins, .bootstrap = draws(config),
		.max_samples = config->max_samples,
	};
	return read_features(config->max_features, n_classes > 0, problem->features.n, &fitting->look.columns, err);
}

static uint64_t forest_needs(const void *config, const struct training *training, size_t lanes, bool passing)
{
	struct forest_fitting fitting = { .foresting = NULL };
	struct error ignored = ERROR_INIT;

	if (options_of(&fitting, config, training->problem, &ignored) < 0)
		error_clear(&ignored);
	return foresting_size(&fitting.options, training, lanes, passing);
}

static void forest_close(void *state)
{
	struct forest_fitting *fitting = state;

	foresting_free(fitting->foresting);
	tree_limits_release(&fitting->limits);
	free(fitting);
}

static void *forest_begin(const void *config, const struct training *training, object checkpoint, struct error *err)
{
	struct forest_fitting *fitting = mem_new(1, sizeof *fitting);
	const struct forest_config *forest = config;

	if (options_of(fitting, forest, training->problem, err) == 0 &&
	    tree_limits_read(&fitting->limits, &forest->limits, training, err) == 0) {
		fitting->options.rules.monotone = fitting->limits.monotone;
		fitting->options.rules.interact = fitting->limits.interact;
		fitting->foresting = foresting_new(&fitting->options, training, checkpoint, err);
	}
	if (fitting->foresting)
		return fitting;
	forest_close(fitting);
	return NULL;
}

static int forest_round(void *state, struct round *told, struct error *err)
{
	return foresting_round(((struct forest_fitting *)state)->foresting, told, err);
}

static void forest_keep(void *state)
{
	foresting_keep(((struct forest_fitting *)state)->foresting);
}

static void forest_checkpoint(const void *state, struct buffer *to)
{
	foresting_checkpoint(((const struct forest_fitting *)state)->foresting, to);
}

static void *forest_finish(void *state, struct error *err)
{
	struct forest *forest = mem_new(1, sizeof *forest);

	(void)err;
	foresting_model(((const struct forest_fitting *)state)->foresting, forest);
	return forest;
}

/* ---- the model ---- */

static void describe_model(const void *model, const struct problem *problem, struct buffer *to)
{
	const struct forest *forest = model;

	buffer_format(to, "trees: %zu, leaves: %zu\n", forest->trees.n_trees, forest->trees.n_values / forest->trees.width);
	if (forest->score.n_rows > 0) {
		buffer_add_text(to, "out of bag: ");
		forest_score_tell(forest, to);
		buffer_format(to, " (%llu rows)\n", (unsigned long long)forest->score.n_rows);
	}
	buffer_add_byte(to, '\n');
	trees_rank(&forest->trees, 1, &problem->features, to);
}

static const struct forest_config forest_defaults = {
	.pace = { .rounds = 100 }, .limits = LIMITS_DEFAULT, .max_features = "auto", .max_samples = 1, .bootstrap = AUTO,
};

#define MEMBER(name) offsetof(struct forest_config, name)
static const struct option_row forest_options[] = {
	PACE_ROUNDS("trees", "how many (default 100)"),
	{ "max_features", 0, OPTION_TEXT, MEMBER(max_features), "sqrt|all|N|P", NULL, 0, 0,
	  "features that each split looks at: a number of them, or a share such as 0.5 (default sqrt for classes, 0.5 for numbers)" },
	{ "min_samples_leaf", 0, OPTION_INT, MEMBER(min_samples_leaf), "N", NULL, 0, 1e9, "least rows of a leaf; 0: 1 for numbers, 5 for classes (default 0)" },
	{ "max_depth", 0, OPTION_INT, MEMBER(max_depth), "N", NULL, 0, 1e6, "of a tree, at most; 0: any (default 0)" },
	{ "leaves", 0, OPTION_INT, MEMBER(leaves), "N", NULL, 0, 1e9, "of a tree, at most, those that gain most; 0: any (default 0)" },
	{ "bootstrap", 0, OPTION_CHOICE, MEMBER(bootstrap), NULL, "auto|yes|no", 0, 0,
	  "whether each tree draws its rows, with replacement (default yes, with extra=yes no)" },
	{ "max_samples", 0, OPTION_REAL, MEMBER(max_samples), "P", NULL, 1e-9, 1, "how many rows each tree draws, as a share of all (default 1)" },
	{ "extra", 0, OPTION_CHOICE, MEMBER(extra), NULL, "no|yes", 0, 0, "extremely randomized trees: one cut by chance of each feature that is looked at (default no)" },
	LIMITS_OPTIONS(struct forest_config, limits),
	OPTION_END,
};

const struct model_kind model_forest = {
	.name = "forest",
	.summary = "a random forest: the mean of many trees, each of other rows",
	.options = forest_options,
	.config_size = sizeof(struct forest_config),
	.defaults = &forest_defaults,
	.search = (const char *const[]){ "max_features=sqrt,0.3,0.5,0.7,all", "min_samples_leaf=1..20", "extra=no,yes", NULL },
	.search_from = (const char *const[]){ "max_features=0.3", "min_samples_leaf=3", NULL },
	.simpler = "a larger min_samples_leaf",
	.takes = MODEL_MISSING | MODEL_AGAIN | MODEL_LEVELS,
	.round_name = "tree",
	.check = forest_check,
	.needs = forest_needs,
	.sharing = &forest_sharing,
	.begin = forest_begin,
	.round = forest_round,
	.keep = forest_keep,
	.checkpoint = forest_checkpoint,
	.finish = forest_finish,
	.close = forest_close,
	.predict = forest_predict,
	.reasons = forest_reasons,
	.save = forest_save,
	.load = forest_load,
	.free = forest_free,
	.describe = describe_model,
};
