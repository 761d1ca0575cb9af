/* SPDX-License-Identifier: MIT */
/* tune: many trainings, the best of which is given out as train gives out its own. */
#include <cblas.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "memory.h"
#include "number.h"
#include "people.h"
#include "tool.h"
#include "tune_run.h"

enum { TRIALS = 60, SHOWN = 10, HELP_INDENT = 12, HELP_WIDTH = 100 };

#define MEMBER(name) offsetof(struct tune_config, name)
static const struct option_row tune_options[] = {
	{ .name = "what is searched", .type = OPTION_HEADING },
	{ "model", 0, OPTION_TEXT, MEMBER(models), "KIND,...", NULL, 0, 0, "the families of models (default: all that say what to search, suit the task, and of classes give probabilities)" },
	{ "random", 0, OPTION_INT, MEMBER(n_random), "N", NULL, 1, 1e6, "try so many configurations, drawn from lists and ranges" },
	{ "halving", 0, OPTION_FLAG, MEMBER(halving), NULL, NULL, 0, 0,
	  "try all (or those of --random) on few rows, the best third of them on three times as many, and so on" },
	{ "trials", 0, OPTION_INT, MEMBER(n_trials), "N", NULL, 1, 1e6, "of a search by itself: so many configurations at most (default 60; with --budget any number)" },
	{ "budget", 0, OPTION_TEXT, MEMBER(budget), "TIME", NULL, 0, 0, "end after 90s, 5m, 1.5h, the last fit included: with the best until then" },
	{ .name = "how it is judged", .type = OPTION_HEADING },
	{ "metric", 0, OPTION_TEXT, MEMBER(metric), "NAME", NULL, 0, 0,
	  "what is made best: rmse, auc, recall[yes] ... (default: rmse; of classes log_loss, or accuracy where a family gives no probabilities)" },
	{ "folds", 0, OPTION_INT, MEMBER(n_folds), "K", NULL, 2, MOST_FOLDS,
	  "judge by K folds of the training rows, all steps fitted anew in each (default: on valid rows; without any by a column with role fold, or five folds)" },
	{ "holdout", 0, OPTION_REAL, MEMBER(holdout), "P", NULL, 0, 0.99, "hold out this share of the rows for the end, as train does" },
	{ "valid", 0, OPTION_REAL, MEMBER(valid), "P", NULL, 0, 0.99, "judge on this share of the rows; they are not handed on" },
	{ "refit", 0, OPTION_CHOICE, MEMBER(refit), NULL, "train|all", 0, 0, "what the best is fitted on in the end: the training rows (default), or the valid ones too" },
	{ .name = "as in train", .type = OPTION_HEADING },
	{ "recipe", 'f', OPTION_LIST, MEMBER(recipes), "FILE", NULL, 0, 0, "steps that the rows pass first, fitted anew in each fold" },
	{ "features", 0, OPTION_LIST, MEMBER(features), "SEL,...", NULL, 0, 0, "learn from these columns only (default: all with role feature)" },
	{ "task", 0, OPTION_CHOICE, MEMBER(task), NULL, "auto|regression|classification", 0, 0, "what is learned (default: as the target is)" },
	{ "target-as", 0, OPTION_CHOICE, MEMBER(target_as), NULL, TARGET_SCALES, 0, 0, "learn the target in another scale; scores and answers are in its own" },
	{ "no-prepare", 0, OPTION_FLAG, MEMBER(no_prepare), NULL, NULL, 0, 0, "take the columns as they come" },
	{ "allow-leak", 0, OPTION_FLAG, MEMBER(allow_leak), NULL, NULL, 0, 0, "go on although a feature gives the target away, or steps have seen rows of folds" },
	{ .name = "what comes of it", .type = OPTION_HEADING },
	{ "output", 'o', OPTION_TEXT, MEMBER(output), "FILE", NULL, 0, 0, "write the model to a file too, whole or not at all" },
	{ "leaderboard", 0, OPTION_TEXT, MEMBER(leaderboard), "FILE", NULL, 0, 0, "write all configurations as records, the best first" },
	{ "threads", 'j', OPTION_INT, offsetof(struct common_config, threads), "N", NULL, 1, 256, "configurations at a time (default 1); the result is the same for any number" },
	OPTION_SEED, OPTION_MEMORY, OPTION_RECORDS, OPTION_VERBOSE, OPTION_QUIET,
	OPTION_END
};

/* Words behind a head of HELP_INDENT places, in lines. */
static void add_word(const char *head, const char *word, size_t *column)
{
	size_t size = strlen(word);

	if (*column == 0)
		*column = (size_t)printf("  %-*s", HELP_INDENT - 2, head);
	if (*column + 1 + size > HELP_WIDTH)
		*column = (size_t)printf("\n%*s", HELP_INDENT, "") - 1;
	*column += (size_t)printf(" %s", word);
}

static void list_metrics(unsigned tasks, const char *head)
{
	size_t n, column = 0;
	const struct metric_kind *const *kinds = metric_list(&n);

	for (size_t i = 0; i < n; i++)
		if (kinds[i]->tasks == tasks && kinds[i]->better != BETTER_NEAR_0)
			add_word(head, kinds[i]->name, &column);
	printf("\n");
}

static void list_spaces(void)
{
	size_t n;
	const struct model_kind *const *kinds = model_list(&n);

	printf("\nPARAMETER=VALUE,VALUE,... tries each of these, PARAMETER=LOW..HIGH draws from a range (--random),\n"
	       "MODEL.PARAMETER=... is of one family. Without any a family searches by itself:\n");
	for (size_t i = 0; i < n; i++) {
		size_t column = 0;

		if (!kinds[i]->search)
			continue;
		for (const char *const *word = kinds[i]->search; *word; word++)
			add_word(kinds[i]->name, *word, &column);
		printf("\n");
	}
	printf("\nmetrics (%sevaluate --help says what they are):\n", tool_prefix());
	list_metrics(OF_NUMBERS, "numbers");
	list_metrics(OF_CLASSES, "classes");
}

static const struct tool tune_tool = {
	.name = "tune",
	.operands = "[TARGET] [PARAMETER=VALUE,...]",
	.summary = "Finds the model, and its parameters, that predict one column of the records best.",
	.details = "Trains many configurations, judges each on rows that it did not learn from, and writes what train\n"
	           "writes of the best: the model, then the test and valid rows as they came in. | evaluate says what it\n"
	           "is worth on the test rows, which no configuration was chosen by.",
	.options = tune_options,
	.streams = true,
	.more_help = list_spaces,
};

/* ---- words ---- */

static int read_budget(const char *text, double *seconds, struct error *err)
{
	static const struct { const char *unit; double seconds; } units[] = { { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 } };
	size_t size = strspn(text, "0123456789.");
	double value;

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(text + size, units[i].unit) == 0 && number_real_rounded(text, size, &value) && value > 0) {
			*seconds = value * units[i].seconds;
			return 0;
		}
	return error_set(err, STATUS_USAGE, "--budget: '%s' is no time, such as 90s, 5m or 1.5h", text);
}

/* What is searched in which way: without any words, it does so by itself. */
static enum search_how how_to_search(const struct tune_config *config, const struct space *space)
{
	return config->halving ? SEARCH_HALVING : config->n_random > 0 ? SEARCH_RANDOM : space->lists ? SEARCH_GRID : SEARCH_AUTOMATIC;
}

static int check_search(const struct tune_config *config, const struct space *space, struct error *err)
{
	enum search_how how = how_to_search(config, space);

	if (config->n_random == 0 && space->ranges && (how == SEARCH_HALVING || how == SEARCH_GRID))
		return error_set(err, STATUS_USAGE, "a range has no end of values: --random N draws so many configurations");
	if (config->n_random == 0 && how == SEARCH_HALVING && !space->lists)
		return error_set(err, STATUS_USAGE, "--halving begins with many configurations: --random N draws so many");
	if (config->n_trials > 0 && how != SEARCH_AUTOMATIC)
		return error_set(err, STATUS_USAGE, "--trials is for a search by itself (%s)", config->n_random > 0 ? "--random says how many" : "lists are tried whole");
	return 0;
}

/* All that can be refused before the input is waited for. */
static int check_words(struct tune_run *run, struct error *err)
{
	const struct tune_config *config = run->config;
	double seconds = INFINITY;
	struct space space;
	int result;

	if (config->holdout + config->valid >= 1)
		return error_set(err, STATUS_USAGE, "--holdout %g and --valid %g leave no row to train on", config->holdout, config->valid);
	if (config->n_folds > 0 && (config->valid > 0 || config->refit == REFIT_ALL))
		return error_set(err, STATUS_USAGE, "--folds judges by the training rows: leave out %s", config->valid > 0 ? "--valid" : "--refit all");
	if (config->metric && scoring_read(&run->scoring, config->metric, err) < 0)
		return -1;
	if (config->budget && read_budget(config->budget, &seconds, err) < 0)
		return -1;
	run->end = seconds;
	for (size_t i = 0; i < config->recipes.n; i++)
		if (recipe_add_file(&run->recipe, config->recipes.items[i], run->host, err) < 0)
			return -1;
	for (size_t i = 0; i < run->recipe.n; i++)
		if (run->recipe.steps[i].n_words > 0 && strcmp(run->recipe.steps[i].words[0].text, "split") == 0)
			return error_set(err, STATUS_USAGE, "%s: split stands before tune: | %stransform '%s' | %stune ...", run->recipe.steps[i].place, tool_prefix(),
			                 run->recipe.steps[i].line, tool_prefix());
	if (space_words(&space, config->models, &config->common.operands, err) < 0)
		return -1;
	result = check_search(config, &space, err);
	space_release(&space);
	return result;
}

/* The target, if one is named. */
static int find_target(const struct tune_config *config, const char **target, struct error *err)
{
	*target = NULL;
	for (size_t i = 0; i < config->common.operands.n; i++) {
		const char *word = config->common.operands.items[i];

		if (space_takes(word))
			continue;
		if (*target)
			return error_set(err, STATUS_USAGE, "'%s' is a second target after '%s' (parameters are key=value, features --features)", word, *target);
		*target = word;
	}
	return 0;
}

/* Of the families that are named the first that learns numbers only, or classes only: what it says of a target, all say. NULL: none does. */
static const char *deciding_family(const char *models)
{
	size_t n;
	const struct model_kind *const *kinds = model_list(&n);

	for (const char *name = models; name; name = strchr(name, ',') ? strchr(name, ',') + 1 : NULL)
		for (size_t i = 0; i < n; i++) {
			const struct problem numbers = { .task = TASK_REGRESSION }, classes = { .task = TASK_CLASSIFICATION };
			struct error ignored = ERROR_INIT;

			if (strlen(kinds[i]->name) == strcspn(name, ",") && strncmp(name, kinds[i]->name, strlen(kinds[i]->name)) == 0 &&
			    (kinds[i]->check(kinds[i]->defaults, &numbers, &ignored) < 0 || kinds[i]->check(kinds[i]->defaults, &classes, &ignored) < 0))
				return kinds[i]->name;
		}
	return NULL;
}

/* ---- the search ---- */

static int choose_metric(struct tune_run *run, struct error *err)
{
	bool shares = true;

	for (size_t f = 0; f < run->space.n; f++)
		shares = shares && !space_votes(&run->space, f);
	if (!run->scoring.kind)
		return scoring_read(&run->scoring, run->task == TASK_REGRESSION ? "rmse" : shares ? "log_loss" : "accuracy", err);
	if (!(run->scoring.kind->tasks & 1u << run->task))
		return error_set(err, STATUS_USAGE, "--metric: '%s' is not of a %s", run->scoring.kind->name, task_name(run->task));
	if (run->scoring.item && run->scoring.kind->brackets == BRACKETS_CLASS && names_find(&run->all.look->classes, run->scoring.item) == NO_NAME)
		return error_set(err, STATUS_USAGE, "--metric: no class of the training rows is called '%s'", run->scoring.item);
	if (run->scoring.item && run->scoring.kind->mirrored && run->all.look->classes.n == 2)
		return error_set(err, STATUS_USAGE, "--metric: of two classes both have the same '%s': leave out [%s]", run->scoring.kind->name, run->scoring.item);
	return 0;
}

/* Of configurations: those that are there by then are tried. */
static bool makes_no_more(void *state)
{
	const struct tune_run *run = state;

	return run->interrupted() || host_seconds(run->host) >= run->made_by;
}

static int open_search(struct tune_run *run, struct error *err)
{
	const struct tune_config *config = run->config;
	struct space_options words = { .models = config->models, .words = &config->common.operands, .task = run->task,
	                               .n_train = run->all.look->n_train };
	struct search_options options = { .space = &run->space, .task = run->task, .seed = (uint64_t)config->common.seed, .n_train = run->all.look->n_train,
	                                  .stop = makes_no_more, .state = run };

	if (space_read(&run->space, &words, err) < 0)
		return -1;
	if (check_search(config, &run->space, err) < 0)
		return -1;
	options.how = how_to_search(config, &run->space);
	options.n = config->n_random > 0 ? (uint64_t)config->n_random : 0;
	if (options.how == SEARCH_AUTOMATIC)
		options.n = config->n_trials > 0 ? (uint64_t)config->n_trials : config->budget ? UINT64_MAX : TRIALS;
	words.automatic = options.how == SEARCH_AUTOMATIC || ((options.how == SEARCH_RANDOM || options.how == SEARCH_HALVING) && !run->space.lists && !run->space.ranges);
	space_release(&run->space);
	if (space_read(&run->space, &words, err) < 0 || choose_metric(run, err) < 0)
		return -1;
	options.metric = run->scoring.kind;
	run->races = options.how == SEARCH_AUTOMATIC;
	run->search = search_new(&options, err);
	run->board = (struct board){ .space = &run->space, .trials = &run->trials, .scoring = &run->scoring, .host = run->host, .deadline = run->end,
	                             .folds = run->rows.by == BY_FOLDS };
	return run->search ? 0 : -1;
}

static int take_rows(struct tune_run *run, const struct setup_options *words, struct error *err)
{
	const struct tune_config *config = run->config;
	const struct reader_options reading = { .host = run->host };
	const struct rows_options options = { .words = *words, .recipe = &run->recipe, .no_prepare = config->no_prepare, .threads = config->common.threads,
	                                      .memory = config->common.memory };

	if (reader_open(&run->input, STDIN_FILENO, "standard input", &reading, err) < 0 || rows_take(&run->rows, &run->input, &options, err) < 0 ||
	    rows_part(&run->rows, (unsigned)config->n_folds, err) < 0 || view_open(&run->all, &run->rows, NO_FOLD, 1, err) < 0)
		return -1;
	run->task = run->all.look->classes.n > 0 ? TASK_CLASSIFICATION : TASK_REGRESSION;
	if (run->rows.by != BY_FOLDS && run->all.look->n_valid == 0)
		return error_set(err, STATUS_FAILED, "no valid row has a target: there is nothing to judge by (--folds K)");
	if (run->rows.by == BY_FOLDS && config->refit == REFIT_ALL)
		return error_set(err, STATUS_USAGE, "--refit all: no row is marked valid");
	return 0;
}

/* ---- what is said ---- */

static void add_judged(const struct tune_run *run, struct buffer *to)
{
	if (run->rows.by == BY_FOLDS)
		buffer_format(to, "%zu folds", run->trials.items[run->best].n_views);
	else
		buffer_format(to, "%" PRIu64 " valid row%s", run->all.look->n_valid, run->all.look->n_valid == 1 ? "" : "s");
}

/* "best of 420: accuracy 0.978 on 45 valid rows: svm C=0.2 kernel=poly" */
static void say_best(const struct tune_run *run)
{
	const struct trial *best = &run->trials.items[run->best];
	char score[NUMBER_SIZE];
	struct buffer line = BUFFER_INIT;

	number_print_short(score, best->score, 5);
	buffer_format(&line, "best of %" PRIu64 ": ", run->board.n_done - run->board.n_again);
	board_metric(&run->scoring, &line);
	buffer_format(&line, " %s by ", score);
	add_judged(run, &line);
	if (best->share < 1)            /* of halving that was cut short */
		buffer_format(&line, ", learned from %.3g%% of the training rows", 100 * best->share);
	buffer_add_text(&line, ": ");
	board_trial(&run->board, best, &line);
	host_note(run->host, "%s", buffer_text(&line));
	buffer_free(&line);
}

static void say_left_out(const struct tune_run *run)
{
	uint64_t n_failed = 0, doubles = search_doubles(run->search);
	const struct trial *first = NULL;
	struct buffer line = BUFFER_INIT;

	for (size_t i = 0; i < run->trials.n; i++) {
		n_failed += run->trials.items[i].failed;
		if (run->trials.items[i].failed && !first)
			first = &run->trials.items[i];
	}
	if (doubles > 0)
		host_note(run->host, "%" PRIu64 " configurations more say the same as others: what they differ in has no say there", doubles);
	if (run->cut) {
		board_count(&run->board, &line);
		host_note(run->host, "%s: %s %s", tool_interrupt_came() ? "interrupted" : "the budget is spent", buffer_text(&line),
		          run->config->halving ? "trials were done, on few rows first" : "configurations were tried");
		buffer_clear(&line);
	}
	if (first) {
		board_trial(&run->board, first, &line);
		host_note(run->host, "%" PRIu64 " configuration%s: %s: %s", n_failed, n_failed == 1 ? " failed" : "s failed, the first", buffer_text(&line), first->why);
	}
	buffer_free(&line);
}

static int fail_all(const struct tune_run *run, struct error *err)
{
	struct buffer line = BUFFER_INIT;

	if (run->cut && tool_interrupt_came())
		return error_set(err, STATUS_INTERRUPT, "interrupted before one configuration was trained and judged");
	if (run->cut)
		return error_set(err, STATUS_FAILED, "--budget %s: not one configuration was trained and judged in that time", run->config->budget);
	for (size_t i = 0; i < run->trials.n; i++)
		if (run->trials.items[i].failed) {
			board_trial(&run->board, &run->trials.items[i], &line);
			error_set(err, STATUS_FAILED, "no configuration could be trained and judged; the first: %s: %s", buffer_text(&line), run->trials.items[i].why);
			buffer_free(&line);
			return -1;
		}
	return error_set(err, STATUS_FAILED, "there is no configuration to try");
}

/* The rows that the best was fitted on in the end. */
static struct view *view_of_best(struct tune_run *run) { return run->config->refit == REFIT_ALL ? &run->whole : &run->all; }

/* As train does. */
static void say_lost(const struct tune_run *run, const struct intake *look, const char *target)
{
	const struct panel_rows *used = &run->learned_from;
	uint64_t came = look->n_train + look->n_valid, n_used = used->n_train + used->n_valid + used->valid_missing;

	if (run->config->target_as >= 0 && came > n_used)
		host_note(run->host, "%s of the target '%s' has no answer, rows not used: %" PRIu64, target_scale(run->config->target_as), target, came - n_used);
}

static void say_prepared(struct tune_run *run, const struct model_kind *kind, const struct names *words)
{
	struct general_parameters general;
	struct error ignored = ERROR_INIT;
	void *parameters = trial_parameters(kind, words, run->task, &general, &ignored);
	struct view_rows *rows = parameters ? view_rows(view_of_best(run), kind, parameters, &ignored) : NULL;

	for (size_t i = 0; rows && i < rows->shown.n; i++)
		host_note(run->host, "%s", rows->shown.items[i]);
	if (rows)
		say_lost(run, view_of_best(run)->look, rows->setup.target);
	free(parameters);
}

/* ---- the best ---- */

/* Fitted anew, where the search was by folds, or the valid rows join. */
static int fit_best(struct tune_run *run, struct error *err)
{
	const struct trial *best = &run->trials.items[run->best];
	const struct model_kind *kind = run->space.families[best->point.family].kind;
	struct trial_options options = { .kind = kind, .words = &best->words, .memory = run->rows.budget.rows, .threads = (int)run->rows.budget.lanes,
	                                 .host = run->host };
	struct learned learned = { .map = NULL };
	struct outcome outcome;
	int result = 0;

	if (run->map)
		return 0;
	if (run->config->refit == REFIT_ALL)
		result = view_open(&run->whole, &run->rows, ALL_TRAIN, 1, err);
	if (result >= 0)
		result = trial_run(view_of_best(run), &options, &run->scoring, &outcome, &learned, err);
	if (result >= 0)
		run->map = bytes_use(learned.map);
	learned_release(&learned);
	return result;
}

static void say_lines(const struct tune_run *run, struct names *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		host_note(run->host, "%s", lines->items[i]);
	names_release(lines);
}

static int say_all(struct tune_run *run, struct error *err)
{
	const struct trial *best = &run->trials.items[run->best];
	struct names lines = { .items = NULL };
	double learned = NAN;
	int result = trial_learned(view_of_best(run), run->space.families[best->point.family].kind, &best->words, run->map, &run->scoring, &learned,
	                           &run->learned_from, &lines, err);

	if (result >= 0)
		say_prepared(run, run->space.families[best->point.family].kind, &best->words);
	say_lines(run, &lines);
	if (result < 0)
		return -1;
	say_left_out(run);
	say_best(run);
	tune_advise(run, learned, &lines);
	say_lines(run, &lines);
	return 0;
}

/* The model and the held-out rows, or what was found, for people. */
static int give(struct tune_run *run, struct error *err)
{
	const struct common_config *common = &run->config->common;
	struct marks marks = run->rows.setup.marks;
	const struct panel_rows learned_from = { .n_train = run->learned_from.n_train };
	const struct handed what = { .map = run->map, .intake = &run->rows.intake, .header = run->input.header, .marks = &marks, .rows = &learned_from,
	                             .watched = true, .n_lanes = run->rows.budget.lanes, .verbose = common->verbose };
	struct buffer text = BUFFER_INIT;
	int result;

	if (run->config->refit == REFIT_ALL) {
		marks.valid_rows = VALID_TRAINS;
		run->rows.intake.n_given -= marks.split != NO_FIELD ? run->rows.intake.n_valid : 0;
	}
	if (giving_file(&run->giving, &what, err) < 0)
		return -1;
	board_print(&run->board, SHOWN, run->giving.output ? run->host->err_width : run->host->out_width, &text);
	if (run->giving.output) {
		if (common->verbose)
			people_tell(&text);
		result = giving_stream(&run->giving, &what, err);
	} else {
		if (run->config->output)
			buffer_format(&text, "\n%s written\n", run->config->output);
		else
			buffer_add_text(&text, "\nthe model is not kept: -o FILE\n");
		result = people_write(STDOUT_FILENO, &text, run->host, err);
	}
	buffer_free(&text);
	return result;
}

static int search(struct tune_run *run, struct error *err)
{
	int result;

	tool_defer_interrupt(true);
	result = tries_run(run, err);
	if (result >= 0 && host_interrupted(run->host))
		result = error_set(err, STATUS_INTERRUPT, "interrupted");
	if (result >= 0 && run->best == NO_TRIAL)
		result = fail_all(run, err);
	if (result >= 0)
		result = fit_best(run, err);
	if (result >= 0)
		result = say_all(run, err);
	if (result >= 0)
		tool_defer_interrupt(false);
	return result;
}

static void run_release(struct tune_run *run)
{
	bytes_drop(run->map);
	search_free(run->search);
	trials_release(&run->trials);
	space_release(&run->space);
	scoring_release(&run->scoring);
	view_close(&run->all);
	view_close(&run->whole);
	rows_release(&run->rows);
	source_close(&run->input);
	recipe_release(&run->recipe);
	file_abandon(&run->leaderboard);
	giving_release(&run->giving);
}

/* What can't be kept is not searched for. */
static int open_files(struct tune_run *run, struct error *err)
{
	const struct tune_config *config = run->config;

	if (config->output && config->leaderboard && file_same(config->output, config->leaderboard))
		return error_set(err, STATUS_USAGE, "-o and --leaderboard name one file");
	if (giving_open(&run->giving, config->output, err) < 0)
		return -1;
	if (!config->leaderboard)
		return 0;
	return file_apart(config->leaderboard, run->host, err) < 0 ? -1 : file_create(&run->leaderboard, config->leaderboard, run->host, err);
}

static int tune(const struct tune_config *config, struct error *err)
{
	struct tune_run run = { .config = config, .host = config->common.host, .interrupted = tool_interrupt_came, .recipe = RECIPE_INIT,
	                        .giving = { .host = config->common.host }, .best = NO_TRIAL };
	const char *target;
	struct text_list operands = { .items = &target, .n = 1 };
	const struct setup_options words = { .operands = &operands, .features = &config->features,
	                                     .model = deciding_family(config->models), .task = config->task, .holdout = config->holdout,
	                                     .valid = config->valid, .target_as = target_scale(config->target_as),
	                                     .seed = (uint64_t)config->common.seed, .allow_leak = config->allow_leak, .host = config->common.host };
	int result = -1;

	run.quiet = *run.host;
	run.quiet.note = NULL;
	if (check_words(&run, err) < 0 || find_target(config, &target, err) < 0)
		goto out;
	operands.n = target != NULL;
	if (config->common.host->out_width == 0)
		run.giving.output = output_new(config->common.records);
	if (open_files(&run, err) < 0 || take_rows(&run, &words, err) < 0 || open_search(&run, err) < 0 || search(&run, err) < 0 ||
	    (config->leaderboard && board_write(&run.board, &run.leaderboard, err) < 0) || give(&run, err) < 0)
		goto out;
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

/* Rows of many folds that do not fit into memory are as many files: as many as the system grants. */
static void open_more_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
	struct tune_config config = { .common = COMMON_DEFAULTS, .target_as = -1 };
	struct error err = ERROR_INIT;

	tool_start(argc, argv, &tune_tool, &config);
	open_more_files();
	openblas_set_num_threads(1);            /* processes are ours: the same sums for any number of them (lapack.h) */
	return tool_finish(tune(&config, &err), &err);
}
