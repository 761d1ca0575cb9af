/* SPDX-License-Identifier: MIT */
/*
 * Typed TSV, as typed.h defines it. Both directions go byte by byte: a piece of
 * a field (name, form, unit) ends at the first byte of its kind that has no
 * backslash before it, so that nothing has to be looked up twice.
 */
#include "typed.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "form.h"
#include "text.h"

/* The letter behind a backslash for a byte that would break the line; 0: the byte stands for itself. */
static char escape_letter(char byte)
{
	switch (byte) {
	case '\t': return 't';
	case '\n': return 'n';
	case '\r': return 'r';
	case '\\': return '\\';
	case '\0': return '0';
	default: return 0;
	}
}

/* What `\letter` means; -1: no escape. */
static int escape_meaning(char letter)
{
	switch (letter) {
	case 't': return '\t';
	case 'n': return '\n';
	case 'r': return '\r';
	case '0': return '\0';
	case '\\': case ':': case '@': case ')': case ']': case '#': return letter;
	default: return -1;
	}
}

/* Bytes with the escapes of every place and those of `more`; a '#' in front is one where it opens the line. */
static void print_escaped(const char *bytes, size_t size, const char *more, bool first, struct buffer *to)
{
	unsigned char *out;

	buffer_reserve(to, 2 * size);
	out = to->data + to->size;
	for (size_t i = 0; i < size; i++) {
		char letter = escape_letter(bytes[i]);

		if (!letter && ((first && i == 0 && bytes[i] == '#') || (*more && strchr(more, bytes[i]))))
			letter = bytes[i];
		if (letter)
			*out++ = '\\';
		*out++ = (unsigned char)(letter ? letter : bytes[i]);
	}
	to->size = (size_t)(out - to->data);
}

void typed_print_text(const char *bytes, size_t size, bool first, struct buffer *to)
{
	if (size == 0)
		buffer_add(to, "\\e", 2);
	else
		print_escaped(bytes, size, "", first, to);
}

ptrdiff_t typed_read_text(const char *text, size_t size, char *to)
{
	char *out;

	if (size == 2 && text[0] == '\\' && text[1] == 'e')
		return 0;
	out = to;
	for (size_t i = 0; i < size; i++) {
		int byte = (unsigned char)text[i];

		if (byte == '\\') {
			if (++i == size || (byte = escape_meaning(text[i])) < 0)
				return -1;
		}
		*out++ = (char)byte;
	}
	return out - to;
}

void typed_print_field(const struct field *field, bool first, struct buffer *to)
{
	print_escaped(field->name, strlen(field->name), ":@", first, to);
	buffer_add_byte(to, ':');
	buffer_add_text(to, type_name(field->type));
	if (field->form) {
		buffer_add_byte(to, '(');
		print_escaped(field->form, strlen(field->form), ")", false, to);
		buffer_add_byte(to, ')');
	}
	if (field->unit) {
		buffer_add_byte(to, '[');
		print_escaped(field->unit, strlen(field->unit), "]", false, to);
		buffer_add_byte(to, ']');
	}
	buffer_add_byte(to, '@');
	buffer_add_text(to, role_name(field->role));
}

/* How many bytes stand before the first of `ends` without a backslash before it; `size` if there is none. */
static size_t piece_size(const char *text, size_t size, const char *ends)
{
	size_t i = 0;

	while (i < size && (!text[i] || !strchr(ends, text[i])))
		i += text[i] == '\\' ? 2 : 1;
	return i < size ? i : size;
}

/* A piece without its escapes, a copy; NULL and err where an escape is none, or where a NUL hides. */
static char *piece_copy(const char *text, size_t size, struct error *err)
{
	char *copy = mem_array(size + 1, 1);
	ptrdiff_t n = typed_read_text(text, size, copy);

	if (n < 0 || memchr(copy, 0, (size_t)n)) {
		free(copy);
		error_set(err, STATUS_FAILED, "a NUL, or a backslash before what is no escape (a backslash itself is written \\\\)");
		return NULL;
	}
	copy[n] = 0;
	return copy;
}

/* A piece in brackets at text[*at]: `open` text `close`. 0: none stands there, or it was read into *piece. */
static int read_bracket(const char *text, size_t size, size_t *at, const char *brackets, char **piece, struct error *err)
{
	size_t start, n;

	if (*at == size || text[*at] != brackets[0])
		return 0;
	start = *at + 1;
	n = piece_size(text + start, size - start, brackets + 1);
	if (start + n == size)
		return error_set(err, STATUS_FAILED, "'%c' without '%c'", brackets[0], brackets[1]);
	*at = start + n + 1;
	*piece = piece_copy(text + start, n, err);
	return *piece ? 0 : -1;
}

/* What stands behind the name's colon: type, form, unit, role. The strings in `field` are the caller's to free. */
static int read_kind(const char *text, size_t size, struct field *field, struct error *err)
{
	size_t at = piece_size(text, size, "([@");

	if (!type_from_name(text, at, &field->type))
		return error_set(err, STATUS_FAILED, "'%.*s' is no type (int, real, bool, time, text; a ':' in a name is written \\:)",
				 (int)(at < 40 ? at : 40), text);
	if (read_bracket(text, size, &at, "()", &field->form, err) < 0 || read_bracket(text, size, &at, "[]", &field->unit, err) < 0)
		return -1;
	if (!form_valid(field->type, field->form))
		return error_set(err, STATUS_FAILED, "'(%.40s)' is no form of %s %s", field->form, field->type == TYPE_INT ? "an" : "a",
		                 type_name(field->type));
	field->role = ROLE_FEATURE;
	if (at == size)
		return 0;
	if (text[at] != '@' || !role_from_name(text + at + 1, size - at - 1, &field->role))
		return error_set(err, STATUS_FAILED, "'%.*s' is no role", (int)(size - at < 40 ? size - at : 40), text + at);
	return 0;
}

int typed_parse_field(struct schema *schema, const char *text, size_t size, struct error *err)
{
	struct field field = { .name = NULL };
	struct buffer shown = BUFFER_INIT;
	size_t colon = piece_size(text, size, ":");
	int result = -1;

	if (schema->n_fields == MAX_FIELDS) {
		error_set(err, STATUS_FAILED, "more than %d fields", MAX_FIELDS);
		goto out;
	}
	if (colon == size) {
		error_set(err, STATUS_FAILED, "no type (the first line of typed TSV is name:type@role for each field)");
		goto out;
	}
	if (!(field.name = piece_copy(text, colon, err)) || schema_check_name(field.name, strlen(field.name), err) < 0)
		goto out;
	if (read_kind(text + colon + 1, size - colon - 1, &field, err) < 0)
		goto out;
	if (schema_find(schema, field.name) != NO_FIELD) {
		error_set(err, STATUS_FAILED, "the name stands there twice");
		goto out;
	}
	schema_add_field(schema, &field);
	result = 0;
out:
	if (result < 0) {
		text_escape(&shown, text, size, 60);
		error_prefix(err, "field %zu: '%s'", schema->n_fields + 1, buffer_text(&shown));
	}
	buffer_free(&shown);
	free(field.name);
	free(field.form);
	free(field.unit);
	return result;
}
