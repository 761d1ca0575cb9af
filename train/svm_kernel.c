/* SPDX-License-Identifier: MIT */
#include "svm_kernel.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "vector.h"

enum { AT_ONCE = 4 };           /* groups: so many sums go side by side */

void svm_rows_new(struct svm_rows *rows, size_t n_rows, size_t n_features)
{
	size_t places = svm_groups(n_rows) * SVM_LANES;

	*rows = (struct svm_rows){ .n_rows = n_rows, .n_features = n_features };
	rows->groups = mem_new(places * n_features + 1, sizeof *rows->groups);
	rows->squares = mem_new(places + 1, sizeof *rows->squares);
}

void svm_rows_free(struct svm_rows *rows)
{
	free(rows->groups);
	free(rows->squares);
	*rows = (struct svm_rows){ .groups = NULL };
}

double svm_square(const double *x, size_t n)
{
	double sum = 0;

	for (size_t j = 0; j < n; j++)
		sum += x[j] * x[j];
	return sum;
}

void svm_rows_put(struct svm_rows *rows, size_t row, const double *x)
{
	size_t n = rows->n_features;
	double *to = &rows->groups[row / SVM_LANES * n * SVM_LANES + row % SVM_LANES];

	for (size_t j = 0; j < n; j++)
		to[j * SVM_LANES] = x[j];
	rows->squares[row] = svm_square(x, n);
}

void svm_rows_get(const struct svm_rows *rows, size_t row, double *x)
{
	size_t n = rows->n_features;
	const double *from = &rows->groups[row / SVM_LANES * n * SVM_LANES + row % SVM_LANES];

	for (size_t j = 0; j < n; j++)
		x[j] = from[j * SVM_LANES];
}

void svm_point_new(struct svm_point *point, size_t n_features)
{
	*point = (struct svm_point){ .features = mem_array(n_features + 1, sizeof *point->features), .values = mem_array(n_features + 1, sizeof *point->values) };
}

void svm_point_set(struct svm_point *point, const double *x, double square, size_t n_features)
{
	point->n = 0;
	point->square = square;
	for (size_t j = 0; j < n_features; j++) {
		point->features[point->n] = (uint32_t)j;
		point->values[point->n] = x[j];
		point->n += x[j] != 0;
	}
}

void svm_point_free(struct svm_point *point)
{
	free(point->features);
	free(point->values);
	*point = (struct svm_point){ .n = 0 };
}

/* ---- products ---- */

static INLINE void dot_groups(const double *groups, size_t n_groups, size_t n_features, const struct svm_point *point, double *out)
{
	vec8d sums[AT_ONCE] = { { 0 } };

	for (size_t i = 0; i < point->n; i++)
		for (size_t g = 0; g < n_groups; g++)
			sums[g] += *(const vec8d *)&groups[(g * n_features + point->features[i]) * SVM_LANES] * point->values[i];
	for (size_t g = 0; g < n_groups; g++)
		*(vec8d *)&out[g * SVM_LANES] = sums[g];
}

WIDEST static void dot_rows(const double *groups, size_t n_groups, size_t n_features, const struct svm_point *point, double *out)
{
	size_t g = 0;

	for (; g + AT_ONCE <= n_groups; g += AT_ONCE)
		dot_groups(&groups[g * n_features * SVM_LANES], AT_ONCE, n_features, point, &out[g * SVM_LANES]);
	for (; g < n_groups; g++)
		dot_groups(&groups[g * n_features * SVM_LANES], 1, n_features, point, &out[g * SVM_LANES]);
}

/* ---- functions of them ---- */

/*
 * e^x, held to what a double has: x = n log 2 + r, |r| <= log 2 / 2, and Taylor's series of e^r, without branches, so that the compiler
 * makes loops over it into vector instructions. A sum of 1.5 2^52 and n ends in n's bits.
 */
static INLINE double exp_of(double x)
{
	const double rounder = 0x1.8p52;
	double shifted, n, r, sum, power;
	uint64_t bits;

	x = x < -708 ? -708 : x;
	x = x > 709 ? 709 : x;
	shifted = x * 0x1.71547652b82fep0 + rounder;
	n = shifted - rounder;
	r = (x - n * 0x1.62e42fee00000p-1) - n * 0x1.a39ef35793c76p-33;
	sum = r * (1.0 / 6227020800) + 1.0 / 479001600;
	sum = sum * r + 1.0 / 39916800;
	sum = sum * r + 1.0 / 3628800;
	sum = sum * r + 1.0 / 362880;
	sum = sum * r + 1.0 / 40320;
	sum = sum * r + 1.0 / 5040;
	sum = sum * r + 1.0 / 720;
	sum = sum * r + 1.0 / 120;
	sum = sum * r + 1.0 / 24;
	sum = sum * r + 1.0 / 6;
	sum = sum * r + 0.5;
	sum = sum * r + 1;
	sum = sum * r + 1;
	memcpy(&bits, &shifted, sizeof bits);
	bits = (bits + 1023) << 52;
	memcpy(&power, &bits, sizeof power);
	return sum * power;
}

WIDEST static void apply_rbf(double gamma, const double *restrict squares, double square, double *restrict out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = exp_of(-gamma * (squares[i] + square - 2 * out[i]));
}

/* tanh z = 1 - 2 / (e^2z + 1) */
WIDEST static void apply_sigmoid(double gamma, double coef0, double *restrict out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = 1 - 2 / (exp_of(2 * (gamma * out[i] + coef0)) + 1);
}

/* Powers by squaring. */
WIDEST static void apply_poly(const struct svm_kernel *kernel, double *restrict out, size_t n)
{
	double gamma = kernel->gamma, coef0 = kernel->coef0, bases[SVM_LANES], powers[SVM_LANES];

	for (size_t i = 0; i < n; i += SVM_LANES) {
		for (size_t k = 0; k < SVM_LANES; k++) {
			bases[k] = gamma * out[i + k] + coef0;
			powers[k] = 1;
		}
		for (unsigned left = kernel->degree; left > 0; left /= 2) {
			for (size_t k = 0; k < SVM_LANES && left % 2 == 1; k++)
				powers[k] *= bases[k];
			for (size_t k = 0; k < SVM_LANES && left > 1; k++)
				bases[k] *= bases[k];
		}
		for (size_t k = 0; k < SVM_LANES; k++)
			out[i + k] = powers[k];
	}
}

static void apply(const struct svm_kernel *kernel, const double *squares, double square, double *out, size_t n)
{
	switch (kernel->function) {
	case SVM_POLY: apply_poly(kernel, out, n); break;
	case SVM_RBF: apply_rbf(kernel->gamma, squares, square, out, n); break;
	case SVM_SIGMOID: apply_sigmoid(kernel->gamma, kernel->coef0, out, n); break;
	default: break;
	}
}

void svm_kernel_row(const struct svm_kernel *kernel, const struct svm_rows *rows, const struct svm_point *point, size_t first, size_t n, double *out)
{
	dot_rows(&rows->groups[first * rows->n_features * SVM_LANES], n, rows->n_features, point, out);
	apply(kernel, &rows->squares[first * SVM_LANES], point->square, out, n * SVM_LANES);
}

double svm_kernel_self(const struct svm_kernel *kernel, double square)
{
	double squares[SVM_LANES] = { square }, out[SVM_LANES] = { square };

	apply(kernel, squares, square, out, SVM_LANES);
	return out[0];
}
