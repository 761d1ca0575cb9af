/* SPDX-License-Identifier: MIT */
/* Any text as a recipe: lexed whole or refused with a message that can be shown. Words lie within their lines. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "recipe.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct recipe recipe = RECIPE_INIT;
	struct error err = ERROR_INIT;
	char *text = mem_text_n((const char *)bytes, size);
	int result = recipe_add(&recipe, text, "argument 1", &err);

	assert((result == 0) == (err.code == STATUS_DONE));
	for (size_t i = 0; i < recipe.n; i++) {
		const struct arguments *step = &recipe.steps[i];
		size_t length = strlen(step->line);

		assert(step->n_words > 0 && step->number == i + 1 && step->words[step->n_words - 1].end == length);
		for (size_t j = 0; j < step->n_words; j++) {
			const struct word *word = &step->words[j];

			assert(word->at < word->end && word->end <= length);
			assert(text_is_utf8(word->text, strlen(word->text)));
			error_clear(&err);
			assert(arguments_fail(step, word->at, &err, "here") < 0);
		}
	}
	assert(text_is_utf8(err.message, strlen(err.message)));
	recipe_release(&recipe);
	free(text);
	return 0;
}
