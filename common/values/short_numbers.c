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

void short_numbers_read_plainly(struct short_numbers *numbers, size_t n, char mark)
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

void short_numbers_reals_plainly(const struct short_numbers *numbers, size_t n, double *to)
{
	make_reals(numbers, n, to);
}

#if defined __x86_64__ && defined __gnu_linux__
#define HAS_AVX2 1
#define AVX2 __attribute__((target("avx2")))

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

AVX2 static void reals_avx2(const struct short_numbers *numbers, size_t n, double *to)
{
	make_reals(numbers, n, to);
}
#endif

void short_numbers_read(struct short_numbers *numbers, size_t n, char point)
{
#ifdef HAS_AVX2
	if (__builtin_cpu_supports("avx2")) {
		read_avx2(numbers, n, point);
		return;
	}
#endif
	short_numbers_read_plainly(numbers, n, point);
}

void short_numbers_reals(const struct short_numbers *numbers, size_t n, double *to)
{
#ifdef HAS_AVX2
	if (__builtin_cpu_supports("avx2")) {
		reals_avx2(numbers, n, to);
		return;
	}
#endif
	short_numbers_reals_plainly(numbers, n, to);
}
