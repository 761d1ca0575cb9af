/* SPDX-License-Identifier: MIT */
/* load: records -> a file that is whole or not there, or standard output. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"
#include "selection.h"
#include "sinks.h"
#include "tool.h"

struct load_config {
	struct common_config common;    /* operands: at most one file */
	const char *format;
	struct selection_request select;
};

#define ROW(name, letter, type, member, argument, help) \
	{ name, letter, type, offsetof(struct load_config, member), argument, NULL, 0, 0, help }

static const struct option_row options[] = {
	ROW("format", 'f', OPTION_TEXT, format, "FORMAT",
	    "the format (default: by the ending of FILE; on standard output csv, on a terminal table)"),
	ROW("columns", 0, OPTION_LIST, select.columns, "A,B",
	    "write these fields only, in this order: names, globs, :type, @role, !x; in backquotes any name"),
	ROW("with", 0, OPTION_LIST, select.with, "ROLE,...",
	    "write also fields of these roles, which are left out by default: origin, split, source"),
	ROW("all", 0, OPTION_FLAG, select.all, NULL, "write the fields of all roles"),
	OPTION_THREADS, OPTION_SHOW_VALUES, OPTION_VERBOSE, OPTION_QUIET,
	OPTION_END
};

static const struct tool load_tool = {
	.name = "load",
	.operands = "[FILE]",
	.summary = "Writes the records of standard input to a file or to standard output.",
	.details = "A FILE appears only when all input has come and is proven; until then an old one stays as it is.",
	.options = options,
	.formats = sink_format,
};

static void show_stages(const struct host *host, const struct source *source, uint64_t rows)
{
	struct stage mine = { .program = (char *)host->program, .rows_in = rows, .rows_out = rows, .seconds = host_seconds(host) };
	struct end end = END_INIT;

	end_copy(&end, source->end(source->state));
	end_add_stage(&end, &mine);
	output_stages(&end);
	end_release(&end);
}

/* Who asked for a file is told that there is none, also where the program that failed has said why. */
static void say_nothing_written(const char *path, struct error *err)
{
	struct stat file;

	if (err->code == STATUS_PIPE || !path || (stat(path, &file) == 0 && !S_ISREG(file.st_mode)))
		return;
	error_own(err, "%s: nothing was written", path);
}

/* Into a sink that is open. */
static int load_into(const struct load_config *config, const struct sink_kind *kind, void *sink, const char *path, struct error *err)
{
	struct source source = { .next = NULL };
	uint64_t rows;
	int result = reader_open(&source, STDIN_FILENO, "standard input", &(struct reader_options){ .host = config->common.host }, err);

	if (result == 0)
		result = sink_fill(kind, sink, &source, &config->select, (size_t)config->common.threads, config->common.host, &rows, err);
	if (result != 0)
		say_nothing_written(path, err);
	else if (config->common.verbose)
		show_stages(config->common.host, &source, rows);
	source_close(&source);
	return result;
}

static int load(struct load_config *config, struct error *err)
{
	const struct text_list *operands = &config->common.operands;
	const char *path = operands->n && strcmp(operands->items[0], "-") != 0 ? operands->items[0] : NULL;
	void *own = NULL, *sink = NULL;
	int result = -1;
	const struct sink_kind *kind;

	if (operands->n > 1)
		return error_set(err, STATUS_USAGE, "one file at most, not also '%s'", operands->items[1]);
	kind = sink_find(config->format, path, config->common.host, err);
	if (!kind || !(own = format_config(&kind->format, sink_format, &config->common.kept, err)))
		return -1;
	if ((!kind->ask || kind->ask(own, &config->select, err) == 0) && selection_check(&config->select, err) == 0)
		sink = kind->open(path, own, config->common.host, err);
	if (sink) {
		result = load_into(config, kind, sink, path, err);
		kind->close(sink);
	}
	format_config_free(&kind->format, own);
	return result;
}

int main(int argc, char **argv)
{
	struct load_config config = { .common = COMMON_DEFAULTS };
	struct error err = ERROR_INIT;

	tool_start(argc, argv, &load_tool, &config);
	return tool_finish(load(&config, &err), &err);
}
