/* SPDX-License-Identifier: MIT */
/*
 * evaluate: how good the answers are. The answers come from a model at the head
 * of the stream (what train writes), from a MODEL file, or stand in the records.
 * Everything is read and proven before anything is said.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answers.h"
#include "bits.h"
#include "cell.h"
#include "class_remarks.h"
#include "marks.h"
#include "memory.h"
#include "metrics.h"
#include "output.h"
#include "people.h"
#include "report.h"
#include "requirement.h"
#include "stages.h"
#include "table.h"
#include "tool.h"
#include "weights.h"

struct evaluate_config {
	struct common_config common;
	const char *truth, *prediction, *probability, *positive;
	const char *items[N_METRICS];   /* of the options of metrics, in the order of their list */
	struct text_list require;
	int64_t worst;          /* -1: 5 in a report, else 0 */
	int task, missing;
	bool report;
};
#define EVALUATE_DEFAULTS { .common = COMMON_DEFAULTS, .worst = -1, .task = -1 }
enum { WORST_SHOWN = 5, MISSING_FAIL = 0, MISSING_NULL };

#define AT(member) offsetof(struct evaluate_config, member)
static const struct option_row first_rows[] = {
	{ "truth", 0, OPTION_TEXT, AT(truth), "NAME", NULL, 0, 0, "field with the truth (default: the field with role target, which predict marks)" },
	{ "prediction", 0, OPTION_TEXT, AT(prediction), "NAME", NULL, 0, 0,
	  "field with predictions, which are then judged instead of a model's (default without a model: the field with role prediction)" },
	{ "probability", 0, OPTION_TEXT, AT(probability), "NAME", NULL, 0, 0,
	  "field with the probability of the predicted class, as predict writes it" },
	{ "positive", 0, OPTION_TEXT, AT(positive), "CLASS", NULL, 0, 0, "the --probability is that of CLASS in every row" },
	{ "task", 0, OPTION_CHOICE, AT(task), NULL, "regression|classification", 0, 0,
	  "without a model: what the predictions are (default: what predict said, else classes if both are text or one is bool, "
	  "or if the truth holds two whole numbers only and the predictions no others)" },
};
static const struct option_row last_rows[] = {
	{ "worst", 0, OPTION_INT, AT(worst), "N", NULL, 0, 1000000, "list the N worst rows with file and line (default 5 in a report, 0 in records)" },
	{ "require", 0, OPTION_LIST, AT(require), "CONDITIONS", NULL, 0, 0,
	  "exit 3 if one is not met, after all was written: 'r2>=0.59,mae<5', 'valid.r2>0.5', 'recall[yes]>80%'" },
	{ "missing", 0, OPTION_CHOICE, AT(missing), NULL, "fail|null", 0, 0,
	  "what a needed column is that the input lacks: an error, or all null (default fail)" },
	{ "report", 0, OPTION_FLAG, AT(report), NULL, NULL, 0, 0, "write the report for people also where standard output is no terminal" },
	OPTION_MEMORY,
	OPTION_RECORDS,
	OPTION_VERBOSE,
	OPTION_QUIET,
	OPTION_SHOW_VALUES,
	OPTION_END,
};

#define COUNT(array) (sizeof(array) / sizeof *(array))
static struct option_row rows[COUNT(first_rows) + N_METRICS + COUNT(last_rows)];

/* Those of metrics between the others. */
static void gather_rows(struct evaluate_config *config)
{
	size_t n_kinds, n = COUNT(first_rows);
	const struct metric_kind *const *kinds = metric_list(&n_kinds);

	memcpy(rows, first_rows, sizeof first_rows);
	for (size_t i = 0; i < n_kinds; i++) {
		config->items[i] = kinds[i]->items;
		if (!kinds[i]->option)
			continue;
		rows[n] = *kinds[i]->option;
		rows[n++].offset = AT(items) + i * sizeof *config->items;
	}
	memcpy(rows + n, last_rows, sizeof last_rows);
}

static void list_metrics(void)
{
	static const struct { unsigned tasks; const char *title; } parts[] = {
		{ OF_NUMBERS, "of numbers" }, { OF_CLASSES, "of classes" }, { OF_CLUSTERS, "of clusters" },
		{ OF_NUMBERS | OF_CLASSES | OF_CLUSTERS, "of all" },
	};
	size_t n;
	const struct metric_kind *const *kinds = metric_list(&n);

	for (size_t part = 0; part < sizeof parts / sizeof parts[0]; part++) {
		printf("\nMetrics %s:\n", parts[part].title);
		for (size_t i = 0; i < n; i++)
			if (kinds[i]->tasks == parts[part].tasks)
				printf("  %-13s %s\n", kinds[i]->name, kinds[i]->help);
	}
}

static const struct tool evaluate_tool = {
	.name = "evaluate",
	.operands = "[MODEL]",
	.summary = "judge a model, or predictions, on records that were held out",
	.details = "Reads what train writes, or records for the model in the file MODEL, or records that hold predictions.\n"
	           "Writes metrics as records (split, metric, class, value, baseline, rows), on a terminal a report. Rows\n"
	           "marked test and valid are scored apart, and test is the headline; rows of a stream without marks are\n"
	           "scored together. The baseline is what always saying the mean, or the most frequent class, of the\n"
	           "training rows would reach. A field with role weight weighs the rows, as it does in train.",
	.options = rows,
	.more_help = list_metrics,
};

struct evaluate_run {
	const struct evaluate_config *config;
	struct item_lists items;
	struct requirements requirements;
	struct source input;
	struct modelfile model;
	bool has_model;
	struct answers answers;
	struct scores scores;
	int split;                      /* column of the marks, or NO_FIELD */
	unsigned char *marks;           /* of the rows of a batch */
	size_t room;                    /* of marks */
	int weight;                     /* column of the weights, or NO_FIELD */
	uint64_t n_rows;
	struct end end;
	bool report;
	struct output *output;          /* unless report */
};

static int read_options(struct evaluate_run *run, struct error *err)
{
	const struct evaluate_config *config = run->config;
	size_t n_kinds;
	const struct metric_kind *const *kinds = metric_list(&n_kinds);

	if (config->common.operands.n > 1)
		return error_set(err, STATUS_USAGE, "one MODEL at most (records come on standard input)");
	if (config->positive && !config->probability)
		return error_set(err, STATUS_USAGE, "--positive says what --probability is about, and there is none");
	for (size_t i = 0; i < n_kinds; i++)
		if (kinds[i]->option && items_read(&run->items, kinds[i], config->items[i], err) < 0)
			return error_prefix(err, "--%s", kinds[i]->option->name);
	for (size_t i = 0; i < config->require.n; i++)
		if (requirements_read(&run->requirements, config->require.items[i], err) < 0)
			return -1;
	return requirements_items(&run->requirements, &run->items, err);
}

static int open_model(struct evaluate_run *run, struct error *err)
{
	const struct text_list *operands = &run->config->common.operands;
	const struct bytes *head = reader_model(&run->input);

	if (operands->n) {
		run->has_model = true;
		return modelfile_open(&run->model, operands->items[0], run->config->common.host, err);
	}
	if (head && !run->config->prediction) {
		run->has_model = true;
		return modelfile_read(&run->model, head, err);
	}
	return 0;
}

static int open_input(struct evaluate_run *run, struct error *err)
{
	const struct evaluate_config *config = run->config;
	struct answer_fields fields = { config->truth, config->prediction, config->probability, config->positive, config->task, config->common.host };
	int64_t n_worst = config->worst >= 0 ? config->worst : run->report ? WORST_SHOWN : 0;
	const struct header *header;
	int result;

	if (reader_open(&run->input, STDIN_FILENO, "standard input", &(struct reader_options){ .host = config->common.host }, err) < 0 || open_model(run, err) < 0)
		return -1;
	header = run->input.header;
	if (run->has_model && config->prediction)
		return error_set(err, STATUS_USAGE, "a MODEL or --prediction, not both");
	run->split = schema_find_role(&header->schema, ROLE_SPLIT);
	if (run->split != NO_FIELD && header->schema.fields[run->split].type != TYPE_TEXT)
		return error_set(err, STATUS_FAILED, "field '%s' has role split and is no text", header->schema.fields[run->split].name);
	result = run->has_model ? answers_model(&run->answers, &run->model, header, config->missing == MISSING_NULL ? LACKING_NULL : LACKING_FAILS, config->common.host, err)
	                        : answers_fields(&run->answers, &fields, header, err);
	if (result < 0)
		return -1;
	if (run->has_model)
		run->answers.held_out = reader_model(&run->input) != NULL;
	if (weights_find(&header->schema, &run->weight, config->common.host, err) < 0)
		return -1;
	if (run->weight != NO_FIELD)
		run->answers.subject.weight = mem_text(header->schema.fields[run->weight].name);
	scores_start(&run->scores, &run->answers.subject, &(struct score_options){ .n_worst = (size_t)n_worst, .items = &run->items,
	             .memory = config->common.memory, .host = config->common.host });
	return 0;
}

/* N_SPLITS: a row that is not to be scored (it was trained on, or is marked otherwise). Without marks, what stands behind a
 * model is what its --holdout kept from it. */
static enum split row_split(const struct evaluate_run *run, size_t row)
{
	if (run->split == NO_FIELD)
		return run->answers.held_out ? SPLIT_TEST : SPLIT_ALL;
	return run->marks[row] == MARK_TEST ? SPLIT_TEST : run->marks[row] == MARK_VALID ? SPLIT_VALID : N_SPLITS;
}

static int read_marks(struct evaluate_run *run, struct batch *batch, struct error *err)
{
	const struct marks words_only = { .split = run->split };

	if (batch->n_rows > run->room) {
		run->room = batch->n_rows;
		run->marks = mem_resize(run->marks, run->room, sizeof *run->marks);
	}
	return marks_read(&words_only, batch, run->marks, err);
}

static bool marked(const uint64_t *bits, size_t row)
{
	return bits && bit_is_set(bits, row);
}

static int score_row(struct evaluate_run *run, enum split split, const struct answered *answered, struct batch *batch, size_t row, struct error *err)
{
	struct scored_row one = { .truth = answered->truth[row], .answer = answered->answer[row],
	                          .shares = answered->shares ? answered->shares + row * run->answers.subject.n_shares : NULL,
	                          .share_of = answered->share_of ? answered->share_of[row] : 0,
	                          .point = answered->points ? answered->points + row * run->answers.subject.n_features : NULL };

	if (run->scores.splits[split].n_rows == UINT32_MAX)
		return error_set(err, STATUS_FAILED, "more than %" PRIu32 " rows to score (split fewer off)", UINT32_MAX);
	if (run->weight != NO_FIELD && weight_of_row(batch, run->weight, row, &one.weight, err) < 0) {
		struct buffer place = BUFFER_INIT;

		cell_place(batch, row, batch->first_row + row, &place);
		error_prefix(err, "%s", buffer_text(&place));
		buffer_free(&place);
		return -1;
	}
	return scores_row(&run->scores, split, &one, batch, row, batch->first_row + row, err);
}

static int score_batch(struct evaluate_run *run, struct batch *batch, struct error *err)
{
	struct answered answered;

	if (run->split != NO_FIELD && read_marks(run, batch, err) < 0)
		return -1;
	if (run->weight != NO_FIELD && weights_read(batch, run->weight, err) < 0)
		return -1;
	if (run->answers.read(run->answers.state, batch, &answered, err) < 0)
		return -1;
	for (size_t row = 0; row < batch->n_rows; row++) {
		enum split split = row_split(run, row);

		if (split == N_SPLITS)
			continue;
		if (marked(answered.no_truth, row))
			scores_leave_out(&run->scores, split, "no truth");
		else if (marked(answered.no_answer, row))
			scores_leave_out(&run->scores, split, "no answer");
		else if (score_row(run, split, &answered, batch, row, err) < 0)
			return -1;
	}
	run->n_rows += batch->n_rows;
	return 0;
}

static void print_reasons(const struct tally *left_out, struct buffer *to)
{
	for (size_t i = 0; i < left_out->n; i++)
		buffer_format(to, "%s%" PRIu64 " with %s", i ? ", " : "", left_out->items[i].count, left_out->items[i].what);
}

/* Rows came, or should have come, and none could be scored. */
static int check_scored(const struct evaluate_run *run, struct error *err)
{
	const struct score *splits = run->scores.splits;
	struct tally left_out = { .items = NULL };
	struct buffer reasons = BUFFER_INIT;

	for (enum split split = 0; split < N_SPLITS; split++)
		if (splits[split].weighs)
			return 0;
	for (enum split split = 0; split < N_SPLITS; split++)
		if (splits[split].n_rows > 0)
			return error_set(err, STATUS_FAILED, "the weights of all rows are 0");
	for (enum split split = 0; split < N_SPLITS; split++)
		tally_merge(&left_out, &splits[split].left_out);
	print_reasons(&left_out, &reasons);
	if (left_out.n)
		error_set(err, STATUS_FAILED, "no row could be scored: %s", buffer_text(&reasons));
	tally_release(&left_out);
	buffer_free(&reasons);
	if (err->code)
		return -1;
	if (run->split != NO_FIELD || run->answers.held_out)
		return error_set(err, STATUS_FAILED, "nothing was held out (put 'split test=0.2' before %strain or %stune, or give it --holdout 0.2)",
		                 tool_prefix(), tool_prefix());
	return error_set(err, STATUS_FAILED, "no rows came: there is nothing to judge");
}

static void remark(const struct evaluate_run *run)
{
	struct names lines = { .items = NULL };

	if (run->answers.remark)
		run->answers.remark(run->answers.state, run->config->common.verbose, &lines);
	for (size_t i = 0; i < lines.n; i++)
		host_note(run->config->common.host, "%s", lines.items[i]);
	names_release(&lines);
}

static int read_input(struct evaluate_run *run, struct error *err)
{
	struct batch batch = BATCH_INIT;
	int result;

	if (run->answers.slice)
		run->answers.slice(run->answers.state, &run->input);
	while ((result = source_next(&run->input, &batch, false, err)) == 1)
		if ((result = score_batch(run, &batch, err)) < 0)
			break;
	batch_free(&batch);
	/* Why cells are no answers comes before that there are none. */
	if (result < 0 || (run->answers.settle && run->answers.settle(run->answers.state, &run->scores, err) < 0) || check_scored(run, err) < 0)
		return -1;
	if (scores_finish(&run->scores, err) < 0)
		return -1;
	class_remarks(&run->scores);
	remark(run);
	return 0;
}

static const struct tally *noticed(const struct evaluate_run *run)
{
	return run->answers.counts ? run->answers.counts(run->answers.state) : NULL;
}

static int write_report(struct evaluate_run *run, struct error *err)
{
	struct buffer text = BUFFER_INIT;
	int result;

	report_print(&run->scores, noticed(run), run->config->common.verbose, run->config->common.host->out_width, &text);
	result = people_write(STDOUT_FILENO, &text, run->config->common.host, err);
	buffer_free(&text);
	return result;
}

/* What the stages before and this one did. */
static void make_end(struct evaluate_run *run)
{
	const struct host *host = run->config->common.host;
	struct stage stage = { .program = (char *)host->program, .rows_in = run->n_rows, .seconds = host_seconds(host) };

	for (enum split split = 0; split < N_SPLITS; split++)
		tally_merge(&stage.dropped, &run->scores.splits[split].left_out);
	if (noticed(run))
		tally_merge(&stage.counts, noticed(run));
	end_copy(&run->end, run->input.end(run->input.state));
	run->end.partial = false;
	end_add_stage(&run->end, &stage);
	tally_release(&stage.dropped);
	tally_release(&stage.counts);
}

/* Who asked for metrics and gets none is told so, also where the program that failed has said why. */
static void say_nothing_came(struct error *err)
{
	if (err->passed_on || err->code == STATUS_UPSTREAM)
		error_own(err, "nothing was evaluated");
}

/* Beside metrics that go on as records; a report has a place for it. */
static void note_remarks(const struct evaluate_run *run)
{
	const struct host *host = run->config->common.host;
	const struct names *remarks = &run->scores.remarks;

	for (size_t i = 0; i < remarks->n; i++)
		host_note(host, "%s", remarks->items[i]);
	for (enum split split = 0; split < N_SPLITS; split++) {
		const struct score *score = &run->scores.splits[split];
		struct buffer reasons = BUFFER_INIT;
		uint64_t n = tally_total(&score->left_out);

		print_reasons(&score->left_out, &reasons);
		if (n > 0)
			host_note(host, "%s: %" PRIu64 " of %" PRIu64 " rows left out (%s)", split_name(split), n, n + score->n_rows, buffer_text(&reasons));
		buffer_free(&reasons);
	}
}

static int write_result(struct evaluate_run *run, struct error *err)
{
	make_end(run);
	if (!run->report)
		note_remarks(run);
	if (run->report)
		return write_report(run, err);
	return report_records(&run->scores, run->input.header->source, &run->end, run->output, err);
}

static int evaluate(const struct evaluate_config *config, struct error *err)
{
	struct evaluate_run run = { .config = config, .report = config->report || (config->common.host->out_width > 0 && !config->common.records) };
	int result = -1;

	if (read_options(&run, err) < 0)
		goto out;
	if (!run.report)
		run.output = output_new(config->common.records);
	if (open_input(&run, err) < 0 || read_input(&run, err) < 0 || write_result(&run, err) < 0) {
		struct error cause = *err;      /* for the stage behind; this one says what it did not do */

		say_nothing_came(err);
		output_fail(run.output, err, &cause);
	} else {
		if (config->common.verbose)
			output_stages(&run.end);
		result = requirements_check(&run.requirements, &run.scores, err);
	}
out:
	output_free(run.output);
	scores_release(&run.scores);
	free(run.marks);
	answers_release(&run.answers);
	if (run.has_model)
		modelfile_release(&run.model);
	source_close(&run.input);
	end_release(&run.end);
	requirements_release(&run.requirements);
	items_release(&run.items);
	return result;
}

int main(int argc, char **argv)
{
	struct evaluate_config config = EVALUATE_DEFAULTS;
	struct error err = ERROR_INIT;

	gather_rows(&config);
	tool_start(argc, argv, &evaluate_tool, &config);
	return tool_finish(evaluate(&config, &err), &err);
}
