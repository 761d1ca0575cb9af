/* SPDX-License-Identifier: MIT */
/*
 * R factors of some rows, small enough to be kept by the dozen, and two of them made
 * into one. Of m rows and n columns (the [1 | X | y] of linear_qr.h) R has
 * min(m, n) rows; only what is not below its diagonal is kept, by columns:
 *
 *     r00  r01  r02  r03  r04        r00 | r01 r11 | r02 r12 r22 | r03 r13 r23 | ...
 *          r11  r12  r13  r14
 *               r22  r23  r24
 *
 * Which bits come out hangs on the bits that go in and on nothing else. No BLAS is
 * called, so any thread may do this.
 */
#ifndef LINEAR_TRIANGLE_H
#define LINEAR_TRIANGLE_H

#include <stddef.h>

#include "cpu.h"

struct triangle { double *r; size_t rows, n; };         /* rows <= n */

static inline size_t triangle_offset(size_t rows, size_t col)
{
	return col < rows ? col * (col + 1) / 2 : rows * (rows + 1) / 2 + (col - rows) * rows;
}
static inline size_t triangle_size(size_t rows, size_t n) { return triangle_offset(rows, n); }  /* numbers */

/*
 * QR of a (n columns of m rows, `stride` apart; stride is a multiple of 4, and the rows from m up to the next multiple of 4 are
 * zero; m <= FACTOR_ROWS): R stands in the upper triangle then, and below it what is of no use. by: cpu_lanes, or less, which gives the same bits.
 */
enum { FACTOR_ROWS = 1024 };
void qr_factor(double *a, size_t stride, size_t m, size_t n, enum cpu_lanes by);
/* The R that qr_factor left in a. Free r. */
struct triangle triangle_new(const double *a, size_t stride, size_t m, size_t n);
/*
 * left becomes the factor of the rows of left and of right, whose r is freed. scratch: triangle_scratch(n) numbers at a multiple
 * of 32. Two full triangles cost n^3 * 2/3 operations, two of m rows 2 m^2 n.
 */
void triangle_merge(struct triangle *left, struct triangle *right, double *scratch);
size_t triangle_scratch(size_t n);
/* To rows x n by columns, zero below the diagonal. */
void triangle_spread(const struct triangle *triangle, double *to);

#endif
