/* SPDX-License-Identifier: MIT */
/*
 * A word of 64 rows at a time. AVX-512 moves the values of a register together by a
 * mask; without it the values of a word of which many are wanted are all written, each
 * on the place of the one before if that was not: nobody could foretell a branch.
 */
#include "pick.h"

#include <stdbool.h>
#include <string.h>

#include "bits.h"

#ifdef CPU_HAS_LANES
#include <immintrin.h>
#endif

#define INLINE inline __attribute__((always_inline))

enum { DENSE = 24 };            /* of 64 rows */

static INLINE void copy_one(unsigned char *to, const unsigned char *from, size_t width) { memcpy(to, from, width); }

/* The word's rows: bits. Reads and writes nothing of rows without one. */
static INLINE size_t pick_word(unsigned char *to, const unsigned char *from, size_t width, uint64_t bits)
{
	size_t n = 0;

	if (bits_ones(bits) < DENSE) {
		for (; bits; bits &= bits - 1)
			copy_one(&to[n++ * width], &from[(size_t)__builtin_ctzll(bits) * width], width);
		return n;
	}
	from += (size_t)__builtin_ctzll(bits) * width;
	for (bits >>= __builtin_ctzll(bits); bits; bits >>= 1, from += width) {
		copy_one(&to[n * width], from, width);
		n += bits & 1;
	}
	return n;
}

#ifdef CPU_HAS_LANES
static INLINE AVX512_BYTES size_t pick_word_avx512(unsigned char *to, const unsigned char *from, size_t width, uint64_t bits)
{
	size_t n = 0, lanes = 64 / width;

	for (size_t row = 0; row < 64; row += lanes) {
		uint64_t mask = lanes == 64 ? bits : bits >> row & ((UINT64_C(1) << lanes % 64) - 1);
		size_t ones = (size_t)_mm_popcnt_u64(mask);
		uint64_t low = _bzhi_u64(~UINT64_C(0), (unsigned)ones);
		void *at = &to[n * width];
		const void *values = &from[row * width];

		if (width == 8)
			_mm512_mask_storeu_epi64(at, (__mmask8)low, _mm512_maskz_compress_epi64((__mmask8)mask, _mm512_maskz_loadu_epi64((__mmask8)mask, values)));
		else if (width == 4)
			_mm512_mask_storeu_epi32(at, (__mmask16)low, _mm512_maskz_compress_epi32((__mmask16)mask, _mm512_maskz_loadu_epi32((__mmask16)mask, values)));
		else if (width == 2)
			_mm512_mask_storeu_epi16(at, (__mmask32)low, _mm512_maskz_compress_epi16((__mmask32)mask, _mm512_maskz_loadu_epi16((__mmask32)mask, values)));
		else
			_mm512_mask_storeu_epi8(at, low, _mm512_maskz_compress_epi8(mask, _mm512_maskz_loadu_epi8(mask, values)));
		n += ones;
	}
	return n;
}
#endif

struct pick { unsigned char *to; const unsigned char *from; const uint64_t *rows, *also; size_t first, end; };

/* Which rows of a word are wanted. */
static INLINE uint64_t bits_of(const struct pick *what, size_t word)
{
	return (what->rows ? what->rows[word] : ~UINT64_C(0)) & (what->also ? what->also[word] : ~UINT64_C(0)) & bits_between(word, what->first, what->end);
}

#define PICK(name, target, width, of_word) \
static target size_t name(const struct pick *what) \
{ \
	unsigned char *to = what->to; \
\
	for (size_t word = what->first / 64; word * 64 < what->end; word++) { \
		const unsigned char *from = &what->from[word * 64 * (width)]; \
		uint64_t bits = bits_of(what, word); \
\
		if (bits == ~UINT64_C(0)) { \
			memcpy(to, from, 64 * (width)); \
			to += 64 * (width); \
		} else if (bits) { \
			to += of_word(to, from, width, bits) * (width); \
		} \
	} \
	return (size_t)(to - what->to) / (width); \
}

PICK(pick_1, , 1, pick_word)
PICK(pick_2, , 2, pick_word)
PICK(pick_4, , 4, pick_word)
PICK(pick_8, , 8, pick_word)
#ifdef CPU_HAS_LANES
PICK(pick_1_avx512, AVX512_BYTES, 1, pick_word_avx512)
PICK(pick_2_avx512, AVX512_BYTES, 2, pick_word_avx512)
PICK(pick_4_avx512, AVX512_BYTES, 4, pick_word_avx512)
PICK(pick_8_avx512, AVX512_BYTES, 8, pick_word_avx512)
#endif

size_t pick_values(void *to, const void *from, size_t width, const uint64_t *rows, const uint64_t *also, size_t first, size_t end, enum cpu_lanes by)
{
	const struct pick what = { to, from, rows, also, first, end };

	(void)by;               /* where there are no vectors */
	if (first >= end)
		return 0;
#ifdef CPU_HAS_LANES
	if (by >= CPU_AVX512_BYTES)
		return width == 8 ? pick_8_avx512(&what) : width == 4 ? pick_4_avx512(&what) : width == 2 ? pick_2_avx512(&what) : pick_1_avx512(&what);
#endif
	return width == 8 ? pick_8(&what) : width == 4 ? pick_4(&what) : width == 2 ? pick_2(&what) : pick_1(&what);
}
