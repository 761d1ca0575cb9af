/* SPDX-License-Identifier: MIT */
/*
 * How a real was written, asked of each that is read. Whether printing gives a text back is told
 * without printing where all fits into integers of 128 bits.
 */
#include "number.h"

#include <math.h>
#include <string.h>

#include "powers_of_ten.h"

__extension__ typedef unsigned __int128 wide;
__extension__ typedef __int128 wide_signed;

enum { MOST_FIVES = 27 };       /* 5^27 has 63 bits */
static const uint64_t FIFTEEN_DIGITS = 1000000000000000, SEVENTEEN_DIGITS = 100000000000000000;

static wide_signed size_of(wide_signed difference) { return difference < 0 ? -difference : difference; }

/*
 * In units of 2^-shift of the last decimal all is whole: the value is mantissa x 5^decimals, the text digits x 2^shift, and what reads as
 * the value lies within half a 5^decimals of it, on the border if the mantissa is even.
 */
bool number_shape_of_digits(uint64_t digits, int decimals, double value, struct number_shape *shape)
{
	uint64_t bits, mantissa, five;
	int shift;
	wide_signed exact, difference, unit, next;

	if (digits >= SEVENTEEN_DIGITS || decimals < 1 || decimals > NUMBER_DECIMALS || !(value >= 1e-4 && value < 0x1p53))
		return false;
	shape->decimals = decimals;
	if (digits < FIFTEEN_DIGITS) {          /* which doubles tell apart */
		shape->shortest = decimals == 1 || digits % 10 != 0;
		return true;
	}
	memcpy(&bits, &value, sizeof bits);
	mantissa = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
	shift = 1075 - (int)(bits >> 52) - decimals;
	if (mantissa == UINT64_C(1) << 52 || shift < 1)         /* above a power of 2 the interval reaches farther than below */
		return false;
	five = POWERS_OF_TEN[decimals - LEAST_POWER_OF_TEN].high;
	five >>= __builtin_ctzll(five);
	exact = (wide_signed)((wide)mantissa * five);
	difference = (wide_signed)((wide)digits << shift) - exact;
	unit = (wide_signed)1 << shift;
	if (2 * size_of(difference) > unit || (2 * size_of(difference) == unit && digits % 2 != 0))
		shape->decimals = -1;           /* another one is nearer */
	shape->shortest = digits % 10 == 0 ? decimals == 1 : shape->decimals >= 0;
	for (int up = 0; up < 2 && shape->shortest && digits % 10 != 0; up++) {
		next = 2 * size_of(difference + unit * (up ? 10 - (int)(digits % 10) : -(int)(digits % 10)));
		shape->shortest = next > (wide_signed)five || (next == (wide_signed)five && mantissa % 2 != 0);
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
