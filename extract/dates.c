/* SPDX-License-Identifier: MIT */
#include "dates.h"

#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "memory.h"
#include "narrow.h"
#include "number.h"
#include "text.h"
#include "time_reader.h"

enum { MOST_FORMS = 4, FIRST_TEXTS = 64 };
/* Ints: years that dates of tables are of, and the one that stands for never. */
enum { FIRST_YEAR = 1800, LAST_YEAR = 2100, NEVER_YEAR = 9999 };

/* forms: open ones, see date_text.h. What is true of all texts, or of some. */
struct date_column {
	char forms[MOST_FORMS][TIME_FORM_SIZE];
	size_t n_forms;
	unsigned orders;
	bool exact;
	bool iso;                       /* all forms are of ISO 8601 */
	bool short_month, whole_month, short_day, whole_day;
	int least_digits, most_digits;  /* of fractions; least > most: no text had seconds */
	bool has_zone, lacks_zone, zones_differ;
	char zone[DATE_ZONE_SIZE];
	bool ready;
	struct time_reader reader;      /* of the form that all texts had so far, if it is ready */
};

void dates_release(struct dates *dates)
{
	free(dates->column);
	*dates = (struct dates){ .none = true };
}

/* ---- looking ---- */

/* As time_detect knows them, but for digits of fractions and zones. */
static bool is_iso(const char *form)
{
	static const char *const clocks[] = { "", "%H:%M", "%H:%M%z", "%H:%M:%S%.f", "%H:%M:%S%.f%z" };

	if (strncmp(form, "%Y-%m-%d", 8) != 0)
		return false;
	form += 8;
	if (*form && *form != ' ' && *form != 'T')
		return false;
	form += *form != 0;
	for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++)
		if (strcmp(form, clocks[i]) == 0)
			return true;
	return false;
}

/* False: it has too many forms. */
static bool add_form(struct date_column *column, const char *form)
{
	for (size_t i = 0; i < column->n_forms; i++)
		if (strcmp(column->forms[i], form) == 0)
			return true;
	if (column->n_forms == MOST_FORMS)
		return false;
	memcpy(column->forms[column->n_forms++], form, TIME_FORM_SIZE);
	column->iso &= is_iso(form);
	return true;
}

static void add_zone(struct date_column *column, const char *zone)
{
	if (!*zone) {
		column->lacks_zone = true;
		return;
	}
	if (!column->has_zone)
		memcpy(column->zone, zone, DATE_ZONE_SIZE);
	column->zones_differ |= strcmp(column->zone, zone) != 0;
	column->has_zone = true;
}

static struct date_column *begin(void)
{
	struct date_column *column = mem_new(1, sizeof *column);

	*column = (struct date_column){ .orders = ALL_DATE_ORDERS, .exact = true, .iso = true, .least_digits = LONGEST_DATE, .most_digits = -1 };
	return column;
}

/* Whether the date is written as all before it, and leaves all open that they do. */
static bool tells_nothing(const struct date_column *column, const struct date_text *date)
{
	return date->exact && strcmp(date->form, column->forms[0]) == 0 && (column->orders & ~date->orders) == 0 && strcmp(date->zone, column->zone) == 0 &&
		(!date->seconds || (date->digits >= column->least_digits && date->digits <= column->most_digits));
}

/* A text without blanks around it that is no word for a missing value. */
static void add_date(struct dates *dates, const char *text, size_t size)
{
	struct date_text date;
	struct date_column *column;

	if (!date_text_read(text, size, &date)) {
		dates_release(dates);
		return;
	}
	if (!dates->column)
		dates->column = begin();
	column = dates->column;
	column->ready = column->ready && tells_nothing(column, &date);
	column->orders &= date.orders;
	column->exact &= date.exact;
	column->short_month |= date.short_month;
	column->whole_month |= date.whole_month;
	column->short_day |= date.short_day;
	column->whole_day |= date.whole_day;
	if (date.seconds && date.digits < column->least_digits)
		column->least_digits = date.digits;
	if (date.seconds && date.digits > column->most_digits)
		column->most_digits = date.digits;
	add_zone(column, date.zone);
	if (!add_form(column, date.form) || !column->orders)
		dates_release(dates);
}

void dates_add_text(struct dates *dates, const char *text, size_t size, enum missing_words words)
{
	struct cell cell = { .kind = CELL_TEXT, .size = (uint32_t)size, .as.text = text };
	size_t whole = size;

	if (dates->none || missing_word(&cell, words) != NO_MISSING_WORD)
		return;
	text_drop_blanks(&text, &size);
	add_date(dates, text, size);
	if (dates->column && size < whole)
		dates->column->exact = dates->column->ready = false;
}

/* 20240314, as nearly all of them are; a whole column of that has but one form. */
static bool is_int_day(int64_t value)
{
	uint32_t year, month, day;

	if (value < 0 || value > INT64_C(10000) * NEVER_YEAR + 1231)
		return false;
	year = (uint32_t)value / 10000;
	month = (uint32_t)value / 100 % 100;
	day = (uint32_t)value % 100;
	return ((year >= FIRST_YEAR && year <= LAST_YEAR) || year == NEVER_YEAR) && month >= 1 && month <= 12 && day >= 1 && day <= calendar_month_days(year, month);
}

static void add_int(struct dates *dates, int64_t value)
{
	char text[NUMBER_SIZE];
	size_t size;
	int year = 0;

	if (dates->column && dates->column->n_forms == 1 && strcmp(dates->column->forms[0], "%Y%m%d") == 0 && is_int_day(value))
		return;
	size = number_print_int(text, value);
	for (size_t i = 0; i < 4 && i < size; i++)
		year = 10 * year + (text[i] - '0');
	if (size < 8 || ((year < FIRST_YEAR || year > LAST_YEAR) && year != NEVER_YEAR))
		dates_release(dates);
	else
		add_date(dates, text, size);
	if (dates->column && dates->column->n_forms > 1)        /* parse reads texts only */
		dates_release(dates);
}

static void add_ints(struct dates *dates, const struct column *column, size_t n_rows)
{
	for (size_t row = 0; row < n_rows && !dates->none; row++) {
		int64_t value;

		if (!column_valid(column, row))
			continue;
		value = column->encoding == ENCODED_NARROW ? narrow_at(column->narrow, column->narrow_width, row) : column_int(column, row);
		add_int(dates, value);
	}
}

/* ---- what reads it ---- */

static unsigned orders_of(const struct date_column *column)
{
	for (size_t i = 0; i < column->n_forms; i++)
		if (strstr(column->forms[i], "%1"))
			return strstr(column->forms[i], "%3") ? column->orders : column->orders & ~(1u << YEAR_FIRST);
	return 1u << DAY_FIRST;
}

/* The zone ends the form, and is the same everywhere: it stands there itself. */
static bool has_own_zone(const struct date_column *column, const char *form)
{
	const char *zone = strstr(form, "%z");

	return zone && !zone[2] && zone[-1] != ' ' && !column->zones_differ;
}

/* A directive of an open form as the column has it. */
static void print_directive(const struct date_column *column, const char *form, const char *at, enum date_order order, struct buffer *to)
{
	bool same_digits = column->least_digits == column->most_digits;

	switch (at[1]) {
	case '1': case '2': case '3':
		buffer_format(to, "%%%c", date_order_letter(order, at[1]));
		break;
	case 'b':
		buffer_add_text(to, column->whole_month && !column->short_month ? "%B" : "%b");
		break;
	case 'a':
		buffer_add_text(to, column->whole_day && !column->short_day ? "%A" : "%a");
		break;
	case '.':
		if (column->most_digits > 0)
			buffer_format(to, same_digits && column->exact ? ".%%%df" : "%%.f", column->most_digits);
		break;
	case 'f':
		if (same_digits && column->exact)
			buffer_format(to, "%%%df", column->most_digits);
		else
			buffer_add_text(to, "%f");
		break;
	case 'z':
		buffer_add_text(to, has_own_zone(column, form) ? column->zone : "%z");
		break;
	default:
		buffer_format(to, "%%%c", at[1]);
	}
}

static void print_form(const struct date_column *column, const char *form, enum date_order order, struct buffer *to)
{
	for (const char *at = form; *at; at++) {
		if (*at != '%') {
			buffer_add_byte(to, (unsigned char)*at);
			continue;
		}
		print_directive(column, form, at, order, to);
		at += at[1] == '.' ? 2 : 1;
	}
}

/* One strict form takes all; fractions behind a comma then have one length. */
static bool is_exact(const struct date_column *column)
{
	return column->exact && column->n_forms == 1 && !(column->short_month && column->whole_month) && !(column->short_day && column->whole_day) &&
		(!strstr(column->forms[0], "%z") || has_own_zone(column, column->forms[0])) &&
		(!strstr(column->forms[0], ",%f") || column->least_digits == column->most_digits);
}

/* ---- all of a column ---- */

/* Once it is settled how all texts are written most of them are only proven to be so, many at once. */
static void set_reader(struct date_column *column)
{
	unsigned orders = orders_of(column);
	struct buffer form = BUFFER_INIT;

	column->ready = false;
	if ((orders & (orders - 1)) == 0 && is_exact(column)) {
		print_form(column, column->forms[0], (enum date_order)__builtin_ctz(orders), &form);
		column->ready = time_reader_set(&column->reader, buffer_text(&form));
	}
	buffer_free(&form);
}

/* How many texts from `at` on, up to the first that the reader can't read or has no room behind it, are of the form that is settled. */
static size_t read_ready(struct date_column *dates, const struct column *column, size_t at)
{
	const char *texts[TIME_READER_ROWS];
	uint32_t sizes[TIME_READER_ROWS];
	bool trailing = false;
	size_t n = 0;

	for (; n < dates->reader.rows && at + n < column->n_entries; n++) {
		uint32_t begin = column->offsets[at + n];

		sizes[n] = column->offsets[at + n + 1] - begin;
		texts[n] = column->bytes + begin;
		if (!time_reader_has_size(&dates->reader, sizes[n]) || begin + (size_t)sizes[n] + TIME_READER_SLACK > column->bytes_size)
			break;
	}
	return n ? time_reader_read_all(&dates->reader, texts, sizes, n, NULL, &trailing) : 0;
}

static void add_texts(struct dates *dates, const struct column *column, enum missing_words words)
{
	if (dates->column)
		set_reader(dates->column);
	for (size_t i = 0; i < column->n_entries && !dates->none;) {
		size_t n = dates->column && dates->column->ready ? read_ready(dates->column, column, i) : 0;

		if (n == 0 && (column->has_codes || column_valid(column, i)))
			dates_add_text(dates, column->bytes + column->offsets[i], column->offsets[i + 1] - column->offsets[i], words);
		i += n ? n : 1;
		if (dates->column && n == 0 && i == FIRST_TEXTS)
			set_reader(dates->column);
	}
}

void dates_add(struct dates *dates, const struct column *column, enum type type, size_t n_rows, enum missing_words words)
{
	if (dates->none)
		return;
	if (type == TYPE_INT && (column->encoding == ENCODED_NARROW || column->values)) {
		add_ints(dates, column, n_rows);
		return;
	}
	if (type != TYPE_TEXT) {
		dates_release(dates);
		return;
	}
	add_texts(dates, column, words);
}

/* All of a zone, or none: beside a zone, what has none could be of any. */
bool dates_found(const struct dates *dates)
{
	return dates->column && !(dates->column->has_zone && dates->column->lacks_zone);
}

unsigned dates_orders(const struct dates *dates) { return orders_of(dates->column); }

bool dates_print(const struct dates *dates, enum date_order order, struct buffer *to)
{
	const struct date_column *column = dates->column;
	bool any_zone = false;

	if (column->iso && column->exact && !column->zones_differ) {
		buffer_add_text(to, "time");
		return true;
	}
	if (is_exact(column)) {
		buffer_add_text(to, "time(");
		print_form(column, column->forms[0], order, to);
		buffer_add_byte(to, ')');
		return true;
	}
	buffer_add_text(to, "date");
	for (size_t i = 0; i < column->n_forms; i++) {
		const char *quote = strchr(column->forms[i], ' ') ? "\"" : "";

		buffer_format(to, " %s", quote);
		print_form(column, column->forms[i], order, to);
		buffer_add_text(to, quote);
		any_zone |= strstr(column->forms[i], "%z") && !has_own_zone(column, column->forms[i]);
	}
	if (any_zone)
		buffer_add_text(to, " utc");
	return false;
}
