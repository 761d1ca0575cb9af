/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "memory.h"
#include "rows_parts.h"

/* A cell that is no value of its slot's type. What is at fault whatever the type comes first, as where the types were looked for. */
static enum verdict judge_misfit(struct rows *rows, struct row *row, const struct slot *slot, struct error *err)
{
	enum verdict verdict = slot->given ? ROW_STAYS : rows_judge_cells(rows, row, err);

	if (verdict != ROW_STAYS || row->cells[slot->cell].kind == CELL_NULL)
		return verdict;
	return bad_cell(&rows->all.bad, row, slot, rows_slot_name(rows, slot), err);
}

/* Takes a row, or drops it. */
static int take(struct rows *rows, struct row *row, struct error *err)
{
	enum verdict verdict = rows_judge(rows, row, err);
	size_t at = 0;

	while (verdict == ROW_STAYS && (at = build_try(rows->build, row, at)) < rows->all.slots.n) {
		verdict = judge_misfit(rows, row, &rows->all.slots.items[at], err);
		if (verdict != ROW_STAYS)
			build_abandon(rows->build);
	}
	if (verdict == ROW_STAYS)
		build_add(rows->build, row, row->file, row->in_file);
	return verdict == ROW_FAILS ? -1 : 0;
}

int rows_build(struct rows *rows, struct batch *to, bool now, struct error *err)
{
	struct cells part;
	struct row *row;
	bool silent = false;

	if (rows_at(rows) >= rows->stretch_end)
		rows_begin_stretch(rows);
	while (!rows->ended && !silent && rows_at(rows) < rows->stretch_end && !build_full(rows->build)) {
		int result;

		if (rows_cells(rows, SIZE_MAX, !now, &part)) {
			rows_took(rows, build_cells(rows->build, &part));
			continue;
		}
		rows->files.hurry = now && build_rows(rows->build) > 0;
		result = rows_next_row(rows, &row, err);
		if (result < 0 || (result == 0 && row && take(rows, row, err) < 0))
			return -1;
		silent = result == INPUT_SILENT;
		rows->ended = !row && !silent;
	}
	batch_clear(to);
	if (build_rows(rows->build) > 0)
		build_finish(rows->build, to);
	return 0;
}

void rows_queue(struct rows *rows, struct batch *batch)
{
	struct batch_queue *ready = &rows->ready;

	if (ready->at == ready->n)
		ready->at = ready->n = 0;
	array_grow(ready->items, ready->n, ready->room);
	ready->items[ready->n] = (struct batch)BATCH_INIT;
	batch_move(&ready->items[ready->n++], batch);
}

bool rows_dequeue(struct rows *rows, struct batch *to)
{
	struct batch_queue *ready = &rows->ready;

	if (ready->at == ready->n)
		return false;
	batch_move(to, &ready->items[ready->at]);
	batch_free(&ready->items[ready->at++]);
	return true;
}
