/* SPDX-License-Identifier: MIT */
/*
 * A checkpoint is one map:
 *
 *     {format, lesson, rows [train, valid, valid_missing], mean, class_rows, loss, valid, best, over, remarks, fitting}
 *
 * lesson: XXH3-64 of what must be the same again; fitting: the family's own value.
 */
#include "lesson_state.h"

#include <math.h>
#include <stdlib.h>
#include <xxhash.h>

#include "memory.h"

enum { CHECKPOINT_FORMAT = 1 };

/* What rounds hang on, besides the rows. */
static uint64_t digest(const struct lesson *lesson)
{
	struct buffer text = BUFFER_INIT;
	uint64_t hash;

	pack_text(&text, lesson->setup->kind->name);
	pack_text(&text, lesson->setup->target);
	pack_uint(&text, lesson->problem.task);
	pack_names(&text, &lesson->problem.features);
	pack_names(&text, &lesson->problem.classes);
	pack_uint(&text, lesson->options.seed);
	buffer_add(&text, lesson->setup->given.data, lesson->setup->given.size);
	hash = XXH3_64bits(text.data, text.size);
	buffer_free(&text);
	return hash;
}

/* ---- a checkpoint ---- */

void lesson_state_pack(const struct lesson *lesson, struct buffer *to)
{
	const struct history *history = &lesson->history;

	pack_map(to, 11);
	pack_key_int(to, "format", CHECKPOINT_FORMAT);
	pack_text(to, "lesson");
	pack_uint(to, digest(lesson));
	pack_text(to, "rows");
	pack_array(to, 3);
	pack_uint(to, lesson->rows.n_train);
	pack_uint(to, lesson->rows.n_valid);
	pack_uint(to, lesson->rows.valid_missing);
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
	       object_uint(array_get(rows, 2), &to->valid_missing);
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
	uint64_t format, hash;
	size_t n_classes = lesson->problem.classes.n;

	if (!object_uint(map_get(checkpoint, "format"), &format) || !object_uint(map_get(checkpoint, "lesson"), &hash))
		goto broken;
	if (format != CHECKPOINT_FORMAT || hash != digest(lesson)) {
		error_set(err, STATUS_REQUIREMENT, "the checkpoint is of another lesson: other features, parameters or seed");
		return NULL;
	}
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
	error_set(err, STATUS_FAILED, "the checkpoint is broken");
	return NULL;
}

/* ---- the model's `training` ---- */

static void pack_baseline(const struct lesson *lesson, struct buffer *to)
{
	size_t n = lesson->problem.classes.n, most = 0;
	double *shares, all = 0;

	if (lesson->problem.task == TASK_REGRESSION) {
		pack_map(to, 1);
		pack_key_real(to, "mean", lesson->target_mean);
		return;
	}
	shares = mem_array(n, sizeof *shares);
	for (size_t i = 0; i < n; i++)
		all += lesson->class_weights[i];
	for (size_t i = 0; i < n; i++) {
		shares[i] = lesson->class_weights[i] / all;
		if (lesson->class_weights[i] > lesson->class_weights[most])
			most = i;
	}
	pack_map(to, 2);
	pack_key_text(to, "class", lesson->problem.classes.items[most]);
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
		pack_map(to, isnan(history->valid[i]) ? 2 : 3);
		pack_key_int(to, name ? name : "round", (int64_t)i + 1);
		pack_key_real(to, "loss", history->loss[i]);
		if (!isnan(history->valid[i]))
			pack_key_real(to, "valid", history->valid[i]);
	}
}

void lesson_pack(const struct lesson *lesson, struct buffer *to)
{
	pack_map(to, 7);
	pack_key_int(to, "rows", (int64_t)lesson->rows.n_train);
	pack_key_int(to, "valid_rows", (int64_t)lesson->rows.n_valid);
	pack_key_int(to, "seed", (int64_t)lesson->options.seed);
	pack_text(to, "options");
	buffer_add(to, lesson->setup->given.data, lesson->setup->given.size);
	pack_text(to, "history");
	pack_history(lesson, to);
	pack_text(to, "remarks");
	pack_names(to, &lesson->remarks);
	pack_text(to, "baseline");
	pack_baseline(lesson, to);
}
