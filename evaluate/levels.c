/* SPDX-License-Identifier: MIT */
/* A hash table with open addressing, at most half full, so a look-up is a step or two. Hashes are kept: growing compares no bytes. */
#include "levels.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "memory.h"

enum { FIRST_SLOTS = 64 };

void levels_start(struct levels *levels, size_t cap)
{
	*levels = (struct levels){ .cap = cap, .n_slots = FIRST_SLOTS, .slots = mem_new(FIRST_SLOTS, sizeof(uint32_t)) };
}

static void place(struct levels *levels, uint32_t item)
{
	size_t slot = levels->items[item].hash & (levels->n_slots - 1);
	while (levels->slots[slot])
		slot = (slot + 1) & (levels->n_slots - 1);
	levels->slots[slot] = item + 1;
}

static void widen(struct levels *levels)
{
	free(levels->slots);
	levels->n_slots *= 2;
	levels->slots = mem_new(levels->n_slots, sizeof *levels->slots);
	for (size_t i = 0; i < levels->n; i++)
		place(levels, (uint32_t)i);
}

uint32_t levels_add(struct levels *levels, const char *bytes, size_t size, uint64_t count)
{
	uint64_t hash = XXH3_64bits(bytes, size);
	for (size_t slot = hash & (levels->n_slots - 1); levels->slots[slot]; slot = (slot + 1) & (levels->n_slots - 1)) {
		struct level *level = &levels->items[levels->slots[slot] - 1];
		if (level->hash == hash && level->size == size && memcmp(level->bytes, bytes, size) == 0) {
			level->count += count;
			return levels->slots[slot] - 1;
		}
	}
	if (levels->n == levels->cap) {
		levels->full = true;
		return NO_LEVEL;
	}
	if (2 * (levels->n + 1) > levels->n_slots)
		widen(levels);
	array_grow(levels->items, levels->n, levels->room);
	levels->items[levels->n] = (struct level){ arena_text(&levels->arena, bytes, size), size, hash, count };
	place(levels, (uint32_t)levels->n);
	return (uint32_t)levels->n++;
}

static int compare_bytes(const struct level *a, const struct level *b)
{
	int order = memcmp(a->bytes, b->bytes, a->size < b->size ? a->size : b->size);
	return order ? order : (a->size > b->size) - (a->size < b->size);
}
static int compare_counts(const struct level *a, const struct level *b)
{
	return a->count != b->count ? (a->count < b->count ? 1 : -1) : compare_bytes(a, b);
}

/* qsort hands no context on: pointers to the items are sorted, and their places taken from them. */
static int by_bytes(const void *a, const void *b)
{
	return compare_bytes(*(const struct level *const *)a, *(const struct level *const *)b);
}
static int by_count(const void *a, const void *b)
{
	return compare_counts(*(const struct level *const *)a, *(const struct level *const *)b);
}

static void sort(const struct levels *levels, uint32_t *order, int (*compare)(const void *, const void *))
{
	const struct level **sorted = mem_array(levels->n, sizeof *sorted);
	for (size_t i = 0; i < levels->n; i++)
		sorted[i] = &levels->items[i];
	qsort(sorted, levels->n, sizeof *sorted, compare);
	for (size_t i = 0; i < levels->n; i++)
		order[i] = (uint32_t)(sorted[i] - levels->items);
	free(sorted);
}

void levels_by_bytes(const struct levels *levels, uint32_t *order)
{
	sort(levels, order, by_bytes);
}
void levels_by_count(const struct levels *levels, uint32_t *order)
{
	sort(levels, order, by_count);
}

void levels_release(struct levels *levels)
{
	free(levels->items);
	free(levels->slots);
	arena_free(&levels->arena);
	*levels = (struct levels){ .items = NULL };
}
