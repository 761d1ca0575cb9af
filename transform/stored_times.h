/* SPDX-License-Identifier: MIT */
/*
 * Times that come as text, where times were stored: a column of several offsets, or with a cell that is none, is text as
 * a whole, and yet each cell is read as it would be in a file of its own.
 *
 * A text is read by the stored form, else in any form of ISO 8601 that has a zone where the stored one has one, and none
 * where that has none. Another zone converts. What is read neither way is missing.
 */
#ifndef STORED_TIMES_H
#define STORED_TIMES_H

#include "arena.h"
#include "batch.h"

/* from: a text column of the batch, read. form: the stored one; NULL (shortest): any of ISO 8601. Makes *result, of times, to be put or
 * dropped. n_lost grows by the values that became missing, n_moved by those of another zone. */
void stored_times(const struct batch *batch, struct arena *scratch, const struct column *from, const char *form, struct column *result,
                  uint64_t *n_lost, uint64_t *n_moved);

#endif
