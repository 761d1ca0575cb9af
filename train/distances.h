/* SPDX-License-Identifier: MIT */
/*
 * Squared distances of rows, as columns, from a few points at once: 8 rows and 4 points
 * stay in registers, so that a column is read once for four. In full, (x - p)^2 and no
 * product of a matrix: near 0 they are as exact as far away, and a row's numbers hang on
 * no other row.
 */
#ifndef DISTANCES_H
#define DISTANCES_H

#include <stddef.h>

enum { DISTANCES_FROM = 4 };

/* to[t][row] = start[t][row] + the sum over i of (columns[i][row] - points[f * step + t])^2, where f is features[i], or i if that is NULL. start
 * and to: DISTANCES_FROM of n_rows. */
void distances_squared(const double *const *columns, const size_t *features, size_t n, size_t n_rows, const double *points, size_t step,
                       const double *const *start, double *const *to);
void distances_root(double *squares, size_t n);

#endif
