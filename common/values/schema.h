/* SPDX-License-Identifier: MIT */
/*
 * The fields of a stream: names (unique, valid UTF-8, 1 byte to 4 KiB), types,
 * roles, units. A schema owns its strings. Finding a name is one look-up in a
 * hash index, so tables of 100,000 columns work.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "bytes.h"
#include "error.h"
#include "host.h"

enum type { TYPE_INT, TYPE_REAL, TYPE_BOOL, TYPE_TIME, TYPE_TEXT, N_TYPES };

enum role {
	ROLE_FEATURE,           /* the default; a model reads features only */
	ROLE_TARGET, ROLE_ID, ROLE_WEIGHT, ROLE_GROUP, ROLE_TIME, ROLE_SPLIT, ROLE_FOLD,
	ROLE_ORIGIN,            /* _file, _line, _row */
	ROLE_SOURCE,            /* the raw column that an encoder replaced */
	ROLE_PREDICTION, ROLE_PROBABILITY,
	ROLE_REASON,            /* what a column added to a prediction */
	N_ROLES
};

/* Of a stream, and of a table that is extracted: fields that are ours, and what steps make, come on top. */
enum { MAX_FIELDS = 200000, MAX_COLUMNS = 100000, MAX_NAME = 4096, NO_FIELD = -1 };

struct field {
	char *name;
	char *unit;             /* NULL: none */
	char *form;             /* how its cells were written (form.h); NULL: in the shortest way */
	struct bytes *answers;  /* ROLE_PREDICTION: what predict says of it, one packed map (stream.5); shared by copies; NULL: nothing is known */
	enum type type;
	enum role role;
	bool as_real;           /* of an input that is int: all that was made of it are numbers, so that a real will do in its place */
};

struct schema {
	struct field *fields;
	size_t n_fields, room;
	size_t n_holes;                 /* of the fields: see schema_vacate */
	struct name_index *index;       /* private */
	struct schema_watch *watch;     /* NULL: nobody looks */
};
#define SCHEMA_INIT { .fields = NULL }

/* What was done to the fields by the functions here while a schema had it: columns that were added or set, some maybe twice; moved: others stand elsewhere now. */
struct schema_watch { size_t *cols; size_t n, room; bool moved; };

/* All copy the strings that they are given. The position of a new field is schema->n_fields - 1. */
void schema_add(struct schema *schema, const char *name, enum type type, enum role role);  /* name must be new: assert */
void schema_add_field(struct schema *schema, const struct field *like);
/* The field goes and leaves a hole, so that ten thousand of them take their own time and not that of all others. No name finds a hole,
 * it matches no selector, and is a bool whose values nobody reads. Holes are a plan's own: schema_settle before others see the fields. */
void schema_vacate(struct schema *schema, size_t col);
static inline bool field_is_hole(const struct field *field) { return !field->name[0]; }
/* Columns `kept`, each at most once, become the whole schema, in that order. */
void schema_arrange(struct schema *schema, const size_t *kept, size_t n);
/* Holes go. Where each of the others stood, which the caller frees; NULL: there was no hole. */
size_t *schema_settle(struct schema *schema);
void schema_set_type(struct schema *schema, size_t col, enum type type);
void schema_set_role(struct schema *schema, size_t col, enum role role);
void schema_rename(struct schema *schema, size_t col, const char *name);
void schema_set_unit(struct schema *schema, size_t col, const char *unit);      /* NULL: none */
void schema_set_form(struct schema *schema, size_t col, const char *form);
void schema_set_answers(struct schema *schema, size_t col, struct bytes *answers);      /* takes them over */
void field_copy(struct field *to, const struct field *from);                    /* to is overwritten, not released */
void field_release(struct field *field);
void schema_drop_index(struct schema *schema);  /* fields were changed by other ways than these here: names are found anew */
void schema_copy(struct schema *to, const struct schema *from);                 /* to is overwritten, not released */
void schema_release(struct schema *schema);

int schema_find(const struct schema *schema, const char *name);                 /* column or NO_FIELD */
/* As schema_find; an unknown name is an error: "no field 'km' (did you mean 'distance_km'?)". */
int schema_require(const struct schema *schema, const char *name, struct error *err) MUST_CHECK;
int schema_find_role(const struct schema *schema, enum role role);              /* the first one, or NO_FIELD */
/* *col: the one field with the role, or NO_FIELD; two are an error that asks which one counts. host: may be NULL. */
int schema_find_only(const struct schema *schema, enum role role, int *col, const struct host *host, struct error *err) MUST_CHECK;
const char *schema_closest(const struct schema *schema, const char *name);      /* for "did you mean"; NULL: none is close */

/* 0 if equal, whatever the forms (but for zones of times); else -1 and err names the first difference: "field 3: 'km' is real here, int there". */
int schema_compare(const struct schema *a, const struct schema *b, struct error *err) MUST_CHECK;

/* A name for a field that a program generates (_row, _split): clash is an error that names `rename`. */
int schema_check_generated(const struct schema *schema, const char *name, struct error *err) MUST_CHECK;
/* What a name must be: 1..MAX_NAME bytes of UTF-8 without NUL. */
int schema_check_name(const char *name, size_t size, struct error *err) MUST_CHECK;

const char *type_name(enum type type);          /* "int", "real", "bool", "time", "text" */
bool type_from_name(const char *name, size_t size, enum type *type);
const char *role_name(enum role role);
/* What predict added: who looks at a table came for it. */
static inline bool role_is_answer(enum role role) { return role == ROLE_PREDICTION || role == ROLE_PROBABILITY || role == ROLE_REASON; }
bool role_from_name(const char *name, size_t size, enum role *role);
bool type_is_number(enum type type);            /* int or real: what `:number` matches */

#endif
