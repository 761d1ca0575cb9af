/* SPDX-License-Identifier: MIT */
/* Trees as a model keeps them: scored, pruned, copied, packed; against a walk of the nodes by the values themselves. */
#include "random_trees.h"

#include "fake_training.h"
#include "levels_of.h"
#include "unit.h"

enum { FEATURES = 7, ROWS = 2 * PANEL_ROWS, STRIDE = PANEL_ROWS, SMALL = 6 };
/* Numbers of 254, 9, 1 and no cuts, 7 and 300 levels, and a number that no tree uses. */
static const uint32_t n_levels[FEATURES] = { 0, 0, 7, 0, 300, 0, 0 };
static const size_t cuts_of[FEATURES] = { 254, 9, 0, 1, 0, 0, 50 };
static double x[2][FEATURES * STRIDE];

static void make_rows(struct rng *rng)
{
	for (size_t row = 0; row < ROWS; row++)
		for (size_t j = 0; j < FEATURES; j++) {
			double value = n_levels[j] ? below(rng, n_levels[j] + 3) : uniform(rng) * 1.2 - 0.1;

			if (j == 1)
				value = (double)below(rng, 11) / 10;            /* many are a cut itself */
			x[row / STRIDE][j * STRIDE + row % STRIDE] = below(rng, 8) == 0 ? NAN : value;
		}
}

static struct panel panel_of(size_t i) { return (struct panel){ .n_rows = i ? 700 : STRIDE, .n_features = FEATURES, .x = x[i], .stride = STRIDE }; }

static void make_bins(struct bins *bins)
{
	double cuts[MAX_CUTS];

	bins->n = FEATURES;
	bins->features = mem_new(FEATURES, sizeof *bins->features);
	for (size_t j = 0; j < FEATURES; j++) {
		size_t levels = n_levels[j] < MAX_BINS ? n_levels[j] : MAX_BINS;

		for (size_t i = 0; i < cuts_of[j]; i++)
			cuts[i] = (double)(i + 1) / (double)(cuts_of[j] + 1);
		if (levels)
			bins->features[j] = (struct feature_bins){ .n_levels = levels, .n_bins = levels };
		else
			bins_set(&bins->features[j], cuts, cuts_of[j]);
	}
}

static void add_tree(struct trees *trees, struct rng *rng, size_t n_leaves, bool levels, bool deep, uint32_t output)
{
	static const uint32_t features[] = { 0, 1, 3, 5, 2, 4 };        /* numbers, levels */
	struct random_rules rules = { .features = features, .n_features = levels ? 6 : 4, .deep = deep && n_leaves <= MAX_TREE_DEPTH };

	add_random_tree(trees, &rules, rng, n_leaves, output);
}

static const size_t sizes[] = { 1, 2, 3, 31, 63, 256, 257, 700 };
enum { SIZES = sizeof sizes / sizeof *sizes };

static void make_trees(struct trees *trees, struct rng *rng, size_t n_outputs, size_t width)
{
	struct bins bins;

	make_bins(&bins);
	trees_init(trees, &bins, n_outputs, width);
	bins_release(&bins);
	for (size_t i = 0; i < 4 * SIZES; i++)
		add_tree(trees, rng, sizes[i / 4], i % 4 > 1, i % 2, width > 1 ? 0 : (uint32_t)(i % n_outputs));
}

/* ---- the walk that is right ---- */

static bool walks_left(const struct trees *trees, const struct level_set *set, const struct grown_node *node, double value)
{
	const struct feature_bins *bins = &trees->bins.features[node->feature];
	size_t level;

	if (node->kind == NODE_CUT) {
		if (isnan(value))
			return !node->missing_right;
		return node->bin > bins->n_cuts || (node->bin > 0 && value <= bins->cuts[node->bin - 1]);
	}
	level = value >= 0 && value < (double)bins->n_levels ? (size_t)value : 0;
	return set[node->at].words[level / 32] >> level % 32 & 1;
}

static size_t leaf_of(const struct trees *trees, size_t tree, const struct panel *panel, size_t row)
{
	const struct grown_tree *of = &trees->trees[tree];
	size_t at = of->first;

	while (trees->nodes[at].kind != NODE_LEAF)
		at += walks_left(trees, trees->sets + of->first_set, &trees->nodes[at], panel->x[trees->nodes[at].feature * panel->stride + row]) ? 1 : trees->nodes[at].right;
	return of->first_value + trees->nodes[at].at * trees->width;
}

static void expect_scores(const struct trees *whole, const struct trees *pruned, size_t n_trees)
{
	size_t n = whole->n_outputs, worse = 0;
	double *have = mem_new(STRIDE * n, sizeof *have), *want = mem_new(STRIDE * n, sizeof *want);

	for (size_t i = 0; i < 2; i++) {
		struct panel panel = panel_of(i);

		for (size_t at = 0; at < panel.n_rows * n; at++)
			have[at] = want[at] = 0;
		trees_score(pruned, &panel, have);
		for (size_t tree = 0; tree < n_trees; tree++)
			for (size_t row = 0; row < panel.n_rows; row++)
				for (size_t k = 0; k < whole->width; k++)
					want[row * n + whole->trees[tree].output + k] += whole->values[leaf_of(whole, tree, &panel, row) + k];
		for (size_t at = 0; at < panel.n_rows * n; at++)
			worse += have[at] != want[at];
		trees_score(pruned, &panel, have);
		for (size_t at = 0; at < panel.n_rows * n; at++)
			worse += have[at] != 2 * want[at];
	}
	CHECK(worse == 0);
	free(have);
	free(want);
}

static void check_score(struct rng *rng)
{
	static const size_t shapes[][2] = { { 1, 1 }, { 3, 1 }, { 3, 3 } };

	for (size_t i = 0; i < 3; i++) {
		struct trees whole, pruned, copy;
		struct bins bins;

		TEST("scored as walked: each size of tree, cuts and levels, missing values, outputs");
		make_trees(&whole, rng, shapes[i][0], shapes[i][1]);
		trees_copy_pruned(&pruned, &whole, SIZE_MAX);
		expect_scores(&whole, &pruned, whole.n_trees);
		TEST("what is left of the bins is what is used");
		CHECK(pruned.bins.n == FEATURES && pruned.n_used == 6 && !pruned.bins.features[6].cuts && pruned.bins.features[6].n_bins == 2);
		CHECK(pruned.bins.features[0].n_cuts <= 254 && pruned.bins.features[3].n_cuts <= 1);
		TEST("a copy is whole, and fewer trees are the first of them");
		trees_copy(&copy, &pruned);
		expect_scores(&whole, &copy, whole.n_trees);
		trees_release(&copy);
		trees_copy_pruned(&copy, &pruned, 11);
		expect_scores(&whole, &copy, 11);
		trees_release(&copy);
		trees_copy_pruned(&copy, &whole, 11);
		expect_scores(&whole, &copy, 11);
		trees_release(&copy);
		TEST("pruned ones over all bins again are as they were, and more are added");
		CHECK(trees_spread(&pruned, &whole.bins) && !pruned.pruned && pruned.n_trees == whole.n_trees);
		for (size_t at = 0; at < whole.n_nodes; at++)
			CHECK(memcmp(&pruned.nodes[at], &whole.nodes[at], sizeof *whole.nodes) == 0);
		add_tree(&pruned, rng, 40, true, false, 0);
		trees_copy_pruned(&copy, &pruned, SIZE_MAX);
		expect_scores(&pruned, &copy, whole.n_trees + 1);
		trees_release(&copy);
		TEST("not over bins that lack a cut of theirs");
		trees_prune(&pruned);
		bins_copy(&bins, &whole.bins);
		bins.features[0].cuts[0] -= 1;
		CHECK(!trees_spread(&pruned, &bins));
		bins_release(&bins);
		trees_release(&pruned);
		trees_release(&whole);
		trees_release(&whole);
	}
}

/* A row says the same alone, and in any place of a panel. */
static void check_rows(struct rng *rng)
{
	double all[STRIDE] = { 0 };
	struct panel panel = panel_of(0);
	struct trees trees;
	size_t worse = 0;

	TEST("a row's numbers do not hang on the other rows");
	make_trees(&trees, rng, 1, 1);
	trees_prune(&trees);
	trees_score(&trees, &panel, all);
	for (size_t first = 0; first < STRIDE; first += 97) {
		struct panel part = { .n_rows = 1 + first % 5, .n_features = FEATURES, .x = x[0] + first, .stride = STRIDE };
		double have[8] = { 0 };

		trees_score(&trees, &part, have);
		worse += memcmp(have, all + first, part.n_rows * sizeof *have) != 0;
	}
	CHECK(worse == 0);
	trees_release(&trees);
}

static void check_bins(struct rng *rng)
{
	struct panel panel = panel_of(0);
	struct block_counts counts;
	struct grouping grouping;
	struct tree_rows rows;
	struct trees trees;
	float y[STRIDE] = { 0 };
	enum { N = 499 };
	uint32_t numbers[N];
	size_t worse = 0;

	TEST("leaves of training's rows: a run of them, some of them");
	make_trees(&trees, rng, 1, 1);
	grouping_make(&grouping, &trees.bins);
	block_counts_init(&counts);
	block_counts_add(&counts, &panel);
	tree_rows_open(&rows, &trees.bins, &grouping, &counts, false);
	tree_rows_add(&rows, &panel, y);
	for (uint32_t i = 0; i < N; i++)
		numbers[i] = i * 37 % STRIDE;
	for (size_t tree = 0; tree < trees.n_trees; tree++) {
		uint32_t run[N + 1], some[N + 1];
		size_t first = trees.trees[tree].first_value;

		run[N] = some[N] = UINT32_MAX;
		trees_find_leaves(&trees, tree, &rows, NULL, 101, N, run);
		trees_find_leaves(&trees, tree, &rows, numbers, 0, N, some);
		for (size_t i = 0; i < N; i++)
			worse += first + run[i] != leaf_of(&trees, tree, &panel, 101 + i) || first + some[i] != leaf_of(&trees, tree, &panel, numbers[i]);
		worse += run[N] != UINT32_MAX || some[N] != UINT32_MAX;
	}
	CHECK(worse == 0);
	tree_rows_free(&rows);
	block_counts_release(&counts);
	grouping_release(&grouping);
	trees_release(&trees);
}

/* ---- packed ---- */

static bool unpacks(const struct buffer *bytes, struct trees *trees, size_t n_features, size_t n_outputs)
{
	struct error err = ERROR_INIT;
	struct unpacked map;
	int result;

	*trees = (struct trees){ .n_trees = 0 };
	if (pack_read(&map, bytes->data, bytes->size, &err) < 0)
		return false;
	result = trees_unpack(trees, &map.object, n_features, n_outputs, &err);
	unpacked_free(&map);
	CHECK(result == 0 || strcmp(err.message, "the trees of the model are broken, or not finite") == 0);
	return result == 0;
}

static void check_pack(struct rng *rng)
{
	for (size_t width = 1; width <= 3; width += 2) {
		struct buffer bytes = BUFFER_INIT, again = BUFFER_INIT;
		struct trees whole, pruned, loaded;

		TEST("packed and unpacked");
		make_trees(&whole, rng, 3, width);
		trees_copy_pruned(&pruned, &whole, SIZE_MAX);
		trees_pack(&pruned, &bytes);
		CHECK(unpacks(&bytes, &loaded, FEATURES, 3));
		expect_scores(&whole, &loaded, whole.n_trees);
		CHECK(memcmp(loaded.covers, whole.covers, whole.n_nodes * sizeof(float)) == 0 && memcmp(loaded.gains, whole.gains, whole.n_nodes * sizeof(float)) == 0);
		trees_pack(&loaded, &again);
		CHECK(again.size == bytes.size && memcmp(again.data, bytes.data, bytes.size) == 0);
		trees_release(&loaded);
		TEST("not of other features, or outputs");
		CHECK(!unpacks(&bytes, &loaded, SMALL - 1, 3));
		trees_release(&loaded);
		CHECK(!unpacks(&bytes, &loaded, FEATURES, 2));
		trees_release(&loaded);
		trees_release(&pruned);
		trees_release(&whole);
		buffer_free(&again);
		buffer_free(&bytes);
	}
}

/* Whatever came through is scored, explained and drawn: under the sanitizers that is the test. */
static void try_bytes(const struct buffer *bytes, size_t *n_good)
{
	static double out[2 * STRIDE * (FEATURES + 1)];
	struct buffer text = BUFFER_INIT;
	struct panel panel = panel_of(0);
	struct problem problem = { .task = TASK_REGRESSION };
	struct trees trees;

	panel.n_rows = 40;
	if (unpacks(bytes, &trees, FEATURES, 2)) {
		++*n_good;
		trees_score(&trees, &panel, out);
		trees_reasons(&trees, &panel, out);
		for (size_t j = 0; j < FEATURES; j++)
			names_add(&problem.features, "x");
		for (size_t tree = 0; tree < trees.n_trees; tree++)
			trees_draw(&trees, tree, &problem, &text);
	}
	trees_release(&trees);
	names_release(&problem.features);
	buffer_free(&text);
}

static void check_hostile(struct rng *rng)
{
	struct buffer bytes = BUFFER_INIT;
	struct trees trees;
	struct bins bins;
	size_t n_good = 0;

	TEST("each byte another, and cut at each byte");
	make_bins(&bins);
	trees_init(&trees, &bins, 2, 1);
	bins_release(&bins);
	for (size_t i = 0; i < 4; i++)
		add_tree(&trees, rng, sizes[i], true, false, i % 2);
	trees_prune(&trees);
	trees_pack(&trees, &bytes);
	for (size_t i = 0; i < bytes.size; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			bytes.data[i] ^= (unsigned char)(1u << bit);
			try_bytes(&bytes, &n_good);
			bytes.data[i] ^= (unsigned char)(1u << bit);
		}
	CHECK(n_good > bytes.size && n_good < 8 * bytes.size);
	n_good = 0;
	for (size_t size = bytes.size; size-- > 0;)
		try_bytes(&(struct buffer){ .data = bytes.data, .size = size }, &n_good);
	CHECK(n_good == 0);
	trees_release(&trees);
	buffer_free(&bytes);
}

/* A left or a right child below another, n times, as bytes. */
static void pack_chain(struct buffer *to, size_t n, bool to_right)
{
	struct buffer tree = BUFFER_INIT;
	double cut = 0.5, value = 1;
	float cover = 1;

	buffer_add(&tree, "\0\0\0\0", 4);
	for (size_t i = 0; i < n; i++)
		buffer_add(&tree, to_right ? "\1\0" : "\1", to_right ? 2 : 1);
	for (size_t i = 0; i < (to_right ? 1 : n + 1); i++)
		buffer_add_byte(&tree, 0);
	for (size_t i = 0; i < n; i++)
		buffer_add_byte(&tree, 0);
	for (size_t i = 0; i < n; i++)
		buffer_add_byte(&tree, 1);
	for (size_t i = 0; i < 2 * n + 1; i++)
		buffer_add(&tree, &cover, sizeof cover);
	for (size_t i = 0; i < n + 1; i++)
		buffer_add(&tree, &value, sizeof value);
	pack_map(to, 4);
	pack_key_int(to, "width", 1);
	pack_text(to, "used");
	pack_bytes(to, "\0\0\0\0", 4);
	pack_text(to, "cuts");
	pack_array(to, 1);
	pack_reals(to, &cut, 1);
	pack_text(to, "trees");
	pack_array(to, 1);
	pack_bytes(to, tree.data, tree.size);
	buffer_free(&tree);
}

static void check_deep(void)
{
	static const struct { size_t n; bool good; } chains[] = { { 1, true }, { MAX_TREE_DEPTH, true }, { MAX_TREE_DEPTH + 1, false }, { 1000000, false } };

	TEST("a tree as deep as may be, and deeper");
	for (size_t i = 0; i < 8; i++) {
		struct buffer bytes = BUFFER_INIT;
		struct trees trees;

		pack_chain(&bytes, chains[i / 2].n, i % 2);
		CHECK(unpacks(&bytes, &trees, FEATURES, 1) == chains[i / 2].good);
		trees_release(&trees);
		buffer_free(&bytes);
	}
}

static void check_size(struct rng *rng)
{
	struct buffer bytes = BUFFER_INIT;
	struct trees trees;
	struct bins bins;

	TEST("500 trees of 31 leaves take less than 320 KB");
	make_bins(&bins);
	trees_init(&trees, &bins, 1, 1);
	bins_release(&bins);
	for (size_t i = 0; i < 500; i++)
		add_tree(&trees, rng, 31, false, false, 0);
	trees_prune(&trees);
	trees_pack(&trees, &bytes);
	CHECK(bytes.size < 320000);
	trees_release(&trees);
	buffer_free(&bytes);
}

static void check_draw(void)
{
	static const struct grown_node nodes[] = {
		{ .feature = 0, .right = 8, .bin = 2, .kind = NODE_CUT, .left = 1 },
		{ .feature = 2, .right = 2, .kind = NODE_LEVELS, .left = 1, .at = 0 }, { .at = 0 },
		{ .feature = 2, .right = 2, .kind = NODE_LEVELS, .left = 1, .at = 1 }, { .at = 1 },
		{ .feature = 1, .right = 2, .kind = NODE_CUT, .left = 1 }, { .at = 2 }, { .at = 3 },
		{ .feature = 1, .right = 4, .bin = 10, .kind = NODE_CUT, .left = 1, .missing_right = true },
		{ .feature = 1, .right = 2, .bin = 5, .kind = NODE_CUT, .left = 1, .missing_right = true }, { .at = 4 }, { .at = 5 }, { .at = 6 },
	};
	static const float covers[] = { 0, 0, 4221, 0, 12.5, 0, 1, 3902, 0, 0, 100, 100, 7 }, gains[13];
	static const double values[] = { 2.143, 214300, -0.5, 1e-9, 1, 2, 3 };
	static const struct level_set sets[] = { { { 1 | 1 << 3 | 1 << 5 } }, { { 0x7f & ~(1 << 4) } } };
	static const char by_number[] = "income <= 0.00784314 or missing  8343.5 rows\n"
	                                "├─ yes  city\\n in {0, 3, 5}      8136.5\n"
	                                "│  ├─ yes  → 2.143                 4221\n"
	                                "│  └─ no   city\\n not in {4}     3915.5\n"
	                                "│     ├─ yes  → 214300             12.5\n"
	                                "│     └─ no   größe is missing     3903\n"
	                                "│        ├─ yes  → -0.5               1\n"
	                                "│        └─ no   → 1e-09           3902\n"
	                                "└─ no   größe is not missing        207\n"
	                                "   ├─ yes  größe <= 0.5             200\n"
	                                "   │  ├─ yes  → 1                   100\n"
	                                "   │  └─ no   → 2                   100\n"
	                                "   └─ no   → 3                        7\n";
	static const char by_name[] = "income <= 0.00784314 or missing                        8343.5 rows\n"
	                              "├─ yes  town in {others or missing, \"a, b\", \"others\"}  8136.5\n"
	                              "│  ├─ yes  → 2.143                                       4221\n"
	                              "│  └─ no   town not in {c\\n}                           3915.5\n"
	                              "│     ├─ yes  → 214300                                   12.5\n"
	                              "│     └─ no   größe is missing                           3903\n"
	                              "│        ├─ yes  → -0.5                                     1\n"
	                              "│        └─ no   → 1e-09                                 3902\n"
	                              "└─ no   größe is not missing                              207\n"
	                              "   ├─ yes  größe <= 0.5                                   200\n"
	                              "   │  ├─ yes  → 1                                         100\n"
	                              "   │  └─ no   → 2                                         100\n"
	                              "   └─ no   → 3                                              7\n";
	static char *const towns[] = { "Rome", "Bonn", "a, b", "c\n", "others", "Oslo" };
	struct level_names levels[FEATURES] = { [2] = { "town", { .items = (char **)towns, .n = 6 } } };
	struct problem problem = { .task = TASK_REGRESSION };
	struct buffer text = BUFFER_INIT;
	struct trees trees;
	struct bins bins;

	TEST("drawn, pruned or not, levels by number or by name");
	for (size_t j = 0; j < FEATURES; j++)
		names_add(&problem.features, j == 0 ? "income" : j == 1 ? "größe" : j == 2 ? "city\n" : "other");
	make_bins(&bins);
	trees_init(&trees, &bins, 1, 1);
	bins_release(&bins);
	trees_add(&trees, &(struct tree_draft){ nodes, covers, gains, values, sets, 13, 7, 2, 0 });
	for (int i = 0; i < 4; i++) {
		buffer_clear(&text);
		problem.levels = i % 2 ? levels : NULL;
		trees_draw(&trees, 0, &problem, &text);
		CHECK_TEXT(buffer_text(&text), i % 2 ? by_name : by_number);
		if (i == 1)
			trees_prune(&trees);
	}
	trees_release(&trees);
	names_release(&problem.features);
	buffer_free(&text);
}

int main(void)
{
	struct rng *rng = mem_new(1, sizeof *rng);

	rng_seed(rng, 7);
	make_rows(rng);
	check_score(rng);
	check_rows(rng);
	check_bins(rng);
	check_pack(rng);
	check_hostile(rng);
	check_deep();
	check_size(rng);
	check_draw();
	free(rng);
	return unit_done();
}
