/* SPDX-License-Identifier: MIT */
#include "missing_words.h"

#include <string.h>

enum { LONGEST = 4, EMPTY = 0, BLANK = 1, FIRST_WORD = 2 };

static const char *const names[N_MISSING_WORDS] = {
	"", "blank", "NA", "N/A", "#N/A", "<NA>", "n/a", "NaN", "nan", "NaT", "NULL", "null", "None", "\\N", "?", "-", ".",
};

static bool is_blank(const struct cell *cell)
{
	for (uint32_t i = 0; i < cell->size; i++)
		if (cell->as.text[i] != ' ' && cell->as.text[i] != '\t')
			return false;
	return true;
}

int missing_word(const struct cell *cell, enum missing_words words)
{
	if (cell->kind != CELL_TEXT || words == WORDS_NONE)
		return NO_MISSING_WORD;
	if (cell->size == 0)
		return EMPTY;
	if (words == WORDS_EMPTY)
		return NO_MISSING_WORD;
	switch (cell->as.text[0]) {
	case ' ': case '\t':
		return is_blank(cell) ? BLANK : NO_MISSING_WORD;
	case 'N': case 'n': case '#': case '<': case '\\': case '?': case '-': case '.':
		break;
	default:
		return NO_MISSING_WORD;
	}
	for (int word = FIRST_WORD; word < N_MISSING_WORDS && cell->size <= LONGEST; word++)
		if (strlen(names[word]) == cell->size && memcmp(names[word], cell->as.text, cell->size) == 0)
			return word;
	return NO_MISSING_WORD;
}

const char *missing_word_name(int word)
{
	return names[word];
}
