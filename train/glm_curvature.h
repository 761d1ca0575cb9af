/* SPDX-License-Identifier: MIT */
/*
 * A model of how F (glm.h) curves: the Hessian at some point, over some of the rows,
 * and what the steps since then have told of it: each changes it by the two ranks of
 * BFGS, so that it turns the last step into the last change of the gradient. So an old
 * Hessian, also that of a sample, gets better with each gradient.
 *
 *     curvature_new -> (hessian is filled -> curvature_renewed -> curvature_learn...)... -> curvature_free
 *
 * Damping (Levenberg, Marquardt) adds to the whole diagonal. Where an output is all but
 * certain the Hessian is next to nothing, and Newton's step along it without bounds: it is
 * not to be shortened as a whole, since then nothing else moves.
 */
#ifndef GLM_CURVATURE_H
#define GLM_CURVATURE_H

#include <stdbool.h>
#include <stddef.h>

enum { CURVATURE_STEPS = 10 };          /* learned from at most; then it wants a new Hessian */

struct curvature {
	size_t n;
	double *hessian;                /* n x n, both triangles */
	double damping;                 /* as a part of the largest of the diagonal; 0: none */
	double *steps, *turns;          /* learned from: steps, and how they changed the gradient, CURVATURE_STEPS x n */
	size_t n_steps;
	/* private */
	double *factor, *spare;
	bool factored;
};

void curvature_new(struct curvature *curvature, size_t n);      /* overwrites it */
void curvature_free(struct curvature *curvature);               /* fine on a zeroed one, and twice */
void curvature_renewed(struct curvature *curvature);            /* forgets the steps */
/* Of the step from `at` to `to`, where the gradient was `before` and is `behind`. */
void curvature_learn(struct curvature *curvature, const double *at, const double *to, const double *before, const double *behind);
/* Of so many, which stand in steps and turns, once more, behind the same Hessian. */
void curvature_relearn(struct curvature *curvature, size_t n_steps);
void curvature_damp(struct curvature *curvature, double damping);
/* The step that makes g's + s'Hs/2 + sum l1 |at + s| least, H damped: by Cholesky, with l1 variable by variable, near it. l1 NULL: none. Gives by
 * how much less it is than for no step. */
double curvature_step(struct curvature *curvature, const double *at, const double *gradient, const double *l1, double *step);

#endif
