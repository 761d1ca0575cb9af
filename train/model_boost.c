/* SPDX-License-Identifier: MIT */
/* Gradient boosting as a family: its parameters, what predict gives, save and load. How it learns: boost.h. */
#include "model.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "boost.h"
#include "memory.h"
#include "number.h"
#include "tree_limits.h"

struct boost_config {
	struct pace pace;
	struct limit_texts limits;
	const char *alpha;
	int loss, grow;
	double lr, l2, min_child_weight, min_gain, subsample, colsample, goss_top, goss_other, delta, power, cat_l2, cat_smooth;
	int64_t leaves, depth, min_child_samples;
};

enum { GROW_LEAF, GROW_DEPTH };

/* ---- parameters ---- */

/* "0.1,0.5,0.9"; the count, or -1. */
static int read_alphas(const char *text, double *alphas, struct error *err)
{
	int n = 0;

	while (*text) {
		size_t size = strcspn(text, ",");

		if (n == MAX_ALPHAS)
			return error_set(err, STATUS_USAGE, "alpha: more than %d quantiles", MAX_ALPHAS);
		if (!number_real_rounded(text, size, &alphas[n]) || !(alphas[n] > 0 && alphas[n] < 1) || (n > 0 && alphas[n] <= alphas[n - 1]))
			return error_set(err, STATUS_USAGE, "alpha: '%s' is no list of quantiles, ascending, between 0 and 1 (such as 0.1,0.5,0.9)", text);
		n++;
		text += size;
		if (*text == ',' && *++text == '\0')
			return error_set(err, STATUS_USAGE, "alpha: a quantile is missing after the last comma");
	}
	return n;
}

static enum boost_loss choose_loss(const struct boost_config *config, const struct problem *problem)
{
	if (config->loss != BOOST_AUTO)
		return (enum boost_loss)config->loss;
	if (problem->task == TASK_REGRESSION)
		return *config->alpha ? BOOST_QUANTILE : BOOST_SQUARED;
	return problem->classes.n == 2 ? BOOST_LOGISTIC : BOOST_SOFTMAX;
}

/* The objective of these parameters; classes are known. */
static int read_objective(const struct boost_config *config, const struct problem *problem, struct boost_objective *objective, struct error *err)
{
	int n_alphas = read_alphas(config->alpha, objective->alphas, err);

	if (n_alphas < 0)
		return -1;
	objective->loss = choose_loss(config, problem);
	objective->power = config->power;
	objective->delta = config->delta;
	objective->n_outputs = objective->loss == BOOST_SOFTMAX ? problem->classes.n : 1;
	if (objective->loss == BOOST_QUANTILE) {
		objective->n_outputs = n_alphas ? (size_t)n_alphas : 1;
		if (n_alphas == 0)
			objective->alphas[0] = 0.5;
	}
	return 0;
}

static int boost_check(const void *config, const struct problem *problem, struct error *err)
{
	const struct boost_config *boost = config;
	enum boost_loss loss = choose_loss(boost, problem);
	bool for_classes = loss == BOOST_LOGISTIC || loss == BOOST_SOFTMAX;
	double alphas[MAX_ALPHAS];

	if (read_alphas(boost->alpha, alphas, err) < 0)
		return -1;
	if (problem->task == TASK_REGRESSION && for_classes)
		return error_set(err, STATUS_USAGE, "loss=%s is for classes and the target is a number (leave it out, or use --task classification)",
		                 boost_loss_name(loss));
	if (problem->task == TASK_CLASSIFICATION && !for_classes)
		return error_set(err, STATUS_USAGE, "loss=%s is for numbers and the target has classes (leave it out)", boost_loss_name(loss));
	if (loss == BOOST_LOGISTIC && problem->classes.n != 2 && problem->classes.n != 0)
		return error_set(err, STATUS_USAGE, "loss=logistic is for two classes, the target has %zu (use softmax)", problem->classes.n);
	if (*boost->alpha && loss != BOOST_QUANTILE)
		return error_set(err, STATUS_USAGE, "alpha= is of loss=quantile (leave one of them out)");
	if (boost->delta != 0 && loss != BOOST_HUBER)
		return error_set(err, STATUS_USAGE, "delta= is of loss=huber");
	if (boost->power != 1.5 && loss != BOOST_TWEEDIE)
		return error_set(err, STATUS_USAGE, "power= is of loss=tweedie");
	if (boost->goss_top > 0 && boost->subsample < 1)
		return error_set(err, STATUS_USAGE, "goss_top= and subsample= both choose rows (leave one of them out)");
	if (boost->goss_top + boost->goss_other > 1)
		return error_set(err, STATUS_USAGE, "goss_top= and goss_other= are shares of the same rows: together 1 at most");
	return tree_limits_check(&boost->limits, problem, err);
}

static size_t boost_outputs(const void *config, const struct problem *problem)
{
	struct boost_objective objective = { .n_outputs = 0 };
	struct error ignored = ERROR_INIT;

	if (problem->task == TASK_CLASSIFICATION)
		return problem->classes.n;
	if (read_objective(config, problem, &objective, &ignored) < 0)
		error_clear(&ignored);
	return objective.n_outputs ? objective.n_outputs : 1;
}

static struct boost_options options_of(const struct boost_config *config)
{
	return (struct boost_options){
		.rules = { .split = { .l2 = config->l2, .min_gain = config->min_gain, .min_weight = config->min_child_weight,
		                      .min_rows = (double)config->min_child_samples, .level_l2 = config->cat_l2, .level_smooth = config->cat_smooth },
		           .leaves = (size_t)config->leaves, .depth = grow_most(config->depth), .by_level = config->grow == GROW_DEPTH },
		.lr = config->lr, .subsample = config->subsample, .colsample = config->colsample, .goss_top = config->goss_top,
		.goss_other = config->goss_other, .max_bins = (size_t)config->limits.max_bins,
	};
}

static uint64_t boost_needs(const void *config, const struct training *training, size_t lanes, bool passing)
{
	struct boost_options options = options_of(config);
	struct error ignored = ERROR_INIT;

	if (read_objective(config, training->problem, &options.objective, &ignored) < 0) {
		error_clear(&ignored);
		return 0;
	}
	return boosting_size(&options, training, lanes, passing);
}

/* ---- what fittings share ---- */

static bool boost_shares(const void *config, const void *other)
{
	const struct boost_config *one = config, *two = other;

	return one->limits.max_bins == two->limits.max_bins &&
	       boost_loss_exponential((enum boost_loss)one->loss) == boost_loss_exponential((enum boost_loss)two->loss);
}

static uint64_t boost_shared_size(const void *config, const struct training *training)
{
	(void)config;
	return tree_read_size(training, false);
}

static void *boost_share(const void *config, const struct training *training, struct error *err)
{
	const struct boost_config *boost = config;
	struct boost_options options = options_of(boost);

	options.objective.loss = (enum boost_loss)boost->loss;
	return boosting_share(&options, training, err);
}

static const struct model_sharing boost_sharing = { boost_shares, boost_shared_size, boost_share, tree_read_unshare };

/* ---- fitting ---- */

struct boost_fitting { struct boost_options options; struct tree_limits limits; struct boosting *boosting; };

static void boost_close(void *state)
{
	struct boost_fitting *fitting = state;

	boosting_free(fitting->boosting);
	tree_limits_release(&fitting->limits);
	free(fitting);
}

static int same_objective(const struct boost *from, const struct boost_objective *now, struct error *err)
{
	if (from->objective.loss != now->loss)
		return error_set(err, STATUS_USAGE, "the loss would be %s, of the model to go on from it is %s (leave out loss= and alpha=)", boost_loss_name(now->loss),
		                 boost_loss_name(from->objective.loss));
	if (from->objective.n_outputs != now->n_outputs || memcmp(from->objective.alphas, now->alphas, sizeof now->alphas) != 0)
		return error_set(err, STATUS_USAGE, "alpha= is other than in the model to go on from (leave it out)");
	return 0;
}

static void *boost_begin(const void *config, const struct training *training, object checkpoint, struct error *err)
{
	struct boost_fitting *fitting = mem_new(1, sizeof *fitting);
	const struct boost_config *boost = config;
	const struct boost *from = training->from;

	fitting->options = options_of(config);
	if (read_objective(config, training->problem, &fitting->options.objective, err) < 0 ||
	    (from && same_objective(from, &fitting->options.objective, err) < 0) ||
	    tree_limits_read(&fitting->limits, &boost->limits, training, err) < 0)
		goto failed;
	fitting->options.rules.monotone = fitting->limits.monotone;
	fitting->options.rules.interact = fitting->limits.interact;
	fitting->boosting = boosting_new(&fitting->options, training, from, checkpoint, err);
	if (fitting->boosting)
		return fitting;
failed:
	boost_close(fitting);
	return NULL;
}

static int boost_round(void *state, struct round *told, struct error *err)
{
	return boosting_round(((struct boost_fitting *)state)->boosting, told, err);
}

static void boost_keep(void *state)
{
	boosting_keep(((struct boost_fitting *)state)->boosting);
}

static void boost_checkpoint(const void *state, struct buffer *to)
{
	boosting_checkpoint(((const struct boost_fitting *)state)->boosting, to);
}

static void *boost_finish(void *state, struct error *err)
{
	struct boost *boost = mem_new(1, sizeof *boost);

	(void)err;
	boosting_model(((const struct boost_fitting *)state)->boosting, boost);
	return boost;
}

/* ---- the model ---- */

static void boost_free(void *model)
{
	if (!model)
		return;
	boost_release(model);
	free(model);
}

static size_t boost_outputs_of(const void *model)
{
	const struct boost *boost = model;

	return boost->objective.loss == BOOST_LOGISTIC ? 2 : boost->objective.n_outputs;
}

/* Which of the scores is the answer: of several quantiles the one nearest to the median. */
static size_t answer_at(const struct boost_objective *objective)
{
	size_t best = 0;

	for (size_t k = 1; objective->loss == BOOST_QUANTILE && k < objective->n_outputs; k++)
		if (fabs(objective->alphas[k] - 0.5) < fabs(objective->alphas[best] - 0.5))
			best = k;
	return best;
}

static void boost_output_name(const void *model, size_t i, struct buffer *to)
{
	const struct boost_objective *objective = &((const struct boost *)model)->objective;
	char number[NUMBER_SIZE];

	number_print_short(number, objective->alphas[i <= answer_at(objective) ? i - 1 : i], 6);
	buffer_clear(to);
	buffer_format(to, "q%s", number);
}

/* Quantiles that were learned one by one may cross: from the answer outward each is held at the last one. */
static void uncross(double *quantiles, size_t n, size_t answer)
{
	for (size_t k = answer + 1; k < n; k++)
		quantiles[k] = fmax(quantiles[k], quantiles[k - 1]);
	for (size_t k = answer; k-- > 0;)
		quantiles[k] = fmin(quantiles[k], quantiles[k + 1]);
}

/* The answer comes first, the others in their order. */
static int boost_predict(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct boost *boost = model;
	size_t n = boost_outputs_of(model), n_scores = boost->objective.n_outputs, at = answer_at(&boost->objective);

	(void)err;
	boost_score(boost, panel, out);
	for (size_t row = panel->n_rows; row-- > 0;) {
		double *own = &out[row * n], answer;

		memmove(own, &out[row * n_scores], n_scores * sizeof *out);
		boost_answer(&boost->objective, own);
		answer = own[at];
		if (boost->objective.loss == BOOST_QUANTILE) {
			uncross(own, n_scores, at);
			memmove(&own[1], own, at * sizeof *own);
			own[0] = answer;
		}
	}
	return 0;
}

/* In the order of predict: the quantile that answers comes first; of two classes the first scores 0. */
static int boost_reasons(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct boost *boost = model;
	size_t size = panel->n_rows * (panel->n_features + 1), at = answer_at(&boost->objective);

	(void)err;
	if (boost->objective.loss == BOOST_LOGISTIC) {
		memset(out, 0, size * sizeof *out);
		out += size;
	}
	boost_explain(boost, panel, out);
	if (boost->objective.loss == BOOST_QUANTILE && at > 0) {
		double *answer = mem_array(size, sizeof *answer);

		memcpy(answer, &out[at * size], size * sizeof *out);
		memmove(&out[size], out, at * size * sizeof *out);
		memcpy(out, answer, size * sizeof *out);
		free(answer);
	}
	return 0;
}

static bool boost_reasons_log(const void *model)
{
	const struct boost_objective *objective = &((const struct boost *)model)->objective;

	return objective->loss == BOOST_LOGISTIC || objective->loss == BOOST_SOFTMAX || boost_loss_exponential(objective->loss);
}

static void boost_save(const void *model, struct buffer *params)
{
	boost_pack(model, params);
}

static void *boost_load(object params, const struct problem *problem, struct error *err)
{
	struct boost *boost = mem_new(1, sizeof *boost);

	if (boost_unpack(boost, params, problem, err) == 0)
		return boost;
	boost_free(boost);
	return NULL;
}

/* ---- for people ---- */

static void boost_describe(const void *model, const struct problem *problem, struct buffer *to)
{
	const struct boost *boost = model;
	size_t n_trees = 0, n_leaves = 0;

	for (size_t i = 0; i < boost->n_parts; i++) {
		n_trees += boost->parts[i].n_trees;
		n_leaves += boost->parts[i].n_values;
	}
	buffer_format(to, "loss: %s\ntrees: %zu, leaves: %zu\n\n", boost_loss_name(boost->objective.loss), n_trees, n_leaves);
	trees_rank(boost->parts, boost->n_parts, &problem->features, to);
}

static const struct boost_config boost_defaults = {
	.pace = { .patience = 50, .watched = 2000, .alone = 100 }, .limits = LIMITS_DEFAULT, .alpha = "", .loss = BOOST_AUTO, .grow = GROW_LEAF, .lr = 0.05, .l2 = 1,
	.min_child_weight = 1e-3, .subsample = 1, .colsample = 1, .goss_other = 0.1, .power = 1.5, .leaves = 31, .min_child_samples = 20,
	.cat_l2 = 10, .cat_smooth = 10,
};

#define MEMBER(name) offsetof(struct boost_config, name)
static const struct option_row boost_options[] = {
	PACE_ROUNDS("rounds", "trees for each output, at most (default 2000, without valid rows 100)"),
	{ "lr", 0, OPTION_REAL, MEMBER(lr), "RATE", NULL, 1e-9, 10, "learning rate: how much of its answer each tree adds (default 0.05)" },
	{ "leaves", 0, OPTION_INT, MEMBER(leaves), "N", NULL, 2, 1e6, "of a tree, at most (default 31)" },
	{ "depth", 0, OPTION_INT, MEMBER(depth), "N", NULL, 0, 1e6, "of a tree, at most; 0: any (default 0)" },
	{ "grow", 0, OPTION_CHOICE, MEMBER(grow), NULL, "leaf|depth", 0, 0,
	  "which leaf is divided next: that which gains most, or those of the least depth (default leaf)" },
	{ "loss", 0, OPTION_CHOICE, MEMBER(loss), NULL, "auto|squared|absolute|huber|quantile|poisson|gamma|tweedie|logistic|softmax", 0, 0,
	  "what is made small (default: squared for numbers, logistic for two classes, softmax for more)" },
	{ "alpha", 0, OPTION_TEXT, MEMBER(alpha), "Q,...", NULL, 0, 0, "of loss=quantile: which quantiles; the answer is that nearest to 0.5 (default 0.5)" },
	{ "delta", 0, OPTION_REAL, MEMBER(delta), "D", NULL, 0, 1e300, "of loss=huber: from where on it grows by the distance only (default: nine in ten start within)" },
	{ "power", 0, OPTION_REAL, MEMBER(power), "P", NULL, 1.001, 1.999, "of loss=tweedie: of the variance (default 1.5)" },
	{ "l2", 0, OPTION_REAL, MEMBER(l2), "L", NULL, 0, 1e12, "pulls leaves' answers to 0 (default 1)" },
	{ "min_child_weight", 0, OPTION_REAL, MEMBER(min_child_weight), "W", NULL, 0, 1e12, "least sum of curvatures of a leaf (default 0.001)" },
	{ "min_child_samples", 0, OPTION_INT, MEMBER(min_child_samples), "N", NULL, 1, 1e9, "least rows of a leaf, by their share of its curvature (default 20)" },
	{ "min_gain", 0, OPTION_REAL, MEMBER(min_gain), "G", NULL, 0, 1e300, "a split that gains less is not made (default 0)" },
	{ "subsample", 0, OPTION_REAL, MEMBER(subsample), "P", NULL, 1e-9, 1, "share of the rows that each round takes (default 1)" },
	{ "colsample", 0, OPTION_REAL, MEMBER(colsample), "P", NULL, 1e-9, 1, "share of the features that each round takes (default 1)" },
	{ "goss_top", 0, OPTION_REAL, MEMBER(goss_top), "P", NULL, 0, 0.999, "share of the rows that each round takes for their large gradients; 0: no such choice (default 0)" },
	{ "goss_other", 0, OPTION_REAL, MEMBER(goss_other), "P", NULL, 1e-9, 1, "with goss_top=: share that is taken of the others by chance (default 0.1)" },
	{ "cat_l2", 0, OPTION_REAL, MEMBER(cat_l2), "L", NULL, 0, 1e12, "l2 of splits by levels, besides (default 10)" },
	{ "cat_smooth", 0, OPTION_REAL, MEMBER(cat_smooth), "S", NULL, 0, 1e12, "pulls rare levels to the middle of their order (default 10)" },
	LIMITS_OPTIONS(struct boost_config, limits),
	PACE_PATIENCE("round", "50"),
	OPTION_END,
};

const struct model_kind model_boost = {
	.name = "boost",
	.summary = "gradient boosting: many small trees, each for what is left",
	.options = boost_options,
	.config_size = sizeof(struct boost_config),
	.defaults = &boost_defaults,
	.search = (const char *const[]){ "lr=0.02..0.2", "leaves=6..128", "min_child_samples=2..100", "subsample=0.5..1", "colsample=0.4..1", "l2=0.01..30", NULL },
	.simpler = "fewer leaves, a larger min_child_samples, a larger l2",
	.takes = MODEL_MISSING | MODEL_AGAIN | MODEL_LEVELS | MODEL_FROM,
	.round_name = "round",
	.check = boost_check,
	.outputs = boost_outputs,
	.outputs_of = boost_outputs_of,
	.output_name = boost_output_name,
	.needs = boost_needs,
	.sharing = &boost_sharing,
	.begin = boost_begin,
	.round = boost_round,
	.keep = boost_keep,
	.checkpoint = boost_checkpoint,
	.finish = boost_finish,
	.close = boost_close,
	.predict = boost_predict,
	.reasons = boost_reasons,
	.reasons_log = boost_reasons_log,
	.save = boost_save,
	.load = boost_load,
	.free = boost_free,
	.describe = boost_describe,
};
