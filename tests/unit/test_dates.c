/* SPDX-License-Identifier: MIT */
/* Columns of dates that are no times yet (extract/dates.h): what is said reads all that was looked at. */
#include "dates.h"
#include "pick_text.h"
#include "unit.h"

enum { RANDOM = 200000, ROOM = 400 };

static void add_all(struct dates *dates, const char *const *texts)
{
	for (; *texts; texts++)
		dates_add_text(dates, *texts, strlen(*texts), WORDS_USUAL);
}

/* What reads a column of these, up to NULL, in each order that it can have, with '|' between; "" for none. */
static const char *reading_of(const char *const *texts, char room[ROOM])
{
	struct dates dates = { .none = false };
	struct buffer all = BUFFER_INIT;

	add_all(&dates, texts);
	for (enum date_order order = DAY_FIRST; dates_found(&dates) && order < N_DATE_ORDERS; order++) {
		if (!(dates_orders(&dates) & 1u << order))
			continue;
		buffer_add_text(&all, all.size ? "|" : "");
		dates_print(&dates, order, &all);
	}
	snprintf(room, ROOM, "%s", buffer_text(&all));
	buffer_free(&all);
	dates_release(&dates);
	return room;
}

#define READS(wanted, ...) do { \
	char room[ROOM]; \
	const char *got = reading_of((const char *const[]){ __VA_ARGS__, NULL }, room); \
	if (strcmp(got, wanted) != 0) \
		printf("%s\n", got); \
	CHECK(strcmp(got, wanted) == 0); \
} while (0)

static void test_types(void)
{
	TEST("one strict form");
	READS("time(%d.%m.%Y)", "01.02.2024", "14.02.2024");
	READS("time(%d/%m/%Y)", "01/02/2024", "14/02/2024", "NA", "", "-");
	READS("time(%m/%d/%Y)", "02/14/2024", "01/02/2024");
	READS("time(%Y/%m/%d)", "2024/01/02");
	READS("time(%Y%m%d)", "20240229");
	READS("time(%Y%m%dT%H%M%SZ)", "20240301T101010Z");
	READS("time(%Y%m%d%H%M%S)", "20240301101010");
	READS("time(%d %b %Y)", "01 Mar 2024", "02 May 2024");
	READS("time(%d %B %Y)", "01 March 2024", "02 May 2024");
	READS("time(%B %d, %Y)", "March 14, 2024");
	READS("time(%d/%m/%Y %H:%M)", "14/03/2024 10:15");
	READS("time(%m/%d/%Y %I:%M %p)", "03/14/2024 01:05 PM");
	READS("time(%a, %d %b %Y %H:%M:%S GMT)", "Thu, 14 Mar 2024 10:15:00 GMT");
	READS("time(%d.%m.%Y %H:%M:%S.%3f)", "14.03.2024 10:15:00.250");
	READS("time(%d.%m.%Y %H:%M:%S%.f)", "14.03.2024 10:15:00.25", "14.03.2024 10:15:00");
	READS("time(%Y-%m-%d %H:%M:%S,%3f)", "2024-03-14 10:15:00,250");
	READS("time(%Y/%m/%d %H:%M:%S+02:00)", "2024/03/14 10:15:00+02:00");
	READS("time", "2024-03-14", "2024-03-14 10:15");
	READS("time", "2024-03-14T10:15:00Z", "2024-03-14 10:15Z");

	TEST("day and month that no cell tells apart");
	READS("time(%d/%m/%Y)|time(%m/%d/%Y)", "01/02/2024", "12/12/2024");
	READS("time(%d.%m.%y)|time(%y.%m.%d)", "14.03.24");
	READS("time(%d/%m/%y)", "14/03/24", "14/03/99");
	READS("time(%y-%m-%d)", "98-03-14");
	READS("", "14/03/2024", "03/14/2024");
}

static void test_steps(void)
{
	TEST("what only a lenient reader takes, and several forms");
	READS("date %m/%d/%Y", "3/14/2024", "12/14/2024");
	READS("date %d/%m/%Y|date %m/%d/%Y", "3/4/2024");
	READS("date \"%d %b %Y\"", "1 Mar 2024", "14 March 2024");
	READS("date \"%b %d, %Y\"", "Mar 1, 2024");
	READS("date \"%m/%d/%Y %I:%M %p\"", "3/14/2024 1:05 PM");
	READS("date %d%b%Y", "14MAR2024");
	READS("date %d/%m/%Y \"%d/%m/%Y %H:%M\"", "14/03/2024", "14/03/2024 10:15");
	READS("date %d.%m.%Y", " 14.03.2024");
	READS("date \"%d/%b/%Y:%H:%M:%S %z\" utc", "14/Mar/2024:10:15:00 +0000");
	READS("date \"%a %b %d %H:%M:%S %Y\"", "Thu Mar 14 10:15:00 2024", "Fri Mar  1 10:15:00 2024");
	READS("date \"%d.%m.%Y %H:%M:%S%z\" utc", "14.03.2024 10:15:00+01:00", "14.06.2024 10:15:00+02:00");
	READS("date %Y-%m-%dT%H:%M:%S%.fZ", "2024-03-14T10:15:00.123456789Z");
}

static void test_others(void)
{
	TEST("what is none, or what nothing reads");
	READS("", "x");
	READS("", "NA", "");
	READS("", "14/03/2024", "x");
	READS("", "31/02/2024");
	READS("", "29/02/2023");
	READS("", "14/03");
	READS("", "10:15");
	READS("", "1.2.10");
	READS("", "192.168.10.12");
	READS("", "Mar 2024");
	READS("", "Mar 14");
	READS("", "14 Mrz 2024");
	READS("", "1st Mar 2024");
	READS("", "20241301");
	READS("", "20240301101010 10:15");
	READS("", "14/03/2024 24:00");
	READS("", "14/03/2024 13:05 PM");
	READS("", "14/03-2024");
	READS("", "14/03/2024", "14/03/2024 10:15Z");
	READS("", "9999-12-31T23:00:00-02:00");
	READS("", "01.01.0001 00:00+01:00");
}

/* Whether one of the forms that are said (`time(FORM)`, or `date FORM "FORM" utc`) reads the text. */
static bool said_reads(const char *said, const char *text)
{
	char form[TIME_FORM_SIZE + 8];
	int64_t micros;
	size_t size = strlen(text);

	if (strcmp(said, "time") == 0)
		return time_detect(text, size, form, &micros);
	if (strncmp(said, "time(", 5) == 0) {
		snprintf(form, sizeof form, "%.*s", (int)strlen(said) - 6, said + 5);
		return time_form_valid(form) && time_read(text, size, form, false, &micros);
	}
	for (said += strlen("date "); *said;) {
		bool quoted = *said == '"';
		size_t n = strcspn(said + quoted, quoted ? "\"" : " ");

		snprintf(form, sizeof form, "%.*s", (int)n, said + quoted);
		if (strcmp(form, "utc") != 0 && time_form_reads(form) && time_read(text, size, form, true, &micros))
			return true;
		said += n + 2 * quoted;
		said += *said == ' ';
	}
	return false;
}

/* A text that may be a date, of parts as they come. */
static void make_text(struct rng *rng, char *text, size_t room)
{
	const char *between = PICK(rng, "/", ".", "-", " ", ". ", "");
	const char *day = PICK(rng, "1", "01", "12", "14", "29", "31", "24"), *month = PICK(rng, "3", "03", "12", "Mar", "March", "MAY", "may", "02", "sept");
	const char *year = PICK(rng, "2024", "24", "2023", "99", "0001");
	const char *clock = PICK(rng, "", "", "", " 10:15", "T10:15:30", " 9:05", "  10:15", " 10:15:30.25", " 10:15:30,123456789", ", 1:05 PM", " 01:05:10am", ":10:15:30", "T101530", " 24:00");
	const char *zone = PICK(rng, "", "", "", "", "Z", "+02:00", " +0200", "-05", " UTC", " GMT", "+16:00", " CET");
	const char *weekday = PICK(rng, "", "", "", "", "", "Thu, ", "Friday ", "mon,");

	switch (rng_below(rng, 5)) {
	case 0: snprintf(text, room, "%s%s%s%s%s%s%s%s", weekday, day, between, month, between, year, clock, zone); break;
	case 1: snprintf(text, room, "%s%s%s%s%s%s%s%s", weekday, month, between, day, between, year, clock, zone); break;
	case 2: snprintf(text, room, "%s%s%s%s%s%s%s%s", weekday, year, between, month, between, day, clock, zone); break;
	case 3: snprintf(text, room, "%s%s%s%s, %s%s%s", weekday, month, between, day, year, clock, zone); break;
	default: snprintf(text, room, "%s%s%s%s%s%s%s %s", weekday, month, between, day, between, clock, zone, year); break;
	}
}

static void test_random(void)
{
	struct rng rng;
	size_t n_read = 0, n_refused = 0;

	TEST("each column is read by all that is said of it");
	rng_seed(&rng, 11);
	for (int i = 0; i < RANDOM; i++) {
		char texts[2][100], room[ROOM];
		const char *column[3] = { texts[0], texts[1] };
		char *said;

		for (int row = 0; row < 2; row++)
			make_text(&rng, texts[row], sizeof texts[row]);
		if (rng_below(&rng, 2))
			column[1] = NULL;
		reading_of(column, room);
		n_read += *room != 0;
		n_refused += *room == 0;
		for (said = room; *said;) {
			size_t size = strcspn(said, "|");
			bool last = !said[size];

			said[size] = 0;
			for (int row = 0; row < 2 && column[row]; row++)
				if (!said_reads(said, column[row])) {
					printf("'%s': %s\n", column[row], said);
					CHECK(false);
					return;
				}
			said += size + !last;
		}
	}
	CHECK(n_read > RANDOM / 20 && n_refused > RANDOM / 10);
}

int main(void)
{
	test_types();
	test_steps();
	test_others();
	test_random();
	return unit_done();
}
