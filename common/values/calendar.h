/* SPDX-License-Identifier: MIT */
/*
 * Days and dates of the Gregorian calendar, reckoned back before it was used, without branches, so that loops
 * over them become vectors. Days count from the 1st of March of the year 0 on: years that begin in March have
 * the leap day at their end.
 *
 * After Neri and Schneider, "Euclidean affine functions and their application to calendar algorithms" (2022): a
 * month's first day, and a date within 400 years, are quotients of 32 bits.
 */
#ifndef CALENDAR_H
#define CALENDAR_H

#include <stdint.h>

enum { CALENDAR_1970 = 719468 };                                /* 1970-01-01 */
enum { CALENDAR_DAY_SHIFT = 7, CALENDAR_SHIFTED_DAY = 675000000 };      /* microseconds of a day: 2^7 times 32 bits, the widest product of vectors */
enum { CALENDAR_ERA_YEARS = 400, CALENDAR_ERA_DAYS = 146097 };  /* after which it repeats */

struct calendar_date { uint32_t year, month, day; };

/* A hundredth of a year up to 43,000. */
static inline uint32_t calendar_century(uint32_t year) { return year * 5243 >> 19; }

/* Of a year up to 43,000 (of the year 0 only from March on), and a day of 1 or more, perhaps more than the month has. */
static inline uint32_t calendar_days(uint32_t year, uint32_t month, uint32_t day)
{
	uint32_t ends = month < 3, march_year = year - ends, march_month = month + 12 * ends, century = calendar_century(march_year);

	return (1461 * march_year >> 2) - century + (century >> 2) + ((979 * march_month - 2919) >> 5) + day - 1;
}

/* Of days up to 2^30. */
static inline struct calendar_date calendar_date(uint32_t days)
{
	uint32_t century = (4 * days + 3) / CALENDAR_ERA_DAYS, of_century = (4 * days + 3) % CALENDAR_ERA_DAYS / 4;
	uint64_t years = UINT64_C(2939745) * (4 * of_century + 3);
	uint32_t of_year = (uint32_t)years / 2939745 / 4, months = 2141 * of_year + 197913, next = of_year >= 306;

	return (struct calendar_date){ 100 * century + (uint32_t)(years >> 32) + next, (months >> 16) - 12 * next, (months & 0xffff) / 2141 + 1 };
}

/* How many a month, 1 to 12, has: 31 in odd ones up to July, then in even ones. */
static inline uint32_t calendar_month_days(uint32_t year, uint32_t month)
{
	uint32_t whole = 100 * calendar_century(year) == year, leap = (year & (whole ? 15 : 3)) == 0;

	return month == 2 ? 28 + leap : 30 + ((month + (month >> 3)) & 1);
}

#endif
