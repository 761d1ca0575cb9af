/* SPDX-License-Identifier: MIT */
/*
 * Counted bytes that never change once made: a fitted state or a packed model is
 * held once, whoever shares it. NULL stands for none and is fine everywhere.
 * Counts are atomic: threads may share one.
 */
#ifndef BYTES_H
#define BYTES_H

#include <stdatomic.h>
#include <stddef.h>

#include "buffer.h"

struct bytes { _Atomic size_t users; size_t size; unsigned char *data; };

struct bytes *bytes_new(const void *data, size_t size);         /* a copy, held once by the caller */
struct bytes *bytes_of(struct buffer *buffer);                  /* takes over what lies in the buffer, which is empty behind; of nothing: NULL */
struct bytes *bytes_use(const struct bytes *bytes);             /* one holder more */
void bytes_drop(struct bytes *bytes);                           /* one less; freed with the last */

#endif
