/* SPDX-License-Identifier: MIT */
/*
 * How a real was written, asked of each that is read. Whether printing gives a text back is told
 * without printing where all fits into integers of 128 bits.
 */
#include "number.h"

#include <math.h>
#include <string.h>

#include "powers_of_ten.h"

enum { MOST_SHIFT = 48 };
static const uint64_t FIFTEEN_DIGITS = 1000000000000000, SEVENTEEN_DIGITS = 100000000000000000;

static inline uint64_t size_of(int64_t difference) { return difference < 0 ? 0 - (uint64_t)difference : (uint64_t)difference; }

/*
 * In units of 2^-shift of the last decimal all is whole: the value is mantissa x 5^decimals, the text digits x 2^shift, and what reads as
 * the value lies within half a 5^decimals of it, on the border if the mantissa is even. Both are long, but their difference is no more than
 * half of 5^17: it is right in 64 bits, which carry over.
 */
bool number_shape_of_digits(uint64_t digits, int decimals, double value, struct number_shape *shape)
{
	uint64_t bits, mantissa, five;
	int shift, last = (int)(digits % 10);
	int64_t difference, unit;

	if (digits >= SEVENTEEN_DIGITS || decimals < 1 || decimals > NUMBER_DECIMALS || !(value >= 1e-4 && value < 0x1p53))
		return false;
	shape->decimals = decimals;
	if (digits < FIFTEEN_DIGITS) {          /* which doubles tell apart */
		shape->shortest = decimals == 1 || last != 0;
		return true;
	}
	memcpy(&bits, &value, sizeof bits);
	mantissa = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
	shift = 1075 - (int)(bits >> 52) - decimals;
	if (mantissa == UINT64_C(1) << 52 || shift < 1 || shift > MOST_SHIFT)        /* above a power of 2 the interval reaches farther than below */
		return false;
	five = POWERS_OF_TEN[decimals - LEAST_POWER_OF_TEN].high;
	five >>= __builtin_ctzll(five);
	difference = (int64_t)((digits << shift) - mantissa * five);
	unit = INT64_C(1) << shift;
	if (2 * size_of(difference) > (uint64_t)unit || (2 * size_of(difference) == (uint64_t)unit && digits % 2 != 0))
		shape->decimals = -1;           /* another one is nearer */
	shape->shortest = shape->decimals >= 0;
	if (last == 0) {
		shape->shortest = decimals == 1;
	} else if (shape->shortest) {           /* if neither neighbour with a digit less reads as the value */
		uint64_t below = 2 * size_of(difference - last * unit), above = 2 * size_of(difference + (10 - last) * unit), least = below < above ? below : above;

		shape->shortest = least > five || (least == five && mantissa % 2 != 0);
	}
	return true;
}

/* As many decimals as stand behind the point; -1: no such text. *n_digits: all of its digits; *digits: what they make, up to 19 of them. */
static int count_decimals(const char *text, size_t size, int *n_digits, uint64_t *digits)
{
	const char *p = text + (size > 0 && *text == '-'), *end = text + size, *point = NULL, *first = p;

	if (end - p > NUMBER_SIZE)
		return -1;
	for (; p < end; p++) {
		unsigned digit = (unsigned)(unsigned char)*p - '0';

		if (*p == '.' && !point)
			point = p;
		else if (digit > 9)
			return -1;
		else
			*digits = 10 * *digits + digit;
	}
	*n_digits = (int)(end - first) - (point != NULL);
	if (!point)
		return 0;
	return point == first || point + 1 == end ? -1 : (int)(end - point) - 1;
}

struct number_shape number_shape(const char *text, size_t size, double value)
{
	struct number_shape shape = { .decimals = -1 };
	char printed[NUMBER_SIZE];
	uint64_t digits = 0;
	int n_digits = 0, decimals = count_decimals(text, size, &n_digits, &digits);

	/* 15 digits are told apart by doubles: what was written is what prints. */
	if (decimals >= 0 && n_digits <= 15 && (fabs(value) >= 1e-4 || value == 0)) {
		shape.decimals = decimals;
		shape.shortest = decimals == 1 || (decimals > 1 && text[size - 1] != '0');
		return shape;
	}
	if (decimals > 0 && n_digits <= 19 && number_shape_of_digits(digits, decimals, fabs(value), &shape))
		return shape;
	shape.decimals = -1;
	if (decimals >= 0 && decimals <= NUMBER_DECIMALS && number_print_decimals(printed, value, decimals) == size && memcmp(printed, text, size) == 0)
		shape.decimals = decimals;
	shape.shortest = size < NUMBER_SIZE && number_print_real(printed, value) == size && memcmp(printed, text, size) == 0;
	return shape;
}
