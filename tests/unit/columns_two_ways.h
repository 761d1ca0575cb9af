/* SPDX-License-Identifier: MIT */
/* A column of a block (extract/cells.h) at once and cell by cell: what is inferred of it, and what is built. */
#ifndef COLUMNS_TWO_WAYS_H
#define COLUMNS_TWO_WAYS_H

#include <string.h>

#include "build.h"
#include "cells_infer.h"

/* ---- inferred ---- */

/* What is mixed is not looked at further. */
static inline bool same_written(const struct written *a, const struct written *b)
{
	bool mixed = written_is_mixed(a);

	return mixed == written_is_mixed(b) && a->grouped == b->grouped && a->bare == b->bare && (mixed || (a->decimals == b->decimals && a->shortest == b->shortest));
}

static inline bool same_infer(const struct infer *a, const struct infer *b)
{
	return a->may == b->may && a->seen == b->seen && a->formed == b->formed && a->offsets == b->offsets && a->whole == b->whole && strcmp(a->form, b->form) == 0 &&
		a->words_differ == b->words_differ && (a->words_differ || a->words == b->words) && same_written(&a->written, &b->written) &&
		a->n == b->n && memcmp(a->n_like, b->n_like, sizeof a->n_like) == 0 && a->n_int == b->n_int && a->n_real == b->n_real &&
		a->n_padded == b->n_padded && a->n_decimal == b->n_decimal && memcmp(a->n_grouped, b->n_grouped, sizeof a->n_grouped) == 0 && a->pointed == b->pointed;
}

/* In two blocks, since the second one begins with what the first one found. */
static inline bool infers_alike(struct cells *cells, size_t col, enum missing_words taken, struct number_marks marked)
{
	struct infer one = INFER_INIT, many = INFER_INIT;
	size_t n = cells->n_rows;
	struct buffer text = BUFFER_INIT;

	one.marks = many.marks = marked;
	for (size_t row = 0; row < n; row++) {
		struct cell cell = cells_cell(cells, row, col, &text);

		if (cell.kind != CELL_NULL && missing_word(&cell, taken) == NO_MISSING_WORD)
			infer_cell(&one, &cell);
	}
	buffer_free(&text);
	cells->n_rows = n / 3;
	cells_infer(cells, col, taken, &many);
	cells->at = n / 3;
	cells->n_rows = n;
	cells_infer(cells, col, taken, &many);
	cells->at = 0;
	return same_infer(&one, &many);
}

/* ---- built ---- */

static inline bool same_column(const struct column *a, const struct column *b, enum type type, size_t n)
{
	bool same = a->n_missing == b->n_missing && a->mixed == b->mixed && a->words == b->words && a->encoding == b->encoding;

	for (size_t row = 0; row < n && same; row++) {
		size_t a_size, b_size;
		const char *a_text, *b_text;

		same = column_valid(a, row) == column_valid(b, row);
		if (!same || !column_valid(a, row))
			continue;
		if (type == TYPE_BOOL) {
			same = column_bool(a, row) == column_bool(b, row);
		} else if (type == TYPE_TEXT) {
			a_text = column_text(a, row, &a_size);
			b_text = column_text(b, row, &b_size);
			same = a_size == b_size && memcmp(a_text, b_text, a_size) == 0;
		} else {
			same = column_int(a, row) == column_int(b, row);
		}
	}
	return same && (type != TYPE_TEXT || (a->has_codes == b->has_codes && a->n_entries == b->n_entries && a->bytes_size == b->bytes_size));
}

static inline bool same_counts(const struct build *a, const struct build *b)
{
	bool same = build_converted(a, 0) == build_converted(b, 0);

	for (int word = 0; word < N_MISSING_WORDS; word++)
		same &= build_words(a, 0, word) == build_words(b, 0, word);
	return same;
}

/* A slot over rows, and over the block as far as they fit. */
static inline bool builds_alike(struct cells *cells, struct slot *slot, size_t *n_built)
{
	struct slots slots = { .items = slot, .n = 1 };
	struct schema schema = SCHEMA_INIT;
	struct build *one, *many;
	struct batch a = BATCH_INIT, b = BATCH_INIT;
	struct error err = ERROR_INIT;
	size_t n = cells->n_rows, fit = 0;
	bool same = true;

	schema_add(&schema, "x", slot->type, ROLE_FEATURE);
	one = build_new(&slots, &schema, false, NULL);
	many = build_new(&slots, &schema, false, NULL);
	for (; fit < n; fit++) {
		struct row *row = cells_row(cells, fit);

		if (build_try(one, row, 0) < 1)
			break;
		build_add(one, row, "a.csv", fit);
	}
	if (fit < n)
		build_abandon(one);
	if (fit < n)
		same = build_cells(many, cells) == 0;
	cells->n_rows = fit;
	same = same && (fit == 0 || build_cells(many, cells) == fit);
	if (fit > 0) {
		build_finish(one, &a);
		build_finish(many, &b);
		same = same && column_read(&a, 0, &err) && column_read(&b, 0, &err) && same_column(&a.columns[0], &b.columns[0], slot->type, fit) && same_counts(one, many);
	}
	cells->n_rows = n;
	*n_built += fit;
	batch_free(&a);
	batch_free(&b);
	build_free(one);
	build_free(many);
	schema_release(&schema);
	return same;
}

#endif
