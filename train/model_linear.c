/* SPDX-License-Identifier: MIT */
/*
 * Linear models. With squared loss exact, in one pass over the rows and in memory that does not grow with them: the panels become one
 * triangle (linear_qr.c), and all is solved from that (linear_solve.c): least squares, ridge, lasso, elastic net. The other losses keep the rows and
 * are brought to their minimum in steps (linear_iterated.c), each a round, so that they can be interrupted, kept and resumed; squared loss has
 * one round.
 *
 * Memory, of f features: a triangle of 4 f^2 bytes for each doubling of the rows beyond f (linear_qr.h), 16 to 24 f^2 to solve it; of n < f
 * rows n f for f^2; a lasso has besides the squares of what comes in (linear_lasso.h). Other losses: the rows, beyond training->memory in a
 * file, and 24 f^2 bytes up to 1,023 features, else 160 f.
 */
#include "model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "linear_model.h"
#include "linear_qr.h"
#include "linear_solve.h"
#include "memory.h"
#include "number.h"

static const double EXACT = 1e-10, PART = 1e-6;         /* of the target's deviation: what rounding leaves; what is a part of a sum */
enum { ROWS_A_FEATURE = 20 };
enum { MAX_FEATURES = 32768, NAMES_SHOWN = 12 };

struct linear_config {
	struct pace pace;
	int loss;                       /* enum linear_loss */
	double alpha, l1_ratio;
	double epsilon, quantile, power;        /* 0: not said */
};

/* The rows of a squared loss: whatever the penalty is, it is solved from that. */
struct squares {
	struct qr *qr;
	const double *r;                /* the factor, behind the pass: n_rows of it */
	size_t n_rows, n_lanes;
	uint64_t *n_weigh;              /* by lane: rows that weigh */
};

struct linear_fitting {
	const struct linear_config *config;
	const struct training *training;
	struct linear *linear;          /* squared: once the rows have passed; else: as kept, or NULL */
	struct squares own;             /* squared, and not shared */
	/* others */
	struct row_store rows;          /* unless they are shared */
	struct iterated iterated;
};

/* What fittings share: the one or the other. */
struct linear_shared { struct squares squares; struct row_store *rows; };

static int check_parameters(const struct linear_config *config, struct error *err)
{
	if (config->epsilon != 0 && config->loss != LINEAR_HUBER)
		return error_set(err, STATUS_USAGE, "epsilon= is of loss=huber");
	if (config->quantile != 0 && config->loss != LINEAR_QUANTILE)
		return error_set(err, STATUS_USAGE, "quantile= is of loss=quantile");
	if (config->power != 0 && config->loss != LINEAR_TWEEDIE)
		return error_set(err, STATUS_USAGE, "power= is of loss=tweedie");
	if (config->quantile == 1)
		return error_set(err, STATUS_USAGE, "quantile: a number between 0 and 1, without these");
	if (config->l1_ratio > 0 && config->loss == LINEAR_HUBER)
		return error_set(err, STATUS_USAGE, "loss=huber takes no l1_ratio: its penalty is that of ridge");
	if (config->l1_ratio > 0 && config->loss == LINEAR_QUANTILE)
		return error_set(err, STATUS_USAGE, "loss=quantile takes no l1_ratio: its penalty is that of the lasso");
	return 0;
}

static double parameter_of(const struct linear_config *config)
{
	switch (config->loss) {
	case LINEAR_HUBER:
		return config->epsilon > 0 ? config->epsilon : 1.35;
	case LINEAR_QUANTILE:
		return config->quantile > 0 ? config->quantile : 0.5;
	case LINEAR_TWEEDIE:
		return config->power > 0 ? config->power : 1.5;
	default:
		return 0;
	}
}

/* Parameters first: whatever the target is, it is they that must be mended. */
static int linear_check(const void *config, const struct problem *problem, struct error *err)
{
	if (check_parameters(config, err) < 0)
		return -1;
	if (problem->task == TASK_CLASSIFICATION)
		return error_set(err, STATUS_USAGE, "model 'linear' predicts numbers, not classes (use --model logistic)");
	if (problem->features.n > MAX_FEATURES)
		return error_set(err, STATUS_USAGE, "model 'linear' takes at most %d features, not %zu (use --features or --model mlp)",
		                 MAX_FEATURES, problem->features.n);
	return 0;
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

static size_t n_lanes(const struct training *training)
{
	return training->threads > 1 ? (size_t)training->threads : 1;
}

static bool is_squared(const struct linear_config *config) { return config->loss == LINEAR_SQUARED; }

/* The tree of factors, then R and what it is solved by. */
static uint64_t linear_needs(const void *state, const struct training *training, size_t lanes, bool passing)
{
	const struct linear_config *config = state;
	const struct penalty penalty = { config->alpha, config->l1_ratio };
	size_t n_features = training->problem->features.n;
	uint64_t factor, solving;

	if (!is_squared(config))
		return iterated_memory(n_features, training_panel_rows(training), lanes, passing);
	if (passing)
		return qr_memory(n_features, training->n_rows, lanes);
	factor = qr_finish_memory(n_features, training->n_rows);
	solving = solve_memory(training->n_rows, n_features, &penalty);
	return factor > solving ? factor : solving;
}

static void squares_release(struct squares *squares)
{
	qr_free(squares->qr);
	free(squares->n_weigh);
	*squares = (struct squares){ .qr = NULL };
}

static void linear_close(void *state)
{
	struct linear_fitting *fitting = state;

	squares_release(&fitting->own);
	iterated_close(&fitting->iterated);
	row_store_free(&fitting->rows);
	linear_free(fitting->linear);
	free(fitting);
}

/* ---- squared loss ---- */

static int take_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct squares *squares = state;

	(void)err;
	if (panel->part != PART_TRAIN)
		return 0;
	qr_add(squares->qr, lane, panel);
	for (size_t row = 0; row < panel->n_rows; row++)
		squares->n_weigh[lane] += !panel->weight || panel->weight[row] > 0;
	return 0;
}

/* Overwritten, and to be released in any case. */
static int squares_read(struct squares *squares, const struct training *training, struct error *err)
{
	*squares = (struct squares){ .qr = qr_new(training->problem->features.n, n_lanes(training)), .n_lanes = n_lanes(training) };
	squares->n_weigh = mem_new(squares->n_lanes, sizeof *squares->n_weigh);
	if (training->rows(training->state, squares->n_lanes, take_panel, squares, err) < 0)
		return -1;
	squares->r = qr_finish(squares->qr, &squares->n_rows);
	return 0;
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

/* What standard errors and p-values need, besides the errors of unit residuals. */
static void find_residual(const struct squares *squares, struct solution *solution, struct linear *linear)
{
	uint64_t n_rows = 0;

	for (size_t i = 0; i < squares->n_lanes; i++)
		n_rows += squares->n_weigh[i];
	if (solution->total > 0)
		linear->r2 = fmax(1 - solution->squares / solution->total, 0);
	if (!solution->errors || n_rows <= solution->rank + 1)
		return;
	linear->freedom = n_rows - solution->rank - 1;
	linear->residual = sqrt(solution->squares / (double)linear->freedom);
	linear->errors = solution->errors;
	solution->errors = NULL;
	for (size_t i = 0; i <= linear->n_features; i++)
		linear->errors[i] *= linear->residual;
}

static struct linear *model_of(const struct linear_fitting *fitting, const struct squares *squares, struct solution *solution)
{
	const struct linear_config *config = fitting->config;
	struct linear *linear = mem_new(1, sizeof *linear);

	*linear = (struct linear){ .n_features = fitting->training->problem->features.n, .alpha = config->alpha, .l1_ratio = config->l1_ratio,
	                           .intercept = solution->intercept, .coefficients = solution->coefficients, .deviations = solution->deviations,
	                           .means = solution->means, .rank = solution->rank, .converged = solution->converged, .residual = NAN, .r2 = NAN };
	find_residual(squares, solution, linear);
	solution->coefficients = solution->deviations = solution->means = NULL;
	return linear;
}

/* All of it. */
static int solve_squared(struct linear_fitting *fitting, struct round *told, struct error *err)
{
	const struct training *training = fitting->training;
	const struct penalty penalty = { fitting->config->alpha, fitting->config->l1_ratio };
	const struct linear_shared *shared = training->shared;
	const struct squares *squares = shared ? &shared->squares : &fitting->own;
	struct solution solution;
	int result;

	if (!shared && squares_read(&fitting->own, training, err) < 0)
		return -1;
	result = solve(squares->r, squares->n_rows, training->problem->features.n, &penalty, training->set_of, &solution, err);
	if (result == 0) {
		remark_exact(training, &solution, squares->r, squares->n_rows);
		remark_features(training, solution.constant, "constant", "no effect");
		remark_features(training, solution.collinear, "collinear", "the minimum-norm solution is used");
		if (!solution.converged)
			training->remark(training->state, "the elastic net is not converged (a smaller l1_ratio, or a larger alpha)");
		told->loss = solution.squares / (squares->r[0] * squares->r[0]);
		fitting->linear = model_of(fitting, squares, &solution);
	}
	solution_release(&solution);
	return result;
}

/* ---- what fittings share ---- */

static bool linear_shares(const void *config, const void *other) { return is_squared(config) == is_squared(other); }

static uint64_t linear_shared_size(const void *config, const struct training *training)
{
	return is_squared(config) ? qr_finish_memory(training->problem->features.n, training->n_rows) : row_store_shared_size(config, training);
}

static void linear_unshare(void *state)
{
	struct linear_shared *shared = state;

	squares_release(&shared->squares);
	row_store_unshare(shared->rows);
	free(shared);
}

static void *linear_share(const void *config, const struct training *training, struct error *err)
{
	struct linear_shared *shared = mem_new(1, sizeof *shared);

	if (is_squared(config) ? squares_read(&shared->squares, training, err) == 0 : (shared->rows = row_store_share(training, err)) != NULL)
		return shared;
	linear_unshare(shared);
	return NULL;
}

static const struct model_sharing linear_sharing = { linear_shares, linear_shared_size, linear_share, linear_unshare };

/* ---- other losses ---- */

static int start_iterated(struct linear_fitting *fitting, object checkpoint, struct error *err)
{
	const struct linear_config *config = fitting->config;
	const struct training *training = fitting->training;
	const struct iterated_options options = { (enum linear_loss)config->loss, config->alpha, config->l1_ratio, parameter_of(config) };
	const struct linear_shared *shared = training->shared;

	if (!shared && row_store_fill(&fitting->rows, training, err) < 0)
		return -1;
	iterated_open(&fitting->iterated, &options, shared ? shared->rows : &fitting->rows, training->threads);
	return iterated_start(&fitting->iterated, &training->problem->features, checkpoint, err);
}

static struct linear *model_as_it_stands(const struct linear_fitting *fitting)
{
	const struct linear_config *config = fitting->config;
	const struct iterated *iterated = &fitting->iterated;
	struct linear *linear = linear_new(fitting->training->problem->features.n);

	linear->loss = (enum linear_loss)config->loss;
	linear->alpha = config->alpha;
	linear->l1_ratio = config->l1_ratio;
	linear->parameter = parameter_of(config);
	linear->converged = iterated->converged;
	linear->n_steps = iterated->n_steps;
	linear->slope = iterated->slope;
	linear->scale = iterated->scale;
	linear->gap = iterated->gap;
	iterated_finish(iterated, linear->coefficients, &linear->intercept, linear->means, linear->deviations);
	return linear;
}

/* "not converged after 12 iterations: …" */
static void remark_end(const struct linear_fitting *fitting)
{
	const struct iterated *iterated = &fitting->iterated;
	struct buffer text = BUFFER_INIT;
	char left[NUMBER_SIZE];
	bool gap = fitting->config->loss == LINEAR_QUANTILE && iterated->gap > 0;

	if (iterated->converged)
		return;
	number_print_short(left, gap ? iterated->gap : iterated->slope, 2);
	buffer_format(&text, "not converged after %llu iterations: %s %s (max_iter=, a larger alpha, or scale the features)",
	              (unsigned long long)iterated->n_steps, gap ? "the loss may be too large by" : "the largest slope that is left is", left);
	fitting->training->remark(fitting->training->state, buffer_text(&text));
	buffer_free(&text);
}

static int step_iterated(struct linear_fitting *fitting, struct round *told, struct error *err)
{
	int more = iterated_step(&fitting->iterated, err);

	if (more < 0)
		return -1;
	told->loss = fitting->iterated.objective;
	if (more == 0 || told->number >= (uint64_t)fitting->config->pace.rounds)
		remark_end(fitting);
	return more;
}

/* ---- the fitting ---- */

/* Squared loss has nothing to come behind its round: what it left is all. */
static bool read_squared(struct linear_fitting *fitting, object checkpoint, struct error *err)
{
	object model = map_get(checkpoint, "model");

	fitting->linear = model ? linear_load(model, fitting->training->problem, err) : NULL;
	return fitting->linear != NULL;
}

static bool read_kept(struct linear_fitting *fitting, object checkpoint, struct error *err)
{
	object model = map_get(checkpoint, "model");

	return !model || model->type == MSGPACK_OBJECT_NIL || read_squared(fitting, checkpoint, err);
}

static void *linear_begin(const void *config, const struct training *training, object checkpoint, struct error *err)
{
	struct linear_fitting *fitting = mem_new(1, sizeof *fitting);
	int result = 0;

	fitting->config = config;
	fitting->training = training;
	if (is_squared(config)) {
		if (checkpoint && !read_squared(fitting, checkpoint, err))
			result = error_set(err, STATUS_FAILED, "the checkpoint of the linear model is broken");
	} else {
		result = start_iterated(fitting, checkpoint ? map_get(checkpoint, "state") : NULL, err);
		if (result == 0 && checkpoint && (!map_get(checkpoint, "state") || !read_kept(fitting, checkpoint, err)))
			result = error_set(err, STATUS_FAILED, "the checkpoint of the linear model is broken");
	}
	if (result == 0)
		return fitting;
	linear_close(fitting);
	return NULL;
}

static int linear_round(void *state, struct round *told, struct error *err)
{
	struct linear_fitting *fitting = state;

	return is_squared(fitting->config) ? solve_squared(fitting, told, err) : step_iterated(fitting, told, err);
}

static void linear_keep(void *state)
{
	struct linear_fitting *fitting = state;

	if (is_squared(fitting->config))
		return;
	linear_free(fitting->linear);
	fitting->linear = model_as_it_stands(fitting);
}

static void linear_checkpoint(const void *state, struct buffer *to)
{
	const struct linear_fitting *fitting = state;

	pack_map(to, 2);
	pack_text(to, "model");
	if (fitting->linear)
		linear_save(fitting->linear, to);
	else
		pack_nil(to);
	pack_text(to, "state");
	if (is_squared(fitting->config))
		pack_nil(to);
	else
		iterated_pack(&fitting->iterated, to);
}

static void *linear_finish(void *state, struct error *err)
{
	const struct linear_fitting *fitting = state;

	(void)err;
	return fitting->linear ? linear_copy(fitting->linear) : model_as_it_stands(fitting);
}

static const struct linear_config linear_defaults = { .pace = { .rounds = 1000 }, .loss = LINEAR_SQUARED };

#define MEMBER(name) offsetof(struct linear_config, name)

static const struct option_row linear_options[] = {
	{ "alpha", 0, OPTION_REAL, MEMBER(alpha), "A", NULL, 0, 1e300,
	  "penalty on the coefficients, never on the intercept; scale the features first (default 0: none)" },
	{ "l1_ratio", 0, OPTION_REAL, MEMBER(l1_ratio), "R", NULL, 0, 1,
	  "of the penalty: 0 is ridge, 1 is lasso, which makes coefficients 0, between them the elastic net (default 0)" },
	{ "loss", 0, OPTION_CHOICE, MEMBER(loss), NULL, linear_losses, 0, 0, "what is made small (default squared)" },
	{ "epsilon", 0, OPTION_REAL, MEMBER(epsilon), "E", NULL, 1, 1e6,
	  "of huber: from how many scales on a residual counts by its size, not its square (default 1.35)" },
	{ "quantile", 0, OPTION_REAL, MEMBER(quantile), "Q", NULL, 1e-6, 1, "of quantile: the share of rows below the answer (default 0.5)" },
	{ "power", 0, OPTION_REAL, MEMBER(power), "P", NULL, 1, 10,
	  "of tweedie: the variance grows with this power of the mean; 1 is poisson, 2 is gamma (default 1.5)" },
	PACE_ROUNDS("max_iter", "iterations of a loss that is not squared, at most (default 1000)"),
	OPTION_END,
};

const struct model_kind model_linear = {
	.name = "linear",
	.takes = MODEL_RUNS,
	.summary = "least squares, ridge, lasso, exact, in one pass; also robust, quantile, count losses",
	.options = linear_options,
	.config_size = sizeof(struct linear_config),
	.defaults = &linear_defaults,
	.search = (const char *const[]){ "alpha=1e-6..10", "l1_ratio=0,0.5,1", NULL },
	.simpler = "a larger alpha",
	.round_name = "iteration",
	.check = linear_check,
	.needs = linear_needs,
	.sharing = &linear_sharing,
	.begin = linear_begin,
	.round = linear_round,
	.keep = linear_keep,
	.checkpoint = linear_checkpoint,
	.finish = linear_finish,
	.close = linear_close,
	.predict = linear_predict,
	.reasons = linear_reasons,
	.reasons_log = linear_reasons_log,
	.save = linear_save,
	.load = linear_load,
	.free = linear_free,
	.describe = linear_describe,
};
