/* SPDX-License-Identifier: MIT */
/*
 * Generalised linear models: the objective, over rows that are kept.
 *
 *     F(c, v) = sum_i w_i loss(y_i, z_i) / W + sum_j (l2_j v_j^2 / 2 + l1_j |v_j|)
 *     z_i = c + sum_j v_j (x_ij - mean_j) / deviation_j           for each of n_outputs outputs
 *
 * W: the weights' sum. The variables are those of standardised features, however the
 * features came, so that a solver finds all of a kind; the penalties are those of the
 * coefficients v_j / deviation_j that the user thinks of. A constant feature has no
 * effect: its deviation is 0, and nothing is learned of it. What a penalty l1 adds is the
 * solver's to heed: it has no derivative at 0.
 *
 * Variables stand output by output, n_features of each and then its c: size numbers.
 *
 *     glm_open -> glm_measure -> glm_penalise -> glm_evaluate... -> glm_free
 *
 * Sums are made over runs of GLM_RUN blocks and then in their order, so that the same bits come
 * out for any number of threads.
 */
#ifndef GLM_H
#define GLM_H

#include "row_store.h"
#include "workers.h"

enum { GLM_RUN = 8 };

/* What one row costs, z being its outputs: for n rows at once, everything by output: z[k * PANEL_ROWS + r].
 * All of them have room for n rounded up to four. */
struct glm_loss {
	const char *name;
	/* The sum of w loss(y, z). slopes: w times the derivatives by z, n_outputs; curves: w times the second ones, of pairs (k, l >= k), in the
	 * order 00 01 .. 11 12 ..; NULL: not wanted. z: only read. */
	double (*rows)(const struct glm_loss *loss, size_t n_outputs, size_t n, const double *z, const double *y, const double *weight, double *slopes,
	               double *curves);
	double parameter, width;        /* of the loss, if it has them */
};

struct glm {
	const struct glm_loss *loss;
	size_t n_features, n_outputs, size;
	const struct row_store *rows;   /* borrowed, and only read; their weight is W */
	double *means, *deviations;     /* n_features, of the rows by their weights; deviation 0 for a constant */
	double *l1, *l2;                /* size, as above; of each c: 0 */
	double soft_l1, soft_width;     /* glm_soften */
	/* private */
	struct workers *workers;
	struct glm_lane *lanes;
	size_t n_lanes;
	double *raw;                    /* variables as coefficients of the features as they came */
	struct glm_evaluation *evaluation;
	size_t stride, first_run;
	bool wants_curves;
};

/* What is known of F at a point, without l1. */
struct glm_evaluation {
	double loss;                    /* the mean of the rows' */
	double value;                   /* with l2 */
	double *gradient;               /* size */
	double *hessian;                /* size x size, both triangles; NULL: not wanted */
};

/* Overwrites the glm. rows: closed; they and the loss outlive it. What it needs besides: glm_memory. */
void glm_open(struct glm *glm, const struct glm_loss *loss, const struct row_store *rows, size_t n_outputs, int threads);
/* Means and deviations. -1: a feature, named, whose deviation is no number, so that nothing can be measured by it. */
int glm_measure(struct glm *glm, const struct names *features, struct error *err) MUST_CHECK;
/* l1 and l2 of all coefficients, as F has them; 0 before. */
void glm_penalise(struct glm *glm, double l1, double l2);
/* l1 of all coefficients, but rounded off: smooth_pinball of 2 l1 coefficient, which the solver takes for a part of the loss. 0: none. */
void glm_soften(struct glm *glm, double l1, double width);
/* at: size variables. every: blocks 0, every, 2 every, … stand for all; 1: all of them. */
int glm_evaluate(struct glm *glm, const double *at, size_t every, struct glm_evaluation *to, struct error *err) MUST_CHECK;
/* Coefficients of the features as they came, n_outputs x n_features, and an intercept for each output. */
void glm_coefficients(const struct glm *glm, const double *at, double *coefficients, double *intercepts);
/* The variables of these: the other way round. */
void glm_variables(const struct glm *glm, const double *coefficients, const double *intercepts, double *to);
/* Bytes that it and its solver hold besides the rows, about; passing: while these are added. */
uint64_t glm_memory(size_t n_features, size_t n_outputs, size_t panel_rows, size_t lanes, bool hessian, bool passing);
void glm_free(struct glm *glm);         /* fine on a zeroed one, and twice */

extern const struct glm_loss glm_logistic;      /* log(1 + e^z) - y z, one output, y 0 or 1 */
extern const struct glm_loss glm_softmax;       /* log(sum e^z_k) - z_y, an output for each class */

/* Of numbers, one output. Half the deviance, with the mean m = e^z. */
extern const struct glm_loss glm_poisson;       /* y >= 0 */
extern const struct glm_loss glm_gamma;         /* y > 0 */
extern const struct glm_loss glm_tweedie;       /* parameter: the power p > 1 of the variance m^p; y >= 0, from p = 2 on y > 0 */
/* With r = y - z and width s: s + r^2 / s up to |r| = parameter * s, and from there s + 2 parameter |r| - parameter^2 s: jointly convex in z
 * and s (Huber 1981, 7.7; Owen 2007). */
extern const struct glm_loss glm_huber;
extern const struct glm_loss glm_huber_slope;   /* no loss: the sum is that of the derivative by s */
/* smooth_pinball of r = y - z; parameter: the quantile. */
extern const struct glm_loss glm_pinball;
extern const struct glm_loss glm_pinball_gap;   /* no loss: the sum is that of what each row may be away from the dual's value */

/*
 * r * (quantile - (r < 0)), rounded off: the largest d r + width (log(quantile - d) + log(1 - quantile + d)) over d, which is the
 * slope. So at a minimum of such sums the slopes solve the dual of the sharp problem up to its barrier, and each term
 * is at most `width` off. width 0: sharp.
 */
struct smooth { double value, slope, curve; };
struct smooth smooth_pinball(double r, double quantile, double width);

#endif
