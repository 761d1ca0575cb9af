/* SPDX-License-Identifier: MIT */
/*
 * Machines may share a fit: each holds blocks of rows, samples them for the bins that all take, sums up its rows of a leaf, and divides them by the
 * split that the merged sums say. What comes out are the trees of one that holds all rows, byte for byte, for several rounds of boosting, whose
 * answers both subtract from the gradients (rounded, so that these stay whole numbers and their sums over parts exact).
 */
#include "unit.h"

#include <stdlib.h>

#include "memory.h"
#include "rng.h"
#include "tree_grow.h"

enum { FEATURES = 5, BLOCKS = 6, ROWS = BLOCKS * PANEL_ROWS - 300, LEVELS_AT = 2, N_LEVELS = 12, PARTS = 3, LEAVES = 25, ROUNDS = 4 };
static const size_t part_of[BLOCKS] = { 2, 0, 0, 1, 2, 0 };
static const uint32_t levels_of[FEATURES] = { [LEVELS_AT] = N_LEVELS };
static const struct grow_rules rules = { .split = { .l2 = 1, .min_weight = 20, .min_rows = 10, .level_l2 = 5, .level_smooth = 3 }, .leaves = LEAVES, .depth = SIZE_MAX };

static double x[FEATURES * ROWS], y[ROWS];
static float g[ROWS], h[ROWS];

static void make_values(struct rng *rng)
{
	for (size_t row = 0; row < ROWS; row++) {
		x[row] = rng_unit(rng) * 100;
		x[ROWS + row] = rng_below(rng, 6) == 0 ? NAN : (double)rng_below(rng, 700);
		x[2 * ROWS + row] = (double)rng_below(rng, N_LEVELS);
		x[3 * ROWS + row] = rng_unit(rng) < 0.7 ? 0 : rng_unit(rng) - 0.5;
		x[4 * ROWS + row] = (double)rng_below(rng, 3);
		g[row] = (float)rng_below(rng, 60) - 30 + (x[row] > 30 && x[4 * ROWS + row] > 0 ? 25 : 0) + (float)((int)x[2 * ROWS + row] % 4) * 8;
		h[row] = 1 + (float)rng_below(rng, 2);
	}
}

static struct panel panel_of(size_t block)
{
	size_t first = block * PANEL_ROWS, left = ROWS - first;

	return (struct panel){ .part = PART_TRAIN, .block = block, .n_rows = left < PANEL_ROWS ? left : PANEL_ROWS, .n_features = FEATURES, .x = &x[first],
	                       .stride = ROWS, .y = &y[first] };
}

/* ---- rows: all of them, or those of a part, over the same bins ---- */

struct held_rows {
	struct tree_rows rows;
	size_t n;
	uint32_t numbers[ROWS], words[ROWS], leaf_of[ROWS];    /* by place */
};

static void rows_open(struct held_rows *held, const struct bins *bins, const struct grouping *grouping, size_t part)
{
	struct block_counts counts;
	float none[PANEL_ROWS] = { 0 };

	block_counts_init(&counts);
	held->n = 0;
	for (size_t block = 0; block < BLOCKS; block++) {
		struct panel panel = panel_of(block);

		if (part != SIZE_MAX && part_of[block] != part)
			continue;
		block_counts_add(&counts, &panel);
		for (size_t i = 0; i < panel.n_rows; i++)
			held->numbers[held->n++] = (uint32_t)(block * PANEL_ROWS + i);
	}
	tree_rows_open(&held->rows, bins, grouping, &counts, false);
	for (size_t block = 0; block < BLOCKS; block++) {
		struct panel panel = panel_of(block);

		if (part == SIZE_MAX || part_of[block] == part)
			tree_rows_add(&held->rows, &panel, none);
	}
	CHECK(held->rows.n_rows == held->n);
	block_counts_release(&counts);
}

/* What its gradients sum to; several parts': the largest, and the sums. */
static struct quantum scales_of(const struct held_rows *held, size_t n_held)
{
	double most_g = 0, most_h = 0, sum_g = 0, sum_h = 0;

	for (size_t p = 0; p < n_held; p++)
		for (size_t i = 0; i < held[p].n; i++) {
			double own_g = fabs((double)g[held[p].numbers[i]]), own_h = (double)h[held[p].numbers[i]];

			most_g = fmax(most_g, own_g);
			most_h = fmax(most_h, own_h);
			sum_g += own_g;
			sum_h += own_h;
		}
	return quantise_scales(most_g, sum_g, most_h, sum_h, true, ROWS);
}

/* ---- a tree over parts ---- */

struct part_leaf { struct split_leaf is; struct split best; size_t left, right; bool open, divided; };
struct part_tree { struct held_rows *parts; const struct bins *bins; const struct grouping *grouping; struct quantum quantum; struct part_leaf leaves[2 * LEAVES]; size_t n; };

/* Each part sums up its rows of the leaf; the sums are merged, and searched. */
static void look_at_leaf(struct part_tree *tree, size_t leaf)
{
	const struct grouping *grouping = tree->grouping;
	struct part_leaf *to = &tree->leaves[leaf];
	grad_sum *own = mem_new(grouping->n_sums, sizeof *own), *merged = mem_new(grouping->n_sums, sizeof *merged);
	static uint32_t order[ROWS], words[ROWS];

	to->is.n_rows = 0;
	to->is.sum = 0;
	for (size_t p = 0; p < PARTS; p++) {
		const struct held_rows *part = &tree->parts[p];
		size_t n = 0;

		for (size_t i = 0; i < part->n; i++)
			if (part->leaf_of[i] == leaf) {
				order[n] = (uint32_t)i;
				words[n++] = part->words[i];
				to->is.sum += grad_word(part->words[i]);
			}
		to->is.n_rows += n;
		memset(own, 0, grouping->n_sums * sizeof *own);
		for (size_t group = 0; group < grouping->n_groups; group++)
			histogram_add(&grouping->groups[group], part->rows.groups[group], order, 0, words, n, &own[grouping->groups[group].at]);
		histogram_merge(merged, own, grouping->n_sums);
	}
	to->is.low = -INFINITY;
	to->is.high = INFINITY;
	to->best = (struct split){ .gain = 0 };
	for (size_t j = 0; j < FEATURES; j++) {
		const struct feature_group *group = &grouping->groups[grouping->group_of[j]];

		split_find(&rules.split, tree->quantum, &to->is, &tree->bins->features[j], (uint32_t)j, 0,
		           &merged[group->at + ((size_t)grouping->lane_of[j] << group->shift)], &to->best);
	}
	to->open = to->best.gain > 0 && (double)to->is.n_rows >= 2 * rules.split.min_rows && curve_of(to->is.sum) * tree->quantum.h >= 2 * rules.split.min_weight;
	free(own);
	free(merged);
}

static void divide(struct part_tree *tree, size_t leaf)
{
	struct part_leaf *parent = &tree->leaves[leaf];

	parent->open = false;
	parent->divided = true;
	parent->left = tree->n++;
	parent->right = tree->n++;
	for (size_t p = 0; p < PARTS; p++)
		for (size_t i = 0; i < tree->parts[p].n; i++)
			if (tree->parts[p].leaf_of[i] == leaf)
				tree->parts[p].leaf_of[i] = (uint32_t)(split_goes_left(&parent->best, tree_rows_bin(&tree->parts[p].rows, parent->best.feature, i)) ?
				                                       parent->left : parent->right);
	look_at_leaf(tree, parent->left);
	look_at_leaf(tree, parent->right);
}

static void grow_over_parts(struct part_tree *tree)
{
	memset(tree->leaves, 0, sizeof tree->leaves);
	for (size_t p = 0; p < PARTS; p++)
		memset(tree->parts[p].leaf_of, 0, sizeof tree->parts[p].leaf_of);
	tree->n = 1;
	look_at_leaf(tree, 0);
	for (size_t n_leaves = 1; n_leaves < LEAVES; n_leaves++) {
		size_t best = SIZE_MAX;

		for (size_t i = 0; i < tree->n; i++)
			if (tree->leaves[i].open && (best == SIZE_MAX || tree->leaves[i].best.gain > tree->leaves[best].best.gain))
				best = i;
		if (best == SIZE_MAX)
			return;
		divide(tree, best);
	}
}

/* Node `at` of the draft is this one, and so are those below it. Gives the draft's node behind them. */
static size_t same_nodes(const struct part_tree *tree, size_t leaf, const struct grower *whole, size_t at)
{
	const struct part_leaf *have = &tree->leaves[leaf];
	const struct grown_node *want = &whole->draft.nodes[at];
	size_t next;

	CHECK(whole->draft.covers[at] == (float)have->is.n_rows);
	if (!have->divided) {
		CHECK(want->kind == NODE_LEAF && whole->leaves[want->at].sum == have->is.sum && whole->leaves[want->at].n == have->is.n_rows);
		return at + 1;
	}
	CHECK(whole->draft.gains[at] == (float)have->best.gain && want->feature == have->best.feature && want->kind == (have->best.by_level ? NODE_LEVELS : NODE_CUT));
	if (have->best.by_level)
		CHECK(memcmp(&whole->draft.sets[want->at], &have->best.left_levels, sizeof have->best.left_levels) == 0);
	else
		CHECK(want->bin == have->best.bin && want->missing_right == have->best.missing_right);
	if (want->kind == NODE_LEAF)
		return at + 1;
	next = same_nodes(tree, have->left, whole, at + 1);
	CHECK(next == at + want->right);
	return same_nodes(tree, have->right, whole, next);
}

/* ---- bins ---- */

static void make_bins(struct bins *bins, size_t n_lanes, struct workers *workers)
{
	/* so little memory that not all rows are in the sample */
	struct bin_sample *sample = bin_sample_new(FEATURES, ROWS, n_lanes, 1, 1);

	for (size_t block = BLOCKS; block-- > 0;) {
		struct panel panel = panel_of(block);

		bin_sample_add(sample, n_lanes == 1 ? 0 : part_of[block], &panel);
	}
	bins_make(bins, sample, levels_of, MAX_BINS, 3, workers);
	bin_sample_free(sample);
}

static void check_same_bins(const struct bins *a, const struct bins *b)
{
	CHECK(a->n == b->n);
	for (size_t j = 0; j < a->n; j++) {
		CHECK(a->features[j].n_bins == b->features[j].n_bins && a->features[j].n_cuts == b->features[j].n_cuts && a->features[j].n_levels == b->features[j].n_levels);
		CHECK(a->features[j].n_cuts == 0 || memcmp(a->features[j].cuts, b->features[j].cuts, a->features[j].n_cuts * sizeof(double)) == 0);
	}
	CHECK(a->features[0].n_bins > 200);
}

int main(void)
{
	struct held_rows *parts = mem_new(PARTS, sizeof *parts), *whole = mem_new(1, sizeof *whole);
	struct part_tree *tree = mem_new(1, sizeof *tree);
	struct workers *workers = workers_new(2);
	struct grouping grouping;
	struct bins bins, of_parts;
	struct grower grower;
	struct rng rng;

	rng_seed(&rng, 3);
	make_values(&rng);
	TEST("samples of parts come to the bins of all rows");
	make_bins(&bins, 1, workers);
	make_bins(&of_parts, PARTS, workers);
	check_same_bins(&bins, &of_parts);
	grouping_make(&grouping, &bins);
	rows_open(whole, &bins, &grouping, SIZE_MAX);
	for (size_t p = 0; p < PARTS; p++)
		rows_open(&parts[p], &of_parts, &grouping, p);
	*tree = (struct part_tree){ .parts = parts, .bins = &of_parts, .grouping = &grouping };
	grower_open(&grower, &whole->rows, &rules, workers, 2, 1 << 30);
	TEST("trees over parts, whose sums are merged, are those of all rows");
	for (int round = 0; round < ROUNDS; round++) {
		struct quantum quantum = scales_of(whole, 1);

		tree->quantum = scales_of(parts, PARTS);
		CHECK(quantum.g == tree->quantum.g && quantum.h == tree->quantum.h);
		for (size_t p = 0; p < PARTS; p++)
			for (size_t i = 0; i < parts[p].n; i++)
				quantise(&g[parts[p].numbers[i]], &h[parts[p].numbers[i]], 1, parts[p].numbers[i], tree->quantum, (uint32_t)round, &parts[p].words[i]);
		for (size_t row = 0; row < ROWS; row++)
			grower.order[row] = (uint32_t)row;
		quantise(g, h, ROWS, 0, quantum, (uint32_t)round, grower.words);
		grow(&grower, ROWS, quantum, NULL, 0);
		grow_over_parts(tree);
		CHECK(grower.draft.n_leaves == LEAVES && grower.draft.n_sets > 0 && tree->n == grower.draft.n_nodes);
		CHECK(same_nodes(tree, 0, &grower, 0) == grower.draft.n_nodes);
		for (size_t p = 0; p < PARTS; p++)
			for (size_t i = 0; i < parts[p].n; i++)
				g[parts[p].numbers[i]] += (float)rint(split_answer(&rules.split, quantum, tree->leaves[parts[p].leaf_of[i]].is.sum, -INFINITY, INFINITY));
	}
	grower_close(&grower);
	tree_rows_free(&whole->rows);
	for (size_t p = 0; p < PARTS; p++)
		tree_rows_free(&parts[p].rows);
	grouping_release(&grouping);
	bins_release(&bins);
	bins_release(&of_parts);
	workers_free(workers);
	free(tree);
	free(parts);
	free(whole);
	return unit_done();
}
