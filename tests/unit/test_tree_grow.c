/* SPDX-License-Identifier: MIT */
/*
 * Bins, sums, splits and trees against the plain way: every cut of every feature, in doubles, over rows as they are. Gradients are
 * whole numbers here and curvatures whole weights, so sums have no rounding and both ways must find the very same.
 */
#include "unit.h"

#include <stdlib.h>

#include "memory.h"
#include "rng.h"
#include "tree_grow.h"

enum { FEATURES = 6, ROWS = 3000, LEVELS_AT = 4, N_LEVELS = 9 };

struct table {
	double x[FEATURES * ROWS], y[ROWS];     /* x column by column */
	float g[ROWS], h[ROWS];
	uint32_t levels_of[FEATURES];
	struct bins bins;
	struct grouping grouping;
	struct tree_rows rows;
	struct workers *workers;
};

static void make_values(struct table *table, struct rng *rng)
{
	for (size_t row = 0; row < ROWS; row++) {
		table->x[row] = (double)rng_below(rng, 40) / 8;
		table->x[ROWS + row] = rng_below(rng, 5) == 0 ? NAN : (double)rng_below(rng, 200);
		table->x[2 * ROWS + row] = (double)rng_below(rng, 2);
		table->x[3 * ROWS + row] = rng_below(rng, 3) == 0 ? -1e300 : rng_unit(rng) > 0.5 ? 0.0 : 1e-300;
		table->x[4 * ROWS + row] = (double)rng_below(rng, N_LEVELS);
		table->x[5 * ROWS + row] = 7;
		table->g[row] = (float)rng_below(rng, 41) - 20 + (table->x[row] > 2.3 ? 6 : 0) - (isnan(table->x[ROWS + row]) ? 4 : 0) +
		                (float)((int)table->x[4 * ROWS + row] % 3 - 1) * 3;
		table->h[row] = 1 + (float)rng_below(rng, 3);
		table->y[row] = (double)table->g[row];
	}
	table->levels_of[LEVELS_AT] = N_LEVELS;
}

static struct panel panel_of(const struct table *table, size_t block)
{
	size_t first = block * PANEL_ROWS, left = ROWS - first;

	return (struct panel){ .part = PART_TRAIN, .block = block, .n_rows = left < PANEL_ROWS ? left : PANEL_ROWS, .n_features = FEATURES,
	                       .x = &table->x[first], .stride = ROWS, .y = &table->y[first] };
}

static struct table *table_new(struct rng *rng)
{
	struct table *table = mem_new(1, sizeof *table);
	struct bin_sample *sample = bin_sample_new(FEATURES, ROWS, 2, 1 << 20, 1);
	struct block_counts counts;
	size_t n_blocks = (ROWS + PANEL_ROWS - 1) / PANEL_ROWS;
	float y[PANEL_ROWS] = { 0 };

	make_values(table, rng);
	block_counts_init(&counts);
	table->workers = workers_new(2);
	for (size_t block = n_blocks; block-- > 0;) {           /* in any order, by any lane */
		struct panel panel = panel_of(table, block);

		block_counts_add(&counts, &panel);
		bin_sample_add(sample, block % 2, &panel);
	}
	bins_make(&table->bins, sample, table->levels_of, MAX_BINS, 3, table->workers);
	grouping_make(&table->grouping, &table->bins);
	tree_rows_open(&table->rows, &table->bins, &table->grouping, &counts, false);
	for (size_t block = n_blocks; block-- > 0;) {
		struct panel panel = panel_of(table, block);

		tree_rows_add(&table->rows, &panel, y);
	}
	block_counts_release(&counts);
	bin_sample_free(sample);
	return table;
}

static void table_free(struct table *table)
{
	tree_rows_free(&table->rows);
	grouping_release(&table->grouping);
	bins_release(&table->bins);
	workers_free(table->workers);
	free(table);
}

/* ---- bins ---- */

static void check_lookup(struct rng *rng)
{
	TEST("a value's bin is the number of cuts below it, and one");
	for (size_t n_cuts = 0; n_cuts <= MAX_CUTS; n_cuts += 1 + n_cuts / 7) {
		double cuts[MAX_CUTS], tried[67];
		unsigned char bins[67 * 3];
		struct feature_bins feature;

		for (size_t i = 0; i < n_cuts; i++)
			cuts[i] = (double)i * 2 - 100;
		bins_set(&feature, cuts, n_cuts);
		for (size_t i = 0; i < 67; i++)
			tried[i] = i == 0 ? NAN : i == 1 ? INFINITY : i == 2 ? -INFINITY : (double)rng_below(rng, 700) - 120;
		bins_of(&feature, tried, 67, bins, 3);
		for (size_t i = 0; i < 67; i++) {
			unsigned want = isnan(tried[i]) ? 0 : 1;

			for (size_t k = 0; want && k < n_cuts; k++)
				want += cuts[k] < tried[i];
			CHECK(bins[i * 3] == want);
		}
		free(feature.cuts);
	}
}

static void check_cuts(void)
{
	double values[10000];
	struct feature_bins feature;
	unsigned char bins[10000];
	size_t counts[MAX_BINS] = { 0 };

	TEST("few values have a bin each, cut in the middle");
	for (size_t i = 0; i < 90; i++)
		values[i] = (double)(i / 30) * 10;
	bins_cut(&feature, values, 90, MAX_BINS, 3);
	CHECK(feature.n_cuts == 2 && feature.cuts[0] == 5 && feature.cuts[1] == 15 && feature.n_bins == 4);
	free(feature.cuts);
	TEST("neighbours without a middle stay apart");
	values[0] = values[1] = values[2] = 1;
	values[3] = values[4] = values[5] = nextafter(1, 2);
	bins_cut(&feature, values, 6, MAX_BINS, 3);
	CHECK(feature.n_cuts == 1 && feature.cuts[0] == 1);
	free(feature.cuts);
	TEST("many values are divided evenly, a frequent one has a bin of its own");
	for (size_t i = 0; i < 10000; i++)
		values[i] = i < 3000 ? (double)i : i < 6000 ? 3000 : (double)i;
	bins_cut(&feature, values, 10000, MAX_BINS, 3);
	CHECK(feature.n_bins > 250 && feature.n_bins <= MAX_BINS);
	bins_of(&feature, values, 10000, bins, 1);
	for (size_t i = 0; i < 10000; i++)
		counts[bins[i]]++;
	CHECK(counts[0] == 0 && counts[bins[3000]] == 3000);
	for (size_t bin = 1; bin < feature.n_bins; bin++)
		CHECK(counts[bin] == 3000 || (counts[bin] > 0 && counts[bin] < 70));
	free(feature.cuts);
	TEST("no values, one value: no cut");
	bins_cut(&feature, values, 0, MAX_BINS, 3);
	CHECK(feature.n_cuts == 0 && feature.n_bins == 2);
	free(feature.cuts);
	bins_cut(&feature, values, 1, MAX_BINS, 3);
	CHECK(feature.n_cuts == 0);
	free(feature.cuts);
}

/* ---- sums ---- */

static void check_words(struct rng *rng)
{
	enum { MANY = 50000 };
	static float g[MANY], h[MANY];
	static uint32_t words[MANY];
	double sum_g = 0, sum_h = 0, most = 0;
	int64_t all_g = 0, all_h = 0;
	struct quantum quantum;
	grad_sum sum = 0;

	TEST("whole numbers stay, and sums have no drift");
	for (size_t i = 0; i < MANY; i++) {
		g[i] = i % 100 == 0 ? 900.0f : (float)rng_unit(rng) * 0.002f;           /* most are less than a unit */
		h[i] = (float)(i % 4);
		sum_g += (double)g[i];
		sum_h += (double)h[i];
		most = fmax(most, (double)g[i]);
	}
	quantum = quantise_scales(most, sum_g, 3, sum_h, true, MANY);
	quantise(g, h, MANY, 0, quantum, 12345, words);
	for (size_t i = 0; i < MANY; i++) {
		CHECK((words[i] & 0xffff) == i % 4);
		all_g += (int32_t)words[i] >> 16;
		all_h += words[i] & 0xffff;
		sum += grad_word(words[i]);
	}
	CHECK(all_h == (int64_t)sum_h && curve_of(sum) == (int32_t)all_h && grad_of(sum) == (int32_t)all_g);
	CHECK_NEAR((double)all_g * quantum.g, sum_g, 1e-4 * sum_g);
	TEST("runs that begin elsewhere give the same words");
	for (size_t first = 1; first < 200; first += 17) {
		uint32_t part[64];

		quantise(&g[first], &h[first], 64, first, quantum, 12345, part);
		CHECK(memcmp(part, &words[first], sizeof part) == 0);
	}
	TEST("of what floats have no number of units nothing is left to learn");
	CHECK(quantise_scales(1e-40, 1e-38, 1, 50, false, MANY).g == 0);
	TEST("no sum overflows");
	sum = 0;
	for (size_t i = 0; i < MANY; i++) {
		g[i] = -1e9f;
		h[i] = 1e-9f;
	}
	quantum = quantise_scales(1e9, 1e9 * MANY, 1e-9, 1e-9 * MANY, false, MANY);
	quantise(g, h, MANY, 0, quantum, 1, words);
	for (size_t i = 0; i < MANY; i++)
		sum += grad_word(words[i]);
	CHECK_NEAR(grad_of(sum) * quantum.g, -1e9 * MANY, 1e9);
	CHECK_NEAR(curve_of(sum) * quantum.h, 1e-9 * MANY, 1e-9 * MANY / 1e4);
}

/* Rows divided in any way, summed and merged, come to the same sums as all of them at once: machines may share the work. */
static void check_merged(struct rng *rng)
{
	struct table *table = table_new(rng);
	size_t n_sums = table->grouping.n_sums;
	grad_sum *all = mem_new(n_sums, sizeof *all), *merged = mem_new(n_sums, sizeof *merged), *part = mem_new(n_sums, sizeof *part);
	uint32_t words[ROWS], order[ROWS];

	TEST("sums of parts are merged to the sums of all, and taken off again");
	quantise(table->g, table->h, ROWS, 0, quantise_scales(40, 40.0 * ROWS, 4, 4.0 * ROWS, true, ROWS), 9, words);
	for (size_t row = 0; row < ROWS; row++)
		order[row] = (uint32_t)row;
	for (size_t g = 0; g < table->grouping.n_groups; g++) {
		const struct feature_group *group = &table->grouping.groups[g];

		histogram_add(group, table->rows.groups[g], NULL, 0, words, ROWS, &all[group->at]);
		for (size_t from = 0, n; from < ROWS; from += n) {
			n = 1 + rng_below(rng, 700);
			n = from + n > ROWS ? ROWS - from : n;
			memset(part, 0, n_sums * sizeof *part);
			histogram_add(group, table->rows.groups[g], &order[from], 0, &words[from], n, &part[group->at]);
			histogram_merge(merged, part, n_sums);
		}
	}
	CHECK(memcmp(all, merged, n_sums * sizeof *all) == 0);
	histogram_subtract(merged, all, n_sums);
	for (size_t i = 0; i < n_sums; i++)
		CHECK(merged[i] == 0);
	free(all);
	free(merged);
	free(part);
	table_free(table);
}

/* ---- the plain way ---- */

struct plain { double gain; size_t feature; double cut; bool missing_left; };

static double share(double g, double h, double l2) { return g * g / (h + l2); }

/* The gain of the best cut between values of a number, each way of the missing ones. */
static double best_cut(const struct table *table, const bool *in, size_t feature, const struct split_rules *rules)
{
	double best = 0, all_g = 0, all_h = 0;

	for (size_t row = 0; row < ROWS; row++)
		if (in[row]) {
			all_g += (double)table->g[row];
			all_h += (double)table->h[row];
		}
	for (size_t at = 0; at < ROWS; at++)
		for (int missing_left = 0; in[at] && missing_left < 2; missing_left++) {
			double cut = table->x[feature * ROWS + at], left_g = 0, left_h = 0, gain;

			for (size_t row = 0; row < ROWS; row++) {
				double value = table->x[feature * ROWS + row];

				if (in[row] && (isnan(value) ? missing_left : isnan(cut) ? false : value <= cut)) {
					left_g += (double)table->g[row];
					left_h += (double)table->h[row];
				}
			}
			if (left_h < rules->min_weight || all_h - left_h < rules->min_weight)
				continue;
			gain = share(left_g, left_h, rules->l2) + share(all_g - left_g, all_h - left_h, rules->l2) - share(all_g, all_h, rules->l2);
			best = fmax(best, gain);
		}
	return best;
}

/* The same over all ways to divide the levels. */
static double best_levels(const struct table *table, const bool *in, const struct split_rules *rules)
{
	double g[N_LEVELS] = { 0 }, h[N_LEVELS] = { 0 }, all_g = 0, all_h = 0, best = 0, l2 = rules->l2 + rules->level_l2;

	for (size_t row = 0; row < ROWS; row++)
		if (in[row]) {
			size_t level = (size_t)table->x[LEVELS_AT * ROWS + row];

			g[level] += (double)table->g[row];
			h[level] += (double)table->h[row];
			all_g += (double)table->g[row];
			all_h += (double)table->h[row];
		}
	for (unsigned set = 1; set < 1u << N_LEVELS; set++) {
		double left_g = 0, left_h = 0;

		for (size_t level = 0; level < N_LEVELS; level++)
			if (set >> level & 1) {
				left_g += g[level];
				left_h += h[level];
			}
		if (left_h >= rules->min_weight && all_h - left_h >= rules->min_weight)
			best = fmax(best, share(left_g, left_h, l2) + share(all_g - left_g, all_h - left_h, l2) - share(all_g, all_h, rules->l2));
	}
	return best;
}

/* ---- trees ---- */

static void set_rows(const struct table *table, struct grower *grower, struct quantum quantum)
{
	for (size_t row = 0; row < ROWS; row++)
		grower->order[row] = (uint32_t)row;
	quantise(table->g, table->h, ROWS, 0, quantum, 1, grower->words);
}

/* Each node's split gains as much as the best of the plain way, and its rows are those that it says. */
static void check_nodes(const struct table *table, const struct grower *grower, const struct grow_rules *rules)
{
	size_t leaf = 0, inner = 0, depth = 0;
	struct range { size_t first, n, node; } stack[200];
	bool *in = mem_new(ROWS, sizeof *in);

	stack[depth++] = (struct range){ 0, ROWS, 0 };
	while (depth > 0) {
		struct range range = stack[--depth];
		const struct grown_node *node = &grower->draft.nodes[range.node];
		double best = 0, g = 0, h = 0;
		size_t n_left = 0, left_leaves = 0;

		memset(in, 0, ROWS * sizeof *in);
		for (size_t i = range.first; i < range.first + range.n; i++) {
			size_t row = grower->order[i];

			CHECK(!in[row]);
			in[row] = true;
			g += (double)table->g[row];
			h += (double)table->h[row];
		}
		CHECK(grower->draft.covers[range.node] == (float)range.n);
		if (node->kind == NODE_LEAF) {
			const struct grown_leaf *is = &grower->leaves[leaf++];

			CHECK(is->first == range.first && is->n == range.n && grad_of(is->sum) == (int32_t)g && curve_of(is->sum) == (int32_t)h);
			for (size_t i = range.first + 1; i < range.first + range.n; i++)
				CHECK(grower->order[i] > grower->order[i - 1]);
			continue;
		}
		if (inner++ < 3) {              /* the plain way takes its time */
			for (size_t j = 0; j < FEATURES; j++)
				best = fmax(best, j == LEVELS_AT ? best_levels(table, in, &rules->split) : best_cut(table, in, j, &rules->split));
			CHECK_NEAR((double)grower->draft.gains[range.node], best, 1e-6 * best);
		}
		/* how many rows lie in leaves of the left side: those up to the right child's first leaf */
		for (size_t i = range.node + 1; i < range.node + node->right; i++)
			left_leaves += grower->draft.nodes[i].kind == NODE_LEAF;
		for (size_t i = 0; i < left_leaves; i++)
			n_left += grower->leaves[leaf + i].n;
		for (size_t i = range.first; i < range.first + range.n; i++) {
			unsigned bin = tree_rows_bin(&table->rows, node->feature, grower->order[i]);
			bool left = node->kind == NODE_LEVELS ? grower->draft.sets[node->at].words[bin / 32] >> bin % 32 & 1
			            : bin == 0 ? !node->missing_right : bin <= node->bin;

			CHECK(left == (i < range.first + n_left));
		}
		stack[depth++] = (struct range){ range.first + n_left, range.n - n_left, range.node + node->right };
		stack[depth++] = (struct range){ range.first, n_left, range.node + 1 };
	}
	CHECK(leaf == grower->draft.n_leaves);
	free(in);
}

static void check_tree(const struct table *table, const struct grow_rules *rules, uint64_t memory)
{
	struct quantum quantum = { 1, 1 };
	struct grower grower, other;

	grower_open(&grower, &table->rows, rules, table->workers, 1, memory);
	set_rows(table, &grower, quantum);
	grow(&grower, ROWS, quantum, NULL, 3);
	CHECK(grower.draft.n_leaves == rules->leaves);
	check_nodes(table, &grower, rules);
	/* two threads, and less memory than all leaves' sums: the same tree */
	grower_open(&other, &table->rows, rules, table->workers, 2, 0);
	set_rows(table, &other, quantum);
	grow(&other, ROWS, quantum, NULL, 3);
	CHECK(other.draft.n_nodes == grower.draft.n_nodes);
	CHECK(memcmp(other.draft.nodes, grower.draft.nodes, grower.draft.n_nodes * sizeof *grower.draft.nodes) == 0);
	CHECK(memcmp(other.order, grower.order, ROWS * sizeof *grower.order) == 0);
	grower_close(&other);
	grower_close(&grower);
	grower_close(&grower);
}

static void check_trees(struct rng *rng)
{
	struct grow_rules rules = { .split = { .l2 = 1, .min_weight = 30, .min_rows = 1 }, .leaves = 12, .depth = SIZE_MAX };
	struct table *table = table_new(rng);

	TEST("each split is the best there is, each leaf holds its rows");
	check_tree(table, &rules, 1 << 30);
	rules.by_level = true;
	check_tree(table, &rules, 1 << 30);
	rules.by_level = false;
	rules.split.level_l2 = 25;
	rules.split.min_weight = 200;
	check_tree(table, &rules, 1 << 30);
	table_free(table);
}

static grad_sum sum_of(int g, unsigned h) { return ((grad_sum)(int64_t)g << 32) + h; }

/* Seven levels, two of which no row of the leaf has. */
static void check_absent(void)
{
	const struct split_rules rules = { .l2 = 1, .min_rows = 1 };
	const struct feature_bins bins = { .n_levels = 7, .n_bins = 7 };
	const struct quantum quantum = { 1, 1 };

	TEST("levels that are not there go to the heavier side");
	for (int side = 0; side < 2; side++) {
		unsigned heavy = side ? 30 : 300;
		const grad_sum sums[7] = { sum_of(-50, heavy), 0, sum_of(-60, heavy), sum_of(200, 100), 0, sum_of(210, 100), sum_of(190, 100) };
		struct split_leaf leaf = { .n_rows = 300 + 2 * heavy, .low = -INFINITY, .high = INFINITY, .sum = sums[0] + sums[2] + sums[3] + sums[5] + sums[6] };
		struct split best = { .gain = 0 };

		split_find(&rules, quantum, &leaf, &bins, 7, 0, sums, &best);
		CHECK(best.gain > 0 && best.feature == 7 && best.by_level && best.left == sums[0] + sums[2]);
		for (unsigned level = 0; level < 7; level++)
			CHECK(split_goes_left(&best, level) == (level == 0 || level == 2 || ((level == 1 || level == 4) && side == 0)));
	}
}

/* Answers in order along a feature, whatever the others are. */
static void check_monotone(struct rng *rng)
{
	static const signed char directions[FEATURES] = { 1, 0, 0, 0, 0, 0 };
	struct grow_rules rules = { .split = { .l2 = 1, .min_weight = 5, .min_rows = 1 }, .leaves = 60, .depth = SIZE_MAX,
	                            .monotone = directions };
	struct table *table = table_new(rng);
	struct quantum quantum = { 1, 1 };
	struct grower grower;
	bool lower = false;

	TEST("a monotone feature: whatever path a row takes, more of it never answers less");
	grower_open(&grower, &table->rows, &rules, table->workers, 1, 1 << 30);
	set_rows(table, &grower, quantum);
	grow(&grower, ROWS, quantum, NULL, 3);
	CHECK(grower.draft.n_leaves == 60);
	for (size_t row = 0; row < 300; row++) {
		double last = -INFINITY;

		for (unsigned bin = 1; bin < table->bins.features[0].n_bins; bin++) {
			size_t at = 0, leaf = 0;

			while (grower.draft.nodes[at].kind != NODE_LEAF) {
				const struct grown_node *node = &grower.draft.nodes[at];
				unsigned own = node->feature == 0 ? bin : tree_rows_bin(&table->rows, node->feature, row);
				bool left = node->kind == NODE_LEVELS ? grower.draft.sets[node->at].words[own / 32] >> own % 32 & 1
				            : own == 0 ? !node->missing_right : own <= node->bin;

				at += left ? 1 : node->right;
			}
			leaf = grower.draft.nodes[at].at;
			{
				double answer = split_answer(&rules.split, quantum, grower.leaves[leaf].sum, grower.leaves[leaf].low, grower.leaves[leaf].high);

				CHECK(answer >= last);
				lower = lower || (isfinite(last) && answer > last);
				last = answer;
			}
		}
	}
	CHECK(lower);
	grower_close(&grower);
	table_free(table);
}

int main(void)
{
	struct rng rng;

	rng_seed(&rng, 11);
	check_lookup(&rng);
	check_cuts();
	check_words(&rng);
	check_merged(&rng);
	check_trees(&rng);
	check_absent();
	check_monotone(&rng);
	return unit_done();
}
