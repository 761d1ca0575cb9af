/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "order_key.h"
#include "quantiles.h"
#include "ranking.h"

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
	bool has_items = kind->brackets != BRACKETS_ITEM || kind->overall || kind->counted || items_of(what->items, kind);

	return (kind->tasks & 1u << what->task) && (what->has_shares || !kind->needs_shares) && has_items && (!what->only || kind == what->only);
}

static void add_kind(struct measures *measures, const struct metric_kind *kind, const struct item_lists *items)
{
	struct measured_kind *to = &measures->kinds[measures->n_kinds++];

	*to = (struct measured_kind){ .kind = kind, .items = items_of(items, kind), .first = measures->size };
	to->n_items = kind->brackets == BRACKETS_CLASS ? measures->n_classes : to->items ? to->items->n : 0;
	to->size = kind->size ? kind->size(to->n_items) : 0;
	measures->size += to->size;
	measures->needs_rows = measures->needs_rows || kind->key;
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

	*measures = (struct measures){ .n_classes = what->n_classes, .kinds = mem_array(n, sizeof *measures->kinds) };
	measures->size = N_COUNTS * (1 + what->n_classes);
	for (size_t i = 0; i < n; i++)
		if (wanted(list[i], what))
			add_kind(measures, list[i], what->items);
	for (size_t i = 0; i < measures->n_kinds; i++) {
		const struct measured_kind *of = &measures->kinds[i];

		if (of->kind->overall || of->kind->counted)
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
	struct judged own = *rows;

	memset(sums->block, 0, of->size * sizeof *sums->block);
	count_rows(sums->block, rows, times);
	for (size_t i = 0; i < of->n_kinds; i++) {
		own.items = of->kinds[i].items;
		if (of->kinds[i].kind->add)
			of->kinds[i].kind->add(sums->block + of->kinds[i].first, &own, times);
	}
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

static int read_in_memory(void *state, size_t stretch, struct judged *rows, struct error *err)
{
	(void)stretch;
	(void)err;
	*rows = *(const struct judged *)state;
	return 0;
}

struct judged_source judged_in_memory(const struct judged *rows)
{
	return (struct judged_source){ 1, read_in_memory, (void *)rows };
}

/* A walk of every sample along one order, of those kinds that ask for it. */
struct walks {
	const struct measures *measures;
	const struct samples *samples;
	uint64_t memory;                /* for times */
	uint8_t *times;                 /* of n_drawn samples from first_drawn on; NULL: they are not drawn */
	size_t first_drawn, n_drawn;
	size_t *at, n;                  /* measures->items */
	size_t item;                    /* which they are asked for */
	double *states;                 /* n_samples x n x room */
	size_t room;                    /* doubles of a state, at most */
	bool weighted;
	struct ranking *ranking;
};

/* Orders that are ranked in one pass over the rows: a row of many probabilities is not read for one of them alone, and each ranking has
 * memory enough. */
enum { SHARES_AN_ORDER = 16, MEMORY_AN_ORDER = 1 << 19 };

static size_t item_asked(const struct measures *measures, const struct measure *measure)
{
	const struct measured_kind *of = &measures->kinds[measure->of];

	return measure->item == OVERALL && of->kind->brackets == BRACKETS_CLASS ? of->n_items - 1 : measure->item;
}

static bool walks_along(const struct measures *measures, const struct measure *measure)
{
	return measure->kind->key && !(measure->item == OVERALL && by_class(measures, measure->kind));
}

/* The first such measure and those behind it that go along the same order, none of which is `done` yet. */
static void walks_start(struct walks *walks, bool *done, size_t first, uint64_t memory, const struct host *host)
{
	const struct measures *measures = walks->measures;
	const struct measure *items = measures->items;

	walks->at = mem_array(measures->n - first, sizeof *walks->at);
	walks->item = item_asked(measures, &items[first]);
	for (size_t at = first; at < measures->n; at++)
		if (!done[at] && walks_along(measures, &items[at]) && items[at].kind->key == items[first].kind->key &&
		    item_asked(measures, &items[at]) == walks->item) {
			walks->at[walks->n++] = at;
			walks->room = items[at].kind->walk_size > walks->room ? items[at].kind->walk_size : walks->room;
			done[at] = true;
		}
	walks->states = mem_new(walks->samples->n * walks->n * walks->room, sizeof *walks->states);
	walks->memory = walks->samples->draw ? memory / 2 : 0;
	walks->ranking = ranking_new(memory - walks->memory, host, NULL);
}

static void walks_end(struct walks *walks)
{
	ranking_free(walks->ranking);
	free(walks->states);
	free(walks->times);
	free(walks->at);
}

static int rank_row(struct walks *walks, const struct judged *rows, size_t row, struct error *err)
{
	const struct metric_kind *kind = walks->measures->items[walks->at[0]].kind;
	bool own = rows->n_classes > 0 && judged_truth(rows, row) == walks->item;

	return ranking_add(walks->ranking, kind->key(rows, row, walks->item), judged_weight(rows, NULL, row), own, err);
}

static int rank_rows(struct walks *walks, size_t n, const struct judged_source *rows, struct error *err)
{
	for (size_t stretch = 0; stretch < rows->n_stretches; stretch++) {
		struct judged some;

		if (rows->read(rows->state, stretch, &some, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			const struct measures *measures = walks[i].measures;

			walks[i].weighted = some.weight != NULL;
			some.items = measures->kinds[measures->items[walks[i].at[0]].of].items;
			for (size_t row = 0; row < some.n_rows; row++)
				if (rank_row(&walks[i], &some, row, err) < 0)
					return -1;
		}
	}
	return 0;
}

static struct walk_of walk_of(const struct walks *walks, size_t sample, size_t i)
{
	const struct measure *measure = &walks->measures->items[walks->at[i]];
	const double *total = walks->samples->totals + sample * walks->measures->size;

	const struct measured_kind *of = &walks->measures->kinds[measure->of];

	return (struct walk_of){ of->n_items, walks->item, of->items, total[ROWS], total[WEIGHT], walks->weighted };
}

static void walk_sample(struct walks *walks, size_t sample, const struct ranked_row *rows, size_t n)
{
	const uint8_t *times = walks->times ? walks->times + (sample - walks->first_drawn) * ranking_rows(walks->ranking) : NULL;
	double keys[BLOCK_ROWS], weights[BLOCK_ROWS];
	bool own[BLOCK_ROWS];
	struct ranked ranked = { .keys = keys, .weights = weights, .own = own };

	for (size_t i = 0; i < n; i++) {
		double weight = rows[i].weight * (times ? times[rows[i].row] : 1);

		keys[ranked.n] = order_value(rows[i].key);
		own[ranked.n] = rows[i].mark;
		weights[ranked.n] = weight;
		ranked.n += weight > 0;
	}
	for (size_t i = 0; i < walks->n; i++) {
		struct walk_of of = walk_of(walks, sample, i);

		walks->measures->items[walks->at[i]].kind->walk(walks->states + (sample * walks->n + i) * walks->room, &ranked, &of);
	}
}

/* The samples that are walked next, as many as may be drawn at once. */
static void draw_samples(struct walks *walks, size_t first)
{
	const struct samples *samples = walks->samples;
	size_t n_rows = ranking_rows(walks->ranking), left = samples->n - first, most = left;

	if (samples->draw && n_rows > 0 && walks->memory / n_rows < left)
		most = walks->memory / n_rows > 0 ? (size_t)(walks->memory / n_rows) : 1;
	walks->first_drawn = first;
	walks->n_drawn = most;
	if (!samples->draw)
		return;
	free(walks->times);
	walks->times = mem_new(most * n_rows, 1);
	for (size_t i = 0; i < most; i++)
		samples->draw(samples->state, first + i, walks->times + i * n_rows);
}

static int walk_drawn(struct walks *walks, double *values, struct error *err)
{
	size_t first = walks->first_drawn, end = first + walks->n_drawn;
	const struct ranked_row *rows;
	int n;

	while ((n = ranking_next(walks->ranking, BLOCK_ROWS, &rows, err)) > 0)
		for (size_t sample = first; sample < end; sample++)
			walk_sample(walks, sample, rows, (size_t)n);
	for (size_t sample = first; sample < end && n == 0; sample++)
		for (size_t i = 0; i < walks->n; i++) {
			struct walk_of of = walk_of(walks, sample, i);
			double *state = walks->states + (sample * walks->n + i) * walks->room;

			values[sample * walks->measures->n + walks->at[i]] = walks->measures->items[walks->at[i]].kind->walked(state, &of);
		}
	return n;
}

static int walk_all(struct walks *walks, double *values, struct error *err)
{
	for (size_t first = 0; first < walks->samples->n; first += walks->n_drawn) {
		if (first > 0 && ranking_rewind(walks->ranking, err) < 0)
			return -1;
		draw_samples(walks, first);
		if (walk_drawn(walks, values, err) < 0)
			return -1;
	}
	return 0;
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

static void read_off_sums(const struct measures *measures, const double *total, double *values)
{
	for (size_t at = measures->n; at-- > 0; ) {     /* classes before the mean over them */
		const struct measure *item = &measures->items[at];
		const struct measured_kind *of = &measures->kinds[item->of];

		if (of->kind->value)
			values[at] = of->kind->value(total + of->first, of->n_items, item->item);
		else if (!of->kind->key)
			values[at] = NAN;
		else if (!walks_along(measures, item))
			values[at] = mean_over_classes(measures, item->of, values);
	}
}

/* ---- values that need no order ---- */

/* The measures of the first such kind, and those behind it with the same key, that no row weighs on: quantiles of the key, over all rows. */
struct share_values {
	const struct measures *measures;
	const struct metric_kind *kind;
	size_t *at, n;                  /* measures->items */
	double *p, *results;
};

static void shares_start(struct share_values *shares, const bool *done)
{
	const struct measures *measures = shares->measures;

	for (size_t at = 0; at < measures->n; at++) {
		const struct metric_kind *kind = measures->items[at].kind;

		if (done[at] || !(kind->share > 0) || (shares->kind && kind->key != shares->kind->key))
			continue;
		shares->kind = kind;
		shares->p[shares->n] = kind->share;
		shares->at[shares->n++] = at;
	}
}

/* 1: all rows were seen; 0: they have weights. */
static int see_keys(const struct share_values *shares, const struct judged_source *rows, struct quantiles *quantiles, struct error *err)
{
	double keys[BLOCK_ROWS];

	for (size_t stretch = 0; stretch < rows->n_stretches; stretch++) {
		struct judged some;

		if (rows->read(rows->state, stretch, &some, err) < 0)
			return -1;
		if (some.weight)
			return 0;
		for (size_t row = 0, n; row < some.n_rows; row += n) {
			n = some.n_rows - row < BLOCK_ROWS ? some.n_rows - row : BLOCK_ROWS;
			for (size_t i = 0; i < n; i++)
				keys[i] = shares->kind->key(&some, row + i, OVERALL);
			quantiles_add_all(quantiles, keys, n);
		}
	}
	return 1;
}

static int find_shares(const struct measures *measures, bool *done, const struct judged_source *rows, uint64_t memory, double *values, struct error *err)
{
	struct share_values shares = { .measures = measures, .at = mem_array(measures->n, sizeof *shares.at), .p = mem_array(measures->n, sizeof *shares.p),
	                         .results = mem_array(measures->n, sizeof *shares.results) };
	struct quantiles *quantiles = NULL;
	int result = 1;

	shares_start(&shares, done);
	if (shares.n > 0)
		quantiles = quantiles_new(shares.p, shares.n, memory / sizeof(double));
	while (quantiles && (result = see_keys(&shares, rows, quantiles, err)) == 1 && !quantiles_finish(quantiles, shares.results))
		;
	for (size_t i = 0; i < shares.n && result == 1; i++) {
		values[shares.at[i]] = shares.results[i];
		done[shares.at[i]] = true;
	}
	quantiles_free(quantiles);
	free(shares.at);
	free(shares.p);
	free(shares.results);
	return result < 0 ? -1 : 0;
}

/* ---- values of rows in order ---- */

/* In one pass, the orders of the measures that are not done yet, as many as may be. */
static int walk_some(const struct walks *like, bool *done, size_t most, uint64_t memory, const struct host *host, const struct judged_source *rows,
                     double *values, struct error *err)
{
	struct walks *walks = mem_array(most, sizeof *walks);
	size_t n = 0;
	int result;

	for (size_t at = 0; at < like->measures->n && n < most; at++) {
		if (done[at] || !walks_along(like->measures, &like->measures->items[at]))
			continue;
		walks[n] = *like;
		walks_start(&walks[n++], done, at, memory / most, host);
	}
	result = n > 0 ? rank_rows(walks, n, rows, err) : 0;
	for (size_t i = 0; i < n; i++) {
		if (result == 0)
			result = walk_all(&walks[i], values, err);
		walks_end(&walks[i]);
	}
	free(walks);
	return result < 0 ? -1 : n > 0;
}

int measures_values(const struct measures *measures, const struct judged_source *rows, const struct samples *samples, uint64_t memory,
                    const struct host *host, double *values, struct error *err)
{
	const struct walks walks = { .measures = measures, .samples = samples };
	uint64_t most = 1 + measures->n_classes / SHARES_AN_ORDER, room = memory / MEMORY_AN_ORDER;
	bool *done = mem_new(measures->n, sizeof *done);
	int result = samples->n == 1 && !samples->draw ? find_shares(measures, done, rows, memory, values, err) : 0;

	most = most > room ? (room > 0 ? room : 1) : most;
	while (result == 0 && (result = walk_some(&walks, done, (size_t)most, memory, host, rows, values, err)) == 1)
		result = 0;
	for (size_t i = 0; i < samples->n && result == 0; i++)
		read_off_sums(measures, samples->totals + i * measures->size, values + i * measures->n);
	free(done);
	return result;
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

double weight_of_rows(const double *total)
{
	return total[WEIGHT];
}

uint64_t rows_of_class(const double *total, size_t class)
{
	return (uint64_t)total[N_COUNTS * (1 + class) + ROWS];
}

double weight_of_class(const double *total, size_t class)
{
	return total[N_COUNTS * (1 + class) + WEIGHT];
}
