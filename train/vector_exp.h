/* SPDX-License-Identifier: MIT */
/*
 * e^x and log(1 + x) of floats, to one and three units of the last place, without branches: the compiler makes loops over them into vector
 * instructions, which the library's it can't. For loops over rows whose numbers are rounded behind them anyway.
 *
 * e^x: x = n log 2 + r, |r| <= log 2 / 2, and a polynomial of r; beyond -87 and 88 it stays as there, and that of NaN is
 * that of -87 (Cephes' expf, Moshier 1989).
 * log(1 + x), 0 <= x <= 1: twice the series of atanh(x / (2 + x)).
 */
#ifndef VECTOR_EXP_H
#define VECTOR_EXP_H

#include <stdint.h>
#include <string.h>

#include "vector.h"

static INLINE float fast_exp(float x)
{
	const float rounder = 0x1.8p23f;
	float n, r, p, power;
	int32_t bits;

	x = x > -87.0f ? x : -87.0f;
	x = x < 88.0f ? x : 88.0f;
	n = (x * 1.44269504088896341f + rounder) - rounder;
	r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
	p = r * 1.9875691500e-4f + 1.3981999507e-3f;
	p = p * r + 8.3334519073e-3f;
	p = p * r + 4.1665795894e-2f;
	p = p * r + 1.6666665459e-1f;
	p = p * r + 5.0000001201e-1f;
	p = p * (r * r) + r + 1.0f;
	bits = ((int32_t)n + 127) << 23;
	memcpy(&power, &bits, sizeof power);
	return p * power;
}

static INLINE float fast_log1p(float x)
{
	float s = x / (x + 2.0f), t = s * s, p;

	p = t * (1.0f / 13) + 1.0f / 11;
	p = p * t + 1.0f / 9;
	p = p * t + 1.0f / 7;
	p = p * t + 1.0f / 5;
	p = p * t + 1.0f / 3;
	p = p * t + 1.0f;
	return 2.0f * s * p;
}

#endif
