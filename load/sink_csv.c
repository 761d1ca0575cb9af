/* SPDX-License-Identifier: MIT */
/*
 * CSV as RFC 4180 has it, but with LF. A null is nothing between two delimiters,
 * the empty text is `""`. Quotes stand only where a reader would need them: around
 * the delimiter, quotes, line ends, blanks at an end, the empty text. A text that
 * is what --null says is an error.
 */
#include <stdlib.h>
#include <string.h>

#include "lines.h"
#include "lists.h"
#include "memory.h"
#include "outlet.h"
#include "sink.h"

struct csv_sink_config {
	const char *delimiter, *null;
	bool no_header;
};

struct csv {
	struct outlet outlet;
	const struct csv_sink_config *config;
	const char *null;
	char delimiter;
	struct line_style style;
	struct lines *lines;
};

static bool needs_quotes(const struct csv *csv, const char *bytes, size_t size)
{
	char delimiter = csv->delimiter;

	if (size == 0 || bytes[0] == ' ' || bytes[0] == '\t' || bytes[size - 1] == ' ' || bytes[size - 1] == '\t')
		return true;
	for (size_t i = 0; i < size; i++)
		if (bytes[i] == delimiter || bytes[i] == '"' || bytes[i] == '\n' || bytes[i] == '\r')
			return true;
	return false;
}

static void print_text(const void *context, const char *bytes, size_t size, bool first, struct buffer *to)
{
	unsigned char *out;

	(void)first;
	if (!needs_quotes(context, bytes, size)) {
		buffer_add(to, bytes, size);
		return;
	}
	buffer_reserve(to, 2 * size + 2);
	out = to->data + to->size;
	*out++ = '"';
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == '"')
			*out++ = '"';
		*out++ = (unsigned char)bytes[i];
	}
	*out++ = '"';
	to->size = (size_t)(out - to->data);
}

static void print_before(const void *context, const struct field *field, bool first, struct buffer *to)
{
	const struct csv *csv = context;

	(void)field;
	if (!first)
		buffer_add_byte(to, (unsigned char)csv->delimiter);
}

static void *csv_open(const char *target, const void *config, const struct host *host, struct error *err)
{
	const struct csv_sink_config *own = config;
	unsigned char delimiter = ',';
	struct csv *csv;

	if (own->delimiter && delimiter_read(own->delimiter, &delimiter, err) < 0)
		return NULL;
	/* A cell that is no text is never quoted: nothing in it may look like a delimiter. */
	if (strchr("0123456789.+-eatrufls", delimiter)) {
		error_set(err, STATUS_USAGE, "--delimiter: '%c' stands in numbers and in true and false", delimiter);
		return NULL;
	}
	if (null_check(own->null, (char)delimiter, err) < 0)
		return NULL;
	csv = mem_new(1, sizeof *csv);
	csv->config = own;
	csv->delimiter = (char)delimiter;
	csv->null = own->null ? own->null : "";
	csv->style = (struct line_style){
		.open = "", .close = "\n", .null = csv->null, .context = csv, .before = print_before, .text = print_text,
	};
	if (outlet_open(&csv->outlet, target, host, err) < 0) {
		free(csv);
		return NULL;
	}
	return csv;
}

static int csv_header(void *sink, const struct header *header, const struct schema *chosen, struct error *err)
{
	struct csv *csv = sink;

	(void)header;
	if (null_check_types(csv->config->null, chosen, err) < 0)
		return -1;
	csv->lines = lines_new(&csv->style, chosen);
	if (csv->config->no_header)
		return 0;
	for (size_t col = 0; col < chosen->n_fields; col++) {
		const char *name = chosen->fields[col].name;

		print_before(csv, NULL, col == 0, &csv->outlet.bytes);
		print_text(csv, name, strlen(name), col == 0, &csv->outlet.bytes);
	}
	buffer_add_byte(&csv->outlet.bytes, '\n');
	return outlet_flush(&csv->outlet, err);
}

static int csv_batch(void *sink, struct batch *batch, struct error *err)
{
	struct csv *csv = sink;

	if (null_check_texts(csv->config->null, batch, err) < 0)
		return -1;
	lines_print(csv->lines, batch, &csv->outlet.bytes);
	return outlet_flush(&csv->outlet, err);
}

static int csv_commit(void *sink, const struct end *end, struct error *err)
{
	struct csv *csv = sink;

	(void)end;
	return outlet_commit(&csv->outlet, err);
}

static void csv_close(void *sink)
{
	struct csv *csv = sink;

	lines_free(csv->lines);
	outlet_close(&csv->outlet);
	free(csv);
}

static const struct option_row options[] = {
	{ "delimiter", 0, OPTION_TEXT, offsetof(struct csv_sink_config, delimiter), "BYTE", NULL, 0, 0,
	  "what parts cells, one byte or comma, tab, semicolon, pipe, space (default comma)" },
	OPTION_NULL(struct csv_sink_config), OPTION_NO_HEADER(struct csv_sink_config),
	OPTION_END
};

const struct sink_kind sink_csv = {
	.format = {
		.name = "csv",
		.summary = "a line of names, a line a row; quotes where they are needed; null is nothing, the empty text is \"\"",
		.endings = ".csv",
		.options = options, .config_size = sizeof(struct csv_sink_config),
	},
	.open = csv_open, .header = csv_header, .batch = csv_batch, .commit = csv_commit, .close = csv_close,
};
