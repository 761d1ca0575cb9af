/* SPDX-License-Identifier: MIT */
/*
 * The dual problem of support vector machines, by sequential minimal optimization. Of n
 * variables, each of a row of a kernel's matrix K and of a sign y:
 *
 *     least  a'Qa / 2 + p'a    over  0 <= a_t <= C_t,  y'a = as at the start      Q_ts = y_t y_s K(row of t, row of s)
 *
 * and with `nu` also e'a as at the start. That is C-SVC (p = -1), nu-SVC (p = 0, nu),
 * epsilon-SVR (each row twice, y = 1 and -1, p = epsilon - y z; z: its target) and nu-SVR.
 *
 * A step takes two variables and goes to the least of the objective along them, held to
 * their bounds. With the gradient G = Qa + p, F = yG, and of a variable that can still go
 * where y grows (or shrinks) the objective's line:
 *
 *     up:   y = 1 and a < C, or y = -1 and a > 0          i: the largest -F of these, the last of equals
 *     low:  y = 1 and a > 0, or y = -1 and a < C          j: of those with F_j > F_i the one whose step wins most,
 *                                                            (F_j - F_i)^2 / (K_ii + K_jj - 2 K_ij), the last of equals
 *
 * where a second derivative that is not above 0 counts as 1e-12. At the optimum no -F of `up` is
 * above one of `low` by tol. With nu both are of one sign. (Fan, Chen, Lin: Working Set
 * Selection Using Second Order Information for Training Support Vector Machines, 2005.)
 *
 * Every min(n, 1000) steps variables at a bound that they will not leave, by the worst
 * pair there is, are left aside (shrinking), and once, when the worst pair is within 10 tol,
 * looked at again; their gradient is made of that of the variables at C, which is kept,
 * and of the free ones. What looks optimal is looked at with all. (Chang, Lin: LIBSVM, 2011, 4.2
 * to 4.4, 5.1.) Steps, their order and their arithmetic are those of LIBSVM on the same floats
 * of K, so that one that ends after few steps ends where LIBSVM does.
 *
 * Memory: SVM_VARIABLE bytes a variable, the problem's own among them. One thread; the result hangs on nothing else than the problem.
 */
#ifndef SVM_SOLVE_H
#define SVM_SOLVE_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "svm_cache.h"

enum { SVM_VARIABLE = 128 };

struct svm_problem {
	size_t n;
	const uint32_t *rows;           /* n: which row of the cache */
	const signed char *y;           /* n: 1 or -1 */
	const double *p, *c;            /* n; where c is 0, as a product of tiny numbers may be, a variable stays at 0 */
	double *alpha;                  /* n: where it starts, within the bounds; becomes the solution */
	bool nu, shrinking;
	double tol;
	int64_t max_iter;               /* steps at most; -1: any number */
	struct svm_cache *cache;
	bool (*stopped)(void *state);   /* asked now and then: whether somebody wants to end; NULL: nobody */
	void *state;
};

struct svm_solution {
	double rho;                     /* the decision is sum of y a K(row, x) - rho */
	double r;                       /* with nu: -epsilon of nu-SVR; of nu-SVC all but the objective is divided by it, that by its square */
	double objective;
	uint64_t n_steps;
	bool limited;                   /* by max_iter */
};

/* -1: K has a value that is no float (STATUS_FAILED), or it was stopped (STATUS_INTERRUPT). */
int svm_solve(const struct svm_problem *problem, struct svm_solution *solution, struct error *err) MUST_CHECK;
int svm_overflow(struct error *err);    /* says the former; -1 */

#endif
