/* SPDX-License-Identifier: MIT */
/*
 * Runs of plain bytes: what writers of quoted and escaped text copy as it is. What
 * stops a run is a control byte (below 0x20) or one of two more, a quote, a delimiter,
 * a backslash. Sixteen bytes at a time on x86-64, eight elsewhere.
 */
#ifndef TEXT_RUN_H
#define TEXT_RUN_H

#include <stddef.h>
#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "eight_bytes.h"

/* The first of eight bytes that stops a run is the lowest that has its high bit set here. */
static inline uint64_t run_stops(uint64_t word, char a, char b)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t is_a = word ^ ones * (unsigned char)a, is_b = word ^ ones * (unsigned char)b;

	return (((word - 0x20 * ones) & ~word) | ((is_a - ones) & ~is_a) | ((is_b - ones) & ~is_b)) & high;
}

/* How many bytes at the start are plain. */
static inline size_t text_run_by_eight(const char *bytes, size_t size, char a, char b)
{
	size_t i = 0;

	for (; i + 8 <= size; i += 8) {
		uint64_t stops = run_stops(load_eight(bytes + i), a, b);

		if (stops)
			return i + (size_t)__builtin_ctzll(stops) / 8;
	}
	while (i < size && (unsigned char)bytes[i] >= 0x20 && bytes[i] != a && bytes[i] != b)
		i++;
	return i;
}

#ifdef __SSE2__
/* A bit for each of sixteen bytes that stops a run. */
static inline unsigned run_stops_16(const char *bytes, char a, char b)
{
	__m128i word = _mm_loadu_si128((const __m128i *)(const void *)bytes);
	__m128i control = _mm_cmpeq_epi8(_mm_min_epu8(word, _mm_set1_epi8(0x1f)), word);

	return (unsigned)_mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(_mm_cmpeq_epi8(word, _mm_set1_epi8(a)), _mm_cmpeq_epi8(word, _mm_set1_epi8(b)))));
}
#endif

static inline size_t text_run(const char *bytes, size_t size, char a, char b)
{
	size_t i = 0;

#ifdef __SSE2__
	for (; i + 16 <= size; i += 16) {
		unsigned stops = run_stops_16(bytes + i, a, b);

		if (stops)
			return i + (size_t)__builtin_ctz(stops);
	}
	if (i > 0 && i < size) {        /* the last sixteen, of which some were looked at */
		unsigned stops = run_stops_16(bytes + size - 16, a, b);

		return stops ? size - 16 + (size_t)__builtin_ctz(stops) : size;
	}
#endif
	return i + text_run_by_eight(bytes + i, size - i, a, b);
}

#endif
