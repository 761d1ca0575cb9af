/* SPDX-License-Identifier: MIT */
/*
 * The rows that train holds out by itself: --holdout and --valid, and a tenth of the
 * training rows for a family that stops early where no row is there to watch it.
 *
 *     setup_init -> holdout_look -> intake_read ... -> holdout_release, behind the source
 *
 * Of classes, shares are those of `split test=P valid=V stratify=TARGET` (strata.h), the
 * same rows, whichever way the task is known; of numbers, those of `split test=P valid=V`.
 * A number may be two classes: then all rows say it, not only the training rows, which
 * are not known yet. Of more classes than a model takes nothing is stratified: that
 * training fails.
 *
 * The tenth is the first of ten folds (marks.h) of the training rows. It is held back
 * where the family's patience is not 0 and less than its rounds, and neither --valid nor a
 * mark gives valid rows.
 *
 * Where all that hangs on what the rows hold, they are looked at as far as that takes,
 * kept meanwhile (spool.h), and handed on; else nothing is read.
 */
#ifndef HOLDOUT_H
#define HOLDOUT_H

#include "setup.h"
#include "spool.h"
#include "strata.h"

enum { WATCH_FOLDS = 10 };

struct holdout {
	struct source input;            /* that was read, or begun; first: source_inner_end */
	struct spool *spool;            /* NULL: nothing was read */
	struct source read;             /* the spool's */
	bool input_ended;
	struct cuts cuts;
	struct mark_maker maker;
	struct marks keyed;             /* whose keys order the rows */
	bool watched;                   /* a tenth is held back */
	char *rare;                     /* which classes are too rare to be tested, as shares_rare (strata.h) says it; NULL: none */
};

/* Overwrites the holdout, which outlives setup and *input; to be released, also after -1. setup: its marks are completed. *input: read, where
 * that must be, and then a source over what was read. memory: of the rows kept. */
int holdout_look(struct holdout *holdout, struct source *input, struct setup *setup, uint64_t memory, struct error *err) MUST_CHECK;
void holdout_release(struct holdout *holdout);

#endif
