/* SPDX-License-Identifier: MIT */
/*
 * TSV: a line is a row, a TAB parts cells, there are no quotes. \t \n \r and \\
 * are escapes; another backslash is one (Windows paths). Cells are taken from
 * where they were read, but for those with an escape. An empty cell is null.
 * With --no-escapes a backslash always is one. Rows without an escape come in blocks.
 *
 * With --typed (common/stream/typed.h) the first line gives names, types and roles, all
 * escapes are exact, and the line #end must close the file: a file without it
 * was cut.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "cells_config.h"
#include "column_names.h"
#include "csv_plain.h"
#include "cut.h"
#include "file_kinds.h"
#include "lists.h"
#include "memory.h"
#include "rows.h"
#include "source.h"
#include "text.h"
#include "typed.h"

struct tsv_config {
	struct text_config text;
	bool typed, no_escapes;
};

struct tsv_reader {
	struct input *input;
	struct columns *columns;
	const struct text_config *config;
	unsigned char delimiter;
	int comment;            /* begins lines that are none; NO_COMMENT: nothing does */
	bool typed, in_header;
	bool escapes;           /* backslashes may mean something */
	bool closed;            /* the line #end was read */
	struct row row;
	char *text;             /* of the cells that had escapes */
	size_t text_room;
};

static int tsv_open(void **state, struct input *input, struct columns *columns, const void *own, struct error *err)
{
	const struct tsv_config *tsv = own;
	const struct text_config *config = &tsv->text;
	unsigned char delimiter = '\t';
	struct number_marks marks;
	int comment;
	struct tsv_reader *reader;

	if (config->delimiter && delimiter_read(config->delimiter, &delimiter, err) < 0)
		return -1;
	if (comment_read(config->comment, &comment, err) < 0 || number_marks_read(config->decimal, config->thousands, &marks, err) < 0)
		return -1;
	columns->marks = marks;
	reader = mem_new(1, sizeof *reader);
	*reader = (struct tsv_reader){
		.input = input, .columns = columns, .config = config, .delimiter = delimiter, .comment = comment, .typed = tsv->typed,
		.escapes = !tsv->no_escapes,
	};
	*state = reader;
	return 0;
}

static void tsv_close(void *state)
{
	struct tsv_reader *reader = state;

	if (!reader)
		return;
	free(reader->row.cells);
	free(reader->text);
	free(reader);
}

/* Another program may have meant the backslashes as they stand: the first line where that makes a difference is told, once. */
static void tell_escapes(struct tsv_reader *reader)
{
	struct columns *columns = reader->columns;
	struct buffer label = BUFFER_INIT;

	if (columns->told_escapes)
		return;
	columns->told_escapes = true;
	column_label(columns, reader->row.n_cells, &label);
	host_note(reader->input->host, "%s:%" PRIu64 ": %s: \\t, \\n, \\r and \\\\ are read as a tab, line ends and a backslash (--no-escapes: backslashes are bytes like others)",
		  reader->input->name, reader->input->line, buffer_text(&label));
	buffer_free(&label);
}

static size_t unescape(const char *from, size_t size, char *to)
{
	char *out = to;

	for (size_t i = 0; i < size; i++) {
		char next = from[i] == '\\' && i + 1 < size ? from[i + 1] : 0;
		char meant = next == 't' ? '\t' : next == 'n' ? '\n' : next == 'r' ? '\r' : next == '\\' ? '\\' : 0;

		*out++ = meant ? meant : from[i];
		i += meant != 0;
	}
	return (size_t)(out - to);
}

static void add_cell(struct tsv_reader *reader, const char *text, size_t size, bool escapes, char **free_text)
{
	struct row *row = &reader->row;
	struct cell *cell;

	if (row->n_cells >= row->room) {
		if (row->room > MAX_COLUMNS) {
			row->n_cells++;
			return;
		}
		row_grow(row);
	}
	if (reader->config->trim)
		text_drop_blanks(&text, &size);
	if (!reader->typed && text_is_quoted(text, size, '"'))
		columns_tell_quotes(reader->columns, row->n_cells, reader->input, reader->delimiter == '\t' ? "-f csv --delimiter tab" : "-f csv");
	cell = &row->cells[row->n_cells];
	*cell = (struct cell){ .kind = size ? CELL_TEXT : CELL_NULL, .size = (uint32_t)size, .as.text = text };
	if (escapes && memchr(text, '\\', size)) {
		ptrdiff_t n = reader->typed ? typed_read_text(text, size, *free_text) : (ptrdiff_t)unescape(text, size, *free_text);

		if (n < 0) {
			row->broken = "a backslash before what is no escape";
			row->advice = "a backslash itself is \\\\";
			return;
		}
		if (!reader->typed && (size_t)n < size)
			tell_escapes(reader);
		cell->size = (uint32_t)n;
		cell->as.text = *free_text;
		*free_text += n;
	}
	row->n_cells++;
}

/* The cells of a line without its end. */
static void split(struct tsv_reader *reader, const char *line, size_t size)
{
	struct row *row = &reader->row;
	const char *end = line + size;
	bool escapes = reader->escapes && size > 0 && memchr(line, '\\', size);
	char *free_text;

	if (escapes && reader->text_room < size) {
		reader->text_room = 2 * size;
		reader->text = mem_resize(reader->text, reader->text_room, 1);
	}
	free_text = reader->text;
	for (const char *cell = line; !row->broken;) {
		const char *next = cell < end ? memchr(cell, reader->delimiter, (size_t)(end - cell)) : NULL;

		add_cell(reader, cell, (size_t)((next ? next : end) - cell), escapes, &free_text);
		if (!next)
			break;
		cell = next + 1;
	}
	row->text = reader->text;
	row->text_size = (size_t)(free_text - reader->text);
}

static int cut(const struct tsv_reader *reader, struct error *err)
{
	uint64_t n_rows = reader->input->n_lines > 0 ? reader->input->n_lines - 1 : 0;

	return error_set(err, STATUS_UPSTREAM, "%s: input ended early after %" PRIu64 " rows, without %s: did the stage before this one fail?",
			 reader->input->name, n_rows, TYPED_END);
}

/* The line #end of a typed file must be the last one. */
static int expect_nothing(struct tsv_reader *reader, struct error *err)
{
	const char *line;
	size_t size;
	int result = input_line(reader->input, &line, &size, err);

	if (result != 0 || size == 0)
		return result;
	return error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": a line behind %s", reader->input->name, reader->input->line, TYPED_END);
}

/* A line without its end; *line NULL behind the last one. */
static int next_line(struct tsv_reader *reader, const char **line, size_t *size, struct error *err)
{
	int result;
	bool whole;

	*line = NULL;
	do {
		input_mark(reader->input);
		if (reader->closed)
			return expect_nothing(reader, err);
		result = input_line(reader->input, line, size, err);
		if (result != 0)
			return result;
	} while (*size > 0 && (unsigned char)**line == reader->comment);
	reader->row.line = reader->input->line;
	reader->row.raw = *line;
	reader->row.raw_size = *size;
	whole = *size > 0 && (*line)[*size - 1] == '\n';
	if (*size == 0) {
		*line = NULL;
		return reader->typed ? cut(reader, err) : 0;
	}
	*size -= whole;
	*size -= *size > 0 && (*line)[*size - 1] == '\r';
	reader->closed = reader->typed && *size == strlen(TYPED_END) && memcmp(*line, TYPED_END, *size) == 0;
	if (reader->closed) {
		*line = NULL;
		return expect_nothing(reader, err);
	}
	return reader->typed && !whole ? cut(reader, err) : 0;
}

static int tsv_next(void *state, struct row **row, struct error *err)
{
	struct tsv_reader *reader = state;
	bool one_column = reader->columns->schema.n_fields == 1 && !reader->in_header;
	const char *line;
	size_t size = 1;
	int result;

	*row = NULL;
	do {
		reader->row.behind_gap = size == 0;
		result = next_line(reader, &line, &size, err);
		if (result != 0)
			return result;
	} while (line && size == 0 && !one_column && !reader->typed);
	if (!line)
		return 0;
	reader->row.n_cells = 0;
	reader->row.broken = NULL;
	reader->row.ascii = text_is_ascii(line, size);
	split(reader, line, size);
	while (reader->row.room < reader->columns->schema.n_fields)
		row_grow(&reader->row);
	*row = &reader->row;
	return 0;
}

/* Up to an escape, or a quote before a cell that may have to be remarked on. */
static size_t clean(const struct cut *cut, const char *bytes, size_t size)
{
	const char *end = bytes + size;

	for (const char *at = bytes; cut->escapes && (at = memchr(at, '\\', (size_t)(end - at))); at++)
		if (at + 1 < end && strchr("tnr\\", at[1]) && at[1]) {
			end = at;
			break;
		}
	for (const char *at = bytes; cut->quotes && (at = memchr(at, '"', (size_t)(end - at))); at++)
		if (at == bytes || (unsigned char)at[-1] == cut->delimiter || at[-1] == '\n')
			return (size_t)(at - bytes);
	return (size_t)(end - bytes);
}

/* How blocks and pieces are cut; false: there are none. */
static bool has_cells(const struct tsv_reader *reader, struct cut *cut)
{
	*cut = (struct cut){
		.n_columns = reader->columns->schema.n_fields + reader->columns->n_cut, .n_empty = reader->columns->n_cut, .delimiter = reader->delimiter, .quote = NO_QUOTE, .comment = reader->comment,
		.clean = clean, .escapes = reader->escapes, .quotes = !reader->columns->told_quotes,
	};
	return !reader->typed && !reader->config->trim;
}

static void tsv_cells(void *state, struct cells *cells, size_t most, size_t upto, bool wait)
{
	struct tsv_reader *reader = state;
	struct cut cut;

	cells_clear(cells);
	if (has_cells(reader, &cut))
		cut_cells(reader->input, &cut, cells, most, upto, wait);
}

static bool tsv_cut(void *state, size_t upto, struct cut *cut)
{
	struct tsv_reader *reader = state;

	return has_cells(reader, cut) && cut_rows(reader->input, upto, cut);
}

static int begin(struct tsv_reader *reader, struct error *err)
{
	if (input_start(reader->input, err) < 0 || file_kind_check(reader->input, "tsv", err) < 0)
		return -1;
	reader->closed = false;
	return input_start_text(reader->input, reader->config->skip_lines, err);
}

static int read_header(struct tsv_reader *reader, struct error *err)
{
	struct row *header;

	reader->in_header = true;
	if (tsv_next(reader, &header, err) < 0)
		return -1;
	reader->in_header = false;
	if (columns_look(reader->columns, header, reader->input, (char[2]){ (char)reader->delimiter }, reader->config, err) < 0)
		return -1;
	return columns_from_header(reader->columns, header, reader->input, reader->config, err);
}

static int tsv_start(void *state, struct error *err)
{
	struct tsv_reader *reader = state;
	bool named = reader->columns->named || reader->config->names.n > 0;
	struct row *row;

	if (begin(reader, err) < 0 || input_expect(reader->input, reader->config->no_header && named, err) < 0)
		return -1;
	if (!reader->config->no_header)
		return read_header(reader, err);
	if (named)
		return columns_without_header(reader->columns, 0, reader->input, reader->config, err);
	if (tsv_next(reader, &row, err) < 0 || columns_look(reader->columns, row, reader->input, (char[2]){ (char)reader->delimiter }, reader->config, err) < 0)
		return -1;
	if (columns_without_header(reader->columns, row ? row->n_cells : 1, reader->input, reader->config, err) < 0)
		return -1;
	return begin(reader, err);
}

/* The first line of a typed file. */
static int typed_start(void *state, struct error *err)
{
	struct tsv_reader *reader = state;
	struct schema schema = SCHEMA_INIT;
	const char *line;
	size_t size;
	int result = -1;

	if (begin(reader, err) < 0 || input_expect(reader->input, false, err) < 0)
		return -1;
	if (next_line(reader, &line, &size, err) < 0)
		return -1;
	if (!line)
		return error_set(err, STATUS_FAILED, "%s:1: no first line of name:type@role", reader->input->name);
	for (const char *field = line, *end = line + size, *next; field <= end; field = next + 1) {
		next = field < end ? memchr(field, '\t', (size_t)(end - field)) : NULL;
		next = next ? next : end;
		if (typed_parse_field(&schema, field, (size_t)(next - field), err) < 0) {
			error_prefix(err, "%s:%" PRIu64, reader->input->name, reader->input->line);
			goto out;
		}
	}
	if (!reader->columns->named) {
		reader->columns->schema = schema;
		schema = (struct schema)SCHEMA_INIT;
		reader->columns->named = true;
		reader->columns->file = reader->input->name;
	} else if (schema_compare(&schema, &reader->columns->schema, err) < 0) {
		error_prefix(err, "%s:%" PRIu64 ": not as in %s", reader->input->name, reader->input->line, reader->columns->file);
		goto out;
	}
	result = 0;
out:
	schema_release(&schema);
	return result;
}

static const struct row_format plain = { .text = true, .words = true, .open = tsv_open, .start = tsv_start, .next = tsv_next, .cells = tsv_cells, .cut = tsv_cut,
	.close = tsv_close };
static const struct row_format typed = { .text = true, .typed = true, .open = tsv_open, .start = typed_start, .next = tsv_next, .close = tsv_close };

static int open_source(struct source *source, const struct extract_config *config, const void *own, struct error *err)
{
	const struct tsv_config *tsv = own;
	const struct text_config *text = &tsv->text;

	if (tsv->typed && (config->types.n || config->like || text->names.n || text->no_header || text->delimiter || text->trim || text->comment || text->skip_footer || text->decimal || text->thousands || tsv->no_escapes ||
	                   text->rows.no_null_words))
		return error_set(err, STATUS_USAGE, "--typed brings names and types along: no --types, --like, --names, --no-header, --delimiter, --trim, --comment, --skip-footer, --decimal, --thousands, --no-escapes or --no-null-words with it");
	return rows_open(source, tsv->typed ? &typed : &plain, config, own, err);
}

static const struct option_row options[] = {
	{ "typed", 0, OPTION_FLAG, offsetof(struct tsv_config, typed), NULL, NULL, 0, 0,
	  "TSV that was written with --typed: its first line has name:type@role for each field, its last line is #end" },
	{ "no-escapes", 0, OPTION_FLAG, offsetof(struct tsv_config, no_escapes), NULL, NULL, 0, 0,
	  "a backslash is a byte like others: for files of programs that write no \\t and \\n" },
	{ "escapes", 0, OPTION_NOT, 0, NULL, "no-escapes", 0, 0, "\\t \\n \\r \\\\ are escapes (default)" },
	TEXT_OPTIONS,
	OPTION_END
};

const struct source_kind source_tsv = {
	.format = {
		.name = "tsv",
		.summary = "lines of cells parted by tabs, with a header; \\t \\n \\r \\\\ are escapes; with --typed types and roles too",
		.endings = ".tsv|.tab",
		.options = options, .config_size = sizeof(struct tsv_config),
	},
	.alike = "encoding|on-bad-utf8|delimiter|no-header|names|skip-lines|skip-footer|comment|decimal|thousands|no-null-words|trim|no-escapes",
	.unlike = "typed",
	.open = open_source,
};
