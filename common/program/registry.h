/* SPDX-License-Identifier: MIT */
/*
 * Kinds of things that are a file and a line each: steps, sources, sinks, families of
 * models, metrics. A member is one file, step_scale.c, which ends in one
 * `const struct step_kind step_scale`. Its line stands in the list of its kind, in the
 * order in which help, man page and completion show the members:
 *
 *     #define STEPS(REGISTER) \                     steps.h
 *             REGISTER(step, cast) \
 *             REGISTER(step, scale)
 *
 *     REGISTRY(step, STEPS)                         step.c
 *
 * The second gives that file
 *
 *     kinds, N_KINDS      the members in the list's order: const struct step_kind *const []
 *     registry            the same, to be looked up by name
 *
 * A kind's struct begins with the member's name, a const char *.
 */
#ifndef REGISTRY_H
#define REGISTRY_H

#include <stddef.h>

#include "error.h"

struct registry { const void *const *members; size_t n; };

#define REGISTRY_DECLARE(kind, name) extern const struct kind##_kind kind##_##name;
#define REGISTRY_MEMBER(kind, name) &kind##_##name,
#define REGISTRY(kind, LIST) \
	LIST(REGISTRY_DECLARE) \
	static const struct kind##_kind *const kinds[] = { LIST(REGISTRY_MEMBER) }; \
	enum { N_KINDS = sizeof kinds / sizeof kinds[0] }; \
	static const void *const registry_members[] = { LIST(REGISTRY_MEMBER) }; \
	static const struct registry registry = { registry_members, N_KINDS };

const void *registry_find(const struct registry *registry, const char *name);   /* NULL: none */
/* NULL and err, a usage error: what `format` makes ("no metric 'mea'"), and the name that was nearly given ("(did you mean 'mae'?)"). */
const void *registry_require(const struct registry *registry, const char *name, struct error *err, const char *format, ...)
	FORMAT(4, 5);

#endif
