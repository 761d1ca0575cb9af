/* SPDX-License-Identifier: MIT */
/*
 * Texts in quotes without them. Those within are doubled, and the second of each two is dropped: quotes up to which
 * their number is even. A text is gone through in words of 64 bytes, of which most have one, and what is kept of a word is
 * written in any case: a branch on whether it has quotes would be guessed wrongly too often. With AVX-512 a word is compressed in a
 * register; without, pieces of it are copied. Both give the same.
 */
#ifndef UNQUOTE_H
#define UNQUOTE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

#include "bits.h"
#include "cpu.h"
#include "eight_bytes.h"

/* Bytes behind a text that may be read, and behind what is kept of it that may be written. */
enum { UNQUOTE_SLACK = 64, UNQUOTE_WORD = 64 };

/* A text of `size` bytes, 2 or more, that begins and ends with its quote; what is between them, to `to`. Gives how many bytes that is. */
typedef size_t unquote(char *to, const char *text, size_t size);

/* Bit i: byte i of 64 is this one. */
static inline uint64_t equal_word(const char *bytes, char byte)
{
	uint64_t equal = 0;

#ifdef __SSE2__
	for (int at = 0; at < UNQUOTE_WORD; at += 16) {
		__m128i sixteen = _mm_loadu_si128((const __m128i *)(const void *)(bytes + at));

		equal |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(sixteen, _mm_set1_epi8(byte))) << at;
	}
#else
	for (int at = 0; at < UNQUOTE_WORD; at += 8)
		equal |= equal_bytes(load_eight(bytes + at), EIGHT((unsigned char)byte)) << at;
#endif
	return equal;
}

static inline size_t unquote_plainly(char *to, const char *text, size_t size)
{
	const char *from = text + 1;
	uint64_t odd = 0;               /* all bits: the last word ended with the first of two */
	size_t n = 0;

	size -= 2;
	for (size_t at = 0; at < size; at += UNQUOTE_WORD) {
		size_t begin = at, end = size - at < UNQUOTE_WORD ? size : at + UNQUOTE_WORD;
		uint64_t quotes = equal_word(from + at, *text) & ~UINT64_C(0) >> (UNQUOTE_WORD - (end - at)), parity = bits_parity(quotes) ^ odd;

		for (uint64_t drop = quotes & ~parity; drop; drop &= drop - 1) {
			size_t behind = at + (size_t)__builtin_ctzll(drop);

			memcpy(to + n, from + begin, UNQUOTE_WORD);
			n += behind - begin;
			begin = behind + 1;
		}
		odd = 0 - (parity >> 63);
		memcpy(to + n, from + begin, UNQUOTE_WORD);
		n += end - begin;
	}
	return n;
}

#ifdef CPU_HAS_LANES
AVX512_BYTES static inline size_t unquote_avx512(char *to, const char *text, size_t size)
{
	const char *from = text + 1;
	uint64_t odd = 0;
	size_t n = 0;

	size -= 2;
	for (size_t at = 0;; at += UNQUOTE_WORD) {
		__m512i word = _mm512_loadu_si512(from + at);
		uint64_t there = _bzhi_u64(~UINT64_C(0), size - at < UNQUOTE_WORD ? (unsigned)(size - at) : UNQUOTE_WORD);
		uint64_t quotes = _mm512_cmpeq_epi8_mask(word, _mm512_set1_epi8(*text)) & there;
		uint64_t parity = (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)quotes), _mm_set1_epi8(-1), 0)) ^ odd;

		there &= ~quotes | parity;
		_mm512_storeu_si512(to + n, _mm512_maskz_compress_epi8(there, word));
		n += (size_t)__builtin_popcountll(there);
		odd = 0 - (parity >> 63);
		if (size - at <= UNQUOTE_WORD)
			return n;
	}
}
#endif

#endif
