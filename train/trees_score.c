/* SPDX-License-Identifier: MIT */
/*
 * What trees say, of a few hundred rows at once, which are bins first: a byte for each row and feature that is used.
 *
 * A tree of up to MASKED_LEAVES is no walk: all of its inner nodes are asked, 32 rows by one instruction. To each
 * belongs a mask of the rows that come to it; it hands them on to its sides. Leaves are numbered from the left, and a row
 * that goes right has the leaves at the left behind it: what it skips adds up to its leaf's number.
 *
 *     right = mask & (bins + plus > bin)      mask of the right side = right, of the left one = mask &~ right
 *     leaf += right & skips
 *
 * Nodes above two leaves hand nothing on. Larger trees are walked, a few rows side by side, each by `at += right or left`,
 * until none moves on; so no branch is guessed wrong.
 *
 * What was tried, of 100 trees of 63 leaves (20 features, depth to 21), ns for a row and tree: by masks 1.6, bins and sums among them
 * (leaves' numbers in memory 2.4); walks of 4 rows 16, of 8 rows 12, of 16 and 32 17 (unrolled the same, by a branch 42); of
 * 1,024 rows with a list of those that are on their way 17. Of 40 trees of 255 leaves masks take 5.1, walks 15. A set costs as
 * much as three cuts. Vectors of 64 bytes were not tried. LightGBM 4.7 takes 65 and XGBoost 3.2 26 for the same trees' shape.
 */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "trees.h"
#include "vector.h"

enum { LANES = 32, VECTORS = 4, RUN = LANES * VECTORS, WALKED = 8, FIRST_CACHE = 24 * 1024 };

typedef unsigned char vec32b __attribute__((vector_size(LANES), may_alias));
struct leaf_run { vec32b at[VECTORS]; };         /* a byte for each row of a run */

/* ---- by masks ---- */

/* How nodes are asked: cuts only, or sets too, which are looked up for one row after the other, or for 32 of them. */
enum asking { ASK_CUTS, ASK_EACH, ASK_SHUFFLED };

/* Bytes 0xff where the row's bin is in the set. */
static INLINE void in_set(const struct level_set *set, enum asking asking, const vec32b *bins, vec32b *in)
{
#ifdef HAS_AVX512
	if (asking == ASK_SHUFFLED) {
		static const vec32b bits = { 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128 };
		vec32b bytes;

		memcpy(&bytes, set->words, sizeof bytes);
		*in = (vec32b)((__builtin_shuffle(bytes, *bins >> 3) & __builtin_shuffle(bits, *bins & 7)) != 0);
		return;
	}
#endif
	(void)asking;
	for (size_t i = 0; i < LANES; i++) {
		unsigned bin = ((const unsigned char *)bins)[i];

		((unsigned char *)in)[i] = (unsigned char)-(int)level_set_holds(set, bin);
	}
}

/* What is asked at a step, in each byte: vectors of their own, as in a struct the compiler keeps them in memory. */
#define SPLAT(byte) ((vec32b){ 0 } + (byte))

static INLINE void goes_left(const vec32b *plus, const vec32b *bin, const struct level_set *set, enum asking asking, const vec32b *bins,
                             vec32b *left)
{
	if (asking != ASK_CUTS && set)
		in_set(set, asking, bins, left);
	else
		*left = (vec32b)(*bins + *plus <= *bin);
}

static INLINE void hand_on(const vec32b *left, const vec32b *skips, const vec32b *self, vec32b *to_left, vec32b *to_right, vec32b *leaf)
{
	vec32b mask = *self, right = mask & ~*left;

	*to_left = mask & *left;
	*to_right = right;
	*leaf += right & *skips;
}

/* Numbers of the leaves of RUN rows; bins: those of feature `place` from bins[place * stride] on. The loop over VECTORS is written out, so
 * that leaves stay in registers. */
static INLINE void find_leaves(const struct score_step *steps, size_t n_open, size_t n_shut, const struct level_set *sets, enum asking asking,
                               const unsigned char *bins, size_t stride, struct leaf_run *slots, struct leaf_run *leaves)
{
	const struct score_step *shut = steps + n_open, *end = shut + n_shut;
	vec32b leaf0 = { 0 }, leaf1 = { 0 }, leaf2 = { 0 }, leaf3 = { 0 };

	memset(&slots[0], 0xff, sizeof slots[0]);
	for (const struct score_step *step = steps; step < end; step++) {
		const struct level_set *set = asking != ASK_CUTS && step->by_level ? &sets[step->set] : NULL;
		const vec32b *of = (const vec32b *)&bins[step->feature * stride], *self = slots[step->self].at;
		vec32b plus = SPLAT(step->plus), bin = SPLAT(step->bin), skips = SPLAT(step->skips), left0, left1, left2, left3;

		goes_left(&plus, &bin, set, asking, &of[0], &left0);
		goes_left(&plus, &bin, set, asking, &of[1], &left1);
		goes_left(&plus, &bin, set, asking, &of[2], &left2);
		goes_left(&plus, &bin, set, asking, &of[3], &left3);
		if (step < shut) {
			vec32b *left = slots[step->left].at, *right = slots[step->right].at;

			hand_on(&left0, &skips, &self[0], &left[0], &right[0], &leaf0);
			hand_on(&left1, &skips, &self[1], &left[1], &right[1], &leaf1);
			hand_on(&left2, &skips, &self[2], &left[2], &right[2], &leaf2);
			hand_on(&left3, &skips, &self[3], &left[3], &right[3], &leaf3);
		} else {
			leaf0 -= self[0] & ~left0;
			leaf1 -= self[1] & ~left1;
			leaf2 -= self[2] & ~left2;
			leaf3 -= self[3] & ~left3;
		}
	}
	*leaves = (struct leaf_run){ { leaf0, leaf1, leaf2, leaf3 } };
}

WIDE static void find_by_cuts(const struct score_step *steps, size_t n_open, size_t n_shut, const unsigned char *bins, size_t stride,
                              struct leaf_run *slots, struct leaf_run *leaves)
{
	find_leaves(steps, n_open, n_shut, NULL, ASK_CUTS, bins, stride, slots, leaves);
}

static void find_by_levels(const struct score_step *steps, size_t n_open, size_t n_shut, const struct level_set *sets,
                           const unsigned char *bins, size_t stride, struct leaf_run *slots, struct leaf_run *leaves)
{
	find_leaves(steps, n_open, n_shut, sets, ASK_EACH, bins, stride, slots, leaves);
}

/* Where bytes are looked up by one instruction. Clones are made too late for that: what the plain one can't do is taken apart before. */
#ifdef HAS_AVX512
AVX2 static void find_by_levels_avx2(const struct score_step *steps, size_t n_open, size_t n_shut, const struct level_set *sets,
                                     const unsigned char *bins, size_t stride, struct leaf_run *slots, struct leaf_run *leaves)
{
	find_leaves(steps, n_open, n_shut, sets, ASK_SHUFFLED, bins, stride, slots, leaves);
}
#endif

/* ---- by walking ---- */

/* Without a branch, which would be guessed wrong as often as not. sets NULL: the tree has none. */
static INLINE uint32_t moves(const struct grown_node *node, const struct level_set *sets, unsigned bin)
{
	uint32_t right = cut_goes_right(node, bin);

	if (sets) {
		uint32_t is_set = -(uint32_t)(node->kind == NODE_LEVELS), out = !level_set_holds(&sets[node->at & is_set], bin);

		right = (out & is_set) | (right & ~is_set);
	}
	return node->left + (-right & (node->right - node->left));
}

/* The nodes, of this tree, that WALKED rows end at. */
static INLINE void walk(const struct grown_node *nodes, const struct level_set *sets, const unsigned char *bins, size_t stride, uint32_t *at)
{
	uint32_t moved;

	memset(at, 0, WALKED * sizeof *at);
	do {
		moved = 0;
		for (size_t i = 0; i < WALKED; i++) {
			const struct grown_node *node = &nodes[at[i]];
			uint32_t more = moves(node, sets, bins[node->feature * stride + i]);

			at[i] += more;
			moved |= more;
		}
	} while (moved);
}

/* ---- a panel ---- */

/* Rows of a panel that are scored together: sums by output, and bins by used feature, each of `stride` rows. */
struct scoring {
	const struct trees *trees;
	unsigned char *bins;
	double *sums;
	size_t stride, n_rows;          /* n_rows: rounded up to a RUN */
	struct leaf_run *slots;
	void (*find_by_levels)(const struct score_step *, size_t, size_t, const struct level_set *, const unsigned char *, size_t, struct leaf_run *, struct leaf_run *);
};

static INLINE void add_each(const double *restrict values, size_t width, const unsigned char *restrict leaves, double *restrict sums)
{
#pragma GCC unroll 8
	for (size_t row = 0; row < RUN; row++)
		sums[row] += values[leaves[row] * width];
}

static void add_leaves(const struct scoring *scoring, const struct grown_tree *tree, const unsigned char *leaves, size_t first)
{
	const double *values = &scoring->trees->values[tree->first_value];
	size_t width = scoring->trees->width;
	double *sums = &scoring->sums[tree->output * scoring->stride + first];

	if (width == 1)
		add_each(values, 1, leaves, sums);
	for (size_t k = 0; width > 1 && k < width; k++)
		add_each(&values[k], width, leaves, &sums[k * scoring->stride]);
}

static void score_masked(const struct scoring *scoring, const struct grown_tree *tree)
{
	const struct score_step *steps = &scoring->trees->steps[tree->first_step];
	const struct level_set *sets = tree->by_level ? &scoring->trees->sets[tree->first_set] : NULL;
	struct leaf_run leaves;

	for (size_t row = 0; row < scoring->n_rows; row += RUN) {
		if (tree->by_level)
			scoring->find_by_levels(steps, tree->n_open, tree->n_shut, sets, &scoring->bins[row], scoring->stride, scoring->slots, &leaves);
		else
			find_by_cuts(steps, tree->n_open, tree->n_shut, &scoring->bins[row], scoring->stride, scoring->slots, &leaves);
		add_leaves(scoring, tree, (const unsigned char *)&leaves, row);
	}
}

static void score_walked(const struct scoring *scoring, const struct grown_tree *tree)
{
	const struct trees *trees = scoring->trees;
	const struct grown_node *nodes = &trees->nodes[tree->first];
	const double *values = &trees->values[tree->first_value];
	uint32_t at[WALKED];

	for (size_t row = 0; row < scoring->n_rows; row += WALKED) {
		if (tree->by_level)
			walk(nodes, &trees->sets[tree->first_set], &scoring->bins[row], scoring->stride, at);
		else
			walk(nodes, NULL, &scoring->bins[row], scoring->stride, at);
		for (size_t k = 0; k < trees->width; k++)
			for (size_t i = 0; i < WALKED; i++)
				scoring->sums[(tree->output + k) * scoring->stride + row + i] += values[nodes[at[i]].at * trees->width + k];
	}
}

static void score_rows(struct scoring *scoring, const struct panel *panel, size_t first, size_t n, double *out)
{
	const struct trees *trees = scoring->trees;

	scoring->n_rows = (n + RUN - 1) / RUN * RUN;
	for (size_t place = 0; place < trees->n_used; place++)
		bins_of(&trees->bins.features[trees->used[place]], &panel->x[trees->used[place] * panel->stride + first], n,
		        &scoring->bins[place * scoring->stride], 1);
	memset(scoring->sums, 0, trees->n_outputs * scoring->stride * sizeof *scoring->sums);
	for (size_t i = 0; i < trees->n_trees; i++)
		if (trees->trees[i].n_nodes < 2 * MASKED_LEAVES)
			score_masked(scoring, &trees->trees[i]);
		else
			score_walked(scoring, &trees->trees[i]);
	for (size_t k = 0; k < trees->n_outputs; k++)
		for (size_t row = 0; row < n; row++)
			out[(first + row) * trees->n_outputs + k] += scoring->sums[k * scoring->stride + row];
}

void trees_score(const struct trees *trees, const struct panel *panel, double *out)
{
	size_t fit = FIRST_CACHE / (trees->n_used + 1) / RUN * RUN, stride = fit < RUN ? RUN : fit > PANEL_ROWS ? PANEL_ROWS : fit;
	size_t bins_size = trees->n_used * stride, slots_size = MASKED_LEAVES * sizeof(struct leaf_run);
	unsigned char *memory = mem_aligned(bins_size + slots_size);
	struct scoring scoring = { .trees = trees, .bins = memory + slots_size, .slots = (struct leaf_run *)memory, .stride = stride,
	                           .find_by_levels = find_by_levels };

#ifdef HAS_AVX512
	if (cpu_lanes() >= CPU_AVX2)
		scoring.find_by_levels = find_by_levels_avx2;
#endif
	memset(scoring.bins, 0, bins_size);
	scoring.sums = mem_array(trees->n_outputs * stride, sizeof *scoring.sums);
	for (size_t first = 0; first < panel->n_rows; first += stride)
		score_rows(&scoring, panel, first, panel->n_rows - first < stride ? panel->n_rows - first : stride, &out[0]);
	free(scoring.sums);
	free(memory);
}

/* ---- training's rows ---- */

/* The nodes that rows numbers[0 .. n - 1] end at; numbers NULL: rows first .. first + n - 1. */
static INLINE void walk_rows(const struct grown_node *nodes, const struct level_set *sets, const struct bin_column *columns, const uint32_t *numbers,
                             size_t first, size_t n, uint32_t *at)
{
	uint32_t moved;

	memset(at, 0, n * sizeof *at);
	do {
		moved = 0;
		for (size_t i = 0; i < n; i++) {
			const struct bin_column *column = &columns[nodes[at[i]].feature];
			size_t row = numbers ? numbers[i] : first + i;
			uint32_t more = moves(&nodes[at[i]], sets, column->bins[row * column->width]);

			at[i] += more;
			moved |= more;
		}
	} while (moved);
}

void trees_find_leaves(const struct trees *trees, size_t number, const struct tree_rows *rows, const uint32_t *numbers, size_t first, size_t n,
                       uint32_t *leaves)
{
	const struct grown_tree *tree = &trees->trees[number];
	const struct grown_node *nodes = &trees->nodes[tree->first];
	const struct level_set *sets = tree->by_level ? &trees->sets[tree->first_set] : NULL;
	struct bin_column *columns = mem_array(rows->bins->n + 1, sizeof *columns);

	for (size_t j = 0; j < rows->bins->n; j++)
		columns[j] = tree_rows_column(rows, j);
	for (size_t at = 0; at < n; at += WALKED) {
		size_t more = n - at < WALKED ? n - at : WALKED;
		const uint32_t *some = numbers ? &numbers[at] : NULL;

		if (!sets && more == WALKED)
			walk_rows(nodes, NULL, columns, some, first + at, WALKED, &leaves[at]);
		else
			walk_rows(nodes, sets, columns, some, first + at, more, &leaves[at]);
	}
	for (size_t i = 0; i < n; i++)
		leaves[i] = nodes[leaves[i]].at;
	free(columns);
}
