/* SPDX-License-Identifier: MIT */
#include "dot.h"

#include "vector.h"

WIDE double dot(const double *a, const double *b, size_t n)
{
	vec4d sums[2] = { { 0 } };
	double rest = 0;
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		for (size_t k = 0; k < 2; k++)
			sums[k] += *(const vec4d *)&a[i + 4 * k] * *(const vec4d *)&b[i + 4 * k];
	for (; i < n; i++)
		rest += a[i] * b[i];
	sums[0] += sums[1];
	return sum4(&sums[0]) + rest;
}
