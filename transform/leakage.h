/* SPDX-License-Identifier: MIT */
/*
 * Leakage, judged from the lineage alone. A column was made from what its unit read
 * and from what the unit's fit saw (learned_from). Both checks look at the
 * versions of columns that a model would see; conditions on rows don't count,
 * but a step that chose rows by what others are (balance) does, as if it made all columns.
 *
 * 0: none. -1, STATUS_REQUIREMENT: names the feature and the step.
 */
#ifndef LEAKAGE_H
#define LEAKAGE_H

#include "lineage.h"

/* A feature made from the target (in any of its forms), or from which the target was made. What a cross-fit unit learned from
 * the target is clean: no row's value came from its own target. */
int leak_check_target(const struct lineage *lineage, const struct names *features, const char *target, struct error *err) MUST_CHECK;
/* Some rows are held out: no unit behind a feature (or the target, unless it is NULL) may have been fitted on all rows, cross-fit or not. */
int leak_check_rows(const struct lineage *lineage, const struct names *features, const char *target, struct error *err) MUST_CHECK;
/* Rows are to be held out in folds, each once: no such unit may have been fitted at all. */
int leak_check_folds(const struct lineage *lineage, const struct names *features, const char *target, struct error *err) MUST_CHECK;

#endif
