/* SPDX-License-Identifier: MIT */
/* The worst rows, kept in order: few are wanted, and after the first thousands hardly one is worse than they. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "cell.h"
#include "memory.h"
#include "worst.h"

void worst_start(struct worst *worst, size_t limit)
{
	*worst = (struct worst){ .limit = limit };
}

void worst_add(struct worst *worst, const struct worst_row *row, struct batch *batch, size_t batch_row, uint64_t row_number)
{
	struct buffer place = BUFFER_INIT;
	size_t at = worst->n;

	if (!worst->limit || row->error == 0)
		return;
	if (worst->n == worst->limit && fabs(row->error) <= fabs(worst->rows[worst->n - 1].error))
		return;
	if (worst->n == worst->limit)
		free(worst->rows[--at].place);
	else
		array_grow(worst->rows, worst->n, worst->room);
	worst->n = at + 1;
	while (at > 0 && fabs(worst->rows[at - 1].error) < fabs(row->error)) {
		worst->rows[at] = worst->rows[at - 1];
		at--;
	}
	worst->rows[at] = *row;
	cell_place(batch, batch_row, row_number, &place);
	worst->rows[at].place = mem_text(buffer_text(&place));
	buffer_free(&place);
}

void worst_release(struct worst *worst)
{
	for (size_t i = 0; i < worst->n; i++)
		free(worst->rows[i].place);
	free(worst->rows);
	*worst = (struct worst){ .rows = NULL };
}
