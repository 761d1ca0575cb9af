/* SPDX-License-Identifier: MIT */
#include "linear_lasso.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dot.h"
#include "lapack.h"
#include "memory.h"
#include "vector.h"

enum { SWEEPS = 10, TURNS = 1000, PATH = 100 };         /* sweeps between two looks at the signs; of these; steps of the path, at most */
static const double FACTOR = 0.7;                       /* from a penalty of the path to the next */
static const double LOOSE = 1e-8, TIGHT = 1e-20;        /* of c's square: what a sweep moves at its end, along the path and at its end */
static const double SLACK = 1e-10, ROUNDING = 1e-14;    /* of l1, and of the largest product with c: by how much a slope may be too large */
static const double LEAST_PIVOT = 1e-12;

/* What is descended on: the columns that came in. */
struct active {
	const struct lasso *lasso;
	size_t n, room;
	size_t *cols;                   /* n of them */
	bool *in;                       /* by column of R */
	double *gram;                   /* room x room: their products, by weight */
	double *products;               /* with c */
	double *x, *slopes;             /* products - gram x */
	double *factor, *to;            /* room for the equations */
	size_t *support;
	double total, largest;          /* c's square by weight; the largest product of all columns with c */
};

static size_t length_of(const struct lasso *lasso, size_t col) { return col < lasso->rows ? col + 1 : lasso->rows; }

WIDE static void add(double *restrict to, double factor, const double *restrict from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] += factor * from[i];
}

static double product(const struct lasso *lasso, size_t col, const double *with)
{
	return dot(&lasso->r[col * lasso->stride], with, length_of(lasso, col)) / lasso->weight;
}

/* ---- the columns that are in ---- */

static void active_new(struct active *active, const struct lasso *lasso)
{
	*active = (struct active){ .lasso = lasso, .in = mem_new(lasso->n + 1, sizeof *active->in), .cols = mem_new(lasso->n + 1, sizeof *active->cols),
	                           .support = mem_new(lasso->n + 1, sizeof *active->support), .total = dot(lasso->c, lasso->c, lasso->rows) / lasso->weight };
	active->products = mem_new(lasso->n + 1, sizeof(double));
	active->x = mem_new(lasso->n + 1, sizeof(double));
	active->slopes = mem_new(lasso->n + 1, sizeof(double));
	active->to = mem_new(lasso->n + 1, sizeof(double));
}

static void active_free(struct active *active)
{
	free(active->in);
	free(active->cols);
	free(active->support);
	free(active->gram);
	free(active->factor);
	free(active->products);
	free(active->x);
	free(active->slopes);
	free(active->to);
}

static void make_room(struct active *active)
{
	size_t room = active->room + active->room / 2 + 16;
	double *gram;

	room = room > active->lasso->n ? active->lasso->n : room;
	gram = mem_array(room * room, sizeof *gram);
	for (size_t k = 0; k < active->n; k++)
		memcpy(&gram[k * room], &active->gram[k * active->room], active->n * sizeof *gram);
	free(active->gram);
	free(active->factor);
	active->gram = gram;
	active->factor = mem_array(room * room, sizeof *active->factor);
	active->room = room;
}

/* Columns that are 0 and did not come in now go again: there may be far more than solutions have. */
static void put_out(struct active *active)
{
	size_t n = 0;

	for (size_t k = 0; k < active->n; k++) {
		double *row = &active->gram[n * active->room];
		size_t at = 0;

		if (active->x[k] == 0) {
			active->in[active->cols[k]] = false;
			continue;
		}
		for (size_t i = 0; i < active->n; i++)
			if (active->x[i] != 0)
				row[at++] = active->gram[k * active->room + i];
		n++;
	}
	n = 0;
	for (size_t k = 0; k < active->n; k++) {
		if (active->x[k] == 0)
			continue;
		active->cols[n] = active->cols[k];
		active->products[n] = active->products[k];
		active->slopes[n] = active->slopes[k];
		active->x[n++] = active->x[k];
	}
	active->n = n;
}

/* Its x is 0, so no slope of the others changes. */
static void bring_in(struct active *active, size_t col)
{
	const struct lasso *lasso = active->lasso;
	const double *column = &lasso->r[col * lasso->stride];
	size_t at = active->n;

	if (at == active->room)
		make_room(active);
	active->in[col] = true;
	active->cols[at] = col;
	active->n++;
	for (size_t k = 0; k < active->n; k++) {
		size_t other = active->cols[k], length = length_of(lasso, col < other ? col : other);

		active->gram[at * active->room + k] = active->gram[k * active->room + at] =
			dot(column, &lasso->r[other * lasso->stride], length) / lasso->weight;
	}
	active->products[at] = active->slopes[at] = product(lasso, col, lasso->c);
	active->x[at] = 0;
	for (size_t k = 0; k < at; k++)
		active->slopes[at] -= active->gram[at * active->room + k] * active->x[k];
}

static void find_slopes(struct active *active)
{
	memcpy(active->slopes, active->products, active->n * sizeof *active->slopes);
	for (size_t k = 0; k < active->n; k++)
		if (active->x[k] != 0)
			add(active->slopes, -active->x[k], &active->gram[k * active->room], active->n);
}

/* ---- descent ---- */

/* One sweep; what it moved most. */
static double sweep(struct active *active, double l1, double l2)
{
	double most = 0;

	for (size_t k = 0; k < active->n; k++) {
		const double *row = &active->gram[k * active->room];
		double from = active->x[k], to = active->slopes[k] + row[k] * from;

		to = to > l1 ? to - l1 : to < -l1 ? to + l1 : 0;
		to = row[k] + l2 > 0 ? to / (row[k] + l2) : 0;
		if (to == from)
			continue;
		active->x[k] = to;
		add(active->slopes, from - to, row, active->n);
		most = fmax(most, (row[k] + l2) * (to - from) * (to - from));
	}
	return most;
}

/* The factor of the support's equations, or false, if they have no one solution. */
static bool factor_support(struct active *active, size_t n, double l2)
{
	int size = (int)n, info;

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < n; k++)
			active->factor[i * n + k] = active->gram[active->support[i] * active->room + active->support[k]];
		active->factor[i * n + i] += l2;
	}
	dpotrf_("L", &size, active->factor, &size, &info, 1);
	for (size_t i = 0; info == 0 && i < n; i++) {
		double pivot = active->factor[i * n + i];

		if (pivot * pivot <= LEAST_PIVOT * (active->gram[active->support[i] * active->room + active->support[i]] + l2))
			return false;
	}
	return info == 0;
}

/* To the minimum with these signs, or as far as the first of them changes. 1: there; 0: not so far; -1: there is none. */
static int settle(struct active *active, double l1, double l2)
{
	double part = 1;
	size_t n = 0, first = 0;
	int size, one = 1, info;

	for (size_t k = 0; k < active->n; k++)
		if (active->x[k] != 0)
			active->support[n++] = k;
	if (n > 0 && !factor_support(active, n, l2))
		return -1;
	for (size_t i = 0; i < n; i++)
		active->to[i] = active->products[active->support[i]] - (active->x[active->support[i]] > 0 ? l1 : -l1);
	size = (int)n;
	if (n > 0)
		dpotrs_("L", &size, &one, active->factor, &size, active->to, &size, &info, 1);
	for (size_t i = 0; i < n; i++) {
		double from = active->x[active->support[i]];

		if (from * active->to[i] <= 0 && from / (from - active->to[i]) < part) {
			part = from / (from - active->to[i]);
			first = active->support[i];
		}
	}
	for (size_t i = 0; i < n; i++)
		active->x[active->support[i]] += part * (active->to[i] - active->x[active->support[i]]);
	if (part < 1)
		active->x[first] = 0;
	find_slopes(active);
	return part == 1;
}

/* What is 0 stays so: no slope is beyond the penalty. */
static bool holds(const struct active *active, double l1, double slope)
{
	return fabs(slope) <= l1 * (1 + SLACK) + ROUNDING * active->largest;
}

static bool all_hold(const struct active *active, double l1)
{
	for (size_t k = 0; k < active->n; k++)
		if (active->x[k] == 0 && !holds(active, l1, active->slopes[k]))
			return false;
	return true;
}

static bool descend(struct active *active, double l1, double l2)
{
	for (int turn = 0; turn < TURNS; turn++) {
		double moved = INFINITY;
		int settled;

		for (int i = 0; i < SWEEPS && moved > TIGHT * active->total; i++)
			moved = sweep(active, l1, l2);
		settled = settle(active, l1, l2);
		if (settled > 0 ? all_hold(active, l1) : settled < 0 && moved <= TIGHT * active->total)
			return true;
	}
	return false;
}

/* ---- the path ---- */

/* slopes: of all columns at x; left: room for rows. */
static void look_at_all(const struct active *active, double *left, double *slopes)
{
	const struct lasso *lasso = active->lasso;

	memcpy(left, lasso->c, lasso->rows * sizeof *left);
	for (size_t k = 0; k < active->n; k++) {
		size_t col = active->cols[k];

		if (active->x[k] != 0)
			add(left, -active->x[k], &lasso->r[col * lasso->stride], length_of(lasso, col));
	}
	for (size_t col = 0; col < lasso->n; col++)
		slopes[col] = lasso->constant[col] ? 0 : product(lasso, col, left);
}

static int by_size(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return one < other ? 1 : one > other ? -1 : 0;
}

static bool comes_in(const struct active *active, const double *slopes, size_t col, double least)
{
	return !active->in[col] && fabs(slopes[col]) >= least && slopes[col] != 0;
}

/* `least`, or, if too many would come in, the least of the largest slopes. */
static double limit_slopes(const struct active *active, const double *slopes, double least)
{
	size_t n = 0, most = lasso_at_once(active->lasso->rows);
	double *sizes = mem_array(active->lasso->n + 1, sizeof *sizes);

	for (size_t col = 0; col < active->lasso->n; col++)
		if (comes_in(active, slopes, col, least))
			sizes[n++] = fabs(slopes[col]);
	if (n > most) {
		qsort(sizes, n, sizeof *sizes, by_size);
		least = sizes[most - 1];
	}
	free(sizes);
	return least;
}

/* Columns whose slope is at least so much; of very many those of the largest. */
static bool bring_all_in(struct active *active, const double *slopes, double least)
{
	bool found = false;

	least = limit_slopes(active, slopes, least);
	for (size_t col = 0; col < active->lasso->n; col++)
		if (comes_in(active, slopes, col, least)) {
			bring_in(active, col);
			found = true;
		}
	return found;
}

/* At its end: until no column is missed. */
static bool solve_last(struct active *active, double *left, double *slopes)
{
	const struct lasso *lasso = active->lasso;
	bool converged;

	do {
		converged = descend(active, lasso->l1, lasso->l2);
		look_at_all(active, left, slopes);
	} while (bring_all_in(active, slopes, lasso->l1 * (1 + SLACK) + ROUNDING * active->largest));
	return converged;
}

bool lasso_solve(const struct lasso *lasso, double *x)
{
	double *left = mem_new(lasso->rows + 1, sizeof *left), *slopes = mem_new(lasso->n + 1, sizeof *slopes), before, factor;
	struct active active;
	bool converged = true;
	int n_steps;

	memset(x, 0, lasso->n * sizeof *x);
	active_new(&active, lasso);
	look_at_all(&active, left, slopes);
	for (size_t col = 0; col < lasso->n; col++)
		active.largest = fmax(active.largest, fabs(slopes[col]));
	before = active.largest;
	if (before > lasso->l1) {
		n_steps = (int)fmin(ceil(log(lasso->l1 / before) / log(FACTOR)), PATH);
		factor = pow(lasso->l1 / before, 1.0 / n_steps);
		for (int step = 1; step <= n_steps; step++) {
			double l1 = step < n_steps ? active.largest * pow(factor, step) : lasso->l1;
			int sweeps = 0;

			if (active.n > lasso_at_once(lasso->rows))
				put_out(&active);
			bring_all_in(&active, slopes, 2 * l1 - before);
			while (step < n_steps && sweeps++ < TURNS && sweep(&active, l1, lasso->l2 * (l1 / lasso->l1)) > LOOSE * active.total)
				;
			if (step < n_steps)
				look_at_all(&active, left, slopes);
			before = l1;
		}
		converged = solve_last(&active, left, slopes);
	}
	for (size_t k = 0; k < active.n; k++)
		x[active.cols[k]] = active.x[k];
	active_free(&active);
	free(left);
	free(slopes);
	return converged;
}
