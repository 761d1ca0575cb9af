/* SPDX-License-Identifier: MIT */
/* JSON lines: an object a row, with all fields in their order; null is null, a time is text in its form. */
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "lines.h"
#include "memory.h"
#include "outlet.h"
#include "sink.h"

struct jsonl {
	struct outlet outlet;
	struct lines *lines;
};

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

static const struct line_style style = { .open = "{", .close = "}\n", .json = true, .null = "null", .before = print_key, .text = print_text };

static void *jsonl_open(const char *target, const void *config, const struct host *host, struct error *err)
{
	struct jsonl *jsonl = mem_new(1, sizeof *jsonl);

	(void)config;
	if (outlet_open(&jsonl->outlet, target, host, err) < 0) {
		free(jsonl);
		return NULL;
	}
	return jsonl;
}

static int jsonl_header(void *sink, const struct header *header, const struct schema *chosen, struct error *err)
{
	struct jsonl *jsonl = sink;

	(void)header;
	(void)err;
	jsonl->lines = lines_new(&style, chosen);
	return 0;
}

static int jsonl_batch(void *sink, struct batch *batch, struct error *err)
{
	struct jsonl *jsonl = sink;

	lines_print(jsonl->lines, batch, &jsonl->outlet.bytes);
	return outlet_flush(&jsonl->outlet, err);
}

static int jsonl_commit(void *sink, const struct end *end, struct error *err)
{
	struct jsonl *jsonl = sink;

	(void)end;
	return outlet_commit(&jsonl->outlet, err);
}

static void jsonl_close(void *sink)
{
	struct jsonl *jsonl = sink;

	lines_free(jsonl->lines);
	outlet_close(&jsonl->outlet);
	free(jsonl);
}

const struct sink_kind sink_jsonl = {
	.format = {
		.name = "jsonl",
		.summary = "a JSON object a line; null is null, a time is text in the form of its field",
		.endings = ".jsonl|.ndjson|.json",
	},
	.open = jsonl_open, .header = jsonl_header, .batch = jsonl_batch, .commit = jsonl_commit, .close = jsonl_close,
};
