/* SPDX-License-Identifier: MIT */
/* Losses of classes. Exponentials are taken behind the largest output, so none overflows. */
#include <math.h>

#include "glm.h"

static double weight_of(const double *weight, size_t row) { return weight ? weight[row] : 1; }

static double logistic_rows(const struct glm_loss *loss, size_t n_outputs, size_t n, const double *z, const double *y, const double *weight,
                            double *slopes, double *curves)
{
	double sum = 0;

	(void)loss, (void)n_outputs;
	for (size_t row = 0; row < n; row++) {
		double small = exp(-fabs(z[row])), p = (z[row] >= 0 ? 1 : small) / (1 + small), w = weight_of(weight, row);

		sum += w * (log1p(small) + (z[row] > 0 ? z[row] : 0) - y[row] * z[row]);
		slopes[row] = w * (p - y[row]);
		if (curves)
			curves[row] = w * (small / ((1 + small) * (1 + small)));
	}
	return sum;
}

/* slopes: room for the probabilities on the way. */
static double softmax_rows(const struct glm_loss *loss, size_t n_outputs, size_t n, const double *z, const double *y, const double *weight,
                           double *slopes, double *curves)
{
	double sum = 0;

	(void)loss;
	for (size_t row = 0; row < n; row++) {
		size_t class = (size_t)y[row], pair = 0;
		double w = weight_of(weight, row), top = z[row], all = 0;

		for (size_t k = 1; k < n_outputs; k++)
			top = z[k * PANEL_ROWS + row] > top ? z[k * PANEL_ROWS + row] : top;
		for (size_t k = 0; k < n_outputs; k++)
			all += slopes[k * PANEL_ROWS + row] = exp(z[k * PANEL_ROWS + row] - top);
		sum += w * (top + log(all) - z[class * PANEL_ROWS + row]);
		for (size_t k = 0; k < n_outputs; k++)
			slopes[k * PANEL_ROWS + row] /= all;
		for (size_t k = 0; curves && k < n_outputs; k++)
			for (size_t l = k; l < n_outputs; l++)
				curves[pair++ * PANEL_ROWS + row] = w * slopes[k * PANEL_ROWS + row] * ((k == l) - slopes[l * PANEL_ROWS + row]);
		for (size_t k = 0; k < n_outputs; k++)
			slopes[k * PANEL_ROWS + row] = w * (slopes[k * PANEL_ROWS + row] - (k == class));
	}
	return sum;
}

const struct glm_loss glm_logistic = { .name = "logistic", .rows = logistic_rows };
const struct glm_loss glm_softmax = { .name = "softmax", .rows = softmax_rows };
