/* SPDX-License-Identifier: MIT */
/*
 * What gradient boosting makes small: losses with their gradients and curvatures by the
 * scores, over many rows at once, in floats.
 *
 *     squared    (s - y)^2                       answer s; g and h are half of its own: s - y and 1
 *     absolute   |s - y|                         s; leaves answer by medians
 *     huber      r^2 / 2 up to |r| = delta, delta (|r| - delta / 2) from there
 *     quantile   r (alpha - (r < 0)), r = y - s  s, one score for each quantile; leaves answer by these
 *     poisson    e^s - y s                       e^s
 *     gamma      s + y e^-s                      e^s
 *     tweedie    -y e^((1-p) s) / (1-p) + e^((2-p) s) / (2-p)      e^s, 1 < p < 2
 *     logistic   log(1 + e^s) - y s              1 / (1 + e^-s)
 *     softmax    log(sum e^s_k) - s_y            e^s_k / sum
 *
 * What a score meets exactly pulls it nowhere: of quantile too the gradient is 0 there, so
 * that rows at a value that is very frequent, such as 0, are told from those beyond it.
 *
 * Curvatures are those of Friedman (2001) and LightGBM: of absolute, huber and quantile 1,
 * of poisson e^(s + 0.7), so that steps stay short, of softmax K / (K - 1) p (1 - p).
 */
#ifndef BOOST_LOSS_H
#define BOOST_LOSS_H

#include "model.h"

enum boost_loss { BOOST_AUTO, BOOST_SQUARED, BOOST_ABSOLUTE, BOOST_HUBER, BOOST_QUANTILE, BOOST_POISSON, BOOST_GAMMA, BOOST_TWEEDIE, BOOST_LOGISTIC,
                  BOOST_SOFTMAX, N_BOOST_LOSSES };
enum { MAX_ALPHAS = 32 };

struct boost_objective {
	enum boost_loss loss;
	size_t n_outputs;
	double power, delta;            /* of tweedie, of huber */
	double alphas[MAX_ALPHAS];      /* of quantile, one for each output */
};

const char *boost_loss_name(enum boost_loss loss);
bool boost_loss_known(const char *name, enum boost_loss *loss);
bool boost_loss_whole(enum boost_loss loss);            /* curvatures are the rows' weights */
bool boost_loss_squares(enum boost_loss loss);          /* it is a square of the targets' size */
bool boost_loss_renews(enum boost_loss loss);           /* a leaf answers by a quantile of residuals, that of boost_alpha */
bool boost_loss_exponential(enum boost_loss loss);      /* answers are e^s: of targets >= 0 (gamma: above 0) */
double boost_alpha(const struct boost_objective *objective, size_t output);

/* Rows of one run: scores[k], g[k] and h[k] begin with its first row. */
struct boost_rows { size_t n; const float *y, *weight; const float *const *scores; float *const *g, *const *h; };
/* The sum of w loss; g and h NULL: not wanted. */
double boost_loss_rows(const struct boost_objective *objective, const struct boost_rows *rows);
/* Scores of one row as answers, in place: the value, quantiles, or probabilities (two of them for logistic, out of the first). */
void boost_answer(const struct boost_objective *objective, double *scores);

#endif
