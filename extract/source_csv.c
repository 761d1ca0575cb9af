/* SPDX-License-Identifier: MIT */
/*
 * CSV, through libcsv, but for plain lines (csv_plain.h), which are split without
 * it, and for what it does not know (csv_split.h). Its callbacks can neither stop it nor ask where it is, so it is fed line by
 * line: after each line a row has ended or a quoted cell goes
 * on, and whatever is wrong is known by its line. libcsv hands out every cell in
 * one and the same buffer, so the cells of a row are gathered behind each other.
 *
 * A cell without quotes keeps its blanks, unless --trim. An empty one is null, an
 * empty one in quotes is an empty text. An empty line is no row; where there is
 * one column it is a row with a null.
 */
#include <csv.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "column_names.h"
#include "csv_plain.h"
#include "csv_settle.h"
#include "csv_split.h"
#include "cut.h"
#include "file_kinds.h"
#include "fit.h"
#include "lists.h"
#include "memory.h"
#include "rows.h"
#include "source.h"
#include "source_csv.h"
#include "text.h"

enum { LOOKED_ROWS = 2 };               /* a header and the row behind it */
enum { CELL_CAP = 16 * 1024 * 1024 };   /* of a cell in quotes that does not end: its end was forgotten */

struct csv_reader {
	struct csv_parser parser;
	struct input *input;
	struct columns *columns;
	const struct csv_config *config;        /* `settled`, once a file was looked at */
	struct csv_config settled;
	unsigned char delimiter;        /* its first byte */
	char delimiter_text[DELIMITER_SIZE];
	int quote;              /* NO_QUOTE: every byte is text */
	int escape;             /* -1: none */
	struct csv_dialect dialect;
	struct csv_split split;
	bool wide;              /* libcsv does not know the dialect */
	bool splitting;         /* the row, as all are if `wide` */
	int comment;            /* begins lines that are none; NO_COMMENT: nothing does */
	struct row row;
	char *text;             /* the cells of the row */
	size_t text_size, text_room;
	bool ended;             /* the row */
	bool waiting;           /* for the rest of the row: the input was silent */
	int n_looked;           /* rows from the first on that were looked at for single quotes */
	bool in_header;         /* an empty line before the header is none, also where there is one column */
	uint64_t quote_line;    /* where the quote was opened that is open now */
};

/* ---- what libcsv calls ---- */

static int no_blank(unsigned char byte)
{
	(void)byte;
	return 0;
}

static void add_cell(void *bytes, size_t size, void *data)
{
	struct csv_reader *reader = data;
	struct row *row = &reader->row;
	struct cell *cell;
	char *to;

	if (row->n_cells >= row->room) {
		if (row->room > MAX_COLUMNS) {   /* a row that is too long, however long: only counted */
			row->n_cells++;
			return;
		}
		row_grow(row);
	}
	cell = &row->cells[row->n_cells++];
	to = reader->text + reader->text_size;
	*cell = (struct cell){ .kind = bytes ? CELL_TEXT : CELL_NULL, .size = (uint32_t)size, .as.text = to };
	if (bytes)
		memcpy(to, bytes, size);
	reader->text_size += size;
}

static void end_row(int byte, void *data)
{
	(void)byte;
	((struct csv_reader *)data)->ended = true;
}

/* ---- the reader ---- */

static void reset_parser(struct csv_reader *reader)
{
	reader->delimiter = (unsigned char)reader->delimiter_text[0];
	reader->wide = reader->delimiter_text[1] || reader->escape != -1;
	reader->dialect = (struct csv_dialect){
		.delimiter = reader->delimiter_text, .quote = reader->quote, .escape = reader->escape, .trim = reader->config->text.trim,
		.lazy = reader->config->lazy_quotes,
	};
	csv_free(&reader->parser);
	csv_init(&reader->parser, (reader->config->lazy_quotes ? 0 : CSV_STRICT | CSV_STRICT_FINI) | CSV_EMPTY_IS_NULL);
	csv_set_delim(&reader->parser, reader->delimiter);
	if (reader->quote != NO_QUOTE)
		csv_set_quote(&reader->parser, (unsigned char)reader->quote);
	csv_set_blk_size(&reader->parser, 64 * 1024);
	if (!reader->config->text.trim)
		csv_set_space_func(&reader->parser, no_blank);
}

static int csv_open(void **state, struct input *input, struct columns *columns, const void *own, struct error *err)
{
	const struct csv_config *config = own;
	char delimiter[DELIMITER_SIZE] = ",";
	int quote = '"', escape, comment;
	struct number_marks marks;
	struct csv_reader *reader;

	if (config->text.delimiter && delimiter_read_text(config->text.delimiter, delimiter, err) < 0)
		return -1;
	if (config->quote && quote_read(config->quote, &quote, err) < 0)
		return -1;
	if (escape_read(config->escape, quote, &escape, err) < 0 || comment_read(config->text.comment, &comment, err) < 0)
		return -1;
	if (number_marks_read(config->text.decimal, config->text.thousands, &marks, err) < 0)
		return -1;
	if (quote != NO_QUOTE && strchr(delimiter, quote))
		return error_set(err, STATUS_USAGE, delimiter[1] ? "--quote: '%c' stands in the delimiter" : "--quote: '%c' is the delimiter", quote);
	if (escape != -1 && strchr(delimiter, escape))
		return error_set(err, STATUS_USAGE, delimiter[1] ? "--escape: '%c' stands in the delimiter" : "--escape: '%c' is the delimiter", escape);
	if (quote == NO_QUOTE && config->lazy_quotes)
		return error_set(err, STATUS_USAGE, "--lazy-quotes has no meaning with --quote none");
	reader = mem_new(1, sizeof *reader);
	*reader = (struct csv_reader){ .input = input, .columns = columns, .config = config, .quote = quote, .escape = escape, .comment = comment };
	memcpy(reader->delimiter_text, delimiter, sizeof delimiter);
	columns->marks = columns->looked ? columns->settled.marks : marks;
	input->lone_cr = true;
	reset_parser(reader);
	*state = reader;
	return 0;
}

static void csv_close(void *state)
{
	struct csv_reader *reader = state;

	if (!reader)
		return;
	csv_free(&reader->parser);
	free(reader->row.cells);
	free(reader->text);
	free(reader);
}

/* Room for what is yet to be handed out of the row. The cells move with the text. */
static void reserve_text(struct csv_reader *reader, size_t more)
{
	size_t needed = reader->text_size + more;
	char *old;

	if (needed <= reader->text_room)
		return;
	old = reader->text;
	reader->text_room = 2 * needed;
	reader->text = mem_array(reader->text_room, 1);
	if (old)
		memcpy(reader->text, old, reader->text_size);
	for (size_t i = 0; i < reader->row.n_cells && i < reader->row.room; i++)
		reader->row.cells[i].as.text = reader->text + (reader->row.cells[i].as.text - old);
	free(old);
}

/* Blanks that are a delimiter part cells, though --trim drops others. */
static bool is_blank(const struct csv_reader *reader, const char *line, size_t size)
{
	const char *delimiter = reader->dialect.delimiter;
	size_t n = strlen(delimiter);

	for (size_t i = 0; i < size; i++) {
		if (line[i] == '\n' || line[i] == '\r')
			continue;
		if (!reader->config->text.trim || !text_is_blank(line[i]) || (size - i >= n && memcmp(line + i, delimiter, n) == 0))
			return false;
	}
	return true;
}

static int unclosed(const struct csv_reader *reader, struct error *err)
{
	struct buffer label = BUFFER_INIT;

	column_label(reader->columns, reader->row.n_cells, &label);
	error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": %s: the quote that opens here is not closed%s (close it, or double it if it belongs to the text; --quote none takes all quotes as text)",
		  reader->input->name, reader->quote_line, buffer_text(&label), reader->input->ended ? "" : " within 16 MiB");
	buffer_free(&label);
	return -1;
}

/* What helps where a quote is in the wrong place: that depends on what stands before it in its cell, and on what was not taken. */
static const char *quote_advice(const struct csv_reader *reader, bool quoted, const char *cell, size_t size, const char *rest, size_t rest_size)
{
	size_t all = size, blanks = 0;

	while (blanks < rest_size && text_is_blank((char)rest[blanks]))
		blanks++;
	while (size > 0 && text_is_blank(cell[size - 1]))
		size--;
	if (!quoted && size == 0 && all > 0 && !reader->config->text.trim)
		return "--trim drops the blanks before it";
	if (quoted && blanks > 0 && !reader->config->text.trim &&
	    (blanks == rest_size || (unsigned char)rest[blanks] == reader->delimiter || rest[blanks] == '\r' || rest[blanks] == '\n'))
		return "--trim drops the blanks behind it";
	if (size > 0 && cell[size - 1] == '\\' && reader->escape == -1)
		return "--escape '\\' takes a quote behind a backslash as text";
	return reader->config->text.trim ? "double it, or see --lazy-quotes and --quote none" : "double it, or see --lazy-quotes, --quote none and --trim";
}

static void break_row(struct csv_reader *reader, bool quoted, const char *cell, size_t size, const char *rest, size_t rest_size)
{
	reader->row.broken = quoted ? "text behind a closing quote" : "a quote within a cell that has no quotes around it";
	reader->row.advice = quote_advice(reader, quoted, cell, size, rest, rest_size);
	reader->ended = true;
	reset_parser(reader);
}

/* A line, or all lines of the row, of a dialect of our own. */
static enum split_result split_own(struct csv_reader *reader, const char *line, size_t size)
{
	struct csv_split *split = &reader->split;
	enum split_result result;

	split->text = reader->text;
	result = csv_split(split, line, size);
	reader->text_size = split->text_size;
	reader->ended = result == SPLIT_ROW;
	if (result == SPLIT_BROKEN)
		break_row(reader, split->state == SPLIT_CLOSED, split->text + split->from, split->text_size - split->from, split->rest,
		          (size_t)(line + size - split->rest));
	return result;
}

/* libcsv refused the line: where the quote may stand for inches the row is taken all the same; else it ends here, and the next one begins with the next line. */
static void refuse(struct csv_reader *reader, const char *rest, size_t rest_size)
{
	const struct input *input = reader->input;
	const struct csv_parser *parser = &reader->parser;
	const char *cell = (const char *)parser->entry_buf;
	size_t size = parser->entry_pos, n_cells = reader->row.n_cells;

	if (!parser->quoted && size > 0 && cell[size - 1] >= '0' && cell[size - 1] <= '9') {
		reader->row.n_cells = reader->text_size = 0;
		reserve_text(reader, input->at - input->mark);
		reader->quote_line = input->line;
		csv_split_begin(&reader->split, &reader->dialect, &reader->row);
		reader->splitting = true;
		reset_parser(reader);
		split_own(reader, (const char *)input->data + input->mark, input->at - input->mark);
		return;
	}
	while (parser->quoted && size > 0 && text_is_blank(cell[size - 1]))
		size--;
	size -= parser->quoted && size > 0;     /* the quote that seemed to close the cell */
	reader->row.n_cells = n_cells;
	break_row(reader, parser->quoted, cell, size, rest, rest_size);
}

/* The file ended within a row: without a line end, or within quotes. */
static int finish_row(struct csv_reader *reader, struct error *err)
{
	if (reader->splitting) {
		reader->ended = csv_split_end(&reader->split);
		return reader->ended ? 0 : unclosed(reader, err);
	}
	reserve_text(reader, reader->parser.entry_pos + 1);
	csv_set_opts(&reader->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL);        /* an open quote is wrong in any mode */
	if (csv_fini(&reader->parser, add_cell, end_row, reader) != 0)
		return unclosed(reader, err);
	reader->ended = true;
	return 0;
}

/* A line without quotes, which may have any number of cells. */
static void split_bare(struct csv_reader *reader, const char *line, size_t size)
{
	struct row *row = &reader->row;

	while (!csv_split_plain(line, size, (char)reader->delimiter, NO_QUOTE, row, &reader->text)) {
		if (row->room > MAX_COLUMNS) {
			row->n_cells = 1;       /* too many are counted only */
			for (size_t i = 0; i < size; i++)
				row->n_cells += (unsigned char)line[i] == reader->delimiter;
			break;
		}
		row_grow(row);
	}
	for (size_t i = 0; i < row->n_cells && i < row->room && reader->config->text.trim; i++) {
		struct cell *cell = &row->cells[i];

		cell_trim(cell);
		cell->kind = cell->size ? CELL_TEXT : CELL_NULL;
	}
	reader->ended = true;
}

/* One line into the row, or none if it is a comment. *more: there was one. */
static int feed(struct csv_reader *reader, bool *more, struct error *err)
{
	struct input *input = reader->input;
	const char *line;
	size_t size, taken, n_cells = reader->row.n_cells;
	int result = input_line(input, &line, &size, err);

	if (result != 0)
		return result;
	*more = size > 0;
	if (reader->row.line == 0 && size > 0 && (unsigned char)*line == reader->comment) {
		input_mark(input);
		return 0;
	}
	if (reader->wide || reader->splitting) {
		reserve_text(reader, size);
		if (reader->row.line == 0 && is_blank(reader, line, size))
			return 0;
		if (!reader->splitting)
			csv_split_begin(&reader->split, &reader->dialect, &reader->row);
		reader->splitting = true;
		if (split_own(reader, line, size) != SPLIT_MORE)
			return 0;
		if (reader->row.n_cells > n_cells || reader->row.line == 0)
			reader->quote_line = input->line;
		return reader->text_size - reader->split.from > CELL_CAP ? unclosed(reader, err) : 0;
	}
	if (reader->quote == NO_QUOTE) {
		if (!is_blank(reader, line, size))
			split_bare(reader, line, size);
		return 0;
	}
	reserve_text(reader, reader->parser.entry_pos + size);
	if (reader->row.line == 0 && !reader->config->text.trim) {
		char *text = reader->text;

		reader->ended = csv_split_plain(line, size, (char)reader->delimiter, reader->quote, &reader->row, &text);
		reader->text_size = (size_t)(text - reader->text);
		if (reader->ended)
			return 0;
	}
	taken = csv_parse(&reader->parser, line, size, add_cell, end_row, reader);
	if (taken != size) {
		if (csv_error(&reader->parser) == CSV_ENOMEM)
			mem_given(NULL);        /* ends the program: the row is not at fault */
		refuse(reader, line + taken, size - taken);
		return 0;
	}
	if (reader->ended)
		return 0;
	if (reader->row.n_cells > n_cells || reader->row.line == 0)
		reader->quote_line = input->line;
	return reader->parser.quoted && reader->parser.entry_pos > CELL_CAP ? unclosed(reader, err) : 0;
}

/* The next row, also an empty line (n_cells 0); *found false: the file has ended. */
static int read_row(struct csv_reader *reader, bool *found, struct error *err)
{
	struct input *input = reader->input;
	struct row *row = &reader->row;
	bool more = true;
	int result;

	if (!reader->waiting) {
		input_mark(input);
		row->n_cells = reader->text_size = 0;
		row->line = 0;
		row->broken = NULL;
		reader->ended = reader->splitting = false;
	}
	while (more && !reader->ended) {
		result = feed(reader, &more, err);
		reader->waiting = result == INPUT_SILENT;
		if (result != 0)
			return result;
		if (row->line == 0 && (input->at > input->mark || !more)) {
			row->line = input->line;
			if (is_blank(reader, (const char *)input->data + input->mark, input->at - input->mark))
				reader->ended = more;
		}
	}
	if (!reader->ended && input->at > input->mark && finish_row(reader, err) < 0)
		return -1;
	*found = reader->ended;
	row->raw = (const char *)input->data + input->mark;
	row->raw_size = input->at - input->mark;
	row->text = reader->text;
	row->text_size = reader->text_size;
	row->ascii = text_is_ascii(row->raw, row->raw_size);
	return 0;
}

/* Single quotes around cells of the first rows; those of names are told with the header. */
static void look_for_quotes(struct csv_reader *reader)
{
	const struct row *row = &reader->row;

	reader->n_looked++;
	for (size_t i = 0; i < row->n_cells && i < row->room && !reader->in_header && !row->broken; i++)
		if (row->cells[i].kind == CELL_TEXT && text_is_quoted(row->cells[i].as.text, row->cells[i].size, '\''))
			columns_tell_quotes(reader->columns, i, reader->input, "--quote \"'\"");
}

static int csv_next(void *state, struct row **row, struct error *err)
{
	struct csv_reader *reader = state;
	bool one_column = reader->columns->schema.n_fields == 1 && !reader->in_header;
	bool found, empty = false;
	int result;

	*row = NULL;
	do {
		if (!reader->waiting)
			reader->row.behind_gap = empty;
		result = read_row(reader, &found, err);
		if (result != 0)
			return result;
		empty = found && reader->row.n_cells == 0 && !reader->row.broken;
	} while (empty && !one_column);
	if (empty) {
		if (reader->row.room == 0)
			row_grow(&reader->row);
		reader->row.cells[0] = (struct cell){ .kind = CELL_NULL };
		reader->row.n_cells = 1;
	}
	while (reader->row.room < reader->columns->schema.n_fields)
		row_grow(&reader->row);
	*row = found ? &reader->row : NULL;
	if (found && !empty && reader->n_looked < LOOKED_ROWS)
		look_for_quotes(reader);
	return 0;
}

/* How blocks and pieces are cut; false: there are none, where the first rows are looked at for quotes, blanks are dropped of cells, or a line ends in a lone CR. */
static bool has_cells(const struct csv_reader *reader, struct cut *cut)
{
	const struct columns *columns = reader->columns;

	*cut = (struct cut){
		.n_columns = columns->schema.n_fields + columns->n_cut, .n_empty = columns->n_cut, .delimiter = reader->delimiter, .quote = reader->quote, .comment = reader->comment,
	};
	return !reader->waiting && reader->n_looked >= LOOKED_ROWS && !reader->config->text.trim && !reader->wide && !(reader->input->n_lines > 0 && reader->input->mac);
}

static void csv_cells(void *state, struct cells *cells, size_t most, size_t upto, bool wait)
{
	struct csv_reader *reader = state;
	struct cut cut;

	cells_clear(cells);
	if (has_cells(reader, &cut))
		cut_cells(reader->input, &cut, cells, most, upto, wait);
}

static bool csv_cut(void *state, size_t upto, struct cut *cut)
{
	struct csv_reader *reader = state;

	return has_cells(reader, cut) && cut_rows(reader->input, upto, cut);
}

static int settle(struct csv_reader *reader, struct error *err)
{
	const struct text_config *text = &reader->config->text;
	struct settled given = {
		.quote = reader->quote, .escape = reader->escape, .comment = reader->comment, .skip_lines = text->skip_lines, .no_header = text->no_header,
		.trim = text->trim, .marks = reader->columns->marks,
	};

	memcpy(given.delimiter, reader->delimiter_text, sizeof given.delimiter);
	return csv_settle(reader->columns, reader->input, reader->config, &given, err);
}

static int begin(struct csv_reader *reader, struct error *err)
{
	if (input_start(reader->input, err) < 0 || file_kind_check(reader->input, "csv", err) < 0)
		return -1;
	if (!reader->columns->looked && reader->columns->inherited && !reader->columns->inherited->alike && settle(reader, err) < 0)
		return -1;
	if (reader->columns->looked) {
		reader->settled = *reader->config;
		reader->settled.text.skip_lines = reader->columns->settled.skip_lines;
		reader->settled.text.no_header = reader->columns->settled.no_header;
		reader->settled.text.trim = reader->columns->settled.trim;
		memcpy(reader->delimiter_text, reader->columns->settled.delimiter, sizeof reader->delimiter_text);
		reader->quote = reader->columns->settled.quote;
		reader->escape = reader->columns->settled.escape;
		reader->columns->marks = reader->columns->settled.marks;
		reader->config = &reader->settled;
	}
	reader->waiting = false;
	reader->n_looked = 0;
	if (reader->config->quote || (reader->columns->looked && reader->columns->settled.quote != '"'))
		reader->columns->told_quotes = true;    /* who gave them knows */
	reset_parser(reader);
	return input_start_text(reader->input, reader->config->text.skip_lines, err);
}

/* Without a header and names the first row that is not an empty line says how many columns there are; if it is one, the
 * empty lines before it were rows. */
static int count_columns(struct csv_reader *reader, struct error *err)
{
	struct row *row;
	size_t n_cells;

	if (csv_next(reader, &row, err) < 0 || columns_look(reader->columns, row, reader->input, reader->delimiter_text, &reader->config->text, err) < 0)
		return -1;
	n_cells = row ? row->n_cells : reader->input->n_lines > 0;       /* nothing but empty lines: one column of nulls */
	if (row && row->broken)
		return columns_from_header(reader->columns, row, reader->input, &reader->config->text, err);
	if (n_cells == 0)
		return error_set(err, STATUS_FAILED, "%s: empty file: no row that shows how many columns there are (name them with --names)",
				 reader->input->name);
	return columns_without_header(reader->columns, n_cells, reader->input, &reader->config->text, err);
}

static int read_header(struct csv_reader *reader, struct error *err)
{
	struct row *header;

	reader->in_header = true;
	if (csv_next(reader, &header, err) < 0)
		return -1;
	reader->in_header = false;
	if (columns_look(reader->columns, header, reader->input, reader->delimiter_text, &reader->config->text, err) < 0)
		return -1;
	return columns_from_header(reader->columns, header, reader->input, &reader->config->text, err);
}

static int csv_start(void *state, struct error *err)
{
	struct csv_reader *reader = state;
	bool named = reader->columns->named || reader->config->text.names.n > 0;

	if (begin(reader, err) < 0 || input_expect(reader->input, reader->config->text.no_header && named, err) < 0)
		return -1;
	if (!reader->config->text.no_header)
		return read_header(reader, err);
	if (named)
		return columns_without_header(reader->columns, 0, reader->input, &reader->config->text, err);
	if (count_columns(reader, err) < 0)
		return -1;
	return begin(reader, err);
}

const struct row_format csv_rows = {
	.text = true, .words = true, .open = csv_open, .start = csv_start, .next = csv_next, .cells = csv_cells, .cut = csv_cut,
	.close = csv_close,
};

static int open_source(struct source *source, const struct extract_config *config, const void *own, struct error *err)
{
	return rows_open(source, &csv_rows, config, own, err);
}

static const struct option_row options[] = {
	TEXT_OPTIONS,
	{ "quote", 0, OPTION_TEXT, offsetof(struct csv_config, quote), "C", NULL, 0, 0,
	  "the byte around cells, doubled within them (default \", or ' where that is plain), or none: quotes are bytes like others, and every line is a row" },
	{ "escape", 0, OPTION_TEXT, offsetof(struct csv_config, escape), "C", NULL, 0, 0,
	  "the byte that makes text of a quote, delimiter or line end behind it, in quotes or not, such as a backslash (found where rows prove it), or none" },
	{ "lazy-quotes", 0, OPTION_FLAG, offsetof(struct csv_config, lazy_quotes), NULL, NULL, 0, 0, "take a quote in the wrong place as part of the text" },
	{ "no-lazy-quotes", 0, OPTION_NOT, 0, NULL, "lazy-quotes", 0, 0, "a quote in the wrong place makes a bad row (default)" },
	OPTION_END
};

const struct source_kind source_csv = {
	.format = {
		.name = "csv",
		.summary = "comma separated values, with a header; quotes around cells may hold commas, line ends and doubled quotes",
		.endings = ".csv",
		.options = options, .config_size = sizeof(struct csv_config),
	},
	.alike = "encoding|on-bad-utf8|delimiter|no-header|names|skip-lines|skip-footer|comment|decimal|thousands|no-null-words|trim|quote|escape|lazy-quotes",
	.open = open_source,
};
