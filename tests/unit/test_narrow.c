/* SPDX-License-Identifier: MIT */
/*
 * Numbers as narrow ints: made in place, written out as strtod reads their decimal text, over the wire and back with missing
 * rows; of rows that are chosen and of batches that are joined they stay narrow; what lies about them is refused.
 */
#include <math.h>
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

/* Rows of narrow ints, whatever their width. */
static int32_t int_at(const void *narrow, uint8_t width, size_t row)
{
	switch (width) {
	case 1: return ((const int8_t *)narrow)[row];
	case 2: return ((const int16_t *)narrow)[row];
	default: return ((const int32_t *)narrow)[row];
	}
}

static const struct limits { int64_t least, most; uint8_t width; } limits[] = {
	{ 0, 0, 1 }, { -128, 127, 1 }, { -129, 0, 2 }, { 0, 128, 2 }, { -32768, 32767, 2 }, { -32769, 0, 4 }, { 0, 32768, 4 },
	{ INT32_MIN, INT32_MAX, 4 }, { (int64_t)INT32_MIN - 1, 0, 0 }, { 0, (int64_t)INT32_MAX + 1, 0 }, { INT64_MIN, INT64_MAX, 0 },
};

static void test_widths(void)
{
	enum { MOST = 1000 };
	static const size_t sizes[] = { 2, 63, 64, 65, 128, MOST };
	int64_t longs[MOST], before[MOST];
	int32_t ints[MOST];

	TEST("no int is in 1 byte");
	CHECK(narrow_longs(longs, 0) == 1 && narrow_ints(ints, 0) == 1);
	TEST("as narrow as the ends allow, in place, wherever these stand");
	for (size_t k = 0; k < sizeof limits / sizeof *limits; k++)
		for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
			const struct limits *limit = &limits[k];
			uint64_t random = k * 100 + s, range = (uint64_t)limit->most - (uint64_t)limit->least;
			size_t n = sizes[s];
			bool same = true;

			for (size_t i = 0; i < n; i++)
				before[i] = (int64_t)((uint64_t)limit->least + (range == UINT64_MAX ? next_random(&random) << 32 : next_random(&random) % (range + 1)));
			before[next_random(&random) % (n - 1)] = limit->least;
			before[n - 1] = limit->most;
			memcpy(longs, before, n * sizeof *longs);
			CHECK(narrow_longs(longs, n) == limit->width);
			if (limit->width == 0) {
				CHECK(memcmp(longs, before, n * sizeof *longs) == 0);
				continue;
			}
			for (size_t i = 0; i < n; i++)
				ints[i] = (int32_t)before[i];
			CHECK(narrow_ints(ints, n) == limit->width);
			for (size_t i = 0; i < n; i++)
				same &= int_at(longs, limit->width, i) == before[i] && int_at(ints, limit->width, i) == before[i];
			CHECK(same);
		}
}

static void test_widen(void)
{
	static const uint8_t widths[] = { 1, 2, 4, 8 };
	int64_t from[70], to[70];

	TEST("wider, each width to each");
	for (size_t a = 0; a < 3; a++)
		for (size_t b = a; b < 4; b++) {
			int64_t most = ((int64_t)1 << (8 * widths[a] - 1)) - 1;
			bool same = true;

			for (size_t i = 0; i < 70; i++)
				from[i] = i % 3 == 0 ? most : i % 3 == 1 ? -most - 1 : (int64_t)i - 35;
			CHECK(narrow_longs(from, 70) == widths[a]);
			narrow_widen(from, widths[a], 70, widths[b], to);
			for (size_t i = 0; i < 70; i++)
				same &= (b == 3 ? to[i] : int_at(to, widths[b], i)) == (i % 3 == 0 ? most : i % 3 == 1 ? -most - 1 : (int64_t)i - 35);
			CHECK(same);
		}
}

/* The decimal number k / 10^digits as people write it. */
static void print_decimal(char *to, size_t size, int32_t k, unsigned digits)
{
	char whole[32];
	uint32_t positive = k < 0 ? (uint32_t)-(int64_t)k : (uint32_t)k;
	int n = snprintf(whole, sizeof whole, "%0*u", (int)digits + 1, (unsigned)positive);

	snprintf(to, size, "%s%.*s.%s", k < 0 ? "-" : "", n - (int)digits, whole, whole + n - digits);
}

static void test_quotients(void)
{
	enum { N = 20000 };
	static const int32_t ends[] = { 0, 1, -1, 127, -128, 32767, -32768, INT32_MAX, INT32_MIN, 5, 10, 99999 };
	int32_t *ints = mem_array(N, sizeof *ints);
	double *reals = mem_array(N, sizeof *reals), *plainly = mem_array(N, sizeof *reals);
	void *narrow = mem_array(N, sizeof *ints);

	TEST("what they stand for is what strtod reads");
	for (unsigned digits = 0; digits <= NARROW_DIGITS; digits++)
		for (uint8_t width = 1; width <= 4; width *= 2) {
			uint64_t random = digits * 10 + width;
			bool same = true;

			for (size_t i = 0; i < N; i++) {
				uint32_t bits = (uint32_t)next_random(&random) >> next_random(&random) % 30;

				ints[i] = i < 12 ? ends[i] : i % 2 ? (int32_t)bits : -(int32_t)(bits >> 1);
				ints[i] = width == 1 ? (int8_t)ints[i] : width == 2 ? (int16_t)ints[i] : ints[i];
			}
			ints[0] = width == 1 ? -128 : width == 2 ? -32768 : INT32_MIN;
			memcpy(narrow, ints, N * sizeof *ints);
			CHECK(narrow_ints(narrow, N) == width);
			narrow_to_reals(narrow, width, digits, N, plainly, CPU_PLAIN);
			for (int by = CPU_PLAIN; by <= (int)cpu_lanes(); by++) {
				narrow_to_reals(narrow, width, digits, N, reals, (enum cpu_lanes)by);
				CHECK(memcmp(reals, plainly, N * sizeof *reals) == 0);
			}
			for (size_t i = 0; i < N; i++) {
				char text[64];
				double expected;

				print_decimal(text, sizeof text, ints[i], digits);
				expected = strtod(text, NULL);
				if (ints[i] == 0)
					expected = 0;
				same &= memcmp(&expected, &reals[i], sizeof expected) == 0;
			}
			CHECK(same);
		}
	free(ints);
	free(reals);
	free(plainly);
	free(narrow);
}

/* n reals, which become narrow ones of so many bytes and digits (0: they must stay), and are the same again. */
static bool made_narrow(const double *reals, size_t n, uint8_t width, unsigned digits)
{
	double *room = mem_array(n, sizeof *room), *again = mem_array(n, sizeof *again);
	unsigned found = 99;
	bool right;

	memcpy(room, reals, n * sizeof *room);
	right = narrow_reals(room, n, &found) == width && (width == 0 || found == digits);
	if (right && width)
		narrow_to_reals(room, width, digits, n, again, cpu_lanes());
	right = right && memcmp(width ? again : room, reals, n * sizeof *reals) == 0;
	free(room);
	free(again);
	return right;
}

static void test_reals(void)
{
	enum { N = 500 };
	static const struct { double reals[4]; uint8_t width; unsigned digits; } few[] = {
		{ { 0, 0, 0, 0 }, 1, 0 }, { { 1, 2, 127, -128 }, 1, 0 }, { { 1.5, 2.25, 0, 0 }, 2, 2 }, { { 1.27, -1.28, 0.1, 0 }, 1, 2 },
		{ { 1e-15, 0, 0, 0 }, 1, 15 }, { { 1e-16, 0, 0, 0 }, 0, 0 }, { { 2147483647, -2147483648.0, 0, 0 }, 4, 0 }, { { 2147483648.0, 0, 0, 0 }, 0, 0 },
		{ { 214748364.7, -214748364.8, 0, 0 }, 4, 1 }, { { 214748364.8, 0, 0, 0 }, 0, 0 }, { { 0.1, -0.0, 0, 0 }, 0, 0 }, { { 1e300, 0, 0, 0 }, 0, 0 },
		{ { 0.1 + 0.2, 0, 0, 0 }, 0, 0 }, { { 1.0 / 3, 1, 1, 1 }, 0, 0 }, { { 4503599627370497.0, 0, 0, 0 }, 0, 0 }, { { 5e-324, 1, 1, 1 }, 0, 0 },
		{ { 20000000, 0.01, 0, 0 }, 4, 2 }, { { 30000000, 0.01, 0, 0 }, 0, 0 },
	};

	TEST("reals by the fewest digits that all of them allow, to the last bit");
	for (size_t i = 0; i < sizeof few / sizeof *few; i++)
		CHECK(made_narrow(few[i].reals, 4, few[i].width, few[i].digits));
	TEST("random ones of each number of digits, which strtod reads");
	for (unsigned digits = 0; digits <= NARROW_DIGITS; digits++) {
		uint64_t random = digits + 1;
		double reals[N];
		char text[64];

		for (size_t i = 0; i < N; i++) {
			print_decimal(text, sizeof text, (int32_t)(uint32_t)next_random(&random), digits);
			reals[i] = strtod(text, NULL);
		}
		print_decimal(text, sizeof text, INT32_MAX, digits);    /* a last digit that is not 0 */
		reals[N - 1] = strtod(text, NULL);
		CHECK(made_narrow(reals, N, 4, digits));
		reals[N / 2] = nextafter(reals[N - 1], 0);
		CHECK(made_narrow(reals, N, 0, 0));
	}
}

/* ---- in batches ---- */

/* id: int, narrow; price: real, narrow; note: text; plain: real. Rows with row % 5 == 3 have no id, row % 7 == 2 no price. */
enum { ID, PRICE, NOTE, PLAIN, N_FIELDS, MOST_ROWS = 5000 };

struct table { struct schema schema; struct pool *pool; struct text_builder *texts; struct error err; };

static struct table begin(void)
{
	struct table table = { .pool = pool_new(), .texts = text_builder_new() };

	schema_add(&table.schema, "id", TYPE_INT, ROLE_FEATURE);
	schema_add(&table.schema, "price", TYPE_REAL, ROLE_FEATURE);
	schema_add(&table.schema, "note", TYPE_TEXT, ROLE_FEATURE);
	schema_add(&table.schema, "plain", TYPE_REAL, ROLE_FEATURE);
	return table;
}

static void end_table(struct table *table)
{
	schema_release(&table->schema);
	text_builder_free(table->texts);
	pool_drop(table->pool);
}

static int32_t k_of(size_t row, uint8_t width)
{
	uint64_t random = row * 977 + width;
	uint32_t bits = (uint32_t)(next_random(&random) ^ next_random(&random) << 7);

	return width == 1 ? (int8_t)bits : width == 2 ? (int16_t)bits : (int32_t)bits;
}

static bool misses(size_t row, size_t col, bool whole)
{
	return !whole && (col == ID ? row % 5 == 3 : col == PRICE && row % 7 == 2);
}

static uint64_t *mark(struct table *table, struct column *column, size_t first, size_t n, size_t col)
{
	uint64_t *valid = column_new_valid(column, table->pool, n, true);

	for (size_t i = 0; i < n; i++)
		if (misses(first + i, col, false))
			bit_clear(valid, i);
	return valid;
}

struct kind { uint8_t width; unsigned digits; bool whole; };    /* of price; id's width; whole: nothing is missing */

/* Rows first .. first + n - 1. What the makers find under missing rows is anything. */
static void make(struct table *table, struct batch *batch, const struct kind *kind, size_t first, size_t n)
{
	struct column column = COLUMN_INIT;
	int64_t *longs;
	double *reals;

	batch_start(batch, table->pool, &table->schema, n);
	batch->first_row = first;
	longs = column_new_values(&column, table->pool, TYPE_INT, n);
	for (size_t i = 0; i < n; i++)
		longs[i] = misses(first + i, ID, kind->whole) ? INT64_MAX : k_of(first + i, kind->width);
	if (!kind->whole)
		mark(table, &column, first, n, ID);
	CHECK(column_narrow_ints(&column, n) && column.encoding == ENCODED_NARROW && column.narrow_width <= kind->width && !column.values);
	batch_put(batch, ID, TYPE_INT, &column);

	longs = column_new_values(&column, table->pool, TYPE_REAL, n);
	for (size_t i = 0; i < n; i++)
		longs[i] = misses(first + i, PRICE, kind->whole) ? INT32_MAX : k_of(first + i, kind->width);
	if (!kind->whole)
		mark(table, &column, first, n, PRICE);
	column.words = true;
	CHECK(column_narrow_ints(&column, n));
	column.digits = (uint8_t)kind->digits;
	CHECK(column.encoding == ENCODED_NARROW && column.narrow_width <= kind->width);
	batch_put(batch, PRICE, TYPE_REAL, &column);
	for (size_t i = 0; i < n; i++)
		text_builder_add(table->texts, "note", i % 5);
	text_builder_finish(table->texts, table->pool, &column);
	batch_put(batch, NOTE, TYPE_TEXT, &column);
	reals = column_new_values(&column, table->pool, TYPE_REAL, n);
	for (size_t i = 0; i < n; i++)
		reals[i] = (double)(first + i) / 3;
	batch_put(batch, PLAIN, TYPE_REAL, &column);
}

/* Row i of the batch is row `row`: as int and as strtod reads it; once more after the columns pass as if they came from outside. */
static bool says(struct batch *batch, const struct kind *kind, const uint32_t *rows, size_t first)
{
	struct batch copy = BATCH_INIT;
	struct error err = ERROR_INIT;
	bool same = true;

	batch_share(&copy, batch);
	for (size_t col = 0; col < N_FIELDS; col++) {
		copy.columns[col].checked = copy.columns[col].has_codes && copy.columns[col].codes;
		same &= column_read(&copy, col, &err) && copy.columns[col].n_missing == batch->columns[col].n_missing;
	}
	for (size_t i = 0; same && i < batch->n_rows; i++) {
		size_t row = rows ? rows[i] : first + i;
		double real = column_real(&copy.columns[PRICE], i), expected = 0;
		char text[64];

		if (!misses(row, PRICE, kind->whole) && k_of(row, kind->width)) {
			print_decimal(text, sizeof text, k_of(row, kind->width), kind->digits);
			expected = strtod(text, NULL);
		}
		same &= memcmp(&real, &expected, sizeof real) == 0 && column_valid(&copy.columns[PRICE], i) == !misses(row, PRICE, kind->whole);
		same &= column_valid(&copy.columns[ID], i) == !misses(row, ID, kind->whole) && column_real(&copy.columns[PLAIN], i) == (double)row / 3;
		same &= column_int(&copy.columns[ID], i) == (misses(row, ID, kind->whole) ? 0 : k_of(row, kind->width));
	}
	batch_free(&copy);
	return same;
}

static bool is_narrow(const struct batch *batch)
{
	bool narrow = true;

	for (size_t col = ID; col <= PRICE; col++)
		narrow &= batch->columns[col].encoding == ENCODED_NARROW && batch->columns[col].narrow;
	return narrow && batch->columns[PRICE].words && !batch->columns[ID].words;
}

static void test_wire(void)
{
	struct table table = begin();
	struct header header = HEADER_INIT;
	struct bench bench = bench_new();
	struct buffer bytes = BUFFER_INIT, again = BUFFER_INIT;
	struct batch batch = BATCH_INIT;
	const struct end end = END_INIT;
	struct error *err = &table.err;

	TEST("over the wire and on, read or not: the same bytes");
	schema_copy(&header.schema, &table.schema);
	for (unsigned digits = 0; digits <= NARROW_DIGITS; digits++)
		for (unsigned i = 0; i < 6; i++) {
			const struct kind kind = { (uint8_t)(1 << i % 3), digits, i < 3 };
			struct writer *writer = bench_writer(&bench, 0);
			struct source source;
			size_t n = 1 + 37 * digits;

			CHECK(writer_header(writer, &header, err) == 0);
			make(&table, &batch, &kind, 11, n);
			CHECK(writer_batch(writer, &batch, err) == 0 && writer_batch(writer, &batch, err) == 0 && writer_end(writer, &end, err) == 0);
			writer_free(writer);
			bench_take(&bench, &bytes);
			CHECK(bytes.size < 400 + 2 * n * (2 * kind.width + 8 + 9) + 16 * n / 8 + 2 * 6 * 8 * 2);

			bench_give(&bench, bytes.data, bytes.size);
			CHECK(reader_open(&source, bench.fd, "test", &(struct reader_options){ .read_size = 0 }, err) == 0);
			{
				struct bench other = bench_new();

				writer = bench_writer(&other, 0);
				CHECK(writer_header(writer, &header, err) == 0);
				for (int k = 0; k < 2; k++) {
					CHECK(source_next(&source, &batch, false, err) == 1 && is_narrow(&batch) && !batch.columns[PRICE].values);
					if (k)
						CHECK(column_read(&batch, ID, err) && column_read(&batch, PRICE, err) && says(&batch, &kind, NULL, 11));
					CHECK(writer_batch(writer, &batch, err) == 0);
				}
				CHECK(source_next(&source, &batch, false, err) == 0 && writer_end(writer, &end, err) == 0);
				writer_free(writer);
				bench_take(&other, &again);
				fclose(other.file);
			}
			source_close(&source);
			CHECK(sample_same(&bytes, &again));
		}
	batch_free(&batch);
	buffer_free(&bytes);
	buffer_free(&again);
	fclose(bench.file);
	header_release(&header);
	end_table(&table);
}

static void test_chosen(void)
{
	static const uint32_t picked[] = { 199, 0, 0, 7, 64, 63, 65, 3, 3, 100, 2, 198 };
	struct table table = begin();
	struct batch batch = BATCH_INIT, part = BATCH_INIT;
	struct error *err = &table.err;

	for (unsigned i = 0; i < 12; i++) {
		const struct kind kind = { (uint8_t)(1 << i % 3), 2 + i % 3, i % 6 < 3 };
		bool read = i < 6;

		TEST("a slice shares them, at any row");
		for (size_t first = 0; first <= 130; first++) {
			make(&table, &batch, &kind, 0, 200);
			CHECK(!read || (column_read(&batch, ID, err) && column_read(&batch, PRICE, err)));
			CHECK(batch_slice(&part, &batch, first, first % 70, err) == 0 && is_narrow(&part));
			CHECK(part.columns[PRICE].narrow == (const char *)batch.columns[PRICE].narrow + first * batch.columns[PRICE].narrow_width);
			CHECK(read || !part.columns[PRICE].values);
			batch_clear(&batch);
			CHECK(says(&part, &kind, NULL, first));
			batch_detach(&part);
			CHECK(is_narrow(&part) && says(&part, &kind, NULL, first));
		}
		TEST("rows that are kept or picked");
		for (size_t step = 2; step < 5; step++) {
			uint64_t bits[4] = { 0 };
			uint32_t rows[200];
			size_t n = 0;

			for (size_t row = step; row < 200; row += step) {
				bit_set(bits, row);
				rows[n++] = (uint32_t)row;
			}
			make(&table, &batch, &kind, 0, 200);
			CHECK(!read || (column_read(&batch, ID, err) && column_read(&batch, PRICE, err)));
			CHECK(batch_keep(&batch, bits, n, err) == 0 && is_narrow(&batch) && says(&batch, &kind, rows, 0));
		}
		make(&table, &batch, &kind, 0, 200);
		CHECK(batch_pick(&batch, picked, 12, err) == 0 && is_narrow(&batch) && says(&batch, &kind, picked, 0));
		TEST("compacted they hold no values, and take less");
		make(&table, &batch, &kind, 0, 2000);
		CHECK(column_read(&batch, ID, err) && column_read(&batch, PRICE, err));
		CHECK(batch_bytes(&batch) >= 2000 * 8 * 3);
		batch_compact(&batch);
		CHECK(is_narrow(&batch) && !batch.columns[ID].values && !batch.columns[PRICE].values);
		CHECK(batch_memory(&batch) < 2000 * (size_t)(8 + 5 + 2 * kind.width) + 8192 && batch_bytes(&batch) >= 2000 * 8 * 3);
		CHECK(says(&batch, &kind, NULL, 0));
	}
	batch_free(&batch);
	batch_free(&part);
	end_table(&table);
}

static void test_join(void)
{
	struct table table = begin();
	struct batch parts[3] = { BATCH_INIT, BATCH_INIT, BATCH_INIT }, whole = BATCH_INIT;
	struct error *err = &table.err;
	const struct kind kind = { 2, 3, false };

	for (int plain = 0; plain < 4; plain++) {
		TEST(plain == 0 ? "narrow ones join as narrow ones" : plain == 1 ? "with one that is not they are written out" : "by the most digits");
		for (size_t i = 0; i < 3; i++) {
			make(&table, &parts[i], &kind, 100 * i, 100);
			if (i == 1 && plain) {
				const struct column *price = column_read(&parts[1], PRICE, err);
				struct column column = COLUMN_INIT;

				if (plain == 1)
					memcpy(column_new_values(&column, table.pool, TYPE_REAL, 100), price->values, 800);
				else
					narrow_widen(price->narrow, price->narrow_width, 100, 4, column_new_narrow(&column, table.pool, 100, 4, 3));
				if (plain >= 2) {
					int32_t *ints = (int32_t *)column.narrow;

					column.digits = plain == 2 ? 4 : 7;
					for (size_t row = 0; row < 100; row++)
						ints[row] *= plain == 2 ? 10 : 10000;
				}
				column_share_valid(&column, price);
				column.words = true;
				batch_put(&parts[1], PRICE, TYPE_REAL, &column);
			}
		}
		CHECK(batch_join(&whole, parts, 3, table.texts, err) == 0 && whole.n_rows == 300);
		CHECK(whole.columns[ID].encoding == ENCODED_NARROW && !whole.columns[ID].values && whole.columns[ID].narrow_width == 2);
		CHECK((whole.columns[PRICE].encoding == ENCODED_NARROW) == (plain != 1) && whole.columns[PRICE].words);
		CHECK(says(&whole, &kind, NULL, 0));
	}
	TEST("digits for which there is no room");
	for (size_t i = 0; i < 2; i++) {
		struct column column = COLUMN_INIT;

		make(&table, &parts[i], &kind, 0, 1);
		*(int32_t *)column_new_narrow(&column, table.pool, 1, 4, i ? 7 : 0) = i ? 1 : 2000000000;
		batch_put(&parts[i], PRICE, TYPE_REAL, &column);
	}
	CHECK(batch_join(&whole, parts, 2, table.texts, err) == 0 && whole.columns[PRICE].encoding == ENCODED_PLAIN);
	CHECK(column_real(&whole.columns[PRICE], 0) == 2e9 && column_real(&whole.columns[PRICE], 1) == 1e-7 && whole.columns[ID].encoding == ENCODED_NARROW);
	TEST("of several widths the widest; read as the first was");
	for (size_t i = 0; i < 3; i++) {
		make(&table, &parts[i], &(struct kind){ 2, 3, false }, 100 * i, 100);
		CHECK(column_read(&parts[i], ID, err) != NULL);
	}
	CHECK(batch_slice(&whole, &parts[0], 0, 1, err) == 0);
	batch_move(&parts[0], &whole);
	parts[0].columns[PRICE].narrow_width = 1;       /* row 0's lowest byte */
	CHECK(batch_join(&whole, parts, 2, table.texts, err) == 0);
	CHECK(whole.columns[PRICE].narrow_width == 2 && whole.columns[ID].values && !whole.columns[PRICE].values);
	CHECK(((const int16_t *)whole.columns[PRICE].narrow)[0] == (int8_t)k_of(0, 2) && column_int(&whole.columns[ID], 0) == k_of(0, 2));
	for (size_t i = 0; i < 3; i++)
		batch_free(&parts[i]);
	batch_free(&whole);
	end_table(&table);
}

/* ---- hostile ---- */

enum { ABSENT = -1 };

/* A batch of one column as its map says: `valid` is its word, `run` the size of its values, of which these are the first 8 bytes. */
struct told { enum type type; int64_t width, digits; uint64_t rows, run, valid; const char *values; };

static void put_told(const struct told *told, struct buffer *to)
{
	struct buffer data = BUFFER_INIT;

	put_one_column(to, told->type, told->rows, 1u + (told->valid != 0) + (told->width != ABSENT) + (told->digits != ABSENT));
	if (told->valid) {
		pack_text(to, "valid");
		pack_array(to, 2);
		pack_uint(to, told->run + 7 - (told->run + 7) % 8);
		pack_uint(to, 8);
	}
	if (told->width != ABSENT)
		pack_key_int(to, "width", told->width);
	if (told->digits != ABSENT)
		pack_key_int(to, "digits", told->digits);
	pack_text(to, "values");
	pack_array(to, 2);
	pack_uint(to, 0);
	pack_uint(to, told->run);
	buffer_reserve(&data, told->run + 16);
	memset(data.data, 0, told->run + 16);
	data.size = told->run + 7 - (told->run + 7) % 8 + 8;
	memcpy(data.data, told->values, told->run < 8 ? told->run : 8);
	memcpy(data.data + data.size - 8, &told->valid, 8);
	pack_bytes(to, data.data, data.size);
	put_end(to, told->rows);
	buffer_free(&data);
}

static void test_hostile(void)
{
	static const char map[] = "test: broken batch: column 'x'", under[] = "broken input: column 'x' holds a value under a missing row";
	static const char spare[] = "broken input: column 'x' holds spare bits that are set", zeros[8] = "";
	static const struct { const char *what; struct told told; const char *message; } cases[] = {
		{ "a width of 3", { TYPE_INT, 3, ABSENT, 3, 9, 0, zeros }, map },
		{ "a width of 8", { TYPE_INT, 8, ABSENT, 3, 24, 0, zeros }, map },
		{ "a width of 0", { TYPE_INT, 0, ABSENT, 3, 0, 0, zeros }, map },
		{ "a negative width", { TYPE_INT, -2, ABSENT, 3, 6, 0, zeros }, map },
		{ "16 digits", { TYPE_REAL, 1, 16, 3, 3, 0, zeros }, map },
		{ "negative digits", { TYPE_REAL, 1, -3, 3, 3, 0, zeros }, map },
		{ "a real without digits", { TYPE_REAL, 1, ABSENT, 3, 3, 0, zeros }, map },
		{ "an int with digits", { TYPE_INT, 1, 2, 3, 3, 0, zeros }, map },
		{ "a run too short", { TYPE_INT, 2, ABSENT, 3, 5, 0, zeros }, map },
		{ "a run too long", { TYPE_INT, 2, ABSENT, 3, 8, 0, zeros }, map },
		{ "a run of values", { TYPE_REAL, 2, 1, 3, 24, 0, zeros }, map },
		{ "without a width", { TYPE_REAL, ABSENT, 1, 3, 6, 0, zeros }, map },
		{ "a bool", { TYPE_BOOL, 1, ABSENT, 3, 3, 0, zeros }, map },
		{ "a time", { TYPE_TIME, 4, ABSENT, 3, 12, 0, zeros }, map },
		{ "a text", { TYPE_TEXT, 1, ABSENT, 3, 3, 0, zeros }, map },
		{ "more than a message holds, written out", { TYPE_INT, 1, ABSENT, 33554433, 33554433, 0, zeros }, map },
		{ "more reals than that", { TYPE_REAL, 1, 2, 33554433, 33554433, 0, zeros }, map },
		{ "an int under a missing row", { TYPE_INT, 1, ABSENT, 3, 3, 5, "\0\1\0\0\0\0\0" }, under },
		{ "a real under a missing row", { TYPE_REAL, 2, 1, 3, 6, 3, "\0\0\0\0\0\1\0" }, under },
		{ "spare bits", { TYPE_INT, 4, ABSENT, 3, 12, 15, zeros }, spare },
	};
	struct bench bench = bench_new();
	struct buffer bytes = BUFFER_INIT;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		TEST(cases[i].what);
		put_told(&cases[i].told, &bytes);
		refuse(&bench, &bytes, STATUS_FAILED, cases[i].message);
	}
	TEST("what other programs may write");
	put_told(&(struct told){ TYPE_REAL, 2, 1, 3, 6, 5, "\x7d\0\0\0\xff\xff\0" }, &bytes);
	{
		struct buffer lines = BUFFER_INIT;
		struct error err = ERROR_INIT;

		/* Only the end has no check: the rows were right. */
		CHECK(read_bytes(&bench, bytes.data, bytes.size, 0, &lines, &err) < 0 && err.code == STATUS_UPSTREAM);
		CHECK_TEXT(buffer_text(&lines), "12.5\n~\n-0.1\n");
		buffer_free(&lines);
	}
	buffer_free(&bytes);
	fclose(bench.file);
}

int main(void)
{
	test_widths();
	test_widen();
	test_quotients();
	test_reals();
	test_wire();
	test_chosen();
	test_join();
	test_hostile();
	return unit_done();
}
