/* SPDX-License-Identifier: MIT */
/*
 * Decimal digits, eight at a time and without a loop: what number_plain.h reads, the
 * other way. Eight digits are a word of bytes 0 to 9, the first digit in the lowest
 * byte, so that leading zeros are zeros at its low end and trailing ones at its high
 * end, and a shift of the word is one of the text.
 *
 * What is printed here number.h prints too, and as the same; for who prints a column.
 */
#ifndef NUMBER_DIGITS_H
#define NUMBER_DIGITS_H

#include <stdbool.h>
#include <stdint.h>

#include "eight_bytes.h"
#include "powers_of_ten.h"

enum { EIGHT_DIGITS = 100000000 };
#define EIGHT_ZEROS UINT64_C(0x3030303030303030)

/* Of n below EIGHT_DIGITS: two fours, then four pairs, then eight. */
static inline uint64_t digits_of(uint64_t n)
{
	uint64_t fours = n / 10000 | n % 10000 << 32;
	uint64_t hundreds = (fours * 10486) >> 20 & UINT64_C(0x0000007f0000007f);
	uint64_t pairs = (fours - 100 * hundreds) << 16 | hundreds;
	uint64_t tens = (pairs * 103) >> 10 & UINT64_C(0x000f000f000f000f);

	return (pairs - 10 * tens) << 8 | tens;
}

/* How many of the eight are zeros before the first that is none, and behind the last; not all are. */
static inline unsigned leading_zeros(uint64_t digits) { return (unsigned)__builtin_ctzll(digits) / 8; }
static inline unsigned trailing_zeros(uint64_t digits) { return (unsigned)__builtin_clzll(digits) / 8; }

/* n below EIGHT_DIGITS without zeros before it, at least one digit: how many. Writes 8 bytes. */
static inline unsigned print_eight(char *text, uint64_t n)
{
	uint64_t digits = digits_of(n);
	unsigned zeros = leading_zeros(digits | UINT64_C(1) << 56);

	store_eight(text, (digits | EIGHT_ZEROS) >> 8 * zeros);
	return 8 - zeros;
}

/* Any n. Writes up to 24 bytes. */
static inline unsigned print_digits(char *text, uint64_t n)
{
	unsigned size = 0;

	if (n < EIGHT_DIGITS)
		return print_eight(text, n);
	if (n >= (uint64_t)EIGHT_DIGITS * EIGHT_DIGITS) {
		size = print_eight(text, n / EIGHT_DIGITS / EIGHT_DIGITS);
		store_eight(text + size, digits_of(n / EIGHT_DIGITS % EIGHT_DIGITS) | EIGHT_ZEROS);
		size += 8;
	} else {
		size = print_eight(text, n / EIGHT_DIGITS);
	}
	store_eight(text + size, digits_of(n % EIGHT_DIGITS) | EIGHT_ZEROS);
	return size + 8;
}

/* n / 10^decimals, n below EIGHT_DIGITS and decimals 1 to 7: 1.50; the length. Shortest: without zeros at the end, but for one behind
 * the point. Writes 24 bytes. */
static inline unsigned print_few(char *text, bool minus, uint64_t n, unsigned decimals, bool shortest)
{
	uint64_t digits = digits_of(n), word = digits | EIGHT_ZEROS;
	unsigned zeros = leading_zeros(digits | UINT64_C(1) << 8 * (7 - decimals)), whole = 8 - decimals - zeros;

	text[0] = '-';
	text += minus;
	store_eight(text, word >> 8 * zeros);
	text[whole] = '.';
	store_eight(text + whole + 1, word >> 8 * (8 - decimals));
	if (shortest)
		decimals -= trailing_zeros(digits | UINT64_C(1) << 8 * (8 - decimals));
	return minus + whole + 1 + decimals;
}

/* By which power of ten x, below 10^6, is a number of up to eight digits. */
static inline unsigned few_decimals_of(double x) { return x < 1e2 ? 6 : x < 1e4 ? 4 : 2; }

/* The number, not negative, that x 10^decimals is, or false: no double with so few digits is x. The product is below 2^51. */
static inline bool few_digits(double x, unsigned decimals, uint64_t *n)
{
	*n = (uint64_t)(int64_t)(x * EXACT_POWERS[decimals] + 0.5);
	return (double)(int64_t)*n / EXACT_POWERS[decimals] == x;
}

/* The shortest text of a real that is at most eight digits by so many decimals, 1 to 6, as nearly all are: the length, or 0: number_print_real
 * tells. Writes 24 bytes. */
static inline unsigned print_plain_real_by(char *text, double value, unsigned decimals)
{
	double x = __builtin_fabs(value);
	uint64_t n;

	if (!(x < 1e6) || !few_digits(x, decimals, &n) || n >= EIGHT_DIGITS || (x < 1e-4 && x != 0))
		return 0;
	return print_few(text, __builtin_signbit(value), n, decimals, true);
}

/* The same by the decimals that suit it. */
static inline unsigned print_plain_real(char *text, double value)
{
	return print_plain_real_by(text, value, few_decimals_of(__builtin_fabs(value)));
}

/* The text with so many decimals, where it reads back as the value and is of eight digits: the length, or 0: number_print_decimals tells. Writes
 * 24 bytes. */
static inline unsigned print_plain_decimals(char *text, double value, unsigned decimals)
{
	double x = __builtin_fabs(value);
	uint64_t n;

	if (decimals < 1 || decimals > 7 || !(x < EIGHT_DIGITS / EXACT_POWERS[decimals]) || !few_digits(x, decimals, &n) || n >= EIGHT_DIGITS)
		return 0;
	return print_few(text, __builtin_signbit(value), n, decimals, false);
}

#endif
