/* SPDX-License-Identifier: MIT */
/*
 * What was done to the records, from the fields as extracted to the fields that
 * stand in the header. An entry is one step as its user wrote it; its units are
 * the computations in it that stand alone (`scale :number` over five columns is
 * five units). A unit holds all that it takes to apply it again: no file, no
 * option, no data. It is the only form in which a fitted step exists: a step that
 * was just fitted is opened from its unit exactly as a model's is.
 *
 * `reads` are the names at that place in the list which the result is made from,
 * `writes` the names that it creates or overwrites; a unit that only removes or
 * re-marks writes nothing.
 */
#ifndef LINEAGE_H
#define LINEAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "error.h"
#include "pack.h"
#include "schema.h"

enum fitted { FITTED_NONE, FITTED_TRAIN, FITTED_ALL };  /* on which rows its state was learned */

struct names { char **items; size_t n, room; };
void names_add(struct names *names, const char *name);          /* copies */
void names_add_new(struct names *names, const char *name);      /* unless it is there */
bool names_have(const struct names *names, const char *name);
bool names_overlap(const struct names *a, const struct names *b);       /* whether they share a name */
void names_copy(struct names *to, const struct names *from);
void names_release(struct names *names);

struct unit {
	char *kind;                     /* the step kind's name: who opens it */
	struct names reads, writes;
	enum fitted fitted;
	bool rows;                      /* acts on rows (drop, reject, dedupe, limit, split marks): never replayed */
	bool foreign;                   /* a field that a script added: how is not known; replay asks for it as input */
	struct buffer state;            /* one msgpack map */
	uint64_t digest;                /* XXH3-64 of all the above as packed */
};

struct entry { char *text; struct unit *units; size_t n_units, room; };

struct lineage {
	struct schema inputs;           /* as extracted: name, type, unit, form (roles as extracted) */
	struct entry *entries;
	size_t n_entries, room;
};
#define LINEAGE_INIT { .entries = NULL }

void unit_copy(struct unit *to, const struct unit *from);
void unit_release(struct unit *unit);
void unit_seal(struct unit *unit);                              /* sets the digest from the rest */
struct entry *lineage_add(struct lineage *lineage, const char *text);           /* an entry without units */
struct unit *entry_add(struct entry *entry, const char *kind);                  /* zeroed, kind set */
void lineage_copy(struct lineage *to, const struct lineage *from);
void lineage_release(struct lineage *lineage);
size_t lineage_units(const struct lineage *lineage);            /* over all entries */
const struct unit *lineage_unit(const struct lineage *lineage, size_t i, const struct entry **entry, size_t *entry_number);

void lineage_pack(const struct lineage *lineage, struct buffer *to);
int lineage_read(struct lineage *lineage, object value, struct error *err) MUST_CHECK;  /* digests are recomputed and compared */
/* 0 if equal, fitted state included; else -1 and err names the first difference. */
int lineage_compare(const struct lineage *a, const struct lineage *b, struct error *err) MUST_CHECK;

void fields_pack(const struct schema *schema, struct buffer *to);
int fields_read(struct schema *schema, object value, struct error *err) MUST_CHECK;

#endif
