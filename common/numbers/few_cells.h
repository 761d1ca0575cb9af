/* SPDX-License-Identifier: MIT */
/*
 * What counts as few cells of a column: at most one in twenty. A column that is text for
 * no more than that is meant as something else (extract says so, train refuses it as a
 * target, evaluate leaves the rows out), and nearly all cells are all but few.
 */
#ifndef FEW_CELLS_H
#define FEW_CELLS_H

#include <stdbool.h>
#include <stdint.h>

static inline bool few_cells(uint64_t n, uint64_t of) { return n <= of / 20; }

#endif
