/* SPDX-License-Identifier: MIT */
/* Private to timestamp.c and timestamp_print.c: the words of times and of their forms, and the calendar's ends. */
#ifndef TIME_WORDS_H
#define TIME_WORDS_H

#include <stddef.h>
#include <stdint.h>

#define FIRST_TIME INT64_C(-62135596800000000)          /* 0001-01-01T00:00:00 */
#define LAST_TIME INT64_C(253402300799999999)           /* 9999-12-31T23:59:59.999999 */

extern const char *const MONTHS[12], *const WEEKDAYS[7];

/* What stands between a % and its letter: the digit of %3f, the point of %.f. 0 or 1 byte. */
size_t time_modifier_size(const char *p);

#endif
