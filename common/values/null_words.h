/* SPDX-License-Identifier: MIT */
/*
 * The usual words for a missing value: NA N/A #N/A <NA> n/a NaN nan NaT NULL null
 * None \N ? - . and blanks; and the empty text, which is no word. Beside them the words
 * by which spreadsheets say that a formula has no value: those are faults, and nobody
 * takes them for missing unless he is told to.
 */
#ifndef NULL_WORDS_H
#define NULL_WORDS_H

#include <stddef.h>

enum { NULL_WORD_EMPTY, N_NULL_WORDS = 17, NO_NULL_WORD = -1 };

int null_word(const char *text, size_t size);           /* which one it is; NO_NULL_WORD */
const char *null_word_name(int word);                   /* "" for the empty text, "blank" for blanks */

enum { N_FAULT_WORDS = 8, NO_FAULT_WORD = -1 };

int fault_word(const char *text, size_t size);          /* #DIV/0! #REF! #VALUE! #NAME? #NUM! #NULL! #SPILL! #CALC!; NO_FAULT_WORD */
const char *fault_word_name(int word);

#endif
