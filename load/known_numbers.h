/* SPDX-License-Identifier: MIT */
/*
 * Private to lines: texts of numbers that come again and again. A number of few
 * decimals is an int by a power of ten; of ints near 0 each text is made once, and
 * found by its int from then on, by all columns of a printer.
 */
#ifndef KNOWN_NUMBERS_H
#define KNOWN_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "number_digits.h"

enum {
	KNOWN_DECIMALS = 7,                             /* the most */
	KNOWN_NUMBERS = 16 * 1024, KNOWN_BELOW = 2 * 1024       /* so many ints from -KNOWN_BELOW on */
};

struct known_number { char text[15]; unsigned char size; };     /* size 0: not printed yet */

struct known_numbers { struct known_number *texts[2][KNOWN_DECIMALS + 1]; };    /* [shortest][decimals]; NULL: none was asked for */

void known_numbers_release(struct known_numbers *known);
/* The texts of int / 10^decimals, from int -KNOWN_BELOW on, where 64 bytes from each on may be read; shortest: without zeros at the end. Without
 * decimals they are ints, without a point. */
struct known_number *known_numbers_of(struct known_numbers *known, unsigned decimals, bool shortest);
/* Prints one that was not yet. */
void known_number_print(struct known_number *number, int32_t value, unsigned decimals, bool shortest);

/* An int of up to eight digits / 10^decimals; without decimals any int. Writes up to 25 bytes: the length. */
static inline size_t print_int_by(char *text, int32_t value, unsigned decimals, bool shortest)
{
	bool minus = value < 0;
	uint32_t size = minus ? 0 - (uint32_t)value : (uint32_t)value;

	if (decimals > 0)
		return print_few(text, minus, size, decimals, shortest);
	*text = '-';
	return minus + print_digits(text + minus, size);
}

#endif
