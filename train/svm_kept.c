/* SPDX-License-Identifier: MIT */
#include "svm_kept.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

static const uint64_t MOST_BYTES = UINT64_C(2) << 30;

static uint64_t size_of_rows(const struct training *training)
{
	return training->n_rows > MOST_BYTES ? UINT64_MAX : training->n_rows * (training->problem->features.n + 3) * sizeof(double);
}

uint64_t svm_kept_size(const struct training *training)
{
	uint64_t size = size_of_rows(training);

	return size > MOST_BYTES ? UINT64_MAX : size;
}

uint64_t svm_kept_whole_size(const struct training *training)
{
	struct svm_range all = { 0, (size_t)training->n_rows };
	uint64_t size = svm_kept_size(training), matrix = svm_cache_memory(&all, 1);

	return size == UINT64_MAX || matrix == UINT64_MAX ? UINT64_MAX : size + matrix;
}

int svm_kept_check(const struct training *training, struct error *err)
{
	uint64_t size = size_of_rows(training);

	if (size <= MOST_BYTES)
		return 0;
	return error_set(err, STATUS_FAILED, "model 'svm' keeps the training rows: %" PRIu64 " rows of %zu features are %" PRIu64 " MiB, the limit is %"
	                 PRIu64 " (fewer rows, or --features)", training->n_rows, training->problem->features.n, size >> 20, MOST_BYTES >> 20);
}

void svm_kept_release(struct svm_kept *kept)
{
	svm_cache_free(kept->cache);
	free(kept->x);
	free(kept->y);
	free(kept->weights);
	free(kept->starts);
	svm_rows_free(&kept->table.rows);
	*kept = (struct svm_kept){ .n_rows = 0 };
}

static int take_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct svm_kept *kept = state;
	size_t n = panel->n_features;

	(void)lane, (void)err;
	for (size_t row = 0; panel->part == PART_TRAIN && row < panel->n_rows; row++) {
		double weight = panel->weight ? panel->weight[row] : 1;

		if (weight == 0)
			continue;
		for (size_t j = 0; j < n; j++)
			kept->x[kept->n_rows * n + j] = panel->x[j * panel->stride + row];
		kept->y[kept->n_rows] = panel->y[row];
		if (kept->weights)
			kept->weights[kept->n_rows] = weight;
		kept->n_rows++;
	}
	return 0;
}

static double variance_of(const double *x, size_t n)
{
	double mean = 0, sum = 0;

	for (size_t i = 0; i < n; i++)
		mean += x[i];
	mean /= (double)n;
	for (size_t i = 0; i < n; i++)
		sum += (x[i] - mean) * (x[i] - mean);
	return sum / (double)n;
}

/* Where each class begins; the last one's end behind them. */
static int find_starts(struct svm_kept *kept, const struct names *classes, struct error *err)
{
	size_t n_present = 0, last = 0;

	kept->starts = mem_new(classes->n + 2, sizeof *kept->starts);
	for (size_t row = 0; row < kept->n_rows; row++)
		kept->starts[(size_t)kept->y[row] + 1]++;
	for (size_t i = 0; i < classes->n; i++) {
		if (kept->starts[i + 1] > 0) {
			n_present++;
			last = i;
		}
		kept->starts[i + 1] += kept->starts[i];
	}
	if (n_present < 2)
		return error_set(err, STATUS_FAILED, "all training rows%s are of class '%s', and it takes two", kept->weights ? " that weigh" : "",
		                 classes->n ? classes->items[last] : "");
	return 0;
}

/* Class by class, into groups; y and weights in the same order. What came is let go. */
static void sort_rows(struct svm_kept *kept, size_t n, size_t n_classes)
{
	size_t n_rows = kept->n_rows;
	double *y = mem_array(n_rows + 1, sizeof *y), *weights = kept->weights ? mem_array(n_rows + 1, sizeof *weights) : NULL;
	size_t *next = mem_new(n_classes + 1, sizeof *next);

	if (kept->starts)
		memcpy(next, kept->starts, n_classes * sizeof *next);
	svm_rows_new(&kept->table.rows, n_rows, n);
	for (size_t row = 0; row < n_rows; row++) {
		size_t to = next[kept->starts ? (size_t)kept->y[row] : 0]++;

		svm_rows_put(&kept->table.rows, to, &kept->x[row * n]);
		y[to] = kept->y[row];
		if (weights)
			weights[to] = kept->weights[row];
	}
	free(next);
	free(kept->x);
	free(kept->y);
	free(kept->weights);
	kept->x = NULL;
	kept->y = y;
	kept->weights = weights;
}

int svm_kept_read(struct svm_kept *kept, const struct training *training, struct error *err)
{
	const struct problem *problem = training->problem;
	size_t n = problem->features.n;
	bool numbers = problem->task == TASK_REGRESSION;

	*kept = (struct svm_kept){ .x = mem_array(training->n_rows * n + 1, sizeof *kept->x), .y = mem_array(training->n_rows + 1, sizeof *kept->y) };
	if (training->weighted)
		kept->weights = mem_array(training->n_rows + 1, sizeof *kept->weights);
	if (training->rows(training->state, 1, take_panel, kept, err) < 0 || (!numbers && find_starts(kept, &problem->classes, err) < 0))
		return -1;
	if (kept->n_rows > INT32_MAX / 2)
		return error_set(err, STATUS_FAILED, "too many rows for model 'svm'");
	kept->variance = variance_of(kept->x, kept->n_rows * n);
	sort_rows(kept, n, problem->classes.n);
	kept->table.targets = numbers ? kept->y : NULL;
	kept->table.weights = kept->weights;
	kept->table.starts = kept->starts;
	kept->table.n_classes = problem->classes.n;
	return 0;
}

int svm_kept_fill(struct svm_kept *kept, const struct training *training, struct error *err)
{
	struct svm_range all = { 0, kept->n_rows };
	struct workers *workers = workers_new(training->threads);
	bool filled;

	kept->cache = svm_cache_new(&kept->kernel, &kept->table.rows, &all, 1, UINT64_MAX);
	filled = svm_cache_fill(kept->cache, workers, training->stopped, training->state);
	workers_free(workers);
	return filled ? 0 : error_set(err, STATUS_FAILED, "a value of the kernel is no float, or it was interrupted");
}
