/* SPDX-License-Identifier: MIT */
/* What features add to what trees say, against all subsets of features, and against LightGBM. */
#include "random_trees.h"
#include "unit.h"

enum { FEATURES = 6, ROWS = 37, STRIDE = 40, SUBSETS = 1 << FEATURES };
static const uint32_t levels_of[FEATURES] = { 0, 0, 7, 0, 0, 20 };
static double x[FEATURES * STRIDE];
static const struct panel panel = { .n_rows = ROWS, .n_features = FEATURES, .x = x, .stride = STRIDE };

static void make_rows(struct rng *rng)
{
	for (size_t row = 0; row < ROWS; row++)
		for (size_t j = 0; j < FEATURES; j++)
			x[j * STRIDE + row] = below(rng, 6) == 0 ? NAN : levels_of[j] ? below(rng, levels_of[j]) : uniform(rng);
}

static void make_trees(struct trees *trees, struct rng *rng, size_t n_trees, size_t n_leaves, size_t n_outputs, size_t width)
{
	static const uint32_t features[] = { 0, 1, 2, 3, 4, 5 };
	const struct random_rules rules = { .features = features, .n_features = FEATURES };
	struct bins bins = { .n = FEATURES, .features = mem_new(FEATURES, sizeof *bins.features) };
	double cuts[9];

	for (size_t i = 0; i < 9; i++)
		cuts[i] = (double)(i + 1) / 10;
	for (size_t j = 0; j < FEATURES; j++)
		if (levels_of[j])
			bins.features[j] = (struct feature_bins){ .n_levels = levels_of[j], .n_bins = levels_of[j] };
		else
			bins_set(&bins.features[j], cuts, 9);
	trees_init(trees, &bins, n_outputs, width);
	bins_release(&bins);
	for (size_t i = 0; i < n_trees; i++)
		add_random_tree(trees, &rules, rng, n_leaves, width > 1 ? 0 : (uint32_t)(i % n_outputs));
	trees_prune(trees);
}

/* ---- by all subsets ---- */

/* What a tree says where the features of a subset are known: at others, both sides by their shares. */
static double known(const struct trees *trees, const struct grown_tree *tree, size_t at, size_t k, size_t row, unsigned subset)
{
	const struct grown_node *node = &trees->nodes[at];
	unsigned char bin;
	bool left;

	if (node->kind == NODE_LEAF)
		return trees->values[tree->first_value + node->at * trees->width + k];
	if (!(subset >> trees->used[node->feature] & 1)) {
		double sides[2] = { (double)trees->covers[at + 1], (double)trees->covers[at + node->right] }, all = sides[0] + sides[1];

		return (all > 0 ? sides[0] / all : 0.5) * known(trees, tree, at + 1, k, row, subset) +
		       (all > 0 ? sides[1] / all : 0.5) * known(trees, tree, at + node->right, k, row, subset);
	}
	bins_of(&trees->bins.features[trees->used[node->feature]], &x[trees->used[node->feature] * STRIDE + row], 1, &bin, 1);
	left = node->kind == NODE_LEVELS ? trees->sets[tree->first_set + node->at].words[0] >> bin & 1 : bin == 0 ? !node->missing_right : bin <= node->bin;
	return known(trees, tree, left ? at + 1 : at + node->right, k, row, subset);
}

static void add_shapley(const struct trees *trees, size_t tree, size_t k, size_t row, double *to)
{
	static const double factorials[] = { 1, 1, 2, 6, 24, 120, 720 };
	double says[SUBSETS];

	for (unsigned subset = 0; subset < SUBSETS; subset++)
		says[subset] = known(trees, &trees->trees[tree], trees->trees[tree].first, k, row, subset);
	for (unsigned subset = 0; subset < SUBSETS; subset++)
		for (unsigned j = 0; j < FEATURES; j++) {
			int size = __builtin_popcount(subset);

			if (!(subset >> j & 1))
				to[j] += factorials[size] * factorials[FEATURES - 1 - size] / factorials[FEATURES] * (says[subset | 1u << j] - says[subset]);
		}
	to[FEATURES] += says[0];
}

static void expect(struct rng *rng, size_t n_trees, size_t n_leaves, size_t n_outputs, size_t width)
{
	size_t step = FEATURES + 1;
	double *have = mem_new(n_outputs * ROWS * step, sizeof *have), *want = mem_new(n_outputs * ROWS * step, sizeof *want);
	double *scores = mem_new(n_outputs * ROWS, sizeof *scores), worst = 0;
	struct trees trees;

	make_trees(&trees, rng, n_trees, n_leaves, n_outputs, width);
	trees_reasons(&trees, &panel, have);
	trees_score(&trees, &panel, scores);
	for (size_t tree = 0; tree < n_trees; tree++)
		for (size_t k = 0; k < width; k++)
			for (size_t row = 0; row < ROWS; row++)
				add_shapley(&trees, tree, k, row, &want[((trees.trees[tree].output + k) * ROWS + row) * step]);
	for (size_t i = 0; i < n_outputs * ROWS * step; i++)
		worst = fmax(worst, isfinite(have[i]) ? fabs(have[i] - want[i]) : INFINITY);
	CHECK(worst < 1e-13);
	worst = 0;
	for (size_t k = 0; k < n_outputs; k++)
		for (size_t row = 0; row < ROWS; row++) {
			for (size_t j = 0; j < step; j++)
				scores[row * n_outputs + k] -= have[(k * ROWS + row) * step + j];
			worst = fmax(worst, fabs(scores[row * n_outputs + k]));
		}
	CHECK(worst < 1e-13);
	trees_release(&trees);
	free(scores);
	free(want);
	free(have);
}

static void check_subsets(struct rng *rng)
{
	TEST("as by all subsets: cuts, levels, missing values, sides that no row came to");
	for (size_t n_leaves = 1; n_leaves < 13; n_leaves++)
		for (size_t i = 0; i < 20; i++)
			expect(rng, 1, n_leaves, 1, 1);
	expect(rng, 40, 31, 1, 1);
	TEST("of each output");
	expect(rng, 9, 12, 3, 1);
	expect(rng, 5, 12, 3, 3);
}

/*
 * LightGBM 4.7.0 (numpy 2.4.6), by
 *
 *     i = np.arange(600)
 *     X = np.stack([(i*7%23)/8-1.4, (i*11%41)/16., (i*13%31-15)/9., (i*5%7)*1.], 1); X[i%9==4,0] = np.nan
 *     y = np.nan_to_num(X[:,0],nan=.7)*1.1-.6*X[:,2]*(X[:,1]>1)+np.isin(X[:,3],[1,4,5])*2+((i*29%101)-50)/25
 *     m = lgb.train(dict(num_leaves=6, learning_rate=.5, objective='regression', boost_from_average=False, min_data_in_leaf=5,
 *         min_data_per_group=5, cat_smooth=1, cat_l2=0, max_cat_to_onehot=1, seed=1), lgb.Dataset(X, y, categorical_feature=[3]), 2)
 *     m.dump_model(); m.predict(X[[0,4,31,500]], pred_contrib=True)
 */
static void check_lightgbm(void)
{
	static const double cuts[] = { -0.9625, -0.5875, -0.2125, -1e-35, 0.4125 }, others[] = { -0.1666666666, 0.5000000000000001 };
	static const struct grown_node first[] = {
		{ .feature = 3, .right = 4, .kind = NODE_LEVELS, .left = 1 },
		{ .feature = 0, .right = 2, .bin = 3, .kind = NODE_CUT, .left = 1, .missing_right = true }, { .at = 0 }, { .at = 1 },
		{ .feature = 0, .right = 4, .bin = 4, .kind = NODE_CUT, .left = 1, .missing_right = true },
		{ .feature = 0, .right = 2, .bin = 2, .kind = NODE_CUT, .left = 1 }, { .at = 2 }, { .at = 3 },
		{ .feature = 2, .right = 2, .bin = 2, .kind = NODE_CUT, .left = 1 }, { .at = 4 }, { .at = 5 },
	};
	static const struct grown_node second[] = {
		{ .feature = 3, .right = 6, .kind = NODE_LEVELS, .left = 1 },
		{ .feature = 0, .right = 4, .bin = 5, .kind = NODE_CUT, .left = 1, .missing_right = true },
		{ .feature = 0, .right = 2, .bin = 1, .kind = NODE_CUT, .left = 1 }, { .at = 0 }, { .at = 1 }, { .at = 2 },
		{ .feature = 0, .right = 4, .bin = 5, .kind = NODE_CUT, .left = 1, .missing_right = true },
		{ .feature = 2, .right = 2, .bin = 1, .kind = NODE_CUT, .left = 1 }, { .at = 3 }, { .at = 4 }, { .at = 5 },
	};
	static const float covers[2][11] = { { 0, 0, 98, 159, 0, 0, 94, 65, 0, 119, 65 }, { 0, 0, 0, 39, 110, 108, 0, 0, 89, 110, 144 } };
	static const float gains[2][11] = { { 1, 2, 0, 0, 4, 8, 0, 0, 16 }, { 1, 2, 4, 0, 0, 0, 8, 16 } };
	static const double values[2][6] = {
		{ 0.5808971057246838, 1.3626336517081883, -0.6214317353838619, -0.17781410257403668, 0.5398984602926409, 0.10028845941504606 },
		{ 0.04025657594394989, 0.44598978854430077, 0.7978189648301514, -0.03248462668100759, -0.3314710815437138, 0.2760419016089549 },
	};
	static const double rows[4 * 4] = { -1.4, NAN, NAN, -0.9, 0, 0.1875, 0.8125, 0.375, -15 / 9., 6 / 9., -15 / 9., 6 / 9., 0, 6, 1, 1 };
	static const double want[4 * 5] = {
		-0.8613932012540326, 0.0, 0.13484776571238374, -0.6133230070509584, 0.6859520805277376,
		0.6139025119734439, 0.0, -0.20405558638147062, -0.7194686450957102, 0.6859520805277376,
		0.588099682436599, 0.0, 0.0489425541718001, 0.8374582994022028, 0.6859520805277376,
		-0.6329799182061517, 0.0, -0.0565866367578242, 1.0305013687052227, 0.6859520805277376,
	};
	static const struct level_set set = { { 1 << 1 | 1 << 4 | 1 << 5 } };
	struct bins bins = { .n = 4, .features = mem_new(4, sizeof *bins.features) };
	struct panel four = { .n_rows = 4, .n_features = 4, .x = rows, .stride = 4 };
	double have[4 * 5] = { 0 }, gained[4] = { 0 }, splits[4] = { 0 };
	struct trees trees;

	TEST("as LightGBM's pred_contrib");
	bins_set(&bins.features[0], cuts, 5);
	bins_set(&bins.features[1], NULL, 0);
	bins_set(&bins.features[2], others, 2);
	bins.features[3] = (struct feature_bins){ .n_levels = 7, .n_bins = 7 };
	trees_init(&trees, &bins, 1, 1);
	bins_release(&bins);
	for (size_t i = 0; i < 2; i++)
		trees_add(&trees, &(struct tree_draft){ i ? second : first, covers[i], gains[i], values[i], &set, 11, 6, 1, 0 });
	trees_prune(&trees);
	trees_reasons(&trees, &four, have);
	for (size_t i = 0; i < 4 * 5; i++)
		CHECK_NEAR(have[i], want[i], 1e-14);
	TEST("splits are counted, and their gains summed up, by feature");
	trees_importance(&trees, gained, splits);
	CHECK(splits[0] == 6 && splits[1] == 0 && splits[2] == 2 && splits[3] == 2);
	CHECK(gained[0] == 28 && gained[1] == 0 && gained[2] == 32 && gained[3] == 2);
	trees_release(&trees);
}

/* A path of as many nodes as there may be: half of the points of a run each, and finite. */
static void check_deep(void)
{
	enum { DEEP = MAX_TREE_DEPTH };
	struct grown_node *nodes = mem_new(2 * DEEP + 1, sizeof *nodes);
	float *covers = mem_new(2 * DEEP + 1, sizeof *covers), *gains = mem_new(2 * DEEP + 1, sizeof *gains);
	double *values = mem_new(DEEP + 1, sizeof *values), *row = mem_new(DEEP, sizeof *row), *have = mem_new(DEEP + 1, sizeof *have), cut = 0.5, sum = 0, score = 0;
	struct bins bins = { .n = DEEP, .features = mem_new(DEEP, sizeof *bins.features) };
	struct panel one = { .n_rows = 1, .n_features = DEEP, .x = row, .stride = 1 };
	struct trees trees;

	TEST("as deep as may be, by as many features");
	for (size_t i = 0; i < DEEP; i++) {
		bins_set(&bins.features[i], &cut, 1);
		nodes[2 * i] = (struct grown_node){ .feature = (uint32_t)i, .right = 2, .bin = 1, .kind = NODE_CUT, .left = 1 };
		nodes[2 * i + 1].at = (uint32_t)i;
		covers[2 * i + 1] = 1;
		values[i] = (double)(i % 3);
		row[i] = 1;
	}
	nodes[2 * DEEP].at = DEEP;
	covers[2 * DEEP] = 1;
	values[DEEP] = 5;
	trees_init(&trees, &bins, 1, 1);
	bins_release(&bins);
	trees_add(&trees, &(struct tree_draft){ nodes, covers, gains, values, NULL, 2 * DEEP + 1, DEEP + 1, 0, 0 });
	trees_prune(&trees);
	trees_reasons(&trees, &one, have);
	trees_score(&trees, &one, &score);
	for (size_t i = 0; i < DEEP + 1; i++)
		sum += have[i];
	CHECK_NEAR(score, 5, 0);
	CHECK_NEAR(sum, 5, 1e-12);
	trees_release(&trees);
	free(have);
	free(row);
	free(values);
	free(gains);
	free(covers);
	free(nodes);
}

int main(void)
{
	struct rng *rng = mem_new(1, sizeof *rng);

	rng_seed(rng, 11);
	make_rows(rng);
	check_subsets(rng);
	check_lightgbm();
	check_deep();
	free(rng);
	return unit_done();
}
