/* SPDX-License-Identifier: MIT */
/*
 * Long batches in slices: others' programs may write batches of any length, and each
 * batch on its way costs memory several times over. Where it is cut hangs on the
 * batch alone, so that what comes out is the same for any memory and threads.
 */
#ifndef SLICES_H
#define SLICES_H

#include "stream.h"

/* The source, from here on, hands out batches of more than 4 MiB in slices of up to 1 MiB, or of 1 KiB a column where that is more; a row
 * that is longer is a slice. It is closed as before. A batch comes whole before it is cut: of more than `memory` bytes that is said, once. */
void source_slice(struct source *source, uint64_t memory, const struct host *host);

/* What a row is at its widest on its way through steps: fields, and the bytes of their values. */
struct row_width { size_t n_fields, bytes; };
/* The same for batches that steps widen, each taken for as long as it becomes there: a step that makes ten thousand fields must not
 * find thousands of rows. Nothing is said. */
void source_slice_wide(struct source *source, const struct row_width *width);
size_t slice_bytes(size_t n_fields);    /* of a batch of so many fields that is not cut, at most */

#endif
