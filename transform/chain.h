/* SPDX-License-Identifier: MIT */
/* The steps of a plan on their way from lines to fitted units, and what the stretches of it share (segment.h, table_step.h). */
#ifndef CHAIN_H
#define CHAIN_H

#include "ops.h"
#include "plan.h"

struct plan_step {
	const struct arguments *arguments;
	const struct step_kind *kind;
	struct entry entry;             /* its units, once bound */
	bool bound;
	struct unit_progress { bool fitted, due; } *units;      /* of each; due: it was, or is, among those to be applied */
};

struct chain {
	struct plan_options options;    /* memory: of one that keeps rows */
	struct hash_store *seen;        /* the rows that steps which remember them have seen; NULL: there is no such step */
	struct plan_step *steps;
	size_t n_steps;
	struct header header;           /* the input's, with the lineage of the steps so far; the fields are those of the source that runs */
	size_t selected;                /* steps from this one on stand behind a select */
	size_t n_forgotten;             /* entries of the lineage that a split has marked (chain_forget_split) */
	struct tallies totals;          /* by step */
	uint64_t rows_in;               /* of the plan's input */
	unsigned pass;
	bool fewer_said;                /* that --memory allows fewer threads */
};

/* Binds a step at its place: BIND_DONE, BIND_WAIT (`open`: types of fields that may still come), BIND_FAILED. */
int step_bind(struct chain *chain, struct plan_step *step, const struct schema *schema, unsigned open, struct error *err);
/* Whether the unit is still to be learned. */
bool step_learns(const struct plan_step *step, size_t unit);
/* Puts the step's place before a message. -1. */
int step_fail(const struct plan_step *step, struct error *err);
/* The step joins the lineage: all of its units are learned. schema: the fields before it. A split marks what was learned on the
 * train rows of an earlier one: it has seen rows that are held out now. */
void chain_add(struct chain *chain, struct plan_step *step, const struct schema *schema);

#endif
