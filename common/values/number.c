/* SPDX-License-Identifier: MIT */
/*
 * Reading numbers. One loop gathers up to 19 digits into an integer and notes
 * where the point stood; the value is then digits x 10^exponent in one exact
 * operation where digits and power are both exact as doubles (Clinger 1990, "How
 * to read floating point numbers accurately"), in the 64-bit long double of x86
 * where that rounds the same, else by strtod. No program of ours calls setlocale,
 * so strtod knows the point only.
 */
#include "number.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { DIGITS_KEPT = 19, EXACT_POWER = 22, EXACT_POWER_LONG = 27, EXPONENT_CAP = 100000 };
static const uint64_t FULL = 1000000000000000000;       /* 10^18: from here no digit more fits */

static const double POWERS[EXACT_POWER + 1] = {
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

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
	int exponent;
	bool minus;
	bool integer;           /* neither point nor exponent */
	bool cut;               /* digits other than 0 had no room */
};

/* Gathers digits from p on; `fraction`: they stand behind the point. */
static const char *scan_digits(const char *p, const char *end, bool fraction, struct decimal *decimal)
{
	uint64_t digits = decimal->digits;
	int exponent = 0;

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
	int exponent = 0;
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
			exponent = 10 * exponent + (int)digit;
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
		n_digits += p - fraction;
		decimal->integer = false;
	}
	if (n_digits == 0)
		return false;
	if (p < end && (*p == 'e' || *p == 'E')) {
		decimal->integer = false;
		return scan_exponent(p, end, decimal);
	}
	return p == end;
}

/* Through long double, where it holds all 19 digits: false where rounding twice could differ from rounding once. */
static bool value_by_long(const struct decimal *decimal, double *value)
{
#if LDBL_MANT_DIG == 64
	static const long double LONG_POWERS[EXACT_POWER_LONG + 1] = {
		1e0L, 1e1L, 1e2L, 1e3L, 1e4L, 1e5L, 1e6L, 1e7L, 1e8L, 1e9L, 1e10L, 1e11L, 1e12L, 1e13L,
		1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L,
	};
	int power = abs(decimal->exponent);
	uint64_t bits;          /* the significand; the last 11 bits don't fit into a double */
	long double exact;

	if (decimal->cut || power > EXACT_POWER_LONG)
		return false;
	exact = (long double)decimal->digits;
	exact = decimal->exponent < 0 ? exact / LONG_POWERS[power] : exact * LONG_POWERS[power];

	memcpy(&bits, &exact, sizeof bits);
	if ((bits & 0x7ff) == 0x400)
		return false;   /* in the middle as rounded: perhaps not as it was */
	*value = (double)exact;
	return true;
#else
	(void)decimal;
	(void)value;
	return false;
#endif
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
	else if (decimal->digits <= (uint64_t)1 << 53 && !decimal->cut && decimal->exponent >= -EXACT_POWER && decimal->exponent <= EXACT_POWER)
		value = decimal->exponent < 0 ? (double)decimal->digits / POWERS[-decimal->exponent]
					      : (double)decimal->digits * POWERS[decimal->exponent];
	else if (!value_by_long(decimal, &value))
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
