/* SPDX-License-Identifier: MIT */
/*
 * A kind of step: one file step_NAME.c ending in one `const struct step_kind`,
 * named once in steps.h.
 *
 * The life of a step in a transform:
 *
 *     bind       line + fields at its place   -> units: reads, writes, state
 *     fields     unit + fields                -> the fields behind it, as far as they are known before the fit
 *     fit_new    } if the kind learns from rows: for each unit by itself; then the
 *     fit_update } unit's state (and writes, where the data decide them) is complete
 *     fit_finish }
 *     open       unit + fields before it      -> op
 *     apply      op + batch                   -> the batch's columns changed, in line with the fields behind
 *     judge      op + batch                   -> rows that stay (row parts)
 *     close
 *
 * Replay (predict, --apply) begins at open with units out of a model: so a unit's
 * state must hold all that open needs. Within a unit, columns are found by name.
 *
 * Threads. An op is constant once it is open: several workers apply it at once, each
 * to a batch of its own; what they need on the way lies in their struct work. Batches
 * of an `ordered` unit come one at a time, in order: its op may remember. What an op
 * needs of a row's place is batch->first_row, which counts the rows of the stream as
 * it stands at this step.
 *
 * Dividing the rows. Several fits of one unit may take a share of the rows each, in
 * threads or on other machines. Shares are cut between blocks of the stream as it
 * stands at this step: block k holds the rows 1024 k .. 1024 k + 1023
 * (common/numbers/tree.h), and batch->first_row says where a batch lies. A block
 * comes whole to one fit, in one piece or in pieces one after the other; a batch may
 * hold several blocks; batches of other fits of the same unit may lie between. Then
 *
 *     fit_new, fit_update...      one for each share
 *     fit_merge                   all into one, in any order, at any time
 *     fit_finish                  of that one; FIT_AGAIN: fit_pack it, fit_new and
 *                                 fit_unpack as many as wanted, and divide the rows anew
 *
 * gives the state that one fit over all batches gives, to the bit. Cut within a block,
 * sums agree to rounding, and all else to the bit. A sum over blocks keeps a node for
 * each run of blocks whose neighbours are elsewhere: shares are best long runs, or
 * merged now and then.
 *
 * Fits share nothing; columns of a batch are read before several threads see it.
 */
#ifndef STEP_H
#define STEP_H

#include "arena.h"
#include "batch.h"
#include "field_changes.h"
#include "hash_store.h"
#include "lineage.h"
#include "ranking.h"
#include "recipe.h"
#include "rejects.h"
#include "stream.h"
#include "unseen.h"

enum { BIND_DONE = 0, BIND_FAILED = -1, BIND_WAIT = 1 };
enum { FIT_DONE = 0, FIT_FAILED = -1, FIT_AGAIN = 1 };

struct binding {
	const struct arguments *arguments;
	const struct schema *schema;    /* the fields at this place in the list */
	unsigned open;                  /* types of features that steps before will still add and that are not in schema: see bind */
	bool selected;                  /* a select stands before: there are no features that the steps do not know */
	uint64_t seed;
	struct entry *entry;            /* units are appended here with entry_add */
	const struct host *host;        /* for files that a step names; may be NULL */
};

struct step_limits {
	uint64_t memory;                /* bytes that one fit, or one table step, may keep */
	struct hash_store *seen;        /* open: the rows that ops which remember them have seen, of all of these; NULL in a replay */
	bool replayed;                  /* open: rows are not those of the fit (a cross-fit encoder gives its own rows their fold's value) */
	const struct host *host;        /* for what messages may tell, and where temporary files lie; may be NULL */
	struct ranking_file *runs;      /* fit_new: where values that are sorted and don't fit lie, of all fits; may be NULL */
};

#define REJECTED "rejected"             /* so a step counts the rows that it rejects */

/* What an op works with besides its batch: a worker's. */
struct work {
	struct arena scratch;           /* cleared behind each op */
	struct field_view shown;        /* the fields of the batch in work: ops_run */
	struct tally *counts, *dropped; /* of the op's step: what deserves a word ("age filled"); rows, by reason */
	struct rejects *rejects;        /* may be NULL */
	struct unseen *unseen;          /* cells that could not be read; of a replay, what training did not have */
	bool replay;                    /* rows are only counted: nothing is rejected, nothing fails, nothing stops */
	bool stop;                      /* judge: no later row can stay (limit) */
};

struct step_kind {
	const char *name;
	const char *usage;              /* "scale COLUMN... [standard|minmax|robust|maxabs] [ddof=0|1]" */
	const char *summary;            /* one line, lower case */
	const char *example;            /* one line that works on the deliveries of scripts/demo */
	const struct option_row *options;       /* key=value rows, or NULL */
	const char *also;               /* words of others for it, which are no steps: "filter|where"; NULL: none */

	/*
	 * Resolves selectors to names and appends a unit per set of columns computed on its own, each with reads, writes,
	 * learned_from (what only its fit will see: the target of an encoder) and state (a map, packed in a buffer and handed over
	 * with unit_set_state; none is an empty one). unit->acts is set for a row part or a table step. May give BIND_WAIT while
	 * binding->open if its selectors could match what is not there yet (selector_open), or name a field that is not there: it
	 * is called again later.
	 */
	int (*bind)(struct binding *binding, struct error *err);

	/* Whether this unit has anything to learn (`impute km constant=0` has not: it streams and is FITTED_NONE). NULL: all have. */
	bool (*learns)(const struct unit *unit);
	/* NULL for steps that learn nothing. `rows`: bit map of those to learn from, NULL: all. fit_finish replaces the unit's state
	 * (and writes); FIT_AGAIN: all batches are wanted once more. fit_free after either. */
	void *(*fit_new)(const struct unit *unit, const struct schema *schema, const struct step_limits *limits, struct error *err);
	int (*fit_update)(void *fit, struct batch *batch, const uint64_t *rows, struct error *err);
	int (*fit_finish)(void *fit, struct unit *unit, struct error *err);
	void (*fit_free)(void *fit);
	/* What `other`, of the same unit and pass, took in joins `fit`; other is only to be freed then. Fails where both together are
	 * more than the limits of `fit` allow. */
	int (*fit_merge)(void *fit, void *other, struct error *err);
	/* As one msgpack value: after updates all that was taken in; right after FIT_AGAIN a fit for the next pass that has taken in
	 * nothing of it yet. -1: what it keeps in a file can't be read. What has 4 GiB or more at once is no sound value: who calls asks
	 * pack_sound. fit_unpack: into what fit_new gave for the same unit, as bound; -1: broken, or beyond its limits. */
	int (*fit_pack)(const void *fit, struct buffer *to, struct error *err);
	int (*fit_unpack)(void *fit, object from, struct error *err);

	/* Changes `schema`, the fields before the unit, into those behind it, as far as they are known: of a unit that was not fitted
	 * yet, without what only the fit can name (`adds`). By the functions of schema.h: they tell what changed, and batches show
	 * no other change. Checks what it reads: a missing field or another type fails. NULL: the
	 * fields stay. */
	int (*fields)(const struct unit *unit, struct schema *schema, struct error *err);
	/* Compiles a fitted unit against the fields before it (column positions hold for the batches it will see; new columns are
	 * appended where `fields` appends them). NULL and no error: nothing to do. */
	void *(*open)(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err);
	/* Brings batch->columns in line with the fields behind; batch->schema shows those before. NULL: nothing to do. */
	int (*apply)(void *op, struct batch *batch, struct work *work, struct error *err);
	/* Clears the bits of rows that go, says why in work->dropped. Row parts only. */
	int (*judge)(void *op, struct batch *batch, uint64_t *keep, struct work *work, struct error *err);
	void (*close)(void *op);
	/* Instead of apply and judge, for a step on the whole table (sort): a source over a source. Takes `in` over; the first `next`
	 * reads it to its end and closes it, and the last lets go of all rows: so of thousands of such steps two hold rows at once.
	 * out->header is `behind`, which outlives it, as is the schema of its batches. */
	int (*over)(const struct unit *unit, struct source *out, struct source *in, const struct header *behind,
	            const struct step_limits *limits, struct error *err);
	/* Whether batches must come one at a time, in order. NULL: no unit of this kind needs that. */
	bool (*ordered)(const struct unit *unit);
	bool remembers;                 /* an op keeps something of each row, in its limits->seen */

	/* Whether reals in the place of the ints that this name, which it reads, had when the unit was fitted give the same where they are
	 * whole, and a number of the same kind where not. NULL: no unit of this kind says so. */
	bool (*takes_real)(const struct unit *unit, const char *name);

	/* How many levels the first column that it writes holds, whole numbers from 0 on that are names and no amounts (or null), where the
	 * first column that it reads holds `before`; 0: none, it is what its type says. NULL: none. */
	size_t (*levels)(const struct unit *unit, size_t before);
	/* Appends what levels 1, 2, … of a fitted unit are called, as texts of the first column that it reads. NULL: as those of that column. */
	void (*level_names)(const struct unit *unit, struct names *to);

	/* Takes values of a column back to what they were before (standardised -> minutes). NULL: can't be undone. */
	int (*undo)(const struct unit *unit, double *values, size_t n_rows, struct error *err);
	/* By how much a value that is undone grows with it, where that is the same for all values. NULL: it is not. */
	int (*undo_slope)(const struct unit *unit, double *slope, struct error *err);

	bool told;                      /* what it counts, and the rows that it drops, are told without being asked (told.h) */
	bool counts_on_replay;          /* a part that only judges rows, which replay should count all the same ("would have been dropped"): expect */
	unsigned adds;                  /* types (1 << TYPE_X) of the columns that only the fit can name: bool of onehot */
};

const struct step_kind *step_find(const char *name);            /* NULL: none */
bool unit_counts_on_replay(const struct unit *unit);            /* it only judges rows, and its kind says counts_on_replay */
const struct step_kind *const *step_list(size_t *n);            /* in the order of steps.h */
/* The kind that a line names; NULL and err: unknown, with the caret and "did you mean". */
const struct step_kind *step_require(const struct arguments *arguments, struct error *err);

/* Helpers that nearly every step needs. */
/* binding->arguments' words behind the name, through `rows` into config, then selectors (at least one) resolved into names.
 * BIND_DONE, BIND_WAIT, BIND_FAILED with the caret under the word. */
int bind_columns(struct binding *binding, const struct option_row *rows, void *config, struct names *names, struct error *err);
/* The second half of that, for words that a step sorted by itself. */
int bind_selectors(struct binding *binding, const struct selector_word *words, size_t n, struct names *names, struct error *err);
/* The field that an option `key=name` names. */
int bind_field(struct binding *binding, const char *key, const char *name, int *col, struct error *err);
/* The option `as=NAME`, what a step calls the columns that it makes of one column; as may be NULL, n: of how many columns. */
int bind_as(const struct binding *binding, const char *as, size_t n, struct error *err);
/* The name is a field of `schema` with one of the types (bit mask 1 << TYPE_X): its column; or NO_FIELD and err. */
int open_column(const struct schema *schema, const char *name, unsigned types, struct error *err);
enum { TYPES_NUMBER = 1 << TYPE_INT | 1 << TYPE_REAL, TYPES_NUMERIC = TYPES_NUMBER | 1 << TYPE_BOOL, TYPES_TEXT = 1 << TYPE_TEXT,
       TYPES_TIME = 1 << TYPE_TIME, TYPES_ANY = (1 << N_TYPES) - 1 };
/* Reads a unit's state as a map. Freed by unpacked_free; the unit must outlive it. */
int unit_state(const struct unit *unit, struct unpacked *state, struct error *err) MUST_CHECK;
/* takes_real: of any name. */
bool takes_any_real(const struct unit *unit, const char *name);
/* A list of names in a state: key and value of its map. */
void state_names(struct buffer *to, const char *key, const struct names *names);
int state_read_names(const struct unpacked *state, const char *key, struct names *names, struct error *err) MUST_CHECK;

#endif
