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

/* How many of a word are set. For a CPU that may lack the instruction the compiler's own is a call. */
static inline unsigned bits_ones(uint64_t word)
{
	word -= word >> 1 & UINT64_C(0x5555555555555555);
	word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
	word = (word + (word >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (unsigned)(word * UINT64_C(0x0101010101010101) >> 56);
}

/* Which of a word's rows are among first .. end - 1, of which it has one. */
static inline uint64_t bits_between(size_t word, size_t first, size_t end)
{
	uint64_t bits = ~UINT64_C(0);

	if (word == first / 64)
		bits <<= first % 64;
	return end - word * 64 < 64 ? bits & ((UINT64_C(1) << (end - word * 64)) - 1) : bits;
}

/* Bit i: whether the number of bits up to i, that one too, is odd. */
static inline uint64_t bits_parity(uint64_t bits)
{
	bits ^= bits << 1;
	bits ^= bits << 2;
	bits ^= bits << 4;
	bits ^= bits << 8;
	bits ^= bits << 16;
	return bits ^ bits << 32;
}

/* Eight bytes, each 0 or 1, as bits. */
static inline uint64_t bits_of_eight(uint64_t bools) { return bools * UINT64_C(0x0102040810204080) >> 56; }

#endif
