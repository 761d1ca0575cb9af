/* SPDX-License-Identifier: MIT */
#include "glm_solve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dot.h"
#include "glm_curvature.h"
#include "memory.h"

enum {
	NEWTON_SIZE = 1024, NEWTON_OUTPUTS = 32,        /* at most, for a Hessian */
	SAMPLE_BLOCKS = 4, SAMPLES = 2, SAMPLE_STEPS = 30,      /* the smallest sample; samples, each LARGER times the one before; steps in one */
	LARGER = 16, ROWS_A_VARIABLE = 20,              /* a sample has so many rows for each variable */
	SHORTER = 20, HALVINGS = 40, PAIRS = 10,        /* halvings of Newton's steps, of those of L-BFGS */
};
static const double ENOUGH = 1e-4;              /* of what the model promised, F must fall by this part (Armijo) */
static const double SAMPLE_TOL = 1e-7;
static const double ROUNDING = 1e-14;           /* of F */
static const double AS_PROMISED = 0.5;          /* a step that wins this part of it needs less damping */
static const double SMALL_PART = 0.01;          /* of a step: next time there is more damping */
static const double DAMPING = 1e-4, MOST_DAMPING = 1e8, TIMES = 10;     /* the first of it; the last; by how much it changes */
static const double TERMS = 6;                  /* of a Hessian, summed in the time of one of a gradient */
static const double SURE = 0.1;                 /* what can be won fell to less than this part: the next step will keep its promise, too */
static const double STUCK = 0.9;                /* what can be won fell by less than to this part */

struct glm_solver_work {
	struct glm *glm;
	double tol;
	size_t n, every;                /* every: blocks that are looked at */
	bool newton, has_l1;
	bool evaluated;                 /* gradient is of `at` */
	bool started, near;             /* the samples are done; there were some */
	double *gradient, *next, *step, *trial;
	/* Newton */
	struct curvature curvature;
	bool has_hessian;
	size_t hessian_every;           /* the blocks that it is of */
	double *hessian_at;             /* and the point */
	bool wants_hessian;             /* a new one, with the next evaluation */
	double win;                     /* what the last step promised; 0: there was none by this Hessian */
	/* L-BFGS: the last PAIRS steps and by how much they changed the gradient, a ring */
	double *steps, *turns;
	size_t n_pairs, oldest;
};

bool glm_solves_newton(size_t n_features, size_t n_outputs)
{
	return n_outputs * (n_features + 1) <= NEWTON_SIZE && n_outputs <= NEWTON_OUTPUTS;
}

void glm_solver_new(struct glm_solver *solver, struct glm *glm, double tol, const double *start)
{
	struct glm_solver_work *work = mem_new(1, sizeof *work);
	size_t n = glm->size;

	*work = (struct glm_solver_work){ .glm = glm, .tol = tol, .n = n, .every = 1, .newton = glm_solves_newton(glm->n_features, glm->n_outputs),
	                                  .started = start != NULL, .wants_hessian = true };
	for (size_t i = 0; i < n; i++)
		work->has_l1 = work->has_l1 || glm->l1[i] > 0;
	work->gradient = mem_new(n, sizeof(double));
	work->next = mem_new(n, sizeof(double));
	work->step = mem_new(n, sizeof(double));
	work->trial = mem_new(n, sizeof(double));
	work->hessian_at = mem_new(n, sizeof(double));
	if (work->newton) {
		curvature_new(&work->curvature, n);
	} else {
		work->steps = mem_new(PAIRS * n, sizeof(double));
		work->turns = mem_new(PAIRS * n, sizeof(double));
	}
	*solver = (struct glm_solver){ .at = mem_new(n, sizeof(double)), .work = work };
	if (start)
		memcpy(solver->at, start, n * sizeof *start);
}

void glm_solver_free(struct glm_solver *solver)
{
	struct glm_solver_work *work = solver->work;

	free(solver->at);
	if (work) {
		free(work->gradient);
		free(work->next);
		free(work->step);
		free(work->trial);
		curvature_free(&work->curvature);
		free(work->hessian_at);
		free(work->steps);
		free(work->turns);
	}
	free(work);
	*solver = (struct glm_solver){ .at = NULL };
}

/* ---- F ---- */

static double l1_of(const struct glm_solver_work *work, const double *at)
{
	double sum = 0;

	for (size_t i = 0; work->has_l1 && i < work->n; i++)
		sum += work->glm->l1[i] * fabs(at[i]);
	return sum;
}

/* The slope of F along variable i as it falls: 0 where the penalty holds it at 0. */
static double falling_slope(const struct glm_solver_work *work, const double *at, const double *gradient, size_t i)
{
	double l1 = work->glm->l1[i], slope = gradient[i];

	if (at[i] != 0)
		return slope + (at[i] > 0 ? l1 : -l1);
	return slope + l1 < 0 ? slope + l1 : slope - l1 > 0 ? slope - l1 : 0;
}

/* F and its gradient at a point; the Hessian, too, if one is wanted. */
static int evaluate(struct glm_solver_work *work, const double *at, bool hessian, double *loss, double *value, double *gradient, struct error *err)
{
	struct glm_evaluation now = { .gradient = gradient, .hessian = hessian ? work->curvature.hessian : NULL };

	if (glm_evaluate(work->glm, at, work->every, &now, err) < 0)
		return -1;
	*loss = now.loss;
	*value = now.value + l1_of(work, at);
	if (hessian) {
		work->has_hessian = true;
		curvature_renewed(&work->curvature);
		work->hessian_every = work->every;
		memcpy(work->hessian_at, at, work->n * sizeof *at);
	}
	return 0;
}

/* ---- the step of L-BFGS ---- */

static void solve_lbfgs(struct glm_solver_work *work, const double *at)
{
	double weights[PAIRS], rhos[PAIRS];
	size_t n = work->n, newest = (work->oldest + work->n_pairs + PAIRS - 1) % PAIRS;

	for (size_t i = 0; i < n; i++)
		work->step[i] = -falling_slope(work, at, work->gradient, i);
	for (size_t k = work->n_pairs; k-- > 0; ) {
		size_t pair = (work->oldest + k) % PAIRS;
		const double *step = &work->steps[pair * n], *turn = &work->turns[pair * n];

		rhos[k] = 1 / dot(step, turn, n);
		weights[k] = rhos[k] * dot(step, work->step, n);
		for (size_t i = 0; i < n; i++)
			work->step[i] -= weights[k] * turn[i];
	}
	if (work->n_pairs > 0) {
		const double *step = &work->steps[newest * n], *turn = &work->turns[newest * n];
		double scale = dot(step, turn, n) / dot(turn, turn, n);

		for (size_t i = 0; i < n; i++)
			work->step[i] *= scale;
	}
	for (size_t k = 0; k < work->n_pairs; k++) {
		size_t pair = (work->oldest + k) % PAIRS;
		const double *step = &work->steps[pair * n], *turn = &work->turns[pair * n];
		double weight = weights[k] - rhos[k] * dot(turn, work->step, n);

		for (size_t i = 0; i < n; i++)
			work->step[i] += weight * step[i];
	}
	/* OWL-QN: no variable moves against the slope of its own. */
	for (size_t i = 0; work->has_l1 && i < n; i++)
		if (work->step[i] * falling_slope(work, at, work->gradient, i) >= 0)
			work->step[i] = 0;
}

/* What was learned of the curvature: next is the gradient behind the step to trial. */
static void remember(struct glm_solver_work *work, const double *at)
{
	size_t n = work->n, pair = (work->oldest + work->n_pairs) % PAIRS;
	double *step = &work->steps[pair * n], *turn = &work->turns[pair * n];

	if (work->n_pairs == PAIRS) {
		pair = work->oldest;
		step = &work->steps[pair * n];
		turn = &work->turns[pair * n];
		work->oldest = (work->oldest + 1) % PAIRS;
		work->n_pairs--;
	}
	for (size_t i = 0; i < n; i++) {
		step[i] = work->trial[i] - at[i];
		turn[i] = work->next[i] - work->gradient[i];
	}
	if (dot(step, turn, n) > 1e-12 * dot(turn, turn, n))
		work->n_pairs++;
}

/* ---- a step ---- */

/* The step, and what the model says that it wins. */
static double find_step(struct glm_solver_work *work, const double *at)
{
	double win = 0;

	if (work->newton)
		return curvature_step(&work->curvature, at, work->gradient, work->has_l1 ? work->glm->l1 : NULL, work->step);
	solve_lbfgs(work, at);
	for (size_t i = 0; i < work->n; i++)
		win -= falling_slope(work, at, work->gradient, i) * work->step[i];
	return win / 2;
}

/* Where a part of the step leads; OWL-QN stays within the signs. */
static void move(struct glm_solver_work *work, const double *at, double part)
{
	for (size_t i = 0; i < work->n; i++) {
		double to = at[i] + part * work->step[i];

		if (!work->newton && work->glm->l1[i] > 0) {
			double sign = at[i] != 0 ? at[i] : -falling_slope(work, at, work->gradient, i);

			to = to * sign > 0 ? to : 0;
		}
		work->trial[i] = to;
	}
}

static void find_slope(struct glm_solver *solver)
{
	struct glm_solver_work *work = solver->work;

	solver->slope = 0;
	for (size_t i = 0; i < work->n; i++)
		solver->slope = fmax(solver->slope, fabs(falling_slope(work, solver->at, work->gradient, i)));
}

/* The trial, of which all is known, is the best so far. */
static void take(struct glm_solver *solver, double loss, double value)
{
	struct glm_solver_work *work = solver->work;
	double *gradient = work->next;

	work->next = work->gradient;
	work->gradient = gradient;
	memcpy(solver->at, work->trial, work->n * sizeof *work->trial);
	solver->loss = loss;
	solver->value = value;
}

/* By a good part of what was promised. That may be less than F's last bit: what leaves it as it is would be taken for ever. */
static bool falls(const struct glm_solver *solver, double value, double promised)
{
	return value < solver->value && value <= solver->value - ENOUGH * promised;
}

/* 1: F fell; 0: by no part of the step. */
static int search_line(struct glm_solver *solver, double win, struct error *err)
{
	struct glm_solver_work *work = solver->work;
	double part = 1, loss, value, largest = 0;

	if (work->n_pairs == 0) {       /* nothing is known of the curvature */
		for (size_t i = 0; i < work->n; i++)
			largest = fmax(largest, fabs(work->step[i]));
		part = largest > 1 ? 1 / largest : 1;
	}
	for (int halving = 0; halving < HALVINGS; halving++, part /= 2) {
		move(work, solver->at, part);
		if (evaluate(work, work->trial, false, &loss, &value, work->next, err) < 0)
			return -1;
		if (falls(solver, value, part * win)) {
			remember(work, solver->at);
			take(solver, loss, value);
			return 1;
		}
	}
	return 0;
}

static bool hessian_is_of(const struct glm_solver_work *work, const double *at)
{
	return work->hessian_every == work->every && work->curvature.n_steps == 0 && memcmp(work->hessian_at, at, work->n * sizeof *at) == 0;
}

/* Some of a step by which F falls, a whole one with a new Hessian if that is wanted. 1: taken; 0: there is none. */
static int search_part(struct glm_solver *solver, double win, struct error *err)
{
	struct glm_solver_work *work = solver->work;
	double part = 1, loss, value, damping = work->curvature.damping;

	for (int halving = 0; halving < SHORTER; halving++, part /= 2) {
		bool hessian = work->wants_hessian && halving == 0;

		move(work, solver->at, part);
		if (evaluate(work, work->trial, hessian, &loss, &value, work->next, err) < 0)
			return -1;
		if (falls(solver, value, part * win)) {
			if (work->has_hessian && !hessian)
				curvature_learn(&work->curvature, solver->at, work->trial, work->gradient, work->next);
			if (part <= SMALL_PART && damping < MOST_DAMPING)
				curvature_damp(&work->curvature, damping > 0 ? damping * TIMES : DAMPING);
			else if (part == 1 && solver->value - value >= AS_PROMISED * win)
				curvature_damp(&work->curvature, damping > DAMPING ? damping / TIMES : 0);
			work->win = hessian ? 0 : win;
			work->wants_hessian = false;
			take(solver, loss, value);
			return 1;
		}
		if (hessian)
			work->has_hessian = false;      /* it is of a point that was not taken */
	}
	return 0;
}

static int evaluate_here(struct glm_solver *solver, struct error *err)
{
	struct glm_solver_work *work = solver->work;
	bool hessian = work->newton && (work->wants_hessian || !work->has_hessian);

	if (evaluate(work, solver->at, hessian, &solver->loss, &solver->value, work->gradient, err) < 0)
		return -1;
	work->evaluated = true;
	work->wants_hessian = false;
	work->win = 0;
	return 0;
}

/* Newton's step; where F does not fall by it, with more damping. 1: F fell; or it did not, and the Hessian, which was not the one here, is
 * forgotten; 0: by no step. */
static int search_damped(struct glm_solver *solver, double win, double tol, struct error *err)
{
	struct glm_solver_work *work = solver->work;
	struct curvature *curvature = &work->curvature;

	while (win > tol * fabs(solver->value)) {
		bool here = hessian_is_of(work, solver->at);
		int result = search_part(solver, win, err);

		if (result != 0)
			return result;
		if (!here) {
			work->has_hessian = work->wants_hessian = false;
			return 1;
		}
		if (curvature->damping * TIMES > MOST_DAMPING)
			break;
		if (!work->has_hessian && evaluate_here(solver, err) < 0)
			return -1;
		work->wants_hessian = false;
		curvature_damp(curvature, curvature->damping > 0 ? curvature->damping * TIMES : DAMPING);
		win = find_step(work, solver->at);
	}
	return 0;
}

/* The last step is so small that F can't judge it; it is taken unless F says that it is none. If the step before it was as good as its word,
 * F is not even asked: that would be a pass over all rows. loss, value and slope are those of before, then. */
static int finish(struct glm_solver *solver, double win, struct error *err)
{
	struct glm_solver_work *work = solver->work;
	double loss, value;

	solver->converged = isfinite(win);
	if (!(win > 0) || work->every > 1)
		return 0;
	move(work, solver->at, 1);
	if (win < SURE * work->win) {
		find_slope(solver);
		memcpy(solver->at, work->trial, work->n * sizeof *work->trial);
		work->evaluated = false;
		return 0;
	}
	if (evaluate(work, work->trial, false, &loss, &value, work->next, err) < 0)
		return -1;
	if (value <= solver->value + ROUNDING * fabs(solver->value))
		take(solver, loss, value);
	return 0;
}

/* Whether a new Hessian is worth its time: what was learned has no room, or with this one what can be won shrinks too slowly to tol * F. */
static bool pays(const struct glm_solver_work *work, double win, double value, double tol)
{
	double shrinks = win / work->win, terms = (double)(work->glm->n_outputs + 1) * (double)(work->glm->n_features + 1) / 4;

	if (!(work->win > 0))
		return !work->near;
	return work->curvature.n_steps == CURVATURE_STEPS || shrinks > STUCK || log(tol * fabs(value) / win) / log(shrinks) > 3 + terms / TERMS;
}

/* One step over the blocks that are looked at. */
static int step(struct glm_solver *solver, double tol, struct error *err)
{
	struct glm_solver_work *work = solver->work;
	double win;
	int result;

	if ((!work->evaluated || (work->newton && !work->has_hessian)) && evaluate_here(solver, err) < 0)
		return -1;
	win = find_step(work, solver->at);
	if (work->newton && work->curvature.damping > 0 && !(win > tol * fabs(solver->value))) {        /* damping may hide what could be won */
		curvature_damp(&work->curvature, 0);
		win = find_step(work, solver->at);
	}
	if (work->newton && pays(work, win, solver->value, tol)) {
		work->wants_hessian = work->curvature.damping == 0;
		work->has_hessian = work->wants_hessian || hessian_is_of(work, solver->at);
		if (!work->has_hessian) {
			if (evaluate_here(solver, err) < 0)
				return -1;
			win = find_step(work, solver->at);
		}
	}
	if (work->n_pairs > 0 && win <= 0) {            /* rounding has spoiled what was remembered */
		work->n_pairs = 0;
		return 1;
	}
	if (!(win > tol * fabs(solver->value)))
		return finish(solver, win, err);
	result = work->newton ? search_damped(solver, win, tol, err) : search_line(solver, win, err);
	if (result != 0)
		return result;
	if (work->n_pairs > 0) {
		work->n_pairs = 0;
		return 1;
	}
	/* F does not fall along the best direction that is known: what is left is rounding. */
	solver->converged = win <= sqrt(tol) * fabs(solver->value);
	return 0;
}

/* On samples of the blocks, from few to more, as long as these are far from all. */
static int start(struct glm_solver *solver, struct error *err)
{
	struct glm_solver_work *work = solver->work;
	size_t n_blocks = work->glm->rows->n_blocks, least = work->n * ROWS_A_VARIABLE / PANEL_ROWS + SAMPLE_BLOCKS;

	for (int sample = 0; sample < SAMPLES; sample++, least *= LARGER) {
		bool near = work->near;
		int result = 1;

		work->every = n_blocks / least;
		if (work->every < 2)
			break;
		work->evaluated = false;
		work->wants_hessian = work->near = true;
		for (int i = 0; i < SAMPLE_STEPS && result == 1; i++)
			result = step(solver, SAMPLE_TOL, err);
		if (result < 0)
			return -1;
		if (!isfinite(solver->value)) {         /* nothing in it weighs */
			work->near = near;
			work->has_hessian = false;
		}
	}
	work->every = 1;
	work->wants_hessian = !work->near;
	work->evaluated = solver->converged = false;
	work->started = true;
	return 0;
}

int glm_solver_step(struct glm_solver *solver, struct error *err)
{
	struct glm_solver_work *work = solver->work;
	int result;

	if (!work->started && start(solver, err) < 0)
		return -1;
	result = step(solver, work->tol, err);
	if (result >= 0 && work->evaluated)
		find_slope(solver);
	solver->n_steps += result == 1;
	return result;
}

/* ---- checkpoints ---- */

void glm_solver_pack(const struct glm_solver *solver, struct buffer *to)
{
	const struct glm_solver_work *work = solver->work;
	size_t n = work->n;

	pack_map(to, 16);
	pack_text(to, "at");
	pack_reals(to, solver->at, n);
	pack_key_int(to, "steps", (int64_t)solver->n_steps);
	pack_text(to, "near");
	pack_bool(to, work->near);
	pack_text(to, "wants_hessian");
	pack_bool(to, work->wants_hessian);
	pack_key_real(to, "win", work->win);
	pack_key_int(to, "hessian_every", work->has_hessian ? (int64_t)work->hessian_every : 0);
	pack_text(to, "hessian_at");
	pack_reals(to, work->hessian_at, n);
	pack_key_real(to, "damping", work->curvature.damping);
	pack_key_int(to, "pairs", (int64_t)(work->newton ? work->curvature.n_steps : work->n_pairs));
	pack_key_int(to, "oldest", (int64_t)work->oldest);
	pack_text(to, "pair_steps");
	pack_reals(to, work->newton ? work->curvature.steps : work->steps, work->newton ? work->curvature.n_steps * n : PAIRS * n);
	pack_text(to, "pair_turns");
	pack_reals(to, work->newton ? work->curvature.turns : work->turns, work->newton ? work->curvature.n_steps * n : PAIRS * n);
	pack_text(to, "converged");
	pack_bool(to, solver->converged);
	pack_text(to, "evaluated");
	pack_bool(to, work->evaluated);
	pack_text(to, "started");
	pack_bool(to, work->started);
	pack_key_real(to, "slope", solver->slope);
}

static bool read_state(struct glm_solver *solver, object from, uint64_t *every, uint64_t *pairs)
{
	struct glm_solver_work *work = solver->work;
	size_t n = work->n, n_learned;
	double *steps = work->newton ? work->curvature.steps : work->steps, *turns = work->newton ? work->curvature.turns : work->turns;
	uint64_t oldest;

	if (!object_finite_reals(map_get(from, "at"), solver->at, n) || !object_uint(map_get(from, "steps"), &solver->n_steps) ||
	    !object_bool(map_get(from, "near"), &work->near) || !object_bool(map_get(from, "wants_hessian"), &work->wants_hessian) ||
	    !object_real(map_get(from, "win"), &work->win) || !object_uint(map_get(from, "hessian_every"), every) ||
	    !object_finite_reals(map_get(from, "hessian_at"), work->hessian_at, n) || !object_uint(map_get(from, "pairs"), pairs) ||
	    !object_real(map_get(from, "damping"), &work->curvature.damping) || !(work->curvature.damping >= 0) ||
	    !object_uint(map_get(from, "oldest"), &oldest) || !object_bool(map_get(from, "converged"), &solver->converged) ||
	    !object_bool(map_get(from, "evaluated"), &work->evaluated) || !object_bool(map_get(from, "started"), &work->started) ||
	    !object_real(map_get(from, "slope"), &solver->slope) ||
	    *pairs > (work->newton ? CURVATURE_STEPS : PAIRS) || oldest >= PAIRS || *every > (work->newton ? work->glm->rows->n_blocks : 0))
		return false;
	n_learned = work->newton ? *pairs : PAIRS;
	work->n_pairs = work->newton ? 0 : *pairs;
	work->oldest = oldest;
	return object_finite_reals(map_get(from, "pair_steps"), steps, n_learned * n) &&
	       object_finite_reals(map_get(from, "pair_turns"), turns, n_learned * n);
}

/* What was summed over the rows is summed again, over the same ones: it comes out the same. */
int glm_solver_unpack(struct glm_solver *solver, object from, struct error *err)
{
	struct glm_solver_work *work = solver->work;
	bool wants;
	uint64_t every, pairs;

	if (!read_state(solver, from, &every, &pairs))
		return error_set(err, STATUS_FAILED, "the state of the solver is broken");
	wants = work->wants_hessian;
	if (every > 0) {
		work->every = every;
		if (evaluate(work, work->hessian_at, true, &solver->loss, &solver->value, work->gradient, err) < 0)
			return -1;
		curvature_relearn(&work->curvature, pairs);
		work->every = 1;
	}
	work->wants_hessian = wants;
	return work->evaluated ? evaluate(work, solver->at, false, &solver->loss, &solver->value, work->gradient, err) : 0;
}
