/* SPDX-License-Identifier: MIT */
#include "lists.h"

#include <string.h>

#include "buffer.h"

void list_split(const struct text_list *texts, bool parentheses, struct names *list)
{
	struct buffer item = BUFFER_INIT;

	for (size_t i = 0; i < texts->n; i++) {
		size_t depth = 0;

		for (const char *p = texts->items[i];; p++) {
			if (*p == '\\' && (p[1] == ',' || p[1] == '\\')) {
				buffer_add_byte(&item, (unsigned char)*++p);
			} else if (!*p || (*p == ',' && depth == 0)) {
				names_add(list, buffer_text(&item));
				buffer_clear(&item);
				if (!*p)
					break;
			} else {
				depth += parentheses && *p == '(';
				depth -= depth > 0 && *p == ')';
				buffer_add_byte(&item, (unsigned char)*p);
			}
		}
	}
	buffer_free(&item);
}

int delimiter_read(const char *text, unsigned char *delimiter, struct error *err)
{
	static const struct { const char *name; char byte; } names[] = {
		{ "comma", ',' }, { "tab", '\t' }, { "semicolon", ';' }, { "pipe", '|' }, { "space", ' ' }, { "\\t", '\t' },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(text, names[i].name) == 0) {
			*delimiter = (unsigned char)names[i].byte;
			return 0;
		}
	}
	if (strlen(text) != 1 || strchr("\"\r\n", *text))
		return error_set(err, STATUS_USAGE, "--delimiter: '%s' is neither one byte nor comma, tab, semicolon, pipe or space", text);
	*delimiter = (unsigned char)*text;
	return 0;
}

int quote_read(const char *text, int *quote, struct error *err)
{
	bool none = strcmp(text, "none") == 0;

	if (!none && (strlen(text) != 1 || strchr(" \t\r\n", *text)))
		return error_set(err, STATUS_USAGE, "--quote: '%s' is neither one byte nor none", text);
	*quote = none ? -1 : (unsigned char)*text;
	return 0;
}

int comment_read(const char *text, int *comment, struct error *err)
{
	*comment = text && *text ? (unsigned char)*text : NO_COMMENT;
	if (*comment != NO_COMMENT && (text[1] || strchr(" \t\r\n\"", *text)))
		return error_set(err, STATUS_USAGE, "--comment: '%s' is not one byte that may begin a comment", text);
	return 0;
}
