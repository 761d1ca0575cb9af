/* SPDX-License-Identifier: MIT */
/*
 * The whole numbers that a column holds, while they are few: whether they are the
 * classes of a target (two_values.h), or might be.
 *
 *     struct few_values few = FEW_VALUES_INIT -> few_values_add..., few_values_merge... -> few_values_classes
 *
 * The answer hangs on the rows alone: not on their order, on batches or on lanes.
 */
#ifndef FEW_VALUES_H
#define FEW_VALUES_H

#include "batch.h"

enum { FEW_VALUES = 20 };

struct few_value { int64_t value; uint64_t rows; };
struct few_values {
	size_t n;                       /* different whole numbers, while there are few */
	bool many;                      /* there are more than FEW_VALUES of them */
	bool fractions;                 /* a value is no whole number, or a real beyond 2^53: nothing else counts any more */
	struct few_value items[FEW_VALUES];     /* as they came */
};
#define FEW_VALUES_INIT { .n = 0 }

/* An int or a real column that was read. rows: bit map of those that count, NULL: all. A missing value counts nowhere; -0.0 is 0. */
void few_values_add(struct few_values *few, const struct column *column, enum type type, size_t n_rows, const uint64_t *rows);
void few_values_merge(struct few_values *to, const struct few_values *from);
/* The two classes and their rows, the smaller first; false: these are numbers. */
bool few_values_classes(const struct few_values *few, struct few_value classes[2]);

#endif
