/* SPDX-License-Identifier: MIT */
#include "read_style.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

enum { SHOWN_WORDS = 8, SHOWN_BYTES = 20 };

void style_copy(struct read_style *to, const struct read_style *from)
{
	*to = (struct read_style){ .format = mem_text(from->format) };
	names_copy(&to->options, &from->options);
	names_copy(&to->values, &from->values);
	names_copy(&to->nulls, &from->nulls);
}

void style_release(struct read_style *style)
{
	free(style->format);
	names_release(&style->options);
	names_release(&style->values);
	names_release(&style->nulls);
	*style = (struct read_style)READ_STYLE_INIT;
}

const char *style_option(const struct read_style *style, const char *option)
{
	size_t at = names_find(&style->options, option);

	return at == NO_NAME ? NULL : style->values.items[at];
}

void style_pack(const struct read_style *style, struct buffer *to)
{
	pack_map(to, 3);
	pack_key_text(to, "format", style->format);
	pack_text(to, "options");
	pack_array(to, style->options.n);
	for (size_t i = 0; i < style->options.n; i++) {
		pack_array(to, 2);
		pack_text(to, style->options.items[i]);
		pack_text(to, style->values.items[i]);
	}
	pack_text(to, "null");
	pack_names(to, &style->nulls);
}

int style_read(struct read_style *style, object value, struct error *err)
{
	object options = map_get(value, "options"), nulls = map_get(value, "null");
	bool good = true;

	if (!value)
		return 0;
	style->format = object_text(map_get(value, "format"));
	for (size_t i = 0; i < array_size(options) && good; i++) {
		object pair = array_get(options, i);
		char *name = array_size(pair) == 2 ? object_text(array_get(pair, 0)) : NULL;
		char *word = name ? object_text(array_get(pair, 1)) : NULL;

		good = word != NULL;
		if (good) {
			names_take(&style->options, name);
			names_take(&style->values, word);
		} else {
			free(name);
		}
	}
	if (!good || !style->format || (nulls && !object_names(nulls, &style->nulls)))
		return error_set(err, STATUS_FAILED, "broken lineage: how its input was read");
	return 0;
}

/* ---- alike ---- */

static bool same_words(const struct names *a, const struct names *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!names_have(b, a->items[i]))
			return false;
	for (size_t i = 0; i < b->n; i++)
		if (!names_have(a, b->items[i]))
			return false;
	return true;
}

static void print_words(const struct names *words, struct buffer *to)
{
	if (words->n == 0)
		buffer_add_text(to, "none");
	for (size_t i = 0; i < words->n && i < SHOWN_WORDS; i++) {
		buffer_add_text(to, i ? ", '" : "'");
		text_escape(to, words->items[i], strlen(words->items[i]), SHOWN_BYTES);
		buffer_add_byte(to, '\'');
	}
	if (words->n > SHOWN_WORDS)
		buffer_add_text(to, ", ...");
}

bool style_texts_alike(const struct read_style *now, const struct read_style *then, struct buffer *how)
{
	bool trims = style_option(now, "trim"), trimmed = style_option(then, "trim");

	if (!now->format || !then->format)
		return true;
	if (!same_words(&now->nulls, &then->nulls)) {
		buffer_add_text(how, "with other null words than in training: ");
		print_words(&then->nulls, how);
		buffer_add_text(how, " then, ");
		print_words(&now->nulls, how);
		buffer_add_text(how, " now");
		return false;
	}
	if (trims != trimmed) {
		buffer_format(how, "%s --trim, other than in training", trims ? "with" : "without");
		return false;
	}
	return true;
}
