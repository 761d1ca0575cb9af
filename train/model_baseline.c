/* SPDX-License-Identifier: MIT */
/*
 * What the simplest predictor says, whatever the features: the mean or the median of
 * the training rows' targets, or the share of each class. What a model is worth is
 * what it says better than this.
 *
 * The mean and the shares are of target_sums.h, the median is of median.h.
 */
#include "model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "median.h"
#include "memory.h"
#include "table.h"
#include "target_sums.h"

enum { ANSWER_MEAN, ANSWER_MEDIAN };

struct baseline_config { int answer; };

struct baseline {
	size_t n_features, n;
	double *answers;                /* n outputs */
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

/* Only the median is looked for in passes. */
static unsigned baseline_wants(const void *config)
{
	return MODEL_MISSING | MODEL_NO_FEATURES | (((const struct baseline_config *)config)->answer == ANSWER_MEDIAN ? MODEL_AGAIN : 0);
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
	baseline->answers = mem_new(baseline->n, sizeof *baseline->answers);
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
	if (fitting->config->answer == ANSWER_MEAN)
		return 0;
	return median_of_targets(fitting->training, fitting->sums.sums[1], fitting->baseline->answers, err);
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

static int baseline_predict(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct baseline *baseline = model;

	(void)err;
	for (size_t row = 0; row < panel->n_rows; row++)
		memcpy(&out[row * baseline->n], baseline->answers, baseline->n * sizeof *out);
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
			out[(k * panel->n_rows + row + 1) * width - 1] = baseline->answers[k];
	return 0;
}

static void baseline_save(const void *model, struct buffer *params)
{
	const struct baseline *baseline = model;

	pack_map(params, 1);
	pack_text(params, "answers");
	pack_reals(params, baseline->answers, baseline->n);
}

static void *baseline_load(object params, const struct problem *problem, struct error *err)
{
	struct baseline *baseline = baseline_new(problem);

	if (object_finite_reals(map_get(params, "answers"), baseline->answers, baseline->n))
		return baseline;
	error_set(err, STATUS_FAILED, "the parameters of the baseline are broken, or not finite");
	baseline_free(baseline);
	return NULL;
}

static void baseline_describe(const void *model, const struct problem *problem, struct buffer *to)
{
	const struct baseline *baseline = model;
	struct table *table = table_new();

	table_column(table, problem->task == TASK_REGRESSION ? "" : "class", false);
	table_column(table, problem->task == TASK_REGRESSION ? "answer" : "share", true);
	for (size_t i = 0; i < baseline->n; i++) {
		table_format(table, "%s", problem->task == TASK_REGRESSION ? "every row" : problem->classes.items[i]);
		table_number(table, baseline->answers[i], 6);
	}
	table_print(table, to, 0, 0);
	table_free(table);
}

static const struct baseline_config baseline_defaults = { .answer = ANSWER_MEAN };

static const struct option_row baseline_options[] = {
	{ "answer", 0, OPTION_CHOICE, offsetof(struct baseline_config, answer), NULL, "mean|median", 0, 0,
	  "for numbers (default mean); for classes it is the most frequent one, with the share of each" },
	OPTION_END,
};

const struct model_kind model_baseline = {
	.name = "baseline",
	.summary = "the same answer for every row: mean, median or most frequent class, to judge others by",
	.options = baseline_options,
	.config_size = sizeof(struct baseline_config),
	.defaults = &baseline_defaults,
	.takes = MODEL_MISSING | MODEL_AGAIN | MODEL_NO_FEATURES,
	.wants = baseline_wants,
	.check = baseline_check,
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
