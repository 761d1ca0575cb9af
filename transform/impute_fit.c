/* SPDX-License-Identifier: MIT */
/*
 * The values that `impute` fills in, learned from the rows that have one.
 *
 *     mean      of all rows by moments.h, of groups by group_sums.h
 *     median    of all rows by quantiles.h, of groups and of all rows beside them by group_medians.h
 *     mode      the most frequent value, of equally frequent ones the smallest (text: by bytes)
 *
 * Groups and modes are numbered as they come, so numbers are put right where fits are
 * merged; what is learned goes by values and by the bytes of groups.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "columns.h"
#include "group_medians.h"
#include "group_sums.h"
#include "impute.h"
#include "memory.h"
#include "moments.h"
#include "quantiles.h"

struct impute_fit {
	struct imputation imputation;   /* becomes the state */
	struct step_limits limits;
	int col, by;                    /* by: NO_FIELD without groups */
	enum type from;
	bool again;                     /* not the first pass: the counts of rows and groups are complete */
	bool beyond;                    /* an int beyond 2^53 was among the values */
	uint64_t n_rows, n_values;      /* to be learned from; of these present */
	struct moment_sum *sum;         /* mean */
	struct quantiles *quantiles;    /* median without groups */
	struct distinct modes;          /* mode */
	struct by_group *grouped;       /* NULL without groups: thousands of columns have none */
};

struct by_group {
	struct group_sums sums;         /* mean */
	struct group_medians medians;
	struct distinct pairs;          /* mode: (group, value) */
};

bool impute_learns(const struct unit *unit)
{
	struct unpacked state;
	struct error err = ERROR_INIT;
	bool constant;

	if (unit_state(unit, &state, &err) < 0)
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
	if (fit->sum)
		moment_sum_release(fit->sum);
	free(fit->sum);
	quantiles_free(fit->quantiles);
	distinct_release(&fit->modes);
	if (fit->grouped) {
		group_sums_release(&fit->grouped->sums);
		group_medians_release(&fit->grouped->medians);
		distinct_release(&fit->grouped->pairs);
	}
	free(fit->grouped);
	free(fit);
}

static struct by_group *by_group_new(const struct step_limits *limits)
{
	struct by_group *grouped = mem_new(1, sizeof *grouped);

	group_sums_init(&grouped->sums);
	group_medians_init(&grouped->medians, limits->memory / 2, limits->host, limits->runs);
	distinct_start(&grouped->pairs, TYPE_INT);
	return grouped;
}

void *impute_fit_new(const struct unit *unit, const struct schema *schema, const struct step_limits *limits, struct error *err)
{
	const double half = 0.5;
	struct impute_fit *fit = mem_new(1, sizeof *fit);
	struct imputation *imputation = &fit->imputation;

	fit->limits = *limits;
	if (imputation_read(imputation, unit, schema, err) < 0 ||
	    (fit->col = open_column(schema, imputation->column,
	                               imputation->method == IMPUTE_MODE ? (unsigned)TYPES_ANY : (unsigned)TYPES_NUMBER, err)) == NO_FIELD) {
		impute_fit_free(fit);
		return NULL;
	}
	fit->from = schema->fields[fit->col].type;
	fit->by = imputation->by ? schema_find(schema, imputation->by) : NO_FIELD;
	if (imputation->method == IMPUTE_MEAN) {
		fit->sum = mem_new(1, sizeof *fit->sum);
		moment_sum_init(fit->sum);
	} else if (imputation->method == IMPUTE_MEDIAN && fit->by == NO_FIELD) {
		fit->quantiles = quantiles_new(&half, 1, (size_t)(limits->memory / 2 / sizeof(double)));
	}
	distinct_start(&fit->modes, fit->from);
	if (fit->by != NO_FIELD)
		fit->grouped = by_group_new(limits);
	return fit;
}

/* ---- rows ---- */

static int check_memory(const struct impute_fit *fit, struct error *err)
{
	size_t bytes = distinct_memory(&fit->modes) + distinct_memory(&fit->imputation.groups);

	if (fit->grouped)
		bytes += distinct_memory(&fit->grouped->pairs) + group_sums_memory(fit->imputation.groups.n)
			+ group_medians_memory(&fit->grouped->medians);
	if (bytes > fit->limits.memory)
		return error_set(err, STATUS_FAILED, "column '%s': too many different values%s for --memory", fit->imputation.column,
			fit->by != NO_FIELD ? " or groups" : "");
	return 0;
}

/* A value of no group counts among all. */
static int update_medians(struct impute_fit *fit, size_t n_rows, const struct column *column, const uint64_t *rows, const uint32_t *numbers,
                          struct error *err)
{
	struct group_medians *medians = &fit->grouped->medians;

	group_medians_room(medians, fit->imputation.groups.n);
	for (size_t row = 0; row < n_rows; row++)
		if ((!rows || bit_is_set(rows, row)) && column_valid(column, row) &&
		    group_medians_add(medians, numbers[row] == NO_VALUE ? NO_GROUP : numbers[row], column_number(column, fit->from, row), err) < 0)
			return -1;
	return 0;
}

static int update_groups(struct impute_fit *fit, struct batch *batch, const struct column *column, const uint64_t *rows, struct error *err)
{
	struct distinct *groups = &fit->imputation.groups;
	struct by_group *grouped = fit->grouped;
	const struct column *by = column_read(batch, (size_t)fit->by, err);
	const uint32_t *values = fit->modes.rows;       /* numbers that update_all left there */
	const uint32_t *numbers;

	if (!by)
		return -1;
	numbers = distinct_rows(groups, by, batch->n_rows, rows);
	if (fit->imputation.method == IMPUTE_MEDIAN)
		return update_medians(fit, batch->n_rows, column, rows, numbers, err);
	for (size_t row = 0; row < batch->n_rows; row++) {
		if (numbers[row] == NO_VALUE || !column_valid(column, row))
			continue;
		if (fit->imputation.method == IMPUTE_MEAN) {
			group_sums_add(&grouped->sums, block_of(batch, row), numbers[row], column_number(column, fit->from, row));
		} else {
			uint32_t pair[2] = { numbers[row], values[row] };
			uint32_t number = distinct_add(&grouped->pairs, pair, sizeof pair);

			grouped->pairs.items[number].count++;
		}
	}
	return 0;
}

/* How many rows have a value. */
static size_t update_all(struct impute_fit *fit, const struct batch *batch, const struct column *column, const uint64_t *rows)
{
	double values[BLOCK_ROWS];
	size_t n = 0, n_values = 0;

	if (fit->imputation.method == IMPUTE_MODE) {
		const uint32_t *numbers = distinct_rows(&fit->modes, column, batch->n_rows, rows);

		for (size_t row = 0; row < batch->n_rows; row++)
			if (numbers[row] != NO_VALUE) {
				fit->modes.items[numbers[row]].count++;
				n_values++;
			}
		return n_values;
	}
	for (size_t row = 0, some; row < batch->n_rows; row += some, n_values += n) {
		some = block_rest(batch, row);
		n = column_gather(column, fit->from, rows, row, some, values);
		if (fit->quantiles)
			quantiles_add_all(fit->quantiles, values, n);
		else if (fit->sum)
			moment_sum_add(fit->sum, block_of(batch, row), values, n);
	}
	return n_values;
}

int impute_fit_update(void *state, struct batch *batch, const uint64_t *rows, struct error *err)
{
	struct impute_fit *fit = state;
	const struct column *column = column_read(batch, (size_t)fit->col, err);
	size_t n_values;

	if (!column)
		return -1;
	if (fit->from == TYPE_INT && fit->imputation.method != IMPUTE_MODE)
		fit->beyond = fit->beyond || column_beyond_reals(column, rows, batch->n_rows);
	n_values = update_all(fit, batch, column, rows);
	if (!fit->again) {
		fit->n_rows += bits_count(rows, batch->n_rows);
		fit->n_values += n_values;
	}
	if (fit->by != NO_FIELD && update_groups(fit, batch, column, rows, err) < 0)
		return -1;
	return check_memory(fit, err);
}

/* ---- merging ---- */

/* `values`: what each value of `other` is in `to`; `groups`: each group. */
static void merge_pairs(struct distinct *to, const struct distinct *other, const uint32_t *groups, const uint32_t *values)
{
	for (size_t i = 0; i < other->n; i++) {
		uint32_t pair[2];
		uint32_t number;

		memcpy(pair, distinct_bytes(other, i), sizeof pair);
		pair[0] = groups[pair[0]];
		pair[1] = values[pair[1]];
		number = distinct_add(to, pair, sizeof pair);         /* may move the items */
		to->items[number].count += other->items[i].count;
	}
}

static int merge_grouped(struct impute_fit *fit, struct impute_fit *other, const uint32_t *values, struct error *err)
{
	const struct distinct *their_groups = &other->imputation.groups;
	struct by_group *grouped = fit->grouped;
	uint32_t *groups = mem_array(their_groups->n, sizeof *groups);
	int result = 0;

	distinct_merge(&fit->imputation.groups, their_groups, groups);
	merge_pairs(&grouped->pairs, &other->grouped->pairs, groups, values);
	group_sums_merge(&grouped->sums, &other->grouped->sums, groups);
	if (fit->imputation.method == IMPUTE_MEDIAN) {
		group_medians_room(&grouped->medians, fit->imputation.groups.n);
		result = group_medians_merge(&grouped->medians, &other->grouped->medians, groups, their_groups->n, err);
	}
	free(groups);
	return result;
}

int impute_fit_merge(void *to, void *from, struct error *err)
{
	struct impute_fit *fit = to, *other = from;
	uint32_t *values;
	int result = 0;

	if (fit->again != other->again || (fit->quantiles && !quantiles_merge(fit->quantiles, other->quantiles)))
		return error_set(err, STATUS_FAILED, "fits of 'impute' that are not of the same pass");
	values = mem_array(other->modes.n, sizeof *values);
	distinct_merge(&fit->modes, &other->modes, values);
	if (fit->sum)
		moment_sum_merge(fit->sum, other->sum);
	if (fit->grouped)
		result = merge_grouped(fit, other, values, err);
	free(values);
	if (result < 0)
		return -1;
	if (!fit->again) {
		fit->n_rows += other->n_rows;
		fit->n_values += other->n_values;
	}
	fit->beyond |= other->beyond;
	return check_memory(fit, err);
}

int impute_fit_pack(const void *state, struct buffer *to, struct error *err)
{
	const struct impute_fit *fit = state;

	pack_map(to, 5 + (fit->sum != NULL) + (fit->grouped ? 4 : 0) + (fit->quantiles != NULL));
	pack_text(to, "beyond");
	pack_bool(to, fit->beyond);
	pack_text(to, "again");
	pack_bool(to, fit->again);
	pack_text(to, "rows");
	pack_uint(to, fit->n_rows);
	pack_text(to, "values");
	pack_uint(to, fit->n_values);
	if (fit->sum) {
		pack_text(to, "sum");
		moment_sum_pack(fit->sum, to);
	}
	pack_text(to, "modes");
	distinct_pack(&fit->modes, to);
	if (fit->grouped) {
		pack_text(to, "groups");
		distinct_pack(&fit->imputation.groups, to);
		pack_text(to, "pairs");
		distinct_pack(&fit->grouped->pairs, to);
		pack_text(to, "sums");
		group_sums_pack(&fit->grouped->sums, to);
		pack_text(to, "medians");
		if (group_medians_pack(&fit->grouped->medians, to, err) < 0)
			return -1;
	}
	if (fit->quantiles) {
		pack_text(to, "quantiles");
		quantiles_pack(fit->quantiles, to);
	}
	return 0;
}

/* Pairs name groups and values that are there. */
static bool pairs_fit(const struct impute_fit *fit)
{
	const struct distinct *pairs = &fit->grouped->pairs;

	for (size_t i = 0; i < pairs->n; i++) {
		uint32_t pair[2];

		memcpy(pair, distinct_bytes(pairs, i), sizeof pair);
		if (pair[0] >= fit->imputation.groups.n || pair[1] >= fit->modes.n)
			return false;
	}
	return true;
}

static bool unpack_grouped(struct impute_fit *fit, object from)
{
	struct distinct *groups = &fit->imputation.groups;

	return distinct_unpack(groups, map_get(from, "groups")) && distinct_unpack(&fit->grouped->pairs, map_get(from, "pairs")) &&
		pairs_fit(fit) && group_sums_unpack(&fit->grouped->sums, groups->n, map_get(from, "sums"));
}

int impute_fit_unpack(void *state, object from, struct error *err)
{
	struct impute_fit *fit = state;

	if (!object_bool(map_get(from, "again"), &fit->again) || !object_bool(map_get(from, "beyond"), &fit->beyond) || !object_uint(map_get(from, "rows"), &fit->n_rows) ||
	    !object_uint(map_get(from, "values"), &fit->n_values) || (fit->sum && !moment_sum_unpack(fit->sum, map_get(from, "sum"))) ||
	    !distinct_unpack(&fit->modes, map_get(from, "modes")) || (fit->grouped && !unpack_grouped(fit, from)) ||
	    (fit->quantiles && !quantiles_unpack(fit->quantiles, map_get(from, "quantiles"))))
		return error_set(err, STATUS_FAILED, "broken fit of 'impute'");
	if (fit->grouped && group_medians_unpack(&fit->grouped->medians, fit->imputation.groups.n, map_get(from, "medians"), err) < 0)
		return -1;
	return check_memory(fit, err);
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

/* The groups' values, as the three methods have them; has_value and imputation->group_values: zeroed, by group. */
static void take_group_modes(struct impute_fit *fit, bool *has_value)
{
	size_t n = fit->imputation.groups.n;
	size_t *best = mem_new(n, sizeof *best);        /* pair + 1; 0: none yet */
	uint32_t pair[2], other[2];

	for (size_t i = 0; i < fit->grouped->pairs.n; i++) {
		size_t *place;

		memcpy(pair, distinct_bytes(&fit->grouped->pairs, i), sizeof pair);
		place = &best[pair[0]];
		if (*place)
			memcpy(other, distinct_bytes(&fit->grouped->pairs, *place - 1), sizeof other);
		if (!*place || is_better(&fit->modes, pair[1], fit->grouped->pairs.items[i].count, other[1], fit->grouped->pairs.items[*place - 1].count))
			*place = i + 1;
	}
	for (size_t group = 0; group < n; group++) {
		has_value[group] = best[group] != 0;
		if (!best[group])
			continue;
		memcpy(pair, distinct_bytes(&fit->grouped->pairs, best[group] - 1), sizeof pair);
		fit->imputation.group_values[group] = value_of_mode(fit, pair[1]);
	}
	free(best);
}

static void take_group_means(struct impute_fit *fit, bool *has_value)
{
	size_t n;
	const struct group_sum *sums = group_sums_finish(&fit->grouped->sums, &n);

	for (size_t i = 0; i < n; i++) {
		has_value[sums[i].group] = true;
		fit->imputation.group_values[sums[i].group].real = sums[i].sum / (double)sums[i].n;
	}
}

static void take_group_medians(struct impute_fit *fit, bool *has_value)
{
	for (size_t group = 0; group < fit->imputation.groups.n; group++) {
		has_value[group] = fit->grouped->medians.counts[group] > 0;
		fit->imputation.group_values[group].real = fit->grouped->medians.medians[group];
	}
}

/* Which groups have a value, for the caller to free; their values go into the imputation. */
static bool *take_groups(struct impute_fit *fit)
{
	size_t n = fit->imputation.groups.n;
	bool *has_value = mem_new(n, sizeof *has_value);

	free(fit->imputation.group_values);
	fit->imputation.group_values = mem_new(n, sizeof *fit->imputation.group_values);
	if (!fit->grouped)
		return has_value;
	if (fit->imputation.method == IMPUTE_MODE)
		take_group_modes(fit, has_value);
	else if (fit->imputation.method == IMPUTE_MEAN)
		take_group_means(fit, has_value);
	else
		take_group_medians(fit, has_value);
	return has_value;
}

/* The value of all rows; false: they are wanted once more. */
static bool finish_all(struct impute_fit *fit)
{
	if (fit->quantiles)
		return quantiles_finish(fit->quantiles, &fit->imputation.value.real);
	if (fit->imputation.method == IMPUTE_MEDIAN)
		fit->imputation.value.real = fit->grouped->medians.of_all;
	else if (fit->imputation.method == IMPUTE_MODE)
		finish_mode(fit);
	else
		fit->imputation.value.real = moment_sum_finish(fit->sum).mean;
	return true;
}

int impute_fit_finish(void *state, struct unit *unit, struct error *err)
{
	struct impute_fit *fit = state;
	struct imputation *imputation = &fit->imputation;
	struct buffer packed = BUFFER_INIT;
	size_t n = 0;
	bool *has_value;
	uint32_t *order;

	/* They were read as doubles: what these come to may be none of the column's values, or lie outside of them. */
	if (fit->beyond)
		return error_set(err, STATUS_FAILED, "column '%s' has ints beyond 2^53, so its %s can't be told exactly (use mode or constant=)",
		                 imputation->column, imputation->method == IMPUTE_MEAN ? "mean" : "median");
	if (imputation->method == IMPUTE_MEDIAN && fit->grouped && group_medians_finish(&fit->grouped->medians, imputation->groups.n, err) < 0)
		return FIT_FAILED;
	if (!finish_all(fit)) {
		fit->again = true;
		return FIT_AGAIN;
	}
	if (fit->n_values == 0 && fit->n_rows > 0)
		return error_set(err, STATUS_FAILED, "column '%s' is missing in all %llu rows to learn from (drop it, or say constant=)",
			imputation->column, (unsigned long long)fit->n_rows);
	imputation->known = fit->n_values > 0;

	has_value = take_groups(fit);
	order = distinct_order(&imputation->groups);
	for (size_t i = 0; i < imputation->groups.n; i++)
		if (has_value[order[i]])
			order[n++] = order[i];
	imputation_pack(imputation, order, n, &packed);
	unit_set_state(unit, &packed);
	free(order);
	free(has_value);
	return FIT_DONE;
}
