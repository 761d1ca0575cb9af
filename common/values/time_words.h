/* SPDX-License-Identifier: MIT */
/* For who reads and prints times, and who finds their forms (timestamp.h, date_text.h): the words of times and of these forms. */
#ifndef TIME_WORDS_H
#define TIME_WORDS_H

#include <stddef.h>

extern const char *const MONTHS[12], *const WEEKDAYS[7];

/* What stands between a % and its letter: the digit of %3f, the point of %.f. 0 or 1 byte. */
size_t time_modifier_size(const char *p);

#endif
