/* SPDX-License-Identifier: MIT */
/*
 * Replay: the units of a stored lineage that an input lacks, applied to it, as
 * predict, evaluate and transform --apply do.
 *
 * Of the stored units those run that the input has not behind it (overlap.h), and
 * whose results are needed. What they read and do not make
 * must be in the input and is brought to the stored types; a value that can't be is
 * missing, and counted. What only a fit saw (learned_from) is asked of nobody.
 *
 * Rows are never made by a replay: row parts, and table steps that write nothing
 * (sort), are passed over; replay_open (--apply) runs those that write something. A table step that writes something makes the fields behind it,
 * so where names are asked for, its outputs are the inputs: the input must have
 * passed it.
 */
#ifndef REPLAY_H
#define REPLAY_H

#include "lineage.h"
#include "stream.h"

struct replay;
struct replay_options {
	bool missing_null;              /* --missing null: a needed column that is absent is all null */
	bool never_null;                /* nobody can ask for that: messages name no such option */
	const struct host *host;        /* for what messages advise; may be NULL */
};
/*
 * have: header of the input. want: the stored lineage. needed: the names that must come out (a model's features, its
 * target), NULL: everything, for transform --apply.
 * STATUS_REQUIREMENT: steps of the input that are not what was stored (overlap.h), a table step that the records did not pass (named),
 * needed columns that are missing (all listed), or that can't stand for the stored ones (likeness.h).
 */
int replay_new(struct replay **replay, const struct header *have, const struct lineage *want, const struct names *needed,
               const struct replay_options *options, struct error *err) MUST_CHECK;
const struct schema *replay_inputs(const struct replay *replay);        /* of what it takes of the input, in the stored types */
const struct schema *replay_schema(const struct replay *replay);        /* of what comes out */
/* out: the batch as it stands behind the units (what was in it is dropped); it shares columns with `in`, which stays as it is. */
int replay_apply(struct replay *replay, const struct batch *in, struct batch *out, struct error *err) MUST_CHECK;
/* The source of the batches to come gives those that the units make much wider in slices (slices.h). */
void replay_slice(const struct replay *replay, struct source *source);
/* Values that could not be brought to the stored type: "age: not read as int". */
const struct tally *replay_lost(const struct replay *replay);
/* Up to two lines for people: what training did not have, and values that could not be used, by column (unseen.h); and with `rules`, as
 * long as nobody asked for replay_counts, what rules found (told.h). all: columns and steps, however many. */
void replay_tell(const struct replay *replay, bool all, bool rules, struct names *lines);
/* What the steps counted: "step 4 'expect km < 60 else drop': rows that would have been dropped". */
const struct tally *replay_counts(const struct replay *replay);
/* Lines for people on columns that are taken otherwise than they came: times of another zone. */
const struct names *replay_remarks(const struct replay *replay);
/* Columns of the input that the stored lineage does not know. */
const struct names *replay_extra(const struct replay *replay);
/* The lineage of what comes out: the input's own and the units applied. */
const struct lineage *replay_lineage(const struct replay *replay);
void replay_free(struct replay *replay);

/* Everything of `want` over a source, as a source; takes `in` over. Table steps that write something run, each between a replay of the
 * units before it and one of those behind it. replay_of: replay i of these, for counts and extra columns, in order; NULL behind the last. */
int replay_open(struct source *out, struct source *in, const struct lineage *want, const struct replay_options *options, struct error *err) MUST_CHECK;
const struct replay *replay_of(const struct source *source, size_t i);

#endif
