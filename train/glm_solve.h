/* SPDX-License-Identifier: MIT */
/*
 * The minimum of F (glm.h), step by step.
 *
 *     glm_solver_new, behind glm_measure -> glm_solver_step... -> glm_solver_free
 *
 * Newton's steps where the Hessian is small enough (glm_solves_newton): with l1 they are
 * those of a quadratic model with the penalty, found by coordinate descent (proximal
 * Newton: Lee, Sun, Saunders 2014), else by Cholesky. The first step starts on samples
 * of the blocks, which cost little and end near the minimum of all. From there an old
 * Hessian, also that of a sample, learns from each gradient (glm_curvature.h), and is made
 * anew where that is quicker: so most passes over the rows are for a gradient alone.
 * Where F does not fall by a good part of Newton's step, it is damped: a class that no sample knows is all
 * but impossible where the samples end, and the Hessian there next to nothing.
 * Larger problems go by L-BFGS (Liu, Nocedal 1989), with l1 by OWL-QN (Andrew, Gao 2007).
 *
 * The end: what a step could still win is less than tol * F, by the model that gave it.
 * A step is taken if F falls by it, else it is halved, or damped.
 */
#ifndef GLM_SOLVE_H
#define GLM_SOLVE_H

#include "glm.h"

struct glm_solver {
	double *at;                     /* size: the best so far */
	double loss, value;             /* there: the rows' mean, and F; known behind a step */
	double slope;                   /* the largest of the gradient, by size: of its part that can make F smaller; all three of before a last
	                                 * step that F can't judge */
	uint64_t n_steps;
	bool converged;
	struct glm_solver_work *work;   /* private */
};

/* Whether steps are Newton's. */
bool glm_solves_newton(size_t n_features, size_t n_outputs);
/* start: variables, or NULL. The glm is borrowed. */
void glm_solver_new(struct glm_solver *solver, struct glm *glm, double tol, const double *start);
/* 1: more may follow; 0: converged, or F does not fall any more. */
int glm_solver_step(struct glm_solver *solver, struct error *err) MUST_CHECK;
/* All that the steps to come hang on, besides the rows, as one packed value; and back, in a new solver over the same rows. -1: it is broken, or rows
 * can't be read. */
void glm_solver_pack(const struct glm_solver *solver, struct buffer *to);
int glm_solver_unpack(struct glm_solver *solver, object from, struct error *err) MUST_CHECK;
void glm_solver_free(struct glm_solver *solver);        /* fine on a zeroed one, and twice */

#endif
