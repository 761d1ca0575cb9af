/* SPDX-License-Identifier: MIT */
/* Features become panels, column by column. A row that lacks some is counted under the first. */
#include "predictor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "classes.h"
#include "feature_origins.h"
#include "memory.h"
#include "reasons.h"
#include "replay.h"
#include "slices.h"
#include "undo.h"

enum { PANEL_BYTES = 4 << 20, FEWEST_ROWS = 16 };       /* of a panel: less where features are many, as answers do not hang on it */

struct predictor {
	const struct modelfile *file;
	struct replay *replay;
	size_t *cols;                   /* of the features in what replay gives */
	int target, by;                 /* there too, or NO_FIELD */
	bool has_target;                /* the input has it, or what it is made of */
	struct error why_not;           /* it holds a field of that name all the same, which can't stand for it */
	struct batch batch;             /* the last one, replayed */
	double *x;                      /* a panel, */
	size_t panel_rows;              /* of so many rows */
	double *out, *truth, *group;    /* room rows */
	uint64_t *missing, *no_truth;
	size_t room;
	struct feature_origins *origins;        /* why a feature is missing */
	struct reasons *reasons;                /* NULL: nobody asks */
	double *why;                            /* room x (their names + 1) */
	struct buffer column, what;             /* scratch, for these */
	struct tally counts, all_counts;        /* of predictions; with replay's before them */
};

static int open_replay(struct predictor *predictor, const struct header *have, enum lacking lacking, bool with_target, const struct host *host,
                       struct error *err)
{
	const struct modelfile *file = predictor->file;
	struct replay_options options = { .missing_null = lacking == LACKING_NULL, .never_null = lacking == LACKING_ALWAYS_FAILS, .host = host };
	struct names needed = { .items = NULL };
	int result;

	names_copy(&needed, &file->problem.features);
	if (file->problem.by)
		names_add_new(&needed, file->problem.by);
	if (with_target)
		names_add_new(&needed, file->target);
	result = replay_new(&predictor->replay, have, &file->lineage, &needed, &options, err);
	names_release(&needed);
	return result;
}

/* The target, its inputs and what was done to it come along if they are there; records without it can be predicted all the same. */
static int find_replay(struct predictor *predictor, const struct header *have, bool truth, enum lacking lacking, const struct host *host,
                       struct error *err)
{
	const char *target = predictor->file->target;
	bool named = target && schema_find(&have->schema, target) != NO_FIELD;

	/* A target that is not there stays away; what else is missing may be null beside it. */
	predictor->target = NO_FIELD;
	for (int null = 0; target && null <= (lacking == LACKING_NULL && named) && !predictor->has_target; null++) {
		struct error why = ERROR_INIT;

		predictor->has_target = open_replay(predictor, have, null ? LACKING_NULL : lacking == LACKING_NULL ? LACKING_FAILS : lacking, true, host, &why) == 0;
		if (!predictor->has_target && named)
			predictor->why_not = why;
	}
	if (predictor->has_target && truth) {
		predictor->target = schema_find(replay_schema(predictor->replay), predictor->file->target);
		return 0;
	}
	replay_free(predictor->replay);         /* who only predicts must not fail by the truth */
	return open_replay(predictor, have, lacking, false, host, err);
}

static size_t panel_rows(size_t n_features)
{
	size_t n = PANEL_BYTES / sizeof(double) / (n_features + 1);

	return n > PANEL_ROWS ? PANEL_ROWS : n < FEWEST_ROWS ? FEWEST_ROWS : n;
}

static int find_features(struct predictor *predictor, struct error *err)
{
	const struct schema *schema = replay_schema(predictor->replay);
	const struct names *features = &predictor->file->problem.features;

	predictor->by = NO_FIELD;
	if (predictor->file->problem.by && (predictor->by = schema_require(schema, predictor->file->problem.by, err)) == NO_FIELD) {
		err->code = STATUS_REQUIREMENT;
		return -1;
	}
	predictor->cols = mem_array(features->n, sizeof *predictor->cols);
	for (size_t i = 0; i < features->n; i++) {
		int col = schema_require(schema, features->items[i], err);

		if (col == NO_FIELD) {
			err->code = STATUS_REQUIREMENT;
			return -1;
		}
		if (!type_is_number(schema->fields[col].type) && schema->fields[col].type != TYPE_BOOL)
			return error_set(err, STATUS_REQUIREMENT, "feature '%s' is %s here, the model needs a number", features->items[i],
			                 type_name(schema->fields[col].type));
		predictor->cols[i] = (size_t)col;
	}
	return 0;
}

int predictor_new(struct predictor **result, const struct modelfile *file, const struct header *have, bool truth, enum lacking lacking,
                  const struct host *host, struct error *err)
{
	struct predictor *predictor = mem_new(1, sizeof *predictor);

	*result = NULL;
	predictor->file = file;
	predictor->panel_rows = panel_rows(file->problem.features.n);
	predictor->x = mem_aligned(file->problem.features.n * predictor->panel_rows * sizeof *predictor->x);
	if (find_replay(predictor, have, truth, lacking, host, err) < 0 || find_features(predictor, err) < 0) {
		predictor_free(predictor);
		return -1;
	}
	for (size_t i = 0; i < replay_remarks(predictor->replay)->n; i++)
		host_note(host, "%s", replay_remarks(predictor->replay)->items[i]);
	predictor->origins = feature_origins_new(&file->lineage, &have->schema, &file->problem.features);
	*result = predictor;
	return 0;
}

const struct reasons *predictor_explain(struct predictor *predictor, struct error *err)
{
	predictor->reasons = reasons_new(predictor->file, predictor->origins, err);
	return predictor->reasons;
}

void predictor_free(struct predictor *predictor)
{
	if (!predictor)
		return;
	batch_free(&predictor->batch);
	replay_free(predictor->replay);
	free(predictor->cols);
	free(predictor->x);
	free(predictor->out);
	free(predictor->truth);
	free(predictor->group);
	free(predictor->missing);
	free(predictor->no_truth);
	feature_origins_free(predictor->origins);
	reasons_free(predictor->reasons);
	free(predictor->why);
	buffer_free(&predictor->column);
	buffer_free(&predictor->what);
	tally_release(&predictor->counts);
	tally_release(&predictor->all_counts);
	free(predictor);
}

static void make_room(struct predictor *predictor, size_t n_rows)
{
	size_t words = bits_words(n_rows);

	if (n_rows > predictor->room) {
		predictor->room = n_rows;
		predictor->out = mem_resize(predictor->out, n_rows * predictor->file->n_outputs, sizeof *predictor->out);
		if (predictor->reasons)
			predictor->why = mem_resize(predictor->why, n_rows * (reasons_names(predictor->reasons)->n + 1), sizeof *predictor->why);
		predictor->truth = mem_resize(predictor->truth, n_rows, sizeof *predictor->truth);
		predictor->group = mem_resize(predictor->group, n_rows, sizeof *predictor->group);
		predictor->missing = mem_resize(predictor->missing, words, sizeof *predictor->missing);
		predictor->no_truth = mem_resize(predictor->no_truth, words, sizeof *predictor->no_truth);
	}
	memset(predictor->missing, 0, words * sizeof *predictor->missing);
	memset(predictor->no_truth, 0, words * sizeof *predictor->no_truth);
}

static void leave_out(struct predictor *predictor, size_t row, const char *why, const char *name)
{
	if (bit_is_set(predictor->missing, row))
		return;
	tally_add_as(&predictor->counts, "no prediction", why, name, 1);
	bit_set(predictor->missing, row);
}

/* Told by the columns that came, not by what was made of them. */
static int lack_feature(struct predictor *predictor, size_t row, size_t feature, struct error *err)
{
	if (bit_is_set(predictor->missing, row))
		return 0;
	if (feature_origins_why(predictor->origins, feature, row, &predictor->column, &predictor->what, err) < 0)
		return -1;
	leave_out(predictor, row, buffer_text(&predictor->what), buffer_text(&predictor->column));
	return 0;
}

/* Reads the features, and finds rows that lack one, by the first such feature, if that matters to the family. */
static int read_features(struct predictor *predictor, struct error *err)
{
	struct batch *batch = &predictor->batch;
	bool matters = !(predictor->file->kind->takes & MODEL_MISSING);

	for (size_t i = 0; i < predictor->file->problem.features.n; i++) {
		const struct column *column = column_read(batch, predictor->cols[i], err);

		if (!column)
			return error_prefix(err, "column '%s'", predictor->file->problem.features.items[i]);
		for (size_t row = 0; matters && column->n_missing && row < batch->n_rows; row++)
			if (!column_valid(column, row) && lack_feature(predictor, row, i, err) < 0)
				return -1;
	}
	return 0;
}

/* A group that training did not have is told, and answered all the same. */
static int read_groups(struct predictor *predictor, struct error *err)
{
	const struct problem *problem = &predictor->file->problem;
	struct batch *batch = &predictor->batch;
	const struct column *column = column_read(batch, (size_t)predictor->by, err);
	uint64_t unseen = 0;

	if (!column)
		return error_prefix(err, "column '%s'", problem->by);
	class_numbers(&problem->groups, &replay_schema(predictor->replay)->fields[predictor->by], column, batch->n_rows, predictor->group);
	for (size_t row = 0; row < batch->n_rows; row++)
		unseen += predictor->group[row] == NO_GROUP;
	if (unseen > 0)
		tally_add_as(&predictor->counts, NULL, "of no group that training had, and answered as a row of any", problem->by, unseen);
	return 0;
}

static int predict_panel(struct predictor *predictor, size_t first, struct error *err)
{
	const struct modelfile *file = predictor->file;
	const struct schema *schema = replay_schema(predictor->replay);
	size_t left = predictor->batch.n_rows - first, most = predictor->panel_rows, n = left < most ? left : most;
	struct panel panel = { .n_rows = n, .n_features = file->problem.features.n, .x = predictor->x, .stride = most,
	                       .group = predictor->by == NO_FIELD ? NULL : predictor->group + first };

	for (size_t i = 0; i < panel.n_features; i++) {
		const struct column *column = &predictor->batch.columns[predictor->cols[i]];
		enum type type = schema->fields[predictor->cols[i]].type;
		double *to = &predictor->x[i * most];

		if (type == TYPE_REAL)
			memcpy(to, (const double *)column->values + first, n * sizeof *to);
		else
			for (size_t row = 0; row < n; row++)
				to[row] = column_number(column, type, first + row);
		for (size_t row = 0; column->n_missing && row < n; row++)
			if (!column_valid(column, first + row))
				to[row] = NAN;
	}
	if (file->kind->predict(file->model, &panel, &predictor->out[first * file->n_outputs], err) < 0)
		return -1;
	return !predictor->reasons ? 0 : reasons_panel(predictor->reasons, &panel, &predictor->out[first * file->n_outputs],
	                                               &predictor->why[first * (reasons_names(predictor->reasons)->n + 1)], err);
}

/* What stands in a real column must be finite; a row without an answer shows 0. */
static void settle(struct predictor *predictor)
{
	size_t n = predictor->file->n_outputs;

	for (size_t row = 0; row < predictor->batch.n_rows; row++) {
		double *out = &predictor->out[row * n];

		for (size_t k = 0; k < n; k++)
			if (!isfinite(out[k]))
				leave_out(predictor, row, "the result is not finite", NULL);
		if (bit_is_set(predictor->missing, row))
			memset(out, 0, n * sizeof *out);
	}
}

void predictor_slice(const struct predictor *predictor, struct source *source)
{
	size_t n = predictor->file->n_outputs;

	replay_slice(predictor->replay, source);
	source_slice_wide(source, &(struct row_width){ .n_fields = n, .bytes = n * sizeof(double) });
}

int predictor_run(struct predictor *predictor, const struct batch *batch, const double **out, const uint64_t **missing, struct error *err)
{
	const struct modelfile *file = predictor->file;

	if (replay_apply(predictor->replay, batch, &predictor->batch, err) < 0)
		return -1;
	make_room(predictor, predictor->batch.n_rows);
	feature_origins_batch(predictor->origins, batch);
	if (read_features(predictor, err) < 0 || (predictor->by != NO_FIELD && read_groups(predictor, err) < 0))
		return -1;
	for (size_t first = 0; first < predictor->batch.n_rows; first += predictor->panel_rows)
		if (predict_panel(predictor, first, err) < 0)
			return error_prefix(err, "model '%s'", file->kind->name);
	if (file->problem.task == TASK_REGRESSION &&
	    undo_values(&file->lineage, file->target, predictor->out, predictor->batch.n_rows * file->n_outputs, err) < 0)
		return -1;
	settle(predictor);
	*out = predictor->out;
	*missing = predictor->missing;
	return 0;
}

const double *predictor_why(const struct predictor *predictor) { return predictor->why; }

void predictor_point(const struct predictor *predictor, size_t row, double *point)
{
	const struct schema *schema = replay_schema(predictor->replay);

	for (size_t i = 0; i < predictor->file->problem.features.n; i++) {
		const struct column *column = &predictor->batch.columns[predictor->cols[i]];

		point[i] = column_valid(column, row) ? column_number(column, schema->fields[predictor->cols[i]].type, row) : NAN;
	}
}

bool predictor_has_target(const struct predictor *predictor)
{
	return predictor->has_target;
}

const char *predictor_why_no_target(const struct predictor *predictor)
{
	return predictor->has_target || !predictor->why_not.code ? NULL : predictor->why_not.message;
}

static bool has_unit(const struct lineage *lineage, uint64_t digest)
{
	size_t n;
	struct unit_place *places = lineage_places(lineage, &n);
	bool found = false;

	for (size_t i = 0; i < n && !found; i++)
		found = places[i].unit->digest == digest;
	free(places);
	return found;
}

bool predictor_has_truth(const struct predictor *predictor, const struct header *have)
{
	const struct modelfile *file = predictor->file;
	size_t n, undone;
	struct unit_place *places;
	bool is_there = predictor_has_target(predictor) && schema_find(&have->schema, file->target) != NO_FIELD;

	if (!is_there)
		return false;
	undone = undo_count(&file->lineage, file->target);
	places = lineage_places(&file->lineage, &n);
	for (size_t i = n; i-- > 0 && is_there; ) {
		const struct unit *unit = places[i].unit;

		if (unit->acts == ACTS_ON_ROWS || !names_have(&unit->writes, file->target))
			continue;
		if (undone > 0)
			undone--;
		else
			is_there = has_unit(&have->lineage, unit->digest);
	}
	free(places);
	return is_there;
}

static int read_values(struct predictor *predictor, const struct field *field, const struct column *column, struct error *err)
{
	if (!type_is_number(field->type) && field->type != TYPE_BOOL)
		return error_set(err, STATUS_REQUIREMENT, "the target '%s' is %s here, the model was trained on numbers", field->name,
		                 type_name(field->type));
	for (size_t row = 0; row < predictor->batch.n_rows; row++)
		predictor->truth[row] = column_number(column, field->type, row);
	return undo_values(&predictor->file->lineage, field->name, predictor->truth, predictor->batch.n_rows, err);
}

int predictor_truth(struct predictor *predictor, const double **truth, const uint64_t **missing, struct error *err)
{
	const struct field *field = &replay_schema(predictor->replay)->fields[predictor->target];
	const struct column *column = column_read(&predictor->batch, (size_t)predictor->target, err);

	if (!column)
		return error_prefix(err, "column '%s'", field->name);
	if (predictor->file->problem.task == TASK_CLASSIFICATION)
		class_numbers(&predictor->file->problem.classes, field, column, predictor->batch.n_rows, predictor->truth);
	else if (read_values(predictor, field, column, err) < 0)
		return -1;
	for (size_t row = 0; row < predictor->batch.n_rows; row++)
		if (!column_valid(column, row))
			bit_set(predictor->no_truth, row);
	*truth = predictor->truth;
	*missing = predictor->no_truth;
	return 0;
}

const struct column *predictor_target(const struct predictor *predictor, const struct field **field)
{
	*field = &replay_schema(predictor->replay)->fields[predictor->target];
	return &predictor->batch.columns[predictor->target];
}

const struct tally *predictor_counts(struct predictor *predictor, bool steps)
{
	tally_release(&predictor->all_counts);
	if (steps) {
		tally_merge(&predictor->all_counts, replay_lost(predictor->replay));
		tally_merge(&predictor->all_counts, replay_counts(predictor->replay));
	}
	tally_merge(&predictor->all_counts, &predictor->counts);
	return &predictor->all_counts;
}

void predictor_tell(const struct predictor *predictor, bool all, bool rules, struct names *lines)
{
	replay_tell(predictor->replay, all, rules, lines);
}

const struct names *predictor_extra(const struct predictor *predictor)
{
	return replay_extra(predictor->replay);
}
