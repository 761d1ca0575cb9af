/* SPDX-License-Identifier: MIT */
/*
 * The form of a field: how its cells were written, so that they print again as
 * they came and a text that is made of a value is the text that was read.
 *
 *     time    a pattern of timestamp.h, with its zone
 *     bool    YES/NO, one of true/false (NULL says the same), True/False, TRUE/FALSE
 *     real    a number N of 0 to 17: N decimals write every cell back byte for byte, `12.50`
 *             mixed: neither a number of decimals nor the shortest text does
 *             behind either, or alone, where the marks of numbers (number_marks.h) are others: the decimal mark, and the mark between
 *             groups if all cells have it: `2,` for 12,50; `2,.` for 1.234,50; `,` for 12,5; `.,` for 1,234.5
 *     int     0 or mixed, and two such marks: `0.,` for 1,234
 *     text    all are times whose zones differ: an ISO pattern with %z, which reads them
 *     NULL    the shortest text: number_print_real, true and false, time_print
 *
 * Other ints and texts have one way to be written, and no form. A batch whose cells are
 * not all written as the field's form says tells so by column (`mixed`, batch.h).
 */
#ifndef FORM_H
#define FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "number_marks.h"
#include "schema.h"

enum { FORM_SHORTEST = -1, FORM_SIZE = 8 };
#define FORM_MIXED "mixed"

/* What a field of this type may have. NULL is fine for any. */
bool form_valid(enum type type, const char *form);

/* Of a real: its decimals, or FORM_SHORTEST, also where they are mixed. */
int form_decimals(const char *form);
/* Of a number: the marks with which it prints; where it is mixed there are no groups. */
struct number_marks form_marks(const char *form);
/* The marks that the form has, and not how they are used. */
struct number_marks form_all_marks(const char *form);
/* The same without its marks: what is written for programs that know the point only. NULL: none is left. In `room` (FORM_SIZE) or `form`. */
const char *form_unmarked(enum type type, const char *form, char *room);
/* Appends marks to a form of decimals or FORM_MIXED, or to "". */
void form_add_marks(char *form, struct number_marks marks);
/* The form of a real with so many decimals, into `form` (FORM_SIZE). */
void form_of_decimals(char *form, int decimals);

/* Of a bool. */
const char *form_word(const char *form, bool value);
/* Which way of writing bools the text is one of: its form (true/false too), and the value; NULL: none. */
const char *form_of_word(const char *text, size_t size, bool *value);

/* A real by its form where that reads back the same double, else the shortest text; the length. `text` holds NUMBER_SIZE. */
size_t form_print_real(char *text, double value, int decimals);

/* Whether texts can be made of a column: it was written in one way. `mixed`: a batch said that its column was not. */
bool form_writes_back(const struct field *field, bool mixed);
/* The message where it was not. advice: what stands behind it, or "", and the caller says what helps. Always -1. */
int form_refuse(const struct field *field, const char *advice, struct error *err);
/* Both, for who makes steps: he can have the column read as text. */
int form_check_text(const struct field *field, bool mixed, struct error *err) MUST_CHECK;

#endif
