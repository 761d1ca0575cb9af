/* SPDX-License-Identifier: MIT */
/*
 * Norms of the hidden layers, between linear and activation:
 *
 *     hat = (z - mean) / sqrt(variance + 1e-5)        y = scale hat + shift
 *
 * layer: mean and variance of a row's units. batch: of a unit over the rows of the
 * batch (each row counts once, whatever its weight); for valid rows and predictions the
 * running ones, which each batch moves by a tenth (variance: with n - 1). In a batch
 * of one row hat is 0, and the running variance stays.
 *
 * A batch's moments are those of its blocks of rows, merged in the blocks' order
 * (Chan, Golub, LeVeque 1983), in double. Backwards, N rows or units each:
 *
 *     dz = scale / deviation (dy - mean of dy - hat x mean of dy hat)
 *
 * where for batch norm the sums of dy and dy hat are the gradients of shift and scale.
 */
#include "mlp.h"

#include <math.h>
#include <string.h>

#include "vector.h"

static const double EPSILON = 1e-5, MOVE = 0.1;

const char *norm_name(enum norm norm)
{
	static const char *const names[] = { "none", "batch", "layer" };

	return names[norm];
}

WIDE void norm_moments(const struct net *net, struct workspace *space, size_t level, size_t n)
{
	size_t width = padded(net->widths[level]);
	double *mean = space->sums, *squares = &space->sums[width];
	const float *z = space->hats[level];

	memset(mean, 0, 2 * width * sizeof *mean);
	for (size_t row = 0; row < n; row++)
		for (size_t i = 0; i < width; i++)
			mean[i] += z[row * width + i];
	for (size_t i = 0; i < width; i++)
		mean[i] /= (double)n;
	for (size_t row = 0; row < n; row++)
		for (size_t i = 0; i < width; i++) {
			double off = z[row * width + i] - mean[i];

			squares[i] += off * off;
		}
}

void norm_merge(struct net *net, size_t level, const struct block_moments *blocks, size_t n_blocks, float *mean, float *inverse)
{
	size_t width = padded(net->widths[level]), at = net->mean_at[level] - net->n_params;

	for (size_t i = 0; i < net->widths[level]; i++) {
		float *moving = &net->params[net->mean_at[level] + i], *spread = &net->params[net->variance_at[level] + i];
		double middle = 0, squares = 0, n = 0;

		for (size_t block = 0; block < n_blocks; block++) {
			double more = (double)blocks[block].n, off = blocks[block].sums[i] - middle;

			middle += off * (more / (n + more));
			squares += blocks[block].sums[width + i] + off * off * (n * more / (n + more));
			n += more;
		}
		mean[at + i] = (float)middle;
		inverse[at + i] = (float)(1 / sqrt(squares / n + EPSILON));
		*moving = (float)((1 - MOVE) * *moving + MOVE * middle);
		if (n > 1)
			*spread = (float)((1 - MOVE) * *spread + MOVE * squares / (n - 1));
	}
}

/* z becomes hat, `to` scale hat + shift. */
WIDE static void by_unit(const struct net *net, float *z, const float *mean, const float *inverse, size_t level, size_t n, float *to)
{
	size_t width = padded(net->widths[level]);
	const float *scale = &net->params[net->scale_at[level]], *shift = &net->params[net->shift_at[level]];

	for (size_t row = 0; row < n; row++, z += width, to += width)
		for (size_t i = 0; i < width; i += 8) {
			vec8f hat = (*(vec8f *)&z[i] - *(const vec8f *)&mean[i]) * *(const vec8f *)&inverse[i];

			*(vec8f *)&z[i] = hat;
			*(vec8f *)&to[i] = *(const vec8f *)&scale[i] * hat + *(const vec8f *)&shift[i];
		}
}

static INLINE float sum8(const vec8f *v)
{
	return (((*v)[0] + (*v)[4]) + ((*v)[2] + (*v)[6])) + (((*v)[1] + (*v)[5]) + ((*v)[3] + (*v)[7]));
}

WIDE static void by_row(const struct net *net, float *z, float *inverse, size_t level, size_t n, float *to)
{
	size_t units = net->widths[level], width = padded(units);
	const float *scale = &net->params[net->scale_at[level]], *shift = &net->params[net->shift_at[level]];

	for (size_t row = 0; row < n; row++, z += width, to += width) {
		vec8f sum = { 0 }, square = { 0 };
		float mean, one;

		for (size_t i = 0; i < width; i += 8)
			sum += *(vec8f *)&z[i];
		mean = sum8(&sum) / (float)units;
		for (size_t i = 0; i < width; i += 8)
			*(vec8f *)&z[i] -= mean;
		memset(&z[units], 0, (width - units) * sizeof *z);
		for (size_t i = 0; i < width; i += 8)
			square += *(vec8f *)&z[i] * *(vec8f *)&z[i];
		one = 1 / sqrtf(sum8(&square) / (float)units + (float)EPSILON);
		if (inverse)
			inverse[row] = one;
		for (size_t i = 0; i < width; i += 8) {
			*(vec8f *)&z[i] *= one;
			*(vec8f *)&to[i] = *(const vec8f *)&scale[i] * *(vec8f *)&z[i] + *(const vec8f *)&shift[i];
		}
	}
}

void norm_forward(const struct net *net, struct workspace *space, const struct pass *pass, size_t level, size_t n, float *to)
{
	if (net->norm == NORM_LAYER) {
		by_row(net, space->hats[level], space->inverse[level], level, n, to);
	} else if (pass->learn) {
		size_t at = net->mean_at[level] - net->n_params;

		by_unit(net, space->hats[level], &pass->mean[at], &pass->inverse[at], level, n, to);
	} else {
		const float *variance = &net->params[net->variance_at[level]];
		float inverse[8], mean[8];

		/* Eight units at a time: nothing of the level's width need be allocated. */
		for (size_t i = 0; i < padded(net->widths[level]); i += 8) {
			size_t width = padded(net->widths[level]);

			for (size_t k = 0; k < 8; k++) {
				mean[k] = net->params[net->mean_at[level] + i + k];
				inverse[k] = (float)(1 / sqrt(variance[i + k] + EPSILON));
			}
			for (size_t row = 0; row < n; row++)
				for (size_t k = 0; k < 8; k++) {
					size_t unit = i + k;
					float hat = (space->hats[level][row * width + unit] - mean[k]) * inverse[k];

					to[row * width + unit] = net->params[net->scale_at[level] + unit] * hat +
					                         net->params[net->shift_at[level] + unit];
				}
		}
	}
}

WIDE void norm_backward(const struct net *net, struct workspace *space, size_t level, size_t n, float *gradient)
{
	size_t units = net->widths[level], width = padded(units);
	float *by_scale = &gradient[net->scale_at[level]], *by_shift = &gradient[net->shift_at[level]], *delta = space->deltas[level];
	const float *hat = space->hats[level], *scale = &net->params[net->scale_at[level]];

	memset(by_scale, 0, width * sizeof *by_scale);
	memset(by_shift, 0, width * sizeof *by_shift);
	for (size_t row = 0; row < n; row++, delta += width, hat += width) {
		vec8f sum = { 0 }, product_sum = { 0 };
		float mean, slope, inverse;

		for (size_t i = 0; i < width; i += 8) {
			vec8f dy = *(vec8f *)&delta[i], h = *(const vec8f *)&hat[i], by_hat = dy * *(const vec8f *)&scale[i];

			*(vec8f *)&by_scale[i] += dy * h;
			*(vec8f *)&by_shift[i] += dy;
			sum += by_hat;
			product_sum += by_hat * h;
		}
		if (net->norm != NORM_LAYER)
			continue;
		mean = sum8(&sum) / (float)units;
		slope = sum8(&product_sum) / (float)units;
		inverse = space->inverse[level][row];
		for (size_t i = 0; i < width; i += 8)
			*(vec8f *)&delta[i] = inverse * (*(vec8f *)&delta[i] * *(const vec8f *)&scale[i] - mean - *(const vec8f *)&hat[i] * slope);
		memset(&delta[units], 0, (width - units) * sizeof *delta);
	}
}

WIDE void norm_backward_batch(const struct net *net, struct workspace *space, const struct pass *pass, size_t level, size_t n)
{
	size_t width = padded(net->widths[level]), at = net->mean_at[level] - net->n_params;
	const double *by_scale = &pass->gradient[net->scale_at[level]], *by_shift = &pass->gradient[net->shift_at[level]];
	const float *hat = space->hats[level], *scale = &net->params[net->scale_at[level]];
	float *delta = space->deltas[level];
	double share = 1 / (double)pass->n_batch;

	for (size_t i = 0; i < width; i += 8) {
		vec8f factor = *(const vec8f *)&scale[i] * *(const vec8f *)&pass->inverse[at + i], mean, slope;

		for (size_t k = 0; k < 8; k++) {
			mean[k] = (float)(by_shift[i + k] * share);
			slope[k] = (float)(by_scale[i + k] * share);
		}
		for (size_t row = 0; row < n; row++)
			*(vec8f *)&delta[row * width + i] = factor * (*(vec8f *)&delta[row * width + i] - mean -
			                                              *(const vec8f *)&hat[row * width + i] * slope);
	}
}
