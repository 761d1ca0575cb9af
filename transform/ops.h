/* SPDX-License-Identifier: MIT */
/*
 * Units, opened one behind the other on the fields before them, and run over
 * batches: what a plan does with the steps that are ready, and replay with those
 * out of a model.
 *
 * Where rows go, and around an ordered unit, batches pass a gate (lanes.h), so that
 * each knows the numbers of its rows behind it.
 */
#ifndef OPS_H
#define OPS_H

#include "lanes.h"
#include "slices.h"
#include "step.h"

struct op {
	const struct step_kind *kind;
	const struct unit *unit;        /* not owned */
	void *state;                    /* of kind->open */
	struct field_changes changes;   /* the fields from here on against those before */
	size_t tally;                   /* index into counts and dropped: the step it belongs to */
	bool removes, ordered;          /* rows go here; batches one at a time */
	size_t gate;                    /* if so */
	uint64_t n_rows;                /* behind it so far: within the gate */
};

struct ops {
	struct op *items;
	size_t n, room, n_gates;
	const struct host *host;        /* may be NULL; set behind ops_new, as is what ops that remember rows keep them in: */
	struct hash_store *seen;
	bool replay;                    /* rows stay, and are only counted */
	struct schema base;             /* until they are settled: the fields before the first op; without ops none */
	struct field_view shown;        /* and behind the last one */
	size_t *order;                  /* where the fields that are left stand among holes; NULL: there are none */
	size_t n_settled;
	struct row_width base_width, width, widest;     /* of rows before the first op, behind the last, and the largest of all */
};

/* What steps did, by step: words and numbers; and what they could not use, by column. Of thousands of steps a batch may pass a few. */
struct tallies {
	struct tally *counts, *dropped;
	size_t n;
	struct unseen unseen;
	size_t *used, n_used;           /* steps that counted since it was cleared, */
	bool *is_used;                  /* each once */
};
void tallies_init(struct tallies *tallies, size_t n_steps);
void tallies_use(struct tallies *tallies, size_t step);         /* before something is counted there */
/* Adds, and empties `from`, whose step 0 is step `at` of `to`. */
void tallies_take(struct tallies *to, size_t at, struct tallies *from);
void tallies_clear(struct tallies *tallies);
void tallies_release(struct tallies *tallies);

/* replay: units out of a model, over rows that are not those of their fit; row parts only count. */
struct ops *ops_new(bool replay);
void ops_free(struct ops *ops);                 /* NULL is fine */
void ops_clear(struct ops *ops);                /* closes all ops */

/* Opens a unit on `schema`, which becomes the fields behind it. Units of one step have one tally. The unit must outlive the ops. */
int ops_add(struct ops *ops, const struct unit *unit, struct schema *schema, size_t tally, struct error *err) MUST_CHECK;
/* Behind the last unit, before the first batch: the fields behind it lose their holes (schema_vacate), and so will the batches. */
void ops_settle(struct ops *ops, struct schema *schema);
/* The source, whose batches they will run over, gives those that they make much wider in slices (slices.h). */
void ops_slice(const struct ops *ops, struct source *source);

/*
 * Runs them over a batch, whose rows are numbered by first_row. turn: of lanes with ops->n_gates gates from 0 on; NULL: batches come
 * from one thread in order. work: of the thread; its counts, dropped and unseen are set from `tallies`. -1 without an error: the batch is not
 * wanted any more (gate_enter). batch->schema is then the work's, until it runs the next batch: the caller sets it to the fields
 * behind the last op.
 */
int ops_run(struct ops *ops, struct batch *batch, struct turn *turn, struct work *work, struct tallies *tallies, struct error *err) MUST_CHECK;

void work_release(struct work *work);

#endif
