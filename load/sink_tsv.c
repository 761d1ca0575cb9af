/* SPDX-License-Identifier: MIT */
/*
 * TSV without quotes: a tab, a line end and a backslash within a text are \t \n \r
 * \\, so that awk may cut lines at tabs. Typed TSV (common/stream/typed.h) also tells
 * types and roles, null from the empty text, and ends in a line that says so.
 */
#include <stdlib.h>
#include <string.h>

#include "lines.h"
#include "memory.h"
#include "outlet.h"
#include "sink.h"
#include "typed.h"

struct tsv {
	struct outlet outlet;
	const struct sink_request *request;
	struct line_style style;
	struct lines *lines;
};

static void print_plain(const void *context, const char *bytes, size_t size, bool first, struct buffer *to)
{
	(void)context;
	(void)first;
	buffer_reserve(to, 2 * size);
	unsigned char *out = to->data + to->size;
	for (size_t i = 0; i < size; i++) {
		char byte = bytes[i], letter = byte == '\t' ? 't' : byte == '\n' ? 'n' : byte == '\r' ? 'r' : byte == '\\' ? '\\' : 0;
		if (letter)
			*out++ = '\\';
		*out++ = (unsigned char)(letter ? letter : byte);
	}
	to->size = (size_t)(out - to->data);
}

static void print_typed(const void *context, const char *bytes, size_t size, bool first, struct buffer *to)
{
	(void)context;
	typed_print_text(bytes, size, first, to);
}

static void print_before(const void *context, const struct field *field, bool first, struct buffer *to)
{
	(void)context;
	(void)field;
	if (!first)
		buffer_add_byte(to, '\t');
}

static void *tsv_open(const struct sink_request *request, struct error *err)
{
	struct tsv *tsv = mem_new(1, sizeof *tsv);
	tsv->request = request;
	tsv->style = (struct line_style){
		.open = "", .close = "\n", .null = request->null, .before = print_before,
		.text = request->typed ? print_typed : print_plain,
	};
	if (outlet_open(&tsv->outlet, request->path, err) != 0) {
		free(tsv);
		return NULL;
	}
	return tsv;
}

static int tsv_header(void *sink, const struct schema *schema, struct error *err)
{
	struct tsv *tsv = sink;
	struct buffer *bytes = &tsv->outlet.bytes;
	tsv->lines = lines_new(&tsv->style, schema);
	if (!tsv->request->header)
		return 0;
	for (size_t col = 0; col < schema->n_fields; col++) {
		print_before(NULL, NULL, col == 0, bytes);
		if (tsv->request->typed)
			typed_print_field(&schema->fields[col], col == 0, bytes);
		else
			print_plain(NULL, schema->fields[col].name, strlen(schema->fields[col].name), col == 0, bytes);
	}
	buffer_add_byte(bytes, '\n');
	return outlet_flush(&tsv->outlet, err);
}

static int tsv_batch(void *sink, struct batch *batch, struct error *err)
{
	struct tsv *tsv = sink;
	lines_print(tsv->lines, batch, &tsv->outlet.bytes);
	return outlet_flush(&tsv->outlet, err);
}

static int tsv_end(void *sink, struct error *err)
{
	struct tsv *tsv = sink;
	if (tsv->request->typed)
		buffer_add_text(&tsv->outlet.bytes, TYPED_END "\n");
	return outlet_commit(&tsv->outlet, err);
}

static void tsv_close(void *sink)
{
	struct tsv *tsv = sink;
	lines_free(tsv->lines);
	outlet_close(&tsv->outlet);
	free(tsv);
}

const struct sink_kind sink_tsv = {
	.name = "tsv",
	.summary = "cells parted by tabs, no quotes: \\t \\n \\r \\\\ within a text; with --typed types, roles and an end too",
	.extensions = ".tsv .tab",
	.takes = SINK_TYPED | SINK_HEADER | SINK_NULL,
	.open = tsv_open, .header = tsv_header, .batch = tsv_batch, .end = tsv_end, .close = tsv_close,
};
