/* SPDX-License-Identifier: MIT */
/*
 * Variables lie in the order in which shrinking left them: those that take part, then the
 * others. As long as none was moved, they read K's rows where these lie, in at most two runs
 *
 *     variables  [ 0 ... n_0 - 1 ] [ n_0 ... n - 1 ]
 *     row of K   ..[ from column 0 ]....[ from column 1 ]..
 *
 * (two classes; twice all rows); afterwards, or where there are more runs, their values are
 * gathered first.
 */
#include "svm_solve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "svm_steps.h"

enum { RUNS = 2, MOST_STEPS = 1000, ASKED = 512 };      /* steps between two shrinkings; and two questions whether to stop */

struct row_piece { size_t first, n, column; };

struct solver {
	const struct svm_problem *problem;
	size_t n, active;
	/* by place */
	double *f, *up, *low, *diagonals, *alpha, *c;
	double *sides[2];               /* with nu: 0 where y is 1, or -1, else -INFINITY */
	signed char *y;
	uint32_t *order;                /* which variable it is */
	int32_t *columns;
	/* by variable */
	double *bar;                    /* y times what those at C add to G; NULL: nothing is ever shrunk */
	int32_t *all_columns;
	struct row_piece runs[RUNS];
	size_t n_runs;                  /* 0: values are gathered */
	bool moved, looked_again;
	float *gathered[3];
	struct svm_first first;         /* of the last move, if known */
	bool knows_first;
};

int svm_overflow(struct error *err)
{
	return error_set(err, STATUS_FAILED, "the kernel of two rows is too large a number (scale the features, or lower gamma=, degree= or coef0=)");
}

static void set_status(struct solver *s, size_t k)
{
	bool stuck = !(s->c[k] > 0), at_c = s->alpha[k] >= s->c[k], at_0 = !at_c && s->alpha[k] <= 0, grows = s->y[k] > 0;

	s->up[k] = stuck || (grows ? at_c : at_0) ? -INFINITY : 0;
	s->low[k] = stuck || (grows ? at_0 : at_c) ? -INFINITY : 0;
}

static bool at_upper(const struct solver *s, size_t k) { return s->alpha[k] >= s->c[k]; }
static bool is_free(const struct solver *s, size_t k) { return s->up[k] == 0 && s->low[k] == 0; }

/* ---- K's rows ---- */

/* Values of variable k beside the places 0 .. n - 1: where they lie, by runs, or in buffer `which`. NULL: an overflow. */
static const float *row_of(struct solver *s, size_t k, size_t n, size_t which)
{
	const float *row = svm_cache_row(s->problem->cache, s->problem->rows[s->order[k]]);

	if (!row || (s->n_runs > 0 && !s->moved))
		return row;
	svm_gather(row, s->columns, n, s->gathered[which]);
	return s->gathered[which];
}

/* The runs of the places 0 .. n - 1 in what row_of gave. */
static size_t runs_of(const struct solver *s, size_t n, struct row_piece *runs)
{
	if (s->n_runs == 0 || s->moved) {
		runs[0] = (struct row_piece){ 0, n, 0 };
		return 1;
	}
	memcpy(runs, s->runs, sizeof s->runs);
	return s->n_runs;
}

static void add_row(double *to, const float *row, double a, const struct row_piece *runs, size_t n_runs)
{
	for (size_t i = 0; i < n_runs; i++)
		svm_add(&to[runs[i].first], &row[runs[i].column], a, runs[i].n);
}

/* bar += a times K's row of place k, over all variables. */
static int add_to_bar(struct solver *s, size_t k, double a)
{
	const float *row = svm_cache_row(s->problem->cache, s->problem->rows[s->order[k]]);

	if (!row)
		return -1;
	if (s->n_runs > 0) {
		add_row(s->bar, row, a, s->runs, s->n_runs);
	} else {
		svm_gather(row, s->all_columns, s->n, s->gathered[2]);
		svm_add(s->bar, s->gathered[2], a, s->n);
	}
	return 0;
}

/* ---- begin ---- */

static void find_runs(struct solver *s)
{
	struct row_piece runs[RUNS] = { { 0, 0, 0 } };
	size_t n_runs = 0;

	for (size_t k = 0; k < s->n; k++) {
		if (n_runs == 0 || s->all_columns[k] != s->all_columns[k - 1] + 1) {
			if (n_runs == RUNS)
				return;
			runs[n_runs++] = (struct row_piece){ k, 0, (size_t)s->all_columns[k] };
		}
		runs[n_runs - 1].n++;
	}
	memcpy(s->runs, runs, sizeof runs);
	s->n_runs = n_runs;
}

static void solver_free(struct solver *s)
{
	free(s->f);
	free(s->sides[0]);
	free(s->y);
	free(s->order);
	free(s->bar);
	free(s->gathered[0]);
}

static void solver_new(struct solver *s, const struct svm_problem *problem)
{
	size_t n = problem->n;
	const struct svm_cache *cache = problem->cache;

	*s = (struct solver){ .problem = problem, .n = n, .active = n };
	s->f = mem_array(6 * n, sizeof *s->f);
	s->up = s->f + n;
	s->low = s->up + n;
	s->diagonals = s->low + n;
	s->alpha = s->diagonals + n;
	s->c = s->alpha + n;
	s->sides[0] = problem->nu ? mem_array(2 * n, sizeof *s->f) : NULL;
	s->sides[1] = problem->nu ? s->sides[0] + n : NULL;
	s->y = mem_array(n, sizeof *s->y);
	s->order = mem_array(3 * n, sizeof *s->order);
	s->columns = (int32_t *)(s->order + n);
	s->all_columns = s->columns + n;
	s->bar = problem->shrinking ? mem_new(n, sizeof *s->bar) : NULL;
	s->gathered[0] = mem_array(3 * n, sizeof *s->gathered[0]);
	s->gathered[1] = s->gathered[0] + n;
	s->gathered[2] = s->gathered[1] + n;
	for (size_t k = 0; k < n; k++) {
		s->y[k] = problem->y[k];
		s->order[k] = (uint32_t)k;
		s->columns[k] = s->all_columns[k] = (int32_t)svm_cache_column(cache, problem->rows[k]);
		s->f[k] = s->y[k] * problem->p[k];
		s->diagonals[k] = svm_kernel_self(cache->kernel, cache->rows->squares[problem->rows[k]]);
		s->alpha[k] = problem->alpha[k];
		s->c[k] = problem->c[k];
		set_status(s, k);
		for (size_t side = 0; side < 2 && problem->nu; side++)
			s->sides[side][k] = (s->y[k] < 0) == side ? 0 : -INFINITY;
	}
	find_runs(s);
}

/* F and bar where it starts. */
static int start_gradient(struct solver *s)
{
	struct row_piece runs[RUNS];
	size_t n_runs = runs_of(s, s->n, runs);

	for (size_t k = 0; k < s->n; k++) {
		const float *row;

		if (s->alpha[k] <= 0)
			continue;
		row = row_of(s, k, s->n, 0);
		if (!row)
			return -1;
		add_row(s->f, row, s->y[k] * s->alpha[k], runs, n_runs);
		if (s->bar && at_upper(s, k) && add_to_bar(s, k, s->y[k] * s->c[k]) < 0)
			return -1;
	}
	return 0;
}

/* ---- shrinking ---- */

#define SWAP(type, array, a, b) do { type kept = (array)[a]; (array)[a] = (array)[b]; (array)[b] = kept; } while (0)

static void swap_places(struct solver *s, size_t a, size_t b)
{
	SWAP(double, s->f, a, b);
	SWAP(double, s->up, a, b);
	SWAP(double, s->low, a, b);
	SWAP(double, s->diagonals, a, b);
	SWAP(double, s->alpha, a, b);
	SWAP(double, s->c, a, b);
	for (size_t side = 0; side < 2 && s->problem->nu; side++)
		SWAP(double, s->sides[side], a, b);
	SWAP(signed char, s->y, a, b);
	SWAP(uint32_t, s->order, a, b);
	SWAP(int32_t, s->columns, a, b);
	s->moved = true;
}

/* F of those left aside, out of bar and of the free ones; the cheaper way round. All take part again. */
static int take_all(struct solver *s)
{
	size_t n_free = 0, active = s->active;

	for (size_t k = active; k < s->n; k++)
		s->f[k] = s->bar[s->order[k]] + s->y[k] * s->problem->p[s->order[k]];
	for (size_t k = 0; k < active; k++)
		n_free += is_free(s, k);
	if (n_free * s->n > 2 * active * (s->n - active)) {
		for (size_t i = active; i < s->n; i++) {
			const float *row = row_of(s, i, active, 0);

			if (!row)
				return -1;
			for (size_t k = 0; k < active; k++)
				if (is_free(s, k))
					s->f[i] += s->y[k] * s->alpha[k] * row[k];
		}
	} else {
		for (size_t k = 0; k < active; k++) {
			const float *row = is_free(s, k) ? row_of(s, k, s->n, 0) : NULL;

			if (row)
				svm_add(&s->f[active], &row[active], s->y[k] * s->alpha[k], s->n - active);
			else if (is_free(s, k))
				return -1;
		}
	}
	s->active = s->n;
	s->knows_first = false;
	return 0;
}

/* The worst of each set, by sign where the signs are apart. */
struct worst_pair { double up[2], low[2]; };

static size_t sign_of(const struct solver *s, size_t k) { return s->problem->nu && s->y[k] < 0; }

static bool may_leave(const struct solver *s, size_t k, const struct worst_pair *worst)
{
	size_t sign = sign_of(s, k);

	if (s->up[k] == 0)
		return s->low[k] != 0 && s->f[k] > worst->low[sign];
	return -s->f[k] > worst->up[sign];
}

static int shrink(struct solver *s)
{
	struct worst_pair worst = { { -INFINITY, -INFINITY }, { -INFINITY, -INFINITY } };

	for (size_t k = 0; k < s->active; k++) {
		size_t sign = sign_of(s, k);

		worst.up[sign] = fmax(worst.up[sign], s->up[k] - s->f[k]);
		worst.low[sign] = fmax(worst.low[sign], s->low[k] + s->f[k]);
	}
	if (!s->looked_again && fmax(worst.up[0] + worst.low[0], worst.up[1] + worst.low[1]) <= s->problem->tol * 10) {
		s->looked_again = true;
		if (s->active < s->n && take_all(s) < 0)
			return -1;
	}
	for (size_t k = 0; k < s->active; k++) {
		if (!may_leave(s, k, &worst))
			continue;
		for (s->active--; s->active > k; s->active--)
			if (!may_leave(s, s->active, &worst)) {
				swap_places(s, k, s->active);
				break;
			}
	}
	s->moved = s->moved || s->active < s->n;
	s->knows_first = false;
	return 0;
}

/* ---- the working set ---- */

struct pair { size_t i, j; const float *row_i; size_t firsts[2]; };

static void find_second(const struct solver *s, const float *row, const double *side, struct svm_second *second)
{
	struct row_piece runs[RUNS];
	size_t n_runs = runs_of(s, s->active, runs);

	for (size_t i = 0; i < n_runs; i++) {
		size_t first = runs[i].first;

		svm_find_second(&s->f[first], &s->low[first], side ? &side[first] : NULL, &s->diagonals[first], &row[runs[i].column], runs[i].n, first, second);
	}
}

/* 1: a pair that is not yet at its optimum, 0: none, -1. */
static int choose_pair(struct solver *s, struct pair *pair)
{
	struct svm_second second = { .at = SVM_NONE, .most = -INFINITY };

	if (!s->knows_first) {
		s->first = (struct svm_first){ -INFINITY, SVM_NONE };
		svm_find_first(s->f, s->up, NULL, s->active, 0, &s->first);
	}
	if (s->first.at == SVM_NONE)
		return 0;
	pair->i = s->first.at;
	pair->row_i = row_of(s, pair->i, s->active, 0);
	if (!pair->row_i)
		return -1;
	second.first = s->first.value;
	second.diagonal = s->diagonals[pair->i];
	find_second(s, pair->row_i, NULL, &second);
	pair->j = second.at;
	return second.at != SVM_NONE && second.first + second.most >= s->problem->tol;
}

/* The same with nu: of each sign a first one, and a second of its sign; the better pair, of equals that of the last second. */
static int choose_pair_nu(struct solver *s, struct pair *pair)
{
	struct svm_second second[2];
	const float *rows[2] = { NULL, NULL };
	size_t side;

	for (side = 0; side < 2; side++) {
		struct svm_first first = { -INFINITY, SVM_NONE };

		second[side] = (struct svm_second){ .first = -INFINITY, .at = SVM_NONE, .most = -INFINITY };
		svm_find_first(s->f, s->up, s->sides[side], s->active, 0, &first);
		if (first.at == SVM_NONE)
			continue;
		rows[side] = row_of(s, first.at, s->active, side);
		if (!rows[side])
			return -1;
		second[side].first = first.value;
		second[side].diagonal = s->diagonals[first.at];
		pair->firsts[side] = first.at;
	}
	for (side = 0; side < 2; side++)
		if (rows[side])
			find_second(s, rows[side], s->sides[side], &second[side]);
	if (second[0].at == SVM_NONE || second[1].at == SVM_NONE)
		side = second[0].at == SVM_NONE;
	else
		side = second[1].gain > second[0].gain || (second[1].gain == second[0].gain && second[1].at > second[0].at);
	if (second[side].at == SVM_NONE || fmax(second[0].first + second[0].most, second[1].first + second[1].most) < s->problem->tol)
		return 0;
	pair->i = pair->firsts[side];
	pair->j = second[side].at;
	pair->row_i = rows[side];
	return 1;
}

static int choose_any(struct solver *s, struct pair *pair) { return s->problem->nu ? choose_pair_nu(s, pair) : choose_pair(s, pair); }

/* ---- a step ---- */

/* Along a_i and a_j, whose signs differ: both grow by delta, and their difference stays. */
static void move_both(double *a_i, double *a_j, double delta, double c_i, double c_j)
{
	double difference = *a_i - *a_j;

	*a_i += delta;
	*a_j += delta;
	if (difference > 0 && *a_j < 0) {
		*a_j = 0;
		*a_i = difference;
	} else if (difference <= 0 && *a_i < 0) {
		*a_i = 0;
		*a_j = -difference;
	}
	if (difference > c_i - c_j && *a_i > c_i) {
		*a_i = c_i;
		*a_j = c_i - difference;
	} else if (difference <= c_i - c_j && *a_j > c_j) {
		*a_j = c_j;
		*a_i = c_j + difference;
	}
}

/* Along two of one sign: what one gains the other loses. */
static void move_between(double *a_i, double *a_j, double delta, double c_i, double c_j)
{
	double sum = *a_i + *a_j;

	*a_i -= delta;
	*a_j += delta;
	if (sum > c_i && *a_i > c_i) {
		*a_i = c_i;
		*a_j = sum - c_i;
	} else if (sum <= c_i && *a_j < 0) {
		*a_j = 0;
		*a_i = sum;
	}
	if (sum > c_j && *a_j > c_j) {
		*a_j = c_j;
		*a_i = sum - c_j;
	} else if (sum <= c_j && *a_i < 0) {
		*a_i = 0;
		*a_j = sum;
	}
}

/* What the move of place k to C, or away from it, changes. */
static int follow_bar(struct solver *s, size_t k, bool was_at_upper)
{
	if (!s->bar || was_at_upper == at_upper(s, k))
		return 0;
	return add_to_bar(s, k, was_at_upper ? -s->y[k] * s->c[k] : s->y[k] * s->c[k]);
}

static int step(struct solver *s, const struct pair *pair)
{
	size_t i = pair->i, j = pair->j;
	struct row_piece runs[RUNS];
	size_t n_runs = runs_of(s, s->active, runs), column = j;
	double old_i = s->alpha[i], old_j = s->alpha[j], slope;
	bool was_i = at_upper(s, i), was_j = at_upper(s, j);
	const float *row_j = row_of(s, j, s->active, pair->row_i == s->gathered[0]);

	if (!row_j)
		return -1;
	for (size_t k = 0; k < n_runs; k++)
		if (j >= runs[k].first)
			column = runs[k].column + j - runs[k].first;
	slope = s->diagonals[i] + s->diagonals[j] - 2 * pair->row_i[column];
	if (!(slope > 0))
		slope = SVM_TAU;
	if (s->y[i] != s->y[j])
		move_both(&s->alpha[i], &s->alpha[j], (-s->y[i] * s->f[i] - s->y[j] * s->f[j]) / slope, s->c[i], s->c[j]);
	else
		move_between(&s->alpha[i], &s->alpha[j], (s->y[i] * s->f[i] - s->y[j] * s->f[j]) / slope, s->c[i], s->c[j]);
	set_status(s, i);
	set_status(s, j);
	s->first = (struct svm_first){ -INFINITY, SVM_NONE };
	for (size_t k = 0; k < n_runs; k++)
		svm_move(&s->f[runs[k].first], &s->up[runs[k].first], &pair->row_i[runs[k].column], &row_j[runs[k].column], s->y[i] * (s->alpha[i] - old_i),
		         s->y[j] * (s->alpha[j] - old_j), runs[k].n, runs[k].first, &s->first);
	s->knows_first = true;
	return follow_bar(s, i, was_i) < 0 || follow_bar(s, j, was_j) < 0 ? -1 : 0;
}

/* ---- the end ---- */

/* Where the decision lies: between the sets, or, better, where the free ones are. sign: -1, all; else of y. */
static double find_level(const struct solver *s, int sign)
{
	double upper = INFINITY, lower = -INFINITY, sum = 0;
	size_t n_free = 0;

	for (size_t k = 0; k < s->active; k++) {
		if (sign >= 0 && (s->y[k] < 0) != sign)
			continue;
		if (is_free(s, k)) {
			n_free++;
			sum += s->f[k];
		} else if (s->up[k] == 0) {
			upper = fmin(upper, s->f[k]);
		} else if (s->low[k] == 0) {
			lower = fmax(lower, s->f[k]);
		}
	}
	return n_free > 0 ? sum / (double)n_free : (upper + lower) / 2;
}

static int finish(struct solver *s, struct svm_solution *solution)
{
	if (s->problem->nu) {
		double positive = find_level(s, 0), negative = -find_level(s, 1);

		solution->r = (positive + negative) / 2;
		solution->rho = (positive - negative) / 2;
	} else {
		solution->rho = find_level(s, -1);
	}
	if (s->active < s->n && take_all(s) < 0)
		return -1;
	for (size_t k = 0; k < s->n; k++) {
		solution->objective += s->alpha[k] * (s->y[k] * s->f[k] + s->problem->p[s->order[k]]) / 2;
		s->problem->alpha[s->order[k]] = s->alpha[k];
	}
	return 0;
}

/* All steps; -1: an overflow, or it was stopped. */
static int solve(struct solver *s, struct svm_solution *solution, struct error *err)
{
	const struct svm_problem *problem = s->problem;
	size_t period = s->n < MOST_STEPS ? s->n : MOST_STEPS, left = period + 1;

	if (start_gradient(s) < 0)
		return -1;
	while (!solution->limited) {
		struct pair pair = { .j = SVM_NONE };
		int found;

		solution->limited = problem->max_iter >= 0 && solution->n_steps >= (uint64_t)problem->max_iter;
		if (solution->limited)
			break;
		if (--left == 0) {
			left = period;
			if (problem->shrinking && shrink(s) < 0)
				return -1;
		}
		found = choose_any(s, &pair);
		if (found == 0) {
			if (s->active == s->n)
				break;
			if (take_all(s) < 0)
				return -1;
			found = choose_any(s, &pair);
			left = 1;
		}
		if (found <= 0) {
			if (found < 0)
				return -1;
			break;
		}
		if (solution->n_steps++ % ASKED == ASKED - 1 && problem->stopped && problem->stopped(problem->state))
			return error_set(err, STATUS_INTERRUPT, "interrupted");
		if (step(s, &pair) < 0)
			return -1;
	}
	return finish(s, solution);
}

int svm_solve(const struct svm_problem *problem, struct svm_solution *solution, struct error *err)
{
	struct solver s;
	int result;

	*solution = (struct svm_solution){ .rho = 0 };
	solver_new(&s, problem);
	result = solve(&s, solution, err);
	solver_free(&s);
	return result == 0 ? 0 : svm_overflow(err);     /* the first cause stays */
}
