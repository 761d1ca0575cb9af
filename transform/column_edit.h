/* SPDX-License-Identifier: MIT */
/*
 * New columns out of old ones. A text column is looked at once per distinct text
 * while it has a dictionary, and keeps it. Results lie in the batch's arena, but
 * may share the block of the column that they are made from: column_put sees to
 * its users.
 */
#ifndef COLUMN_EDIT_H
#define COLUMN_EDIT_H

#include "batch.h"
#include "buffer.h"
#include "error.h"

/* batch_put_as for a column that may share the block of any column of the batch. */
void column_put(struct batch *batch, size_t col, enum type type, const struct column *fresh);

/* Completes a column of arena memory: counts n_missing, zeros values and codes under missing rows, which must be the arena's. */
void column_close(const struct batch *batch, struct column *column, enum type type);

/* The column without the values of some rows (bit map, 1 = goes); n_gone: how many of them were there. */
void column_forget(struct batch *batch, const struct column *from, enum type type, const uint64_t *rows, struct column *result,
                   uint64_t *n_gone);

/* Reads each text into a value of type `to`, not TYPE_TEXT (int64_t, double, uint8_t at *value). False: no value; n_lost counts
 * the rows. */
void column_read_texts(struct batch *batch, const struct column *from, enum type to,
                       bool (*read)(void *state, const char *bytes, size_t size, void *value), void *state,
                       struct column *result, uint64_t *n_lost);

/* Appends what each text becomes to the buffer. */
int column_edit_texts(struct batch *batch, const struct column *from,
                      void (*edit)(void *state, const char *bytes, size_t size, struct buffer *to), void *state,
                      struct column *result, struct error *err) MUST_CHECK;

/* Sets the bits of the rows whose text is wanted. */
void column_find_texts(const struct batch *batch, const struct column *column,
                       bool (*wanted)(void *state, const char *bytes, size_t size), void *state, uint64_t *rows);

#endif
