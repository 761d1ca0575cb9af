/* SPDX-License-Identifier: MIT */
/*
 * What the simplest predictor says of each group of rows (struct problem): the mean, the
 * median or the last of its training rows' targets, or the share of each class.
 *
 * The last is that of the latest time, of equal ones, and without times, the one that
 * comes last in the stream; a row whose time is missing comes before all others. Rows of
 * weight 0 say nothing.
 *
 * One pass over the rows in their order, so the same bits for any number of threads. Sums
 * are compensated (Neumaier): 16 bytes a group, or a group and class. The median keeps
 * target and weight of every row, 24 bytes, and as much again while they are sorted.
 */
#ifndef GROUP_ANSWERS_H
#define GROUP_ANSWERS_H

#include "model.h"

enum answer { ANSWER_MEAN, ANSWER_MEDIAN, ANSWER_LAST };

/* answers: problem->groups.n x n, row by row; n: 1, or classes, whose last is 1 and the others 0. overall: n, what a group gets of which no row
 * weighs; with ANSWER_LAST it is set, to that of all rows. The family takes MODEL_AGAIN if it passes over the rows besides, and for the last
 * MODEL_TIME. */
int group_answers(const struct training *training, enum answer answer, double *overall, double *answers, struct error *err) MUST_CHECK;

/* Bytes that it holds besides the answers. passing: while rows pass. */
uint64_t group_answers_memory(const struct training *training, enum answer answer, bool passing);

#endif
