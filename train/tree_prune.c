/* SPDX-License-Identifier: MIT */
#include "tree_prune.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forest.h"
#include "memory.h"

/* ---- alphas ---- */

/* A node whose subtree may be pruned, as it was when it was noted. What is pruned below gains less for each leaf than the whole, so alpha only
 * rises: an old note comes too early, and is renewed then. */
struct weak_link { double alpha; uint32_t node, n_leaves; };
struct weak_links { struct weak_link *items; size_t n, room; };

static bool weaker(const struct weak_link *a, const struct weak_link *b)
{
	return a->alpha != b->alpha ? a->alpha < b->alpha : a->node < b->node;
}

static void links_add(struct weak_links *links, struct weak_link link)
{
	size_t at = links->n;

	array_grow(links->items, links->n, links->room);
	for (links->n++; at > 0 && weaker(&link, &links->items[(at - 1) / 2]); at = (at - 1) / 2)
		links->items[at] = links->items[(at - 1) / 2];
	links->items[at] = link;
}

static struct weak_link links_take(struct weak_links *links)
{
	struct weak_link first = links->items[0], last = links->items[--links->n];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < links->n) {
		if (child + 1 < links->n && weaker(&links->items[child + 1], &links->items[child]))
			child++;
		if (!weaker(&links->items[child], &last))
			break;
		links->items[at] = links->items[child];
		at = child;
	}
	links->items[at] = last;
	return first;
}

/* Of each node what is below it, as long as it is there. */
struct below { double gain; uint32_t n_leaves, parent, n_nodes; bool gone; };

static void look_below(const struct tree_draft *draft, struct below *below)
{
	below[0].parent = UINT32_MAX;
	for (size_t i = 0; i < draft->n_nodes; i++)
		if (draft->nodes[i].kind != NODE_LEAF)
			below[i + 1].parent = below[i + draft->nodes[i].right].parent = (uint32_t)i;
	for (size_t i = draft->n_nodes; i-- > 0;) {
		const struct below *left = &below[i + 1], *right = &below[i + draft->nodes[i].right];

		below[i].n_leaves = below[i].n_nodes = 1;
		if (draft->nodes[i].kind == NODE_LEAF)
			continue;
		below[i].gain = (double)draft->gains[i] + left->gain + right->gain;
		below[i].n_leaves = left->n_leaves + right->n_leaves;
		below[i].n_nodes = 1 + left->n_nodes + right->n_nodes;
	}
}

static struct weak_link link_of(const struct below *below, uint32_t node)
{
	return (struct weak_link){ below[node].gain / (below[node].n_leaves - 1), node, below[node].n_leaves };
}

/* A node that was pruned takes its subtree with it; what is gone is gone with all that is below. */
static void swallow(struct below *below, size_t node)
{
	for (size_t i = node, end = node + below[node].n_nodes; i < end;) {
		size_t next = i + (below[i].gone ? below[i].n_nodes : 1);

		below[i].gone = true;
		i = next;
	}
}

void prune_alphas(const struct tree_draft *draft, double scale, double *alphas)
{
	struct below *below = mem_new(draft->n_nodes, sizeof *below);
	struct weak_links links = { .n = 0 };
	double alpha = 0;

	look_below(draft, below);
	for (size_t i = 0; i < draft->n_nodes; i++) {
		alphas[i] = draft->nodes[i].kind == NODE_LEAF ? 0 : INFINITY;
		if (draft->nodes[i].kind != NODE_LEAF)
			links_add(&links, link_of(below, (uint32_t)i));
	}
	while (links.n > 0) {
		struct weak_link link = links_take(&links);
		double gain = below[link.node].gain;

		if (below[link.node].gone)
			continue;
		if (below[link.node].n_leaves != link.n_leaves) {
			links_add(&links, link_of(below, link.node));
			continue;
		}
		alpha = fmax(alpha, link.alpha * scale);
		alphas[link.node] = alpha;
		swallow(below, link.node);
		for (uint32_t up = below[link.node].parent; up != UINT32_MAX; up = below[up].parent) {
			below[up].gain = fmax(below[up].gain - gain, 0);
			below[up].n_leaves -= link.n_leaves - 1;
		}
	}
	free(links.items);
	free(below);
}

/* ---- a pruned tree ---- */

/* Nodes of the draft that stay, in preorder; a node that waits knows for whom it is the right child. */
void prune_tree(struct pruned_tree *tree, const struct tree_draft *draft, const double *alphas, double alpha, const double *answers, size_t width)
{
	struct waiting { uint32_t node, parent; } *stack = mem_array(draft->n_leaves + 1, sizeof *stack);
	struct tree_draft *to = &tree->draft;
	size_t depth = 0;

	*tree = (struct pruned_tree){
		.nodes = mem_array(draft->n_nodes, sizeof *tree->nodes), .covers = mem_array(draft->n_nodes, sizeof *tree->covers),
		.gains = mem_array(draft->n_nodes, sizeof *tree->gains), .values = mem_array(draft->n_leaves * width, sizeof *tree->values),
		.sets = mem_array(draft->n_sets + 1, sizeof *tree->sets),
	};
	*to = (struct tree_draft){ .nodes = tree->nodes, .covers = tree->covers, .gains = tree->gains, .values = tree->values, .sets = tree->sets };
	stack[depth++] = (struct waiting){ 0, UINT32_MAX };
	while (depth > 0) {
		struct waiting next = stack[--depth];
		const struct grown_node *from = &draft->nodes[next.node];
		struct grown_node *node = &tree->nodes[to->n_nodes];
		bool leaf = from->kind == NODE_LEAF || alphas[next.node] <= alpha;

		if (next.parent != UINT32_MAX)
			tree->nodes[next.parent].right = (uint32_t)to->n_nodes - next.parent;
		tree->covers[to->n_nodes] = draft->covers[next.node];
		tree->gains[to->n_nodes] = leaf ? 0 : draft->gains[next.node];
		*node = leaf ? (struct grown_node){ .kind = NODE_LEAF, .at = (uint32_t)to->n_leaves } : *from;
		if (leaf) {
			memcpy(&tree->values[to->n_leaves++ * width], &answers[next.node * width], width * sizeof *answers);
		} else {
			if (from->kind == NODE_LEVELS) {
				node->at = (uint32_t)to->n_sets;
				tree->sets[to->n_sets++] = draft->sets[from->at];
			}
			stack[depth++] = (struct waiting){ next.node + from->right, (uint32_t)to->n_nodes };
			stack[depth++] = (struct waiting){ next.node + 1, UINT32_MAX };
		}
		to->n_nodes++;
	}
	free(stack);
}

void pruned_tree_release(struct pruned_tree *tree)
{
	free(tree->nodes);
	free(tree->covers);
	free(tree->gains);
	free(tree->values);
	free(tree->sets);
	*tree = (struct pruned_tree){ .nodes = NULL };
}

/* ---- judging ---- */

void prune_judge_open(struct prune_judge *judge, const double *alphas, size_t n, double unit)
{
	*judge = (struct prune_judge){ .n = n, .alphas = alphas, .unit = unit, .loss = mem_new(n + 1, sizeof *judge->loss), .squares = mem_new(n + 1, sizeof *judge->squares) };
}

void prune_judge_close(struct prune_judge *judge)
{
	free(judge->loss);
	free(judge->squares);
	*judge = (struct prune_judge){ .n = 0 };
}

/* How many of the alphas are below. */
static size_t place_of(const struct prune_judge *judge, double alpha)
{
	size_t low = 0, high = judge->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (judge->alphas[middle] < alpha)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static double loss_of(const struct prune_judge *judge, const double *answer, size_t n_classes, const struct tree_side *side, size_t row)
{
	double sum = 0, off = n_classes ? answer[0] - (double)side->rows.y[row] : (answer[0] - side->y[row]) / judge->unit;

	if (n_classes == 0)
		return off * off;
	if (n_classes == 2)
		return 2 * off * off;
	for (size_t k = 0; k < n_classes; k++) {
		off = answer[k] - (double)((size_t)side->rows.y[row] == k);
		sum += off * off;
	}
	return sum;
}

void prune_judge_add(struct prune_judge *judge, const struct tree_draft *draft, const double *alphas, const double *answers, size_t n_classes,
                     const struct tree_side *side, const uint32_t *numbers, size_t n)
{
	size_t width = forest_outputs(n_classes);

	for (size_t i = 0; i < n; i++) {
		double weight = (double)tree_side_weight(side, numbers[i]);
		size_t at = 0, end = judge->n;

		judge->n_rows++;
		judge->weight += weight;
		for (;;) {
			const struct grown_node *node = &draft->nodes[at];
			size_t from = place_of(judge, alphas[at]);

			if (from < end) {               /* it answers from this alpha on, up to where a node above it does */
				double loss = loss_of(judge, &answers[at * width], n_classes, side, numbers[i]);

				judge->loss[from] += weight * loss;
				judge->loss[end] -= weight * loss;
				judge->squares[from] += weight * loss * loss;
				judge->squares[end] -= weight * loss * loss;
				end = from;
			}
			if (node->kind == NODE_LEAF || end == 0)
				break;
			at += node_goes_left(node, &draft->sets[node->at], tree_rows_bin(&side->rows, node->feature, numbers[i])) ? 1 : node->right;
		}
	}
}

size_t prune_judge_choose(const struct prune_judge *judge)
{
	double least = INFINITY, limit = INFINITY, loss = 0, squares = 0;
	size_t chosen = 0;

	for (size_t i = 0; i < judge->n; i++) {
		double mean;

		loss += judge->loss[i];
		squares += judge->squares[i];
		mean = loss / judge->weight;
		if (mean < least) {
			least = mean;
			limit = mean + sqrt(fmax(squares / judge->weight - mean * mean, 0) / (double)judge->n_rows);
		}
	}
	loss = 0;
	for (size_t i = 0; i < judge->n; i++) {
		loss += judge->loss[i];
		if (loss / judge->weight <= limit)
			chosen = i;
	}
	return chosen;
}
