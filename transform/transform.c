/* SPDX-License-Identifier: MIT */
/* transform: records -> records, by steps on the command line, in recipes, or out of a fitted recipe or model. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "expression.h"
#include "file.h"
#include "output.h"
#include "people.h"
#include "plan.h"
#include "replay.h"
#include "stages.h"
#include "tool.h"

enum { NAMES_SHOWN = 8 };               /* in a remark */

struct transform_config {
	struct common_config common;    /* operands: steps, and recipe files where options[] says so */
	const char *fit, *apply, *rejects;
	bool explain;
	int missing;
};

enum { MISSING_FAIL, MISSING_NULL };

static const struct option_row options[] = {
	{ "recipe", 'f', OPTION_INLINE, offsetof(struct common_config, operands), "FILE", NULL, 0, 0,
	  "steps out of a file, a line each; mixes with steps on the command line, in the order given" },
	{ "fit", 0, OPTION_TEXT, offsetof(struct transform_config, fit), "FILE", NULL, 0, 0,
	  "keep the fitted steps in a file, for --apply" },
	{ "apply", 0, OPTION_TEXT, offsetof(struct transform_config, apply), "FILE", NULL, 0, 0,
	  "first replay what --fit kept, or the steps of a model, with what they learned there" },
	{ "missing", 0, OPTION_CHOICE, offsetof(struct transform_config, missing), NULL, "fail|null", 0, 0,
	  "with --apply: a needed column that is absent is an error (default), or null in all rows" },
	{ "explain", 0, OPTION_FLAG, offsetof(struct transform_config, explain), NULL, NULL, 0, 0,
	  "print on standard error the passes, what each selector matched, what was fitted on which rows, and every step's counts" },
	{ "rejects", 0, OPTION_TEXT, offsetof(struct transform_config, rejects), "FILE", NULL, 0, 0,
	  "append rejected rows to a file, as JSON lines with the reason" },
	OPTION_THREADS, OPTION_SEED, OPTION_MEMORY, OPTION_RECORDS, OPTION_SHOW_VALUES, OPTION_VERBOSE, OPTION_QUIET,
	OPTION_END
};

static void print_steps(void)
{
	size_t n;
	const struct step_kind *const *steps = step_list(&n);
	struct buffer functions = BUFFER_INIT;

	printf("\nsteps (man 5 recipe tells more):\n");
	for (size_t i = 0; i < n; i++)
		printf("  %s\n      %s\n      e.g. %s\n", steps[i]->usage, steps[i]->summary, steps[i]->example);
	expression_help(&functions);
	printf("\nexpressions, for derive and expect:\n\n%s", buffer_text(&functions));
	buffer_free(&functions);
}

static const struct tool transform_tool = {
	.name = "transform",
	.operands = "[STEP...]",
	.summary = "Cleans, derives, encodes: applies steps to the records of standard input.",
	.options = options,
	.streams = true,
	.more_help = print_steps,
};

static int read_recipe(const struct text_list *operands, struct recipe *recipe, const struct host *host, struct error *err)
{
	for (size_t i = 0; i < operands->n; i++) {
		char place[32];

		if (operands->options[i]) {
			if (recipe_add_file(recipe, operands->items[i], host, err) < 0)
				return -1;
			continue;
		}
		snprintf(place, sizeof place, "argument %zu", i + 1);
		if (recipe_add(recipe, operands->items[i], place, err) < 0)
			return -1;
	}
	return 0;
}

/* The lineage of a fitted recipe (a stream without rows) or of a model. */
static int read_fitted(const char *path, const struct host *host, struct lineage *lineage, struct error *err)
{
	const struct reader_options look = { .file_head = true, .host = host };
	struct source source = { .next = NULL };
	int fd = file_open(path, host, err), result;

	if (fd < 0)
		return -1;
	if (reader_open(&source, fd, path, &look, err) < 0) {
		close(fd);
		return -1;
	}
	result = reader_lineage(&source, lineage, err);
	source_close(&source);
	close(fd);
	return result < 0 ? error_prefix(err, "%s", path) : 0;
}

static int write_fitted(struct file *file, const struct header *header, struct error *err)
{
	const struct end none = END_INIT;
	struct writer *writer = writer_new(file->fd, 0, file->host);
	int result = writer_header(writer, header, err) < 0 || writer_end(writer, &none, err) < 0 ? -1 : 0;

	if (result < 0)
		error_prefix(err, "%s", file->path);
	else
		result = file_commit(file, err);
	writer_free(writer);
	return result;
}

/* Everything behind the open source: header, rows, the fitted file, the end. */
static int write_records(struct file *fitted, struct source *source, struct output *output, struct error *err)
{
	struct batch batch = BATCH_INIT;
	int result;

	if (output_header(output, source->header, err) < 0)
		return -1;
	while ((result = source_next(source, &batch, true, err)) == 1)
		if ((result = output_batch(output, &batch, err)) < 0)
			break;
	batch_free(&batch);
	if (result < 0)
		return -1;
	if (fitted->path && write_fitted(fitted, source->header, err) < 0)
		return -1;
	return output_end(output, source->end(source->state), err);
}

static void say_counts(const struct transform_config *config, const struct source *plan)
{
	struct buffer text = BUFFER_INIT;

	if (!config->explain)
		return;
	buffer_add_text(&text, "counts:\n");
	plan_counts(plan, &text);
	people_tell(&text);
	buffer_free(&text);
}

static void say_replay(const struct transform_config *config, const struct source *source)
{
	const struct replay *replay = replay_of(source, 0);
	const struct names *extra = replay_extra(replay);
	struct buffer names = BUFFER_INIT;
	struct names lines = { .items = NULL };
	bool counts = config->explain || config->common.verbose;

	if (extra->n > 0) {
		names_print(extra, config->common.verbose ? SIZE_MAX : NAMES_SHOWN, &names);
		host_note(config->common.host, "not there when the steps were fitted: %s (passed on)", buffer_text(&names));
	}
	for (size_t i = 0; (replay = replay_of(source, i)); i++)
		for (size_t j = 0; j < replay_remarks(replay)->n; j++)
			host_note(config->common.host, "%s", replay_remarks(replay)->items[j]);
	for (size_t i = 0; (replay = replay_of(source, i)); i++)
		replay_tell(replay, config->common.verbose, !counts, &lines);
	for (size_t i = 0; i < lines.n; i++)
		host_note(config->common.host, "%s", lines.items[i]);
	names_release(&lines);
	buffer_free(&names);
	if (counts)
		for (size_t i = 0; (replay = replay_of(source, i)); i++)
			note_tally(replay_counts(replay), config->common.verbose, config->common.host);
}

static void say_line(struct buffer *line, const struct host *host)
{
	if (line->size)
		host_note(host, "%s", buffer_text(line));
	buffer_clear(line);
}

/* Cells that became null, rows that are nowhere or not as they should be: nobody need ask for that. */
static void say_losses(const struct transform_config *config, const struct source *plan)
{
	const struct host *host = config->common.host;
	struct buffer text = BUFFER_INIT;

	plan_print_unread(plan, config->common.verbose, &text);
	say_line(&text, host);
	if (!config->explain)           /* which counted them */
		plan_print_told(plan, config->common.verbose, &text);
	say_line(&text, host);
	plan_print_rejected(plan, &text);
	say_line(&text, host);
	buffer_free(&text);
}

enum { SCARCE = 128 << 20 };    /* below that memory counts more than time */

static int transform(struct transform_config *config, struct error *err)
{
	const struct replay_options replay = { .missing_null = config->missing == MISSING_NULL, .host = config->common.host };
	struct buffer explain = BUFFER_INIT;
	const struct reader_options input_options = { .spare = config->common.memory < SCARCE, .host = config->common.host };
	struct plan_options plan = {
		.memory = config->common.memory, .seed = (uint64_t)config->common.seed, .threads = (int)config->common.threads,
		.program = config->common.host->program, .host = config->common.host, .explain = config->explain ? &explain : NULL,
	};
	struct source input = { .next = NULL }, applied = { .next = NULL }, source = { .next = NULL };
	struct source replayed;         /* applied, to ask it for counts when the plan owns it */
	struct output *output = NULL;
	struct recipe recipe = RECIPE_INIT;
	struct lineage fitted = LINEAGE_INIT;
	struct file fit = { .fd = -1 };
	struct error closing = ERROR_INIT;
	const struct bytes *model;
	int result = -1;

	if (read_recipe(&config->common.operands, &recipe, config->common.host, err) < 0)
		goto out;
	if (config->apply && read_fitted(config->apply, config->common.host, &fitted, err) < 0)
		goto out;
	if (config->fit && (file_apart(config->fit, config->common.host, err) < 0 || file_create(&fit, config->fit, config->common.host, err) < 0))
		goto out;
	if (rejects_open(&plan.rejects, config->rejects, config->common.host, err) < 0)
		goto out;
	output = output_new(config->common.records);
	if (reader_open(&input, STDIN_FILENO, "standard input", &input_options, err) < 0)
		goto out;
	model = reader_model(&input);
	if (model && output_model(output, model, err) < 0)
		goto out;
	if (config->apply && replay_open(&applied, &input, &fitted, &replay, err) < 0)
		goto out;
	replayed = applied;
	result = plan_open(&source, config->apply ? &applied : &input, &recipe, &plan, err);
	if (explain.size)
		people_tell(&explain);
	if (result == 0)
		result = write_records(&fit, &source, output, err);
	if (result == 0)
		say_counts(config, &source);
	if (result == 0 && config->apply)
		say_replay(config, &replayed);
	if (result == 0)
		say_losses(config, &source);
out:
	if (result < 0 && output)
		output_fail(output, err, err);
	if (rejects_close(plan.rejects, result < 0 ? &closing : err) < 0)
		result = -1;
	file_abandon(&fit);
	source_close(&source);
	source_close(&applied);
	source_close(&input);
	output_free(output);
	recipe_release(&recipe);
	lineage_release(&fitted);
	buffer_free(&explain);
	return result;
}

int main(int argc, char **argv)
{
	struct transform_config config = { .common = COMMON_DEFAULTS };
	struct error err = ERROR_INIT;

	tool_start(argc, argv, &transform_tool, &config);
	return tool_finish(transform(&config, &err), &err);
}
