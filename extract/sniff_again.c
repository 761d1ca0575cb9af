/* SPDX-License-Identifier: MIT */
#include "sniff_again.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* The cells of the columns that are asked for. */
struct again {
	const struct look_rows *rows;
	uint64_t columns;
	struct again_cell { size_t col, size; const char *bytes; } *cells;
	size_t n, room;
};

static void take(void *state, size_t row, size_t col, const char *cell, size_t size)
{
	struct again *again = state;

	if (col >= MOST_KINDS || !(again->columns >> col & 1) || row >= again->rows->n || !is_compared(again->rows, row))
		return;
	array_grow(again->cells, again->n, again->room);
	again->cells[again->n++] = (struct again_cell){ col, size, cell };
}

/* Equal cells of a column side by side, columns in turn. */
static int compare(const void *left, const void *right)
{
	const struct again_cell *a = left, *b = right;

	if (a->col != b->col)
		return a->col < b->col ? -1 : 1;
	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	return memcmp(a->bytes, b->bytes, a->size);
}

/* How many of a column's n cells, sorted, are as in the first row, if that is about as often as the others stand there; else 0. In a column of nothing else
 * the cells that are empty tell that it is a choice, yes or no, that is called so. */
static size_t count(const struct again_cell *cells, size_t n, const struct first_cell *first, size_t n_rows)
{
	size_t n_same = 0, n_levels = 0;

	for (size_t i = 0; i < n; i++) {
		bool same = cells[i].size == first->size && memcmp(cells[i].bytes, first->bytes, first->size) == 0;

		n_same += same;
		n_levels += !same && (i == 0 || compare(&cells[i], &cells[i - 1]) != 0);
	}
	if (n_levels == 0)
		return n == n_rows ? n_same : 0;
	return 2 * n_same * n_levels >= n - n_same ? n_same : 0;
}

bool sniff_again(const struct sniff_text *text, const struct settled *as, const struct look_rows *rows, uint64_t columns)
{
	struct again again = { .rows = rows, .columns = columns };
	const struct look_cells shown = { .take = take, .state = &again };
	size_t n_rows = 0, n_again = 0, most = 0;
	struct look_rows ignored;

	if (columns == 0)
		return false;
	look_rows_find(&ignored, text, as, &shown);
	look_rows_free(&ignored);
	if (again.n > 0)
		qsort(again.cells, again.n, sizeof *again.cells, compare);
	for (size_t i = 0; i < rows->n; i++)
		n_rows += is_compared(rows, i);
	for (size_t i = 0, end; i < again.n; i = end) {
		size_t n;

		for (end = i; end < again.n && again.cells[end].col == again.cells[i].col; end++)
			continue;
		n = count(again.cells + i, end - i, &rows->first[again.cells[i].col], n_rows);
		n_again += n;
		most = n > most ? n : most;
	}
	free(again.cells);
	return n_again >= 2 || (most > 0 && 2 * most >= n_rows);
}
