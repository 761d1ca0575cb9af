/* SPDX-License-Identifier: MIT */
/*
 * Doubled quotes within a cell's own come in pairs, and the second of each is dropped: quotes up to which their number is
 * even. A text is gone through in words of 64 bytes, of which most have one, and is written anew whether it has such quotes or
 * not: a branch on that would be guessed wrongly too often. With AVX-512 a word is compressed in a register; else pieces of it are copied.
 */
#include "plain_texts.h"

#include <assert.h>
#include <string.h>

#include "bits.h"
#include "eight_bytes.h"
#ifdef __SSE2__
#include <immintrin.h>
#endif

#if defined __x86_64__ && defined __gnu_linux__
#define HAS_WAYS 1
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt,pclmul")))
#endif

enum { WORD = 64 };

static_assert((int)TEXT_SLACK <= (int)INPUT_SLACK && (int)WORD <= (int)INPUT_SLACK, "what stands behind the end of the input is read too");

/* A text that stood in quotes, to `to`, where WORD bytes more than `size` have room, without the second of doubled quotes; gives
 * its size there. WORD bytes behind `from` + size may be read. */
typedef size_t (*undouble)(char *to, const char *from, size_t size, char quote);

/* The first n of 64 bits. */
static inline uint64_t first_bits(size_t n) { return n < WORD ? (UINT64_C(1) << n) - 1 : ~UINT64_C(0); }

/* Bit i: byte i of 64 is this one. */
static inline uint64_t equal_word(const char *bytes, char byte)
{
	uint64_t equal = 0;

#ifdef __SSE2__
	for (int at = 0; at < WORD; at += 16)
		equal |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(bytes + at)), _mm_set1_epi8(byte))) << at;
#else
	for (int at = 0; at < WORD; at += 8)
		equal |= equal_bytes(load_eight(bytes + at), EIGHT((unsigned char)byte)) << at;
#endif
	return equal;
}

static inline size_t undouble_plainly(char *to, const char *from, size_t size, char quote)
{
	uint64_t odd = 0;               /* all bits: the last word ended with the first of two */
	size_t n = 0;

	for (size_t at = 0; at < size; at += WORD) {
		uint64_t quotes = equal_word(from + at, quote) & first_bits(size - at), parity = bits_parity(quotes) ^ odd;
		size_t begin = at, end = size - at < WORD ? size : at + WORD;

		for (uint64_t drop = quotes & ~parity; drop; drop &= drop - 1) {
			size_t behind = at + (size_t)__builtin_ctzll(drop);

			memcpy(to + n, from + begin, WORD);
			n += behind - begin;
			begin = behind + 1;
		}
		odd = 0 - (parity >> 63);
		memcpy(to + n, from + begin, WORD);
		n += end - begin;
	}
	return n;
}

/* Rows of texts without quotes, and with them. */
static inline __attribute__((always_inline)) void each_row(const struct cells *cells, size_t col, size_t from, size_t n, struct text_row *rows, struct buffer *room, undouble undoubled)
{
	const char *bytes = cells->bytes;
	const uint32_t *end = cells->ends + from * cells->n_columns + col, *before = col ? end - 1 : cells->begins + from;
	size_t step = cells->n_columns, step_before = col ? cells->n_columns : 1, most = cells->begins[from + n] - cells->begins[from];
	uint32_t after = col > 0;
	int quote = cells->quote;
	char *to = NULL;

	for (size_t i = 0; i < n; i++, end += step, before += step_before) {
		uint32_t begin = *before + after, size = *end - begin;
		const char *at = bytes + begin;

		if ((unsigned char)*at == quote && size > 0) {
			if (!to) {              /* for all of them, so that they stay where they are */
				buffer_reserve(room, most + 2 * WORD);
				to = (char *)room->data;
			}
			rows[i] = (struct text_row){ .text = to, .size = (uint32_t)undoubled(to, at + 1, size - 2, (char)quote) };
			to += rows[i].size;
			continue;
		}
		rows[i] = (struct text_row){ .text = at, .size = size, .missing = size == 0 };
	}
}

static void rows_plainly(const struct cells *cells, size_t col, size_t from, size_t n, struct text_row *rows, struct buffer *room)
{
	each_row(cells, col, from, n, rows, room, undouble_plainly);
}

#ifdef HAS_WAYS
AVX512 static inline size_t undouble_avx512(char *to, const char *from, size_t size, char quote)
{
	uint64_t odd = 0;
	size_t n = 0;

	for (size_t at = 0;; at += WORD) {
		__m512i word = _mm512_loadu_si512(from + at);
		uint64_t there = _bzhi_u64(~UINT64_C(0), size - at < WORD ? (unsigned)(size - at) : WORD), quotes = _mm512_cmpeq_epi8_mask(word, _mm512_set1_epi8(quote)) & there;
		uint64_t parity = (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)quotes), _mm_set1_epi8(-1), 0)) ^ odd;

		there &= ~quotes | parity;
		_mm512_storeu_si512(to + n, _mm512_maskz_compress_epi8(there, word));
		n += (size_t)__builtin_popcountll(there);
		odd = 0 - (parity >> 63);
		if (size - at <= WORD)
			return n;
	}
}

AVX512 static void rows_avx512(const struct cells *cells, size_t col, size_t from, size_t n, struct text_row *rows, struct buffer *room)
{
	each_row(cells, col, from, n, rows, room, undouble_avx512);
}
#endif

void plain_text_rows(const struct cells *cells, size_t col, size_t from, size_t n, struct text_row *rows, struct buffer *room, enum structure_way way)
{
#ifdef HAS_WAYS
	if (way == STRUCTURE_AVX512) {
		rows_avx512(cells, col, from, n, rows, room);
		return;
	}
#endif
	(void)way;
	rows_plainly(cells, col, from, n, rows, room);
}
