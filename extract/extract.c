/* SPDX-License-Identifier: MIT */
/* extract: files become records. The kinds of sources are in sources.h; this is the command line and the loop. */
#include <stdio.h>
#include <stdlib.h>

#include "output.h"
#include "sources.h"

#define ROW(name, letter, type, member, argument, choices, help) \
	{ name, letter, type, offsetof(struct extract_config, member), argument, choices, 0, 0, help }

static const struct option_row options[] = {
	{ .name = "what is read", .type = OPTION_HEADING },
	ROW("format", 'f', OPTION_TEXT, format, "FORMAT", NULL, "the format: csv, tsv or msgpack (default: by the ending of the files' names, else csv)"),
	ROW("typed", 0, OPTION_FLAG, typed, NULL, NULL,
	    "the TSV that load -f tsv --typed writes: its first line has name:type@role for each field, its last line is #end"),
	ROW("delimiter", 0, OPTION_TEXT, delimiter, "C", NULL, "the byte between cells, or comma, tab, semicolon, pipe, space"),
	ROW("no-header", 0, OPTION_FLAG, no_header, NULL, NULL, "the first line is data; the columns are named c1, c2, ... or by --names"),
	ROW("names", 0, OPTION_LIST, names, "NAME,...", NULL, "names of the columns, instead of those in the header"),
	{ "skip-lines", 0, OPTION_INT, offsetof(struct extract_config, skip_lines), "N", NULL, 0, 1e9,
	  "leave out the first N lines of each file, which stand before its header" },
	ROW("columns", 0, OPTION_LIST, columns, "NAME,...", NULL, "only these columns, in this order"),
	ROW("trim", 0, OPTION_FLAG, trim, NULL, NULL, "drop blanks and tabs around cells that have no quotes; one of nothing else is null"),
	ROW("null", 0, OPTION_LIST, nulls, "TEXT,...", NULL,
	    "cells that mean null besides the empty one: --null NA,?; --null '' for an empty text in quotes"),
	ROW("lazy-quotes", 0, OPTION_FLAG, lazy_quotes, NULL, NULL, "take a quote in the wrong place as part of the text"),
	ROW("no-origin", 0, OPTION_FLAG, no_origin, NULL, NULL, "leave out _file, _line and _row"),
	{ .name = "types", .type = OPTION_HEADING },
	ROW("types", 0, OPTION_LIST, types, "NAME=TYPE,...", NULL, "types of some columns: int, real, bool, time, time(FORM) or text; the others are found by looking"),
	ROW("like", 0, OPTION_TEXT, like, "FILE", NULL,
	    "types of the columns as in this stream or model; a column that it does not know is text, and no row has to wait"),
	{ "types-rows", 0, OPTION_INT, offsetof(struct extract_config, types_rows), "N", NULL, 1, 1e12,
	  "types from the first N rows (default: from all rows of a regular file, from the first 65536 of a pipe)" },
	{ .name = "bad input", .type = OPTION_HEADING },
	ROW("on-bad-row", 0, OPTION_CHOICE, on_bad_row, NULL, "fail|skip|pad|reject",
	    "a row with too many or too few cells or a quote in the wrong place: fail (default), skip it, pad a short one with nulls, reject it"),
	ROW("on-misfit", 0, OPTION_CHOICE, on_misfit, NULL, "fail|null|reject",
	    "a cell that is no value of its column's type, or no UTF-8: fail (default), make it null, reject the row"),
	ROW("rejects", 0, OPTION_TEXT, rejects, "FILE", NULL, "append rejected rows to this file, as JSON lines with reason, file, line and the raw text"),
	ROW("max-bad", 0, OPTION_TEXT, max_bad, "N|P%", NULL, "fail if more than N rows, or P percent of them, were bad"),
	{ .name = "common", .type = OPTION_HEADING },
	OPTION_RECORDS,
	{ "threads", 'j', OPTION_INT, offsetof(struct common_config, threads), "N", NULL, 1, 256,
	  "2 (default): rows of files are parsed while columns are made of those before them; 1: one after the other" },
	{ "memory", 0, OPTION_SIZE, offsetof(struct common_config, memory), "SIZE", NULL, 0, 0,
	  "rows kept until all types are known (default 256M); a larger file is read twice" },
	OPTION_VERBOSE,
	OPTION_QUIET,
	OPTION_SHOW_VALUES,
	OPTION_END,
};

static void list_sources(void)
{
	puts("\nFormats:");
	for (size_t i = 0; i < source_count(); i++)
		printf("  %-8s  %s\n", source_at(i)->name, source_at(i)->summary);
}

static const struct tool extract_tool = {
	.name = "extract",
	.operands = "[FILE...]",
	.summary = "Reads files and writes their rows as records with types.",
	.details = "Without a FILE, or for -, standard input is read. Several files are read one after the other; they have the same columns.",
	.options = options,
	.more_help = list_sources,
};

static int check_config(const struct extract_config *config, const struct source_kind *kind, struct error *err)
{
	if (config->typed && !kind->typed)
		return error_set(err, STATUS_USAGE, "--typed: %s has no types in its first line (use -f tsv)", kind->name);
	if (config->typed && (config->types.n || config->like || config->names.n || config->no_header || config->delimiter || config->trim))
		return error_set(err, STATUS_USAGE, "--typed brings names and types along: no --types, --like, --names, --no-header, --delimiter or --trim with it");
	return 0;
}

static int extract(const struct extract_config *config, struct error *err)
{
	const struct source_kind *kind = source_find(config, err);
	struct source source = { .header = NULL };
	struct batch batch = BATCH_INIT;
	int result = -1;

	if (!kind || check_config(config, kind, err) != 0)
		return -1;
	struct output *output = output_new(config->common.records);
	if (kind->open(&source, config, err) != 0 || output_header(output, source.header, err) != 0)
		goto out;
	while ((result = source_next(&source, &batch, true, err)) == 1)
		if (output_batch(output, &batch, err) != 0) {
			result = -1;
			break;
		}
	if (result == 0)
		result = output_end(output, source.end(source.state), err);
out:
	if (result != 0)
		output_fail(output, err);
	batch_free(&batch);
	source_close(&source);
	output_free(output);
	return result;
}

int main(int argc, char **argv)
{
	struct extract_config config = EXTRACT_DEFAULTS;
	struct error err = ERROR_INIT;

	tool_start(argc, argv, &extract_tool, &config);
	return tool_finish(extract(&config, &err), &err);
}
