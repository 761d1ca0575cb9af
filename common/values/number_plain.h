/* SPDX-License-Identifier: MIT */
/*
 * The numbers that nearly all are, eight bytes at a time and without a loop: an optional minus,
 * up to 16 bytes of digits, perhaps a point with a digit on either side. What
 * is read here number.h reads too, and as the same; anything else is left to it.
 *
 * Digits (after Lemire, "Quickly parsing eight digits", 2018): bytes that are not wanted are shifted out of the
 * word, which leaves leading zeros; three multiplications add pairs, fours and eights.
 */
#ifndef NUMBER_PLAIN_H
#define NUMBER_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eight_bytes.h"

enum { NUMBER_PLAIN_SLACK = 24 };       /* bytes behind a text that are read too, whatever they are */

/* (minus ? -1 : 1) x digits / 10^decimals, exact in doubles: digits are at most 2^53. decimals 0: there is no point. */
struct number_plain { uint64_t digits; unsigned decimals, n_digits; bool minus; };

static const uint32_t number_tens[9] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000 };

/* The number that the first n bytes (0 to 8) are; *odd gets bits where one of them is no digit. */
static inline uint64_t read_eight(uint64_t word, unsigned n, uint64_t *odd)
{
	word = n ? (word ^ EIGHT('0')) << (64 - 8 * n) : 0;
	*odd |= (word | (word + EIGHT(0x76))) & EIGHT(0x80);
	word = word * 10 + (word >> 8);
	return ((word & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064) +
		(word >> 16 & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001)) >> 32;
}

/* Up to 8 bytes: what stands before the point moves up beside what stands behind it. */
static inline bool number_plain_short(uint64_t word, unsigned size, unsigned point, struct number_plain *number)
{
	uint64_t odd = 0;

	number->decimals = 0;
	if (point < size) {
		uint64_t whole = (UINT64_C(1) << 8 * point) - 1;

		word = ((word & whole) << 8) | (word & ~(whole << 8 | 0xff)) | '0';
		number->decimals = size - point - 1;
		if (number->decimals == 0)
			return false;
	}
	number->n_digits = size - (point < size);
	number->digits = read_eight(word, size, &odd);
	return !odd;
}

static inline bool number_plain_long(const char *text, unsigned size, unsigned point, struct number_plain *number)
{
	uint64_t odd = 0, digits = read_eight(load_eight(text), point, &odd);
	unsigned n = size - 8;          /* without a point among the first 8 bytes these are all digits, or it is not plain */

	number->decimals = 0;
	number->n_digits = size;
	if (point < 8) {
		n = number->decimals = size - point - 1;
		number->n_digits = size - 1;
	}
	text += point < 8 ? point + 1 : 8;
	if (n > 8) {
		digits = digits * number_tens[8] + read_eight(load_eight(text), 8, &odd);
		text += 8;
		n -= 8;
	}
	number->digits = digits * number_tens[n] + read_eight(load_eight(text), n, &odd);
	return !odd && number->digits <= (uint64_t)1 << 53;
}

/* NUMBER_PLAIN_SLACK bytes behind the text may be read. With another decimal mark: as number.h has it with a point in its place. */
static inline bool number_plain_marked(const char *text, size_t size, char mark, struct number_plain *number)
{
	uint64_t word;
	unsigned point;

	number->minus = size > 1 && *text == '-';
	text += number->minus;
	size -= number->minus;
	word = load_eight(text);
	point = find_byte(word, mark);
	if (size - 1 > 15 || point == 0 || (point > 1 && size > 1 && (char)word == '0'))
		return false;
	return size > 8 ? number_plain_long(text, (unsigned)size, point, number) : number_plain_short(word, (unsigned)size, point, number);
}

static inline bool number_plain(const char *text, size_t size, struct number_plain *number)
{
	return number_plain_marked(text, size, '.', number);
}

/* Longer ones: up to 7 digits, a point and up to 16, at most 19 in all, which may be more than 2^53. */
static inline bool number_plain_wide(const char *text, size_t size, struct number_plain *number)
{
	uint64_t word, odd = 0, digits;
	unsigned point, n;

	number->minus = size > 1 && *text == '-';
	text += number->minus;
	size -= number->minus;
	word = load_eight(text);
	point = find_byte(word, '.');
	if (size - 1 > 19 || point == 0 || point > 7 || size - point - 1 > 16 || size < point + 9 || (point > 1 && (char)word == '0'))
		return false;
	n = (unsigned)size - point - 9;
	digits = read_eight(word, point, &odd) * 100000000 + read_eight(load_eight(text + point + 1), 8, &odd);
	number->digits = digits * number_tens[n] + read_eight(load_eight(text + point + 9), n, &odd);
	number->decimals = n + 8;
	number->n_digits = (unsigned)size - 1;
	return !odd;
}

#endif
