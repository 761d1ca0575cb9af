/* SPDX-License-Identifier: MIT */
/*
 * Deciles are those of an even sample: of the rows whose number, spread over 64
 * bits by the golden ratio, lies below a bound, which is halved whenever they would
 * be too many. So the sample hangs on the rows alone, and few values are all taken.
 *
 * Levels of a text beyond COUNTED_LEVELS, or LEVELS_BYTES, are thinned: only those whose
 * hash lies below a bound stay, and the bound is halved until they are few enough. So
 * those that stay were counted from the first row on, and how many there are in all can
 * be told from the bound. A long text is told by its begin and a hash.
 */
#include "profile.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "bits.h"
#include "columns.h"
#include "memory.h"
#include "text.h"

enum {
	SAMPLE_ROOM = 4 * 1024, SAMPLES_ROOM = 1024 * 1024, SAMPLE_LEAST = 64,  /* values: a field's, all fields', at least */
	COUNTED_LEVELS = 8 * 1024 - 1, LEVELS_BYTES = 128 * 1024 - PROFILE_TEXT,        /* of text: tables of twice the size begin behind these */
	HASH_DIGITS = 32,
	SMALL_INTS = 256,
	SUM_BYTES = 512,                /* of a sum's nodes, about */
};

/* Of a bool only the true ones are counted: all the rest follows. */
static bool has_numbers(enum type type) { return type != TYPE_TEXT; }
static bool has_sample(enum type type) { return type != TYPE_TEXT && type != TYPE_BOOL; }
static bool has_levels(enum type type) { return type == TYPE_TEXT || type == TYPE_INT; }

static size_t sample_room(size_t n)
{
	size_t room = SAMPLES_ROOM / (n + 1);

	return room > SAMPLE_ROOM ? SAMPLE_ROOM : room < SAMPLE_LEAST ? SAMPLE_LEAST : room;
}

uint64_t profile_kept(size_t n) { return (uint64_t)n * ((sample_room(n) + 1) * sizeof(struct sampled) + sizeof(struct field_profile)); }
uint64_t profile_sums(size_t n) { return (uint64_t)n * SUM_BYTES; }

void profile_init(struct profile *profile, const struct schema *schema, const size_t *cols, size_t n)
{
	size_t room = sample_room(n);

	*profile = (struct profile){ .fields = mem_new(n + 1, sizeof *profile->fields), .n = n, .room = room,
	                             .values = mem_array(BLOCK_ROWS, sizeof *profile->values) };
	for (size_t i = 0; i < n; i++) {
		struct field_profile *field = &profile->fields[i];

		field->field = schema->fields[cols[i]];
		field->below = field->sample_below = UINT64_MAX;
		moment_sum_init(&field->sum);
		if (has_levels(field->field.type))
			distinct_start(&field->levels, field->field.type);
	}
}

void profile_release(struct profile *profile)
{
	for (size_t i = 0; i < profile->n; i++) {
		struct field_profile *field = &profile->fields[i];

		free(field->sample);
		moment_sum_release(&field->sum);
		if (has_levels(field->field.type))
			distinct_release(&field->levels);
	}
	free(profile->fields);
	free(profile->values);
	free(profile->drawn);
	free(profile->counts);
	*profile = (struct profile){ .fields = NULL };
}

/* ---- numbers ---- */

static uint64_t spread(uint64_t row) { return row * UINT64_C(0x9e3779b97f4a7c15); }

static void thin_sample(struct field_profile *field, uint64_t below)
{
	size_t n = 0;

	for (size_t i = 0; i < field->n_sample; i++)
		if (spread(field->sample[i].row) < below)
			field->sample[n++] = field->sample[i];
	field->n_sample = n;
	field->sample_below = below;
}

static void add_sample(struct field_profile *field, size_t room, uint64_t row, double value)
{
	if (field->n_sample == field->sample_room)      /* once: what grows by doubling leaves holes */
		field->sample = mem_resize(field->sample, field->sample_room = room + 1, sizeof *field->sample);
	field->sample[field->n_sample++] = (struct sampled){ row, value };
	while (field->n_sample > room)
		thin_sample(field, field->sample_below / 2);
}

static bool is_sampled(enum type type) { return type != TYPE_TEXT && type != TYPE_BOOL; }

/* Rows of the piece that the sample of some field may take: few, once many came. How many. */
static size_t draw_rows(struct profile *profile, const struct batch *batch, const uint64_t *rows)
{
	uint64_t place = spread(batch->first_row), step = spread(1), below = 0;
	size_t n = 0;

	for (size_t i = 0; i < profile->n; i++)
		if (is_sampled(profile->fields[i].field.type) && profile->fields[i].sample_below > below)
			below = profile->fields[i].sample_below;
	if (batch->n_rows > profile->drawn_room)
		profile->drawn = mem_resize(profile->drawn, profile->drawn_room = batch->n_rows, sizeof *profile->drawn);
	for (size_t row = 0; row < batch->n_rows; row++, place += step)
		if (place < below && bit_is_set(rows, row))
			profile->drawn[n++] = (uint32_t)row;
	return n;
}

/* Of those drawn. */
static void sample_rows(const struct profile *profile, struct field_profile *field, const struct batch *batch, const struct column *column,
                        size_t n_drawn)
{
	for (size_t i = 0; i < n_drawn; i++) {
		size_t row = profile->drawn[i];

		if (spread(batch->first_row + row) < field->sample_below && column_valid(column, row))
			add_sample(field, profile->room, batch->first_row + row,
			           field->field.type == TYPE_REAL ? column_real(column, row) : (double)column_int(column, row));
	}
}

static void add_numbers(const struct profile *profile, struct field_profile *field, const struct batch *batch, const struct column *column,
                        const uint64_t *rows, size_t n_drawn)
{
	for (size_t row = 0, rest; row < batch->n_rows; row += rest) {
		size_t n;

		rest = block_rest(batch, row);
		n = column_gather(column, field->field.type, rows, row, rest, profile->values);
		moment_sum_add(&field->sum, block_of(batch, row), profile->values, n);
	}
	sample_rows(profile, field, batch, column, n_drawn);
}

/* 64 values of a byte, 0 or 1, as bits. */
static uint64_t bits_of_bools(const uint8_t *bools, size_t n)
{
	uint64_t bits = 0, eight;

	for (size_t i = 0; i < n; i += 8) {
		eight = 0;
		memcpy(&eight, bools + i, n - i < 8 ? n - i : 8);
		bits |= bits_of_eight(eight) << i;
	}
	return bits;
}

static uint64_t count_true(const struct column *column, size_t n_rows, const uint64_t *rows)
{
	uint64_t n = 0;

	if (!column->values) {          /* mostly one value: the rows that differ are counted */
		for (size_t i = 0; i < column->n_odd; i++) {
			size_t row = column_place(column, i);

			n += bit_is_set(rows, row);
		}
		return column->first.number ? bits_count(rows, n_rows) - n : n;
	}
	for (size_t word = 0; word < bits_words(n_rows); word++) {
		size_t left = n_rows - word * 64;

		n += bits_ones(bits_word(rows, word, n_rows) & bits_word(column->valid, word, n_rows)
			& bits_of_bools((const uint8_t *)column->values + word * 64, left < 64 ? left : 64));
	}
	return n;
}

/* ---- levels ---- */

static uint64_t level_hash(const struct distinct *levels, size_t i)
{
	return XXH3_64bits(distinct_bytes(levels, i), levels->items[i].size);
}

static void thin_levels(struct field_profile *field, uint64_t below)
{
	struct distinct kept;

	distinct_start(&kept, field->field.type);
	for (size_t i = 0; i < field->levels.n; i++)
		if (level_hash(&field->levels, i) < below) {
			uint32_t number = distinct_add(&kept, distinct_bytes(&field->levels, i), field->levels.items[i].size);

			kept.items[number].count = field->levels.items[i].count;
		}
	distinct_release(&field->levels);
	field->levels = kept;
	field->below = below;
	field->many = true;
}

static bool too_many(const struct distinct *levels) { return levels->n > COUNTED_LEVELS || levels->bytes.size > LEVELS_BYTES; }

/* Too many levels: of a text a share stays. */
static void limit_levels(struct field_profile *field)
{
	if (field->field.type == TYPE_INT) {
		field->many |= field->levels.n > PROFILE_LEVELS;
		return;
	}
	while (too_many(&field->levels))
		thin_levels(field, field->below / 2);
}

/* What a long text is told by, in `to`; its size. */
static size_t shorten(const char *bytes, size_t size, char to[PROFILE_TEXT + 1])
{
	size_t n = PROFILE_TEXT - HASH_DIGITS - 1;
	XXH128_hash_t hash = XXH3_128bits(bytes, size);

	while ((bytes[n] & 0xc0) == 0x80)       /* no letter is cut */
		n--;
	memcpy(to, bytes, n);
	return n + (size_t)snprintf(to + n, HASH_DIGITS + 2, "#%016" PRIx64 "%016" PRIx64, hash.high64, hash.low64);
}

static void add_text(struct field_profile *field, const char *bytes, size_t size, uint64_t count)
{
	char shortened[PROFILE_TEXT + 1];
	uint32_t number;

	if (size > PROFILE_TEXT) {
		size = shorten(bytes, size, shortened);
		bytes = shortened;
	}
	if (field->below < UINT64_MAX && XXH3_64bits(bytes, size) >= field->below)
		return;
	number = distinct_add(&field->levels, bytes, size);
	field->levels.items[number].count += count;
	if (too_many(&field->levels))
		limit_levels(field);
}

static void add_entries(struct profile *profile, struct field_profile *field, const struct column *column, size_t n_rows, const uint64_t *rows)
{
	if (column->n_entries > profile->counts_room)
		profile->counts = mem_resize(profile->counts, profile->counts_room = column->n_entries, sizeof *profile->counts);
	column_count_entries(column, n_rows, rows, profile->counts);
	for (uint32_t entry = 0; entry < column->n_entries; entry++)
		if (profile->counts[entry])
			add_text(field, column->bytes + column->offsets[entry], column->offsets[entry + 1] - column->offsets[entry],
			         profile->counts[entry]);
}

static void add_texts(struct profile *profile, struct field_profile *field, const struct column *column, size_t n_rows, const uint64_t *rows)
{
	if (column->codes) {
		add_entries(profile, field, column, n_rows, rows);
		return;
	}
	for (size_t word = 0; word < bits_words(n_rows); word++)
		for (uint64_t bits = bits_word(rows, word, n_rows) & bits_word(column->valid, word, n_rows); bits; bits &= bits - 1) {
			size_t size;
			const char *text = column_text(column, word * 64 + (size_t)__builtin_ctzll(bits), &size);

			add_text(field, text, size, 1);
		}
}

static void add_int(struct field_profile *field, int64_t value, uint64_t count)
{
	uint32_t number = distinct_add(&field->levels, &value, sizeof value);  /* items may move */

	field->levels.items[number].count += count;
	limit_levels(field);
}

/* Small numbers, which most levels are, are counted without a look into the table. */
static void add_ints(struct field_profile *field, const struct column *column, size_t n_rows, const uint64_t *rows)
{
	uint32_t small[SMALL_INTS] = { 0 };

	for (size_t word = 0; word < bits_words(n_rows) && !field->many; word++)
		for (uint64_t bits = bits_word(rows, word, n_rows) & bits_word(column->valid, word, n_rows); bits && !field->many; bits &= bits - 1) {
			size_t row = word * 64 + (size_t)__builtin_ctzll(bits);

			int64_t value = column_int(column, row);

			if (value >= 0 && value < SMALL_INTS)
				small[value]++;
			else
				add_int(field, value, 1);
		}
	for (int64_t value = 0; value < SMALL_INTS && !field->many; value++)
		if (small[value])
			add_int(field, value, small[value]);
}

/* ---- a piece, and all of them ---- */

static void count_present(struct field_profile *field, const struct column *column, size_t n_rows, const uint64_t *rows, uint64_t n_wanted)
{
	uint64_t present = column->valid ? 0 : n_wanted;

	for (size_t word = 0; column->valid && word < bits_words(n_rows); word++)
		present += bits_ones(bits_word(rows, word, n_rows) & column->valid[word]);
	field->count += present;
	field->missing += n_wanted - present;
}

void profile_add_texts(struct profile *profile, const struct batch *batch, const size_t *cols, const uint64_t *rows)
{
	uint64_t n_wanted = bits_count(rows, batch->n_rows);

	for (size_t i = 0; i < profile->n; i++) {
		struct field_profile *field = &profile->fields[i];

		if (field->field.type != TYPE_TEXT)
			continue;
		count_present(field, &batch->columns[cols[i]], batch->n_rows, rows, n_wanted);
		add_texts(profile, field, &batch->columns[cols[i]], batch->n_rows, rows);
	}
}

void profile_add(struct profile *profile, const struct batch *batch, const uint64_t *rows)
{
	uint64_t n_wanted = bits_count(rows, batch->n_rows);
	size_t place = 0, n_drawn = draw_rows(profile, batch, rows);

	for (size_t i = 0; i < profile->n; i++) {
		struct field_profile *field = &profile->fields[i];
		const struct column *column = &batch->columns[place];

		if (field->field.type == TYPE_TEXT)
			continue;
		place++;
		count_present(field, column, batch->n_rows, rows, n_wanted);
		if (field->field.type == TYPE_BOOL)
			field->n_true += count_true(column, batch->n_rows, rows);
		else
			add_numbers(profile, field, batch, column, rows, n_drawn);
		if (field->field.type == TYPE_INT)
			add_ints(field, column, batch->n_rows, rows);
	}
}

static void merge_field(struct field_profile *to, struct field_profile *from, size_t room)
{
	to->count += from->count;
	to->missing += from->missing;
	to->n_true += from->n_true;
	moment_sum_merge(&to->sum, &from->sum);
	if (from->sample_below < to->sample_below)
		thin_sample(to, from->sample_below);
	for (size_t i = 0; i < from->n_sample; i++)
		if (spread(from->sample[i].row) < to->sample_below)
			add_sample(to, room, from->sample[i].row, from->sample[i].value);
	if (!has_levels(to->field.type))
		return;
	to->many |= from->many;
	if (from->below < to->below)
		thin_levels(to, from->below);
	if (to->below < from->below)
		thin_levels(from, to->below);
	distinct_merge(&to->levels, &from->levels, NULL);
	limit_levels(to);
}

void profile_merge(struct profile *to, struct profile *from)
{
	for (size_t i = 0; i < to->n; i++)
		merge_field(&to->fields[i], &from->fields[i], to->room);
}

/* A bool is told by the number of its true ones. */
static struct moments moments_of_bools(const struct field_profile *field)
{
	double n = (double)field->count, n_true = (double)field->n_true;

	if (field->count == 0)
		return (struct moments){ .n = 0 };
	return (struct moments){ .n = field->count, .mean = n_true / n, .m2 = n_true * (1 - n_true / n), .min = field->n_true == field->count,
	                         .max = field->n_true > 0 };
}

void profile_close(struct profile *profile)
{
	for (size_t i = 0; i < profile->n; i++) {
		struct field_profile *field = &profile->fields[i];

		field->moments = field->field.type == TYPE_BOOL ? moments_of_bools(field) : moment_sum_finish(&field->sum);
		moment_sum_release(&field->sum);
	}
}

/* ---- a part, as bytes: an array of maps, by field ---- */

static void pack_key_uint(struct buffer *to, const char *key, uint64_t value)
{
	pack_text(to, key);
	pack_uint(to, value);
}

/* Rows and values: bins of 8 bytes each. */
static void pack_sample(const struct field_profile *field, struct buffer *to)
{
	struct buffer rows = BUFFER_INIT, values = BUFFER_INIT;

	for (size_t i = 0; i < field->n_sample; i++) {
		buffer_add(&rows, &field->sample[i].row, sizeof field->sample[i].row);
		buffer_add(&values, &field->sample[i].value, sizeof field->sample[i].value);
	}
	pack_key_uint(to, "sample_below", field->sample_below);
	pack_text(to, "rows");
	pack_bytes(to, buffer_text(&rows), rows.size);
	pack_text(to, "values");
	pack_bytes(to, buffer_text(&values), values.size);
	buffer_free(&rows);
	buffer_free(&values);
}

void profile_pack_part(const struct profile *profile, struct buffer *to)
{
	pack_array(to, profile->n);
	for (size_t i = 0; i < profile->n; i++) {
		const struct field_profile *field = &profile->fields[i];
		enum type type = field->field.type;

		pack_map(to, 4 + (type == TYPE_BOOL) + (has_sample(type) ? 4 : 0) + (has_levels(type) ? 3 : 0));
		pack_key_text(to, "name", field->field.name);
		pack_key_text(to, "type", type_name(type));
		pack_key_uint(to, "count", field->count);
		pack_key_uint(to, "missing", field->missing);
		if (type == TYPE_BOOL)
			pack_key_uint(to, "true", field->n_true);
		if (has_sample(type)) {
			pack_text(to, "sum");
			moment_sum_pack(&field->sum, to);
			pack_sample(field, to);
		}
		if (has_levels(type)) {
			pack_text(to, "levels");
			distinct_pack(&field->levels, to);
			pack_key_uint(to, "below", field->below);
			pack_text(to, "many");
			pack_bool(to, field->many);
		}
	}
}

/* A bound begins at all 64 bits and is halved. */
static bool unpack_bound(object from, uint64_t *below) { return object_uint(from, below) && *below > 0 && (*below & (*below + 1)) == 0; }

/* Of as many values as were counted; *min and *max: between which they lie. */
static bool unpack_sum(struct field_profile *field, object from, double *min, double *max)
{
	uint64_t n = 0;

	if (!moment_sum_unpack(&field->sum, from))
		return false;
	*min = INFINITY;
	*max = -INFINITY;
	for (size_t i = 0; i < field->sum.tree.n; i++) {
		const struct moments *node = tree_node(&field->sum.tree, i);

		if (node->n > field->count - n)
			return false;
		n += node->n;
		*min = node->min < *min ? node->min : *min;
		*max = node->max > *max ? node->max : *max;
	}
	return n == field->count;
}

static bool is_bin(object value, size_t size) { return value && value->type == MSGPACK_OBJECT_BIN && value->via.bin.size == size; }

static bool unpack_numbers(struct field_profile *field, size_t room, object from)
{
	object rows = map_get(from, "rows"), values = map_get(from, "values");
	size_t n = rows && rows->type == MSGPACK_OBJECT_BIN ? rows->via.bin.size / sizeof(uint64_t) : 0;
	double min, max;

	if (!unpack_sum(field, map_get(from, "sum"), &min, &max) || !unpack_bound(map_get(from, "sample_below"), &field->sample_below) ||
	    !is_bin(rows, n * sizeof(uint64_t)) || !is_bin(values, n * sizeof(double)) || n > room || n > field->count ||
	    (field->sample_below == UINT64_MAX && n < field->count))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct sampled one;

		memcpy(&one.row, rows->via.bin.ptr + i * sizeof one.row, sizeof one.row);
		memcpy(&one.value, values->via.bin.ptr + i * sizeof one.value, sizeof one.value);
		if (spread(one.row) >= field->sample_below || !(one.value >= min && one.value <= max))
			return false;
		add_sample(field, room, one.row, one.value);
	}
	return true;
}

static bool unpack_levels(struct field_profile *field, object from)
{
	const struct distinct *levels = &field->levels;
	bool text = field->field.type == TYPE_TEXT;
	uint64_t n = 0;

	if (!distinct_unpack(&field->levels, map_get(from, "levels")) || !unpack_bound(map_get(from, "below"), &field->below) ||
	    !object_bool(map_get(from, "many"), &field->many) || (field->below < UINT64_MAX) != (text && field->many))
		return false;
	for (size_t i = 0; i < levels->n; i++) {
		if (levels->items[i].count == 0 || levels->items[i].count > field->count - n ||
		    (text && levels->items[i].size > PROFILE_TEXT) || (text && !text_is_utf8(distinct_bytes(levels, i), levels->items[i].size)) ||
		    (field->below < UINT64_MAX && level_hash(levels, i) >= field->below))
			return false;
		n += levels->items[i].count;
	}
	if (text && too_many(levels))
		return false;
	return field->many || (n == field->count && (text || levels->n <= PROFILE_LEVELS));
}

static bool unpack_field(struct field_profile *field, size_t room, object from)
{
	enum type type = field->field.type;

	if (!object_is_text(map_get(from, "name"), field->field.name) || !object_is_text(map_get(from, "type"), type_name(type)) ||
	    !object_uint(map_get(from, "count"), &field->count) || !object_uint(map_get(from, "missing"), &field->missing) ||
	    field->count > INT64_MAX || field->missing > INT64_MAX - field->count)
		return false;
	if (type == TYPE_BOOL && (!object_uint(map_get(from, "true"), &field->n_true) || field->n_true > field->count))
		return false;
	return (!has_sample(type) || unpack_numbers(field, room, from)) && (!has_levels(type) || unpack_levels(field, from));
}

bool profile_unpack_part(struct profile *profile, object from)
{
	const struct field_profile *first = &profile->fields[0];

	if (!from || from->type != MSGPACK_OBJECT_ARRAY || array_size(from) != profile->n)
		return false;
	for (size_t i = 0; i < profile->n; i++) {
		struct field_profile *field = &profile->fields[i];

		if (!unpack_field(field, profile->room, array_get(from, i)) || field->count + field->missing != first->count + first->missing)
			return false;
	}
	return true;
}

/* ---- asking ---- */

double field_mean(const struct field_profile *field) { return field->moments.mean; }

double field_deviation(const struct field_profile *field) { return moments_deviation(&field->moments, 0); }

bool field_constant(const struct field_profile *field)
{
	if (field->count == 0)
		return true;
	if (field->missing > 0)
		return false;
	return has_numbers(field->field.type) ? field->moments.min == field->moments.max : field->levels.n == 1;
}

/* Levels in all, where a share was counted: in proportion to the bound of their hashes. */
bool field_distinct(const struct field_profile *field)
{
	double n = (double)field->levels.n * ((double)UINT64_MAX / (double)field->below);

	return 2 * n > (double)field->count;
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
	double *sorted = mem_array(field->n_sample + 1, sizeof *sorted), deciles[PROFILE_DECILES];

	for (size_t i = 0; i < field->n_sample; i++)
		sorted[i] = field->sample[i].value;
	qsort(sorted, field->n_sample, sizeof *sorted, by_value);
	if (n == 0)                     /* all values stand in rows that the thinning took */
		sorted[n++] = field->moments.mean;
	for (size_t i = 0; i < PROFILE_DECILES; i++) {
		double place = (double)i / (PROFILE_DECILES - 1) * (double)(n - 1);
		size_t at = (size_t)place;
		double below = in_order(field, sorted, at), above = in_order(field, sorted, at + 1 < n ? at + 1 : at);

		deciles[i] = isfinite(above - below) ? below + (place - (double)at) * (above - below) : (place - (double)at) * above + (1 - place + (double)at) * below;
	}
	deciles[0] = field->moments.min;
	deciles[PROFILE_DECILES - 1] = field->moments.max;
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
	uint32_t *order = distinct_by_count(levels);
	struct buffer text = BUFFER_INIT;

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
			pack_key_real(to, "min", field->moments.min);
			pack_key_real(to, "max", field->moments.max);
			pack_deciles(field, to);
		}
		if (levels)
			pack_levels(field, to);
		if (flags)
			pack_bools(field, to);
	}
}
