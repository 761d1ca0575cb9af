/* SPDX-License-Identifier: MIT */
/* Bit maps over rows: row i is bit i % 64 of word i / 64; bits behind the last row are 0. */
#ifndef BITS_H
#define BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline size_t bits_words(size_t n_rows) { return (n_rows + 63) / 64; }
static inline bool bit_is_set(const uint64_t *bits, size_t row) { return bits[row / 64] >> row % 64 & 1; }
static inline void bit_set(uint64_t *bits, size_t row) { bits[row / 64] |= UINT64_C(1) << row % 64; }
static inline void bit_clear(uint64_t *bits, size_t row) { bits[row / 64] &= ~(UINT64_C(1) << row % 64); }

#endif
