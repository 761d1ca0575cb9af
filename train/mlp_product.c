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

#include "vector.h"

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
WIDE void product(struct operand a, size_t m_end, size_t k_end, const float *x, const float *bias, float *c, size_t width)
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

