/* SPDX-License-Identifier: MIT */
/* Times as text: a walk along the form, which notes what it has said; the names of months and weekdays. */
#include <string.h>

#include "time_words.h"
#include "timestamp.h"

const char *const MONTHS[12] = {
	"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
};
const char *const WEEKDAYS[7] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };

size_t time_modifier_size(const char *p)
{
	return (*p >= '1' && *p <= '6') || (*p == '.' && p[1] == 'f');
}

struct printer { char *p, *end; };

static void put(struct printer *printer, const char *bytes, size_t size)
{
	if (size > (size_t)(printer->end - printer->p))
		size = (size_t)(printer->end - printer->p);
	memcpy(printer->p, bytes, size);
	printer->p += size;
}

static void put_digits(struct printer *printer, int value, int width)
{
	char digits[8];

	for (int i = width; i-- > 0; value /= 10)
		digits[i] = (char)('0' + value % 10);
	put(printer, digits, (size_t)width);
}

/* Four digits for the years of the calendar; more, or a sign, for what only arithmetic yields. */
static void put_year(struct printer *printer, int year)
{
	if (year < 0)
		put(printer, "-", 1);
	year = year < 0 ? -year : year;
	put_digits(printer, year, year > 99999 ? 6 : year > 9999 ? 5 : 4);
}

/* So many digits of it; modifier '.': a point and as many as it takes, or nothing. */
static void put_fraction(struct printer *printer, char modifier, int micro)
{
	int digits = modifier >= '1' && modifier <= '6' ? modifier - '0' : 6;

	if (modifier == '.') {
		if (micro == 0)
			return;
		put(printer, ".", 1);
	}
	for (int i = digits; i < 6; i++)
		micro /= 10;
	for (; digits > 1 && modifier == '.' && micro % 10 == 0; micro /= 10)
		digits--;
	put_digits(printer, micro, digits);
}

static void put_directive(struct printer *printer, char letter, char modifier, const struct civil *civil)
{
	const char *month = MONTHS[civil->month - 1], *weekday = WEEKDAYS[civil->weekday];

	switch (letter) {
	case 'Y': put_year(printer, civil->year); break;
	case 'y': put_digits(printer, (civil->year % 100 + 100) % 100, 2); break;
	case 'm': put_digits(printer, civil->month, 2); break;
	case 'd': put_digits(printer, civil->day, 2); break;
	case 'H': put_digits(printer, civil->hour, 2); break;
	case 'I': put_digits(printer, civil->hour % 12 ? civil->hour % 12 : 12, 2); break;
	case 'M': put_digits(printer, civil->minute, 2); break;
	case 'S': put_digits(printer, civil->second, 2); break;
	case 'j': put_digits(printer, civil->yearday, 3); break;
	case 'f': put_fraction(printer, modifier, civil->micro); break;
	case 'b': put(printer, month, 3); break;
	case 'B': put(printer, month, strlen(month)); break;
	case 'a': put(printer, weekday, 3); break;
	case 'A': put(printer, weekday, strlen(weekday)); break;
	case 'p': put(printer, civil->hour < 12 ? "AM" : "PM", 2); break;
	case '%': put(printer, "%", 1); break;
	default: break;
	}
}

/* Without a form: in full, also at midnight, since a column of some dates and some times would not be read as times again. */
#define OWN_FORM "%Y-%m-%dT%H:%M:%S%.fZ"

/* What a form has said of a time: bits by letter, and digits of the fraction. */
enum { SAID_YEAR = 1, SAID_MONTH = 2, SAID_DAY = 4, SAID_HOUR = 8, SAID_HALF = 16, SAID_MINUTE = 32, SAID_SECOND = 64 };
struct said { unsigned what; int digits; };

static void note_said(struct said *said, char letter, char modifier, const struct civil *civil)
{
	switch (letter) {
	case 'Y': said->what |= SAID_YEAR; break;
	case 'y': said->what |= civil->year >= 1969 && civil->year < 2069 ? SAID_YEAR : 0; break;
	case 'm': case 'b': case 'B': said->what |= SAID_MONTH; break;
	case 'd': said->what |= SAID_DAY; break;
	case 'j': said->what |= SAID_MONTH | SAID_DAY; break;
	case 'H': said->what |= SAID_HOUR | SAID_HALF; break;
	case 'I': said->what |= SAID_HOUR; break;
	case 'p': said->what |= SAID_HALF; break;
	case 'M': said->what |= SAID_MINUTE; break;
	case 'S': said->what |= SAID_SECOND; break;
	case 'f': said->digits = modifier && modifier != '.' ? modifier - '0' : 6; break;
	default: break;
	}
}

static bool said_all(const struct said *said, const struct civil *civil)
{
	static const int POWERS[] = { 1000000, 100000, 10000, 1000, 100, 10, 1 };
	unsigned due = SAID_YEAR | (civil->month > 1 ? SAID_MONTH : 0u) | (civil->day > 1 ? SAID_DAY : 0u) | (civil->hour ? SAID_HOUR : 0u) |
		(civil->hour > 11 ? SAID_HALF : 0u) | (civil->minute ? SAID_MINUTE : 0u) | (civil->second ? SAID_SECOND : 0u);

	return (due & ~said->what) == 0 && civil->micro % POWERS[said->digits] == 0;
}

/* Whether the form said all of the time. */
static bool print_form(struct printer *printer, const char *form, const struct civil *civil)
{
	struct said said = { 0, 0 };

	for (; *form; form++) {
		char modifier;

		if (*form != '%') {
			put(printer, form, 1);
			continue;
		}
		modifier = time_modifier_size(form + 1) ? *++form : 0;
		if (!*++form)
			break;
		put_directive(printer, *form, modifier, civil);
		note_said(&said, *form, modifier, civil);
	}
	return said_all(&said, civil);
}

size_t time_print(char *text, int64_t micros, const char *form)
{
	struct printer printer = { text, text + TIME_TEXT_SIZE - 1 };
	struct civil civil;
	int64_t wall = (int64_t)((uint64_t)micros + (uint64_t)time_form_offset(form));

	if (time_in_calendar(micros) && !time_in_calendar(wall)) {
		form = NULL;            /* there is no such year in that zone */
		wall = micros;
	}
	time_to_civil(wall, &civil);
	if (!print_form(&printer, form ? form : OWN_FORM, &civil) && form) {
		const char *zone = time_form_zone(form);

		printer.p = text;
		print_form(&printer, "%Y-%m-%dT%H:%M:%S%.f", &civil);
		put(&printer, zone, strlen(zone));
	}
	*printer.p = 0;
	return (size_t)(printer.p - text);
}

void time_form_behind(char *behind, const char *form)
{
	bool clock = strstr(form, "%H") || strstr(form, "%I");
	const char *zone = strstr(form, "%z") ? "Z" : time_form_zone(form);
	struct printer printer = { behind, behind + TIME_FORM_SIZE - 1 };

	put(&printer, "%Y-%m-%d", 8);
	if (clock) {
		put(&printer, " %H:%M:%S", 9);
		if (strstr(form, "f"))
			put(&printer, "%.f", 3);
		put(&printer, zone, strlen(zone));
	}
	*printer.p = 0;
}
