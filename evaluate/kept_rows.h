/* SPDX-License-Identifier: MIT */
/*
 * Rows of doubles in the order in which they were added: in memory up to a bound,
 * beyond it in an unlinked temporary file in the host's folder, which is read piece
 * by piece, not mapped: what a process maps counts as its memory.
 *
 *     kept_init -> kept_add... -> kept_read..., also between them -> kept_clear, to begin anew -> kept_release
 *
 * Errors are those of the file.
 */
#ifndef KEPT_ROWS_H
#define KEPT_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "host.h"

struct kept_rows {
	size_t width, n;
	size_t n_filed;                 /* the first of them, which lie in the file */
	double *data;                   /* those behind them */
	size_t room;
	uint64_t memory;
	const struct host *host;
	int fd;                         /* -1: there is no file */
};

/* width: doubles of a row, > 0. memory: bytes, as exactly as a stretch of rows allows. host may be NULL, and outlives the rows. */
void kept_init(struct kept_rows *kept, size_t width, uint64_t memory, const struct host *host);
int kept_add(struct kept_rows *kept, const double *row, struct error *err) MUST_CHECK;
/* n rows from `first` on, n x width: where they lie, or, out of the file, in `space`, which has room for them. NULL and err. */
const double *kept_read(const struct kept_rows *kept, size_t first, size_t n, double *space, struct error *err);
void kept_clear(struct kept_rows *kept);
void kept_release(struct kept_rows *kept);              /* zeroed, or released before: fine */

#endif
