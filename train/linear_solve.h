/* SPDX-License-Identifier: MIT */
/*
 * Least squares from the QR factor of [1 | X | y]. Of m rows and n columns, with m < n,
 * it costs m^2 n operations and memory for a few times m n numbers.
 */
#ifndef LINEAR_SOLVE_H
#define LINEAR_SOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

struct solution {
	double intercept, *coefficients;        /* n_features */
	double squares, total;                  /* sums of weighted squares: of the residuals, and of the target's differences from its mean */
	double *deviations, *means;             /* n_features: of the training rows, weighted */
	bool *constant, *collinear;             /* n_features: no deviation; part of a dependency, that of a one-hot set's sum aside */
	size_t rank;
	bool converged;                 /* false: an elastic net that is not */
	/* By feature, then of the intercept: standard errors by residuals of deviation 1, NaN where a coefficient is not determined (collinear,
	 * constant; the intercept beside collinear ones). Those of a one-hot set are of differences from its mean. NULL: not known (alpha > 0, or more than ERRORS_FEATURES). */
	double *errors;
};

/* Beyond it errors would take as long again as the solution, and nobody reads them. */
enum { ERRORS_FEATURES = 1024 };

/*
 * What is added, never for the intercept. Of the two, l1_ratio 0 is ridge: sum of w r^2 + alpha |x|^2. Above 0 it is the elastic net:
 * the mean of r^2 / 2, by weight, + alpha (l1_ratio |x|_1 + (1 - l1_ratio) |x|^2 / 2). Both as scikit-learn has them.
 */
struct penalty { double alpha, l1_ratio; };

/* r: n_rows x (n_features + 2), by columns (linear_qr.h), of rows of which one weighs.
 * set_of: by feature (struct training); that the columns of a set sum to one is no news. */
int solve(const double *r, size_t n_rows, size_t n_features, const struct penalty *penalty, const uint32_t *set_of, struct solution *solution,
          struct error *err) MUST_CHECK;
/* Bytes that R and all that it is solved by take, about. n_rows: training rows. What an elastic net takes hangs on how many coefficients are
 * not 0: they are taken to be at most four times the rows. */
uint64_t solve_memory(uint64_t n_rows, size_t n_features, const struct penalty *penalty);
void solution_release(struct solution *solution);

#endif
