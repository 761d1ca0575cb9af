/* SPDX-License-Identifier: MIT */
/*
 * The index is a table of places + 1 in open addressing over XXH3 of the name,
 * at most half full, kept from the seventeenth name on. Only the first place of a
 * name is in it.
 */
#include "names.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "memory.h"

enum { FEW = 16, FIRST_SLOTS = 64 };

/* The slot that holds the name, or the empty one where it belongs. */
static size_t slot_of(const struct names *names, const char *name)
{
	size_t mask = names->n_slots - 1, slot = XXH3_64bits(name, strlen(name)) & mask;

	while (names->slots[slot] && strcmp(names->items[names->slots[slot] - 1], name) != 0)
		slot = (slot + 1) & mask;
	return slot;
}

static void index_add(struct names *names, size_t i)
{
	size_t slot = slot_of(names, names->items[i]);

	if (!names->slots[slot])
		names->slots[slot] = (uint32_t)i + 1;
}

static void index_make(struct names *names)
{
	size_t n_slots = FIRST_SLOTS;

	free(names->slots);
	names->slots = NULL;
	names->n_slots = 0;
	if (names->n <= FEW)
		return;
	while (n_slots < 4 * names->n)
		n_slots *= 2;
	names->slots = mem_new(n_slots, sizeof *names->slots);
	names->n_slots = n_slots;
	for (size_t i = 0; i < names->n; i++)
		index_add(names, i);
}

void names_take(struct names *names, char *owned)
{
	array_grow(names->items, names->n, names->room);
	names->items[names->n++] = owned;
	if (names->slots && 2 * names->n <= names->n_slots)
		index_add(names, names->n - 1);
	else if (names->n > FEW)
		index_make(names);
}

void names_add(struct names *names, const char *name)
{
	names_take(names, mem_text(name));
}

size_t names_find(const struct names *names, const char *name)
{
	if (names->slots) {
		size_t slot = slot_of(names, name);

		return names->slots[slot] ? names->slots[slot] - 1 : NO_NAME;
	}
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->items[i], name) == 0)
			return i;
	return NO_NAME;
}

bool names_have(const struct names *names, const char *name)
{
	return names_find(names, name) != NO_NAME;
}

bool names_add_new(struct names *names, const char *name)
{
	if (names_have(names, name))
		return false;
	names_add(names, name);
	return true;
}

bool names_overlap(const struct names *a, const struct names *b)
{
	const struct names *few = a->n < b->n ? a : b, *many = few == a ? b : a;

	for (size_t i = 0; i < few->n; i++)
		if (names_have(many, few->items[i]))
			return true;
	return false;
}

void names_copy(struct names *to, const struct names *from)
{
	*to = (struct names){ .n = from->n, .room = from->n, .n_slots = from->n_slots };
	if (from->n == 0)
		return;
	to->items = mem_array(from->n, sizeof *to->items);
	for (size_t i = 0; i < from->n; i++)
		to->items[i] = mem_text(from->items[i]);
	if (from->slots) {
		to->slots = mem_array(from->n_slots, sizeof *to->slots);
		memcpy(to->slots, from->slots, from->n_slots * sizeof *to->slots);
	}
}

void names_print(const struct names *names, size_t most, struct buffer *to)
{
	for (size_t i = 0; i < names->n && i < most; i++)
		buffer_format(to, "%s%s", i ? ", " : "", names->items[i]);
	if (names->n > most)
		buffer_format(to, " and %zu more", names->n - most);
}

void names_release(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->items[i]);
	free(names->items);
	free(names->slots);
	*names = (struct names){ .items = NULL };
}
