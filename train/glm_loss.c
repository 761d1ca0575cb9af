/* SPDX-License-Identifier: MIT */
/* Losses of classes: exponentials are taken behind the largest output, so none overflows. Losses of numbers: where e^z overflows the loss is
 * infinite or no number, and a solver steps back. */
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

/* ---- numbers, of a mean e^z ---- */

static double poisson_rows(const struct glm_loss *loss, size_t n_outputs, size_t n, const double *z, const double *y, const double *weight,
                           double *slopes, double *curves)
{
	double sum = 0;

	(void)loss, (void)n_outputs;
	for (size_t row = 0; row < n; row++) {
		double mean = exp(z[row]), w = weight_of(weight, row);

		sum += w * (mean - y[row] + (y[row] > 0 ? y[row] * (log(y[row]) - z[row]) : 0));
		slopes[row] = w * (mean - y[row]);
		if (curves)
			curves[row] = w * mean;
	}
	return sum;
}

static double gamma_rows(const struct glm_loss *loss, size_t n_outputs, size_t n, const double *z, const double *y, const double *weight,
                         double *slopes, double *curves)
{
	double sum = 0;

	(void)loss, (void)n_outputs;
	for (size_t row = 0; row < n; row++) {
		double share = y[row] * exp(-z[row]), w = weight_of(weight, row);

		sum += w * (share - 1 + z[row] - log(y[row]));
		slopes[row] = w * (1 - share);
		if (curves)
			curves[row] = w * share;
	}
	return sum;
}

/* Beyond p = 2 it is not convex; there the curve is its expectation (Fisher's scoring), which is. */
static double tweedie_rows(const struct glm_loss *loss, size_t n_outputs, size_t n, const double *z, const double *y, const double *weight,
                           double *slopes, double *curves)
{
	double p = loss->parameter, sum = 0;

	(void)n_outputs;
	for (size_t row = 0; row < n; row++) {
		double w = weight_of(weight, row), less = exp((1 - p) * z[row]), more = exp((2 - p) * z[row]);
		double own = y[row] > 0 ? pow(y[row], 2 - p) / ((1 - p) * (2 - p)) : 0;

		sum += w * (own - y[row] * less / (1 - p) + more / (2 - p));
		slopes[row] = w * (more - y[row] * less);
		if (curves)
			curves[row] = w * (p > 2 ? more : (p - 1) * y[row] * less + (2 - p) * more);
	}
	return sum;
}

const struct glm_loss glm_poisson = { .name = "poisson", .rows = poisson_rows };
const struct glm_loss glm_gamma = { .name = "gamma", .rows = gamma_rows };
const struct glm_loss glm_tweedie = { .name = "tweedie", .rows = tweedie_rows, .parameter = 1.5 };

/* ---- numbers, robust ---- */

/* Beyond the edge there is no curve. A part of that of the parabola that touches the loss there and lies above it (Huber's weights) keeps steps finite
 * where few rows are within. */
static const double OUTER = 0.01;

static double huber_rows(const struct glm_loss *loss, size_t n_outputs, size_t n, const double *z, const double *y, const double *weight,
                         double *slopes, double *curves)
{
	double s = loss->width, edge = loss->parameter, sum = 0;

	(void)n_outputs;
	for (size_t row = 0; row < n; row++) {
		double w = weight_of(weight, row), r = y[row] - z[row], size = fabs(r);
		bool within = size <= edge * s;

		sum += w * (s + (within ? r * (r / s) : 2 * edge * size - edge * edge * s));
		slopes[row] = -2 * w * (within ? r / s : r > 0 ? edge : -edge);
		if (curves)
			curves[row] = w * (within ? 2 / s : OUTER * 2 * edge / size);
	}
	return sum;
}

static double huber_slope_rows(const struct glm_loss *loss, size_t n_outputs, size_t n, const double *z, const double *y, const double *weight,
                               double *slopes, double *curves)
{
	double sum = 0;

	(void)n_outputs, (void)curves;
	for (size_t row = 0; row < n; row++) {
		double part = fmin(fabs(y[row] - z[row]) / loss->width, loss->parameter);

		sum += weight_of(weight, row) * (1 - part * part);
		slopes[row] = 0;
	}
	return sum;
}

/* With s = quantile - d of the header and t = 1 - s: 1 / s - 1 / t = r / width, which is a quadratic equation. */
struct smooth smooth_pinball(double r, double quantile, double width)
{
	double ratio, part, rest;

	if (width <= 0)
		return (struct smooth){ .value = r * (quantile - (r < 0)), .slope = quantile - (r < 0) };
	ratio = fabs(r) / width;
	part = 2 / (ratio + 2 + sqrt(ratio * ratio + 4));
	rest = 1 - part;
	return (struct smooth){
		.value = r * quantile - (r < 0 ? r * rest : r * part) + width * log(part * rest),
		.slope = quantile - (r < 0 ? rest : part),
		.curve = part * part * rest * rest / (width * (part * part + rest * rest)),
	};
}

static double pinball_rows(const struct glm_loss *loss, size_t n_outputs, size_t n, const double *z, const double *y, const double *weight,
                           double *slopes, double *curves)
{
	double sum = 0;

	(void)n_outputs;
	for (size_t row = 0; row < n; row++) {
		double w = weight_of(weight, row);
		struct smooth smooth = smooth_pinball(y[row] - z[row], loss->parameter, loss->width);

		sum += w * smooth.value;
		slopes[row] = -w * smooth.slope;
		if (curves)
			curves[row] = w * smooth.curve;
	}
	return sum;
}

static double pinball_gap_rows(const struct glm_loss *loss, size_t n_outputs, size_t n, const double *z, const double *y, const double *weight,
                               double *slopes, double *curves)
{
	double sum = 0;

	(void)n_outputs, (void)curves;
	for (size_t row = 0; row < n; row++) {
		double r = y[row] - z[row];

		sum += weight_of(weight, row) * r * (smooth_pinball(r, loss->parameter, 0).slope - smooth_pinball(r, loss->parameter, loss->width).slope);
		slopes[row] = 0;
	}
	return sum;
}

const struct glm_loss glm_huber = { .name = "huber", .rows = huber_rows, .parameter = 1.35, .width = 1 };
const struct glm_loss glm_huber_slope = { .name = "huber's slope", .rows = huber_slope_rows, .parameter = 1.35, .width = 1 };
const struct glm_loss glm_pinball = { .name = "pinball", .rows = pinball_rows, .parameter = 0.5 };
const struct glm_loss glm_pinball_gap = { .name = "gap", .rows = pinball_gap_rows, .parameter = 0.5 };
