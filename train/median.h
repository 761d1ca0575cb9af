/* SPDX-License-Identifier: MIT */
/*
 * The weighted median of the training rows' targets, exact, in 512 KiB and four passes
 * over the rows (the family takes MODEL_AGAIN): the smallest target up to which lies
 * half of the weight, or where exactly half does the middle between it and the next
 * (with equal weights numpy.median). The same bits for any number of threads.
 */
#ifndef MEDIAN_H
#define MEDIAN_H

#include "model.h"

/* weight: of all training rows, more than 0. */
int median_of_targets(const struct training *training, double weight, double *median, struct error *err) MUST_CHECK;

#endif
