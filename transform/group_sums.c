/* SPDX-License-Identifier: MIT */
/* Lists are ascending by group, so that two are merged in one walk. */
#include "group_sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

struct group_node { struct group_sum *items; size_t n; };

static void merge(void *left, void *right, void *state)
{
	struct group_node *a = left, *b = right, both = { .items = mem_array(a->n + b->n, sizeof *both.items) };
	size_t i = 0, k = 0;

	(void)state;
	while (i < a->n && k < b->n) {
		struct group_sum *to = &both.items[both.n++];

		if (a->items[i].group < b->items[k].group) {
			*to = a->items[i++];
		} else if (b->items[k].group < a->items[i].group) {
			*to = b->items[k++];
		} else {
			*to = a->items[i++];
			to->n += b->items[k].n;
			to->sum += b->items[k++].sum;
		}
	}
	while (i < a->n)
		both.items[both.n++] = a->items[i++];
	while (k < b->n)
		both.items[both.n++] = b->items[k++];
	both.items = mem_resize(both.items, both.n, sizeof *both.items);
	free(a->items);
	free(b->items);
	*a = both;
}

void group_sums_init(struct group_sums *sums)
{
	*sums = (struct group_sums){ .n_open = 0 };
	tree_init(&sums->tree, sizeof(struct group_node), merge, NULL);
}

static struct group_node *node_of(const struct group_sums *sums, size_t i)
{
	return (struct group_node *)(void *)(sums->tree.nodes + i * sums->tree.size);
}

void group_sums_release(struct group_sums *sums)
{
	for (size_t i = 0; i < sums->tree.n; i++)
		free(node_of(sums, i)->items);
	tree_release(&sums->tree);
	free(sums->open);
	free(sums->lost);
	free(sums->places);
	group_sums_init(sums);
}

static int compare_groups(const void *a, const void *b)
{
	const struct group_sum *left = a, *right = b;

	return (left->group > right->group) - (left->group < right->group);
}

/* The node takes the list. */
static void add_node(struct group_sums *sums, unsigned level, uint64_t number, const struct group_node *node)
{
	tree_add(&sums->tree, level, number, node);
}

/* The open block's groups, ascending. */
static struct group_node leaf_of(const struct group_sums *sums)
{
	struct group_node leaf = { .items = mem_array(sums->n_open, sizeof *leaf.items), .n = sums->n_open };

	for (size_t i = 0; i < leaf.n; i++) {
		leaf.items[i] = sums->open[i];
		leaf.items[i].sum += sums->lost[i];
	}
	qsort(leaf.items, leaf.n, sizeof *leaf.items, compare_groups);
	return leaf;
}

static void close_leaf(struct group_sums *sums)
{
	struct group_node leaf;

	if (sums->n_open == 0)
		return;
	leaf = leaf_of(sums);
	for (size_t i = 0; i < sums->n_open; i++)
		sums->places[sums->open[i].group] = 0;
	sums->n_open = 0;
	add_node(sums, 0, sums->block, &leaf);
}

static void make_room(struct group_sums *sums, uint32_t group)
{
	size_t n = 2 * ((size_t)group + 1);

	if (!sums->open) {
		sums->open = mem_array(BLOCK_ROWS, sizeof *sums->open);
		sums->lost = mem_array(BLOCK_ROWS, sizeof *sums->lost);
	}
	if (group < sums->n_places)
		return;
	sums->places = mem_resize(sums->places, n, sizeof *sums->places);
	memset(sums->places + sums->n_places, 0, (n - sums->n_places) * sizeof *sums->places);
	sums->n_places = n;
}

void group_sums_add(struct group_sums *sums, uint64_t block, uint32_t group, double value)
{
	size_t at;
	double sum, total;

	make_room(sums, group);
	if (block != sums->block || (sums->n_open == BLOCK_ROWS && !sums->places[group]))
		close_leaf(sums);
	sums->block = block;
	if (!sums->places[group]) {
		sums->open[sums->n_open] = (struct group_sum){ .group = group };
		sums->lost[sums->n_open] = 0;
		sums->places[group] = (uint32_t)++sums->n_open;
	}

	at = sums->places[group] - 1;
	sum = sums->open[at].sum;
	total = sum + value;

	sums->lost[at] += fabs(sum) >= fabs(value) ? (sum - total) + value : (value - total) + sum;
	sums->open[at].sum = total;
	sums->open[at].n++;
}

void group_sums_merge(struct group_sums *to, struct group_sums *from, const uint32_t *groups)
{
	close_leaf(to);
	close_leaf(from);
	for (size_t i = 0; i < from->tree.n; i++) {
		struct group_node *node = node_of(from, i);

		for (size_t k = 0; k < node->n; k++)
			node->items[k].group = groups[node->items[k].group];
		qsort(node->items, node->n, sizeof *node->items, compare_groups);
	}
	tree_take(&to->tree, &from->tree);
}

const struct group_sum *group_sums_finish(struct group_sums *sums, size_t *n)
{
	struct group_node all = { .n = 0 };

	close_leaf(sums);
	tree_finish(&sums->tree, &all);
	*n = all.n;
	return all.items;
}

size_t group_sums_memory(size_t n_groups)
{
	return n_groups * (2 * sizeof(struct group_sum) + sizeof(uint32_t));
}

/* ---- as bytes: [[level, number, groups, counts, sums]...]: bins of 4, 8 and 8 bytes each ---- */

enum { NODE_PARTS = 5 };

static void pack_node(struct buffer *to, unsigned level, uint64_t number, const struct group_node *node)
{
	struct buffer parts[3] = { BUFFER_INIT, BUFFER_INIT, BUFFER_INIT };

	for (size_t i = 0; i < node->n; i++) {
		buffer_add(&parts[0], &node->items[i].group, sizeof node->items[i].group);
		buffer_add(&parts[1], &node->items[i].n, sizeof node->items[i].n);
		buffer_add(&parts[2], &node->items[i].sum, sizeof node->items[i].sum);
	}
	pack_array(to, NODE_PARTS);
	pack_uint(to, level);
	pack_uint(to, number);
	for (size_t i = 0; i < 3; i++) {
		pack_bytes(to, buffer_text(&parts[i]), parts[i].size);
		buffer_free(&parts[i]);
	}
}

void group_sums_pack(const struct group_sums *sums, struct buffer *to)
{
	const struct tree *tree = &sums->tree;

	pack_array(to, tree->n + (sums->n_open > 0));
	for (size_t i = 0; i < tree->n; i++)
		pack_node(to, tree_level(tree, i), tree_number(tree, i), node_of(sums, i));
	if (sums->n_open > 0) {
		struct group_node leaf = leaf_of(sums);

		pack_node(to, 0, sums->block, &leaf);
		free(leaf.items);
	}
}

static bool is_bin(object value, size_t size) { return value && value->type == MSGPACK_OBJECT_BIN && value->via.bin.size == size; }

/* The list of a packed node; NULL: broken. */
static struct group_sum *unpack_list(object from, size_t n, size_t n_groups)
{
	object groups = array_get(from, 2), counts = array_get(from, 3), totals = array_get(from, 4);
	struct group_sum *items;

	if (n == 0 || !is_bin(groups, n * sizeof items->group) || !is_bin(counts, n * sizeof items->n) || !is_bin(totals, n * sizeof items->sum))
		return NULL;
	items = mem_array(n, sizeof *items);
	for (size_t i = 0; i < n; i++) {
		memcpy(&items[i].group, groups->via.bin.ptr + i * sizeof items->group, sizeof items->group);
		memcpy(&items[i].n, counts->via.bin.ptr + i * sizeof items->n, sizeof items->n);
		memcpy(&items[i].sum, totals->via.bin.ptr + i * sizeof items->sum, sizeof items->sum);
		if (items[i].group >= n_groups || items[i].n == 0 || (i > 0 && items[i].group <= items[i - 1].group)) {
			free(items);
			return NULL;
		}
	}
	return items;
}

bool group_sums_unpack(struct group_sums *sums, size_t n_groups, object from)
{
	if (!tree_places_sound(from))
		return false;
	for (size_t i = 0; i < array_size(from); i++) {
		object one = array_get(from, i), groups = array_get(one, 2);
		struct group_node node = { .n = 0 };
		uint64_t level, number;

		if (array_size(one) != NODE_PARTS || !object_uint(array_get(one, 0), &level) || !object_uint(array_get(one, 1), &number))
			return false;
		node.n = groups->type == MSGPACK_OBJECT_BIN ? groups->via.bin.size / sizeof node.items->group : 0;
		node.items = unpack_list(one, node.n, n_groups);
		if (!node.items)
			return false;
		add_node(sums, (unsigned)level, number, &node);
	}
	return true;
}
