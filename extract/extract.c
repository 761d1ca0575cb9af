/* SPDX-License-Identifier: MIT */
/* extract: files become records. The kinds of sources are in sources.h; this is the command line and the loop. */
#include <unistd.h>

#include "alike.h"
#include "output.h"
#include "people.h"
#include "sources.h"
#include "tool.h"

#define ROW(name, letter, type, member, argument, choices, help) \
	{ name, letter, type, offsetof(struct extract_config, member), argument, choices, 0, 0, help }

static const struct option_row options[] = {
	{ .name = "what is read", .type = OPTION_HEADING },
	ROW("format", 'f', OPTION_TEXT, format, "FORMAT", NULL, "the format (default: by the ending of the files' names, else csv)"),
	ROW("columns", 0, OPTION_LIST, columns, "NAME,...", NULL, "only these columns, in this order"),
	ROW("null", 0, OPTION_LIST, nulls, "TEXT,...", NULL,
	    "cells that mean null besides the empty one: --null NA,?; --null '' for an empty text in quotes"),
	ROW("no-null", 0, OPTION_NOT, common, NULL, "null", "none but the empty one (default)"),
	ROW("no-origin", 0, OPTION_FLAG, no_origin, NULL, NULL, "leave out _file, _line and _row"),
	ROW("sniff", 0, OPTION_FLAG, sniff, NULL, NULL, "print the options by which the first file is read, given or found in its first rows, and end"),
	{ .name = "types", .type = OPTION_HEADING },
	ROW("types", 0, OPTION_LIST, types, "NAME=TYPE,...", NULL, "types of some columns, by name or glob: int, real, bool, time, time(FORM) or text; the others are found by looking"),
	ROW("like", 0, OPTION_TEXT, like, "FILE", NULL,
	    "read as this stream or model was read: its types, and what is not given of its null words and of its format's options; a column that it does not know is text, and no row has to wait"),
	{ .name = "bad input", .type = OPTION_HEADING },
	ROW("on-misfit", 0, OPTION_CHOICE, on_misfit, NULL, "fail|null|reject",
	    "a cell that is no value of its column's type, or no UTF-8: fail (default), make it null, reject the row"),
	ROW("rejects", 0, OPTION_TEXT, rejects, "FILE", NULL, "append rejected rows to this file, as JSON lines with reason, file, line and the raw text"),
	ROW("max-bad", 0, OPTION_TEXT, max_bad, "N|P%", NULL, "fail if more than N rows, or P percent of them, were bad"),
	{ .name = "common", .type = OPTION_HEADING },
	OPTION_RECORDS,
	{ "threads", 'j', OPTION_INT, offsetof(struct common_config, threads), "N", NULL, 1, 256,
	  "so many (default 2) make the columns of CSV side by side, each of another stretch of the file; the result is the same for any number" },
	{ "memory", 0, OPTION_SIZE, offsetof(struct common_config, memory), "SIZE", NULL, 0, 0,
	  "text of the first rows of a pipe, kept until the types are known (default, and at least, 16M)" },
	OPTION_VERBOSE,
	OPTION_QUIET,
	OPTION_SHOW_VALUES,
	OPTION_END,
};

static const struct tool extract_tool = {
	.name = "extract",
	.operands = "[FILE...]",
	.summary = "Reads files and writes their rows as records with types.",
	.details = "Without a FILE, or for -, standard input is read. Several files are read one after the other; they have the same columns.",
	.options = options,
	.streams = true, .prints = "sniff",
	.formats = source_format,
};

/* --sniff: how the file is read, for a shell. */
static int print_style(const struct extract_config *config, const struct read_style *style, const struct source_kind *kind, struct error *err)
{
	struct buffer text = BUFFER_INIT;
	int result;

	if (!style->format)
		return error_set(err, STATUS_USAGE, "--sniff has no meaning with the format %s, which is always read in the same way", kind->format.name);
	alike_print(style, &text);
	result = people_write(STDOUT_FILENO, &text, config->common.host, err);
	buffer_free(&text);
	return result;
}

static int extract(struct extract_config *config, struct alike *alike, struct error *err)
{
	const struct source_kind *kind = alike_open(alike, config, err) < 0 ? NULL : source_find(config, err);
	struct source source = { .header = NULL };
	struct batch batch = BATCH_INIT;
	struct output *output;
	void *own = NULL;
	int result = -1;

	if (kind) {
		alike_settle(alike, config, kind);
		own = format_config(&kind->format, source_format, &alike->kept, err);
	}
	if (!own)
		return -1;
	output = config->sniff ? NULL : output_new(config->common.records);
	if (kind->open(&source, config, own, err) < 0)
		goto out;
	if (config->sniff) {
		result = print_style(config, &source.header->lineage.style, kind, err);
		goto out;
	}
	if (output_header(output, source.header, err) < 0)
		goto out;
	while ((result = source_next(&source, &batch, true, err)) == 1)
		if (output_batch(output, &batch, err) < 0) {
			result = -1;
			break;
		}
	if (result == 0)
		result = output_end(output, source.end(source.state), err);
out:
	if (result != 0)
		output_fail(output, err, err);
	batch_free(&batch);
	source_close(&source);
	output_free(output);
	format_config_free(&kind->format, own);
	return result;
}

int main(int argc, char **argv)
{
	struct extract_config config = EXTRACT_DEFAULTS;
	struct alike alike = ALIKE_INIT;
	struct error err = ERROR_INIT;
	int result;

	tool_start(argc, argv, &extract_tool, &config);
	result = extract(&config, &alike, &err);
	alike_release(&alike);
	return tool_finish(result, &err);
}
