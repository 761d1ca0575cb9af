/* SPDX-License-Identifier: MIT */
#include "wrap.h"

#include <string.h>

#include "text.h"

enum { WIDTH = 100, WORD_WIDTH = 60, INDENT = 2 };

void wrap_start(struct wrap *wrap, struct buffer *to, const char *title, size_t width)
{
	*wrap = (struct wrap){ .to = to, .width = width && width < WIDTH ? width : WIDTH };
	buffer_add_text(to, title);
	wrap->used = text_columns(title, strlen(title));
}

/* The comma belongs to the word before; it is known only when another one comes. */
void wrap_word(struct wrap *wrap, const char *word)
{
	struct buffer escaped = BUFFER_INIT;
	size_t columns;

	text_escape(&escaped, word, strlen(word), WORD_WIDTH);
	columns = text_columns(buffer_text(&escaped), escaped.size);
	if (wrap->n++) {
		buffer_add_text(wrap->to, ",");
		wrap->used++;
	}
	if (wrap->used + 1 + columns + 1 > wrap->width) {
		buffer_format(wrap->to, "\n%*s", INDENT, "");
		wrap->used = INDENT;
	} else {
		buffer_add_text(wrap->to, " ");
		wrap->used++;
	}
	buffer_add_text(wrap->to, buffer_text(&escaped));
	wrap->used += columns;
	buffer_free(&escaped);
}

void wrap_end(struct wrap *wrap)
{
	buffer_add_text(wrap->to, "\n");
}
