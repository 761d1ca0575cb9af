/* SPDX-License-Identifier: MIT */
/*
 * Support vector machines (svm_train.h), with scikit-learn's parameters: C-SVC and nu-SVC of
 * classes, one against one, and epsilon-SVR and nu-SVR of numbers. What a class gets is 1 if
 * most machines are for it, the first among equals, and else 0, which is no probability;
 * with probability=yes it is one (svm_platt.h).
 *
 * Rows of weight 0 are not kept; others have C times their weight. Memory: the rows twice
 * while they are sorted by class, then once, the kernel within training->memory (svm_cache.h),
 * variables and coefficients (svm_train.h), and the model.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "number.h"
#include "svm_kept.h"
#include "svm_model.h"
#include "table.h"

static const double DEFAULT_C = 1, DEFAULT_EPSILON = 0.1;
enum { DEFAULT_DEGREE = 3, DEFAULT_FOLDS = 5, PLANES_SHOWN = 8, MOST_DECISIONS = 1 << 20 };
#define UNSET (-1.0)

struct svm_config {
	double c, nu, epsilon, coef0, tol;      /* c, nu, epsilon: UNSET where they were not given */
	const char *gamma;
	int64_t degree, max_iter, folds;        /* folds: 0 where it was not given */
	int kernel;                     /* a place in KERNELS */
	bool shrinking, probability;
};

#define KERNELS "rbf|linear|poly|sigmoid"
static const enum svm_function functions[] = { SVM_RBF, SVM_LINEAR, SVM_POLY, SVM_SIGMOID };

struct svm_fitting {
	const struct svm_config *config;
	const struct training *training;
	struct svm_kept own;            /* unless they are shared */
	struct svm *svm;
};

/* ---- parameters ---- */

enum { GAMMA_SCALE, GAMMA_AUTO, GAMMA_NUMBER };

static int read_gamma(const char *text, double *gamma, struct error *err)
{
	if (strcmp(text, "scale") == 0 || strcmp(text, "auto") == 0)
		return text[0] == 's' ? GAMMA_SCALE : GAMMA_AUTO;
	if (number_real_rounded(text, strlen(text), gamma) && *gamma > 0)
		return GAMMA_NUMBER;
	return error_set(err, STATUS_USAGE, "gamma: '%s' is neither scale nor auto nor a number above 0", text);
}

static int check_classes(const struct svm_config *config, struct error *err)
{
	if (config->epsilon != UNSET)
		return error_set(err, STATUS_USAGE, "epsilon= is for numbers, not for classes (leave it out)");
	if (config->nu != UNSET && config->c != UNSET)
		return error_set(err, STATUS_USAGE, "classes are parted by C= or by nu=, not by both (leave one out)");
	if (config->folds != 0 && !config->probability)
		return error_set(err, STATUS_USAGE, "folds= is for probability=yes");
	return 0;
}

static int check_numbers(const struct svm_config *config, struct error *err)
{
	if (config->probability || config->folds != 0)
		return error_set(err, STATUS_USAGE, "probability= and folds= are for classes, not for numbers (leave them out)");
	if (config->nu != UNSET && config->epsilon != UNSET)
		return error_set(err, STATUS_USAGE, "nu= finds epsilon by itself (leave one of them out)");
	return 0;
}

static int svm_check(const void *config, const struct problem *problem, struct error *err)
{
	const struct svm_config *svm = config;
	double gamma;

	if (svm->c != UNSET && !(svm->c > 0))
		return error_set(err, STATUS_USAGE, "C: it is a number above 0");
	if (svm->nu != UNSET && !(svm->nu > 0 && svm->nu <= 1))
		return error_set(err, STATUS_USAGE, "nu: it is a number above 0, 1 at most");
	if (svm->epsilon != UNSET && !(svm->epsilon >= 0))
		return error_set(err, STATUS_USAGE, "epsilon: it is not below 0");
	if (!(svm->tol > 0))
		return error_set(err, STATUS_USAGE, "tol: it is a number above 0");
	if (svm->max_iter == 0)
		return error_set(err, STATUS_USAGE, "max_iter: it is at least 1, or -1: no limit");
	if (read_gamma(svm->gamma, &gamma, err) < 0)
		return -1;
	return problem->task == TASK_CLASSIFICATION ? check_classes(svm, err) : check_numbers(svm, err);
}

/* Without nu, C and epsilon say what they do by default; kernels have no more parameters than they read. */
static void svm_settle(void *config)
{
	struct svm_config *svm = config;
	enum svm_function function = functions[svm->kernel];

	if (svm->nu == UNSET) {
		svm->c = svm->c != UNSET ? svm->c : DEFAULT_C;
		svm->epsilon = svm->epsilon != UNSET ? svm->epsilon : DEFAULT_EPSILON;
	}
	if (svm->probability && svm->folds == 0)
		svm->folds = DEFAULT_FOLDS;
	if (function == SVM_LINEAR)
		svm->gamma = "scale";
	if (function != SVM_POLY)
		svm->degree = DEFAULT_DEGREE;
	if (function == SVM_LINEAR || function == SVM_RBF)
		svm->coef0 = 0;
}

/* The rows twice, while they are sorted and where all become vectors. Of many classes it is their coefficients that count: those of the
 * machines, collected, and packed; and where there are probabilities, decisions, whose memory lies between the machines' and stays. */
static uint64_t svm_needs(const void *config, const struct training *training, size_t lanes, bool passing)
{
	uint64_t size = svm_kept_size(training), coefficients = svm_coefficients_memory(training->n_rows, training->problem->classes.n);
	uint64_t decisions = ((const struct svm_config *)config)->probability ? coefficients : 0;
	uint64_t training_size = svm_variables_memory(training->n_rows, training->problem->classes.n, lanes) + coefficients;

	if (size == UINT64_MAX)         /* begin refuses it */
		return 0;
	if (passing)
		return size;
	return 2 * size + decisions + (training_size > 3 * coefficients ? training_size : 3 * coefficients);
}

/* ---- kept rows ---- */

static int find_kernel(const struct svm_config *config, size_t n, struct svm_kept *kept, struct error *err)
{
	double gamma = 1;
	int way = read_gamma(config->gamma, &gamma, err);

	if (functions[config->kernel] == SVM_LINEAR)
		way = GAMMA_AUTO;
	if (way != GAMMA_NUMBER)
		gamma = 1 / (double)n;
	if (way == GAMMA_SCALE) {
		if (!isfinite(kept->variance))
			return error_set(err, STATUS_FAILED, "features are too large for their squares (scale them)");
		gamma = kept->variance > 0 ? gamma / kept->variance : 1;
	}
	kept->kernel = (struct svm_kernel){ functions[config->kernel], gamma, config->coef0, (unsigned)config->degree };
	return isfinite(gamma) ? 0 : error_set(err, STATUS_FAILED, "features are too small for gamma=scale (scale them, or gamma=)");
}

static int read_kept(struct svm_kept *kept, const struct svm_config *config, const struct training *training, struct error *err)
{
	return svm_kept_read(kept, training, err) < 0 ? -1 : find_kernel(config, training->problem->features.n, kept, err);
}

/* ---- what fittings share ---- */

static bool svm_shares(const void *config, const void *other)
{
	const struct svm_config *one = config, *two = other;
	enum svm_function function = functions[one->kernel];

	return one->kernel == two->kernel && (function == SVM_LINEAR || strcmp(one->gamma, two->gamma) == 0) &&
	       (function == SVM_LINEAR || function == SVM_RBF || one->coef0 == two->coef0) && (function != SVM_POLY || one->degree == two->degree);
}

static uint64_t svm_shared_size(const void *config, const struct training *training)
{
	(void)config;
	return svm_kept_whole_size(training);
}

static void svm_unshare(void *shared)
{
	svm_kept_release(shared);
	free(shared);
}

static void *svm_share(const void *config, const struct training *training, struct error *err)
{
	struct svm_kept *kept = mem_new(1, sizeof *kept);

	if (svm_kept_check(training, err) == 0 && read_kept(kept, config, training, err) == 0 && svm_kept_fill(kept, training, err) == 0)
		return kept;
	svm_unshare(kept);
	return NULL;
}

static const struct model_sharing svm_sharing = { svm_shares, svm_shared_size, svm_share, svm_unshare };

/* ---- fitting ---- */

static void svm_close(void *state)
{
	struct svm_fitting *fitting = state;

	svm_kept_release(&fitting->own);
	svm_free(fitting->svm);
	free(fitting);
}

static void *svm_begin(const void *config, const struct training *training, object checkpoint, struct error *err)
{
	struct svm_fitting *fitting;

	(void)checkpoint;
	if (svm_kept_check(training, err) < 0)
		return NULL;
	fitting = mem_new(1, sizeof *fitting);
	fitting->config = config;
	fitting->training = training;
	return fitting;
}

static struct svm_options options_of(const struct svm_fitting *fitting)
{
	const struct svm_config *config = fitting->config;
	const struct training *training = fitting->training;
	struct svm_options options = { .c = config->c != UNSET ? config->c : DEFAULT_C, .nu = config->nu != UNSET ? config->nu : 0, .epsilon = config->epsilon != UNSET ? config->epsilon : DEFAULT_EPSILON,
	                               .tol = config->tol, .max_iter = config->max_iter, .shrinking = config->shrinking, .seed = training->seed,
	                               .threads = training->threads, .memory = training->memory, .stopped = training->stopped, .state = training->state };

	options.n_folds = !config->probability ? 0 : config->folds != 0 ? (size_t)config->folds : DEFAULT_FOLDS;
	return options;
}

static struct svm *new_svm(const struct svm_kernel *kernel, const struct svm_options *options, const struct problem *problem)
{
	struct svm *svm = mem_new(1, sizeof *svm);

	*svm = (struct svm){ .kernel = *kernel, .c = options->c, .nu = options->nu, .epsilon = options->nu > 0 ? 0 : options->epsilon, .n_features = problem->features.n,
	                     .n_classes = problem->classes.n, .n_machines = svm_n_machines(problem->classes.n) };
	if (options->n_folds > 0)
		svm->sigmoids = mem_new(svm->n_machines, sizeof *svm->sigmoids);
	return svm;
}

static void remark_limit(const struct svm_fitting *fitting)
{
	const struct svm *svm = fitting->svm;
	struct buffer text = BUFFER_INIT;

	if (svm->n_limited == 0)
		return;
	if (svm->n_machines > 1)
		buffer_format(&text, "stopped at max_iter in %" PRIu64 " of %zu problems: the model is not at its optimum", svm->n_limited, svm->n_machines);
	else
		buffer_add_text(&text, "stopped at max_iter: the model is not at its optimum");
	fitting->training->remark(fitting->training->state, buffer_text(&text));
	buffer_free(&text);
}

static int svm_round(void *state, struct round *told, struct error *err)
{
	struct svm_fitting *fitting = state;
	const struct training *training = fitting->training;
	struct svm_options options = options_of(fitting);
	const struct svm_kept *kept = training->shared ? training->shared : &fitting->own;
	struct svm_machine *machines;
	struct svm_kernel kernel;
	struct svm_table table;
	size_t n;
	int result;

	(void)told;                     /* the objective is no loss of a row */
	if (!training->shared && read_kept(&fitting->own, fitting->config, training, err) < 0)
		return -1;
	kernel = kept->kernel;          /* where these have no say they may be another's */
	kernel.coef0 = fitting->config->coef0;
	kernel.degree = (unsigned)fitting->config->degree;
	table = kept->table;
	table.classes = &training->problem->classes;
	n = svm_n_machines(table.n_classes);
	machines = mem_new(n, sizeof *machines);
	result = svm_train(&kernel, &table, &options, kept->cache, machines, err);
	if (result == 0) {
		fitting->svm = new_svm(&kernel, &options, training->problem);
		svm_collect(fitting->svm, &table, machines);
		remark_limit(fitting);
	}
	for (size_t i = 0; i < n; i++)
		free(machines[i].coefficients);
	free(machines);
	return result;
}

static void *svm_finish(void *state, struct error *err)
{
	struct svm_fitting *fitting = state;
	struct svm *svm = fitting->svm;

	(void)err;
	fitting->svm = NULL;
	return svm;
}

/* ---- predict ---- */

/* Each machine is for one of its classes; what most are for gets 1. */
static void give_votes(const struct svm *svm, const double *decisions, double *out)
{
	size_t best = 0, machine = 0;

	memset(out, 0, svm->n_classes * sizeof *out);
	for (size_t i = 0; i < svm->n_classes; i++)
		for (size_t j = i + 1; j < svm->n_classes; j++, machine++)
			out[decisions[machine] > 0 ? i : j]++;
	for (size_t i = 1; i < svm->n_classes; i++)
		if (out[i] > out[best])
			best = i;
	memset(out, 0, svm->n_classes * sizeof *out);
	out[best] = 1;
}

/* Shares of pairs, drawn in from 0 and 1 as LIBSVM does; of two classes they are those. */
static void give_shares(const struct svm *svm, const double *decisions, double *space, double *out)
{
	const double least = 1e-7;
	size_t k = svm->n_classes, machine = 0;

	for (size_t i = 0; i < k; i++)
		for (size_t j = i + 1; j < k; j++, machine++) {
			double share = svm_sigmoid_share(&svm->sigmoids[machine], decisions[machine]);

			share = fmin(fmax(share, least), 1 - least);
			space[i * k + j] = share;
			space[j * k + i] = 1 - share;
		}
	if (k == 2) {
		out[0] = space[1];
		out[1] = space[2];
	} else {
		svm_couple(k, space, out, space + k * k);
	}
}

static bool all_finite(const double *decisions, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(decisions[i]))
			return false;
	return true;
}

static void answer_rows(const struct svm *svm, const double *decisions, size_t n_rows, double *space, double *out)
{
	size_t n = svm->n_machines, k = svm->n_classes, n_out = k > 0 ? k : 1;

	for (size_t row = 0; row < n_rows; row++) {
		const double *of = &decisions[row * n];
		double *to = &out[row * n_out];

		if (!all_finite(of, n))
			for (size_t i = 0; i < n_out; i++)
				to[i] = NAN;
		else if (k == 0)
			*to = *of;
		else if (svm->sigmoids)
			give_shares(svm, of, space, to);
		else
			give_votes(svm, of, to);
	}
}

/* A thousand classes have half a million machines: so few rows at once that their decisions take MOST_DECISIONS at most. */
static int svm_predict(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct svm *svm = model;
	size_t n = svm->n_machines, k = svm->n_classes, at_once = MOST_DECISIONS / n / SVM_LANES * SVM_LANES;
	double *decisions, *space = svm->sigmoids ? mem_array(2 * k * k + k, sizeof *space) : NULL;

	(void)err;
	at_once = at_once < SVM_LANES ? SVM_LANES : at_once;
	decisions = mem_array((at_once < panel->n_rows ? at_once : panel->n_rows) * n + 1, sizeof *decisions);
	for (size_t first = 0; first < panel->n_rows; first += at_once) {
		struct panel some = { .n_rows = panel->n_rows - first < at_once ? panel->n_rows - first : at_once, .n_features = panel->n_features,
		                      .x = panel->x + first, .stride = panel->stride };

		svm_decide(svm, &some, decisions);
		answer_rows(svm, decisions, some.n_rows, space, &out[first * (k > 0 ? k : 1)]);
	}
	free(decisions);
	free(space);
	return 0;
}

static bool svm_votes(const void *model)
{
	const struct svm *svm = model;

	return svm->n_classes > 0 && !svm->sigmoids;
}

static bool svm_votes_with(const void *config) { return !((const struct svm_config *)config)->probability; }

/* ---- for people ---- */

static void describe_kernel(const struct svm *svm, struct buffer *to)
{
	enum svm_function function = svm->kernel.function;
	char c[NUMBER_SIZE], gamma[NUMBER_SIZE], coef0[NUMBER_SIZE], nu[NUMBER_SIZE], epsilon[NUMBER_SIZE];

	number_print_short(c, svm->c, 6);
	number_print_short(gamma, svm->kernel.gamma, 6);
	number_print_short(coef0, svm->kernel.coef0, 6);
	number_print_short(nu, svm->nu, 6);
	number_print_short(epsilon, svm->epsilon, 6);
	buffer_format(to, "kernel: %s", svm_function_names[function]);
	if (function != SVM_LINEAR)
		buffer_format(to, " gamma=%s", gamma);
	if (function == SVM_POLY)
		buffer_format(to, " degree=%u", svm->kernel.degree);
	if (function == SVM_POLY || function == SVM_SIGMOID)
		buffer_format(to, " coef0=%s", coef0);
	buffer_add_text(to, ";");
	if (svm->nu == 0 || svm->n_classes == 0)
		buffer_format(to, " C=%s", c);
	if (svm->nu > 0)
		buffer_format(to, " nu=%s", nu);
	else if (svm->n_classes == 0)
		buffer_format(to, " epsilon=%s", epsilon);
	buffer_add_text(to, "\n");
}

static void describe_solution(const struct svm *svm, struct buffer *to)
{
	char objective[NUMBER_SIZE];

	number_print_short(objective, svm->objective, 6);
	buffer_format(to, "%zu support vectors, %s: %zu; ", svm->n_vectors, svm->n_machines > 1 ? "at their bound in all pairs of classes" : "at their bound", svm->n_bound);
	buffer_format(to, "objective %s after %" PRIu64 " iteration%s", objective, svm->n_steps, svm->n_steps == 1 ? "" : "s");
	if (svm->n_machines > 1)
		buffer_format(to, " in all, %zu problems", svm->n_machines);
	if (svm->n_limited > 0)
		buffer_format(to, "; not at its optimum (max_iter=)");
	buffer_format(to, "%s\n", svm->sigmoids ? "\nprobabilities by Platt's sigmoids" : "");
}

static void describe_classes(const struct svm *svm, const struct problem *problem, struct buffer *to)
{
	struct table *table = table_new();

	table_column(table, "class", false);
	table_column(table, "support vectors", true);
	for (size_t i = 0; i < svm->n_classes; i++) {
		table_format(table, "%s", problem->classes.items[i]);
		table_format(table, "%zu", svm->counts[i]);
	}
	buffer_add_text(to, "\n");
	table_print(table, to, 0, 0);
	table_free(table);
}

static void name_plane(const struct svm *svm, const struct problem *problem, size_t i, size_t j, struct table *table)
{
	struct buffer name = BUFFER_INIT;

	if (svm->n_classes == 0)
		buffer_add_text(&name, "coefficient");
	else if (svm->n_classes == 2)
		buffer_add_text(&name, problem->classes.items[1]);
	else
		buffer_format(&name, "%s, not %s", problem->classes.items[i], problem->classes.items[j]);
	table_column(table, buffer_text(&name), true);
	buffer_free(&name);
}

/* Coefficients of the features, by how far a deviation of theirs carries; of two classes for the second. */
static void describe_planes(const struct svm *svm, const struct problem *problem, struct buffer *to)
{
	size_t n = svm->n_features, shown = svm->n_machines < PLANES_SHOWN ? svm->n_machines : PLANES_SHOWN, machine = 0;
	double sign = svm->n_classes == 2 ? -1 : 1;
	struct effect *effects = mem_new(n + 1, sizeof *effects);
	struct table *table = table_new();

	for (size_t j = 0; j < n; j++) {
		effects[j].feature = j;
		for (size_t m = 0; m < svm->n_machines; m++)
			effects[j].size = fmax(effects[j].size, fabs(svm->planes[m * n + j] * svm->deviations[j]));
	}
	effects_sort(effects, n);
	table_column(table, "feature", false);
	if (svm->n_classes == 0)
		name_plane(svm, problem, 0, 0, table);
	for (size_t i = 0; i < svm->n_classes; i++)
		for (size_t j = i + 1; j < svm->n_classes && machine < shown; j++, machine++)
			name_plane(svm, problem, i, j, table);
	table_format(table, "(intercept)");
	for (size_t m = 0; m < shown; m++)
		table_number(table, -sign * svm->rhos[m], 6);
	for (size_t i = 0; i < n; i++) {
		table_format(table, "%s", problem->features.items[effects[i].feature]);
		for (size_t m = 0; m < shown; m++)
			table_number(table, sign * svm->planes[m * n + effects[i].feature], 6);
	}
	buffer_add_text(to, "\n");
	table_print(table, to, 0, 0);
	if (shown < svm->n_machines)
		buffer_format(to, "(and %zu pairs of classes more)\n", svm->n_machines - shown);
	table_free(table);
	free(effects);
}

static void svm_describe(const void *model, const struct problem *problem, struct buffer *to)
{
	const struct svm *svm = model;

	describe_kernel(svm, to);
	describe_solution(svm, to);
	if (svm->n_classes > 0)
		describe_classes(svm, problem, to);
	if (svm->planes)
		describe_planes(svm, problem, to);
}

static const struct svm_config svm_defaults = { .c = UNSET, .nu = UNSET, .epsilon = UNSET, .tol = 1e-3, .gamma = "scale", .degree = DEFAULT_DEGREE, .max_iter = -1, .shrinking = true };

#define MEMBER(name) offsetof(struct svm_config, name)
static const struct option_row svm_options[] = {
	{ "C", 0, OPTION_REAL, MEMBER(c), "C", NULL, 0, 1e300, "how much a row on the wrong side costs, or a unit beyond epsilon: smaller is smoother (default 1)" },
	{ "nu", 0, OPTION_REAL, MEMBER(nu), "NU", NULL, 0, 1, "instead of C, of numbers of epsilon: at least so large a share of rows are support vectors, at most so large a one is on the wrong side" },
	{ "epsilon", 0, OPTION_REAL, MEMBER(epsilon), "E", NULL, 0, 1e300, "for numbers: what is off by less costs nothing, in the target's deviations as prepared (default 0.1)" },
	{ "kernel", 0, OPTION_CHOICE, MEMBER(kernel), NULL, KERNELS, 0, 0, "how alike two rows are (default rbf)" },
	{ "gamma", 0, OPTION_TEXT, MEMBER(gamma), "scale|auto|G", NULL, 0, 0,
	  "of rbf, poly and sigmoid: 1 / features, with scale 1 / (features * variance of all values), or a number (default scale)" },
	{ "degree", 0, OPTION_INT, MEMBER(degree), "N", NULL, 0, 100, "of kernel=poly (default 3)" },
	{ "coef0", 0, OPTION_REAL, MEMBER(coef0), "R", NULL, -1e300, 1e300, "of kernel=poly and kernel=sigmoid: what is added to the product (default 0)" },
	{ "tol", 0, OPTION_REAL, MEMBER(tol), "T", NULL, 0, 1e300, "how near to the optimum it ends: how far the two worst rows are apart (default 1e-3)" },
	{ "max_iter", 0, OPTION_INT, MEMBER(max_iter), "N", NULL, -1, 1e15, "iterations of each pair of classes, at most; -1: any number (default)" },
	{ "shrinking", 0, OPTION_FLAG, MEMBER(shrinking), NULL, NULL, 0, 0, "leave rows aside that seem settled, until the end (default yes)" },
	{ "probability", 0, OPTION_FLAG, MEMBER(probability), NULL, NULL, 0, 0, "for classes: probabilities, by training on folds besides (default no: the class alone)" },
	{ "folds", 0, OPTION_INT, MEMBER(folds), "N", NULL, 2, 1000, "of probability=yes: how many (default 5)" },
	OPTION_END,
};

const struct model_kind model_svm = {
	.name = "svm",
	.summary = "support vector machines, of classes and of numbers; kernels",
	.options = svm_options,
	.config_size = sizeof(struct svm_config),
	.settle = svm_settle,
	.simpler = "a smaller C",
	.defaults = &svm_defaults,
	.search = (const char *const[]){ "C=0.01..1000", "gamma=scale,0.001,0.01,0.1,1", NULL },
	.search_rows = 5000,
	.takes = MODEL_SCALED,
	.check = svm_check,
	.needs = svm_needs,
	.sharing = &svm_sharing,
	.begin = svm_begin,
	.round = svm_round,
	.finish = svm_finish,
	.close = svm_close,
	.predict = svm_predict,
	.votes = svm_votes,
	.votes_with = svm_votes_with,
	.save = svm_save,
	.load = svm_load,
	.free = svm_free,
	.describe = svm_describe,
};
