/* SPDX-License-Identifier: MIT */
#include "blocks.h"

#include <stdlib.h>

#include "cutter.h"
#include "memory.h"
#include "tree.h"

struct blocks {
	const struct block_work *work;
	struct schema fields;           /* of pieces */
	struct cutter cutter;
	struct block_lane { struct pieces pieces; struct batch view; bool begun; } *lanes;
};

/* whole: no block that they are of waits for more. */
static int take_pieces(struct blocks *blocks, size_t lane, bool whole, struct error *err)
{
	const struct block_work *work = blocks->work;
	struct block_lane *mine = &blocks->lanes[lane];
	struct pieces *pieces = &mine->pieces;

	for (size_t i = 0; i < pieces->n; i++)
		if (work->piece(work->state, lane, &pieces->items[i], err) < 0)
			return -1;
	mine->begun |= pieces->n > 0;
	pieces_clear(pieces);
	if (!whole || !mine->begun)
		return 0;
	mine->begun = false;
	return work->done ? work->done(work->state, lane, err) : 0;
}

static int take_batch(void *state, size_t lane, size_t slot, struct batch *batch, struct turn *turn, struct error *err)
{
	struct blocks *blocks = state;
	const struct block_work *work = blocks->work;
	struct block_lane *mine = &blocks->lanes[lane];
	bool whole;
	int result;

	(void)slot;
	if (work->look && work->look(work->state, lane, batch, err) < 0)
		return -1;
	batch_view(&mine->view, batch, &blocks->fields, work->cols);
	if (work->keep)
		batch_compact(batch);
	if (gate_enter(turn, 0) < 0)
		return -1;
	whole = !blocks->cutter.uncut || (batch->first_row + batch->n_rows) % BLOCK_ROWS == 0;
	result = cutter_add(&blocks->cutter, &mine->view, &mine->pieces, err);
	if (result == 0 && work->keep)
		result = work->keep(work->state, lane, batch, err);
	if (result == 0)
		gate_leave(turn, 0);
	batch_clear(batch);
	batch_clear(&mine->view);
	return result < 0 ? -1 : take_pieces(blocks, lane, whole, err);
}

int blocks_run(struct source *in, size_t n_lanes, const struct block_work *work, struct error *err)
{
	struct blocks blocks = { .work = work, .cutter = { .uncut = n_lanes == 1 }, .lanes = mem_new(n_lanes, sizeof *blocks.lanes) };
	const struct lanes_work on_lanes = { .n_gates = 1, .work = take_batch, .state = &blocks, .host = work->host };
	struct lanes *lanes = lanes_new(in, n_lanes, &on_lanes);
	int result;

	for (size_t i = 0; i < work->n_cols; i++)
		schema_add_field(&blocks.fields, &in->header->schema.fields[work->cols[i]]);
	result = lanes_run(lanes, err);
	lanes_free(lanes);
	if (result == 0) {
		cutter_finish(&blocks.cutter, &blocks.lanes[0].pieces);
		result = take_pieces(&blocks, 0, true, err);
	}
	for (size_t lane = 0; lane < n_lanes; lane++) {
		pieces_release(&blocks.lanes[lane].pieces);
		batch_free(&blocks.lanes[lane].view);
	}
	cutter_release(&blocks.cutter);
	schema_release(&blocks.fields);
	free(blocks.lanes);
	return result;
}
