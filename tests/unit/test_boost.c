/* SPDX-License-Identifier: MIT */
/*
 * Boosting against LightGBM 4.7.0 (numpy 2.4, one thread), whose values were made by
 *
 *     i = np.arange(1200)
 *     X = np.stack([(i*i*7%97)/32-1.4, (i*i*11%89)/32., ((i*37%83)-41)/25, (i*i%17)*1., (i*5%3)*1.], 1); X[i%11==4,0] = np.nan
 *     t = np.sin(2*np.nan_to_num(X[:,0],nan=.8)) + X[:,1]*X[:,2]*.5 + (X[:,3]>6)*(X[:,4]-1) + ((i*i*29%211)-105)/120
 *     y = np.round(t, 3); w = 1+(i%4)/2; c2 = y>.3; c3 = np.digitize(y, [-.3,.7]); n = np.floor(np.exp(y))
 *     p = dict(num_leaves=7, learning_rate=.1, min_data_in_leaf=1, min_sum_hessian_in_leaf=1e-3, lambda_l2=1., max_bin=255,
 *              min_data_in_bin=1, feature_pre_filter=False, objective=...)
 *     lgb.train(p, lgb.Dataset(X, y, weight=w/w.mean(), params=p), 10).predict(X[[3,4,700,1111]])
 *
 * Its sums are of floats, ours of words of 16 bits, so values agree to four digits and a half.
 */
#include "toy_family.h"

#include "boost_loss.h"
#include "boost_renew.h"
#include "boost_sample.h"

enum { ROWS = 1200, COLS = 5, SHOWN = 4 };
extern const struct model_kind model_boost, model_forest;
static double values[ROWS * COLS], numbers[ROWS], weights[ROWS], two[ROWS], three[ROWS], counts[ROWS], amounts[ROWS];
static const char rules[] = "leaves=7 lr=.1 min_child_samples=1 l2=1 rounds=10 patience=0";

static void make_rows(void)
{
	for (int i = 0; i < ROWS; i++) {
		double *row = &values[i * COLS], first = (i * i * 7 % 97) / 32.0 - 1.4, t;

		row[0] = i % 11 == 4 ? NAN : first;
		row[1] = (i * i * 11 % 89) / 32.0;
		row[2] = ((i * 37 % 83) - 41) / 25.0;
		row[3] = (double)(i * i % 17);
		row[4] = (double)(i * 5 % 3);
		t = sin(2 * (i % 11 == 4 ? .8 : first)) + row[1] * row[2] * .5 + (row[3] > 6) * (row[4] - 1) + ((i * i * 29 % 211) - 105) / 120.0;
		numbers[i] = rint(t * 1000) / 1000;
		weights[i] = 1 + (i % 4) / 2.0;
		two[i] = numbers[i] > .3;
		three[i] = numbers[i] < -.3 ? 0 : numbers[i] < .7 ? 1 : 2;
		counts[i] = floor(exp(numbers[i]));
		amounts[i] = exp(numbers[i]);
	}
}

/* Of four rows; again behind save and load, bit by bit. */
static void expect(const double *targets, size_t n_classes, bool weighted, const char *more, const double *want, double tolerance)
{
	const size_t shown[SHOWN] = { 3, 4, 700, 1111 }, n = n_classes ? n_classes : 1;
	struct fake *fake = fake_new(values, targets, ROWS, COLS, n_classes);
	struct buffer params = BUFFER_INIT;
	struct error err = ERROR_INIT;
	char parameters[300];
	void *model, *copy;
	struct unpacked map;

	snprintf(parameters, sizeof parameters, "%s%s", rules, more);
	fake->weight = weighted ? weights : NULL;
	model = fake_fit(fake, &model_boost, parameters);
	CHECK(model != NULL);
	if (!model)
		return;
	model_boost.save(model, &params);
	CHECK(pack_read(&map, params.data, params.size, &err) == 0);
	copy = model_boost.load(&map.object, &fake->problem, &err);
	CHECK_TEXT(err.message, "");
	for (size_t i = 0; i < SHOWN; i++) {
		double have[3], copied[3];

		fake_predict(fake, &model_boost, model, shown[i], 1, have);
		fake_predict(fake, &model_boost, copy, shown[i], 1, copied);
		CHECK(memcmp(have, copied, n * sizeof *have) == 0);
		for (size_t k = 0; k < n; k++)
			CHECK_NEAR(have[k], want[i * n + k], tolerance);
	}
	model_boost.free(model);
	model_boost.free(copy);
	unpacked_free(&map);
	buffer_free(&params);
	fake_free(fake);
}

/* Of two classes the reference gives the second's. */
static void expect_two(bool weighted, const double *second)
{
	double both[2 * SHOWN];

	for (size_t i = 0; i < SHOWN; i++) {
		both[2 * i] = 1 - second[i];
		both[2 * i + 1] = second[i];
	}
	expect(two, 2, weighted, "", both, 3e-5);
}

static void check_reference(void)
{
	static const double squared[] = { 0.10567635, 0.53884775, 0.26971329, 0.26971329 };         /* num_iteration=2 */
	static const double weighted[] = { 0.0446793682, 0.861208408, 0.277846207, 0.277846207 };    /* num_iteration=4 */
	static const double of_two[] = { 0.367702708, 0.749267108, 0.499676286, 0.454720137 };
	static const double of_two_weighted[] = { 0.348243416, 0.743083916, 0.429488121, 0.429488121 };
	static const double of_three[] = { 0.41844449, 0.314623761, 0.26693175, 0.138216876, 0.161732918, 0.700050206, 0.375194871, 0.285421944, 0.339383184, 0.283216249, 0.324290764, 0.392492988 };
	static const double poisson[] = { 2.06681529, 8.63212714, 2.27392831, 2.27392831 };
	static const double of_gamma[] = { 1.24064918, 5.49214681, 2.45989784, 2.42225253 };
	static const double tweedie[] = { 1.37041659, 9.7653064, 2.08911369, 2.08911369 };
	static const double shallow[] = { 0.156312948, 1.1690013, 0.306188544, 0.210178498 };
	static const double monotone[] = { 0.147608094, 1.16397497, 1.16397497, 0.707732245 };
	static const double interact[] = { 0.344002602, 0.684445057, 0.238088344, 0.238088344 };

	TEST("squared loss");
	expect(numbers, 0, false, " rounds=2", squared, 5e-5);
	expect(numbers, 0, true, " rounds=4", weighted, 5e-5);
	TEST("classes");
	expect_two(false, of_two);
	expect_two(true, of_two_weighted);
	expect(three, 3, false, "", of_three, 5e-5);
	TEST("losses of counts and amounts");
	expect(counts, 0, false, " loss=poisson", poisson, 2e-4);
	expect(amounts, 0, false, " loss=gamma", of_gamma, 4e-4);
	expect(counts, 0, false, " loss=tweedie power=1.3", tweedie, 4e-4);
	TEST("limits of trees");
	expect(numbers, 0, false, " depth=2", shallow, 5e-5);
	expect(numbers, 0, false, " monotone=x1:1,x2:-1", monotone, 5e-5);
	expect(numbers, 0, false, " interact=x0+x1,x2+x3,x4", interact, 5e-5);
}

/* Where a split of the missing ones alone gains most we make it, and LightGBM does not: from the third round on its loss is larger. */
static void check_loss(void)
{
	struct fake *fake = fake_new(values, numbers, ROWS, COLS, 0);
	void *model = fake_fit(fake, &model_boost, rules);

	TEST("ten rounds leave no more loss than the reference's");
	CHECK(fake->epochs == 10 && fake->losses[10] > 0.7 && fake->losses[10] <= 0.8038760721);
	model_boost.free(model);
	fake_free(fake);
}

/* ---- losses ---- */

static double loss_at(const struct boost_objective *objective, float target, float weight, const float *scores)
{
	const float *columns[3] = { &scores[0], &scores[1], &scores[2] };
	struct boost_rows rows = { .n = 1, .y = &target, .weight = &weight, .scores = columns };

	return boost_loss_rows(objective, &rows);
}

/* Slopes are the loss's: (f(s + e) - f(s - e)) / 2e, where it has no corner; curvatures those that boost_loss.h says. */
static void check_slopes(const char *name, size_t n_outputs, float target)
{
	struct boost_objective objective = { .n_outputs = n_outputs, .power = 1.4, .delta = 0.6, .alphas = { 0.3 } };
	const float e = 0x1p-6f, weight = 1.5f;

	CHECK(boost_loss_known(name, &objective.loss));
	for (float s = -2; s < 2.1f; s += 0.37f) {
		float scores[3] = { s, -0.4f * s, 0.3f }, gs[3], hs[3];
		float *g[3] = { &gs[0], &gs[1], &gs[2] }, *h[3] = { &hs[0], &hs[1], &hs[2] };
		const float *columns[3] = { &scores[0], &scores[1], &scores[2] };
		struct boost_rows rows = { .n = 1, .y = &target, .weight = &weight, .scores = columns, .g = g, .h = h };
		double factor = objective.loss == BOOST_SQUARED ? 2 : 1;

		boost_loss_rows(&objective, &rows);
		for (size_t k = 0; k < n_outputs; k++) {
			float above[3] = { scores[0], scores[1], scores[2] }, below[3] = { scores[0], scores[1], scores[2] };
			double slope;

			above[k] += e;
			below[k] -= e;
			slope = (loss_at(&objective, target, weight, above) - loss_at(&objective, target, weight, below)) / (2 * (double)e);
			CHECK_NEAR(factor * (double)gs[k], slope, 2e-3 * fmax(1, fabs(slope)));
			CHECK(hs[k] > 0);
		}
	}
}

static void check_losses(void)
{
	static const char *const names[] = { "squared", "absolute", "huber", "quantile", "poisson", "gamma", "tweedie", "logistic" };

	TEST("gradients are those of the losses");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		check_slopes(names[i], 1, i == 7 ? 1 : 1.23456f);
	check_slopes("logistic", 1, 0);
	for (int class = 0; class < 3; class++)
		check_slopes("softmax", 3, (float)class);
	CHECK(!boost_loss_known("auto", &(enum boost_loss){ BOOST_AUTO }) && !boost_loss_known("", &(enum boost_loss){ BOOST_AUTO }));
}

/* ---- parts ---- */

/* By sorting. */
static double plain_quantile(double alpha, const double *sorted, size_t n)
{
	double place = alpha * (double)(n - 1);
	size_t k = (size_t)place;

	return k + 1 < n ? sorted[k] + (place - (double)k) * (sorted[k + 1] - sorted[k]) : sorted[k];
}

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

static void check_residuals(struct rng *rng)
{
	TEST("quantiles of residuals");
	for (size_t n = 1; n < 60; n++) {
		float target[60], scores[60], left[60], weight[60], space[60], space_weight[60];
		uint32_t rows[60];
		double sorted[60], alpha = rng_unit(rng), all = 0, below = 0, found;

		for (size_t i = 0; i < n; i++) {
			target[i] = (float)rng_below(rng, 9);
			scores[i] = (float)rng_below(rng, 4);
			weight[i] = 1 + (float)rng_below(rng, 3);
			rows[i] = (uint32_t)(n - 1 - i);
			sorted[i] = (double)(target[i] - scores[i]);
			all += (double)weight[i];
		}
		qsort(sorted, n, sizeof *sorted, by_size);
		CHECK_NEAR(residual_quantile(alpha, rows, n, target, scores, NULL, space, NULL), plain_quantile(alpha, sorted, n), 1e-6);
		for (size_t i = 0; i < n; i++)
			left[i] = target[i] - scores[i];
		CHECK_NEAR(residual_quantile(alpha, NULL, n, left, NULL, NULL, space, NULL), plain_quantile(alpha, sorted, n), 1e-6);
		found = residual_quantile(alpha, NULL, n, target, scores, weight, space, space_weight);
		for (size_t i = 0; i < n; i++)
			below += (double)(target[i] - scores[i]) < found ? (double)weight[i] : 0;
		CHECK(below < alpha * all + 1e-9);              /* a lesser one has not enough below it, this one has */
		for (size_t i = 0; i < n; i++)
			below += (double)(target[i] - scores[i]) == found ? (double)weight[i] : 0;
		CHECK(below >= alpha * all - 1e-4);
	}
}

static void check_samples(void)
{
	enum { MANY = 20000 };
	static uint32_t rows[MANY], again[MANY];
	static float g[MANY], h[MANY], space[MANY];
	float *gs[] = { g }, *hs[] = { h };
	bool allowed[40];
	size_t n = sample_rows(0.3, MANY, 7, rows), n_allowed = 0;
	double before = 0, after = 0;

	TEST("samples of rows and features");
	CHECK(n > 5700 && n < 6300 && sample_rows(0.3, MANY, 7, again) == n && memcmp(rows, again, n * sizeof *rows) == 0);
	for (size_t i = 1; i < n; i++)
		CHECK(rows[i] > rows[i - 1]);
	CHECK(sample_rows(0.3, MANY, 8, again) > 0 && memcmp(rows, again, 1000 * sizeof *rows) != 0);
	CHECK(sample_rows(1e-12, MANY, 7, rows) == 1 && sample_rows(1, MANY, 7, rows) == MANY);
	for (size_t i = 0; i < MANY; i++) {
		g[i] = (float)((i * 7919) % MANY) / MANY;
		h[i] = 1;
		before += (double)g[i];
	}
	n = sample_goss(0.2, 0.1, MANY, 1, gs, hs, 7, space, rows);
	CHECK(n > 5700 && n < 6300);
	for (size_t i = 0; i < n; i++)
		after += (double)g[rows[i]];
	CHECK_NEAR(after / before, 1, 0.03);            /* the rows taken stand for all */
	for (size_t i = 0, next = 0; i < MANY; i++) {
		bool taken = next < n && rows[next] == i;

		CHECK(taken || (i * 7919) % MANY < MANY * 8 / 10);
		next += taken;
	}
	sample_features(0.25, 40, 3, allowed);
	for (size_t i = 0; i < 40; i++)
		n_allowed += allowed[i];
	CHECK(n_allowed == 10);
}

/* ---- the life of a fitting ---- */

/* As after every round, and as after the last. */
static void check_life(const char *parameters, size_t n_classes, const double *targets)
{
	struct fake *fake = fake_new(values, targets, ROWS - 200, COLS, n_classes);
	struct buffer want, have;

	fake->n_valid = 200;
	fake->weight = weights;
	want = whole(fake, &model_boost, parameters);
	for (int threads = 2; threads <= 5; threads += 3) {
		fake->options.threads = threads;
		have = whole(fake, &model_boost, parameters);
		CHECK(same(&have, &want));
		buffer_free(&have);
	}
	for (uint64_t n = 1; n < 6; n += 2) {
		struct buffer checkpoint = broken_off(fake, &model_boost, parameters, n);

		resume_to(fake, &model_boost, parameters, &checkpoint, &want);
		buffer_free(&checkpoint);
	}
	buffer_free(&want);
	fake_free(fake);
}

static void check_lives(void)
{
	TEST("the same bytes for any number of threads, and resumed at any round");
	check_life("rounds=9 patience=3 leaves=9 lr=0.7", 0, numbers);
	check_life("rounds=7 patience=0 leaves=9 subsample=0.5 colsample=0.6", 3, three);
	check_life("rounds=7 patience=2 loss=quantile alpha=0.1,0.5,0.9 goss_top=0.2", 0, numbers);
	check_life("rounds=7 patience=2 loss=huber grow=depth depth=3", 0, numbers);
}

/* Sizes that floats do not have: the same trees, in other units. */
static void check_sizes(void)
{
	static double huge[ROWS], tiny[ROWS];
	double plain[ROWS], have[ROWS];
	struct fake *fake = fake_new(values, numbers, ROWS, COLS, 0);
	void *model = fake_fit(fake, &model_boost, rules);

	for (int i = 0; i < ROWS; i++) {
		huge[i] = ldexp(numbers[i], 600);
		tiny[i] = ldexp(numbers[i], -600);
	}
	TEST("targets of any size");
	fake_predict(fake, &model_boost, model, 0, 1000, plain);
	model_boost.free(model);
	for (int side = 0; side < 2; side++) {
		fake->y = side ? tiny : huge;
		model = fake_fit(fake, &model_boost, rules);
		fake_predict(fake, &model_boost, model, 0, 1000, have);
		for (size_t i = 0; i < 1000; i++)
			CHECK_NEAR(ldexp(have[i], side ? 600 : -600), plain[i], 1e-4);
		model_boost.free(model);
	}
	fake_free(fake);
}

/* Stopped early, and with a least gain, which is a square of the targets' size. */
static void check_stops_at_sizes(void)
{
	static const struct { int power; const char *parameters; } sized[] = {
		{ 0, "rounds=80 patience=2 lr=.9" }, { 600, "rounds=80 patience=2 lr=.9" }, { -600, "rounds=80 patience=2 lr=.9" },
		{ 0, "rounds=9 lr=.9 min_gain=3" }, { 60, "rounds=9 lr=.9 min_gain=3987683987354747618711421180841033728" },
	};
	static double scaled[ROWS];
	double plain[ROWS], have[ROWS];

	for (size_t k = 0; k < sizeof sized / sizeof *sized; k++) {
		struct fake *fake = fake_new(values, scaled, ROWS - 300, COLS, 0);
		void *model;

		TEST("where a fit stops does not hang on the targets' size");
		for (int i = 0; i < ROWS; i++)
			scaled[i] = ldexp(numbers[i], sized[k].power);
		fake->n_valid = 300;
		model = fake_fit(fake, &model_boost, sized[k].parameters);
		CHECK(model);
		if (model)
			fake_predict(fake, &model_boost, model, 0, ROWS, have);
		for (int i = 0; model && i < ROWS; i++) {
			have[i] = ldexp(have[i], -sized[k].power);
			if (sized[k].power == 0)
				plain[i] = have[i];
			CHECK_NEAR(have[i], plain[i], 1e-4);
		}
		model_boost.free(model);
		fake_free(fake);
	}
}

/* Of twenty targets nineteen are alike; where x is 8 or 9 one in four is not. What makes a loss small shows there. */
static void check_frequent(void)
{
	enum { TIMES = 1000 };
	static const struct { const char *parameters; int sign; double least, most; } losses[] = {
		{ "loss=quantile alpha=.9", 1, 3, 5.1 }, { "loss=quantile alpha=.1", -1, -5.1, -3 }, { "loss=huber", 1, 0.5, 2 },
		{ "loss=absolute", 1, -1e-6, 5.1 },
	};
	static double places[TIMES], amounts_of[TIMES];
	double have[TIMES];

	for (size_t k = 0; k < sizeof losses / sizeof *losses; k++) {
		struct fake *fake = fake_new(places, amounts_of, TIMES, 1, 0);
		void *model;

		TEST("targets of which most are alike");
		for (int i = 0; i < TIMES; i++) {
			places[i] = i % 10;
			amounts_of[i] = losses[k].sign * (i % 10 > 7 && i / 10 % 4 == 0 ? 4 + i % 11 / 10.0 : 0);
		}
		model = fake_fit(fake, &model_boost, losses[k].parameters);
		CHECK(model);
		if (model)
			fake_predict(fake, &model_boost, model, 0, TIMES, have);
		for (int i = 0; model && i < TIMES; i++)
			if (places[i] <= 7)
				CHECK_NEAR(have[i], 0, 1e-3);
			else
				CHECK(have[i] >= losses[k].least && have[i] <= losses[k].most);
		model_boost.free(model);
		fake_free(fake);
	}
}

static void check_parameters(void)
{
	static const struct { const char *parameters, *message; } refused[] = {
		{ "loss=squared alpha=0.5", "alpha= is of loss=quantile (leave one of them out)" },
		{ "power=1.2", "power= is of loss=tweedie" },
		{ "loss=quantile alpha=.01,.02,.03,.04,.05,.06,.07,.08,.09,.1,.11,.12,.13,.14,.15,.16,.17,.18,.19,.2,.21,.22,.23,.24,.25,.26,.27,.28,.29,.3,.31,.32,.33",
		  "alpha: more than 32 quantiles" },
		{ "monotone=:1", "monotone: a name is missing in ':1'" },
		{ "monotone=x0:1,x1", "monotone: 'x1' is no list such as price:-1,area:1" },
		{ "monotone=x9:1", "monotone: 'x9' is none of the features that are numbers" },
		{ "monotone=x1:1,x0:1,x1:-1", "monotone: 'x1' comes twice" },
		{ "interact=x1++x2", "interact: a name is missing in '+x2'" },
		{ "interact=x1+x9", "interact: 'x9' is none of the features (that of a text's levels has _level behind its name)" },
	};
	struct fake *fake = fake_new(values, numbers, ROWS, COLS, 0);
	struct buffer sets = BUFFER_INIT;

	TEST("parameters that are refused");
	fake->quiet = true;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		CHECK(!fake_fit(fake, &model_boost, refused[i].parameters) && fake->err.code == STATUS_USAGE);
		CHECK_TEXT(fake->err.message, refused[i].message);
	}
	buffer_add_text(&sets, "interact=x0");
	for (size_t i = 1; i < 63; i++)
		buffer_add_text(&sets, ",x0");
	model_boost.free(fake_fit(fake, &model_boost, buffer_text(&sets)));
	CHECK(fake->err.code == STATUS_DONE);
	buffer_add_text(&sets, ",x0");
	CHECK(!fake_fit(fake, &model_boost, buffer_text(&sets)));
	CHECK_TEXT(fake->err.message, "interact: more than 63 sets");
	buffer_free(&sets);
	fake_free(fake);
	fake = fake_new(values, three, ROWS, COLS, 3);
	fake->quiet = true;
	CHECK(!fake_fit(fake, &model_boost, "loss=logistic"));
	CHECK_TEXT(fake->err.message, "loss=logistic is for two classes, the target has 3 (use softmax)");
	fake_free(fake);
}

static int give_panel(void *state, size_t lanes, panel_taker *take, void *fitting, struct error *err)
{
	(void)lanes;
	return take(fitting, 0, state, err);
}

static void say_nothing(void *state, const char *text) { (void)state, (void)text; }

/* A lesson sees to it that the rows are those of the checkpoint; the families do not find their cuts in others. */
static void check_other_rows(const struct model_kind *kind)
{
	enum { MANY = 200 };
	static const uint32_t levels_of[1];
	double columns[2][MANY], target[MANY];
	struct panel panel = { .part = PART_TRAIN, .n_rows = MANY, .n_features = 1, .x = columns[0], .stride = MANY, .y = target };
	struct problem problem = { .task = TASK_REGRESSION };
	struct training training = { .problem = &problem, .levels_of = levels_of, .n_rows = MANY, .threads = 1, .memory = 1 << 20, .rows = give_panel, .state = &panel,
	                             .remark = say_nothing };
	struct buffer bytes = BUFFER_INIT;
	struct round told = { .number = 1 };
	struct error err = ERROR_INIT;
	struct unpacked map;
	void *fitting;

	for (int i = 0; i < MANY; i++) {
		columns[0][i] = i;
		columns[1][i] = i * 2.7;
		target[i] = i % 70;
	}
	names_add(&problem.features, "x");
	fitting = kind->begin(kind->defaults, &training, NULL, &err);
	CHECK(fitting && kind->round(fitting, &told, &err) == 1);
	kind->checkpoint(fitting, &bytes);
	kind->close(fitting);
	CHECK(pack_read(&map, bytes.data, bytes.size, &err) == 0);
	for (int other = 0; other < 2; other++) {
		panel.x = columns[other];
		fitting = kind->begin(kind->defaults, &training, &map.object, &err);
		CHECK(fitting && kind->round(fitting, &told, &err) == (other ? -1 : 1));
		kind->close(fitting);
	}
	CHECK_TEXT(err.message, "the checkpoint's trees are of other rows");
	CHECK(err.code == STATUS_REQUIREMENT);
	error_clear(&err);
	unpacked_free(&map);
	buffer_free(&bytes);
	problem_release(&problem);
}

static void check_refused(void)
{
	struct fake *fake = fake_new(values, numbers, ROWS, COLS, 0);

	TEST("targets that a loss can't have");
	fake->quiet = true;
	CHECK(!fake_fit(fake, &model_boost, "loss=poisson"));
	CHECK_TEXT(fake->err.message, "loss=poisson wants targets of 0 and more, not all of them 0");
	fake->y = counts;
	CHECK(!fake_fit(fake, &model_boost, "loss=gamma"));
	CHECK_TEXT(fake->err.message, "loss=gamma wants targets above 0");
	TEST("a rate at which answers run away");
	fake->y = numbers;
	CHECK(!fake_fit(fake, &model_boost, "lr=10 rounds=200 l2=0"));
	CHECK(fake->err.code == STATUS_FAILED && strstr(fake->err.message, "the loss is no longer a number in round ") && strstr(fake->err.message, "(lower lr=)"));
	TEST("names that are no features, or come twice");
	CHECK(!fake_fit(fake, &model_boost, "monotone=x9:1"));
	CHECK(fake->err.code == STATUS_USAGE && strstr(fake->err.message, "monotone: 'x9' is none of the features"));
	CHECK(!fake_fit(fake, &model_boost, "monotone=x1:1,x0:1,x1:-1"));
	CHECK(fake->err.code == STATUS_USAGE && strcmp(fake->err.message, "monotone: 'x1' comes twice") == 0);
	CHECK(!fake_fit(fake, &model_boost, "interact=x1+x9"));
	CHECK(fake->err.code == STATUS_USAGE && strstr(fake->err.message, "interact: 'x9' is none of the features"));
	fake_free(fake);
	TEST("a checkpoint over other rows");
	check_other_rows(&model_boost);
	check_other_rows(&model_forest);
}

/* Trees that a model may have, and a fitting has not: leaves with a number for each output. */
static void check_forged(void)
{
	static const double scale[] = { 0, 1, 0, 1, 0 }, starts[] = { 0, 0, 0 };
	struct fake *fake = fake_new(values, three, ROWS, COLS, 3);
	struct training training = { .problem = &fake->problem, .n_rows = ROWS, .threads = 1 };

	TEST("a checkpoint whose leaves have several numbers");
	for (int width = 1; width <= 3; width += 2) {
		struct buffer bytes = BUFFER_INIT;
		struct error err = ERROR_INIT;
		struct unpacked map;
		void *fitting;

		pack_map(&bytes, 5);
		pack_key_int(&bytes, "rounds", 0);
		pack_key_int(&bytes, "kept", -1);
		pack_text(&bytes, "scale");
		pack_reals(&bytes, scale, 5);
		pack_text(&bytes, "starts");
		pack_reals(&bytes, starts, 3);
		pack_text(&bytes, "trees");
		pack_map(&bytes, 4);
		pack_key_int(&bytes, "width", width);
		pack_text(&bytes, "used");
		pack_bytes(&bytes, "", 0);
		pack_text(&bytes, "cuts");
		pack_array(&bytes, 0);
		pack_text(&bytes, "trees");
		pack_array(&bytes, 0);
		CHECK(pack_read(&map, bytes.data, bytes.size, &err) == 0);
		fitting = model_boost.begin(model_boost.defaults, &training, &map.object, &err);
		CHECK(!fitting == (width > 1));
		if (fitting)
			model_boost.close(fitting);
		else
			CHECK_TEXT(err.message, "the checkpoint of boosting is broken");
		unpacked_free(&map);
		error_clear(&err);
		buffer_free(&bytes);
	}
	fake_free(fake);
}

int main(void)
{
	struct rng rng;

	rng_seed(&rng, 5);
	make_rows();
	check_reference();
	check_loss();
	check_losses();
	check_residuals(&rng);
	check_samples();
	check_lives();
	check_sizes();
	check_stops_at_sizes();
	check_frequent();
	check_parameters();
	check_refused();
	check_forged();
	return unit_done();
}
