/* SPDX-License-Identifier: MIT */
/*
 * Steps as PyTorch makes them; w a parameter, g its gradient, behind clipping (all
 * of g times clip / (norm + 1e-6), where that is below 1: clip_grad_norm_):
 *
 *     sgd      g += decay w;  v = momentum v + g;  w -= lr v                     (torch.optim.SGD)
 *              nesterov: w -= lr (g + momentum v)
 *     adam     g += decay w;  m, s: running means of g, g^2 with 0.9, 0.999;
 *              w -= lr / (1 - 0.9^t) m / (sqrt(s) / sqrt(1 - 0.999^t) + 1e-8)    (Adam)
 *     adamw    the same, but for w -= lr decay w in place of g += decay w        (AdamW)
 *     rmsprop  g += decay w;  s: running mean of g^2 with 0.99;
 *              v = momentum v + g / (sqrt(s) + 1e-8);  w -= lr v                 (RMSprop)
 *     adagrad  g += decay w;  s += g^2;  w -= lr g / (sqrt(s) + 1e-10)           (Adagrad)
 *
 * `first` holds v or m, of adagrad s; `second` s.
 */
#include "mlp.h"

#include <math.h>
#include <stdlib.h>

#include "memory.h"
#include "vector.h"

static const double BETA1 = 0.9, BETA2 = 0.999, EPSILON = 1e-8;

void optimize_init(struct optimize *optimize, size_t n_params)
{
	optimize->n = n_params;
	optimize->step = 0;
	optimize->first = mem_new(n_params, sizeof(float));
	optimize->second = optimizers[optimize->kind].second ? mem_new(n_params, sizeof(float)) : NULL;
}

void optimize_free(struct optimize *optimize)
{
	free(optimize->first);
	free(optimize->second);
	optimize->first = optimize->second = NULL;
}

WIDEST static void step_sgd(struct optimize *optimize, double rate, double factor, float *restrict params, const double *restrict gradient)
{
	float lr = (float)rate, momentum = (float)optimize->momentum, decay = (float)optimize->weight_decay, *restrict v = optimize->first;
	size_t n = optimize->n;

	if (optimize->nesterov)
		for (size_t i = 0; i < n; i++) {
			float g = (float)(gradient[i] * factor) + decay * params[i];

			v[i] = momentum * v[i] + g;
			params[i] -= lr * (g + momentum * v[i]);
		}
	else
		for (size_t i = 0; i < n; i++) {
			v[i] = momentum * v[i] + ((float)(gradient[i] * factor) + decay * params[i]);
			params[i] -= lr * v[i];
		}
}

/* decay: added to the gradient; kept: what stays of the parameter before its step. */
WIDEST static void step_adams(struct optimize *optimize, double lr, double factor, double decay, double kept, float *restrict params,
                            const double *restrict gradient)
{
	float beta1 = (float)BETA1, beta2 = (float)BETA2, epsilon = (float)EPSILON, added = (float)decay, stays = (float)kept;
	float size = (float)(lr / (1 - pow(BETA1, (double)optimize->step)));
	float root = (float)sqrt(1 - pow(BETA2, (double)optimize->step)), *restrict m = optimize->first, *restrict s = optimize->second;
	size_t n = optimize->n;

	for (size_t i = 0; i < n; i++) {
		float g = (float)(gradient[i] * factor) + added * params[i];

		m[i] = beta1 * m[i] + (1 - beta1) * g;
		s[i] = beta2 * s[i] + (1 - beta2) * g * g;
		params[i] = stays * params[i] - size * (m[i] / (sqrtf(s[i]) / root + epsilon));
	}
}

static void step_adam(struct optimize *optimize, double lr, double factor, float *params, const double *gradient)
{
	step_adams(optimize, lr, factor, optimize->weight_decay, 1, params, gradient);
}

static void step_adamw(struct optimize *optimize, double lr, double factor, float *params, const double *gradient)
{
	step_adams(optimize, lr, factor, 0, 1 - lr * optimize->weight_decay, params, gradient);
}

WIDEST static void step_rmsprop(struct optimize *optimize, double rate, double factor, float *restrict params, const double *restrict gradient)
{
	float lr = (float)rate, momentum = (float)optimize->momentum, decay = (float)optimize->weight_decay, alpha = 0.99f;
	float epsilon = (float)EPSILON, *restrict v = optimize->first, *restrict s = optimize->second;
	size_t n = optimize->n;

	for (size_t i = 0; i < n; i++) {
		float g = (float)(gradient[i] * factor) + decay * params[i];

		s[i] = alpha * s[i] + (1 - alpha) * g * g;
		v[i] = momentum * v[i] + g / (sqrtf(s[i]) + epsilon);
		params[i] -= lr * v[i];
	}
}

WIDEST static void step_adagrad(struct optimize *optimize, double rate, double factor, float *restrict params, const double *restrict gradient)
{
	float lr = (float)rate, decay = (float)optimize->weight_decay, *restrict s = optimize->first;
	size_t n = optimize->n;

	for (size_t i = 0; i < n; i++) {
		float g = (float)(gradient[i] * factor) + decay * params[i];

		s[i] += g * g;
		params[i] -= lr * (g / (sqrtf(s[i]) + 1e-10f));
	}
}

const struct optimizer_kind optimizers[] = {
	[ADAM] = { "adam", 0.001, false, true, step_adam },
	[SGD] = { "sgd", 0.01, true, false, step_sgd },
	[ADAMW] = { "adamw", 0.001, false, true, step_adamw },
	[RMSPROP] = { "rmsprop", 0.01, true, true, step_rmsprop },
	[ADAGRAD] = { "adagrad", 0.01, false, false, step_adagrad },
};

static double clip_factor(const struct optimize *optimize, const double *gradient)
{
	double square = 0, factor;

	if (optimize->clip == 0)
		return 1;
	for (size_t i = 0; i < optimize->n; i++)
		square += gradient[i] * gradient[i];
	factor = optimize->clip / (sqrt(square) + 1e-6);
	return factor < 1 ? factor : 1;
}

void optimize_step(struct optimize *optimize, double lr, float *params, const double *gradient)
{
	optimize->step++;
	optimizers[optimize->kind].step(optimize, lr, clip_factor(optimize, gradient), params, gradient);
}
