/* SPDX-License-Identifier: MIT */
#include "null_words.h"

#include <string.h>

#include "text.h"

enum { LONGEST = 4, BLANK = 1, FIRST_WORD = 2 };

static const char *const names[N_NULL_WORDS] = {
	"", "blank", "NA", "N/A", "#N/A", "<NA>", "n/a", "NaN", "nan", "NaT", "NULL", "null", "None", "\\N", "?", "-", ".",
};

int null_word(const char *text, size_t size)
{
	size_t blanks = 0;

	if (size == 0)
		return NULL_WORD_EMPTY;
	switch (*text) {
	case ' ': case '\t':
		while (blanks < size && text_is_blank(text[blanks]))
			blanks++;
		return blanks == size ? BLANK : NO_NULL_WORD;
	case 'N': case 'n': case '#': case '<': case '\\': case '?': case '-': case '.':
		break;
	default:
		return NO_NULL_WORD;
	}
	for (int word = FIRST_WORD; word < N_NULL_WORDS && size <= LONGEST; word++)
		if (strlen(names[word]) == size && memcmp(names[word], text, size) == 0)
			return word;
	return NO_NULL_WORD;
}

const char *null_word_name(int word)
{
	return names[word];
}

static const char *const faults[N_FAULT_WORDS] = { "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!" };

int fault_word(const char *text, size_t size)
{
	for (int word = 0; size > 0 && *text == '#' && word < N_FAULT_WORDS; word++)
		if (strlen(faults[word]) == size && memcmp(faults[word], text, size) == 0)
			return word;
	return NO_FAULT_WORD;
}

const char *fault_word_name(int word)
{
	return faults[word];
}
