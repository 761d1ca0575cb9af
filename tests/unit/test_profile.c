/* SPDX-License-Identifier: MIT */
/* Each row of the stream is told by its number alone, so that any part of it can be made anew, and counted here by hand. */
#include "profile.h"

#include <stdlib.h>

#include "memory.h"
#include "rng.h"
#include "sample.h"
#include "text_builder.h"
#include "unit.h"

enum { KM, CLASS, CODE, NOTE, OK, WHEN, N_FIELDS };
enum { N_ROWS = 20000, PARTS = 5, NONE = 13 };

struct stream {
	struct schema schema;
	size_t n_texts;
};

static const size_t all_cols[N_FIELDS] = { KM, CLASS, CODE, NOTE, OK, WHEN };

static void stream_start(struct stream *stream, size_t n_texts)
{
	*stream = (struct stream){ .schema = SCHEMA_INIT, .n_texts = n_texts };
	schema_add(&stream->schema, "km", TYPE_REAL, ROLE_FEATURE);
	schema_add(&stream->schema, "class", TYPE_INT, ROLE_FEATURE);
	schema_add(&stream->schema, "code", TYPE_INT, ROLE_FEATURE);
	schema_add(&stream->schema, "note", TYPE_TEXT, ROLE_FEATURE);
	schema_add(&stream->schema, "ok", TYPE_BOOL, ROLE_FEATURE);
	schema_add(&stream->schema, "when", TYPE_TIME, ROLE_FEATURE);
}

/* ---- the rows ---- */

static bool is_wanted(uint64_t row) { return row % 9 != 4; }
static bool is_present(size_t col, uint64_t row) { return row % (NONE + col) != 0; }
static bool is_counted(size_t col, uint64_t row) { return is_wanted(row) && is_present(col, row); }
static uint64_t text_of(const struct stream *stream, uint64_t row) { return row % stream->n_texts; }
static bool ok_of(uint64_t row) { return hash_mix(row) % 5 == 0; }

static int64_t int_of(size_t col, uint64_t row)
{
	uint64_t mixed = hash_mix(row + 1000003 * col);

	return col == CLASS ? (int64_t)(mixed % 7) - 2 : col == CODE ? (int64_t)(mixed % 100000) : (int64_t)(mixed % 1000000) * 1000000;
}

static double number_of(size_t col, uint64_t row)
{
	if (col == OK)
		return ok_of(row);
	return col == KM ? (double)(hash_mix(row) % 1000003) / 7 - 5000 : (double)int_of(col, row);
}

static void fill_text(const struct stream *stream, struct batch *batch)
{
	struct text_builder *builder = text_builder_new();
	struct column column = COLUMN_INIT;
	char text[32];

	for (uint64_t row = batch->first_row; row < batch->first_row + batch->n_rows; row++) {
		int size = snprintf(text, sizeof text, "note %llu", (unsigned long long)text_of(stream, row));

		if (is_present(NOTE, row))
			text_builder_add(builder, text, (size_t)size);
		else
			text_builder_add_missing(builder);
	}
	text_builder_finish(builder, batch->pool, &column);
	batch_put(batch, NOTE, TYPE_TEXT, &column);
	text_builder_free(builder);
}

static void fill(const struct stream *stream, struct batch *batch, uint64_t first, size_t n)
{
	batch_start(batch, NULL, &stream->schema, n);
	batch->first_row = first;
	for (size_t col = 0; col < N_FIELDS; col++) {
		enum type type = stream->schema.fields[col].type;
		struct column column = COLUMN_INIT;
		uint64_t *valid;
		void *values;

		if (type == TYPE_TEXT) {
			fill_text(stream, batch);
			continue;
		}
		valid = column_new_valid(&column, batch->pool, n, false);
		values = column_new_values(&column, batch->pool, type, n);

		for (size_t i = 0; i < n; i++) {
			valid[i / 64] |= (uint64_t)is_present(col, first + i) << i % 64;
			if (type == TYPE_REAL)
				((double *)values)[i] = number_of(col, first + i);
			else if (type == TYPE_BOOL)
				((uint8_t *)values)[i] = ok_of(first + i);
			else
				((int64_t *)values)[i] = int_of(col, first + i);
		}
		batch_put(batch, col, type, &column);
	}
}

/* Rows first .. end - 1, in pieces of `step` rows; wanted: those to look at. */
static void feed_rows(struct profile *profile, const struct stream *stream, uint64_t first, uint64_t end, size_t step, bool (*wanted)(uint64_t row))
{
	static const size_t number_cols[] = { KM, CLASS, CODE, OK, WHEN };
	struct batch batch = BATCH_INIT, piece = BATCH_INIT;
	struct schema numbers = SCHEMA_INIT;
	uint64_t *rows = mem_array(step / 64 + 1, sizeof *rows);

	for (size_t i = 0; i < sizeof number_cols / sizeof *number_cols; i++)
		schema_add_field(&numbers, &stream->schema.fields[number_cols[i]]);
	for (uint64_t at = first; at < end; at += batch.n_rows) {
		fill(stream, &batch, at, end - at < step ? (size_t)(end - at) : step);
		memset(rows, 0, (step / 64 + 1) * sizeof *rows);
		for (size_t i = 0; i < batch.n_rows; i++)
			rows[i / 64] |= (uint64_t)wanted(at + i) << i % 64;
		profile_add_texts(profile, &batch, all_cols, rows);
		batch_view(&piece, &batch, &numbers, number_cols);
		profile_add(profile, &piece, rows);
	}
	free(rows);
	batch_free(&piece);
	batch_free(&batch);
	schema_release(&numbers);
}

static void start(struct profile *profile, const struct stream *stream) { profile_init(profile, &stream->schema, all_cols, N_FIELDS); }

static void feed(struct profile *profile, const struct stream *stream, uint64_t first, uint64_t end, size_t step)
{
	start(profile, stream);
	feed_rows(profile, stream, first, end, step, is_wanted);
}

/* ---- parts ---- */

static bool unpacks(struct profile *to, const struct stream *stream, const void *bytes, size_t size)
{
	struct unpacked unpacked;
	struct error err = ERROR_INIT;
	bool fine;

	start(to, stream);
	if (pack_read(&unpacked, bytes, size, &err) < 0)
		return false;
	fine = profile_unpack_part(to, &unpacked.object);
	unpacked_free(&unpacked);
	return fine;
}

/* As it comes from another machine. */
static void travel(struct profile *profile, const struct stream *stream)
{
	struct buffer bytes = BUFFER_INIT;

	profile_pack_part(profile, &bytes);
	profile_release(profile);
	CHECK(unpacks(profile, stream, bytes.data, bytes.size));
	buffer_free(&bytes);
}

/* Rows first[k] .. first[k + 1] - 1 apart. Merged one after the other, or two by two and on their way once more. */
static void divide(struct profile *whole, const struct stream *stream, const uint64_t *first, const int *order, bool pairs)
{
	struct profile parts[PARTS];

	for (size_t k = 0; k < PARTS; k++) {
		feed(&parts[k], stream, first[k], first[k + 1], 300 + 1000 * k);
		travel(&parts[k], stream);
	}
	if (pairs) {
		profile_merge(&parts[order[1]], &parts[order[2]]);
		travel(&parts[order[1]], stream);
		profile_merge(&parts[order[3]], &parts[order[4]]);
		profile_merge(&parts[order[3]], &parts[order[1]]);
		travel(&parts[order[3]], stream);
		profile_merge(&parts[order[0]], &parts[order[3]]);
	} else {
		for (size_t k = 1; k < PARTS; k++)
			profile_merge(&parts[order[0]], &parts[order[k]]);
	}
	*whole = parts[order[0]];
	for (size_t k = 1; k < PARTS; k++)
		profile_release(&parts[order[k]]);
	profile_close(whole);
}

static const int orders[][PARTS] = { { 0, 1, 2, 3, 4 }, { 4, 3, 2, 1, 0 }, { 2, 4, 0, 1, 3 }, { 3, 0, 4, 2, 1 } };

static bool same_moments(const struct moments *a, const struct moments *b)
{
	return a->n == b->n && a->mean == b->mean && a->m2 == b->m2 && a->min == b->min && a->max == b->max;
}

static void check_same(const struct profile *a, const struct profile *b)
{
	struct buffer left = BUFFER_INIT, right = BUFFER_INIT;

	profile_pack(a, &left);
	profile_pack(b, &right);
	CHECK(sample_same(&left, &right));
	for (size_t col = 0; col < N_FIELDS; col++) {
		const struct field_profile *one = &a->fields[col], *other = &b->fields[col];

		CHECK(same_moments(&one->moments, &other->moments));
		CHECK(one->sample_below == other->sample_below && one->n_sample == other->n_sample);
		CHECK(one->below == other->below && one->many == other->many && field_distinct(one) == field_distinct(other));
		CHECK(one->many || one->levels.n == other->levels.n);
	}
	buffer_free(&left);
	buffer_free(&right);
}

static void check_parts(void)
{
	static const uint64_t between[][PARTS + 1] = { { 0, 1024, 3 * 1024, 8 * 1024, 15 * 1024, N_ROWS },
	                                               { 0, 7 * 1024, 7 * 1024, 8 * 1024, 18 * 1024, N_ROWS } };
	struct stream stream;
	struct profile whole, parts;

	TEST("parts divided between blocks, packed, merged in any order: the same bits");
	stream_start(&stream, 30);
	feed(&whole, &stream, 0, N_ROWS, 4096);
	profile_close(&whole);
	for (size_t i = 0; i < 16; i++) {
		divide(&parts, &stream, between[i % 2], orders[i / 4], i / 2 % 2);
		check_same(&parts, &whole);
		profile_release(&parts);
	}

	TEST("divided within blocks: moments agree to rounding, all else to the bit");
	for (size_t i = 0; i < 4; i++) {
		divide(&parts, &stream, (const uint64_t[]){ 0, 1000, 4321, 4322, 11111, N_ROWS }, orders[i], false);
		for (size_t col = 0; col < N_FIELDS; col++) {
			const struct field_profile *one = &parts.fields[col], *other = &whole.fields[col];

			CHECK(one->count == other->count && one->missing == other->missing && one->n_true == other->n_true);
			CHECK(one->moments.n == other->moments.n && one->moments.min == other->moments.min && one->moments.max == other->moments.max);
			CHECK_NEAR(field_mean(one), field_mean(other), 1e-12 * fabs(field_mean(other)));
			CHECK_NEAR(field_deviation(one), field_deviation(other), 1e-12 * field_deviation(other));
			CHECK(one->n_sample == other->n_sample && one->many == other->many && (one->many || one->levels.n == other->levels.n));
		}
		profile_release(&parts);
	}
	profile_release(&whole);
	schema_release(&stream.schema);
}

/* ---- by hand ---- */

static int by_value(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return (one > other) - (one < other);
}

/* What a number's field of n rows must show: few enough that the sample is all of them. */
static void check_numbers(object packed, size_t col, uint64_t n_rows, double *values)
{
	double deciles[PROFILE_DECILES], sum = 0, squares = 0, mean, deviation, number;
	size_t n = 0;

	for (uint64_t row = 0; row < n_rows; row++)
		if (is_counted(col, row))
			sum += values[n++] = number_of(col, row);
	mean = sum / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (values[i] - mean) * (values[i] - mean);
	deviation = sqrt(squares / (double)n);
	qsort(values, n, sizeof *values, by_value);
	CHECK(object_real(map_get(packed, "mean"), &number) && fabs(number - mean) <= 1e-12 * fabs(mean));
	CHECK(object_real(map_get(packed, "deviation"), &number) && fabs(number - deviation) <= 1e-12 * deviation);
	CHECK(object_real(map_get(packed, "min"), &number) && number == values[0]);
	CHECK(object_real(map_get(packed, "max"), &number) && number == values[n - 1]);
	CHECK(object_reals(map_get(packed, "quantiles"), deciles, PROFILE_DECILES) == PROFILE_DECILES);
	for (size_t i = 0; i < PROFILE_DECILES; i++) {
		size_t at = i * (n - 1) / 10, over = i * (n - 1) % 10;
		double wanted = values[at] + (double)over / 10 * (values[over ? at + 1 : at] - values[at]);

		CHECK_NEAR(deciles[i], wanted, 1e-12 * (1 + fabs(wanted)));
	}
}

/* Levels by what the rows show, the most frequent first. */
static void check_levels(const struct stream *stream, object levels, size_t col, uint64_t n_rows, size_t n_levels)
{
	uint64_t before = UINT64_MAX, all = 0;

	CHECK(array_size(levels) == n_levels);
	for (size_t i = 0; i < array_size(levels); i++) {
		char *text = object_text(array_get(array_get(levels, i), 0)), cell[32];
		uint64_t count, n = 0;

		for (uint64_t row = 0; row < n_rows; row++) {
			if (col == NOTE)
				snprintf(cell, sizeof cell, "note %llu", (unsigned long long)text_of(stream, row));
			else
				snprintf(cell, sizeof cell, col == OK ? (ok_of(row) ? "true" : "false") : "%d", (int)number_of(col, row));
			n += is_counted(col, row) && strcmp(cell, text) == 0;
		}
		CHECK(object_uint(array_get(array_get(levels, i), 1), &count) && count == n && count > 0 && count <= before);
		before = count;
		all += count;
		free(text);
	}
	for (uint64_t row = 0; row < n_rows; row++)
		all -= is_counted(col, row);
	CHECK(all == 0);
}

static void check_values(void)
{
	enum { FEW = 3000 };
	static double values[FEW];
	struct stream stream;
	struct profile profile;
	struct buffer bytes = BUFFER_INIT;
	struct unpacked unpacked;
	struct error err = ERROR_INIT;

	TEST("what a profile tells is what the rows show");
	stream_start(&stream, 30);
	divide(&profile, &stream, (const uint64_t[]){ 0, 1024, 1024, 2048, 2048, FEW }, orders[2], false);
	profile_pack(&profile, &bytes);
	CHECK(pack_read(&unpacked, bytes.data, bytes.size, &err) == 0 && array_size(&unpacked.object) == N_FIELDS);
	for (size_t col = 0; col < N_FIELDS; col++) {
		object packed = array_get(&unpacked.object, col), levels = map_get(packed, "levels");
		uint64_t count, missing, n = 0, n_wanted = 0;

		for (uint64_t row = 0; row < FEW; row++) {
			n += is_counted(col, row);
			n_wanted += is_wanted(row);
		}
		CHECK(object_uint(map_get(packed, "count"), &count) && count == n);
		CHECK(object_uint(map_get(packed, "missing"), &missing) && missing == n_wanted - n);
		if (col != NOTE)
			check_numbers(packed, col, FEW, values);
		if (col == CLASS || col == NOTE || col == OK)
			check_levels(&stream, levels, col, FEW, col == CLASS ? 7 : col == NOTE ? 30 : 2);
		else
			CHECK(!levels);
		CHECK(!field_constant(&profile.fields[col]));
	}
	CHECK(profile.fields[CODE].many && !profile.fields[CLASS].many && !profile.fields[NOTE].many && !field_distinct(&profile.fields[NOTE]));
	unpacked_free(&unpacked);
	buffer_free(&bytes);
	profile_release(&profile);
	schema_release(&stream.schema);
}

/* ---- much ---- */

enum { MANY_ROWS = 150000, TEXTS = 100000 };

/* How many rows show a text. */
static uint64_t shown(uint64_t text)
{
	return (uint64_t)is_counted(NOTE, text) + (text + TEXTS < MANY_ROWS && is_counted(NOTE, text + TEXTS));
}

static void check_many_texts(void)
{
	struct stream stream;
	struct profile whole, parts;
	const struct field_profile *note;
	double share, n_texts = 0;

	TEST("more levels of a text than are counted: an even share of them, whole");
	stream_start(&stream, TEXTS);
	feed(&whole, &stream, 0, MANY_ROWS, 16 * 1024);
	profile_close(&whole);
	note = &whole.fields[NOTE];
	share = (double)note->below / (double)UINT64_MAX;
	CHECK(note->many && share < 1 && field_distinct(note));
	for (uint64_t i = 0; i < TEXTS; i++)
		n_texts += shown(i) > 0;
	CHECK_NEAR((double)note->levels.n / share, n_texts, 0.02 * n_texts);
	for (size_t i = 0; i < note->levels.n; i++) {
		const char *text = distinct_bytes(&note->levels, i);
		uint64_t row = 0;

		for (size_t at = strlen("note "); at < note->levels.items[i].size; at++)
			row = 10 * row + (uint64_t)(text[at] - '0');
		CHECK(note->levels.items[i].count == shown(row));
	}
	for (size_t i = 0; i < 4; i++) {
		divide(&parts, &stream, (const uint64_t[]){ 0, 40 * 1024, 41 * 1024, 80 * 1024, 128 * 1024, MANY_ROWS }, orders[i], i % 2);
		check_same(&parts, &whole);
		for (size_t k = 0; k < note->levels.n; k++) {
			const struct distinct *levels = &parts.fields[NOTE].levels;
			uint32_t number = distinct_find(levels, distinct_bytes(&note->levels, k), note->levels.items[k].size);

			CHECK(number != NO_VALUE && levels->items[number].count == note->levels.items[k].count);
		}
		profile_release(&parts);
	}
	profile_release(&whole);
	schema_release(&stream.schema);
}

/* Of the rows whose place lies in the upper half, which the first thinning takes. */
static bool is_high(uint64_t row) { return row * UINT64_C(0x9e3779b97f4a7c15) >> 63; }

static void check_empty_sample(void)
{
	struct stream stream;
	struct profile profile;
	struct buffer bytes = BUFFER_INIT;

	TEST("a sample that lost all its rows");
	stream_start(&stream, 30);
	start(&profile, &stream);
	feed_rows(&profile, &stream, 0, N_ROWS, 4096, is_high);
	travel(&profile, &stream);
	profile_close(&profile);
	CHECK(profile.fields[KM].count > 0 && profile.fields[KM].n_sample == 0);
	profile_pack(&profile, &bytes);
	CHECK(pack_sound(bytes.data, bytes.size));
	buffer_free(&bytes);
	profile_release(&profile);

	TEST("no rows");
	start(&profile, &stream);
	travel(&profile, &stream);
	profile_close(&profile);
	profile_pack(&profile, &bytes);
	CHECK(profile.fields[KM].count == 0 && pack_sound(bytes.data, bytes.size));
	buffer_free(&bytes);
	profile_release(&profile);
	schema_release(&stream.schema);
}

/* ---- broken ---- */

/* What was taken must bear all that comes after it. */
static void use(struct profile *profile, const struct stream *stream)
{
	struct profile other;
	struct buffer bytes = BUFFER_INIT;

	feed(&other, stream, 8192, 8200, 8);
	profile_merge(&other, profile);
	profile_close(&other);
	profile_pack(&other, &bytes);
	profile_release(&other);
	buffer_free(&bytes);
}

static void check_broken(void)
{
	struct stream stream;
	struct profile profile;
	struct buffer bytes = BUFFER_INIT;

	TEST("a part that ends early is refused");
	stream_start(&stream, 3);
	feed(&profile, &stream, 1020, 1030, 10);
	profile_pack_part(&profile, &bytes);
	profile_release(&profile);
	for (size_t size = 0; size < bytes.size; size++) {
		unsigned char *some = mem_array(size + 1, 1);   /* of just this size, so that a look beyond shows */

		memcpy(some, bytes.data, size);
		CHECK(!unpacks(&profile, &stream, some, size));
		profile_release(&profile);
		free(some);
	}

	TEST("each bit turned: refused, or other values");
	for (size_t i = 0; i < 8 * bytes.size; i++) {
		bytes.data[i / 8] ^= (unsigned char)(1 << i % 8);
		if (unpacks(&profile, &stream, bytes.data, bytes.size))
			use(&profile, &stream);
		profile_release(&profile);
		bytes.data[i / 8] ^= (unsigned char)(1 << i % 8);
	}

	TEST("a part of other fields");
	schema_rename(&stream.schema, WHEN, "then");
	CHECK(!unpacks(&profile, &stream, bytes.data, bytes.size));
	profile_release(&profile);
	profile_init(&profile, &stream.schema, all_cols, 2);
	CHECK(!profile_unpack_part(&profile, NULL));
	profile_release(&profile);
	buffer_free(&bytes);
	schema_release(&stream.schema);
}

static void lie(struct field_profile *field, int which)
{
	switch (which) {
	case 0: field[KM].count++; break;
	case 1: field[KM].count--; field[KM].missing++; break;
	case 2: field[WHEN].missing++; break;
	case 3: for (int i = 0; i < N_FIELDS; i++) field[i].missing = UINT64_MAX - field[i].count; break;
	case 4: field[KM].sample_below = 0; break;
	case 5: field[KM].sample_below--; break;
	case 6: field[KM].sample_below >>= 40; break;
	case 7: field[KM].n_sample--; break;
	case 8: field[KM].sample[1].value = NAN; break;
	case 9: field[KM].sample[1].value = 1e300; break;
	case 10: field[OK].n_true = field[OK].count + 1; break;
	case 11: field[CLASS].levels.items[0].count++; break;
	case 12: field[CLASS].levels.items[0].count = 0; break;
	case 13: field[NOTE].levels.items[0].count = UINT64_MAX; break;
	case 14: field[NOTE].levels.bytes.data[0] = 0xff; break;
	case 15: field[NOTE].many = true; break;
	case 16: field[NOTE].below >>= 1; break;
	case 17: field[NOTE].below >>= 40; field[NOTE].many = true; break;
	case 18: field[CLASS].below >>= 1; break;
	case 19: field[CODE].many = false; break;
	}
}

static void check_lies(void)
{
	struct stream stream;
	struct profile profile;
	struct buffer bytes = BUFFER_INIT;
	struct unpacked unpacked;
	struct error err = ERROR_INIT;

	TEST("parts that contradict themselves are refused");
	stream_start(&stream, 3);
	for (int which = 0; which < 20; which++) {
		feed(&profile, &stream, 1020, 1120, 100);
		lie(profile.fields, which);
		profile_pack_part(&profile, &bytes);
		profile_release(&profile);
		CHECK(!unpacks(&profile, &stream, bytes.data, bytes.size));
		profile_release(&profile);
		buffer_free(&bytes);
	}

	TEST("a sample of more rows than there is room for");
	feed(&profile, &stream, 0, 100, 100);
	profile_pack_part(&profile, &bytes);
	profile_release(&profile);
	CHECK(pack_read(&unpacked, bytes.data, bytes.size, &err) == 0);
	start(&profile, &stream);
	profile.room = 64;
	CHECK(!profile_unpack_part(&profile, &unpacked.object));
	profile_release(&profile);
	unpacked_free(&unpacked);
	buffer_free(&bytes);
	schema_release(&stream.schema);
}

int main(void)
{
	check_parts();
	check_values();
	check_many_texts();
	check_empty_sample();
	check_broken();
	check_lies();
	return unit_done();
}
