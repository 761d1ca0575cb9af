/* SPDX-License-Identifier: MIT */
#include "output.h"

#include <stdlib.h>
#include <unistd.h>

#include "cell.h"
#include "memory.h"
#include "people.h"
#include "stages.h"
#include "table.h"
#include "tool.h"

enum { SHOWN_ROWS = 20 };

struct output {
	struct writer *writer;          /* NULL: stdout is a terminal */
	struct table *table;
	uint64_t rows;
};

struct output *output_new(bool records)
{
	struct output *output = mem_new(1, sizeof *output);

	tool_output_begins();
	if (tool_host()->out_width > 0)
		output->table = table_new();
	else
		output->writer = writer_new(STDOUT_FILENO, records ? WRITE_RECORDS : 0, tool_host());
	return output;
}

void output_free(struct output *output)
{
	if (!output)
		return;
	writer_free(output->writer);
	table_free(output->table);
	free(output);
}

int output_model(struct output *output, const struct bytes *map, struct error *err)
{
	return output->writer ? writer_model(output->writer, map, err) : 0;
}

int output_header(struct output *output, const struct header *header, struct error *err)
{
	if (output->writer)
		return writer_header(output->writer, header, err);
	for (size_t col = 0; col < header->schema.n_fields; col++) {
		const struct field *field = &header->schema.fields[col];

		if (field->role == ROLE_ORIGIN)
			continue;
		table_column(output->table, field->name, type_is_number(field->type));
		if (role_is_answer(field->role))
			table_keep(output->table);
	}
	return 0;
}

static int show(struct output *output, struct batch *batch, struct error *err)
{
	const struct schema *schema = batch->schema;
	struct buffer cell = BUFFER_INIT;
	int result = 0;

	for (size_t col = 0; col < schema->n_fields; col++)
		if (!column_read(batch, col, err))
			result = -1;
	for (size_t row = 0; row < batch->n_rows && output->rows + row < SHOWN_ROWS && result == 0; row++)
		for (size_t col = 0; col < schema->n_fields; col++) {
			if (schema->fields[col].role == ROLE_ORIGIN)
				continue;
			buffer_clear(&cell);
			cell_print(&schema->fields[col], &batch->columns[col], row, &cell);
			table_cell(output->table, (char *)cell.data, cell.size);
		}
	buffer_free(&cell);
	return result;
}

int output_batch(struct output *output, struct batch *batch, struct error *err)
{
	if (output->writer)
		return writer_batch(output->writer, batch, err);
	if (output->rows < SHOWN_ROWS && show(output, batch, err) < 0)
		return -1;
	output->rows += batch->n_rows;
	return 0;
}

int output_end(struct output *output, const struct end *end, struct error *err)
{
	struct buffer text = BUFFER_INIT;
	int result;

	if (output->writer)
		return writer_end(output->writer, end, err);
	table_print(output->table, &text, 0, tool_host()->out_width);
	if (output->rows > SHOWN_ROWS)
		buffer_format(&text, "and %llu rows more (all of them: | %sload -f table)\n", (unsigned long long)(output->rows - SHOWN_ROWS), tool_prefix());
	result = people_write(STDOUT_FILENO, &text, tool_host(), err);
	buffer_free(&text);
	return result;
}

void output_fail(struct output *output, struct error *err, const struct error *cause)
{
	tool_report(err);               /* first: who reads on may be quicker to say that it failed, too */
	if (output && output->writer)
		writer_fail(output->writer, cause);
}

uint64_t output_rows(const struct output *output)
{
	return output->writer ? writer_rows(output->writer) : output->rows;
}

void output_stages(const struct end *end)
{
	struct buffer text = BUFFER_INIT;

	stages_print(end, tool_host()->err_width, &text);
	people_tell(&text);
	buffer_free(&text);
}
