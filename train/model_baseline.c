/* SPDX-License-Identifier: MIT */
/*
 * What the simplest predictor says, whatever the features: the mean, the median or the
 * last of the training rows' targets, or the share of each class; of all rows, or of
 * those of the row's group (group_answers.h). What a model is worth is what it says
 * better than this.
 *
 * The mean and the shares are of target_sums.h, the median is of median.h. A row of a
 * group that training did not have gets the answer of all rows.
 *
 * Memory: no feature is looked at; with groups that of group_answers.h, and the answers twice.
 */
#include "model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classes.h"
#include "group_answers.h"
#include "median.h"
#include "memory.h"
#include "table.h"
#include "target_sums.h"

enum { GROUPS_SHOWN = 20 };

struct baseline_config { int answer; const char *by; };

struct baseline {
	size_t n_features, n, n_groups;
	double *answers;                /* (1 + n_groups) x n outputs: of all rows, then of each group */
};

struct baseline_fitting {
	const struct baseline_config *config;
	const struct training *training;
	struct baseline *baseline;
	struct target_sums sums;
};

static int baseline_check(const void *config, const struct problem *problem, struct error *err)
{
	const struct baseline_config *baseline = config;

	if (problem->task == TASK_CLASSIFICATION && baseline->answer == ANSWER_MEDIAN)
		return error_set(err, STATUS_USAGE, "answer=median is for numbers, classes have no middle (leave it out)");
	return 0;
}

/* The sums of all rows come in the first pass. */
static unsigned baseline_wants(const void *config)
{
	const struct baseline_config *baseline = config;
	bool again = baseline->answer != ANSWER_MEAN || baseline->by;

	return MODEL_MISSING | MODEL_NO_FEATURES | MODEL_NO_X | (again ? MODEL_AGAIN : 0) | (baseline->answer == ANSWER_LAST ? MODEL_TIME : 0);
}

static const char *baseline_by(const void *config)
{
	return ((const struct baseline_config *)config)->by;
}

static uint64_t baseline_needs(const void *config, const struct training *training, size_t lanes, bool passing)
{
	const struct baseline_config *baseline = config;
	const struct problem *problem = training->problem;
	uint64_t answers = (1 + (uint64_t)problem->groups.n) * (problem->task == TASK_REGRESSION ? 1 : problem->classes.n) * sizeof(double);

	(void)lanes;
	if (!baseline->by && baseline->answer != ANSWER_LAST)
		return 2 * answers;
	return 2 * answers + group_answers_memory(training, (enum answer)baseline->answer, passing);
}

static void baseline_free(void *model)
{
	struct baseline *baseline = model;

	if (!baseline)
		return;
	free(baseline->answers);
	free(baseline);
}

static struct baseline *baseline_new(const struct problem *problem)
{
	struct baseline *baseline = mem_new(1, sizeof *baseline);

	baseline->n_features = problem->features.n;
	baseline->n = problem->task == TASK_REGRESSION ? 1 : problem->classes.n;
	baseline->n_groups = problem->groups.n;
	baseline->answers = mem_new((1 + baseline->n_groups) * baseline->n, sizeof *baseline->answers);
	return baseline;
}

/* ---- mean, shares ---- */

static void *baseline_begin(const void *config, const struct training *training, object checkpoint, struct error *err)
{
	struct baseline_fitting *fitting = mem_new(1, sizeof *fitting);

	(void)checkpoint, (void)err;
	fitting->config = config;
	fitting->training = training;
	fitting->baseline = baseline_new(training->problem);
	target_sums_init(&fitting->sums, training->problem);
	return fitting;
}

static int sum_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct baseline_fitting *fitting = state;

	(void)lane, (void)err;
	if (panel->part == PART_TRAIN)
		target_sums_add(&fitting->sums, panel, panel->y);
	return 0;
}

static int find_sums(struct baseline_fitting *fitting, struct error *err)
{
	struct baseline *baseline = fitting->baseline;
	const struct training *training = fitting->training;
	const double *sums = fitting->sums.sums;

	if (training->rows(training->state, 1, sum_panel, fitting, err) < 0)
		return -1;
	target_sums_finish(&fitting->sums);
	for (size_t i = 0; i < baseline->n; i++) {
		baseline->answers[i] = fitting->sums.numbers ? target_sums_mean(&fitting->sums) : sums[i] / sums[baseline->n];
		if (!isfinite(baseline->answers[i]))
			return error_set(err, STATUS_FAILED, "the sum of targets or weights is too large for a number");
	}
	return 0;
}

/* ---- the family ---- */

static int baseline_round(void *state, struct round *told, struct error *err)
{
	struct baseline_fitting *fitting = state;

	(void)told;                     /* no loss is made small */
	if (find_sums(fitting, err) < 0)
		return -1;
	if (fitting->config->answer == ANSWER_MEDIAN &&
	    median_of_targets(fitting->training, fitting->sums.sums[1], fitting->baseline->answers, err) < 0)
		return -1;
	if (!fitting->config->by && fitting->config->answer != ANSWER_LAST)
		return 0;
	return group_answers(fitting->training, (enum answer)fitting->config->answer, fitting->baseline->answers,
	                     fitting->baseline->answers + fitting->baseline->n, err);
}

static void *baseline_finish(void *state, struct error *err)
{
	struct baseline_fitting *fitting = state;
	struct baseline *baseline = fitting->baseline;

	(void)err;
	fitting->baseline = NULL;
	return baseline;
}

static void baseline_close(void *state)
{
	struct baseline_fitting *fitting = state;

	baseline_free(fitting->baseline);
	target_sums_release(&fitting->sums);
	free(fitting);
}

static const double *answer_of(const struct baseline *baseline, const struct panel *panel, size_t row)
{
	bool grouped = panel->group && panel->group[row] != NO_GROUP;

	return baseline->answers + (grouped ? 1 + (size_t)panel->group[row] : 0) * baseline->n;
}

static int baseline_predict(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct baseline *baseline = model;

	(void)err;
	for (size_t row = 0; row < panel->n_rows; row++)
		memcpy(&out[row * baseline->n], answer_of(baseline, panel, row), baseline->n * sizeof *out);
	return 0;
}

/* No feature adds anything. */
static int baseline_reasons(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct baseline *baseline = model;
	size_t width = baseline->n_features + 1;

	(void)err;
	memset(out, 0, baseline->n * panel->n_rows * width * sizeof *out);
	for (size_t k = 0; k < baseline->n; k++)
		for (size_t row = 0; row < panel->n_rows; row++)
			out[(k * panel->n_rows + row + 1) * width - 1] = answer_of(baseline, panel, row)[k];
	return 0;
}

static void baseline_save(const void *model, struct buffer *params)
{
	const struct baseline *baseline = model;

	pack_map(params, 1);
	pack_text(params, "answers");
	pack_reals(params, baseline->answers, (1 + baseline->n_groups) * baseline->n);
}

static void *baseline_load(object params, const struct problem *problem, struct error *err)
{
	object answers = map_get(params, "answers");
	uint64_t n_groups = problem->groups.n, n = problem->task == TASK_REGRESSION ? 1 : problem->classes.n;
	struct baseline *baseline = NULL;

	if (answers && answers->type == MSGPACK_OBJECT_BIN && answers->via.bin.size == (1 + n_groups) * n * sizeof(double)) {
		baseline = baseline_new(problem);
		if (object_finite_reals(answers, baseline->answers, (1 + baseline->n_groups) * baseline->n))
			return baseline;
	}
	error_set(err, STATUS_FAILED, "the parameters of the baseline are broken, or not finite");
	baseline_free(baseline);
	return NULL;
}

/* By group, in the order of their names: its answer, or its most frequent class. */
static void describe_groups(const struct baseline *baseline, const struct problem *problem, struct buffer *to)
{
	bool classes = problem->task == TASK_CLASSIFICATION;
	struct table *table = table_new();

	table_column(table, problem->by, false);
	if (classes)
		table_column(table, "class", false);
	table_column(table, classes ? "share" : "answer", true);
	for (size_t g = 0; g < baseline->n_groups && g < GROUPS_SHOWN; g++) {
		const double *answers = baseline->answers + (1 + g) * baseline->n;
		size_t best = classes ? most_probable(answers, baseline->n) : 0;

		table_format(table, "%s", problem->groups.items[g]);
		if (classes)
			table_format(table, "%s", problem->classes.items[best]);
		table_number(table, answers[best], 6);
	}
	buffer_add_text(to, "\n");
	table_print(table, to, 0, 0);
	if (baseline->n_groups > GROUPS_SHOWN)
		buffer_format(to, "%zu groups more\n", baseline->n_groups - GROUPS_SHOWN);
	table_free(table);
}

static void baseline_describe(const void *model, const struct problem *problem, struct buffer *to)
{
	const struct baseline *baseline = model;
	struct table *table = table_new();

	table_column(table, problem->task == TASK_REGRESSION ? "" : "class", false);
	table_column(table, problem->task == TASK_REGRESSION ? "answer" : "share", true);
	for (size_t i = 0; i < baseline->n; i++) {
		table_format(table, "%s", problem->task == TASK_CLASSIFICATION ? problem->classes.items[i] : problem->by ? "of no such group" : "every row");
		table_number(table, baseline->answers[i], 6);
	}
	table_print(table, to, 0, 0);
	table_free(table);
	if (problem->by)
		describe_groups(baseline, problem, to);
}

static const struct baseline_config baseline_defaults = { .answer = ANSWER_MEAN };

static const struct option_row baseline_options[] = {
	{ "answer", 0, OPTION_CHOICE, offsetof(struct baseline_config, answer), NULL, "mean|median|last", 0, 0,
	  "mean (default), of classes the share of each; median, of numbers; last: of the latest row by the column with role time, else of the stream" },
	{ "by", 0, OPTION_TEXT, offsetof(struct baseline_config, by), "COLUMN", NULL, 0, 0,
	  "an answer for each value of this column; a row with none that training had gets that of all rows" },
	OPTION_END,
};

const struct model_kind model_baseline = {
	.name = "baseline",
	.summary = "the same answer for every row, or for every row of a group: mean, median, last or most frequent class, to judge others by",
	.options = baseline_options,
	.config_size = sizeof(struct baseline_config),
	.defaults = &baseline_defaults,
	.takes = MODEL_MISSING | MODEL_AGAIN | MODEL_NO_FEATURES | MODEL_TIME | MODEL_NO_X,
	.wants = baseline_wants,
	.by = baseline_by,
	.check = baseline_check,
	.needs = baseline_needs,
	.begin = baseline_begin,
	.round = baseline_round,
	.finish = baseline_finish,
	.close = baseline_close,
	.predict = baseline_predict,
	.reasons = baseline_reasons,
	.save = baseline_save,
	.load = baseline_load,
	.free = baseline_free,
	.describe = baseline_describe,
};
