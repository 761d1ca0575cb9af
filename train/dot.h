/* SPDX-License-Identifier: MIT */
/* The inner product of two vectors, eight numbers at a time: to the same bits on any machine (vector.h). */
#ifndef DOT_H
#define DOT_H

#include <stddef.h>

double dot(const double *a, const double *b, size_t n);

#endif
