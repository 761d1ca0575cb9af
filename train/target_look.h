/* SPDX-License-Identifier: MIT */
/*
 * What the target's values look like in the training rows: whether numbers stand
 * for classes, and whether text is numbers that were not read as such. A column
 * with some cells that are no numbers, or with "35 min" in nearly all, would make
 * hundreds of classes, one for each number, and nobody wants those.
 *
 * Lanes look at rows of their own and are merged in any order.
 */
#ifndef TARGET_LOOK_H
#define TARGET_LOOK_H

#include "distinct.h"
#include "few_values.h"
#include "marks.h"
#include "names.h"
#include "schema.h"
#include "spool.h"

struct target_look {
	struct few_values few;          /* int and real */
	/* text */
	uint64_t n;                     /* values */
	uint64_t numbers;               /* those that extract would read as a number */
	uint64_t ints, reals;           /* of these: ints that no double tells from their neighbours, and those that are no ints: extract reads no column of both */
	uint64_t digits;                /* others with a digit in them */
};

/* A column that was read; int, real or text. rows: bit map of those to look at, NULL: all. */
void target_look_add(struct target_look *look, const struct column *column, enum type type, size_t n_rows, const uint64_t *rows);
void target_look_merge(struct target_look *to, const struct target_look *from);
/* Whether text may be classes. n_classes: different values of it, or more than FEW_VALUES. */
enum target_text { TEXT_OF_CLASSES, TEXT_NEARLY_NUMBERS, TEXT_WITH_NUMBERS };   /* nearly: but for a few cells; with: numbers and units, say */
enum target_text target_text_is(const struct target_look *look, size_t n_classes);
/* -1, if it may not: what to do with numbers is said. levels: those of the training rows, or an even share, with their counts: they tell
 * the kind of `parse`. rows: all that was read, with the target in column `col`, and marks: which of them are training rows, for the place of the
 * first value of these that is no number. */
int target_check_text(const struct target_look *look, size_t n_classes, const struct distinct *levels, struct spool *rows, const struct marks *marks,
                      const struct header *header, size_t col, const struct host *host, struct error *err) MUST_CHECK;
/* Behind the message of an error that refuses a column of text because numbers are due: the step that reads most of its levels, which count
 * their rows, as such; nothing where none reads half of these. Always -1. */
int target_advise_levels(const struct distinct *levels, const char *target, const struct host *host, struct error *err);
/* The same by the first rows of an input with the text in column `col`. They are lost. */
int target_advise(struct source *input, size_t col, const struct host *host, struct error *err);
/* Classes of a text target that are usual words for missing: said: "'NA', '?'", step: what takes them so. Returns how many; 0: nothing is
 * appended. None is a class of its own often enough, and so is -, beside +. */
size_t target_missing_words(const struct names *classes, const char *target, struct buffer *said, struct buffer *step);
/* The remark on how numbers are taken, or NULL; the caller frees. n_classes: as so many classes, 0: as numbers. */
char *target_remark(const struct target_look *look, const char *target, size_t n_classes);

#endif
