/* SPDX-License-Identifier: MIT */
/*
 * A column of reals as nearly all are written: an optional minus, digits with at most one point between them, up to 16
 * bytes and 15 digits, none of them below 1e-4 but 0; no `-0`. Their value and how they are written are known at once, and are what
 * number_real and number_shape say.
 */
#ifndef PLAIN_REALS_H
#define PLAIN_REALS_H

#include "cells.h"
#include "written.h"

/* Which numbers of decimals there were, a bit each, and which of them with a 0 at the end; how many have no point. */
struct plain_written { uint32_t decimals, zeros; size_t n_whole; };
#define PLAIN_WRITTEN_INIT { .decimals = 0 }

/* Reads rows `from` .. `from` + n - 1 of a column into to[0 ..] up to the first cell that is not so written, and gives how many that were. */
size_t plain_reals(const struct cells *cells, size_t col, size_t from, size_t n, double *to, struct plain_written *written);
/* points: only of those that have one. */
void plain_written_tell(const struct plain_written *plain, bool points, struct written *to);

#endif
