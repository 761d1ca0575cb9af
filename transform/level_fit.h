/* SPDX-License-Identifier: MIT */
/*
 * How the levels of a column are learned: which there are, how many rows each has, and
 * which are told apart. A step's fit begins with a struct level_fit; then fit_update,
 * fit_merge, fit_pack and fit_unpack of its kind are those below. Values are kept whole, so the
 * limit of memory is an error that names the column.
 *
 *     level_fit_start -> (level_fit_update | level_fit_merge | level_fit_unpack)... -> level_fit_choose -> chosen_levels_release -> level_fit_release
 */
#ifndef LEVEL_FIT_H
#define LEVEL_FIT_H

#include "known_levels.h"

/* What is told apart: levels with `min` rows, of these the `max` most frequent (ties: byte order); 0: all. */
struct level_limits { int64_t min, max; };
/* Its entries of a state, `min` and `max`; false: they are not there. */
enum { LEVEL_LIMITS_ENTRIES = 2 };
void level_limits_pack(struct buffer *to, const struct level_limits *limits);
bool level_limits_read(struct level_limits *limits, const struct unpacked *state);

struct level_fit {
	struct distinct levels;
	struct level_limits limits;     /* the caller's */
	size_t col;
	uint64_t memory;
	char *name;                     /* of the column */
	uint32_t *counts;               /* scratch: of a dictionary's entries */
	size_t room;
};

/* For the column that the unit reads first, of a type that has levels. To be released, also after -1. */
int level_fit_start(struct level_fit *fit, const struct unit *unit, const struct schema *schema, const struct step_limits *limits,
                    struct error *err) MUST_CHECK;
void level_fit_release(struct level_fit *fit);          /* fine on a zeroed one, and twice */
/* As in struct step_kind. */
int level_fit_update(void *fit, struct batch *batch, const uint64_t *rows, struct error *err);
int level_fit_merge(void *fit, void *other, struct error *err);
int level_fit_pack(const void *fit, struct buffer *to, struct error *err);
int level_fit_unpack(void *fit, object from, struct error *err);

enum level_order { LEVELS_BY_BYTES, LEVELS_BY_COUNT };          /* by count: the most frequent first */
/* What is told apart, in this order, and what is rare. rest: a text that is rare whatever its rows; may be NULL. The fit outlives it. */
struct chosen_levels level_fit_choose(const struct level_fit *fit, enum level_order order, const char *rest);
void chosen_levels_release(struct chosen_levels *chosen);

#endif
