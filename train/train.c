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

#include "as_real.h"
#include "budget.h"
#include "columns.h"
#include "file.h"
#include "holdout.h"
#include "intake.h"
#include "lanes.h"
#include "lesson.h"
#include "memory.h"
#include "modelfile.h"
#include "number.h"
#include "output.h"
#include "plan.h"
#include "prepare.h"
#include "recipe.h"
#include "slices.h"
#include "spool.h"
#include "tool.h"
#include "trainset.h"
#include "train_report.h"

enum { SCARCE = 128 << 20, LONG_BATCH = 16, MAPPED = 256 << 10 };         /* below that memory counts more than time; a share of it; bytes */
enum { NAMES_SHOWN = 8 };                       /* in a remark */
static const double LINE_EVERY = 0.2;           /* seconds */

struct train_config {
	struct common_config common;    /* operands: [TARGET] [key=value...] */
	const char *model, *output;
	struct text_list features;
	int task;
	double holdout, valid;
	bool no_prepare, allow_leak;
};

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
		printf("  %s=%s\n      %s\n", row->name, row->argument ? row->argument : row->choices, row->help);
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

struct train_run {
	const struct train_config *config;
	const struct setup_options *words;
	struct source input;
	struct setup setup;
	struct budget budget;
	struct holdout holdout;         /* of the input, if it had to be looked at */
	struct intake intake;
	struct preparation preparation;
	struct recipe recipe;
	struct source prepared;         /* the rows to learn from: a trainset over the spool, or a plan over one */
	struct lesson *lesson;
	bool line_stands;               /* the progress line is on the terminal */
	double last_line;               /* when it was written, in seconds of the host */
	struct modelfile model;
	struct bytes *map;              /* the model's message */
	struct file file;               /* -o */
	struct output *output;
};

static int check_parameters(const struct train_run *run, struct error *err)
{
	const struct setup *setup = &run->setup;
	const struct problem problem = { .task = setup->task, .features = setup->features, .classes = run->intake.classes };

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
		if (!holds_marks(&profile->fields[i]) || setup_is_target(&run->setup, profile->fields[i].field.name))
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
}

/* Parameters are checked before the rows are read, and again where the rows say the task or the classes. */
static int take_rows(struct train_run *run, struct error *err)
{
	bool again = run->setup.open || run->setup.task == TASK_CLASSIFICATION;

	if (!run->setup.open && check_parameters(run, err) < 0)
		return -1;
	run->budget = budget_of(run->config->common.memory, (size_t)run->config->common.threads, &run->input.header->schema, &run->setup);
	source_slice(&run->input, run->budget.memory / LONG_BATCH, run->config->common.host);
	if (holdout_look(&run->holdout, &run->input, &run->setup, run->budget.rows, err) < 0)
		return -1;
	if (intake_read(&run->intake, &run->input, &run->setup, run->budget.lanes, run->budget.rows, err) < 0)
		return -1;
	note_rows(run);
	if (setup_settle(&run->setup, run->words, run->intake.classes.n > 0, err) < 0)
		return -1;
	if (again && check_parameters(run, err) < 0)
		return -1;
	note_held_out(run);
	return 0;
}

/* ---- preparing ---- */

static int open_trainset(struct train_run *run, bool drop, struct source *source, struct error *err)
{
	const struct setup *setup = &run->setup;

	return trainset_open(source, run->intake.spool, run->input.header, &setup->marks, setup->cols, setup->n_cols, setup->target_col, drop, err);
}

static int open_prepared(struct train_run *run, struct error *err)
{
	const struct train_config *config = run->config;
	const struct setup *setup = &run->setup;
	const struct common_config *common = &config->common;
	struct plan_options options = { .memory = run->budget.rows / 2, .seed = (uint64_t)common->seed, .threads = (int)run->budget.lanes,
	                                .fit_memory = run->budget.memory / 4, .program = common->host->program, .host = common->host };
	const struct prepare_options preparation = { .profile = &run->intake.profile, .schema = &run->input.header->schema,
	                                             .target = setup->target, .task = setup->task, .takes = model_wants(setup->kind, setup->parameters),
	                                             .all = config->common.verbose };
	struct source selected = { .next = NULL };
	int result;

	if (!config->no_prepare)
		prepare(&run->preparation, &preparation);
	for (size_t i = 0; i < run->preparation.shown.n; i++)
		host_note(config->common.host, "%s", run->preparation.shown.items[i]);
	if (run->preparation.recipe.n == 0)
		return open_trainset(run, false, &run->prepared, err);
	for (size_t i = 0; i < run->preparation.recipe.n; i++)
		if (recipe_add_step(&run->recipe, run->preparation.recipe.items[i], "default preparation", err) < 0)
			return -1;
	if (open_trainset(run, true, &selected, err) < 0)
		return -1;
	result = plan_open(&run->prepared, &selected, &run->recipe, &options, err);
	source_close(&selected);
	if (common->memory < SCARCE)
		spool_trim(run->intake.spool);
	return result < 0 ? error_prefix(err, "default preparation") : 0;
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

	return trainset_place(run->intake.spool, run->input.header, &setup->marks, setup->target_col, run->preparation.recipe.n > 0, row, to, err);
}

/* ---- learning ---- */

static bool came_interrupt(void *state)
{
	(void)state;
	return tool_interrupt_came();
}

static void clear_line(struct train_run *run)
{
	if (run->line_stands)
		host_line(run->config->common.host, "", false);
	run->line_stands = false;
}

/* For whoever watches the line is rewritten; who asks is told in any case. */
static void show_round(void *state, const char *name, uint64_t n_rounds, const struct round *round, bool last)
{
	struct train_run *run = state;
	const struct host *host = run->config->common.host;
	bool asked = host_asked(host), watched = host->shows_lines && n_rounds > 1;
	struct buffer line = BUFFER_INIT;
	char text[NUMBER_SIZE];

	if (!asked && (!watched || (!last && host_seconds(host) - run->last_line < LINE_EVERY)))
		return;
	run->last_line = host_seconds(host);
	number_print_short(text, round->loss, 6);
	buffer_format(&line, "%s %" PRIu64 " of %" PRIu64 "  loss %s", name, round->number, n_rounds, text);
	if (!isnan(round->valid)) {
		number_print_short(text, round->valid, 6);
		buffer_format(&line, "  valid %s", text);
	}
	host_line(host, buffer_text(&line), !watched);
	run->line_stands = watched;
	buffer_free(&line);
}

/* The family's model. */
static void *take_lesson(struct train_run *run, struct error *err)
{
	const struct common_config *common = &run->config->common;
	bool prepared = run->preparation.recipe.n > 0;
	struct lesson_options options = { .n_train = run->intake.n_train, .n_valid = run->intake.n_valid,
	                                  .class_rows = run->intake.class_rows,
	                                  .memory = budget_of_lesson(&run->budget, spool_memory(run->intake.spool), prepared),
	                                  .working = run->budget.working,
	                                  .seed = (uint64_t)common->seed, .threads = (int)run->budget.lanes,
	                                  .place = place_row, .place_state = run,
	                                  .watch = { .stop = came_interrupt, .round = show_round, .state = run } };
	void *model;
	int result;

	if (!prepared) {
		options.again = open_again;
		options.again_state = run;
	}
	run->lesson = lesson_open(&run->setup, &run->prepared, &run->intake.classes, &options, err);
	if (!run->lesson)
		return NULL;
	tool_defer_interrupt(true);             /* SIGINT and SIGTERM end the rounds, and the best one is the model; SIGHUP ends all */
	result = lesson_rounds(run->lesson, UINT64_MAX, err);
	clear_line(run);
	if (result >= 0 && host_interrupted(common->host))
		result = error_set(err, STATUS_INTERRUPT, "interrupted");
	model = result < 0 ? NULL : lesson_finish(run->lesson, err);
	tool_defer_interrupt(false);
	return model;
}

/* Ints of which the model makes nothing but numbers may be reals in records to come. */
static void mark_reals(struct train_run *run)
{
	const struct profile *profile = &run->intake.profile;
	struct names numbers = { .items = NULL }, levels = { .items = NULL }, beyond = { .items = NULL };

	names_copy(&numbers, &run->model.problem.features);
	if (run->model.target)
		names_add(run->model.problem.task == TASK_REGRESSION ? &numbers : &levels, run->model.target);
	for (size_t i = 0; i < profile->n; i++) {
		const struct moments *moments = &profile->fields[i].moments;

		if (profile->fields[i].field.type == TYPE_INT && (moments->max > NUMBER_EXACT || moments->min < -NUMBER_EXACT))
			names_add(&beyond, profile->fields[i].field.name);
	}
	as_real_mark(&run->model.lineage, &numbers, &levels, &beyond);
	names_release(&numbers);
	names_release(&levels);
	names_release(&beyond);
}

static int learn(struct train_run *run, struct error *err)
{
	const struct field *target = run->setup.target ? &run->input.header->schema.fields[run->setup.target_col] : NULL;
	struct buffer training = BUFFER_INIT, profile = BUFFER_INIT, map = BUFFER_INIT;
	void *model = take_lesson(run, err);

	if (!model)
		return -1;
	run->model = (struct modelfile){ .kind = run->setup.kind, .model = model, .target = mem_text(run->setup.target) };
	if (target) {
		run->model.target_type = target->type;
		run->model.target_unit = mem_text(target->unit);
	}
	problem_copy(&run->model.problem, &run->lesson->problem);
	run->model.n_outputs = model_outputs(run->setup.kind, run->setup.parameters, &run->model.problem);
	lineage_copy(&run->model.lineage, &run->prepared.header->lineage);
	mark_reals(run);
	lesson_pack(run->lesson, &training);
	profile_pack(&run->intake.profile, &profile);
	modelfile_pack(&run->model, &training, &profile, &map);
	run->map = bytes_of(&map);
	buffer_free(&training);
	buffer_free(&profile);
	for (size_t i = 0; i < run->lesson->remarks.n; i++)
		host_note(run->config->common.host, "%s", run->lesson->remarks.items[i]);
	return 0;
}

/* ---- giving out ---- */

/* Before the work: a model that can't be kept is not learned. */
static int open_file(struct train_run *run, struct error *err)
{
	const char *path = run->config->output;

	if (!path)
		return 0;
	return file_apart(path, run->config->common.host, err) < 0 ? -1 : file_create(&run->file, path, run->config->common.host, err);
}

static int write_file(struct train_run *run, struct error *err)
{
	struct writer *writer;
	int result;

	if (!run->file.path)
		return 0;
	writer = writer_new(run->file.fd, 0, run->config->common.host);
	result = writer_model(writer, run->map, err);
	if (result < 0)
		error_prefix(err, "%s", run->config->output);
	else
		result = file_commit(&run->file, err);
	writer_free(writer);
	return result;
}

/* Only test rows and those marked valid stay, as they came; without any the batch is empty, and its columns were not looked at. Valid rows
 * that train chose itself stay here: nothing would tell them from test rows. */
static int keep_held(void *state, size_t lane, size_t slot, struct batch *batch, struct turn *turn, struct error *err)
{
	const struct train_run *run = state;
	struct marks marks = run->setup.marks;
	bool words = marks.split != NO_FIELD;
	unsigned char *of_row = mem_array(batch->n_rows, 1);
	uint64_t *rows = mem_array(bits_words(batch->n_rows), sizeof *rows);
	size_t n_kept = 0;
	int result;

	(void)lane, (void)slot, (void)turn;
	marks.n_folds = 0;
	result = marks_read(&marks, batch, of_row, err);
	if (result == 0)
		n_kept = marks_pick(of_row, batch->n_rows, words ? 1 << MARK_VALID | 1 << MARK_TEST : 1 << MARK_TEST, rows);
	if (result == 0 && n_kept > 0)
		result = batch_keep(batch, rows, n_kept, err);
	else
		batch_clear(batch);
	free(of_row);
	free(rows);
	return result;
}

/* Nobody reads the spool after this. */
static int write_held(struct train_run *run, struct error *err)
{
	const struct lanes_work work = { .work = keep_held, .state = run, .host = run->config->common.host };
	struct source rows = { .next = NULL };
	struct batch batch = BATCH_INIT;
	struct lanes *lanes;
	int result;

	if (run->intake.n_given == 0)
		return 0;
	spool_drain(run->intake.spool, run->input.header, NULL, &rows);
	lanes = lanes_new(&rows, run->budget.lanes, &work);
	while ((result = lanes_next(lanes, &batch, false, err)) == 1)
		if ((result = output_batch(run->output, &batch, err)) < 0)
			break;
	lanes_free(lanes);
	batch_free(&batch);
	source_close(&rows);
	return result;
}

static int write_stream(struct train_run *run, struct error *err)
{
	const struct host *host = run->config->common.host;
	struct stage stage = { .program = (char *)host->program, .rows_in = run->intake.n_rows, .rows_out = run->intake.n_given };
	struct end end = END_INIT;
	int result;

	end_copy(&end, &run->intake.end);
	tally_add(&stage.dropped, "learned from", NULL, run->intake.n_train);
	tally_add(&stage.dropped, "watched the training", NULL, run->intake.n_held - run->intake.n_given);
	tally_add(&stage.dropped, "marked none", NULL, run->intake.n_none);
	tally_add(&stage.dropped, "no target", NULL, run->intake.n_rows - run->intake.n_held - run->intake.n_none - run->intake.n_train);
	if (output_model(run->output, run->map, err) < 0 || output_header(run->output, run->input.header, err) < 0 ||
	    write_held(run, err) < 0) {
		result = -1;
	} else {
		stage.seconds = host_seconds(host);
		end_add_stage(&end, &stage);
		result = output_end(run->output, &end, err);
	}
	if (result == 0 && run->config->common.verbose)
		output_stages(&end);
	tally_release(&stage.dropped);
	end_release(&end);
	return result;
}

static int give_out(struct train_run *run, struct error *err)
{
	if (write_file(run, err) < 0)
		return -1;
	if (run->output)
		return write_stream(run, err);
	return train_report(run->lesson, &run->intake, &run->model, run->config->output, err);
}

/* Who asked for a file and gets none is told so, also where the program that failed has said why. */
static void say_nothing_written(const struct train_config *config, struct error *err)
{
	if (config->output && err->code != STATUS_PIPE && (err->passed_on || err->code == STATUS_UPSTREAM))
		error_own(err, "%s is not written", config->output);
}

static void run_release(struct train_run *run)
{
	file_abandon(&run->file);
	lesson_free(run->lesson);
	source_close(&run->prepared);
	recipe_release(&run->recipe);
	preparation_release(&run->preparation);
	intake_release(&run->intake);
	setup_release(&run->setup);
	source_close(&run->input);
	holdout_release(&run->holdout);
	modelfile_release(&run->model);
	bytes_drop(run->map);
	output_free(run->output);
}

/* What malloc maps by itself goes back when it is freed; by default it learns to keep such sizes. */
static void give_back(void)
{
#ifdef __GLIBC__
	(void)mallopt(M_MMAP_THRESHOLD, MAPPED);
#endif
}

static int train(const struct train_config *config, struct error *err)
{
	const struct setup_options words = { .operands = &config->common.operands, .features = &config->features, .model = config->model,
	                                     .task = config->task, .holdout = config->holdout, .valid = config->valid, .seed = (uint64_t)config->common.seed,
	                                     .allow_leak = config->allow_leak, .host = config->common.host };
	const struct reader_options reading = { .host = config->common.host, .spare = config->common.memory < SCARCE };
	struct train_run run = { .config = config, .words = &words };
	int result = -1;

	if (config->common.memory < SCARCE)
		give_back();
	if (setup_words(&words, err) < 0)
		return -1;
	if (config->common.host->out_width == 0)
		run.output = output_new(config->common.records);
	if (open_file(&run, err) < 0 || reader_open(&run.input, STDIN_FILENO, "standard input", &reading, err) < 0 ||
	    setup_init(&run.setup, &words, run.input.header, err) < 0 ||
	    take_rows(&run, err) < 0 || open_prepared(&run, err) < 0 || learn(&run, err) < 0 || give_out(&run, err) < 0)
		goto out;
	result = 0;
out:
	if (result < 0) {
		struct error cause = *err;      /* for the stage behind; this one says what it did not do */

		say_nothing_written(config, err);
		tool_report(err);
		if (run.output)
			output_fail(run.output, &cause);
	}
	run_release(&run);
	return result;
}

int main(int argc, char **argv)
{
	struct train_config config = { .common = COMMON_DEFAULTS };
	struct error err = ERROR_INIT;

	tool_start(argc, argv, &train_tool, &config);
	openblas_set_num_threads(1);            /* threads are ours: the same sums for any number of them (lapack.h) */
	return tool_finish(train(&config, &err), &err);
}
