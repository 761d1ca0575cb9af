/* SPDX-License-Identifier: MIT */
/* Classes by number: their names stand in byte order, so a name is found by halving. */
#ifndef CLASSES_H
#define CLASSES_H

#include "batch.h"
#include "names.h"

enum { NO_CLASS = -1 };

/* That of a bool, however its classes are written (true, True, TRUE); or NO_CLASS. */
int class_of_bool(const struct names *classes, bool value);
/* The class number of each row: NO_CLASS where the value is missing or no class. A dictionary is looked up by its entries. */
void class_numbers(const struct names *classes, const struct field *field, const struct column *column, size_t n_rows, double *to);
/* The number of the largest share; the first among equals. */
size_t most_probable(const double *shares, size_t n);

/* Logarithms of n shares, each but for one number that all have in common, become the shares, which sum to 1. The largest is taken off
 * before, so none overflows. */
void shares_of_logs(double *values, size_t n);

#endif
