/* SPDX-License-Identifier: MIT */
/*
 * The weights of records: numbers >= 0 in the field with role weight, which train
 * and evaluate take the same.
 *
 *     weights_find -> for each batch: column_read -> weight_of_row for the rows that count
 */
#ifndef WEIGHTS_H
#define WEIGHTS_H

#include "batch.h"
#include "error.h"

/* The column; NO_FIELD: there is none, all rows count alike. Fails if it holds no numbers. */
int weights_find(const struct schema *schema, int *col, struct error *err) MUST_CHECK;
/* Of a batch whose column was read. Missing or negative fails with the row's number in the stream. */
int weight_of_row(const struct batch *batch, int col, size_t row, double *weight, struct error *err) MUST_CHECK;

#endif
