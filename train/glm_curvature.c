/* SPDX-License-Identifier: MIT */
#include "glm_curvature.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dot.h"
#include "lapack.h"
#include "memory.h"

enum { SWEEPS = 1000 };
static const double LEAST_PIVOT = 1e-13;        /* of the diagonal it is the rest of */
static const double LEAST_TURN = 1e-12;         /* a step that turns the gradient by less, beside what the model says, was rounding */

void curvature_new(struct curvature *curvature, size_t n)
{
	*curvature = (struct curvature){ .n = n, .hessian = mem_array(n * n, sizeof(double)), .factor = mem_array(n * n, sizeof(double)),
	                                 .steps = mem_array(CURVATURE_STEPS * n, sizeof(double)), .turns = mem_array(CURVATURE_STEPS * n, sizeof(double)),
	                                 .spare = mem_array(n, sizeof(double)) };
}

void curvature_free(struct curvature *curvature)
{
	free(curvature->hessian);
	free(curvature->factor);
	free(curvature->steps);
	free(curvature->turns);
	free(curvature->spare);
	*curvature = (struct curvature){ .n = 0 };
}

void curvature_renewed(struct curvature *curvature)
{
	curvature->n_steps = 0;
	curvature->factored = false;
}

/* H += t t' / s't - H s s' H / s'Hs, of the last step s and its turn t; spare: H s. False: it tells nothing. */
static bool update(struct curvature *curvature)
{
	size_t n = curvature->n;
	const double *step = &curvature->steps[curvature->n_steps * n], *turn = &curvature->turns[curvature->n_steps * n];
	double along, curve;

	for (size_t i = 0; i < n; i++)
		curvature->spare[i] = dot(&curvature->hessian[i * n], step, n);
	along = dot(step, turn, n);
	curve = dot(step, curvature->spare, n);
	if (!(curve > 0) || !(along > LEAST_TURN * curve))
		return false;
	for (size_t i = 0; i < n; i++) {
		double more = turn[i] / along, less = curvature->spare[i] / curve;

		for (size_t k = 0; k <= i; k++) {
			curvature->hessian[i * n + k] += more * turn[k] - less * curvature->spare[k];
			curvature->hessian[k * n + i] = curvature->hessian[i * n + k];
		}
	}
	curvature->factored = false;
	return true;
}

void curvature_learn(struct curvature *curvature, const double *at, const double *to, const double *before, const double *behind)
{
	size_t first = curvature->n_steps * curvature->n;

	if (curvature->n_steps == CURVATURE_STEPS)
		return;
	for (size_t i = 0; i < curvature->n; i++) {
		curvature->steps[first + i] = to[i] - at[i];
		curvature->turns[first + i] = behind[i] - before[i];
	}
	curvature->n_steps += update(curvature);
}

void curvature_relearn(struct curvature *curvature, size_t n_steps)
{
	for (curvature->n_steps = 0; curvature->n_steps < n_steps && update(curvature); curvature->n_steps++)
		;
}

void curvature_damp(struct curvature *curvature, double damping)
{
	curvature->factored &= damping == curvature->damping;
	curvature->damping = damping;
}

static double damping_of(const struct curvature *curvature)
{
	double largest = 0;

	for (size_t i = 0; curvature->damping > 0 && i < curvature->n; i++)
		largest = fmax(largest, curvature->hessian[i * curvature->n + i]);
	return curvature->damping * largest;
}

/* ---- by Cholesky ---- */

/* Whether a pivot is nothing but rounding: columns that depend on others, of which a step would take any amount. */
static bool has_no_pivot(const struct curvature *curvature, double damping)
{
	for (size_t i = 0; i < curvature->n; i++) {
		double pivot = curvature->factor[i * curvature->n + i];

		if (pivot * pivot <= LEAST_PIVOT * (curvature->hessian[i * curvature->n + i] + damping))
			return true;
	}
	return false;
}

/* The factor of the Hessian; what is not positive definite gets as much more on its diagonal as it takes. */
static void factor(struct curvature *curvature)
{
	int n = (int)curvature->n, info = 1;
	double damping = damping_of(curvature);

	for (double more = 0; info != 0; more = more > 0 ? more * 100 : 1e-12) {
		memcpy(curvature->factor, curvature->hessian, curvature->n * curvature->n * sizeof *curvature->factor);
		for (size_t i = 0; i < curvature->n; i++) {
			double *diagonal = &curvature->factor[i * curvature->n + i];

			*diagonal += damping;
			*diagonal = *diagonal > 0 ? *diagonal * (1 + more) : 1;
		}
		lapack_lock();
		dpotrf_("L", &n, curvature->factor, &n, &info, 1);
		lapack_unlock();
		if (more > 1e12)
			break;
		info |= info == 0 && has_no_pivot(curvature, damping);
	}
	curvature->factored = true;
}

static double solve(struct curvature *curvature, const double *gradient, double *step)
{
	int n = (int)curvature->n, one = 1, info;

	if (!curvature->factored)
		factor(curvature);
	for (size_t i = 0; i < curvature->n; i++)
		step[i] = -gradient[i];
	lapack_lock();
	dpotrs_("L", &n, &one, curvature->factor, &n, step, &n, &info, 1);
	lapack_unlock();
	return -dot(gradient, step, curvature->n) / 2;
}

/* ---- variable by variable ---- */

/* spare: H s. */
static double descend(struct curvature *curvature, const double *at, const double *gradient, const double *l1, double *step)
{
	size_t n = curvature->n;
	double most = 0, damping = damping_of(curvature), win = 0;

	memset(step, 0, n * sizeof *step);
	memset(curvature->spare, 0, n * sizeof *curvature->spare);
	for (size_t sweep = 0; sweep < SWEEPS; sweep++) {
		double moved = 0;

		for (size_t i = 0; i < n; i++) {
			const double *row = &curvature->hessian[i * n];
			double here = at[i] + step[i], curve = row[i] + damping, to, edge, by;

			if (curve <= 0)
				continue;
			to = here - (gradient[i] + curvature->spare[i] + damping * step[i]) / curve;
			edge = l1[i] / curve;
			to = to > edge ? to - edge : to < -edge ? to + edge : 0;
			by = to - here;
			if (by == 0)
				continue;
			step[i] = to - at[i];
			for (size_t k = 0; k < n; k++)
				curvature->spare[k] += by * row[k];
			moved += curve * by * by;
		}
		most = moved > most ? moved : most;
		if (moved <= 1e-16 * most || moved == 0)
			break;
	}
	for (size_t i = 0; i < n; i++)
		win -= gradient[i] * step[i] + (curvature->spare[i] + damping * step[i]) * step[i] / 2 + l1[i] * (fabs(at[i] + step[i]) - fabs(at[i]));
	return win;
}

double curvature_step(struct curvature *curvature, const double *at, const double *gradient, const double *l1, double *step)
{
	return l1 ? descend(curvature, at, gradient, l1, step) : solve(curvature, gradient, step);
}
