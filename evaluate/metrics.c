/* SPDX-License-Identifier: MIT */
/* Lists of metrics, and the one place that knows both tables of kinds. */
#include "metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "metric_tables.h"
#include "text.h"

void metrics_add(struct metrics *metrics, const struct metric_kind *kind, const char *class, double value, double baseline, uint64_t rows)
{
	array_grow(metrics->items, metrics->n, metrics->room);
	metrics->items[metrics->n++] = (struct metric){ kind, mem_text(class), value, baseline, rows };
}

const struct metric *metrics_find(const struct metrics *metrics, const char *name, const char *class)
{
	for (size_t i = 0; i < metrics->n; i++) {
		const struct metric *metric = &metrics->items[i];
		if (strcmp(metric->kind->name, name) != 0 || !class != !metric->class)
			continue;
		if (!class || strcmp(metric->class, class) == 0)
			return metric;
	}
	return NULL;
}

void metrics_release(struct metrics *metrics)
{
	for (size_t i = 0; i < metrics->n; i++)
		free(metrics->items[i].class);
	free(metrics->items);
	*metrics = (struct metrics){ .items = NULL };
}

enum { ROWS, LEFT_OUT, N_GENERAL };
static const struct metric_kind general_kinds[N_GENERAL] = {
	[ROWS] = { "rows", "rows", "how many rows were scored", BETTER_HIGH, UNIT_COUNT, true, NULL },
	[LEFT_OUT] = { "left_out", "left out", "how many rows were not, for want of a truth or an answer", BETTER_LOW, UNIT_COUNT, false, "reason" },
};

void metrics_add_rows(struct metrics *metrics, uint64_t rows)
{
	metrics_add(metrics, &general_kinds[ROWS], NULL, (double)rows, NAN, rows);
}

void metrics_add_left_out(struct metrics *metrics, const char *reason, uint64_t rows)
{
	metrics_add(metrics, &general_kinds[LEFT_OUT], reason, (double)rows, NAN, rows);
}

const struct metric_kind *metric_kind(enum task task, size_t i)
{
	if (task == TASK_REGRESSION)
		return i < N_REGRESSION ? &regression_kinds[i] : NULL;
	return i < N_CLASSIFICATION ? &classification_kinds[i] : NULL;
}

/* Of all tables, one behind the other. */
enum { N_KINDS = N_GENERAL + N_REGRESSION + N_CLASSIFICATION };
static const struct metric_kind *kind_at(size_t i)
{
	if (i < N_GENERAL)
		return &general_kinds[i];
	i -= N_GENERAL;
	return i < N_REGRESSION ? &regression_kinds[i] : &classification_kinds[i - N_REGRESSION];
}
static const char *name_at(const void *list, size_t i)
{
	(void)list;
	return kind_at(i)->name;
}

const struct metric_kind *metric_find(const char *name, struct error *err)
{
	for (size_t i = 0; i < N_KINDS; i++)
		if (strcmp(name_at(NULL, i), name) == 0)
			return kind_at(i);
	const char *close = text_closest(name, name_at, NULL, N_KINDS);
	if (close)
		error_set(err, STATUS_USAGE, "no metric '%s' (did you mean '%s'?)", name, close);
	else
		error_set(err, STATUS_USAGE, "no metric '%s' (--help lists them)", name);
	return NULL;
}
