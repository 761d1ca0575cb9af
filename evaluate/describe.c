/* SPDX-License-Identifier: MIT */
/*
 * describe: what a stream or a model holds. It reads everything (but for
 * --schema), so that a stream described without an error is proven whole; of a
 * broken one it tells what could be read, and fails.
 */
#include "describe.h"
#include "file.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "importance.h"
#include "partial.h"
#include "people.h"
#include "stages.h"
#include "table.h"
#include "text.h"
#include "tool.h"

struct describe_config {
	struct common_config common;
	bool schema, history;
	const char *partial;
};
#define DESCRIBE_DEFAULTS { .common = COMMON_DEFAULTS }

#define AT(member) offsetof(struct describe_config, member)
static const struct option_row rows[] = {
	{ "schema", 0, OPTION_FLAG, AT(schema), NULL, NULL, 0, 0, "only fields and lineage: the rows are not read" },
	{ "history", 0, OPTION_FLAG, AT(history), NULL, NULL, 0, 0, "of a model: every epoch of its training, not just some" },
	{ "partial", 0, OPTION_TEXT, AT(partial), "COLUMN,...", NULL, 0, 0,
	  "of a model and rows: only the mean answer where all rows have one value of the column, for value after value" },
	{ "records", 0, OPTION_FLAG, offsetof(struct common_config, records), NULL, NULL, 0, 0,
	  "write the statistics as plain records, one for each field, or those of --partial, to go on with in a pipe" },
	{ "quiet", 'q', OPTION_FLAG, offsetof(struct common_config, quiet), NULL, NULL, 0, 0,
	  "write nothing: the exit status tells whether the input is whole" },
	OPTION_MEMORY,
	OPTION_END,
};

static const struct tool describe_tool = {
	.name = "describe",
	.operands = "[FILE]",
	.summary = "what a stream or a model holds",
	.details = "Reads FILE or standard input: records, a model, or a model with records behind it. Of records it tells\n"
	           "fields, roles, statistics, lineage (each step, and the rows that it was fitted on) and what each stage\n"
	           "did; of a model its parameters, its training, and all that is done to the data before it.",
	.options = rows,
};

struct describe_run {
	const struct describe_config *config;
	const char *name;               /* of the input, for messages */
	bool file;
	struct source input;
	struct modelfile model;         /* at the head of the input, if there is one */
	struct buffer text;
	size_t width;
};

static int tell_model(struct describe_run *run, struct error *err)
{
	if (modelfile_read(&run->model, reader_model(&run->input), err) < 0)
		return error_prefix(err, "%s", run->name);
	if (!run->config->common.records && !run->config->partial)
		describe_model(&run->model, reader_model(&run->input), run->config->history, run->width, &run->text);
	return 0;
}

static void tell_title(struct describe_run *run, const struct survey *survey)
{
	const struct header *header = run->input.header;
	const char *source = header->source ? header->source : "records";

	text_escape(&run->text, source, strlen(source), 0);
	buffer_add_text(&run->text, ": ");
	if (survey)
		buffer_format(&run->text, "%" PRIu64 " row%s, ", survey->n_rows, survey->n_rows == 1 ? "" : "s");
	buffer_format(&run->text, "%zu field%s\n\n", header->schema.n_fields, header->schema.n_fields == 1 ? "" : "s");
}

/* Only the proof: every batch, every value. */
static int prove(struct source *input, struct error *err)
{
	struct batch batch = BATCH_INIT;
	int result;

	while ((result = source_next(input, &batch, false, err)) == 1) {
		for (size_t col = 0; col < batch.n_columns && result == 1; col++)
			if (!column_read(&batch, col, err))
				result = -1;
		if (result < 0)
			break;
	}
	batch_free(&batch);
	return result;
}

static void tell_broken(struct describe_run *run, const struct error *err)
{
	buffer_add_text(&run->text, "broken: what follows is of the rows before that (");
	if (err->passed_on) {
		text_show_name(&run->text, err->program);
		buffer_add_text(&run->text, ": ");
	}
	text_show_name(&run->text, err->message);
	buffer_add_text(&run->text, ")\n\n");
}

static int tell_rows(struct describe_run *run, struct error *err)
{
	const struct host *host = run->config->common.host;
	struct importance *importance = run->model.kind ? importance_new(&run->model, &run->input, host) : NULL;
	struct row_sampler *sampler = importance ? importance_sampler(importance) : NULL;
	struct source rows_watched = sampler ? row_sampler_source(sampler) : run->input;
	struct survey survey;
	int result = survey_read(&survey, &rows_watched, run->config->common.memory, host, err);

	if (importance && result == 0)
		result = importance_describe(importance, run->width, &run->text, err);
	importance_free(importance);
	tell_title(run, &survey);
	if (result < 0)
		tell_broken(run, err);
	describe_schema(run->input.header, &survey, run->width, &run->text);
	describe_statistics(&survey, run->width, &run->text);
	describe_lineage(&run->input.header->lineage, run->width, &run->text);
	if (result == 0 && run->input.end(run->input.state)->n_stages) {
		stages_print(run->input.end(run->input.state), run->width, &run->text);
		buffer_add_text(&run->text, "\n");
	}
	survey_release(&survey);
	return result;
}

static int tell_records(struct describe_run *run, struct error *err)
{
	struct output *output = output_new(true);
	struct survey survey;
	int result;

	if (!reader_has_header(&run->input)) {
		output_free(output);
		return error_set(err, STATUS_FAILED, "%s: a model without records has no statistics (--records)", run->name);
	}
	result = survey_read(&survey, &run->input, run->config->common.memory, run->config->common.host, err);
	if (result == 0)
		result = describe_records(&survey, run->input.end(run->input.state), output, run->config->common.host, err);
	if (result < 0)
		output_fail(output, err, err);
	survey_release(&survey);
	output_free(output);
	return result;
}

/* How the answers hang on some columns, and nothing else. */
static int tell_partial(struct describe_run *run, struct error *err)
{
	struct partial *partial = partial_new(&run->model, &run->input, run->config->partial, run->config->common.host, err);
	struct output *output = run->config->common.records ? output_new(true) : NULL;
	struct source rows_watched;
	int result = -1;

	if (partial) {
		rows_watched = row_sampler_source(partial_sampler(partial));
		result = prove(&rows_watched, err);
	}
	if (result == 0)
		result = output ? partial_records(partial, run->input.end(run->input.state), output, err) : partial_describe(partial, run->width, &run->text, err);
	if (result < 0 && output)
		output_fail(output, err, err);
	output_free(output);
	partial_free(partial);
	return result;
}

static int tell(struct describe_run *run, struct error *err)
{
	bool has_model = reader_model(&run->input) != NULL, has_rows = reader_has_header(&run->input);

	if (has_model && tell_model(run, err) < 0)
		return -1;
	if (run->config->common.quiet)
		return has_rows ? prove(&run->input, err) : 0;
	if (run->config->partial && (!has_model || !has_rows))
		return error_set(err, STATUS_USAGE, "%s: --partial is of a model with records behind it (cat model.mp rows.mp | %sdescribe --partial %s)",
		                 run->name, tool_prefix(), run->config->partial);
	if (run->config->partial)
		return tell_partial(run, err);
	if (run->config->common.records)
		return tell_records(run, err);
	if (has_rows && run->config->schema) {
		tell_title(run, NULL);
		describe_schema(run->input.header, NULL, run->width, &run->text);
		describe_lineage(&run->input.header->lineage, run->width, &run->text);
		return 0;
	}
	return has_rows ? tell_rows(run, err) : 0;
}

/* What was found is printed also after a failure. */
static int print(struct describe_run *run, int result, struct error *err)
{
	struct error other = ERROR_INIT;

	if (run->text.size == 0 || run->config->common.quiet)
		return result;
	run->text.size--;               /* the blank line at the end */
	if (people_write(STDOUT_FILENO, &run->text, run->config->common.host, result < 0 ? &other : err) < 0)
		result = -1;
	return result;
}

static int describe(const struct describe_config *config, struct error *err)
{
	const struct text_list *operands = &config->common.operands;
	struct describe_run run = { .config = config, .name = "standard input", .text = BUFFER_INIT, .width = config->common.host->out_width };
	struct reader_options options = { .model_alone = true, .partial = config->schema, .head_only = config->schema, .host = config->common.host };
	int fd = STDIN_FILENO, result = -1;

	if (operands->n > 1)
		return error_set(err, STATUS_USAGE, "one FILE at most");
	if (config->partial && config->schema)
		return error_set(err, STATUS_USAGE, "--partial needs the rows, which --schema leaves unread (leave one of them out)");
	run.file = operands->n == 1 && strcmp(operands->items[0], "-") != 0;
	if (run.file) {
		run.name = operands->items[0];
		fd = file_open(run.name, config->common.host, err);
		if (fd < 0)
			return -1;
	}
	result = reader_open(&run.input, fd, run.name, &options, err);
	if (result == 0)
		result = print(&run, tell(&run, err), err);
	/* In a pipe the program that failed has said so itself; of a file nobody remembers. */
	if (result < 0 && run.file && err->passed_on) {
		err->passed_on = false;
		error_prefix(err, "%s: %s failed", run.name, err->program);
	}
	modelfile_release(&run.model);
	source_close(&run.input);
	buffer_free(&run.text);
	if (run.file)
		close(fd);
	return result;
}

int main(int argc, char **argv)
{
	struct describe_config config = DESCRIBE_DEFAULTS;
	struct error err = ERROR_INIT;

	tool_start(argc, argv, &describe_tool, &config);
	return tool_finish(describe(&config, &err), &err);
}
