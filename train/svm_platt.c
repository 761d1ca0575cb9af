/* SPDX-License-Identifier: MIT */
#include "svm_platt.h"

#include <math.h>

enum { MOST_STEPS = 100, MOST_ROUNDS = 1000 };
static const double LEAST_STEP = 1e-10, RIDGE = 1e-12, SLOPE = 1e-5, NEAR = 1e-9;

struct targets { const double *decisions, *weights; const bool *first; size_t n; double high, low; };

static double weight_of(const struct targets *targets, size_t i) { return targets->weights ? targets->weights[i] : 1; }
static double target_of(const struct targets *targets, size_t i) { return targets->first[i] ? targets->high : targets->low; }

double svm_sigmoid_share(const struct svm_sigmoid *sigmoid, double decision)
{
	double z = sigmoid->a * decision + sigmoid->b, small = exp(-fabs(z));

	return z >= 0 ? small / (1 + small) : 1 / (1 + small);
}

/* The negative log-likelihood. */
static double loss_of(const struct targets *targets, const struct svm_sigmoid *sigmoid)
{
	double sum = 0;

	for (size_t i = 0; i < targets->n; i++) {
		double z = sigmoid->a * targets->decisions[i] + sigmoid->b, target = target_of(targets, i);

		sum += weight_of(targets, i) * ((z >= 0 ? target * z : (target - 1) * z) + log1p(exp(-fabs(z))));
	}
	return sum;
}

struct slopes { double a, b, aa, bb, ab; };

static struct slopes slopes_of(const struct targets *targets, const struct svm_sigmoid *sigmoid)
{
	struct slopes slopes = { .aa = RIDGE, .bb = RIDGE };

	for (size_t i = 0; i < targets->n; i++) {
		double f = targets->decisions[i], share = svm_sigmoid_share(sigmoid, f), weight = weight_of(targets, i);
		double off = weight * (target_of(targets, i) - share), curve = weight * share * (1 - share);

		slopes.a += f * off;
		slopes.b += off;
		slopes.aa += f * f * curve;
		slopes.bb += curve;
		slopes.ab += f * curve;
	}
	return slopes;
}

struct svm_sigmoid svm_sigmoid_fit(const double *decisions, const bool *first, const double *weights, size_t n)
{
	struct targets targets = { .decisions = decisions, .weights = weights, .first = first, .n = n };
	double n_first = 0, n_other = 0, loss;
	struct svm_sigmoid at;

	for (size_t i = 0; i < n; i++)
		*(first[i] ? &n_first : &n_other) += weight_of(&targets, i);
	targets.high = (n_first + 1) / (n_first + 2);
	targets.low = 1 / (n_other + 2);
	at = (struct svm_sigmoid){ 0, log((n_other + 1) / (n_first + 1)) };
	loss = loss_of(&targets, &at);
	for (int step = 0; step < MOST_STEPS; step++) {
		struct slopes slopes = slopes_of(&targets, &at);
		double det = slopes.aa * slopes.bb - slopes.ab * slopes.ab, along, size = 1;
		double da = -(slopes.bb * slopes.a - slopes.ab * slopes.b) / det, db = -(slopes.aa * slopes.b - slopes.ab * slopes.a) / det;

		if (fabs(slopes.a) < SLOPE && fabs(slopes.b) < SLOPE)
			break;
		along = slopes.a * da + slopes.b * db;
		for (; size >= LEAST_STEP; size /= 2) {
			struct svm_sigmoid next = { at.a + size * da, at.b + size * db };
			double its = loss_of(&targets, &next);

			if (its < loss + 0.0001 * size * along) {
				at = next;
				loss = its;
				break;
			}
		}
		if (size < LEAST_STEP)
			break;
	}
	return at;
}

/* Each share in turn to its least, then all to a sum of 1; qp: q times the shares. */
static void couple_round(size_t k, const double *q, double *qp, double *shares, double least)
{
	for (size_t t = 0; t < k; t++) {
		double more = (least - qp[t]) / q[t * k + t];

		shares[t] += more;
		least = (least + more * (more * q[t * k + t] + 2 * qp[t])) / (1 + more) / (1 + more);
		for (size_t j = 0; j < k; j++) {
			qp[j] = (qp[j] + more * q[t * k + j]) / (1 + more);
			shares[j] /= 1 + more;
		}
	}
}

void svm_couple(size_t k, const double *pairs, double *shares, double *space)
{
	double *q = space, *qp = space + k * k;

	for (size_t t = 0; t < k; t++) {
		shares[t] = 1.0 / (double)k;
		q[t * k + t] = 0;
		for (size_t j = 0; j < k; j++)
			if (j != t) {
				q[t * k + t] += pairs[j * k + t] * pairs[j * k + t];
				q[t * k + j] = -pairs[j * k + t] * pairs[t * k + j];
			}
	}
	for (int round = 0; round < MOST_ROUNDS; round++) {
		double least = 0, off = 0;

		for (size_t t = 0; t < k; t++) {
			qp[t] = 0;
			for (size_t j = 0; j < k; j++)
				qp[t] += q[t * k + j] * shares[j];
			least += shares[t] * qp[t];
		}
		for (size_t t = 0; t < k; t++)
			off = fmax(off, fabs(qp[t] - least));
		if (off < NEAR / (double)k)
			break;
		couple_round(k, q, qp, shares, least);
	}
}
