/* SPDX-License-Identifier: MIT */
/*
 * Narrow reals at a center and a scale, and narrow ints that count from a first by a step: they come to the bits of the
 * operations done one by one, over the wire, in slices, of rows that are kept and of batches that are joined; what lies about
 * them is refused.
 */
#include <stdlib.h>

#include "batch_join.h"
#include "narrow.h"
#include "stream_bench.h"
#include "text_builder.h"

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 32;
}

/* ---- alone ---- */

static const double powers[] = { 1, 10, 100, 1000, 10000 };

static double scaled(int32_t k, unsigned digits, double center, double scale)
{
	volatile double value = k, less;        /* each operation by itself */

	value = value / powers[digits];
	less = value - center;
	return less / scale;
}

static void test_values(void)
{
	enum { MOST = 9000 };
	int32_t *ints = mem_array(MOST, sizeof *ints);
	double *got = mem_array(MOST, sizeof *got);
	void *narrow = mem_array(MOST, sizeof *ints);
	uint64_t random = 1, bad = 0;

	TEST("less the center, over the scale, of few rows and of many, of few values and of many");
	for (int round = 0; round < 400; round++) {
		static const uint32_t ranges[] = { 1, 2, 200, 256, 3000, 4095, 4096, 4097, 65536, 4294967295u };
		uint8_t width = (uint8_t)(1 << round % 3);
		uint32_t range = ranges[round % 10];
		size_t n = round % 4 == 0 ? next_random(&random) % 70 : next_random(&random) % MOST;
		unsigned digits = (unsigned)(round / 3 % 5);
		double center = (double)next_random(&random) / 1e7 - 200, scale = (double)(next_random(&random) + 1) / (round % 7 ? 1e9 : -3.7);
		uint64_t low = next_random(&random);

		for (size_t i = 0; i < n; i++) {
			ints[i] = (int32_t)(uint32_t)(low + next_random(&random) % range);
			if (width == 1)
				ints[i] = ((int8_t *)narrow)[i] = (int8_t)ints[i];
			else if (width == 2)
				ints[i] = ((int16_t *)narrow)[i] = (int16_t)ints[i];
			else
				((int32_t *)narrow)[i] = ints[i];
		}
		narrow_to_scaled(narrow, width, digits, center, scale, n, got);
		for (size_t i = 0; i < n; i++) {
			double wanted = scaled(ints[i], digits, center, scale);

			bad += memcmp(&wanted, &got[i], sizeof wanted) != 0;
		}
	}
	CHECK(bad == 0);
	free(ints);
	free(got);
	free(narrow);

	TEST("which centers, scales, firsts and steps are taken");
	CHECK(narrow_may_scale(0, 0, 1) && narrow_may_scale(15, -1e300, 1e-7) && narrow_may_scale(2, 5, -3));
	CHECK(!narrow_may_scale(0, 0, 0) && !narrow_may_scale(0, NAN, 1) && !narrow_may_scale(0, 0, INFINITY) && !narrow_may_scale(0, INFINITY, 1));
	CHECK(!narrow_may_scale(0, 1e300, 1e-10) && !narrow_may_scale(0, 0, 4e-324) && narrow_may_scale(0, 0, 2e-299));
	CHECK(narrow_may_count(0, 1) && narrow_may_count(INT64_MAX - INT32_MAX, 1) && narrow_may_count(-5, -3) && !narrow_may_count(0, 0));
	CHECK(!narrow_may_count(INT64_MAX - INT32_MAX + 1, 1) && !narrow_may_count(INT64_MIN, 1) && !narrow_may_count(0, INT64_MAX) &&
	      !narrow_may_count(0, INT64_MIN));
}

static void test_of_real(void)
{
	int32_t k = 0;

	TEST("which int stands for a real");
	CHECK(narrow_of_real(4.05, 2, &k) && k == 405);
	CHECK(narrow_of_real(-0.1, 1, &k) && k == -1);
	CHECK(narrow_of_real(0, 3, &k) && k == 0);
	CHECK(narrow_of_real(2147483647, 0, &k) && k == INT32_MAX);
	CHECK(narrow_of_real(-2147483648.0, 0, &k) && k == INT32_MIN);
	CHECK(!narrow_of_real(2147483648, 0, &k) && !narrow_of_real(4.055, 2, &k) && !narrow_of_real(-0.0, 2, &k));
	CHECK(!narrow_of_real(4294967296.0, 0, &k) && !narrow_of_real(4503599627370503.0, 0, &k) && !narrow_of_real(-1e300, 0, &k) && !narrow_of_real(1e308, 3, &k));
	CHECK(!narrow_of_real(NAN, 2, &k) && !narrow_of_real(INFINITY, 0, &k) && !narrow_of_real(1.0 / 3, 4, &k));
}

/* ---- in batches ---- */

/* price: a real of 2 digits at a center and a scale, every seventh missing; line: counts by 3 from 1000, but every fifth row went. */
enum { PRICE, LINE, N_FIELDS, STEP = 3 };

static const double CENTER = 48.866052825160653, SCALE = 3.0792505264796626;

struct table { struct schema schema; struct pool *pool; struct error err; };

static int32_t price_of(size_t number) { return (int32_t)(number * 7919 % 3001); }

static double wanted_price(size_t number) { return number % 7 == 2 ? 0 : scaled(price_of(number), 2, CENTER, SCALE); }

static struct table begin(void)
{
	struct table table = { .pool = pool_new() };

	schema_add(&table.schema, "price", TYPE_REAL, ROLE_FEATURE);
	schema_add(&table.schema, "line", TYPE_INT, ROLE_ORIGIN);
	return table;
}

static void end_table(struct table *table)
{
	schema_release(&table->schema);
	pool_drop(table->pool);
}

/* Rows of the table from `first` on: n before every fifth goes. */
static void make(struct table *table, struct batch *batch, size_t first, size_t n, double center)
{
	struct column plain = COLUMN_INIT, column;
	int64_t *ints = column_new_values(&plain, table->pool, TYPE_REAL, n);
	uint64_t *valid = column_new_valid(&plain, table->pool, n, true), *rows = mem_new(bits_words(n) + 1, sizeof *rows);
	size_t n_kept = 0;

	batch_start(batch, table->pool, &table->schema, n);
	for (size_t i = 0; i < n; i++) {
		ints[i] = price_of(first + i);
		if ((first + i) % 7 == 2)
			bit_clear(valid, i);
		if ((first + i) % 5 != 4) {
			bit_set(rows, i);
			n_kept++;
		}
	}
	CHECK(column_narrow_ints(&plain, n));
	plain.digits = 2;
	column_close(&plain, TYPE_REAL, n);
	CHECK(column_scale_narrow(&column, &plain, center, SCALE));
	batch_put(batch, PRICE, TYPE_REAL, &column);
	CHECK(!column_scale_narrow(&column, &batch->columns[PRICE], 0, 2));     /* once only */
	column_drop(&plain);
	plain = (struct column)COLUMN_INIT;
	column_set_sequence(&plain, 1000 + STEP * (int64_t)first, STEP);
	batch_put(batch, LINE, TYPE_INT, &plain);
	CHECK(batch_keep(batch, rows, n_kept, &table->err) == 0 && batch->columns[PRICE].scale == SCALE);
	CHECK(n_kept < 2 || n_kept == n || (batch->columns[LINE].encoding == ENCODED_PLACED && batch->columns[LINE].step == STEP));
	free(rows);
}

/* The number of the row behind those that went. */
static size_t number_of(size_t row) { return row / 4 * 5 + row % 4; }

/* Row i of the batch is row first + i of those that stayed; looked at as if it came from outside. */
static bool says(struct batch *batch, size_t first)
{
	struct batch copy = BATCH_INIT;
	struct error err = ERROR_INIT;
	bool same = true;

	batch_share(&copy, batch);
	for (size_t col = 0; col < N_FIELDS; col++) {
		copy.columns[col].checked = false;
		same &= column_read(&copy, col, &err) != NULL;
	}
	for (size_t i = 0; same && i < batch->n_rows; i++) {
		size_t number = number_of(first + i);
		double wanted = wanted_price(number), got = column_real(&copy.columns[PRICE], i);

		same &= memcmp(&wanted, &got, sizeof got) == 0 && column_valid(&copy.columns[PRICE], i) == (number % 7 != 2);
		same &= column_int(&copy.columns[LINE], i) == 1000 + STEP * (int64_t)number;
	}
	batch_free(&copy);
	return same;
}

static bool is_narrow(const struct batch *batch)
{
	return batch->columns[PRICE].encoding == ENCODED_PLACED && batch->columns[LINE].encoding == ENCODED_PLACED;
}

static void test_chosen(void)
{
	static const uint32_t picked[] = { 3, 3, 0, 77, 12 };
	struct table table = begin();
	struct batch batch = BATCH_INIT, part = BATCH_INIT;
	struct error *err = &table.err;

	TEST("slices, read before or not");
	for (size_t n = 1; n < 130; n += 9)
		for (size_t first = 0; first < 65; first += 8) {
			make(&table, &batch, 0, 250, CENTER);
			CHECK(n % 2 == 0 || (column_read(&batch, PRICE, err) && column_read(&batch, LINE, err)));
			CHECK(batch_slice(&part, &batch, first, n, err) == 0 && is_narrow(&part) && says(&part, first));
			batch_compact(&part);
			CHECK(is_narrow(&part) && !part.columns[PRICE].values && says(&part, first));
		}
	TEST("rows that are picked");
	make(&table, &batch, 0, 250, CENTER);
	CHECK(batch_pick(&batch, picked, 5, err) == 0 && is_narrow(&batch));
	CHECK(column_read(&batch, LINE, err) && column_read(&batch, PRICE, err));
	for (size_t i = 0; i < 5; i++)
		CHECK(column_int(&batch.columns[LINE], i) == 1000 + STEP * (int64_t)number_of(picked[i]) &&
		      column_real(&batch.columns[PRICE], i) == wanted_price(number_of(picked[i])));
	TEST("a sequence that narrow ints can't follow is written out");
	{
		struct column far = COLUMN_INIT;

		make(&table, &batch, 0, 4, CENTER);
		column_set_sequence(&far, 7, INT64_C(1) << 60);
		batch_put(&batch, LINE, TYPE_INT, &far);
		CHECK(batch_keep(&batch, (const uint64_t[]){ 5 }, 2, err) == 0 && batch.columns[LINE].encoding == ENCODED_PLAIN);
		CHECK(column_int(&batch.columns[LINE], 0) == 7 && column_int(&batch.columns[LINE], 1) == 7 + (INT64_C(2) << 60));
	}
	batch_free(&batch);
	batch_free(&part);
	end_table(&table);
}

static void test_join(void)
{
	struct table table = begin();
	struct text_builder *texts = text_builder_new();
	struct batch parts[2] = { BATCH_INIT, BATCH_INIT }, joined = BATCH_INIT;
	struct column column = COLUMN_INIT;
	struct error *err = &table.err;
	int32_t *ints;

	for (int other = 0; other < 2; other++) {
		TEST(other ? "of another center: written out" : "joined with others of the same center and scale; counts from another first are written out");
		make(&table, &parts[0], 0, 50, CENTER);
		make(&table, &parts[1], 50, 75, other ? CENTER + 1 : CENTER);
		CHECK(batch_join(&joined, parts, 2, texts, err) == 0 && joined.n_rows == 100);
		CHECK((joined.columns[PRICE].encoding == ENCODED_PLACED) == !other && joined.columns[LINE].encoding == ENCODED_PLAIN);
		CHECK(says(&joined, 0) == !other);
		for (int i = 0; i < 2; i++)
			batch_clear(&parts[i]);
	}
	TEST("of more digits: by these");
	make(&table, &parts[0], 0, 50, CENTER);
	make(&table, &parts[1], 50, 75, CENTER);
	ints = column_copy_narrow(&column, table.pool, parts[1].n_rows, 4, &parts[1].columns[PRICE]);
	for (size_t row = 0; row < parts[1].n_rows; row++)
		ints[row] *= 10;
	column.digits++;
	column_share_valid(&column, &parts[1].columns[PRICE]);
	batch_put(&parts[1], PRICE, TYPE_REAL, &column);
	CHECK(batch_join(&joined, parts, 2, texts, err) == 0 && joined.columns[PRICE].encoding == ENCODED_PLACED);
	CHECK(joined.columns[PRICE].digits == parts[1].columns[PRICE].digits && parts[0].columns[PRICE].digits < joined.columns[PRICE].digits && says(&joined, 0));
	for (int i = 0; i < 2; i++)
		batch_free(&parts[i]);
	batch_free(&joined);
	text_builder_free(texts);
	end_table(&table);
}

static bool holds(const struct buffer *bytes, const char *text)
{
	for (size_t at = 0, size = strlen(text); at + size <= bytes->size; at++)
		if (memcmp(bytes->data + at, text, size) == 0)
			return true;
	return false;
}

static void test_wire(void)
{
	struct table table = begin();
	struct header header = HEADER_INIT;
	struct bench bench = bench_new();
	struct buffer bytes = BUFFER_INIT;
	struct batch batch = BATCH_INIT;
	const struct end end = END_INIT;
	struct error *err = &table.err;
	struct writer *writer = bench_writer(&bench, 0);
	struct source source;

	TEST("over the wire");
	schema_copy(&header.schema, &table.schema);
	CHECK(writer_header(writer, &header, err) == 0);
	make(&table, &batch, 0, 5000, CENTER);
	CHECK(writer_batch(writer, &batch, err) == 0 && writer_end(writer, &end, err) == 0);
	writer_free(writer);
	bench_take(&bench, &bytes);
	CHECK(bytes.size < 4000 * (2 + 2) + 4000 / 8 + 600);
	CHECK(holds(&bytes, "base") && !holds(&bytes, "first"));        /* who knows only that would take it for a sequence */
	bench_give(&bench, bytes.data, bytes.size);
	CHECK(reader_open(&source, bench.fd, "test", &(struct reader_options){ .read_size = 0 }, err) == 0);
	CHECK(source_next(&source, &batch, false, err) == 1 && is_narrow(&batch) && says(&batch, 0));
	CHECK(source_next(&source, &batch, false, err) == 0);
	source_close(&source);
	batch_free(&batch);
	buffer_free(&bytes);
	fclose(bench.file);
	header_release(&header);
	end_table(&table);
}

/* ---- hostile ---- */

/* A batch of three rows and one column whose map says these, where they are not NULL. */
struct told { enum type type; const double *center, *scale; const int64_t *base, *step; bool digits; };

static void put_told(const struct told *told, struct buffer *to)
{
	put_one_column(to, told->type, 3, 2u + told->digits + (told->center != NULL) + (told->scale != NULL) + (told->base != NULL) + (told->step != NULL));
	pack_text(to, "values");
	pack_array(to, 2);
	pack_uint(to, 0);
	pack_uint(to, 3);
	pack_key_int(to, "width", 1);
	if (told->digits)
		pack_key_int(to, "digits", 1);
	if (told->center)
		pack_key_real(to, "center", *told->center);
	if (told->scale)
		pack_key_real(to, "scale", *told->scale);
	if (told->base)
		pack_key_int(to, "base", *told->base);
	if (told->step)
		pack_key_int(to, "step", *told->step);
	pack_bytes(to, "\1\2\3\0\0\0\0\0", 8);
	put_end(to, 3);
}

static void test_hostile(void)
{
	static const double one = 1, zero = 0, half = 0.5, tiny = 4e-324, infinite = INFINITY;
	static const int64_t three = 3, none = 0, far = INT64_MAX;
	static const struct { const char *what; struct told told; } cases[] = {
		{ "a center without a scale", { TYPE_REAL, &one, NULL, NULL, NULL, true } },
		{ "a scale without a center", { TYPE_REAL, NULL, &one, NULL, NULL, true } },
		{ "a scale of 0", { TYPE_REAL, &one, &zero, NULL, NULL, true } },
		{ "a scale that makes infinities", { TYPE_REAL, &one, &tiny, NULL, NULL, true } },
		{ "a center that is none", { TYPE_REAL, &infinite, &one, NULL, NULL, true } },
		{ "an int with a center", { TYPE_INT, &one, &half, NULL, NULL, false } },
		{ "a real that counts", { TYPE_REAL, NULL, NULL, &three, &three, true } },
		{ "a base without a step", { TYPE_INT, NULL, NULL, &three, NULL, false } },
		{ "a step without a base", { TYPE_INT, NULL, NULL, NULL, &three, false } },
		{ "a step of 0", { TYPE_INT, NULL, NULL, &three, &none, false } },
		{ "a step beyond 64 bits", { TYPE_INT, NULL, NULL, &three, &far, false } },
		{ "a base beyond 64 bits", { TYPE_INT, NULL, NULL, &far, &three, false } },
	};
	struct bench bench = bench_new();
	struct buffer bytes = BUFFER_INIT, lines = BUFFER_INIT;
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		TEST(cases[i].what);
		put_told(&cases[i].told, &bytes);
		refuse(&bench, &bytes, STATUS_FAILED, "test: broken batch: column 'x'");
	}
	TEST("what other programs may write: only the end has no check, the rows were right");
	put_told(&(struct told){ TYPE_REAL, &one, &half, NULL, NULL, true }, &bytes);
	CHECK(read_bytes(&bench, bytes.data, bytes.size, 0, &lines, &err) < 0 && err.code == STATUS_UPSTREAM);
	CHECK_TEXT(buffer_text(&lines), "-1.8\n-1.6\n-1.4\n");
	put_told(&(struct told){ TYPE_INT, NULL, NULL, &three, &three, false }, &bytes);
	CHECK(read_bytes(&bench, bytes.data, bytes.size, 0, &lines, &err) < 0 && err.code == STATUS_UPSTREAM);
	CHECK_TEXT(buffer_text(&lines), "6\n9\n12\n");
	buffer_free(&bytes);
	buffer_free(&lines);
	fclose(bench.file);
}

int main(void)
{
	test_values();
	test_of_real();
	test_chosen();
	test_join();
	test_wire();
	test_hostile();
	return unit_done();
}
