/* SPDX-License-Identifier: MIT */
/*
 * Logistic regression, binary and multinomial, of scikit-learn's objective
 *
 *     C sum_i w_i loss(y_i, z_i) + (1 - l1_ratio) |v|^2 / 2 + l1_ratio |v|_1        (the intercepts are free)
 *
 * brought to its minimum (glm_solve.h), or near it row by row (logistic_online.h). Two
 * classes have one output, more one each.
 *
 * Memory: the rows, beyond training->memory in a file, and of c coefficients 24 c^2 bytes by
 * Newton's steps, else 160 c; row by row none for rows and 32 c.
 */
#include "model.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "glm_solve.h"
#include "logistic_online.h"
#include "classes.h"
#include "memory.h"
#include "number.h"
#include "table.h"

enum { CLASSES_SHOWN = 8 };             /* columns of describe */
static const double TOL = 1e-12;
static const double ONLINE_TOL = 1e-4, LR_SGD = 0.01, LR_FTRL = 0.1;     /* ONLINE_TOL: a pass that wins less of the loss is the last */

enum solver { SOLVER_EXACT, SOLVER_SGD, SOLVER_FTRL };

struct logistic_config {
	struct pace pace;
	const char *c;
	double l1_ratio, lr;
	int solver;
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
	struct row_store rows;          /* unless they are shared */
	struct glm glm;
	struct glm_solver solver;
	struct online *online;          /* instead of these two */
	double last_loss;               /* of its last pass */
	uint64_t n_passes;
	struct logistic *kept;          /* NULL: none */
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
	if (logistic->lr != 0 && logistic->solver == SOLVER_EXACT)
		return error_set(err, STATUS_USAGE, "lr= belongs to solver=sgd and solver=ftrl");
	if (logistic->l1_ratio != 0 && logistic->solver == SOLVER_SGD)
		return error_set(err, STATUS_USAGE, "solver=sgd has no L1 (solver=ftrl has)");
	return read_c(logistic->c, &c, err);
}

static unsigned logistic_wants(const void *config)
{
	return MODEL_SCALED | (((const struct logistic_config *)config)->solver == SOLVER_EXACT ? 0 : MODEL_AGAIN);
}

static size_t outputs_for(size_t n_classes) { return n_classes == 2 ? 1 : n_classes; }

static uint64_t logistic_needs(const void *config, const struct training *training, size_t lanes, bool passing)
{
	size_t n_features = training->problem->features.n, n_outputs = outputs_for(training->problem->classes.n);

	if (((const struct logistic_config *)config)->solver != SOLVER_EXACT)
		return online_memory(n_features, n_outputs);
	return glm_memory(n_features, n_outputs, training_panel_rows(training), lanes, glm_solves_newton(n_features, n_outputs), passing);
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

/* `to` is new, and of the same sizes. */
static void logistic_copy(struct logistic *to, const struct logistic *from)
{
	struct logistic all = *from;

	all.coefficients = to->coefficients;
	all.intercepts = to->intercepts;
	all.means = to->means;
	all.deviations = to->deviations;
	memcpy(all.coefficients, from->coefficients, from->n_outputs * from->n_features * sizeof(double));
	memcpy(all.intercepts, from->intercepts, from->n_outputs * sizeof(double));
	memcpy(all.means, from->means, from->n_features * sizeof(double));
	memcpy(all.deviations, from->deviations, from->n_features * sizeof(double));
	*to = all;
}

/* ---- save, load ---- */

static void logistic_save(const void *model, struct buffer *params)
{
	const struct logistic *logistic = model;
	size_t n = logistic->n_features;

	pack_map(params, 8u + isfinite(logistic->slope));
	pack_key_real(params, "C", isinf(logistic->c) ? 0 : logistic->c);
	pack_key_real(params, "l1_ratio", logistic->l1_ratio);
	pack_key_int(params, "iterations", (int64_t)logistic->n_steps);
	pack_text(params, "converged");
	pack_bool(params, logistic->converged);
	if (isfinite(logistic->slope))
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
	if (!object_real(map_get(params, "slope"), &logistic->slope))
		logistic->slope = NAN;
	return logistic;
}

/* ---- what fittings share ---- */

static bool is_exact(const void *config) { return ((const struct logistic_config *)config)->solver == SOLVER_EXACT; }
static bool logistic_shares(const void *config, const void *other) { return is_exact(config) && is_exact(other); }

static void *logistic_share(const void *config, const struct training *training, struct error *err)
{
	(void)config;
	return row_store_share(training, err);
}

static const struct model_sharing logistic_sharing = { logistic_shares, row_store_shared_size, logistic_share, row_store_unshare };

/* ---- begin ---- */

static void logistic_close(void *state)
{
	struct logistic_fitting *fitting = state;

	glm_solver_free(&fitting->solver);
	glm_free(&fitting->glm);
	row_store_free(&fitting->rows);
	online_free(fitting->online);
	logistic_free(fitting->kept);
	free(fitting);
}

/* At 0, or at the optimum of other rows. */
static void new_solver(struct logistic_fitting *fitting)
{
	const struct logistic *from = fitting->training->from;
	double *start = from ? mem_array(fitting->glm.size, sizeof *start) : NULL;

	if (from)
		glm_variables(&fitting->glm, from->coefficients, from->intercepts, start);
	glm_solver_new(&fitting->solver, &fitting->glm, TOL, start);
	free(start);
}

/* All rows are read, and the solver stands at its start. */
static int open_solver(struct logistic_fitting *fitting, struct error *err)
{
	const struct training *training = fitting->training;
	const struct problem *problem = training->problem;
	size_t n_outputs = outputs_for(problem->classes.n);
	double per_weight;

	if (!training->shared && row_store_fill(&fitting->rows, training, err) < 0)
		return -1;
	glm_open(&fitting->glm, n_outputs == 1 ? &glm_logistic : &glm_softmax, training->shared ? training->shared : &fitting->rows, n_outputs,
	         training->threads);
	if (glm_measure(&fitting->glm, &problem->features, err) < 0)
		return -1;
	per_weight = 1 / (fitting->c * fitting->glm.rows->weight);
	glm_penalise(&fitting->glm, fitting->l1_ratio * per_weight, (1 - fitting->l1_ratio) * per_weight);
	new_solver(fitting);
	return 0;
}

static void open_online(struct logistic_fitting *fitting, const struct logistic_config *config)
{
	bool sgd = config->solver == SOLVER_SGD;
	struct online_options options = { .way = sgd ? ONLINE_SGD : ONLINE_FTRL, .lr = config->lr > 0 ? config->lr : sgd ? LR_SGD : LR_FTRL,
	                                  .l1 = fitting->l1_ratio / fitting->c, .l2 = (1 - fitting->l1_ratio) / fitting->c };
	const struct logistic *from = fitting->training->from;

	fitting->online = online_new(fitting->training, outputs_for(fitting->training->problem->classes.n), &options);
	if (from)
		online_start(fitting->online, from->coefficients, from->intercepts);
}

static bool read_checkpoint(struct logistic_fitting *fitting, object checkpoint, struct error *err)
{
	object kept = map_get(checkpoint, "kept");

	if (kept && kept->type == MSGPACK_OBJECT_MAP && !(fitting->kept = logistic_load(kept, fitting->training->problem, err)))
		return false;
	if (!fitting->online)
		return glm_solver_unpack(&fitting->solver, map_get(checkpoint, "solver"), err) == 0;
	return object_real(map_get(checkpoint, "loss"), &fitting->last_loss) && object_uint(map_get(checkpoint, "passes"), &fitting->n_passes) &&
	       online_unpack(fitting->online, map_get(checkpoint, "solver"));
}

static void *logistic_begin(const void *config, const struct training *training, object checkpoint, struct error *err)
{
	const struct logistic_config *logistic = config;
	struct logistic_fitting *fitting = mem_new(1, sizeof *fitting);

	*fitting = (struct logistic_fitting){ .training = training, .l1_ratio = logistic->l1_ratio, .max_iter = logistic->pace.rounds,
	                                      .last_loss = INFINITY };
	if (read_c(logistic->c, &fitting->c, err) < 0 || (logistic->solver == SOLVER_EXACT && open_solver(fitting, err) < 0))
		goto failed;
	if (logistic->solver != SOLVER_EXACT)
		open_online(fitting, logistic);
	if (!checkpoint || read_checkpoint(fitting, checkpoint, err))
		return fitting;
	error_set(err, STATUS_FAILED, "the checkpoint of the logistic model is broken");        /* unless it is said what is */
failed:
	logistic_close(fitting);
	return NULL;
}

/* ---- rounds ---- */

static void remark_end(const struct logistic_fitting *fitting)
{
	struct buffer text = BUFFER_INIT;
	char slope[NUMBER_SIZE];

	number_print_short(slope, fitting->solver.slope, 2);
	if (fitting->online)
		buffer_format(&text, "not settled after %" PRIu64 " passes (max_iter=, lr=)", fitting->n_passes);
	else
		buffer_format(&text, "not converged after %" PRIu64 " iterations: a slope of %s is left (max_iter=, a smaller C, or scale the features)",
		              fitting->solver.n_steps, slope);
	fitting->training->remark(fitting->training->state, buffer_text(&text));
	buffer_free(&text);
}

static int pass_online(struct logistic_fitting *fitting, struct round *told, struct error *err)
{
	bool settled;

	if (online_pass(fitting->online, told->number, &told->loss, err) < 0)
		return -1;
	settled = fitting->last_loss - told->loss < ONLINE_TOL * fitting->last_loss;
	fitting->last_loss = told->loss;
	fitting->n_passes = told->number;
	return !settled;
}

static int step_solver(struct logistic_fitting *fitting, struct round *told, struct error *err)
{
	int more = glm_solver_step(&fitting->solver, err);

	told->loss = fitting->solver.loss;
	return more;
}

static int logistic_round(void *state, struct round *told, struct error *err)
{
	struct logistic_fitting *fitting = state;
	int more = fitting->online ? pass_online(fitting, told, err) : step_solver(fitting, told, err);

	if (more < 0)
		return -1;
	if (!isfinite(told->loss))
		return error_set(err, STATUS_FAILED, "the loss is no number: features, or their weights, are too large (scale them%s)",
		                 fitting->online ? ", or lower lr=" : "");
	if (fitting->online ? more > 0 && told->number >= (uint64_t)fitting->max_iter
	                    : (more == 0 || told->number >= (uint64_t)fitting->max_iter) && !fitting->solver.converged)
		remark_end(fitting);
	return more;
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

/* As it stands. */
static struct logistic *model_now(const struct logistic_fitting *fitting)
{
	const struct problem *problem = fitting->training->problem;
	const struct glm *glm = &fitting->glm;
	struct logistic *logistic = logistic_new(problem->features.n, outputs_for(problem->classes.n));

	logistic->c = fitting->c;
	logistic->l1_ratio = fitting->l1_ratio;
	if (fitting->online) {
		logistic->n_steps = fitting->n_passes;
		logistic->slope = NAN;
		online_coefficients(fitting->online, logistic->coefficients, logistic->intercepts, logistic->means, logistic->deviations);
	} else {
		logistic->slope = fitting->solver.slope;
		logistic->converged = fitting->solver.converged;
		logistic->n_steps = fitting->solver.n_steps;
		glm_coefficients(glm, fitting->solver.at, logistic->coefficients, logistic->intercepts);
		memcpy(logistic->means, glm->means, glm->n_features * sizeof(double));
		memcpy(logistic->deviations, glm->deviations, glm->n_features * sizeof(double));
	}
	centre(logistic);
	return logistic;
}

static void logistic_keep(void *state)
{
	struct logistic_fitting *fitting = state;

	logistic_free(fitting->kept);
	fitting->kept = model_now(fitting);
}

static void logistic_checkpoint(const void *state, struct buffer *to)
{
	const struct logistic_fitting *fitting = state;

	pack_map(to, 4);
	pack_text(to, "solver");
	if (fitting->online)
		online_pack(fitting->online, to);
	else
		glm_solver_pack(&fitting->solver, to);
	pack_key_real(to, "loss", isfinite(fitting->last_loss) ? fitting->last_loss : 0);
	pack_key_int(to, "passes", (int64_t)fitting->n_passes);
	pack_text(to, "kept");
	if (fitting->kept)
		logistic_save(fitting->kept, to);
	else
		pack_nil(to);
}

static void *logistic_finish(void *state, struct error *err)
{
	const struct logistic_fitting *fitting = state;
	struct logistic *logistic;

	(void)err;
	if (!fitting->kept)
		return model_now(fitting);
	logistic = logistic_new(fitting->kept->n_features, fitting->kept->n_outputs);
	logistic_copy(logistic, fitting->kept);
	return logistic;
}

/* ---- predict ---- */

static void settle_two(double z, double *out)
{
	double small = exp(-fabs(z)), unlikely = small / (1 + small), likely = 1 / (1 + small);

	out[0] = z >= 0 ? unlikely : likely;
	out[1] = z >= 0 ? likely : unlikely;
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
			shares_of_logs(out, n);
	free(z);
	return 0;
}

/* What a feature's distance from its mean adds to z; of two classes the first has z = 0. */
static int logistic_reasons(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct logistic *logistic = model;
	size_t n = logistic->n_features;

	(void)err;
	if (logistic->n_outputs == 1) {
		memset(out, 0, panel->n_rows * (n + 1) * sizeof *out);
		out += panel->n_rows * (n + 1);
	}
	for (size_t k = 0; k < logistic->n_outputs; k++) {
		const double *coefficients = &logistic->coefficients[k * n];
		double middle = logistic->intercepts[k];

		for (size_t col = 0; col < n; col++)
			middle += coefficients[col] * logistic->means[col];
		for (size_t row = 0; row < panel->n_rows; row++, out += n + 1) {
			for (size_t col = 0; col < n; col++)
				out[col] = coefficients[col] * (panel->x[col * panel->stride + row] - logistic->means[col]);
			out[n] = middle;
		}
	}
	return 0;
}

static bool logistic_reasons_log(const void *model)
{
	(void)model;
	return true;
}

/* ---- for people ---- */

static void describe_fit(const struct logistic *logistic, struct buffer *to)
{
	char c[NUMBER_SIZE], ratio[NUMBER_SIZE], slope[NUMBER_SIZE];

	number_print_short(c, logistic->c, 6);
	number_print_short(ratio, logistic->l1_ratio, 6);
	number_print_short(slope, logistic->slope, 2);
	buffer_format(to, "penalty: C=%s l1_ratio=%s; ", isinf(logistic->c) ? "inf" : c, ratio);
	if (isnan(logistic->slope))
		buffer_format(to, "%" PRIu64 " passes row by row\n\n", logistic->n_steps);
	else
		buffer_format(to, "%s after %" PRIu64 " iterations, largest slope %s\n\n", logistic->converged ? "converged" : "not converged",
		              logistic->n_steps, slope);
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
	{ "solver", 0, OPTION_CHOICE, offsetof(struct logistic_config, solver), NULL, "exact|sgd|ftrl", 0, 0,
	  "exact: the optimum, over rows that are kept; sgd, ftrl: near it, row by row, in constant memory (default exact)" },
	{ "lr", 0, OPTION_REAL, offsetof(struct logistic_config, lr), "RATE", NULL, 0, 1000, "learning rate (default: sgd 0.01, ftrl 0.1)" },
	PACE_ROUNDS("max_iter", "iterations, or passes of sgd and ftrl, at most (default 1000)"),
	OPTION_END,
};

const struct model_kind model_logistic = {
	.name = "logistic",
	.summary = "logistic regression, binary and multinomial, brought to the optimum",
	.options = logistic_options,
	.config_size = sizeof(struct logistic_config),
	.defaults = &logistic_defaults,
	.search = (const char *const[]){ "C=0.001,0.01,0.03,0.1,0.3,1,3,10,30,100,1000", "l1_ratio=0,0.5,1", NULL },
	.simpler = "a smaller C",
	.takes = MODEL_SCALED | MODEL_AGAIN | MODEL_FROM | MODEL_RUNS,
	.wants = logistic_wants,
	.round_name = "iteration",
	.check = logistic_check,
	.needs = logistic_needs,
	.sharing = &logistic_sharing,
	.begin = logistic_begin,
	.round = logistic_round,
	.keep = logistic_keep,
	.checkpoint = logistic_checkpoint,
	.finish = logistic_finish,
	.close = logistic_close,
	.predict = logistic_predict,
	.reasons = logistic_reasons,
	.reasons_log = logistic_reasons_log,
	.save = logistic_save,
	.load = logistic_load,
	.free = logistic_free,
	.describe = logistic_describe,
};
