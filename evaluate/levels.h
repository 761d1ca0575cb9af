/* SPDX-License-Identifier: MIT */
/* Different values and how often each came, exactly, up to a cap: labels of classes, levels of a column. */
#ifndef LEVELS_H
#define LEVELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

#define NO_LEVEL UINT32_MAX

struct level { const char *bytes; size_t size; uint64_t hash, count; };
struct levels {
	struct level *items;            /* in the order of their first coming */
	size_t n, room, cap;
	uint32_t *slots;                /* open addressing: item + 1, or 0 */
	size_t n_slots;
	bool full;                      /* a value beyond the cap came: n and counts are of what was kept */
	struct arena arena;
};

void levels_start(struct levels *levels, size_t cap);
/* Counts a value `count` times more and gives its number; NO_LEVEL if it would be one too many. */
uint32_t levels_add(struct levels *levels, const char *bytes, size_t size, uint64_t count);
/* Numbers of the items in byte order of their values, or by count (the most frequent first, ties in byte order). `order` holds n. */
void levels_by_bytes(const struct levels *levels, uint32_t *order);
void levels_by_count(const struct levels *levels, uint32_t *order);
void levels_release(struct levels *levels);

#endif
