/* SPDX-License-Identifier: MIT */
/* Losses of classes: exponentials are taken behind the largest output, so none overflows. Losses of numbers: where e^z overflows the loss is
 * infinite or no number, and a solver steps back. */
#include <math.h>
#include <string.h>

#include "glm.h"
#include "vector.h"

static double weight_of(const double *weight, size_t row) { return weight ? weight[row] : 1; }

/* ---- exponentials, four at a time ---- */

typedef long long vec4l __attribute__((vector_size(32), aligned(8), may_alias));
static const double LEAST_EXPONENT = -708;      /* below it e^x is next to the smallest number */

#define EITHER(when, a, b) (vec4d)(((when) & (vec4l)(a)) | (~(when) & (vec4l)(b)))

/* e^x for x <= 0, to an ulp or two: 2^k e^r with |r| <= ln 2 / 2, by Taylor's series, its even and its odd powers apart: a chain of
 * half the length. NaN stays one. */
static INLINE void exp_below(const vec4d *at, vec4d *to)
{
	static const double evens[] = { 1.0 / 479001600, 1.0 / 3628800, 1.0 / 40320, 1.0 / 720, 1.0 / 24, 0.5, 1 };
	static const double odds[] = { 1.0 / 6227020800, 1.0 / 39916800, 1.0 / 362880, 1.0 / 5040, 1.0 / 120, 1.0 / 6, 1 };
	const double shift = 0x1.8p52;          /* behind it the last bits are a whole number */
	vec4d least = LEAST_EXPONENT + (vec4d){ 0 }, x = EITHER(*at < least, least, *at), shifted, k, r, square;
	vec4d even = evens[0] + (vec4d){ 0 }, odd = odds[0] + (vec4d){ 0 };

	shifted = x * 0x1.71547652b82fep0 + shift;
	k = shifted - shift;
	r = (x - k * 0x1.62e42fee00000p-1) - k * 0x1.a39ef35793c76p-33;
	square = r * r;
	for (size_t i = 1; i < sizeof odds / sizeof *odds; i++) {
		even = even * square + evens[i];
		odd = odd * square + odds[i];
	}
	*to = (even + r * odd) * (vec4d)(((vec4l)shifted << 52) + (1023LL << 52));
}

/* log(1 + x) for 0 <= x <= 1: twice the inverse hyperbolic tangent of x / (2 + x), by its series, in two chains, too. */
static INLINE void log_above(const vec4d *x, vec4d *to)
{
	vec4d t = *x / (2 + *x), square = t * t, fourth = square * square, even = 1.0 / 33 + (vec4d){ 0 }, odd = 1.0 / 35 + (vec4d){ 0 };

	for (int divisor = 29; divisor > 0; divisor -= 4) {
		even = even * fourth + 1.0 / divisor;
		odd = odd * fourth + 1.0 / (divisor + 2);
	}
	*to = 2 * t * (even + square * odd);
}

/* ---- classes ---- */

/* Rows four by four: their losses are added to four sums. weight NULL: all 1; curves NULL: not wanted. */
WIDE static void logistic_fours(size_t n, const double *z, const double *y, const double *weight, double *slopes, double *curves, vec4d *sum)
{
	const vec4d none = { 0 }, one = 1 + none;

	for (size_t row = 0; row < n; row += 4) {
		vec4d here = *(const vec4d *)&z[row], yes = *(const vec4d *)&y[row], w = weight ? *(const vec4d *)&weight[row] : one;
		vec4d below = EITHER(here > none, -here, here), small, more;

		exp_below(&below, &small);
		log_above(&small, &more);
		*sum += w * ((more + EITHER(here > none, here, none)) - yes * here);
		more = 1 + small;
		*(vec4d *)&slopes[row] = w * (EITHER(here >= none, one, small) / more - yes);
		if (curves)
			*(vec4d *)&curves[row] = w * (small / (more * more));
	}
}

static double logistic_rows(const struct glm_loss *loss, size_t n_outputs, size_t n, const double *z, const double *y, const double *weight,
                            double *slopes, double *curves)
{
	size_t whole = n / 4 * 4, rest = n - whole;
	double y4[4] = { 0 }, weight4[4] = { 0 };
	vec4d sum = { 0 };

	(void)loss, (void)n_outputs;
	logistic_fours(whole, z, y, weight, slopes, curves, &sum);
	for (size_t i = 0; i < rest; i++) {
		y4[i] = y[whole + i];
		weight4[i] = weight_of(weight, whole + i);
	}
	if (rest > 0) {
		double z4[4] = { 0 };

		memcpy(z4, &z[whole], rest * sizeof *z4);
		logistic_fours(4, z4, y4, weight4, &slopes[whole], curves ? &curves[whole] : NULL, &sum);
	}
	return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

/* Each row's largest output; e^(z - largest), and their sums. */
WIDE static void softmax_parts(size_t n_outputs, size_t n, const double *z, double *tops, double *shares, double *alls)
{
	for (size_t row = 0; row < n; row += 4) {
		vec4d top = *(const vec4d *)&z[row], all = { 0 };

		for (size_t k = 1; k < n_outputs; k++) {
			vec4d here = *(const vec4d *)&z[k * PANEL_ROWS + row];

			top = EITHER(here > top, here, top);
		}
		for (size_t k = 0; k < n_outputs; k++) {
			vec4d below = *(const vec4d *)&z[k * PANEL_ROWS + row] - top, e;

			exp_below(&below, &e);
			*(vec4d *)&shares[k * PANEL_ROWS + row] = e;
			all += e;
		}
		*(vec4d *)&tops[row] = top;
		*(vec4d *)&alls[row] = all;
	}
}

WIDE static void weigh_pairs(size_t n_outputs, size_t n, const double *shares, const double *weight, double *curves)
{
	for (size_t k = 0; k < n_outputs; k++)
		for (size_t l = k; l < n_outputs; l++, curves += PANEL_ROWS) {
			const double *one = &shares[k * PANEL_ROWS], *other = &shares[l * PANEL_ROWS];

			for (size_t row = 0; row < n; row++)
				curves[row] = one[row] * ((k == l) - other[row]);
			for (size_t row = 0; weight && row < n; row++)
				curves[row] *= weight[row];
		}
}

/* slopes: room for the probabilities on the way. */
static double softmax_rows(const struct glm_loss *loss, size_t n_outputs, size_t n, const double *z, const double *y, const double *weight,
                           double *slopes, double *curves)
{
	double tops[PANEL_ROWS], alls[PANEL_ROWS], sum = 0;

	(void)loss;
	softmax_parts(n_outputs, n, z, tops, slopes, alls);
	for (size_t row = 0; row < n; row++)
		sum += weight_of(weight, row) * (tops[row] + log(alls[row]) - z[(size_t)y[row] * PANEL_ROWS + row]);
	for (size_t k = 0; k < n_outputs; k++)
		for (size_t row = 0; row < n; row++)
			slopes[k * PANEL_ROWS + row] /= alls[row];
	if (curves)
		weigh_pairs(n_outputs, n, slopes, weight, curves);
	for (size_t row = 0; row < n; row++)
		slopes[(size_t)y[row] * PANEL_ROWS + row] -= 1;
	for (size_t k = 0; weight && k < n_outputs; k++)
		for (size_t row = 0; row < n; row++)
			slopes[k * PANEL_ROWS + row] *= weight[row];
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
