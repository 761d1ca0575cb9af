/* SPDX-License-Identifier: MIT */
/*
 * A sample drawn with replacement, put together from two accumulators: of every kind of metric, as an interval or a slice needs it.
 * Reference values: scripts/reference/metrics.py, "drawn" (scikit-learn 1.9.1, numpy 2.4.6), which repeats the rows.
 */
#include <stdlib.h>

#include "measure.h"
#include "memory.h"
#include "unit.h"

enum { N_ROWS = 12, N_FIRST = 7 };
static const uint8_t times[N_ROWS] = { 2, 1, 0, 3, 0, 1, 1, 2, 1, 1, 0, 1 };
static const double weight[N_ROWS] = { 1, 0.5, 2, 3.25, 0, 1.5, 0.25, 4, 1, 2, 0.75, 1 };

struct expected { const char *name; size_t item; double value, weighted; uint64_t rows; };

static struct judged part(const struct judged *rows, size_t first, size_t n)
{
	struct judged part = *rows;

	part.n_rows = n;
	part.truth += first;
	part.answer += first;
	part.shares = rows->shares ? rows->shares + first * rows->n_shares : NULL;
	part.weight = rows->weight ? rows->weight + first : NULL;
	return part;
}

/* The later block by another accumulator, which is merged from the left or the right. */
static void sample_total(const struct measures *measures, const struct judged *rows, bool right, double *total)
{
	struct judged first = part(rows, 0, N_FIRST), second = part(rows, N_FIRST, N_ROWS - N_FIRST);
	struct sums sums, others;

	sums_init(&sums, measures);
	sums_init(&others, measures);
	sums_add(&sums, 0, &first, times);
	sums_add(&others, 1, &second, times + N_FIRST);
	if (right)
		sums_merge(&sums, &others);
	else
		sums_merge(&others, &sums);
	sums_total(right ? &sums : &others, total);
	sums_release(&sums);
	sums_release(&others);
}

static void check_result(const struct measures *measures, const double *values, const double *total, const struct expected *expected, bool weighted)
{
	double want = weighted ? expected->weighted : expected->value;

	for (size_t at = 0; at < measures->n; at++) {
		const struct measure *item = &measures->items[at];

		if (strcmp(item->kind->name, expected->name) != 0 || item->item != expected->item)
			continue;
		if (fabs(values[at] - want) > 1e-14 * (1 + fabs(want)))
			printf("%s: %.17g, not %.17g\n", expected->name, values[at], want);
		CHECK(fabs(values[at] - want) <= 1e-14 * (1 + fabs(want)));
		CHECK(measure_rows(measures, item, total) == expected->rows);
		return;
	}
	CHECK(false);
}

static void draw(void *state, size_t sample, uint8_t *drawn)
{
	(void)sample;
	memcpy(drawn, state, N_ROWS);
}

static void check_sample(const struct measured *what, struct judged *rows, const struct expected *expected, size_t n)
{
	struct measures measures;
	struct judged_source source = judged_in_memory(rows);
	struct error err = ERROR_INIT;
	double *total, *values;

	measures_init(&measures, what);
	total = mem_array(measures.size, sizeof *total);
	values = mem_array(measures.n, sizeof *values);
	for (int i = 0; i < 4; i++) {
		rows->weight = i & 1 ? weight : NULL;
		sample_total(&measures, rows, i & 2, total);
		CHECK(measures_values(&measures, &source, &(struct samples){ 1, total, draw, (void *)times }, 1 << 20, NULL, values, &err) == 0);
		for (size_t k = 0; k < n; k++)
			check_result(&measures, values, total, &expected[k], i & 1);
	}
	free(values);
	free(total);
	measures_release(&measures);
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void test_numbers(void)
{
	static const double y[] = { 22, 31, 0, 18.5, 44, 27, 35, -4, 19, 25, 60, 12.25 };
	static const double p[] = { 24, 29.5, 1.5, 18.5, 38, 30, 33, -1, 20, 31, 42, 13 };
	static const struct expected expected[] = {
		{ "rows", OVERALL, 13, 13, 13 }, { "mae", OVERALL, 1.8653846153846154, 1.8269230769230769, 13 },
		{ "rmse", OVERALL, 2.462214450449026, 2.550923663785637, 13 }, { "r2", OVERALL, 0.9513295092869697, 0.9539060756556106, 13 },
		{ "mape", OVERALL, 0.1732550242761254, 0.2684930838423441, 13 }, { "median_error", OVERALL, 2, 2, 13 },
		{ "p90_error", OVERALL, 3, 3, 13 }, { "max_error", OVERALL, 6, 6, 13 },
		{ "within", 0, 0.6923076923076923, 0.5576923076923077, 13 }, { "within", 1, 0.6923076923076923, 0.5576923076923077, 13 },
	};
	struct item_lists within = { .lists = NULL };
	struct judged rows = { .n_rows = N_ROWS, .truth = y, .answer = p };
	struct error err = ERROR_INIT;

	TEST("a sample of numbers is what scikit-learn makes of its rows");
	CHECK(items_read(&within, metric_require("within", &err), "2,10%", &err) == 0);
	check_sample(&(struct measured){ .task = TASK_REGRESSION, .items = &within }, &rows, expected, COUNT(expected));
	items_release(&within);
}

static void test_classes(void)
{
	static const double truth[] = { 0, 0, 1, 2, 2, 1, 0, 2, 2, 1, 0, 2 };
	static const double answer[] = { 0, 1, 1, 2, 2, 1, 0, 0, 2, 1, 0, 2 };
	static const double shares[] = {
		.7, .2, .1,  .4, .5, .1,  .2, .6, .2,  .1, .1, .8,  .3, .3, .4,  .3, .6, .1,
		.6, .3, .1,  .5, .25, .25,  .2, .2, .6,  .1, .5, .4,  .35, .35, .3,  .05, .05, .9,
	};
	static const struct expected expected[] = {
		{ "rows", OVERALL, 13, 13, 13 }, { "accuracy", OVERALL, 0.7692307692307693, 0.6730769230769231, 13 },
		{ "precision", OVERALL, 0.7555555555555555, 0.6981707317073171, 13 }, { "recall", OVERALL, 0.8214285714285715, 0.8043728423475259, 13 },
		{ "f1", OVERALL, 0.7666666666666667, 0.6751729751729751, 13 }, { "log_loss", OVERALL, 0.5694341971884441, 0.6666894273162077, 13 },
		{ "auc", OVERALL, 0.9580327080327081, 0.9338231485556924, 13 },
		{ "precision", 0, 0.6, 0.21951219512195122, 4 }, { "recall", 1, 1, 1, 2 }, { "f1", 2, 0.8333333333333334, 0.746031746031746, 7 },
		{ "auc", 0, 0.9444444444444444, 0.9374389051808405, 4 }, { "auc", 1, 0.9772727272727273, 0.9936507936507937, 2 },
		{ "auc", 2, 0.9523809523809524, 0.870379746835443, 7 },
	};
	struct judged rows = { .n_rows = N_ROWS, .n_classes = 3, .truth = truth, .answer = answer, .n_shares = 3, .shares = shares };

	TEST("a sample of classes is what scikit-learn makes of its rows");
	check_sample(&(struct measured){ .task = TASK_CLASSIFICATION, .n_classes = 3, .has_shares = true }, &rows, expected, COUNT(expected));
}

static void test_few(void)
{
	static const uint8_t one[N_ROWS] = { [4] = 3 };
	static const double zero[N_ROWS] = { 0 };
	static const double truth[N_ROWS] = { [4] = 5 };
	struct measures measures;
	struct judged rows = { .n_rows = N_ROWS, .truth = truth, .answer = zero };
	struct judged_source source = judged_in_memory(&rows);
	struct error err = ERROR_INIT;
	double total[64], value;

	TEST("quantiles of a sample of one row, and of none");
	measures_init(&measures, &(struct measured){ .task = TASK_REGRESSION, .only = metric_require("p90_error", &(struct error)ERROR_INIT) });
	for (int i = 0; i < 2; i++) {
		const uint8_t *drawn = i ? one : (const uint8_t[N_ROWS]){ 0 };
		struct sums sums;

		sums_init(&sums, &measures);
		sums_add(&sums, 0, &rows, drawn);
		sums_total(&sums, total);
		CHECK(measures_values(&measures, &source, &(struct samples){ 1, total, draw, (void *)drawn }, 1 << 20, NULL, &value, &err) == 0);
		CHECK(i ? value == 5 : isnan(value));
		CHECK(measure_rows(&measures, &measures.items[0], total) == (i ? 3u : 0u));
		sums_release(&sums);
	}
	measures_release(&measures);
}

static void test_no_items(void)
{
	static const double truth[] = { 1, 2, 4 }, answer[] = { 1, 3, 1 };
	const struct item_lists none = { .lists = NULL };

	TEST("a metric whose items are not there is left out, the others are measured");
	for (int i = 0; i < 2; i++) {
		const struct item_lists *within = i ? &none : NULL;
		struct judged rows = { .n_rows = 3, .truth = truth, .answer = answer };
		struct measures measures;
		struct sums sums;
		double total[64];

		measures_init(&measures, &(struct measured){ .task = TASK_REGRESSION, .items = within });
		sums_init(&sums, &measures);
		sums_add(&sums, 0, &rows, NULL);
		sums_total(&sums, total);
		for (size_t at = 0; at < measures.n; at++)
			CHECK(strcmp(measures.items[at].kind->name, "within") != 0);
		for (size_t at = 0; at < measures.n_kinds; at++) {
			const struct measured_kind *of = &measures.kinds[at];

			CHECK(strcmp(of->kind->name, "mae") != 0 || of->kind->value(total + of->first, 0, OVERALL) == 4 / 3.0);
		}
		sums_release(&sums);
		measures_release(&measures);
	}
}

/* A sample is of the rows behind its first so many thousand, so that its median is known. */
enum { MANY = 1 << 16 };
struct tally_of_draws { size_t asked; };
static void draw_tail(void *state, size_t sample, uint8_t *drawn)
{
	((struct tally_of_draws *)state)->asked++;
	memset(drawn, 1, MANY);
	memset(drawn, 0, sample * 1000);
}

static void test_many(void)
{
	enum { SAMPLES = 60 };
	double *truth = mem_array(MANY, sizeof *truth), *zero = mem_new(MANY, sizeof *zero), values[SAMPLES];
	struct judged rows = { .n_rows = MANY, .truth = truth, .answer = zero };
	struct judged_source source = judged_in_memory(&rows);
	struct tally_of_draws drawn = { 0 };
	struct samples samples = { .n = SAMPLES, .draw = draw_tail, .state = &drawn };
	struct measures measures;
	double *totals;
	struct error err = ERROR_INIT;

	TEST("samples are drawn as many at a time as memory holds, each once");
	for (size_t i = 0; i < MANY; i++)
		truth[i] = (double)i;
	measures_init(&measures, &(struct measured){ .task = TASK_REGRESSION, .only = metric_require("median_error", &err) });
	samples.totals = totals = mem_new(SAMPLES * measures.size, sizeof *totals);
	for (size_t i = 0; i < SAMPLES; i++)
		totals[i * measures.size] = totals[i * measures.size + 1] = MANY - 1000 * (double)i;
	CHECK(measures_values(&measures, &source, &samples, 1 << 21, NULL, values, &err) == 0);
	for (size_t i = 0; i < SAMPLES; i++)
		CHECK(values[i] == (1000 * (double)i + MANY - 1) / 2);
	CHECK(drawn.asked == SAMPLES);
	free(totals);
	free(truth);
	free(zero);
	measures_release(&measures);
}

int main(void)
{
	test_many();
	test_no_items();
	test_numbers();
	test_classes();
	test_few();
	return unit_done();
}
