/* SPDX-License-Identifier: MIT */
/*
 * Times. Differences are seconds, as reals: (pickup - order) / 60 is minutes. Parts
 * are those of the wall clock in the time's zone; times outside of the years 1 to
 * 9999 are none and become null.
 */
#include <math.h>

#include "expression_tree.h"
#include "text_edit.h"
#include "timestamp.h"

static void subtract_times(struct call *call)
{
	double *values;

	CALL_ARGUMENT(int64_t, 0);
	CALL_ARGUMENT(int64_t, 1);
	values = call->values;

	for (size_t row = 0; row < call->n; row++) {
		int64_t micros;

		if (__builtin_sub_overflow(a_0[row & m_0], a_1[row & m_1], &micros))
			call_lose(call, row);
		else
			values[row] = (double)micros / 1e6;
	}
}

static void shift(struct call *call, size_t row, int64_t from, double seconds)
{
	double micros = round(seconds * 1e6);
	int64_t to;

	if (!(fabs(micros) < 0x1p62) || __builtin_add_overflow(from, (int64_t)micros, &to) || !time_in_calendar(to))
		call_lose(call, row);
	else
		((int64_t *)call->values)[row] = to;
}

static void add_seconds(struct call *call, size_t row)
{
	shift(call, row, vector_int(&call->args[0], row), vector_real(&call->args[1], row));
}

static void add_to_seconds(struct call *call, size_t row)
{
	shift(call, row, vector_int(&call->args[1], row), vector_real(&call->args[0], row));
}

static void subtract_seconds(struct call *call, size_t row)
{
	shift(call, row, vector_int(&call->args[0], row), -vector_real(&call->args[1], row));
}

CALL_MAP(epoch_run, int64_t, double, (double)x / 1e6)

#define PART(name, value) \
	static void name(struct call *call, size_t row) \
	{ \
		int64_t micros = vector_int(&call->args[0], row) + call->args[0].offset; \
		struct civil civil; \
		if (!time_in_calendar(micros)) { \
			call_lose(call, row); \
			return; \
		} \
		time_to_civil(micros, &civil); \
		((int64_t *)call->values)[row] = (value); \
	}
PART(year_row, civil.year)
PART(month_row, civil.month)
PART(day_row, civil.day)
PART(hour_row, civil.hour)
PART(minute_row, civil.minute)
PART(second_row, civil.second)
PART(weekday_row, civil.weekday)
PART(yearday_row, civil.yearday)

static void time_row(struct call *call, size_t row)
{
	char form[TIME_FORM_SIZE];
	size_t size;
	const char *text = vector_text(&call->args[0], row, &size);

	text_trim(&text, &size);
	if (!time_detect(text, size, form, (int64_t *)call->values + row))
		call_lose(call, row);
}

/* The form is the same in all rows, or at least asked for again and again: it is copied for its NUL. */
static void time_form_row(struct call *call, size_t row)
{
	char form[TIME_FORM_SIZE];
	size_t size, form_size;
	const char *text = vector_text(&call->args[0], row, &size), *from = vector_text(&call->args[1], row, &form_size);

	text_trim(&text, &size);
	for (size_t i = 0; i < form_size && i < sizeof form - 1; i++)
		form[i] = from[i];
	form[form_size < sizeof form ? form_size : 0] = '\0';
	if (!time_form_valid(form) || !time_read(text, size, form, true, (int64_t *)call->values + row))
		call_lose(call, row);
}

const struct function functions_time[] = {
	{ "-", "dd", 'r', .run = subtract_times, .unit = "s", .usage = "time - time", .help = "seconds between two times" },
	{ "-", "dr", 'd', .row = subtract_seconds },
	{ "+", "dr", 'd', .row = add_seconds, .usage = "time + seconds", .help = "a later time; also time - seconds" },
	{ "+", "rd", 'd', .row = add_to_seconds },
	{ "year", "d", 'i', .row = year_row, .usage = "year(time)", .help = "1 to 9999" },
	{ "month", "d", 'i', .row = month_row, .usage = "month(time)", .help = "1 to 12" },
	{ "day", "d", 'i', .row = day_row, .usage = "day(time)", .help = "of the month, 1 to 31" },
	{ "hour", "d", 'i', .row = hour_row, .usage = "hour(time)", .help = "0 to 23" },
	{ "minute", "d", 'i', .row = minute_row, .usage = "minute(time)", .help = "0 to 59" },
	{ "second", "d", 'i', .row = second_row, .usage = "second(time)", .help = "0 to 59" },
	{ "weekday", "d", 'i', .row = weekday_row, .usage = "weekday(time)", .help = "0 (Monday) to 6 (Sunday)" },
	{ "yearday", "d", 'i', .row = yearday_row, .usage = "yearday(time)", .help = "of the year, 1 to 366" },
	{ "epoch", "d", 'r', .run = epoch_run, .unit = "s", .usage = "epoch(time)", .help = "seconds since 1970-01-01 UTC" },
	{ "time", "t", 'd', .row = time_row, .usage = "time(text)", .help = "a time out of ISO 8601 text" },
	{ "time", "tt", 'd', .row = time_form_row, .form_at = 2, .usage = "time(text, form)", .help = "a time out of text, by a form such as '%d-%m-%Y'" },
	{ .name = NULL },
};
