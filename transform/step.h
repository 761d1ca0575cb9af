/* SPDX-License-Identifier: MIT */
/*
 * A kind of step: one file step_NAME.c ending in one `const struct step_kind`,
 * named once in steps.h.
 *
 * The life of a step in a transform:
 *
 *     bind       line + fields at its place   -> units: reads, writes, state
 *     fit_new    } if the kind learns from rows: for each unit by itself, on
 *     fit_update } batches in order; then the unit's state (and writes, where
 *     fit_finish } the data decide them) is complete
 *     open       unit + fields                -> op, and the fields behind it
 *     apply      op + batch                   -> the batch's columns changed
 *     judge      op + batch                   -> rows that stay (row parts)
 *     close
 *
 * Replay (predict, --apply) begins at open with units out of a model: so a unit's
 * state must hold all that open needs. Within a unit, columns are found by name.
 *
 * Threads: fit_update of different units may run at once on one batch whose
 * columns were read before (column_read); nothing else is shared.
 */
#ifndef STEP_H
#define STEP_H

#include "batch.h"
#include "lineage.h"
#include "recipe.h"
#include "rejects.h"
#include "stream.h"

enum { BIND_DONE = 0, BIND_FAILED = -1, BIND_WAIT = 1 };
enum { FIT_DONE = 0, FIT_FAILED = -1, FIT_AGAIN = 1 };

struct binding {
	const struct arguments *arguments;
	const struct schema *schema;    /* the fields at this place in the list */
	bool open;                      /* steps before will still add bool features that are not in schema: see bind */
	uint64_t seed;
	struct entry *entry;            /* units are appended here with entry_add */
};

struct step_limits { uint64_t memory; };        /* bytes that one fit may keep */

struct step_kind {
	const char *name;
	const char *usage;              /* "scale COLUMN... [standard|minmax|robust|maxabs] [ddof=0|1]" */
	const char *summary;            /* one line, lower case */
	const char *example;            /* one line that works on the deliveries of scripts/demo */
	const struct option_row *options;       /* key=value rows, or NULL */

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

	/* Compiles a unit against the fields before it and changes `schema` into the fields behind it (it may keep column
	 * positions, which hold for the batches it will see). NULL and err: a field is missing or has another type. Works on a unit
	 * that was bound but not fitted yet, too: `schema` then becomes what is known of the fields behind, and the op only closes. */
	void *(*open)(const struct unit *unit, struct schema *schema, struct error *err);
	/* Brings batch->columns in line with the schema behind. Counts what deserves a word ("age: 12 filled": "filled"). NULL: nothing to do. */
	int (*apply)(void *op, struct batch *batch, struct tally *counts, struct error *err);
	/* Clears the bits of rows that go, says why in `dropped`. `rejects` may be NULL. Row parts only. *stop: no later row can stay (limit);
	 * stop NULL: a replay, which only counts: nothing is rejected, nothing fails. */
	int (*judge)(void *op, struct batch *batch, uint64_t *keep, struct tally *dropped, struct rejects *rejects, bool *stop, struct error *err);
	void (*close)(void *op);

	/* Takes values of a column back to what they were before (standardised -> minutes). NULL: can't be undone. */
	int (*undo)(const struct unit *unit, double *values, size_t n_rows, struct error *err);

	bool counts_on_replay;          /* a row part whose drops replay should count ("would have been dropped"): expect */
	bool adds_by_fit;               /* columns it adds are known only when fitted (bool features): onehot, impute indicator */
};

const struct step_kind *step_find(const char *name);            /* NULL: none */
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
/* The name is a field of `schema` with one of the types (bit mask 1 << TYPE_X): its column; or NO_FIELD and err. */
int open_column(const struct schema *schema, const char *name, unsigned types, struct error *err);
enum { TYPES_NUMBER = 1 << TYPE_INT | 1 << TYPE_REAL, TYPES_NUMERIC = TYPES_NUMBER | 1 << TYPE_BOOL, TYPES_TEXT = 1 << TYPE_TEXT,
       TYPES_TIME = 1 << TYPE_TIME, TYPES_ANY = (1 << N_TYPES) - 1 };
/* Reads a unit's state as a map. Freed by unpacked_free; the unit must outlive it. */
int unit_state(const struct unit *unit, struct unpacked *state, struct error *err) MUST_CHECK;
/* A list of names in a state: key and value of its map. */
void state_names(struct buffer *to, const char *key, const struct names *names);
int state_read_names(const struct unpacked *state, const char *key, struct names *names, struct error *err) MUST_CHECK;

#endif
