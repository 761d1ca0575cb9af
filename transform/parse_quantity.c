/* SPDX-License-Identifier: MIT */
/*
 * A text is read from left to right through a `struct quantity_reading`. Digits are gathered
 * into a plain decimal text without thousands, which number.h then turns into the
 * nearest double. Units are what stands between numbers, matched as a whole and
 * without regard to case or full stops.
 */
#include "parse_quantity.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "number.h"
#include "text.h"
#include "text_edit.h"

enum { DIGITS = 64 };           /* a text with more is no number for people */

struct quantity_reading { const char *at, *end; char decimal; };

static struct quantity_reading reading_start(const char *text, size_t size, char decimal)
{
	text_trim(&text, &size);
	return (struct quantity_reading){ .at = text, .end = text + size, .decimal = decimal };
}

static bool digit_at(const struct quantity_reading *reading, size_t offset)
{
	return (size_t)(reading->end - reading->at) > offset && text_is_digit(reading->at[offset]);
}

/* Consumes `text` if it is next. */
static bool take(struct quantity_reading *reading, const char *text)
{
	size_t size = strlen(text);

	if (!text_begins(reading->at, (size_t)(reading->end - reading->at), text, size))
		return false;
	reading->at += size;
	return true;
}

static void skip_blanks(struct quantity_reading *reading)
{
	while (take(reading, " ") || take(reading, "\t") || take(reading, "\xc2\xa0"))
		;
}

static bool take_minus(struct quantity_reading *reading)
{
	return take(reading, "-") || take(reading, "\xe2\x88\x92");     /* U+2212 */
}

/* ---- numbers ---- */

/* Bytes of a thousands separator that a digit follows; 0: none. Blanks, no-break ones too, and ' part in both styles. */
static size_t separator(const struct quantity_reading *reading)
{
	static const char *const signs[] = { " ", "'", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x99" };
	char other = reading->decimal == ',' ? '.' : ',';

	if (reading->at < reading->end && *reading->at == other)
		return digit_at(reading, 1) ? 1 : 0;
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		struct quantity_reading behind = *reading;

		if (take(&behind, signs[i]))
			return digit_at(&behind, 0) ? strlen(signs[i]) : 0;
	}
	return 0;
}

struct digits { char text[DIGITS + 8]; size_t size; };

static size_t take_digits(struct quantity_reading *reading, struct digits *digits)
{
	size_t n = 0;

	for (; digit_at(reading, 0); reading->at++, n++)
		if (digits->size < DIGITS)
			digits->text[digits->size++] = *reading->at;
	return digits->size < DIGITS ? n : SIZE_MAX;
}

/* The groups behind the first 1 to 3 digits: all of 3, or as in India of 2 with one of 3 at the end. */
static bool take_groups(struct quantity_reading *reading, struct digits *digits, size_t first)
{
	size_t size = separator(reading), group = 0, middle = 0;
	const char *sign = reading->at;

	while (separator(reading) == size && memcmp(reading->at, sign, size) == 0) {
		if (middle && group != middle)
			return false;
		middle = group;
		reading->at += size;
		group = take_digits(reading, digits);
		if (group != 2 && group != 3)
			return false;
	}
	return group == 3 && (middle != 2 || first <= 2);
}

/* Whole digits with thousands, which nobody parts behind a leading 0: "0,767" has the other decimal sign. What a blank or ' parts may
 * be two numbers: then the first one is it. */
static bool take_whole(struct quantity_reading *reading, struct digits *digits)
{
	size_t first = take_digits(reading, digits), size = digits->size;
	const char *end = reading->at;

	if (first == SIZE_MAX)
		return false;
	if (!separator(reading))
		return true;
	if (first >= 1 && first <= 3 && digits->text[size - first] != '0' && take_groups(reading, digits, first))
		return true;
	reading->at = end;
	digits->size = size;
	return *end != ',' && *end != '.';
}

/* An e with digits behind it; without them it begins a word: 12EUR. */
static bool exponent_at(const struct quantity_reading *reading)
{
	struct quantity_reading behind = *reading;

	if (!take(&behind, "e") && !take(&behind, "E"))
		return false;
	if (!take_minus(&behind))
		take(&behind, "+");
	return digit_at(&behind, 0);
}

/* Without a sign. */
static bool take_number(struct quantity_reading *reading, double *value)
{
	struct digits digits = { .size = 0 };
	size_t n_zeros = 0, start, n_fraction;

	digits.text[digits.size++] = '0';       /* a digit before the point, whatever comes */
	if (!take_whole(reading, &digits))
		return false;
	start = digits.size;
	digits.text[digits.size++] = '.';
	n_fraction = 0;
	if (reading->at < reading->end && *reading->at == reading->decimal && (digit_at(reading, 1) || start > 1)) {
		reading->at++;
		n_fraction = take_digits(reading, &digits);
	}
	if ((start == 1 && n_fraction == 0) || digits.size >= DIGITS)
		return false;
	if (n_fraction == 0)
		digits.text[digits.size++] = '0';
	if (exponent_at(reading)) {
		bool minus;

		reading->at++;
		minus = take_minus(reading);

		if (!minus)
			take(reading, "+");
		digits.text[digits.size++] = 'e';
		if (minus)
			digits.text[digits.size++] = '-';
		if (take_digits(reading, &digits) - 1 > 3)
			return false;
	}
	while (n_zeros + 1 < start && digits.text[n_zeros] == '0')
		n_zeros++;              /* 007 is 7 here */
	return number_real_rounded(digits.text + n_zeros, digits.size - n_zeros, value);
}

/* ---- words: units, multipliers, currencies ---- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}

/* Whether a text, but for case and full stops, is one of the words between '|'. */
static bool is_among(const char *words, const char *text, size_t size)
{
	for (const char *word = words; *word; word += *word == '|') {
		size_t at = 0;

		for (; *word && *word != '|'; word++) {
			while (at < size && text[at] == '.')
				at++;
			if (at > size || (at == size ? '\0' : lower(text[at])) != *word)
				break;
			at++;
		}
		while (at < size && text[at] == '.')
			at++;
		if (at == size && size && (!*word || *word == '|'))
			return true;
		word += strcspn(word, "|");
	}
	return false;
}

/* What stands before the next digit or the end: without blanks, brackets, ':' and ',' around, and without "and" behind. */
static void take_word(struct quantity_reading *reading, const char **word, size_t *size)
{
	const char *start = reading->at;

	while (reading->at < reading->end && !text_is_digit(*reading->at) && *reading->at != '-' && *reading->at != '+' &&
	       !(*reading->at == reading->decimal && digit_at(reading, 1)))
		reading->at++;
	*word = start;
	*size = (size_t)(reading->at - start);
	for (size_t before = 0; before != *size;) {
		before = *size;
		text_trim(word, size);
		if (*size && memchr("([:,", **word, 4)) {
			++*word;
			--*size;
		}
		if (*size && memchr(")]:,", (*word)[*size - 1], 4))
			--*size;
		if (*size > 4 && memcmp(*word + *size - 4, " and", 4) == 0)
			*size -= 4;
	}
}

static bool multiplier(const char *word, size_t size, double *factor)
{
	static const struct { const char *words; double factor; } factors[] = {
		{ "k|thousand", 1e3 }, { "m|mn|mio|million|millions", 1e6 }, { "b|bn|billion|billions", 1e9 }, { "tn|trillion|trillions", 1e12 },
	};

	for (size_t i = 0; i < sizeof factors / sizeof *factors; i++)
		if (is_among(factors[i].words, word, size)) {
			*factor = factors[i].factor;
			return true;
		}
	*factor = 1;
	return false;
}

bool parse_number(const char *text, size_t size, char decimal, double *value)
{
	struct quantity_reading reading = reading_start(text, size, decimal);
	bool minus = take_minus(&reading);
	double factor = 1;

	if (!minus)
		take(&reading, "+");
	if (!take_number(&reading, value))
		return false;
	skip_blanks(&reading);
	if (reading.at < reading.end && !multiplier(reading.at, (size_t)(reading.end - reading.at), &factor))
		return false;
	*value *= minus ? -factor : factor;
	return true;
}

bool parse_percent(const char *text, size_t size, char decimal, double *value)
{
	struct quantity_reading reading = reading_start(text, size, decimal);
	bool minus = take_minus(&reading), mille;

	if (!minus)
		take(&reading, "+");
	if (!take_number(&reading, value))
		return false;
	skip_blanks(&reading);
	mille = take(&reading, "\xe2\x80\xb0");         /* U+2030 */
	*value = (minus ? -*value : *value) / (mille ? 1000 : 100);
	return mille ? reading.at == reading.end : is_among("%|percent|per cent|pct", reading.at, (size_t)(reading.end - reading.at));
}

/* ---- units ---- */

/* Words with '|' between them; factors to the bases m, g, s, ml, m/s, K (international yard and pound, US gallon). */
static const struct unit_name { enum family family; const char *words; double factor, offset; } unit_names[] = {
	{ FAMILY_LENGTH, "km|kms|kilometer|kilometers|kilometre|kilometres", 1000, 0 },
	{ FAMILY_LENGTH, "m|meter|meters|metre|metres", 1, 0 },
	{ FAMILY_LENGTH, "cm|centimeter|centimeters|centimetre|centimetres", 0.01, 0 },
	{ FAMILY_LENGTH, "mm|millimeter|millimeters|millimetre|millimetres", 0.001, 0 },
	{ FAMILY_LENGTH, "mi|mile|miles", 1609.344, 0 },
	{ FAMILY_LENGTH, "yd|yds|yard|yards", 0.9144, 0 },
	{ FAMILY_LENGTH, "ft|foot|feet|'", 0.3048, 0 },
	{ FAMILY_LENGTH, "in|inch|inches|\"|''", 0.0254, 0 },
	{ FAMILY_LENGTH, "nmi|nautical mile|nautical miles", 1852, 0 },
	{ FAMILY_MASS, "kg|kgs|kilo|kilos|kilogram|kilograms", 1000, 0 },
	{ FAMILY_MASS, "g|gr|gram|grams", 1, 0 },
	{ FAMILY_MASS, "mg|milligram|milligrams", 0.001, 0 },
	{ FAMILY_MASS, "t|ton|tons|tonne|tonnes", 1e6, 0 },
	{ FAMILY_MASS, "lb|lbs|pound|pounds", 453.59237, 0 },
	{ FAMILY_MASS, "oz|ounce|ounces", 28.349523125, 0 },
	{ FAMILY_MASS, "st|stone|stones", 6350.29318, 0 },
	{ FAMILY_TIME, "ms|msec|millisecond|milliseconds", 0.001, 0 },
	{ FAMILY_TIME, "s|sec|secs|second|seconds", 1, 0 },
	{ FAMILY_TIME, "min|mins|minute|minutes|m", 60, 0 },
	{ FAMILY_TIME, "h|hr|hrs|hour|hours", 3600, 0 },
	{ FAMILY_TIME, "d|day|days", 86400, 0 },
	{ FAMILY_TIME, "w|wk|wks|week|weeks", 604800, 0 },
	{ FAMILY_VOLUME, "l|ltr|liter|liters|litre|litres", 1000, 0 },
	{ FAMILY_VOLUME, "dl|deciliter|deciliters|decilitre|decilitres", 100, 0 },
	{ FAMILY_VOLUME, "cl|centiliter|centiliters|centilitre|centilitres", 10, 0 },
	{ FAMILY_VOLUME, "ml|milliliter|milliliters|millilitre|millilitres", 1, 0 },
	{ FAMILY_VOLUME, "gal|gallon|gallons", 3785.411784, 0 },
	{ FAMILY_VOLUME, "qt|quart|quarts", 946.352946, 0 },
	{ FAMILY_VOLUME, "pt|pint|pints", 473.176473, 0 },
	{ FAMILY_VOLUME, "fl oz|floz|fluid ounce|fluid ounces|oz|ounce|ounces", 29.5735295625, 0 },
	{ FAMILY_SPEED, "km/h|kmh|kph|kmph", 1000.0 / 3600, 0 },
	{ FAMILY_SPEED, "m/s|mps", 1, 0 },
	{ FAMILY_SPEED, "mph|mi/h", 1609.344 / 3600, 0 },
	{ FAMILY_SPEED, "kn|kt|kts|knot|knots", 1852.0 / 3600, 0 },
	{ FAMILY_TEMPERATURE, "c|\xc2\xb0" "c|\xe2\x84\x83|celsius|degc|deg c", 1, 273.15 },
	{ FAMILY_TEMPERATURE, "f|\xc2\xb0" "f|\xe2\x84\x89|fahrenheit|degf|deg f", 5.0 / 9, 459.67 * 5 / 9 },
	{ FAMILY_TEMPERATURE, "k|kelvin", 1, 0 },
};
enum { N_UNIT_NAMES = sizeof unit_names / sizeof *unit_names };

/* In one family, or in any (FAMILY_OWN); NULL: none. */
static const struct unit_name *find_unit(const char *word, size_t size, enum family family)
{
	for (size_t i = 0; i < N_UNIT_NAMES; i++)
		if ((family == FAMILY_OWN || family == unit_names[i].family) && is_among(unit_names[i].words, word, size))
			return &unit_names[i];
	return NULL;
}

bool measure_find(const char *name, enum family family, struct quantity_unit *measure)
{
	const struct unit_name *found = find_unit(name, strlen(name), family);

	*measure = (struct quantity_unit){ .family = FAMILY_OWN, .factor = 1, .name = name };
	if (!found)
		return false;
	measure->family = found->family;
	measure->factor = found->factor;
	measure->offset = found->offset;
	return true;
}

/* A value with the unit `word` in the wanted one. */
static bool convert(double value, const char *word, size_t size, const struct quantity_unit *wanted, double *result)
{
	const struct unit_name *unit;

	*result = value;
	if (size == 0 || (wanted->family == FAMILY_OWN && strlen(wanted->name) == size && memcmp(wanted->name, word, size) == 0))
		return true;
	unit = wanted->family == FAMILY_OWN ? NULL : find_unit(word, size, wanted->family);
	if (!unit)
		return false;
	if (unit->factor != wanted->factor || unit->offset != wanted->offset)
		*result = (value * unit->factor + unit->offset - wanted->offset) / wanted->factor;
	return true;
}

/* "(min) 24": the unit was read, a number ends the text. */
static bool unit_first(struct quantity_reading *reading, const char *word, size_t size, const struct quantity_unit *wanted, double *value)
{
	bool minus = take_minus(reading);
	double number;

	if (!take_number(reading, &number))
		return false;
	skip_blanks(reading);
	return reading->at == reading->end && convert(minus ? -number : number, word, size, wanted, value);
}

bool parse_quantity(const char *text, size_t size, char decimal, const struct quantity_unit *wanted, double *value)
{
	struct quantity_reading reading = reading_start(text, size, decimal);
	bool minus = take_minus(&reading);
	size_t word_size, n = 0;
	const char *word;

	if (!minus)
		take(&reading, "+");
	take_word(&reading, &word, &word_size);
	if (word_size)
		return !minus && unit_first(&reading, word, word_size, wanted, value);
	*value = 0;
	while (reading.at < reading.end) {
		double number, part;

		if (!take_number(&reading, &number))
			return false;
		take_word(&reading, &word, &word_size);
		/* Only a number that stands alone may lack its unit; several are added, which has no sense for temperatures. */
		if ((word_size == 0 || wanted->family == FAMILY_TEMPERATURE) && (n > 0 || reading.at < reading.end))
			return false;
		if (!convert(minus ? -number : number, word, word_size, wanted, &part))
			return false;
		*value += part;
		n++;
	}
	return n > 0;
}

/* ---- durations ---- */

/* hours:minutes, or hours:minutes:seconds, to the end of the text; as seconds. */
static bool take_clock(struct quantity_reading *reading, double *seconds)
{
	double fields[3] = { 0 };
	size_t n = 0;

	for (; n < 3; n++) {
		const char *start = reading->at;

		while (digit_at(reading, 0)) {
			fields[n] = fields[n] * 10 + (*reading->at - '0');
			reading->at++;
		}
		if (reading->at == start || reading->at - start > (n ? 2 : 6) || (n && (fields[n] > 59 || reading->at - start != 2)))
			return false;
		if (n == 2 || !take(reading, ":"))
			break;
	}
	if (n == 0)
		return false;
	if (n == 2 && reading->at < reading->end && *reading->at == '.') {
		double part = 0.1;

		for (reading->at++; digit_at(reading, 0); reading->at++, part /= 10)
			fields[2] += part * (*reading->at - '0');
	}
	*seconds = fields[0] * 3600 + fields[1] * 60 + fields[2];
	return reading->at == reading->end;
}

/* ISO 8601 behind the P: weeks and days, behind T hours, minutes, seconds. Months and years have no fixed length. */
static bool take_iso(struct quantity_reading *reading, double *seconds)
{
	static const struct { const char *letter; double seconds; bool after_t; } letters[] = {
		{ "W", 604800, false }, { "D", 86400, false }, { "H", 3600, true }, { "M", 60, true }, { "S", 1, true },
	};
	bool in_time = false;
	size_t next = 0, n = 0;

	*seconds = 0;
	while (reading->at < reading->end) {
		double number;
		size_t i;

		if (!in_time && take(reading, "T")) {
			in_time = true;
			continue;
		}
		if (!take_number(reading, &number))
			return false;
		for (i = next; i < 5 && !(letters[i].after_t == in_time && take(reading, letters[i].letter)); i++)
			;
		if (i == 5)
			return false;
		*seconds += number * letters[i].seconds;
		next = i + 1;
		n++;
	}
	return n > 0;
}

/* "2 days, 03:04:05": a quantity, then a clock. */
static bool take_days_and_clock(const struct quantity_reading *whole, const struct quantity_unit *second, double *seconds)
{
	const char *colon = memchr(whole->at, ':', (size_t)(whole->end - whole->at));
	struct quantity_reading clock = *whole;
	double days, rest;

	if (!colon || colon == whole->at || !text_is_digit(colon[-1]))
		return false;
	clock.at = colon;
	while (clock.at > whole->at && text_is_digit(clock.at[-1]))
		clock.at--;
	if (!parse_quantity(whole->at, (size_t)(clock.at - whole->at), whole->decimal, second, &days) || !take_clock(&clock, &rest))
		return false;
	*seconds = days + rest;
	return true;
}

bool parse_duration(const char *text, size_t size, char decimal, const struct quantity_unit *wanted, double *value)
{
	const struct quantity_unit second = { .family = FAMILY_TIME, .factor = 1 };
	struct quantity_reading reading = reading_start(text, size, decimal), start;
	bool minus = take_minus(&reading);
	double seconds;

	if (!minus)
		take(&reading, "+");
	start = reading;
	if (take(&reading, "P") ? !take_iso(&reading, &seconds) : !take_clock(&reading, &seconds)) {
		if (parse_quantity(text, size, decimal, wanted, value))
			return true;
		if (!take_days_and_clock(&start, &second, &seconds))
			return false;
	}
	*value = (minus ? -seconds : seconds) / wanted->factor;
	return true;
}

/* ---- money ---- */

static const char *const currencies[] = {
	"$|us$|usd|dollar|dollars", "\xe2\x82\xac|eur|euro|euros", "\xc2\xa3|gbp|pound|pounds", "\xc2\xa5|jpy|yen",
	"\xe2\x82\xb9|inr|rs|rupee|rupees", "chf|fr|sfr",
};

static bool same_currency(const char *word, size_t size, const char *currency)
{
	size_t n = strlen(currency);

	if (size == n && memcmp(word, currency, n) == 0)
		return true;
	for (size_t i = 0; i < sizeof currencies / sizeof *currencies; i++)
		if (is_among(currencies[i], word, size) && is_among(currencies[i], currency, n))
			return true;
	return false;
}

/* Behind the number: a multiplier, the currency, or both ("1.2k USD"). */
static bool money_behind(const char *word, size_t size, const char *currency, bool named, double *factor)
{
	size_t first = 0;

	if (size == 0 || multiplier(word, size, factor) || (!named && same_currency(word, size, currency)))
		return true;
	while (first < size && word[first] != ' ')
		first++;
	if (first == size || named || !multiplier(word, first, factor))
		return false;
	return same_currency(word + first + 1, size - first - 1, currency);
}

bool parse_money(const char *text, size_t size, char decimal, const char *currency, double *value)
{
	struct quantity_reading reading = reading_start(text, size, decimal);
	bool brackets = reading.end - reading.at > 2 && *reading.at == '(' && reading.end[-1] == ')', minus, named;
	const char *word;
	size_t word_size;
	double factor = 1;

	if (brackets) {                 /* bookkeepers' minus */
		reading.at++;
		reading.end--;
	}
	minus = take_minus(&reading);
	take_word(&reading, &word, &word_size);
	named = word_size > 0;
	if (named && !same_currency(word, word_size, currency))
		return false;
	minus |= take_minus(&reading);
	if (!take_number(&reading, value))
		return false;
	take_word(&reading, &word, &word_size);
	if (reading.at < reading.end || !money_behind(word, word_size, currency, named, &factor))
		return false;
	*value *= minus != brackets ? -factor : factor;
	return true;
}

static bool parse_any(enum measure measure, const char *text, size_t size, char decimal, const struct quantity_unit *wanted,
                      const char *currency, double *value)
{
	switch (measure) {
	case MEASURE_NUMBER: return parse_number(text, size, decimal, value);
	case MEASURE_PERCENT: return parse_percent(text, size, decimal, value);
	case MEASURE_MONEY: return parse_money(text, size, decimal, currency, value);
	case MEASURE_DURATION: return parse_duration(text, size, decimal, wanted, value);
	default: return parse_quantity(text, size, decimal, wanted, value);
	}
}

bool parse_measure(enum measure measure, const char *text, size_t size, char decimal, const struct quantity_unit *wanted,
                   const char *currency, double *value)
{
	return parse_any(measure, text, size, decimal, wanted, currency, value) && isfinite(*value);
}
