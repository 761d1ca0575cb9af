/* SPDX-License-Identifier: MIT */
/* load: records -> a file that is whole or not there, or standard output. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lists.h"
#include "progress.h"
#include "selection.h"
#include "sink.h"
#include "stages.h"
#include "table.h"
#include "tool.h"

struct load_config {
	struct common_config common;    /* operands: at most one file */
	const char *format, *delimiter, *null;
	bool typed, no_header;
	struct selection_request select;
};

#define ROW(name, letter, type, member, argument, help) \
	{ name, letter, type, offsetof(struct load_config, member), argument, NULL, 0, 0, help }

static const struct option_row options[] = {
	ROW("format", 'f', OPTION_TEXT, format, "FORMAT",
	    "one of csv, tsv, jsonl, msgpack, table (default: by the ending of FILE; on standard output csv, on a terminal table)"),
	ROW("columns", 0, OPTION_LIST, select.columns, "A,B",
	    "write these fields only, in this order: names, globs, :type, @role, !x; in backquotes any name"),
	ROW("with", 0, OPTION_LIST, select.with, "ROLE,...",
	    "write also fields of these roles, which are left out by default: origin, split, source"),
	ROW("all", 0, OPTION_FLAG, select.all, NULL, "write the fields of all roles"),
	ROW("typed", 0, OPTION_FLAG, typed, NULL,
	    "with tsv: all fields, name:type@role in the first line, #end in the last, so that extract -f tsv --typed reads the same back"),
	ROW("delimiter", 0, OPTION_TEXT, delimiter, "BYTE", "with csv: what parts cells, one byte or comma, tab, semicolon, pipe, space (default comma)"),
	ROW("null", 0, OPTION_TEXT, null, "TEXT", "how a missing value prints in csv, tsv and table (default: nothing)"),
	ROW("no-header", 0, OPTION_FLAG, no_header, NULL, "with csv and tsv: no line of names"),
	OPTION_SHOW_VALUES, OPTION_VERBOSE, OPTION_QUIET,
	OPTION_END
};

static void print_formats(void)
{
	size_t n;
	const struct sink_kind *const *kinds = sink_list(&n);

	printf("\nformats:\n");
	for (size_t i = 0; i < n; i++)
		printf("  %-8s %s (%s)\n", kinds[i]->name, kinds[i]->summary, kinds[i]->extensions);
}

static const struct tool load_tool = {
	.name = "load",
	.operands = "[FILE]",
	.summary = "Writes the records of standard input to a file or to standard output.",
	.details = "A FILE appears only when all input has come and is proven; until then an old one stays as it is.",
	.options = options,
	.more_help = print_formats,
};

static const struct sink_kind *choose_kind(const struct load_config *config, const char *path, struct error *err)
{
	if (config->format)
		return sink_named(config->format, err);
	if (path)
		return sink_for_path(path, err);
	return sink_named(isatty(STDOUT_FILENO) ? "table" : "csv", err);
}

/* Options that the format has no use for are refused, not ignored. */
static int check_options(const struct load_config *config, const struct sink_kind *kind, struct error *err)
{
	static const struct { const char *option; unsigned need; } NEEDS[] = {
		{ "typed", SINK_TYPED }, { "no-header", SINK_HEADER }, { "delimiter", SINK_DELIMITER }, { "null", SINK_NULL },
	};
	for (size_t i = 0; i < sizeof NEEDS / sizeof *NEEDS; i++)
		if (option_given(NEEDS[i].option) && !(kind->takes & NEEDS[i].need))
			return error_set(err, STATUS_USAGE, "--%s has no meaning with the format %s", NEEDS[i].option, kind->name);
	if (config->typed && (config->no_header || config->null || config->select.with.n))
		return error_set(err, STATUS_USAGE, "--typed writes all roles, its own first line and its own nulls: no --with, --no-header or --null beside it");
	return selection_check(&config->select, err);
}

static int make_request(struct load_config *config, const struct sink_kind *kind, const char *path, struct sink_request *request,
                        struct error *err)
{
	unsigned char delimiter = ',';
	if (check_options(config, kind, err) != 0)
		return -1;
	if (config->delimiter && delimiter_read(config->delimiter, &delimiter, err) != 0)
		return -1;
	/* A cell that is no text is never quoted: nothing in it may look like a delimiter. */
	if (strchr("0123456789.+-eatrufls", delimiter))
		return error_set(err, STATUS_USAGE, "--delimiter: '%c' stands in numbers and in true and false", delimiter);
	if (config->null && (strpbrk(config->null, "\"\t\r\n") || strchr(config->null, delimiter)))
		return error_set(err, STATUS_USAGE, "--null: a text without quote, tab, line end and delimiter");
	*request = (struct sink_request){
		.path = path, .typed = config->typed, .header = !config->no_header,
		.delimiter = (char)delimiter, .null = config->null ? config->null : "",
	};
	config->select.all |= config->typed && config->select.columns.n == 0;
	return 0;
}

/* All records from the source into the sink. */
static int copy_rows(struct source *source, struct selection *selection, const struct sink_kind *kind, void *sink, uint64_t *rows,
                     struct error *err)
{
	struct progress *progress = progress_new(0, true);      /* load is never first: only SIGUSR1 asks */
	struct batch batch = BATCH_INIT;
	int result;

	progress_phase(progress, "loading");
	while ((result = source_next(source, &batch, true, err)) == 1) {
		if (selection_apply(selection, &batch, err) != 0 || kind->batch(sink, &batch, err) != 0) {
			result = -1;
			break;
		}
		*rows += batch.n_rows;
		progress_rows(progress, *rows, *rows);
	}
	batch_free(&batch);
	progress_free(progress);
	return result;
}

static void show_stages(const struct source *source, uint64_t rows)
{
	struct stage mine = { .program = (char *)tool_name(), .rows_in = rows, .rows_out = rows, .seconds = tool_seconds() };
	struct buffer text = BUFFER_INIT;
	struct end end = END_INIT;

	end_copy(&end, source->end(source->state));
	end_add_stage(&end, &mine);
	stages_print(&end, terminal_width(STDERR_FILENO), &text);
	fputs(buffer_text(&text), stderr);
	buffer_free(&text);
	end_release(&end);
}

/* Who asked for a file is told that there is none, also where the program that failed has said why. */
static void say_nothing_written(const char *path, struct error *err)
{
	struct stat file;
	if (err->code == STATUS_PIPE || !path || (stat(path, &file) == 0 && !S_ISREG(file.st_mode)))
		return;
	if (err->passed_on) {
		err->passed_on = false;
		snprintf(err->message, sizeof err->message, "%s: nothing was written (%s failed)", path, err->program);
	} else {
		error_prefix(err, "%s: nothing was written", path);
	}
}

static int load(struct load_config *config, struct error *err)
{
	const struct text_list *operands = &config->common.operands;
	const char *path = operands->n && strcmp(operands->items[0], "-") != 0 ? operands->items[0] : NULL;
	struct source source = { .next = NULL };
	struct selection selection = { .columns = NULL };
	struct sink_request request;
	void *sink = NULL;
	uint64_t rows = 0;
	int result = -1;

	if (operands->n > 1)
		return error_set(err, STATUS_USAGE, "one file at most, not also '%s'", operands->items[1]);
	const struct sink_kind *kind = choose_kind(config, path, err);
	if (!kind || make_request(config, kind, path, &request, err) != 0 || !(sink = kind->open(&request, err)))
		return -1;
	if (reader_open(&source, STDIN_FILENO, "standard input", NULL, err) != 0
	    || selection_make(&selection, &config->select, &source.header->schema, err) != 0
	    || kind->header(sink, &selection.schema, err) != 0
	    || copy_rows(&source, &selection, kind, sink, &rows, err) != 0
	    || kind->end(sink, err) != 0) {
		say_nothing_written(path, err);
		goto out;
	}
	if (config->common.verbose)
		show_stages(&source, rows);
	result = 0;
out:
	kind->close(sink);
	selection_release(&selection);
	source_close(&source);
	return result;
}

int main(int argc, char **argv)
{
	struct load_config config = { .common = COMMON_DEFAULTS };
	struct error err = ERROR_INIT;

	tool_start(argc, argv, &load_tool, &config);
	return tool_finish(load(&config, &err), &err);
}
