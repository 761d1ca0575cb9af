/* SPDX-License-Identifier: MIT */
/*
 * Deciles are those of an even sample: every value is taken until the sample is
 * full, then every second one of those goes and from there on only every second
 * value is taken, and so on; the position of a value alone decides.
 */
#include "profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "memory.h"
#include "pack.h"

enum {
	SAMPLE_ROOM = 4 * 1024, SAMPLES_ROOM = 4 * 1024 * 1024, SAMPLE_LEAST = 64,     /* values: a field's, all fields', at least */
	COUNTED_LEVELS = 64 * 1024,     /* of text: beyond these they are given up */
};

/* Of a bool only the true ones are counted: all the rest follows. */
static bool has_numbers(enum type type) { return type != TYPE_TEXT; }
static bool has_sample(enum type type) { return type != TYPE_TEXT && type != TYPE_BOOL; }
static bool has_levels(enum type type) { return type == TYPE_TEXT || type == TYPE_INT; }

void profile_init(struct profile *profile, const struct schema *schema, const size_t *cols, size_t n)
{
	size_t room = SAMPLES_ROOM / (n + 1);

	room = room > SAMPLE_ROOM ? SAMPLE_ROOM : room < SAMPLE_LEAST ? SAMPLE_LEAST : room;
	*profile = (struct profile){ .fields = mem_new(n + 1, sizeof *profile->fields), .n = n };
	for (size_t i = 0; i < n; i++) {
		struct field_profile *field = &profile->fields[i];

		field->col = cols[i];
		field->field = schema->fields[cols[i]];
		field->stride = 1;
		field->room = room;
		if (has_sample(field->field.type))
			field->sample = mem_array(room, sizeof *field->sample);
		if (has_levels(field->field.type))
			distinct_start(&field->levels, field->field.type);
	}
}

void profile_release(struct profile *profile)
{
	for (size_t i = 0; i < profile->n; i++) {
		free(profile->fields[i].sample);
		if (has_levels(profile->fields[i].field.type))
			distinct_release(&profile->fields[i].levels);
	}
	free(profile->fields);
	*profile = (struct profile){ .fields = NULL };
}

/* ---- gathering ---- */

/* `stride` is a power of 2. */
static void sample_value(struct field_profile *field, uint64_t position, double value)
{
	if (position & (field->stride - 1))
		return;
	if (field->n_sample == field->room) {
		for (size_t i = 0; i < field->room / 2; i++)
			field->sample[i] = field->sample[2 * i];
		field->n_sample = field->room / 2;
		field->stride *= 2;
		if (position & (field->stride - 1))
			return;
	}
	field->sample[field->n_sample++] = value;
}

/* The values of a batch, gathered, each sum in order of the rows. */
static void add_numbers(struct field_profile *field, const double *values, size_t n)
{
	double min = field->min, max = field->max, sum = field->sum, squares = field->squares, first;

	if (n == 0)
		return;
	if (field->count == 0)
		field->first = min = max = values[0];
	first = field->first;
	for (size_t i = 0; i < n; i++) {
		double off = values[i] - first;

		min = values[i] < min ? values[i] : min;
		max = values[i] > max ? values[i] : max;
		sum += off;
		squares += off * off;
	}
	field->min = min;
	field->max = max;
	field->sum = sum;
	field->squares = squares;
	for (size_t i = (size_t)(-field->count & (field->stride - 1)); i < n; i += field->stride - ((field->count + i) & (field->stride - 1)))
		sample_value(field, field->count + i, values[i]);
	field->count += n;
}

/* 64 values of a byte, 0 or 1, as bits: the product gathers eight of them in its highest byte. */
static uint64_t bits_of_bools(const uint8_t *bools, size_t n)
{
	uint64_t bits = 0, eight;

	for (size_t i = 0; i < n; i += 8) {
		eight = 0;
		memcpy(&eight, bools + i, n - i < 8 ? n - i : 8);
		bits |= (eight * UINT64_C(0x0102040810204080) >> 56) << i;
	}
	return bits;
}

static void add_bools(struct field_profile *field, const struct column *column, size_t n_rows, const uint64_t *rows)
{
	for (size_t word = 0; word < bits_words(n_rows); word++) {
		uint64_t present = bits_word(rows, word, n_rows) & bits_word(column->valid, word, n_rows);
		size_t left = n_rows - word * 64;

		field->count += (uint64_t)__builtin_popcountll(present);
		field->n_true += (uint64_t)__builtin_popcountll(present & bits_of_bools((const uint8_t *)column->values + word * 64, left < 64 ? left : 64));
	}
	field->min = field->n_true == field->count && field->count > 0;
	field->max = field->n_true > 0;
	field->sum = field->squares = (double)field->n_true;
}

static void add_levels(struct field_profile *field, const struct column *column, size_t n_rows, const uint64_t *rows)
{
	size_t cap = field->field.type == TYPE_TEXT ? COUNTED_LEVELS : PROFILE_LEVELS;
	const uint32_t *numbers;

	if (field->many)
		return;
	numbers = distinct_rows(&field->levels, column, n_rows, rows);
	for (size_t row = 0; row < n_rows && !field->many; row++) {
		if (numbers[row] == NO_VALUE)
			continue;
		field->levels.items[numbers[row]].count++;
		field->n_leveled++;
		field->many = numbers[row] == cap;      /* they are numbered as they come */
	}
}

int profile_add(struct profile *profile, struct batch *batch, const uint64_t *rows, struct error *err)
{
	double *values = arena_array(&batch->arena, batch->n_rows, sizeof *values);

	for (size_t i = 0; i < profile->n; i++) {
		struct field_profile *field = &profile->fields[i];
		const struct column *column = column_read(batch, field->col, err);
		size_t n_wanted = bits_count(rows, batch->n_rows), present = 0;

		if (!column)
			return error_prefix(err, "column '%s'", field->field.name);
		for (size_t word = 0; word < bits_words(batch->n_rows); word++)
			present += (size_t)__builtin_popcountll(bits_word(rows, word, batch->n_rows) & bits_word(column->valid, word, batch->n_rows));
		field->missing += n_wanted - present;
		if (field->field.type == TYPE_BOOL)
			add_bools(field, column, batch->n_rows, rows);
		else if (has_numbers(field->field.type))
			add_numbers(field, values, column_gather(column, field->field.type, rows, 0, batch->n_rows, values));
		else
			field->count += present;
		if (has_levels(field->field.type))
			add_levels(field, column, batch->n_rows, rows);
	}
	return 0;
}

/* ---- asking ---- */

double field_mean(const struct field_profile *field)
{
	return field->count ? field->first + field->sum / (double)field->count : 0;
}

double field_deviation(const struct field_profile *field)
{
	double n = (double)field->count, variance = field->count ? (field->squares - field->sum / n * field->sum) / n : 0;

	return variance > 0 ? sqrt(variance) : 0;
}

bool field_constant(const struct field_profile *field)
{
	if (field->count == 0)
		return true;
	if (field->missing > 0)
		return false;
	return has_numbers(field->field.type) ? field->min == field->max : field->levels.n == 1;
}

bool field_distinct(const struct field_profile *field)
{
	uint64_t n = field->many ? COUNTED_LEVELS + 1 : field->levels.n;

	return 2 * n > field->n_leveled;
}

/* ---- packing ---- */

static int by_value(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return (one > other) - (one < other);
}

static double in_order(const struct field_profile *field, const double *sorted, size_t i)
{
	return has_sample(field->field.type) ? sorted[i] : i >= field->count - field->n_true;
}

/* Deciles of the sample, linearly between neighbours; the ends are those of all values. */
static void pack_deciles(const struct field_profile *field, struct buffer *to)
{
	size_t n = has_sample(field->field.type) ? field->n_sample : field->count;
	double *sorted = mem_array(field->n_sample, sizeof *sorted), deciles[PROFILE_DECILES];

	if (field->n_sample)
		memcpy(sorted, field->sample, field->n_sample * sizeof *sorted);
	qsort(sorted, field->n_sample, sizeof *sorted, by_value);
	for (size_t i = 0; i < PROFILE_DECILES; i++) {
		double place = (double)i / (PROFILE_DECILES - 1) * (double)(n - 1);
		size_t at = (size_t)place;
		double below = in_order(field, sorted, at), above = in_order(field, sorted, at + 1 < n ? at + 1 : at);

		deciles[i] = below + (place - (double)at) * (above - below);
	}
	deciles[0] = field->min;
	deciles[PROFILE_DECILES - 1] = field->max;
	pack_text(to, "quantiles");
	pack_reals(to, deciles, PROFILE_DECILES);
	free(sorted);
}

static void pack_level(const char *text, size_t size, uint64_t count, struct buffer *to)
{
	pack_array(to, 2);
	pack_text_n(to, text, size);
	pack_uint(to, count);
}

static void pack_bools(const struct field_profile *field, struct buffer *to)
{
	uint64_t n_false = field->count - field->n_true;

	pack_text(to, "levels");
	pack_array(to, (size_t)(n_false > 0) + (field->n_true > 0));
	if (n_false >= field->n_true && n_false > 0)
		pack_level("false", 5, n_false, to);
	if (field->n_true > 0)
		pack_level("true", 4, field->n_true, to);
	if (n_false < field->n_true && n_false > 0)
		pack_level("false", 5, n_false, to);
}

/* [[text, count]…], the most frequent first, equals by their bytes. */
static void pack_levels(const struct field_profile *field, struct buffer *to)
{
	const struct distinct *levels = &field->levels;
	uint32_t *order = distinct_order(levels);
	struct buffer text = BUFFER_INIT;

	for (size_t i = 1; i < levels->n; i++)          /* a stable sort by count: few levels */
		for (size_t k = i; k > 0 && levels->items[order[k]].count > levels->items[order[k - 1]].count; k--) {
			uint32_t other = order[k];

			order[k] = order[k - 1];
			order[k - 1] = other;
		}
	pack_text(to, "levels");
	pack_array(to, levels->n);
	for (size_t i = 0; i < levels->n; i++) {
		buffer_clear(&text);
		distinct_print(levels, order[i], &text);
		pack_level((const char *)text.data, text.size, levels->items[order[i]].count, to);
	}
	buffer_free(&text);
	free(order);
}

void profile_pack(const struct profile *profile, struct buffer *to)
{
	pack_array(to, profile->n);
	for (size_t i = 0; i < profile->n; i++) {
		const struct field_profile *field = &profile->fields[i];
		bool numbers = has_numbers(field->field.type) && field->count > 0 && isfinite(field_mean(field)) && isfinite(field_deviation(field));
		bool levels = has_levels(field->field.type) && !field->many && field->levels.n <= PROFILE_LEVELS;

		bool flags = field->field.type == TYPE_BOOL;

		pack_map(to, 4 + (numbers ? 5 : 0) + (levels || flags));
		pack_key_text(to, "name", field->field.name);
		pack_key_text(to, "type", type_name(field->field.type));
		pack_key_int(to, "count", (int64_t)field->count);
		pack_key_int(to, "missing", (int64_t)field->missing);
		if (numbers) {
			pack_key_real(to, "mean", field_mean(field));
			pack_key_real(to, "deviation", field_deviation(field));
			pack_key_real(to, "min", field->min);
			pack_key_real(to, "max", field->max);
			pack_deciles(field, to);
		}
		if (levels)
			pack_levels(field, to);
		if (flags)
			pack_bools(field, to);
	}
}
