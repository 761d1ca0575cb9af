/* SPDX-License-Identifier: MIT */
/* In a cell with quotes the closing one ends the search for those within: no cell's size is compared byte by byte. */
#include "plain_texts.h"

#include <assert.h>
#include <string.h>

#include "eight_bytes.h"

enum { WORD = 8 };

static_assert((int)TEXT_SLACK <= (int)INPUT_SLACK && (int)WORD <= (int)INPUT_SLACK, "what stands behind the end of the input is read too");

/* How far the first quote stands behind `at`. */
static inline size_t find_quote(const char *at, char quote)
{
	size_t n = 0, found;

	do {
		found = find_byte(load_eight(at + n), quote);
		n += found;
	} while (found == WORD);
	return n;
}

/* A text of `size` bytes with doubled quotes, to `to`, where WORD bytes more have room; its size without them. */
static size_t copy_undoubled(char *to, const char *from, size_t size, char quote)
{
	size_t at = 0, n = 0;

	while (at < size) {
		size_t found = find_byte(load_eight(from + at), quote);

		memcpy(to + n, from + at, WORD);
		at += found;
		n += found;
		if (found == WORD)
			continue;
		if (at >= size)
			break;
		at += 2;
		n++;
	}
	return n;
}

void plain_text_rows(const struct cells *cells, size_t col, size_t from, size_t n, struct text_row *rows, struct buffer *room)
{
	char quote = (char)cells->quote;

	buffer_clear(room);
	for (size_t i = 0; i < n; i++) {
		size_t size, end;
		const char *at = cells_find(cells, from + i, col, &size);
		char *to;

		rows[i] = (struct text_row){ .text = at, .size = (uint32_t)size, .missing = size == 0 };
		if (size == 0 || (unsigned char)*at != cells->quote)
			continue;
		at++;
		size -= 2;
		end = find_quote(at, quote);
		rows[i].text = at;
		rows[i].size = (uint32_t)size;
		if (end == size)
			continue;
		if (room->size == 0)    /* for all of them, so that they stay where they are */
			buffer_reserve(room, cells->begins[from + n] - cells->begins[from + i] + TEXT_SLACK + WORD);
		to = (char *)room->data + room->size;
		rows[i].size = (uint32_t)copy_undoubled(to, at, size, quote);
		rows[i].text = to;
		room->size += rows[i].size;
	}
}
