/* SPDX-License-Identifier: MIT */
/*
 * Linear regression: least squares and ridge, exact, in one pass over the rows.
 * The panels become one triangle (linear_qr.c), the triangle is solved
 * (linear_solve.c), and the rest is bookkeeping.
 */
#include "model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "linear_qr.h"
#include "linear_solve.h"
#include "memory.h"
#include "table.h"

static const double EXACT = 1e-10, PART = 1e-6;         /* of the target's deviation: what rounding leaves; what is a part of a sum */
enum { ROWS_A_FEATURE = 20 };
enum { MAX_FEATURES = 32768, NAMES_SHOWN = 12 };

struct linear_config { double alpha; };

struct linear {
	size_t n_features;
	double alpha, intercept;
	double *coefficients, *deviations, *means;      /* deviations and means: of the training rows' features */
	size_t rank;
};

struct linear_fitting {
	const struct linear_config *config;
	const struct training *training;
	struct qr *qr;
	struct linear *linear;          /* once the rows have passed */
};

static int linear_check(const void *config, const struct problem *problem, struct error *err)
{
	(void)config;
	if (problem->task == TASK_CLASSIFICATION)
		return error_set(err, STATUS_USAGE, "model 'linear' predicts numbers, not classes (use --model logistic)");
	if (problem->features.n > MAX_FEATURES)
		return error_set(err, STATUS_USAGE, "model 'linear' takes at most %d features, not %zu (use --features or --model mlp)",
		                 MAX_FEATURES, problem->features.n);
	return 0;
}

static void linear_free(void *model)
{
	struct linear *linear = model;

	if (!linear)
		return;
	free(linear->coefficients);
	free(linear->deviations);
	free(linear->means);
	free(linear);
}

/* "collinear: a, b, c and 9 more: the minimum-norm solution is used" */
static void remark_features(const struct training *training, const bool *which, const char *title, const char *rest)
{
	const struct names *features = &training->problem->features;
	struct names found = { .items = NULL };
	struct buffer text = BUFFER_INIT;

	for (size_t i = 0; i < features->n; i++)
		if (which[i])
			names_add(&found, features->items[i]);
	if (found.n > 0) {
		buffer_format(&text, "%s: ", title);
		names_print(&found, NAMES_SHOWN, &text);
		buffer_format(&text, ": %s", rest);
		training->remark(training->state, buffer_text(&text));
	}
	names_release(&found);
	buffer_free(&text);
}

static int take_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	(void)err;
	if (panel->part == PART_TRAIN)
		qr_add(state, lane, panel);
	return 0;
}

static size_t n_lanes(const struct training *training)
{
	return training->threads > 1 ? (size_t)training->threads : 1;
}

/* The factor, or behind it R, its columns that are not constant and the dependencies among them (linear_solve.c). */
static uint64_t linear_needs(const void *config, const struct training *training, size_t lanes)
{
	size_t n_features = training->problem->features.n;
	uint64_t n = n_features + 2, rows = n < training->n_rows ? n : training->n_rows, factor = qr_memory(n_features, training->n_rows, lanes);
	uint64_t solving = (2 * rows * n + rows * n / 4) * sizeof(double);

	(void)config;
	return factor > solving ? factor : solving;
}

static void *linear_begin(const void *config, const struct training *training, object checkpoint, struct error *err)
{
	struct linear_fitting *fitting = mem_new(1, sizeof *fitting);

	(void)checkpoint, (void)err;
	fitting->config = config;
	fitting->training = training;
	fitting->qr = qr_new(training->problem->features.n, n_lanes(training));
	return fitting;
}

/*
 * A target that is a sum of features, to the last digits and in far more rows than it takes, was most likely made of them: the
 * count of casual and registered riders is that of both. r: the factor; its last column is the target.
 */
static void remark_exact(const struct training *training, const struct solution *solution, const double *r, size_t n_rows)
{
	size_t n = training->problem->features.n;
	const double *y = &r[(n + 1) * n_rows];
	bool *which = mem_new(n + 1, sizeof *which);
	double length = 0;

	for (size_t row = 1; row < n_rows; row++)
		length += y[row] * y[row];
	length = sqrt(length);
	if (length > 0 && sqrt(solution->squares) <= EXACT * length && training->n_rows >= ROWS_A_FEATURE * (solution->rank + 1)) {
		for (size_t i = 0; i < n; i++)
			which[i] = fabs(solution->coefficients[i] * solution->deviations[i] * r[0]) > PART * length;
		remark_features(training, which, "the target is an exact sum of", "are these known when it is to be predicted? (--features, or role id)");
	}
	free(which);
}

static int linear_round(void *state, struct round *told, struct error *err)
{
	struct linear_fitting *fitting = state;
	const struct training *training = fitting->training;
	size_t n = training->problem->features.n, n_rows;
	struct solution solution;
	const double *r;
	int result;

	if (training->rows(training->state, n_lanes(training), take_panel, fitting->qr, err) < 0)
		return -1;
	r = qr_finish(fitting->qr, &n_rows);
	result = solve(r, n_rows, n, fitting->config->alpha, training->set_of, &solution, err);
	if (result == 0) {
		fitting->linear = mem_new(1, sizeof *fitting->linear);
		*fitting->linear = (struct linear){ .n_features = n, .alpha = fitting->config->alpha, .intercept = solution.intercept,
		                                    .coefficients = solution.coefficients, .deviations = solution.deviations,
		                                    .means = solution.means, .rank = solution.rank };
		remark_exact(training, &solution, r, n_rows);
		solution.coefficients = solution.deviations = solution.means = NULL;
		remark_features(training, solution.constant, "constant", "no effect");
		remark_features(training, solution.collinear, "collinear", "the minimum-norm solution is used");
		told->loss = solution.squares / (r[0] * r[0]);
	}
	solution_release(&solution);
	return result;
}

static void *linear_finish(void *state, struct error *err)
{
	struct linear_fitting *fitting = state;
	struct linear *linear = fitting->linear;

	(void)err;
	fitting->linear = NULL;
	return linear;
}

static void linear_close(void *state)
{
	struct linear_fitting *fitting = state;

	qr_free(fitting->qr);
	linear_free(fitting->linear);
	free(fitting);
}

static int linear_predict(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct linear *linear = model;

	(void)err;
	for (size_t row = 0; row < panel->n_rows; row++)
		out[row] = linear->intercept;
	for (size_t col = 0; col < linear->n_features; col++)
		for (size_t row = 0; row < panel->n_rows; row++)
			out[row] += linear->coefficients[col] * panel->x[col * panel->stride + row];
	return 0;
}

/* What a feature's distance from its mean adds to the answer for a row of means. These are the Shapley values of a linear model
 * whose features are taken as independent (Lundberg and Lee 2017, corollary 1). */
static int linear_reasons(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct linear *linear = model;
	size_t n = linear->n_features;
	double middle = linear->intercept;

	(void)err;
	for (size_t col = 0; col < n; col++)
		middle += linear->coefficients[col] * linear->means[col];
	for (size_t row = 0; row < panel->n_rows; row++, out += n + 1) {
		for (size_t col = 0; col < n; col++)
			out[col] = linear->coefficients[col] * (panel->x[col * panel->stride + row] - linear->means[col]);
		out[n] = middle;
	}
	return 0;
}

static void linear_save(const void *model, struct buffer *params)
{
	const struct linear *linear = model;

	pack_map(params, 6);
	pack_key_real(params, "alpha", linear->alpha);
	pack_key_int(params, "rank", (int64_t)linear->rank);
	pack_key_real(params, "intercept", linear->intercept);
	pack_text(params, "coefficients");
	pack_reals(params, linear->coefficients, linear->n_features);
	pack_text(params, "deviations");
	pack_reals(params, linear->deviations, linear->n_features);
	pack_text(params, "means");
	pack_reals(params, linear->means, linear->n_features);
}

static void *linear_load(object params, const struct problem *problem, struct error *err)
{
	size_t n = problem->features.n;
	struct linear *linear = mem_new(1, sizeof *linear);
	uint64_t rank;

	linear->n_features = n;
	linear->coefficients = mem_new(n + 1, sizeof(double));
	linear->deviations = mem_new(n + 1, sizeof(double));
	linear->means = mem_new(n + 1, sizeof(double));
	if (problem->task != TASK_REGRESSION || !object_real(map_get(params, "alpha"), &linear->alpha) || !isfinite(linear->alpha) ||
	    !object_uint(map_get(params, "rank"), &rank) || !object_real(map_get(params, "intercept"), &linear->intercept) ||
	    !isfinite(linear->intercept) || !object_finite_reals(map_get(params, "coefficients"), linear->coefficients, n) ||
	    object_reals(map_get(params, "deviations"), linear->deviations, n) < 0 ||
	    object_reals(map_get(params, "means"), linear->means, n) < 0) {
		error_set(err, STATUS_FAILED, "the parameters of the linear model are broken, or not finite");
		linear_free(linear);
		return NULL;
	}
	linear->rank = rank;
	return linear;
}

static void linear_describe(const void *model, const struct problem *problem, struct buffer *to)
{
	const struct linear *linear = model;
	struct effect *effects = mem_array(linear->n_features + 1, sizeof *effects);
	struct table *table = table_new();

	for (size_t i = 0; i < linear->n_features; i++)
		effects[i] = (struct effect){ i, fabs(linear->coefficients[i] * linear->deviations[i]) };
	effects_sort(effects, linear->n_features);
	table_column(table, "feature", false);
	table_column(table, "coefficient", true);
	table_column(table, "per deviation", true);
	table_format(table, "(intercept)");
	table_number(table, linear->intercept, 6);
	table_format(table, " ");
	for (size_t i = 0; i < linear->n_features; i++) {
		size_t feature = effects[i].feature;

		table_format(table, "%s", problem->features.items[feature]);
		table_number(table, linear->coefficients[feature], 6);
		table_number(table, linear->coefficients[feature] * linear->deviations[feature], 4);
	}
	table_print(table, to, 0, 0);
	table_free(table);
	free(effects);
}

static const struct linear_config linear_defaults = { .alpha = 0 };

static const struct option_row linear_options[] = {
	{ "alpha", 0, OPTION_REAL, offsetof(struct linear_config, alpha), "A", NULL, 0, 1e300,
	  "ridge: penalty on the squared coefficients, never on the intercept; scale the features first (default 0: least squares)" },
	OPTION_END,
};

const struct model_kind model_linear = {
	.name = "linear",
	.summary = "least squares and ridge regression, exact, in one pass",
	.options = linear_options,
	.config_size = sizeof(struct linear_config),
	.defaults = &linear_defaults,
	.check = linear_check,
	.needs = linear_needs,
	.begin = linear_begin,
	.round = linear_round,
	.finish = linear_finish,
	.close = linear_close,
	.predict = linear_predict,
	.reasons = linear_reasons,
	.save = linear_save,
	.load = linear_load,
	.free = linear_free,
	.describe = linear_describe,
};
