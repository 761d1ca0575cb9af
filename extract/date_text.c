/* SPDX-License-Identifier: MIT */
/*
 * A text is walked from left to right, and its form written along: no part is tried in two ways, but for what the
 * first letter or the first run of digits tells.
 */
#include "date_text.h"

#include <string.h>

#include "calendar.h"
#include "text.h"
#include "time_words.h"

enum { COMPACT_DAY = 8, COMPACT_MINUTE = 12, COMPACT_SECOND = 14, LAST_ZONE_HOUR = 15, FIRST_YEAR = 1, LAST_YEAR = 9999 };

/* What is left of the text, where its form goes on, and what it says. */
struct walk {
	const char *at, *end;
	size_t form_size;
	struct date_text *date;
	int year, month, day, weekday;  /* weekday: -1: none */
	int numbers[3];                 /* whose order is open, */
	size_t first_digits;            /* of the first of them, */
	bool open, short_year;          /* if it is; the year is behind two of them, or one of the three */
	bool compact;                   /* a day of 8 digits: a time of day may be digits alone, too */
	bool clocked;                   /* the time of day was there */
};

static bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
static bool at_byte(const struct walk *walk, char byte) { return walk->at < walk->end && *walk->at == byte; }
static bool at_digit(const struct walk *walk) { return walk->at < walk->end && text_is_digit(*walk->at); }
static bool at_letter(const struct walk *walk) { return walk->at < walk->end && is_letter(*walk->at); }

static bool put(struct walk *walk, const char *piece)
{
	size_t size = strlen(piece);

	if (walk->form_size + size >= TIME_FORM_SIZE)
		return false;
	memcpy(walk->date->form + walk->form_size, piece, size + 1);
	walk->form_size += size;
	return true;
}

static bool put_byte(struct walk *walk, char byte) { return put(walk, (char[]){ byte, 0 }); }

static size_t count_digits(const struct walk *walk)
{
	size_t n = 0;

	while (n < (size_t)(walk->end - walk->at) && text_is_digit(walk->at[n]))
		n++;
	return n;
}

/* So many digits, which are there. */
static int take_digits(struct walk *walk, size_t n)
{
	int value = 0;

	for (size_t i = 0; i < n; i++)
		value = 10 * value + (*walk->at++ - '0');
	return value;
}

/* One digit or two. */
static bool take_number(struct walk *walk, int *value)
{
	size_t n = count_digits(walk);

	if (n < 1 || n > 2)
		return false;
	walk->date->exact &= n == 2;
	*value = take_digits(walk, n);
	return true;
}

/* Two digits, with that directive. */
static bool take_pair(struct walk *walk, const char *directive, int most, int *value)
{
	if (count_digits(walk) < 2)
		return false;
	*value = take_digits(walk, 2);
	return *value <= most && put(walk, directive);
}

static bool take_byte(struct walk *walk, char byte)
{
	if (!at_byte(walk, byte))
		return false;
	walk->at++;
	return put_byte(walk, byte);
}

/* One blank or more. */
static bool take_blanks(struct walk *walk)
{
	if (!take_byte(walk, ' '))
		return false;
	for (; at_byte(walk, ' '); walk->at++)
		walk->date->exact = false;
	return true;
}

/* One of the names, whole or its first three letters, with no letter behind. */
static bool take_name(struct walk *walk, const char *const *names, int n_names, int *which, bool *is_short, bool *is_whole)
{
	size_t size = 0;

	while (size < (size_t)(walk->end - walk->at) && is_letter(walk->at[size]))
		size++;
	for (int i = 0; i < n_names; i++) {
		size_t whole = strlen(names[i]);
		bool same = true;

		for (size_t at = 0; at < size && same && (size == 3 || size == whole); at++)
			same = (walk->at[at] | 0x20) == (names[i][at] | 0x20);
		if (!same || (size != 3 && size != whole))
			continue;
		walk->date->exact &= memcmp(walk->at, names[i], size) == 0;
		*is_short = size != whole;
		*is_whole = size == whole && whole > 3;
		*which = i;
		walk->at += size;
		return true;
	}
	return false;
}

static bool take_month(struct walk *walk)
{
	if (!take_name(walk, MONTHS, 12, &walk->month, &walk->date->short_month, &walk->date->whole_month))
		return false;
	walk->month++;
	return put(walk, "%b");
}

/* "Thu, " before a date. */
static bool take_weekday(struct walk *walk)
{
	if (!take_name(walk, WEEKDAYS, 7, &walk->weekday, &walk->date->short_day, &walk->date->whole_day))
		return true;
	if (!put(walk, "%a"))
		return false;
	if (!take_byte(walk, ','))
		return take_blanks(walk);
	return !at_byte(walk, ' ') || take_blanks(walk);
}

/* ---- days ---- */

static bool is_day(int year, int month, int day)
{
	return year >= 1 && month >= 1 && month <= 12 && day >= 1 && (uint32_t)day <= calendar_month_days((uint32_t)year, (uint32_t)month);
}

/* As POSIX has it. */
static int whole_year(int short_year) { return short_year + (short_year < 69 ? 2000 : 1900); }

/* A year of 4 digits or of 2 to the end of the date. */
static bool take_year(struct walk *walk)
{
	size_t n = count_digits(walk);

	if (n != 4 && n != 2)
		return false;
	walk->year = take_digits(walk, n);
	if (n == 2)
		walk->year = whole_year(walk->year);
	return put(walk, n == 4 ? "%Y" : "%y");
}

/* 2024/3/14, 2024-Mar-14 */
static bool take_year_first(struct walk *walk)
{
	char between;

	walk->year = take_digits(walk, 4);
	between = walk->at < walk->end ? *walk->at : 0;
	if (!between || !strchr("-/. ", between) || !put(walk, "%Y") || !take_byte(walk, between))
		return false;
	if (between != ' ' && at_digit(walk)) {
		if (!take_number(walk, &walk->month) || !put(walk, "%m"))
			return false;
	} else if (!take_month(walk)) {
		return false;
	}
	return take_byte(walk, between) && take_number(walk, &walk->day) && put(walk, "%d");
}

/* What stands between the parts of a date; nothing where no sign does. */
static bool take_between(struct walk *walk, char between)
{
	if (between == ' ')
		return take_blanks(walk);
	if (between && !take_byte(walk, between))
		return false;
	if (between == '.' && at_byte(walk, ' '))
		return take_blanks(walk);
	return true;
}

/* 14/03/2024 behind the first number, which has so many digits. */
static bool take_numbers(struct walk *walk, char between, size_t first_digits)
{
	size_t second_digits = count_digits(walk), n;

	walk->open = true;
	walk->first_digits = first_digits;
	if (!take_number(walk, &walk->numbers[1]) || !put(walk, "%2") || !take_between(walk, between))
		return false;
	n = count_digits(walk);
	walk->short_year = n == 2;
	if (n == 4)
		return take_year(walk);
	if (n != 2 || (between != '/' && first_digits + second_digits != 4))    /* 1.2.10 is a version */
		return false;
	walk->numbers[2] = take_digits(walk, 2);
	return put(walk, "%3");
}

/* 14 Mar 2024, 14MAR2024, 14. March, 2024; or numbers. */
static bool take_day_first(struct walk *walk)
{
	size_t n = count_digits(walk), number_at = walk->form_size;
	char between;

	if (!take_number(walk, &walk->numbers[0]) || !put(walk, "%1"))
		return false;
	between = walk->at < walk->end && !is_letter(*walk->at) ? *walk->at : 0;
	if ((between && !strchr("-/. ", between)) || !take_between(walk, between))
		return false;
	if (between != ' ' && at_digit(walk))
		return take_numbers(walk, between, n);
	walk->date->form[number_at + 1] = 'd';
	walk->day = walk->numbers[0];
	if (!take_month(walk))
		return false;
	if (take_byte(walk, ','))
		return take_blanks(walk) && take_year(walk);
	return take_between(walk, between == '.' && at_byte(walk, ' ') ? ' ' : between) && take_year(walk);
}

static bool take_clock(struct walk *walk);

/* Mar 14, 2024, or the time of day before the year. */
static bool take_month_first(struct walk *walk)
{
	char between;

	if (!take_month(walk))
		return false;
	between = take_byte(walk, '.') || walk->at == walk->end ? ' ' : *walk->at;
	if (!strchr("-/ ", between) || !take_between(walk, between) || !take_number(walk, &walk->day) || !put(walk, "%d"))
		return false;
	if (take_byte(walk, ','))
		return take_blanks(walk) && take_year(walk);
	if (!take_between(walk, between))
		return false;
	if (walk->end - walk->at > 2 && (walk->at[1] == ':' || walk->at[2] == ':'))
		return (walk->clocked = take_clock(walk)) && take_blanks(walk) && count_digits(walk) == 4 && take_year(walk);
	return take_year(walk);
}

/* ---- times of day ---- */

/* Behind seconds: a point or a comma and digits. */
static bool take_fraction(struct walk *walk)
{
	bool comma = at_byte(walk, ',');
	size_t n;

	walk->date->seconds = true;
	if (walk->end - walk->at < 2 || (!comma && !at_byte(walk, '.')) || !text_is_digit(walk->at[1]))
		return put(walk, "%.f");
	walk->at++;
	n = count_digits(walk);
	walk->at += n;
	walk->date->digits = (int)n;
	walk->date->exact &= n <= 6;
	return put(walk, comma ? ",%f" : "%.f");
}

/* "AM" or "PM", with a blank before it or not; true also where it is not there. *half: it is. */
static bool take_half(struct walk *walk, bool *half)
{
	const char *word = walk->at;

	while (word < walk->end && *word == ' ')
		word++;
	*half = walk->end - word >= 2 && ((*word | 0x20) == 'a' || (*word | 0x20) == 'p') && (word[1] | 0x20) == 'm' &&
		(walk->end - word == 2 || !is_letter(word[2]));
	if (!*half)
		return true;
	if (at_byte(walk, ' ') && !take_blanks(walk))
		return false;
	walk->date->exact &= word[0] < 'a' && word[1] < 'a';
	walk->at += 2;
	return put(walk, "%p");
}

/* Z, +05:30, +0530, +05, which begin at the text; 0: none. */
static size_t zone_size(const char *text, size_t size)
{
	bool colon = size > 3 && text[3] == ':';
	size_t minutes = colon ? 4 : 3;

	if (size > 0 && *text == 'Z')
		return 1;
	if (size < 3 || (*text != '+' && *text != '-') || !text_is_digit(text[1]) || !text_is_digit(text[2]) || 10 * (text[1] - '0') + text[2] - '0' > LAST_ZONE_HOUR)
		return 0;
	if (size < minutes + 2 || !text_is_digit(text[minutes]) || !text_is_digit(text[minutes + 1]))
		return colon ? 0 : 3;
	return text[minutes] < '6' ? minutes + 2 : 0;
}

/* A zone, or a word for UTC, with a blank before it or not; true also where none is. */
static bool take_zone(struct walk *walk)
{
	const char *at = walk->at;
	size_t left, size;
	bool word;

	while (at < walk->end && *at == ' ')
		at++;
	left = (size_t)(walk->end - at);
	size = zone_size(at, left);
	word = left >= 3 && (memcmp(at, "UTC", 3) == 0 || memcmp(at, "GMT", 3) == 0) && (left == 3 || at[3] == ' ');
	if (size == 0 && !word)
		return true;
	if (at_byte(walk, ' ') && !take_blanks(walk))
		return false;
	walk->at += word ? 3 : size;
	if (word)
		return put(walk, *at == 'U' ? "UTC" : "GMT");
	memcpy(walk->date->zone, at, size);
	walk->date->zone[size] = 0;
	return put(walk, "%z");
}

/* 10:15, 1:05:30.25 PM, and of a compact day 1015 and 101500. */
static bool take_clock(struct walk *walk)
{
	size_t n = count_digits(walk), hour_at = walk->form_size;
	int hour, minute, second;
	bool half, colons = n <= 2, seconds = n == 6;

	if (!colons && (!walk->compact || (n != 4 && n != 6)))
		return false;
	if (colons ? !take_number(walk, &hour) || !put(walk, "%H") : !take_pair(walk, "%H", 23, &hour))
		return false;
	if ((colons && !take_byte(walk, ':')) || !take_pair(walk, "%M", 59, &minute))
		return false;
	if (colons)
		seconds = take_byte(walk, ':');
	if ((seconds && (!take_pair(walk, "%S", 59, &second) || !take_fraction(walk))) || !take_half(walk, &half))
		return false;
	if (half ? hour < 1 || hour > 12 : hour > 23)
		return false;
	if (half)
		walk->date->form[hour_at + 1] = 'I';
	return take_zone(walk);
}

/* 20240314, and perhaps 1015 or 101500 without anything between. */
static bool take_compact(struct walk *walk, size_t n)
{
	int number;

	walk->compact = true;
	walk->clocked = n != COMPACT_DAY;
	walk->year = take_digits(walk, 4);
	walk->month = take_digits(walk, 2);
	walk->day = take_digits(walk, 2);
	if (!put(walk, "%Y%m%d") || n == COMPACT_DAY)
		return n == COMPACT_DAY;
	if (!take_pair(walk, "%H", 23, &number) || !take_pair(walk, "%M", 59, &number))
		return false;
	return (n == COMPACT_MINUTE || (take_pair(walk, "%S", 59, &number) && take_fraction(walk))) && take_zone(walk);
}

/* What parts the day from the time of day behind it. */
static bool take_to_clock(struct walk *walk)
{
	if (at_byte(walk, ','))
		return take_byte(walk, ',') && take_blanks(walk);
	return take_byte(walk, 'T') || take_byte(walk, ':') || take_blanks(walk);
}

/* ---- the whole ---- */

static bool take_day(struct walk *walk)
{
	size_t n;

	if (at_letter(walk) && !take_weekday(walk))
		return false;
	if (at_letter(walk))
		return take_month_first(walk);
	n = count_digits(walk);
	if (n == COMPACT_DAY || n == COMPACT_MINUTE || n == COMPACT_SECOND)
		return take_compact(walk, n);
	return n == 4 ? take_year_first(walk) : take_day_first(walk);
}

static unsigned orders_of(const struct walk *walk)
{
	const int *numbers = walk->numbers;
	int year = walk->short_year ? whole_year(numbers[2]) : walk->year;
	unsigned orders = 0;

	if (!walk->open)
		return is_day(walk->year, walk->month, walk->day) ? ALL_DATE_ORDERS : 0;
	orders |= (unsigned)is_day(year, numbers[1], numbers[0]) << DAY_FIRST;
	orders |= (unsigned)is_day(year, numbers[0], numbers[1]) << MONTH_FIRST;
	if (walk->short_year && walk->first_digits == 2)
		orders |= (unsigned)is_day(whole_year(numbers[0]), numbers[1], numbers[2]) << YEAR_FIRST;
	return orders;
}

/* In its zone the calendar has it; in UTC it may not. */
static bool has_its_zone(const struct walk *walk)
{
	return !*walk->date->zone || *walk->date->zone == 'Z' || walk->short_year || (walk->year > FIRST_YEAR && walk->year < LAST_YEAR);
}

/* Whether the weekday is the date's, which a strict reader wants. */
static bool has_its_weekday(const struct walk *walk)
{
	struct civil civil;

	if (walk->weekday < 0)
		return true;
	if (walk->open)
		return false;
	time_to_civil(time_from_civil(walk->year, walk->month, walk->day, 0, 0, 0, 0), &civil);
	return civil.weekday == walk->weekday;
}

bool date_text_read(const char *text, size_t size, struct date_text *date)
{
	struct walk walk = { .at = text, .end = text + size, .date = date, .weekday = -1 };

	if (size < 6 || size > LONGEST_DATE || !(text_is_digit(*text) || is_letter(*text)))
		return false;
	*date = (struct date_text){ .exact = true };
	if (!take_day(&walk))
		return false;
	if (walk.at < walk.end && (walk.clocked || !take_to_clock(&walk) || !take_clock(&walk)))
		return false;
	date->orders = walk.at == walk.end && has_its_zone(&walk) ? orders_of(&walk) : 0;
	date->exact = date->exact && date->orders && has_its_weekday(&walk);
	return date->orders != 0;
}

char date_order_letter(enum date_order order, char number)
{
	static const char letters[N_DATE_ORDERS][4] = { "dmy", "mdy", "ymd" };

	return letters[order][number - '1'];
}
