/* SPDX-License-Identifier: MIT */
/*
 * Dense layers over a block of rows. One product does all the work:
 *
 *     c[m][n] = bias[n] + sum over k of a(m, k) x[k][n]        n in vectors of 8
 *
 *     forward      m row,   k input,  n output   values x weights
 *     backward     m row,   k output, n input    deltas x turned weights
 *     gradient     m input, k row,    n output   values' x deltas
 *
 * in tiles of 4 x 16 that stay in registers. Each c is summed over k in order, so a
 * row's values do not depend on its neighbours.
 */
#include "mlp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "vector.h"

struct operand { const float *at; size_t by_m, by_k; };         /* a(m, k) = at[m * by_m + k * by_k] */

/* 4 rows by 8 x VECTORS columns. */
#define TILE(name, VECTORS) \
static INLINE void name(const float *a, size_t by_m, size_t by_k, size_t k_end, const float *x, size_t x_width, \
                        const float *bias, float *c, size_t c_width) \
{ \
	vec8f sum[4][VECTORS]; \
	_Pragma("GCC unroll 4") \
	for (int m = 0; m < 4; m++) \
		_Pragma("GCC unroll 2") \
		for (int v = 0; v < VECTORS; v++) \
			sum[m][v] = bias ? *(const vec8f *)&bias[8 * v] : (vec8f){ 0 }; \
	for (size_t k = 0; k < k_end; k++) { \
		_Pragma("GCC unroll 4") \
		for (int m = 0; m < 4; m++) \
			_Pragma("GCC unroll 2") \
			for (int v = 0; v < VECTORS; v++) \
				sum[m][v] += a[(size_t)m * by_m + k * by_k] * *(const vec8f *)&x[k * x_width + 8 * (size_t)v]; \
	} \
	_Pragma("GCC unroll 4") \
	for (int m = 0; m < 4; m++) \
		_Pragma("GCC unroll 2") \
		for (int v = 0; v < VECTORS; v++) \
			*(vec8f *)&c[(size_t)m * c_width + 8 * (size_t)v] = sum[m][v]; \
}
TILE(tile_16, 2)
TILE(tile_8, 1)

/* m_end: a multiple of 4; width (of x and c): a multiple of 8. */
WIDE static void product(struct operand a, size_t m_end, size_t k_end, const float *x, const float *bias, float *c, size_t width)
{
	for (size_t m = 0; m < m_end; m += 4) {
		const float *rows = &a.at[m * a.by_m];
		size_t n = 0;

		for (; n + 16 <= width; n += 16)
			tile_16(rows, a.by_m, a.by_k, k_end, &x[n], width, bias ? &bias[n] : NULL, &c[m * width + n], width);
		if (n < width)
			tile_8(rows, a.by_m, a.by_k, k_end, &x[n], width, bias ? &bias[n] : NULL, &c[m * width + n], width);
	}
}

int net_init(struct net *net, struct error *err)
{
	size_t at = 0;

	for (size_t layer = 0; layer < net->n_layers; layer++) {
		size_t in = padded(net->widths[layer]), out = padded(net->widths[layer + 1]);

		net->weight_at[layer] = at;
		net->bias_at[layer] = at + in * out;
		at += (in + 1) * out;
		if (at > MAX_PARAMS)
			return error_set(err, STATUS_USAGE, "the net has more than %d parameters (make hidden= smaller)", MAX_PARAMS);
	}
	net->n_params = at;
	net->params = mem_new(at, sizeof *net->params);
	return 0;
}

void net_free(struct net *net)
{
	free(net->params);
	net->params = NULL;
}

static float uniform(struct rng *rng, float bound)
{
	return (float)(rng_u32(rng) & 0xFFFFFF) * 0x1p-24f * (2 * bound) - bound;
}

void net_randomize(struct net *net, uint32_t seed)
{
	struct rng *rng = mem_new(1, sizeof *rng);

	rng_seed(rng, seed);
	for (size_t layer = 0; layer < net->n_layers; layer++) {
		size_t in = net->widths[layer], out = net->widths[layer + 1];
		float bound = (float)(1 / sqrt((double)in)), *weight = &net->params[net->weight_at[layer]];

		for (size_t o = 0; o < out; o++)
			for (size_t i = 0; i < in; i++)
				weight[i * padded(out) + o] = uniform(rng, bound);
		for (size_t o = 0; o < out; o++)
			net->params[net->bias_at[layer] + o] = uniform(rng, bound);
	}
	free(rng);
}

void workspace_init(struct workspace *space, const struct net *net)
{
	size_t width = 0, at = 0;

	for (size_t layer = 0; layer <= net->n_layers; layer++)
		width += 2 * padded(net->widths[layer]);
	space->memory = mem_aligned(width * NET_ROWS * sizeof(float));
	memset(space->memory, 0, width * NET_ROWS * sizeof(float));
	for (size_t layer = 0; layer <= net->n_layers; layer++) {
		space->values[layer] = &space->memory[at];
		at += padded(net->widths[layer]) * NET_ROWS;
		space->deltas[layer] = &space->memory[at];
		at += padded(net->widths[layer]) * NET_ROWS;
	}
}

void workspace_free(struct workspace *space)
{
	free(space->memory);
	space->memory = NULL;
}

/* Zero where the mask is. */
#define KEEP(mask, values) (*(values) = (vec8f)((mask) & (vec8i)*(values)))

/* Only the layer's own units: behind them stand zeros, which a sigmoid would not leave. */
WIDE static void activate(enum activation activation, float *values, size_t width, size_t n)
{
	for (size_t row = 0; row < n; row++) {
		float *value = &values[row * padded(width)];

		switch (activation) {
		case RELU:
			for (size_t i = 0; i < padded(width); i += 8)
				KEEP(*(const vec8f *)&value[i] > 0, (vec8f *)&value[i]);
			break;
		case TANH:
			for (size_t i = 0; i < width; i++)
				value[i] = tanhf(value[i]);
			break;
		case SIGMOID:
			for (size_t i = 0; i < width; i++)
				value[i] = 1 / (1 + expf(-value[i]));
			break;
		case IDENTITY:
			break;
		}
	}
}

/* deltas *= the activation's slope, told by its value. */
WIDE static void slope(enum activation activation, const float *values, float *deltas, size_t size)
{
	for (size_t i = 0; i < size; i += 8) {
		vec8f value = *(const vec8f *)&values[i], *delta = (vec8f *)&deltas[i];

		if (activation == RELU)
			KEEP(value > 0, delta);
		else if (activation == TANH)
			*delta *= 1 - value * value;
		else if (activation == SIGMOID)
			*delta *= value * (1 - value);
	}
}

void net_forward(const struct net *net, struct workspace *space, size_t n)
{
	size_t rows = (n + 3) / 4 * 4;

	for (size_t layer = 0; layer < net->n_layers; layer++) {
		size_t in = net->widths[layer], out = net->widths[layer + 1];
		struct operand values = { space->values[layer], padded(in), 1 };

		product(values, rows, in, &net->params[net->weight_at[layer]], &net->params[net->bias_at[layer]],
		        space->values[layer + 1], padded(out));
		if (layer + 1 < net->n_layers)
			activate(net->activation, space->values[layer + 1], out, rows);
	}
}

void net_turn(const struct net *net, float *turned)
{
	/* The first layer's inputs are data: nobody asks for their derivative. */
	for (size_t layer = 1; layer < net->n_layers; layer++) {
		size_t in = padded(net->widths[layer]), out = padded(net->widths[layer + 1]), at = net->weight_at[layer];

		for (size_t i = 0; i < in; i++)
			for (size_t o = 0; o < out; o++)
				turned[at + o * in + i] = net->params[at + i * out + o];
	}
}

/* The bias's gradient: sums of the deltas' columns. */
WIDE static void sum_rows(const float *deltas, size_t n, size_t width, float *sums)
{
	memset(sums, 0, width * sizeof *sums);
	for (size_t row = 0; row < n; row++)
		for (size_t i = 0; i < width; i += 8)
			*(vec8f *)&sums[i] += *(const vec8f *)&deltas[row * width + i];
}

void net_backward(const struct net *net, const float *turned, struct workspace *space, size_t n, float *gradient)
{
	size_t rows = (n + 3) / 4 * 4;

	for (size_t layer = net->n_layers; layer-- > 0;) {
		size_t in = padded(net->widths[layer]), out = padded(net->widths[layer + 1]);
		struct operand inputs = { space->values[layer], 1, in }, deltas = { space->deltas[layer + 1], out, 1 };

		product(inputs, in, n, space->deltas[layer + 1], NULL, &gradient[net->weight_at[layer]], out);
		sum_rows(space->deltas[layer + 1], n, out, &gradient[net->bias_at[layer]]);
		if (layer == 0)
			break;
		product(deltas, rows, net->widths[layer + 1], &turned[net->weight_at[layer]], NULL, space->deltas[layer], in);
		slope(net->activation, space->values[layer], space->deltas[layer], rows * in);
	}
}
