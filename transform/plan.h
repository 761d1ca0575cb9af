/* SPDX-License-Identifier: MIT */
/*
 * A plan runs a recipe over a source of records and is itself a source.
 *
 * Without a step that learns it streams. With one, plan_open reads its input to
 * the end: it binds the steps in order as far as their columns are known, passes
 * the rows from spool to spool, in each pass applies every step that is ready (so a
 * step applies to a row, and counts it, once) and fits every next one that reads
 * no column that a waiting step will write; until nothing is left to learn. The
 * last pass is what the source hands out.
 */
#ifndef PLAN_H
#define PLAN_H

#include "recipe.h"
#include "rejects.h"
#include "step.h"
#include "stream.h"

struct plan_options {
	uint64_t memory, seed;          /* memory: for the rows that are kept, and what steps remember of them */
	uint64_t fit_memory;            /* for what one pass learns; 0: half of `memory`, and up to 16 MiB */
	uint64_t lane_memory;           /* for the batches that threads beyond the first have in work; 0: half of `memory`, and 8 MiB */
	int threads;
	struct rejects *rejects;        /* may be NULL */
	const struct host *host;        /* may be NULL */
	const char *program;            /* the stage's name in `end` */
	struct buffer *explain;         /* filled by plan_open with passes, matches, fitted rows; may be NULL */
};

/* Takes `in` over (source_close(out) closes it, also after a failure). */
int plan_open(struct source *out, struct source *in, const struct recipe *recipe, const struct plan_options *options, struct error *err) MUST_CHECK;
/* What every step did so far, one line each, after the last batch: "impute km median: km filled 12". */
void plan_counts(const struct source *plan, struct buffer *to);
/* One line for people, or nothing: cells that steps could not read, by column (unseen.h). all: columns, however many. */
void plan_print_unread(const struct source *plan, bool all, struct buffer *to);
/* One line for people, or nothing: rows and values that rules took away or found otherwise (told.h). */
void plan_print_told(const struct source *plan, bool all, struct buffer *to);
/* One line for people where rows were rejected and no file keeps them, or nothing: "rejected 2 of 5 rows: 'expect km > 0 else reject' ...". */
void plan_print_rejected(const struct source *plan, struct buffer *to);

#endif
