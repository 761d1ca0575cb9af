/* SPDX-License-Identifier: MIT */
/*
 * Kernels of support vector machines, and rows as products want them.
 *
 *     linear      x'z
 *     poly        (gamma x'z + coef0)^degree
 *     rbf         exp(-gamma |x - z|^2), out of |x|^2 + |z|^2 - 2 x'z
 *     sigmoid     tanh(gamma x'z + coef0)
 *
 * Rows lie in groups of 8, feature by feature, so that one row goes past 8 others in a
 * vector: value j of row 8 g + i is groups[(g * n_features + j) * 8 + i]; behind the last row
 * there are rows of 0. A product is one sum in double, feature by feature in their order, of
 * finite numbers: the same bits whichever of the two rows comes first, and whatever rows lie beside them.
 * exp and tanh are right to 2e-16 of 1, or of themselves where they are above 1e-300.
 */
#ifndef SVM_KERNEL_H
#define SVM_KERNEL_H

#include <stddef.h>
#include <stdint.h>

enum svm_function { SVM_LINEAR, SVM_POLY, SVM_RBF, SVM_SIGMOID, N_SVM_FUNCTIONS };
struct svm_kernel { enum svm_function function; double gamma, coef0; unsigned degree; };

enum { SVM_LANES = 8 };

struct svm_rows {
	size_t n_rows, n_features;
	double *groups, *squares;       /* squares: |x|^2 by row, as long as the groups */
};

static inline size_t svm_groups(size_t n_rows) { return (n_rows + SVM_LANES - 1) / SVM_LANES; }
void svm_rows_new(struct svm_rows *rows, size_t n_rows, size_t n_features);     /* overwrites it; all 0 */
void svm_rows_put(struct svm_rows *rows, size_t row, const double *x);          /* x: n_features */
void svm_rows_get(const struct svm_rows *rows, size_t row, double *x);
void svm_rows_free(struct svm_rows *rows);              /* fine on a zeroed one, and twice */

double svm_square(const double *x, size_t n);           /* |x|^2, as rows have it */

/* One row that goes past others: what it has beside 0, so that levels cost what there are of them, in work and in memory that is read. */
struct svm_point { size_t n; uint32_t *features; double *values; double square; };
void svm_point_new(struct svm_point *point, size_t n_features);         /* overwrites it; room for so many */
void svm_point_set(struct svm_point *point, const double *x, double square, size_t n_features);
void svm_point_free(struct svm_point *point);
/* K(point, row) of all rows of the groups first .. first + n - 1: out, 8 n. It may not be finite. */
void svm_kernel_row(const struct svm_kernel *kernel, const struct svm_rows *rows, const struct svm_point *point, size_t first, size_t n, double *out);
double svm_kernel_self(const struct svm_kernel *kernel, double square);         /* K(x, x) */

#endif
