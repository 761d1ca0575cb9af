/* SPDX-License-Identifier: MIT */
/*
 * Reading numbers. One loop gathers up to 19 digits into an integer and notes
 * where the point stood; the value is then digits x 10^exponent in one exact
 * operation where digits and power are both exact as doubles (Clinger 1990, "How
 * to read floating point numbers accurately"), else by integers of 128 bits (nearest).
 * Only where digits behind the 19th decide is it strtod's. No program of ours calls setlocale,
 * so strtod knows the point only.
 */
#include "number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "number_plain.h"
#include "powers_of_ten.h"

enum { DIGITS_KEPT = 19, MOST_DOUBLE_POWER = 308 };
static const int64_t EXPONENT_CAP = 100000000000;        /* beyond what digits of a text can make up for */
static const uint64_t FULL = 1000000000000000000;       /* 10^18: from here no digit more fits */
static const uint64_t ROOM_FOR_EIGHT = 100000000000;    /* 10^11: below, eight more do */

__extension__ typedef unsigned __int128 wide;

static inline unsigned digit_of(char byte)
{
	return (unsigned)(unsigned char)byte - '0';
}

bool number_int(const char *text, size_t size, int64_t *value)
{
	const char *p = text, *end = text + size;
	bool minus = size > 0 && *p == '-';
	uint64_t n = 0;         /* 19 digits can't overflow it */

	p += minus;
	if (p == end || end - p > DIGITS_KEPT || (*p == '0' && size > 1))
		return false;

	for (; end - p >= 8; p += 8) {
		uint64_t odd = 0, eight = read_eight(load_eight(p), 8, &odd);

		if (odd)
			return false;
		n = 100000000 * n + eight;
	}
	for (; p < end; p++) {
		unsigned digit = digit_of(*p);

		if (digit > 9)
			return false;
		n = 10 * n + digit;
	}
	if (n > (uint64_t)INT64_MAX + minus)
		return false;
	*value = minus ? (int64_t)(0 - n) : (int64_t)n;
	return true;
}

/* ---- reals ---- */

/* digits x 10^exponent */
struct decimal {
	uint64_t digits;        /* the first 19 that are significant */
	int64_t exponent;
	bool minus;
	bool integer;           /* neither point nor exponent */
	bool scientific;        /* an exponent */
	bool between;           /* the point stands between digits */
	bool cut;               /* digits other than 0 had no room */
};

/* Gathers digits from p on; `fraction`: they stand behind the point. */
static const char *scan_digits(const char *p, const char *end, bool fraction, struct decimal *decimal)
{
	uint64_t digits = decimal->digits;
	int exponent = 0;

	while (end - p >= 8 && digits < ROOM_FOR_EIGHT) {
		uint64_t odd = 0, eight = read_eight(load_eight(p), 8, &odd);

		if (odd)
			break;
		digits = digits * 100000000 + eight;
		exponent -= fraction ? 8 : 0;
		p += 8;
	}
	for (; p < end; p++) {
		unsigned digit = digit_of(*p);

		if (digit > 9)
			break;
		if (digits < FULL) {
			digits = 10 * digits + digit;
			exponent--;
		} else {
			decimal->cut |= digit != 0;
		}
		exponent += !fraction;
	}
	decimal->digits = digits;
	decimal->exponent += exponent;
	return p;
}

/* `e` and its digits, from p to the end of the text. */
static bool scan_exponent(const char *p, const char *end, struct decimal *decimal)
{
	int64_t exponent = 0;
	bool minus;

	p++;
	minus = p < end && *p == '-';
	p += p < end && (*p == '-' || *p == '+');
	if (p == end)
		return false;
	for (; p < end; p++) {
		unsigned digit = digit_of(*p);

		if (digit > 9)
			return false;
		if (exponent < EXPONENT_CAP)
			exponent = 10 * exponent + digit;
	}
	decimal->exponent += minus ? -exponent : exponent;
	return true;
}

static bool scan(const char *text, size_t size, struct decimal *decimal)
{
	const char *p, *end, *whole;
	ptrdiff_t n_digits;

	if (size > INT32_MAX / 2)
		return false;
	p = text;
	end = text + size;
	*decimal = (struct decimal){ .minus = size > 0 && *p == '-', .integer = true };
	p += decimal->minus;

	whole = p;
	p = scan_digits(p, end, false, decimal);
	n_digits = p - whole;
	if (n_digits > 1 && *whole == '0')
		return false;
	if (p < end && *p == '.') {
		const char *fraction = ++p;

		p = scan_digits(p, end, true, decimal);
		decimal->between = n_digits > 0 && p > fraction;
		n_digits += p - fraction;
		decimal->integer = false;
	}
	if (n_digits == 0)
		return false;
	if (p < end && (*p == 'e' || *p == 'E')) {
		decimal->integer = false;
		decimal->scientific = true;
		return scan_exponent(p, end, decimal);
	}
	return p == end;
}

/*
 * By the first 64 bits of the power, and by the next 64 where these could still change the answer (Lemire, "Number parsing at a gigabyte per
 * second", 2021; that this always tells: Mushtak and Lemire, "Fast number parsing without fallback", 2023).
 */
double number_nearest(uint64_t digits, int64_t exponent_10)
{
	const struct power_of_ten *power;
	int exponent = (int)exponent_10;
	int zeros = __builtin_clzll(digits), upper, shift, binary;
	uint64_t bits;
	wide product;
	double value;

	if (exponent_10 < LEAST_POWER_OF_TEN)
		return 0;
	if (exponent_10 > MOST_DOUBLE_POWER)
		return HUGE_VAL;
	power = &POWERS_OF_TEN[exponent - LEAST_POWER_OF_TEN];
	digits <<= zeros;
	product = (wide)digits * power->high;
	if ((product >> 64 & 0x1ff) == 0x1ff)           /* a reciprocal is rounded up where it may be in the middle of two doubles */
		product += (wide)digits * (power->low + (exponent < 0 && exponent >= -27)) >> 64;
	upper = (int)(product >> 127);
	shift = upper + 64 - 52 - 3;
	bits = (uint64_t)(product >> 64) >> shift;      /* 54 bits: one more than a double has */
	binary = power_of_ten_exponent(exponent) + 127 + 63 - zeros + upper + 1023;
	if (binary <= 0) {
		bits = binary > -63 ? bits >> (1 - binary) : 0;
		bits = (bits + (bits & 1)) >> 1;        /* a half is not met here: 2^-1075 has more digits. It may round up to a normal one */
	} else {
		if ((uint64_t)product <= 1 && exponent >= -4 && exponent <= 23 && (bits & 3) == 1 && bits << shift == (uint64_t)(product >> 64))
			bits--;                         /* in the middle: to even */
		bits = (bits + (bits & 1)) >> 1;
		bits += (uint64_t)(binary - 1) << 52;   /* the bit before the point is one of the exponent; so is what a carry yields */
	}
	if (bits >> 52 >= 0x7ff)
		return HUGE_VAL;
	memcpy(&value, &bits, sizeof value);
	return value;
}

static double value_by_strtod(const char *text, size_t size)
{
	char small[64];
	char *copy;
	double value;

	if (size < sizeof small) {
		memcpy(small, text, size);
		small[size] = 0;
		return fabs(strtod(small, NULL));
	}
	copy = mem_text_n(text, size);
	value = fabs(strtod(copy, NULL));
	free(copy);
	return value;
}

/* The nearest double to what scan read from `text`; false if that is infinite. */
static bool value_of(const struct decimal *decimal, const char *text, size_t size, double *result)
{
	double value;

	if (decimal->digits == 0)
		value = 0;
	else if (decimal->digits <= (uint64_t)1 << 53 && !decimal->cut && decimal->exponent >= -MOST_EXACT_POWER && decimal->exponent <= MOST_EXACT_POWER)
		value = decimal->exponent < 0 ? (double)decimal->digits / EXACT_POWERS[-decimal->exponent]
					      : (double)decimal->digits * EXACT_POWERS[decimal->exponent];
	else
		value = number_nearest(decimal->digits, decimal->exponent);
	if (decimal->cut && value != number_nearest(decimal->digits + 1, decimal->exponent))
		value = value_by_strtod(text, size);
	*result = decimal->minus ? -value : value;
	return isfinite(value);
}

bool number_real(const char *text, size_t size, double *value)
{
	struct decimal decimal;

	if (!scan(text, size, &decimal))
		return false;
	if (decimal.integer && (decimal.exponent != 0 || decimal.digits > (uint64_t)NUMBER_EXACT))
		return false;
	return value_of(&decimal, text, size, value) && (*value != 0 || decimal.digits == 0);
}

bool number_real_written(const char *text, size_t size, double *value, struct number_shape *shape)
{
	struct decimal decimal;

	if (!scan(text, size, &decimal) || decimal.integer || !value_of(&decimal, text, size, value) || (*value == 0 && decimal.digits != 0))
		return false;
	if (!shape)
		return true;
	if (decimal.cut || decimal.scientific || !decimal.between || !number_shape_of_digits(decimal.digits, (int)-decimal.exponent, fabs(*value), shape))
		*shape = number_shape(text, size, *value);
	return true;
}

bool number_real_rounded(const char *text, size_t size, double *value)
{
	struct decimal decimal;

	return scan(text, size, &decimal) && value_of(&decimal, text, size, value);
}

/* ---- with a sign behind ---- */

bool number_size(const char *text, uint64_t *bytes)
{
	static const char UNITS[] = "KkMmGgTt";
	size_t size = strlen(text);
	const char *sign = size ? strchr(UNITS, text[size - 1]) : NULL;
	double value, unit = sign ? exp2(10 * (1 + (int)(sign - UNITS) / 2)) : 1;

	if (!number_real_rounded(text, size - (sign != NULL), &value) || value < 0 || value * unit >= 0x1p63)
		return false;
	*bytes = (uint64_t)(value * unit);
	return true;
}

bool number_share(const char *text, double *value, bool *percent)
{
	size_t size = strlen(text);

	*percent = size > 0 && text[size - 1] == '%';
	if (!number_real_rounded(text, size - *percent, value))
		return false;
	if (*percent)
		*value /= 100;
	return true;
}
