/* SPDX-License-Identifier: MIT */
#include "row_counts.h"

#include <stdlib.h>

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

void row_counts_add(struct row_counts *counts, const struct row *row)
{
	const uint64_t counted[COUNTED_ROWS] = { row->in_file, row->number, counts->n_rows };

	for (size_t i = 0; i < counts->n; i++) {
		struct row_count *count = &counts->items[i];
		int64_t number = 0, first;
		bool is_number = (counts->n_rows == 0 || count->may[0] || count->may[1] || count->may[2]) && number_of(&row->cells[count->cell], &number);

		for (int way = 0; way < COUNTED_ROWS; way++) {
			if (!is_number || __builtin_sub_overflow(number, (int64_t)counted[way], &first)) {
				count->may[way] = false;
			} else if (counts->n_rows == 0) {
				count->may[way] = true;
				count->first[way] = first;
			} else {
				count->may[way] = count->may[way] && first == count->first[way];
			}
		}
	}
	counts->n_rows++;
}

static int compare_cells(const void *a, const void *b)
{
	const struct row_count *left = a, *right = b;

	return (left->cell > right->cell) - (left->cell < right->cell);
}

bool row_counts_have(const struct row_counts *counts, size_t cell)
{
	const struct row_count wanted = { .cell = cell };
	const struct row_count *count = counts->n ? bsearch(&wanted, counts->items, counts->n, sizeof *counts->items, compare_cells) : NULL;

	if (!count || !(count->may[0] || count->may[1] || count->may[2]))
		return false;
	return counts->n_rows > 1 || (counts->n_rows == 1 && (count->first[2] | 1) == 1);
}

void row_counts_find_ids(const struct row_counts *counts, struct slots *slots)
{
	for (size_t i = 0; i < slots->n; i++) {
		struct slot *slot = &slots->items[i];

		if (!slot->given && row_counts_have(counts, slot->cell))
			slot->role = ROLE_ID;
	}
}
