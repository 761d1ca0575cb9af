/* SPDX-License-Identifier: MIT */
/* A table of (level, first block) finds a node's neighbour; a node that found it is merged and looked up again one level higher. */
#include "tree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { FIRST_SLOTS = 16, FIRST_NODES = 2 };     /* few: there may be a tree for each of thousands of columns */

void tree_init(struct tree *tree, size_t size, void (*merge)(void *left, void *right, void *state), void *state)
{
	*tree = (struct tree){ .size = size, .merge = merge, .state = state };
}

void tree_release(struct tree *tree)
{
	free(tree->places);
	free(tree->nodes);
	free(tree->slots);
	tree_init(tree, tree->size, tree->merge, tree->state);
}

/* ---- the table ---- */

static size_t home_of(const struct tree *tree, struct tree_place place)
{
	uint64_t hash = (place.first + place.level) * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(hash >> 32) & (tree->n_slots - 1);
}

/* The slot of the node at this place, or the free one where it would be. */
static size_t slot_of(const struct tree *tree, struct tree_place place)
{
	size_t at = home_of(tree, place);

	for (; tree->slots[at]; at = (at + 1) & (tree->n_slots - 1)) {
		const struct tree_place *one = &tree->places[tree->slots[at] - 1];

		if (one->first == place.first && one->level == place.level)
			break;
	}
	return at;
}

static void grow(struct tree *tree)
{
	free(tree->slots);
	tree->n_slots = tree->n_slots ? 2 * tree->n_slots : FIRST_SLOTS;
	tree->slots = mem_new(tree->n_slots, sizeof *tree->slots);
	for (size_t i = 0; i < tree->n; i++)
		tree->slots[slot_of(tree, tree->places[i])] = (uint32_t)i + 1;
}

/* Empties a slot; those behind it that would no longer be found move up. */
static void empty_slot(struct tree *tree, size_t at)
{
	size_t mask = tree->n_slots - 1;

	for (size_t next = (at + 1) & mask; tree->slots[next]; next = (next + 1) & mask) {
		size_t home = home_of(tree, tree->places[tree->slots[next] - 1]);

		if (((next - home) & mask) < ((next - at) & mask))
			continue;
		tree->slots[at] = tree->slots[next];
		at = next;
	}
	tree->slots[at] = 0;
}

static void put_node(struct tree *tree, struct tree_place place, const void *node)
{
	if (tree->n == tree->room) {
		tree->room = tree->room ? 2 * tree->room : FIRST_NODES;
		tree->places = mem_resize(tree->places, tree->room, sizeof *tree->places);
		tree->nodes = mem_resize(tree->nodes, tree->room, tree->size);
	}
	tree->places[tree->n] = place;
	memcpy(tree->nodes + tree->n * tree->size, node, tree->size);
	tree->n++;
	if (2 * tree->n > tree->n_slots)
		grow(tree);
	else
		tree->slots[slot_of(tree, place)] = (uint32_t)tree->n;
}

/* The node in a slot, copied to `node`, leaves the tree; the last one takes its place. */
static void take_node(struct tree *tree, size_t slot, void *node)
{
	size_t i = tree->slots[slot] - 1, last = tree->n - 1;

	memcpy(node, tree->nodes + i * tree->size, tree->size);
	empty_slot(tree, slot);
	if (i != last) {
		tree->slots[slot_of(tree, tree->places[last])] = (uint32_t)i + 1;
		tree->places[i] = tree->places[last];
		memcpy(tree->nodes + i * tree->size, tree->nodes + last * tree->size, tree->size);
	}
	tree->n = last;
}

/* ---- merging ---- */

static void swap(unsigned char *a, unsigned char *b, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char byte = a[i];

		a[i] = b[i];
		b[i] = byte;
	}
}

bool tree_pair(struct tree *tree, struct tree_place *place, void *node, void *other)
{
	uint64_t width = UINT64_C(1) << place->level;
	struct tree_place pair = { .first = place->first ^ width, .level = place->level };
	size_t slot = tree->n > 0 ? slot_of(tree, pair) : 0;

	if (tree->n == 0 || place->level >= TREE_LEVELS || !tree->slots[slot]) {
		put_node(tree, *place, node);
		return false;
	}
	take_node(tree, slot, other);
	if (pair.first < place->first)
		swap(node, other, tree->size);
	*place = (struct tree_place){ .first = place->first & ~width, .level = place->level + 1 };
	return true;
}

void tree_add(struct tree *tree, unsigned level, uint64_t number, const void *node)
{
	struct tree_place place = { .first = number << level, .level = level };
	unsigned char *mine = mem_array(2, tree->size), *other = mine + tree->size;

	memcpy(mine, node, tree->size);
	if (tree->n > 0 && tree->slots[slot_of(tree, place)]) {         /* a part of the same */
		take_node(tree, slot_of(tree, place), other);
		tree->merge(other, mine, tree->state);
		memcpy(mine, other, tree->size);
	}
	while (tree_pair(tree, &place, mine, other))
		tree->merge(mine, other, tree->state);
	free(mine);
}

bool tree_clashes(const struct tree *tree, unsigned level, uint64_t number)
{
	if (level > TREE_LEVELS || number >> (TREE_LEVELS - level) > 0)
		return true;
	for (size_t i = 0; i < tree->n; i++) {
		unsigned higher = level > tree->places[i].level ? level : tree->places[i].level;

		if (number << level >> higher == tree->places[i].first >> higher)
			return true;
	}
	return false;
}

void tree_take(struct tree *to, struct tree *from)
{
	assert(to->size == from->size);
	for (size_t i = 0; i < from->n; i++)
		tree_add(to, from->places[i].level, from->places[i].first >> from->places[i].level, tree_node(from, i));
	tree_release(from);
}

struct standing { struct tree_place place; const unsigned char *node; };

/* Places, or what begins with one. */
static int by_first(const void *a, const void *b)
{
	const struct tree_place *one = a, *other = b;

	if (one->first != other->first)
		return one->first < other->first ? -1 : 1;
	return (one->level > other->level) - (one->level < other->level);
}

/* n nodes, which are all of those within `level` at `first`, as one. */
static void fold(const struct tree *tree, const struct standing *standing, size_t n, uint64_t first, unsigned level, void *node)
{
	uint64_t middle = first + (UINT64_C(1) << (level ? level - 1 : 0));
	size_t n_left = 0;
	void *right;

	if (n == 1) {
		memcpy(node, standing->node, tree->size);
		return;
	}
	while (n_left < n && standing[n_left].place.first < middle)
		n_left++;
	if (level > 0 && (n_left == 0 || n_left == n)) {
		fold(tree, standing, n, n_left ? first : middle, level - 1, node);
		return;
	}
	right = mem_array(1, tree->size);

	if (level > 0) {
		fold(tree, standing, n_left, first, level - 1, node);
		fold(tree, standing + n_left, n - n_left, middle, level - 1, right);
	} else {                        /* a block, and nodes that hold a part of it */
		fold(tree, standing, 1, first, 0, node);
		fold(tree, standing + 1, n - 1, first, 0, right);
	}
	tree->merge(node, right, tree->state);
	free(right);
}

bool tree_finish(struct tree *tree, void *node)
{
	struct standing *standing;

	if (tree->n == 0)
		return false;
	standing = mem_array(tree->n, sizeof *standing);
	for (size_t i = 0; i < tree->n; i++)
		standing[i] = (struct standing){ tree->places[i], tree_node(tree, i) };
	qsort(standing, tree->n, sizeof *standing, by_first);
	fold(tree, standing, tree->n, 0, TREE_LEVELS, node);
	free(standing);
	tree_release(tree);
	put_node(tree, (struct tree_place){ .first = 0, .level = TREE_LEVELS }, node);
	return true;
}

bool tree_places_sound(object nodes)
{
	size_t n = array_size(nodes);
	struct tree_place *places = mem_array(n, sizeof *places);
	bool sound = nodes && nodes->type == MSGPACK_OBJECT_ARRAY;

	for (size_t i = 0; sound && i < n; i++) {
		object node = array_get(nodes, i);
		uint64_t level, number;

		sound = object_uint(array_get(node, 0), &level) && object_uint(array_get(node, 1), &number) && level <= TREE_LEVELS &&
		        number >> (TREE_LEVELS - level) == 0;
		if (sound)
			places[i] = (struct tree_place){ .first = number << level, .level = (unsigned)level };
	}
	if (sound && n)
		qsort(places, n, sizeof *places, by_first);
	for (size_t i = 1; sound && i < n; i++)
		sound = places[i].first >> places[i - 1].level != places[i - 1].first >> places[i - 1].level;
	free(places);
	return sound;
}
