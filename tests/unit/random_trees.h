/* SPDX-License-Identifier: MIT */
/* Trees by chance, over bins that there are: for unit tests of what is done with trees. */
#ifndef RANDOM_TREES_H
#define RANDOM_TREES_H

#include <stdlib.h>

#include "memory.h"
#include "rng.h"
#include "trees.h"

static inline double uniform(struct rng *rng) { return rng_u32(rng) / 0x1p32; }
static inline uint32_t below(struct rng *rng, uint32_t n) { return (uint32_t)(uniform(rng) * n); }

/* Which features may be split by; deep: each split leaves one leaf on one of its sides. */
struct random_rules { const uint32_t *features; uint32_t n_features; bool deep; };

struct random_draft {
	struct grown_node *nodes;
	float *covers, *gains;
	double *values;
	struct level_set *sets;
	struct tree_draft draft;
};

static inline void random_split(const struct feature_bins *bins, struct random_draft *to, struct rng *rng, struct grown_node *node)
{
	if (!bins->n_levels) {
		node->kind = NODE_CUT;
		node->missing_right = below(rng, 2);
		node->bin = (uint8_t)(node->missing_right + below(rng, (uint32_t)bins->n_bins - node->missing_right));
		return;
	}
	node->kind = NODE_LEVELS;
	node->at = (uint32_t)to->draft.n_sets++;
	for (size_t level = 0; level < bins->n_levels; level++)
		if (below(rng, 2))
			level_set_add(&to->sets[node->at], level);
}

static inline void random_node(const struct trees *trees, const struct random_rules *rules, struct random_draft *to, struct rng *rng, size_t n_leaves)
{
	size_t at = to->draft.n_nodes++, left;
	struct grown_node *node = &to->nodes[at];

	to->covers[at] = (float)below(rng, 30);                 /* some are 0 */
	if (n_leaves == 1) {
		node->at = (uint32_t)to->draft.n_leaves++;
		for (size_t k = 0; k < trees->width; k++)
			to->values[node->at * trees->width + k] = uniform(rng) - 0.4;
		return;
	}
	node->feature = rules->features[below(rng, rules->n_features)];
	node->left = 1;
	to->gains[at] = (float)(1 + below(rng, 9));
	random_split(&trees->bins.features[node->feature], to, rng, node);
	left = rules->deep ? below(rng, 2) ? 1 : n_leaves - 1 : 1 + below(rng, (uint32_t)n_leaves - 1);
	random_node(trees, rules, to, rng, left);
	node->right = (uint32_t)(to->draft.n_nodes - at);
	random_node(trees, rules, to, rng, n_leaves - left);
}

/* Trees that are not pruned. */
static inline void add_random_tree(struct trees *trees, const struct random_rules *rules, struct rng *rng, size_t n_leaves, uint32_t output)
{
	struct random_draft to = {
		.nodes = mem_new(2 * n_leaves, sizeof *to.nodes), .covers = mem_new(2 * n_leaves, sizeof *to.covers), .gains = mem_new(2 * n_leaves, sizeof *to.gains),
		.values = mem_new(n_leaves * trees->width, sizeof *to.values), .sets = mem_new(n_leaves, sizeof *to.sets),
	};

	random_node(trees, rules, &to, rng, n_leaves);
	to.draft.nodes = to.nodes;
	to.draft.covers = to.covers;
	to.draft.gains = to.gains;
	to.draft.values = to.values;
	to.draft.sets = to.sets;
	to.draft.output = output;
	trees_add(trees, &to.draft);
	free(to.nodes);
	free(to.covers);
	free(to.gains);
	free(to.values);
	free(to.sets);
}

#endif
