/* SPDX-License-Identifier: MIT */
/*
 * Units, opened one behind the other on the fields before them, and run over
 * batches: what a plan does with the steps that are ready, and replay with those
 * out of a model.
 */
#ifndef OPS_H
#define OPS_H

#include "step.h"

struct op {
	const struct step_kind *kind;
	const struct unit *unit;        /* not owned */
	void *state;                    /* of kind->open */
	struct schema *after;           /* what a batch shows from here on; NULL: what it showed before. See ops_add */
	size_t tally;                   /* index into counts and dropped: the step it belongs to */
};

struct ops {
	struct op *items;
	size_t n, room;
	struct tally *counts, *dropped; /* n_tallies each: by step */
	size_t n_tallies;
	struct schema *shown;           /* the last `after`; NULL: what the batch came with */
	bool current, exact;            /* shown: names and types as behind the last op; for a row part, so no field may be added */
};

struct ops *ops_new(size_t n_tallies);
void ops_free(struct ops *ops);                 /* NULL is fine */
void ops_clear(struct ops *ops);                /* closes all ops; the tallies stay */

/* Opens a unit on `schema`, which becomes the fields behind it. Units of one step have one tally. The unit must outlive the ops. */
int ops_add(struct ops *ops, const struct unit *unit, struct schema *schema, size_t tally, struct error *err) MUST_CHECK;

/*
 * Runs them over a batch. Row parts drop rows of it (`judge` true), or only count them ("would have been dropped": the rows
 * stay; only kinds that count on replay). *stop: no row behind this batch can stay. The caller sets batch->schema to the fields
 * behind the last op.
 */
int ops_run(struct ops *ops, struct batch *batch, bool judge, struct rejects *rejects, bool *stop, struct error *err) MUST_CHECK;

#endif
