/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "memory.h"
#include "trees.h"

/* The bin that ends at the same cut as this one of the pruned feature (the last bins at infinity); false: there is none. */
static bool find_bin(const struct feature_bins *pruned, const struct feature_bins *feature, uint8_t *bin)
{
	double cut;

	if (feature->n_levels || *bin == 0)
		return !feature->n_levels;
	cut = pruned->cuts[*bin - 1];
	bins_of(feature, &cut, 1, bin, 1);
	return feature->cuts[*bin - 1] == cut;
}

bool trees_spread(struct trees *trees, const struct bins *bins)
{
	struct trees pruned = *trees;
	bool found = pruned.bins.n == bins->n;

	trees_init(trees, bins, pruned.n_outputs, pruned.width);
	for (size_t t = 0; found && t < pruned.n_trees; t++) {
		const struct grown_tree *tree = &pruned.trees[t];
		struct grown_node *nodes = mem_array(tree->n_nodes, sizeof *nodes);
		struct tree_draft draft = { .nodes = nodes, .covers = &pruned.covers[tree->first], .gains = &pruned.gains[tree->first],
		                            .n_nodes = tree->n_nodes, .n_leaves = (tree->n_nodes + 1) / 2, .output = tree->output,
		                            .values = &pruned.values[tree->first_value] };

		if (pruned.n_sets)
			draft.sets = &pruned.sets[tree->first_set];
		for (size_t i = 0; found && i < tree->n_nodes; i++) {
			nodes[i] = pruned.nodes[tree->first + i];
			if (nodes[i].kind == NODE_LEAF)
				continue;
			nodes[i].feature = pruned.used[nodes[i].feature];
			if (nodes[i].kind == NODE_LEVELS)
				draft.n_sets++;
			else
				found = find_bin(&pruned.bins.features[nodes[i].feature], &bins->features[nodes[i].feature], &nodes[i].bin);
		}
		if (found)
			trees_add(trees, &draft);
		free(nodes);
	}
	trees_release(&pruned);
	return found;
}
