/* SPDX-License-Identifier: MIT */
/*
 * The target's own units: its values before the last run of steps that can be
 * undone (scale, log, power), one after the other.
 */
#ifndef UNDO_H
#define UNDO_H

#include "lineage.h"

/* How many of the last units that wrote `target` can be undone. */
size_t undo_count(const struct lineage *lineage, const char *target);
/* Takes n_rows values of the target back through them, in place. */
int undo_values(const struct lineage *lineage, const char *target, double *values, size_t n_rows, struct error *err) MUST_CHECK;

/* Of these, from the last on, those that only scale and shift. */
struct undo_line {
	double slope, shift;            /* through all of them: value * slope + shift */
	const char *stopped;            /* the step before them, which can be undone but bends ("log1p"); NULL: there is none */
};
int undo_line(const struct lineage *lineage, const char *target, struct undo_line *line, struct error *err) MUST_CHECK;

#endif
