/* SPDX-License-Identifier: MIT */
#include "distances.h"

#include <math.h>

#include "vector.h"

enum { GROUP = 8 };

/* The last rows, in the order of the others. */
static void square_one(const double *const *columns, const size_t *features, size_t n, size_t row, const double *points, size_t step,
                       const double *const *start, double *const *to)
{
	for (size_t t = 0; t < DISTANCES_FROM; t++) {
		double sum = start[t][row];

		for (size_t i = 0; i < n; i++) {
			double off = columns[i][row] - points[(features ? features[i] : i) * step + t];

			sum += off * off;
		}
		to[t][row] = sum;
	}
}

WIDE void distances_squared(const double *const *columns, const size_t *features, size_t n, size_t n_rows, const double *points, size_t step,
                            const double *const *start, double *const *to)
{
	size_t row = 0;

	for (; row + GROUP <= n_rows; row += GROUP) {
		vec4d low[DISTANCES_FROM], high[DISTANCES_FROM];

		for (size_t t = 0; t < DISTANCES_FROM; t++) {
			low[t] = *(const vec4d *)&start[t][row];
			high[t] = *(const vec4d *)&start[t][row + 4];
		}
		for (size_t i = 0; i < n; i++) {
			const double *point = &points[(features ? features[i] : i) * step];
			vec4d x = *(const vec4d *)&columns[i][row], more = *(const vec4d *)&columns[i][row + 4];

			for (size_t t = 0; t < DISTANCES_FROM; t++) {
				vec4d one = x - point[t], other = more - point[t];

				low[t] += one * one;
				high[t] += other * other;
			}
		}
		for (size_t t = 0; t < DISTANCES_FROM; t++) {
			*(vec4d *)&to[t][row] = low[t];
			*(vec4d *)&to[t][row + 4] = high[t];
		}
	}
	for (; row < n_rows; row++)
		square_one(columns, features, n, row, points, step, start, to);
}

WIDE void distances_root(double *squares, size_t n)
{
	for (size_t i = 0; i < n; i++)
		squares[i] = sqrt(squares[i]);
}
