/* SPDX-License-Identifier: MIT */
/*
 * Metrics of numbers. The model and the baseline go through the same function:
 * the baseline is an array of answers with a step of 0.
 *
 * R2 is 1 - (sum of squared errors) / (squared deviations of the truth from its
 * own mean in these rows); it has no value where the truth is constant. MAPE
 * leaves out rows whose truth is 0. Quantiles of the error are exact, at position
 * p * (n - 1) with neighbours taken linearly (numpy's default).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "metric_tables.h"
#include "moments.h"
#include "number.h"
#include "quantiles.h"

const struct metric_kind regression_kinds[N_REGRESSION] = {
	[MAE] = { "mae", "mean absolute error", "mean of |truth - prediction|", BETTER_LOW, UNIT_TARGET, true, NULL },
	[RMSE] = { "rmse", "root mean squared error", "square root of the mean of (truth - prediction)^2", BETTER_LOW, UNIT_TARGET, true, NULL },
	[R2] = { "r2", "share of the variance explained", "share of the truth's variance that is explained: 1 is perfect, 0 no better than its mean",
	         BETTER_HIGH, UNIT_PLAIN, true, NULL },
	[MAPE] = { "mape", "mean absolute % error", "mean of |truth - prediction| / |truth|, rows with truth 0 left out",
	           BETTER_LOW, UNIT_SHARE, true, NULL },
	[MEDIAN_ERROR] = { "median_error", "median absolute error", "half of the rows are this close", BETTER_LOW, UNIT_TARGET, true, NULL },
	[P90_ERROR] = { "p90_error", "90 % absolute error", "nine rows of ten are this close", BETTER_LOW, UNIT_TARGET, true, NULL },
	[MAX_ERROR] = { "max_error", "largest absolute error", "the worst row", BETTER_LOW, UNIT_TARGET, true, NULL },
	[WITHIN] = { "within", "within", "share of rows at most so far off: within[5] in the target's unit, within[10%] of the truth",
	             BETTER_HIGH, UNIT_SHARE, false, "tolerance" },
};

int tolerances_read(struct tolerances *to, const char *list, struct error *err)
{
	for (const char *at = list; ; at++) {
		size_t size = strcspn(at, ",");
		struct tolerance one = { .text = mem_text_n(at, size) };
		bool known = false;
		if (!number_share(one.text, &one.value, &one.relative) || !(one.value >= 0)) {
			error_set(err, STATUS_USAGE, "'%s' is no tolerance (a number such as 5, or a share of the truth such as 10%%)", one.text);
			free(one.text);
			return -1;
		}
		for (size_t i = 0; i < to->n; i++)
			known = known || strcmp(to->items[i].text, one.text) == 0;
		if (known) {
			free(one.text);
		} else {
			array_grow(to->items, to->n, to->room);
			to->items[to->n++] = one;
		}
		at += size;
		if (!*at)
			return 0;
	}
}

void tolerances_release(struct tolerances *tolerances)
{
	for (size_t i = 0; i < tolerances->n; i++)
		free(tolerances->items[i].text);
	free(tolerances->items);
	*tolerances = (struct tolerances){ .items = NULL };
}

/* What one predictor reaches. */
struct reached { double value[N_REGRESSION], *within; uint64_t n_nonzero; };

static void measure_within(const struct regressed *rows, const double *errors, double *within)
{
	for (size_t i = 0; i < rows->within->n; i++) {
		const struct tolerance *tolerance = &rows->within->items[i];
		uint64_t n = 0;
		for (size_t row = 0; row < rows->n_rows; row++)
			n += errors[row] <= (tolerance->relative ? tolerance->value * fabs(rows->truth[row]) : tolerance->value);
		within[i] = rows->n_rows ? (double)n / (double)rows->n_rows : NAN;
	}
}

static void measure_quantiles(const double *errors, size_t n, double *median, double *p90)
{
	double results[2];
	struct quantiles *quantiles = quantiles_new((const double[]){ 0.5, 0.9 }, 2, n ? n : 1);
	quantiles_add_all(quantiles, errors, n);
	quantiles_finish(quantiles, results);   /* room for all: done at once */
	quantiles_free(quantiles);
	*median = results[0];
	*p90 = results[1];
}

/* answer[row * step]: a step of 0 is the constant predictor. */
static void measure(const struct regressed *rows, const double *answer, size_t step, struct reached *reached)
{
	struct moment_sum relatives, squares;
	double *errors = mem_array(rows->n_rows, sizeof *errors);
	size_t n = rows->n_rows;

	moment_sum_init(&relatives);
	moment_sum_init(&squares);
	for (size_t row = 0; row < n; row++) {
		double error = fabs(rows->truth[row] - answer[row * step]), square = error * error, relative = error / fabs(rows->truth[row]);

		errors[row] = error;
		moment_sum_add_rows(&squares, row, &square, 1);
		if (rows->truth[row] != 0)
			moment_sum_add_rows(&relatives, row, &relative, 1);
	}
	struct moments truth = moments_of_rows(rows->truth, n), absolute = moments_of_rows(errors, n);
	struct moments squared = moment_sum_finish(&squares), relative = moment_sum_finish(&relatives);
	moment_sum_release(&squares);
	moment_sum_release(&relatives);
	reached->value[MAE] = n ? absolute.mean : NAN;
	reached->value[RMSE] = n ? sqrt(squared.mean) : NAN;
	reached->value[R2] = n && truth.m2 > 0 ? 1 - squared.mean * (double)n / truth.m2 : NAN;
	reached->value[MAPE] = relative.n ? relative.mean : NAN;
	reached->value[MAX_ERROR] = n ? absolute.max : NAN;
	reached->n_nonzero = relative.n;
	measure_quantiles(errors, n, &reached->value[MEDIAN_ERROR], &reached->value[P90_ERROR]);
	measure_within(rows, errors, reached->within);
	free(errors);
}

void regression_metrics(const struct regressed *rows, struct metrics *to)
{
	const struct tolerances *within = rows->within;
	struct reached model = { .within = mem_new(within->n, sizeof(double)) };
	struct reached baseline = { .within = mem_new(within->n, sizeof(double)) };

	measure(rows, rows->answer, 1, &model);
	measure(rows, &rows->baseline, 0, &baseline);
	for (size_t i = 0; i < N_REGRESSION; i++)
		if (regression_kinds[i].overall)
			metrics_add(to, &regression_kinds[i], NULL, model.value[i], baseline.value[i], i == MAPE ? model.n_nonzero : rows->n_rows);
	for (size_t i = 0; i < within->n; i++)
		metrics_add(to, &regression_kinds[WITHIN], within->items[i].text, model.within[i], baseline.within[i], rows->n_rows);
	free(model.within);
	free(baseline.within);
}
