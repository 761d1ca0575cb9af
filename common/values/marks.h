/* SPDX-License-Identifier: MIT */
/*
 * Marks of rows: train, valid or test, or none, which is neither trained on nor tested
 * (a gap in time). They stand as words in the text column with
 * role split, or go by chance, so that `train --holdout P` and `split test=P` hold
 * the same rows out.
 *
 * By chance: a hash of the row's number (batch->first_row + row), or of a key, and
 * the seed, as a fraction: below `test` it is a test row, below test + valid a valid
 * one. A mark depends on nothing else: more rows change no mark. The same fraction orders the
 * rows of a class where shares are exact in each class (strata.h): there a maker marks them.
 *
 * Folds part the train rows once more, whether these are so by a word or by chance: by another hash of the row's number and
 * the seed, or as the caller says, each falls into one of n_folds; those of `fold` are marked of_fold. So a row is of_fold in one
 * fold of n, and train in the others.
 *
 * A share of the train rows that are left then may stand for all: by a third hash, so that those of a smaller share are among
 * those of a larger one.
 */
#ifndef MARKS_H
#define MARKS_H

#include "arena.h"
#include "batch.h"
#include "error.h"

enum mark { MARK_TRAIN, MARK_VALID, MARK_TEST, MARK_NONE, N_MARKS, NO_MARK = N_MARKS };

/* Marks all rows of a batch by what it knows of column `col`: one each into `to`, no NO_MARK. Threads may call it side by side. */
struct mark_maker {
	int (*make)(const struct mark_maker *maker, struct batch *batch, size_t col, unsigned char *to, struct error *err);
	const void *state;
};

/* Where a stream's marks come from. */
struct marks {
	int split;                      /* the column of the words; NO_FIELD: by chance */
	double test, valid;             /* by chance: shares of the rows; both 0: all are MARK_TRAIN */
	uint64_t seed;
	const struct mark_maker *maker; /* by chance: who makes them of column `maker_col`, borrowed; NULL: they hang on the row's number alone */
	size_t maker_col;
	unsigned n_folds, fold;         /* 0: no folds; fold: 0 .. n_folds - 1 */
	enum mark of_fold;              /* MARK_VALID or MARK_TEST */
	const uint8_t *fold_of;         /* by the row's number, borrowed; a row that is in no fold has one that is none. NULL: by chance */
	double share;                   /* of the train rows, above 0: the others are MARK_NONE; 0: all are train rows */
	enum { VALID_STAYS, VALID_TRAINS, VALID_NONE } valid_rows;      /* what rows marked valid become, before folds: train rows, or none */
};
/* Whether the column of words, if there is one, does not say it all: marks are made by chance. */
bool marks_are_made(const struct marks *marks);

/* ---- words ---- */
const char *mark_word(enum mark mark);                          /* "train", "valid", "test", "none" */
enum mark mark_of_word(const char *bytes, size_t size);         /* these four; anything else is NO_MARK */
/* The words of other people, which `split from=` takes: letter case free, also training, val, validation, dev, testing. */
enum mark mark_of_synonym(const char *bytes, size_t size);

/* ---- chance ---- */
enum mark mark_by_key(const struct marks *marks, const void *bytes, size_t size);
/* The fraction in steps of 2^-53: below KEY_END. Of the rows of a batch, n_rows of them in `to`; of a key. By the seed alone. */
#define KEY_END (UINT64_C(1) << 53)
void marks_keys(const struct marks *marks, const struct batch *batch, uint64_t *to);
uint64_t marks_key(const struct marks *marks, const void *bytes, size_t size);

/* ---- of a batch: one mark for each row, n_rows of them in `to` ---- */
/* By chance without looking at marks->split or a maker; no folds. */
void marks_by_chance(const struct marks *marks, const struct batch *batch, unsigned char *to);
/* By column or by chance, then by fold. A missing word, or one that is no mark, fails: "row 7: column '_split': the mark is not ...". */
int marks_read(const struct marks *marks, struct batch *batch, unsigned char *to, struct error *err) MUST_CHECK;
/* Whether each row of the column with role split, if there is one, has its mark: fails as marks_read does. Looks at the dictionary where that
 * says it all, not at the rows. What a source gives was looked at. */
int marks_check(struct batch *batch, struct error *err) MUST_CHECK;
/* The rows that may be learned from, as a bit map in `scratch`: those marked train in the column with role split; NULL if the
 * batch has none, which means all rows. Fails if that column is no text, or broken, and as marks_read does. */
int marks_train_rows(struct batch *batch, struct arena *scratch, const uint64_t **rows, struct error *err) MUST_CHECK;

/* The rows with one of the marks `which` (bits 1 << MARK_...) as a bit map in `rows`, bits_words(n_rows) words; how many they are. */
size_t marks_pick(const unsigned char *marks, size_t n_rows, unsigned which, uint64_t *rows);

/* Puts the marks as column `col`: text, a dictionary of the words whose codes are the marks; none stands in it where a row has it. No NO_MARK among them. */
void marks_put(struct batch *batch, size_t col, const unsigned char *marks);

#endif
