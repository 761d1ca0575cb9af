/* SPDX-License-Identifier: MIT */
#include "null_words.h"

#include <stdint.h>
#include <string.h>

#include "text.h"

enum { LONGEST = 4, BLANK = 1 };

static const char *const names[N_NULL_WORDS] = {
	"", "blank", "NA", "N/A", "#N/A", "<NA>", "n/a", "NaN", "nan", "NaT", "NULL", "null", "None", "\\N", "?", "-", ".",
};

/* Their bytes as numbers, the first one lowest, and which have so many. */
#define KEY(a, b, c, d) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
static const uint32_t keys[N_NULL_WORDS] = {
	0, 0, KEY('N', 'A', 0, 0), KEY('N', '/', 'A', 0), KEY('#', 'N', '/', 'A'), KEY('<', 'N', 'A', '>'), KEY('n', '/', 'a', 0), KEY('N', 'a', 'N', 0),
	KEY('n', 'a', 'n', 0), KEY('N', 'a', 'T', 0), KEY('N', 'U', 'L', 'L'), KEY('n', 'u', 'l', 'l'), KEY('N', 'o', 'n', 'e'), KEY('\\', 'N', 0, 0),
	KEY('?', 0, 0, 0), KEY('-', 0, 0, 0), KEY('.', 0, 0, 0),
};
static const uint8_t of_size[LONGEST + 1][6] = { { 0 }, { 14, 15, 16 }, { 2, 13 }, { 3, 6, 7, 8, 9 }, { 4, 5, 10, 11, 12 } };

/* No word is a number, and nearly all cells that are asked for are none of these: the first byte tells. */
int null_word(const char *text, size_t size)
{
	size_t blanks = 0;
	uint32_t key = 0;

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
	if (size > LONGEST)
		return NO_NULL_WORD;
	for (size_t i = 0; i < size; i++)
		key |= (uint32_t)(unsigned char)text[i] << 8 * i;
	for (const uint8_t *word = of_size[size]; *word; word++)
		if (keys[*word] == key)
			return *word;
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
