/* SPDX-License-Identifier: MIT */
/*
 * Naive Bayes: the share of a class times, feature by feature, how likely the value is
 * in it, as scikit-learn's GaussianNB, MultinomialNB and BernoulliNB reckon. kind=auto
 * takes for each feature what it is: one that is 0 or 1 in all training rows is
 * Bernoulli, any other Gaussian; that is their joint likelihood.
 *
 * The sums are bayes_sums.h. A missing value is left out of the product, and out of
 * what is learned of its feature; a class that never has a value of a feature takes what
 * all classes together have.
 *
 * Memory: none for rows; 24 bytes for each class and feature, for each thread and each
 * doubling of 1,024 rows (nodes of a tree).
 */
#include "model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bayes_sums.h"
#include "classes.h"
#include "memory.h"
#include "number.h"
#include "table.h"
#include "vector.h"

enum bayes_kind { KIND_AUTO, KIND_GAUSSIAN, KIND_MULTINOMIAL, KIND_BERNOULLI };
enum { CLASSES_SHOWN = 8 };
static const double PI = 3.14159265358979323846;

struct bayes_config {
	int kind, fit_prior;
	double alpha, var_smoothing, binarize;
};

struct bayes {
	size_t n_classes, n_features;
	double cut;                     /* of Bernoulli */
	unsigned char *kinds;           /* by feature; never KIND_AUTO */
	double *priors;                 /* by class: a share */
	/* n_classes x n_features. Gaussian: mean, variance; multinomial: logarithm of the share, 0; Bernoulli: logarithms of the shares
	 * above the cut, and of the rest */
	double *first, *second;
};

struct bayes_fitting {
	const struct bayes_config *config;
	const struct training *training;
	struct bayes_sums *lanes;
	size_t n_lanes;
};

static int bayes_check(const void *config, const struct problem *problem, struct error *err)
{
	(void)config;
	if (problem->task != TASK_CLASSIFICATION)
		return error_set(err, STATUS_USAGE, "model 'bayes' predicts classes, not numbers (use --model linear, or --task classification)");
	return 0;
}

/* What is counted, or cut, stays as it is. */
static unsigned bayes_wants(const void *config)
{
	int kind = ((const struct bayes_config *)config)->kind;

	return MODEL_MISSING | (kind == KIND_AUTO || kind == KIND_GAUSSIAN ? MODEL_SCALED : 0);
}

static uint64_t bayes_needs(const void *config, const struct training *training, size_t lanes, bool passing)
{
	(void)config, (void)passing;
	return bayes_sums_memory(training->problem->classes.n, training->problem->features.n, training->n_rows, lanes);
}

static void bayes_free(void *model)
{
	struct bayes *bayes = model;

	if (!bayes)
		return;
	free(bayes->kinds);
	free(bayes->priors);
	free(bayes->first);
	free(bayes->second);
	free(bayes);
}

static struct bayes *bayes_new(const struct problem *problem)
{
	struct bayes *bayes = mem_new(1, sizeof *bayes);
	size_t n = problem->classes.n * problem->features.n;

	bayes->n_classes = problem->classes.n;
	bayes->n_features = problem->features.n;
	bayes->kinds = mem_new(bayes->n_features + 1, sizeof *bayes->kinds);
	bayes->priors = mem_new(bayes->n_classes + 1, sizeof *bayes->priors);
	bayes->first = mem_new(n + 1, sizeof *bayes->first);
	bayes->second = mem_new(n + 1, sizeof *bayes->second);
	return bayes;
}

/* ---- fitting ---- */

static void *bayes_begin(const void *config, const struct training *training, object checkpoint, struct error *err)
{
	struct bayes_fitting *fitting = mem_new(1, sizeof *fitting);

	(void)checkpoint, (void)err;
	fitting->config = config;
	fitting->training = training;
	fitting->n_lanes = training->threads > 1 ? (size_t)training->threads : 1;
	fitting->lanes = mem_new(fitting->n_lanes, sizeof *fitting->lanes);
	for (size_t i = 0; i < fitting->n_lanes; i++) {
		bayes_sums_init(&fitting->lanes[i], training->problem, training->weighted);
		fitting->lanes[i].cuts = fitting->config->kind == KIND_BERNOULLI;
		fitting->lanes[i].cut = fitting->config->binarize;
	}
	return fitting;
}

static int take_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct bayes_fitting *fitting = state;

	(void)err;
	if (panel->part == PART_TRAIN)
		bayes_sums_add(&fitting->lanes[lane], panel);
	return 0;
}

static int bayes_round(void *state, struct round *told, struct error *err)
{
	struct bayes_fitting *fitting = state;
	const struct training *training = fitting->training;
	struct bayes_sums *all = &fitting->lanes[0];

	(void)told;                     /* no loss is made small */
	if (training->rows(training->state, fitting->n_lanes, take_panel, fitting, err) < 0)
		return -1;
	for (size_t i = 1; i < fitting->n_lanes; i++)
		bayes_sums_merge(all, &fitting->lanes[i]);
	bayes_sums_finish(all);
	if (fitting->config->kind == KIND_MULTINOMIAL && all->negative[0] < (double)all->n_features)
		return error_set(err, STATUS_FAILED, "feature '%s' has values below 0, and kind=multinomial counts (leave it out, or kind=gaussian)",
		                 training->problem->features.items[(size_t)all->negative[0]]);
	return 0;
}

/* Weight, mean and squares of a feature over all classes; over the rows, without their weights, if `rows`. */
static void find_overall(const struct bayes_sums *sums, size_t feature, bool rows, double overall[3])
{
	if (rows && sums->weighted) {
		overall[0] = sums->n_rows[feature];
		overall[1] = sums->row_means[feature];
		overall[2] = sums->row_squares[feature];
		return;
	}
	overall[0] = overall[1] = overall[2] = 0;
	for (size_t class = 0; class < sums->n_classes; class++) {
		size_t at = class * sums->n_features + feature;
		double weight = overall[0] + sums->weights[at], share = weight > 0 ? sums->weights[at] / weight : 0, off = sums->means[at] - overall[1];

		overall[1] += off * share;
		overall[2] += sums->squares[at] + off * off * (overall[0] * share);
		overall[0] = weight;
	}
}

/* What is added to each variance: of the Gaussian features the largest variance, of all rows alike, times var_smoothing. */
static double find_smoothing(const struct bayes_fitting *fitting, const struct bayes *bayes)
{
	double largest = 0, overall[3];

	for (size_t j = 0; j < bayes->n_features; j++) {
		find_overall(&fitting->lanes[0], j, true, overall);
		if (bayes->kinds[j] == KIND_GAUSSIAN && overall[0] > 0)
			largest = fmax(largest, overall[2] / overall[0]);
	}
	return largest * fitting->config->var_smoothing;
}

static int learn_gaussian(const struct bayes_fitting *fitting, struct bayes *bayes, size_t feature, double smoothing, struct error *err)
{
	const struct bayes_sums *sums = &fitting->lanes[0];
	const struct problem *problem = fitting->training->problem;
	double overall[3];

	find_overall(sums, feature, false, overall);
	for (size_t class = 0; class < bayes->n_classes; class++) {
		size_t at = class * bayes->n_features + feature;
		bool own = sums->weights[at] > 0;
		double weight = own ? sums->weights[at] : overall[0], squares = own ? sums->squares[at] : overall[2];

		bayes->first[at] = own ? sums->means[at] : overall[1];
		bayes->second[at] = weight > 0 ? squares / weight + smoothing : 1;
		if (!isfinite(bayes->first[at]) || !isfinite(bayes->second[at]))
			return error_set(err, STATUS_FAILED, "feature '%s': the sum of its squares is too large for a number (scale it)",
			                 problem->features.items[feature]);
		if (!(bayes->second[at] > 0))
			return error_set(err, STATUS_FAILED, "feature '%s' is constant in class '%s', and nothing is added to its variance (leave it out%s)",
			                 problem->features.items[feature], problem->classes.items[class],
			                 fitting->config->var_smoothing > 0 ? "" : ", or var_smoothing= above 0");
	}
	return 0;
}

static void learn_bernoulli(const struct bayes_fitting *fitting, struct bayes *bayes, size_t feature)
{
	const struct bayes_sums *sums = &fitting->lanes[0];
	double alpha = fitting->config->alpha, overall[3];

	find_overall(sums, feature, false, overall);
	for (size_t class = 0; class < bayes->n_classes; class++) {
		size_t at = class * bayes->n_features + feature;
		bool own = sums->weights[at] > 0;
		double weight = own ? sums->weights[at] : overall[0], ones = weight * (own ? sums->means[at] : overall[1]), all = log(weight + 2 * alpha);

		bayes->first[at] = log(ones + alpha) - all;
		bayes->second[at] = log(fmax(weight - ones, 0) + alpha) - all;
	}
}

static void learn_multinomial(const struct bayes_fitting *fitting, struct bayes *bayes, size_t class)
{
	const struct bayes_sums *sums = &fitting->lanes[0];
	size_t n = bayes->n_features, from = class * n;
	double all = 0;

	for (size_t at = from; at < from + n; at++)
		all += sums->weights[at] * sums->means[at] + fitting->config->alpha;
	for (size_t at = from; at < from + n; at++)
		bayes->first[at] = log(sums->weights[at] * sums->means[at] + fitting->config->alpha) - log(all);
}

static int learn(const struct bayes_fitting *fitting, struct bayes *bayes, struct error *err)
{
	const struct bayes_config *config = fitting->config;
	const struct bayes_sums *sums = &fitting->lanes[0];
	double all = 0, smoothing;

	bayes->cut = config->kind == KIND_BERNOULLI ? config->binarize : 0;
	for (size_t class = 0; class < bayes->n_classes; class++)
		all += sums->classes[class];
	for (size_t class = 0; class < bayes->n_classes; class++)
		bayes->priors[class] = config->fit_prior ? sums->classes[class] / all : 1 / (double)bayes->n_classes;
	for (size_t j = 0; j < bayes->n_features; j++)
		bayes->kinds[j] = (unsigned char)(config->kind != KIND_AUTO ? config->kind : sums->others[j] > 0 ? KIND_GAUSSIAN : KIND_BERNOULLI);
	smoothing = find_smoothing(fitting, bayes);
	for (size_t j = 0; j < bayes->n_features; j++)
		if (bayes->kinds[j] == KIND_BERNOULLI)
			learn_bernoulli(fitting, bayes, j);
		else if (bayes->kinds[j] == KIND_GAUSSIAN && learn_gaussian(fitting, bayes, j, smoothing, err) < 0)
			return -1;
	for (size_t class = 0; config->kind == KIND_MULTINOMIAL && class < bayes->n_classes; class++)
		learn_multinomial(fitting, bayes, class);
	for (size_t at = 0; at < bayes->n_classes * bayes->n_features; at++)
		if (!isfinite(bayes->first[at]) || !isfinite(bayes->second[at]))
			return error_set(err, STATUS_FAILED, "feature '%s': the sum of its values is too large for a number (scale it)",
			                 fitting->training->problem->features.items[at % bayes->n_features]);
	return 0;
}

static void *bayes_finish(void *state, struct error *err)
{
	struct bayes_fitting *fitting = state;
	struct bayes *bayes = bayes_new(fitting->training->problem);

	if (learn(fitting, bayes, err) < 0) {
		bayes_free(bayes);
		return NULL;
	}
	return bayes;
}

static void bayes_close(void *state)
{
	struct bayes_fitting *fitting = state;

	for (size_t i = 0; i < fitting->n_lanes; i++)
		bayes_sums_release(&fitting->lanes[i]);
	free(fitting->lanes);
	free(fitting);
}

/* ---- predict ---- */

/* Each adds the logarithm of how likely the values are, of those that are there. */
WIDE static void add_gaussian(const double *restrict x, size_t n, double mean, double variance, double *restrict z)
{
	double half = 0.5 / variance, top = -0.5 * log(2 * PI * variance);

	for (size_t row = 0; row < n; row++) {
		double off = x[row] - mean, adds = top - off * off * half;

		z[row] += x[row] == x[row] ? adds : 0;
	}
}

WIDE static void add_multinomial(const double *restrict x, size_t n, double share, double *restrict z)
{
	for (size_t row = 0; row < n; row++)
		z[row] += x[row] == x[row] ? x[row] * share : 0;
}

WIDE static void add_bernoulli(const double *restrict x, size_t n, double cut, double above, double rest, double *restrict z)
{
	for (size_t row = 0; row < n; row++) {
		double adds = x[row] > cut ? above : rest;

		z[row] += x[row] == x[row] ? adds : 0;
	}
}

static void add_feature(const struct bayes *bayes, size_t feature, size_t class, const double *x, size_t n, double *z)
{
	size_t at = class * bayes->n_features + feature;

	if (bayes->kinds[feature] == KIND_GAUSSIAN)
		add_gaussian(x, n, bayes->first[at], bayes->second[at], z);
	else if (bayes->kinds[feature] == KIND_MULTINOMIAL)
		add_multinomial(x, n, bayes->first[at], z);
	else
		add_bernoulli(x, n, bayes->cut, bayes->first[at], bayes->second[at], z);
}

static int bayes_predict(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct bayes *bayes = model;
	double *z = mem_array(panel->n_rows + 1, sizeof *z);

	(void)err;
	for (size_t class = 0; class < bayes->n_classes; class++) {
		double prior = log(bayes->priors[class]);

		for (size_t row = 0; row < panel->n_rows; row++)
			z[row] = prior;
		for (size_t j = 0; j < bayes->n_features; j++)
			add_feature(bayes, j, class, &panel->x[j * panel->stride], panel->n_rows, z);
		for (size_t row = 0; row < panel->n_rows; row++)
			out[row * bayes->n_classes + class] = z[row];
	}
	for (size_t row = 0; row < panel->n_rows; row++)
		shares_of_logs(&out[row * bayes->n_classes], bayes->n_classes);
	free(z);
	return 0;
}

/*
 * The logarithm of how likely a class makes a feature's value; what stands without them is that of its share. A missing value adds nothing.
 * What all classes have in common says nothing for one of them, and falls out of their differences.
 */
static int bayes_reasons(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct bayes *bayes = model;
	size_t n = bayes->n_features;
	double *z = mem_array(panel->n_rows + 1, sizeof *z);

	(void)err;
	for (size_t class = 0; class < bayes->n_classes; class++, out += panel->n_rows * (n + 1)) {
		for (size_t j = 0; j < n; j++) {
			memset(z, 0, panel->n_rows * sizeof *z);
			add_feature(bayes, j, class, &panel->x[j * panel->stride], panel->n_rows, z);
			for (size_t row = 0; row < panel->n_rows; row++)
				out[row * (n + 1) + j] = z[row];
		}
		for (size_t row = 0; row < panel->n_rows; row++)
			out[row * (n + 1) + n] = log(bayes->priors[class]);
	}
	free(z);
	return 0;
}

static bool bayes_reasons_log(const void *model)
{
	(void)model;
	return true;
}

/* ---- save, load ---- */

static void bayes_save(const void *model, struct buffer *params)
{
	const struct bayes *bayes = model;
	size_t n = bayes->n_classes * bayes->n_features;

	pack_map(params, 5);
	pack_key_real(params, "binarize", bayes->cut);
	pack_text(params, "kinds");
	pack_bytes(params, bayes->kinds, bayes->n_features);
	pack_text(params, "priors");
	pack_reals(params, bayes->priors, bayes->n_classes);
	pack_text(params, "first");
	pack_reals(params, bayes->first, n);
	pack_text(params, "second");
	pack_reals(params, bayes->second, n);
}

/* Kinds that there are, shares that are none below 0 and not all 0, variances above 0. */
static bool is_sound(const struct bayes *bayes)
{
	double all = 0;

	for (size_t class = 0; class < bayes->n_classes; class++) {
		if (bayes->priors[class] < 0)
			return false;
		all += bayes->priors[class];
	}
	for (size_t j = 0; j < bayes->n_features; j++) {
		if (bayes->kinds[j] < KIND_GAUSSIAN || bayes->kinds[j] > KIND_BERNOULLI)
			return false;
		for (size_t class = 0; bayes->kinds[j] == KIND_GAUSSIAN && class < bayes->n_classes; class++)
			if (!(bayes->second[class * bayes->n_features + j] > 0))
				return false;
	}
	return all > 0;
}

static void *bayes_load(object params, const struct problem *problem, struct error *err)
{
	struct bayes *bayes = bayes_new(problem);
	size_t n = bayes->n_classes * bayes->n_features;

	if (problem->task == TASK_CLASSIFICATION && object_real(map_get(params, "binarize"), &bayes->cut) && isfinite(bayes->cut) &&
	    object_bin(map_get(params, "kinds"), bayes->kinds, bayes->n_features) &&
	    object_finite_reals(map_get(params, "priors"), bayes->priors, bayes->n_classes) &&
	    object_finite_reals(map_get(params, "first"), bayes->first, n) &&
	    object_finite_reals(map_get(params, "second"), bayes->second, n) && is_sound(bayes))
		return bayes;
	error_set(err, STATUS_FAILED, "the parameters of the bayes model are broken, or not finite");
	bayes_free(bayes);
	return NULL;
}

/* ---- for people ---- */

static double share_of(const struct bayes *bayes, size_t class, size_t feature) { return exp(bayes->first[class * bayes->n_features + feature]); }

/* How far classes lie apart: the largest distance of one from the mean of all, in deviations of the feature; of multinomial the largest
 * logarithm of the ratio. */
static double effect_of(const struct bayes *bayes, size_t feature)
{
	bool gaussian = bayes->kinds[feature] == KIND_GAUSSIAN;
	double all = 0, mean = 0, variance = 0, size = 0;

	for (size_t class = 0; class < bayes->n_classes; class++)
		all += bayes->priors[class];
	for (size_t class = 0; class < bayes->n_classes; class++)
		mean += bayes->priors[class] / all * (gaussian ? bayes->first[class * bayes->n_features + feature] : share_of(bayes, class, feature));
	for (size_t class = 0; class < bayes->n_classes; class++) {
		size_t at = class * bayes->n_features + feature;
		double value = gaussian ? bayes->first[at] : share_of(bayes, class, feature), own = gaussian ? bayes->second[at] : value * (1 - value);

		variance += bayes->priors[class] / all * (own + (value - mean) * (value - mean));
		size = fmax(size, bayes->kinds[feature] == KIND_MULTINOMIAL ? fabs(log(value / mean)) : fabs(value - mean));
	}
	return bayes->kinds[feature] == KIND_MULTINOMIAL || !(variance > 0) ? size : size / sqrt(variance);
}

static void describe_feature(const struct bayes *bayes, size_t feature, size_t shown, struct table *table)
{
	static const char *const names[] = { "", "gaussian", "multinomial", "bernoulli" };

	table_format(table, "%s", names[bayes->kinds[feature]]);
	for (size_t class = 0; class < shown; class++) {
		size_t at = class * bayes->n_features + feature;
		char value[NUMBER_SIZE], deviation[NUMBER_SIZE];

		if (bayes->kinds[feature] != KIND_GAUSSIAN) {
			table_number(table, share_of(bayes, class, feature), 4);
			continue;
		}
		number_print_short(value, bayes->first[at], 4);
		number_print_short(deviation, sqrt(bayes->second[at]), 4);
		table_format(table, "%s ± %s", value, deviation);
	}
	table_number(table, effect_of(bayes, feature), 4);
}

static void bayes_describe(const void *model, const struct problem *problem, struct buffer *to)
{
	const struct bayes *bayes = model;
	size_t n = bayes->n_features, shown = bayes->n_classes > CLASSES_SHOWN ? CLASSES_SHOWN : bayes->n_classes;
	struct effect *effects = mem_new(n + 1, sizeof *effects);
	struct table *table = table_new();

	for (size_t i = 0; i < n; i++)
		effects[i] = (struct effect){ i, effect_of(bayes, i) };
	effects_sort(effects, n);
	buffer_add_text(to, "by class: mean and deviation of gaussian features, share of the others\n\n");
	table_column(table, "feature", false);
	table_column(table, "kind", false);
	for (size_t k = 0; k < shown; k++)
		table_column(table, problem->classes.items[k], true);
	table_column(table, "apart", true);
	table_format(table, "(share of rows)");
	table_format(table, " ");
	for (size_t k = 0; k < shown; k++)
		table_number(table, bayes->priors[k], 4);
	table_format(table, " ");
	for (size_t i = 0; i < n; i++) {
		table_format(table, "%s", problem->features.items[effects[i].feature]);
		describe_feature(bayes, effects[i].feature, shown, table);
	}
	table_print(table, to, 0, 0);
	if (shown < bayes->n_classes)
		buffer_format(to, "(and %zu classes more)\n", bayes->n_classes - shown);
	table_free(table);
	free(effects);
}

static const struct bayes_config bayes_defaults = { .kind = KIND_AUTO, .fit_prior = true, .alpha = 1, .var_smoothing = 1e-9 };

static const struct option_row bayes_options[] = {
	{ "kind", 0, OPTION_CHOICE, offsetof(struct bayes_config, kind), NULL, "auto|gaussian|multinomial|bernoulli", 0, 0,
	  "how values are spread in a class; auto: bernoulli for features of 0 and 1 only, gaussian for others (default auto)" },
	{ "alpha", 0, OPTION_REAL, offsetof(struct bayes_config, alpha), "A", NULL, 1e-10, 1e9,
	  "multinomial, bernoulli: added to each count (default 1)" },
	{ "var_smoothing", 0, OPTION_REAL, offsetof(struct bayes_config, var_smoothing), "S", NULL, 0, 1e9,
	  "gaussian: this share of the largest variance is added to each (default 1e-9)" },
	{ "fit_prior", 0, OPTION_CHOICE, offsetof(struct bayes_config, fit_prior), NULL, "false|true", 0, 0,
	  "whether classes are as likely as in the training rows, or all the same (default true)" },
	{ "binarize", 0, OPTION_REAL, offsetof(struct bayes_config, binarize), "X", NULL, -1e300, 1e300,
	  "kind=bernoulli: values above it are 1 (default 0)" },
	OPTION_END,
};

const struct model_kind model_bayes = {
	.name = "bayes",
	.summary = "naive Bayes: Gaussian, multinomial, Bernoulli, in one pass",
	.options = bayes_options,
	.config_size = sizeof(struct bayes_config),
	.defaults = &bayes_defaults,
	.takes = MODEL_SCALED | MODEL_MISSING,
	.wants = bayes_wants,
	.check = bayes_check,
	.needs = bayes_needs,
	.begin = bayes_begin,
	.round = bayes_round,
	.finish = bayes_finish,
	.close = bayes_close,
	.predict = bayes_predict,
	.reasons = bayes_reasons,
	.reasons_log = bayes_reasons_log,
	.save = bayes_save,
	.load = bayes_load,
	.free = bayes_free,
	.describe = bayes_describe,
};
