/* SPDX-License-Identifier: MIT */
/*
 * CSV as RFC 4180 has it, but with LF. A null is nothing between two delimiters,
 * the empty text is `""`. Quotes stand only where a reader would need them: around
 * the delimiter, quotes, line ends, blanks at an end, the empty text, and a text
 * that looks like the null.
 */
#include <stdlib.h>
#include <string.h>

#include "lines.h"
#include "memory.h"
#include "outlet.h"
#include "sink.h"

struct csv {
	struct outlet outlet;
	const struct sink_request *request;
	struct line_style style;
	struct lines *lines;
	size_t null_size;
};

static bool needs_quotes(const struct csv *csv, const char *bytes, size_t size)
{
	char delimiter = csv->request->delimiter;
	if (size == 0 || bytes[0] == ' ' || bytes[0] == '\t' || bytes[size - 1] == ' ' || bytes[size - 1] == '\t')
		return true;
	for (size_t i = 0; i < size; i++)
		if (bytes[i] == delimiter || bytes[i] == '"' || bytes[i] == '\n' || bytes[i] == '\r')
			return true;
	return size == csv->null_size && memcmp(bytes, csv->request->null, size) == 0;
}

static void print_text(const void *context, const char *bytes, size_t size, bool first, struct buffer *to)
{
	(void)first;
	if (!needs_quotes(context, bytes, size)) {
		buffer_add(to, bytes, size);
		return;
	}
	buffer_reserve(to, 2 * size + 2);
	unsigned char *out = to->data + to->size;
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
		buffer_add_byte(to, (unsigned char)csv->request->delimiter);
}

static void *csv_open(const struct sink_request *request, struct error *err)
{
	struct csv *csv = mem_new(1, sizeof *csv);
	csv->request = request;
	csv->null_size = strlen(request->null);
	csv->style = (struct line_style){
		.open = "", .close = "\n", .null = request->null, .context = csv, .before = print_before, .text = print_text,
	};
	if (outlet_open(&csv->outlet, request->path, err) != 0) {
		free(csv);
		return NULL;
	}
	return csv;
}

static int csv_header(void *sink, const struct schema *schema, struct error *err)
{
	struct csv *csv = sink;
	csv->lines = lines_new(&csv->style, schema);
	if (!csv->request->header)
		return 0;
	for (size_t col = 0; col < schema->n_fields; col++) {
		const char *name = schema->fields[col].name;
		print_before(csv, NULL, col == 0, &csv->outlet.bytes);
		print_text(csv, name, strlen(name), col == 0, &csv->outlet.bytes);
	}
	buffer_add_byte(&csv->outlet.bytes, '\n');
	return outlet_flush(&csv->outlet, err);
}

static int csv_batch(void *sink, struct batch *batch, struct error *err)
{
	struct csv *csv = sink;
	lines_print(csv->lines, batch, &csv->outlet.bytes);
	return outlet_flush(&csv->outlet, err);
}

static int csv_end(void *sink, struct error *err)
{
	struct csv *csv = sink;
	return outlet_commit(&csv->outlet, err);
}

static void csv_close(void *sink)
{
	struct csv *csv = sink;
	lines_free(csv->lines);
	outlet_close(&csv->outlet);
	free(csv);
}

const struct sink_kind sink_csv = {
	.name = "csv",
	.summary = "a line of names, a line a row; quotes where they are needed; null is nothing, the empty text is \"\"",
	.extensions = ".csv",
	.takes = SINK_HEADER | SINK_DELIMITER | SINK_NULL,
	.open = csv_open, .header = csv_header, .batch = csv_batch, .end = csv_end, .close = csv_close,
};
