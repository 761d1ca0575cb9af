/* SPDX-License-Identifier: MIT */
/*
 * Logistic regression in constant memory: a step for each row as it comes, and the rows
 * once more from the source where another pass is wanted. For more rows than memory and
 * temporary files hold; glm_solve.h finds the optimum itself.
 *
 *     online_new -> online_start, maybe -> online_pass... -> online_coefficients -> online_free
 *
 *     ftrl    FTRL-Proximal (McMahan et al. 2013, algorithm 1): a rate of its own for each
 *             coefficient, lr / (1 + sqrt(sum of its squared slopes)); L1 and L2 of the sum
 *             over rows, so as C has them, in proportion to the rows that were seen
 *     sgd     a rate of lr / (1 + lr * l2 * t) for the t-th row (Bottou 2010), L2 only; the
 *             answer is the mean of the coefficients over the last pass (Polyak, Juditsky 1992)
 *
 * Rows are taken in the order of their blocks, and within one in an order that hangs on
 * the seed, the pass and the block: one thread, the same bits always. A weight is so
 * many times the slope.
 */
#ifndef LOGISTIC_ONLINE_H
#define LOGISTIC_ONLINE_H

#include "model.h"

enum online_way { ONLINE_SGD, ONLINE_FTRL };
struct online_options { enum online_way way; double lr, l1, l2; };      /* l1, l2: to the sum of all rows' losses */

struct online;
/* n_outputs: 1 for two classes, else one for each. training outlives it. */
struct online *online_new(const struct training *training, size_t n_outputs, const struct online_options *options);
/* Coefficients to begin with instead of 0; before the first pass. n_outputs x n_features; n_outputs. */
void online_start(struct online *online, const double *coefficients, const double *intercepts);
/* All training rows, once. loss: their mean, each before its step. */
int online_pass(struct online *online, uint64_t pass, double *loss, struct error *err) MUST_CHECK;
/* n_outputs x n_features, n_outputs; means and deviations of the features, n_features, as the first pass saw them. */
void online_coefficients(const struct online *online, double *coefficients, double *intercepts, double *means, double *deviations);
void online_pack(const struct online *online, struct buffer *to);               /* one value */
bool online_unpack(struct online *online, object from);         /* into a new one; false: broken */
uint64_t online_memory(size_t n_features, size_t n_outputs);
void online_free(struct online *online);        /* NULL is fine */

#endif
