/* SPDX-License-Identifier: MIT */
/* Rows in order whose numbers are narrow ints: the same rows, narrow again where all were, whether they are held or come out of runs in a file. */
#include <stdlib.h>

#include "memory.h"
#include "narrow.h"
#include "sort_rows.h"
#include "spool.h"
#include "unit.h"

enum { KEY, PRICE, N_FIELDS, N_ROWS = 40000, EACH = 1500, LARGE = 64 << 20 };

/* All different, in no order. */
static int64_t key_of(size_t row) { return (int64_t)(row * 7919 % N_ROWS) - 500; }
static bool misses(size_t row) { return row % 9 == 4; }
/* Of narrow widths 1, 2 and 4, by batch. */
static int32_t price_of(size_t row)
{
	static const int32_t most[] = { 100, 30000, 200000000 };

	return (int32_t)((row * 2654435761u) % (uint32_t)most[row / EACH % 3]) - most[row / EACH % 3] / 2;
}

enum kind { ALL_NARROW, ONE_PLAIN, OTHER_DIGITS, TOO_LARGE };

static void make(struct batch *batch, struct pool *pool, const struct schema *schema, size_t first, size_t n, enum kind kind)
{
	struct column column = COLUMN_INIT;
	bool other = kind != ALL_NARROW && first / EACH == 13;
	int32_t scale = kind == OTHER_DIGITS ? 10 : 10000;      /* of 2,000,000,000 there are no more digits, of those of batch 13 there are */
	int64_t *keys;
	int64_t *ints;
	uint64_t *valid;

	batch_start(batch, pool, schema, n);
	keys = column_new_values(&column, pool, TYPE_INT, n);
	for (size_t i = 0; i < n; i++)
		keys[i] = key_of(first + i);
	CHECK(column_narrow_ints(&column, n));
	batch_put(batch, KEY, TYPE_INT, &column);
	ints = column_new_values(&column, pool, TYPE_REAL, n);
	valid = column_new_valid(&column, pool, n, true);
	for (size_t i = 0; i < n; i++) {
		if (misses(first + i))
			bit_clear(valid, i);
		if (other && kind == ONE_PLAIN)
			((double *)(void *)ints)[i] = price_of(first + i) / 100.0;
		else
			ints[i] = price_of(first + i) * (other ? scale : 1);
	}
	if (!other || kind != ONE_PLAIN)
		CHECK(column_narrow_ints(&column, n));
	column.digits = !other ? 2 : kind == OTHER_DIGITS ? 3 : kind == ONE_PLAIN ? 0 : 6;
	batch_put(batch, PRICE, TYPE_REAL, &column);
}

/* The rows of `sorted`, each where its key says, and whether all batches of the price are narrow, and none is. */
static void take(struct source *sorted, enum kind kind, const size_t *row_of, bool *all, bool *none)
{
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;
	size_t at = 0;
	bool right = true;

	*all = *none = true;
	while (source_next(sorted, &batch, false, &err) == 1) {
		const struct column *key = column_read(&batch, KEY, &err), *price;
		bool narrow = batch.columns[PRICE].encoding == ENCODED_NARROW && batch.columns[PRICE].digits == (kind == OTHER_DIGITS ? 3 : 2);

		CHECK(batch.columns[KEY].encoding == ENCODED_NARROW);
		*all &= narrow;
		*none &= !narrow;
		price = column_read(&batch, PRICE, &err);
		for (size_t i = 0; i < batch.n_rows; i++, at++) {
			size_t row = row_of[at];

			right &= column_int(key, i) == (int64_t)at - 500 && column_valid(price, i) == !misses(row);
			right &= column_real(price, i) == (misses(row) ? 0 : price_of(row) / 100.0);
		}
	}
	CHECK(err.code == STATUS_DONE && right && at == N_ROWS);
	batch_free(&batch);
}

static void sort(enum kind kind, uint64_t memory)
{
	struct header header = HEADER_INIT;
	struct pool *pool = pool_new();
	struct spool *spool = spool_new(LARGE, NULL);
	size_t *row_of = mem_array(N_ROWS, sizeof *row_of);
	const struct sort_key by_key = { KEY, TYPE_INT, false };
	const struct step_limits limits = { .memory = memory };
	const struct end none = END_INIT;
	struct batch batch = BATCH_INIT;
	struct source rows, sorted;
	struct error err = ERROR_INIT;
	bool all, no_one;

	schema_add(&header.schema, "key", TYPE_INT, ROLE_FEATURE);
	schema_add(&header.schema, "price", TYPE_REAL, ROLE_FEATURE);
	for (size_t row = 0; row < N_ROWS; row++)
		row_of[key_of(row) + 500] = row;
	for (size_t first = 0; first < N_ROWS; first += EACH) {
		make(&batch, pool, &header.schema, first, first + EACH < N_ROWS ? EACH : N_ROWS - first, kind);
		CHECK(spool_add(spool, &batch, &err) == 0);
	}
	CHECK(spool_close(spool, &err) == 0);
	spool_source(spool, &header, &none, &rows);
	sort_rows(&sorted, &rows, &header, &by_key, 1, &limits);
	take(&sorted, kind, row_of, &all, &no_one);
	CHECK(kind == ONE_PLAIN || kind == TOO_LARGE ? no_one : all);
	source_close(&sorted);
	spool_free(spool);
	batch_free(&batch);
	pool_drop(pool);
	header_release(&header);
	free(row_of);
}

int main(void)
{
	static const uint64_t memories[] = { LARGE, 400 * 1024, 100 * 1024 };

	for (size_t i = 0; i < 3; i++) {
		TEST("narrow in all batches, and out of them");
		sort(ALL_NARROW, memories[i]);
		TEST("plain in one");
		sort(ONE_PLAIN, memories[i]);
		TEST("of more digits in one");
		sort(OTHER_DIGITS, memories[i]);
		TEST("of more digits than the others have room for");
		sort(TOO_LARGE, memories[i]);
	}
	return unit_done();
}
