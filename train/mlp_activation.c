/* SPDX-License-Identifier: MIT */
/*
 * Activations, with the formulas of torch.nn (GELU: the exact one), and dropout.
 *
 *     relu   max(0, x)        gelu      x P(x), P normal: (1 + erf(x / sqrt 2)) / 2
 *     tanh                    silu      x s(x), s the sigmoid
 *     sigmoid                 softmax   e^x_i / sum e^x_j over the units of the layer
 *
 * Dropout needs no generator that is kept: a unit's fate is a mix of seed, update,
 * level, row and unit, so the way back, a resumed lesson and any number of threads
 * come to the same.
 */
#include "mlp.h"

#include <math.h>

#include "vector.h"

const char *activation_name(enum activation activation) { return activations[activation].name; }

/* Zero where the mask is. */
#define KEEP(mask, from) ((vec8f)((mask) & (vec8i)(from)))

WIDE static void relu(const float *from, float *to, size_t width, size_t n)
{
	for (size_t i = 0; i < n * padded(width); i += 8) {
		vec8f value = *(const vec8f *)&from[i];

		*(vec8f *)&to[i] = KEEP(value > 0, value);
	}
}

WIDE static void relu_back(const float *in, const float *out, float *deltas, size_t width, size_t n)
{
	(void)in;
	for (size_t i = 0; i < n * padded(width); i += 8)
		*(vec8f *)&deltas[i] = KEEP(*(const vec8f *)&out[i] > 0, *(vec8f *)&deltas[i]);
}

/* Only the layer's own units: behind them stand zeros, which a sigmoid would not leave. */
#define EACH_UNIT(name, VALUE) \
static void name(const float *from, float *to, size_t width, size_t n) \
{ \
	for (size_t row = 0; row < n; row++) \
		for (size_t i = row * padded(width); i < row * padded(width) + width; i++) { \
			float x = from[i]; \
\
			to[i] = VALUE; \
		} \
}
EACH_UNIT(tanh_forward, tanhf(x))
EACH_UNIT(sigmoid_forward, 1 / (1 + expf(-x)))
EACH_UNIT(identity, x)
EACH_UNIT(gelu, 0.5f * x * (1 + erff(x * (float)M_SQRT1_2)))
EACH_UNIT(silu, x / (1 + expf(-x)))

WIDE static void tanh_back(const float *in, const float *out, float *deltas, size_t width, size_t n)
{
	(void)in;
	for (size_t i = 0; i < n * padded(width); i += 8) {
		vec8f value = *(const vec8f *)&out[i];

		*(vec8f *)&deltas[i] *= 1 - value * value;
	}
}

WIDE static void sigmoid_back(const float *in, const float *out, float *deltas, size_t width, size_t n)
{
	(void)in;
	for (size_t i = 0; i < n * padded(width); i += 8) {
		vec8f value = *(const vec8f *)&out[i];

		*(vec8f *)&deltas[i] *= value * (1 - value);
	}
}

static void identity_back(const float *in, const float *out, float *deltas, size_t width, size_t n)
{
	(void)in, (void)out, (void)deltas, (void)width, (void)n;
}

static void gelu_back(const float *in, const float *out, float *deltas, size_t width, size_t n)
{
	(void)out;
	for (size_t i = 0; i < n * padded(width); i++) {
		float x = in[i], density = expf(-0.5f * x * x) * (float)(M_2_SQRTPI * M_SQRT1_2 / 2);

		deltas[i] *= 0.5f * (1 + erff(x * (float)M_SQRT1_2)) + x * density;
	}
}

static void silu_back(const float *in, const float *out, float *deltas, size_t width, size_t n)
{
	(void)out;
	for (size_t i = 0; i < n * padded(width); i++) {
		float x = in[i], s = 1 / (1 + expf(-x));

		deltas[i] *= s * (1 + x * (1 - s));
	}
}

static void softmax_forward(const float *from, float *to, size_t width, size_t n)
{
	for (size_t row = 0; row < n; row++) {
		const float *x = &from[row * padded(width)];
		float *p = &to[row * padded(width)], top = x[0], sum = 0;

		for (size_t i = 1; i < width; i++)
			top = x[i] > top ? x[i] : top;
		for (size_t i = 0; i < width; i++) {
			p[i] = expf(x[i] - top);
			sum += p[i];
		}
		for (size_t i = 0; i < width; i++)
			p[i] /= sum;
	}
}

static void softmax_back(const float *in, const float *out, float *deltas, size_t width, size_t n)
{
	(void)in;
	for (size_t row = 0; row < n; row++) {
		const float *p = &out[row * padded(width)];
		float *delta = &deltas[row * padded(width)], sum = 0;

		for (size_t i = 0; i < width; i++)
			sum += delta[i] * p[i];
		for (size_t i = 0; i < width; i++)
			delta[i] = p[i] * (delta[i] - sum);
	}
}

const struct activation_kind activations[N_ACTIVATIONS] = {
	[RELU] = { "relu", relu, relu_back, false },
	[TANH] = { "tanh", tanh_forward, tanh_back, false },
	[SIGMOID] = { "sigmoid", sigmoid_forward, sigmoid_back, false },
	[IDENTITY] = { "identity", identity, identity_back, false },
	[GELU] = { "gelu", gelu, gelu_back, true },
	[SILU] = { "silu", silu, silu_back, true },
	[SOFTMAX] = { "softmax", softmax_forward, softmax_back, false },
};

/* A 32-bit finisher (Wellons, 2018: "lowbias32"): two products, which run in vectors. */
static INLINE uint32_t mix32(uint32_t x)
{
	x = (x ^ x >> 16) * 0x7FEB352Du;
	x = (x ^ x >> 15) * 0x846CA68Bu;
	return x ^ x >> 16;
}

WIDE static void drop_row(uint64_t key, uint32_t below, float kept, const float *from, float *to, size_t width)
{
	uint32_t low = (uint32_t)key, high = (uint32_t)(key >> 32);

	for (size_t i = 0; i < width; i++)
		to[i] = mix32(mix32(low + (uint32_t)i) ^ high) < below ? 0 : from[i] * kept;
}

void dropout(const struct pass *pass, size_t level, size_t first, const float *from, float *to, size_t width, size_t n)
{
	uint64_t key = hash_mix(hash_mix(hash_mix(pass->seed ^ UINT64_C(0xD809)) ^ pass->step) ^ level);
	uint32_t below = (uint32_t)(pass->dropout * 0x1p32);

	for (size_t row = 0; row < n; row++)
		drop_row(hash_mix(key + first + row), below, (float)(1 / (1 - pass->dropout)), &from[row * padded(width)],
		         &to[row * padded(width)], width);
}
