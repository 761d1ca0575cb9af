/* SPDX-License-Identifier: MIT */
/*
 * The blocks of rows of all files, one after the other, where the next one may be read in
 * another thread while columns are made of this one: cells_ahead_read, between two calls of
 * cells_ahead_next. Its rows and their order are those of files_cells; where it reads on, the bytes of
 * `now` stay whatever is asked of the files.
 */
#ifndef CELLS_AHEAD_H
#define CELLS_AHEAD_H

#include "files.h"

struct cells_ahead {
	struct cells now, later;        /* the block whose rows from now.at on come next, and the one behind it if it was read */
	struct files *files;
	bool reads_on;
};

/* At the start of a pass, also again; zeroed before the first. reads_on: nobody waits for single rows. */
void cells_ahead_restart(struct cells_ahead *ahead, struct files *files, bool reads_on);
/* If no row of `now` is left, the next block, as files_cells gives it. */
void cells_ahead_next(struct cells_ahead *ahead, size_t most, bool wait);
/* Whether there is something to read on for, and that; a struct cells_ahead. */
bool cells_ahead_may(const struct cells_ahead *ahead);
void cells_ahead_read(void *ahead);
/* Rows that were read and not taken yet. */
size_t cells_ahead_left(const struct cells_ahead *ahead);
void cells_ahead_release(struct cells_ahead *ahead);

#endif
