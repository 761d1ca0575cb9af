/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "memory.h"
#include "trees.h"

/* The bin whose upper cut is the one of bin `bin` of the feature that was pruned; false: there is none. */
static bool find_bin(const struct feature_bins *pruned, const struct feature_bins *feature, uint8_t *bin)
{
	double cut;
	size_t low = 0, high = feature->n_cuts;

	if (*bin == 0)
		return true;
	cut = pruned->cuts[*bin - 1];
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (feature->cuts[middle] < cut)
			low = middle + 1;
		else
			high = middle;
	}
	*bin = (uint8_t)(low + 1);
	return low < feature->n_cuts && feature->cuts[low] == cut;
}

bool trees_spread(struct trees *to, const struct trees *pruned, const struct bins *bins)
{
	struct bins own;
	bool found = pruned->bins.n == bins->n;

	bins_copy(&own, bins);
	trees_init(to, &own, pruned->n_outputs, pruned->width);
	for (size_t t = 0; found && t < pruned->n_trees; t++) {
		const struct grown_tree *tree = &pruned->trees[t];
		struct grown_node *nodes = mem_array(tree->n_nodes, sizeof *nodes);
		struct tree_draft draft = { .nodes = nodes, .covers = &pruned->covers[tree->first], .gains = &pruned->gains[tree->first],
		                            .n_nodes = tree->n_nodes, .n_leaves = (tree->n_nodes + 1) / 2, .output = tree->output,
		                            .values = &pruned->values[tree->first_value] };

		if (pruned->n_sets)
			draft.sets = &pruned->sets[tree->first_set];
		for (size_t i = 0; found && i < tree->n_nodes; i++) {
			nodes[i] = pruned->nodes[tree->first + i];
			if (nodes[i].kind == NODE_LEAF)
				continue;
			nodes[i].feature = pruned->used[nodes[i].feature];
			if (nodes[i].kind == NODE_LEVELS)
				draft.n_sets++;
			else
				found = find_bin(&pruned->bins.features[nodes[i].feature], &bins->features[nodes[i].feature], &nodes[i].bin);
		}
		if (found)
			trees_add(to, &draft);
		free(nodes);
	}
	return found;
}
