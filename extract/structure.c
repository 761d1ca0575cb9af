/* SPDX-License-Identifier: MIT */
/*
 * A part of the text is gone through three times. First four words say which of each 64 bytes are delimiters, quotes, line feeds and
 * CRs, bit i for byte i. Then what they mean is found for all words of the part at once, so that the compiler has vectors of words: what is
 * in quotes is the parity of quotes up to each byte, and only that goes from word to word. At last the ends' places are written down.
 * Nothing branches on what the bytes are but for what is rare: how many ends a word has, and where quotes are, is different from word to
 * word, and a branch that is guessed wrongly costs more than all of a word. So more ends are written than there are, and the next word's go
 * over them.
 *
 * Without AVX2 the words are made of eight bytes at a time.
 */
#include "structure.h"

#include "bits.h"
#include "eight_bytes.h"

#ifdef CPU_HAS_LANES
#include <immintrin.h>
#endif

enum { WORD = 64, WORDS = 64 };

/* Of WORDS words: what is which byte, and what find_ends makes of it. Those that have one more begin with what the word before them left. */
struct masks {
	uint64_t delimiters[WORDS], quotes[WORDS], line_feeds[WORDS], returns[WORDS];
	uint64_t quoted[WORDS + 1], inside[WORDS + 1], ends[WORDS + 1], bare_returns[WORDS + 1], wrong[WORDS];
};

/* Of n words there are only so many bytes: the last one may be a part of a word. */
static inline void shorten(struct masks *masks, size_t n, size_t size)
{
	uint64_t there = ~UINT64_C(0) >> (WORD * n - size);

	masks->delimiters[n - 1] &= there;
	masks->quotes[n - 1] &= there;
	masks->line_feeds[n - 1] &= there;
	masks->returns[n - 1] &= there;
}

/* Bytes one further, with the last one of the word before. */
static inline uint64_t next_byte(const uint64_t *word) { return word[0] << 1 | word[-1] >> 63; }

/* The ends of n words from the first wrong byte on are none. */
static void drop_wrong(struct structure *structure, struct masks *masks, size_t n)
{
	size_t i = 0;

	while (!masks->wrong[i])
		i++;
	masks->ends[i + 1] &= (masks->wrong[i] & (0 - masks->wrong[i])) - 1;
	masks->line_feeds[i] &= (masks->wrong[i] & (0 - masks->wrong[i])) - 1;
	for (i++; i < n; i++)
		masks->ends[i + 1] = masks->line_feeds[i] = 0;
	structure->wrong = true;
}

/* From the first four of a part to ends, and to line feeds among them. Inside is what stands in quotes, and these: a quote that is doubled closes and opens
 * again. Before it stands an end, behind it an end or a CR. */
static inline __attribute__((always_inline)) void find_ends(struct structure *structure, struct masks *masks, size_t n)
{
	uint64_t quotes = 0, within = 0, wrong = 0;

	masks->quoted[0] = structure->quoted;
	masks->inside[0] = structure->inside;
	masks->ends[0] = structure->ends;
	masks->bare_returns[0] = structure->returns;
	for (size_t i = 0; i < n; i++)
		masks->quoted[i + 1] = bits_parity(masks->quotes[i]);
	for (size_t i = 0; i < n; i++)
		masks->quoted[i + 1] ^= 0 - (masks->quoted[i] >> 63);
	for (size_t i = 0; i < n; i++) {
		uint64_t quoted = masks->quoted[i + 1];

		quotes |= masks->quotes[i];
		within |= masks->line_feeds[i] & quoted;
		masks->inside[i + 1] = quoted | masks->quotes[i];
		masks->ends[i + 1] = (masks->delimiters[i] | masks->line_feeds[i]) & ~quoted;
		masks->bare_returns[i + 1] = masks->returns[i] & ~quoted;
		masks->line_feeds[i] &= ~quoted;
	}
	for (size_t i = 0; i < n; i++) {
		uint64_t inside = masks->inside[i + 1], behind = next_byte(&masks->inside[i + 1]);

		masks->wrong[i] = (inside & ~behind & ~next_byte(&masks->ends[i + 1])) | (behind & ~inside & ~(masks->ends[i + 1] | masks->bare_returns[i + 1])) |
			(next_byte(&masks->bare_returns[i + 1]) & ~masks->line_feeds[i]);
		wrong |= masks->wrong[i];
	}
	structure->quotes |= quotes;
	structure->within |= within;
	structure->quoted = masks->quoted[n];
	structure->inside = masks->inside[n];
	structure->ends = masks->ends[n];
	structure->returns = masks->bare_returns[n];
	if (wrong)
		drop_wrong(structure, masks, n);
}

/* ---- without AVX2 ---- */

static void look_plainly(struct structure *structure, struct masks *masks, size_t from, size_t n)
{
	*masks = (struct masks){ .quotes = { 0 } };
	for (size_t at = 0; at < n * WORD; at += 8) {
		uint64_t word = load_eight(structure->bytes + from + at);
		size_t i = at / WORD, bit = at % WORD;

		structure->high |= word & EIGHT(0x80);
		masks->delimiters[i] |= equal_bytes(word, EIGHT(structure->delimiter)) << bit;
		masks->line_feeds[i] |= equal_bytes(word, EIGHT('\n')) << bit;
		masks->returns[i] |= equal_bytes(word, EIGHT('\r')) << bit;
		if (structure->quote >= 0)
			masks->quotes[i] |= equal_bytes(word, EIGHT((unsigned char)structure->quote)) << bit;
	}
}

static void write_plainly(struct structure *structure, const struct masks *masks, size_t from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		structure->n_line_feeds += bits_ones(masks->line_feeds[i]);
		for (uint64_t ends = masks->ends[i + 1]; ends; ends &= ends - 1)
			structure->to[structure->n++] = (uint32_t)(from + WORD * i) + (uint32_t)__builtin_ctzll(ends);
	}
}

static void part_plainly(struct structure *structure, struct masks *masks, size_t from, size_t n, size_t size)
{
	look_plainly(structure, masks, from, n);
	shorten(masks, n, size);
	find_ends(structure, masks, n);
	write_plainly(structure, masks, from, n);
}

static struct structure_count count_plainly(const char *bytes, size_t n, int quote)
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

#ifdef CPU_HAS_LANES
/* ---- with AVX2 ---- */

AVX2 static inline uint64_t equal_64(__m256i low, __m256i high, __m256i byte)
{
	uint32_t first = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, byte));
	uint32_t second = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, byte));

	return first | (uint64_t)second << 32;
}

AVX2 static inline void look_avx2(struct structure *structure, struct masks *masks, size_t from, size_t n)
{
	const __m256i delimiters = _mm256_set1_epi8((char)structure->delimiter), quotes = _mm256_set1_epi8((char)structure->quote);
	const __m256i line_feeds = _mm256_set1_epi8('\n'), returns = _mm256_set1_epi8('\r');
	__m256i any = _mm256_setzero_si256();
	uint64_t quote_mask = structure->quote < 0 ? 0 : UINT64_MAX;

	for (size_t i = 0; i < n; i++) {
		__m256i low = _mm256_loadu_si256((const __m256i *)(const void *)(structure->bytes + from + WORD * i));
		__m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(structure->bytes + from + WORD * i + WORD / 2));

		any = _mm256_or_si256(any, _mm256_or_si256(low, high));
		masks->delimiters[i] = equal_64(low, high, delimiters);
		masks->quotes[i] = equal_64(low, high, quotes) & quote_mask;
		masks->line_feeds[i] = equal_64(low, high, line_feeds);
		masks->returns[i] = equal_64(low, high, returns);
	}
	structure->high |= (uint32_t)_mm256_movemask_epi8(any);
}

AVX2 static inline void write_avx2(struct structure *structure, const struct masks *masks, size_t from, size_t n)
{
	enum { AT_ONCE = 12 };
	uint32_t *to = structure->to + structure->n;
	size_t n_line_feeds = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t ends = masks->ends[i + 1];
		size_t n_ends = (size_t)__builtin_popcountll(ends);

		n_line_feeds += (size_t)__builtin_popcountll(masks->line_feeds[i]);
		for (size_t done = 0; done == 0 || done < n_ends; done += AT_ONCE)
			for (size_t k = 0; k < AT_ONCE; k++) {
				to[done + k] = (uint32_t)(from + WORD * i) + (uint32_t)_tzcnt_u64(ends);
				ends = _blsr_u64(ends);
			}
		to += n_ends;
	}
	structure->n = (size_t)(to - structure->to);
	structure->n_line_feeds += n_line_feeds;
}

AVX2 static void part_avx2(struct structure *structure, struct masks *masks, size_t from, size_t n, size_t size)
{
	look_avx2(structure, masks, from, n);
	shorten(masks, n, size);
	find_ends(structure, masks, n);
	write_avx2(structure, masks, from, n);
}

/* ---- with AVX-512 ---- */

AVX512_BYTES static inline void look_avx512(struct structure *structure, struct masks *masks, size_t from, size_t n)
{
	const __m512i delimiters = _mm512_set1_epi8((char)structure->delimiter), quotes = _mm512_set1_epi8((char)structure->quote);
	const __m512i line_feeds = _mm512_set1_epi8('\n'), returns = _mm512_set1_epi8('\r');
	__m512i any = _mm512_setzero_si512();
	uint64_t quote_mask = structure->quote < 0 ? 0 : UINT64_MAX;

	for (size_t i = 0; i < n; i++) {
		__m512i bytes = _mm512_loadu_si512(structure->bytes + from + WORD * i);

		any = _mm512_or_si512(any, bytes);
		masks->delimiters[i] = _mm512_cmpeq_epi8_mask(bytes, delimiters);
		masks->quotes[i] = _mm512_mask_cmpeq_epi8_mask(quote_mask, bytes, quotes);
		masks->line_feeds[i] = _mm512_cmpeq_epi8_mask(bytes, line_feeds);
		masks->returns[i] = _mm512_cmpeq_epi8_mask(bytes, returns);
	}
	structure->high |= _mm512_movepi8_mask(any);
}

AVX512_BYTES static inline void write_sixteen(uint32_t *to, uint32_t at, __m128i places)
{
	_mm512_storeu_si512(to, _mm512_add_epi32(_mm512_cvtepu8_epi32(places), _mm512_set1_epi32((int)at)));
}

/* The places of a word's ends are compressed in a register. */
AVX512_BYTES static inline void write_avx512(struct structure *structure, const struct masks *masks, size_t from, size_t n)
{
	static const uint8_t counts_up[WORD] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
		32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
	};
	const __m512i each = _mm512_loadu_si512(counts_up);
	uint32_t *to = structure->to + structure->n;
	size_t n_line_feeds = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t ends = masks->ends[i + 1];
		uint32_t at = (uint32_t)(from + WORD * i);
		size_t n_ends = (size_t)__builtin_popcountll(ends);
		__m512i places = _mm512_setzero_si512();

		__asm__("" : "+v"(places));     /* what it held is of no account, but else the CPU would wait for it */
		places = _mm512_mask_compress_epi8(places, ends, each);
		n_line_feeds += (size_t)__builtin_popcountll(masks->line_feeds[i]);
		write_sixteen(to, at, _mm512_castsi512_si128(places));
		if (n_ends > 16)
			write_sixteen(to + 16, at, _mm512_extracti32x4_epi32(places, 1));
		if (n_ends > 32) {
			write_sixteen(to + 32, at, _mm512_extracti32x4_epi32(places, 2));
			write_sixteen(to + 48, at, _mm512_extracti32x4_epi32(places, 3));
		}
		to += n_ends;
	}
	structure->n = (size_t)(to - structure->to);
	structure->n_line_feeds += n_line_feeds;
}

AVX512_BYTES static void part_avx512(struct structure *structure, struct masks *masks, size_t from, size_t n, size_t size)
{
	look_avx512(structure, masks, from, n);
	shorten(masks, n, size);
	find_ends(structure, masks, n);
	write_avx512(structure, masks, from, n);
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

void structure_find(struct structure *structure, size_t from, size_t upto, enum cpu_lanes by)
{
	struct masks masks;

	for (size_t size; from < upto && !structure->wrong; from += size) {
		size_t n;

		size = upto - from < WORDS * WORD ? upto - from : WORDS * WORD;
		n = (size + WORD - 1) / WORD;
		switch (by) {
#ifdef CPU_HAS_LANES
		case CPU_AVX512_BYTES: part_avx512(structure, &masks, from, n, size); break;
		case CPU_AVX512:
		case CPU_AVX2: part_avx2(structure, &masks, from, n, size); break;
#endif
		default: part_plainly(structure, &masks, from, n, size); break;
		}
	}
}

struct structure_count structure_count(const char *bytes, size_t n, int quote, enum cpu_lanes by)
{
	(void)by;               /* where there are no vectors */
#ifdef CPU_HAS_LANES
	if (by >= CPU_AVX2)
		return count_avx2(bytes, n, quote);
#endif
	return count_plainly(bytes, n, quote);
}
