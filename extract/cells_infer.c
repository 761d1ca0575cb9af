/* SPDX-License-Identifier: MIT */
#include "cells_infer.h"

#include "plain_reals.h"
#include "text.h"

static bool judge_slot(const struct cells *cells, const struct slot *slot)
{
	struct buffer text = BUFFER_INIT;
	union value value;
	bool fits = true;

	for (size_t row = cells->at; row < cells->n_rows && fits; row++) {
		struct cell cell = cells_cell(cells, row, slot->cell, &text);

		fits = cell.kind == CELL_NULL || slot_fits(slot, &cell, &value) || missing_word(&cell, slot->words) != NO_MISSING_WORD;
	}
	buffer_free(&text);
	return fits;
}

bool cells_judge(const struct cells *cells, const struct slots *slots)
{
	bool fits = cells->ascii || text_is_utf8(cells->bytes, cells->size);

	for (size_t i = 0; i < slots->n && fits; i++)
		if (slots->items[i].given && slots->items[i].type != TYPE_TEXT)
			fits = judge_slot(cells, &slots->items[i]);
	return fits;
}

/* Rows of plain numbers from `row` on, as far as they go, at once. */
static size_t infer_plain(const struct cells *cells, size_t col, size_t row, struct infer *infer)
{
	enum { AT_ONCE = 512 };
	struct plain_written plain = PLAIN_WRITTEN_INIT;
	struct written written = WRITTEN_INIT;
	double values[AT_ONCE];
	size_t n = cells->n_rows - row < AT_ONCE ? cells->n_rows - row : AT_ONCE;

	n = plain_reals(cells, col, row, n, values, &plain);
	plain_written_tell(&plain, true, &written);
	infer_numbers(infer, plain.n_whole, n - plain.n_whole, written);
	return n;
}

void cells_infer(const struct cells *cells, size_t col, enum missing_words words, struct infer *infer)
{
	struct buffer text = BUFFER_INIT;
	size_t row = cells->at;

	while (row < cells->n_rows) {
		size_t n = (infer->may & MAY_REAL) && !cells->nulls && marks_are_plain(infer->marks) ? infer_plain(cells, col, row, infer) : 0;
		struct cell cell;

		row += n;
		if (n > 0)
			continue;
		cell = cells_cell(cells, row++, col, &text);
		if (cell.kind != CELL_NULL && missing_word(&cell, words) == NO_MISSING_WORD)
			infer_cell(infer, &cell);
	}
	buffer_free(&text);
}
