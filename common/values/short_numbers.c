/* SPDX-License-Identifier: MIT */
/*
 * A lane of 64 bits holds a text whose last byte is the highest, with zeros below its
 * first one. The point is found by comparing bytes; what stands before it moves up by
 * a byte. Pairs, fours and eights of digits are added as in number_plain.h. A lane that
 * compares true is all ones, or -1.
 */
#include "short_numbers.h"

#include <string.h>

#include "number_plain.h"
#include "powers_of_ten.h"

enum { EIGHT_BYTES = 8, SMALL_DECIMALS = 4 /* make nothing below 1e-4 */ };

const uint64_t SHORT_SMALL[SHORT_BYTES] = { 0, 0, 0, 0, 0, 9, 99, 999, 9999, 99999, 999999, 9999999, 99999999, 999999999, 9999999999, 99999999999 };

static void begin(struct short_numbers *numbers)
{
	numbers->seen = numbers->zeros = 0;
	numbers->n_whole = numbers->n_missing = 0;
	numbers->any_odd = numbers->any_long = false;
}

static void read_plainly(struct short_numbers *numbers, size_t n, char mark)
{
	begin(numbers);
	for (size_t i = 0; i < n; i++) {
		struct number_plain number = { 0 };
		uint64_t size = numbers->sizes[i], word = numbers->words[i];
		bool minus = (char)word == '-' && size > 1, longer = size > EIGHT_BYTES, there, plain;
		unsigned point;

		word >>= 8 * minus;
		size -= minus;
		point = find_byte(word, mark);
		plain = !longer && point > 0 && (point == 1 || size == 1 || (char)word != '0') &&
			number_plain_short(word, (unsigned)size, point, &number) && !short_prints_otherwise(number.digits, number.decimals, minus);
		there = size > 0 && plain;
		numbers->digits[i] = there ? number.digits : 0;
		numbers->decimals[i] = there ? number.decimals : 0;
		numbers->minus[i] = minus ? MINUS_BIT : 0;
		numbers->odd[i] = size > 0 && !plain;
		numbers->any_odd |= size > 0 && !plain;
		numbers->any_long |= longer;
		numbers->n_missing += size == 0;
		numbers->n_whole += there && number.decimals == 0;
		if (!there)
			continue;
		numbers->seen |= UINT32_C(1) << number.decimals;
		if ((char)(word >> 8 * (size - 1)) == '0')
			numbers->zeros |= UINT32_C(1) << number.decimals;
	}
}

static inline __attribute__((always_inline)) void make_reals(const struct short_numbers *numbers, size_t n, double *to)
{
	const uint64_t two_52 = UINT64_C(0x4330000000000000);

	for (size_t i = 0; i < n; i++) {
		uint64_t bits = numbers->digits[i] | two_52;    /* digits below 2^52 become a double by its bits */
		double value;

		memcpy(&value, &bits, sizeof value);
		value = (value - 0x1p52) / EXACT_POWERS[numbers->decimals[i]];
		memcpy(&bits, &value, sizeof bits);
		bits |= numbers->minus[i];
		memcpy(&to[i], &bits, sizeof bits);
	}
}

#ifdef CPU_HAS_LANES
#include <immintrin.h>

enum { LANES = 4 };
typedef uint64_t lanes __attribute__((vector_size(32)));
typedef uint32_t lanes_32 __attribute__((vector_size(32)));
typedef uint16_t lanes_16 __attribute__((vector_size(32)));
typedef uint8_t lanes_8 __attribute__((vector_size(32)));

/* What they are together, lane by lane. */
struct together { lanes n, n_missing, seen, zeros, n_points, odd, longer, minus_zero; };

AVX2 static inline void read_lanes(struct short_numbers *numbers, size_t at, unsigned char mark, struct together *all)
{
	lanes word, size, minus, there, longer, text, points, point, first, behind, digits, decimals, n_whole, odd, bit;

	memcpy(&word, numbers->words + at, sizeof word);
	memcpy(&size, numbers->sizes + at, sizeof size);
	there = (lanes)(size != 0);
	longer = (lanes)(size > EIGHT_BYTES);
	minus = (lanes)((word & 0xff) == '-') & (lanes)(size > 1);
	word = ((word >> 8 & minus) | (word & ~minus)) ^ EIGHT('0');
	size += minus;
	text = word << ((EIGHT_BYTES * 8 - size * 8) & 63) & there;
	points = (lanes)((lanes_8)text == (uint8_t)(mark ^ '0'));
	point = (lanes)(points != 0);
	first = points & -points;               /* the lowest bit of the first point */
	behind = -(first << 8) & point;
	digits = (text & behind) | (text & ~point) | ((text & (first - 1)) << 8 & point);
	decimals = behind & EIGHT(1);
	decimals += decimals >> 32;
	decimals += decimals >> 16;
	decimals = (decimals + (decimals >> 8)) & 0xff;
	n_whole = size + point - decimals;
	/* no digit; none before the point, or a 0 and another one; too long; none behind the point */
	odd = (lanes)((lanes_8)digits > 9) | (lanes)(n_whole - 1 > ((EIGHT_BYTES - 1) & ~(lanes)((word & 0xff) == 0))) | longer |
		(lanes)(decimals < (point & 1));
	odd = (lanes)(odd != 0) & there;
	digits = (lanes)(((lanes_16)digits & 0xff) * 10 + ((lanes_16)digits >> 8));
	digits = (lanes)(((lanes_32)digits & 0xffff) * 100 + ((lanes_32)digits >> 16));
	digits = (digits & 0xffffffff) * 10000 + (digits >> 32);
	all->n_missing += 1 + there;
	there &= ~odd;
	digits &= there;
	decimals &= there;
	bit = ((lanes){ 1, 1, 1, 1 } << decimals) & there;
	all->n -= there;
	all->seen |= bit;
	all->zeros |= bit & (lanes)(text < UINT64_C(1) << 56);
	all->n_points -= point & there;
	all->odd |= odd;
	all->longer |= longer;
	all->minus_zero |= minus & (lanes)(digits == 0);
	minus &= MINUS_BIT;
	memcpy(numbers->digits + at, &digits, sizeof digits);
	memcpy(numbers->decimals + at, &decimals, sizeof decimals);
	memcpy(numbers->minus + at, &minus, sizeof minus);
	memcpy(numbers->odd + at, &odd, sizeof odd);
}

/* What is told apart by few, if any, is looked at in a second round: whether one prints otherwise. */
static void read_again(struct short_numbers *numbers, size_t n)
{
	uint32_t zeros = 0;

	for (size_t i = 0; i < n; i++)
		if (numbers->sizes[i] > 0 && !numbers->odd[i] && short_prints_otherwise(numbers->digits[i], numbers->decimals[i], numbers->minus[i])) {
			numbers->n_whole -= numbers->decimals[i] == 0;
			numbers->odd[i] = 1;
			numbers->digits[i] = 0;
			numbers->any_odd = true;
		}
	numbers->seen = 0;
	for (size_t i = 0; i < n; i++)
		if (numbers->sizes[i] > 0 && !numbers->odd[i]) {
			numbers->seen |= UINT32_C(1) << numbers->decimals[i];
			zeros |= (uint32_t)((char)(numbers->words[i] >> 8 * (numbers->sizes[i] - 1)) == '0') << numbers->decimals[i];
		}
	numbers->zeros = zeros;
}

AVX2 static void read_avx2(struct short_numbers *numbers, size_t n, char mark)
{
	struct together all = { .n = { 0 } };
	uint64_t minus_zero = 0;

	for (size_t i = n; i % LANES != 0; i++)
		numbers->sizes[i] = 0;
	for (size_t i = 0; i < n; i += LANES)
		read_lanes(numbers, i, (unsigned char)mark, &all);
	begin(numbers);
	for (int i = 0; i < LANES; i++) {
		numbers->seen |= (uint32_t)all.seen[i];
		numbers->zeros |= (uint32_t)all.zeros[i];
		numbers->n_whole += all.n[i] - all.n_points[i];
		numbers->n_missing += all.n_missing[i];
		numbers->any_odd |= all.odd[i] != 0;
		numbers->any_long |= all.longer[i] != 0;
		minus_zero |= all.minus_zero[i];
	}
	numbers->n_missing -= (0 - n) % LANES;
	if (minus_zero || numbers->seen >> (SMALL_DECIMALS + 1))
		read_again(numbers, n);
}

enum { WIDE_LANES = 8 };
#define INLINED AVX512 static inline __attribute__((always_inline))

/* A text without the point, which has so many bits behind it: all before those moves up by a byte. 64: there is none. */
INLINED __m512i without_point(__m512i text, __m512i behind)
{
	__m512i before = _mm512_srlv_epi64(_mm512_set1_epi64(-1), behind);

	return _mm512_or_si512(_mm512_and_si512(before, _mm512_slli_epi64(text, 8)), _mm512_andnot_si512(before, text));
}

INLINED __m512i bits_behind(__m512i text, char point)
{
	return _mm512_lzcnt_epi64(_mm512_movm_epi8(_mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8(point))));
}

INLINED __mmask8 not_digits(__m512i digits)
{
	return _mm512_test_epi64_mask(_mm512_or_si512(digits, _mm512_add_epi8(digits, _mm512_set1_epi8(0x76))), _mm512_set1_epi8((char)0x80));
}

/* The number that eight digits make. */
INLINED __m512i eight_digits(__m512i digits)
{
	digits = _mm512_madd_epi16(_mm512_maddubs_epi16(digits, _mm512_set1_epi16(1 << 8 | 10)), _mm512_set1_epi32(1 << 16 | 100));
	return _mm512_add_epi64(_mm512_mul_epu32(digits, _mm512_set1_epi64(10000)), _mm512_srli_epi64(digits, 32));
}

struct eight_numbers { __m512i digits, decimals, last; __mmask8 there, longer, minus, point, odd; };

INLINED __mmask8 has_minus(__m512i word, __m512i size)
{
	return _mm512_cmpeq_epi64_mask(_mm512_and_si512(word, _mm512_set1_epi64(0xff)), _mm512_set1_epi64('-')) & _mm512_cmpgt_epu64_mask(size, _mm512_set1_epi64(1));
}

/*
 * What is known of the point, so many bits before the end, tells whether it is odd, but for its bytes: none before the point, or a 0 and another one, or more than
 * so many; none behind it. first: the first eight bytes.
 */
INLINED __mmask8 place_point(struct eight_numbers *eight, __m512i behind, __m512i size, __m512i first, uint64_t most_whole, int most_bits)
{
	__m512i one = _mm512_set1_epi64(1), most = _mm512_maskz_set1_epi64(_mm512_test_epi64_mask(first, _mm512_set1_epi64(0xff)), (int64_t)most_whole - 1), n_whole;

	eight->point = _mm512_cmplt_epu64_mask(behind, _mm512_set1_epi64(most_bits));
	eight->decimals = _mm512_maskz_srli_epi64(eight->point, behind, 3);
	n_whole = _mm512_sub_epi64(size, eight->decimals);
	n_whole = _mm512_mask_sub_epi64(n_whole, eight->point, n_whole, one);
	return _mm512_cmpgt_epu64_mask(_mm512_sub_epi64(n_whole, one), most) | _mm512_testn_epi64_mask(behind, behind);
}

/* Up to eight bytes each. A shift by 64 bits or more, or by fewer than none, leaves nothing. */
INLINED struct eight_numbers read_eight_numbers(const struct short_numbers *numbers, size_t at, char mark)
{
	__m512i word = _mm512_loadu_si512(numbers->words + at), size = _mm512_loadu_si512(numbers->sizes + at), text, behind, digits;
	struct eight_numbers eight = { .there = _mm512_test_epi64_mask(size, size), .longer = _mm512_cmpgt_epu64_mask(size, _mm512_set1_epi64(EIGHT_BYTES)), .minus = has_minus(word, size) };

	word = _mm512_xor_si512(_mm512_mask_srli_epi64(word, eight.minus, word, 8), _mm512_set1_epi8('0'));
	size = _mm512_mask_sub_epi64(size, eight.minus, size, _mm512_set1_epi64(1));
	text = eight.last = _mm512_sllv_epi64(word, _mm512_sub_epi64(_mm512_set1_epi64(64), _mm512_slli_epi64(size, 3)));
	behind = bits_behind(text, mark ^ '0');
	digits = without_point(text, behind);
	eight.odd = place_point(&eight, behind, size, word, EIGHT_BYTES, 64) | not_digits(digits) | eight.longer;
	eight.digits = eight_digits(digits);
	return eight;
}

/* Up to SHORT_BYTES each, in two words: what stands before a point in the upper one moves up from the lower one. */
INLINED struct eight_numbers read_eight_long_numbers(const struct short_numbers *numbers, size_t at, char mark)
{
	const __m512i bits = _mm512_set1_epi64(64), zero_digits = _mm512_set1_epi8('0');
	__m512i first = _mm512_loadu_si512(numbers->words + at), second = _mm512_loadu_si512(numbers->rest + at), size = _mm512_loadu_si512(numbers->sizes + at);
	struct eight_numbers eight = { .there = _mm512_test_epi64_mask(size, size), .longer = _mm512_cmpgt_epu64_mask(size, _mm512_set1_epi64(EIGHT_BYTES)), .minus = has_minus(first, size) };
	__mmask8 too_long = _mm512_cmpgt_epu64_mask(size, _mm512_set1_epi64(SHORT_BYTES)), point;
	__m512i left, left_of_two, low, high, behind, behind_low;

	first = _mm512_xor_si512(_mm512_mask_or_epi64(first, eight.minus, _mm512_srli_epi64(first, 8), _mm512_slli_epi64(second, 56)), zero_digits);
	second = _mm512_xor_si512(_mm512_mask_srli_epi64(second, eight.minus, second, 8), zero_digits);
	size = _mm512_mask_sub_epi64(size, eight.minus, size, _mm512_set1_epi64(1));
	left = _mm512_sub_epi64(bits, _mm512_slli_epi64(size, 3));
	left_of_two = _mm512_add_epi64(left, bits);
	low = _mm512_sllv_epi64(first, left_of_two);
	high = _mm512_or_si512(_mm512_sllv_epi64(first, left), _mm512_srlv_epi64(first, _mm512_sub_epi64(_mm512_setzero_si512(), left)));
	high = eight.last = _mm512_or_si512(high, _mm512_sllv_epi64(second, left_of_two));
	behind = bits_behind(high, mark ^ '0');
	behind_low = bits_behind(low, mark ^ '0');
	point = _mm512_cmplt_epu64_mask(behind, bits);
	high = without_point(high, behind);
	high = _mm512_mask_or_epi64(high, point, high, _mm512_srli_epi64(low, 56));
	low = _mm512_mask_slli_epi64(without_point(low, behind_low), point, low, 8);
	behind = _mm512_mask_add_epi64(behind, (__mmask8)~point, behind_low, bits);
	/* with 16 digits not all are exact */
	eight.odd = place_point(&eight, behind, size, first, SHORT_BYTES - 1, 128) | not_digits(high) | not_digits(low) | too_long;
	eight.digits = _mm512_add_epi64(_mm512_mul_epu32(eight_digits(low), _mm512_set1_epi64(100000000)), eight_digits(high));
	return eight;
}

/* As short_prints_otherwise. */
INLINED __mmask8 print_otherwise(const struct eight_numbers *eight)
{
	__m512i most = _mm512_permutex2var_epi64(_mm512_loadu_si512(SHORT_SMALL), eight->decimals, _mm512_loadu_si512(SHORT_SMALL + WIDE_LANES));

	return _mm512_cmplt_epu64_mask(_mm512_sub_epi64(eight->digits, _mm512_set1_epi64(1)), most) |
		(_mm512_testn_epi64_mask(eight->digits, eight->digits) & eight->minus & (__mmask8)~eight->point);
}

INLINED void read_512(struct short_numbers *numbers, size_t n, char mark, bool longer)
{
	__m512i seen = _mm512_setzero_si512(), zeros = seen;
	__mmask8 any_odd = 0, any_long = 0;
	size_t n_there = 0, n_whole = 0;

	for (size_t i = n; i % WIDE_LANES != 0; i++)
		numbers->sizes[i] = 0;
	begin(numbers);
	for (size_t i = 0; i < n; i += WIDE_LANES) {
		struct eight_numbers eight = longer ? read_eight_long_numbers(numbers, i, mark) : read_eight_numbers(numbers, i, mark);
		__mmask8 odd = (eight.odd | print_otherwise(&eight)) & eight.there, there = eight.there & (__mmask8)~odd;
		__m512i bit = _mm512_maskz_sllv_epi64(there, _mm512_set1_epi64(1), eight.decimals);

		seen = _mm512_or_si512(seen, bit);
		zeros = _mm512_mask_or_epi64(zeros, _mm512_testn_epi64_mask(eight.last, _mm512_set1_epi64((int64_t)(UINT64_C(0xff) << 56))), zeros, bit);
		n_whole += (size_t)__builtin_popcount(there & ~(unsigned)eight.point);
		n_there += (size_t)__builtin_popcount(eight.there);
		any_odd |= odd;
		any_long |= eight.longer;
		_mm512_storeu_si512(numbers->digits + i, _mm512_maskz_mov_epi64(there, eight.digits));
		_mm512_storeu_si512(numbers->decimals + i, eight.decimals);
		_mm512_storeu_si512(numbers->minus + i, _mm512_maskz_set1_epi64(eight.minus, (int64_t)MINUS_BIT));
		_mm512_storeu_si512(numbers->odd + i, _mm512_movm_epi64(odd));
	}
	numbers->seen = (uint32_t)_mm512_reduce_or_epi64(seen);
	numbers->zeros = (uint32_t)_mm512_reduce_or_epi64(zeros);
	numbers->n_missing = n - n_there;
	numbers->n_whole = n_whole;
	numbers->any_odd = any_odd;
	numbers->any_long = any_long;
}

AVX512 static void read_avx512(struct short_numbers *numbers, size_t n, char mark)
{
	if (numbers->has_rest)
		read_512(numbers, n, mark, true);
	else
		read_512(numbers, n, mark, false);
}

AVX2 static void reals_avx2(const struct short_numbers *numbers, size_t n, double *to)
{
	make_reals(numbers, n, to);
}

AVX512 static void reals_avx512(const struct short_numbers *numbers, size_t n, double *to)
{
	make_reals(numbers, n, to);
}
#endif

void short_numbers_read(struct short_numbers *numbers, size_t n, char point, enum cpu_lanes by)
{
	switch (by) {
#ifdef CPU_HAS_LANES
	case CPU_AVX512_BYTES:
	case CPU_AVX512: read_avx512(numbers, n, point); break;
	case CPU_AVX2: read_avx2(numbers, n, point); break;
#endif
	default: read_plainly(numbers, n, point);
	}
}

void short_numbers_reals(const struct short_numbers *numbers, size_t n, double *to, enum cpu_lanes by)
{
	switch (by) {
#ifdef CPU_HAS_LANES
	case CPU_AVX512_BYTES:
	case CPU_AVX512: reals_avx512(numbers, n, to); break;
	case CPU_AVX2: reals_avx2(numbers, n, to); break;
#endif
	default: make_reals(numbers, n, to);
	}
}
