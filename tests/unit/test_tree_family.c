/* SPDX-License-Identifier: MIT */
/*
 * One tree beside scikit-learn 1.9.1's DecisionTreeRegressor and DecisionTreeClassifier, on features of few values, where bins are
 * exact. With i = 0 .. 239:
 *
 *     X = np.c_[i*7%11, i*i%13, (i*3+i//7)%5].astype(float);  y = X[:,0]*1.5 + (X[:,1]>6)*4.25*X[:,2] + (i*37%101)/50.0;  w = 1+i%3
 *     c3 = ((X[:,0]>5).astype(int) + (X[:,1]*X[:,2]>20) + (i*37%101>80)) % 3;  c2 = (c3>0).astype(int)
 *
 * The numbers are, for p of predict or predict_proba as columns, m.get_n_leaves(),
 * (p*np.cos(i)[:,None]*(1+np.arange(p.shape[1]))).sum() and (p**2).sum(), of cases where random_state changes nothing.
 */
#include <math.h>

#include "fake_training.h"
#include "forest.h"
#include "rng.h"
#include "unit.h"

extern const struct model_kind model_tree, model_forest, model_boost;

enum { ROWS = 240, FEATURES = 3, MOST = 3 };
static double x[ROWS * FEATURES], y[ROWS], w[ROWS], c2[ROWS], c3[ROWS];

static void make_rows(void)
{
	for (int i = 0; i < ROWS; i++) {
		double *to = &x[i * FEATURES];

		to[0] = i * 7 % 11;
		to[1] = i * i % 13;
		to[2] = (i * 3 + i / 7) % 5;
		y[i] = to[0] * 1.5 + (to[1] > 6) * 4.25 * to[2] + i * 37 % 101 / 50.0;
		w[i] = 1 + i % 3;
		c3[i] = ((to[0] > 5) + (to[1] * to[2] > 20) + (i * 37 % 101 > 80)) % 3;
		c2[i] = c3[i] > 0;
	}
}

static size_t leaves_of(const struct forest *forest) { return forest->trees.n_values / forest->trees.width; }

struct reference { const char *parameters; bool weighted; size_t leaves; double crossed, squares; };

static void expect(const struct model_kind *kind, const double *target, size_t n_classes, const struct reference *reference)
{
	struct fake *fake = fake_new(x, target, ROWS, FEATURES, n_classes);
	size_t n = n_classes ? n_classes : 1;
	double out[ROWS * MOST], crossed = 0, squares = 0;
	struct forest *model;

	fake->weight = reference->weighted ? w : NULL;
	model = fake_fit(fake, kind, reference->parameters);
	CHECK(model);
	if (model) {
		fake_predict(fake, kind, model, 0, ROWS, out);
		for (size_t i = 0; i < ROWS * n; i++) {
			crossed += out[i] * cos((double)(i / n)) * (double)(1 + i % n);
			squares += out[i] * out[i];
		}
		CHECK(leaves_of(model) == reference->leaves);
		CHECK_NEAR(crossed, reference->crossed, 5e-7);
		CHECK_NEAR(squares, reference->squares, reference->squares * 5e-9);
	}
	kind->free(model);
	fake_free(fake);
}

static const struct reference numbers[] = {
	{ "leaves=0 ccp_alpha=0 min_samples_leaf=5", false, 35, -13.6221701, 51219.6058 }, { "leaves=0 ccp_alpha=0 min_samples_leaf=9", false, 20, -11.0110346, 50782.7362 },
	{ "leaves=0 ccp_alpha=0 min_samples_leaf=5", true, 34, 10.5184486, 50988.5121 }, { "leaves=7 ccp_alpha=0", false, 7, 13.2996296, 49615.3539 },
	{ "leaves=7 ccp_alpha=0", true, 7, 13.6720322, 48115.628 }, { "leaves=0 ccp_alpha=0 max_depth=3", false, 8, 7.81052474, 49863.3919 },
	{ "leaves=0 ccp_alpha=0 max_depth=3", true, 8, 8.2319547, 48352.5348 }, { "leaves=0 ccp_alpha=0.05 min_samples_leaf=9", false, 19, -9.44644538, 50773.8552 },
	{ "leaves=0 ccp_alpha=0.05 min_samples_leaf=5", false, 25, -14.2140416, 51207.8516 }, { "leaves=0 ccp_alpha=0.05 min_samples_leaf=5", true, 24, 9.49382085, 51009.1251 },
	{ "leaves=0 ccp_alpha=1 min_samples_leaf=1", false, 10, 9.33114978, 50389.4809 }, { "leaves=0 ccp_alpha=1 min_samples_leaf=9", false, 10, -6.9407063, 50379.17 },
	{ "leaves=0 ccp_alpha=1 min_samples_leaf=5", true, 9, 1.86730006, 49239.768 },
};
static const struct reference two[] = {
	{ "leaves=0 ccp_alpha=0 min_samples_leaf=15", false, 9, 1.16082975, 202.562782 }, { "leaves=0 ccp_alpha=0 min_samples_leaf=9", true, 13, 3.3545271, 209.1264 },
	{ "leaves=7 ccp_alpha=0 min_samples_leaf=15", false, 7, 1.21522026, 202.223146 }, { "leaves=7 ccp_alpha=0 min_samples_leaf=9", true, 7, 2.20810172, 206.917545 },
	{ "leaves=0 ccp_alpha=0.004 min_samples_leaf=5", false, 10, 3.68603213, 209.898137 }, { "leaves=0 ccp_alpha=0.004 min_samples_leaf=9", true, 7, 2.20810172, 206.917545 },
	{ "leaves=0 ccp_alpha=0.02 min_samples_leaf=5", false, 4, 1.16379048, 199.299201 },
};
static const struct reference three[] = {
	{ "leaves=0 ccp_alpha=0 min_samples_leaf=15", false, 12, 0.790726054, 166.492798 }, { "leaves=0 ccp_alpha=0 min_samples_leaf=9", true, 20, 2.56921871, 172.961882 },
	{ "leaves=7 ccp_alpha=0", false, 7, 0.704784485, 161.480902 }, { "leaves=7 ccp_alpha=0 min_samples_leaf=9", true, 7, 0.734857867, 161.723902 },
	{ "leaves=0 ccp_alpha=0 max_depth=3 min_samples_leaf=15", false, 8, 0.864519706, 162.696341 },
	{ "leaves=0 ccp_alpha=0.004 min_samples_leaf=5", false, 17, 3.61912265, 177.251502 }, { "leaves=0 ccp_alpha=0.004 min_samples_leaf=9", true, 11, 1.46022174, 169.166362 },
	{ "leaves=0 ccp_alpha=0.02 min_samples_leaf=5", false, 6, 0.729714012, 158.792013 },
};
static const struct reference forests[] = {
	{ "trees=1 bootstrap=no max_features=all min_samples_leaf=5", false, 35, -13.6221701, 51219.6058 },
	{ "trees=1 bootstrap=no max_features=3 leaves=7", true, 7, 13.6720322, 48115.628 },
};

static void check_references(void)
{
	TEST("trees of numbers are scikit-learn's: whole, with so many leaves, pruned, weighted");
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		expect(&model_tree, y, 0, &numbers[i]);
	TEST("trees of two classes");
	for (size_t i = 0; i < sizeof two / sizeof *two; i++)
		expect(&model_tree, c2, 2, &two[i]);
	TEST("trees of three classes");
	for (size_t i = 0; i < sizeof three / sizeof *three; i++)
		expect(&model_tree, c3, 3, &three[i]);
	TEST("a forest of one tree over all rows and features is that tree");
	for (size_t i = 0; i < sizeof forests / sizeof *forests; i++)
		expect(&model_forest, y, 0, &forests[i]);
}

/* ---- by hand ---- */

static void *fit(struct fake *fake, const char *parameters, double *out)
{
	struct forest *model = fake_fit(fake, &model_tree, parameters);

	CHECK(model);
	if (model)
		fake_predict(fake, &model_tree, model, 0, fake->n_rows, out);
	return model;
}

static void check_hand(void)
{
	static const double exclusive[] = { 0, 0, 0, 1, 1, 0, 1, 1 }, of_exclusive[] = { 0, 1, 1, 0 };
	static const double missing[] = { 1, 2, NAN, 3, 4, NAN, 5, 6 }, of_missing[] = { 0, 0, 9, 0, 9, 9, 9, 9 };
	static const double pure[] = { 1, 2, 3, 4 }, of_pure[] = { 3.7, 3.7, 3.7, 3.7 };
	struct fake *fake = fake_new(exclusive, of_exclusive, 4, 2, 0);
	double out[8];
	struct forest *model;

	TEST("exclusive or: the first split gains nothing, and leads there");
	model = fit(fake, "min_samples_leaf=1 ccp_alpha=0", out);
	CHECK(model && out[0] == 0 && out[1] == 1 && out[2] == 1 && out[3] == 0);
	model_tree.free(model);
	fake_free(fake);
	TEST("missing values go to the side that they are like");
	fake = fake_new(missing, of_missing, 8, 1, 0);
	model = fit(fake, "min_samples_leaf=1 ccp_alpha=0", out);
	CHECK(model && leaves_of(model) == 2);
	for (size_t i = 0; i < 8; i++)
		CHECK(out[i] == of_missing[i]);
	model_tree.free(model);
	fake_free(fake);
	TEST("equal targets are one leaf, which answers just them");
	fake = fake_new(pure, of_pure, 4, 1, 0);
	model = fit(fake, "min_samples_leaf=1", out);
	CHECK(model && leaves_of(model) == 1 && out[0] == 3.7);
	model_tree.free(model);
	fake_free(fake);
}

static void check_monotone(void)
{
	struct fake *fake = fake_new(x, y, ROWS, FEATURES, 0);
	double out[ROWS], probe[11 * FEATURES], last;
	struct forest *model = fit(fake, "leaves=0 ccp_alpha=0 min_samples_leaf=1 monotone=x0:-1,x2:+1", out);

	TEST("monotone: answers only fall with x0");
	fake->x = probe;
	for (int one = 0; model && one < 13 * 5; one++) {
		for (int i = 0; i < 11; i++) {
			probe[i * FEATURES] = i;
			probe[i * FEATURES + 1] = one % 13;
			probe[i * FEATURES + 2] = one / 13;
		}
		fake_predict(fake, &model_tree, model, 0, 11, out);
		last = INFINITY;
		for (int i = 0; i < 11; i++) {
			CHECK(out[i] <= last + 1e-12);
			last = out[i];
		}
	}
	model_tree.free(model);
	fake_free(fake);
}

/* By the pool of adjacent violators (Barlow et al. 1972), of n sorted rows that weigh the same. */
static void isotonic(const double *target, size_t n, double *fit)
{
	double sums[ROWS];
	size_t sizes[ROWS], blocks = 0, row = 0;

	for (size_t i = 0; i < n; i++) {
		sums[blocks] = target[i];
		sizes[blocks++] = 1;
		for (; blocks > 1 && sums[blocks - 2] / (double)sizes[blocks - 2] >= sums[blocks - 1] / (double)sizes[blocks - 1]; blocks--) {
			sums[blocks - 2] += sums[blocks - 1];
			sizes[blocks - 2] += sizes[blocks - 1];
		}
	}
	for (size_t block = 0; block < blocks; block++)
		for (size_t i = 0; i < sizes[block]; i++)
			fit[row++] = sums[block] / (double)sizes[block];
}

/* Bounds cost nothing that the order does not: grown to the end over one feature a tree is isotonic regression, and a forest near it. */
static void check_isotonic(void)
{
	static const struct { const struct model_kind *kind; const char *parameters; double most; } fits[] = {
		{ &model_tree, "leaves=0 ccp_alpha=0 min_samples_leaf=1 monotone=x0:1", 1 + 1e-9 },
		{ &model_forest, "trees=30 monotone=x0:1", 1.1 }, { &model_forest, "trees=30 extra=yes monotone=x0:1", 1.3 },
		{ &model_boost, "rounds=300 patience=0 min_child_samples=1 monotone=x0:1", 1.1 },
		{ &model_boost, "rounds=300 patience=0 min_child_samples=1 monotone=x0:1 loss=absolute", 1.1 },
	};
	double rows[ROWS], target[ROWS], best[ROWS], out[ROWS], least = 0;

	for (size_t i = 0; i < ROWS; i++) {
		rows[i] = (double)i;
		target[i] = (double)i / 20 + (double)(hash_mix(i) % 1000) / 100;
	}
	isotonic(target, ROWS, best);
	for (size_t i = 0; i < ROWS; i++)
		least += (target[i] - best[i]) * (target[i] - best[i]);
	for (size_t i = 0; i < sizeof fits / sizeof *fits; i++) {
		struct fake *fake = fake_new(rows, target, ROWS, 1, 0);
		void *model = fake_fit(fake, fits[i].kind, fits[i].parameters);
		double sum = 0;

		TEST("monotone: of all that is in order, what is nearest");
		CHECK(model);
		if (model)
			fake_predict(fake, fits[i].kind, model, 0, ROWS, out);
		for (size_t row = 0; row < ROWS; row++) {
			sum += (target[row] - out[row]) * (target[row] - out[row]);
			CHECK(row == 0 || out[row] >= out[row - 1]);
			CHECK(i > 0 || fabs(out[row] - best[row]) < 1e-5);
		}
		CHECK(sum >= least * (1 - 1e-9) && sum < least * fits[i].most);
		fits[i].kind->free(model);
		fake_free(fake);
	}
}

/* y hangs on x0 by one step, and else is noise: the tree is two leaves, whoever judges. */
static void check_chosen(void)
{
	enum { N = 3000 };
	static double rows[N * 2], target[N];
	struct fake *fake = fake_new(rows, target, N, 2, 0);
	struct forest *model;

	for (uint32_t i = 0; i < N; i++) {
		rows[2 * i] = i * UINT32_C(2654435761) % 200;
		rows[2 * i + 1] = i * UINT32_C(40503) % 997;
		target[i] = (rows[2 * i] > 100) * 10 + (double)(hash_mix(i) % 1000) / 1000;
	}
	TEST("what does not show in other rows is taken back: in ten folds, on valid rows");
	model = fake_fit(fake, &model_tree, "leaves=0 min_samples_leaf=1");
	CHECK(model && leaves_of(model) == 2 && strstr(fake->remarks, "2 of ") && strstr(fake->remarks, "in 10 folds"));
	model_tree.free(model);
	fake->n_rows = 2000;
	fake->n_valid = 1000;
	model = fake_fit(fake, &model_tree, "");
	CHECK(model && leaves_of(model) == 2 && strstr(fake->remarks, "2 of 32 leaves") && strstr(fake->remarks, "on the valid rows"));
	model_tree.free(model);
	fake_free(fake);
}

/* ---- of any size ---- */

static bool can_be_read(const struct fake *fake, const struct model_kind *kind, const void *model)
{
	struct buffer params = BUFFER_INIT;
	struct error err = ERROR_INIT;
	struct unpacked map;
	void *copy = NULL;
	bool good;

	kind->save(model, &params);
	if (pack_read(&map, params.data, params.size, &err) == 0) {
		copy = kind->load(&map.object, &fake->problem, &err);
		unpacked_free(&map);
	}
	good = copy != NULL;
	kind->free(copy);
	buffer_free(&params);
	error_clear(&err);
	return good;
}

/* What a family answers of targets times 2^by, and weights times 2^heavier, as if they were times 1. */
static void answers_of(const struct model_kind *kind, const char *parameters, size_t n_classes, int by, const double *weight, int heavier, double *out)
{
	static double target[ROWS], weights[ROWS];
	struct fake *fake = fake_new(x, target, ROWS, FEATURES, n_classes);
	void *model;

	for (int i = 0; i < ROWS; i++) {
		target[i] = n_classes == 0 ? ldexp(y[i], by) : n_classes == 2 ? c2[i] : c3[i];
		weights[i] = weight ? ldexp(weight[i], heavier) : 1;
	}
	fake->weight = weight ? weights : NULL;
	model = fake_fit(fake, kind, parameters);
	CHECK(model && can_be_read(fake, kind, model));
	for (size_t i = 0; i < ROWS * MOST; i++)
		out[i] = NAN;
	if (model)
		fake_predict(fake, kind, model, 0, ROWS, out);
	for (int i = 0; i < ROWS && n_classes == 0; i++)
		out[i] = ldexp(out[i], -by);
	kind->free(model);
	fake_free(fake);
}

static bool same_answers(const double *a, const double *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!(a[i] == b[i]))
			return false;
	return true;
}

struct sized { const struct model_kind *kind; const char *parameters; bool of_numbers; };
static const struct sized sized[] = {
	{ &model_tree, "leaves=0 ccp_alpha=0 min_samples_leaf=9 monotone=x0:-1", false }, { &model_tree, "min_samples_leaf=2", false },
	{ &model_forest, "trees=3 min_samples_leaf=7 monotone=x0:-1,x1:1", false }, { &model_forest, "trees=3 extra=yes min_samples_leaf=9", false },
	{ &model_boost, "rounds=5 monotone=x0:-1", false }, { &model_boost, "rounds=20 monotone=x0:1,x2:-1 loss=absolute", true },
	{ &model_boost, "rounds=20 monotone=x0:1 alpha=0.6", true },
};

static void check_sizes(void)
{
	static const int sizes[] = { 30, -30, 47, 60, -60, 400, -400, 900, -900 };
	double plain[ROWS * MOST], have[ROWS * MOST];

	for (size_t i = 0; i < sizeof sized / sizeof *sized; i++) {
		TEST("targets of any size make the same tree");
		answers_of(sized[i].kind, sized[i].parameters, 0, 0, NULL, 0, plain);
		for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
			answers_of(sized[i].kind, sized[i].parameters, 0, sizes[k], NULL, 0, have);
			CHECK(same_answers(have, plain, ROWS));
		}
	}
}

static void check_weights(void)
{
	static const int sizes[] = { 30, -30, -150, 150, -300, 300, -900, 900 };
	double plain[ROWS * MOST], have[ROWS * MOST];

	for (size_t i = 0; i < sizeof sized / sizeof *sized; i++)
		for (size_t n_classes = 0; n_classes < (sized[i].of_numbers ? 1 : 3); n_classes += 2) {
			TEST("of weights only proportions matter");
			answers_of(sized[i].kind, sized[i].parameters, n_classes, 0, w, 0, plain);
			for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
				answers_of(sized[i].kind, sized[i].parameters, n_classes, 0, w, sizes[k], have);
				CHECK(same_answers(have, plain, ROWS * (n_classes ? n_classes : 1)));
			}
		}
}

/* Rows that weigh next to nothing beside the others are nobody's side: the others' tree stands, and all of it can be read. */
static void check_lost_weights(void)
{
	double light[ROWS], none[ROWS], with[ROWS * MOST], without[ROWS * MOST];
	static const struct sized families[] = { { &model_tree, "leaves=0 ccp_alpha=0 min_samples_leaf=1", false }, { &model_forest, "trees=1 bootstrap=no max_features=all min_samples_leaf=1", false } };

	for (int i = 0; i < ROWS; i++) {
		none[i] = i % 3 > 0;
		light[i] = i % 3 > 0 ? 1 : i % 2 ? 1e-20 : 1e-17;
	}
	for (size_t i = 0; i < 2; i++)
		for (size_t n_classes = 0; n_classes <= 3; n_classes += n_classes ? 1 : 2) {
			size_t width = n_classes ? n_classes : 1;

			TEST("weights that are lost beside the others");
			answers_of(families[i].kind, families[i].parameters, n_classes, 0, none, 0, without);
			answers_of(families[i].kind, families[i].parameters, n_classes, 0, light, 0, with);
			for (size_t row = 0; row < ROWS; row++)
				for (size_t k = 0; k < width && row % 3 > 0; k++)
					CHECK_NEAR(with[row * width + k], without[row * width + k], 1e-9);
		}
}

int main(void)
{
	make_rows();
	check_references();
	check_hand();
	check_monotone();
	check_isotonic();
	check_chosen();
	check_sizes();
	check_weights();
	check_lost_weights();
	return unit_done();
}
