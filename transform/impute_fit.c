/* SPDX-License-Identifier: MIT */
/*
 * The values that `impute` fills in, learned from the rows that have one.
 *
 *     mean      of all rows by moments.h; of a group as a compensated sum in the order of the rows
 *     median    of all rows by quantiles.h, exact; of groups see below
 *     mode      the most frequent value, of equally frequent ones the smallest (text: by bytes)
 *
 * Medians of groups, exact and in bounded memory: values are kept beside the number
 * of their group while the memory lasts, and groups are counted on. If all fitted,
 * one pass was enough. Else the first groups that fit together are kept in the next
 * pass, and so on; a group too large by itself is left to quantiles.h.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "impute.h"
#include "memory.h"
#include "moments.h"
#include "quantiles.h"

struct group_sum { uint64_t n; double sum, lost; };     /* lost: low bits that did not fit into sum (Neumaier) */
struct group_value { double value; uint32_t group; };

/* Groups first .. last - 1 are kept in this pass. */
struct group_medians {
	struct group_value *kept;
	size_t n_kept, room, limit;
	uint64_t *counts;               /* values of each group, complete after the first pass */
	size_t counts_room;
	size_t first, last;
	bool again, spilled;            /* not the first pass; more came than `limit` */
	struct quantiles *large;        /* of group `first`, if that alone is larger than `limit` */
};

struct impute_fit {
	struct imputation imputation;   /* becomes the state */
	struct step_limits limits;
	int col, by;                    /* by: NO_FIELD without groups */
	enum type from;
	uint64_t n_rows, n_values;      /* to be learned from; of these present */
	double *values;
	size_t values_room;
	struct moments moments;         /* mean */
	struct quantiles *quantiles;    /* median */
	bool quantiles_done;
	struct group_sum *sums;         /* mean by group */
	size_t sums_room;
	struct group_medians medians;   /* median by group */
	struct distinct modes, pairs;   /* mode; mode by group: (group, value) */
	bool *has_value;                /* of groups, at the end */
};

bool impute_learns(const struct unit *unit)
{
	struct unpacked state;
	struct error err = ERROR_INIT;
	bool constant;

	if (unit_state(unit, &state, &err) != 0)
		return true;            /* open says what is wrong */
	constant = object_is_text(map_get(&state.object, "method"), "constant");
	unpacked_free(&state);
	return !constant;
}

void impute_fit_free(void *state)
{
	struct impute_fit *fit = state;

	if (!fit)
		return;
	imputation_release(&fit->imputation);
	free(fit->values);
	quantiles_free(fit->quantiles);
	free(fit->sums);
	free(fit->medians.kept);
	free(fit->medians.counts);
	quantiles_free(fit->medians.large);
	distinct_release(&fit->modes);
	distinct_release(&fit->pairs);
	free(fit->has_value);
	free(fit);
}

void *impute_fit_new(const struct unit *unit, const struct schema *schema, const struct step_limits *limits, struct error *err)
{
	const double half = 0.5;
	struct impute_fit *fit = mem_new(1, sizeof *fit);
	struct imputation *imputation = &fit->imputation;

	fit->limits = *limits;
	if (imputation_read(imputation, unit, schema, err) != 0
	    || (fit->col = open_column(schema, imputation->column,
	                               imputation->method == IMPUTE_MODE ? (unsigned)TYPES_ANY : (unsigned)TYPES_NUMBER, err)) == NO_FIELD) {
		impute_fit_free(fit);
		return NULL;
	}
	fit->from = schema->fields[fit->col].type;
	fit->by = imputation->by ? schema_find(schema, imputation->by) : NO_FIELD;
	if (imputation->method == IMPUTE_MEDIAN)
		fit->quantiles = quantiles_new(&half, 1, (size_t)(limits->memory / 4 / sizeof(double)));
	fit->medians.limit = (size_t)(limits->memory / 4 / sizeof(struct group_value));
	distinct_start(&fit->modes, fit->from);
	distinct_start(&fit->pairs, TYPE_INT);
	return fit;
}

/* ---- rows ---- */

static void add_to_sum(struct group_sum *sum, double value)
{
	double total = sum->sum + value;

	sum->lost += fabs(sum->sum) >= fabs(value) ? (sum->sum - total) + value : (value - total) + sum->sum;
	sum->sum = total;
	sum->n++;
}

static void add_to_medians(struct group_medians *medians, uint32_t group, double value)
{
	if (!medians->again)
		medians->counts[group]++;
	if (medians->again && (group < medians->first || group >= medians->last))
		return;
	if (medians->large) {
		quantiles_add(medians->large, value);
	} else if (medians->n_kept == medians->limit) {
		medians->spilled = true;
	} else {
		array_grow(medians->kept, medians->n_kept, medians->room);
		medians->kept[medians->n_kept++] = (struct group_value){ .value = value, .group = group };
	}
}

/* Zeroed room for as many groups as there are now. */
static void *room_for_groups(void *items, size_t *room, size_t n, size_t size)
{
	if (n <= *room)
		return items;
	items = mem_resize(items, 2 * n, size);
	memset((char *)items + *room * size, 0, (2 * n - *room) * size);
	*room = 2 * n;
	return items;
}

static int update_groups(struct impute_fit *fit, struct batch *batch, const struct column *column, const uint64_t *rows, struct error *err)
{
	struct distinct *groups = &fit->imputation.groups;
	const struct column *by = column_read(batch, (size_t)fit->by, err);
	const uint32_t *values = fit->modes.rows;       /* numbers that update_all left there */

	if (!by)
		return -1;
	const uint32_t *numbers = distinct_rows(groups, by, batch->n_rows, rows, true);
	fit->sums = room_for_groups(fit->sums, &fit->sums_room, groups->n, sizeof *fit->sums);
	fit->medians.counts = room_for_groups(fit->medians.counts, &fit->medians.counts_room, groups->n, sizeof *fit->medians.counts);
	for (size_t row = 0; row < batch->n_rows; row++) {
		if (numbers[row] == NO_VALUE || !column_valid(column, row))
			continue;
		if (fit->imputation.method == IMPUTE_MEAN) {
			add_to_sum(&fit->sums[numbers[row]], column_number(column, fit->from, row));
		} else if (fit->imputation.method == IMPUTE_MEDIAN) {
			add_to_medians(&fit->medians, numbers[row], column_number(column, fit->from, row));
		} else {
			uint32_t pair[2] = { numbers[row], values[row] };
			uint32_t number = distinct_add(&fit->pairs, pair, sizeof pair);
			fit->pairs.items[number].count++;
		}
	}
	return 0;
}

static int update_all(struct impute_fit *fit, struct batch *batch, const struct column *column, const uint64_t *rows)
{
	size_t n = 0;

	if (fit->imputation.method == IMPUTE_MODE) {
		const uint32_t *numbers = distinct_rows(&fit->modes, column, batch->n_rows, rows, true);
		for (size_t row = 0; row < batch->n_rows; row++)
			if (numbers[row] != NO_VALUE) {
				fit->modes.items[numbers[row]].count++;
				n++;
			}
	} else if (!fit->quantiles_done) {
		if (batch->n_rows > fit->values_room)
			fit->values = mem_resize(fit->values, fit->values_room = batch->n_rows, sizeof *fit->values);
		n = column_gather(column, fit->from, rows, batch->n_rows, fit->values);
		for (size_t i = 0; fit->quantiles && i < n; i++)
			quantiles_add(fit->quantiles, fit->values[i]);
		if (!fit->quantiles)
			moments_add_all(&fit->moments, fit->values, n);
	}
	fit->n_values += n;
	return 0;
}

int impute_fit_update(void *state, struct batch *batch, const uint64_t *rows, struct error *err)
{
	struct impute_fit *fit = state;
	const struct column *column = column_read(batch, (size_t)fit->col, err);

	if (!column)
		return -1;
	fit->n_rows += bits_count(rows, batch->n_rows);
	update_all(fit, batch, column, rows);
	if (fit->by != NO_FIELD && update_groups(fit, batch, column, rows, err) != 0)
		return -1;
	if (distinct_memory(&fit->modes) + distinct_memory(&fit->pairs) + distinct_memory(&fit->imputation.groups) > fit->limits.memory)
		return error_set(err, STATUS_FAILED, "column '%s': too many different values%s for --memory", fit->imputation.column,
			fit->by != NO_FIELD ? " or groups" : "");
	return 0;
}

/* ---- the end of a pass ---- */

static union filling value_of_mode(struct impute_fit *fit, size_t number)
{
	const void *bytes = distinct_bytes(&fit->modes, number);
	uint32_t size = fit->modes.items[number].size;
	union filling value = { .integer = 0 };

	if (fit->from == TYPE_TEXT) {
		value.text.bytes = arena_text(&fit->imputation.arena, bytes, size);
		value.text.size = size;
	} else if (fit->from == TYPE_BOOL) {
		value.integer = *(const uint8_t *)bytes;
	} else {
		memcpy(&value, bytes, sizeof(int64_t));         /* int, time or real */
	}
	return value;
}

/* Whether value `a` with its count goes before `b`: more frequent, or smaller. */
static bool is_better(const struct distinct *modes, size_t a, uint64_t a_count, size_t b, uint64_t b_count)
{
	return a_count > b_count || (a_count == b_count && distinct_compare(modes, a, b) < 0);
}

static void finish_mode(struct impute_fit *fit)
{
	const struct distinct *modes = &fit->modes;
	size_t best = 0;

	for (size_t i = 1; i < modes->n; i++)
		if (is_better(modes, i, modes->items[i].count, best, modes->items[best].count))
			best = i;
	if (modes->n)
		fit->imputation.value = value_of_mode(fit, best);
}

static void finish_group_modes(struct impute_fit *fit)
{
	size_t n = fit->imputation.groups.n;
	size_t *best = mem_new(n, sizeof *best);        /* pair + 1; 0: none yet */
	uint32_t pair[2], other[2];

	for (size_t i = 0; i < fit->pairs.n; i++) {
		memcpy(pair, distinct_bytes(&fit->pairs, i), sizeof pair);
		size_t *place = &best[pair[0]];
		if (*place)
			memcpy(other, distinct_bytes(&fit->pairs, *place - 1), sizeof other);
		if (!*place || is_better(&fit->modes, pair[1], fit->pairs.items[i].count, other[1], fit->pairs.items[*place - 1].count))
			*place = i + 1;
	}
	for (size_t group = 0; group < n; group++) {
		fit->has_value[group] = best[group] != 0;
		if (!best[group])
			continue;
		memcpy(pair, distinct_bytes(&fit->pairs, best[group] - 1), sizeof pair);
		fit->imputation.group_values[group] = value_of_mode(fit, pair[1]);
	}
	free(best);
}

static void finish_group_means(struct impute_fit *fit)
{
	for (size_t group = 0; group < fit->imputation.groups.n; group++) {
		const struct group_sum *sum = &fit->sums[group];
		fit->has_value[group] = sum->n > 0;
		if (sum->n)
			fit->imputation.group_values[group].real = (sum->sum + sum->lost) / (double)sum->n;
	}
}

static int compare_group_values(const void *a, const void *b)
{
	const struct group_value *left = a, *right = b;

	if (left->group != right->group)
		return left->group < right->group ? -1 : 1;
	return (left->value > right->value) - (left->value < right->value);
}

/* The medians of the groups of this pass, all of whose values are kept. */
static void take_kept(struct impute_fit *fit)
{
	struct group_medians *medians = &fit->medians;
	struct group_value *kept = medians->kept;

	if (medians->n_kept)
		qsort(kept, medians->n_kept, sizeof *kept, compare_group_values);
	for (size_t i = 0, end; i < medians->n_kept; i = end) {
		for (end = i; end < medians->n_kept && kept[end].group == kept[i].group; )
			end++;
		double low = kept[i + (end - i - 1) / 2].value, high = kept[i + (end - i) / 2].value;
		fit->imputation.group_values[kept[i].group].real = low + (high - low) / 2;
	}
	medians->n_kept = 0;
}

/* Sets first .. last behind those that are done; false: none is left. */
static bool next_groups(struct group_medians *medians, size_t n_groups)
{
	const double half = 0.5;
	uint64_t n = 0;

	medians->first = medians->last;
	while (medians->last < n_groups && n + medians->counts[medians->last] <= medians->limit)
		n += medians->counts[medians->last++];
	if (medians->last == medians->first && medians->first < n_groups) {
		medians->last++;
		medians->large = quantiles_new(&half, 1, medians->limit);
	}
	return medians->first < medians->last;
}

/* FIT_AGAIN while groups are left. */
static int finish_group_medians(struct impute_fit *fit)
{
	struct group_medians *medians = &fit->medians;
	size_t n = fit->imputation.groups.n;

	if (!medians->again) {
		for (size_t group = 0; group < n; group++)
			fit->has_value[group] = medians->counts[group] > 0;
		if (!medians->spilled) {
			take_kept(fit);
			medians->last = n;
		}
	} else if (medians->large) {
		if (!quantiles_finish(medians->large, &fit->imputation.group_values[medians->first].real))
			return FIT_AGAIN;
		quantiles_free(medians->large);
		medians->large = NULL;
	} else {
		take_kept(fit);
	}
	medians->again = true;
	medians->n_kept = 0;
	return next_groups(medians, n) ? FIT_AGAIN : FIT_DONE;
}

static int finish_groups(struct impute_fit *fit)
{
	size_t n = fit->imputation.groups.n;

	if (!fit->has_value) {          /* groups are complete after the first pass */
		fit->has_value = mem_new(n, sizeof *fit->has_value);
		free(fit->imputation.group_values);
		fit->imputation.group_values = mem_new(n, sizeof *fit->imputation.group_values);
	}
	if (fit->imputation.method == IMPUTE_MEDIAN)
		return finish_group_medians(fit);
	if (fit->imputation.method == IMPUTE_MEAN)
		finish_group_means(fit);
	else
		finish_group_modes(fit);
	return FIT_DONE;
}

static int finish_all(struct impute_fit *fit)
{
	if (fit->imputation.method == IMPUTE_MODE) {
		finish_mode(fit);
	} else if (fit->imputation.method == IMPUTE_MEAN) {
		moments_close(&fit->moments);
		fit->imputation.value.real = fit->moments.mean;
	} else if (!fit->quantiles_done) {
		fit->quantiles_done = quantiles_finish(fit->quantiles, &fit->imputation.value.real);
		if (!fit->quantiles_done)
			return FIT_AGAIN;
	}
	return FIT_DONE;
}

int impute_fit_finish(void *state, struct unit *unit, struct error *err)
{
	struct impute_fit *fit = state;
	struct imputation *imputation = &fit->imputation;
	struct buffer packed = BUFFER_INIT;
	int all = finish_all(fit), groups = fit->by != NO_FIELD ? finish_groups(fit) : FIT_DONE;

	if (all == FIT_AGAIN || groups == FIT_AGAIN)
		return FIT_AGAIN;
	if (fit->n_values == 0 && fit->n_rows > 0)
		return error_set(err, STATUS_FAILED, "column '%s' is missing in all %llu rows to learn from (drop it, or say constant=)",
			imputation->column, (unsigned long long)fit->n_rows);
	imputation->known = fit->n_values > 0;

	uint32_t *order = distinct_order(&imputation->groups);
	size_t n = 0;
	for (size_t i = 0; i < imputation->groups.n; i++)
		if (fit->has_value && fit->has_value[order[i]])
			order[n++] = order[i];
	imputation_pack(imputation, order, n, &packed);
	unit_set_state(unit, &packed);
	free(order);
	return FIT_DONE;
}
