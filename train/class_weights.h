/* SPDX-License-Identifier: MIT */
/*
 * How much the rows of a class count: a factor to their own weights, as scikit-learn's
 * class_weight.
 *
 *     balanced            rows / (classes * rows of the class): each class weighs the same in all, but for the weights
 *                         that its rows bring along, which are not looked at
 *     CLASS:W,CLASS:W     so much; 1 for classes that are not named. A class with a comma, or a colon
 *                         and a number at its end, stands in backquotes, doubled within
 *
 * The factors count in training, also in its loss on the valid rows; metrics and the baseline never see them.
 */
#ifndef CLASS_WEIGHTS_H
#define CLASS_WEIGHTS_H

#include <stdint.h>

#include "error.h"
#include "names.h"

/* The form alone, before classes are known. */
int class_weights_check(const char *text, struct error *err) MUST_CHECK;
/* factors: one for each class, overwritten; after -1 no use. rows: training rows by class, each more than 0. A class that training does
 * not have, or one that is named twice, is a usage error; so is 0 for all. */
int class_weights_read(const char *text, const struct names *classes, const uint64_t *rows, double *factors, struct error *err) MUST_CHECK;

#endif
