/* SPDX-License-Identifier: MIT */
/*
 * Linear models whose loss is not a square, brought to the minimum step by step over rows that are kept (glm.h):
 *
 *     poisson, gamma, tweedie   the mean of half the deviance + alpha (l1_ratio |b|_1 + (1 - l1_ratio) |b|^2 / 2); the mean is e^z
 *     huber                     sum of w (s + s H((y - z) / s)) + alpha |b|^2, over b and the scale s, H(u) = u^2 up to epsilon, and
 *                               2 epsilon |u| - epsilon^2 beyond
 *     quantile                  the mean of r (q - (r < 0)), r = y - z, + alpha |b|_1
 *
 * (scikit-learn's PoissonRegressor, GammaRegressor, TweedieRegressor, HuberRegressor and QuantileRegressor; means are by weight, intercepts free.)
 *
 *     iterated_open -> iterated_start -> iterated_step... -> iterated_finish -> iterated_close
 *
 * The first three are one problem for the solver (glm_solve.h). The others are a few, each started where the last one ended:
 * Huber's for scales that a secant brings to the root of the derivative by s (by the envelope theorem it is that of the minimum over b, and
 * monotone, since all is jointly convex); the quantile's with corners that are rounded off less and less (a barrier on the dual, glm.h),
 * from a tenth of the target's deviation on, each a tenth of the one before. There the point moves along a straight line at the end, so
 * the next start, and the corner itself behind the last, is extrapolated. The rounded slopes are a solution of the dual, so how
 * far the loss can be from its minimum is known: it ends at 1e-9 of it, or where rows are met so well that this is less than
 * rounding, at 1e-13 of the target's deviation. (Primal-dual steps, Portnoy and Koenker 1997, keep four numbers
 * for each row, which a checkpoint would have to hold.)
 */
#ifndef LINEAR_ITERATED_H
#define LINEAR_ITERATED_H

#include "glm_solve.h"

enum linear_loss { LINEAR_SQUARED, LINEAR_HUBER, LINEAR_QUANTILE, LINEAR_POISSON, LINEAR_GAMMA, LINEAR_TWEEDIE, N_LINEAR_LOSSES };

struct iterated_options {
	enum linear_loss loss;          /* not squared */
	double alpha, l1_ratio;         /* l1_ratio: 0 with huber and quantile */
	double parameter;               /* epsilon, quantile, power; 0 without one */
};

struct iterated {
	uint64_t n_steps;
	double objective;               /* what is made small, behind a step; of huber per weight */
	double slope;                   /* the largest that is left */
	double gap;                     /* of the quantile: how far the objective may be from its minimum */
	double scale;                   /* of huber: s */
	bool converged;
	struct iterated_work *work;     /* private */
};

bool loss_has_log_link(enum linear_loss loss);

/* Overwrites it. rows: kept, closed, borrowed. What it holds besides them: iterated_memory. */
void iterated_open(struct iterated *iterated, const struct iterated_options *options, const struct row_store *rows, int threads);
/* A target that the loss can't take is an error. checkpoint: of iterated_pack over the same rows, or NULL. */
int iterated_start(struct iterated *iterated, const struct names *features, object checkpoint, struct error *err) MUST_CHECK;
/* 1: more may follow; 0: it is at the minimum, or can't come nearer. */
int iterated_step(struct iterated *iterated, struct error *err) MUST_CHECK;
/* As it stands: coefficients, means and deviations (n_features each) and the intercept. */
void iterated_finish(const struct iterated *iterated, double *coefficients, double *intercept, double *means, double *deviations);
/* All that the steps to come hang on, as one packed value. */
void iterated_pack(const struct iterated *iterated, struct buffer *to);
uint64_t iterated_memory(size_t n_features, size_t panel_rows, size_t lanes, bool passing);     /* glm_memory */
void iterated_close(struct iterated *iterated);         /* fine on a zeroed one, and twice */

#endif
