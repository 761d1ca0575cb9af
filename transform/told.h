/* SPDX-License-Identifier: MIT */
/*
 * What people are told of steps without asking, in one line: rows that are gone or were not as they should be, and values that
 * a rule took away. It is what steps count whose kind says so (step.h, `told`).
 *
 *     a zeroed tally -> told_add, for each step in its order ... -> told_print -> tally_release
 */
#ifndef TOLD_H
#define TOLD_H

#include "step.h"

/* What the step counted joins `told`, under its name. dropped: rows that are gone; may be NULL. rejected: also rows that were rejected. */
void told_add(struct tally *told, const struct step_kind *kind, const char *step, const struct tally *dropped, const struct tally *counts, bool rejected);
/* "'expect km > 0 else warn': not met 3; 'expect km < 60 else null km': km set to null 2 (of 60 rows)", or nothing. all: steps, however many. */
void told_print(const struct tally *told, uint64_t n_rows, bool all, struct buffer *to);

#endif
