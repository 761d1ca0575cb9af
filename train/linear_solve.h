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
	double squares;                         /* sum of weighted squared residuals */
	double *deviations, *means;             /* n_features: of the training rows, weighted */
	bool *constant, *collinear;             /* n_features: no deviation; part of a dependency, that of a one-hot set's sum aside */
	size_t rank;
};

/* r: n_rows x (n_features + 2), by columns (linear_qr.h), of rows of which one weighs. alpha: of ridge; the intercept is not penalised.
 * set_of: by feature (struct training); that the columns of a set sum to one is no news. */
int solve(const double *r, size_t n_rows, size_t n_features, double alpha, const uint32_t *set_of, struct solution *solution,
          struct error *err) MUST_CHECK;
void solution_release(struct solution *solution);

#endif
