/* SPDX-License-Identifier: MIT */
#include "column_names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lists.h"
#include "memory.h"
#include "names.h"

/* One more column; what is wrong with its name is said with the way out. */
static int add_name(struct columns *columns, const char *name, size_t size, const struct input *input, struct error *err)
{
	size_t col = columns->schema.n_fields;
	char *copy;
	int there;

	if (col == MAX_FIELDS)
		return error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": more than %d columns", input->name, input->line, MAX_FIELDS);
	if (size == 0)
		return error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": column %zu has no name (name the columns with --names, or read with --no-header)",
				 input->name, input->line, col + 1);
	if (schema_check_name(name, size, err) < 0)
		return error_prefix(err, "%s:%" PRIu64 ": the name of column %zu", input->name, input->line, col + 1);
	copy = mem_text_n(name, size);
	there = schema_find(&columns->schema, copy);
	if (there == NO_FIELD)
		schema_add(&columns->schema, copy, TYPE_TEXT, ROLE_FEATURE);
	else
		error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": columns %d and %zu are both named '%s' (name the columns with --names, or read with --no-header)",
			  input->name, input->line, there + 1, col + 1, copy);
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

/* A later file must have the columns of the first one, in their order. */
static int compare_header(const struct columns *columns, const struct row *header, const struct input *input, struct error *err)
{
	const struct schema *schema = &columns->schema;

	for (size_t col = 0; col < header->n_cells && col < schema->n_fields; col++) {
		const struct cell *cell = &header->cells[col];
		const char *name = schema->fields[col].name;
		size_t size = cell->kind == CELL_NULL ? 0 : cell->size;

		if (size != strlen(name) || memcmp(cell->as.text, name, size) != 0)
			return error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": column %zu is '%.*s', in %s it is '%s' (files that are read together have the same columns)",
					 input->name, input->line, col + 1, (int)(size > 100 ? 100 : size), size ? cell->as.text : "", columns->file, name);
	}
	if (header->n_cells != schema->n_fields)
		return error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": %zu columns, %s has %zu (files that are read together have the same columns)",
				 input->name, input->line, header->n_cells, columns->file, schema->n_fields);
	return 0;
}

int columns_from_header(struct columns *columns, const struct row *header, const struct input *input,
                        const struct text_config *config, struct error *err)
{
	int result = 0;

	if (!header)
		return error_set(err, STATUS_FAILED, "%s: empty file: no header", input->name);
	if (header->broken)
		return error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": column %zu: %s, in the header (--skip-lines N leaves out lines before it)",
				 input->name, header->line, header->n_cells + 1, header->broken);
	if (config->names.n)
		return columns_without_header(columns, header->n_cells, input, config, err);
	if (columns->named)
		return compare_header(columns, header, input, err);
	for (size_t col = 0; col < header->n_cells && result == 0; col++) {
		const struct cell *cell = &header->cells[col];

		result = add_name(columns, cell->as.text, cell->kind == CELL_NULL ? 0 : cell->size, input, err);
	}
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
