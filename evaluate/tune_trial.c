/* SPDX-License-Identifier: MIT */
#include "tune_trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classes.h"
#include "lesson.h"
#include "measure.h"
#include "memory.h"
#include "tune_share.h"
#include "undo.h"

/* ---- what is measured ---- */

int scoring_read(struct criterion *scoring, const char *text, struct error *err)
{
	size_t size = strcspn(text, "[");
	char *name = mem_text_n(text, size);
	const struct metric_kind *kind = metric_require(name, err);
	struct item_lists items = { .lists = NULL };
	int result;

	free(name);
	*scoring = (struct criterion){ .kind = kind };
	if (!kind)
		return -1;
	if (kind->counted || kind->given || kind->unit == UNIT_COUNT)
		return error_set(err, STATUS_USAGE, "--metric: '%s' says nothing of how good answers are", kind->name);
	if (!text[size])
		return kind->overall ? 0 : error_set(err, STATUS_USAGE, "--metric: '%s' needs a %s in brackets: %s[...]", kind->name, brackets_word(kind), kind->name);
	if (kind->brackets == BRACKETS_NONE || text[strlen(text) - 1] != ']')
		return error_set(err, STATUS_USAGE, "--metric: '%s' is no metric, such as %s", text, kind->name);
	scoring->item = mem_text_n(text + size + 1, strlen(text) - size - 2);
	if (kind->brackets != BRACKETS_ITEM)
		return 0;
	result = items_read(&items, kind, scoring->item, err);
	if (result < 0)
		error_prefix(err, "--metric");
	else if (items.n != 1 || items.lists[0].n != 1)
		result = error_set(err, STATUS_USAGE, "--metric: '%s' is to be one %s: one number says what is best", text, kind->item_word);
	items_release(&items);
	if (result < 0)
		scoring_release(scoring);
	return result;
}

void scoring_release(struct criterion *scoring)
{
	free(scoring->item);
	scoring->item = NULL;
}

/* ---- grading ---- */

/* The rows of a part of a view, answered by a model. */
struct grading {
	enum part part;
	const struct model_kind *kind;
	const void *model;
	const struct problem *problem;
	const struct lineage *lineage;
	const char *target;
	size_t n_outputs;
	struct measures measures;
	struct sums sums;
	double out_room;
	double *out, *truth, *answer;   /* of a panel */
	uint64_t n_rows, n_unanswered;  /* n_unanswered: of these, with no finite answer */
	bool has_shares;                /* answers come with probabilities */
	struct judged all;              /* all rows, for a metric that walks along them */
	double *all_truth, *all_answer, *all_shares, *all_weight;
	size_t room;
};

/* Answers and truth of a regression in the target's own units. */
static int in_own_units(struct grading *grading, size_t n_rows, struct error *err)
{
	for (size_t row = 0; row < n_rows; row++)
		grading->answer[row] = grading->out[row * grading->n_outputs];
	return undo_values(grading->lineage, grading->target, grading->answer, n_rows, err) < 0 ||
	       undo_values(grading->lineage, grading->target, grading->truth, n_rows, err) < 0 ? -1 : 0;
}

static void keep_judged(struct grading *grading, const struct judged *rows)
{
	size_t n = grading->all.n_rows;

	if (n + rows->n_rows > grading->room) {
		grading->room = 2 * (n + rows->n_rows);
		grading->all_truth = mem_resize(grading->all_truth, grading->room, sizeof(double));
		grading->all_answer = mem_resize(grading->all_answer, grading->room, sizeof(double));
		grading->all_weight = mem_resize(grading->all_weight, grading->room, sizeof(double));
		grading->all_shares = mem_resize(grading->all_shares, grading->room * (rows->n_shares + 1), sizeof(double));
	}
	memcpy(grading->all_truth + n, rows->truth, rows->n_rows * sizeof(double));
	memcpy(grading->all_answer + n, rows->answer, rows->n_rows * sizeof(double));
	if (rows->shares)
		memcpy(grading->all_shares + n * rows->n_shares, rows->shares, rows->n_rows * rows->n_shares * sizeof(double));
	for (size_t row = 0; row < rows->n_rows; row++)
		grading->all_weight[n + row] = rows->weight ? rows->weight[row] : 1;
	grading->all = *rows;
	grading->all.n_rows = n + rows->n_rows;
	grading->all.truth = grading->all_truth;
	grading->all.answer = grading->all_answer;
	grading->all.weight = grading->all_weight;
	grading->all.shares = rows->shares ? grading->all_shares : NULL;
}

static void add_judged(struct grading *grading, uint64_t block, const struct judged *rows)
{
	sums_add(&grading->sums, block, rows, NULL);
	if (grading->measures.needs_rows)
		keep_judged(grading, rows);
	grading->n_rows += rows->n_rows;
}

/* An answer that is not finite, also in the target's own units, is none; with it the score is no number. */
static int judge_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct grading *grading = state;
	size_t n_classes = grading->problem->classes.n;
	struct judged rows = { .n_rows = panel->n_rows, .n_classes = grading->measures.n_classes, .n_shares = n_classes, .truth = grading->truth,
	                       .answer = grading->answer, .weight = panel->weight };

	(void)lane;
	if (panel->part != grading->part)
		return 0;
	if (grading->kind->predict(grading->model, panel, grading->out, err) < 0)
		return -1;
	memcpy(grading->truth, panel->y, panel->n_rows * sizeof *grading->truth);
	if (grading->problem->task == TASK_REGRESSION) {
		if (in_own_units(grading, panel->n_rows, err) < 0)
			return -1;
	} else {
		rows.shares = grading->has_shares ? grading->out : NULL;
		for (size_t row = 0; row < panel->n_rows; row++)
			grading->answer[row] = (double)most_probable(grading->out + row * n_classes, n_classes);
	}
	for (size_t row = 0; row < panel->n_rows; row++)
		grading->n_unanswered += !isfinite(grading->out[row * grading->n_outputs]) || !isfinite(grading->answer[row]);
	add_judged(grading, panel->block, &rows);
	return 0;
}

/* Of valid rows; on those learned from it is only told. */
static int check_value(const struct view *view, const struct grading *grading, const struct criterion *scoring, double value, struct error *err)
{
	bool folds = view->fold < ALL_TRAIN;

	if (isfinite(value) || grading->part != PART_VALID)
		return 0;
	if (grading->n_unanswered > 0)
		return error_set(err, STATUS_FAILED, "rows without an answer that is a number: %llu of %llu", (unsigned long long)grading->n_unanswered,
		                 (unsigned long long)grading->n_rows);
	return error_set(err, STATUS_FAILED, "%s has no value on the %llu rows%s (another --metric, or %s)", scoring->kind->name,
	                 (unsigned long long)grading->n_rows, folds ? " of a fold" : " that judge", folds ? "fewer --folds" : "more valid rows");
}

static int find_measure(const struct grading *grading, const struct criterion *scoring, size_t *place, struct error *err)
{
	const struct measures *measures = &grading->measures;
	size_t class = scoring->item ? names_find(&grading->problem->classes, scoring->item) : NO_NAME;

	if (scoring->item && scoring->kind->brackets == BRACKETS_CLASS && class == NO_NAME)
		return error_set(err, STATUS_FAILED, "no training row is of class '%s'", scoring->item);
	if (scoring->kind->needs_shares && !grading->has_shares)
		return error_set(err, STATUS_FAILED, "%s needs probabilities, and the model answers without%s", scoring->kind->name,
		                 grading->kind->votes ? " (trained with probability=yes it has them)" : "");
	for (size_t i = 0; i < measures->n; i++) {
		size_t item = measures->items[i].item;
		bool own = scoring->item && scoring->kind->brackets == BRACKETS_ITEM;

		if (scoring->item ? (own ? item == 0 : item == class) : item == OVERALL) {
			*place = i;
			return 0;
		}
	}
	return error_set(err, STATUS_USAGE, "--metric: there is no '%s%s%s%s' here", scoring->kind->name, scoring->item ? "[" : "",
	                 scoring->item ? scoring->item : "", scoring->item ? "]" : "");
}

static int value_of(struct grading *grading, const struct criterion *scoring, const struct host *host, double *value, struct error *err)
{
	const struct measures *measures = &grading->measures;
	double *total = mem_new(measures->size + 1, sizeof *total), *values = mem_new(measures->n + 1, sizeof *values);
	const struct judged_source rows = judged_in_memory(&grading->all);
	const struct samples samples = { .n = 1, .totals = total };
	size_t place = 0;
	int result = find_measure(grading, scoring, &place, err);

	sums_total(&grading->sums, total);
	if (result >= 0)
		result = measures_values(measures, &rows, &samples, UINT64_MAX, host, values, err);
	*value = result >= 0 ? values[place] : NAN;
	free(total);
	free(values);
	return result;
}

/* What answers. */
struct answerer { const struct model_kind *kind; const void *model; const struct problem *problem; size_t n_outputs; };

static int run_panels(const struct view *view, struct view_rows *rows, struct grading *grading, struct panel_rows *seen, struct error *err)
{
	struct panels panels = { .problem = NULL };
	struct source source = { .next = NULL };
	int result;

	result = grading->part == PART_VALID ? share_valid(rows, grading->kind, grading->problem, judge_panel, grading, seen, err) : 0;
	if (result == 0) {
		spool_source(rows->spool, &rows->header, NULL, &source);
		result = panels_open(&panels, &rows->header.schema, grading->problem, grading->target, grading->kind->takes, rows->setup.host, err);
		panels.unknown = view_judges_unknown(view);
		if (result >= 0)
			result = panels_run(&panels, &source, NULL, 1, judge_panel, grading, seen, err);
	}
	panels_release(&panels);
	source_close(&source);
	if (result >= 0 && grading->n_rows == 0)
		return error_set(err, STATUS_FAILED, "no row can be answered that could be judged");
	return result < 0 ? -1 : 0;
}

/* In one pass over the view's rows. */
static int judge(const struct view *view, struct view_rows *rows, enum part part, const struct answerer *by, const struct criterion *scoring, double *score,
                 struct panel_rows *seen, struct error *err)
{
	struct item_lists items = { .lists = NULL };
	struct panel_rows seen_here = { .n_train = 0 };
	struct grading grading = { .part = part, .kind = by->kind, .model = by->model, .problem = by->problem, .lineage = &rows->header.lineage,
	                           .target = rows->setup.target, .n_outputs = by->n_outputs };
	struct measured what = { .task = by->problem->task, .n_classes = by->problem->classes.n, .only = scoring->kind };
	int result;

	what.has_shares = !by->kind->votes || !by->kind->votes(by->model);
	grading.has_shares = what.has_shares;
	if (what.task == TASK_CLASSIFICATION && view_judges_unknown(view))
		what.n_classes++;
	if (scoring->item && scoring->kind->brackets == BRACKETS_ITEM && items_read(&items, scoring->kind, scoring->item, err) < 0)
		return -1;
	what.items = &items;
	measures_init(&grading.measures, &what);
	sums_init(&grading.sums, &grading.measures);
	grading.out = mem_array(PANEL_ROWS * (grading.n_outputs + 1), sizeof *grading.out);
	grading.truth = mem_array(2 * PANEL_ROWS, sizeof *grading.truth);
	grading.answer = grading.truth + PANEL_ROWS;
	result = run_panels(view, rows, &grading, seen ? seen : &seen_here, err);
	if (result >= 0)
		result = value_of(&grading, scoring, rows->setup.host, score, err);
	if (result >= 0)
		result = check_value(view, &grading, scoring, *score, err);
	sums_release(&grading.sums);
	measures_release(&grading.measures);
	items_release(&items);
	free(grading.out);
	free(grading.truth);
	free(grading.all_truth);
	free(grading.all_answer);
	free(grading.all_shares);
	free(grading.all_weight);
	return result;
}

/* ---- training ---- */

void *trial_parameters(const struct model_kind *kind, const struct names *words, enum task task, struct general_parameters *general, struct error *err)
{
	const struct text_list list = { .items = (const char **)words->items, .n = words->n };
	void *parameters = mem_new(1, kind->config_size);

	if (parameters_set(kind, &list, task, parameters, general, err) >= 0)
		return parameters;
	free(parameters);
	return NULL;
}

static int open_again(void *state, struct source *source, struct error *err)
{
	struct view_rows *rows = state;

	(void)err;
	spool_source(rows->spool, &rows->header, NULL, source);
	return 0;
}

void trial_lesson_open(struct trial_lesson *with, const struct view *view, struct view_rows *rows, const struct trial_options *trial,
                       void *parameters, const struct general_parameters *general)
{
	const struct text_list words = { .items = (const char **)trial->words->items, .n = trial->words->n };
	const struct intake *look = rows->look;

	*with = (struct trial_lesson){ .setup = rows->setup };
	with->setup.kind = trial->kind;
	with->setup.host = trial->host;
	with->setup.parameters = parameters;
	with->setup.general = *general;
	with->setup.given = (struct buffer){ .data = NULL };
	parameters_pack(&words, &with->setup.given);
	with->options = (struct lesson_options){ .n_train = look->n_train, .n_valid = look->n_valid, .class_rows = look->class_rows, .groups = &look->groups,
	                                         .memory = trial->memory, .working = view->rows->budget.working, .seed = view->rows->options.words.seed,
	                                         .threads = trial->threads, .again = open_again, .again_state = rows, .watch = trial->watch };
	if (trial->shares)
		with->options.shared = share_find(rows, trial->kind, parameters, general);
	spool_source(rows->spool, &rows->header, NULL, &with->source);
}

void trial_lesson_close(struct trial_lesson *with)
{
	source_close(&with->source);
	buffer_free(&with->setup.given);
}

static struct lesson *teach(const struct view *view, struct trial_lesson *with, struct error *err)
{
	struct lesson *lesson = lesson_open(&with->setup, &with->source, &view->look->classes, &with->options, err);

	if (lesson && lesson_rounds(lesson, UINT64_MAX, err) < 0) {
		(void)lesson_explain(lesson, view->rows->options.words.target_as, err);
		lesson_free(lesson);
		return NULL;
	}
	return lesson;
}

static bool is_wanted(const struct trial_options *options, const struct criterion *scoring, double score)
{
	if (!options->score)
		return true;
	return isnan(options->beat) ? !isnan(score) : metric_gain(scoring->kind->better, score, options->beat) >= 0;
}

int trial_run(struct view *view, const struct trial_options *options, const struct criterion *scoring, struct outcome *outcome, struct learned *learned,
              struct error *err)
{
	const struct model_kind *kind = options->kind;
	struct general_parameters general;
	void *parameters = trial_parameters(kind, options->words, view_task(view), &general, err);
	struct view_rows *rows = parameters ? view_rows(view, kind, parameters, err) : NULL;
	double began = host_seconds(options->host);
	struct trial_lesson with;
	struct lesson *lesson;
	void *model = NULL;
	int result = -1;

	*outcome = (struct outcome){ .score = NAN };
	if (!rows) {
		free(parameters);
		return -1;
	}
	trial_lesson_open(&with, view, rows, options, parameters, &general);
	lesson = teach(view, &with, err);
	if (lesson && (model = lesson_finish(lesson, err))) {
		const struct answerer by = { kind, model, &lesson->problem, model_outputs(kind, parameters, &lesson->problem) };

		result = options->score ? judge(view, rows, PART_VALID, &by, scoring, &outcome->score, NULL, err) : 0;
	}
	outcome->seconds = host_seconds(options->host) - began;
	if (lesson && kind->round_name)
		outcome->n_rounds = lesson->best ? lesson->best : lesson->history.n;
	if (result >= 0 && learned && is_wanted(options, scoring, outcome->score))
		learned_make(learned, lesson, model, view->header, &view->look->profile);
	else if (model)
		kind->free(model);
	lesson_free(lesson);
	trial_lesson_close(&with);
	free(parameters);
	return result;
}

int trial_learned(struct view *view, const struct model_kind *kind, const struct names *words, const struct bytes *map, const struct criterion *scoring,
                  double *score, struct panel_rows *seen, struct names *remarks, struct error *err)
{
	struct general_parameters general;
	void *parameters = trial_parameters(kind, words, view_task(view), &general, err);
	struct view_rows *rows = parameters ? view_rows(view, kind, parameters, err) : NULL;
	struct modelfile file;
	int result = -1;

	if (rows && modelfile_read(&file, map, err) >= 0) {
		const struct answerer by = { kind, file.model, &file.problem, file.n_outputs };

		result = judge(view, rows, PART_TRAIN, &by, scoring, score, seen, err);
		(void)object_names(map_get(&file.training.object, "remarks"), remarks);
		modelfile_release(&file);
	}
	free(parameters);
	return result;
}
