/* SPDX-License-Identifier: MIT */
/* Values print straight into the buffer: room is made once for the longest that a number or a time can be. */
#include "cell.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "form.h"
#include "number.h"
#include "text.h"
#include "text_run.h"
#include "timestamp.h"

_Static_assert((int)TIME_TEXT_SIZE >= (int)NUMBER_SIZE, "a time is the longest value that is no text");

bool cell_print(const struct field *field, const struct column *column, size_t row, struct buffer *to)
{
	char *out;

	if (!column_valid(column, row))
		return false;
	if (field->type == TYPE_TEXT) {
		size_t size;
		const char *bytes = column_text(column, row, &size);

		buffer_add(to, bytes, size);
		return true;
	}
	buffer_reserve(to, TIME_TEXT_SIZE);
	out = (char *)to->data + to->size;
	switch (field->type) {
	case TYPE_INT: to->size += number_mark(out, number_print_int(out, column_int(column, row)), form_marks(field->form)); break;
	case TYPE_REAL:
		to->size += number_mark(out, form_print_real(out, column_real(column, row), form_decimals(field->form)), form_marks(field->form));
		break;
	case TYPE_TIME: to->size += time_print(out, column_int(column, row), field->form); break;
	default: buffer_add_text(to, form_word(field->form, column_bool(column, row))); break;
	}
	return true;
}

bool cell_key(enum type type, const struct column *column, size_t row, struct buffer *to)
{
	const struct field plain = { .type = type };

	if (type != TYPE_REAL || !column_valid(column, row))
		return cell_print(&plain, column, row, to);
	buffer_reserve(to, NUMBER_SIZE);
	to->size += number_print_real((char *)to->data + to->size, column_real(column, row) + 0.0);
	return true;
}

/* How many bytes at the start, the first of which is not ASCII, are one code point; 0: broken. */
static size_t point_size(const char *bytes, size_t size)
{
	unsigned char lead = (unsigned char)*bytes;
	size_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

	return n <= size && text_is_utf8(bytes, n) ? n : 0;
}

/* A run without a byte to escape, that is no UTF-8. */
static void mend_run(struct buffer *to, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size;) {
		size_t n = (unsigned char)bytes[i] < 0x80 ? 1 : point_size(bytes + i, size - i);

		if (n)
			buffer_add(to, bytes + i, n);
		else
			buffer_add_text(to, "\xef\xbf\xbd");    /* U+FFFD */
		i += n ? n : 1;
	}
}

void json_text(struct buffer *to, const char *bytes, size_t size)
{
	static const char NAMED[] = "\"\\\n\t\r\b\f", LETTERS[] = "\"\\ntrbf";

	buffer_reserve(to, size + 2);
	to->data[to->size++] = '"';
	for (size_t i = 0; i < size; i++) {
		size_t n = text_run(bytes + i, size - i, '"', '\\');
		const char *named;

		if (text_is_utf8(bytes + i, n))
			buffer_add(to, bytes + i, n);
		else
			mend_run(to, bytes + i, n);
		i += n;
		if (i == size)
			break;
		named = bytes[i] ? strchr(NAMED, bytes[i]) : NULL;
		if (named) {
			buffer_add_byte(to, '\\');
			buffer_add_byte(to, (unsigned char)LETTERS[named - NAMED]);
		} else {
			buffer_format(to, "\\u%04x", (unsigned char)bytes[i]);
		}
	}
	buffer_add_byte(to, '"');
}

void json_number(struct buffer *to, double value)
{
	char text[NUMBER_SIZE];

	if (isfinite(value))
		buffer_add(to, text, number_print_real(text, value));
	else
		buffer_add_text(to, "null");
}

void cell_print_json(const struct field *field, const struct column *column, size_t row, struct buffer *to)
{
	if (!column_valid(column, row)) {
		buffer_add_text(to, "null");
	} else if (field->type == TYPE_TEXT) {
		size_t size;
		const char *bytes = column_text(column, row, &size);

		json_text(to, bytes, size);
	} else if (field->type == TYPE_TIME) {
		char text[TIME_TEXT_SIZE];
		size_t size = time_print(text, column_int(column, row), field->form);

		json_text(to, text, size);      /* a user's form may hold quotes */
	} else if (field->type == TYPE_BOOL) {
		buffer_add_text(to, form_word(NULL, column_bool(column, row)));
	} else {
		char room[FORM_SIZE];
		const struct field plain = { .type = field->type, .form = (char *)form_unmarked(field->type, field->form, room) };

		cell_print(&plain, column, row, to);
	}
}

/* The origin field of this name and type, if its value is there; NULL if not. */
static const struct column *origin(struct batch *batch, const char *name, enum type type, size_t row)
{
	struct error ignored = ERROR_INIT;
	int col = schema_find(batch->schema, name);
	const struct column *column;

	if (col == NO_FIELD || batch->schema->fields[col].type != type || batch->schema->fields[col].role != ROLE_ORIGIN)
		return NULL;
	column = column_read(batch, (size_t)col, &ignored);
	return column && column_valid(column, row) ? column : NULL;
}

void cell_place(struct batch *batch, size_t row, uint64_t row_number, struct buffer *to)
{
	const struct column *file = origin(batch, "_file", TYPE_TEXT, row), *line = origin(batch, "_line", TYPE_INT, row);
	size_t size;
	const char *name;

	if (!file || !line) {
		buffer_format(to, "row %" PRIu64, row_number);
		return;
	}
	name = column_text(file, row, &size);
	buffer_add(to, name, size);
	buffer_format(to, ":%" PRId64, column_int(line, row));
}
