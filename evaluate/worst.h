/* SPDX-License-Identifier: MIT */
/* The rows whose answers are furthest off, and where they stand in the files that they came from. */
#ifndef WORST_H
#define WORST_H

#include <stddef.h>
#include <stdint.h>

#include "batch.h"

struct worst_row {
	char *place;                    /* "deliveries.csv:17" */
	double truth, answer;           /* value, or class number */
	double error;                   /* answer - truth; or, where the class is wrong, 1 - the probability of the true one (if not known: 1) */
};
/* By size of the error; among equals the first that came. Rows without any error are never here. */
struct worst { struct worst_row *rows; size_t n, room, limit; };

void worst_start(struct worst *worst, size_t limit);
/* row->place is not read: it is made from the row's origin fields, if the row is kept. */
void worst_add(struct worst *worst, const struct worst_row *row, struct batch *batch, size_t batch_row, uint64_t row_number);
void worst_release(struct worst *worst);

#endif
