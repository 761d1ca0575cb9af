/* SPDX-License-Identifier: MIT */
/*
 * New columns out of old ones. A text column is looked at once per distinct text
 * while it has a dictionary, and keeps it. What did not change is shared with the
 * column that they are made from. Results are put with batch_put, or dropped with
 * column_drop. Of the batch only n_rows and pool are used; `scratch` is for the way.
 */
#ifndef COLUMN_EDIT_H
#define COLUMN_EDIT_H

#include "arena.h"
#include "batch.h"
#include "buffer.h"
#include "error.h"

/* The column without the values of some rows (bit map, 1 = goes); n_gone: how many of them were there. */
void column_forget(const struct batch *batch, const struct column *from, enum type type, const uint64_t *rows, struct column *result,
                   uint64_t *n_gone);

/* Reads each text into a value of type `to`, not TYPE_TEXT (int64_t, double, uint8_t at *value). False: no value; n_lost counts
 * the rows. */
void column_read_texts(const struct batch *batch, struct arena *scratch, const struct column *from, enum type to,
                       bool (*read)(void *state, const char *bytes, size_t size, void *value), void *state,
                       struct column *result, uint64_t *n_lost);

/* Appends what each text becomes to the buffer. After a failure there is no result to drop. */
int column_edit_texts(const struct batch *batch, const struct column *from,
                      void (*edit)(void *state, const char *bytes, size_t size, struct buffer *to), void *state,
                      struct column *result, struct error *err) MUST_CHECK;

/* Sets the bits of the rows whose text is wanted. */
void column_find_texts(const struct batch *batch, struct arena *scratch, const struct column *column,
                       bool (*wanted)(void *state, const char *bytes, size_t size), void *state, uint64_t *rows);

#endif
