/* SPDX-License-Identifier: MIT */
#include "lesson.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "number.h"
#include "undo.h"

static const double LINE_EVERY = 0.2;           /* seconds */

/* ---- what is learned from ---- */

static int find_features(struct lesson *lesson, const struct schema *schema, bool prepared, struct error *err)
{
	for (size_t col = 0; col < schema->n_fields; col++) {
		const struct field *field = &schema->fields[col];

		if (field->role != ROLE_FEATURE || strcmp(field->name, lesson->setup->target) == 0)
			continue;
		if (!type_is_number(field->type) && field->type != TYPE_BOOL)
			return error_set(err, STATUS_FAILED, "column '%s' is %s, models read numbers (%s)", field->name, type_name(field->type),
			                 prepared ? "drop it" : field->type == TYPE_TEXT ? "onehot it, drop it, or leave out --no-prepare"
			                                      : "use date, drop it, or leave out --no-prepare");
		names_add(&lesson->problem.features, field->name);
	}
	if (lesson->problem.features.n == 0)
		return error_set(err, STATUS_FAILED, "no feature is left that '%s' could be learned from", lesson->setup->target);
	return 0;
}

/* ---- what the family calls ---- */

static int add_to_baseline(struct lesson *lesson, struct lesson_lane *mine, const struct panel *panel, struct error *err)
{
	if (lesson->problem.task == TASK_CLASSIFICATION) {
		for (size_t row = 0; row < panel->n_rows; row++)
			mine->class_rows[(size_t)panel->y[row]]++;
		return 0;
	}
	memcpy(mine->own, panel->y, panel->n_rows * sizeof *mine->own);
	if (undo_values(lesson->lineage, lesson->setup->target, mine->own, panel->n_rows, err) < 0)
		return -1;
	moment_sum_add(&mine->target, panel->block, mine->own, panel->n_rows);
	return 0;
}

struct taking {
	struct lesson *lesson;
	int (*take)(void *fitting, size_t lane, const struct panel *panel, struct error *err);
	void *fitting;
};

static int take_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct taking *taking = state;

	if (tool_interrupt_came())
		return error_set(err, STATUS_INTERRUPT, "interrupted");
	if (panel->part == PART_TRAIN && add_to_baseline(taking->lesson, &taking->lesson->lanes[lane], panel, err) < 0)
		return -1;
	return taking->take(taking->fitting, lane, panel, err);
}

static int all_rows(void *state, size_t lanes, int (*take)(void *fitting, size_t lane, const struct panel *panel, struct error *err),
                    void *fitting, struct error *err)
{
	struct taking taking = { state, take, fitting };

	return panels_run(&taking.lesson->panels, lanes < taking.lesson->n_lanes ? lanes : taking.lesson->n_lanes, take_panel, &taking, err);
}

static void clear_line(struct lesson *lesson)
{
	if (lesson->line_stands)
		fputs("\r\033[K", stderr);
	lesson->line_stands = false;
}

/* On a terminal the line is rewritten; after SIGUSR1 one is printed in any case. */
static void show_progress(struct lesson *lesson, uint64_t epoch, uint64_t n_epochs, double loss, double valid)
{
	bool wanted = tool_status_wanted();
	bool terminal = !lesson->quiet && n_epochs > 1 && isatty(STDERR_FILENO);
	char text[NUMBER_SIZE];

	if (!wanted && (!terminal || (epoch < n_epochs && tool_seconds() - lesson->last_line < LINE_EVERY)))
		return;
	lesson->last_line = tool_seconds();
	number_print_short(text, loss, 6);
	fprintf(stderr, "%strain: epoch %" PRIu64 " of %" PRIu64 "  loss %s", lesson->line_stands ? "\r\033[K" : "", epoch, n_epochs, text);
	if (!isnan(valid)) {
		number_print_short(text, valid, 6);
		fprintf(stderr, "  valid %s", text);
	}
	lesson->line_stands = terminal;
	if (!terminal)
		fputc('\n', stderr);
	fflush(stderr);
}

static int take_progress(void *state, uint64_t epoch, uint64_t n_epochs, double loss, double valid)
{
	struct lesson *lesson = state;
	struct history *history = &lesson->history;

	if (history->n == history->room) {
		history->room = history->room ? 2 * history->room : 128;
		history->loss = mem_resize(history->loss, history->room, sizeof *history->loss);
		history->valid = mem_resize(history->valid, history->room, sizeof *history->valid);
	}
	history->loss[history->n] = loss;
	history->valid[history->n++] = valid;
	show_progress(lesson, epoch, n_epochs, loss, valid);
	return tool_interrupt_came();
}

static void take_remark(void *state, const char *text)
{
	names_add(&((struct lesson *)state)->remarks, text);
}

/* ---- the training ---- */

static void start_baseline(struct lesson *lesson, size_t n_lanes)
{
	lesson->n_lanes = n_lanes;
	lesson->lanes = mem_new(n_lanes, sizeof *lesson->lanes);
	for (size_t i = 0; i < n_lanes; i++) {
		struct lesson_lane *lane = &lesson->lanes[i];

		moment_sum_init(&lane->target);
		lane->own = mem_array(PANEL_ROWS, sizeof *lane->own);
		lane->class_rows = mem_new(lesson->problem.classes.n + 1, sizeof *lane->class_rows);
	}
}

/* What the lanes saw becomes one. */
static void close_baseline(struct lesson *lesson)
{
	struct lesson_lane *first = &lesson->lanes[0];

	for (size_t i = 1; i < lesson->n_lanes; i++) {
		moment_sum_merge(&first->target, &lesson->lanes[i].target);
		for (size_t class = 0; class < lesson->problem.classes.n; class++)
			first->class_rows[class] += lesson->lanes[i].class_rows[class];
	}
	lesson->target = moment_sum_finish(&first->target);
	lesson->class_rows = first->class_rows;
}

void *lesson_run(struct lesson *lesson, const struct setup *setup, struct source *source, const struct names *classes,
                 const struct lesson_options *options, struct error *err)
{
	struct training training = { .problem = &lesson->problem, .n_rows = options->n_train, .n_valid = options->n_valid,
	                             .seed = (uint32_t)options->seed, .threads = options->threads, .memory = options->memory,
	                             .rows = all_rows, .progress = take_progress, .remark = take_remark, .state = lesson };
	void *model = NULL;

	*lesson = (struct lesson){ .setup = setup, .lineage = &source->header->lineage, .quiet = options->quiet };
	lesson->problem.task = setup->task;
	names_copy(&lesson->problem.classes, classes);
	if (find_features(lesson, &source->header->schema, options->prepared, err) < 0 ||
	    setup->kind->check(setup->parameters, &lesson->problem, err) < 0 ||
	    panels_open(&lesson->panels, source, &lesson->problem, setup->target, options->prepared, err) < 0)
		return NULL;
	start_baseline(lesson, options->threads > 1 ? (size_t)options->threads : 1);
	tool_defer_interrupt(true);
	model = setup->kind->fit(setup->parameters, &training, err);
	clear_line(lesson);
	if (tool_interrupt_came() && model)
		take_remark(lesson, "interrupted: the best so far is kept");
	if (lesson->panels.valid_missing > 0) {
		char *text = mem_format("%" PRIu64 " valid rows with a missing feature are not used", lesson->panels.valid_missing);

		take_remark(lesson, text);
		free(text);
	}
	close_baseline(lesson);
	return model;
}

void lesson_release(struct lesson *lesson)
{
	panels_release(&lesson->panels);
	problem_release(&lesson->problem);
	names_release(&lesson->remarks);
	free(lesson->history.loss);
	free(lesson->history.valid);
	for (size_t i = 0; i < lesson->n_lanes; i++) {
		moment_sum_release(&lesson->lanes[i].target);
		free(lesson->lanes[i].own);
		free(lesson->lanes[i].class_rows);
	}
	free(lesson->lanes);
	*lesson = (struct lesson){ .setup = NULL };
}

/* ---- for the model ---- */

static void pack_baseline(const struct lesson *lesson, struct buffer *to)
{
	size_t n = lesson->problem.classes.n, most = 0;
	double *shares;

	if (lesson->problem.task == TASK_REGRESSION) {
		pack_map(to, 1);
		pack_key_real(to, "mean", lesson->target.mean);
		return;
	}
	shares = mem_array(n, sizeof *shares);
	for (size_t i = 0; i < n; i++) {
		shares[i] = (double)lesson->class_rows[i] / (double)lesson->panels.n_train;
		if (lesson->class_rows[i] > lesson->class_rows[most])
			most = i;
	}
	pack_map(to, 2);
	pack_key_text(to, "class", lesson->problem.classes.items[most]);
	pack_text(to, "shares");
	pack_reals(to, shares, n);
	free(shares);
}

void lesson_pack(const struct lesson *lesson, uint64_t seed, struct buffer *to)
{
	const struct history *history = &lesson->history;

	pack_map(to, 7);
	pack_key_int(to, "rows", (int64_t)lesson->panels.n_train);
	pack_key_int(to, "valid_rows", (int64_t)lesson->panels.n_valid);
	pack_key_int(to, "seed", (int64_t)seed);
	pack_text(to, "options");
	buffer_add(to, lesson->setup->given.data, lesson->setup->given.size);
	pack_text(to, "history");
	pack_array(to, history->n);
	for (size_t i = 0; i < history->n; i++) {
		pack_map(to, isnan(history->valid[i]) ? 2 : 3);
		pack_key_int(to, "epoch", (int64_t)i + 1);
		pack_key_real(to, "loss", history->loss[i]);
		if (!isnan(history->valid[i]))
			pack_key_real(to, "valid", history->valid[i]);
	}
	pack_text(to, "remarks");
	pack_array(to, lesson->remarks.n);
	for (size_t i = 0; i < lesson->remarks.n; i++)
		pack_text(to, lesson->remarks.items[i]);
	pack_text(to, "baseline");
	pack_baseline(lesson, to);
}
