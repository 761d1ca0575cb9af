/* SPDX-License-Identifier: MIT */
/* The columns that leave: which cell of a row each takes, its type and how that is known. */
#ifndef SLOTS_H
#define SLOTS_H

#include "config.h"
#include "fit.h"
#include "missing_words.h"
#include "names.h"
#include "row.h"

/* What the user asked for, read once. */
struct request {
	struct names columns;   /* --columns; none: all */
	struct schema given;    /* types by name: --types, then --like */
	struct schema globs;    /* types by glob: --types '*_id=text'. An exact name counts more, a later glob more than an earlier one, any more than --like */
	size_t n_types;         /* of `given`, from --types: these must be there */
	bool like;              /* --like: a column that it does not know is text, so that no row has to wait */
	enum missing_words words;       /* what the format's cells may be, set by who knows */
};
int request_read(struct request *request, const struct extract_config *config, struct error *err) MUST_CHECK;
void request_release(struct request *request);

struct slot {
	size_t cell;            /* of a row */
	enum type type;
	enum role role;
	char *form, *unit;      /* or NULL */
	struct number_marks marks;      /* of its numbers as text */
	bool given;             /* the type is the user's: a cell that misfits is at fault, not the type */
	bool any_iso;           /* a time that may be written in any ISO form, too, in the zone of `form`; NULL: that of the first value to come */
	bool any_zone;          /* with any_iso: in any zone, and converted: like a time of --like that has one */
	enum missing_words words;       /* null where the type is not text */
	bool unseen;            /* not all rows were looked at, and the column had no value so far: none is expected */
	bool settled;           /* nothing more need be inferred of it: infer_is_hopeless */
	int nearly;             /* a text column most of whose cells are like this (LIKE_NUMBER...); -1: none */
	struct infer infer;     /* if not given, or for the first value of a time */
};
/* Whether the cell, no null, is a value of the slot's type, which is not text. */
bool slot_fits(const struct slot *slot, const struct cell *cell, union value *value);
/* Whether numbers have marks that must be taken off before they are read. */
static inline bool slot_is_marked(const struct slot *slot)
{
	return !number_marks_are_plain(slot->marks) && (slot->type == TYPE_INT || slot->type == TYPE_REAL);
}
/* How a cell of a number that fits, a text, is written: joins `written`. */
void slot_written(const struct slot *slot, const struct cell *cell, double value, struct written *written);
/* A cell of a time that fits, with any_zone: it is in another zone than `form` has. */
bool slot_converts(const struct slot *slot, const struct cell *cell);
/* The type that would have taken the cell, too. */
enum type slot_type_with(const struct slot *slot, const struct cell *cell);

struct slots {
	struct slot *items;
	size_t n, room;
	size_t n_columns;       /* of the file, bound so far */
	size_t n_inferred;
	size_t n_open;          /* times that are given without a form: they wait for a first value */
};
/* Binds the file's columns from n_columns on. `typed`: they have types, which stand where no others are asked for, and roles, units and
 * forms. */
void slots_extend(struct slots *slots, const struct columns *columns, const struct request *request, bool typed);
/* When all columns are there: in the order of --columns; err names what --columns or --types ask for and is not there. */
int slots_order(struct slots *slots, const struct columns *columns, const struct request *request, struct error *err) MUST_CHECK;
/* Types and forms out of what was inferred. `all`: all rows were looked at. */
void slots_settle(struct slots *slots, bool all);
void slots_release(struct slots *slots);

#endif
