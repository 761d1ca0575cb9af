/* SPDX-License-Identifier: MIT */
#include "missing_words.h"

int missing_word(const struct cell *cell, enum missing_words words)
{
	int word = cell->kind == CELL_TEXT && words != WORDS_NONE ? null_word(cell->as.text, cell->size) : NO_NULL_WORD;

	return word == NULL_WORD_EMPTY || words == WORDS_USUAL ? word : NO_NULL_WORD;
}
