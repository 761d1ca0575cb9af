/* SPDX-License-Identifier: MIT */
/*
 * Printing numbers: the shortest decimal that reads back the same, the nearest
 * to the double among those. Three ways, from cheap to general:
 *
 *     few decimals    x * 10^6 rounded, over 10^6 again, is x (and below 10^15, where no other decimal is as short)
 *     7e-12 < x < 2^53    exact: x and the ends of the interval that reads as x are integers of 128 bits at a scale
 *                     where that interval holds 1 to 10 integers; one ending in 0 wins, else the nearest
 *     the rest        printf with one digit more each time until it reads back
 *
 * The middle way is the core of Ryu and Schubfach (Adams 2018, Giulietti 2020) without their tables.
 */
#include "number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

__extension__ typedef unsigned __int128 wide;

static const uint64_t POWERS_OF_5[] = {
	1, 5, 25, 125, 625, 3125, 15625, 78125, 390625, 1953125, 9765625, 48828125, 244140625, 1220703125,
	6103515625, 30517578125, 152587890625, 762939453125, 3814697265625, 19073486328125, 95367431640625,
	476837158203125, 2384185791015625, 11920928955078125, 59604644775390625, 298023223876953125,
	1490116119384765625, 7450580596923828125,
};
enum { MOST_DECIMALS = sizeof POWERS_OF_5 / sizeof *POWERS_OF_5 - 1 };

/* n x 10^-decimals */
struct printed_decimal { uint64_t n; int decimals; };

/* Decimal digits of n into the end of a field of 20; where they begin. */
static char *print_digits(char field[20], uint64_t n)
{
	static const char PAIRS[] =
		"0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
		"5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
	char *p = field + 20;

	for (; n >= 100; n /= 100)
		memcpy(p -= 2, PAIRS + n % 100 * 2, 2);
	if (n >= 10)
		memcpy(p -= 2, PAIRS + n * 2, 2);
	else
		*--p = (char)('0' + n);
	return p;
}

size_t number_print_int(char *text, int64_t value)
{
	char field[20], *out = text;
	uint64_t n = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	const char *digits = print_digits(field, n);
	size_t size = (size_t)(field + 20 - digits);

	if (value < 0)
		*out++ = '-';
	memcpy(out, digits, size);
	out[size] = 0;
	return (size_t)(out - text) + size;
}

/* d.ddde-XX, when the point would stand too far from the digits; *out moves on. */
static void put_exponent(char **out, const char *digits, int size, int exponent)
{
	char *p = *out;

	*p++ = digits[0];
	if (size > 1) {
		*p++ = '.';
		memcpy(p, digits + 1, (size_t)size - 1);
		p += size - 1;
	}
	p += snprintf(p, 8, "e%+03d", exponent);
	*out = p;
}

/* Where the point goes, as Python's repr has it. n has no zeros at its end unless it is 0 or decimals are 0. */
static size_t put_decimal(char *text, bool minus, struct printed_decimal decimal)
{
	char field[20], *out = text;
	const char *digits = print_digits(field, decimal.n);
	int size = (int)(field + 20 - digits), whole = size - decimal.decimals;     /* digits before the point */

	if (minus)
		*out++ = '-';
	if (whole <= -4 || whole > 16) {
		put_exponent(&out, digits, size, whole - 1);
	} else if (whole <= 0) {
		memcpy(out, "0.000", 5);
		out += 2 - whole;
		memcpy(out, digits, (size_t)size);
		out += size;
	} else if (whole < size) {
		memcpy(out, digits, (size_t)whole);
		out += whole;
		*out++ = '.';
		memcpy(out, digits + whole, (size_t)(size - whole));
		out += size - whole;
	} else {
		memcpy(out, digits, (size_t)size);
		memset(out + size, '0', (size_t)(whole - size));
		out += whole;
		memcpy(out, ".0", 2);
		out += 2;
	}
	*out = 0;
	return (size_t)(out - text);
}

static struct printed_decimal without_zeros(struct printed_decimal decimal)
{
	while (decimal.n && decimal.n % 10 == 0) {
		decimal.n /= 10;
		decimal.decimals--;
	}
	return decimal;
}

/* x > 0 with at most 6 decimals and 15 digits. */
static bool few_decimals(double x, struct printed_decimal *decimal)
{
	uint64_t n;

	if (x >= 1e9)
		return false;
	n = (uint64_t)(x * 1e6 + 0.5);
	if ((double)n / 1e6 != x)
		return false;
	*decimal = without_zeros((struct printed_decimal){ n, 6 });
	return true;
}

/* Whether integer n at the scale 2^-shift reads as x: strictly between the ends, or on one when x is even. */
static bool inside(uint64_t n, int shift, wide low, wide high, bool even)
{
	wide at = (wide)n << shift;

	return even ? low <= at && at <= high : low < at && at < high;
}

/* 7e-12 < x < 2^53, exact; false for a power of 2, whose interval is lopsided, and outside of that range. */
static bool exact_decimal(double x, struct printed_decimal *decimal)
{
	int exponent;
	uint64_t mantissa = (uint64_t)ldexp(frexp(x, &exponent), 53);     /* x = mantissa * 2^(exponent - 53) */
	int decimals, shift;
	wide five, low, middle, high;
	bool even;
	uint64_t n, tens;

	exponent -= 53;
	if (exponent > 0 || mantissa == (uint64_t)1 << 52)
		return false;
	decimals = (-exponent * 1233 + 4095) >> 12;                 /* -exponent * log10(2), rounded up */
	if (decimals > MOST_DECIMALS)
		return false;

	/* Everything times 4 * 10^decimals * 2^(shift - 2): 5^decimals is left of the powers. */
	shift = 2 - exponent - decimals;
	five = POWERS_OF_5[decimals];
	low = (4 * (wide)mantissa - 2) * five;
	middle = 4 * (wide)mantissa * five;
	high = (4 * (wide)mantissa + 2) * five;
	even = mantissa % 2 == 0;
	n = (uint64_t)(middle >> shift);
	tens = n / 10 * 10;
	if (inside(tens, shift, low, high, even)) {
		n = tens;
	} else if (inside(tens + 10, shift, low, high, even)) {
		n = tens + 10;
	} else {
		wide rest = middle - ((wide)n << shift), half = (wide)1 << (shift - 1);

		n += rest > half || (rest == half && n % 2 == 1);
	}
	*decimal = without_zeros((struct printed_decimal){ n, decimals });
	return true;
}

/* "d.ddde-XX" */
static struct printed_decimal parse_scientific(const char *text)
{
	struct printed_decimal decimal = { 0, -1 };

	for (; *text != 'e'; text++)
		if (*text != '.') {
			decimal.n = 10 * decimal.n + (uint64_t)(*text - '0');
			decimal.decimals++;
		}
	decimal.decimals -= (int)strtol(text + 1, NULL, 10);
	return decimal;
}

static bool reads_back(struct printed_decimal decimal, double x)
{
	char text[40];

	snprintf(text, sizeof text, "%" PRIu64 "e%d", decimal.n, -decimal.decimals);
	return strtod(text, NULL) == x;
}

/* Any finite x > 0: the first precision that reads back. Below the normal range a few digits may do; above a power of 2
 * the interval reaches farther than below, so that the decimal behind the nearest may read back where that does not. */
static struct printed_decimal tried_decimal(double x)
{
	struct printed_decimal decimal;
	int digits = x < 0x1p-1022 ? 0 : 14;

	do {
		char text[40];

		snprintf(text, sizeof text, "%.*e", digits++, x);
		decimal = parse_scientific(text);
	} while (!reads_back(decimal, x) && (decimal.n++, !reads_back(decimal, x)));
	return without_zeros(decimal);
}

size_t number_print_real(char *text, double value)
{
	double x = fabs(value);
	struct printed_decimal decimal;

	if (!isfinite(value))
		return (size_t)snprintf(text, NUMBER_SIZE, "%f", value);
	if (x < 0x1p53 && x == (double)(uint64_t)x)
		decimal = (struct printed_decimal){ (uint64_t)x, 0 };
	else if (!few_decimals(x, &decimal) && !exact_decimal(x, &decimal))
		decimal = tried_decimal(x);
	return put_decimal(text, signbit(value), decimal);
}

/* ---- with so many decimals ---- */

static const double POWERS_OF_10[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
enum { MOST_POWERS = sizeof POWERS_OF_10 / sizeof *POWERS_OF_10 - 1 };

/* n over 10^decimals, with its point. */
static size_t put_fixed(char *text, bool minus, uint64_t n, int decimals)
{
	char field[20], *out = text;
	const char *digits = print_digits(field, n);
	int size = (int)(field + 20 - digits), whole = size - decimals;

	if (minus)
		*out++ = '-';
	if (whole <= 0) {
		memcpy(out, "0.", 2);
		memset(out + 2, '0', (size_t)-whole);
		out += 2 - whole;
		whole = 0;
	} else {
		memcpy(out, digits, (size_t)whole);
		out += whole;
		if (decimals)
			*out++ = '.';
	}
	memcpy(out, digits + whole, (size_t)(size - whole));
	out += size - whole;
	*out = 0;
	return (size_t)(out - text);
}

size_t number_print_decimals(char *text, double value, int decimals)
{
	double x = fabs(value);
	char *copy;
	int size;
	bool same;

	/* An integer below 2^51 over a power of 10 is one exact division: the double that its digits read as. */
	if (decimals <= MOST_POWERS && x * POWERS_OF_10[decimals] < 0x1p51) {
		uint64_t n = (uint64_t)(x * POWERS_OF_10[decimals] + 0.5);

		return (double)n / POWERS_OF_10[decimals] == x ? put_fixed(text, signbit(value), n, decimals) : 0;
	}
	if (!(x < 1e24))
		return 0;
	copy = mem_format("%.*f", decimals, value);
	size = (int)strlen(copy);
	same = size < NUMBER_SIZE && strtod(copy, NULL) == value;
	if (same)
		memcpy(text, copy, (size_t)size + 1);
	free(copy);
	return same ? (size_t)size : 0;
}

/* As many decimals as stand behind the point; -1: no such text. *n_digits: all of its digits. */
static int count_decimals(const char *text, size_t size, int *n_digits)
{
	const char *p = text + (size > 0 && *text == '-'), *end = text + size, *point = NULL, *first = p;

	if (end - p > NUMBER_SIZE)
		return -1;
	for (; p < end; p++)
		if (*p == '.' && !point)
			point = p;
		else if ((unsigned char)(*p - '0') > 9)
			return -1;
	*n_digits = (int)(end - first) - (point != NULL);
	if (!point)
		return 0;
	return point == first || point + 1 == end ? -1 : (int)(end - point) - 1;
}

struct number_shape number_shape(const char *text, size_t size, double value)
{
	struct number_shape shape = { .decimals = -1 };
	char printed[NUMBER_SIZE];
	int n_digits = 0, decimals = count_decimals(text, size, &n_digits);

	/* 15 digits are told apart by doubles: what was written is what prints. */
	if (decimals >= 0 && n_digits <= 15 && (fabs(value) >= 1e-4 || value == 0)) {
		shape.decimals = decimals;
		shape.shortest = decimals == 1 || (decimals > 1 && text[size - 1] != '0');
		return shape;
	}
	if (decimals >= 0 && decimals <= NUMBER_DECIMALS && number_print_decimals(printed, value, decimals) == size && memcmp(printed, text, size) == 0)
		shape.decimals = decimals;
	shape.shortest = size < NUMBER_SIZE && number_print_real(printed, value) == size && memcmp(printed, text, size) == 0;
	return shape;
}

size_t number_print_short(char *text, double value, int digits)
{
	double x = fabs(value);

	if (x < 1e15 && x >= pow(10, digits))
		return (size_t)snprintf(text, NUMBER_SIZE, "%.0f", value);
	return (size_t)snprintf(text, NUMBER_SIZE, "%.*g", digits > 17 ? 17 : digits, value == 0 ? 0 : value);
}
