/* SPDX-License-Identifier: MIT */
/*
 * A model's answers, and the truth in the target's own units, as train/predictor.h gives them. Numbers that the records hold are taken from
 * there: the model's steps, scaling and back, change their last digits, and behind predict nobody takes those.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "cell.h"
#include "classes.h"
#include "labels.h"
#include "memory.h"
#include "predictor.h"
#include "undo.h"

struct model_state {
	const struct modelfile *file;
	struct predictor *predictor;
	const struct header *have;
	bool votes;                     /* classes come without probabilities */
	int own;                        /* the records' field with the truth, of numbers; NO_FIELD: the model's steps make it */
	struct labels labels;
	struct buffer text;
	size_t room;
	double *answer, *truth;         /* the class numbers, or the first outputs; truth: of classes, or out of `own`. Of clusters distances, and numbers */
	double *points;                 /* of clusters: what the rows are as the model takes them */
};

/* Classes that training never saw get numbers, too. */
static int number_truth(struct model_state *state, const struct batch *batch, struct answered *rows, struct error *err)
{
	const struct field *field;
	const struct column *column = predictor_target(state->predictor, &field);

	memcpy(state->truth, rows->truth, batch->n_rows * sizeof *state->truth);
	rows->truth = state->truth;
	for (size_t row = 0; row < batch->n_rows; row++) {
		uint32_t number;

		if (state->truth[row] != NO_CLASS || !column_valid(column, row))
			continue;
		buffer_clear(&state->text);
		cell_key(field->type, column, row, &state->text);
		number = labels_number(&state->labels, buffer_text(&state->text), state->text.size);
		if (number == NO_VALUE)
			return error_set(err, STATUS_REQUIREMENT, "'%s' holds more than %d classes that the model was not trained on", field->name, MOST_LABELS);
		state->truth[row] = number;
	}
	return 0;
}

static int own_truth(struct model_state *state, struct batch *batch, struct answered *rows, struct error *err)
{
	const struct field *field = &state->have->schema.fields[state->own];
	const struct column *column = column_read(batch, (size_t)state->own, err);

	if (!column)
		return -1;
	for (size_t row = 0; row < batch->n_rows; row++)
		state->truth[row] = column_number(column, field->type, row);
	rows->truth = state->truth;
	return undo_values(&state->have->lineage, field->name, state->truth, batch->n_rows, err);
}

static void make_room(struct model_state *state, size_t n_rows)
{
	if (n_rows <= state->room)
		return;
	state->room = n_rows;
	state->answer = mem_resize(state->answer, state->room, sizeof *state->answer);
	state->truth = mem_resize(state->truth, state->room, sizeof *state->truth);
}

/* Clusters have no truth but themselves. */
static int read_clusters(void *opaque, struct batch *batch, struct answered *rows, struct error *err)
{
	struct model_state *state = opaque;
	size_t n_features = state->file->problem.features.n;
	const double *out;

	*rows = (struct answered){ .truth = NULL };
	if (predictor_run(state->predictor, batch, &out, &rows->no_answer, err) < 0)
		return -1;
	make_room(state, batch->n_rows);
	state->points = mem_resize(state->points, state->room * n_features + 1, sizeof *state->points);
	for (size_t row = 0; row < batch->n_rows; row++) {
		state->truth[row] = out[2 * row];
		state->answer[row] = out[2 * row + 1];
		predictor_point(state->predictor, row, state->points + row * n_features);
	}
	rows->truth = state->truth;
	rows->answer = state->answer;
	rows->points = state->points;
	return 0;
}

static int read_model(void *opaque, struct batch *batch, struct answered *rows, struct error *err)
{
	struct model_state *state = opaque;
	bool numbers = state->file->problem.task == TASK_REGRESSION;
	const double *out;

	*rows = (struct answered){ .truth = NULL };
	if (predictor_run(state->predictor, batch, &out, &rows->no_answer, err) < 0 ||
	    predictor_truth(state->predictor, &rows->truth, &rows->no_truth, err) < 0)
		return -1;
	make_room(state, batch->n_rows);
	for (size_t row = 0; row < batch->n_rows; row++) {
		const double *outputs = out + row * state->file->n_outputs;

		state->answer[row] = numbers ? outputs[0] : (double)most_probable(outputs, state->file->n_outputs);
	}
	rows->answer = state->answer;
	rows->shares = numbers || state->votes ? NULL : out;
	if (state->own != NO_FIELD)
		return own_truth(state, batch, rows, err);
	return numbers ? 0 : number_truth(state, batch, rows, err);
}

static int settle_model(void *opaque, struct scores *scores, struct error *err)
{
	struct model_state *state = opaque;

	(void)err;
	if (state->file->problem.task == TASK_CLASSIFICATION)
		labels_settle(&state->labels, scores);
	return 0;
}

static const struct tally *model_counts(void *opaque)
{
	return predictor_counts(((struct model_state *)opaque)->predictor, true);
}

enum { NAMES_SHOWN = 8 };               /* in a remark */

static void remark(void *opaque, bool all, struct names *lines)
{
	const struct model_state *state = opaque;

	predictor_tell(state->predictor, all, !all, lines);
	if (state->votes)
		names_add(lines, "the model answers without probabilities, so what is measured by them is left out (trained with probability=yes it has them)");
}

static void note_extra(const struct host *host, const struct names *extra)
{
	struct buffer names = BUFFER_INIT;

	names_print(extra, NAMES_SHOWN, &names);
	if (extra->n)
		host_note(host, "the model does not know %s (left aside)", buffer_text(&names));
	buffer_free(&names);
}

static void free_model(void *opaque)
{
	struct model_state *state = opaque;

	predictor_free(state->predictor);
	free(state->answer);
	free(state->truth);
	free(state->points);
	labels_release(&state->labels);
	buffer_free(&state->text);
	free(state);
}

/* "linear model, regression of minutes [min], trained on 300 rows" */
static char *title(const struct modelfile *file)
{
	const char *unit = file->target_unit;
	uint64_t n_rows = 0;

	object_uint(map_get(&file->training.object, "rows"), &n_rows);
	return mem_format("%s model, %s%s%s%s%s%s, trained on %" PRIu64 " rows", file->kind->name, task_name(file->problem.task),
	                  file->target ? " of " : "", file->target ? file->target : "", unit ? " [" : "", unit ? unit : "", unit ? "]" : "", n_rows);
}

/* What clusters there are is known, and nothing else is compared. */
static void start_clusters(struct answers *answers, const struct modelfile *file)
{
	struct subject *subject = &answers->subject;
	size_t n = file->kind->clusters(file->model);

	answers->read = read_clusters;
	answers->settle = NULL;
	for (size_t i = 0; i < n; i++)
		names_take(&subject->classes, mem_format("%zu", i));
	subject->n_trained = n;
	subject->n_features = file->problem.features.n;
}

static int find_truth(struct model_state *state, struct error *err)
{
	const struct modelfile *file = state->file;

	if (predictor_why_no_target(state->predictor))
		return error_set(err, STATUS_REQUIREMENT, "%s", predictor_why_no_target(state->predictor));
	if (!predictor_has_target(state->predictor))
		return error_set(err, STATUS_REQUIREMENT, "the records have no '%s' to compare with", file->target);
	if (file->problem.task == TASK_REGRESSION && predictor_has_truth(state->predictor, state->have)) {
		int col = schema_find(&state->have->schema, file->target);

		state->own = type_is_number(state->have->schema.fields[col].type) ? col : NO_FIELD;
	}
	return 0;
}

static void slice_input(const void *state, struct source *source)
{
	predictor_slice(((const struct model_state *)state)->predictor, source);
}

int answers_model(struct answers *answers, const struct modelfile *file, const struct header *have, enum lacking lacking,
                  const struct host *host, struct error *err)
{
	struct model_state *state = mem_new(1, sizeof *state);
	struct subject *subject = &answers->subject;
	bool clusters = file->problem.task == TASK_CLUSTERING;

	*answers = (struct answers){ .read = read_model, .settle = settle_model, .counts = model_counts, .remark = remark,
	                             .slice = slice_input, .free = free_model, .state = state };
	*state = (struct model_state){ .file = file, .have = have, .own = NO_FIELD, .votes = modelfile_votes(file) };
	subject->task = file->problem.task;
	subject->bools = file->target_type == TYPE_BOOL;
	subject->unit = mem_text(file->target_unit);
	subject->title = title(file);
	if (clusters)
		start_clusters(answers, file);
	else if (labels_start(&state->labels, subject, &file->problem.classes, err) < 0)
		return error_prefix(err, "broken model");
	subject->votes = state->votes;
	subject->n_shares = clusters || state->votes ? 0 : subject->n_trained;
	if (baseline_read(subject, map_get(&file->training.object, "baseline"), err) < 0 ||
	    predictor_new(&state->predictor, file, have, !clusters, lacking, host, err) < 0 || (!clusters && find_truth(state, err) < 0))
		return -1;
	note_extra(host, predictor_extra(state->predictor));
	return 0;
}
