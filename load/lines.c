/* SPDX-License-Identifier: MIT */
/*
 * Columns first, then rows: each column prints some rows (line_cells.h), few enough that all of it stays near, and then the
 * rows are woven of their texts, each copied with what stands before it in pieces of 32 bytes, of which most need one.
 */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "line_cells.h"
#include "memory.h"
#include "number.h"
#include "timestamp.h"

enum {
	NEAR = 256 * 1024, CELL_COST = 48 /* bytes of a cell at hand, about */, MOST_ROWS = 128, SHORT_LEAD = 8, SHORT_TEXT = 16, MIDDLE_TEXT = 32,
};

/* A column in the loop that weaves: what stands before its cells, of which the first bytes are at hand, and how much of a cell is copied at once. */
struct woven { char word[SHORT_LEAD]; const char *lead; uint32_t size, width; };

struct lines {
	size_t n_columns, n_rows;       /* n_rows: at a time */
	struct line_cells *columns;
	struct known_numbers known;
	struct woven *woven;            /* by column; the first one's lead has `open` */
	bool short_leads;               /* of one word at most, as is `close` */
	struct cell_text *texts;        /* of the rows at hand, row by row */
	struct cell_text close, null;
	size_t fixed;                   /* bytes of a row that are none of its cells' */
	struct buffer words;            /* what leads, close and null show */
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

/* Whether a row shows the entry; of a dictionary there may be none. */
static bool is_shown(const struct column *column, uint32_t entry, size_t n_rows)
{
	size_t row = 0;

	while (column->codes && row < n_rows && (column->codes[row] != entry || !column_valid(column, row)))
		row++;
	return row < n_rows;
}

int null_check_texts(const char *null, const struct batch *batch, struct error *err)
{
	size_t null_size = null ? strlen(null) : 0;

	for (size_t col = 0; null_size > 0 && col < batch->n_columns; col++) {
		const struct column *column = &batch->columns[col];

		for (uint32_t i = 0; batch->schema->fields[col].type == TYPE_TEXT && i < column->n_entries; i++)
			if (column->offsets[i + 1] - column->offsets[i] == null_size && memcmp(column->bytes + column->offsets[i], null, null_size) == 0 &&
			    is_shown(column, i, batch->n_rows))
				return error_set(err, STATUS_FAILED, "--null: '%s' is a text of column '%s' (take one that is none)", null,
				                 batch->schema->fields[col].name);
	}
	return 0;
}

/* The text at an offset of the words. */
static struct cell_text word_text(const struct lines *lines, size_t begin, size_t end)
{
	return (struct cell_text){ (const char *)lines->words.data + begin, end - begin };
}

/* What is the same in all rows, with slack behind it. */
static void make_words(struct lines *lines, const struct line_style *style, const struct schema *schema)
{
	struct buffer *words = &lines->words;
	size_t *ends = mem_array(schema->n_fields + 3, sizeof *ends), n = schema->n_fields;

	ends[0] = 0;
	buffer_add_text(words, style->open);
	for (size_t col = 0; col < n; col++) {
		style->before(style->context, &schema->fields[col], col == 0, words);
		ends[col + 1] = words->size;
	}
	buffer_add_text(words, style->close);
	ends[n + 1] = words->size;
	buffer_add_text(words, style->null);
	ends[n + 2] = words->size;
	buffer_reserve(words, CELL_SLACK);
	memset(words->data + words->size, 0, CELL_SLACK);
	lines->close = word_text(lines, ends[n], ends[n + 1]);
	lines->short_leads = lines->close.size <= SHORT_LEAD;
	for (size_t col = 0; col < n; col++) {
		struct cell_text lead = word_text(lines, ends[col], ends[col + 1]);

		lines->woven[col] = (struct woven){ .lead = lead.at, .size = (uint32_t)lead.size };
		memcpy(lines->woven[col].word, lead.at, SHORT_LEAD);
		lines->short_leads &= lead.size <= SHORT_LEAD;
	}
	lines->null = word_text(lines, ends[n + 1], ends[n + 2]);
	lines->fixed = ends[n + 1];
	free(ends);
}

struct lines *lines_new(const struct line_style *style, const struct schema *schema)
{
	struct lines *lines = mem_new(1, sizeof *lines);
	size_t n = schema->n_fields, near = NEAR / CELL_COST / n;

	lines->n_columns = n;
	lines->n_rows = near < 1 ? 1 : near > MOST_ROWS ? MOST_ROWS : near;
	lines->columns = mem_new(n, sizeof *lines->columns);
	lines->woven = mem_array(n, sizeof *lines->woven);
	lines->texts = mem_array(n * lines->n_rows, sizeof *lines->texts);
	make_words(lines, style, schema);
	for (size_t col = 0; col < n; col++)
		line_cells_init(&lines->columns[col], style, &schema->fields[col], col == 0, lines->n_rows, &lines->known);
	return lines;
}

void lines_free(struct lines *lines)
{
	if (!lines)
		return;
	for (size_t col = 0; col < lines->n_columns; col++)
		line_cells_release(&lines->columns[col]);
	free(lines->columns);
	free(lines->woven);
	free(lines->texts);
	known_numbers_release(&lines->known);
	buffer_free(&lines->words);
	free(lines);
}

/* Copies so much of the text at once; only where that is the slack it may be longer. Writes CELL_SLACK bytes at most past it. */
static inline char *put(char *out, struct cell_text text, size_t width)
{
	memcpy(out, text.at, SHORT_TEXT);
	if (width > SHORT_TEXT) {
		memcpy(out + SHORT_TEXT, text.at + SHORT_TEXT, MIDDLE_TEXT - SHORT_TEXT);
		if (width > MIDDLE_TEXT) {
			memcpy(out + MIDDLE_TEXT, text.at + MIDDLE_TEXT, CELL_SLACK - MIDDLE_TEXT);
			if (text.size > CELL_SLACK)
				memcpy(out + CELL_SLACK, text.at + CELL_SLACK, text.size - CELL_SLACK);
		}
	}
	return out + text.size;
}

static void weave_by_word(const struct lines *lines, size_t n_rows, char *out, struct buffer *to)
{
	const struct woven *woven = lines->woven;
	size_t n = lines->n_columns, close_size = lines->close.size;
	const struct cell_text *text = lines->texts;
	char close[SHORT_LEAD];

	memcpy(close, lines->close.at, SHORT_LEAD);
	for (size_t row = 0; row < n_rows; row++) {
		for (size_t col = 0; col < n; col++) {
			memcpy(out, woven[col].word, SHORT_LEAD);
			out = put(out + woven[col].size, *text++, woven[col].width);
		}
		memcpy(out, close, SHORT_LEAD);
		out += close_size;
	}
	to->size = (size_t)(out - (char *)to->data);
}

static void weave_any(const struct lines *lines, size_t n_rows, char *out, struct buffer *to)
{
	const struct woven *woven = lines->woven;
	size_t n = lines->n_columns;
	const struct cell_text *text = lines->texts;

	for (size_t row = 0; row < n_rows; row++) {
		for (size_t col = 0; col < n; col++) {
			out = put(out, (struct cell_text){ woven[col].lead, woven[col].size }, CELL_SLACK);
			out = put(out, *text++, woven[col].width);
		}
		out = put(out, lines->close, CELL_SLACK);
	}
	to->size = (size_t)(out - (char *)to->data);
}

/* most: at least as many bytes as the cells' texts are. */
static void weave(const struct lines *lines, size_t n_rows, size_t most, struct buffer *to)
{
	char *out;

	buffer_reserve(to, n_rows * lines->fixed + most + CELL_SLACK);
	out = (char *)to->data + to->size;
	if (lines->short_leads)
		weave_by_word(lines, n_rows, out, to);
	else
		weave_any(lines, n_rows, out, to);
}

void lines_print(struct lines *lines, const struct batch *batch, struct buffer *to)
{
	for (size_t col = 0; col < lines->n_columns; col++)
		line_cells_begin(&lines->columns[col], &batch->columns[col], batch->n_rows);
	for (size_t row = 0; row < batch->n_rows; row += lines->n_rows) {
		size_t n = batch->n_rows - row < lines->n_rows ? batch->n_rows - row : lines->n_rows, most = n * lines->n_columns * lines->null.size;

		for (size_t col = 0; col < lines->n_columns; col++) {
			struct line_cells *cells = &lines->columns[col];

			most += line_cells_print(cells, row, n, lines->null, lines->texts + col, lines->n_columns);
			lines->woven[col].width = cells->sizes <= SHORT_TEXT ? SHORT_TEXT : cells->sizes < MIDDLE_TEXT ? MIDDLE_TEXT : CELL_SLACK;
		}
		weave(lines, n, most, to);
	}
}
