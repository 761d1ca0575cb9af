/* SPDX-License-Identifier: MIT */
/*
 * Which fields load writes: those named, in that order; else all but the ones that
 * only serve the pipe (roles origin, split, source), unless they are asked for.
 */
#ifndef SELECTION_H
#define SELECTION_H

#include <stdbool.h>

#include "batch.h"
#include "options.h"

struct selection_request {
	struct text_list columns;       /* comma lists of selectors; a name in backquotes is no selector */
	struct text_list with;          /* comma lists of roles */
	bool all;
};

struct selection {
	struct schema schema;           /* of the fields chosen */
	size_t *columns;                /* where they stand in the stream */
};

/* Before any input: roles are known, columns and roles do not contradict each other. */
int selection_check(const struct selection_request *request, struct error *err) MUST_CHECK;
int selection_make(struct selection *selection, const struct selection_request *request, const struct schema *schema,
                   struct error *err) MUST_CHECK;
/* The batch has the chosen columns only then, read; narrow: those that are narrow are checked, and stay so. room: for as many columns; from any
 * thread that has some of its own. */
int selection_apply(const struct selection *selection, struct batch *batch, bool narrow, struct column *room, struct error *err) MUST_CHECK;
void selection_release(struct selection *selection);

#endif
