/* SPDX-License-Identifier: MIT */
/*
 * A column in another type: what `cast` does and what replay does to input whose
 * types differ from those the model was trained on. Exact or null:
 *
 *     int -> real       if the double is exact           real -> int   integral values within 64 bits
 *     number -> text    as it prints                     text -> number, bool, time  if the cell reads, strictly
 *     bool <-> int      0 and 1                          time -> text in its form
 * Anything else is null and counted.
 */
#ifndef CONVERT_H
#define CONVERT_H

#include "batch.h"
#include "error.h"

bool convert_possible(enum type from, enum type to);
/* Puts the converted column of `col` into *result (in batch->arena, or the column itself: see column_put); n_lost: values that became null. `form`: of a time result. */
int convert_column(struct batch *batch, size_t col, enum type to, const char *form, struct column *result, uint64_t *n_lost,
                   struct error *err) MUST_CHECK;

#endif
