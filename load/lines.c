/* SPDX-License-Identifier: MIT */
/*
 * Values print straight into the buffer, for which room is made once a row. What
 * is the same in many rows is made once: the pieces between the cells for the
 * whole stream, the entries of a dictionary, quoted and escaped, for their batch.
 */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "memory.h"
#include "number.h"
#include "timestamp.h"

/* A column as this batch has it. */
struct line_column {
	const struct field *field;
	const struct column *column;
	int decimals;                   /* of a real's form */
	struct number_marks marks;      /* of a number's */
	const char *words[2];           /* of a bool */
	struct buffer before;
	bool first, has_cache;
	struct buffer cache;            /* entry i as printed: cache_at[i] .. cache_at[i + 1] */
	size_t *cache_at;
	size_t room;
};

struct lines {
	const struct line_style *style;
	struct line_column *columns;
	size_t n_columns;
	size_t open_size, close_size, null_size;
	size_t fixed;                   /* a row holds at most so many bytes that are no text */
};

int null_check(const char *null, char delimiter, struct error *err)
{
	if (null && (strpbrk(null, "\"\t\r\n") || strchr(null, delimiter)))
		return error_set(err, STATUS_USAGE, "--null: a text without quote, tab, line end and delimiter");
	return 0;
}

static bool prints_marked(const struct field *field, const char *text, size_t size)
{
	char room[NUMBER_MARKED];
	double value;

	size = number_unmark(text, size, form_marks(field->form), room, NULL);
	return size > 0 && number_real_rounded(room, size, &value);
}

/* Whether a value of the field may print so, or who reads the file takes the text for one: 1.0 among ints. */
static bool may_print(const struct field *field, const char *text)
{
	size_t size = strlen(text);
	char form[TIME_FORM_SIZE];
	int64_t whole;
	double real;
	bool yes;

	switch (field->type) {
	case TYPE_INT:
	case TYPE_REAL: return number_real_rounded(text, size, &real) || prints_marked(field, text, size);
	case TYPE_BOOL: return form_of_word(text, size, &yes) != NULL;
	case TYPE_TIME: return time_detect(text, size, form, &whole) || (field->form && time_read(text, size, field->form, false, &whole));
	default: return false;
	}
}

int null_check_types(const char *null, const struct schema *schema, struct error *err)
{
	for (size_t col = 0; null && col < schema->n_fields; col++)
		if (may_print(&schema->fields[col], null))
			return error_set(err, STATUS_USAGE, "--null: '%s' may be taken for a value of column '%s', which is %s (take a text that is none)", null,
			                 schema->fields[col].name, type_name(schema->fields[col].type));
	return 0;
}

int null_check_texts(const char *null, const struct batch *batch, struct error *err)
{
	size_t null_size = null ? strlen(null) : 0;

	for (size_t col = 0; null_size > 0 && col < batch->n_columns; col++) {
		const struct column *column = &batch->columns[col];

		for (size_t row = 0; row < batch->n_rows && batch->schema->fields[col].type == TYPE_TEXT; row++) {
			size_t size;
			const char *text = column_text(column, row, &size);

			if (size == null_size && memcmp(text, null, size) == 0)
				return error_set(err, STATUS_FAILED, "--null: '%s' is a text of column '%s' (take one that is none)", null,
				                 batch->schema->fields[col].name);
		}
	}
	return 0;
}

/* The marks that numbers print with; none, if who reads the line took one for the delimiter. */
static struct number_marks marks_of(const struct line_style *style, const struct field *field)
{
	bool number = style->delimiter && (field->type == TYPE_INT || field->type == TYPE_REAL);
	struct number_marks marks = number ? form_marks(field->form) : MARKS_PLAIN;

	return marks.point == style->delimiter || marks.group == style->delimiter ? MARKS_PLAIN : marks;
}

struct lines *lines_new(const struct line_style *style, const struct schema *schema)
{
	struct lines *lines = mem_new(1, sizeof *lines);

	lines->style = style;
	lines->n_columns = schema->n_fields;
	lines->columns = mem_new(schema->n_fields + 1, sizeof *lines->columns);
	lines->open_size = strlen(style->open);
	lines->close_size = strlen(style->close);
	lines->null_size = strlen(style->null);
	lines->fixed = lines->open_size + lines->close_size;
	for (size_t col = 0; col < schema->n_fields; col++) {
		struct line_column *column = &lines->columns[col];

		column->field = &schema->fields[col];
		column->decimals = form_decimals(column->field->form);
		column->marks = marks_of(style, column->field);
		for (int yes = 0; yes < 2; yes++)
			column->words[yes] = form_word(style->json ? NULL : column->field->form, yes);
		column->first = col == 0;
		style->before(style->context, column->field, column->first, &column->before);
		lines->fixed += column->before.size + (lines->null_size > NUMBER_SIZE ? lines->null_size : NUMBER_SIZE);
	}
	return lines;
}

void lines_free(struct lines *lines)
{
	if (!lines)
		return;
	for (size_t col = 0; col < lines->n_columns; col++) {
		buffer_free(&lines->columns[col].before);
		buffer_free(&lines->columns[col].cache);
		free(lines->columns[col].cache_at);
	}
	free(lines->columns);
	free(lines);
}

/* Prints the entries of a dictionary that stand for several rows each. */
static void fill_cache(const struct line_style *style, struct line_column *line, size_t n_rows)
{
	const struct column *column = line->column;

	line->has_cache = line->field->type == TYPE_TEXT && column->codes && column->n_entries <= n_rows;
	if (!line->has_cache)
		return;
	if (column->n_entries + 1u > line->room) {
		line->room = column->n_entries + 1u;
		line->cache_at = mem_resize(line->cache_at, line->room, sizeof *line->cache_at);
	}
	buffer_clear(&line->cache);
	for (uint32_t i = 0; i < column->n_entries; i++) {
		line->cache_at[i] = line->cache.size;
		style->text(style->context, column->bytes + column->offsets[i], column->offsets[i + 1] - column->offsets[i],
			    line->first, &line->cache);
	}
	line->cache_at[column->n_entries] = line->cache.size;
}

static void print_text(const struct line_style *style, const struct line_column *line, size_t row, struct buffer *to)
{
	size_t size;

	if (line->has_cache) {
		uint32_t entry = line->column->codes[row];

		buffer_add(to, line->cache.data + line->cache_at[entry], line->cache_at[entry + 1] - line->cache_at[entry]);
	} else {
		const char *bytes = column_text(line->column, row, &size);

		style->text(style->context, bytes, size, line->first, to);
	}
}

static void print_time(const struct line_style *style, const struct line_column *line, size_t row, struct buffer *to)
{
	char text[TIME_TEXT_SIZE];
	size_t size = time_print(text, column_int(line->column, row), line->field->form);

	style->text(style->context, text, size, line->first, to);
}

static void put(struct buffer *to, const void *bytes, size_t size)
{
	memcpy(to->data + to->size, bytes, size);
	to->size += size;
}

/* The buffer has room for all of the row that is no text; text makes its own and leaves that. */
static void print_value(const struct lines *lines, const struct line_column *line, size_t row, struct buffer *to)
{
	char *out = (char *)to->data + to->size;
	const char *word;

	switch (line->field->type) {
	case TYPE_INT: to->size += number_mark(out, number_print_int(out, column_int(line->column, row)), line->marks); break;
	case TYPE_REAL: to->size += number_mark(out, form_print_real(out, column_real(line->column, row), line->decimals), line->marks); break;
	case TYPE_BOOL:
		word = line->words[column_bool(line->column, row)];
		put(to, word, strlen(word));
		break;
	case TYPE_TIME:
		print_time(lines->style, line, row, to);
		buffer_reserve(to, lines->fixed);
		break;
	default:
		print_text(lines->style, line, row, to);
		buffer_reserve(to, lines->fixed);
		break;
	}
}

void lines_print(struct lines *lines, const struct batch *batch, struct buffer *to)
{
	for (size_t col = 0; col < lines->n_columns; col++) {
		lines->columns[col].column = &batch->columns[col];
		fill_cache(lines->style, &lines->columns[col], batch->n_rows);
	}
	for (size_t row = 0; row < batch->n_rows; row++) {
		buffer_reserve(to, lines->fixed);
		put(to, lines->style->open, lines->open_size);
		for (size_t col = 0; col < lines->n_columns; col++) {
			const struct line_column *line = &lines->columns[col];

			if (line->before.size)
				put(to, line->before.data, line->before.size);
			if (column_valid(line->column, row))
				print_value(lines, line, row, to);
			else
				put(to, lines->style->null, lines->null_size);
		}
		put(to, lines->style->close, lines->close_size);
	}
}
