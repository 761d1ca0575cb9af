/* SPDX-License-Identifier: MIT */
/* Days and dates both ways, each day of the years 0 to 12000, beside a calendar that goes on by a day at a time. */
#include "calendar.h"
#include "timestamp.h"
#include "unit.h"

static uint32_t month_days(uint32_t year, uint32_t month)
{
	static const uint32_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

static bool same_date(uint32_t days, struct calendar_date date)
{
	struct calendar_date found = calendar_date(days);

	return found.year == date.year && found.month == date.month && found.day == date.day && calendar_days(date.year, date.month, date.day) == days &&
		calendar_month_days(date.year, date.month) == month_days(date.year, date.month);
}

static void go_on(struct calendar_date *date)
{
	if (date->day++ < month_days(date->year, date->month))
		return;
	date->day = 1;
	date->month = date->month % 12 + 1;
	date->year += date->month == 1;
}

/* A date so far from 1970, with its time of day. */
static bool same_civil(int64_t micros, int year, int month, int day, int weekday, int yearday)
{
	struct civil civil;

	time_to_civil(micros, &civil);
	return civil.year == year && civil.month == month && civil.day == day && civil.weekday == weekday && civil.yearday == yearday &&
		time_from_civil(year, month, day, civil.hour, civil.minute, civil.second, civil.micro) == micros;
}

int main(void)
{
	struct calendar_date date = { 0, 3, 1 };
	bool same = true;
	uint32_t century = 0;

	TEST("each day");
	for (uint32_t days = 0; date.year < 12000 && same; days++, go_on(&date))
		same = same_date(days, date);
	CHECK(same && date.year == 12000);
	TEST("hundreds");
	while (century < 43600 && calendar_century(century) == century / 100)
		century++;
	CHECK(century == 43600);
	TEST("far from 1970");          /* 400 years are 146097 days, which are 20871 weeks: Python's date(1600, 2, 29) is a Tuesday, 135081 days before 1970 */
	CHECK(calendar_days(1970, 1, 1) == CALENDAR_1970 && CALENDAR_ERA_DAYS % 7 == 0);
	for (int64_t era = -700; era <= 700; era++)
		same &= same_civil((era * CALENDAR_ERA_DAYS - 135081) * INT64_C(86400000000) + era + 1000, 1600 + 400 * (int)era, 2, 29, 1, 60);
	CHECK(same);
	return unit_done();
}
