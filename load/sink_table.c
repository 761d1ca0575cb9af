/* SPDX-License-Identifier: MIT */
/*
 * A table for people. Widths come from the first rows, which are held; the rest
 * flows through in the same widths as it comes, so that any number of rows takes
 * little memory.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cell.h"
#include "lines.h"
#include "memory.h"
#include "outlet.h"
#include "sink.h"
#include "table.h"

enum { ROWS_HELD = 1000 };

struct table_config {
	const char *null;
};

struct table_sink {
	struct outlet outlet;
	const char *null, *given;       /* given: what --null says, or NULL */
	const struct schema *schema;
	struct table *table;
	size_t n_held;
	bool flows;                     /* the first rows are out */
	size_t width;                   /* of the terminal; 0: any */
	struct buffer cell;
};

static void *table_open(const char *target, const void *config, const struct host *host, struct error *err)
{
	const struct table_config *own = config;
	struct table_sink *sink;

	if (null_check(own->null, '\t', err) < 0)
		return NULL;
	sink = mem_new(1, sizeof *sink);
	sink->null = own->null ? own->null : "";
	sink->given = own->null;
	if (outlet_open(&sink->outlet, target, host, err) < 0) {
		free(sink);
		return NULL;
	}
	sink->width = target || !host ? 0 : host->out_width;
	sink->table = table_new();
	return sink;
}

static int table_header(void *state, const struct header *header, const struct schema *chosen, struct error *err)
{
	struct table_sink *sink = state;

	(void)header;
	if (null_check_types(sink->given, chosen, err) < 0)
		return -1;
	sink->schema = chosen;
	for (size_t col = 0; col < chosen->n_fields; col++) {
		table_column(sink->table, chosen->fields[col].name, type_is_number(chosen->fields[col].type));
		if (role_is_answer(chosen->fields[col].role))
			table_keep(sink->table);
	}
	return 0;
}

static int flow(struct table_sink *sink, struct error *err)
{
	table_flow(sink->table, &sink->outlet.bytes, sink->width);
	sink->n_held = 0;
	sink->flows = true;
	return outlet_flush(&sink->outlet, err);
}

static int table_batch(void *state, struct batch *batch, struct error *err)
{
	struct table_sink *sink = state;

	if (null_check_texts(sink->given, batch, err) < 0)
		return -1;
	for (size_t row = 0; row < batch->n_rows; row++) {
		for (size_t col = 0; col < batch->n_columns; col++) {
			buffer_clear(&sink->cell);
			if (cell_print(&sink->schema->fields[col], &batch->columns[col], row, &sink->cell))
				table_cell(sink->table, buffer_text(&sink->cell), sink->cell.size);
			else
				table_cell(sink->table, sink->null, strlen(sink->null));
		}
		if (++sink->n_held == ROWS_HELD && flow(sink, err) < 0)
			return -1;
	}
	return sink->flows ? flow(sink, err) : 0;
}

static int table_commit(void *state, const struct end *end, struct error *err)
{
	struct table_sink *sink = state;

	(void)end;
	if (flow(sink, err) < 0)
		return -1;
	table_flow_end(sink->table, &sink->outlet.bytes);
	return outlet_commit(&sink->outlet, err);
}

static void table_close(void *state)
{
	struct table_sink *sink = state;

	table_free(sink->table);
	buffer_free(&sink->cell);
	outlet_close(&sink->outlet);
	free(sink);
}

static const struct option_row options[] = { OPTION_NULL(struct table_config), OPTION_END };

const struct sink_kind sink_table = {
	.format = {
		.name = "table",
		.summary = "aligned columns for people, on a terminal as many as fit, predictions among them; long texts are cut",
		.endings = ".txt",
		.options = options, .config_size = sizeof(struct table_config),
	},
	.open = table_open, .header = table_header, .batch = table_batch, .commit = table_commit, .close = table_close,
};
