/* SPDX-License-Identifier: MIT */
/*
 * Which types a cell can be, and what it is then. Two rules: a type that was
 * found by looking loses nothing (number.h's strict numbers, `true` and `false`,
 * one form of time in the column); a type that somebody gave also takes what
 * plainly means it: numbers with more digits than a double holds, TRUE, 1 and 0
 * as bool.
 */
#ifndef FIT_H
#define FIT_H

#include "names.h"
#include "number.h"
#include "row.h"
#include "timestamp.h"

union value { int64_t number; double real; };

/* Not for text, which takes every cell. form: of a time; NULL in a column of foreign timestamps. */
bool cell_fits(const struct cell *cell, enum type type, const char *form, bool given, union value *value);

/* The cell as text: its own, or printed into `room` (TIME_TEXT_SIZE). Not for nulls. */
const char *cell_text(const struct cell *cell, char *room, size_t *size);

/* Whether the cell, no null, is one of these words as text: what --null names. */
bool cell_is_word(const struct cell *cell, const struct names *words);

/* Whether a double holds it. */
bool int_is_exact(int64_t value);

/* What a column may still be. Start from INFER_INIT and show it every cell that is no null. */
enum { MAY_INT = 1, MAY_REAL = 2, MAY_BOOL = 4, MAY_TIME = 8 };
struct infer {
	unsigned may;                   /* 0: text only */
	bool seen;                      /* a value */
	bool formed;                    /* form is set; a foreign timestamp sets none */
	char form[TIME_FORM_SIZE];
};
#define INFER_INIT { .may = MAY_INT | MAY_REAL | MAY_BOOL | MAY_TIME }

void infer_cell(struct infer *infer, const struct cell *cell);
/* The narrowest type that takes every cell shown: int before real; text if there was none. */
enum type infer_type(const struct infer *infer);
const char *infer_form(const struct infer *infer);      /* of a time; NULL: the shortest ISO form */

#endif
