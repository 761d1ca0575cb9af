/* SPDX-License-Identifier: MIT */
/*
 * Without AVX2, eight bytes at a time: a byte that is the one looked for is 0 after
 * an exclusive or, the high bit of each byte that is 0 is set without a carry into the
 * next, and one multiplication gathers the eight high bits.
 */
#include "structure.h"

#include <string.h>

#if defined __x86_64__ && defined __gnu_linux__
#define HAS_AVX2 1
#include <immintrin.h>
#endif

enum { WORD_BYTES = 8, STRUCTURE_BYTES = 64 };

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (unsigned char)(value))

/* Bit i: byte i of the word, in the order in which they lie, is the one that `pattern` repeats. */
static uint64_t equal_bytes(uint64_t word, uint64_t pattern)
{
	uint64_t different = word ^ pattern, low = EACH_BYTE(0x7f);
	uint64_t zeros = ~(((different & low) + low) | different | low);        /* 0x80 where the byte is 0 */

	return (zeros >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

bool structure_find_plainly(const char *bytes, size_t n, unsigned char delimiter, int quote, struct structure *to)
{
	uint64_t high = 0;

	for (size_t i = 0; i < n; i++) {
		struct structure found = { .quotes = 0 };

		for (int at = 0; at < STRUCTURE_BYTES; at += WORD_BYTES) {
			uint64_t word = 0;

			for (int byte = 0; byte < WORD_BYTES; byte++)
				word |= (uint64_t)(unsigned char)bytes[STRUCTURE_BYTES * i + (size_t)(at + byte)] << 8 * byte;
			high |= word;
			found.delimiters |= equal_bytes(word, EACH_BYTE(delimiter)) << at;
			found.line_feeds |= equal_bytes(word, EACH_BYTE('\n')) << at;
			found.returns |= equal_bytes(word, EACH_BYTE('\r')) << at;
			if (quote >= 0)
				found.quotes |= equal_bytes(word, EACH_BYTE(quote)) << at;
		}
		to[i] = found;
	}
	return high & EACH_BYTE(0x80);
}

struct structure_count structure_count_plainly(const char *bytes, size_t n, int quote)
{
	struct structure_count count = { .quotes = 0 };

	for (size_t at = 0; at < STRUCTURE_BYTES * n; at += WORD_BYTES) {
		uint64_t word;

		memcpy(&word, bytes + at, sizeof word);         /* in whatever order they lie: they are only counted */
		count.line_feeds += (uint64_t)__builtin_popcountll(equal_bytes(word, EACH_BYTE('\n')));
		if (quote >= 0)
			count.quotes += (uint64_t)__builtin_popcountll(equal_bytes(word, EACH_BYTE(quote)));
	}
	return count;
}

#ifdef HAS_AVX2
__attribute__((target("avx2")))
static uint64_t equal_64(__m256i low, __m256i high, __m256i byte)
{
	uint32_t first = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, byte));
	uint32_t second = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, byte));

	return first | (uint64_t)second << 32;
}

__attribute__((target("avx2")))
static bool find_avx2(const char *bytes, size_t n, unsigned char delimiter, int quote, struct structure *to)
{
	const __m256i delimiters = _mm256_set1_epi8((char)delimiter), quotes = _mm256_set1_epi8((char)quote);
	const __m256i line_feeds = _mm256_set1_epi8('\n'), returns = _mm256_set1_epi8('\r');
	__m256i any = _mm256_setzero_si256();

	for (size_t i = 0; i < n; i++) {
		__m256i low = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + STRUCTURE_BYTES * i));
		__m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + STRUCTURE_BYTES * i + STRUCTURE_BYTES / 2));

		any = _mm256_or_si256(any, _mm256_or_si256(low, high));
		to[i] = (struct structure){
			.delimiters = equal_64(low, high, delimiters), .quotes = quote < 0 ? 0 : equal_64(low, high, quotes),
			.line_feeds = equal_64(low, high, line_feeds), .returns = equal_64(low, high, returns),
		};
	}
	return _mm256_movemask_epi8(any) != 0;
}

__attribute__((target("avx2")))
static uint64_t sum_64(__m256i words)
{
	__m128i sum = _mm_add_epi64(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));

	return (uint64_t)_mm_extract_epi64(sum, 0) + (uint64_t)_mm_extract_epi64(sum, 1);
}

/* Each byte of a counter takes 255 at most: they are summed up before. */
__attribute__((target("avx2")))
static struct structure_count count_avx2(const char *bytes, size_t n, int quote)
{
	enum { AT_ONCE = 127 };
	const __m256i a_quote = _mm256_set1_epi8((char)quote), a_line_feed = _mm256_set1_epi8('\n'), zero = _mm256_setzero_si256();
	__m256i all_quotes = zero, all_line_feeds = zero;

	for (size_t i = 0; i < n;) {
		__m256i quotes = zero, line_feeds = zero;
		size_t end = n - i < AT_ONCE ? n : i + AT_ONCE;

		for (; i < end; i++) {
			__m256i low = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + STRUCTURE_BYTES * i));
			__m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + STRUCTURE_BYTES * i + STRUCTURE_BYTES / 2));

			quotes = _mm256_sub_epi8(quotes, _mm256_cmpeq_epi8(low, a_quote));
			quotes = _mm256_sub_epi8(quotes, _mm256_cmpeq_epi8(high, a_quote));
			line_feeds = _mm256_sub_epi8(line_feeds, _mm256_cmpeq_epi8(low, a_line_feed));
			line_feeds = _mm256_sub_epi8(line_feeds, _mm256_cmpeq_epi8(high, a_line_feed));
		}
		all_quotes = _mm256_add_epi64(all_quotes, _mm256_sad_epu8(quotes, zero));
		all_line_feeds = _mm256_add_epi64(all_line_feeds, _mm256_sad_epu8(line_feeds, zero));
	}
	return (struct structure_count){ .quotes = quote < 0 ? 0 : sum_64(all_quotes), .line_feeds = sum_64(all_line_feeds) };
}
#endif

struct structure_count structure_count(const char *bytes, size_t n, int quote)
{
#ifdef HAS_AVX2
	if (__builtin_cpu_supports("avx2"))
		return count_avx2(bytes, n, quote);
#endif
	return structure_count_plainly(bytes, n, quote);
}

bool structure_find(const char *bytes, size_t n, unsigned char delimiter, int quote, struct structure *to)
{
#ifdef HAS_AVX2
	if (__builtin_cpu_supports("avx2"))
		return find_avx2(bytes, n, delimiter, quote, to);
#endif
	return structure_find_plainly(bytes, n, delimiter, quote, to);
}
