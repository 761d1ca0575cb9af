/* SPDX-License-Identifier: MIT */
/*
 * The steps between two table steps, over a source: what plan.h describes, one
 * stretch of it.
 *
 *     input --ops of pass 1, fits--> spool --ops of pass 2, fits--> spool ... --last ops--> out
 *
 * A step is ready once every step before it is and its own units are fitted. A unit
 * of a ready step is due until a pass applies it. A pass that is not the last applies
 * only units that its fits or a row part need; each of the others waits, as long as it
 * is only passed by units that touch nothing of it; so what only the output needs is
 * made while that is written. None waits before a unit that takes rows or fields away,
 * or writes none (drop, rename, role, select). Each pass fits the first unfitted step together with
 * every later one that can be bound by now and reads nothing that a waiting step
 * writes. Lanes divide the rows of each pass.
 *
 * Where the rows are kept already and none goes, a pass looks only: its fits see what
 * the units make, but that is dropped and the units stay due, since making it again is
 * cheaper than keeping it. It counts nothing, and each unit is used so once at most: so
 * a step counts a row once, and work grows with the steps.
 */
#ifndef SEGMENT_H
#define SEGMENT_H

#include "ops.h"
#include "plan.h"

struct plan_step {
	const struct arguments *arguments;
	const struct step_kind *kind;
	struct entry entry;             /* its units, once bound */
	bool bound, *fitted;            /* fitted: by unit */
};

/* What the segments of a plan share. */
struct chain {
	struct plan_options options;    /* memory: of one that keeps rows */
	struct hash_store *seen;        /* the rows that steps which remember them have seen; NULL: there is no such step */
	struct plan_step *steps;
	size_t n_steps;
	struct tallies totals;          /* by step */
	uint64_t rows_in;               /* of the plan's input */
	unsigned pass;
	bool fewer_said;                /* that --memory allows fewer threads */
};

/* Steps first .. first + n - 1 of the chain, which outlives the source, over `in`, which it takes over (also after a failure). */
int segment_open(struct source *out, struct source *in, struct chain *chain, size_t first, size_t n, struct error *err) MUST_CHECK;
/* Binds a step at its place: BIND_DONE, BIND_WAIT (`open`: types of fields that may still come), BIND_FAILED. */
int step_bind(struct chain *chain, struct plan_step *step, const struct schema *schema, unsigned open, struct error *err);
/* Puts the step's place before a message. -1. */
int step_fail(const struct plan_step *step, struct error *err);

#endif
