/* SPDX-License-Identifier: MIT */
/* Reference values: scripts/reference/metrics.py (scikit-learn 1.9.1, numpy 2.4.6) on the arrays below. */
#include <stdlib.h>

#include "measure.h"
#include "memory.h"
#include "rng.h"
#include "order_key.h"
#include "row_order.h"
#include "score.h"
#include "unit.h"

/* ---- values of rows that lie in the stream one behind the other ---- */

static struct judged part(const struct judged *rows, size_t first, size_t n)
{
	struct judged part = *rows;

	part.n_rows = n;
	part.truth += first;
	if (!rows->constant) {
		part.answer += first;
		part.shares = rows->shares ? rows->shares + first * rows->n_shares : NULL;
	}
	part.weight = rows->weight ? rows->weight + first : NULL;
	return part;
}

static void add_block(struct sums *sums, const struct judged *rows, size_t block, const uint8_t *times)
{
	size_t first = block * BLOCK_ROWS, n = rows->n_rows - first < BLOCK_ROWS ? rows->n_rows - first : BLOCK_ROWS;
	struct judged one = part(rows, first, n);

	sums_add(sums, block, &one, times ? times + first : NULL);
}

static size_t n_blocks(const struct judged *rows)
{
	return (rows->n_rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
}

static double *total_of(const struct measures *measures, const struct judged *rows, const uint8_t *times)
{
	double *total = mem_array(measures->size, sizeof *total);
	struct sums sums;

	sums_init(&sums, measures);
	for (size_t block = 0; block < n_blocks(rows); block++)
		add_block(&sums, rows, block, times);
	sums_total(&sums, total);
	sums_release(&sums);
	return total;
}

/* Samples that lie side by side. */
struct drawn { const uint8_t *times; size_t n_rows; };
static void draw_times(void *state, size_t sample, uint8_t *times)
{
	const struct drawn *drawn = state;

	memcpy(times, drawn->times + sample * drawn->n_rows, drawn->n_rows);
}

/* In memory, and with so little of it that runs are merged out of a file, once for each sample: the same bits. */
static void find_values(const struct measures *measures, const struct judged *rows, const struct samples *samples, double *values)
{
	struct judged_source source = judged_in_memory(rows);
	size_t size = samples->n * measures->n;
	double *again = mem_array(size, sizeof *again);
	struct error err = ERROR_INIT;

	CHECK(measures_values(measures, &source, samples, UINT64_MAX, NULL, values, &err) == 0);
	CHECK(measures_values(measures, &source, samples, 0, NULL, again, &err) == 0);
	CHECK(memcmp(values, again, size * sizeof *again) == 0);
	free(again);
}

/* By measures->items; to be freed. */
static double *values_of(const struct measures *measures, const struct judged *rows, const uint8_t *times)
{
	double *values = mem_array(measures->n, sizeof *values), *total = total_of(measures, rows, times);

	find_values(measures, rows, &(struct samples){ 1, total, times ? draw_times : NULL, &(struct drawn){ times, rows->n_rows } }, values);
	free(total);
	return values;
}

static bool same(double a, double b, double tolerance)
{
	return isnan(a) ? isnan(b) : fabs(a - b) <= tolerance * (1 + fabs(a));
}

/* ---- against scikit-learn ---- */

struct expected { const char *name; size_t item; double value, baseline; };

static void check_values(const struct measures *measures, const struct judged *rows, double constant, const double *prior,
                         const struct expected *expected, size_t n)
{
	struct judged beside = *rows;
	double *values, *others;

	beside.constant = true;
	beside.answer = &constant;
	beside.shares = prior;
	values = values_of(measures, rows, NULL);
	others = values_of(measures, &beside, NULL);

	for (size_t i = 0; i < n; i++) {
		bool found = false;

		for (size_t at = 0; at < measures->n; at++) {
			const struct measure *item = &measures->items[at];

			if (strcmp(item->kind->name, expected[i].name) != 0 || item->item != expected[i].item)
				continue;
			found = true;
			if (!same(values[at], expected[i].value, 1e-14) || !same(others[at], expected[i].baseline, 1e-14))
				printf("%s: %.17g, not %.17g; baseline %.17g, not %.17g\n", expected[i].name, values[at], expected[i].value,
				       others[at], expected[i].baseline);
			CHECK(same(values[at], expected[i].value, 1e-14) && same(others[at], expected[i].baseline, 1e-14));
		}
		CHECK(found);
	}
	free(values);
	free(others);
}

#define COUNT(array) (sizeof(array) / sizeof *(array))
static const double some_weights[12] = { 1, 0.5, 2, 3.25, 0, 1.5, 0.25, 4, 1, 2, 0.75, 1 };

static void test_numbers(void)
{
	static const double y[] = { 22, 31, 0, 18.5, 44, 27, 35, -4, 19, 25, 60, 12.25 };
	static const double p[] = { 24, 29.5, 1.5, 18.5, 38, 30, 33, -1, 20, 31, 42, 13 };
	static const struct expected plain[] = {
		{ "rows", OVERALL, 12, 12 }, { "mae", OVERALL, 3.7291666666666665, 12.9375 }, { "rmse", OVERALL, 5.972593657700145, 16.96826081246985 },
		{ "r2", OVERALL, 0.8753115769320046, -0.006409799331560162 }, { "mape", OVERALL, 0.16797907827674324, 0.9869150209968897 },
		{ "median_error", OVERALL, 2, 8.25 }, { "p90_error", OVERALL, 6, 29.1 }, { "max_error", OVERALL, 18, 34.5 },
		{ "within", 0, 7. / 12, 2. / 12 }, { "within", 1, 6. / 12, 2. / 12 },
	};
	static const struct expected weighted[] = {
		{ "rows", OVERALL, 12, 12 }, { "mae", OVERALL, 2.898550724637681, 14.44927536231884 },
		{ "rmse", OVERALL, 4.673002944760374, 18.81267303353425 }, { "r2", OVERALL, 0.9096449898914623, -0.4644048021257805 },
		{ "mape", OVERALL, 0.26983023534372824, 2.165489095649153 }, { "median_error", OVERALL, 2, 7 },
		{ "p90_error", OVERALL, 6, 29.5 }, { "max_error", OVERALL, 18, 34.5 },
		{ "within", 0, 0.5217391304347826, 0.2028985507246377 }, { "within", 1, 0.4057971014492754, 0.2028985507246377 },
	};
	struct item_lists within = { .lists = NULL };
	struct measures measures;
	struct error err = ERROR_INIT;
	struct judged rows;
	double *total;

	TEST("metrics of numbers are scikit-learn's, without and with weights");
	CHECK(items_read(&within, metric_require("within", &err), "2,10%,2", &err) == 0 && within.n == 1 && within.lists[0].n == 2);
	measures_init(&measures, &(struct measured){ .task = TASK_REGRESSION, .items = &within });
	rows = (struct judged) { .n_rows = 12, .truth = y, .answer = p };

	CHECK(measures.needs_rows && measures.n == COUNT(plain) + 1);   /* and left_out */
	check_values(&measures, &rows, 25.5, NULL, plain, COUNT(plain));
	rows.weight = some_weights;
	check_values(&measures, &rows, 25.5, NULL, weighted, COUNT(weighted));

	TEST("there is no value of a constant truth, of truths that are all 0, of no rows, of rows without weight");
	rows = (struct judged){ .n_rows = 2, .truth = (double[]){ 0, 0 }, .answer = p };
	check_values(&measures, &rows, 1, NULL, (struct expected[]){ { "r2", OVERALL, NAN, NAN }, { "mape", OVERALL, NAN, NAN } }, 2);
	total = total_of(&measures, &rows, NULL);

	for (size_t i = 0; i < measures.n; i++)
		CHECK(measure_rows(&measures, &measures.items[i], total) == (strcmp(measures.items[i].kind->name, "mape") == 0 ? 0 : 2));
	free(total);
	for (size_t n = 0; n <= 12; n += 12) {
		double *values;

		rows = (struct judged){ .n_rows = n, .truth = y, .answer = p, .weight = (double[12]){ 0 } };
		values = values_of(&measures, &rows, NULL);

		for (size_t i = 0; i < measures.n; i++)
			CHECK(isnan(values[i]) || (measures.items[i].kind->unit == UNIT_COUNT && values[i] == (double)n));
		free(values);
	}
	measures_release(&measures);

	TEST("tolerances are checked");
	CHECK(items_read(&within, metric_require("within", &err), "5,", &err) < 0 && err.code == STATUS_USAGE);
	error_clear(&err);
	CHECK(items_read(&within, metric_require("within", &err), "-5%", &err) < 0);
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
	static const struct expected plain[] = {
		{ "accuracy", OVERALL, 0.8333333333333334, 0.4166666666666667 }, { "precision", OVERALL, 0.8333333333333334, 0.1388888888888889 },
		{ "recall", OVERALL, 0.85, 0.3333333333333333 }, { "f1", OVERALL, 0.832010582010582, 0.19607843137254902 },
		{ "log_loss", OVERALL, 0.6408605529917962, 1.0974830358865801 }, { "auc", OVERALL, 0.9491843033509699, 0.5 },
		{ "precision", 0, 0.75, 0 }, { "recall", 1, 1, 0 }, { "f1", 2, 0.8888888888888888, 0.5882352941176471 },
		{ "auc", 0, 0.9375, 0.5 }, { "auc", 1, 0.9814814814814814, 0.5 }, { "auc", 2, 0.9285714285714285, 0.5 },
	};
	static const struct expected weighted[] = {
		{ "accuracy", OVERALL, 0.7391304347826086, 0.5362318840579711 }, { "precision", OVERALL, 0.75, 0.17874396135265702 },
		{ "recall", OVERALL, 0.7891891891891891, 0.3333333333333333 }, { "f1", OVERALL, 0.7170826351530116, 0.23270440251572325 },
		{ "log_loss", OVERALL, 0.6835163756038687, 1.0146067425587604 }, { "auc", OVERALL, 0.9026737290350706, 0.5 },
		{ "precision", 0, 0.3333333333333333, 0 }, { "recall", 2, 0.5675675675675675, 1 }, { "f1", 2, 0.7241379310344828, 0.6981132075471698 },
		{ "auc", 0, 0.864406779661017, 0.5 }, { "auc", 1, 0.9922630560928434, 0.5 }, { "auc", 2, 0.8513513513513513, 0.5 },
	};
	static const double prior[] = { .25, .25, .5 };
	struct measures measures;
	struct judged rows = { .n_rows = 12, .n_classes = 3, .truth = truth, .answer = answer, .n_shares = 3, .shares = shares };

	TEST("metrics of classes are scikit-learn's, without and with weights");
	measures_init(&measures, &(struct measured){ .task = TASK_CLASSIFICATION, .n_classes = 3, .has_shares = true });
	CHECK(measures.n == 2 + 6 + 3 * 4);
	check_values(&measures, &rows, 2, prior, plain, COUNT(plain));
	rows.weight = some_weights;
	check_values(&measures, &rows, 2, prior, weighted, COUNT(weighted));

	measures_release(&measures);

	TEST("without probabilities there is no log loss and no AUC, and no need for all rows");
	measures_init(&measures, &(struct measured){ .task = TASK_CLASSIFICATION, .n_classes = 3 });
	CHECK(measures.n == 2 + 4 + 3 * 3 && !measures.needs_rows);
	measures_release(&measures);
}

static void test_odd_classes(void)
{
	static const double truth[] = { 0, 0, 1, 2, 2, 1, 0, 2, 2, 1, 3, 4 }, absent[] = { 0, 0, 2, 2, 2, 2, 0, 2, 2, 0, 0, 2 };
	static const double answer[] = { 0, 1, 1, 2, 2, 1, 0, 0, 2, 1, 0, 2 }, prior[] = { .25, .25, .5 };
	static const double shares[] = {
		.7, .2, .1,  .4, .5, .1,  .2, .6, .2,  .1, .1, .8,  .3, .3, .4,  .3, .6, .1,
		.6, .3, .1,  .5, .25, .25,  .2, .2, .6,  .1, .5, .4,  .35, .35, .3,  .05, .05, .9,
	};
	static const struct expected plain[] = {
		{ "accuracy", OVERALL, 0.6666666666666666, 0.3333333333333333 }, { "precision", OVERALL, 0.4, 0.06666666666666667 },
		{ "recall", OVERALL, 0.4833333333333333, 0.2 }, { "f1", OVERALL, 0.43571428571428567, 0.1 },
		{ "log_loss", OVERALL, 6.551870897831613, 6.931471805599453 }, { "auc", OVERALL, 0.748263888888889, 0.5 },
		{ "precision", 3, 0, 0 }, { "recall", 4, 0, 0 }, { "f1", 3, 0, 0 }, { "auc", 2, 0.796875, 0.5 }, { "auc", 4, 0.5, 0.5 },
	};
	static const struct expected weighted[] = {
		{ "accuracy", OVERALL, 0.6376811594202898, 0.4782608695652174 }, { "precision", OVERALL, 0.3869047619047619, 0.09565217391304348 },
		{ "recall", OVERALL, 0.4458874458874459, 0.2 }, { "f1", OVERALL, 0.38174640278427097, 0.12941176470588237 },
		{ "log_loss", OVERALL, 4.288366597164633, 4.570753147170654 }, { "auc", OVERALL, 0.7318542155879151, 0.5 },
		{ "auc", 0, 0.9262672811059908, 0.5 }, { "auc", 3, 0.5, 0.5 },
	};
	/* scikit-learn counts the recall of b as 0 in the mean; by itself it has no value */
	static const struct expected without[] = {
		{ "precision", OVERALL, 0.5833333333333334, 0.2916666666666667 }, { "recall", OVERALL, 0.3904761904761904, 0.5 },
		{ "f1", OVERALL, 0.4646464646464647, 0.3684210526315789 }, { "precision", 1, 0, NAN }, { "recall", 1, NAN, NAN }, { "f1", 1, 0, NAN },
	};
	struct measures measures;
	struct judged rows = { .n_rows = 12, .n_classes = 5, .truth = truth, .answer = answer, .n_shares = 3, .shares = shares };

	TEST("classes that training never saw count as always wrong, each for itself");
	measures_init(&measures, &(struct measured){ .task = TASK_CLASSIFICATION, .n_classes = 5, .has_shares = true });
	check_values(&measures, &rows, 2, prior, plain, COUNT(plain));
	rows.weight = some_weights;
	check_values(&measures, &rows, 2, prior, weighted, COUNT(weighted));
	measures_release(&measures);

	TEST("a class without a row has no recall; said of others it lowers the means");
	measures_init(&measures, &(struct measured){ .task = TASK_CLASSIFICATION, .n_classes = 3 });
	rows = (struct judged){ .n_rows = 12, .n_classes = 3, .truth = absent, .answer = answer };
	check_values(&measures, &rows, 2, NULL, without, COUNT(without));
	measures_release(&measures);
}

static void test_two_classes(void)
{
	static const double truth[] = { 0, 1, 1, 0, 1, 0, 0, 1 }, yes[] = { .1, .9, .5, .5, .5, 0, .8, 1 }, prior[] = { .5, .5 };
	static const double weight[] = { 1, 2, 0.5, 3, 1.25, 0, 0.75, 1 };
	double shares[16], answer[8];
	struct measures measures;
	struct judged rows;

	for (size_t i = 0; i < 8; i++) {
		shares[2 * i] = 1 - yes[i];
		shares[2 * i + 1] = yes[i];
		answer[i] = yes[i] > .5;
	}
	TEST("two classes: ties count a half, certainty is held below 1, one AUC");
	rows = (struct judged) { .n_rows = 8, .n_classes = 2, .truth = truth, .answer = answer, .n_shares = 2, .shares = shares };

	measures_init(&measures, &(struct measured){ .task = TASK_CLASSIFICATION, .n_classes = 2, .has_shares = true });
	CHECK(measures.n == 2 + 6 + 2 * 3);
	check_values(&measures, &rows, 0, prior, (struct expected[]){
		{ "log_loss", OVERALL, 0.48745006067869867, log(2) }, { "auc", OVERALL, 0.8125, 0.5 }, { "precision", 1, 0.6666666666666666, 0 } }, 3);
	rows.weight = weight;
	check_values(&measures, &rows, 0, prior, (struct expected[]){
		{ "accuracy", OVERALL, 0.7368421052631579, 0.5 }, { "precision", OVERALL, 0.7478260869565218, 0.25 },
		{ "log_loss", OVERALL, 0.5069062198903994, log(2) }, { "auc", OVERALL, 0.8254847645429362, 0.5 } }, 4);

	TEST("AUC of rows of one class has no value");
	rows.n_rows = 1;
	check_values(&measures, &rows, 0, prior, (struct expected[]){ { "auc", OVERALL, NAN, NAN } }, 1);
	measures_release(&measures);
}

/* ---- samples, parts, slices: of every metric ---- */

enum { N_ROWS = 4500, N_CLASSES = 4 };
struct world {
	struct item_lists within;
	struct measures measures;
	struct judged rows;
	double truth[N_ROWS], answer[N_ROWS], shares[N_ROWS * N_CLASSES], weight[N_ROWS];
};

/* Rounded, so that errors and shares are tied now and then. */
static double draw(struct rng *rng, double scale)
{
	return round(rng_unit(rng) * scale * 64) / 64;
}

static void fill(struct world *world, enum task task, bool weights, struct rng *rng)
{
	struct error err = ERROR_INIT;
	bool classes = task == TASK_CLASSIFICATION;

	CHECK(items_read(&world->within, metric_require("within", &err), "2,10%", &err) == 0);
	measures_init(&world->measures, &(struct measured){ .task = task, .n_classes = classes ? N_CLASSES + 1 : 0, .has_shares = classes,
	                                                    .items = &world->within });
	for (size_t row = 0; row < N_ROWS; row++) {
		double total = 0, *shares = world->shares + row * N_CLASSES;
		size_t best = 0;

		world->weight[row] = rng_below(rng, 10) == 0 ? 0 : draw(rng, 3);
		world->truth[row] = classes ? (double)rng_below(rng, N_CLASSES + 1) : draw(rng, 20);
		world->answer[row] = world->truth[row] + draw(rng, 4) - 2;
		for (size_t class = 0; class < N_CLASSES; class++)
			total += shares[class] = 1. / 64 + draw(rng, 1) + (world->truth[row] == (double)class ? 0.25 : 0);
		for (size_t class = 0; class < N_CLASSES; class++) {
			shares[class] /= total;
			if (shares[class] > shares[best])
				best = class;
		}
		if (classes)
			world->answer[row] = (double)best;
	}
	world->rows = (struct judged){ .n_rows = N_ROWS, .n_classes = world->measures.n_classes, .truth = world->truth, .answer = world->answer,
	                               .n_shares = N_CLASSES, .shares = classes ? world->shares : NULL, .weight = weights ? world->weight : NULL };
}

static void forget(struct world *world)
{
	measures_release(&world->measures);
	items_release(&world->within);
	free(world);
}

/* The rows as often as `times` says. weights: theirs, or if they have none all 1 where that is wanted. */
struct copy { struct judged rows; double *truth, *answer, *shares, *weight; };
static struct copy repeated(const struct judged *rows, const uint8_t *times, bool weights)
{
	struct copy copy;
	size_t n = 0, k = rows->n_shares;

	for (size_t row = 0; row < rows->n_rows; row++)
		n += times[row];
	copy.truth = mem_array(n, sizeof(double));
	copy.answer = mem_array(n, sizeof(double));
	copy.shares = mem_array(n * k, sizeof(double));
	copy.weight = mem_array(n, sizeof(double));
	n = 0;
	for (size_t row = 0; row < rows->n_rows; row++)
		for (unsigned i = 0; i < times[row]; i++, n++) {
			copy.truth[n] = rows->truth[row];
			copy.answer[n] = rows->answer[row];
			copy.weight[n] = rows->weight ? rows->weight[row] : 1;
			if (rows->shares)
				memcpy(copy.shares + n * k, rows->shares + row * k, k * sizeof(double));
		}
	copy.rows = *rows;
	copy.rows.n_rows = n;
	copy.rows.truth = copy.truth;
	copy.rows.answer = copy.answer;
	copy.rows.shares = rows->shares ? copy.shares : NULL;
	copy.rows.weight = weights ? copy.weight : NULL;
	return copy;
}
static void free_copy(struct copy *copy)
{
	free(copy->truth);
	free(copy->answer);
	free(copy->shares);
	free(copy->weight);
}

static void check_same(const struct measures *measures, const double *a, const double *b, double tolerance, const char *except)
{
	for (size_t i = 0; i < measures->n; i++) {
		const char *name = measures->items[i].kind->name;

		if (strcmp(name, except) != 0 && !same(a[i], b[i], tolerance)) {
			printf("%s: %.17g and %.17g\n", name, a[i], b[i]);
			CHECK(false);
		}
	}
}

static void test_bootstrap(const struct world *world, struct rng *rng)
{
	const struct measures *measures = &world->measures;
	enum { SAMPLES = 3 };
	uint8_t *times = mem_new(SAMPLES * N_ROWS, 1);
	double *totals = mem_array(SAMPLES * measures->size, sizeof *totals), *values = mem_array(SAMPLES * measures->n, sizeof *values);
	struct samples samples = { SAMPLES, totals, draw_times, &(struct drawn){ times, N_ROWS } };

	TEST("a sample drawn with replacement gives what its rows give");
	for (size_t i = 0; i < SAMPLES; i++) {
		double *total;

		for (size_t k = 0; k < N_ROWS; k++)
			times[i * N_ROWS + rng_below(rng, N_ROWS)]++;
		total = total_of(measures, &world->rows, times + i * N_ROWS);
		memcpy(totals + i * measures->size, total, measures->size * sizeof *total);
		free(total);
	}
	find_values(measures, &world->rows, &samples, values);
	for (size_t i = 0; i < SAMPLES; i++) {
		struct copy copy = repeated(&world->rows, times + i * N_ROWS, world->rows.weight != NULL);
		double *own = values_of(measures, &copy.rows, NULL);

		check_same(measures, values + i * measures->n, own, 1e-12, "");
		free(own);
		free_copy(&copy);
	}
	free(totals);
	free(times);
	free(values);
}

static void test_repeated(struct world *world, struct rng *rng)
{
	const struct measures *measures = &world->measures;
	uint8_t *times = mem_array(N_ROWS, 1);
	double *weight = mem_array(N_ROWS, sizeof *weight);
	struct judged rows = world->rows;
	struct copy plain, weighted;
	double *values;

	TEST("whole weights give what repeated rows give");
	rows.weight = NULL;
	for (size_t row = 0; row < N_ROWS; row++)
		weight[row] = times[row] = (uint8_t)rng_below(rng, 4);
	plain = repeated(&rows, times, false);
	weighted = repeated(&rows, times, true);

	rows.weight = weight;
	values = values_of(measures, &rows, NULL);

	values[0] = (double)plain.rows.n_rows;          /* rows are counted, not weighed */
	for (int i = 0; i < 2; i++) {
		const struct copy *copy = i ? &weighted : &plain;
		double *own = values_of(measures, &copy->rows, NULL);

		check_same(measures, values, own, 1e-12, i ? "" : "p90_error");
		free(own);
	}
	free_copy(&plain);
	free_copy(&weighted);
	free(values);
	free(weight);
	free(times);
}

static void test_parts(const struct world *world, struct rng *rng)
{
	enum { PARTS = 3 };
	const struct measures *measures = &world->measures;
	struct sums parts[PARTS];
	uint32_t order[N_ROWS / BLOCK_ROWS + 1];
	size_t n = n_blocks(&world->rows);
	double *all = total_of(measures, &world->rows, NULL), *total = mem_array(measures->size, sizeof *total);

	TEST("rows that were divided between blocks give the same bits, in whatever order they are merged");
	for (int round = 0; round < 10; round++) {
		size_t to;

		for (size_t i = 0; i < PARTS; i++)
			sums_init(&parts[i], measures);
		for (size_t i = 0; i < n; i++)
			order[i] = (uint32_t)i;
		rng_shuffle(rng, order, n);
		for (size_t i = 0; i < n; i++)
			add_block(&parts[rng_below(rng, PARTS)], &world->rows, order[i], NULL);
		to = rng_below(rng, PARTS);

		for (size_t i = 0; i < PARTS; i++)
			if (i != to)
				sums_merge(&parts[to], &parts[i]);
		sums_total(&parts[to], total);
		CHECK(memcmp(all, total, measures->size * sizeof *total) == 0);
		for (size_t i = 0; i < PARTS; i++)
			sums_release(&parts[i]);
	}
	free(all);
	free(total);
}

/* Slices by a column of three levels: one more accumulator for each, over the same rows. */
static void test_slices(const struct world *world, struct rng *rng)
{
	enum { LEVELS = 3 };
	const struct measures *measures = &world->measures;
	uint8_t *level = mem_array(N_ROWS, 1), *inside = mem_array(N_ROWS, 1);

	TEST("a slice is one more accumulator");
	for (size_t row = 0; row < N_ROWS; row++)
		level[row] = (uint8_t)rng_below(rng, LEVELS);
	for (size_t slice = 0; slice < LEVELS; slice++) {
		struct sums sums;
		struct copy copy;
		double *total = mem_array(measures->size, sizeof *total), *values = mem_array(measures->n, sizeof *values);
		double *masked, *own;

		sums_init(&sums, measures);
		for (size_t row = 0; row < N_ROWS; row++)
			inside[row] = level[row] == slice;
		for (size_t block = 0; block < n_blocks(&world->rows); block++) {       /* only its rows, as the stream brings them */
			size_t first = block * BLOCK_ROWS, n = N_ROWS - first < BLOCK_ROWS ? N_ROWS - first : BLOCK_ROWS;
			struct judged rows = part(&world->rows, first, n);

			copy = repeated(&rows, inside + first, rows.weight != NULL);
			sums_add(&sums, block, &copy.rows, NULL);
			free_copy(&copy);
		}
		sums_total(&sums, total);
		masked = total_of(measures, &world->rows, inside);

		CHECK(memcmp(total, masked, measures->size * sizeof *total) == 0);
		find_values(measures, &world->rows, &(struct samples){ 1, masked, draw_times, &(struct drawn){ inside, N_ROWS } }, values);
		copy = repeated(&world->rows, inside, world->rows.weight != NULL);
		own = values_of(measures, &copy.rows, NULL);

		check_same(measures, values, own, 1e-12, "");
		free_copy(&copy);
		free(own);
		free(masked);
		free(values);
		free(total);
		sums_release(&sums);
	}
	free(level);
	free(inside);
}

/* ---- the scores of splits ---- */

static double scored_mae(const struct world *world, const struct metric_kind *only, uint64_t memory, double *p90, size_t *most_kept)
{
	struct subject subject = { .task = TASK_REGRESSION, .weight = mem_text("w"), .baseline = { .trained = true, .mean = 10 } };
	struct scores scores;
	const struct result *mae, *quantile;
	struct error err = ERROR_INIT;
	double value;

	scores_start(&scores, &subject, &(struct score_options){ .items = &world->within, .only = only, .memory = memory });
	*most_kept = 0;
	for (size_t row = 0; row < N_ROWS; row++) {
		const struct scored_row one = { .truth = world->truth[row], .answer = world->answer[row], .weight = world->weight[row] };

		CHECK(scores_row(&scores, row % 5 ? SPLIT_TEST : SPLIT_VALID, &one, NULL, 0, row, &err) == 0);
		if (scores.splits[SPLIT_TEST].kept.n > *most_kept)
			*most_kept = scores.splits[SPLIT_TEST].kept.n;
	}
	CHECK(scores_finish(&scores, &err) == 0);
	mae = results_find(&scores.splits[SPLIT_TEST].results, "mae", NULL);
	value = mae ? mae->value : NAN;
	quantile = results_find(&scores.splits[SPLIT_TEST].results, "p90_error", NULL);
	*p90 = quantile ? quantile->value : NAN;

	CHECK(mae && mae->rows == N_ROWS / 5 * 4 && scores.splits[SPLIT_TEST].n_rows == mae->rows);
	CHECK(!only || scores.splits[SPLIT_TEST].results.n == 1);
	scores_release(&scores);
	subject_release(&subject);
	return value;
}

static void test_scores(const struct world *world)
{
	struct error err = ERROR_INIT;
	size_t all, some;
	double value, alone, filed, p90, p90_filed, none;

	TEST("rows are kept only if a metric needs them all, and the bits are the same, in memory or in a file");
	value = scored_mae(world, NULL, UINT64_MAX, &p90, &all);
	filed = scored_mae(world, NULL, 0, &p90_filed, &all);
	alone = scored_mae(world, metric_require("mae", &err), UINT64_MAX, &none, &some);

	CHECK(memcmp(&value, &alone, sizeof value) == 0 && memcmp(&value, &filed, sizeof value) == 0 && isnan(none));
	CHECK(p90 > 0 && memcmp(&p90, &p90_filed, sizeof p90) == 0);
	CHECK(all == N_ROWS / 5 * 4 && some <= BLOCK_ROWS);
}

static void test_order(struct rng *rng)
{
	enum { N = 3000 };
	double values[N] = { 0, -0., 1e-310, -1e308 };
	uint64_t keys[N], others[N];
	uint32_t order[N], rows[N];
	const struct order_space space = { others, rows };

	TEST("rows in order: by value, equal ones as they came");
	for (size_t i = 4; i < N; i++)
		values[i] = rng_below(rng, 3) ? floor(rng_unit(rng) * 20) - 10 : exp(rng_unit(rng) * 200 - 100);
	for (size_t i = 0; i < N; i++)
		keys[i] = order_key(values[i]);
	rows_in_order(keys, N, order, &space);
	for (size_t i = 1; i < N; i++) {
		double a = values[order[i - 1]], b = values[order[i]];

		CHECK(a < b || (a == b && order[i - 1] < order[i]));
	}
}

int main(void)
{
	struct error err = ERROR_INIT;
	struct rng rng;

	test_numbers();
	test_classes();
	test_odd_classes();
	test_two_classes();
	rng_seed(&rng, 7);
	for (int i = 0; i < 4; i++) {
		struct world *world = mem_new(1, sizeof *world);

		fill(world, i % 2 ? TASK_CLASSIFICATION : TASK_REGRESSION, i / 2, &rng);
		test_bootstrap(world, &rng);
		test_repeated(world, &rng);
		test_parts(world, &rng);
		test_slices(world, &rng);
		if (i == 2)
			test_scores(world);
		forget(world);
	}
	test_order(&rng);

	TEST("a gain is what is lower, higher or nearer to 0");
	CHECK(metric_gain(BETTER_LOW, 2, 3) == 1 && metric_gain(BETTER_HIGH, 2, 3) == -1);
	CHECK(metric_gain(BETTER_NEAR_0, -2, 3) == 1 && metric_gain(BETTER_NEAR_0, -4, 3) == -1 && isnan(metric_gain(BETTER_NEAR_0, NAN, 3)));

	TEST("a metric says itself what its items are and which option lists them");
	CHECK(items_read(&(struct item_lists){ .lists = NULL }, metric_require("within", &err), "near", &err) < 0);
	CHECK_TEXT(err.message, "'near' is no tolerance (a number such as 5, or a share of the truth such as 10%)");
	CHECK_TEXT(metric_require("within", &err)->option->name, "within");
	CHECK_TEXT(brackets_word(metric_require("recall", &err)), "class");
	CHECK(!brackets_word(metric_require("mae", &err)));
	err = (struct error)ERROR_INIT;

	TEST("an unknown metric gets the closest name");
	CHECK(metric_require("rmsee", &err) == NULL && err.code == STATUS_USAGE);
	CHECK_TEXT(err.message, "no metric 'rmsee' (did you mean 'rmse'?)");
	CHECK(strcmp(metric_require("auc", &err)->name, "auc") == 0);
	return unit_done();
}
