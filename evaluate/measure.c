/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "order_key.h"
#include "row_order.h"

/* What a set counts itself, before the sums of the first kind: of all rows, then of those of each class. */
enum { ROWS, WEIGHT, N_COUNTS };

/* ---- which ---- */

static void add_item(struct measures *measures, size_t of, size_t item)
{
	array_grow(measures->items, measures->n, measures->room);
	measures->items[measures->n++] = (struct measure){ measures->kinds[of].kind, item, of };
}

static bool wanted(const struct metric_kind *kind, const struct measured *what)
{
	return (kind->tasks & 1u << what->task) && (what->has_shares || !kind->needs_shares) && (!what->only || kind == what->only);
}

static void add_kind(struct measures *measures, const struct metric_kind *kind)
{
	struct measured_kind *to = &measures->kinds[measures->n_kinds++];

	*to = (struct measured_kind){ .kind = kind, .first = measures->size };
	if (kind->brackets == BRACKETS_CLASS)
		to->n_items = measures->n_classes;
	else if (kind->brackets == BRACKETS_TOLERANCE && measures->within)
		to->n_items = measures->within->n;
	to->size = kind->size ? kind->size(to->n_items) : 0;
	measures->size += to->size;
	measures->needs_rows = measures->needs_rows || kind->of_rows;
}

/* Whether there is a name for each class. */
static bool by_class(const struct measures *measures, const struct metric_kind *kind)
{
	return kind->brackets == BRACKETS_CLASS && (!kind->mirrored || measures->n_classes > 2);
}

void measures_init(struct measures *measures, const struct measured *what)
{
	size_t n;
	const struct metric_kind *const *list = metric_list(&n);

	*measures = (struct measures){ .n_classes = what->n_classes, .within = what->within, .kinds = mem_array(n, sizeof *measures->kinds) };
	measures->size = N_COUNTS * (1 + what->n_classes);
	for (size_t i = 0; i < n; i++)
		if (wanted(list[i], what))
			add_kind(measures, list[i]);
	for (size_t i = 0; i < measures->n_kinds; i++) {
		const struct measured_kind *of = &measures->kinds[i];

		if (of->kind->overall || of->kind->brackets == BRACKETS_REASON)
			add_item(measures, i, OVERALL);
		for (size_t item = 0; of->kind->brackets != BRACKETS_CLASS && item < of->n_items; item++)
			add_item(measures, i, item);
	}
	for (size_t class = 0; class < measures->n_classes; class++)
		for (size_t i = 0; i < measures->n_kinds; i++)
			if (by_class(measures, measures->kinds[i].kind))
				add_item(measures, i, class);
}

void measures_release(struct measures *measures)
{
	free(measures->kinds);
	free(measures->items);
	*measures = (struct measures){ .items = NULL };
}

/* ---- sums ---- */

static void merge(void *left, void *right, void *state)
{
	const struct measures *measures = state;
	double *sums = left;
	const double *later = right;
	size_t n_counts = measures->n_kinds ? measures->kinds[0].first : measures->size;

	for (size_t i = 0; i < n_counts; i++)
		sums[i] += later[i];
	for (size_t i = 0; i < measures->n_kinds; i++) {
		const struct measured_kind *of = &measures->kinds[i];

		if (of->kind->merge)
			of->kind->merge(sums + of->first, later + of->first, of->size);
		else
			for (size_t k = of->first; k < of->first + of->size; k++)
				sums[k] += later[k];
	}
}

void sums_init(struct sums *sums, const struct measures *of)
{
	*sums = (struct sums){ .of = of, .block = mem_array(of->size, sizeof *sums->block) };
	tree_init(&sums->tree, of->size * sizeof(double), merge, (void *)of);
}

static void count_rows(double *counts, const struct judged *rows, const uint8_t *times)
{
	for (size_t row = 0; row < rows->n_rows; row++) {
		double n = times ? times[row] : 1, weight = judged_weight(rows, times, row);
		double *of_class = rows->n_classes > 0 ? counts + N_COUNTS * (1 + judged_truth(rows, row)) : NULL;

		counts[ROWS] += n;
		counts[WEIGHT] += weight;
		if (of_class) {
			of_class[ROWS] += n;
			of_class[WEIGHT] += weight;
		}
	}
}

void sums_add(struct sums *sums, uint64_t block, const struct judged *rows, const uint8_t *times)
{
	const struct measures *of = sums->of;

	memset(sums->block, 0, of->size * sizeof *sums->block);
	count_rows(sums->block, rows, times);
	for (size_t i = 0; i < of->n_kinds; i++)
		if (of->kinds[i].kind->add)
			of->kinds[i].kind->add(sums->block + of->kinds[i].first, rows, times);
	tree_add(&sums->tree, 0, block, sums->block);
}

void sums_merge(struct sums *to, struct sums *from)
{
	tree_take(&to->tree, &from->tree);
}

void sums_total(struct sums *sums, double *total)
{
	if (!tree_finish(&sums->tree, total))
		memset(total, 0, sums->of->size * sizeof *total);
}

void sums_release(struct sums *sums)
{
	tree_release(&sums->tree);
	free(sums->block);
	*sums = (struct sums){ .of = NULL };
}

/* ---- values ---- */

struct ordered { const struct judged *rows; double (*key)(const struct judged *rows, size_t row, size_t item); size_t item; uint32_t *order; };

/* Sorts, unless the rows are in this order already. */
static void put_in_order(struct ordered *ordered, const struct metric_kind *kind, size_t item)
{
	size_t n = ordered->rows->n_rows;
	uint64_t *keys;

	if (ordered->order && ordered->key == kind->key && ordered->item == item)
		return;
	keys = mem_array(n, sizeof *keys);

	if (!ordered->order)
		ordered->order = mem_array(n, sizeof *ordered->order);
	for (size_t row = 0; row < n; row++)
		keys[row] = order_key(kind->key(ordered->rows, row, item));
	rows_in_order(keys, n, ordered->order);
	ordered->key = kind->key;
	ordered->item = item;
	free(keys);
}

/* Of those of its classes that have a value; `values` are of one sample. */
static double mean_over_classes(const struct measures *measures, size_t of, const double *values)
{
	double total = 0;
	size_t n = 0;

	for (size_t i = 0; i < measures->n; i++)
		if (measures->items[i].of == of && measures->items[i].item != OVERALL && !isnan(values[i])) {
			total += values[i];
			n++;
		}
	return n > 0 ? total / (double)n : NAN;
}

void measures_values(const struct measures *measures, const struct judged *rows, const struct sample *samples, size_t n_samples, double *values)
{
	struct ordered ordered = { .rows = rows };
	size_t n = measures->n;

	for (size_t at = n; at-- > 0; ) {       /* classes before the mean over them */
		const struct measure *item = &measures->items[at];
		const struct measured_kind *of = &measures->kinds[item->of];
		bool mean = item->item == OVERALL && of->kind->of_rows && by_class(measures, of->kind);
		size_t asked = item->item == OVERALL && of->kind->brackets == BRACKETS_CLASS ? of->n_items - 1 : item->item;

		if (of->kind->of_rows && !mean)
			put_in_order(&ordered, of->kind, asked);
		for (size_t i = 0; i < n_samples; i++) {
			const struct sample *sample = &samples[i];
			struct drawn drawn = { sample->times, sample->total[ROWS], sample->total[WEIGHT] };
			double *value = &values[i * n + at];

			if (mean)
				*value = mean_over_classes(measures, item->of, values + i * n);
			else if (of->kind->of_rows)
				*value = of->kind->of_rows(rows, ordered.order, &drawn, of->n_items, asked);
			else
				*value = of->kind->value ? of->kind->value(sample->total + of->first, of->n_items, item->item) : NAN;
		}
	}
	free(ordered.order);
}

uint64_t measure_rows(const struct measures *measures, const struct measure *measure, const double *total)
{
	const struct measured_kind *of = &measures->kinds[measure->of];

	if (of->kind->rows)
		return of->kind->rows(total + of->first, of->n_items, measure->item);
	if (measure->item != OVERALL && of->kind->brackets == BRACKETS_CLASS)
		return rows_of_class(total, measure->item);
	return (uint64_t)total[ROWS];
}

uint64_t rows_of_class(const double *total, size_t class)
{
	return (uint64_t)total[N_COUNTS * (1 + class) + ROWS];
}

double weight_of_class(const double *total, size_t class)
{
	return total[N_COUNTS * (1 + class) + WEIGHT];
}
