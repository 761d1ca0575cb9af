/* SPDX-License-Identifier: MIT */
/*
 * Columns of numbers as runs of plain cells (plain_cells.h). Ints are what number_int takes. Reals: an optional minus, digits with at most one
 * point, perhaps an exponent. Their value and how they are written are known at once, and are what number_real and number_shape say. Whole
 * numbers among them have at most 15 digits here, and there is no `-0`. Of numbers with marks (number_marks.h) those are plain that have no groups and
 * at most 15 digits.
 */
#ifndef PLAIN_NUMBERS_H
#define PLAIN_NUMBERS_H

#include "plain_cells.h"
#include "written.h"

/* Which numbers of decimals there were, a bit each, and which of them with a 0 at the end; what is known of others; how many have no point. */
struct plain_written { uint32_t decimals, zeros; struct written others; bool mixed /* nobody asks for others */; size_t n_whole; };
#define PLAIN_WRITTEN_INIT { .others = WRITTEN_INIT }

size_t plain_ints(const struct plain *plain, size_t from, size_t n, int64_t *to, struct plain_run *run);
/* to: NULL where only `written` is wanted, which goes on from run to run. */
size_t plain_reals(const struct plain *plain, size_t from, size_t n, double *to, struct plain_written *written, struct plain_run *run);
/* points: only of those that have one. */
void plain_written_tell(const struct plain_written *plain, bool points, struct written *to);

/* Whether a number has more than three digits before the point: it could have groups. */
static inline bool any_thousand_int(const int64_t *values, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++)
		any |= values[i] >= 1000 || values[i] <= -1000;
	return any;
}
static inline bool any_thousand_real(const double *values, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++)
		any |= values[i] >= 1000 || values[i] <= -1000;
	return any;
}

#endif
