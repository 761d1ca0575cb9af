/* SPDX-License-Identifier: MIT */
/*
 * Losses of one row, z its outputs and y its target (for classes: the number):
 *
 *     mse           (z - y)^2
 *     mae           |z - y|
 *     huber         (z - y)^2 / 2 within 1, else |z - y| - 1/2
 *     logloss       log(1 + e^z) - y z            one output, y 0 or 1
 *     crossentropy  log(sum e^z_k) - z_y          an output for each class
 *
 * Labels are smoothed by e as torch.nn.CrossEntropyLoss does it: a class counts (1 - e)
 * and each of the K classes e / K besides; of two classes behind one output y becomes
 * (1 - e) y + e / 2, which is the same.
 *
 * The exponentials are taken in double behind the largest z, so none overflows.
 */
#include "mlp.h"

#include <math.h>

const char *loss_name(enum loss loss)
{
	static const char *const names[] = { "auto", "mse", "mae", "huber", "logloss", "crossentropy" };

	return names[loss];
}

static double sigmoid(double z)
{
	return z >= 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z));
}

/* p: e^z_k / sum. Returns log(sum e^z_k). */
static double softmax(const float *z, size_t n, double *p)
{
	double top = z[0], sum = 0;

	for (size_t k = 1; k < n; k++)
		top = z[k] > top ? z[k] : top;
	for (size_t k = 0; k < n; k++) {
		p[k] = exp(z[k] - top);
		sum += p[k];
	}
	for (size_t k = 0; k < n; k++)
		p[k] /= sum;
	return top + log(sum);
}

/* Loss of one output, and its slope. */
static double loss_single(enum loss loss, double z, double y, double *by_z)
{
	double off = z - y;

	switch (loss) {
	case MAE:
		*by_z = off > 0 ? 1 : off < 0 ? -1 : 0;
		return fabs(off);
	case HUBER:
		*by_z = off > 1 ? 1 : off < -1 ? -1 : off;
		return fabs(off) <= 1 ? off * off / 2 : fabs(off) - 0.5;
	case LOGLOSS:
		*by_z = sigmoid(z) - y;
		return (z > 0 ? z : 0) - z * y + log1p(exp(-fabs(z)));
	default:
		*by_z = 2 * off;
		return off * off;
	}
}

/* Sum of the loss of a row, and its slopes times `factor` into deltas, unless NULL. */
static double loss_classes(const float *z, size_t n, size_t class, double smoothing, float factor, float *deltas)
{
	double p[MAX_CLASSES], top = softmax(z, n, p), loss = top - z[class], share = smoothing / (double)n;

	if (smoothing > 0) {
		loss *= 1 - smoothing;
		for (size_t k = 0; k < n; k++)
			loss += share * (top - z[k]);
	}
	for (size_t k = 0; deltas && k < n; k++)
		deltas[k] = factor * (float)(p[k] - ((k == class) * (1 - smoothing) + share));
	return loss;
}

double loss_rows(const struct net *net, double smoothing, const float *outputs, const float *y, const float *weight, size_t n, float scale,
                 float *deltas)
{
	size_t n_out = net->widths[net->n_layers], width = padded(n_out);
	double sum = 0, kept = 1 - smoothing, added = smoothing / 2;

	for (size_t row = 0; row < n; row++) {
		const float *z = &outputs[row * width];
		float factor = scale * weight[row], *delta = deltas ? &deltas[row * width] : NULL;

		if (net->loss == CROSSENTROPY) {
			sum += weight[row] * loss_classes(z, n_out, (size_t)y[row], smoothing, factor, delta);
		} else {
			double by_z;

			sum += weight[row] * loss_single(net->loss, z[0], kept * y[row] + added, &by_z);
			if (delta)
				*delta = factor * (float)by_z;
		}
	}
	return sum;
}

void loss_answer(const struct net *net, const float *outputs, double *out)
{
	if (net->loss == CROSSENTROPY) {
		softmax(outputs, net->widths[net->n_layers], out);
	} else if (net->loss == LOGLOSS) {
		out[1] = sigmoid(outputs[0]);
		out[0] = sigmoid(-(double)outputs[0]);
	} else {
		out[0] = outputs[0];
	}
}
