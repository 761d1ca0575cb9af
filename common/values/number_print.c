/* SPDX-License-Identifier: MIT */
/*
 * Printing numbers, without a call of printf.
 *
 * A real in the shortest way is the shortest decimal that reads back the same, of several the nearest. x * 10^6
 * rounded, over 10^6 again, is x: then that decimal has at most 15 digits, and no other as short reads as x.
 * Else Schubfach (Giulietti 2020, "The Schubfach way to render doubles"): at the scale where the interval that
 * reads as x is between 1 and 10 wide it holds an integer, and one that ends in 0 if any shorter does; x and the
 * interval's ends are known there to two bits behind the point and whether anything follows, from a power of ten
 * of 128 bits.
 *
 * With so many decimals it is the integer nearest to x * 10^decimals, and what it says counts if it lies within
 * the interval that reads as x: a division where both are exact as doubles, else integers of 128 bits.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "number.h"
#include "number_digits.h"
#include "powers_of_ten.h"

__extension__ typedef unsigned __int128 wide;
__extension__ typedef __int128 wide_signed;

/* n x 10^-decimals */
struct printed_decimal { uint64_t n; int decimals; };

size_t number_print_int(char *text, int64_t value)
{
	uint64_t n = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	size_t size = value < 0;

	*text = '-';
	size += print_digits(text + size, n);
	text[size] = 0;
	return size;
}

static const uint64_t POWERS[] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000,
	1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000, UINT64_C(10000000000000000000),
};

/* n, below 10^digits, with zeros before it: up to 17 digits. Writes up to 24 bytes. */
static void put_padded(char *text, uint64_t n, int digits)
{
	if (digits > 16) {
		*text++ = (char)('0' + n / POWERS[16]);
		n %= POWERS[16];
		digits = 16;
	}
	if (digits > 8) {
		store_eight(text, (digits_of(n / EIGHT_DIGITS) | EIGHT_ZEROS) >> 8 * (16 - digits));
		text += digits - 8;
		n %= EIGHT_DIGITS;
		digits = 8;
	}
	if (digits > 0)
		store_eight(text, (digits_of(n) | EIGHT_ZEROS) >> 8 * (8 - digits));
}

/* How many digits n > 0 has. */
static int count_digits(uint64_t n)
{
	int least = (64 - __builtin_clzll(n)) * 1233 >> 12;     /* log10(2) of the bits */

	return least + (n >= POWERS[least]);
}

/* ---- the shortest ---- */

/* d.ddde-XX, when the point would stand too far from the digits; *out moves on. */
static void put_exponent(char **out, uint64_t n, int size, int exponent)
{
	char *p = *out;

	put_padded(p + 1, n, size);
	p[0] = p[1];
	p[1] = '.';
	p += size > 1 ? size + 1 : 1;
	*p++ = 'e';
	*p++ = exponent < 0 ? '-' : '+';
	exponent = exponent < 0 ? -exponent : exponent;
	if (exponent >= 100)
		*p++ = (char)('0' + exponent / 100);
	*p++ = (char)('0' + exponent / 10 % 10);
	*p++ = (char)('0' + exponent % 10);
	*out = p;
}

/* The shortest decimal n / 10^decimals that reads as value, without zeros at its end: where the point goes, as Python's repr has it. If there is
 * something before it and behind it, what is before is the value's, or a whole number would have read as the value. */
static size_t put_decimal(char *text, double value, struct printed_decimal decimal)
{
	char *out = text;
	int size = count_digits(decimal.n), whole = size - decimal.decimals;     /* digits before the point */

	*out = '-';
	out += signbit(value) != 0;
	if (whole <= -4 || whole > 16) {
		put_exponent(&out, decimal.n, size, whole - 1);
	} else if (whole <= 0) {
		memcpy(out, "0.000", 5);
		out += 2 - whole;
		put_padded(out, decimal.n, size);
		out += size;
	} else if (whole < size) {
		uint64_t before = (uint64_t)fabs(value);

		out += print_digits(out, before);
		*out++ = '.';
		put_padded(out, decimal.n - before * POWERS[decimal.decimals], decimal.decimals);
		out += decimal.decimals;
	} else {
		put_padded(out, decimal.n, size);
		memset(out + size, '0', (size_t)(whole - size));
		out += whole;
		memcpy(out, ".0", 2);
		out += 2;
	}
	*out = 0;
	return (size_t)(out - text);
}

/* A real that is whole, or that six decimals tell. */
static size_t put_millionths(char *text, bool minus, uint64_t whole, uint64_t millionths)
{
	uint64_t digits = digits_of(millionths);
	char *out = text;

	*out = '-';
	out += minus;
	out += print_digits(out, whole);
	*out++ = '.';
	store_eight(out, (digits | EIGHT_ZEROS) >> 16);
	out += 6 - trailing_zeros(digits | UINT64_C(1) << 16);
	*out = 0;
	return (size_t)(out - text);
}

/* power * n / 2^128, cut off; the last bit is set if anything was. */
static uint64_t times_power(struct power_of_ten power, uint64_t n)
{
	wide product = (wide)power.high * n + ((wide)power.low * n >> 64);

	return (uint64_t)(product >> 64) | ((uint64_t)product > 1);
}

/* Of any finite x > 0. */
static struct printed_decimal shortest_decimal(double x)
{
	uint64_t bits, mantissa, low, middle, high, n, tens;
	bool closer, odd, below, above;
	int exponent, k, shift;
	struct power_of_ten power;

	memcpy(&bits, &x, sizeof bits);
	mantissa = bits & ((UINT64_C(1) << 52) - 1);
	exponent = (int)(bits >> 52);
	closer = mantissa == 0 && exponent > 1;                 /* a power of 2: its neighbour below is nearer */
	if (exponent)
		mantissa |= UINT64_C(1) << 52;
	exponent = (exponent ? exponent : 1) - 1075;            /* x = mantissa * 2^exponent */
	odd = mantissa % 2;

	k = (exponent * 1262611 - (closer ? 524031 : 0)) >> 22;        /* floor(log10) of the interval's width */
	power = POWERS_OF_TEN[-k - LEAST_POWER_OF_TEN];
	if (k > 0 || k < -55) {                                 /* rounded up where it was cut off */
		power.low++;
		power.high += power.low == 0;
	}
	shift = exponent + power_of_ten_exponent(-k) + 128;
	low = times_power(power, (4 * mantissa - 2 + closer) << shift) + odd;   /* an end reads as x if x is even */
	middle = times_power(power, 4 * mantissa << shift);
	high = times_power(power, (4 * mantissa + 2) << shift) - odd;

	n = middle / 4;
	tens = n / 10;
	below = low <= 40 * tens;
	above = 40 * tens + 40 <= high;
	if (n >= 10 && below != above) {
		for (n = tens + above, k++; n % 10 == 0; k++)
			n /= 10;
		return (struct printed_decimal){ n, -k };
	}
	below = low <= 4 * n;
	above = 4 * n + 4 <= high;
	if (below == above)
		above = middle > 4 * n + 2 || (middle == 4 * n + 2 && n % 2);
	n += above;
	return n == 10 ? (struct printed_decimal){ 1, -k - 1 } : (struct printed_decimal){ n, -k };
}

size_t number_print_real(char *text, double value)
{
	size_t size = print_plain_real(text, value);

	if (!size)
		return number_print_long_real(text, value);
	text[size] = 0;
	return size;
}

size_t number_print_long_real(char *text, double value)
{
	double x = fabs(value);
	uint64_t n;

	if (!isfinite(value))
		return (size_t)snprintf(text, NUMBER_SIZE, "%f", value);
	if (x < 0x1p53 && x == (double)(int64_t)x)
		return put_millionths(text, signbit(value), (uint64_t)x, 0);
	if (x >= 1e2 && x < 1e9 && few_digits(x, 6, &n))
		return put_millionths(text, signbit(value), n / 1000000, n % 1000000);
	return put_decimal(text, value, shortest_decimal(x));
}

/* ---- with so many decimals ---- */

enum { MOST_EXACT = 15 };       /* a power by which 2^51 stays in the range of integers */

/* What stands before the point, and behind it so many decimals. */
static size_t put_fixed(char *text, bool minus, wide whole, uint64_t fraction, int decimals)
{
	char *out = text;

	*out = '-';
	out += minus;
	if (whole >= POWERS[16]) {
		out += print_digits(out, (uint64_t)(whole / POWERS[16]));
		put_padded(out, (uint64_t)(whole % POWERS[16]), 16);
		out += 16;
	} else {
		out += print_digits(out, (uint64_t)whole);
	}
	if (decimals) {
		*out++ = '.';
		put_padded(out, fraction, decimals);
		out += decimals;
	}
	*out = 0;
	return (size_t)(out - text);
}

/* Below 2^52 by integers: the fraction of x in units of 2^-shift times the power, rounded to a whole number, ties to even; *whole and the
 * fraction in decimals. Whether they read as x: no farther from it than half of its last bit. */
static bool exact_fraction(double x, int decimals, uint64_t *whole, uint64_t *fraction)
{
	uint64_t power = POWERS[decimals], bits, mantissa;
	int shift;
	wide part, rounded, rest, half;
	wide_signed off, far;

	memcpy(&bits, &x, sizeof bits);
	mantissa = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
	shift = 1075 - (int)(bits >> 52);                       /* x = mantissa / 2^shift */
	*whole = *fraction = 0;
	if (shift > 112)
		return x == 0;                                  /* x 10^17 is below a half: 0 does not read as x */
	part = ((wide)mantissa & (((wide)1 << shift) - 1)) * power;
	rounded = part >> shift;
	rest = part - (rounded << shift);
	half = shift ? (wide)1 << (shift - 1) : 1;             /* from 2^52 on there is no fraction */
	rounded += rest > half || (rest == half && rounded % 2);
	off = (wide_signed)(rounded << shift) - (wide_signed)part;
	far = off < 0 && mantissa == UINT64_C(1) << 52 ? -4 * off : 2 * (off < 0 ? -off : off);      /* the neighbour below a power of 2 is nearer */
	*whole = shift < 64 ? mantissa >> shift : 0;
	*fraction = (uint64_t)rounded;
	if (*fraction == power) {
		++*whole;
		*fraction = 0;
	}
	return far < (wide_signed)power || (far == (wide_signed)power && mantissa % 2 == 0);
}

size_t number_print_decimals(char *text, double value, int decimals)
{
	double x = fabs(value);
	uint64_t whole, fraction;
	wide integer;
	size_t plain = print_plain_decimals(text, value, (unsigned)decimals);

	if (plain) {
		text[plain] = 0;
		return plain;
	}
	/* An integer below 2^51 over a power of 10 is one exact division: the double that its digits read as. */
	if (decimals <= MOST_EXACT && x * EXACT_POWERS[decimals] < 0x1p51) {
		uint64_t n, power = POWERS[decimals];

		return few_digits(x, (unsigned)decimals, &n) ? put_fixed(text, signbit(value), n / power, n % power, decimals) : 0;
	}
	if (x < 0x1p52) {
		if (!exact_fraction(x, decimals, &whole, &fraction))
			return 0;
		integer = whole;
	} else if (x < 1e24) {
		integer = (wide)x;
		fraction = 0;
	} else {
		return 0;
	}
	if (x >= 1e12) {                /* it may be too long, or digits be written past its end */
		char longer[64];
		size_t size = put_fixed(longer, signbit(value), integer, fraction, decimals);

		if (size >= NUMBER_SIZE)
			return 0;
		memcpy(text, longer, size + 1);
		return size;
	}
	return put_fixed(text, signbit(value), integer, fraction, decimals);
}

size_t number_print_short(char *text, double value, int digits)
{
	double x = fabs(value);

	if (x < 1e15 && x >= pow(10, digits))
		return (size_t)snprintf(text, NUMBER_SIZE, "%.0f", value);
	return (size_t)snprintf(text, NUMBER_SIZE, "%.*g", digits > 17 ? 17 : digits, value == 0 ? 0 : value);
}
