/* SPDX-License-Identifier: MIT */
/*
 * Whether a column of numbers really is one of two classes: it holds exactly two
 * values, both whole numbers (0 and 1, 1.0 and 2.0, -1 and 1), each in at least
 * TWO_VALUES_ROWS rows. Who trains or judges takes such a target for a
 * classification unless told otherwise. Rows may come in any order and be merged.
 */
#ifndef TWO_VALUES_H
#define TWO_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TWO_VALUES_ROWS = 5 };

struct two_values {
	double values[2];               /* ascending */
	uint64_t counts[2];
	size_t n;                       /* of them found */
	bool others;                    /* there are more, or some that are not whole, or beyond 2^53: nothing counts any more */
};                                      /* zeroed: no row yet */

void two_values_add(struct two_values *two, double value);      /* of one row that is not missing; -0.0 is 0.0 */
void two_values_merge(struct two_values *to, const struct two_values *from);
bool two_values_are_classes(const struct two_values *two);
/* Whether each value, of which there may be one only, in any number of rows, is among the others'. */
bool two_values_within(const struct two_values *two, const struct two_values *others);

#endif
