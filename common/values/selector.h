/* SPDX-License-Identifier: MIT */
/*
 * Which columns a user means, resolved to names at one place in the list of steps:
 *
 *     km  `Time taken`   a name: any field, whatever its role
 *     lat_*  q[12]       a glob: features only
 *     :number :text ...  a type (:number is int and real): features only
 *     @id @source ...    a role
 *     *                  all features
 *     !x                 without what x matches (a name, glob, type or role)
 *
 * Matches come in the order of the words, then of the schema, each once. Only
 * exclusions mean: all features but these.
 */
#ifndef SELECTOR_H
#define SELECTOR_H

#include "buffer.h"
#include "error.h"
#include "names.h"
#include "schema.h"

/* Appends the name as a step takes it: in backquotes unless it is a plain word that no step could take for an option. */
void selector_print_name(struct buffer *to, const char *name);

struct selector_word { const char *text; bool quoted; };        /* quoted: taken as a name, no glob, no sign */

/* Whether a word's matches could change when features of some more `types` (1 << TYPE_X) appear: globs, `*`, @feature, exclusions,
 * and :bool, :number ... if it is of these. types 0: never. */
bool selector_open(const struct selector_word *words, size_t n, unsigned types);
/* Appends to `names`. An unknown name is an error ("did you mean"); so is a word that matches nothing. */
int selector_resolve(const struct selector_word *words, size_t n, const struct schema *schema, struct names *names,
                     struct error *err) MUST_CHECK;

/* Whether that is every feature, in the order of the schema, of words that are not all names: told without a list of what they match. */
bool selector_is_all(const struct selector_word *words, size_t n, const struct schema *schema);

/* The first word that fails by itself; n: none does. In the time of selector_resolve. */
size_t selector_fault(const struct selector_word *words, size_t n, const struct schema *schema);

/* The same as selector_resolve, but a glob, a type, `*` and what is left by exclusions match fields of these roles (1 << ROLE_X). */
int selector_resolve_roles(const struct selector_word *words, size_t n, const struct schema *schema, unsigned roles, struct names *names,
                           struct error *err) MUST_CHECK;

#endif
