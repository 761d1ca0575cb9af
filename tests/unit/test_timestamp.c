/* SPDX-License-Identifier: MIT */
/* Reference: Python 3.11.7, datetime.fromisoformat(s).replace(tzinfo=utc) - datetime(1970, 1, 1, tzinfo=utc). */
#include "timestamp.h"

#include "unit.h"

/* The text is a time of this form, and prints back. */
static bool detects(const char *text, const char *wanted_form, int64_t wanted)
{
	char form[TIME_FORM_SIZE], back[TIME_TEXT_SIZE];
	int64_t micros = 0, again = 0;
	bool same = time_detect(text, strlen(text), form, &micros) && strcmp(form, wanted_form) == 0 && micros == wanted;

	same = same && time_print(back, micros, form) == strlen(text) && strcmp(back, text) == 0;
	return same && time_read(text, strlen(text), form, false, &again) && again == micros && time_form_valid(form);
}

static bool no_time(const char *text)
{
	char form[TIME_FORM_SIZE];
	int64_t micros;

	return !time_detect(text, strlen(text), form, &micros);
}

static bool reads(const char *text, const char *form, bool lenient, const char *iso)
{
	char back[TIME_TEXT_SIZE];
	int64_t micros;

	if (!time_read(text, strlen(text), form, lenient, &micros))
		return !iso;
	time_print(back, micros, NULL);
	if (iso && !strchr(iso, 'T') && strstr(back, "T00:00:00Z"))
		*strchr(back, 'T') = 0;         /* a date stands for its midnight */
	if (!iso || strcmp(back, iso) != 0)
		printf("%s by %s: %s\n", text, form, back);
	return iso && strcmp(back, iso) == 0;
}

static bool prints(int64_t micros, const char *form, const char *wanted)
{
	char text[TIME_TEXT_SIZE];

	if (time_print(text, micros, form) == strlen(wanted) && strcmp(text, wanted) == 0)
		return true;
	printf("%s by %s\n", text, form);
	return false;
}

static bool zone_is(const char *form, const char *zone, int64_t offset)
{
	return strcmp(time_form_zone(form), zone) == 0 && time_form_offset(form) == offset;
}

static void test_civil(void)
{
	struct civil civil;
	bool same = true;
	char text[TIME_TEXT_SIZE];

	TEST("civil dates, both ways");
	CHECK(time_from_civil(2024, 2, 29, 23, 59, 59, 123456) == 1709251199123456);
	CHECK(time_from_civil(1, 1, 1, 0, 0, 0, 0) == -62135596800000000);
	CHECK(time_from_civil(9999, 12, 31, 23, 59, 59, 999999) == 253402300799999999);
	CHECK(time_from_civil(1900, 3, 1, 0, 0, 0, 0) == -2203891200000000);
	time_to_civil(-1, &civil);
	CHECK(civil.year == 1969 && civil.month == 12 && civil.day == 31 && civil.hour == 23 && civil.second == 59 && civil.micro == 999999);
	CHECK(civil.weekday == 2 && civil.yearday == 365);
	for (int64_t day = -719162; day <= 2932896; day += 17) {        /* 0001-01-01 .. 9999-12-31 */
		int64_t micros = day * 86400000000 + 12345;

		time_to_civil(micros, &civil);
		same &= time_from_civil(civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second, civil.micro) == micros;
	}
	CHECK(same);
	time_to_civil(INT64_MIN, &civil);
	time_to_civil(INT64_MAX, &civil);
	time_print(text, INT64_MAX, NULL);
	CHECK_TEXT(text, "294247-01-10T04:00:54.775807Z");
	TEST("a year that a zone does not have prints in UTC");
	CHECK(prints(253402300799000000, "%Y-%m-%d %H:%M:%S+05:00", "9999-12-31T23:59:59Z"));
	CHECK(prints(253402282800000000 - 1, "%Y-%m-%d %H:%M:%S+05:00", "9999-12-31T23:59:59.999999+05:00"));
	CHECK(prints(253402282800000000, "%Y-%m-%d %H:%M:%S+05:00", "9999-12-31T19:00:00Z"));
	CHECK(prints(-62135596800000000, "%Y-%m-%dT%H:%M-05:00", "0001-01-01T00:00:00Z"));
	CHECK(prints(-62135596800000000, "%d.%m.%Y", "01.01.0001"));
}

static void test_detect(void)
{
	const int64_t day = 1709164800000000;   /* 2024-02-29 */
	const char *const refused[] = { "", "2024", "2024-2-29", "2023-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "0000-01-01",
		"24-01-01", "2024-01-01T", "2024-01-01T1:30", "2024-01-01T24:00", "2024-01-01T10:60", "2024-01-01T10:00:60", "2024-01-01T10:00:00.",
		"2024-01-01T10:00:00.1234567", "2024-01-01Z", "2024-01-01T10:00z", "2024-01-01T10:00+5", "2024-01-01  10:00", "2024/01/01",
		"2024-01-01 10", "2024-01-01x", "01-02-2024" };

	TEST("ISO forms print back");
	CHECK(detects("2024-02-29", "%Y-%m-%d", day));
	CHECK(detects("2024-02-29T11:30", "%Y-%m-%dT%H:%M", day + 41400000000));
	CHECK(detects("2024-02-29 11:30:05", "%Y-%m-%d %H:%M:%S", day + 41405000000));
	CHECK(detects("2024-02-29T11:30:05.250", "%Y-%m-%dT%H:%M:%S.%3f", day + 41405250000));
	CHECK(detects("2024-02-29T11:30:05.000001Z", "%Y-%m-%dT%H:%M:%S.%6fZ", day + 41405000001));
	CHECK(detects("2024-02-29T11:30+05:30", "%Y-%m-%dT%H:%M+05:30", day + 41400000000 - 19800000000));
	CHECK(detects("2024-02-29T11:30:00-0800", "%Y-%m-%dT%H:%M:%S-0800", day + 41400000000 + 28800000000));
	CHECK(detects("2024-02-29T11:30:00+05", "%Y-%m-%dT%H:%M:%S+05", day + 41400000000 - 18000000000));
	TEST("only the years 1 to 9999, in UTC");
	CHECK(detects("0001-01-01T00:00:00Z", "%Y-%m-%dT%H:%M:%SZ", -62135596800000000) && no_time("0001-01-01T00:00:00+00:01"));
	CHECK(detects("9999-12-31T23:59:59.999999Z", "%Y-%m-%dT%H:%M:%S.%6fZ", 253402300799999999) && no_time("9999-12-31T23:59:59-00:01"));
	CHECK(reads("9999-12-31 23:59-01", "%Y-%m-%d %H:%M-01", false, NULL) && reads("0001-01-01 00:00 +0100", "%Y-%m-%d %H:%M %z", true, NULL));
	TEST("what is none");
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		CHECK(no_time(refused[i]));
}

static const struct { const char *form, *fault; } faults[] = {
	{ "%Y%Y", "two years" }, { "%Y-%m-%d/%y", "two years" }, { "%d %b %B %Y", "two months" }, { "%m %b %Y", "two months" }, { "%d.%m.%d %Y", "two days" },
	{ "%Y-%j %j", "two days of the year" }, { "%a %A %d %m %Y", "two weekdays" }, { "%Y-%m-%d %H %I %p", "two hours" },
	{ "%Y-%m-%d %H:%M:%M", "two minutes" }, { "%Y-%m-%d %H:%M:%S:%S", "two seconds" }, { "%Y-%m-%d %H:%M:%S.%3f%.f", "two fractions" },
	{ "%Y-%m-%d %I %p %p", "%p twice" }, { "%Y-%m-%d %H:%M%z%z", "two zones" }, { "%Y-%m-%d %z %H:%MZ", "two zones" },
	{ "%m-%d", "no year" }, { "%Y-%m-%d %j", "a day of the year beside month or day" }, { "%b %j %Y", "a day of the year beside month or day" },
	{ "%Y-%d", "a day without its month" }, { "%a %Y", "a weekday without a day" }, { "%a %m %Y", "a weekday without a day" },
	{ "%Y-%m-%d %I:%M", "%I without %p" }, { "%Y-%m-%d %H:%M %p", "%p without %I" }, { "%Y-%m-%d %p", "%p without %I" },
	{ "%Y-%m-%d %M", "minutes without an hour" }, { "%Y-%m-%d %H %S", "seconds without minutes" }, { "%Y-%m-%d %H:%M.%f", "a fraction without seconds" },
	{ "%Y-%s", "a % that means nothing" }, { "%Y%", "a % that means nothing" }, { "%Y-%3m", "a % that means nothing" },
	{ "%Y-%m-%d %H:%M:%S%.f %z", "none" }, { "%A %d %B %y, %I %p", "none" }, { "%j/%Y %H", "none" }, { "%Y%%%m", "none" }, { "%a %j %Y", "none" },
	{ "%Y-%m-%dT%H:%M:%S.%3f+05:30", "none" }, { "%m/%Y", "none" }, { "%Y", "none" },
};

static void test_forms(void)
{
	TEST("a user's forms");
	CHECK(reads("19-03-2022", "%d-%m-%Y", false, "2022-03-19") && reads("9-3-2022", "%d-%m-%Y", false, NULL));
	CHECK(reads("9-3-2022", "%d-%m-%Y", true, "2022-03-09") && reads(" 09-03-2022 ", "%d-%m-%Y", true, "2022-03-09"));
	CHECK(reads("3/7/99 1:05 pm", "%m/%d/%y %I:%M %p", true, "1999-03-07T13:05:00Z") && reads("12:00 AM 2024-01-02", "%I:%M %p %Y-%m-%d", false, "2024-01-02"));
	CHECK(reads("31/12/68", "%d/%m/%y", false, "2068-12-31") && reads("01/01/69", "%d/%m/%y", false, "1969-01-01"));        /* as Python's strptime */
	CHECK(reads("29/02/00", "%d/%m/%y", true, "2000-02-29") && reads("31/12/99", "%d/%m/%y", true, "1999-12-31"));
	CHECK(reads("Mar 5, 2024", "%b %d, %Y", true, "2024-03-05") && reads("MARCH 5, 2024", "%b %d, %Y", true, "2024-03-05"));
	CHECK(reads("MAR 05, 2024", "%b %d, %Y", false, NULL) && reads("Mar 05, 2024", "%b %d, %Y", false, "2024-03-05"));
	CHECK(reads("Tuesday, 05 March 2024", "%A, %d %B %Y", false, "2024-03-05") && reads("Monday, 05 March 2024", "%A, %d %B %Y", false, NULL));
	CHECK(reads("2024-366", "%Y-%j", false, "2024-12-31") && reads("2023-366", "%Y-%j", false, NULL));
	CHECK(reads("2024-03", "%Y-%m", false, "2024-03-01") && reads("2024-02-30", "%Y-%m-%d", true, NULL));
	CHECK(reads("2024-01-01T00:00:00.5", "%Y-%m-%dT%H:%M:%S.%f", true, "2024-01-01T00:00:00.5Z"));
	CHECK(reads("2024-01-01T00:00:00.123456789", "%Y-%m-%dT%H:%M:%S.%f", true, "2024-01-01T00:00:00.123456Z"));
	CHECK(reads("2024-01-01T00:00:00.50", "%Y-%m-%dT%H:%M:%S.%3f", false, NULL) && reads("100% 2024", "100%% %Y", false, "2024-01-01"));
	TEST("fractions of any length, or none");
	CHECK(reads("2024-01-01 00:00:05", "%Y-%m-%d %H:%M:%S%.f", false, "2024-01-01T00:00:05Z") && reads("2024-01-01 00:00:05.", "%Y-%m-%d %H:%M:%S%.f", false, NULL));
	CHECK(reads("2024-01-01 00:00:05.25+01", "%Y-%m-%d %H:%M:%S%.f+01", false, "2023-12-31T23:00:05.25Z") && reads("2024-01-01 00:00:05.1234567", "%Y-%m-%d %H:%M:%S%.f", false, NULL));
	CHECK(prints(5000000, "%Y-%m-%d %H:%M:%S%.f", "1970-01-01 00:00:05") && prints(5250000, "%Y-%m-%d %H:%M:%S%.fZ", "1970-01-01 00:00:05.25Z"));
	CHECK(prints(-1, "%Y-%m-%d %H:%M:%S%.f", "1969-12-31 23:59:59.999999"));
	TEST("zones");
	CHECK(zone_is("%Y-%m-%d %H:%M+05:30", "+05:30", 19800000000) && zone_is("%Y-%m-%dT%H:%M:%S%.fZ", "Z", 0) && zone_is(NULL, "Z", 0));
	CHECK(zone_is("%Y-%m-%d", "", 0) && zone_is("%d-%m-%Y", "", 0) && zone_is("%H:%M %Y-05", "", 0) && zone_is("%Y-%m-%d %H:%M:%S", "", 0));
	CHECK(time_same_zone("%Y-%m-%d %H:%MZ", NULL) && time_same_zone("%Y-%m-%d %H:%M+00:00", "%Y-%m-%d %H:%MZ") && !time_same_zone("%Y-%m-%d %H:%M", NULL));
	CHECK(reads("01-03-2024 23:30 +0530", "%d-%m-%Y %H:%M %z", true, "2024-03-01T18:00:00Z") && reads("2024-03-01T23:30Z", "%Y-%m-%dT%H:%M%z", true, "2024-03-01T23:30:00Z"));
	CHECK(reads("2024-03-01T23:30+02:00", "%Y-%m-%dT%H:%M%z", false, NULL) && reads("2024-03-01T23:30", "%Y-%m-%dT%H:%M%z", true, NULL));
	CHECK(time_form_reads("%Y-%m-%dT%H:%M%z") && !time_form_valid("%Y-%m-%dT%H:%M%z"));
	TEST("what a form can't say prints in ISO form, in its zone");
	CHECK(prints(3600000000, "%Y-%m-%d", "1970-01-01T01:00:00") && prints(1000000, "%Y-%m-%d %H:%M+01:00", "1970-01-01T01:00:01+01:00"));
	CHECK(prints(250, "%Y-%m-%d %H:%M:%S.%3f", "1970-01-01T00:00:00.00025") && prints(250000, "%Y-%m-%d %H:%M:%S.%3f", "1970-01-01 00:00:00.250"));
	CHECK(prints(46800000000, "%Y-%m-%d %I %p", "1970-01-01 01 PM"));
	CHECK(prints(-86400000000 * 400, "%d %b %y", "1968-11-27T00:00:00") && prints(0, "%j/%y", "001/70"));
	TEST("forms that are none");
	CHECK(time_form_valid("%d-%m-%Y") && time_form_valid("%Y-%j") && time_form_valid("%Y") && time_form_valid("%b %d, %Y at %I:%M %p"));
	CHECK(!time_form_valid("%H:%M") && !time_form_valid("%Y-%d") && !time_form_valid("%Y-%q") && !time_form_valid("%Y-%3m") && !time_form_valid("%Y%"));
	CHECK(!time_form_valid("") && !time_form_valid("%Y %A %A %A %A %A %A %A %A") && !time_form_valid("%Y-%m-%d                                                 "));
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		const char *fault = time_form_fault(faults[i].form, true);

		TEST(faults[i].form);
		CHECK_TEXT(fault ? fault : "none", faults[i].fault);
	}
}

int main(void)
{
	test_civil();
	test_detect();
	test_forms();
	return unit_done();
}
