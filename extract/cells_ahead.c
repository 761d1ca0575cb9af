/* SPDX-License-Identifier: MIT */
#include "cells_ahead.h"

void cells_ahead_restart(struct cells_ahead *ahead, struct files *files, bool reads_on)
{
	cells_clear(&ahead->now);
	cells_clear(&ahead->later);
	ahead->files = files;
	ahead->reads_on = reads_on;
}

void cells_ahead_next(struct cells_ahead *ahead, size_t most, bool wait)
{
	struct cells now = ahead->now;

	if (now.at < now.n_rows)
		return;
	if (ahead->later.n_rows > 0) {
		ahead->now = ahead->later;
		ahead->later = now;
		cells_clear(&ahead->later);
		return;
	}
	files_cells(ahead->files, &ahead->now, most, wait);
	if (ahead->reads_on)
		cells_keep(&ahead->now);
}

bool cells_ahead_may(const struct cells_ahead *ahead)
{
	return ahead->reads_on && ahead->later.n_rows == 0;
}

void cells_ahead_read(void *state)
{
	struct cells_ahead *ahead = state;

	files_cells(ahead->files, &ahead->later, SIZE_MAX, true);
	cells_keep(&ahead->later);
}

size_t cells_ahead_left(const struct cells_ahead *ahead)
{
	return ahead->later.n_rows + ahead->now.n_rows - ahead->now.at;
}

void cells_ahead_release(struct cells_ahead *ahead)
{
	cells_release(&ahead->now);
	cells_release(&ahead->later);
}
