/* SPDX-License-Identifier: MIT */
/*
 * Whether the first row of a text is one like those below it, by its texts that stand again in their columns. One cell
 * that happens to be its column's name (a city called `city`) is chance. A value of a column stands there about as often as the
 * others do: such cells count, and there have to be two of them, or they are half of the rows.
 */
#ifndef SNIFF_AGAIN_H
#define SNIFF_AGAIN_H

#include "sniff_rows.h"

/* rows: those of the text, read as `as` says. columns: a bit for each, in which the cell of the first row, a text, stands again. The first row
 * as a whole, as files behind each other have it, tells nothing, unless it is all of one column. */
bool sniff_again(const struct sniff_text *text, const struct settled *as, const struct look_rows *rows, uint64_t columns);
/* Whether row i is to be compared with the first one. */
static inline bool is_compared(const struct look_rows *rows, size_t i)
{
	const struct look_row *first = rows->items;

	return i > 0 && rows->items[i].n == first->n && (first->n == 1 || rows->items[i].same != first->same);
}

#endif
