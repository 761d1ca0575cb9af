/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "cells_infer.h"
#include "memory.h"
#include "rows_parts.h"
#include "text.h"

enum verdict rows_judge_cells(struct rows *rows, struct row *row, struct error *err)
{
	union value value;

	for (size_t i = 0; i < rows->all.slots.n; i++) {
		const struct slot *slot = &rows->all.slots.items[i];
		const struct cell *cell = &row->cells[slot->cell];
		enum verdict verdict;

		if (cell->kind == CELL_NULL)
			continue;
		if (slot->given && slot->type != TYPE_TEXT ? slot_fits(slot, cell, &value) || missing_word(cell, slot->words) != NO_MISSING_WORD
							   : row->ascii || !cell_is_text(cell) || text_is_utf8(cell->as.text, cell->size))
			continue;
		verdict = bad_cell(&rows->all.bad, row, slot, rows_slot_name(rows, slot), err);
		if (verdict != ROW_STAYS)
			return verdict;
	}
	return ROW_STAYS;
}

/* The first value of a column that was given as time: its form counts from here on. */
static void look_at_zone(struct rows *rows, struct slot *slot, const struct cell *cell)
{
	infer_time_form(&slot->infer, cell);
	if (!slot->infer.formed)
		return;
	slot->form = mem_text(slot->infer.form);
	rows->n_zones++;
}

/* What a row says about the types. Columns that it adds (a record with a new field) are there from now on. */
static int look(struct rows *rows, struct row *row, struct error *err)
{
	enum verdict verdict;

	if (rows->files.columns.growing)
		slots_extend(&rows->all.slots, &rows->files.columns, &rows->all.request, rows->typed);
	verdict = rows_judge(rows, row, err);
	if (verdict == ROW_STAYS)
		verdict = rows_judge_cells(rows, row, err);
	for (size_t i = 0; i < rows->all.slots.n && verdict == ROW_STAYS; i++) {
		struct slot *slot = &rows->all.slots.items[i];
		const struct cell *cell = &row->cells[slot->cell];

		if (cell->kind == CELL_NULL || slot->settled || (slot->given && !slot->any_iso) || missing_word(cell, slot->words) != NO_MISSING_WORD)
			continue;
		if (!slot->given)
			infer_cell(&slot->infer, cell);
		else if (!slot->form)
			look_at_zone(rows, slot, cell);
	}
	if (verdict == ROW_STAYS)
		row_counts_add(&rows->counts, row);
	return verdict == ROW_FAILS ? -1 : 0;
}

/* What rows of the block say about the types; how many: 0 if one of them is odd. */
static size_t look_cells(struct rows *rows, const struct cells *part)
{
	size_t n = part->n_rows - part->at;

	if (!cells_judge(part, &rows->all.slots))
		return 0;
	for (size_t i = 0; i < rows->all.slots.n; i++) {
		struct slot *slot = &rows->all.slots.items[i];

		if (!slot->given && !slot->settled)
			cells_infer(part, slot->cell, slot->words, &slot->infer);
	}
	row_counts_add_cells(&rows->counts, part, n);
	return n;
}

void rows_settle(struct rows *rows)
{
	for (size_t i = 0; i < rows->all.slots.n; i++) {
		struct slot *slot = &rows->all.slots.items[i];

		slot->settled = slot->settled || (!slot->given && infer_is_hopeless(&slot->infer));
	}
}

bool rows_know_enough(const struct rows *rows)
{
	return !rows->files.columns.growing && rows->all.slots.n_inferred == 0 && rows->n_zones == rows->all.slots.n_open;
}

int rows_look(struct rows *rows, uint64_t most, struct error *err)
{
	struct cells part;
	struct row *row;

	rows_begin_stretch(rows);
	while (!rows->ended && rows_at(rows) < rows->stretch_end && rows_given(rows) < most && !(rows->phase == PHASE_SAMPLE && rows_know_enough(rows))) {
		if (rows->n_zones == rows->all.slots.n_open && rows_cells(rows, most - rows_given(rows), rows->phase == PHASE_LOOK, &part)) {
			rows_took(rows, look_cells(rows, &part));
			continue;
		}
		if (rows_next_row(rows, &row, err) < 0 || (row && look(rows, row, err) < 0))
			return -1;
		rows->ended = !row;
	}
	rows_settle(rows);
	return 0;
}
