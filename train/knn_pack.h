/* SPDX-License-Identifier: MIT */
/*
 * A column of numbers as a value of a model file, in as few bytes as keep every bit:
 *
 *     up to 2 different values     an array of two bins: the values, and a bit for each row, the least significant first
 *     up to 256                    the same with a byte for each row
 *     floats                       a bin of 4 bytes a row: all values are float32 as they are
 *     any                          a bin of 8 bytes a row
 */
#ifndef KNN_PACK_H
#define KNN_PACK_H

#include <stdbool.h>
#include <stddef.h>

#include "pack.h"

void knn_pack(const double *values, size_t n, struct buffer *to);
/* False: it is no such column of just n values (1 or more), or one of them is not finite. */
bool knn_unpack(object packed, double *values, size_t n);

#endif
