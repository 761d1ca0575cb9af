/* SPDX-License-Identifier: MIT */
/*
 * A checkpoint is one map:
 *
 *     {format, lesson, rows [train, valid, valid_missing, fingerprint], mean, class_weights, loss, valid, best, over, remarks, fitting}
 *
 * lesson: an array of XXH3-64, one for each thing that must be the same again, in the order
 * of `things`. fingerprint: of the rows' values and places (lesson.h). fitting: the
 * family's own value.
 */
#include "lesson_state.h"

#include <math.h>
#include <stdlib.h>
#include <xxhash.h>

#include "classes.h"
#include "memory.h"

enum { CHECKPOINT_FORMAT = 3 };

/* ---- what rounds hang on, besides the rows ---- */

static void pack_family(const struct lesson *lesson, struct buffer *to) { pack_text(to, lesson->setup->kind->name); }
static void pack_features(const struct lesson *lesson, struct buffer *to) { pack_names(to, &lesson->problem.features); }
static void pack_seed(const struct lesson *lesson, struct buffer *to) { pack_uint(to, lesson->options.seed); }

static void pack_target(const struct lesson *lesson, struct buffer *to)
{
	pack_text(to, lesson->setup->target ? lesson->setup->target : "");
	pack_uint(to, lesson->problem.task);
	pack_names(to, &lesson->problem.classes);
}

/* What lineage_compare looks at: fields as extracted, and the computations; not how their steps were written. */
static void pack_lineage(const struct lesson *lesson, struct buffer *to)
{
	size_t n;
	struct unit_place *places = lineage_places(lesson->lineage, &n);

	fields_pack(&lesson->lineage->inputs, to);
	for (size_t i = 0; i < n; i++)
		pack_uint(to, places[i].unit->digest);
	free(places);
}

static void pack_held_out(const struct lesson *lesson, struct buffer *to)
{
	const struct marks *marks = &lesson->setup->marks;

	pack_bool(to, lesson->setup->held_out);
	pack_bool(to, marks->split != NO_FIELD);
	pack_real(to, marks->test);
	pack_real(to, marks->valid);
	pack_uint(to, marks->seed);
	if (marks->n_folds > 0) {
		pack_uint(to, marks->n_folds);
		pack_uint(to, marks->fold);
		pack_uint(to, marks->of_fold);
	}
	if (marks->maker)
		pack_bool(to, true);
}

static void pack_parameters(const struct lesson *lesson, struct buffer *to)
{
	parameters_pack_set(lesson->setup->kind, lesson->setup->parameters, &lesson->setup->general, to);
}

static void pack_from(const struct lesson *lesson, struct buffer *to) { pack_uint(to, lesson->from_hash); }

static const struct thing { const char *name; void (*pack)(const struct lesson *lesson, struct buffer *to); } things[] = {
	{ "family", pack_family }, { "target", pack_target }, { "features", pack_features }, { "fields or steps", pack_lineage },
	{ "rows held out", pack_held_out }, { "parameters", pack_parameters }, { "seed", pack_seed },
	{ "model to go on from", pack_from },
};
enum { N_THINGS = sizeof things / sizeof *things };

static void digest(const struct lesson *lesson, uint64_t hashes[N_THINGS])
{
	struct buffer text = BUFFER_INIT;

	for (size_t i = 0; i < N_THINGS; i++) {
		buffer_clear(&text);
		things[i].pack(lesson, &text);
		hashes[i] = XXH3_64bits(text.data, text.size);
	}
	buffer_free(&text);
}

static int broken(struct error *err)
{
	return error_set(err, STATUS_FAILED, "the checkpoint is broken");
}

/* Names all that is other here. */
static int compare(const struct lesson *lesson, object there, struct error *err)
{
	uint64_t here[N_THINGS], hash;
	struct buffer other = BUFFER_INIT;
	int result = 0;

	digest(lesson, here);
	for (size_t i = 0; i < N_THINGS && result == 0; i++) {
		if (!object_uint(array_get(there, i), &hash))
			result = broken(err);
		else if (hash != here[i])
			buffer_format(&other, "%s%s", other.size > 0 ? ", " : "", things[i].name);
	}
	if (result == 0 && other.size > 0)
		result = error_set(err, STATUS_REQUIREMENT, "the checkpoint is of another training: other %s (give what it was begun with, or no --resume to begin anew)",
		                   buffer_text(&other));
	buffer_free(&other);
	return result;
}

/* ---- a checkpoint ---- */

void lesson_state_pack(const struct lesson *lesson, struct buffer *to)
{
	const struct history *history = &lesson->history;
	uint64_t hashes[N_THINGS];

	digest(lesson, hashes);
	pack_map(to, 11);
	pack_key_int(to, "format", CHECKPOINT_FORMAT);
	pack_text(to, "lesson");
	pack_array(to, N_THINGS);
	for (size_t i = 0; i < N_THINGS; i++)
		pack_uint(to, hashes[i]);
	pack_text(to, "rows");
	pack_array(to, 4);
	pack_uint(to, lesson->rows.n_train);
	pack_uint(to, lesson->rows.n_valid);
	pack_uint(to, lesson->rows.valid_missing);
	pack_uint(to, lesson->fingerprint);
	pack_key_real(to, "mean", lesson->target_mean);
	pack_text(to, "class_weights");
	pack_reals(to, lesson->class_weights, lesson->problem.classes.n);
	pack_text(to, "loss");
	pack_reals(to, history->loss, history->n);
	pack_text(to, "valid");
	pack_reals(to, history->valid, history->n);
	pack_key_int(to, "best", (int64_t)lesson->best);
	pack_text(to, "over");
	pack_bool(to, lesson->over && !lesson->stopped);
	pack_text(to, "remarks");
	pack_names(to, &lesson->remarks);
	pack_text(to, "fitting");
	lesson->setup->kind->checkpoint(lesson->fitting, to);
}

static bool read_rows(struct lesson *lesson, object rows)
{
	struct panel_rows *to = &lesson->rows;

	return object_uint(array_get(rows, 0), &to->n_train) && object_uint(array_get(rows, 1), &to->n_valid) &&
	       object_uint(array_get(rows, 2), &to->valid_missing) && object_uint(array_get(rows, 3), &lesson->fingerprint);
}

static bool read_history(struct history *history, object loss, object valid)
{
	size_t n = loss && loss->type == MSGPACK_OBJECT_BIN ? loss->via.bin.size / sizeof(double) : 0;

	history->loss = mem_array(n + 1, sizeof(double));
	history->valid = mem_array(n + 1, sizeof(double));
	history->n = n;
	history->room = n + 1;
	return n > 0 && object_reals(loss, history->loss, n) >= 0 && object_reals(valid, history->valid, n) >= 0;
}

object lesson_state_read(struct lesson *lesson, object checkpoint, struct error *err)
{
	uint64_t format;
	size_t n_classes = lesson->problem.classes.n;

	if (!object_uint(map_get(checkpoint, "format"), &format))
		goto broken;
	if (format != CHECKPOINT_FORMAT) {
		error_set(err, STATUS_REQUIREMENT, "the checkpoint is of format %llu, this program reads %d only (start anew)",
		          (unsigned long long)format, CHECKPOINT_FORMAT);
		return NULL;
	}
	if (compare(lesson, map_get(checkpoint, "lesson"), err) < 0)
		return NULL;
	if (!read_rows(lesson, map_get(checkpoint, "rows")) || !object_real(map_get(checkpoint, "mean"), &lesson->target_mean) ||
	    object_reals(map_get(checkpoint, "class_weights"), lesson->class_weights, n_classes) != (int)n_classes ||
	    !read_history(&lesson->history, map_get(checkpoint, "loss"), map_get(checkpoint, "valid")) ||
	    !object_uint(map_get(checkpoint, "best"), &lesson->best) || lesson->best > lesson->history.n ||
	    !object_bool(map_get(checkpoint, "over"), &lesson->over) || !object_names(map_get(checkpoint, "remarks"), &lesson->remarks) ||
	    !map_get(checkpoint, "fitting"))
		goto broken;
	lesson->rows_known = true;
	return map_get(checkpoint, "fitting");
broken:
	broken(err);
	return NULL;
}

/* ---- the model's `training` ---- */

static void pack_baseline(const struct lesson *lesson, struct buffer *to)
{
	size_t n = lesson->problem.classes.n;
	double *shares, all = 0;

	if (lesson->problem.task == TASK_REGRESSION) {
		pack_map(to, 1);
		pack_key_real(to, "mean", lesson->target_mean);
		return;
	}
	shares = mem_array(n, sizeof *shares);
	for (size_t i = 0; i < n; i++)
		all += lesson->class_weights[i];
	for (size_t i = 0; i < n; i++)
		shares[i] = lesson->class_weights[i] / all;
	pack_map(to, 2);
	pack_key_text(to, "class", lesson->problem.classes.items[most_probable(lesson->class_weights, n)]);
	pack_text(to, "shares");
	pack_reals(to, shares, n);
	free(shares);
}

/* Rounds that told nothing are not in it. */
static void pack_history(const struct lesson *lesson, struct buffer *to)
{
	const struct history *history = &lesson->history;
	const char *name = lesson->setup->kind->round_name;
	size_t n = history->n;

	if (n == 1 && isnan(history->loss[0]) && isnan(history->valid[0]))
		n = 0;
	pack_array(to, n);
	for (size_t i = 0; i < n; i++) {
		bool loss = isfinite(history->loss[i]), valid = isfinite(history->valid[i]);

		pack_map(to, (size_t)1 + loss + valid);
		pack_key_int(to, name ? name : "round", (int64_t)i + 1);
		if (loss)
			pack_key_real(to, "loss", history->loss[i]);
		if (valid)
			pack_key_real(to, "valid", history->valid[i]);
	}
}

/* What was learned before, the oldest first: a list of all the models that led here. */
static void pack_continued(const struct lesson *lesson, struct buffer *to)
{
	object training = lesson->options.continued, before = map_get(training, "continued");
	int64_t rows = 0, valid = 0, seed = 0;

	pack_text(to, "continued");
	pack_array(to, array_size(before) + 1);
	for (size_t i = 0; i < array_size(before); i++)
		pack_object(to, array_get(before, i));
	(void)(object_int(map_get(training, "rows"), &rows) && object_int(map_get(training, "valid_rows"), &valid) &&
	       object_int(map_get(training, "seed"), &seed));
	pack_map(to, 4);
	pack_key_int(to, "rows", rows);
	pack_key_int(to, "valid_rows", valid);
	pack_key_int(to, "seed", seed);
	pack_key_int(to, "rounds", (int64_t)array_size(map_get(training, "history")));
}

bool lesson_watched(const struct lesson *lesson)
{
	const struct history *history = &lesson->history;

	return history->n > 0 && !isnan(history->valid[history->n - 1]);
}

void lesson_pack(const struct lesson *lesson, struct buffer *to)
{
	bool target = lesson->problem.task != TASK_CLUSTERING;

	pack_map(to, 6u + target + (lesson->options.from != NULL));
	pack_key_int(to, "rows", (int64_t)lesson->rows.n_train);
	pack_key_int(to, "valid_rows", (int64_t)lesson->rows.n_valid);
	pack_key_int(to, "seed", (int64_t)lesson->options.seed);
	pack_text(to, "options");
	buffer_add(to, lesson->setup->given.data, lesson->setup->given.size);
	pack_text(to, "history");
	pack_history(lesson, to);
	pack_text(to, "remarks");
	pack_names(to, &lesson->remarks);
	if (target) {
		pack_text(to, "baseline");
		pack_baseline(lesson, to);
	}
	if (lesson->options.from)
		pack_continued(lesson, to);
}
