/* SPDX-License-Identifier: MIT */
/*
 * Four words say which of 64 bytes are delimiters, quotes, line feeds and CRs, bit i for byte i. What is in quotes is
 * the parity of quotes up to each byte: a product without carries by all ones has it, or six shifts. Nothing branches on what the bytes are but
 * for what is rare: how many ends a word has, and where quotes are, is different from word to word, and a branch that is guessed wrongly costs more
 * than all of a word. So more ends are written than there are, and the next word's go over them.
 *
 * Without AVX2 the words are made of eight bytes at a time.
 */
#include "structure.h"

#include "bits.h"
#include "eight_bytes.h"

#if defined __x86_64__ && defined __gnu_linux__
#define HAS_WAYS 1
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt,pclmul")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt,pclmul")))
#endif

enum { WORD = 64 };

/* 64 bytes. */
struct parts { uint64_t delimiters, quotes, line_feeds, returns; };

/* Only the first n of them. */
static inline struct parts first_bytes(struct parts word, size_t n)
{
	uint64_t there = (UINT64_C(1) << n) - 1;

	return (struct parts){ word.delimiters & there, word.quotes & there, word.line_feeds & there, word.returns & there };
}

/* The ends among them, and what they leave to the next ones. odd: bit i is the parity of quotes up to byte i. */
static inline __attribute__((always_inline)) uint64_t find_ends(struct structure *structure, struct parts word, uint64_t odd, uint64_t *line_feeds)
{
	uint64_t quoted = odd ^ structure->quoted, closing = word.quotes & ~quoted, behind = closing << 1 | structure->closed;
	uint64_t ends = (word.delimiters | word.line_feeds) & ~quoted, returns = word.returns & ~quoted, wrong;

	*line_feeds = word.line_feeds & ~quoted;
	wrong = word.quotes & quoted & ~(ends << 1 | structure->begins | behind);
	wrong |= behind & ~(ends | returns | word.quotes);
	wrong |= (returns << 1 | structure->returned) & ~*line_feeds;
	structure->quotes |= word.quotes;
	structure->within |= word.line_feeds & quoted;
	structure->quoted = 0 - (quoted >> 63);
	structure->closed = closing >> 63;
	structure->returned = returns >> 63;
	structure->begins = ends >> 63;
	if (wrong) {
		uint64_t before = (wrong & (0 - wrong)) - 1;

		ends &= before;
		*line_feeds &= before;
		structure->wrong = true;
	}
	return ends;
}

/* ---- without AVX2 ---- */

static inline struct parts look_plainly(const char *bytes, unsigned char delimiter, int quote, uint64_t *high)
{
	struct parts found = { .quotes = 0 };

	for (int at = 0; at < WORD; at += 8) {
		uint64_t word = load_eight(bytes + at);

		*high |= word & EIGHT(0x80);
		found.delimiters |= equal_bytes(word, EIGHT(delimiter)) << at;
		found.line_feeds |= equal_bytes(word, EIGHT('\n')) << at;
		found.returns |= equal_bytes(word, EIGHT('\r')) << at;
		if (quote >= 0)
			found.quotes |= equal_bytes(word, EIGHT((unsigned char)quote)) << at;
	}
	return found;
}

static void find_plainly(struct structure *all, size_t from, size_t upto)
{
	struct structure structure = *all;      /* nothing else points to it, so that it stays in registers */

	for (size_t at = from; at < upto && !structure.wrong; at += WORD) {
		struct parts word = look_plainly(structure.bytes + at, structure.delimiter, structure.quote, &structure.high);
		uint64_t ends, line_feeds;

		word = upto - at < WORD ? first_bytes(word, upto - at) : word;
		ends = find_ends(&structure, word, bits_parity(word.quotes), &line_feeds);
		structure.n_line_feeds += bits_ones(line_feeds);
		for (; ends; ends &= ends - 1)
			structure.to[structure.n++] = (uint32_t)at + (uint32_t)__builtin_ctzll(ends);
	}
	*all = structure;
}

struct structure_count structure_count_plainly(const char *bytes, size_t n, int quote)
{
	struct structure_count count = { .quotes = 0 };

	for (size_t at = 0; at < WORD * n; at += 8) {
		uint64_t word = load_eight(bytes + at);

		count.line_feeds += bits_ones(equal_bytes(word, EIGHT('\n')));
		if (quote >= 0)
			count.quotes += bits_ones(equal_bytes(word, EIGHT((unsigned char)quote)));
	}
	return count;
}

#ifdef HAS_WAYS
/* ---- with AVX2 ---- */

AVX2 static inline uint64_t equal_64(__m256i low, __m256i high, __m256i byte)
{
	uint32_t first = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, byte));
	uint32_t second = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, byte));

	return first | (uint64_t)second << 32;
}

AVX2 static inline uint64_t parity_by_product(uint64_t bits)
{
	return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)bits), _mm_set1_epi8(-1), 0));
}

enum { ENDS_AT_ONCE = 12 };

AVX2 static inline void add_ends_avx2(struct structure *structure, uint32_t at, uint64_t ends)
{
	uint32_t *to = structure->to + structure->n;
	size_t n = (size_t)__builtin_popcountll(ends);

	structure->n += n;
	for (;; to += ENDS_AT_ONCE) {
		for (int i = 0; i < ENDS_AT_ONCE; i++) {
			to[i] = at + (uint32_t)_tzcnt_u64(ends);
			ends = _blsr_u64(ends);
		}
		if (n <= ENDS_AT_ONCE)
			return;
		n -= ENDS_AT_ONCE;
	}
}

AVX2 static void find_avx2(struct structure *all, size_t from, size_t upto)
{
	struct structure structure = *all;
	const __m256i delimiters = _mm256_set1_epi8((char)structure.delimiter), quotes = _mm256_set1_epi8((char)structure.quote);
	const __m256i line_feeds = _mm256_set1_epi8('\n'), returns = _mm256_set1_epi8('\r');
	__m256i any = _mm256_setzero_si256();
	uint64_t quote_mask = structure.quote < 0 ? 0 : UINT64_MAX;

	for (size_t at = from; at < upto && !structure.wrong; at += WORD) {
		__m256i low = _mm256_loadu_si256((const __m256i *)(const void *)(structure.bytes + at));
		__m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(structure.bytes + at + WORD / 2));
		struct parts word = {
			.delimiters = equal_64(low, high, delimiters), .quotes = equal_64(low, high, quotes) & quote_mask,
			.line_feeds = equal_64(low, high, line_feeds), .returns = equal_64(low, high, returns),
		};
		uint64_t ends, of_rows;

		any = _mm256_or_si256(any, _mm256_or_si256(low, high));
		word = upto - at < WORD ? first_bytes(word, upto - at) : word;
		ends = find_ends(&structure, word, parity_by_product(word.quotes), &of_rows);
		structure.n_line_feeds += (size_t)__builtin_popcountll(of_rows);
		add_ends_avx2(&structure, (uint32_t)at, ends);
	}
	structure.high |= (uint32_t)_mm256_movemask_epi8(any);
	*all = structure;
}

/* ---- with AVX-512 ---- */

AVX512 static inline void add_sixteen(uint32_t *to, uint32_t at, __m128i places)
{
	_mm512_storeu_si512(to, _mm512_add_epi32(_mm512_cvtepu8_epi32(places), _mm512_set1_epi32((int)at)));
}

AVX512 static inline void add_ends_avx512(struct structure *structure, uint32_t at, uint64_t ends, __m512i each)
{
	uint32_t *to = structure->to + structure->n;
	__m512i places = _mm512_maskz_compress_epi8(ends, each);
	size_t n = (size_t)__builtin_popcountll(ends);

	structure->n += n;
	add_sixteen(to, at, _mm512_castsi512_si128(places));
	if (n <= 16)
		return;
	add_sixteen(to + 16, at, _mm512_extracti32x4_epi32(places, 1));
	if (n <= 32)
		return;
	add_sixteen(to + 32, at, _mm512_extracti32x4_epi32(places, 2));
	add_sixteen(to + 48, at, _mm512_extracti32x4_epi32(places, 3));
}

AVX512 static void find_avx512(struct structure *all, size_t from, size_t upto)
{
	static const uint8_t counts_up[WORD] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
		32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
	};
	struct structure structure = *all;
	const __m512i delimiters = _mm512_set1_epi8((char)structure.delimiter), quotes = _mm512_set1_epi8((char)structure.quote);
	const __m512i line_feeds = _mm512_set1_epi8('\n'), returns = _mm512_set1_epi8('\r'), each = _mm512_loadu_si512(counts_up);
	__m512i any = _mm512_setzero_si512();
	uint64_t quote_mask = structure.quote < 0 ? 0 : UINT64_MAX;

	for (size_t at = from; at < upto && !structure.wrong; at += WORD) {
		__m512i bytes = _mm512_loadu_si512(structure.bytes + at);
		struct parts word = {
			.delimiters = _mm512_cmpeq_epi8_mask(bytes, delimiters), .quotes = _mm512_cmpeq_epi8_mask(bytes, quotes) & quote_mask,
			.line_feeds = _mm512_cmpeq_epi8_mask(bytes, line_feeds), .returns = _mm512_cmpeq_epi8_mask(bytes, returns),
		};
		uint64_t ends, of_rows;

		any = _mm512_or_si512(any, bytes);
		word = upto - at < WORD ? first_bytes(word, upto - at) : word;
		ends = find_ends(&structure, word, parity_by_product(word.quotes), &of_rows);
		structure.n_line_feeds += (size_t)__builtin_popcountll(of_rows);
		add_ends_avx512(&structure, (uint32_t)at, ends, each);
	}
	structure.high |= _mm512_movepi8_mask(any);
	*all = structure;
}

/* ---- counts ---- */

AVX2 static uint64_t sum_64(__m256i words)
{
	__m128i sum = _mm_add_epi64(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));

	return (uint64_t)_mm_extract_epi64(sum, 0) + (uint64_t)_mm_extract_epi64(sum, 1);
}

/* Each byte of a counter takes 255 at most: they are summed up before. */
AVX2 static struct structure_count count_avx2(const char *bytes, size_t n, int quote)
{
	enum { AT_ONCE = 127 };
	const __m256i a_quote = _mm256_set1_epi8((char)quote), a_line_feed = _mm256_set1_epi8('\n'), zero = _mm256_setzero_si256();
	__m256i all_quotes = zero, all_line_feeds = zero;

	for (size_t i = 0; i < n;) {
		__m256i quotes = zero, line_feeds = zero;
		size_t end = n - i < AT_ONCE ? n : i + AT_ONCE;

		for (; i < end; i++) {
			__m256i low = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + WORD * i));
			__m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + WORD * i + WORD / 2));

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

/* ---- the way ---- */

enum structure_way structure_best(void)
{
#ifdef HAS_WAYS
	bool bits = __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("pclmul");

	if (bits && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
	    __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2"))
		return STRUCTURE_AVX512;
	if (bits && __builtin_cpu_supports("avx2"))
		return STRUCTURE_AVX2;
#endif
	return STRUCTURE_PLAIN;
}

void structure_find(struct structure *structure, size_t from, size_t upto, enum structure_way way)
{
	switch (way) {
#ifdef HAS_WAYS
	case STRUCTURE_AVX512: find_avx512(structure, from, upto); break;
	case STRUCTURE_AVX2: find_avx2(structure, from, upto); break;
#endif
	default: find_plainly(structure, from, upto); break;
	}
}

struct structure_count structure_count(const char *bytes, size_t n, int quote)
{
#ifdef HAS_WAYS
	if (structure_best() >= STRUCTURE_AVX2)
		return count_avx2(bytes, n, quote);
#endif
	return structure_count_plainly(bytes, n, quote);
}
