/* SPDX-License-Identifier: MIT */
/*
 * Steps as PyTorch makes them:
 *
 *     sgd   g += decay w;  v = momentum v + g;  w -= lr v              (torch.optim.SGD)
 *     adam  w -= lr decay w;  m, s: running means of g, g^2 with 0.9, 0.999;
 *           w -= lr / (1 - 0.9^t) m / (sqrt(s) / sqrt(1 - 0.999^t) + 1e-8)     (torch.optim.AdamW)
 */
#include "mlp.h"

#include <math.h>
#include <stdlib.h>

#include "memory.h"

static const double BETA1 = 0.9, BETA2 = 0.999, EPSILON = 1e-8;

void optimize_init(struct optimize *optimize, size_t n_params)
{
	optimize->n = n_params;
	optimize->step = 0;
	optimize->first = mem_new(n_params, sizeof(float));
	optimize->second = optimize->kind == ADAM ? mem_new(n_params, sizeof(float)) : NULL;
}

void optimize_free(struct optimize *optimize)
{
	free(optimize->first);
	free(optimize->second);
	optimize->first = optimize->second = NULL;
}

static void step_sgd(struct optimize *optimize, float *params, const double *gradient)
{
	float lr = (float)optimize->lr, momentum = (float)optimize->momentum, decay = (float)optimize->weight_decay;

	for (size_t i = 0; i < optimize->n; i++) {
		optimize->first[i] = momentum * optimize->first[i] + ((float)gradient[i] + decay * params[i]);
		params[i] -= lr * optimize->first[i];
	}
}

static void step_adam(struct optimize *optimize, float *params, const double *gradient)
{
	float beta1 = (float)BETA1, beta2 = (float)BETA2, epsilon = (float)EPSILON;
	float size = (float)(optimize->lr / (1 - pow(BETA1, (double)optimize->step)));
	float root = (float)sqrt(1 - pow(BETA2, (double)optimize->step));
	float kept = (float)(1 - optimize->lr * optimize->weight_decay);

	for (size_t i = 0; i < optimize->n; i++) {
		float g = (float)gradient[i], *m = &optimize->first[i], *s = &optimize->second[i];

		*m = beta1 * *m + (1 - beta1) * g;
		*s = beta2 * *s + (1 - beta2) * g * g;
		params[i] = kept * params[i] - size * (*m / (sqrtf(*s) / root + epsilon));
	}
}

void optimize_step(struct optimize *optimize, float *params, const double *gradient)
{
	optimize->step++;
	if (optimize->kind == ADAM)
		step_adam(optimize, params, gradient);
	else
		step_sgd(optimize, params, gradient);
}
