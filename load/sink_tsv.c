/* SPDX-License-Identifier: MIT */
/*
 * TSV without quotes: a tab, a line end and a backslash within a text are \t \n \r
 * \\, so that awk may cut lines at tabs. Typed TSV (common/stream/typed.h) also tells
 * types and roles, null from the empty text, and ends in a line that says so.
 */
#include <string.h>

#include "line_sink.h"
#include "typed.h"

struct tsv_sink_config {
	const char *null;
	bool typed, no_header;
};

struct tsv {
	struct line_sink sink;
	const struct tsv_sink_config *config;
};

static void print_plain(const void *context, const char *bytes, size_t size, bool first, struct buffer *to)
{
	unsigned char *out;

	(void)context;
	(void)first;
	buffer_reserve(to, 2 * size);
	out = to->data + to->size;
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

static int tsv_ask(const void *config, struct selection_request *select, struct error *err)
{
	const struct tsv_sink_config *own = config;

	if (own->typed && (own->no_header || own->null || select->with.n))
		return error_set(err, STATUS_USAGE, "--typed writes all roles, its own first line and its own nulls: no --with, --no-header or --null beside it");
	select->all |= own->typed && select->columns.n == 0;
	return 0;
}

/* A null that holds an escape would be read as something else; \N is none. */
static bool reads_back(const char *null)
{
	for (const char *p = strchr(null, '\\'); p; p = strchr(p + 1, '\\'))
		if (p[1] && strchr("tnr\\", p[1]))
			return false;
	return strcmp(null, TYPED_END) != 0;
}

static void *tsv_open(const char *target, const void *config, const struct host *host, struct error *err)
{
	const struct tsv_sink_config *own = config;
	struct tsv *tsv;

	if (null_check(own->null, '\t', err) < 0)
		return NULL;
	if (own->null && !reads_back(own->null)) {
		error_set(err, STATUS_USAGE, "--null: a text without the escapes \\t \\n \\r \\\\, and not " TYPED_END);
		return NULL;
	}
	tsv = line_sink_new(sizeof *tsv, target, host, err);
	if (!tsv)
		return NULL;
	tsv->config = own;
	tsv->sink.null = own->null;
	tsv->sink.style = (struct line_style){
		.open = "", .close = "\n", .null = own->null ? own->null : "", .before = print_before,
		.text = own->typed ? print_typed : print_plain, .odd = { '\\', '\\' }, .edge = own->typed ? '#' : 0,
	};
	return tsv;
}

static int tsv_header(void *sink, const struct header *header, const struct schema *chosen, struct error *err)
{
	struct tsv *tsv = sink;
	struct buffer *bytes = &tsv->sink.outlet.bytes;

	(void)header;
	if (line_sink_header(&tsv->sink, chosen, err) < 0)
		return -1;
	if (tsv->config->no_header)
		return 0;
	for (size_t col = 0; col < chosen->n_fields; col++) {
		print_before(NULL, NULL, col == 0, bytes);
		if (tsv->config->typed)
			typed_print_field(&chosen->fields[col], col == 0, bytes);
		else
			print_plain(NULL, chosen->fields[col].name, strlen(chosen->fields[col].name), col == 0, bytes);
	}
	buffer_add_byte(bytes, '\n');
	return outlet_flush(&tsv->sink.outlet, err);
}

static int tsv_commit(void *sink, const struct end *end, struct error *err)
{
	struct tsv *tsv = sink;

	if (tsv->config->typed)
		buffer_add_text(&tsv->sink.outlet.bytes, TYPED_END "\n");
	return line_sink_commit(sink, end, err);
}

static const struct option_row options[] = {
	{ "typed", 0, OPTION_FLAG, offsetof(struct tsv_sink_config, typed), NULL, NULL, 0, 0,
	  "all fields, name:type@role in the first line, #end in the last, so that the same comes back where it is read with --typed" },
	OPTION_NULL(struct tsv_sink_config), OPTION_NO_HEADER(struct tsv_sink_config),
	OPTION_END
};

const struct sink_kind sink_tsv = {
	.format = {
		.name = "tsv",
		.summary = "cells parted by tabs, no quotes: \\t \\n \\r \\\\ within a text; with --typed types, roles and an end too",
		.endings = ".tsv|.tab",
		.options = options, .config_size = sizeof(struct tsv_sink_config),
	},
	.ask = tsv_ask, .open = tsv_open, .header = tsv_header, LINE_SINK_PRINTS, .commit = tsv_commit, .close = line_sink_close,
};
