/* SPDX-License-Identifier: MIT */
/*
 * The weights of records: numbers >= 0 in the field with role weight, which train
 * and evaluate take the same.
 *
 *     weights_find -> for each batch: weights_read -> weight_of_row for the rows that count
 *
 * A weight that is missing or negative is an error, but only in a row that counts: no other is asked for.
 */
#ifndef WEIGHTS_H
#define WEIGHTS_H

#include "batch.h"
#include "error.h"

/* The column; NO_FIELD: there is none, all rows count alike. Fails if it holds no numbers, or there are two. host: may be NULL. */
int weights_find(const struct schema *schema, int *col, const struct host *host, struct error *err) MUST_CHECK;
/* Before a batch's rows are asked for; col: its place in the batch. Fails for broken input, which names the column. */
int weights_read(struct batch *batch, int col, struct error *err) MUST_CHECK;
/* Missing or negative fails; where the row came from the caller puts before that. */
int weight_of_row(const struct batch *batch, int col, size_t row, double *weight, struct error *err) MUST_CHECK;

#endif
