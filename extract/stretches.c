/* SPDX-License-Identifier: MIT */
/*
 * Lanes (lanes.h) with stretches for batches: what they pull is a cut, and the slot that a turn has is a stretch's.
 *
 *     places   | joined, or its rows are taken in turn | at work | at work | cut |
 *                ^ n_joined                                                  ^ n_cut     counts; modulo the slots they are places
 *
 * `lock`: who has it may ask the files. Rows are taken in turn within it, so nothing is cut meanwhile; but what was cut is
 * worked on.
 */
#include "stretches.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "cells_infer.h"
#include "lanes.h"
#include "memory.h"

enum { FREQUENT = 2, MOST_IN_TURN = 16 };       /* so many odd ones behind each other are: then up to so many stretches are taken in turn */

struct stretch_place {
	struct cut cut;
	uint64_t end;                   /* of its rows */
	const char *file;               /* that it is of */
	bool odd;
	struct cells cells;
	uint64_t n_rows;
	struct build *build;            /* of a pass that builds */
	struct infer *infers;           /* of one that looks, a slot each */
	struct row_counts counts;
	struct slot *again;             /* of look_again */
	struct batch *batches;
	size_t n_batches, room;
};

struct stretches {
	struct rows *rows;
	struct source cuts;             /* that lanes pull */
	struct lanes *lanes;            /* NULL: none are on their way */
	pthread_mutex_t lock;
	bool looks;
	struct stretch_place *places;
	size_t n_places;
	uint64_t n_cut, n_joined;
	bool drains;                    /* what was cut is dropped, and no more is cut */
	struct error failed;            /* rows in turn did: told once what was ready is given out */
	size_t n_odd;                   /* behind each other, by now */
	size_t in_turn, more_in_turn;   /* stretches that are taken in turn, and how many will be the next time */
	atomic_bool *settled;           /* by slot, as struct slot has it: for the lanes */
};

/* ---- cutting ---- */

static int next_cut(void *state, struct batch *to, bool now, struct error *err)
{
	struct stretches *stretches = state;
	struct cut cut;
	bool found;

	(void)now;
	(void)err;                      /* what fails is found again in turn */
	batch_clear(to);
	pthread_mutex_lock(&stretches->lock);
	found = !stretches->drains && files_cut(&stretches->rows->files, &cut);
	if (found) {
		struct stretch_place *stretch = &stretches->places[stretches->n_cut++ % stretches->n_places];

		stretch->cut = cut;
		stretch->end = files_at(&stretches->rows->files);
		stretch->file = stretches->rows->files.inputs[stretches->rows->files.at].name;
	}
	pthread_mutex_unlock(&stretches->lock);
	return found;
}

/* ---- a stretch by itself ---- */

static bool build_block(struct stretches *stretches, struct stretch_place *stretch)
{
	struct cells *cells = &stretch->cells;

	(void)stretches;
	while (cells->at < cells->n_rows) {
		size_t n = build_cells(stretch->build, cells);

		if (n == 0)
			return false;
		cells->at += n;
		if (!build_full(stretch->build))
			continue;
		array_grow(stretch->batches, stretch->n_batches, stretch->room);
		stretch->batches[stretch->n_batches] = (struct batch)BATCH_INIT;
		build_finish(stretch->build, &stretch->batches[stretch->n_batches++]);
	}
	return true;
}

static bool look_at_block(struct stretches *stretches, struct stretch_place *stretch)
{
	const struct slots *slots = &stretches->rows->all.slots;

	if (!cells_judge(&stretch->cells, slots))
		return false;
	for (size_t i = 0; i < slots->n; i++)
		if (!slots->items[i].given && !atomic_load_explicit(&stretches->settled[i], memory_order_relaxed))
			cells_infer(&stretch->cells, slots->items[i].cell, slots->items[i].words, &stretch->infers[i]);
	row_counts_add_cells(&stretch->counts, &stretch->cells, stretch->cells.n_rows);
	return true;
}

static bool look_again(struct stretches *stretches, struct stretch_place *stretch)
{
	(void)stretches;
	cells_infer(&stretch->cells, stretch->again->cell, stretch->again->words, &stretch->again->infer);
	return true;
}

/* Block by block, so that what is split is still in the cache when its columns are made. False: it is odd. */
static bool each_block(struct stretches *stretches, struct stretch_place *stretch, bool (*block)(struct stretches *, struct stretch_place *))
{
	const struct rows *rows = stretches->rows;
	const struct cut *cut = &stretch->cut;
	struct cells *cells = &stretch->cells;
	size_t at = 0, most = CELLS_BYTES;
	uint64_t line = cut->line;

	if (cut->clean && cut->clean(cut, cut->part.bytes, cut->part.size) < cut->part.size)
		return false;
	while (at < cut->part.size) {
		size_t left = cut->part.size - at, size = left < most ? left : most;

		cells_split(cells, cut->part.bytes + at, size, cut->n_columns, SIZE_MAX, cut->delimiter, cut->quote, cut->comment);
		cells_demand_empty(cells, cut->n_empty);
		if (cells->n_rows == 0 && size == left)
			return false;
		if (cells->n_rows == 0) {
			most *= 2;
			continue;
		}
		cells->line = line;
		cells->file = stretch->file;
		cells->in_file = cells->number = stretch->n_rows;
		cells->nulls = rows->files.nulls.n ? &rows->files.nulls : NULL;
		at += cells->size;
		line += cells->lines[cells->n_rows];
		stretch->n_rows += cells->n_rows;
		most = CELLS_BYTES;
		if (!block(stretches, stretch))
			return false;
	}
	return true;
}

static int work(void *state, size_t lane, size_t slot, struct batch *batch, struct turn *turn, struct error *err)
{
	struct stretches *stretches = state;
	struct rows *rows = stretches->rows;
	struct stretch_place *stretch = &stretches->places[slot];

	(void)lane;
	(void)batch;
	(void)turn;
	(void)err;
	stretch->n_rows = 0;
	if (stretches->looks) {
		for (size_t i = 0; i < rows->all.slots.n; i++) {
			stretch->infers[i] = (struct infer)INFER_INIT;
			stretch->infers[i].marks = rows->all.slots.items[i].marks;       /* as its infer has them, which is written to meanwhile */
		}
		row_counts_begin_as(&stretch->counts, &rows->counts);
		stretch->odd = !each_block(stretches, stretch, look_at_block);
		return 0;
	}
	stretch->odd = !each_block(stretches, stretch, build_block);
	if (stretch->odd || build_rows(stretch->build) == 0)
		return 0;
	array_grow(stretch->batches, stretch->n_batches, stretch->room);
	stretch->batches[stretch->n_batches] = (struct batch)BATCH_INIT;
	build_finish(stretch->build, &stretch->batches[stretch->n_batches++]);
	return 0;
}

/* ---- and all in order ---- */

/* What it holds is dropped. */
static void empty(struct stretch_place *stretch)
{
	while (stretch->n_batches > 0)
		batch_free(&stretch->batches[--stretch->n_batches]);
	if (stretch->build) {
		build_restart(stretch->build);
		build_disown(stretch->build);
	}
	block_drop(stretch->cut.part.block);
	stretch->cut.part.block = NULL;
}

static void join_build(struct stretches *stretches, struct stretch_place *stretch)
{
	struct rows *rows = stretches->rows;
	uint64_t number = rows->files.n_row;

	build_join(rows->build, stretch->build);
	for (size_t i = 0; i < stretch->n_batches; i++) {
		build_renumber(rows->build, &stretch->batches[i], number);
		number += stretch->batches[i].n_rows;
		rows_queue(rows, &stretch->batches[i]);
	}
}

static void tell_settled(struct stretches *stretches)
{
	const struct slots *slots = &stretches->rows->all.slots;

	for (size_t i = 0; i < slots->n; i++)
		atomic_store_explicit(&stretches->settled[i], slots->items[i].settled, memory_order_relaxed);
}

/* Columns whose times are of another form than before are looked at again, behind the others. */
static void join_look(struct stretches *stretches, struct stretch_place *stretch)
{
	struct rows *rows = stretches->rows;

	for (size_t i = 0; i < rows->all.slots.n; i++) {
		struct slot *slot = &rows->all.slots.items[i];

		if (slot->given || slot->settled || infer_merge(&slot->infer, &stretch->infers[i]))
			continue;
		stretch->again = slot;
		stretch->n_rows = 0;
		(void)!each_block(stretches, stretch, look_again);
	}
	row_counts_merge(&rows->counts, &stretch->counts, rows->files.n_row, rows->files.n_rows);
	rows_settle(rows);
	tell_settled(stretches);
}

static int rows_in_turn(struct rows *rows, bool looks, struct error *err)
{
	struct batch batch = BATCH_INIT;
	int result;

	if (looks)
		return rows_look(rows, UINT64_MAX, err);
	do {
		result = rows_build(rows, &batch, false, err);
		if (result == 0 && batch.n_rows > 0)
			rows_queue(rows, &batch);
	} while (result == 0 && !rows->ended && rows_at(rows) < rows->stretch_end);
	batch_free(&batch);
	return result;
}

/* The rows of a stretch that is odd, and what becomes of those that were cut behind it. */
static void take_in_turn(struct stretches *stretches, const struct stretch_place *stretch)
{
	struct rows *rows = stretches->rows;
	size_t n = (size_t)(stretches->n_cut - stretches->n_joined), left = 0, at = rows->files.at;
	struct input *input = &rows->files.inputs[at], before;
	struct input_part *parts = mem_array(n, sizeof *parts);
	bool stand;
	int result;

	for (size_t i = 0; i < n; i++) {
		parts[i] = stretches->places[(stretches->n_joined + i) % stretches->n_places].cut.part;
		left += i > 0 ? parts[i].size : 0;
	}
	input_return(input, parts, n, stretch->cut.line - 1, &before);
	result = rows_in_turn(rows, stretches->looks, &stretches->failed);
	stretches->n_odd++;
	stand = result == 0 && !rows->ended && rows->files.at == at && input_stands(input, &before, left, stretch->cut.line - 1 + stretch->cut.n_lines);
	if (stretches->n_odd >= FREQUENT) {
		stand = false;
		stretches->more_in_turn = stretches->more_in_turn < MOST_IN_TURN ? 2 * stretches->more_in_turn + 1 : MOST_IN_TURN;
		stretches->in_turn = stretches->more_in_turn;
	}
	if (rows->files.at == at)
		input_resume(input, &before, stand);
	else
		block_drop(before.block);
	stretches->drains = !stand;
	free(parts);
}

static int join(void *state, size_t slot, struct batch *batch, bool failed, struct error *err)
{
	struct stretches *stretches = state;
	struct stretch_place *stretch = &stretches->places[slot];
	struct rows *rows = stretches->rows;

	(void)err;
	if (!failed && !stretches->drains && stretch->odd) {
		pthread_mutex_lock(&stretches->lock);
		take_in_turn(stretches, stretch);
		pthread_mutex_unlock(&stretches->lock);
	} else if (!failed && !stretches->drains) {
		if (stretches->looks)
			join_look(stretches, stretch);
		else
			join_build(stretches, stretch);
		files_pass(&rows->files, stretch->n_rows, stretch->end);
		stretches->n_odd = 0;
		stretches->more_in_turn /= 2;
	}
	stretches->n_joined++;
	empty(stretch);
	(void)rows_dequeue(rows, batch);
	return 0;
}

/* ---- a run of stretches ---- */

struct stretches *stretches_new(struct rows *rows)
{
	struct stretches *stretches = mem_new(1, sizeof *stretches);

	*stretches = (struct stretches){ .rows = rows, .cuts = { .next = next_cut, .state = stretches } };
	pthread_mutex_init(&stretches->lock, NULL);
	return stretches;
}

/* Whether it is worth a try. */
static bool may_begin(struct stretches *stretches)
{
	const struct rows *rows = stretches->rows;

	if (!rows->files.format->cut || !rows->files.reader || rows->files.columns.growing || !rows->cut.known || rows->n_zones < rows->all.slots.n_open)
		return false;
	if (stretches->in_turn == 0)
		return true;
	stretches->in_turn--;
	return false;
}

static void begin(struct stretches *stretches)
{
	const struct rows *rows = stretches->rows;
	const struct lanes_work lanes = { .work = work, .give = join, .state = stretches, .host = rows->config->common.host };
	size_t n_lanes = rows->config->common.threads > 1 ? (size_t)rows->config->common.threads : 1;

	stretches->looks = rows->phase == PHASE_LOOK;
	if (!stretches->places) {
		stretches->n_places = lanes_slots(n_lanes);
		stretches->places = mem_new(stretches->n_places, sizeof *stretches->places);
		stretches->settled = mem_new(rows->all.slots.n, sizeof *stretches->settled);
		for (size_t i = 0; i < stretches->n_places; i++)
			stretches->places[i].cells = (struct cells)CELLS_INIT;
	}
	for (size_t i = 0; i < stretches->n_places; i++) {
		struct stretch_place *stretch = &stretches->places[i];

		if (stretches->looks && !stretch->infers)
			stretch->infers = mem_array(rows->all.slots.n, sizeof *stretch->infers);
		if (!stretches->looks && !stretch->build)
			stretch->build = build_new(&rows->all.slots, &rows->all.header.schema, rows_have_origin(rows), rows->all.pool);
	}
	tell_settled(stretches);
	stretches->n_cut = stretches->n_joined = 0;
	stretches->drains = false;
	stretches->lanes = lanes_new(&stretches->cuts, n_lanes, &lanes);
}

static void end(struct stretches *stretches)
{
	lanes_free(stretches->lanes);
	stretches->lanes = NULL;
	for (size_t i = 0; i < stretches->n_places; i++)
		empty(&stretches->places[i]);
}

int stretches_next(struct stretches *stretches, struct batch *to, bool now, struct error *err)
{
	int result;

	if (!stretches->lanes && !may_begin(stretches))
		return 0;
	if (!stretches->lanes)
		begin(stretches);
	result = lanes_next(stretches->lanes, to, now, err);
	if (result != 1)
		end(stretches);
	if (result == 0 && stretches->failed.code != STATUS_DONE) {
		*err = stretches->failed;
		return -1;
	}
	return result;
}

bool stretches_under_way(const struct stretches *stretches) { return stretches->lanes; }

void stretches_free(struct stretches *stretches)
{
	if (!stretches)
		return;
	end(stretches);
	for (size_t i = 0; i < stretches->n_places; i++) {
		struct stretch_place *stretch = &stretches->places[i];

		cells_release(&stretch->cells);
		build_free(stretch->build);
		row_counts_release(&stretch->counts);
		free(stretch->infers);
		free(stretch->batches);
	}
	pthread_mutex_destroy(&stretches->lock);
	free(stretches->places);
	free(stretches->settled);
	free(stretches);
}
