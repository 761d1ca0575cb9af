/* SPDX-License-Identifier: MIT */
/*
 * The factor of [1 | X | y] reads
 *
 *     [ r00  m'   m_y ]    m / r00: means of X; the rows below are the factor of
 *     [  0   R    c   ]    the centred problem, because the first column is
 *     [  0   0    rho ]    constant: min |R x - c| is least squares with an
 *                          intercept that is neither shrunk nor penalised.
 *
 * Ridge puts sqrt(alpha) I under R. Without it the columns are brought to length 1
 * and factored with pivoting; those whose pivot is nothing but rounding depend on
 * the ones before. Then, of all solutions, the shortest one in the columns' own
 * units is taken, which is what a singular value decomposition gives (LAPACK's
 * gelsd, so numpy, scipy and scikit-learn): any solution x minus its part in the
 * null space, x - Q Q' x with Q R = N, N = [-R11^-1 R12; I] in those units.
 */
#include "linear_solve.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lapack.h"
#include "memory.h"

/* The part of the factor that is worked on: a is rows x n, by columns; b its right-hand side. */
struct system {
	double *a, *b, *tau, *work;
	int rows, n, n_work;
};

static void system_new(struct system *system, size_t rows, size_t n)
{
	*system = (struct system){ .rows = (int)rows, .n = (int)n, .n_work = 64 * (int)(n + 1) };
	system->a = mem_new(rows * n + 1, sizeof(double));
	system->b = mem_new(rows + 1, sizeof(double));
	system->tau = mem_new(n + 1, sizeof(double));
	system->work = mem_new((size_t)system->n_work, sizeof(double));
}

static void system_free(struct system *system)
{
	free(system->a);
	free(system->b);
	free(system->tau);
	free(system->work);
}

/* v (rows long) becomes Q' v or Q v, of the first k reflectors. */
static void rotate(struct system *system, const char *trans, int k, double *v)
{
	int one = 1, info;

	dormqr_("L", trans, &system->rows, &one, &k, system->a, &system->rows, system->tau, v, &system->rows, system->work,
	        &system->n_work, &info, 1, 1);
}

static void solve_ridge(const double *r, size_t n, double alpha, double *x)
{
	size_t size = n + 2;
	struct system ridge;
	int one = 1, info;

	system_new(&ridge, 2 * n, n);
	for (size_t col = 0; col < n; col++) {
		memcpy(&ridge.a[col * 2 * n], &r[(col + 1) * size + 1], n * sizeof(double));
		ridge.a[col * 2 * n + n + col] = sqrt(alpha);
	}
	memcpy(ridge.b, &r[(n + 1) * size + 1], n * sizeof(double));
	dgeqrf_(&ridge.rows, &ridge.n, ridge.a, &ridge.rows, ridge.tau, ridge.work, &ridge.n_work, &info);
	rotate(&ridge, "T", ridge.n, ridge.b);
	dtrtrs_("U", "N", "N", &ridge.n, &one, ridge.a, &ridge.rows, ridge.b, &ridge.rows, &info, 1, 1, 1);
	memcpy(x, ridge.b, n * sizeof(double));
	system_free(&ridge);
}

/* The shortest of the solutions x + N z. n_null columns of N (by columns, n rows) are overwritten. */
static void shorten(double *null, size_t n, size_t n_null, double *x)
{
	struct system space;
	int info;

	system_new(&space, n, n_null);
	memcpy(space.a, null, n * n_null * sizeof(double));
	dgeqrf_(&space.rows, &space.n, space.a, &space.rows, space.tau, space.work, &space.n_work, &info);
	rotate(&space, "T", space.n, x);
	memset(x, 0, n_null * sizeof *x);
	rotate(&space, "N", space.n, x);
	system_free(&space);
}

/* N in the columns' own units out of the pivoted factor, and which columns take part in a dependency. */
static void null_space(const struct system *pivoted, const int *order, const double *lengths, int rank, double *null, bool *collinear)
{
	int n = pivoted->n, n_null = n - rank, info;
	double *top = mem_array((size_t)rank * (size_t)n_null + 1, sizeof *top);

	for (int k = 0; k < n_null; k++)
		memcpy(&top[k * rank], &pivoted->a[(size_t)(rank + k) * (size_t)pivoted->rows], (size_t)rank * sizeof *top);
	if (rank > 0)
		dtrtrs_("U", "N", "N", &rank, &n_null, pivoted->a, &pivoted->rows, top, &rank, &info, 1, 1, 1);
	for (int k = 0; k < n_null; k++) {
		double *column = &null[(size_t)k * (size_t)n];
		int last = order[rank + k] - 1;

		for (int i = 0; i < rank; i++) {
			int col = order[i] - 1;

			column[col] = -top[k * rank + i] / lengths[col];
			collinear[col] = collinear[col] || fabs(top[k * rank + i]) > 1e-6;
		}
		column[last] = 1 / lengths[last];
		collinear[last] = true;
	}
	free(top);
}

/* How many pivots are more than rounding. A column's rounding grows with its mean: it was subtracted from it. */
static int numerical_rank(const struct system *pivoted, const int *order, const double *noise)
{
	int rank = 0;

	while (rank < pivoted->n) {
		double pivot = fabs(pivoted->a[(size_t)rank * (size_t)pivoted->rows + (size_t)rank]);

		if (pivot <= noise[order[rank] - 1])
			break;
		rank++;
	}
	return rank;
}

/*
 * Plain least squares over the columns `cols` (n of them, none constant). lengths: of the centred columns; noise: the
 * share of that length that rounding may make up.
 */
static void solve_plain(const double *r, size_t n_features, const size_t *cols, size_t n, const double *lengths, const double *noise,
                        double *x, bool *collinear, size_t *rank)
{
	size_t size = n_features + 2;
	struct system pivoted;
	int *order = mem_new(n + 1, sizeof *order), one = 1, info, found;

	system_new(&pivoted, n_features, n);
	for (size_t k = 0; k < n; k++)
		for (size_t row = 0; row <= cols[k]; row++)
			pivoted.a[k * n_features + row] = r[(cols[k] + 1) * size + row + 1] / lengths[k];
	memcpy(pivoted.b, &r[(n_features + 1) * size + 1], n_features * sizeof(double));
	dgeqp3_(&pivoted.rows, &pivoted.n, pivoted.a, &pivoted.rows, order, pivoted.tau, pivoted.work, &pivoted.n_work, &info);
	rotate(&pivoted, "T", pivoted.n, pivoted.b);
	found = numerical_rank(&pivoted, order, noise);
	if (found > 0)
		dtrtrs_("U", "N", "N", &found, &one, pivoted.a, &pivoted.rows, pivoted.b, &pivoted.rows, &info, 1, 1, 1);
	memset(x, 0, n * sizeof *x);
	for (int i = 0; i < found; i++)
		x[order[i] - 1] = pivoted.b[i] / lengths[order[i] - 1];
	if ((size_t)found < n) {
		double *null = mem_new(n * (n - (size_t)found), sizeof *null);

		null_space(&pivoted, order, lengths, found, null, collinear);
		shorten(null, n, n - (size_t)found, x);
		free(null);
	}
	*rank = (size_t)found;
	system_free(&pivoted);
	free(order);
}

/* Sum of squares that x leaves: |R x - c|^2 + rho^2. */
static double left_over(const double *r, size_t n, const double *x)
{
	size_t size = n + 2;
	double rho = r[size * size - 1], sum = rho * rho;

	for (size_t row = 0; row < n; row++) {
		double left = r[(n + 1) * size + row + 1];

		for (size_t col = row; col < n; col++)
			left -= r[(col + 1) * size + row + 1] * x[col];
		sum += left * left;
	}
	return sum;
}

/* Lengths of the centred columns, and which columns have none but rounding. */
static size_t measure(const double *r, size_t n, size_t *cols, double *lengths, double *noise, struct solution *solution)
{
	size_t size = n + 2, used = 0;

	for (size_t col = 0; col < n; col++) {
		const double *column = &r[(col + 1) * size];
		double sum = 0, raw, epsilon = 32 * DBL_EPSILON * (double)n;

		for (size_t row = 1; row <= col + 1; row++)
			sum += column[row] * column[row];
		raw = sqrt(sum + column[0] * column[0]);
		solution->deviations[col] = sqrt(sum) / fabs(r[0]);
		if (sqrt(sum) <= epsilon * raw) {
			solution->constant[col] = true;
			continue;
		}
		cols[used] = col;
		lengths[used] = sqrt(sum);
		noise[used] = epsilon * raw / sqrt(sum);
		used++;
	}
	return used;
}

int solve(const double *r, size_t n_features, double alpha, struct solution *solution, struct error *err)
{
	size_t n = n_features, size = n + 2, used;
	size_t *cols = mem_new(n + 1, sizeof *cols);
	double *lengths = mem_new(n + 1, sizeof *lengths), *noise = mem_new(n + 1, sizeof *noise), *x = mem_new(n + 1, sizeof *x);
	bool *collinear = mem_new(n + 1, sizeof *collinear);
	int result = 0;

	*solution = (struct solution){ .coefficients = mem_new(n + 1, sizeof(double)), .deviations = mem_new(n + 1, sizeof(double)),
	                               .constant = mem_new(n + 1, sizeof(bool)), .collinear = mem_new(n + 1, sizeof(bool)) };
	for (size_t i = 0; i < size * size; i++)
		if (!isfinite(r[i])) {
			result = error_set(err, STATUS_FAILED, "the numbers are too large for least squares (scale the features and the target)");
			goto out;
		}
	if (r[0] == 0) {
		result = error_set(err, STATUS_FAILED, "the weights of all training rows are 0");
		goto out;
	}
	used = measure(r, n, cols, lengths, noise, solution);
	if (alpha > 0) {
		solve_ridge(r, n, alpha, solution->coefficients);
		solution->rank = used;
	} else if (used > 0) {
		solve_plain(r, n, cols, used, lengths, noise, x, collinear, &solution->rank);
		for (size_t k = 0; k < used; k++) {
			solution->coefficients[cols[k]] = x[k];
			solution->collinear[cols[k]] = collinear[k];
		}
	}
	solution->intercept = r[(n + 1) * size] / r[0];
	for (size_t col = 0; col < n; col++)
		solution->intercept -= r[(col + 1) * size] / r[0] * solution->coefficients[col];
	solution->squares = left_over(r, n, solution->coefficients);
out:
	free(cols);
	free(lengths);
	free(noise);
	free(x);
	free(collinear);
	return result;
}

void solution_release(struct solution *solution)
{
	free(solution->coefficients);
	free(solution->deviations);
	free(solution->constant);
	free(solution->collinear);
	*solution = (struct solution){ .rank = 0 };
}
