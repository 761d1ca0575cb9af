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

/* The byte that a word stands for, or NULL. */
static const char *delimiter_word(const char *text)
{
	static const struct { const char *name, *byte; } names[] = {
		{ "comma", "," }, { "tab", "\t" }, { "semicolon", ";" }, { "pipe", "|" }, { "space", " " }, { "\\t", "\t" },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(text, names[i].name) == 0)
			return names[i].byte;
	return NULL;
}

int delimiter_read(const char *text, unsigned char *delimiter, struct error *err)
{
	const char *word = delimiter_word(text);

	if (!word && (strlen(text) != 1 || strchr("\"\r\n", *text)))
		return error_set(err, STATUS_USAGE, "--delimiter: '%s' is neither one byte nor comma, tab, semicolon, pipe or space", text);
	*delimiter = (unsigned char)(word ? *word : *text);
	return 0;
}

int delimiter_read_text(const char *text, char delimiter[DELIMITER_SIZE], struct error *err)
{
	const char *word = delimiter_word(text), *bytes = word ? word : text;

	if (!*bytes || strlen(bytes) >= DELIMITER_SIZE || strpbrk(bytes, "\"\r\n"))
		return error_set(err, STATUS_USAGE, "--delimiter: '%s' is neither 1 to %d bytes without quotes and line ends nor comma, tab, semicolon, pipe or space", text,
				 DELIMITER_SIZE - 1);
	memcpy(delimiter, bytes, strlen(bytes) + 1);
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

int escape_read(const char *text, int quote, int *escape, struct error *err)
{
	bool none = !text || strcmp(text, "none") == 0;

	if (!none && (strlen(text) != 1 || strchr(" \t\r\n", *text)))
		return error_set(err, STATUS_USAGE, "--escape: '%s' is neither one byte nor none", text);
	*escape = none ? -1 : (unsigned char)*text;
	if (!none && *escape == quote)
		return error_set(err, STATUS_USAGE, "--escape: '%s' is the quote, which is doubled within cells without being asked", text);
	return 0;
}

int number_marks_read(const char *decimal, const char *thousands, struct number_marks *marks, struct error *err)
{
	const char *group = !thousands || strcmp(thousands, "none") == 0 ? "" : strcmp(thousands, "comma") == 0 ? "," : strcmp(thousands, "point") == 0 ? "."
			    : strcmp(thousands, "space") == 0 ? " " : thousands;
	bool comma = decimal ? strcmp(decimal, "comma") == 0 || strcmp(decimal, ",") == 0 : *group == '.';

	if (decimal && !comma && strcmp(decimal, "point") != 0 && strcmp(decimal, ".") != 0)
		return error_set(err, STATUS_USAGE, "--decimal: '%s' is neither comma nor point", decimal);
	if (*group && (group[1] || !strchr(NUMBER_GROUPS, *group)))
		return error_set(err, STATUS_USAGE, "--thousands: '%s' is neither comma, point, space, ' or _ nor none", thousands);
	if (*group && *group == (comma ? ',' : '.'))
		return error_set(err, STATUS_USAGE, "--thousands: '%s' is the decimal mark", thousands);
	*marks = (struct number_marks){ comma ? ',' : 0, *group };
	return 0;
}
