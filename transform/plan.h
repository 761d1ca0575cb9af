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
	uint64_t memory, seed;
	int threads;
	struct rejects *rejects;        /* may be NULL */
	const char *program;            /* the stage's name in `end` */
	struct buffer *explain;         /* filled by plan_open with passes, matches, fitted rows; may be NULL */
};

/* Takes `in` over (source_close(out) closes it, also after a failure). */
int plan_open(struct source *out, struct source *in, const struct recipe *recipe, const struct plan_options *options, struct error *err) MUST_CHECK;
/* What every step did so far, one line each, after the last batch: "impute km median: km filled 12". */
void plan_counts(const struct source *plan, struct buffer *to);

/* ---- replay: the units of a stored lineage that an input lacks ---- */
struct replay;
struct replay_options {
	bool missing_null;              /* --missing null: a needed column that is absent is all null */
};
/*
 * have: header of the input. want: the stored lineage. needed: the names that must come out (a model's features, its
 * target), NULL: everything, for transform --apply. The units of `have` must begin those of `want` by digest, row parts aside;
 * units that `needed` does not depend on are left out. Input fields are brought to the stored input types.
 * STATUS_REQUIREMENT: another fitted state (the step is named), or needed columns that are missing (all listed).
 */
int replay_new(struct replay **replay, const struct header *have, const struct lineage *want, const struct names *needed,
               const struct replay_options *options, struct error *err) MUST_CHECK;
const struct schema *replay_schema(const struct replay *replay);        /* of what comes out */
/* out: cleared, then filled with the batch as it stands behind the units; shares columns with `in`, which must outlive it. */
int replay_apply(struct replay *replay, struct batch *in, struct batch *out, struct error *err) MUST_CHECK;
/* Values that could not be brought to the stored type: "age: not read as int". */
const struct tally *replay_lost(const struct replay *replay);
/* What the steps counted: "step 4 'expect km < 60 else drop': rows that would have been dropped". */
const struct tally *replay_counts(const struct replay *replay);
/* Columns of the input that the stored lineage does not know. */
const struct names *replay_extra(const struct replay *replay);
/* The lineage of what comes out: the whole of `want` with the input's own. */
const struct lineage *replay_lineage(const struct replay *replay);
void replay_free(struct replay *replay);
/* Everything of `want` over a source, as a source; takes `in` over. replay_of: for counts and extra columns. */
int replay_open(struct source *out, struct source *in, const struct lineage *want, const struct replay_options *options, struct error *err) MUST_CHECK;
const struct replay *replay_of(const struct source *source);

/* ---- the target's own units, and leakage ---- */
/* How many of the last units that wrote `target` can be undone, one after the other. */
size_t undo_count(const struct lineage *lineage, const char *target);
int undo_values(const struct lineage *lineage, const char *target, double *values, size_t n_rows, struct error *err) MUST_CHECK;

/*
 * Leakage (architecture, 4). 0: none. -1, STATUS_REQUIREMENT: names the feature and the step.
 *   leak_check_target  a feature made from the target (in any of its forms), or from which the target was made
 *   leak_check_rows    held_out: some rows are held out; a unit behind any feature (or the target) was fitted on all rows
 */
int leak_check_target(const struct lineage *lineage, const struct names *features, const char *target, struct error *err) MUST_CHECK;
int leak_check_rows(const struct lineage *lineage, const struct names *features, const char *target, struct error *err) MUST_CHECK;

#endif
