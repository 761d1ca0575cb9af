/* SPDX-License-Identifier: MIT */
/*
 * The factor of [1 | X | y] reads
 *
 *     [ r00  m'   m_y ]    m / r00: means of X; the rows below are the factor of
 *     [  0   R    c   ]    the centred problem, because the first column is
 *     [  0   0    rho ]    constant: min |R x - c| is least squares with an
 *                          intercept that is neither shrunk nor penalised.
 *
 * Ridge puts sqrt(alpha) I under R, or beside it if R has fewer rows than columns.
 * Without it the columns are brought to length 1 and factored with pivoting; those
 * whose pivot is nothing but rounding depend on the ones before. Then, of all
 * solutions, the shortest one in the columns' own units is taken, which is what a
 * singular value decomposition gives (LAPACK's gelsd, so numpy, scipy and
 * scikit-learn). With G = R11^-1 R12 in those units, and x any solution, that is
 * found on the smaller side:
 *
 *     few dependent columns     x minus its part in the null space, x - Q Q' x
 *                               with Q R = [-G; I]
 *     few that do not depend    the shortest one with [I G] x = x1, which lies in
 *                               the rows: Q R'^-1 x1 with Q R = [I G]'
 */
#include "linear_solve.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lapack.h"
#include "linear_lasso.h"
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
	*system = (struct system){ .n = 0 };
}

/* v (rows long) becomes Q' v or Q v, of the first k reflectors. */
static void rotate(struct system *system, const char *trans, int k, double *v)
{
	int one = 1, info;

	dormqr_("L", trans, &system->rows, &one, &k, system->a, &system->rows, system->tau, v, &system->rows, system->work,
	        &system->n_work, &info, 1, 1);
}

static void factor(struct system *system)
{
	int info;

	dgeqrf_(&system->rows, &system->n, system->a, &system->rows, system->tau, system->work, &system->n_work, &info);
}

/* b becomes the shortest x (rows long) with a' x = b (n long), n <= rows. */
static void solve_across(struct system *system)
{
	int one = 1, info;

	factor(system);
	dtrtrs_("U", "T", "N", &system->n, &one, system->a, &system->rows, system->b, &system->rows, &info, 1, 1, 1);
	memset(system->b + system->n, 0, (size_t)(system->rows - system->n) * sizeof *system->b);
	rotate(system, "N", system->n, system->b);
}

/* The rows of R and its right-hand side: row i, column j stands at r[j * stride + i]. */
struct centred { const double *r, *c; size_t rows, n, stride; };

static double at(const struct centred *centred, size_t row, size_t col)
{
	return centred->r[col * centred->stride + row];
}

static void solve_ridge(const struct centred *centred, double alpha, double *x)
{
	size_t n = centred->n, rows = centred->rows;
	struct system ridge;
	int one = 1, info;

	if (rows < n) {
		system_new(&ridge, n + rows, rows);
		for (size_t row = 0; row < rows; row++) {
			for (size_t col = row; col < n; col++)
				ridge.a[row * (n + rows) + col] = at(centred, row, col);
			ridge.a[row * (n + rows) + n + row] = sqrt(alpha);
		}
		memcpy(ridge.b, centred->c, rows * sizeof(double));
		solve_across(&ridge);
	} else {
		system_new(&ridge, 2 * n, n);
		for (size_t col = 0; col < n; col++) {
			memcpy(&ridge.a[col * 2 * n], &centred->r[col * centred->stride], (col + 1) * sizeof(double));
			ridge.a[col * 2 * n + n + col] = sqrt(alpha);
		}
		memcpy(ridge.b, centred->c, n * sizeof(double));
		factor(&ridge);
		rotate(&ridge, "T", ridge.n, ridge.b);
		dtrtrs_("U", "N", "N", &ridge.n, &one, ridge.a, &ridge.rows, ridge.b, &ridge.rows, &info, 1, 1, 1);
	}
	memcpy(x, ridge.b, n * sizeof(double));
	system_free(&ridge);
}

/*
 * A pivoted factor, its columns in their order: column order[i] - 1 of the system has length lengths[order[i] - 1]. The first
 * `rank` of them depend on none before. g: rank x (n - rank), R11^-1 R12 in columns of length 1.
 */
struct dependency { double *g; const int *order; const double *lengths; const struct column_set *sets; size_t rank, n, n_sets; };

/* Columns first .. first + n - 1 of the system, of one one-hot set, that sum to a constant. */
struct column_set { size_t first, n; };

static size_t place_of(const struct dependency *all, size_t i) { return (size_t)all->order[i] - 1; }
static double length_of(const struct dependency *all, size_t i) { return all->lengths[place_of(all, i)]; }

static int compare_reals(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* What of a set's coefficients is not 0. */
struct signs { size_t below, above; };

/* A dependency at a time: coefficients (0 outside), by column the place of its set among the signs (the last: of none). */
struct finding { double *coefficients, *room; size_t *set_at; struct signs *signs; bool *collinear; };

static void find_part(const struct dependency *all, struct finding *finding, size_t col)
{
	if (fabs(finding->coefficients[col]) * all->lengths[col] > 1e-6)
		finding->collinear[col] = true;
}

/* If zeros stand in the middle of the sorted coefficients, the set is as it should be. Else half of them are not 0. */
static bool has_middle_0(const struct column_set *set, const struct signs *signs)
{
	return signs->below <= set->n / 2 && set->n / 2 < set->n - signs->above;
}

/*
 * Coefficients of a sum that is constant, in the columns' own units, without the sums of whole sets: to add the same to all
 * columns of a set changes nothing, so it may as well be what leaves most of them 0. Then the set is done.
 */
static void leave_set(const struct dependency *all, struct finding *finding, size_t s)
{
	size_t first = all->sets[s].first, n = all->sets[s].n;
	double middle;

	memcpy(finding->room, &finding->coefficients[first], n * sizeof *finding->room);
	qsort(finding->room, n, sizeof *finding->room, compare_reals);
	middle = finding->room[n / 2];
	for (size_t col = first; col < first + n; col++) {
		finding->coefficients[col] -= middle;
		find_part(all, finding, col);
		finding->coefficients[col] = 0;
	}
	finding->signs[s] = (struct signs){ .below = 0 };
}

/* The column of the i-th coefficient of dependency k: the last one is that of the column that depends. */
static size_t part_of(const struct dependency *all, size_t k, size_t i)
{
	return place_of(all, i < all->rank ? i : all->rank + k);
}

/* Only what is not 0 is looked at: rank + 1 columns, however many there are. */
static void find_parts(const struct dependency *all, struct finding *finding, size_t k)
{
	for (size_t i = 0; i <= all->rank; i++) {
		size_t col = part_of(all, k, i);
		double value = (i < all->rank ? -all->g[k * all->rank + i] : 1) / all->lengths[col];
		struct signs *signs = &finding->signs[finding->set_at[col]];

		finding->coefficients[col] = value;
		signs->below += value < 0;
		signs->above += value > 0;
	}
	for (size_t i = 0; i <= all->rank; i++) {
		size_t col = part_of(all, k, i), s = finding->set_at[col];

		if (s < all->n_sets && !has_middle_0(&all->sets[s], &finding->signs[s]))
			leave_set(all, finding, s);
		else
			find_part(all, finding, col);
	}
	for (size_t i = 0; i <= all->rank; i++) {
		size_t col = part_of(all, k, i);

		finding->coefficients[col] = 0;
		finding->signs[finding->set_at[col]] = (struct signs){ .below = 0 };
	}
}

/* Which columns take part in a dependency that is more than the sum of a one-hot set. */
static void find_collinear(const struct dependency *all, bool *collinear)
{
	struct finding finding = { .coefficients = mem_new(all->n + 1, sizeof(double)), .room = mem_array(all->n + 1, sizeof(double)),
	                           .set_at = mem_array(all->n + 1, sizeof(size_t)), .signs = mem_new(all->n_sets + 1, sizeof(struct signs)),
	                           .collinear = collinear };

	for (size_t col = 0; col < all->n; col++)
		finding.set_at[col] = all->n_sets;
	for (size_t s = 0; s < all->n_sets; s++)
		for (size_t i = 0; i < all->sets[s].n; i++)
			finding.set_at[all->sets[s].first + i] = s;
	for (size_t k = 0; k < all->n - all->rank; k++)
		find_parts(all, &finding, k);
	free(finding.coefficients);
	free(finding.room);
	free(finding.set_at);
	free(finding.signs);
}

/* G out of the pivoted factor. */
static void find_dependency(struct dependency *all, const struct system *pivoted)
{
	int rank = (int)all->rank, n_dependent = (int)(all->n - all->rank), info;

	all->g = mem_array(all->rank * (all->n - all->rank) + 1, sizeof *all->g);
	for (size_t k = 0; k < all->n - all->rank; k++)
		memcpy(&all->g[k * all->rank], &pivoted->a[(all->rank + k) * (size_t)pivoted->rows], all->rank * sizeof *all->g);
	if (rank > 0)
		dtrtrs_("U", "N", "N", &rank, &n_dependent, pivoted->a, &pivoted->rows, all->g, &rank, &info, 1, 1, 1);
}

/* The shortest of the solutions that x is one of: x without its part in the null space. */
static void leave_null_space(const struct dependency *all, double *x)
{
	size_t n_dependent = all->n - all->rank;
	struct system space;

	system_new(&space, all->n, n_dependent);
	for (size_t k = 0; k < n_dependent; k++) {
		double *to = &space.a[k * all->n];

		for (size_t i = 0; i < all->rank; i++)
			to[place_of(all, i)] = -all->g[k * all->rank + i] / length_of(all, i);
		to[place_of(all, all->rank + k)] = 1 / length_of(all, all->rank + k);
	}
	factor(&space);
	rotate(&space, "T", space.n, x);
	memset(x, 0, n_dependent * sizeof *x);
	rotate(&space, "N", space.n, x);
	system_free(&space);
}

/* The same out of the rows; G is used up. x is zero but for the columns that do not depend. */
static void stay_in_rows(struct dependency *all, double *x)
{
	struct system rows;

	system_new(&rows, all->n, all->rank);
	for (size_t i = 0; i < all->rank; i++) {
		double *to = &rows.a[i * all->n];

		to[i] = 1;
		for (size_t k = 0; k < all->n - all->rank; k++)
			to[all->rank + k] = all->g[k * all->rank + i] * length_of(all, all->rank + k) / length_of(all, i);
		rows.b[i] = x[place_of(all, i)];
	}
	free(all->g);
	all->g = NULL;
	solve_across(&rows);
	for (size_t i = 0; i < all->n; i++)
		x[place_of(all, i)] = rows.b[i];
	system_free(&rows);
}

/* The one-hot sets among the columns whose sum is constant: its centred column is nothing but rounding. The caller frees. */
static struct column_set *find_sums(const struct centred *centred, const size_t *cols, size_t n, const double *lengths, const double *noise,
                                    const uint32_t *set_of, size_t *n_sets)
{
	struct column_set *sets = mem_array(n + 1, sizeof *sets);
	double *sum = mem_array(centred->rows + 1, sizeof *sum);

	*n_sets = 0;
	for (size_t k = 0, end; k < n; k = end) {
		double left = 0, bound = 0;

		memset(sum, 0, centred->rows * sizeof *sum);
		for (end = k; end < n && set_of[cols[end]] == set_of[cols[k]]; end++) {
			for (size_t row = 0; row <= cols[end] && row < centred->rows; row++)
				sum[row] += at(centred, row, cols[end]);
			bound += noise[end] * lengths[end];
		}
		for (size_t row = 0; row < centred->rows; row++)
			left += sum[row] * sum[row];
		if (set_of[cols[k]] && end - k > 1 && sqrt(left) <= bound)
			sets[(*n_sets)++] = (struct column_set){ .first = k, .n = end - k };
	}
	free(sum);
	return sets;
}

/* How many pivots are more than rounding. A column's rounding grows with its mean: it was subtracted from it. */
static int numerical_rank(const struct system *pivoted, const int *order, const double *noise)
{
	int rank = 0;

	while (rank < pivoted->n && rank < pivoted->rows) {
		double pivot = fabs(pivoted->a[(size_t)rank * (size_t)pivoted->rows + (size_t)rank]);

		if (pivot <= noise[order[rank] - 1])
			break;
		rank++;
	}
	return rank;
}

/* ---- standard errors ---- */

/* m (n x n_cols) becomes Q' m or Q m. */
static void rotate_all(const struct system *system, const char *trans, double *m, size_t n_cols)
{
	int cols = (int)n_cols, n_work = 64 * (cols + 1), info;
	double *work = mem_array((size_t)n_work, sizeof *work);

	dormqr_("L", trans, &system->rows, &cols, &system->n, system->a, &system->rows, system->tau, m, &system->rows, work, &n_work, &info, 1, 1);
	free(work);
}

/* The columns of m (n x rank) without their part in the null space: through it, or through the rows, whichever is smaller. */
static void project(const struct dependency *all, double *m)
{
	size_t n_dependent = all->n - all->rank;
	bool by_rows = all->rank < n_dependent;
	struct system space;

	system_new(&space, all->n, by_rows ? all->rank : n_dependent);
	for (size_t i = 0; i < all->rank; i++) {
		if (by_rows)
			space.a[i * all->n + place_of(all, i)] = 1;
		for (size_t k = 0; k < n_dependent; k++) {
			double g = all->g[k * all->rank + i] / length_of(all, i);

			if (by_rows)
				space.a[i * all->n + place_of(all, all->rank + k)] = g * length_of(all, all->rank + k);
			else
				space.a[k * all->n + place_of(all, i)] = -g;
		}
	}
	for (size_t k = 0; !by_rows && k < n_dependent; k++)
		space.a[k * all->n + place_of(all, all->rank + k)] = 1 / length_of(all, all->rank + k);
	factor(&space);
	rotate_all(&space, "T", m, all->rank);
	for (size_t col = 0; col < all->rank; col++)
		if (by_rows)
			memset(&m[col * all->n + all->rank], 0, n_dependent * sizeof *m);
		else
			memset(&m[col * all->n], 0, n_dependent * sizeof *m);
	rotate_all(&space, "N", m, all->rank);
	system_free(&space);
}

/*
 * x = m z, where z are as many uncorrelated numbers as the rank says: their factor R11 of what does not depend says m = R11^-1 there, in the
 * columns' own units, and of the shortest solution it is without its part in the null space. n x rank; the caller frees.
 */
static double *find_spread(const struct dependency *all, const struct system *pivoted)
{
	double *m = mem_new(all->n * all->rank + 1, sizeof *m), *column = mem_array(all->rank + 1, sizeof *column);
	int rank = (int)all->rank, n = (int)all->n, info;

	for (size_t i = 0; i < all->rank; i++)
		m[i * all->n + i] = 1;
	if (rank > 0)
		dtrtrs_("U", "N", "N", &rank, &rank, pivoted->a, &pivoted->rows, m, &n, &info, 1, 1, 1);
	for (size_t col = 0; col < all->rank; col++) {
		memcpy(column, &m[col * all->n], all->rank * sizeof *column);
		memset(&m[col * all->n], 0, all->rank * sizeof *column);
		for (size_t i = 0; i <= col; i++)
			m[col * all->n + place_of(all, i)] = column[i] / length_of(all, i);
	}
	free(column);
	if (all->rank < all->n && all->rank > 0)
		project(all, m);
	return m;
}

/* weight: of all rows. */
static void find_errors(const struct dependency *all, const struct system *pivoted, const size_t *cols, const bool *collinear, double weight,
                        struct solution *solution, size_t n_features)
{
	double *m = find_spread(all, pivoted), middle = 1 / weight;
	bool determined = true;

	solution->errors = mem_new(n_features + 1, sizeof *solution->errors);
	for (size_t i = 0; i < n_features; i++)
		solution->errors[i] = NAN;
	for (size_t k = 0; k < all->n; k++) {
		double sum = 0;

		for (size_t col = 0; col < all->rank; col++)
			sum += m[col * all->n + k] * m[col * all->n + k];
		if (!collinear[k])
			solution->errors[cols[k]] = sqrt(sum);
		determined = determined && !collinear[k];
	}
	for (size_t col = 0; col < all->rank; col++) {
		double sum = 0;

		for (size_t k = 0; k < all->n; k++)
			sum += m[col * all->n + k] * solution->means[cols[k]];
		middle += sum * sum;
	}
	solution->errors[n_features] = determined ? sqrt(middle) : NAN;
	free(m);
}

/*
 * Plain least squares over the columns `cols` (n of them, none constant). lengths: of the centred columns; noise: the
 * share of that length that rounding may make up.
 */
static void solve_plain(const struct centred *centred, const size_t *cols, size_t n, const double *lengths, const double *noise,
                        const uint32_t *set_of, double weight, double *x, bool *collinear, struct solution *solution)
{
	struct system pivoted;
	struct dependency all = { .lengths = lengths, .n = n };
	struct column_set *sets = NULL;
	int *order = mem_new(n + 1, sizeof *order), one = 1, info, found;

	system_new(&pivoted, centred->rows, n);
	for (size_t k = 0; k < n; k++)
		for (size_t row = 0; row <= cols[k] && row < centred->rows; row++)
			pivoted.a[k * centred->rows + row] = at(centred, row, cols[k]) / lengths[k];
	memcpy(pivoted.b, centred->c, centred->rows * sizeof(double));
	dgeqp3_(&pivoted.rows, &pivoted.n, pivoted.a, &pivoted.rows, order, pivoted.tau, pivoted.work, &pivoted.n_work, &info);
	rotate(&pivoted, "T", pivoted.n < pivoted.rows ? pivoted.n : pivoted.rows, pivoted.b);
	found = numerical_rank(&pivoted, order, noise);
	if (found > 0)
		dtrtrs_("U", "N", "N", &found, &one, pivoted.a, &pivoted.rows, pivoted.b, &pivoted.rows, &info, 1, 1, 1);
	memset(x, 0, n * sizeof *x);
	for (int i = 0; i < found; i++)
		x[order[i] - 1] = pivoted.b[i] / lengths[order[i] - 1];
	solution->rank = all.rank = (size_t)found;
	all.order = order;
	if (all.rank < n) {
		sets = find_sums(centred, cols, n, lengths, noise, set_of, &all.n_sets);
		all.sets = sets;
		find_dependency(&all, &pivoted);
		find_collinear(&all, collinear);
	}
	if (centred->n <= ERRORS_FEATURES)
		find_errors(&all, &pivoted, cols, collinear, weight, solution, centred->n);
	system_free(&pivoted);                  /* what follows takes as much again */
	if (all.rank < n - all.rank)
		stay_in_rows(&all, x);
	else if (all.rank < n)
		leave_null_space(&all, x);
	free(all.g);
	free(sets);
	free(order);
}

/* Sum of squares that x leaves: |R x - c|^2 + rho^2. */
static double left_over(const struct centred *centred, double rho, const double *x)
{
	double *left = mem_array(centred->rows + 1, sizeof *left), sum = rho * rho;

	memcpy(left, centred->c, centred->rows * sizeof *left);
	for (size_t col = 0; col < centred->n; col++)
		for (size_t row = 0; row <= col && row < centred->rows; row++)
			left[row] -= at(centred, row, col) * x[col];
	for (size_t row = 0; row < centred->rows; row++)
		sum += left[row] * left[row];
	free(left);
	return sum;
}

/* Lengths of the centred columns, and which columns have none but rounding. */
static size_t measure(const double *r, size_t n_rows, size_t n, size_t *cols, double *lengths, double *noise, struct solution *solution)
{
	size_t used = 0;

	for (size_t col = 0; col < n; col++) {
		const double *column = &r[(col + 1) * n_rows];
		double sum = 0, raw, epsilon = 32 * DBL_EPSILON * (double)n;

		for (size_t row = 1; row <= col + 1 && row < n_rows; row++)
			sum += column[row] * column[row];
		raw = sqrt(sum + column[0] * column[0]);
		solution->deviations[col] = sqrt(sum) / fabs(r[0]);
		solution->means[col] = column[0] / r[0];
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

/* What keeps r from being solved, or NULL. */
static const char *objection(const double *r, size_t n_rows, size_t n)
{
	for (size_t i = 0; i < n_rows * (n + 2); i++)
		if (!isfinite(r[i]))
			return "the numbers are too large for least squares (scale the features and the target)";
	return NULL;
}

/* weight: of all rows. */
static void solve_net(const struct centred *centred, double weight, const struct penalty *penalty, struct solution *solution)
{
	const struct lasso lasso = { .r = centred->r, .c = centred->c, .rows = centred->rows, .n = centred->n, .stride = centred->stride, .weight = weight,
	                             .l1 = penalty->alpha * penalty->l1_ratio, .l2 = penalty->alpha * (1 - penalty->l1_ratio),
	                             .constant = solution->constant };

	solution->converged = lasso_solve(&lasso, solution->coefficients);
}

int solve(const double *r, size_t n_rows, size_t n_features, const struct penalty *penalty, const uint32_t *set_of, struct solution *solution, struct error *err)
{
	size_t n = n_features, used;
	struct centred centred = { .r = r + n_rows + 1, .c = r + (n + 1) * n_rows + 1, .n = n, .stride = n_rows };
	size_t *cols = mem_new(n + 1, sizeof *cols);
	double *lengths = mem_new(n + 1, sizeof *lengths), *noise = mem_new(n + 1, sizeof *noise), *x = mem_new(n + 1, sizeof *x);
	bool *collinear = mem_new(n + 1, sizeof *collinear);
	double rho;
	const char *why = objection(r, n_rows, n);

	*solution = (struct solution){ .coefficients = mem_new(n + 1, sizeof(double)), .deviations = mem_new(n + 1, sizeof(double)),
	                               .means = mem_new(n + 1, sizeof(double)), .constant = mem_new(n + 1, sizeof(bool)),
	                               .collinear = mem_new(n + 1, sizeof(bool)), .converged = true };
	if (why) {
		error_set(err, STATUS_FAILED, "%s", why);
		goto out;
	}
	centred.rows = n_rows - 1 < n ? n_rows - 1 : n;
	used = measure(r, n_rows, n, cols, lengths, noise, solution);
	lapack_lock();
	if (penalty->alpha > 0) {
		if (centred.rows > 0 && penalty->l1_ratio > 0)
			solve_net(&centred, r[0] * r[0], penalty, solution);
		else if (centred.rows > 0)
			solve_ridge(&centred, penalty->alpha, solution->coefficients);
		solution->rank = used;
	} else if (used > 0) {
		solve_plain(&centred, cols, used, lengths, noise, set_of, r[0] * r[0], x, collinear, solution);
		for (size_t k = 0; k < used; k++) {
			solution->coefficients[cols[k]] = x[k];
			solution->collinear[cols[k]] = collinear[k];
		}
	}
	lapack_unlock();
	solution->intercept = r[(n + 1) * n_rows] / r[0];
	for (size_t col = 0; col < n; col++)
		solution->intercept -= solution->means[col] * solution->coefficients[col];
	rho = n_rows == n + 2 ? r[n_rows * (n + 2) - 1] : 0;
	solution->squares = left_over(&centred, rho, solution->coefficients);
	solution->total = rho * rho;
	for (size_t row = 0; row < centred.rows; row++)
		solution->total += centred.c[row] * centred.c[row];
out:
	free(cols);
	free(lengths);
	free(noise);
	free(x);
	free(collinear);
	return why ? -1 : 0;
}

uint64_t solve_memory(uint64_t n_rows, size_t n_features, const struct penalty *penalty)
{
	uint64_t n = n_features + 2, rows = n < n_rows ? n : n_rows, factor = rows * n, work = 64 * n, most, active;

	if (penalty->alpha > 0 && penalty->l1_ratio > 0) {
		most = lasso_at_once((size_t)rows);
		active = (penalty->l1_ratio < 1 ? 4 : 1) * rows + 2 * most;
		active = active < n ? active : n;
		return (factor + 2 * active * active) * sizeof(double);
	}
	if (penalty->alpha > 0)         /* the penalty's rows stand under or beside it */
		return (factor + (rows < n ? rows * (n + rows) : 2 * n * n) + work) * sizeof(double);
	if (n_features <= ERRORS_FEATURES)
		factor += rows * n;
	if (rows < n)                   /* columns that do not depend, and what the others are of them */
		return (2 * factor + rows * (n - rows) + work) * sizeof(double);
	return (2 * factor + factor / 4 + work) * sizeof(double);
}

void solution_release(struct solution *solution)
{
	free(solution->coefficients);
	free(solution->deviations);
	free(solution->means);
	free(solution->errors);
	free(solution->constant);
	free(solution->collinear);
	*solution = (struct solution){ .rank = 0 };
}
