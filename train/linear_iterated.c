/* SPDX-License-Identifier: MIT */
#include "linear_iterated.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "number.h"

enum { STAGES = 200 };
static const double TOL = 1e-12;                /* of the objective: what a step may still win at the end */
static const double GAP = 1e-9;                 /* of the objective */
static const double ROUNDED = 1e-13;            /* of the deviation: less no objective tells, where nearly all rows are met */
static const double FIRST_WIDTH = 0.1, NARROWER = 0.1;  /* of the deviation; of the width before */
static const double LEAST_WIDTH = 1e-13, LEAST_SCALE = 1e-10;   /* of the deviation */
static const double VANISHED = 1e-8;            /* of the deviation: what is left at the corner of a variable that is 0 there */
static const double STAGE_TOL = 1e-3;           /* what a step may still win, of the width: what the objective may be off by */
static const double ROOT = 1e-12, FAR = 2;      /* of a derivative; a step of the scale's logarithm, at most */

/* A problem that was solved: its scale or width, and there the derivative and the variables. */
struct solved { double at, slope; };

struct iterated_work {
	struct iterated_options options;
	struct glm glm;
	struct glm_loss loss, other;    /* the solver's; what is summed up behind a stage */
	struct glm_solver solver;
	double mean, deviation, least;  /* of the target */
	uint64_t n_stages;
	struct solved last;              /* the stage before; at 0: there is none */
	double *last_variables;         /* there */
	double low, high;               /* between which the scale lies; 0: not known */
};

bool loss_has_log_link(enum linear_loss loss) { return loss >= LINEAR_POISSON; }

uint64_t iterated_memory(size_t n_features, size_t panel_rows, size_t lanes, bool passing)
{
	return glm_memory(n_features, 1, panel_rows, lanes, glm_solves_newton(n_features, 1), passing) + 4 * (uint64_t)n_features * sizeof(double);
}

void iterated_open(struct iterated *iterated, const struct iterated_options *options, const struct row_store *rows, int threads)
{
	static const struct glm_loss *const losses[N_LINEAR_LOSSES][2] = {
		[LINEAR_HUBER] = { &glm_huber, &glm_huber_slope }, [LINEAR_QUANTILE] = { &glm_pinball, &glm_pinball_gap },
		[LINEAR_POISSON] = { &glm_poisson, &glm_poisson }, [LINEAR_GAMMA] = { &glm_gamma, &glm_gamma },
		[LINEAR_TWEEDIE] = { &glm_tweedie, &glm_tweedie },
	};
	struct iterated_work *work = mem_new(1, sizeof *work);
	enum linear_loss loss = options->loss;

	if (loss == LINEAR_TWEEDIE && options->parameter == 1)
		loss = LINEAR_POISSON;
	if (loss == LINEAR_TWEEDIE && options->parameter == 2)
		loss = LINEAR_GAMMA;
	work->options = *options;
	work->loss = *losses[loss][0];
	work->other = *losses[loss][1];
	work->loss.parameter = work->other.parameter = options->parameter;
	glm_open(&work->glm, &work->loss, rows, 1, threads);
	work->last_variables = mem_new(work->glm.size, sizeof(double));
	*iterated = (struct iterated){ .work = work };
}

void iterated_close(struct iterated *iterated)
{
	struct iterated_work *work = iterated->work;

	if (work) {
		glm_solver_free(&work->solver);
		glm_free(&work->glm);
		free(work->last_variables);
		free(work);
	}
	*iterated = (struct iterated){ .work = NULL };
}

/* ---- the target ---- */

static int find_moments(struct iterated_work *work, struct error *err)
{
	struct kept_block block = { .columns = NULL };
	double weight = 0, squares = 0;
	int result = 0;

	work->mean = 0;
	work->least = INFINITY;
	for (size_t i = 0; result == 0 && i < work->glm.rows->n_blocks; i++) {
		result = row_store_read(work->glm.rows, i, &block, err);
		for (size_t row = 0; result == 0 && row < block.n_rows; row++) {
			double w = block.weight ? block.weight[row] : 1, off = block.y[row] - work->mean;

			work->least = fmin(work->least, block.y[row]);
			if (w == 0)
				continue;
			weight += w;
			work->mean += off * (w / weight);
			squares += w * off * (block.y[row] - work->mean);
		}
	}
	kept_block_free(&block);
	work->deviation = sqrt(squares / weight);
	return result;
}

/* Of the losses with a mean e^z: what they are not defined for, and a mean that no e^z is. */
static int check_target(const struct iterated_work *work, struct error *err)
{
	enum linear_loss loss = work->options.loss;
	bool above = loss == LINEAR_GAMMA || (loss == LINEAR_TWEEDIE && work->options.parameter >= 2);
	const char *name = loss == LINEAR_GAMMA ? "gamma" : loss == LINEAR_POISSON ? "poisson" : "tweedie";
	char least[NUMBER_SIZE];

	if (!loss_has_log_link(loss))
		return 0;
	number_print_short(least, work->least, 6);
	if (above ? work->least <= 0 : work->least < 0)
		return error_set(err, STATUS_FAILED, "loss=%s takes targets %s 0, and the least is %s (leave these rows out, or take another loss)", name,
		                 above ? "above" : "from", least);
	if (!(work->mean > 0))
		return error_set(err, STATUS_FAILED, "loss=%s: the target is 0 in all rows, there is nothing to learn", name);
	return 0;
}

/* ---- stages ---- */

static double unit_of(const struct iterated_work *work)
{
	double unit = work->deviation > 0 ? work->deviation : fabs(work->mean);

	return unit > 0 ? unit : 1;
}

/* The scale or width of the problem that the solver sees. */
static void set_width(struct iterated_work *work, double width)
{
	work->loss.width = work->other.width = width;
	if (work->options.loss == LINEAR_QUANTILE)      /* all coefficients together are off by as much as the rows are */
		glm_soften(&work->glm, work->options.alpha, width / (double)(work->glm.n_features + 1));
}

static void start_solver(struct iterated_work *work, const double *start)
{
	double tol = TOL;

	if (work->options.loss == LINEAR_QUANTILE)
		tol = fmax(STAGE_TOL * fmin(work->loss.width / unit_of(work), 1), 1e-14);
	glm_solver_new(&work->solver, &work->glm, tol, start);
}

static void start_stage(struct iterated_work *work, double width, const double *start)
{
	double *from = mem_array(work->glm.size, sizeof *from);

	memcpy(from, start, work->glm.size * sizeof *from);
	work->n_stages++;
	glm_solver_free(&work->solver);
	set_width(work, width);
	start_solver(work, from);
	free(from);
}

static void penalise(struct iterated_work *work)
{
	const struct iterated_options *options = &work->options;

	if (options->loss == LINEAR_HUBER)
		glm_penalise(&work->glm, 0, 2 * options->alpha / work->glm.rows->weight);
	else if (options->loss != LINEAR_QUANTILE)
		glm_penalise(&work->glm, options->alpha * options->l1_ratio, options->alpha * (1 - options->l1_ratio));
}

static bool read_checkpoint(struct iterated *iterated, object checkpoint, struct error *err)
{
	struct iterated_work *work = iterated->work;
	double width;

	if (!object_uint(map_get(checkpoint, "stages"), &work->n_stages) || !object_uint(map_get(checkpoint, "steps"), &iterated->n_steps) ||
	    !object_bool(map_get(checkpoint, "converged"), &iterated->converged) ||
	    !object_real(map_get(checkpoint, "width"), &width) || !(width >= 0) || !isfinite(width) ||
	    !object_real(map_get(checkpoint, "last_at"), &work->last.at) || !object_real(map_get(checkpoint, "last_slope"), &work->last.slope) ||
	    !object_real(map_get(checkpoint, "low"), &work->low) || !object_real(map_get(checkpoint, "high"), &work->high) ||
	    !object_real(map_get(checkpoint, "objective"), &iterated->objective) || !object_real(map_get(checkpoint, "slope"), &iterated->slope) ||
	    !object_real(map_get(checkpoint, "gap"), &iterated->gap) || !object_real(map_get(checkpoint, "scale"), &iterated->scale) ||
	    !object_finite_reals(map_get(checkpoint, "last"), work->last_variables, work->glm.size))
		return false;
	set_width(work, width);
	glm_solver_free(&work->solver);
	start_solver(work, NULL);
	return glm_solver_unpack(&work->solver, map_get(checkpoint, "solver"), err) == 0;
}

int iterated_start(struct iterated *iterated, const struct names *features, object checkpoint, struct error *err)
{
	struct iterated_work *work = iterated->work;

	if (glm_measure(&work->glm, features, err) < 0 || find_moments(work, err) < 0 || check_target(work, err) < 0)
		return -1;
	penalise(work);
	if (checkpoint) {
		if (read_checkpoint(iterated, checkpoint, err))
			return 0;
		return error_set(err, STATUS_FAILED, "the checkpoint of the linear model is broken");
	}
	set_width(work, work->options.loss == LINEAR_QUANTILE ? FIRST_WIDTH * unit_of(work) : unit_of(work));
	start_solver(work, NULL);
	work->solver.at[work->glm.n_features] = loss_has_log_link(work->options.loss) ? log(work->mean) : work->mean;
	return 0;
}

/* The mean of what `other` sums up, and of the loss, at the solver's point. */
static int sum_up(struct iterated_work *work, double *mean, struct error *err)
{
	struct glm_evaluation now = { .gradient = mem_array(work->glm.size, sizeof(double)) };
	int result;

	work->glm.loss = &work->other;
	result = glm_evaluate(&work->glm, work->solver.at, 1, &now, err);
	work->glm.loss = &work->loss;
	*mean = now.loss;
	free(now.gradient);
	return result;
}

/* ---- huber ---- */

/* By the secant through the last two, or as the derivative is 0 if no residual changes; between the bounds, as far as they are known. */
static double next_scale(struct iterated_work *work, double scale, double slope)
{
	double next = scale * sqrt(fmax(1 - slope, 0.01));      /* the mean of min(u, epsilon)^2 should be 1 */

	if (work->last.at > 0 && work->last.slope != slope) {
		double by = -slope * (log(work->last.at) - log(scale)) / (work->last.slope - slope);

		if ((by < 0) == (slope > 0))
			next = scale * exp(fmax(-FAR, fmin(FAR, by)));
	}
	if ((work->low > 0 && next <= work->low) || (work->high > 0 && next >= work->high))
		next = work->low > 0 && work->high > 0 ? sqrt(work->low * work->high) : next;
	return next;
}

static int next_huber(struct iterated *iterated, struct error *err)
{
	struct iterated_work *work = iterated->work;
	double scale = work->loss.width, slope, next;

	if (sum_up(work, &slope, err) < 0)
		return -1;
	iterated->scale = scale;
	iterated->converged = true;
	if (fabs(slope) <= ROOT || scale <= LEAST_SCALE * unit_of(work))
		return 0;
	if (slope < 0)
		work->low = scale;
	else
		work->high = scale;
	next = next_scale(work, scale, slope);
	if (fabs(next - scale) <= 4 * DBL_EPSILON * scale)
		return 0;
	iterated->converged = false;
	if (work->n_stages >= STAGES)
		return 0;
	work->last = (struct solved){ scale, slope };
	start_stage(work, next, work->solver.at);
	return 1;
}

/* ---- quantile ---- */

/* What the penalty may be off by, and what it is. */
static void sum_up_penalty(const struct iterated_work *work, const double *at, double *gap, double *value)
{
	double *coefficients = mem_array(work->glm.n_features + 1, sizeof *coefficients), intercept;

	*gap = *value = 0;
	glm_coefficients(&work->glm, at, coefficients, &intercept);
	for (size_t i = 0; i < work->glm.n_features; i++) {
		double part = 2 * work->options.alpha * coefficients[i];

		*value += fabs(part) / 2;
		*gap += fabs(part) / 2 - part * smooth_pinball(part, 0.5, work->glm.soft_width).slope;
	}
	free(coefficients);
}

/* The sharp objective at a point. */
static int sharp(struct iterated_work *work, const double *at, double *objective, struct error *err)
{
	struct glm_evaluation now = { .gradient = mem_array(work->glm.size, sizeof(double)) };
	double width = work->loss.width, gap, penalty;
	int result;

	set_width(work, 0);
	result = glm_evaluate(&work->glm, at, 1, &now, err);
	set_width(work, width);
	sum_up_penalty(work, at, &gap, &penalty);
	*objective = now.loss + penalty;
	free(now.gradient);
	return result;
}

/* Where the line through the last point and this leads at another width. */
static void extrapolate(const struct iterated_work *work, double width, double *to)
{
	double here = work->loss.width, part = work->last.at > here ? (width - here) / (here - work->last.at) : 0;

	for (size_t i = 0; i < work->glm.size; i++)
		to[i] = work->solver.at[i] + part * (work->solver.at[i] - work->last_variables[i]);
}

/* Behind the last stage: the corner that the points go to, if it is no worse. A penalised variable that is next to 0 is 0 there. */
static int settle_corner(struct iterated *iterated, struct error *err)
{
	struct iterated_work *work = iterated->work;
	double *corner = mem_array(work->glm.size, sizeof *corner), objective;
	int result;

	extrapolate(work, 0, corner);
	for (size_t i = 0; work->options.alpha > 0 && i < work->glm.n_features; i++)
		if (fabs(corner[i]) <= VANISHED * unit_of(work))
			corner[i] = 0;
	result = sharp(work, corner, &objective, err);
	if (result == 0 && objective <= iterated->objective) {
		memcpy(work->solver.at, corner, work->glm.size * sizeof *corner);
		iterated->gap = fmax(iterated->gap - (iterated->objective - objective), 0);
		iterated->objective = objective;
	}
	free(corner);
	return result;
}

static int next_quantile(struct iterated *iterated, struct error *err)
{
	struct iterated_work *work = iterated->work;
	double width = work->loss.width, gap, penalty, *start;

	if (sum_up(work, &iterated->gap, err) < 0)
		return -1;
	sum_up_penalty(work, work->solver.at, &gap, &penalty);
	iterated->gap += gap;
	iterated->converged = iterated->gap <= fmax(GAP * iterated->objective, ROUNDED * unit_of(work));
	if (iterated->converged || width <= LEAST_WIDTH * unit_of(work))
		return settle_corner(iterated, err);
	start = mem_array(work->glm.size, sizeof *start);
	extrapolate(work, width * NARROWER, start);
	work->last = (struct solved){ .at = width };
	memcpy(work->last_variables, work->solver.at, work->glm.size * sizeof *start);
	start_stage(work, width * NARROWER, start);
	free(start);
	return 1;
}

int iterated_step(struct iterated *iterated, struct error *err)
{
	struct iterated_work *work = iterated->work;
	int more = glm_solver_step(&work->solver, err);

	if (more < 0)
		return -1;
	if (!isfinite(work->solver.value))
		return error_set(err, STATUS_FAILED, "the loss is no number: features, or their weights, are too large (scale them)");
	iterated->objective = work->solver.value;
	iterated->slope = work->solver.slope;
	iterated->converged = work->solver.converged;
	iterated->n_steps++;
	iterated->scale = work->options.loss == LINEAR_HUBER ? work->loss.width : 0;
	if (work->options.loss == LINEAR_QUANTILE && sharp(work, work->solver.at, &iterated->objective, err) < 0)
		return -1;
	if (more == 0 && work->options.loss == LINEAR_HUBER)
		return next_huber(iterated, err);
	if (more == 0 && work->options.loss == LINEAR_QUANTILE)
		return next_quantile(iterated, err);
	return more;
}

void iterated_finish(const struct iterated *iterated, double *coefficients, double *intercept, double *means, double *deviations)
{
	const struct iterated_work *work = iterated->work;

	glm_coefficients(&work->glm, work->solver.at, coefficients, intercept);
	memcpy(means, work->glm.means, work->glm.n_features * sizeof *means);
	memcpy(deviations, work->glm.deviations, work->glm.n_features * sizeof *deviations);
}

void iterated_pack(const struct iterated *iterated, struct buffer *to)
{
	const struct iterated_work *work = iterated->work;

	pack_map(to, 14);
	pack_key_int(to, "stages", (int64_t)work->n_stages);
	pack_key_int(to, "steps", (int64_t)iterated->n_steps);
	pack_text(to, "converged");
	pack_bool(to, iterated->converged);
	pack_key_real(to, "width", work->loss.width);
	pack_key_real(to, "last_at", work->last.at);
	pack_key_real(to, "last_slope", work->last.slope);
	pack_key_real(to, "low", work->low);
	pack_key_real(to, "high", work->high);
	pack_key_real(to, "objective", iterated->objective);
	pack_key_real(to, "slope", iterated->slope);
	pack_key_real(to, "gap", iterated->gap);
	pack_key_real(to, "scale", iterated->scale);
	pack_text(to, "last");
	pack_reals(to, work->last_variables, work->glm.size);
	pack_text(to, "solver");
	glm_solver_pack(&work->solver, to);
}
