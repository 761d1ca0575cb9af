/* SPDX-License-Identifier: MIT */
/* The columns that leave: which cell of a row each takes, its type and how that is known. */
#ifndef SLOTS_H
#define SLOTS_H

#include "config.h"
#include "fit.h"
#include "names.h"
#include "row.h"

/* What the user asked for, read once. */
struct request {
	struct names columns;   /* --columns; none: all */
	struct schema given;    /* types by name: --types, then --like */
	struct schema globs;    /* types by glob: --types '*_id=text'. An exact name counts more, a later glob more than an earlier one, any more than --like */
	size_t n_types;         /* of `given`, from --types: these must be there */
	bool like;              /* --like: a column that it does not know is text, so that no row has to wait */
};
int request_read(struct request *request, const struct extract_config *config, struct error *err) MUST_CHECK;
void request_release(struct request *request);

struct slot {
	size_t cell;            /* of a row */
	enum type type;
	enum role role;
	char *form, *unit;      /* or NULL */
	bool given;             /* the type is the user's: a cell that misfits is at fault, not the type */
	/* While the types of a regular file are still a guess, some cells that fit change it all the same: */
	bool unseen;            /* the column had no value so far: any will do that */
	bool widens;            /* an int column that may become real: an int that no double holds does that */
	struct infer infer;     /* if not given */
};

struct slots {
	struct slot *items;
	size_t n, room;
	size_t n_columns;       /* of the file, bound so far */
	size_t n_inferred;
};
/* Binds the file's columns from n_columns on. `typed`: they have types, which stand where no others are asked for, and roles, units and
 * forms. */
void slots_extend(struct slots *slots, const struct columns *columns, const struct request *request, bool typed);
/* When all columns are there: in the order of --columns; err names what --columns or --types ask for and is not there. */
int slots_order(struct slots *slots, const struct columns *columns, const struct request *request, struct error *err) MUST_CHECK;
/* Types out of what was inferred. `guess`: more rows will be looked at. */
void slots_settle(struct slots *slots, bool guess);
void slots_release(struct slots *slots);

#endif
