/* SPDX-License-Identifier: MIT */
/*
 * A text that is a date as people and programs write it, and the form (timestamp.h) that reads it:
 *
 *     14/03/2024   14.03.24   2024/3/14   20240314   14 Mar 2024   14-Mar-24   Mar 14, 2024   Thu, 14 Mar 2024
 *     with a time of day behind, or before the year:   14/03/2024 10:15   3/14/2024 1:05 PM   Thu Mar 14 10:15:00 2024
 *
 * Two numbers before a year, or three of two digits, say in no text of themselves which is what: the form leaves that
 * open, and a column of them may tell.
 */
#ifndef DATE_TEXT_H
#define DATE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "timestamp.h"

enum date_order { DAY_FIRST, MONTH_FIRST, YEAR_FIRST, N_DATE_ORDERS };
enum { ALL_DATE_ORDERS = (1 << N_DATE_ORDERS) - 1 };
enum { DATE_ZONE_SIZE = 8, LONGEST_DATE = 64 };

struct date_text {
	/* As time_read has it, but %1, %2 and %3 for numbers whose order is open. Names are %b and %a, whole or not; behind seconds is %.f, or ",%f" for what
	 * stands behind a comma; a zone is %z. */
	char form[TIME_FORM_SIZE];
	unsigned orders;                /* bits: those in which it is a day of the calendar; all, if the form leaves nothing open */
	bool exact;                     /* a strict reader takes it: two digits where two are due, names as English has them, one blank */
	bool short_month, whole_month;  /* how its name is written; May is neither */
	bool short_day, whole_day;      /* the same of a weekday */
	bool seconds;
	int digits;                     /* of their fraction */
	char zone[DATE_ZONE_SIZE];      /* as it is written; "": none, or a word, which the form has */
};

/* text: without blanks around it. false: it is no date, or one that no form reads (no year, other languages, 1st). */
bool date_text_read(const char *text, size_t size, struct date_text *date);

/* The letter that a number of an open form is in such an order; number: '1' to '3'. */
char date_order_letter(enum date_order order, char number);

#endif
