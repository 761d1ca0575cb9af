/* SPDX-License-Identifier: MIT */
/*
 * The expression language: typed, null-aware, computed column by column over a
 * batch. No I/O, no loops, no shell. transform/recipe.5 lists the functions.
 *
 * Life: expression_parse (text -> tree) -> expression_check (tree + fields: types,
 * columns found) -> expression_run (a batch -> a column). Once checked it is constant:
 * several threads may run it at once, each over a batch of its own.
 *
 * Nulls: an operator or function of a null gives null, but for `and`/`or` (false
 * and null is false, true or null is true), `in`, if, coalesce, nullif, is_null. A
 * condition that is null is neither true nor false: if() of it is null. Arithmetic
 * that has no answer (0/0, log of -1, overflow of int or real, text that is no
 * number) gives null and is counted, where it reaches the result.
 */
#ifndef EXPRESSION_H
#define EXPRESSION_H

#include "arena.h"
#include "batch.h"
#include "buffer.h"
#include "error.h"
#include "names.h"
#include "schema.h"

struct expression;

/* Parses text from byte `at`; with `stop` (a word such as "else") it ends before that word outside of parentheses and *end says where.
 * On error err holds the message and *error_at the byte of text. */
struct expression *expression_parse(const char *text, size_t at, const char *stop, size_t *end, size_t *error_at, struct error *err);
void expression_free(struct expression *expression);

/* The names that it reads, in order of appearance, each once. */
void expression_reads(const struct expression *expression, struct names *names);

/* Whether a real in the place of an int that is read under this name gives a result of the same kind: it is nowhere made text of, and
 * nowhere must be an int. */
bool expression_takes_real(const struct expression *expression, const char *name);

/* Finds the columns and settles the types; *type is that of the result. */
int expression_check(struct expression *expression, const struct schema *schema, enum type *type, size_t *error_at, struct error *err) MUST_CHECK;
/* After the check: the form of a time, and of a plain name; the unit of a number; NULL where neither columns nor functions tell one. */
const char *expression_form(const struct expression *expression);
const char *expression_unit(const struct expression *expression);

/* The result for all rows of a batch that follows the checked schema: a column to be put, or dropped; for a plain name it shares all
 * with the column of that name. Values on the way lie in `scratch`. *no_answer is increased by the number of rows that are null
 * because arithmetic had no answer. After a failure there is no result to drop. */
int expression_run(const struct expression *expression, struct batch *batch, struct arena *scratch, struct column *result,
                   uint64_t *no_answer, struct error *err) MUST_CHECK;

/* One line per function and operator, for --help and the manual. */
void expression_help(struct buffer *to);

#endif
