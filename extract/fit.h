/* SPDX-License-Identifier: MIT */
/*
 * Which types a cell can be, and what it is then. Two rules: a type that was
 * found by looking loses nothing (number.h's strict numbers, the words of form.h for
 * bools, one form of time in the column, but for the length of fractions); a type
 * that somebody gave also takes what plainly means it: whole numbers of any size as
 * reals, TRUE in any case, 1 and 0 as bool.
 */
#ifndef FIT_H
#define FIT_H

#include "names.h"
#include "number.h"
#include "number_marks.h"
#include "row.h"
#include "timestamp.h"
#include "written.h"

union value { int64_t number; double real; };

/* Not for text, which takes every cell. form: of a time; NULL in a column of foreign timestamps. */
bool cell_fits(const struct cell *cell, enum type type, const char *form, bool given, union value *value);

/*
 * A text as numbers of these marks, which are not plain, into *plain, whose text is `room` (NUMBER_MARKED): without groups, and with '.'.
 * false: it is not so written. With a decimal comma a point that can be no group mark reads as one, too: *how has it, and no `comma`.
 */
struct unmarked { struct marked marked; bool comma, open; };    /* open: the point may be a mark between groups that nobody told: never read so */
bool cell_unmark(const struct cell *cell, struct number_marks marks, char room[NUMBER_MARKED], struct cell *plain, struct unmarked *how);

/* The cell as text: its own, or printed into `room` (TIME_TEXT_SIZE). Not for nulls. */
const char *cell_text(const struct cell *cell, char *room, size_t *size);

/* Whether the cell, no null, is one of these words as text: what --null names. */
bool cell_is_word(const struct cell *cell, const struct names *words);
void cell_trim(struct cell *cell);      /* a text without the blanks at its ends: --trim */

/* What the cells of a column look like when it is text all the same. */
enum { LIKE_NUMBER, LIKE_BOOL, LIKE_TIME, N_LIKES };

/* What a column may still be. Start from INFER_INIT and show it every cell that is neither null nor a word for it. */
enum { MAY_INT = 1, MAY_REAL = 2, MAY_BOOL = 4, MAY_TIME = 8, MAY_POINT = 16 /* real, with '.', where the marks say ',' */ };
enum { GROUPED_COMMA, GROUPED_SPACE, GROUPED_TICK, N_GROUPED };
struct infer {
	unsigned may;                   /* 0: text only */
	struct number_marks marks;      /* of numbers as text: set before the first cell */
	bool pointed;                   /* a cell with MAY_POINT can be nothing else: no number in groups */
	bool seen;                      /* a value */
	bool formed;                    /* form is set; a foreign timestamp sets none */
	bool offsets;                   /* times all alike but for their offsets from UTC */
	bool whole;                     /* a cell was a whole number as text */
	char form[TIME_FORM_SIZE];
	const char *words;              /* of bools: their form; NULL: none yet */
	bool words_differ;
	struct written written;         /* of numbers with a point or exponent */
	uint64_t n, n_like[N_LIKES];    /* cells, and of each kind */
	uint64_t n_int, n_real;         /* numbers that are ints only, beyond NUMBER_EXACT, and reals only: no column takes both */
	uint64_t n_decimal;             /* others: numbers with a decimal comma, which the marks do not take; */
	uint64_t n_grouped[N_GROUPED];  /* or with one of these between groups; a comma may be both, the others count beside no mark that is taken */
	uint64_t n_padded;              /* others: numbers, bools and words for missing with blanks before or behind */
};
#define INFER_INIT { .may = MAY_INT | MAY_REAL | MAY_BOOL | MAY_TIME | MAY_POINT, .written = WRITTEN_INIT }

void infer_cell(struct infer *infer, const struct cell *cell);
/*
 * The cells that `later` was shown join, as if they had been shown behind the others. False, and nothing was done: they have times of another form than the
 * first ones had, so that they have to be shown one by one.
 */
bool infer_merge(struct infer *infer, const struct infer *later);
/* It is text, so many cells are not even like anything else that more need not be shown. This is asked where a stretch (files.h) ends. */
bool infer_is_hopeless(const struct infer *infer);
/* Where the column may still be real, many cells at once: whole numbers as text, up to NUMBER_EXACT, and numbers with a point, written so. */
void infer_numbers(struct infer *infer, uint64_t n_whole, uint64_t n_point, struct written written);
/* Many cells at once, of a kind that it has already: ints as text, n_beyond of them beyond NUMBER_EXACT; times of its form or bools in its
 * words (MAY_TIME, MAY_BOOL), or texts that are nothing else (0). */
void infer_ints(struct infer *infer, uint64_t n, uint64_t n_beyond);
void infer_others(struct infer *infer, unsigned what, uint64_t n);
/* The narrowest type that takes every cell shown: int before real; text if there was none. */
enum type infer_type(const struct infer *infer);
/* Text so far, for points that may stand between groups: another cell may show that they do not. */
static inline bool infer_waits(const struct infer *infer)
{
	return infer->seen && !infer->pointed && infer->may == MAY_POINT;
}
/* The marks that go with it. */
struct number_marks infer_marks(const struct infer *infer);
/* The form that goes with that type; `room` may hold it. NULL: the shortest. */
const char *infer_form(const struct infer *infer, enum type type, char room[TIME_FORM_SIZE]);
/* The form, with %z, of times whose offsets differ. */
void infer_offsets_form(const struct infer *infer, char form[TIME_FORM_SIZE]);
/* What most of the cells are like. Whether a cell is so too; of numbers that do not go together those that are fewer are not. */
int infer_like(const struct infer *infer);
bool infer_is_like(const struct infer *infer, int like, const struct cell *cell);
/* The first value of a column that was given as time, without a form: its form, with fractions as they come. */
void infer_time_form(struct infer *infer, const struct cell *cell);

#endif
