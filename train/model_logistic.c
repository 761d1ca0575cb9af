/* SPDX-License-Identifier: MIT */
/*
 * Logistic regression, binary and multinomial, of scikit-learn's objective
 *
 *     C sum_i w_i loss(y_i, z_i) + (1 - l1_ratio) |v|^2 / 2 + l1_ratio |v|_1        (the intercepts are free)
 *
 * brought to its minimum (glm_solve.h). Two classes have one output, more one each.
 */
#include "model.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "glm_solve.h"
#include "memory.h"
#include "number.h"
#include "table.h"

enum { CLASSES_SHOWN = 8 };             /* columns of describe */
static const double TOL = 1e-12;

struct logistic_config {
	struct pace pace;
	const char *c;
	double l1_ratio;
};

struct logistic {
	size_t n_features, n_outputs;
	double c, l1_ratio;             /* c: INFINITY for no penalty */
	double *coefficients, *intercepts;      /* n_outputs x n_features; n_outputs */
	double *means, *deviations;     /* of the training rows' features */
	double slope;
	bool converged;
	uint64_t n_steps;
};

struct logistic_fitting {
	const struct training *training;
	double c, l1_ratio;
	int64_t max_iter;
	struct glm glm;
	struct glm_solver solver;
	double *kept;                   /* variables; NULL: none */
};

static int read_c(const char *text, double *c, struct error *err)
{
	if (strcmp(text, "inf") == 0) {
		*c = INFINITY;
		return 0;
	}
	if (!number_real_rounded(text, strlen(text), c) || !(*c > 0))
		return error_set(err, STATUS_USAGE, "C: '%s' is no number above 0 (inf: no penalty)", text);
	return 0;
}

static int logistic_check(const void *config, const struct problem *problem, struct error *err)
{
	const struct logistic_config *logistic = config;
	double c;

	if (problem->task != TASK_CLASSIFICATION)
		return error_set(err, STATUS_USAGE, "model 'logistic' predicts classes, not numbers (use --model linear, or --task classification)");
	return read_c(logistic->c, &c, err);
}

static size_t outputs_for(size_t n_classes) { return n_classes == 2 ? 1 : n_classes; }

static uint64_t logistic_needs(const void *config, const struct training *training, size_t lanes)
{
	size_t n_features = training->problem->features.n, n_outputs = outputs_for(training->problem->classes.n);

	(void)config;
	return glm_memory(n_features, n_outputs, lanes, glm_solves_newton(n_features, n_outputs));
}

static void logistic_free(void *model)
{
	struct logistic *logistic = model;

	if (!logistic)
		return;
	free(logistic->coefficients);
	free(logistic->intercepts);
	free(logistic->means);
	free(logistic->deviations);
	free(logistic);
}

static void logistic_close(void *state)
{
	struct logistic_fitting *fitting = state;

	glm_solver_free(&fitting->solver);
	glm_free(&fitting->glm);
	free(fitting->kept);
	free(fitting);
}

static int take_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct logistic_fitting *fitting = state;

	(void)lane;
	return panel->part == PART_TRAIN ? glm_add(&fitting->glm, panel, err) : 0;
}

static bool read_checkpoint(struct logistic_fitting *fitting, object checkpoint, struct error *err)
{
	object kept = map_get(checkpoint, "kept");

	if (kept && kept->type == MSGPACK_OBJECT_BIN && kept->via.bin.size > 0) {
		fitting->kept = mem_array(fitting->glm.size, sizeof *fitting->kept);
		if (!object_finite_reals(kept, fitting->kept, fitting->glm.size))
			return false;
	}
	return glm_solver_unpack(&fitting->solver, map_get(checkpoint, "solver"), err) == 0;
}

/* All rows are read, and the solver stands at its start, or where the checkpoint left it. */
static int open_solver(struct logistic_fitting *fitting, object checkpoint, struct error *err)
{
	const struct training *training = fitting->training;
	double per_weight;

	if (training->rows(training->state, training->threads > 1 ? (size_t)training->threads : 1, take_panel, fitting, err) < 0)
		return -1;
	if (glm_close(&fitting->glm, err) < 0)
		return -1;
	per_weight = 1 / (fitting->c * fitting->glm.rows.weight);
	glm_penalise(&fitting->glm, fitting->l1_ratio * per_weight, (1 - fitting->l1_ratio) * per_weight);
	glm_solver_new(&fitting->solver, &fitting->glm, TOL, NULL);
	if (checkpoint && !read_checkpoint(fitting, checkpoint, err))
		return error_set(err, STATUS_FAILED, "the checkpoint of the logistic model is broken");
	return 0;
}

static void *logistic_begin(const void *config, const struct training *training, object checkpoint, struct error *err)
{
	const struct logistic_config *logistic = config;
	const struct problem *problem = training->problem;
	size_t n_outputs = outputs_for(problem->classes.n);
	struct logistic_fitting *fitting = mem_new(1, sizeof *fitting);

	fitting->training = training;
	fitting->l1_ratio = logistic->l1_ratio;
	fitting->max_iter = logistic->pace.rounds;
	glm_open(&fitting->glm, n_outputs == 1 ? &glm_logistic : &glm_softmax, problem->features.n, n_outputs, training->threads, training->memory,
	         training->host);
	if (read_c(logistic->c, &fitting->c, err) < 0 || open_solver(fitting, checkpoint, err) < 0) {
		logistic_close(fitting);
		return NULL;
	}
	return fitting;
}

/* ---- rounds ---- */

static void remark_end(const struct logistic_fitting *fitting)
{
	const struct glm_solver *solver = &fitting->solver;
	struct buffer text = BUFFER_INIT;
	char slope[NUMBER_SIZE];

	if (solver->converged)
		return;
	number_print_short(slope, solver->slope, 2);
	buffer_format(&text, "not converged after %" PRIu64 " iterations: a slope of %s is left (max_iter=, a smaller C, or scale the features)",
	              solver->n_steps, slope);
	fitting->training->remark(fitting->training->state, buffer_text(&text));
	buffer_free(&text);
}

static int logistic_round(void *state, struct round *told, struct error *err)
{
	struct logistic_fitting *fitting = state;
	int more = glm_solver_step(&fitting->solver, err);

	if (more < 0)
		return -1;
	if (!isfinite(fitting->solver.value))
		return error_set(err, STATUS_FAILED, "the loss is no number: features, or their weights, are too large (scale them)");
	told->loss = fitting->solver.loss;
	if (more == 0 || told->number >= (uint64_t)fitting->max_iter)
		remark_end(fitting);
	return more;
}

static void logistic_keep(void *state)
{
	struct logistic_fitting *fitting = state;
	size_t size = fitting->glm.size * sizeof *fitting->kept;

	if (!fitting->kept)
		fitting->kept = mem_array(fitting->glm.size, sizeof *fitting->kept);
	memcpy(fitting->kept, fitting->solver.at, size);
}

static void logistic_checkpoint(const void *state, struct buffer *to)
{
	const struct logistic_fitting *fitting = state;

	pack_map(to, 2);
	pack_text(to, "solver");
	glm_solver_pack(&fitting->solver, to);
	pack_text(to, "kept");
	pack_reals(to, fitting->kept, fitting->kept ? fitting->glm.size : 0);
}

/* Of softmax one number may be added to all of a feature's coefficients, where no penalty minds, and to the intercepts: their mean is 0. */
static void centre(struct logistic *logistic)
{
	double mean = 0;

	for (size_t k = 0; k < logistic->n_outputs; k++)
		mean += logistic->intercepts[k] / (double)logistic->n_outputs;
	for (size_t k = 0; logistic->n_outputs > 1 && k < logistic->n_outputs; k++)
		logistic->intercepts[k] -= mean;
}

static struct logistic *logistic_new(size_t n_features, size_t n_outputs)
{
	struct logistic *logistic = mem_new(1, sizeof *logistic);

	logistic->n_features = n_features;
	logistic->n_outputs = n_outputs;
	logistic->coefficients = mem_new(n_outputs * n_features + 1, sizeof(double));
	logistic->intercepts = mem_new(n_outputs, sizeof(double));
	logistic->means = mem_new(n_features + 1, sizeof(double));
	logistic->deviations = mem_new(n_features + 1, sizeof(double));
	return logistic;
}

static void *logistic_finish(void *state, struct error *err)
{
	const struct logistic_fitting *fitting = state;
	const struct glm *glm = &fitting->glm;
	struct logistic *logistic = logistic_new(glm->n_features, glm->n_outputs);

	(void)err;
	logistic->c = fitting->c;
	logistic->l1_ratio = fitting->l1_ratio;
	logistic->slope = fitting->solver.slope;
	logistic->converged = fitting->solver.converged;
	logistic->n_steps = fitting->solver.n_steps;
	glm_coefficients(glm, fitting->kept ? fitting->kept : fitting->solver.at, logistic->coefficients, logistic->intercepts);
	memcpy(logistic->means, glm->means, glm->n_features * sizeof(double));
	memcpy(logistic->deviations, glm->deviations, glm->n_features * sizeof(double));
	centre(logistic);
	return logistic;
}

/* ---- predict ---- */

static void settle_two(double z, double *out)
{
	double small = exp(-fabs(z)), unlikely = small / (1 + small), likely = 1 / (1 + small);

	out[0] = z >= 0 ? unlikely : likely;
	out[1] = z >= 0 ? likely : unlikely;
}

static void settle_many(double *out, size_t n)
{
	double top = out[0], all = 0;

	for (size_t k = 1; k < n; k++)
		top = out[k] > top ? out[k] : top;
	for (size_t k = 0; k < n; k++)
		all += out[k] = exp(out[k] - top);
	for (size_t k = 0; k < n; k++)
		out[k] /= all;
}

static int logistic_predict(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct logistic *logistic = model;
	size_t n = logistic->n_outputs, step = n == 1 ? 2 : n;
	double *z = mem_array(panel->n_rows + 1, sizeof *z);

	(void)err;
	for (size_t k = 0; k < n; k++) {
		for (size_t row = 0; row < panel->n_rows; row++)
			z[row] = logistic->intercepts[k];
		for (size_t col = 0; col < logistic->n_features; col++) {
			double coefficient = logistic->coefficients[k * logistic->n_features + col];

			for (size_t row = 0; coefficient != 0 && row < panel->n_rows; row++)
				z[row] += coefficient * panel->x[col * panel->stride + row];
		}
		for (size_t row = 0; row < panel->n_rows; row++)
			out[row * step + k] = z[row];
	}
	for (size_t row = 0; row < panel->n_rows; row++, out += step)
		if (n == 1)
			settle_two(out[0], out);
		else
			settle_many(out, n);
	free(z);
	return 0;
}

/* ---- save, load ---- */

static void logistic_save(const void *model, struct buffer *params)
{
	const struct logistic *logistic = model;
	size_t n = logistic->n_features;

	pack_map(params, 9);
	pack_key_real(params, "C", isinf(logistic->c) ? 0 : logistic->c);
	pack_key_real(params, "l1_ratio", logistic->l1_ratio);
	pack_key_int(params, "iterations", (int64_t)logistic->n_steps);
	pack_text(params, "converged");
	pack_bool(params, logistic->converged);
	pack_key_real(params, "slope", logistic->slope);
	pack_text(params, "coefficients");
	pack_reals(params, logistic->coefficients, logistic->n_outputs * n);
	pack_text(params, "intercepts");
	pack_reals(params, logistic->intercepts, logistic->n_outputs);
	pack_text(params, "means");
	pack_reals(params, logistic->means, n);
	pack_text(params, "deviations");
	pack_reals(params, logistic->deviations, n);
}

static void *logistic_load(object params, const struct problem *problem, struct error *err)
{
	size_t n = problem->features.n, n_outputs = outputs_for(problem->classes.n);
	struct logistic *logistic = logistic_new(n, n_outputs);

	if (problem->task != TASK_CLASSIFICATION || problem->classes.n < 2 || !object_real(map_get(params, "C"), &logistic->c) ||
	    !(logistic->c >= 0) || !object_real(map_get(params, "l1_ratio"), &logistic->l1_ratio) ||
	    !object_uint(map_get(params, "iterations"), &logistic->n_steps) || !object_bool(map_get(params, "converged"), &logistic->converged) ||
	    !object_real(map_get(params, "slope"), &logistic->slope) ||
	    !object_finite_reals(map_get(params, "coefficients"), logistic->coefficients, n_outputs * n) ||
	    !object_finite_reals(map_get(params, "intercepts"), logistic->intercepts, n_outputs) ||
	    !object_finite_reals(map_get(params, "means"), logistic->means, n) ||
	    !object_finite_reals(map_get(params, "deviations"), logistic->deviations, n)) {
		error_set(err, STATUS_FAILED, "the parameters of the logistic model are broken, or not finite");
		logistic_free(logistic);
		return NULL;
	}
	if (logistic->c == 0)
		logistic->c = INFINITY;
	return logistic;
}

/* ---- for people ---- */

static void describe_fit(const struct logistic *logistic, struct buffer *to)
{
	char c[NUMBER_SIZE], ratio[NUMBER_SIZE], slope[NUMBER_SIZE];

	number_print_short(c, logistic->c, 6);
	number_print_short(ratio, logistic->l1_ratio, 6);
	number_print_short(slope, logistic->slope, 2);
	buffer_format(to, "penalty: C=%s l1_ratio=%s; %s after %" PRIu64 " iterations, largest slope %s\n\n", isinf(logistic->c) ? "inf" : c, ratio,
	              logistic->converged ? "converged" : "not converged", logistic->n_steps, slope);
}

static void logistic_describe(const void *model, const struct problem *problem, struct buffer *to)
{
	const struct logistic *logistic = model;
	size_t n = logistic->n_features, shown = logistic->n_outputs > CLASSES_SHOWN ? CLASSES_SHOWN : logistic->n_outputs;
	struct effect *effects = mem_new(n + 1, sizeof *effects);
	struct table *table = table_new();

	describe_fit(logistic, to);
	for (size_t i = 0; i < n; i++) {
		effects[i].feature = i;
		for (size_t k = 0; k < logistic->n_outputs; k++)
			effects[i].size = fmax(effects[i].size, fabs(logistic->coefficients[k * n + i] * logistic->deviations[i]));
	}
	effects_sort(effects, n);
	table_column(table, "feature", false);
	for (size_t k = 0; k < shown; k++)
		table_column(table, problem->classes.items[logistic->n_outputs == 1 ? 1 : k], true);
	table_column(table, "per deviation", true);
	table_format(table, "(intercept)");
	for (size_t k = 0; k < shown; k++)
		table_number(table, logistic->intercepts[k], 6);
	table_format(table, " ");
	for (size_t i = 0; i < n; i++) {
		size_t feature = effects[i].feature;

		table_format(table, "%s", problem->features.items[feature]);
		for (size_t k = 0; k < shown; k++)
			table_number(table, logistic->coefficients[k * n + feature], 6);
		table_number(table, effects[i].size, 4);
	}
	table_print(table, to, 0, 0);
	if (shown < logistic->n_outputs)
		buffer_format(to, "(and %zu classes more)\n", logistic->n_outputs - shown);
	table_free(table);
	free(effects);
}

static const struct logistic_config logistic_defaults = { .pace = { .rounds = 1000 }, .c = "1" };

static const struct option_row logistic_options[] = {
	{ "C", 0, OPTION_TEXT, offsetof(struct logistic_config, c), "C|inf", NULL, 0, 0,
	  "inverse strength of the penalty on the coefficients, never on the intercept; inf: none (default 1)" },
	{ "l1_ratio", 0, OPTION_REAL, offsetof(struct logistic_config, l1_ratio), "R", NULL, 0, 1,
	  "of the penalty: 0 is L2, 1 is L1, which makes coefficients 0, between them the elastic net (default 0)" },
	PACE_ROUNDS("max_iter", "iterations, at most (default 1000)"),
	OPTION_END,
};

const struct model_kind model_logistic = {
	.name = "logistic",
	.summary = "logistic regression, binary and multinomial, brought to the optimum",
	.options = logistic_options,
	.config_size = sizeof(struct logistic_config),
	.defaults = &logistic_defaults,
	.takes = MODEL_SCALED,
	.round_name = "iteration",
	.check = logistic_check,
	.needs = logistic_needs,
	.begin = logistic_begin,
	.round = logistic_round,
	.keep = logistic_keep,
	.checkpoint = logistic_checkpoint,
	.finish = logistic_finish,
	.close = logistic_close,
	.predict = logistic_predict,
	.save = logistic_save,
	.load = logistic_load,
	.free = logistic_free,
	.describe = logistic_describe,
};
