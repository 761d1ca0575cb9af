/* SPDX-License-Identifier: MIT */
/* What the steps with a keyword (`cast km as int`) or an expression share at bind and at open. */
#ifndef BINDING_H
#define BINDING_H

#include "expression.h"
#include "step.h"

/* Where a bare word stands behind the step's name; 0: nowhere. */
size_t arguments_find(const struct arguments *arguments, const char *word);
/* bind_columns on words 1 .. n_words - 1 only. */
int bind_columns_before(struct binding *binding, size_t n_words, struct names *names, struct error *err);
/* BIND_DONE if all columns have one of the types; else the first that has not is named, with `advice`. */
int bind_types(const struct binding *binding, const struct names *names, unsigned types, const char *advice, struct error *err);

/* A unit for each column, which reads it and, in_place, writes it; all have the state (taken over; empty or NULL: none). The first of them. */
struct unit *bind_units(struct binding *binding, const char *kind, const struct names *columns, bool in_place, struct buffer *state);
/* The columns of a step that learns levels (known_levels.h), all of a type that has some; *as: its option of that name. */
int bind_level_columns(struct binding *binding, const struct option_row *rows, void *config, const char *const *as, struct names *names,
                       struct error *err);

/*
 * The expression in the step's line from byte `at` on, up to the bare word `stop` (NULL: to the end). BIND_DONE: *text is a copy
 * of it, *end the byte behind, `reads` the names that it reads, *type its type. BIND_WAIT: it reads a field that may come.
 */
struct bound_expression { char *text; size_t end; struct names reads; enum type type; };
int bind_expression(struct binding *binding, size_t at, const char *stop, struct bound_expression *bound, struct error *err);
void bound_expression_release(struct bound_expression *bound);

/* The expression under `key` of a unit's state, checked against the fields; NULL and err. */
struct expression *open_expression(const struct unit *unit, const char *key, const struct schema *schema, enum type *type, struct error *err);
/* takes_real: what the expression under that key computes is no text of the name, nor does it ask it for an int. */
bool expression_of_state_takes_real(const struct unit *unit, const char *key, const char *name);

#endif
