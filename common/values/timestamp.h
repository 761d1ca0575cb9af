/* SPDX-License-Identifier: MIT */
/*
 * Times: microseconds since 1970-01-01T00:00:00 UTC in the proleptic Gregorian
 * calendar, years 0001 to 9999. A time column has one form, kept in its field,
 * in which load prints it again, so that text -> time -> text is the identity.
 *
 * A form is a strptime-like pattern out of: %Y (4 digits) %m %d %H %M %S (two
 * digits each), %f (fraction of a second, 1 to 6 digits: %1f ... %6f; %.f: a point
 * and as many as it takes, or nothing), %y %b %B %j %p %I %a %A for `parse`, and
 * literal text. The zone is a literal at the end: `Z`, `+05:30`, `+0530`, `+05`; the
 * same in all cells, and it is subtracted. A form without one is zoneless: its
 * values are wall clocks, kept as if they were UTC. Forms that only read may have
 * %z for zones that differ from text to text.
 */
#ifndef TIMESTAMP_H
#define TIMESTAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu.h"

enum { TIME_FORM_SIZE = 48, TIME_TEXT_SIZE = 64 };

struct civil { int year, month, day, hour, minute, second, micro, weekday, yearday; };  /* weekday 0 Monday .. 6; yearday 1.. */

int64_t time_from_civil(int year, int month, int day, int hour, int minute, int second, int micro);
void time_to_civil(int64_t micros, struct civil *civil);

/*
 * The ISO 8601 form of a text: date `%Y-%m-%d`, or date, `T` or a blank, and
 * `%H:%M`, `%H:%M:%S`, `%H:%M:%S.%3f`, with nothing, Z or an offset behind. Fills
 * form (TIME_FORM_SIZE) and micros; false if the text is none. Seconds 60 and
 * hour 24 are refused (they would not print back).
 */
bool time_detect(const char *text, size_t size, char *form, int64_t *micros);

/* Whether it lies within the years 1 to 9999, in UTC: another is no time, and no function here reads one. */
#define FIRST_TIME INT64_C(-62135596800000000)          /* 0001-01-01T00:00:00 */
#define LAST_TIME INT64_C(253402300799999999)           /* 9999-12-31T23:59:59.999999 */
static inline bool time_in_calendar(int64_t micros) { return micros >= FIRST_TIME && micros <= LAST_TIME; }

/* Reads by a form (ISO or a user's); exact: the whole text, two digits where two are due, a weekday that is the date's; false
 * if it does not fit. A lenient reader (%d reads one or two digits, a blank any number of blanks, also none, blanks at the ends,
 * names whole or short and in any case, %f any number of digits) is what `parse ... as date` uses: lenient = true. */
bool time_read(const char *text, size_t size, const char *form, bool lenient, int64_t *micros);

/* The same, leniently, but a zone, in the form or as %z, is passed over: the wall clock counts. */
bool time_read_local(const char *text, size_t size, const char *form, int64_t *micros);

/* What is wrong with a form ("two months", "%I without %p"), or NULL. It has a year and each part of a time once at most, and no part
 * that tells nothing, or something else, for want of another: no day or weekday without what it belongs to, no day of the year beside a
 * month, no %I without %p, no minutes without an hour. zones: %z is fine, for time_read that is lenient. */
const char *time_form_fault(const char *form, bool zones);
bool time_form_valid(const char *form);         /* no fault */
bool time_form_reads(const char *form);         /* none, with %z */

/* The zone that stands behind the last directive of a form, a time of day: `Z`, `+05:30`; "" where there is none. NULL: `Z`. */
const char *time_form_zone(const char *form);
int64_t time_form_offset(const char *form);     /* microseconds east of UTC: what turns a value into its wall clock */
bool time_same_zone(const char *a, const char *b);      /* the same offset, or none in both */

/* How times print that were read by a form (also one with %z, as UTC): a date, or a date and a time of day, in its zone, into
 * `behind` (TIME_FORM_SIZE). */
void time_form_behind(char *behind, const char *form);

/* Prints by a form; what that can't say is printed all the same, in ISO form in its zone, or in UTC where the year in that zone is none of
 * 1 to 9999. The length, without the NUL; `text` holds TIME_TEXT_SIZE. A NULL form: `%Y-%m-%dT%H:%M:%SZ`, with a fraction if there is one. */
size_t time_print(char *text, int64_t micros, const char *form);

enum { TIME_ORDER = 32, TIME_PRINTER_ROWS = 64 };

/* A form made ready for many times: where its digits go, and the text of a day, which stays while the date does. */
struct time_printer {
	const char *form;               /* as for time_print, which prints what the places below can't */
	int64_t offset;
	uint32_t day;                   /* of the text, from 0000-03-01 on; 0: none */
	unsigned said;                  /* what the form says of a time */
	bool placed, names, day_said;   /* names: the text of a day is more than digits at their places */
	unsigned char year, month, date, hour, half_hour, half, minute, second, fraction;       /* places in `head`; those that the form has not lie past its text */
	unsigned char digits;           /* of a fraction: 0 to 6 */
	bool point;                     /* a fraction as long as it takes stands between head and tail */
	unsigned char head_size, tail_size;
	char year_text[4], month_text[2], date_text[2];
	char head[TIME_TEXT_SIZE], tail[TIME_TEXT_SIZE];        /* head does not change with the day but for names */
	enum cpu_lanes lanes;           /* that the processor has, where many can be printed at once; may be set lower, which is slower */
	unsigned char order[TIME_ORDER], fraction_order[TIME_ORDER];    /* of the head: which digit of a time in order, or of a fraction, stands there; 0x80: none */
	char literals[TIME_ORDER];      /* the head with zeros as digits */
};

/* form: NULL is fine; outlives the printer. */
void time_printer_init(struct time_printer *printer, const char *form);
/* The same text as time_print's, without the NUL; `text` holds TIME_TEXT_SIZE, and all of it may be written to. */
size_t time_printer_print(struct time_printer *printer, char *text, int64_t micros);
/* n of them, at most TIME_PRINTER_ROWS, to texts that begin `stride` bytes apart, TIME_TEXT_SIZE or more; how long each is. */
void time_printer_print_all(struct time_printer *printer, char *texts, size_t stride, const int64_t *micros, size_t n, unsigned char *sizes);

#endif
