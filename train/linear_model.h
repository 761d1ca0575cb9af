/* SPDX-License-Identifier: MIT */
/*
 * A linear model that was fitted (model_linear.c): what it says, its saved form, and what `describe` shows of it.
 */
#ifndef LINEAR_MODEL_H
#define LINEAR_MODEL_H

#include "linear_iterated.h"
#include "model.h"

struct linear {
	size_t n_features;
	enum linear_loss loss;
	double alpha, l1_ratio, parameter;      /* parameter: epsilon, quantile, power; 0 without one */
	double intercept;
	double *coefficients, *deviations, *means;      /* deviations and means: of the training rows' features */
	bool converged;
	/* squared */
	uint64_t rank, freedom;         /* of features that are not constant; rows that weigh - rank - 1, 0: none are left */
	double residual, r2;            /* deviation of the residuals, with that freedom; NaN: not known, as of models before these */
	double *errors;                 /* n_features + 1: standard errors, the last the intercept's; NaN: not determined. NULL: none */
	/* others */
	uint64_t n_steps;
	double slope, scale, gap;       /* as struct iterated has them */
};

struct linear *linear_new(size_t n_features);
struct linear *linear_copy(const struct linear *from);

/* The members of struct model_kind. Of a loss with a log link an answer is e^z, NaN where that is beyond all numbers. */
void linear_free(void *model);
int linear_predict(const void *model, const struct panel *panel, double *out, struct error *err);
/* Shapley values of a linear model whose features are taken as independent (Lundberg and Lee 2017, corollary 1): what a feature's distance from its
 * mean adds to z for a row of means. */
int linear_reasons(const void *model, const struct panel *panel, double *out, struct error *err);
bool linear_reasons_log(const void *model);
void linear_save(const void *model, struct buffer *params);
void *linear_load(object params, const struct problem *problem, struct error *err);
void linear_describe(const void *model, const struct problem *problem, struct buffer *to);

extern const char linear_losses[];      /* "squared|huber|…", in the order of enum linear_loss */

#endif
