/* SPDX-License-Identifier: MIT */
/*
 * ISO texts are detected by their shape (time_detect), which yields a form;
 * reading and printing walk that form, directive by directive.
 */
#include "timestamp.h"

#include <string.h>

#include "calendar.h"
#include "time_words.h"

static const int64_t SECOND = 1000000, MINUTE = 60 * 1000000LL, HOUR = 3600 * 1000000LL, DAY = 86400 * 1000000LL;

/* ---- the calendar ---- */

/* Before those of calendar.h, in which there are then all days of 64 bits of microseconds. */
enum { ERAS_BEFORE = 732 };
static const int64_t DAYS_BEFORE = (int64_t)ERAS_BEFORE * CALENDAR_ERA_DAYS + CALENDAR_1970;

/* Since 1970, of any year that such a day is in. */
static int64_t days_from_civil(int year, int month, int day)
{
	uint32_t years = (uint32_t)(year + (ERAS_BEFORE - 1) * CALENDAR_ERA_YEARS), era = years / CALENDAR_ERA_YEARS;

	return (int64_t)era * CALENDAR_ERA_DAYS + calendar_days(years % CALENDAR_ERA_YEARS + CALENDAR_ERA_YEARS, (uint32_t)month, (uint32_t)day) - DAYS_BEFORE;
}

int64_t time_from_civil(int year, int month, int day, int hour, int minute, int second, int micro)
{
	return days_from_civil(year, month, day) * DAY + hour * HOUR + minute * MINUTE + second * SECOND + micro;
}

void time_to_civil(int64_t micros, struct civil *civil)
{
	int64_t days = micros / DAY, rest = micros % DAY;
	struct calendar_date date;

	if (rest < 0) {
		rest += DAY;
		days--;
	}
	date = calendar_date((uint32_t)(days + DAYS_BEFORE));
	civil->year = (int)date.year - ERAS_BEFORE * CALENDAR_ERA_YEARS;
	civil->month = (int)date.month;
	civil->day = (int)date.day;
	civil->weekday = (int)(((days + 3) % 7 + 7) % 7);       /* 1970-01-01 was a Thursday */
	civil->yearday = (int)(days - days_from_civil(civil->year, 1, 1)) + 1;
	civil->hour = (int)(rest / HOUR);
	civil->minute = (int)(rest / MINUTE % 60);
	civil->second = (int)(rest / SECOND % 60);
	civil->micro = (int)(rest % SECOND);
}

static int days_in(int year, int month) { return (int)calendar_month_days((uint32_t)year, (uint32_t)month); }

/* ---- pieces of text ---- */

struct cursor { const char *p, *end; };

/* Takes `least` to `most` digits; false leaves the cursor anywhere. */
static bool take_digits(struct cursor *cursor, int least, int most, int *value)
{
	int n = 0;

	*value = 0;
	for (; n < most && cursor->p < cursor->end && *cursor->p >= '0' && *cursor->p <= '9'; n++)
		*value = 10 * *value + (*cursor->p++ - '0');
	return n >= least;
}

static bool take_byte(struct cursor *cursor, char byte)
{
	bool there = cursor->p < cursor->end && *cursor->p == byte;

	cursor->p += there;
	return there;
}

/* A fraction of 1 to 6 digits as microseconds; how many digits it had, 0 if it is none. */
static int take_fraction(struct cursor *cursor, int *micro)
{
	const char *start = cursor->p;
	int n;

	if (!take_digits(cursor, 1, 6, micro))
		return 0;
	n = (int)(cursor->p - start);
	for (int digits = n; digits < 6; digits++)
		*micro *= 10;
	return n;
}

/* `Z`, `+05:30`, `+0530`, `+05` up to the end of the text, as microseconds east; false: something else. */
static bool read_zone(struct cursor cursor, int64_t *offset)
{
	int hours, minutes = 0;
	bool west;

	*offset = 0;
	if (take_byte(&cursor, 'Z'))
		return cursor.p == cursor.end;
	west = take_byte(&cursor, '-');
	if ((!west && !take_byte(&cursor, '+')) || !take_digits(&cursor, 2, 2, &hours) || hours > 15)
		return false;
	if (cursor.p < cursor.end) {
		take_byte(&cursor, ':');
		if (!take_digits(&cursor, 2, 2, &minutes) || minutes > 59 || cursor.p < cursor.end)
			return false;
	}
	*offset = (west ? -1 : 1) * (hours * HOUR + minutes * MINUTE);
	return true;
}

const char *time_form_zone(const char *form)
{
	const char *p = form ? strrchr(form, '%') : NULL, *end = form ? form + strlen(form) : NULL;
	int64_t offset;

	if (!form)
		return "Z";
	if (!p)
		return end;
	p += 1 + time_modifier_size(p + 1);
	if (!*p || !strchr("HMSfp", *p))
		return end;
	p++;
	return read_zone((struct cursor){ p, end }, &offset) ? p : end;
}

int64_t time_form_offset(const char *form)
{
	const char *zone = time_form_zone(form);
	int64_t offset = 0;

	return read_zone((struct cursor){ zone, zone + strlen(zone) }, &offset) ? offset : 0;
}

bool time_same_zone(const char *a, const char *b)
{
	return !*time_form_zone(a) == !*time_form_zone(b) && time_form_offset(a) == time_form_offset(b);
}

/* ---- the ISO forms ---- */

static bool take_date(struct cursor *cursor, struct civil *civil)
{
	return take_digits(cursor, 4, 4, &civil->year) && civil->year >= 1 && take_byte(cursor, '-') &&
		take_digits(cursor, 2, 2, &civil->month) && civil->month >= 1 && civil->month <= 12 && take_byte(cursor, '-') &&
		take_digits(cursor, 2, 2, &civil->day) && civil->day >= 1 && civil->day <= days_in(civil->year, civil->month);
}

static void add_form(char **form, const char *piece, size_t size)
{
	memcpy(*form, piece, size);
	*form += size;
}

/* `10:30`, `10:30:00`, `10:30:00.250`; its form is added to *form. */
static bool take_clock(struct cursor *cursor, struct civil *civil, char **form)
{
	int digits;

	if (!take_digits(cursor, 2, 2, &civil->hour) || civil->hour > 23 || !take_byte(cursor, ':') ||
	    !take_digits(cursor, 2, 2, &civil->minute) || civil->minute > 59)
		return false;
	add_form(form, "%H:%M", 5);
	if (!take_byte(cursor, ':'))
		return true;
	if (!take_digits(cursor, 2, 2, &civil->second) || civil->second > 59)
		return false;
	add_form(form, ":%S", 3);
	if (!take_byte(cursor, '.'))
		return true;
	digits = take_fraction(cursor, &civil->micro);
	if (digits == 0)
		return false;
	add_form(form, (char[]){ '.', '%', (char)('0' + digits), 'f' }, 4);
	return true;
}

bool time_detect(const char *text, size_t size, char *form, int64_t *micros)
{
	struct cursor cursor = { text, text + size };
	struct civil civil = { 0 };
	int64_t offset = 0;

	if (size < 10 || size > 32 || !take_date(&cursor, &civil))
		return false;
	add_form(&form, "%Y-%m-%d", 8);
	if (cursor.p < cursor.end) {
		if (*cursor.p != 'T' && *cursor.p != ' ')
			return false;
		add_form(&form, cursor.p++, 1);
		if (!take_clock(&cursor, &civil, &form))
			return false;
	}
	if (cursor.p < cursor.end) {
		if (!read_zone(cursor, &offset))
			return false;
		add_form(&form, cursor.p, (size_t)(cursor.end - cursor.p));
	}
	*form = 0;
	*micros = time_from_civil(civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second, civil.micro) - offset;
	return time_in_calendar(*micros);
}

/* ---- reading by a form ---- */

/* Whether `size` bytes of `name` stand at the cursor; letter case counts unless lenient. */
static bool starts_with(const struct cursor *cursor, const char *name, size_t size, bool lenient)
{
	if ((size_t)(cursor->end - cursor->p) < size)
		return false;
	for (size_t i = 0; i < size; i++) {
		char a = cursor->p[i], b = name[i];

		if (a != b && !(lenient && (a | 0x20) == (b | 0x20) && (a | 0x20) >= 'a' && (a | 0x20) <= 'z'))
			return false;
	}
	return true;
}

/* One of n names, whole or its first three letters; lenient: either, whatever is asked. */
static bool take_name(struct cursor *cursor, const char *const *names, int n, bool whole, bool lenient, int *which)
{
	for (int i = 0; i < n; i++) {
		size_t full = strlen(names[i]);
		size_t size = (whole || lenient) && starts_with(cursor, names[i], full, lenient) ? full
			    : (!whole || lenient) && starts_with(cursor, names[i], 3, lenient) ? 3 : 0;

		if (size) {
			cursor->p += size;
			*which = i;
			return true;
		}
	}
	return false;
}

struct found {
	struct civil civil;
	bool has_hour12, has_pm, pm, has_yearday, has_weekday;
	int64_t offset;                 /* %z */
};

static bool take_between(struct cursor *cursor, bool lenient, int digits, int low, int high, int *value)
{
	return take_digits(cursor, lenient ? 1 : digits, digits, value) && *value >= low && *value <= high;
}

static bool take_pm(struct cursor *cursor, bool lenient, struct found *found)
{
	found->has_pm = true;
	found->pm = starts_with(cursor, "PM", 2, lenient);
	if (!found->pm && !starts_with(cursor, "AM", 2, lenient))
		return false;
	cursor->p += 2;
	return true;
}

/* `%f` has 6 digits, `%3f` has 3; a lenient reader takes any number and drops what is finer than a microsecond. */
static bool take_second_part(struct cursor *cursor, int digits, bool lenient, int *micro)
{
	int n = take_fraction(cursor, micro);

	if (!lenient)
		return n == (digits ? digits : 6);
	while (cursor->p < cursor->end && *cursor->p >= '0' && *cursor->p <= '9')
		cursor->p++;
	return n > 0;
}

/* `%.f`: a point and digits, or nothing. */
static bool take_any_fraction(struct cursor *cursor, bool lenient, int *micro)
{
	if (!take_byte(cursor, '.'))
		return true;
	return lenient ? take_second_part(cursor, 0, true, micro) : take_fraction(cursor, micro) > 0;
}

/* `%z`: as read_zone has it, with text behind. */
static bool take_zone(struct cursor *cursor, int64_t *offset)
{
	struct cursor zone = *cursor;
	size_t size = 1;

	if (zone.p < zone.end && *zone.p != 'Z')
		while (zone.p + size < zone.end && ((zone.p[size] >= '0' && zone.p[size] <= '9') || zone.p[size] == ':'))
			size++;
	if (zone.p == zone.end)
		return false;
	zone.end = zone.p + size;
	cursor->p = zone.end;
	return read_zone(zone, offset);
}

/* What one directive (its letter, and what stands before it: the digit of %3f, the point of %.f, or 0) takes from the text. */
static bool take_directive(struct cursor *cursor, char letter, char modifier, bool lenient, struct found *found)
{
	struct civil *civil = &found->civil;

	switch (letter) {
	case 'Y': return take_digits(cursor, 4, 4, &civil->year) && civil->year >= 1;
	case 'y':
		if (!take_digits(cursor, 2, 2, &civil->year))
			return false;
		civil->year += civil->year < 69 ? 2000 : 1900;  /* as POSIX has it */
		return true;
	case 'm': return take_between(cursor, lenient, 2, 1, 12, &civil->month);
	case 'd': return take_between(cursor, lenient, 2, 1, 31, &civil->day);
	case 'H': return take_between(cursor, lenient, 2, 0, 23, &civil->hour);
	case 'I': return found->has_hour12 = true, take_between(cursor, lenient, 2, 1, 12, &civil->hour);
	case 'M': return take_between(cursor, lenient, 2, 0, 59, &civil->minute);
	case 'S': return take_between(cursor, lenient, 2, 0, 59, &civil->second);
	case 'j': return found->has_yearday = true, take_between(cursor, lenient, 3, 1, 366, &civil->yearday);
	case 'f':
		if (modifier == '.')
			return take_any_fraction(cursor, lenient, &civil->micro);
		return take_second_part(cursor, modifier ? modifier - '0' : 0, lenient, &civil->micro);
	case 'z': return lenient && take_zone(cursor, &found->offset);
	case 'b': case 'B':
		if (!take_name(cursor, MONTHS, 12, letter == 'B', lenient, &civil->month))
			return false;
		civil->month++;
		return true;
	case 'a': case 'A':
		found->has_weekday = true;
		return take_name(cursor, WEEKDAYS, 7, letter == 'A', lenient, &civil->weekday);
	case 'p': return take_pm(cursor, lenient, found);
	case '%': return take_byte(cursor, '%');
	default: return false;
	}
}

static void skip_blanks(struct cursor *cursor)
{
	while (cursor->p < cursor->end && (*cursor->p == ' ' || *cursor->p == '\t'))
		cursor->p++;
}

/* Walks form and text side by side. */
static bool take_form(struct cursor *cursor, const char *form, bool lenient, struct found *found)
{
	for (; *form; form++) {
		if (*form == '%') {
			size_t size = time_modifier_size(form + 1);
			char modifier = size ? form[1] : 0;

			form += 1 + size;
			if ((modifier && *form != 'f') || !take_directive(cursor, *form, modifier, lenient, found))
				return false;
		} else if (lenient && *form == ' ') {
			skip_blanks(cursor);
		} else if (!take_byte(cursor, *form)) {
			return false;
		}
	}
	return true;
}

/* The time that was found, in the form's zone; false for a date that does not exist, or (strict) parts that contradict each other. */
static bool settle(struct found *found, bool lenient, int64_t *micros)
{
	struct civil *civil = &found->civil, check;
	bool by_yearday;

	if (found->has_hour12 && found->has_pm)
		civil->hour = civil->hour % 12 + (found->pm ? 12 : 0);
	by_yearday = found->has_yearday && !civil->month;
	civil->month += !civil->month;
	civil->day += !civil->day;
	if (civil->day > days_in(civil->year, civil->month))
		return false;
	*micros = time_from_civil(civil->year, civil->month, civil->day, civil->hour, civil->minute, civil->second, civil->micro);
	if (by_yearday) {
		*micros += (civil->yearday - civil->day) * DAY;
		if (*micros >= time_from_civil(civil->year + 1, 1, 1, 0, 0, 0, 0))
			return false;
	}
	if (lenient)
		return true;
	time_to_civil(*micros, &check);
	return (!found->has_yearday || check.yearday == civil->yearday) && (!found->has_weekday || check.weekday == civil->weekday) &&
		(!found->has_pm || (check.hour >= 12) == found->pm);
}

/* Two digits; what is none sets *bad. */
static int two(const char *p, unsigned *bad)
{
	unsigned tens = (unsigned)p[0] - '0', ones = (unsigned)p[1] - '0';

	*bad |= (tens > 9) | (ones > 9);
	return (int)(10 * tens + ones);
}

/* The forms of most files, a date and perhaps a clock without zone or fraction, without a walk. *known: the form is one. */
static bool read_plain(const char *text, size_t size, const char *form, bool *known, int64_t *micros)
{
	bool clock = form[8] != 0, seconds = clock && strcmp(form + 9, "%H:%M:%S") == 0;
	unsigned bad = 0;
	int year, month, day, hour, minute, second;

	*known = !clock || ((form[8] == ' ' || form[8] == 'T') && (seconds || strcmp(form + 9, "%H:%M") == 0));
	if (!*known || size != (seconds ? 19 : clock ? 16 : 10))
		return false;
	year = 100 * two(text, &bad) + two(text + 2, &bad);
	month = two(text + 5, &bad);
	day = two(text + 8, &bad);
	hour = clock ? two(text + 11, &bad) : 0;
	minute = clock ? two(text + 14, &bad) : 0;
	second = seconds ? two(text + 17, &bad) : 0;
	bad |= (text[4] != '-') | (text[7] != '-') | (clock && (text[10] != form[8] || text[13] != ':')) | (seconds && text[16] != ':');
	if (bad || year < 1 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) || hour > 23 || minute > 59 || second > 59)
		return false;
	*micros = time_from_civil(year, month, day, hour, minute, second, 0);
	return true;
}

/* Wall clock and offset of a text in form; what stands in the form's own zone is not subtracted. */
static bool read_form(const char *text, size_t size, const char *form, bool lenient, int64_t *micros, int64_t *offset)
{
	struct cursor cursor = { text, text + size };
	struct found found = { .pm = false };

	if (lenient) {
		skip_blanks(&cursor);
		while (cursor.end > cursor.p && (cursor.end[-1] == ' ' || cursor.end[-1] == '\t'))
			cursor.end--;
	}
	if (!take_form(&cursor, form, lenient, &found) || cursor.p != cursor.end || !found.civil.year || !settle(&found, lenient, micros))
		return false;
	*offset = found.offset;
	return true;
}

bool time_read(const char *text, size_t size, const char *form, bool lenient, int64_t *micros)
{
	int64_t offset;

	if (!lenient && strncmp(form, "%Y-%m-%d", 8) == 0) {
		bool known, fits = read_plain(text, size, form, &known, micros);

		if (known)
			return fits;
	}
	if (!read_form(text, size, form, lenient, micros, &offset))
		return false;
	*micros -= offset + time_form_offset(form);
	return time_in_calendar(*micros);
}

bool time_read_local(const char *text, size_t size, const char *form, int64_t *micros)
{
	int64_t offset;

	return read_form(text, size, form, true, micros, &offset);
}

/* ---- forms of users ---- */

/* The most bytes that a directive prints; 0: no directive. */
static size_t directive_size(char letter)
{
	switch (letter) {
	case 'Y': return 4;
	case 'y': case 'm': case 'd': case 'H': case 'I': case 'M': case 'S': case 'p': return 2;
	case 'j': case 'b': case 'a': return 3;
	case 'f': return 6;
	case 'B': case 'A': return 9;
	case '%': return 1;
	case 'z': return 6;
	default: return 0;
	}
}

/* What a time is made of, each once at most, by whatever letter. */
enum part { HAS_YEAR, HAS_MONTH, HAS_DAY, HAS_YEARDAY, HAS_WEEKDAY, HAS_HOUR, HAS_MINUTE, HAS_SECOND, HAS_FRACTION, HAS_HALF, HAS_ZONE, N_PARTS };
static const struct { const char *letters, *twice; } parts[N_PARTS] = {
	[HAS_YEAR] = { "Yy", "two years" }, [HAS_MONTH] = { "mbB", "two months" }, [HAS_DAY] = { "d", "two days" }, [HAS_YEARDAY] = { "j", "two days of the year" },
	[HAS_WEEKDAY] = { "aA", "two weekdays" }, [HAS_HOUR] = { "HI", "two hours" }, [HAS_MINUTE] = { "M", "two minutes" },
	[HAS_SECOND] = { "S", "two seconds" }, [HAS_FRACTION] = { "f", "two fractions" }, [HAS_HALF] = { "p", "%p twice" }, [HAS_ZONE] = { "z", "two zones" },
};

/* What is wrong with a set of parts; hour12: the hour is %I. */
static const char *parts_fault(const bool *has, bool hour12)
{
	if (!has[HAS_YEAR])
		return "no year";
	if (has[HAS_YEARDAY] && (has[HAS_MONTH] || has[HAS_DAY]))
		return "a day of the year beside month or day";
	if (has[HAS_DAY] && !has[HAS_MONTH])
		return "a day without its month";
	if (has[HAS_WEEKDAY] && !has[HAS_DAY] && !has[HAS_YEARDAY])
		return "a weekday without a day";
	if (hour12 != has[HAS_HALF])
		return hour12 ? "%I without %p" : "%p without %I";
	if (has[HAS_MINUTE] && !has[HAS_HOUR])
		return "minutes without an hour";
	if (has[HAS_SECOND] && !has[HAS_MINUTE])
		return "seconds without minutes";
	return has[HAS_FRACTION] && !has[HAS_SECOND] ? "a fraction without seconds" : NULL;
}

const char *time_form_fault(const char *form, bool zones)
{
	const char *fault, *start = form;
	bool has[N_PARTS] = { false }, hour12 = false;
	size_t size = 0;

	if (strlen(form) >= TIME_FORM_SIZE)
		return "too long";
	for (; *form; form++) {
		size_t piece = 1;

		if (*form == '%') {
			size_t modifier = time_modifier_size(form + 1);

			form += 1 + modifier;
			piece = directive_size(*form) + modifier;
			if (directive_size(*form) == 0 || (modifier && *form != 'f'))
				return "a % that means nothing";
			if (*form == 'z' && !zones)
				return "%z, which only parse takes";
			for (enum part part = 0; part < N_PARTS; part++)
				if (strchr(parts[part].letters, *form)) {
					if (has[part])
						return parts[part].twice;
					has[part] = true;
				}
			hour12 = hour12 || *form == 'I';
		}
		size += piece;
	}
	if (size >= TIME_TEXT_SIZE)
		return "too long";
	fault = parts_fault(has, hour12);
	return fault || !has[HAS_ZONE] || !*time_form_zone(start) ? fault : parts[HAS_ZONE].twice;
}

bool time_form_valid(const char *form) { return !time_form_fault(form, false); }
bool time_form_reads(const char *form) { return !time_form_fault(form, true); }
