/* SPDX-License-Identifier: MIT */
/*
 * Support vector machines over kept rows: one for numbers, and of classes one for each
 * pair, (0, 1), (0, 2), … (1, 2), …, over the rows of both, the first class's decisions
 * above 0. They are solved side by side by as many threads as there are; each is the same
 * whatever the others do.
 *
 * Where the kernel's matrix of all rows fits into memory it is made at once and all
 * machines read it, unless a single one is solved, by one thread: then, or where it does
 * not fit, each has a cache of its own (svm_cache.h). Who solves over the same rows and
 * kernel again hands in a cache of all rows instead.
 *
 * Folds: rows are divided by chance, class by class, and decisions on each part are those of
 * a machine trained on the others, of which sigmoids are made (svm_platt.h). Where a class
 * has no row outside of a part they are 1 or -1, as LIBSVM has it.
 */
#ifndef SVM_TRAIN_H
#define SVM_TRAIN_H

#include "names.h"
#include "svm_platt.h"
#include "svm_solve.h"

/* Rows class by class, in order within each; all weigh more than 0. */
struct svm_table {
	struct svm_rows rows;
	const double *targets;          /* of numbers; NULL: classes */
	const double *weights;          /* NULL: all 1 */
	const size_t *starts;           /* n_classes + 1: where each class begins */
	size_t n_classes;               /* 0: numbers */
	const struct names *classes;    /* for messages */
};

struct svm_options {
	double c, nu, epsilon, tol;     /* nu 0: by c, or c and epsilon; else of classes by nu, of numbers by c and nu */
	int64_t max_iter;               /* -1: any number */
	bool shrinking;
	size_t n_folds;                 /* 0: no sigmoids */
	uint32_t seed;
	int threads;
	uint64_t memory;                /* bytes for kernels */
	bool (*stopped)(void *state);   /* from any thread; NULL: never */
	void *state;
};

struct svm_machine {
	size_t first, second;           /* classes */
	double *coefficients;           /* of the rows of both, or of all rows; malloc's, the caller's */
	struct svm_solution solution;   /* in the units of C, also with nu */
	size_t n_bound;                 /* rows at their bound */
	struct svm_sigmoid sigmoid;
};

static inline size_t svm_n_machines(size_t n_classes) { return n_classes == 0 ? 1 : n_classes * (n_classes - 1) / 2; }
/* The number of (i, j), i < j. */
static inline size_t svm_machine_number(size_t n_classes, size_t i, size_t j) { return i * n_classes - i * (i + 1) / 2 + j - i - 1; }
/* Bytes of n variables for each thread; of the coefficients of all machines. */
uint64_t svm_variables_memory(uint64_t n_rows, size_t n_classes, size_t threads);
uint64_t svm_coefficients_memory(uint64_t n_rows, size_t n_classes);
/* machines: svm_n_machines, zeroed; after -1 too their coefficients are freed by the caller. shared: NULL, or a cache of all rows; filled, if
 * there is more than one thread. A class without rows is never answered. -1: STATUS_FAILED, a kernel value is no float, nu is more than a pair
 * of classes allows or finds no margin; STATUS_INTERRUPT. */
int svm_train(const struct svm_kernel *kernel, const struct svm_table *table, const struct svm_options *options, struct svm_cache *shared,
              struct svm_machine *machines, struct error *err) MUST_CHECK;

#endif
