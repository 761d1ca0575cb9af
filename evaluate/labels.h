/* SPDX-License-Identifier: MIT */
/*
 * The classes of a subject while its rows come: first those that training knew, then
 * any others, numbered as they come; when all is read these are put into byte order.
 *
 *     labels_start -> labels_number ... -> labels_settle -> labels_release
 */
#ifndef LABELS_H
#define LABELS_H

#include "distinct.h"
#include "score.h"

enum { MOST_LABELS = 1000 };            /* of the training, and of others: the confusion matrix has their product */

struct labels {
	struct subject *subject;
	struct distinct all;
	uint32_t *to;                   /* once settled: what a number has become */
};

/* trained: in byte order, copied into the subject; empty: not known. -1: too many, or one stands twice; the labels are to be released all the same. */
int labels_start(struct labels *labels, struct subject *subject, const struct names *trained, struct error *err) MUST_CHECK;
/* The number of a class, old or new; NO_VALUE: there are too many. */
uint32_t labels_number(struct labels *labels, const void *text, size_t size);
/* Completes subject->classes, and renumbers the scores, which the labels outlive. */
void labels_settle(struct labels *labels, struct scores *scores);
void labels_release(struct labels *labels);

#endif
