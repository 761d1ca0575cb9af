/* SPDX-License-Identifier: MIT */
/* train: records -> a model, then the rows that were held out. */
#include <cblas.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "memory.h"
#include "slices.h"
#include "spool.h"
#include "tool.h"
#include "trainset.h"
#include "train_report.h"
#include "train_run.h"

enum { SCARCE = 128 << 20, LONG_BATCH = 16, MAPPED = 256 << 10 };         /* below that memory counts more than time; a share of it; bytes */
enum { NAMES_SHOWN = 8 };                       /* in a remark */

#define MEMBER(name) offsetof(struct train_config, name)
static const struct option_row train_options[] = {
	{ "model", 0, OPTION_TEXT, MEMBER(model), "KIND", NULL, 0, 0,
	  "the family of models, below with its parameters (default: the first that can do the task)" },
	{ "features", 0, OPTION_LIST, MEMBER(features), "SEL,...", NULL, 0, 0, "learn from these columns only (default: all with role feature)" },
	{ "task", 0, OPTION_CHOICE, MEMBER(task), NULL, "auto|regression|classification|clustering", 0, 0,
	  "what is learned; auto, the default: classification when the target is text, bool or two whole numbers, else regression; "
	  "clustering has no target, nor has a family that does only that" },
	{ "holdout", 0, OPTION_REAL, MEMBER(holdout), "P", NULL, 0, 0.99, "hold out this share of the rows by chance, as 'split test=P' would, of classes with stratify=TARGET" },
	{ "valid", 0, OPTION_REAL, MEMBER(valid), "P", NULL, 0, 0.99, "let this share of the rows watch the training; they are not handed on" },
	{ "target-as", 0, OPTION_CHOICE, MEMBER(target_as), NULL, TARGET_SCALES, 0, 0,
	  "learn the target in another scale, by the step of that name; answers come in its own" },
	{ "continue", 0, OPTION_TEXT, MEMBER(from), "MODEL", NULL, 0, 0, "go on from this model, on these rows, with its own preparation" },
	{ "log", 0, OPTION_TEXT, MEMBER(log), "FILE", NULL, 0, 0, "append a line of JSON for each round" },
	{ "checkpoint", 0, OPTION_TEXT, MEMBER(checkpoint), "FILE", NULL, 0, 0,
	  "keep where the training stands, whole or not at all, until the model is written" },
	{ "checkpoint-every", 0, OPTION_REAL, MEMBER(checkpoint_every), "SECONDS", NULL, 0, 1e9, "between two of them (default 60); 0: after every round" },
	{ "resume", 0, OPTION_FLAG, MEMBER(resume), NULL, NULL, 0, 0, "go on where the checkpoint left off, if it is there" },
	{ "output", 'o', OPTION_TEXT, MEMBER(output), "FILE", NULL, 0, 0, "write the model to a file too, whole or not at all" },
	{ "no-prepare", 0, OPTION_FLAG, MEMBER(no_prepare), NULL, NULL, 0, 0, "take the columns as they come" },
	{ "allow-leak", 0, OPTION_FLAG, MEMBER(allow_leak), NULL, NULL, 0, 0, "train although a feature gives the target away" },
	OPTION_THREADS, OPTION_SEED,
	{ "memory", 0, OPTION_SIZE, MEMBER(common.memory), "SIZE", NULL, 0, 0,
	  "what is taken of the machine in all, up to a fifth more; rows beyond lie in a temporary file in TMPDIR (default 256M)" },
	OPTION_RECORDS, OPTION_VERBOSE, OPTION_QUIET,
	OPTION_END
};

static void list_parameters(const struct option_row *row)
{
	for (; row && row->name; row++)
		printf("  %s=%s\n      %s\n", row->name, row->type == OPTION_FLAG ? "yes|no" : row->argument ? row->argument : row->choices, row->help);
}

static void list_models(void)
{
	size_t n;
	const struct model_kind *const *kinds = model_list(&n);

	for (size_t i = 0; i < n; i++) {
		printf("\nmodel %s: %s\n", kinds[i]->name, kinds[i]->summary);
		list_parameters(kinds[i]->options);
	}
	printf("\nevery model\n");
	list_parameters(general_parameters);
}

static const struct tool train_tool = {
	.name = "train",
	.operands = "[TARGET] [PARAMETER=VALUE...]",
	.summary = "Learns to predict one column of the records from the others.",
	.details = "Writes the model, then the test and valid rows as they came in: | evaluate judges them, | predict answers them.\n"
	           "TARGET may be left out where a column has role target. What the columns need before a model can read\n"
	           "them (missing values, text, times, scale) is done by default, printed, and kept in the model.",
	.options = train_options,
	.streams = true,
	.more_help = list_models,
};

static int check_parameters(const struct train_run *run, struct error *err)
{
	const struct setup *setup = &run->setup;
	const struct problem problem = { .task = setup->task, .features = setup->features, .classes = run->intake.classes };

	if (setup->from)
		return setup->kind->check(setup->parameters, &setup->from->problem, err);
	return setup->kind->check(setup->parameters, &problem, err);
}

/* A number of the row tells of others only in which order they came; it may be all that there is, so it stays. */
static void note_counters(const struct train_run *run)
{
	const struct names *counters = &run->intake.counters;
	struct buffer line = BUFFER_INIT;

	if (counters->n == 0)
		return;
	names_print(counters, NAMES_SHOWN, &line);
	buffer_format(&line, ": count%s the rows, and %s learned from all the same (%stransform 'role", counters->n == 1 ? "s" : "",
	              counters->n == 1 ? "is" : "are", tool_prefix());
	for (size_t i = 0; i < counters->n && i < NAMES_SHOWN; i++) {
		buffer_add_byte(&line, ' ');
		selector_print_name(&line, counters->items[i]);
	}
	host_note(run->config->common.host, "%s%s id' leaves %s out)", buffer_text(&line), counters->n > NAMES_SHOWN ? " ..." : "",
	          counters->n == 1 ? "it" : "them");
	buffer_free(&line);
}

/* Text of nothing but train, test and the like. */
static bool holds_marks(const struct field_profile *field)
{
	bool is_there[N_MARKS + 1] = { false };

	if (field->field.type != TYPE_TEXT || field->many)
		return false;
	for (size_t i = 0; i < field->levels.n; i++)
		is_there[mark_of_synonym(distinct_bytes(&field->levels, i), field->levels.items[i].size)] = true;
	return is_there[MARK_TRAIN] && (is_there[MARK_TEST] || is_there[MARK_VALID]) && !is_there[NO_MARK];
}

static void note_marks(const struct train_run *run)
{
	const struct profile *profile = &run->intake.profile;
	struct buffer name = BUFFER_INIT;

	for (size_t i = 0; i < profile->n; i++) {
		if (!holds_marks(&profile->fields[i]) || setup_is_target(&run->setup, profile->fields[i].field.name) ||
		    (run->setup.by && strcmp(profile->fields[i].field.name, run->setup.by) == 0))
			continue;
		selector_print_name(&name, profile->fields[i].field.name);
		host_note(run->config->common.host, "%s: says which rows are for training and testing, and is learned from all the same "
		          "(%stransform 'split from=%s' holds them out)", profile->fields[i].field.name, tool_prefix(), buffer_text(&name));
		break;
	}
	buffer_free(&name);
}

/* Only text keeps such words; who read it with --no-null-words meant them. */
static void note_missing_words(const struct train_run *run)
{
	const struct header *header = run->input.header;
	struct buffer said = BUFFER_INIT, step = BUFFER_INIT;
	size_t n = 0;

	if (run->setup.target && header->schema.fields[run->setup.target_col].type == TYPE_TEXT && !style_option(&header->lineage.style, "no-null-words"))
		n = target_missing_words(&run->intake.classes, run->setup.target, &said, &step);
	if (n > 0)
		host_note(run->config->common.host, "'%s' has the class%s %s, which may mean missing (transform '%s' takes %s so)", run->setup.target,
		          n > 1 ? "es" : "", buffer_text(&said), buffer_text(&step), n > 1 ? "them" : "it");
	buffer_free(&said);
	buffer_free(&step);
}

static void note_rows(const struct train_run *run)
{
	const struct host *host = run->config->common.host;
	char *remark = NULL;

	if (run->intake.no_target > 0)
		host_note(host, "the target '%s' is missing, rows not used: %" PRIu64, run->setup.target, run->intake.no_target);
	if (run->setup.open)
		remark = target_remark(&run->intake.target, run->setup.target, run->intake.classes.n);
	if (remark)
		host_note(host, "%s", remark);
	free(remark);
	if (run->setup.from)            /* all that was said of the model to go on from */
		return;
	note_missing_words(run);
	note_counters(run);
	note_marks(run);
}

/* How train held rows out by itself. */
static void note_held_out(const struct train_run *run)
{
	uint64_t n = run->intake.n_valid;

	if (run->holdout.rare)
		host_note(run->config->common.host, "--holdout: %s", run->holdout.rare);
	if (run->holdout.watched && n > 0)
		host_note(run->config->common.host, "%s stops early, and no row is marked valid: %" PRIu64 " of the training rows, a tenth, watch%s the "
		          "training instead (patience=0: none)", run->setup.kind->name, n, n == 1 ? "es" : "");
	if (run->holdout.few)
		host_note(run->config->common.host, "%s does not stop early: no row is marked valid, and %" PRIu64 " training rows are fewer than the %d of which a "
		          "tenth is held back (%s)", run->setup.kind->name, run->intake.n_train, WATCH_FROM,
		          run->setup.marks.split != NO_FIELD ? "mark some valid" : "--valid=0.1: a tenth is");
}

static int open_trainset(struct train_run *run, bool drop, struct source *source, struct error *err)
{
	const struct setup *setup = &run->setup;

	return trainset_open(source, run->intake.spool, run->input.header, &setup->marks, setup->cols, setup->n_cols, setup->target_col, drop, err);
}

/* Of a model to go on from, whose steps may make the classes. */
static int count_classes(struct train_run *run, struct error *err)
{
	struct source rows = { .next = NULL };
	int result = open_trainset(run, true, &rows, err);

	if (result >= 0)
		result = continuation_classes(&run->from, &rows, run->intake.class_rows, err);
	source_close(&rows);
	return result;
}

/* Parameters are checked before the rows are read, and again where the rows say the task or the classes. */
static int take_rows(struct train_run *run, struct error *err)
{
	struct setup *setup = &run->setup;
	bool open = setup->open;
	int result = 0;

	if (!open && (check_parameters(run, err) < 0 || train_watch_check(&run->watch, setup->kind, err) < 0))
		return -1;
	run->budget = budget_of(run->config->common.memory, (size_t)run->config->common.threads, &run->input.header->schema, setup);
	source_slice(&run->input, run->budget.memory / LONG_BATCH, run->config->common.host);
	if (holdout_look(&run->holdout, &run->input, setup, run->budget.rows, err) < 0 ||
	    intake_read_apart(&run->intake, &run->input, setup, run->budget.lanes, run->budget.rows, err) < 0)
		return -1;
	note_rows(run);
	if (setup_settle(setup, run->words, run->intake.classes.n > 0, err) < 0 || (open && train_watch_check(&run->watch, setup->kind, err) < 0))
		return -1;
	if (setup->from && setup->task == TASK_CLASSIFICATION)
		result = count_classes(run, err);
	else if (open || setup->task == TASK_CLASSIFICATION)
		result = check_parameters(run, err);
	if (result >= 0)
		note_held_out(run);
	return result;
}

/* ---- preparing ---- */

/* Whether steps stand between the trainset and the lesson. */
static bool is_prepared(const struct train_run *run) { return run->setup.from || prepared_has_steps(&run->prepared); }

/* With the steps of the model to go on from. */
static int open_continued(struct train_run *run, struct error *err)
{
	struct source selected = { .next = NULL };
	int result;

	if (open_trainset(run, true, &selected, err) < 0)
		return -1;
	result = continuation_source(&run->from, &run->prepared.source, &selected, err);
	source_close(&selected);
	return result;
}

static int open_prepared(struct train_run *run, struct error *err)
{
	const struct common_config *common = &run->config->common;
	const struct plan_options plan = { .memory = run->budget.rows / 2, .seed = (uint64_t)common->seed, .threads = (int)run->budget.lanes,
	                                   .fit_memory = run->budget.memory / 4, .lane_memory = UINT64_MAX, .program = common->host->program, .host = common->host };
	const struct rows_wanted what = { .setup = &run->setup, .profile = &run->intake.profile, .spool = run->intake.spool, .header = run->input.header,
	                                .target_as = run->words->target_as, .no_prepare = run->config->no_prepare, .all = common->verbose, .plan = plan };
	int result;

	if (run->setup.from) {
		result = open_continued(run, err);
	} else {
		result = prepared_find(&run->prepared, &what, err);
		for (size_t i = 0; i < run->prepared.shown.n; i++)
			host_note(common->host, "%s", run->prepared.shown.items[i]);
		if (result >= 0)
			result = prepared_open(&run->prepared, &what, err);
	}
	if (result >= 0 && is_prepared(run) && common->memory < SCARCE)
		spool_trim(run->intake.spool);
	return result;
}

/* Rows that no step prepared, from the first one. */
static int open_again(void *state, struct source *source, struct error *err)
{
	return open_trainset(state, false, source, err);
}

static int place_row(void *state, uint64_t row, struct buffer *to, struct error *err)
{
	struct train_run *run = state;
	const struct setup *setup = &run->setup;

	return trainset_place(run->intake.spool, run->input.header, &setup->marks, setup->target_col, is_prepared(run), row, to, err);
}

/* ---- learning ---- */

static bool came_interrupt(void *state)
{
	(void)state;
	return tool_interrupt_came();
}

/* All rounds, or those up to an interrupt: SIGINT and SIGTERM end them, and the best one is the model; SIGHUP ends all. */
static int do_rounds(struct train_run *run, struct error *err)
{
	int result;

	tool_defer_interrupt(true);
	result = train_watch_begin(&run->watch, run->lesson, err);
	if (result >= 0)
		result = lesson_rounds(run->lesson, UINT64_MAX, err);
	if (result >= 0)
		result = train_watch_end(&run->watch, err);
	if (result >= 0 && host_interrupted(run->config->common.host))
		result = error_set(err, STATUS_INTERRUPT, "interrupted");
	return result < 0 ? lesson_explain(run->lesson, run->words->target_as, err) : 0;
}

/* The family's model. */
static void *take_lesson(struct train_run *run, struct error *err)
{
	const struct common_config *common = &run->config->common;
	bool prepared = is_prepared(run);
	uint64_t beside = budget_beside_lesson(&run->budget, intake_memory(&run->intake), prepared);
	struct lesson_options options = { .n_train = run->intake.n_train, .n_valid = run->intake.n_valid,
	                                  .class_rows = run->intake.class_rows, .groups = &run->intake.groups,
	                                  .memory = budget_of_lesson(&run->budget, beside), .working = run->budget.working, .beside = beside,
	                                  .seed = (uint64_t)common->seed, .threads = (int)run->budget.lanes,
	                                  .place = place_row, .place_state = run,
	                                  .from = run->from.file.model, .continued = &run->from.file.training.object,
	                                  .checkpoints = run->config->checkpoint != NULL, .watch = train_watch_lesson(&run->watch) };
	void *model = NULL;

	if (!prepared) {
		options.again = open_again;
		options.again_state = run;
	}
	run->lesson = lesson_open(&run->setup, &run->prepared.source, &run->intake.classes, &options, err);
	if (run->lesson && do_rounds(run, err) >= 0)
		model = lesson_finish(run->lesson, err);
	if (model)                      /* else the signal that came, if it did, tells how the program ends */
		tool_defer_interrupt(false);
	return model;
}

/* Behind the pass: what steps could not use. */
static void note_lost(const struct train_run *run)
{
	const struct panel_rows *rows = &run->lesson->rows;
	uint64_t came = run->intake.n_train + run->intake.n_valid, used = rows->n_train + rows->n_valid + rows->valid_missing;

	if (run->words->target_as && came > used)
		host_note(run->config->common.host, "%s of the target '%s' has no answer, rows not used: %" PRIu64, run->words->target_as,
		          run->setup.target, came - used);
	if (run->setup.from)
		continuation_tell(&run->from, run->config->common.verbose);
}

static int learn(struct train_run *run, struct error *err)
{
	void *model = take_lesson(run, err);

	if (!model)
		return -1;
	learned_make(&run->learned, run->lesson, model, run->input.header, &run->intake.profile);
	for (size_t i = 0; i < run->lesson->remarks.n; i++)
		host_note(run->config->common.host, "%s", run->lesson->remarks.items[i]);
	note_lost(run);
	return 0;
}

/* The model to its file; then to the stream, with the held-out rows, or a report to the terminal. */
static int give(struct train_run *run, struct error *err)
{
	const struct handed what = { .map = run->learned.map, .intake = &run->intake, .header = run->input.header, .marks = &run->setup.marks,
	                            .rows = &run->lesson->rows, .watched = lesson_watched(run->lesson), .n_lanes = run->budget.lanes,
	                            .verbose = run->config->common.verbose };

	if (giving_file(&run->giving, &what, err) < 0)
		return -1;
	if (run->giving.output)
		return giving_stream(&run->giving, &what, err);
	return train_report(run->lesson, &run->intake, &run->learned.file, run->config->output, err);
}

static void run_release(struct train_run *run)
{
	train_watch_release(&run->watch);
	lesson_free(run->lesson);
	prepared_release(&run->prepared);
	continuation_release(&run->from);
	intake_release(&run->intake);
	setup_release(&run->setup);
	source_close(&run->input);
	holdout_release(&run->holdout);
	learned_release(&run->learned);
	giving_release(&run->giving);
}

/* What malloc maps by itself goes back when it is freed; by default it learns to keep such sizes. */
static void give_back(void)
{
#ifdef __GLIBC__
	(void)mallopt(M_MMAP_THRESHOLD, MAPPED);
#endif
}

static int open_files(struct train_run *run, struct error *err)
{
	const struct train_config *config = run->config;
	const struct train_watch_options watch = { .log = config->log, .checkpoint = config->checkpoint, .every = config->checkpoint_every,
	                                           .resume = config->resume, .output = config->output, .stop = came_interrupt,
	                                           .host = config->common.host };

	return giving_open(&run->giving, config->output, err) < 0 ? -1 : train_watch_open(&run->watch, &watch, err);
}

/* The model to go on from says some of the words. */
static int open_from(struct train_run *run, struct setup_options *words, struct error *err)
{
	if (!run->config->from)
		return 0;
	if (run->config->no_prepare)
		return error_set(err, STATUS_USAGE, "--continue: the preparation is the model's (leave out --no-prepare)");
	return continuation_open(&run->from, run->config->from, words, err);
}

static int open_input(struct train_run *run, struct error *err)
{
	const struct train_config *config = run->config;
	const struct reader_options reading = { .host = config->common.host, .spare = config->common.memory < SCARCE };

	if (reader_open(&run->input, STDIN_FILENO, "standard input", &reading, err) < 0 ||
	    (config->from && continuation_match(&run->from, run->input.header, err) < 0))
		return -1;
	if (setup_init(&run->setup, run->words, run->input.header, err) < 0)
		return run->setup.numbers_due ? target_advise(&run->input, (size_t)run->setup.target_col, config->common.host, err) : -1;
	return 0;
}

static int train(const struct train_config *config, struct error *err)
{
	struct setup_options words = { .operands = &config->common.operands, .features = &config->features, .model = config->model,
	                               .task = config->task, .holdout = config->holdout, .valid = config->valid,
	                               .target_as = target_scale(config->target_as),
	                               .seed = (uint64_t)config->common.seed, .allow_leak = config->allow_leak, .host = config->common.host };
	struct train_run run = { .config = config, .words = &words, .watch = { .log = -1 }, .giving = { .host = config->common.host } };
	int result = -1;

	if (config->common.memory < SCARCE)
		give_back();
	if (setup_words(&words, err) < 0)
		return -1;
	if (config->common.host->out_width == 0)
		run.giving.output = output_new(config->common.records);
	if (open_from(&run, &words, err) < 0 || open_files(&run, err) < 0 || open_input(&run, err) < 0 || take_rows(&run, err) < 0 ||
	    open_prepared(&run, err) < 0 || learn(&run, err) < 0 || give(&run, err) < 0)
		goto out;
	train_watch_close(&run.watch);
	result = 0;
out:
	if (result < 0) {
		struct error cause = *err;      /* for the stage behind; this one says what it did not do */

		giving_say(&run.giving, err);
		output_fail(run.giving.output, err, &cause);
	}
	run_release(&run);
	return result;
}

int main(int argc, char **argv)
{
	struct train_config config = { .common = COMMON_DEFAULTS, .target_as = -1, .checkpoint_every = CHECKPOINT_EVERY };
	struct error err = ERROR_INIT;

	tool_start(argc, argv, &train_tool, &config);
	openblas_set_num_threads(1);            /* threads are ours: the same sums for any number of them (lapack.h) */
	return tool_finish(train(&config, &err), &err);
}
