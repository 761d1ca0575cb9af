/* SPDX-License-Identifier: MIT */
/*
 * Lasso and elastic net from the QR factor of the centred problem (linear_solve.c): the x with the smallest
 *
 *     |c - R x|^2 / (2 weight) + l1 |x|_1 + l2 |x|^2 / 2
 *
 * Coordinate descent with warm starts along a path of penalties, from the one that leaves all 0 down to this (Friedman, Hastie,
 * Tibshirani 2010). On each step the strong rule (Tibshirani et al. 2012) says which columns may come in; only the products of these are
 * made and descended on, and then all others are looked at for one that should be there. The descent settles signs; behind them the solution is
 * that of a system of equations, which a Cholesky factor gives to the last digits, where many sweeps would go for them.
 *
 * Of far more columns than rows the rule lets in many that stay 0: so at each step at most lasso_at_once come in, those of the
 * largest slopes, and those that are 0 behind it go again. At the end it is gone on until none is missed, so that is no approximation.
 *
 * Memory: the square of the columns that are in, two to three times. That are those of the solution (of a lasso at most the rows) and
 * twice those that may come in at once. Between lapack_lock and lapack_unlock.
 */
#ifndef LINEAR_LASSO_H
#define LINEAR_LASSO_H

#include <stdbool.h>
#include <stddef.h>

struct lasso {
	const double *r, *c;            /* column j of R: rows 0 .. min(j, rows - 1) at r[j * stride]; c: rows long */
	size_t rows, n, stride;
	double weight, l1, l2;          /* l1 > 0 */
	const bool *constant;           /* n: columns that stay out */
};
static inline size_t lasso_at_once(size_t rows) { return rows > 256 ? rows : 256; }
/* x: n. False: not converged, x is the best that there is. */
bool lasso_solve(const struct lasso *lasso, double *x);

#endif
