/* SPDX-License-Identifier: MIT */
/*
 * The loops of svm_solve.c over all variables: a step's change of F, and the choice of the
 * next two. up, low: 0 where a variable is in that set, else -INFINITY. They give what one
 * number at a time, in order, would give, bit by bit.
 */
#ifndef SVM_STEPS_H
#define SVM_STEPS_H

#include <stddef.h>
#include <stdint.h>

#define SVM_TAU 1e-12                   /* instead of a second derivative that is not above 0 */
#define SVM_NONE ((size_t)-1)

struct svm_first { double value; size_t at; };          /* the largest -F of up so far; at SVM_NONE: none */
struct svm_second {
	double first, diagonal;         /* of the first variable: -F, K_ii */
	double gain; size_t at;         /* the best so far; at SVM_NONE: none */
	double most;                    /* the largest F of low */
};

/* n variables from number `from` on, whose arrays begin there. side: as up and low, what else a variable must be in; NULL: nothing. */
void svm_find_first(const double *f, const double *up, const double *side, size_t n, size_t from, struct svm_first *first);
void svm_find_second(const double *f, const double *low, const double *side, const double *diagonals, const float *row, size_t n, size_t from, struct svm_second *second);
/* F += a * row_i + b * row_j, and svm_find_first of it. */
void svm_move(double *f, const double *up, const float *row_i, const float *row_j, double a, double b, size_t n, size_t from, struct svm_first *first);
/* to += a * row */
void svm_add(double *to, const float *row, double a, size_t n);
/* to[k] = row[columns[k]] */
void svm_gather(const float *row, const int32_t *columns, size_t n, float *to);

#endif
