/* SPDX-License-Identifier: MIT */
/*
 * The usual words for a missing value (null_words.h), quoted or not. In CSV and TSV they are null where the
 * other cells of their column are numbers, bools or times, found or given; where
 * these are text, or where there are none, the words stay what they are (NA is
 * Namibia). The empty text (`""`) is null in such columns, too, and no word.
 */
#ifndef MISSING_WORDS_H
#define MISSING_WORDS_H

#include "null_words.h"
#include "row.h"

/* Which of them a column takes. */
enum missing_words {
	WORDS_NONE,             /* cells that say what they are: foreign records, typed TSV */
	WORDS_EMPTY,            /* the empty text only: --no-null-words */
	WORDS_USUAL,
};

enum { N_MISSING_WORDS = N_NULL_WORDS, NO_MISSING_WORD = NO_NULL_WORD };

/* Which word the cell is, the empty text among them; NO_MISSING_WORD. */
int missing_word(const struct cell *cell, enum missing_words words);

#endif
