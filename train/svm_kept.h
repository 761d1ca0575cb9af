/* SPDX-License-Identifier: MIT */
/*
 * The training rows of support vector machines as they are solved over: those that weigh,
 * class by class. And for fittings that share them (model_sharing) the whole matrix of
 * their kernel, which solutions for any C, nu, epsilon, max_iter read side by side.
 *
 *     svm_kept_check -> svm_kept_read -> (kernel is set) -> svm_kept_fill, or not -> svm_kept_release
 */
#ifndef SVM_KEPT_H
#define SVM_KEPT_H

#include "model.h"
#include "svm_train.h"

struct svm_kept {
	struct svm_table table;         /* its `classes` NULL: whoever reads it has his own */
	double variance;                /* of all values of all features, as scikit-learn's gamma=scale takes it */
	struct svm_kernel kernel;       /* the caller's to set; where a parameter has no say it may be another fitting's */
	struct svm_cache *cache;        /* of all rows, filled; NULL: there is none */
	/* private */
	size_t n_rows;
	double *x, *y, *weights;        /* as they come, x row by row; then class by class, and x gone */
	size_t *starts;
};

int svm_kept_check(const struct training *training, struct error *err) MUST_CHECK;     /* rows that are too many */
/* One pass, in order. Overwrites kept, which stays where it is, to be released in any case. -1 also where rows that weigh are of one class. */
int svm_kept_read(struct svm_kept *kept, const struct training *training, struct error *err) MUST_CHECK;
int svm_kept_fill(struct svm_kept *kept, const struct training *training, struct error *err) MUST_CHECK;       /* -1: a value is no float, or it was interrupted */
void svm_kept_release(struct svm_kept *kept);           /* fine on a zeroed one, and twice */
/* Bytes of the rows as they come, at most; as many again while they are sorted, and as sorted. UINT64_MAX: too many. */
uint64_t svm_kept_size(const struct training *training);
uint64_t svm_kept_whole_size(const struct training *training);          /* of all, once filled */

#endif
