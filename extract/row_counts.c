/* SPDX-License-Identifier: MIT */
#include "row_counts.h"

#include <stdlib.h>

#include "cells.h"
#include "column_names.h"
#include "memory.h"
#include "number.h"

void row_counts_release(struct row_counts *counts)
{
	free(counts->items);
	*counts = (struct row_counts){ .items = NULL };
}

void row_counts_begin(struct row_counts *counts, const struct columns *columns)
{
	size_t room = 0;

	row_counts_release(counts);
	for (size_t col = 0; col < columns->header.n; col++) {
		if (!column_is_nameless(columns, col))
			continue;
		array_grow(counts->items, counts->n, room);
		counts->items[counts->n++] = (struct row_count){ .cell = col };
	}
}

static bool number_of(const struct cell *cell, int64_t *number)
{
	return cell->kind == CELL_TEXT && number_int(cell->as.text, cell->size, number);
}

static void add_number(struct row_count *count, bool is_number, int64_t number, const uint64_t counted[COUNTED_ROWS], bool begins)
{
	int64_t first;

	for (int way = 0; way < COUNTED_ROWS; way++) {
		if (!is_number || __builtin_sub_overflow(number, (int64_t)counted[way], &first)) {
			count->may[way] = false;
		} else if (begins) {
			count->may[way] = true;
			count->first[way] = first;
		} else {
			count->may[way] = count->may[way] && first == count->first[way];
		}
	}
}

static bool may_count(const struct row_count *count) { return count->may[0] || count->may[1] || count->may[2]; }

static void add(struct row_count *count, const struct cell *cell, uint64_t in_file, uint64_t number, uint64_t row)
{
	const uint64_t counted[COUNTED_ROWS] = { in_file, number, row };
	bool begins = row == 0;
	bool is_number;
	int64_t value = 0;

	if (!begins && !may_count(count))
		return;
	is_number = number_of(cell, &value);
	add_number(count, is_number, value, counted, begins);
}

void row_counts_add(struct row_counts *counts, const struct row *row)
{
	for (size_t i = 0; i < counts->n; i++)
		add(&counts->items[i], &row->cells[counts->items[i].cell], row->in_file, row->number, counts->n_rows);
	counts->n_rows++;
}

void row_counts_add_cells(struct row_counts *counts, const struct cells *cells, size_t n)
{
	struct buffer text = BUFFER_INIT;

	for (size_t i = 0; i < counts->n; i++)
		for (size_t row = 0; row < n && (counts->n_rows + row == 0 || may_count(&counts->items[i])); row++) {
			struct cell cell = cells_cell(cells, cells->at + row, counts->items[i].cell, &text);

			add(&counts->items[i], &cell, cells->in_file + cells->at + row, cells->number + cells->at + row, counts->n_rows + row);
		}
	counts->n_rows += n;
	buffer_free(&text);
}

void row_counts_merge(struct row_counts *counts, const struct row_counts *later, uint64_t in_file, uint64_t number)
{
	const uint64_t before[COUNTED_ROWS] = { in_file, number, counts->n_rows };

	for (size_t i = 0; i < counts->n && later->n_rows > 0; i++)
		for (int way = 0; way < COUNTED_ROWS; way++) {
			struct row_count *count = &counts->items[i];
			int64_t first = 0;
			bool may = later->items[i].may[way] && !__builtin_sub_overflow(later->items[i].first[way], (int64_t)before[way], &first);

			count->may[way] = may && (counts->n_rows == 0 || (count->may[way] && first == count->first[way]));
			if (count->may[way])
				count->first[way] = first;
		}
	counts->n_rows += later->n_rows;
}

void row_counts_begin_as(struct row_counts *counts, const struct row_counts *from)
{
	if (counts->n != from->n)
		counts->items = mem_resize(counts->items, from->n, sizeof *counts->items);
	counts->n = from->n;
	for (size_t i = 0; i < from->n; i++)
		counts->items[i] = (struct row_count){ .cell = from->items[i].cell };
	counts->n_rows = 0;
}

static int compare_cells(const void *a, const void *b)
{
	const struct row_count *left = a, *right = b;

	return (left->cell > right->cell) - (left->cell < right->cell);
}

static bool have(const struct row_counts *counts, size_t cell)
{
	const struct row_count wanted = { .cell = cell };
	const struct row_count *count = counts->n ? bsearch(&wanted, counts->items, counts->n, sizeof *counts->items, compare_cells) : NULL;

	if (!count || !may_count(count))
		return false;
	return counts->n_rows > 1 || (counts->n_rows == 1 && (count->first[2] | 1) == 1);
}

void row_counts_find_ids(const struct row_counts *counts, struct slots *slots)
{
	for (size_t i = 0; i < slots->n; i++) {
		struct slot *slot = &slots->items[i];

		if (!slot->given && have(counts, slot->cell))
			slot->role = ROLE_ID;
	}
}
