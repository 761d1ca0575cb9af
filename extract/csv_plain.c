/* SPDX-License-Identifier: MIT */
#include "csv_plain.h"

#include <string.h>

/* The cell in quotes that begins at `at`, and where it ends, behind its closing quote; NULL: not plainly. */
static const char *quoted_cell(const char *at, const char *end, char delimiter, char quote_byte, struct cell *cell, char **text)
{
	const char *from = at + 1, *quote;
	char *copy = NULL;

	for (;;) {
		quote = memchr(from, quote_byte, (size_t)(end - from));
		if (!quote)
			return NULL;
		if (quote + 1 == end || quote[1] == delimiter)
			break;
		if (quote[1] != quote_byte)
			return NULL;
		if (!copy)
			copy = *text;
		memcpy(*text, from, (size_t)(quote + 1 - from));
		*text += quote + 1 - from;
		from = quote + 2;
	}
	if (copy) {
		memcpy(*text, from, (size_t)(quote - from));
		*text += quote - from;
	}
	*cell = (struct cell){
		.kind = CELL_TEXT, .size = (uint32_t)(copy ? *text - copy : quote - from), .as.text = copy ? copy : from,
	};
	return quote + 1;
}

bool csv_split_plain(const char *line, size_t size, char delimiter, int quote, struct row *row, char **text)
{
	const char *at = line, *end = line + size;
	char *first_text = *text;
	size_t n = 0;

	while (end > line && (end[-1] == '\n' || end[-1] == '\r'))
		end--;
	for (; end > line && n < row->room; at++) {
		struct cell *cell = &row->cells[n++];
		const char *start = at;

		if (at < end && (unsigned char)*at == quote) {
			at = quoted_cell(at, end, delimiter, (char)quote, cell, text);
			if (!at)
				break;
		} else {
			while (at < end && *at != delimiter && (unsigned char)*at != quote)
				at++;
			if (at < end && (unsigned char)*at == quote)
				break;
			*cell = (struct cell){ .kind = at > start ? CELL_TEXT : CELL_NULL, .size = (uint32_t)(at - start), .as.text = start };
		}
		if (at == end) {
			row->n_cells = n;
			return true;
		}
	}
	*text = first_text;
	return false;
}
