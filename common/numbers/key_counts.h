/* SPDX-License-Identifier: MIT */
/*
 * Keys of which few are different, and how often each came: most columns of numbers are
 * such, however many rows there are.
 *
 *     a zeroed struct key_counts -> key_counts_add... -> key_counts_select, or a look at all slots
 */
#ifndef KEY_COUNTS_H
#define KEY_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEY_BITS = 12, KEY_SLOTS = 1 << KEY_BITS, MOST_KEYS = KEY_SLOTS / 2 };

struct key_counts { size_t n; struct key_count { uint64_t key, count; } slots[KEY_SLOTS]; };    /* count 0: free */

/* times > 0. False, and nothing is added: it is another key, and there are MOST_KEYS already. */
static inline bool key_counts_add(struct key_counts *counts, uint64_t key, uint64_t times)
{
	size_t at = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> (64 - KEY_BITS));

	while (counts->slots[at].count && counts->slots[at].key != key)
		at = (at + 1) % KEY_SLOTS;
	if (!counts->slots[at].count) {
		if (counts->n == MOST_KEYS)
			return false;
		counts->n++;
		counts->slots[at].key = key;
	}
	counts->slots[at].count += times;
	return true;
}

/* The rank-th smallest of all that were added, the smallest being 0; rank is less than their number. */
uint64_t key_counts_select(const struct key_counts *counts, uint64_t rank);

#endif
