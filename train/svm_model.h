/* SPDX-License-Identifier: MIT */
/*
 * What a support vector machine learned, and its bytes: the training rows that any machine
 * needs (support vectors), once, class by class, each with a coefficient for every machine
 * of its class; with a linear kernel the machines' coefficients of the features instead.
 *
 *     coefficients    of classes (n_classes - 1) x n_vectors, as LIBSVM lays them: the machine (i, j)'s of
 *                     vectors of i in row j - 1, of vectors of j in row i; else 1 x n_vectors
 *     planes          n_machines x n_features, of a linear kernel; the vectors are counted then, not kept
 */
#ifndef SVM_MODEL_H
#define SVM_MODEL_H

#include "model.h"
#include "svm_train.h"

struct svm {
	struct svm_kernel kernel;
	double c, nu, epsilon;          /* nu 0: not by nu */
	size_t n_features, n_classes, n_machines;       /* n_classes 0: numbers */
	size_t n_vectors, *counts;      /* counts: by class, or of all: n_kinds */
	size_t n_bound;                 /* at their bound, summed over machines */
	uint64_t n_steps, n_limited;    /* n_limited: machines that max_iter ended */
	double objective;               /* summed over machines */
	double *vectors, *squares, *coefficients;       /* vectors: row by row */
	double *planes, *means, *deviations;            /* of the training rows' features; all of a linear kernel */
	double *rhos;
	struct svm_sigmoid *sigmoids;   /* NULL: no probabilities */
};

static inline size_t svm_n_kinds(const struct svm *svm) { return svm->n_classes > 0 ? svm->n_classes : 1; }
static inline size_t svm_n_layers(const struct svm *svm) { return svm->n_classes > 0 ? svm->n_classes - 1 : 1; }
/* Which machine row `layer` of the coefficients is of, for vectors of `class`: that with class `layer`, or the one behind it. */
static inline size_t svm_machine_of(const struct svm *svm, size_t class, size_t layer)
{
	return svm->n_classes == 0 ? 0 : layer < class ? svm_machine_number(svm->n_classes, layer, class) : svm_machine_number(svm->n_classes, class, layer + 1);
}
extern const char *const svm_function_names[N_SVM_FUNCTIONS];

void svm_free(void *svm);               /* NULL is fine */
/* Support vectors and their coefficients, or planes, out of solved machines. */
void svm_collect(struct svm *svm, const struct svm_table *table, const struct svm_machine *machines);
void svm_save(const void *svm, struct buffer *params);
void *svm_load(object params, const struct problem *problem, struct error *err);
/* Decisions of all machines: n_rows x n_machines, row by row. */
void svm_decide(const struct svm *svm, const struct panel *panel, double *decisions);

#endif
