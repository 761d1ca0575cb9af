/* SPDX-License-Identifier: MIT */
/*
 * Batches of odd sizes, cut in blocks: all rows, in order, each block in one run of
 * pieces; and the same through lanes, where each block goes to one of them.
 */
#include <stdlib.h>
#include <unistd.h>

#include "blocks.h"
#include "cutter.h"
#include "memory.h"
#include "sample.h"
#include "tree.h"
#include "unit.h"

enum { MOST_LANES = 5, N_TEXT = 4, SEQUENCE = 7, MOSTLY, NARROW, N_COLS };

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 16;
}

/* The sample's columns, an int that counts up, a bool that is mostly the same and a real of few digits, all encoded. */
static void wide_header(struct header *header)
{
	sample_header(header);
	schema_add(&header->schema, "sequence", TYPE_INT, ROLE_FEATURE);
	schema_add(&header->schema, "mostly", TYPE_BOOL, ROLE_FEATURE);
	schema_add(&header->schema, "narrow", TYPE_REAL, ROLE_FEATURE);
}

/* Rows first .. first + n - 1. */
static void wide_batch(struct batch *batch, const struct schema *schema, size_t first, size_t n)
{
	struct column column = COLUMN_INIT;
	uint16_t *at;
	int64_t *ints;
	size_t n_odd = 0;
	struct block *block;

	sample_batch(batch, schema, first, n);
	column_set_sequence(&column, 1000 + 3 * (int64_t)first, 3);
	batch_put(batch, SEQUENCE, TYPE_INT, &column);
	block = block_new(NULL, (n / 50 + 1) * sizeof *at);
	at = (uint16_t *)block->data;
	for (size_t row = 0; row < n; row++)
		if ((first + row) % 100 == 57)
			at[n_odd++] = (uint16_t)row;
	column = (struct column)COLUMN_INIT;
	column_set_mostly(&column, true, at, n_odd, block);
	batch_put(batch, MOSTLY, TYPE_BOOL, &column);
	ints = column_new_values(&column, batch->pool, TYPE_REAL, n);
	for (size_t row = 0; row < n; row++)
		ints[row] = (int64_t)((first + row) * (first % 3 ? 1 : 10));
	bit_clear(column_new_valid(&column, batch->pool, n, true), n / 2);
	column_narrow_ints(&column, n);
	column.digits = first % 3 ? 1 : 2;
	batch_put(batch, NARROW, TYPE_REAL, &column);
}

/* ---- the cutter alone ---- */

struct watch {
	uint64_t n_rows;                /* taken so far, by place */
	uint64_t block;                 /* that the last piece ended in */
	struct buffer text;
};

/* A piece begins where the last one ended; one that does not end with its block lies within it. */
static void watch_piece(struct watch *watch, struct batch *piece)
{
	uint64_t first = piece->first_row, last = first + piece->n_rows - 1;
	struct error err = ERROR_INIT;

	CHECK(piece->n_rows > 0 && first == watch->n_rows);
	CHECK(first / BLOCK_ROWS == last / BLOCK_ROWS || (first % BLOCK_ROWS == 0 && (last + 1) % BLOCK_ROWS == 0));
	watch->n_rows = last + 1;
	CHECK(sample_print(piece, &watch->text, &err) == 0);
}

static void cut(size_t most, size_t total, uint32_t random)
{
	struct header header;
	struct batch batch = BATCH_INIT, whole = BATCH_INIT, view = BATCH_INIT;
	struct cutter cutter = { .open = { .n = 0 } };
	struct pieces pieces = { .n = 0 };
	struct watch watch = { .text = BUFFER_INIT };
	struct buffer expected = BUFFER_INIT;
	struct error err = ERROR_INIT;
	const size_t cols[N_COLS] = { 0, 1, 2, 3, 4, 5, 6, SEQUENCE, MOSTLY, NARROW };

	wide_header(&header);
	for (size_t first = 0, n; first < total; first += n) {
		n = 1 + next_random(&random) % most;
		n = n < total - first ? n : total - first;
		wide_batch(&batch, &header.schema, first, n);
		wide_batch(&whole, &header.schema, first, n);
		CHECK(sample_print(&whole, &expected, &err) == 0);
		if (next_random(&random) % 3 == 0)
			batch_move(&view, &whole);      /* encodings written out: a block may hold both kinds */
		else
			batch_view(&view, &batch, &header.schema, cols);
		CHECK(cutter_add(&cutter, &view, &pieces, &err) == 0);
		batch_clear(&view);
		batch_clear(&batch);
		for (size_t i = 0; i < pieces.n; i++)
			watch_piece(&watch, &pieces.items[i]);
		CHECK(watch.n_rows == (first + n) / BLOCK_ROWS * BLOCK_ROWS);  /* whole blocks, and all of them */
		CHECK(cutter.open.n <= 32);             /* however short the batches */
	}
	cutter_finish(&cutter, &pieces);
	for (size_t i = 0; i < pieces.n; i++)
		watch_piece(&watch, &pieces.items[i]);
	CHECK(watch.n_rows == total && sample_same(&watch.text, &expected));
	cutter_finish(&cutter, &pieces);
	CHECK(pieces.n == 0);
	pieces_release(&pieces);
	cutter_release(&cutter);
	buffer_free(&watch.text);
	buffer_free(&expected);
	batch_free(&batch);
	batch_free(&whole);
	batch_free(&view);
	header_release(&header);
}

static void test_cutter(void)
{
	TEST("small batches");
	cut(1, 2100, 1);
	cut(3, 2100, 2);
	cut(400, 9000, 3);
	TEST("batches of 1 to 3,000 rows");
	for (uint32_t random = 4; random < 8; random++)
		cut(3000, 40000, random);
	TEST("batches of many blocks");
	cut(20000, 60000, 9);
}

/* What waits is dropped with the cutter. */
static void test_view(void)
{
	struct header header;
	struct batch batch = BATCH_INIT, view = BATCH_INIT;
	struct cutter cutter = { .open = { .n = 0 } };
	struct pieces pieces = { .n = 0 };
	struct error err = ERROR_INIT;
	const size_t cols[] = { N_TEXT, 1 };
	struct schema seen = SCHEMA_INIT;

	TEST("some of the columns, in another order");
	wide_header(&header);
	wide_batch(&batch, &header.schema, 0, 2500);
	schema_add_field(&seen, &header.schema.fields[N_TEXT]);
	schema_add_field(&seen, &header.schema.fields[1]);
	batch_view(&view, &batch, &seen, cols);
	batch_clear(&batch);
	CHECK(cutter_add(&cutter, &view, &pieces, &err) == 0);
	CHECK(pieces.n == 1 && pieces.items[0].n_rows == 2048 && cutter.open.n == 1 && cutter.open.items[0].n_rows == 452);
	CHECK(pieces.items[0].n_columns == 2 && pieces.items[0].columns[1].values && pieces.items[0].columns[0].bytes);
	CHECK(cutter.open.items[0].n_columns == 2 && cutter.open.items[0].columns[0].bytes);
	batch_free(&view);
	batch_free(&batch);
	pieces_release(&pieces);
	cutter_release(&cutter);
	header_release(&header);
	schema_release(&seen);
}

/* Uncut: each batch is a piece at once, whatever its place in a block. */
static void test_uncut(void)
{
	struct header header;
	struct batch batch = BATCH_INIT;
	struct cutter cutter = { .uncut = true };
	struct pieces pieces = { .n = 0 };
	struct error err = ERROR_INIT;

	TEST("batches that one takes all");
	wide_header(&header);
	for (size_t first = 0, n = 700; first < 2800; first += n) {
		wide_batch(&batch, &header.schema, first, n);
		CHECK(cutter_add(&cutter, &batch, &pieces, &err) == 0);
		batch_clear(&batch);
		CHECK(pieces.n == 1 && pieces.items[0].first_row == first && pieces.items[0].n_rows == n && cutter.open.n == 0);
	}
	cutter_finish(&cutter, &pieces);
	CHECK(pieces.n == 0);
	batch_free(&batch);
	pieces_release(&pieces);
	cutter_release(&cutter);
	header_release(&header);
}

/* ---- through lanes ---- */

enum { TOTAL = 70000 };

struct feed { struct header header; size_t first; uint32_t random; size_t most, fails; };

static int feed_next(void *state, struct batch *to, bool now, struct error *err)
{
	struct feed *feed = state;
	size_t n = 1 + next_random(&feed->random) % feed->most;

	(void)now;
	batch_clear(to);
	if (feed->fails && feed->first >= feed->fails)
		return error_set(err, STATUS_UPSTREAM, "row %zu", feed->first);
	if (feed->first >= TOTAL)
		return 0;
	n = n < TOTAL - feed->first ? n : TOTAL - feed->first;
	wide_batch(to, &feed->header.schema, feed->first, n);
	feed->first += n;
	return 1;
}

struct taking {
	uint64_t looked[MOST_LANES], kept;
	struct lane { uint64_t next; bool open; uint64_t sum; } lanes[MOST_LANES];
	unsigned char block_lane[TOTAL / BLOCK_ROWS + 1];       /* lane + 1 */
	uint64_t block_rows[TOTAL / BLOCK_ROWS + 1];
	uint64_t fails_row;             /* the piece with this row fails */
	bool drops;                     /* no keep */
};

static int look(void *state, size_t lane, struct batch *batch, struct error *err)
{
	struct taking *taking = state;

	taking->looked[lane] += batch->n_rows;
	return column_read(batch, 0, err) && column_read(batch, N_TEXT, err) && column_check(batch, MOSTLY, err) ? 0 : -1;
}

static int keep(void *state, size_t lane, struct batch *batch, struct error *err)
{
	struct taking *taking = state;

	(void)lane, (void)err;
	CHECK(batch->first_row == taking->kept && batch->n_columns == N_COLS);
	taking->kept += batch->n_rows;
	return 0;
}

static int piece(void *state, size_t lane, struct batch *batch, struct error *err)
{
	struct taking *taking = state;
	struct lane *mine = &taking->lanes[lane];
	const struct column *id = column_read(batch, 0, err);

	CHECK(id && batch->n_rows > 0);
	/* Behind its beginning a block is alone. */
	CHECK(batch->first_row == mine->next || batch->first_row % BLOCK_ROWS == 0);
	mine->next = batch->first_row + batch->n_rows;
	mine->open = true;
	for (size_t row = 0; row < batch->n_rows; row++) {
		uint64_t number = batch->first_row + row, block = number / BLOCK_ROWS;

		CHECK(taking->block_lane[block] == 0 || taking->block_lane[block] == lane + 1);
		taking->block_lane[block] = (unsigned char)(lane + 1);
		taking->block_rows[block]++;
		CHECK(!column_valid(id, row) || column_int(id, row) == (int64_t)number * 1000003 - 5);
		mine->sum += number;
		if (taking->fails_row && number == taking->fails_row)
			return error_set(err, STATUS_FAILED, "piece with row %llu", (unsigned long long)number);
	}
	return 0;
}

static int done(void *state, size_t lane, struct error *err)
{
	struct lane *mine = &((struct taking *)state)->lanes[lane];

	(void)err;
	CHECK(mine->open && (mine->next % BLOCK_ROWS == 0 || mine->next == TOTAL));
	mine->open = false;
	return 0;
}

static int run(struct taking *taking, size_t n_lanes, size_t most, size_t source_fails, struct error *err)
{
	const size_t cols[] = { 0, N_TEXT, MOSTLY };
	struct feed feed = { .random = (uint32_t)(n_lanes + most), .most = most, .fails = source_fails };
	struct source source = { .header = &feed.header, .next = feed_next, .state = &feed };
	struct block_work work = { .cols = cols, .n_cols = 3, .look = look, .piece = piece, .done = done, .state = taking };
	int result;

	if (!taking->drops)
		work.keep = keep;
	wide_header(&feed.header);
	result = blocks_run(&source, n_lanes, &work, err);
	header_release(&feed.header);
	return result;
}

static void test_blocks(size_t n_lanes)
{
	static const size_t sizes[] = { 100, 3000, 12000 };

	for (size_t i = 0; i < 3; i++)
		for (int drops = 0; drops < 2; drops++) {
			struct taking *taking = mem_new(1, sizeof *taking);
			struct error err = ERROR_INIT;
			uint64_t sum = 0, looked = 0;

			taking->drops = drops;
			CHECK(run(taking, n_lanes, sizes[i], 0, &err) == 0);
			for (size_t block = 0; block <= TOTAL / BLOCK_ROWS; block++)
				CHECK(taking->block_rows[block] == (block < TOTAL / BLOCK_ROWS ? BLOCK_ROWS : TOTAL % BLOCK_ROWS));
			for (size_t lane = 0; lane < n_lanes; lane++) {
				sum += taking->lanes[lane].sum;
				looked += taking->looked[lane];
				CHECK(!taking->lanes[lane].open);
			}
			CHECK(sum == (uint64_t)TOTAL * (TOTAL - 1) / 2 && looked == TOTAL && taking->kept == (drops ? 0 : TOTAL));
			free(taking);
		}
}

static void test_failures(size_t n_lanes)
{
	struct taking *taking = mem_new(1, sizeof *taking);
	struct error err = ERROR_INIT;

	taking->fails_row = 30000;
	CHECK(run(taking, n_lanes, 700, 60000, &err) < 0);
	CHECK_TEXT(err.message, "piece with row 30000");
	free(taking);
	taking = mem_new(1, sizeof *taking);
	error_clear(&err);
	taking->fails_row = 60000;
	CHECK(run(taking, n_lanes, 700, 30000, &err) < 0);
	CHECK(strncmp(err.message, "row 30", 6) == 0);
	free(taking);
	taking = mem_new(1, sizeof *taking);
	error_clear(&err);
	taking->fails_row = TOTAL - 1;          /* in the unfinished block at the end */
	CHECK(run(taking, n_lanes, 700, 0, &err) < 0);
	CHECK_TEXT(err.message, "piece with row 69999");
	free(taking);
}

int main(void)
{
	alarm(120);
	test_cutter();
	test_view();
	test_uncut();
	TEST("each block of rows comes whole to one lane");
	test_blocks(1);
	test_blocks(2);
	test_blocks(MOST_LANES);
	TEST("a piece or the source fails");
	test_failures(1);
	test_failures(2);
	test_failures(MOST_LANES);
	return unit_done();
}
