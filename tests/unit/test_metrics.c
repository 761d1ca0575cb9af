/* SPDX-License-Identifier: MIT */
/*
 * Reference: scikit-learn 1.9.1 and numpy 2.4.6 on the arrays below, e.g.
 *     python -c 'from sklearn.metrics import *; print(r2_score(y, p))'
 * mean_absolute_error, root of mean_squared_error, r2_score, mean_absolute_percentage_error (rows with y != 0),
 * median_absolute_error, numpy.quantile(abs(y - p), .9), max_error; accuracy_score, precision_score, recall_score,
 * f1_score (average='macro' and None, zero_division=0), log_loss, roc_auc_score (multi_class='ovr').
 */
#include "metric.h"
#include "unit.h"

static void check(const struct metrics *metrics, const char *name, const char *class, double value, double baseline, uint64_t rows)
{
	const struct metric *metric = metrics_find(metrics, name, class);
	CHECK(metric != NULL);
	if (!metric)
		return;
	CHECK_NEAR(metric->value, value, 1e-14 * (1 + fabs(value)));
	CHECK_NEAR(metric->baseline, baseline, 1e-14 * (1 + fabs(baseline)));
	CHECK(metric->rows == rows);
}

static void test_regression(void)
{
	static const double y[] = { 22, 31, 0, 18.5, 44, 27, 35, -4, 19, 25, 60, 12.25 };
	static const double p[] = { 24, 29.5, 1.5, 18.5, 38, 30, 33, -1, 20, 31, 42, 13 };
	struct tolerances within = { .items = NULL };
	struct metrics metrics = { .items = NULL };
	struct error err = ERROR_INIT;

	TEST("regression metrics are scikit-learn's");
	CHECK(tolerances_read(&within, "2,10%,2", &err) == 0 && within.n == 2);
	regression_metrics(&(struct regressed){ 12, y, p, 25.5, &within }, &metrics);
	check(&metrics, "mae", NULL, 3.7291666666666665, 12.9375, 12);
	check(&metrics, "rmse", NULL, 5.972593657700145, 16.96826081246985, 12);
	check(&metrics, "r2", NULL, 0.8753115769320046, -0.006409799331560162, 12);
	check(&metrics, "mape", NULL, 0.16797907827674324, 0.9869150209968897, 11);
	check(&metrics, "median_error", NULL, 2, 8.25, 12);
	check(&metrics, "p90_error", NULL, 6, 29.1, 12);
	check(&metrics, "max_error", NULL, 18, 34.5, 12);
	check(&metrics, "within", "2", 7. / 12, 2. / 12, 12);
	check(&metrics, "within", "10%", 6. / 12, 2. / 12, 12);
	metrics_release(&metrics);

	TEST("a metric without an answer has no value");
	regression_metrics(&(struct regressed){ 2, (double[]){ 0, 0 }, p, 1, &within }, &metrics);
	CHECK(isnan(metrics_find(&metrics, "r2", NULL)->value) && isnan(metrics_find(&metrics, "mape", NULL)->value));
	CHECK(metrics_find(&metrics, "mape", NULL)->rows == 0);
	metrics_release(&metrics);
	regression_metrics(&(struct regressed){ 0, y, p, 1, &within }, &metrics);
	CHECK(isnan(metrics_find(&metrics, "mae", NULL)->value) && isnan(metrics_find(&metrics, "within", "2")->value));
	CHECK(isnan(metrics_find(&metrics, "median_error", NULL)->value));
	metrics_release(&metrics);

	TEST("tolerances are checked");
	CHECK(tolerances_read(&within, "5,", &err) == -1 && err.code == STATUS_USAGE);
	error_clear(&err);
	CHECK(tolerances_read(&within, "-5%", &err) == -1);
	tolerances_release(&within);
}

static void test_classes(void)
{
	static const uint32_t truth[] = { 0, 0, 1, 2, 2, 1, 0, 2, 2, 1, 0, 2 };
	static const uint32_t answer[] = { 0, 1, 1, 2, 2, 1, 0, 0, 2, 1, 0, 2 };
	static const double shares[] = {
		.7, .2, .1,  .4, .5, .1,  .2, .6, .2,  .1, .1, .8,  .3, .3, .4,  .3, .6, .1,
		.6, .3, .1,  .5, .25, .25,  .2, .2, .6,  .1, .5, .4,  .35, .35, .3,  .05, .05, .9,
	};
	static const uint64_t expected[] = { 3, 1, 0,  0, 3, 0,  1, 0, 4,  0, 0, 0 };
	static const char *const classes[] = { "a", "b", "c" };
	const double prior[] = { .25, .25, .5 };
	uint64_t confusion[12];
	struct metrics metrics = { .items = NULL };
	struct classified rows = { 12, 3, classes, truth, answer, shares, 2, prior };

	TEST("classification metrics are scikit-learn's");
	classification_metrics(&rows, &metrics, confusion);
	check(&metrics, "accuracy", NULL, 0.8333333333333334, 0.4166666666666667, 12);
	check(&metrics, "precision", NULL, 0.8333333333333334, 0.1388888888888889, 12);
	check(&metrics, "recall", NULL, 0.85, 0.3333333333333333, 12);
	check(&metrics, "f1", NULL, 0.832010582010582, 0.19607843137254902, 12);
	check(&metrics, "log_loss", NULL, 0.6408605529917962, 1.0974830358865801, 12);
	check(&metrics, "auc", NULL, 0.9491843033509699, 0.5, 12);
	check(&metrics, "precision", "a", 0.75, 0, 4);
	check(&metrics, "recall", "b", 1, 0, 3);
	check(&metrics, "f1", "b", 0.8571428571428571, 0, 3);
	check(&metrics, "f1", "c", 0.8888888888888888, 0.5882352941176471, 5);
	check(&metrics, "auc", "a", 0.9375, 0.5, 4);
	check(&metrics, "auc", "b", 0.9814814814814814, 0.5, 3);
	CHECK(memcmp(confusion, expected, sizeof confusion) == 0);
	metrics_release(&metrics);

	TEST("a class that the model does not know is always wrong");
	rows.n_rows = 2;
	rows.truth = (uint32_t[]){ 3, 0 };
	classification_metrics(&rows, &metrics, confusion);
	check(&metrics, "accuracy", NULL, 0, 0, 2);
	CHECK(confusion[9] == 1 && confusion[1] == 1);
	CHECK(isnan(metrics_find(&metrics, "recall", "c")->value));
	metrics_release(&metrics);

	TEST("without probabilities there is no log loss and no AUC");
	rows.shares = NULL;
	classification_metrics(&rows, &metrics, confusion);
	CHECK(metrics_find(&metrics, "accuracy", NULL) && !metrics_find(&metrics, "auc", NULL) && !metrics_find(&metrics, "log_loss", NULL));
	metrics_release(&metrics);
}

static void test_two_classes(void)
{
	static const uint32_t truth[] = { 0, 1, 1, 0, 1, 0, 0, 1 };
	static const double yes[] = { .1, .9, .5, .5, .5, 0, .8, 1 };
	double shares[16], prior[] = { .5, .5 };
	uint32_t answer[8];
	uint64_t confusion[6];
	struct metrics metrics = { .items = NULL };

	for (size_t i = 0; i < 8; i++) {
		shares[2 * i] = 1 - yes[i];
		shares[2 * i + 1] = yes[i];
		answer[i] = yes[i] > .5;
	}
	TEST("two classes: ties count a half, certainty is held below 1");
	struct classified rows = { 8, 2, (const char *const[]){ "no", "yes" }, truth, answer, shares, 0, prior };
	classification_metrics(&rows, &metrics, confusion);
	check(&metrics, "log_loss", NULL, 0.48745006067869867, log(2), 8);
	check(&metrics, "auc", NULL, 0.8125, 0.5, 8);
	CHECK(!metrics_find(&metrics, "auc", "yes"));
	metrics_release(&metrics);

	TEST("AUC of rows of one class has no value");
	rows.n_rows = 1;
	classification_metrics(&rows, &metrics, confusion);
	CHECK(isnan(metrics_find(&metrics, "auc", NULL)->value));
	metrics_release(&metrics);
}

int main(void)
{
	struct error err = ERROR_INIT;

	test_regression();
	test_classes();
	test_two_classes();

	TEST("an unknown metric gets the closest name");
	CHECK(metric_find("rmsee", &err) == NULL && err.code == STATUS_USAGE);
	CHECK_TEXT(err.message, "no metric 'rmsee' (did you mean 'rmse'?)");
	CHECK(strcmp(metric_find("auc", &err)->name, "auc") == 0);
	return unit_done();
}
