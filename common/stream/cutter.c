/* SPDX-License-Identifier: MIT */
#include "cutter.h"

#include <stdlib.h>

#include "memory.h"
#include "tree.h"

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
	batch_share(piece, batch);
	return 0;
}

/* A piece that waits for others must not hold what else lies in its blocks, such as texts of other columns. */
static int let_wait(struct pieces *open, struct batch *batch, size_t first, size_t n, struct error *err)
{
	int result = add_piece(open, batch, first, n, err);

	if (result == 0 && n > 0)
		batch_detach(&open->items[open->n - 1]);
	return result;
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
		return let_wait(&cutter->open, batch, 0, n, err);
	move_pieces(pieces, &cutter->open);
	tail = (n - head) % BLOCK_ROWS;
	if (add_piece(pieces, batch, 0, head, err) < 0 || add_piece(pieces, batch, head, n - head - tail, err) < 0)
		return -1;
	return let_wait(&cutter->open, batch, n - tail, tail, err);
}

void cutter_finish(struct cutter *cutter, struct pieces *pieces)
{
	pieces_clear(pieces);
	move_pieces(pieces, &cutter->open);
}
