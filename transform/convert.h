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

#include "arena.h"
#include "batch.h"
#include "error.h"

bool convert_possible(enum type from, enum type to);
/* Makes the converted column of `col` in *result, to be put with batch_put or dropped (of the same type: it is shared). n_lost
 * grows by the values that became null. `form`: of a time that is read from text. After a failure there is no result to drop. */
int convert_column(struct batch *batch, struct arena *scratch, size_t col, enum type to, const char *form, struct column *result,
                   uint64_t *n_lost, struct error *err) MUST_CHECK;

#endif
