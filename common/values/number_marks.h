/* SPDX-License-Identifier: MIT */
/*
 * Numbers as countries write them: `1.234,56`, `1,234.56`, `1 234,5`, `1'234.50`. Which
 * bytes stand between the whole part and the decimals, and between groups of three digits of the
 * whole part, is told; the text is made into what number.h reads, and printed numbers
 * into such a text. Nothing is guessed: groups are of three digits throughout, the first of one to three, or there is none.
 */
#ifndef NUMBER_MARKS_H
#define NUMBER_MARKS_H

#include <stdbool.h>
#include <stddef.h>

enum { NUMBER_MARKED = 128 };           /* room for a number without its marks; a longer text is none */

#define NUMBER_GROUPS ".,' _"           /* what may stand between groups */

/* point: 0: '.'; group: 0: none; a blank stands for no-break, narrow no-break and thin ones of UTF-8, too, and ' for the
 * typographic one (U+2019). Both 0: as number.h has them. */
struct number_marks { char point, group; };
#define NUMBER_MARKS_PLAIN ((struct number_marks){ 0, 0 })

static inline bool number_marks_are_plain(struct number_marks marks) { return !marks.point && !marks.group; }

/* How a number was written. */
struct marked {
	unsigned n_groups;              /* marks between groups */
	unsigned n_first, n_whole;      /* digits before the first mark, and of the whole part */
	unsigned n_decimals;
	bool point;                     /* it has one */
};

/* Writes the text without groups, and with '.', into `room`: its length, or 0 where it is not so written. Whether it is a number is left to
 * number.h: digits, a sign before them and an exponent behind are passed on. how: may be NULL. */
size_t number_unmark(const char *text, size_t size, struct number_marks marks, char room[NUMBER_MARKED], struct marked *how);

/* Whether `how` could be the other way round: one mark, three digits behind it, one to three before, which may be a group. `first`: of the whole part. */
static inline bool marked_is_open(const struct marked *how, char first)
{
	return how->point && how->n_groups == 0 && how->n_decimals == 3 && how->n_whole >= 1 && how->n_whole <= 3 && first != '0';
}

/* A number as number.h prints it becomes one with these marks, in place: its length. `text` holds NUMBER_SIZE; where groups have no room, or
 * there is an exponent, there are none. */
size_t number_mark_text(char *text, size_t size, struct number_marks marks);
static inline size_t number_mark(char *text, size_t size, struct number_marks marks)
{
	return number_marks_are_plain(marks) ? size : number_mark_text(text, size, marks);
}

#endif
