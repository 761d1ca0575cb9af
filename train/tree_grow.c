/* SPDX-License-Identifier: MIT */
#include "tree_grow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "rng.h"
#include "tree_partition.h"

enum { ROWS_A_TASK = 16384, SUMS_A_TASK = 2048, LEAST_SLOTS = 6 };
enum { LEAF_SIZE = 300 };               /* bytes of a leaf with its nodes, measured */

/* Of a tree that is grown to the end there are as many leaves as rows: they and their nodes are kept small. */

/* A node while the tree grows, in the order in which it came to be; is.at of a leaf: its number. */
struct growing_node { struct grown_node is; uint32_t left /* its right child comes behind it */; float gain; };

struct growing_leaf {
	uint32_t first, n, depth, node;
	struct split_leaf is;
	uint64_t interact;              /* sets that all features on its path are in */
	grad_sum *sums;                 /* NULL: none are kept */
};
/* A leaf that may be divided, and how. */
struct open_leaf { uint32_t leaf; struct split best; };

struct growing {
	const struct tree_rows *rows;
	const struct grow_rules *rules;
	struct workers *workers;
	size_t threads;
	struct grower *grower;
	struct quantum quantum;
	const bool *allowed;
	uint32_t chance;
	/* leaves and nodes of this tree */
	struct growing_leaf *leaves;
	struct growing_node *nodes;
	size_t n_leaves, leaves_room, n_nodes, nodes_room;
	struct open_leaf *queue;        /* a heap: the best one first */
	size_t n_queue, queue_room;
	/* sums */
	grad_sum **slots;               /* free ones */
	size_t n_slots, most_slots, n_made;
	grad_sum *parts;                /* threads - 1 histograms, to be merged */
	struct split *found;            /* by task, of a search */
	struct looker *looker;          /* NULL: sums are searched */
	struct partitioner partitioner;
	/* the draft */
	struct grown_node *draft_nodes;
	float *covers, *gains;
	struct level_set *sets, *draft_sets;    /* as they came to be, in preorder */
	size_t n_sets, sets_room, draft_sets_room, draft_room;        /* draft_room: leaves */
};

/* ---- histograms ---- */

struct summing { struct growing *growing; const struct growing_leaf *leaf; grad_sum *to; size_t n_parts; };

static grad_sum *part_sums(const struct growing *growing, grad_sum *to, size_t part)
{
	return part == 0 ? to : &growing->parts[(part - 1) * growing->rows->grouping->n_sums];
}

/* Task i: a group, and a part of the leaf's rows. */
static void sum_part(void *state, size_t i)
{
	const struct summing *summing = state;
	const struct growing *growing = summing->growing;
	const struct feature_group *group = &growing->rows->grouping->groups[i / summing->n_parts];
	size_t part = i % summing->n_parts, n = summing->leaf->n;
	size_t from = summing->leaf->first + n * part / summing->n_parts, to = summing->leaf->first + n * (part + 1) / summing->n_parts;
	grad_sum *sums = part_sums(growing, summing->to, part) + group->at;
	bool all = n == growing->rows->n_rows;

	memset(sums, 0, (group->width << group->shift) * sizeof *sums);
	histogram_add(group, growing->rows->groups[i / summing->n_parts], all ? NULL : &growing->grower->order[from], from,
	              &growing->grower->words[from], to - from, sums);
}

static void sum_leaf(struct growing *growing, const struct growing_leaf *leaf, grad_sum *to)
{
	size_t n_groups = growing->rows->grouping->n_groups, n_parts = 1;
	struct summing summing = { growing, leaf, to, 1 };

	if (growing->threads > 1 && leaf->n * growing->rows->grouping->n_features > (size_t)ROWS_A_TASK * 8) {
		n_parts = (growing->threads + n_groups - 1) / n_groups;
		while (n_parts > 1 && leaf->n / n_parts < ROWS_A_TASK / 4)
			n_parts--;
		summing.n_parts = n_parts;
		workers_run(growing->workers, n_groups * n_parts, sum_part, &summing);
		for (size_t part = 1; part < n_parts; part++)
			histogram_merge(to, part_sums(growing, to, part), growing->rows->grouping->n_sums);
		return;
	}
	for (size_t i = 0; i < n_groups; i++)
		sum_part(&summing, i);
}

/* ---- slots ---- */

static bool before(const struct growing *growing, const struct open_leaf *a, const struct open_leaf *b)
{
	const struct growing_leaf *left = &growing->leaves[a->leaf], *right = &growing->leaves[b->leaf];

	if (growing->rules->by_level && left->depth != right->depth)
		return left->depth < right->depth;
	if (growing->rules->leaves == SIZE_MAX && left->depth != right->depth)
		return left->depth > right->depth;      /* all are divided: the deepest first, so few wait */
	if (a->best.gain != b->best.gain)
		return a->best.gain > b->best.gain;
	return left->node < right->node;
}

static grad_sum *take_slot(struct growing *growing)
{
	const struct open_leaf *last = NULL;
	grad_sum *sums;

	if (growing->n_slots > 0)
		return growing->slots[--growing->n_slots];
	if (growing->n_made < growing->most_slots) {
		growing->n_made++;
		growing->slots = mem_resize(growing->slots, growing->n_made, sizeof *growing->slots);
		return mem_aligned((growing->rows->grouping->n_sums + 1) * sizeof(grad_sum));
	}
	for (size_t i = 0; i < growing->n_queue; i++)
		if (growing->leaves[growing->queue[i].leaf].sums && (!last || before(growing, last, &growing->queue[i])))
			last = &growing->queue[i];
	sums = growing->leaves[last->leaf].sums;
	growing->leaves[last->leaf].sums = NULL;
	return sums;
}

static void give_slot(struct growing *growing, grad_sum **sums)
{
	if (*sums)
		growing->slots[growing->n_slots++] = *sums;
	*sums = NULL;
}

/* ---- searching ---- */

struct searching { const struct growing *growing; const struct growing_leaf *leaf; size_t n_tasks; struct split *found; };

static bool may_split(const struct growing *growing, const struct growing_leaf *leaf, size_t feature)
{
	if (growing->allowed && !growing->allowed[feature])
		return false;
	return !growing->rules->interact || (growing->rules->interact[feature] & leaf->interact);
}

static void search_feature(const struct growing *growing, const struct growing_leaf *leaf, size_t feature, const grad_sum *sums, struct split *best)
{
	const struct grow_rules *rules = growing->rules;

	split_find(&rules->split, growing->quantum, &leaf->is, &growing->rows->bins->features[feature], (uint32_t)feature,
	           rules->monotone ? rules->monotone[feature] : 0, sums, best);
}

/* The better one, of equals that of the lower feature: whoever found it. */
static void keep_better(struct split *best, const struct split *other)
{
	if (other->gain > best->gain || (other->gain == best->gain && other->gain > 0 && other->feature < best->feature))
		*best = *other;
}

static void search_part(void *state, size_t i)
{
	const struct searching *searching = state;
	const struct growing *growing = searching->growing;
	const struct grouping *grouping = growing->rows->grouping;
	size_t from = grouping->n_features * i / searching->n_tasks, to = grouping->n_features * (i + 1) / searching->n_tasks;
	struct split best = { .gain = 0 };

	for (size_t j = from; j < to; j++) {
		const struct feature_group *group = &grouping->groups[grouping->group_of[j]];

		if (may_split(growing, searching->leaf, j))
			search_feature(growing, searching->leaf, j, searching->leaf->sums + group->at + ((size_t)grouping->lane_of[j] << group->shift), &best);
	}
	searching->found[i] = best;
}

static void search_leaf(struct growing *growing, const struct growing_leaf *leaf, struct split *best)
{
	size_t n_sums = growing->rows->grouping->n_sums;
	struct searching searching = { growing, leaf, 1, growing->found };

	if (growing->threads > 1 && n_sums >= (size_t)SUMS_A_TASK * 4) {
		searching.n_tasks = growing->threads < n_sums / SUMS_A_TASK ? growing->threads : n_sums / SUMS_A_TASK;
		workers_run(growing->workers, searching.n_tasks, search_part, &searching);
	} else {
		search_part(&searching, 0);
	}
	*best = growing->found[0];
	for (size_t i = 1; i < searching.n_tasks; i++)
		keep_better(best, &growing->found[i]);
}

/* From the rows themselves. */
static void look_at_leaf(struct growing *growing, const struct growing_leaf *leaf, struct split *best)
{
	struct grower *grower = growing->grower;

	look(growing->looker, &(struct look_leaf){
		.order = &grower->order[leaf->first], .words = &grower->words[leaf->first], .n = leaf->n, .g = (float *)&grower->spare_order[leaf->first],
		.h = (float *)&grower->spare_words[leaf->first], .low = leaf->is.low, .high = leaf->is.high, .interact = leaf->interact,
		.chance = hash_mix((uint64_t)growing->chance << 32 | leaf->node) }, best);
}

/* ---- the queue ---- */

static void queue_add(struct growing *growing, const struct open_leaf *leaf)
{
	size_t at = growing->n_queue;

	array_grow(growing->queue, growing->n_queue, growing->queue_room);
	growing->n_queue++;
	for (; at > 0 && before(growing, leaf, &growing->queue[(at - 1) / 2]); at = (at - 1) / 2)
		growing->queue[at] = growing->queue[(at - 1) / 2];
	growing->queue[at] = *leaf;
}

static struct open_leaf queue_take(struct growing *growing)
{
	struct open_leaf first = growing->queue[0], last = growing->queue[--growing->n_queue];
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < growing->n_queue && before(growing, &growing->queue[child + 1], &growing->queue[child]))
			child++;
		if (child >= growing->n_queue || !before(growing, &growing->queue[child], &last))
			break;
		growing->queue[at] = growing->queue[child];
		at = child;
	}
	growing->queue[at] = last;
	return first;
}

/* ---- growing ---- */

static uint32_t add_node(struct growing *growing)
{
	array_grow(growing->nodes, growing->n_nodes, growing->nodes_room);
	growing->nodes[growing->n_nodes] = (struct growing_node){ .is = { .kind = NODE_LEAF } };
	return (uint32_t)growing->n_nodes++;
}

/* A leaf of a new node; the pointer holds until the next one. */
static struct growing_leaf *add_leaf(struct growing *growing, const struct growing_leaf *like)
{
	uint32_t node = add_node(growing);

	array_grow(growing->leaves, growing->n_leaves, growing->leaves_room);
	growing->leaves[growing->n_leaves] = *like;
	growing->leaves[growing->n_leaves].node = node;
	growing->nodes[node].is.at = (uint32_t)growing->n_leaves;
	return &growing->leaves[growing->n_leaves++];
}

/* Whether it is worth a look. */
static bool may_divide(const struct growing *growing, const struct growing_leaf *leaf)
{
	const struct grow_rules *rules = growing->rules;

	if (leaf->depth >= rules->depth || leaf->depth >= MAX_TREE_DEPTH || leaf->n < 2)
		return false;
	if (rules->look)
		return leaf->n / 2 >= rules->look->min_rows;
	return (double)leaf->n >= 2 * rules->split.min_rows && curve_of(leaf->is.sum) * growing->quantum.h >= 2 * rules->split.min_weight;
}

static void judge_leaf(struct growing *growing, uint32_t number)
{
	struct growing_leaf *leaf = &growing->leaves[number];
	struct open_leaf open = { .leaf = number };

	if (growing->looker)
		look_at_leaf(growing, leaf, &open.best);
	else
		search_leaf(growing, leaf, &open.best);
	if (open.best.gain > 0)
		queue_add(growing, &open);
	else
		give_slot(growing, &leaf->sums);
}

/* Sums of both children, of those that are to be looked at, out of the parent's. */
static void sum_children(struct growing *growing, grad_sum *parent, uint32_t left, uint32_t right)
{
	struct growing_leaf *small = &growing->leaves[left], *large = &growing->leaves[right];
	bool small_open, large_open;

	if (small->n > large->n) {
		struct growing_leaf *other = small;

		small = large;
		large = other;
	}
	small_open = may_divide(growing, small);
	large_open = may_divide(growing, large);
	if (small_open || (large_open && parent)) {
		small->sums = take_slot(growing);
		sum_leaf(growing, small, small->sums);
	}
	if (large_open && parent) {
		histogram_subtract(parent, small->sums, growing->rows->grouping->n_sums);
		large->sums = parent;
		parent = NULL;
	} else if (large_open) {
		large->sums = take_slot(growing);
		sum_leaf(growing, large, large->sums);
	}
	if (!small_open)
		give_slot(growing, &small->sums);
	give_slot(growing, &parent);
}

/* What is known of the children of a leaf that was divided, but for their sums. */
static void bound_children(const struct growing *growing, const struct split *split, struct growing_leaf *left, struct growing_leaf *right)
{
	const struct grow_rules *rules = growing->rules;
	int direction = rules->monotone ? rules->monotone[split->feature] : 0;
	double low = left->is.low, high = left->is.high, of_left = split->answers[0], of_right = split->answers[1], middle;

	if (direction == 0)
		return;
	if (!growing->looker) {
		of_left = split_answer(&rules->split, growing->quantum, left->is.sum, low, high);
		of_right = split_answer(&rules->split, growing->quantum, right->is.sum, low, high);
	}
	middle = of_left / 2 + of_right / 2;
	if (direction > 0) {
		left->is.high = middle;
		right->is.low = middle;
	} else if (direction < 0) {
		left->is.low = middle;
		right->is.high = middle;
	}
}

static struct grown_node node_of(struct growing *growing, const struct split *split)
{
	struct grown_node node = { .feature = split->feature, .kind = NODE_CUT, .left = 1, .bin = split->bin, .missing_right = split->missing_right };

	if (!split->by_level)
		return node;
	array_grow(growing->sets, growing->n_sets, growing->sets_room);
	growing->sets[growing->n_sets] = split->left_levels;
	return (struct grown_node){ .feature = split->feature, .kind = NODE_LEVELS, .left = 1, .at = (uint32_t)growing->n_sets++ };
}

static void divide(struct growing *growing, const struct open_leaf *open, bool last)
{
	uint32_t number = open->leaf, other;
	const struct split *split = &open->best;
	struct growing_leaf parent = growing->leaves[number], left = parent, right = parent;

	left.n = (uint32_t)partition(&growing->partitioner, growing->rows, growing->grower, parent.first, parent.n, split);
	right.first += left.n;
	right.n -= left.n;
	left.depth = right.depth = parent.depth + 1;
	left.sums = right.sums = NULL;
	left.is.sum = split->left;
	right.is.sum = parent.is.sum - split->left;
	left.is.n_rows = left.n;
	right.is.n_rows = right.n;
	if (growing->rules->interact)
		left.interact = right.interact = parent.interact & growing->rules->interact[split->feature];
	bound_children(growing, split, &left, &right);
	/* the left child takes the parent's place among leaves */
	left.node = add_node(growing);
	growing->leaves[number] = left;
	growing->nodes[left.node].is.at = number;
	add_leaf(growing, &right);
	other = (uint32_t)growing->n_leaves - 1;
	growing->nodes[parent.node] = (struct growing_node){ node_of(growing, split), left.node, (float)split->gain };
	if (last) {
		give_slot(growing, &parent.sums);
		return;
	}
	if (!growing->looker)
		sum_children(growing, parent.sums, number, other);
	if (may_divide(growing, &growing->leaves[number]))
		judge_leaf(growing, number);
	if (may_divide(growing, &growing->leaves[other]))
		judge_leaf(growing, other);
}

static void start(struct growing *growing, size_t n)
{
	struct growing_leaf root = { .n = (uint32_t)n, .interact = UINT64_MAX, .is = { .n_rows = n, .low = -INFINITY, .high = INFINITY } };
	struct growing_leaf *leaf;

	growing->n_leaves = growing->n_nodes = growing->n_sets = growing->n_queue = 0;
	for (size_t i = 0; !growing->looker && i < n; i++)
		root.is.sum += grad_word(growing->grower->words[i]);
	if (growing->looker)
		looker_start(growing->looker);
	leaf = add_leaf(growing, &root);
	if (!may_divide(growing, leaf))
		return;
	if (!growing->looker) {
		leaf->sums = take_slot(growing);
		sum_leaf(growing, leaf, leaf->sums);
	}
	judge_leaf(growing, 0);
}

/* ---- the draft ---- */

static double weight_of_leaf(const struct growing *growing, const struct growing_leaf *leaf)
{
	const float *weight = growing->rows->weight;
	double sum = 0;

	for (size_t i = 0; growing->looker && i < leaf->n; i++)
		sum += (double)look_weight(growing->grower->words[leaf->first + i]);
	if (growing->looker)
		return sum;
	for (size_t i = 0; weight && i < leaf->n; i++)
		sum += weight[growing->grower->order[leaf->first + i]];
	return weight ? sum : (double)leaf->n;
}

static void draft_room(struct growing *growing)
{
	if (growing->n_sets > growing->draft_sets_room) {
		growing->draft_sets_room = growing->n_sets;
		growing->draft_sets = mem_resize(growing->draft_sets, growing->n_sets, sizeof *growing->draft_sets);
	}
	if (growing->n_leaves <= growing->draft_room)
		return;
	growing->draft_room = growing->n_leaves;
	growing->draft_nodes = mem_resize(growing->draft_nodes, growing->n_nodes, sizeof *growing->draft_nodes);
	growing->covers = mem_resize(growing->covers, growing->n_nodes, sizeof *growing->covers);
	growing->gains = mem_resize(growing->gains, growing->n_nodes, sizeof *growing->gains);
	growing->grower->leaves = mem_resize(growing->grower->leaves, growing->n_leaves, sizeof *growing->grower->leaves);
}

/* In preorder; a right child finds its parent by what waits beside it. Covers are summed on the way back: children lie behind their parent. */
static void make_draft(struct growing *growing)
{
	struct grower *grower = growing->grower;
	struct waiting { uint32_t node, parent; } *stack = mem_array(growing->n_leaves + 1, sizeof *stack);
	size_t n = 0, n_leaves = 0, n_sets = 0, depth = 0;

	draft_room(growing);
	stack[depth++] = (struct waiting){ 0, UINT32_MAX };
	while (depth > 0) {
		struct waiting next = stack[--depth];
		const struct growing_node *node = &growing->nodes[next.node];
		const struct growing_leaf *leaf;

		if (next.parent != UINT32_MAX)
			growing->draft_nodes[next.parent].right = (uint32_t)(n - next.parent);
		growing->gains[n] = node->gain;
		growing->covers[n] = 0;
		growing->draft_nodes[n] = node->is;
		if (node->is.kind == NODE_LEVELS) {
			growing->draft_sets[n_sets] = growing->sets[node->is.at];
			growing->draft_nodes[n].at = (uint32_t)n_sets++;
		}
		if (node->is.kind != NODE_LEAF) {
			stack[depth++] = (struct waiting){ node->left + 1, (uint32_t)n++ };
			stack[depth++] = (struct waiting){ node->left, UINT32_MAX };
			continue;
		}
		leaf = &growing->leaves[node->is.at];
		growing->draft_nodes[n].at = (uint32_t)n_leaves;
		growing->covers[n++] = (float)weight_of_leaf(growing, leaf);
		grower->leaves[n_leaves++] = (struct grown_leaf){ leaf->first, leaf->n, leaf->is.sum, leaf->is.low, leaf->is.high };
	}
	for (size_t i = n; i-- > 0;)
		if (growing->draft_nodes[i].kind != NODE_LEAF)
			growing->covers[i] = growing->covers[i + 1] + growing->covers[i + growing->draft_nodes[i].right];
	grower->draft = (struct tree_draft){ .nodes = growing->draft_nodes, .covers = growing->covers, .gains = growing->gains, .sets = growing->draft_sets,
	                                     .n_nodes = n, .n_leaves = n_leaves, .n_sets = n_sets };
	free(stack);
}

void grow(struct grower *grower, size_t n, struct quantum quantum, const bool *allowed, uint32_t chance)
{
	struct growing *growing = grower->growing;

	growing->quantum = quantum;
	growing->allowed = allowed;
	growing->chance = chance;
	growing->grower = grower;
	start(growing, n);
	while (growing->n_queue > 0 && growing->n_leaves < growing->rules->leaves) {
		struct open_leaf open = queue_take(growing);

		divide(growing, &open, growing->n_leaves + 1 == growing->rules->leaves);
	}
	for (size_t i = 0; i < growing->n_leaves; i++)
		give_slot(growing, &growing->leaves[i].sums);
	make_draft(growing);
}

void grower_open(struct grower *grower, const struct tree_rows *rows, const struct grow_rules *rules, struct workers *workers, int threads,
                 uint64_t memory)
{
	struct growing *growing = mem_new(1, sizeof *growing);
	uint64_t size = (rows->grouping->n_sums + 1) * sizeof(grad_sum);

	*grower = (struct grower){ .growing = growing };
	grower->order = mem_array(rows->n_rows + 1, sizeof *grower->order);
	grower->words = mem_array(rows->n_rows + 1, sizeof *grower->words);
	grower->spare_order = mem_array(rows->n_rows + 1, sizeof *grower->spare_order);
	grower->spare_words = mem_array(rows->n_rows + 1, sizeof *grower->spare_words);
	growing->rows = rows;
	growing->rules = rules;
	growing->workers = workers;
	growing->threads = (size_t)threads;
	growing->most_slots = memory / size < LEAST_SLOTS ? LEAST_SLOTS : (size_t)(memory / size);
	growing->parts = threads > 1 ? mem_aligned(((size_t)threads - 1) * size) : NULL;
	growing->found = mem_new((size_t)threads, sizeof *growing->found);
	if (rules->look)
		growing->looker = looker_new(rows, rules->look, rules->monotone, rules->interact);
	partitioner_open(&growing->partitioner, workers, threads);
}

void grower_close(struct grower *grower)
{
	struct growing *growing = grower->growing;

	if (growing) {
		for (size_t i = 0; i < growing->n_slots; i++)
			free(growing->slots[i]);
		free(growing->slots);
		free(growing->parts);
		free(growing->found);
		looker_free(growing->looker);
		free(growing->leaves);
		free(growing->queue);
		free(growing->nodes);
		free(growing->draft_nodes);
		free(growing->covers);
		free(growing->gains);
		free(growing->sets);
		free(growing->draft_sets);
		partitioner_close(&growing->partitioner);
		free(growing);
	}
	free(grower->order);
	free(grower->words);
	free(grower->spare_order);
	free(grower->spare_words);
	free(grower->leaves);
	*grower = (struct grower){ .order = NULL };
}

static struct grown_leaf grown_above(const struct grown_leaf *left, const struct grown_leaf *right)
{
	return (struct grown_leaf){ .first = left->first, .n = left->n + right->n, .low = fmin(left->low, right->low), .high = fmax(left->high, right->high) };
}

struct grown_leaf *grower_nodes(const struct grower *grower)
{
	const struct tree_draft *draft = &grower->draft;
	struct grown_leaf *nodes = mem_array(draft->n_nodes, sizeof *nodes);

	for (size_t i = draft->n_nodes; i-- > 0;)
		if (draft->nodes[i].kind == NODE_LEAF)
			nodes[i] = grower->leaves[draft->nodes[i].at];
		else
			nodes[i] = grown_above(&nodes[i + 1], &nodes[i + draft->nodes[i].right]);
	return nodes;
}

uint64_t grower_size(const struct grow_rules *rules, uint64_t n_rows, size_t n_features, uint64_t n_leaves, size_t threads)
{
	uint64_t size = n_rows * 4 * sizeof(uint32_t) + n_leaves * LEAF_SIZE;

	if (rules->look)
		return size + looker_size(n_features, rules->look->n_classes);
	return size + (uint64_t)(threads + LEAST_SLOTS) * n_features * MAX_BINS * sizeof(grad_sum);
}
