/* SPDX-License-Identifier: MIT */
/*
 * What was done to the records, from the fields as extracted to the fields that
 * stand in the header. An entry is one step as its user wrote it; its units are
 * the computations in it that stand alone (`scale :number` over five columns is
 * five units). A unit holds all that it takes to apply it again: no file, no
 * option, no data. It is the only form in which a fitted step exists: a step that
 * was just fitted is opened from its unit exactly as a model's is.
 *
 * `reads` are the names at that place in the list which it takes to apply the
 * unit, `writes` the names that it creates or overwrites; a unit that only removes
 * or re-marks writes nothing. `learned_from` are names that only its fit saw, as
 * an encoder sees the target: a replay never asks for them, what is made by the
 * unit was made from them all the same, unless the unit is cross-fit.
 */
#ifndef LINEAGE_H
#define LINEAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "bytes.h"
#include "error.h"
#include "names.h"
#include "pack.h"
#include "read_style.h"
#include "schema.h"

enum fitted { FITTED_NONE, FITTED_TRAIN, FITTED_ALL };  /* on which rows its state was learned */

/*
 * What a unit acts on. Row parts (drop, reject, dedupe, limit, split marks) are never replayed. A table step (sort, aggregate,
 * pivot) makes rows of rows: one that writes something makes the fields behind it, which are the inputs of what comes after;
 * one that writes nothing only orders or repeats rows, and is passed over like a row part.
 */
enum acts { ACTS_ON_COLUMNS, ACTS_ON_ROWS, ACTS_ON_TABLE };

struct unit {
	char *kind;                     /* the step kind's name: who opens it */
	struct names reads, writes, learned_from;
	enum fitted fitted;
	enum acts acts;
	bool crossfit;                  /* no row's value was made from its own target: clean */
	bool foreign;                   /* a field that a script added: how is not known; replay asks for it as input */
	struct bytes *state;            /* one msgpack map, shared by copies; NULL: empty */
	uint64_t digest;                /* XXH3-64 of all the above as packed */
};

/* Copies of a lineage share the units of its entries, as many as there may be: who changes one of them calls entry_own before. */
struct entry { char *text; struct unit *units; size_t n_units, room; _Atomic size_t *users; /* of units; NULL: there are none yet */ };

struct lineage {
	struct schema inputs;           /* as extracted: name, type, unit, form (roles as extracted) */
	struct read_style style;         /* how they were read */
	struct entry *entries;
	size_t n_entries, room;
};
#define LINEAGE_INIT { .entries = NULL }

void unit_copy(struct unit *to, const struct unit *from);
void unit_release(struct unit *unit);
void unit_set_state(struct unit *unit, struct buffer *packed);  /* takes the buffer over, which is empty behind */
void unit_seal(struct unit *unit);                              /* sets the digest from the rest */
struct entry *lineage_add(struct lineage *lineage, const char *text);           /* an entry without units */
struct unit *entry_add(struct entry *entry, const char *kind);                  /* zeroed, kind set; until the next is added */
void entry_add_copy(struct entry *entry, const struct unit *unit);
void entry_share(struct entry *to, const struct entry *from);                   /* the units, to an entry without any */
void entry_own(struct entry *entry);                                            /* its units are shared with nobody from here on */
void entry_release(struct entry *entry);
void lineage_copy(struct lineage *to, const struct lineage *from);
void lineage_release(struct lineage *lineage);

/* Every unit of a lineage in order, with the step that it belongs to: an array to free, good while the lineage is not changed. */
struct unit_place { const struct unit *unit; const struct entry *entry; size_t step /* from 1 */; };
struct unit_place *lineage_places(const struct lineage *lineage, size_t *n);
size_t lineage_units(const struct lineage *lineage);            /* how many */

void lineage_pack(const struct lineage *lineage, struct buffer *to);
int lineage_read(struct lineage *lineage, object value, struct error *err) MUST_CHECK;  /* digests are recomputed and compared */
/* 0 if equal, fitted state included, however they were read; else -1 and err names the first difference. */
int lineage_compare(const struct lineage *a, const struct lineage *b, struct error *err) MUST_CHECK;

void fields_pack(const struct schema *schema, struct buffer *to);
int fields_read(struct schema *schema, object value, struct error *err) MUST_CHECK;

#endif
