/* SPDX-License-Identifier: MIT */
/* JSON lines: an object a row, with all fields in their order; null is null, a time is text in its form. */
#include <string.h>

#include "cell.h"
#include "line_sink.h"

static void print_text(const void *context, const char *bytes, size_t size, bool first, struct buffer *to)
{
	(void)context;
	(void)first;
	json_text(to, bytes, size);
}

static void print_key(const void *context, const struct field *field, bool first, struct buffer *to)
{
	(void)context;
	if (!first)
		buffer_add_byte(to, ',');
	json_text(to, field->name, strlen(field->name));
	buffer_add_byte(to, ':');
}

static const struct line_style style = {
	.open = "{", .close = "}\n", .json = true, .null = "null", .before = print_key, .text = print_text, .odd = { '"', '\\' }, .quoted = true,
};

static void *jsonl_open(const char *target, const void *config, const struct host *host, struct error *err)
{
	struct line_sink *sink = line_sink_new(sizeof *sink, target, host, err);

	(void)config;
	if (sink)
		sink->style = style;
	return sink;
}

static int jsonl_header(void *sink, const struct header *header, const struct schema *chosen, struct error *err)
{
	(void)header;
	return line_sink_header(sink, chosen, err);
}

const struct sink_kind sink_jsonl = {
	.format = {
		.name = "jsonl",
		.summary = "a JSON object a line; null is null, a time is text in the form of its field",
		.endings = ".jsonl|.ndjson|.json",
	},
	.open = jsonl_open, .header = jsonl_header, LINE_SINK_PRINTS, .commit = line_sink_commit, .close = line_sink_close,
};
