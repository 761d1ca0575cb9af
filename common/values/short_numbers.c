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

enum { SMALL_DECIMALS = 4 /* make nothing below 1e-4 */ };

/* A real below 1e-4 prints with an exponent; of a whole -0 the sign would be lost. */
static inline bool prints_otherwise(uint64_t digits, uint64_t decimals, uint64_t minus)
{
	static const uint64_t small[SHORT_BYTES] = { 0, 0, 0, 0, 0, 9, 99, 999 };      /* the most digits of those below 1e-4, but for 0 */

	return digits - 1 < small[decimals] || (decimals == 0 && digits == 0 && minus);
}

static void begin(struct short_numbers *numbers)
{
	numbers->seen = numbers->zeros = 0;
	numbers->n_whole = 0;
	numbers->any_odd = false;
}

static void read_plainly(struct short_numbers *numbers, size_t n, char mark)
{
	begin(numbers);
	for (size_t i = 0; i < n; i++) {
		struct number_plain number = { 0 };
		uint64_t size = numbers->sizes[i], word = numbers->words[i];
		unsigned point = find_byte(word, mark);
		bool plain = size <= SHORT_BYTES && point > 0 && (point == 1 || size == 1 || (char)word != '0') &&
			number_plain_short(word, (unsigned)size, point, &number) && !prints_otherwise(number.digits, number.decimals, numbers->minus[i]);
		bool there = size > 0 && plain;

		numbers->digits[i] = there ? number.digits : 0;
		numbers->decimals[i] = there ? number.decimals : 0;
		numbers->odd[i] = size > 0 && !plain;
		numbers->any_odd |= size > 0 && !plain;
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
struct together { lanes n, seen, zeros, n_points, odd, minus_zero; };

AVX2 static inline void read_lanes(struct short_numbers *numbers, size_t at, unsigned char mark, struct together *all)
{
	lanes word, size, minus, there, text, points, point, first, behind, digits, decimals, n_whole, odd, bit;

	memcpy(&word, numbers->words + at, sizeof word);
	memcpy(&size, numbers->sizes + at, sizeof size);
	memcpy(&minus, numbers->minus + at, sizeof minus);
	there = (lanes)(size != 0);
	word ^= EIGHT('0');
	text = word << ((SHORT_BYTES * 8 - size * 8) & 63) & there;
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
	odd = (lanes)((lanes_8)digits > 9) | (lanes)(n_whole - 1 > ((SHORT_BYTES - 1) & ~(lanes)((word & 0xff) == 0))) | (lanes)(size > SHORT_BYTES) |
		(lanes)(decimals < (point & 1));
	odd = (lanes)(odd != 0) & there;
	digits = (lanes)(((lanes_16)digits & 0xff) * 10 + ((lanes_16)digits >> 8));
	digits = (lanes)(((lanes_32)digits & 0xffff) * 100 + ((lanes_32)digits >> 16));
	digits = (digits & 0xffffffff) * 10000 + (digits >> 32);
	there &= ~odd;
	digits &= there;
	decimals &= there;
	bit = ((lanes){ 1, 1, 1, 1 } << decimals) & there;
	all->n -= there;
	all->seen |= bit;
	all->zeros |= bit & (lanes)(text < UINT64_C(1) << 56);
	all->n_points -= point & there;
	all->odd |= odd;
	all->minus_zero |= minus & (lanes)(digits == 0);
	memcpy(numbers->digits + at, &digits, sizeof digits);
	memcpy(numbers->decimals + at, &decimals, sizeof decimals);
	memcpy(numbers->odd + at, &odd, sizeof odd);
}

/* What is told apart by few, if any, is looked at in a second round: whether one prints otherwise. */
static void read_again(struct short_numbers *numbers, size_t n)
{
	uint32_t zeros = 0;

	for (size_t i = 0; i < n; i++)
		if (numbers->sizes[i] > 0 && !numbers->odd[i] && prints_otherwise(numbers->digits[i], numbers->decimals[i], numbers->minus[i])) {
			numbers->n_whole -= numbers->decimals[i] == 0;
			numbers->odd[i] = 1;
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
		numbers->sizes[i] = numbers->words[i] = numbers->minus[i] = 0;
	for (size_t i = 0; i < n; i += LANES)
		read_lanes(numbers, i, (unsigned char)mark, &all);
	begin(numbers);
	for (int i = 0; i < LANES; i++) {
		numbers->seen |= (uint32_t)all.seen[i];
		numbers->zeros |= (uint32_t)all.zeros[i];
		numbers->n_whole += all.n[i] - all.n_points[i];
		numbers->any_odd |= all.odd[i] != 0;
		minus_zero |= all.minus_zero[i];
	}
	if (minus_zero || numbers->seen >> (SMALL_DECIMALS + 1))
		read_again(numbers, n);
}

enum { WIDE_LANES = 8 };

/* The last point is found by counting zeros from above, and what it parts is shifted; without one all stands behind it. */
AVX512 static void read_avx512(struct short_numbers *numbers, size_t n, char mark)
{
	const __m512i zero_digits = _mm512_set1_epi8('0'), points = _mm512_set1_epi8(mark ^ '0'), ones = _mm512_set1_epi64(-1), one = _mm512_set1_epi64(1);
	const __m512i eight = _mm512_set1_epi64(8), bits = _mm512_set1_epi64(64), most = _mm512_set1_epi64(SHORT_BYTES - 1), first_byte = _mm512_set1_epi64(0xff);
	const __m512i last_byte = _mm512_slli_epi64(first_byte, 56), over_nine = _mm512_set1_epi8(0x76), high = _mm512_set1_epi8((char)0x80);
	__m512i seen = _mm512_setzero_si512(), zeros = seen;
	__mmask8 any_odd = 0, minus_zero = 0;

	for (size_t i = n; i % WIDE_LANES != 0; i++)
		numbers->sizes[i] = numbers->words[i] = numbers->minus[i] = 0;
	begin(numbers);
	for (size_t i = 0; i < n; i += WIDE_LANES) {
		__m512i word = _mm512_xor_si512(_mm512_loadu_si512(numbers->words + i), zero_digits), size = _mm512_loadu_si512(numbers->sizes + i);
		__mmask8 there = _mm512_test_epi64_mask(size, size), point, odd, none;
		__m512i text = _mm512_maskz_sllv_epi64(there, word, _mm512_sub_epi64(bits, _mm512_slli_epi64(size, 3)));
		__m512i behind = _mm512_lzcnt_epi64(_mm512_movm_epi8(_mm512_cmpeq_epi8_mask(text, points)));
		__m512i digits = _mm512_srlv_epi64(_mm512_sllv_epi64(text, _mm512_add_epi64(behind, eight)), behind), decimals, n_whole, bit;

		digits = _mm512_or_si512(digits, _mm512_andnot_si512(_mm512_srlv_epi64(ones, behind), text));
		point = _mm512_cmplt_epu64_mask(behind, bits);
		decimals = _mm512_maskz_srli_epi64(point, behind, 3);
		n_whole = _mm512_sub_epi64(size, decimals);
		n_whole = _mm512_mask_sub_epi64(n_whole, point, n_whole, one);
		/* no digit; none before the point, or a 0 and another one, or too long; none behind the point */
		odd = _mm512_test_epi64_mask(_mm512_or_si512(digits, _mm512_add_epi8(digits, over_nine)), high);
		odd |= _mm512_cmpgt_epu64_mask(_mm512_sub_epi64(n_whole, one), _mm512_maskz_mov_epi64(_mm512_test_epi64_mask(word, first_byte), most));
		odd |= _mm512_testn_epi64_mask(behind, behind);
		odd &= there;
		there &= (__mmask8)~odd;
		digits = _mm512_madd_epi16(_mm512_maddubs_epi16(digits, _mm512_set1_epi16(1 << 8 | 10)), _mm512_set1_epi32(1 << 16 | 100));
		digits = _mm512_maskz_add_epi64(there, _mm512_mul_epu32(digits, _mm512_set1_epi64(10000)), _mm512_srli_epi64(digits, 32));
		decimals = _mm512_maskz_mov_epi64(there, decimals);
		none = _mm512_testn_epi64_mask(digits, digits);
		bit = _mm512_maskz_sllv_epi64(there, one, decimals);
		seen = _mm512_or_si512(seen, bit);
		zeros = _mm512_mask_or_epi64(zeros, _mm512_testn_epi64_mask(text, last_byte), zeros, bit);
		numbers->n_whole += (size_t)__builtin_popcount(there & ~(unsigned)point);
		any_odd |= odd;
		minus_zero |= none & _mm512_movepi64_mask(_mm512_loadu_si512(numbers->minus + i));
		_mm512_storeu_si512(numbers->digits + i, digits);
		_mm512_storeu_si512(numbers->decimals + i, decimals);
		_mm512_storeu_si512(numbers->odd + i, _mm512_movm_epi64(odd));
	}
	numbers->seen = (uint32_t)_mm512_reduce_or_epi64(seen);
	numbers->zeros = (uint32_t)_mm512_reduce_or_epi64(zeros);
	numbers->any_odd = any_odd;
	if (minus_zero || numbers->seen >> (SMALL_DECIMALS + 1))
		read_again(numbers, n);
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
	case CPU_AVX512: reals_avx512(numbers, n, to); break;
	case CPU_AVX2: reals_avx2(numbers, n, to); break;
#endif
	default: make_reals(numbers, n, to);
	}
}
