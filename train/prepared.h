/* SPDX-License-Identifier: MIT */
/*
 * Rows that were taken in, as one family is to see them: the target's scale and the
 * default preparation as a recipe, and the source that a lesson learns from.
 *
 *     prepared_find -> prepared_open -> prepared_release
 *
 * Without a step the rows are a trainset (trainset.h); else a plan over one.
 */
#ifndef PREPARED_H
#define PREPARED_H

#include "plan.h"
#include "prepare.h"
#include "recipe.h"
#include "setup.h"
#include "spool.h"

struct rows_wanted {
	const struct setup *setup;      /* family, target, columns and marks */
	const struct profile *profile;  /* of the training rows */
	struct spool *spool;            /* all rows, as they came */
	const struct header *header;    /* theirs */
	const char *target_as;          /* the step that the target passes first; NULL: none */
	bool no_prepare;                /* the columns are taken as they come */
	bool all;                       /* shown: every line and column */
	struct plan_options plan;
};

struct prepared {
	struct recipe recipe;
	struct names shown;             /* for people: one line each */
	struct source source;           /* once opened; its header says what the rows became */
};

/* Overwrites `prepared`, which is released in any case. -1: a step that can't be said, or no feature is left. */
int prepared_find(struct prepared *prepared, const struct rows_wanted *what, struct error *err) MUST_CHECK;
static inline bool prepared_has_steps(const struct prepared *prepared) { return prepared->recipe.n > 0; }
/* Makes prepared->source, which is read once; behind prepared_find with the same `what`, whose members outlive it. -1: a step does not fit the rows. */
int prepared_open(struct prepared *prepared, const struct rows_wanted *what, struct error *err) MUST_CHECK;
void prepared_release(struct prepared *prepared);      /* fine on a zeroed one, and twice */

#endif
