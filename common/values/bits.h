/* SPDX-License-Identifier: MIT */
/* Bit maps over rows: row i is bit i % 64 of word i / 64; bits behind the last row are 0. */
#ifndef BITS_H
#define BITS_H

#include <stddef.h>

static inline size_t bits_words(size_t n_rows) { return (n_rows + 63) / 64; }

#endif
