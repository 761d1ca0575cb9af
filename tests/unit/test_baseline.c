/* SPDX-License-Identifier: MIT */
/* The family baseline: mean, median and shares, with and without weights, against numpy and against the definition. */
#include "fake_training.h"
#include "unit.h"

#include "memory.h"
#include "rng.h"

extern const struct model_kind model_baseline;
static const struct model_kind *const baseline = &model_baseline;

enum { N = 2500 };
static double x[N], y[N], w[N];

/* What it says of a row. */
static void answers(struct fake *fake, const char *parameters, double *out)
{
	void *model = fake_fit(fake, baseline, parameters);

	CHECK(model);
	if (!model)
		return;
	fake_predict(fake, baseline, model, 0, 1, out);
	baseline->free(model);
}

static double answer(struct fake *fake, const char *parameters)
{
	double out = NAN;

	answers(fake, parameters, &out);
	return out;
}

/* scripts/reference/reasons.py: numpy 2.4.6 */
static void check_values(void)
{
	struct fake *fake = fake_new(x, y, N, 1, 0);

	for (int i = 0; i < N; i++) {
		x[i] = NAN;             /* nobody asks */
		y[i] = 3 + 2 * ((i * 7 % 23) / 8.0) - 0.5 * (2019 + (i * 11 % 41) / 16.0) + ((i * 13 % 31) - 5.0) + (i % 3 == 1) * 2.5 +
		       ((i * 29 % 101) - 50) / 16.0;
		w[i] = (i % 5 + 1) / 2.0;
	}
	TEST("mean and median are numpy's");
	CHECK_NEAR(answer(fake, ""), -993.545475, 1e-9);
	CHECK_NEAR(answer(fake, "answer=median"), -993.5625, 0);
	fake->options.threads = 2;
	fake->options.memory = 1000;
	CHECK_NEAR(answer(fake, "answer=median"), -993.5625, 0);
	fake->n_rows = 2499;
	CHECK_NEAR(answer(fake, "answer=median"), -993.5625, 0);
	fake->n_rows = N;
	TEST("weighted");
	fake->weight = w;
	CHECK_NEAR(answer(fake, ""), -993.5245291666666, 1e-9);
	CHECK_NEAR(answer(fake, "answer=median"), -993.5625, 0);
	fake_free(fake);
}

static int by_value(const void *a, const void *b)
{
	double one = y[*(const int *)a], other = y[*(const int *)b];

	return (one > other) - (one < other);
}

/* The smallest value up to which lies half of the weight; the middle to the next one where exactly half does. */
static double plain_median(int n)
{
	int order[N];
	double all = 0, sum = 0;

	for (int i = 0; i < n; i++) {
		order[i] = i;
		all += w[i];
	}
	qsort(order, (size_t)n, sizeof *order, by_value);
	for (int i = 0; i < n; i++) {
		sum += w[order[i]];
		if (sum < all / 2)
			continue;
		for (int k = i + 1; sum == all / 2 && k < n; k++)
			if (w[order[k]] > 0)
				return (y[order[i]] + y[order[k]]) / 2;
		return y[order[i]];
	}
	return NAN;
}

static void check_medians(void)
{
	static const double scales[] = { 1, 1e-3, 1e300, 5e-324 };
	struct rng *rng = mem_new(1, sizeof *rng);
	struct fake *fake = fake_new(x, y, N, 1, 0);
	size_t n_kinds;
	const struct model_kind *const *kinds = model_list(&n_kinds);

	TEST("weighted medians of few and many rows, of ties, of weights that are 0, of any size and sign");
	rng_seed(rng, 9);
	fake->weight = w;
	for (int round = 0; round < 200; round++) {
		int n = 1 + (int)rng_below(rng, round % 10 ? 12 : 2000), values = 1 + (int)rng_below(rng, 9);

		for (int i = 0; i < n; i++) {
			y[i] = ((double)rng_below(rng, (uint64_t)values) - values / 2) * scales[round % 4];
			w[i] = (double)rng_below(rng, 4);
		}
		w[0] = 1;
		fake->n_rows = (size_t)n;
		CHECK_NEAR(answer(fake, "answer=median"), plain_median(n), 0);
	}
	TEST("equal weights change nothing, also where their sums round: numpy.median([1, 2, 3, 4, 5, 6]) is 3.5");
	fake->n_rows = 6;
	for (int k = 0; k < 6; k++) {
		static const double equal[] = { 0.1, 0.2, 0.3, 0.7, 1.1, 1.3 };

		for (int i = 0; i < 6; i++) {
			y[i] = i + 1;
			w[i] = equal[k];
		}
		CHECK_NEAR(answer(fake, "answer=median"), 3.5, 0);
	}
	TEST("weights that are all 0, whatever the family");
	memset(w, 0, sizeof w);
	memset(x, 0, sizeof x);
	fake->quiet = true;
	for (size_t i = 0; i < n_kinds; i++) {
		struct error other_task = ERROR_INIT;

		if (kinds[i]->check(kinds[i]->defaults, &fake->problem, &other_task) < 0)
			continue;
		CHECK(!fake_fit(fake, kinds[i], ""));
		CHECK_TEXT(fake->err.message, "the weights of all training rows are 0");
	}
	fake_free(fake);
	free(rng);
}

/* What evaluate judges by is the lesson's own mean: a baseline is never better or worse than itself. */
static void check_itself(void)
{
	struct rng *rng = mem_new(1, sizeof *rng);
	struct fake *fake = fake_new(x, y, N, 1, 0);

	TEST("the lesson's baseline is the family's, to the last bit");
	rng_seed(rng, 3);
	for (int round = 0; round < 20; round++) {
		struct source source;
		struct lesson *lesson;
		void *model = NULL;
		double out = NAN;

		for (int i = 0; i < N; i++) {
			y[i] = rng_unit(rng) * 10 - 3;
			w[i] = rng_unit(rng);
		}
		fake->weight = round % 2 ? w : NULL;
		fake->options.threads = 1 + round % 3;
		lesson = fake_open(fake, baseline, "", &source);
		CHECK(lesson && lesson_rounds(lesson, 1, &fake->err) == 0 && (model = lesson_finish(lesson, &fake->err)));
		if (model)
			fake_predict(fake, baseline, model, 0, 1, &out);
		CHECK(lesson && out == lesson->target_mean);
		baseline->free(model);
		lesson_free(lesson);
		source_close(&source);
	}
	fake_free(fake);
	free(rng);
}

static void check_classes(void)
{
	struct fake *fake = fake_new(x, y, 6, 1, 3);
	double out[3], reasons[2 * 3 * 2];
	struct panel panel = fake_panel(fake, 0, 2);
	void *model;

	TEST("shares of the classes, with and without weights, and their reasons");
	for (int i = 0; i < 6; i++) {
		y[i] = i % 3 == 1 ? 1 : i % 2 * 2;
		w[i] = i == 1 ? 5 : 1;
	}
	answers(fake, "", out);
	CHECK_NEAR(out[0], 2 / 6.0, 1e-15);
	CHECK_NEAR(out[1], 2 / 6.0, 1e-15);
	CHECK_NEAR(out[2], 2 / 6.0, 1e-15);
	fake->weight = w;
	answers(fake, "", out);
	CHECK_NEAR(out[1], 0.6, 1e-15);
	model = fake_fit(fake, baseline, "");
	CHECK(baseline->reasons(model, &panel, reasons, &fake->err) == 0);
	for (size_t k = 0; k < 3; k++)
		for (size_t row = 0; row < 2; row++)
			CHECK(reasons[(k * 2 + row) * 2] == 0 && reasons[(k * 2 + row) * 2 + 1] == out[k]);
	baseline->free(model);
	fake->quiet = true;
	CHECK(!fake_fit(fake, baseline, "answer=median"));
	fake_free(fake);
}

int main(void)
{
	check_values();
	check_medians();
	check_itself();
	check_classes();
	return unit_done();
}
