/* SPDX-License-Identifier: MIT */
/*
 * Days and civil dates by Howard Hinnant's algorithms ("chrono-Compatible
 * Low-Level Date Algorithms"): years begin in March, eras have 400 of them.
 */
#include "timestamp.h"

#include <stdio.h>
#include <string.h>


static const int64_t SECOND = 1000000, DAY_SECONDS = 86400;

static const char *const months[12] = {
	"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
};
static const char *const weekdays[7] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };

/* ---- calendar ---- */

static int64_t days_from_civil(int year, int month, int day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
	static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && leap(year));
}

int64_t time_from_civil(int year, int month, int day, int hour, int minute, int second, int micro)
{
	return ((days_from_civil(year, month, day) * 24 + hour) * 3600 + minute * 60 + second) * SECOND + micro;
}

void time_to_civil(int64_t micros, struct civil *civil)
{
	int64_t seconds = micros / SECOND - (micros % SECOND < 0);
	int64_t days = seconds / DAY_SECONDS - (seconds % DAY_SECONDS < 0), z, era, of_era, year, of_year, m;
	int rest = (int)(seconds - days * DAY_SECONDS);

	civil->micro = (int)(micros % SECOND + (micros % SECOND < 0 ? SECOND : 0));
	civil->hour = rest / 3600;
	civil->minute = rest / 60 % 60;
	civil->second = rest % 60;
	civil->weekday = (int)(((days + 3) % 7 + 7) % 7);       /* 1970-01-01 was a Thursday */
	z = days + 719468;
	era = (z >= 0 ? z : z - 146096) / 146097;
	of_era = z - era * 146097;
	year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	of_year = of_era - (365 * year + year / 4 - year / 100);
	civil->year = (int)(year + era * 400);
	m = (5 * of_year + 2) / 153;
	civil->day = (int)(of_year - (153 * m + 2) / 5 + 1);
	civil->month = (int)(m < 10 ? m + 3 : m - 9);
	civil->year += civil->month <= 2;
	civil->yearday = (int)(days - days_from_civil(civil->year, 1, 1)) + 1;
}

/* ---- reading ---- */

struct scan { const char *at, *end; bool lenient; };

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* Exactly `most` digits; a lenient reader takes fewer, at least one. */
static bool digits(struct scan *scan, int most, int *value)
{
	int n = 0;

	*value = 0;
	while (n < most && scan->at < scan->end && is_digit(*scan->at)) {
		*value = *value * 10 + (*scan->at++ - '0');
		n++;
	}
	return n == most || (scan->lenient && n > 0);
}

static char lower(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte + 32) : byte;
}

/* A name out of a list, whole or its first three letters; 1-based, 0: none. */
static int name_in(struct scan *scan, const char *const *names, int n, bool whole)
{
	for (int i = 0; i < n; i++) {
		size_t length = whole ? strlen(names[i]) : 3, k = 0;

		while (k < length && scan->at + k < scan->end && lower(scan->at[k]) == lower(names[i][k])
		       && (scan->lenient || scan->at[k] == names[i][k]))
			k++;
		if (k < length)
			continue;
		scan->at += length;
		return i + 1;
	}
	return 0;
}

struct parts { struct civil civil; int offset_seconds, pm; bool twelve; };

/* A fraction of a second with n digits. */
static bool fraction(struct scan *scan, int n, int *micro)
{
	int value;
	bool lenient = scan->lenient, ok;

	scan->lenient = false;
	ok = digits(scan, n, &value);
	scan->lenient = lenient;
	for (; n < 6; n++)
		value *= 10;
	*micro = value;
	return ok;
}

static bool directive(struct scan *scan, const char **form, struct parts *parts)
{
	struct civil *civil = &parts->civil;
	char letter = *(*form)++;
	int value, n;

	switch (letter) {
	case 'Y': return digits(scan, 4, &civil->year);
	case 'm': return digits(scan, 2, &civil->month);
	case 'd': return digits(scan, 2, &civil->day);
	case 'H': return digits(scan, 2, &civil->hour);
	case 'M': return digits(scan, 2, &civil->minute);
	case 'S': return digits(scan, 2, &civil->second);
	case 'j': return digits(scan, 3, &civil->yearday);
	case 'I':
		parts->twelve = true;
		return digits(scan, 2, &civil->hour);
	case 'y':
		if (!digits(scan, 2, &value))
			return false;
		civil->year = value + (value < 69 ? 2000 : 1900);       /* POSIX */
		return true;
	case 'p':
		if (scan->end - scan->at < 2 || lower(scan->at[1]) != 'm' || (lower(scan->at[0]) != 'a' && lower(scan->at[0]) != 'p'))
			return false;
		parts->pm = lower(scan->at[0]) == 'p';
		scan->at += 2;
		return true;
	case 'b': case 'B':
		civil->month = name_in(scan, months, 12, letter == 'B');
		return civil->month > 0;
	case 'a': case 'A':
		return name_in(scan, weekdays, 7, letter == 'A') > 0;
	default:
		n = letter - '0';
		++*form;        /* the f */
		return fraction(scan, n, &civil->micro);
	}
}

static bool finish(struct parts *parts, int64_t *micros)
{
	struct civil *civil = &parts->civil;

	if (parts->twelve) {
		if (civil->hour < 1 || civil->hour > 12)
			return false;
		civil->hour = civil->hour % 12 + 12 * parts->pm;
	}
	if (civil->yearday) {
		if (civil->yearday > 365 + leap(civil->year))
			return false;
		civil->month = 1;
		civil->day = 1;
	}
	if (civil->year < 1 || civil->month < 1 || civil->month > 12 || civil->day < 1 || civil->day > month_days(civil->year, civil->month)
	    || civil->hour > 23 || civil->minute > 59 || civil->second > 59)
		return false;
	*micros = time_from_civil(civil->year, civil->month, civil->day, civil->hour, civil->minute, civil->second, civil->micro);
	if (civil->yearday)
		*micros += (civil->yearday - 1) * DAY_SECONDS * SECOND;
	*micros -= parts->offset_seconds * SECOND;
	return true;
}

/* Where the zone of a form begins (`Z`, `+05:30`, `-0800`, `+05` at its very end), its end if it has none; *offset in seconds. */
static const char *zone_of(const char *form, int *offset)
{
	size_t length = strlen(form);
	static const char *const shapes[] = {"sdd:dd", "sdddd", "sdd"};

	*offset = 0;
	if (length > 1 && form[length - 1] == 'Z' && form[length - 2] != '%')
		return form + length - 1;
	for (int i = 0; i < 3; i++) {
		size_t n = strlen(shapes[i]), k = 0;
		const char *zone = form + length - n;

		if (length <= n || zone[-1] == '%')
			continue;
		while (k < n && (shapes[i][k] == 's' ? zone[k] == '+' || zone[k] == '-' : shapes[i][k] == 'd' ? is_digit(zone[k]) : zone[k] == ':'))
			k++;
		/* A sign behind a date's own dash, as in `%Y-%m-31`, is no zone: a zone follows a time of day. */
		if (k < n || !strstr(form, "%H"))
			continue;
		*offset = ((zone[1] - '0') * 10 + zone[2] - '0') * 3600;
		if (n > 3)
			*offset += ((zone[n - 2] - '0') * 10 + zone[n - 1] - '0') * 60;
		if (zone[0] == '-')
			*offset = -*offset;
		return zone;
	}
	return form + length;
}

bool time_read(const char *text, size_t size, const char *form, bool lenient, int64_t *micros)
{
	struct scan scan = {text, text + size, lenient};
	struct parts parts = {.civil = {.year = 1970, .month = 1, .day = 1}};

	zone_of(form, &parts.offset_seconds);
	while (*form) {
		if (*form == '%' && form[1] != '%') {
			form++;
			if (!directive(&scan, &form, &parts))
				return false;
			continue;
		}
		form += *form == '%';
		if (scan.at == scan.end || *scan.at != *form)
			return false;
		scan.at++;
		form++;
	}
	return scan.at == scan.end && finish(&parts, micros);
}

bool time_form_valid(const char *form)
{
	bool date = false;

	if (strlen(form) >= TIME_FORM_SIZE)
		return false;
	for (; *form; form++) {
		if (*form != '%')
			continue;
		form++;
		if (*form >= '1' && *form <= '6' && form[1] == 'f') {
			form++;
			continue;
		}
		if (*form == '\0' || !strchr("YmdHMSybBjpIaA%", *form))
			return false;
		date |= *form == 'Y' || *form == 'y';
	}
	return date;
}

/* ---- detecting ---- */

/* Whether `text` shows the pattern: d stands for a digit. */
static bool shape(const char *text, size_t size, const char *pattern)
{
	size_t n = strlen(pattern);

	if (size < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (pattern[i] == 'd' ? !is_digit(text[i]) : text[i] != pattern[i])
			return false;
	return true;
}

bool time_detect(const char *text, size_t size, char *form, int64_t *micros)
{
	size_t at = 10, length;

	if (size < 10 || size >= TIME_TEXT_SIZE || !shape(text, size, "dddd-dd-dd"))
		return false;
	memcpy(form, "%Y-%m-%d", 9);
	if (size > 10) {
		if ((text[10] != 'T' && text[10] != ' ') || !shape(text + 11, size - 11, "dd:dd"))
			return false;
		length = (size_t)snprintf(form, TIME_FORM_SIZE, "%%Y-%%m-%%d%c%%H:%%M", text[10]);
		at = 16;
		if (shape(text + at, size - at, ":dd")) {
			length += (size_t)snprintf(form + length, TIME_FORM_SIZE - length, ":%%S");
			at += 3;
			if (shape(text + at, size - at, ".d")) {
				size_t n = 1;

				while (at + 1 + n < size && is_digit(text[at + 1 + n]))
					n++;
				if (n > 6)
					return false;
				length += (size_t)snprintf(form + length, TIME_FORM_SIZE - length, ".%%%zuf", n);
				at += 1 + n;
			}
		}
		if (size - at > 6)
			return false;
		memcpy(form + length, text + at, size - at);    /* the zone, or what is none and is refused below */
		form[length + size - at] = '\0';
		if (size > at) {
			int offset;

			if (strchr(form + length, '%') || zone_of(form, &offset) != form + length)
				return false;
		}
	}
	return time_read(text, size, form, false, micros);
}

/* ---- printing ---- */

static size_t put_digits(char *to, int value, int n)
{
	for (int i = n; i-- > 0; value /= 10)
		to[i] = (char)('0' + value % 10);
	return (size_t)n;
}

static size_t put_text(char *to, const char *text, size_t most)
{
	size_t n = strlen(text) < most ? strlen(text) : most;

	memcpy(to, text, n);
	return n;
}

static size_t put_directive(char *to, char letter, const struct civil *civil)
{
	static const int powers[7] = {1000000, 100000, 10000, 1000, 100, 10, 1};

	switch (letter) {
	case 'Y': return put_digits(to, civil->year, 4);
	case 'm': return put_digits(to, civil->month, 2);
	case 'd': return put_digits(to, civil->day, 2);
	case 'H': return put_digits(to, civil->hour, 2);
	case 'I': return put_digits(to, civil->hour % 12 ? civil->hour % 12 : 12, 2);
	case 'M': return put_digits(to, civil->minute, 2);
	case 'S': return put_digits(to, civil->second, 2);
	case 'y': return put_digits(to, civil->year % 100, 2);
	case 'j': return put_digits(to, civil->yearday, 3);
	case 'p': return put_text(to, civil->hour < 12 ? "AM" : "PM", 2);
	case 'b': return put_text(to, months[civil->month - 1], 3);
	case 'B': return put_text(to, months[civil->month - 1], 16);
	case 'a': return put_text(to, weekdays[civil->weekday], 3);
	case 'A': return put_text(to, weekdays[civil->weekday], 16);
	default: return put_digits(to, civil->micro / powers[letter - '0'], letter - '0');
	}
}

size_t time_print(char *text, int64_t micros, const char *form)
{
	struct civil civil;
	size_t at = 0;
	int offset = 0;

	if (form) {
		zone_of(form, &offset);
		micros += offset * SECOND;
	}
	time_to_civil(micros, &civil);
	if (!form)
		form = civil.micro ? "%Y-%m-%dT%H:%M:%S.%6fZ" : civil.hour || civil.minute || civil.second ? "%Y-%m-%dT%H:%M:%SZ" : "%Y-%m-%d";
	while (*form && at + 16 < TIME_TEXT_SIZE) {
		if (*form != '%' || form[1] == '%') {
			text[at++] = *form;
			form += *form == '%' ? 2 : 1;
			continue;
		}
		at += put_directive(text + at, form[1], &civil);
		form += form[1] >= '1' && form[1] <= '6' ? 3 : 2;
	}
	text[at] = '\0';
	return at;
}
