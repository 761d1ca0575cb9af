/* SPDX-License-Identifier: MIT */
#include "trees.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* ---- growing ---- */

void trees_init(struct trees *trees, const struct bins *bins, size_t n_outputs, size_t width)
{
	*trees = (struct trees){ .n_outputs = n_outputs, .width = width };
	bins_copy(&trees->bins, bins);
}

/* Room for `more` behind n, by doubling. */
static size_t room_for(size_t room, size_t n, size_t more)
{
	while (room < n + more)
		room = room ? 2 * room : 64;
	return room;
}

static void make_room(struct trees *trees, const struct tree_draft *draft)
{
	size_t nodes = room_for(trees->nodes_room, trees->n_nodes, draft->n_nodes);
	size_t values = room_for(trees->values_room, trees->n_values, draft->n_leaves * trees->width);
	size_t sets = room_for(trees->sets_room, trees->n_sets, draft->n_sets);

	array_grow(trees->trees, trees->n_trees, trees->trees_room);
	if (nodes > trees->nodes_room) {
		trees->nodes = mem_resize(trees->nodes, nodes, sizeof *trees->nodes);
		trees->covers = mem_resize(trees->covers, nodes, sizeof *trees->covers);
		trees->gains = mem_resize(trees->gains, nodes, sizeof *trees->gains);
		trees->nodes_room = nodes;
	}
	if (values > trees->values_room)
		trees->values = mem_resize(trees->values, trees->values_room = values, sizeof *trees->values);
	if (sets > trees->sets_room)
		trees->sets = mem_resize(trees->sets, trees->sets_room = sets, sizeof *trees->sets);
}

/* A tree's depth, whether it has levels; its inner nodes' covers. */
static void look_at(struct trees *trees, struct grown_tree *tree)
{
	const struct grown_node *nodes = &trees->nodes[tree->first];
	float *covers = &trees->covers[tree->first];
	uint32_t *depths = mem_new(tree->n_nodes, sizeof *depths);

	tree->depth = 0;
	tree->by_level = false;
	for (size_t i = 0; i < tree->n_nodes; i++) {
		tree->depth = depths[i] > tree->depth ? depths[i] : tree->depth;
		tree->by_level |= nodes[i].kind == NODE_LEVELS;
		if (nodes[i].kind != NODE_LEAF)
			depths[i + 1] = depths[i + nodes[i].right] = depths[i] + 1;
	}
	for (size_t i = tree->n_nodes; i-- > 0;)
		if (nodes[i].kind != NODE_LEAF)
			covers[i] = covers[i + 1] + covers[i + nodes[i].right];
	assert(tree->depth <= MAX_TREE_DEPTH);
	free(depths);
}

void trees_add(struct trees *trees, const struct tree_draft *draft)
{
	struct grown_tree tree = { .first = trees->n_nodes, .n_nodes = draft->n_nodes, .first_value = trees->n_values, .first_set = trees->n_sets, .output = draft->output };

	assert(!trees->pruned && draft->n_nodes + 1 == 2 * draft->n_leaves);
	make_room(trees, draft);
	memcpy(&trees->nodes[tree.first], draft->nodes, draft->n_nodes * sizeof *draft->nodes);
	memcpy(&trees->covers[tree.first], draft->covers, draft->n_nodes * sizeof *draft->covers);
	memcpy(&trees->gains[tree.first], draft->gains, draft->n_nodes * sizeof *draft->gains);
	memcpy(&trees->values[tree.first_value], draft->values, draft->n_leaves * trees->width * sizeof *draft->values);
	if (draft->n_sets > 0)
		memcpy(&trees->sets[tree.first_set], draft->sets, draft->n_sets * sizeof *draft->sets);
	trees->n_nodes += draft->n_nodes;
	trees->n_values += draft->n_leaves * trees->width;
	trees->n_sets += draft->n_sets;
	look_at(trees, &tree);
	trees->trees[trees->n_trees++] = tree;
}

static void *copy_of(const void *items, size_t n, size_t size)
{
	void *copy = mem_array(n + 1, size);

	if (n > 0)
		memcpy(copy, items, n * size);
	return copy;
}

void trees_copy(struct trees *to, const struct trees *from)
{
	*to = *from;
	bins_copy(&to->bins, &from->bins);
	to->trees = copy_of(from->trees, from->n_trees, sizeof *from->trees);
	to->nodes = copy_of(from->nodes, from->n_nodes, sizeof *from->nodes);
	to->covers = copy_of(from->covers, from->n_nodes, sizeof *from->covers);
	to->gains = copy_of(from->gains, from->n_nodes, sizeof *from->gains);
	to->values = copy_of(from->values, from->n_values, sizeof *from->values);
	to->sets = copy_of(from->sets, from->n_sets, sizeof *from->sets);
	to->trees_room = from->n_trees;
	to->nodes_room = from->n_nodes;
	to->values_room = from->n_values;
	to->sets_room = from->n_sets;
	to->used = NULL;
	to->steps = NULL;
	if (from->pruned) {
		to->used = copy_of(from->used, from->n_used, sizeof *from->used);
		trees_settle(to);
	}
}

void trees_release(struct trees *trees)
{
	bins_release(&trees->bins);
	free(trees->trees);
	free(trees->nodes);
	free(trees->covers);
	free(trees->gains);
	free(trees->values);
	free(trees->sets);
	free(trees->used);
	free(trees->steps);
	*trees = (struct trees){ .n_trees = 0 };
}

/* ---- pruning ---- */

/* Of a number: the cuts that a node uses, and by bin what it becomes. Bins below a used cut come together. */
static void prune_number(struct feature_bins *feature, const bool *used, uint8_t *becomes)
{
	double cuts[MAX_BINS];
	size_t n = 0;

	for (size_t bin = 0; bin < feature->n_bins; bin++) {
		becomes[bin] = (uint8_t)(bin == 0 ? 0 : n + 1);
		if (bin > 0 && bin <= feature->n_cuts && used[bin])
			cuts[n++] = feature->cuts[bin - 1];
	}
	free(feature->cuts);
	bins_set(feature, cuts, n);
}

/* Features that a node splits by; places: by feature, its place among them. */
static void find_used(struct trees *trees, uint32_t *places)
{
	bool *is_used = mem_new(trees->bins.n + 1, sizeof *is_used);

	for (size_t i = 0; i < trees->n_nodes; i++)
		if (trees->nodes[i].kind != NODE_LEAF)
			is_used[trees->nodes[i].feature] = true;
	trees->used = mem_new(trees->bins.n + 1, sizeof *trees->used);
	for (size_t j = 0; j < trees->bins.n; j++) {
		struct feature_bins *feature = &trees->bins.features[j];

		if (is_used[j]) {
			places[j] = (uint32_t)trees->n_used;
			trees->used[trees->n_used++] = (uint32_t)j;
		} else if (!feature->n_levels) {
			free(feature->cuts);
			*feature = (struct feature_bins){ .n_bins = 2 };
		}
	}
	free(is_used);
}

void trees_prune(struct trees *trees)
{
	uint32_t *places = mem_new(trees->bins.n + 1, sizeof *places);
	bool (*cuts)[MAX_BINS];
	uint8_t (*becomes)[MAX_BINS];

	assert(!trees->pruned);
	find_used(trees, places);
	cuts = mem_new(trees->n_used + 1, sizeof *cuts);
	becomes = mem_new(trees->n_used + 1, sizeof *becomes);
	for (size_t i = 0; i < trees->n_nodes; i++)
		if (trees->nodes[i].kind != NODE_LEAF) {
			trees->nodes[i].feature = places[trees->nodes[i].feature];
			cuts[trees->nodes[i].feature][trees->nodes[i].bin] = true;
		}
	for (size_t place = 0; place < trees->n_used; place++)
		if (!trees->bins.features[trees->used[place]].n_levels)
			prune_number(&trees->bins.features[trees->used[place]], cuts[place], becomes[place]);
	for (size_t i = 0; i < trees->n_nodes; i++)
		if (trees->nodes[i].kind == NODE_CUT)
			trees->nodes[i].bin = becomes[trees->nodes[i].feature][trees->nodes[i].bin];
	trees->pruned = true;
	trees_settle(trees);
	free(becomes);
	free(cuts);
	free(places);
}

void trees_copy_pruned(struct trees *to, const struct trees *from, size_t n_trees)
{
	trees_copy(to, from);
	if (n_trees < to->n_trees) {
		const struct grown_tree *next = &to->trees[n_trees];

		to->n_nodes = next->first;
		to->n_values = next->first_value;
		to->n_sets = next->first_set;
		to->n_trees = n_trees;
	}
	if (!to->pruned)
		trees_prune(to);
}

/* ---- steps: what trees_score goes by (trees_score.c) ---- */

static bool is_shut(const struct grown_node *nodes, size_t i)
{
	return nodes[i + 1].kind == NODE_LEAF && nodes[i + nodes[i].right].kind == NODE_LEAF;
}

static struct score_step step_of(const struct grown_node *nodes, size_t i, const uint8_t *slots)
{
	const struct grown_node *node = &nodes[i], *left = node + 1, *right = node + node->right;

	return (struct score_step){
		.feature = node->feature, .set = node->at, .self = slots[i], .left = left->kind == NODE_LEAF ? MASKED_LEAVES - 1 : slots[i + 1],
		.right = right->kind == NODE_LEAF ? MASKED_LEAVES - 1 : slots[i + node->right], .plus = node->missing_right ? UINT8_MAX : 0,
		.bin = (uint8_t)(node->bin - node->missing_right), .skips = (uint8_t)(node->right / 2), .by_level = node->kind == NODE_LEVELS,
	};
}

/* Preorder, those with an inner node below them first; the others hand no rows on. */
static size_t settle_tree(struct trees *trees, struct grown_tree *tree, size_t n_steps)
{
	const struct grown_node *nodes = &trees->nodes[tree->first];
	uint8_t slots[2 * MASKED_LEAVES];
	size_t n_slots = 0;

	tree->first_step = n_steps;
	tree->n_open = tree->n_shut = 0;
	if (tree->n_nodes >= 2 * MASKED_LEAVES)
		return n_steps;
	for (size_t i = 0; i < tree->n_nodes; i++)
		if (nodes[i].kind != NODE_LEAF)
			slots[i] = (uint8_t)n_slots++;
	for (int shut = 0; shut < 2; shut++)
		for (size_t i = 0; i < tree->n_nodes; i++)
			if (nodes[i].kind != NODE_LEAF && is_shut(nodes, i) == shut) {
				trees->steps[n_steps++] = step_of(nodes, i, slots);
				if (shut)
					tree->n_shut++;
				else
					tree->n_open++;
			}
	return n_steps;
}

void trees_settle(struct trees *trees)
{
	size_t n = 0;

	trees->steps = mem_array(trees->n_nodes / 2 + 1, sizeof *trees->steps);
	for (size_t i = 0; i < trees->n_trees; i++)
		n = settle_tree(trees, &trees->trees[i], n);
}

/* ---- what features were worth ---- */

void trees_importance(const struct trees *trees, double *gains, double *splits)
{
	for (size_t i = 0; i < trees->n_nodes; i++) {
		const struct grown_node *node = &trees->nodes[i];
		size_t feature;

		if (node->kind == NODE_LEAF)
			continue;
		feature = trees->pruned ? trees->used[node->feature] : node->feature;
		gains[feature] += (double)trees->gains[i];
		splits[feature]++;
	}
}
