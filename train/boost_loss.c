/* SPDX-License-Identifier: MIT */
#include "boost_loss.h"

#include <math.h>
#include <string.h>

#include "vector_exp.h"

static const float POISSON_STEP = 0.7f, LEAST_CURVE = 1e-16f;

/* ---- one row ---- */

struct slope { float g, h, loss; };
typedef struct slope row_loss(float s, float y, float parameter);

static INLINE struct slope squared(float s, float y, float parameter)
{
	(void)parameter;
	return (struct slope){ s - y, 1, (s - y) * (s - y) };
}

static INLINE struct slope absolute(float s, float y, float parameter)
{
	float r = s - y, sign = (r > 0 ? 1.0f : 0.0f) - (r < 0 ? 1.0f : 0.0f);

	(void)parameter;
	return (struct slope){ sign, 1, r * sign };
}

static INLINE struct slope huber(float s, float y, float delta)
{
	float r = s - y, g = r > delta ? delta : r;

	g = g < -delta ? -delta : g;
	return (struct slope){ g, 1, g * (r - 0.5f * g) };
}

static INLINE struct slope quantile(float s, float y, float alpha)
{
	float g = (s > y ? 1 - alpha : 0.0f) - (s < y ? alpha : 0.0f);

	return (struct slope){ g, 1, (s - y) * g };
}

static INLINE struct slope poisson(float s, float y, float parameter)
{
	float mean = fast_exp(s);

	(void)parameter;
	return (struct slope){ mean - y, fast_exp(s + POISSON_STEP), mean - y * s };
}

static INLINE struct slope gamma_of(float s, float y, float parameter)
{
	float share = y * fast_exp(-s);

	(void)parameter;
	return (struct slope){ 1 - share, share, s + share };
}

static INLINE struct slope tweedie(float s, float y, float power)
{
	float less = y * fast_exp((1 - power) * s), more = fast_exp((2 - power) * s);

	return (struct slope){ more - less, (power - 1) * less + (2 - power) * more, less / (power - 1) + more / (2 - power) };
}

static INLINE struct slope logistic(float s, float y, float parameter)
{
	float size = s > 0 ? s : -s, small = fast_exp(-size), part = 1 / (1 + small), p = s > 0 ? part : small * part, h = small * part * part;

	(void)parameter;
	return (struct slope){ p - y, h < LEAST_CURVE ? LEAST_CURVE : h, fast_log1p(small) + (s > 0 ? s : 0) - y * s };
}

/* ---- many rows ---- */

enum { RUN = 512 };

static INLINE double sum_of(const float *values, size_t n)
{
	double sums[4] = { 0 };
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		for (size_t lane = 0; lane < 4; lane++)
			sums[lane] += values[i + lane];
	for (; i < n; i++)
		sums[0] += values[i];
	return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* The losses of a run are summed apart: an order of sums would keep the loop from becoming vectors. */
static INLINE double each_row(const struct boost_rows *rows, size_t k, float parameter, row_loss *loss)
{
	double sum = 0;

	for (size_t first = 0; first < rows->n; first += RUN) {
		size_t n = rows->n - first < RUN ? rows->n - first : RUN;
		const float *s = &rows->scores[k][first], *y = &rows->y[first], *w = rows->weight ? &rows->weight[first] : NULL;
		float losses_of[RUN], gs[RUN], hs[RUN];

		for (size_t i = 0; i < n; i++) {
			struct slope slope = loss(s[i], y[i], parameter);

			gs[i] = slope.g;
			hs[i] = slope.h;
			losses_of[i] = slope.loss;
		}
		for (size_t i = 0; w && i < n; i++) {
			gs[i] *= w[i];
			hs[i] *= w[i];
			losses_of[i] *= w[i];
		}
		sum += sum_of(losses_of, n);
		if (rows->g) {
			memcpy(&rows->g[k][first], gs, n * sizeof *gs);
			memcpy(&rows->h[k][first], hs, n * sizeof *hs);
		}
	}
	return sum;
}

#define EACH_ROW(loss) \
	WIDE static double loss##_rows(const struct boost_rows *rows, size_t k, float parameter) { return each_row(rows, k, parameter, loss); }
EACH_ROW(squared)
EACH_ROW(absolute)
EACH_ROW(huber)
EACH_ROW(quantile)
EACH_ROW(poisson)
EACH_ROW(gamma_of)
EACH_ROW(tweedie)
EACH_ROW(logistic)

/* Of one run: what e^s sums to behind the largest, and the loss. */
struct softmax_run { float top[RUN], all[RUN], own[RUN]; };

WIDE static double softmax_rows(const struct boost_rows *rows, size_t n_outputs)
{
	float factor = n_outputs > 1 ? (float)n_outputs / (float)(n_outputs - 1) : 1;
	struct softmax_run run;
	double sum = 0;

	for (size_t first = 0; first < rows->n; first += RUN) {
		size_t n = rows->n - first < RUN ? rows->n - first : RUN;
		const float *y = &rows->y[first], *w = rows->weight ? &rows->weight[first] : NULL;

		memcpy(run.top, &rows->scores[0][first], n * sizeof *run.top);
		for (size_t k = 1; k < n_outputs; k++)
			for (size_t i = 0; i < n; i++)
				run.top[i] = rows->scores[k][first + i] > run.top[i] ? rows->scores[k][first + i] : run.top[i];
		memset(run.all, 0, n * sizeof *run.all);
		for (size_t k = 0; k < n_outputs; k++)
			for (size_t i = 0; i < n; i++) {
				float s = rows->scores[k][first + i];

				run.all[i] += fast_exp(s - run.top[i]);
				run.own[i] = y[i] == (float)k ? s : run.own[i];
			}
		for (size_t i = 0; i < n; i++)
			run.own[i] = (w ? w[i] : 1) * (logf(run.all[i]) + run.top[i] - run.own[i]);
		sum += sum_of(run.own, n);
		for (size_t k = 0; rows->g && k < n_outputs; k++)
			for (size_t i = 0; i < n; i++) {
				float p = fast_exp(rows->scores[k][first + i] - run.top[i]) / run.all[i], h = factor * p * (1 - p), weight = w ? w[i] : 1;

				rows->g[k][first + i] = weight * (p - (y[i] == (float)k ? 1.0f : 0.0f));
				rows->h[k][first + i] = weight * (h < LEAST_CURVE ? LEAST_CURVE : h);
			}
	}
	return sum;
}

/* ---- losses by name ---- */

typedef double loss_of_rows(const struct boost_rows *rows, size_t k, float parameter);

/* rows: over one output; NULL: over all of them at once, softmax. */
static const struct { const char *name; loss_of_rows *rows; bool whole, renews, exponential; } losses[N_BOOST_LOSSES] = {
	[BOOST_AUTO] = { "auto", NULL, false, false, false },
	[BOOST_SQUARED] = { "squared", squared_rows, true, false, false },
	[BOOST_ABSOLUTE] = { "absolute", absolute_rows, true, true, false },
	[BOOST_HUBER] = { "huber", huber_rows, true, false, false },
	[BOOST_QUANTILE] = { "quantile", quantile_rows, true, true, false },
	[BOOST_POISSON] = { "poisson", poisson_rows, false, false, true },
	[BOOST_GAMMA] = { "gamma", gamma_of_rows, false, false, true },
	[BOOST_TWEEDIE] = { "tweedie", tweedie_rows, false, false, true },
	[BOOST_LOGISTIC] = { "logistic", logistic_rows, false, false, false },
	[BOOST_SOFTMAX] = { "softmax", NULL, false, false, false },
};

const char *boost_loss_name(enum boost_loss loss) { return losses[loss].name; }
bool boost_loss_whole(enum boost_loss loss) { return losses[loss].whole; }
bool boost_loss_squares(enum boost_loss loss) { return losses[loss].whole && !losses[loss].renews; }
bool boost_loss_renews(enum boost_loss loss) { return losses[loss].renews; }
bool boost_loss_exponential(enum boost_loss loss) { return losses[loss].exponential; }

bool boost_loss_known(const char *name, enum boost_loss *loss)
{
	for (int i = BOOST_SQUARED; i < N_BOOST_LOSSES; i++)
		if (strcmp(name, losses[i].name) == 0) {
			*loss = (enum boost_loss)i;
			return true;
		}
	return false;
}

double boost_alpha(const struct boost_objective *objective, size_t output)
{
	return objective->loss == BOOST_QUANTILE ? objective->alphas[output] : 0.5;
}

/* The number that a loss hangs on, of those that have one. */
static double parameter_of(const struct boost_objective *objective, size_t k)
{
	if (objective->loss == BOOST_QUANTILE)
		return objective->alphas[k];
	return objective->loss == BOOST_HUBER ? objective->delta : objective->power;
}

double boost_loss_rows(const struct boost_objective *objective, const struct boost_rows *rows)
{
	double sum = 0;

	if (objective->loss == BOOST_SOFTMAX)
		return softmax_rows(rows, objective->n_outputs);
	for (size_t k = 0; k < objective->n_outputs; k++)
		sum += losses[objective->loss].rows(rows, k, (float)parameter_of(objective, k));
	return sum / (double)objective->n_outputs;
}

void boost_answer(const struct boost_objective *objective, double *scores)
{
	double top = scores[0], all = 0;

	if (objective->loss == BOOST_LOGISTIC) {
		double p = 1 / (1 + exp(-scores[0]));

		scores[0] = 1 - p;
		scores[1] = p;
	} else if (objective->loss == BOOST_SOFTMAX) {
		for (size_t k = 1; k < objective->n_outputs; k++)
			top = fmax(top, scores[k]);
		for (size_t k = 0; k < objective->n_outputs; k++)
			all += scores[k] = exp(scores[k] - top);
		for (size_t k = 0; k < objective->n_outputs; k++)
			scores[k] /= all;
	} else if (losses[objective->loss].exponential) {
		scores[0] = exp(scores[0]);
	}
}
