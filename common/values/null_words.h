/* SPDX-License-Identifier: MIT */
/*
 * The usual words for a missing value: NA N/A #N/A <NA> n/a NaN nan NaT NULL null
 * None \N ? - . and blanks; and the empty text, which is no word.
 */
#ifndef NULL_WORDS_H
#define NULL_WORDS_H

#include <stddef.h>

enum { NULL_WORD_EMPTY, N_NULL_WORDS = 17, NO_NULL_WORD = -1 };

int null_word(const char *text, size_t size);           /* which one it is; NO_NULL_WORD */
const char *null_word_name(int word);                   /* "" for the empty text, "blank" for blanks */

#endif
