/* SPDX-License-Identifier: MIT */
/*
 * Levels of a column that were learned, as a unit's state holds them and as they are
 * looked up: those that are told apart, by number, and of the others, which are rare, a
 * hash each, so that a level can be told that was not there at all.
 *
 *     known_levels_pack: `levels`, a list of texts in order of their numbers (nil before the fit), and where there are rare
 *     ones `rare`, their sorted hashes (nil: there were too many to keep)
 *     a zeroed struct known_levels -> known_levels_read -> distinct_look in `levels`, known_levels_count_unseen -> known_levels_release
 *
 * Constant once read: workers share it.
 */
#ifndef KNOWN_LEVELS_H
#define KNOWN_LEVELS_H

#include "distinct.h"
#include "step.h"

enum { TYPES_LEVELS = 1 << TYPE_INT | 1 << TYPE_BOOL | 1 << TYPE_TEXT };

/* Levels that were there and are not told apart: sorted hashes of what they print. */
struct rare_levels { uint64_t *hashes; size_t n; };
void rare_levels_hash(struct rare_levels *rare, const void *text, size_t size); /* adds one; there is room for it */
void rare_levels_sort(struct rare_levels *rare);

/* What a fit came to: n levels in order of their numbers, and the others. */
struct chosen_levels { const struct distinct *all; uint32_t *numbers; size_t n; struct rare_levels rare; };
/* The entries of a map; how many they are. NULL: before the fit. */
size_t known_levels_entries(const struct chosen_levels *chosen);
void known_levels_pack(struct buffer *to, const struct chosen_levels *chosen);

struct known_levels {
	struct distinct levels;         /* by number */
	struct rare_levels rare;
	bool many_rare;                 /* too many to tell what was not there */
	bool learned;                   /* false: before the fit, without any level */
	char *column;
};

/* Of a unit's state: the levels of the column that it reads first, of that type. To be released, also after -1: broken. */
int known_levels_read(struct known_levels *known, const struct unit *unit, enum type type, const struct unpacked *state, struct error *err) MUST_CHECK;
void known_levels_release(struct known_levels *known);          /* fine on a zeroed one, and twice */
/* Counts and shows the values of a replayed batch that were not there in learning: of the column `col`, which is read, those without a
 * number that are not rare; and the nulls, where nothing was learned for them. */
void known_levels_count_unseen(const struct known_levels *known, const struct batch *batch, size_t col, const uint32_t *numbers, bool nulls,
                               struct work *work);

#endif
