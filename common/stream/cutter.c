/* SPDX-License-Identifier: MIT */
#include "cutter.h"

#include <stdlib.h>

#include "batch_join.h"
#include "memory.h"
#include "tree.h"

enum { SHORT_ROWS = 64, JOINED = 16 };

void pieces_clear(struct pieces *pieces)
{
	for (size_t i = 0; i < pieces->n; i++)
		batch_free(&pieces->items[i]);
	pieces->n = 0;
}

void pieces_release(struct pieces *pieces)
{
	pieces_clear(pieces);
	free(pieces->items);
	*pieces = (struct pieces){ .items = NULL };
}

void cutter_release(struct cutter *cutter)
{
	pieces_release(&cutter->open);
	text_builder_free(cutter->texts);
	cutter->texts = NULL;
}

static int add_piece(struct pieces *pieces, struct batch *batch, size_t first, size_t n, struct error *err)
{
	struct batch *piece;

	if (n == 0)
		return 0;
	array_grow(pieces->items, pieces->n, pieces->room);
	piece = &pieces->items[pieces->n++];
	*piece = (struct batch)BATCH_INIT;
	if (n < batch->n_rows)
		return batch_slice(piece, batch, first, n, err);
	batch_move(piece, batch);
	return 0;
}

/* The last pieces that wait, if they are short ones and enough of them, become one. */
static int join_short(struct cutter *cutter, struct error *err)
{
	struct pieces *open = &cutter->open;
	struct batch joined = BATCH_INIT, *run;
	size_t n = 0;

	while (n < open->n && open->items[open->n - 1 - n].n_rows < SHORT_ROWS)
		n++;
	if (n < JOINED)
		return 0;
	if (!cutter->texts)
		cutter->texts = text_builder_new();
	run = &open->items[open->n - n];
	if (batch_join(&joined, run, n, cutter->texts, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		batch_free(&run[i]);
	*run = joined;
	open->n -= n - 1;
	return 0;
}

/* A piece that waits for others must not hold what else lies in its blocks, such as texts of other columns. */
static int let_wait(struct cutter *cutter, struct batch *batch, size_t first, size_t n, struct error *err)
{
	struct pieces *open = &cutter->open;
	int result = add_piece(open, batch, first, n, err);

	if (result < 0 || n == 0)
		return result;
	batch_detach(&open->items[open->n - 1]);
	return join_short(cutter, err);
}

/* All pieces of `from`, behind those that are there. */
static void move_pieces(struct pieces *to, struct pieces *from)
{
	for (size_t i = 0; i < from->n; i++) {
		array_grow(to->items, to->n, to->room);
		to->items[to->n++] = from->items[i];
	}
	from->n = 0;
}

int cutter_add(struct cutter *cutter, struct batch *batch, struct pieces *pieces, struct error *err)
{
	size_t n = batch->n_rows, behind = (size_t)(batch->first_row % BLOCK_ROWS), head = behind ? BLOCK_ROWS - behind : 0, tail;

	pieces_clear(pieces);
	if (cutter->uncut)
		return add_piece(pieces, batch, 0, n, err);
	if (head > n)
		return let_wait(cutter, batch, 0, n, err);
	move_pieces(pieces, &cutter->open);
	tail = (n - head) % BLOCK_ROWS;
	if (add_piece(pieces, batch, 0, head, err) < 0 || add_piece(pieces, batch, head, n - head - tail, err) < 0)
		return -1;
	return let_wait(cutter, batch, n - tail, tail, err);
}

void cutter_finish(struct cutter *cutter, struct pieces *pieces)
{
	pieces_clear(pieces);
	move_pieces(pieces, &cutter->open);
}
