/* SPDX-License-Identifier: MIT */
/*
 * The values of some rows, side by side: what a filter, a split and a sum over the
 * training rows do with each of their columns.
 *
 *     from   a b c d e f g h      rows   1 0 1 1 0 0 0 1      to   a c d h
 */
#ifndef PICK_H
#define PICK_H

#include <stddef.h>
#include <stdint.h>

#include "cpu.h"

/* Values of `width` bytes (1, 2, 4 or 8) of those rows from first .. end - 1 whose bit is set in both bit maps (NULL: all are), in
 * order; how many. `from` is of row 0; `to` is no part of it, and nothing behind them is written. by: cpu_lanes, or less. */
size_t pick_values(void *to, const void *from, size_t width, const uint64_t *rows, const uint64_t *also, size_t first, size_t end, enum cpu_lanes by);

#endif
