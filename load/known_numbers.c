/* SPDX-License-Identifier: MIT */
#include "known_numbers.h"

#include <stdlib.h>
#include <string.h>

#include "cell_text.h"
#include "memory.h"
#include "number.h"

void known_numbers_release(struct known_numbers *known)
{
	for (int shortest = 0; shortest < 2; shortest++)
		for (int decimals = 0; decimals <= KNOWN_DECIMALS; decimals++)
			free(known->texts[shortest][decimals]);
}

struct known_number *known_numbers_of(struct known_numbers *known, unsigned decimals, bool shortest)
{
	struct known_number **texts = &known->texts[shortest][decimals];

	if (!*texts)
		*texts = mem_new(KNOWN_NUMBERS + CELL_SLACK / sizeof **texts, sizeof **texts);
	return *texts;
}

void known_number_print(struct known_number *number, int32_t value, unsigned decimals, bool shortest)
{
	char text[NUMBER_SIZE];

	number->size = (unsigned char)print_int_by(text, value, decimals, shortest);
	memcpy(number->text, text, sizeof number->text);
}
