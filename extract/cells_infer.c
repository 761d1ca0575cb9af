/* SPDX-License-Identifier: MIT */
#include "cells_infer.h"

#include <string.h>

#include "plain_numbers.h"
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
	size_t from = cells->begins[cells->at];
	bool fits = cells->ascii || text_is_utf8(cells->bytes + from, cells->begins[cells->n_rows] - from);

	for (size_t i = 0; i < slots->n && fits; i++)
		if (slots->items[i].given && slots->items[i].type != TYPE_TEXT)
			fits = judge_slot(cells, &slots->items[i]);
	return fits;
}

/* What a column has been so far, and so is read as. */
struct inferring { struct plain plain; struct time_reader times; bool has_times; char form[TIME_FORM_SIZE]; };

/* The form of the column's times may have changed with the last cell. */
static bool has_times(struct inferring *reading, const struct infer *infer)
{
	if (!infer->formed)
		return false;
	if (strcmp(reading->form, infer->form) != 0) {
		memcpy(reading->form, infer->form, sizeof reading->form);
		reading->has_times = time_reader_set(&reading->times, reading->form);
	}
	return reading->has_times;
}

static size_t infer_reals(const struct plain *plain, size_t row, size_t n, struct infer *infer, struct plain_run *run)
{
	double values[PLAIN_ROWS];
	struct plain_written told = { .others = WRITTEN_INIT, .mixed = written_is_mixed(&infer->written) };
	struct written written = WRITTEN_INIT;
	size_t got = plain_reals(plain, row, n, plain->marked ? values : NULL, &told, run);

	plain_written_tell(&told, true, &written);
	infer->written.bare |= plain->marked && any_thousand_real(values, got);
	infer_numbers(infer, told.n_whole, got - run->n_missing - told.n_whole, written);
	return got;
}

/* A run of rows, at most PLAIN_ROWS, that are plain; how many. Numbers first where the first of them begins as one, else what the column may be. */
static size_t infer_plain(struct inferring *reading, size_t row, size_t n, struct infer *infer)
{
	union { int64_t ints[PLAIN_ROWS]; uint8_t bools[PLAIN_ROWS]; } values;
	struct plain_run run;
	size_t got = 0;

	if (!infer->may || (infer->may & (MAY_INT | MAY_REAL))) {
		if (infer->n_real == 0 || infer->n_int > 0) {
			got = plain_ints(&reading->plain, row, n, values.ints, &run);
			infer_ints(infer, got - run.n_missing, run.n_beyond);
			infer->written.bare |= reading->plain.marked && any_thousand_int(values.ints, got);
		} else {
			got = infer_reals(&reading->plain, row, n, infer, &run);
		}
	}
	if (got == 0 && (infer->may & MAY_REAL))
		got = infer_reals(&reading->plain, row, n, infer, &run);
	if (got == 0 && infer->n_like[LIKE_TIME] && has_times(reading, infer)) {
		got = plain_times(&reading->plain, row, n, &reading->times, NULL, &run);
		infer_others(infer, MAY_TIME, got - run.n_missing);
	}
	if (got == 0 && infer->words && !infer->words_differ) {
		got = plain_bools(&reading->plain, row, n, infer->words, values.bools, &run);
		infer_others(infer, MAY_BOOL, got - run.n_missing);
	}
	if (got == 0) {
		got = plain_texts(&reading->plain, row, n, &run);
		infer_others(infer, 0, got - run.n_missing);
	}
	return got;
}

void cells_infer(const struct cells *cells, size_t col, enum missing_words words, struct infer *infer)
{
	struct inferring reading = { .plain = plain_column(cells, col, words, infer->marks), .form = "" };
	struct buffer text = BUFFER_INIT;
	size_t row = cells->at;

	while (row < cells->n_rows) {
		size_t n = cells->n_rows - row < PLAIN_ROWS ? cells->n_rows - row : PLAIN_ROWS, got = infer_plain(&reading, row, n, infer);
		struct cell cell;

		row += got;
		if (got > 0)
			continue;
		cell = cells_cell(cells, row++, col, &text);
		if (cell.kind != CELL_NULL && missing_word(&cell, words) == NO_MISSING_WORD)
			infer_cell(infer, &cell);
	}
	buffer_free(&text);
}
