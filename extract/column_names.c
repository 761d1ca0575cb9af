/* SPDX-License-Identifier: MIT */
#include "column_names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialect.h"
#include "file_kinds.h"
#include "lists.h"
#include "memory.h"
#include "names.h"
#include "sniff_amounts.h"
#include "text.h"

/* One more column of that name, which only --names can give twice. */
static int add_name(struct columns *columns, const char *name, size_t size, const struct input *input, struct error *err)
{
	size_t col = columns->schema.n_fields;
	char *copy;
	int there;

	if (col == MAX_COLUMNS)
		return error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": more than %d columns", input->name, input->line, MAX_COLUMNS);
	if (schema_check_name(name, size, err) < 0)
		return error_prefix(err, "--names: column %zu", col + 1);
	copy = mem_text_n(name, size);
	there = schema_find(&columns->schema, copy);
	if (there == NO_FIELD)
		schema_add(&columns->schema, copy, TYPE_TEXT, ROLE_FEATURE);
	else
		error_set(err, STATUS_USAGE, "--names: columns %d and %zu are both '%s'", there + 1, col + 1, copy);
	free(copy);
	return there == NO_FIELD ? 0 : -1;
}

/* The names of --names, as many as the file has columns; n_cells 0: not known. */
static int names_given(struct columns *columns, size_t n_cells, const struct input *input, const struct text_config *config,
                       struct error *err)
{
	struct names names = { .n = 0 };
	int result = 0;

	list_split(&config->names, false, &names);
	if (n_cells && n_cells != names.n)
		result = error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": %zu columns, but --names gives %zu names", input->name, input->line,
				   n_cells, names.n);
	for (size_t i = 0; i < names.n && result == 0; i++)
		result = add_name(columns, names.items[i], strlen(names.items[i]), input, err);
	names_release(&names);
	return result;
}

/* A later file must have the columns of the first one, in their order, as they stand. */
static int compare_header(const struct columns *columns, const struct row *header, const struct input *input, struct error *err)
{
	const struct names *names = &columns->header;

	for (size_t col = 0; col < header->n_cells && col < names->n; col++) {
		const struct cell *cell = &header->cells[col];
		const char *name = names->items[col];
		size_t size = cell->kind == CELL_NULL ? 0 : cell->size;

		if (size != strlen(name) || memcmp(cell->as.text, name, size) != 0)
			return error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": column %zu is '%.*s', in %s it is '%s' (files that are read together have the same columns)",
					 input->name, input->line, col + 1, (int)(size > 100 ? 100 : size), size ? cell->as.text : "", columns->file, name);
	}
	if (header->n_cells != names->n)
		return error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": %zu columns, %s has %zu (files that are read together have the same columns)",
				 input->name, input->line, header->n_cells, columns->file, names->n);
	return 0;
}

/* ---- how --like has them read ---- */

void columns_tell_inherited(const struct columns *columns, const char *other, struct buffer *to)
{
	const struct inherited *inherited = columns->inherited;
	const char *lines = inherited ? inherited->skip_lines : NULL;
	bool delimiter = inherited && inherited->delimiter && other;
	char room[DELIMITER_ROOM];

	if (lines && strtoll(lines, NULL, 10) == 0)
		lines = NULL;
	if (!lines && !delimiter)
		return;
	if (lines)
		buffer_format(to, "--skip-lines %s%s", lines, delimiter ? " and " : "");
	if (delimiter)
		buffer_format(to, "--delimiter %s", delimiter_print(columns->dialect.delimiter, room));
	buffer_format(to, " come%s from %s: ", lines && delimiter ? "" : "s", inherited->file);
	if (lines)
		buffer_format(to, "--skip-lines 0%s", delimiter ? " " : "");
	if (delimiter)
		buffer_format(to, "--delimiter %s", other);
	buffer_format(to, " override%s", lines && delimiter ? "" : "s");
}

/* To stand behind a message about the header: what of --like may be to blame, from `before` to `behind`, or nothing. To be freed. */
static char *inherited_lines(const struct columns *columns, const char *before, const char *behind)
{
	struct buffer text = BUFFER_INIT;
	char *lines;

	columns_tell_inherited(columns, NULL, &text);
	lines = text.size ? mem_format("%s%s%s", before, buffer_text(&text), behind) : mem_text("");
	buffer_free(&text);
	return lines;
}

/* ---- a first look ---- */

int columns_look(struct columns *columns, const struct row *first, struct input *input, const char *delimiter,
                 const struct text_config *config, struct error *err)
{
	struct dialect *dialect = &columns->dialect;
	const char *raw = first ? first->raw : NULL, *other, *cr;
	size_t size = first ? first->raw_size : 0;

	if (!first || columns->named)
		return 0;
	*dialect = (struct dialect){ .delimiter = delimiter[1] ? 0 : (unsigned char)*delimiter, .given = config->delimiter && !(columns->inherited && columns->inherited->delimiter) };
	delimiters_count(raw, size, &dialect->header);
	if (amounts_are_parted(first))
		delimiters_drop(&dialect->header, ',');         /* they stand between thousands */
	if (delimiter_named(raw, size)) {
		char room[DELIMITER_ROOM];

		return error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": 'sep=' names the delimiter of the lines behind it (--skip-lines %" PRIu64 " --delimiter %s)",
				 input->name, first->line, first->line, delimiter_print((unsigned char)raw[4], room));
	}
	if (line_is_binary(raw, size))
		return refuse_binary(input, raw, size, first->line == 1, err);
	if (!dialect->given && line_is_markup(raw, size))
		return refuse_markup(input, err);
	if (!dialect->given && (first->broken || first->n_cells == 1 || *delimiter == ',') && line_is_json(raw, size))
		return refuse_json(input, size, err);
	other = first->broken ? delimiter_seems(dialect, NULL, first->n_cells + 1) : NULL;
	if (first->broken && !other && !dialect->given && blanks_seem(raw, size))
		other = "space";
	if (other)
		return error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": column %zu: %s (--delimiter %s seems to be the one)", input->name, first->line,
				 first->n_cells + 1, first->broken, other);
	cr = memchr(raw, '\r', size);
	if (!input->lone_cr && cr && cr + 1 < raw + size && cr[1] != '\n')
		return error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": lines end in CR (tr '\\r' '\\n' <%s makes it LF)", input->name, first->line,
				 strcmp(input->name, "standard input") == 0 ? "FILE" : input->name);
	return 0;
}

/* ---- names out of a header ---- */

/* Whether a field may be called so; made: where the name comes from, if not from the header. */
static int check_name(const char *name, size_t size, const struct input *input, size_t col, const char *made, struct error *err)
{
	struct error why = ERROR_INIT;

	if (schema_check_name(name, size, &why) == 0)
		return 0;
	return error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": the name of column %zu%s: %s (--names gives others)", input->name, input->line, col + 1, made,
	                 why.message);
}

/* Its cells as they stand. */
static int keep_header(struct columns *columns, const struct row *header, const struct input *input, struct error *err)
{
	if (header->n_cells > MAX_COLUMNS)
		return error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": more than %d columns", input->name, header->line, MAX_COLUMNS);
	for (size_t col = 0; col < header->n_cells; col++) {
		const struct cell *cell = &header->cells[col];
		size_t size = cell->kind == CELL_NULL ? 0 : cell->size;

		if (size && !text_is_utf8(cell->as.text, size))
			return error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": the name of column %zu: not UTF-8 (%s; --on-bad-utf8 replace goes on)", input->name, header->line,
					 col + 1, encoding_advice(header->raw, header->raw_size));
		if (size && memchr(cell->as.text, 0, size))
			return error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": the name of column %zu: holds a NUL byte (tr -d '\\0' drops them, --names gives others)",
					 input->name, header->line, col + 1);
		if (size && check_name(cell->as.text, size, input, col, "", err) < 0)
			return -1;
		names_take(&columns->header, mem_text_n(size ? cell->as.text : "", size));
	}
	return 0;
}

/* "x_2", or the next number with which the name is neither in the header nor was made; *next: where the search goes on the next time. */
static char *free_name(const struct columns *columns, const char *name, size_t *next)
{
	for (;; ++*next) {
		char *made = mem_format("%s_%zu", name, *next);

		if (!names_have(&columns->header, made) && schema_find(&columns->schema, made) == NO_FIELD)
			return made;
		free(made);
	}
}

/* Each name once. next: per column, the number to try when its name comes again, so that many equal names take no long search each. */
static int make_names(struct columns *columns, const struct input *input, struct error *err)
{
	const struct names *header = &columns->header;
	size_t *next = mem_array(header->n, sizeof *next);
	int result = 0;

	for (size_t col = 0; col < header->n && result == 0; col++) {
		const char *name = header->items[col];
		size_t first = names_find(header, name);
		char *made;

		next[col] = 2;
		if (*name && first == col) {
			made = mem_text(name);
		} else if (*name) {
			made = free_name(columns, name, &next[first]);
		} else {
			char *place = mem_format("c%zu", col + 1);

			made = names_have(header, place) ? free_name(columns, place, &next[col]) : mem_text(place);
			free(place);
		}
		result = check_name(made, strlen(made), input, col, ", made of one that stands twice", err);
		if (result == 0)
			schema_add(&columns->schema, made, TYPE_TEXT, ROLE_FEATURE);
		free(made);
	}
	free(next);
	return result;
}

/* "2 columns have no name and are read as 'c1', 'c4'" */
static void tell_made(const struct columns *columns, const struct schema *known, bool nameless, const char *what, struct buffer *to)
{
	enum { TOLD = 4 };
	struct buffer made = BUFFER_INIT;
	size_t n = 0;

	for (size_t col = 0; col < columns->header.n; col++) {
		const char *name = columns->header.items[col], *read_as = columns->schema.fields[col].name;

		if (column_is_nameless(columns, col) == nameless && strcmp(name, read_as) != 0 &&
		    !(known && schema_find(known, read_as) != NO_FIELD) && n++ < TOLD)
			buffer_format(&made, "%s'%.100s'", n > 1 ? ", " : "", read_as);
	}
	if (n > 0)
		buffer_format(to, "%s%zu column%s %s and %s read as %s%s", to->size ? "; " : "", n, n > 1 ? "s have" : " has", what, n > 1 ? "are" : "is",
			      buffer_text(&made), n > TOLD ? ", ..." : "");
	buffer_free(&made);
}

void columns_tell(const struct columns *columns, const struct schema *known, struct buffer *to)
{
	tell_made(columns, known, true, "no name", to);
	tell_made(columns, known, false, "a name that stands before", to);
}

void columns_tell_quotes(struct columns *columns, size_t col, const struct input *input, const char *advice)
{
	struct buffer label = BUFFER_INIT;

	if (columns->told_quotes)
		return;
	columns->told_quotes = true;
	column_label(columns, col, &label);
	host_note(input->host, "%s:%" PRIu64 ": %s: quotes around a cell are read as part of it (%s takes them off)", input->name, input->line,
		  buffer_text(&label), advice);
	buffer_free(&label);
}

void columns_release(struct columns *columns)
{
	schema_release(&columns->schema);
	names_release(&columns->header);
	names_release(&columns->replaced.cells);
	names_release(&columns->found);
	names_release(&columns->found_values);
}

/* Says so where a header looks like the first row. */
static bool tell_data(const struct columns *columns, const struct row *header, const struct input *input, const char *replaced)
{
	if (!row_is_data(header) && !columns->settled.names_again)
		return false;
	host_note(input->host, "%s:%" PRIu64 ": the header%s looks like data%s (--no-header if it is the first row)", input->name, header->line, replaced,
	          columns->settled.names_again ? ", some of which stands below again" : "");
	return true;
}

static size_t text_size(const struct cell *cell) { return cell->kind == CELL_NULL ? 0 : cell->size; }

static bool is_replaced(const struct names *cells, const struct row *header)
{
	bool same = header->n_cells == cells->n;

	for (size_t col = 0; same && col < cells->n; col++) {
		size_t size = text_size(&header->cells[col]);

		same = size == strlen(cells->items[col]) && memcmp(header->cells[col].as.text, cells->items[col], size) == 0;
	}
	return same;
}

/* A header in whose place --names stand may be the first row, which would be lost: that is said here or, once the types can tell, by who knows them. */
static void look_at_replaced(struct columns *columns, const struct row *header, const struct input *input)
{
	struct replaced_header *replaced = &columns->replaced;

	if (columns->named) {
		if (!replaced->told && replaced->line && !(columns->inherited && columns->inherited->header) && !is_replaced(&replaced->cells, header)) {
			replaced->told = true;
			host_note(input->host, "%s:%" PRIu64 ": the header, which --names replaces, is not that of %s (--no-header if it is the first row)", input->name,
			          header->line, columns->file);
		}
		return;
	}
	replaced->told = tell_data(columns, header, input, ", which --names replaces,");
	replaced->line = header->line;
	for (size_t col = 0; col < header->n_cells && col < header->room; col++)
		names_take(&replaced->cells, mem_text_n(header->cells[col].as.text, text_size(&header->cells[col])));
}

int columns_from_header(struct columns *columns, const struct row *header, const struct input *input,
                        const struct text_config *config, struct error *err)
{
	char *lines;
	int result = 0;

	if (!header) {
		lines = inherited_lines(columns, " (", ")");
		if (config->skip_lines > 0)
			error_set(err, STATUS_FAILED, "%s: no header behind the lines that --skip-lines %" PRId64 " leaves out%s", input->name,
				  config->skip_lines, lines);
		else
			error_set(err, STATUS_FAILED, "%s: empty file: no header", input->name);
		free(lines);
		return -1;
	}
	if (header->broken) {
		lines = inherited_lines(columns, "; ", "");
		error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": column %zu: %s, in the header (%s%s--skip-lines N leaves out lines before it%s)", input->name,
			  header->line, header->n_cells + 1, header->broken, header->advice ? header->advice : "", header->advice ? "; " : "", lines);
		free(lines);
		return -1;
	}
	if (config->names.n) {
		look_at_replaced(columns, header, input);
		return columns_without_header(columns, header->n_cells, input, config, err);
	}
	if (columns->named)
		return compare_header(columns, header, input, err);
	if (!tell_data(columns, header, input, "") && header->n_cells == 1 && header->raw_size > 0 && *header->raw == '#' && !config->comment)
		host_note(input->host, "%s:%" PRIu64 ": the header begins with # (--comment '#' leaves such lines out)", input->name, header->line);
	result = keep_header(columns, header, input, err);
	if (result == 0 && !columns->told_quotes && names_are_quoted(&columns->header, '\'')) {
		columns->told_quotes = true;
		host_note(input->host, "%s:%" PRIu64 ": all names stand in single quotes (%s--quote \"'\" reads them without)", input->name, header->line,
		          columns->dialect.delimiter == '\t' ? "-f csv --delimiter tab " : "");
	}
	if (result == 0)
		result = make_names(columns, input, err);
	columns->named = true;
	columns->file = input->name;
	return result;
}

int columns_without_header(struct columns *columns, size_t n_cells, const struct input *input,
                           const struct text_config *config, struct error *err)
{
	int result = 0;

	if (columns->named) {
		if (n_cells && n_cells != columns->schema.n_fields)
			return error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": %zu columns, %s has %zu (files that are read together have the same columns)",
					 input->name, input->line, n_cells, columns->file, columns->schema.n_fields);
		return 0;
	}
	if (config->names.n)
		result = names_given(columns, n_cells, input, config, err);
	for (size_t col = 0; !config->names.n && col < n_cells && result == 0; col++) {
		char name[32];
		int size = snprintf(name, sizeof name, "c%zu", col + 1);

		result = add_name(columns, name, (size_t)size, input, err);
	}
	columns->named = true;
	columns->file = input->name;
	return result;
}

void column_label(const struct columns *columns, size_t col, struct buffer *to)
{
	if (col < columns->schema.n_fields)
		buffer_format(to, "column '%s'", columns->schema.fields[col].name);
	else
		buffer_format(to, "column %zu", col + 1);
}
