/* SPDX-License-Identifier: MIT */
/* A step on the whole table (step_kind.over) as a source over a source. */
#ifndef TABLE_STEP_H
#define TABLE_STEP_H

#include "step.h"

/* Takes `in` over (also after a failure). What comes out has the unit in its lineage, as a step `text`. The unit must outlive it. */
int table_step_open(struct source *out, struct source *in, const struct unit *unit, const char *text, const struct step_limits *limits,
                    struct error *err) MUST_CHECK;
/* Of an open one: reads its input to the end and closes it, which else the first `next` does. */
int table_step_read(struct source *table, struct error *err) MUST_CHECK;

#endif
