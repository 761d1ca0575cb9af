/* SPDX-License-Identifier: MIT */
/* Rows that are handed on come back as they came, whatever the length of batches, in memory or in files; and which columns are at the side. */
#include "side_columns.h"

#include <stdlib.h>

#include "memory.h"
#include "unit.h"

#include "sample.h"

enum { ID, KM, OK, WHEN, CITY, NOTE, MINUTES };         /* the sample's columns */
enum { ROWS = 5000 };

/* km, ok and minutes are learned from. */
static void set_up(struct setup *setup, size_t *cols)
{
	*setup = (struct setup){ .cols = cols, .n_cols = 3, .marks = { .split = NO_FIELD } };
	cols[0] = KM;
	cols[1] = OK;
	cols[2] = MINUTES;
}

static size_t mark_held(size_t first, size_t n, unsigned which, uint64_t *rows)
{
	unsigned char marks[ROWS];
	const struct marks by_chance = { .split = NO_FIELD };

	for (size_t i = 0; i < n; i++)          /* runs without a held row, and runs of such */
		marks[i] = (first + i) / 700 % 3 == 1 ? MARK_TRAIN : (first + i) % which == 2 ? MARK_TEST : (first + i) % which == 0 ? MARK_VALID : MARK_TRAIN;
	return handed_rows(&by_chance, marks, n, rows);
}

/* Batches of `length` rows (0: of all kinds of lengths) through both spools, and together again. */
static void check(const struct header *header, size_t length, unsigned which, uint64_t memory)
{
	size_t cols[3];
	struct setup setup;
	struct side_columns side;
	struct spool *spool;
	struct batch batch = BATCH_INIT, part = BATCH_INIT, whole = BATCH_INIT;
	struct buffer wanted = BUFFER_INIT, got = BUFFER_INIT;
	struct source source;
	struct error err = ERROR_INIT;
	uint64_t rows[(ROWS + 63) / 64];
	int result;

	set_up(&setup, cols);
	side_columns_init(&side, &header->schema, &setup, memory);
	CHECK(side.n_cols == 4 && side.n_kept == 3 && side.cols[0] == ID && side.cols[1] == WHEN && side.cols[2] == CITY && side.cols[3] == NOTE);
	spool = spool_new_of(memory, side.kept, side.n_kept, NULL);
	for (size_t row = 0, n; row < ROWS; row += n) {
		size_t n_held;

		n = length ? length : 1 + row * 31 % 1700;
		n = n < ROWS - row ? n : ROWS - row;
		sample_batch(&batch, &header->schema, row, n);
		n_held = mark_held(row, n, which, rows);
		CHECK(side_columns_take(&side, &batch, rows, n_held, &part, &err) == 0 && part.n_rows == n_held);
		batch_share(&whole, &batch);
		CHECK(side_columns_add(&side, &part, &err) == 0 && spool_add(spool, &batch, &err) == 0);
		if (n_held > 0)
			CHECK(batch_keep(&whole, rows, n_held, &err) == 0 && sample_print(&whole, &wanted, &err) == 0);
	}
	CHECK(spool_close(spool, &err) == 0 && side_columns_close(&side, &err) == 0);
	spool_drain(spool, header, NULL, &source);
	side_columns_open(&side);
	while ((result = source_next(&source, &batch, false, &err)) == 1) {
		size_t n_held = mark_held(batch.first_row, batch.n_rows, which, rows);

		CHECK(batch.n_columns == header->schema.n_fields && !batch.columns[NOTE].offsets);
		batch_view(&part, &batch, &side.kept_schema, side.kept);
		if (n_held == 0)
			continue;
		CHECK(batch_keep(&part, rows, n_held, &err) == 0 && side_columns_join(&side, &part, &header->schema, &err) == 0);
		CHECK(part.n_rows == n_held && sample_print(&part, &got, &err) == 0);
	}
	CHECK(result == 0 && sample_same(&wanted, &got));
	source_close(&source);
	spool_free(spool);
	side_columns_release(&side);
	side_columns_release(&side);
	batch_free(&batch);
	batch_free(&part);
	batch_free(&whole);
	buffer_free(&wanted);
	buffer_free(&got);
}

int main(void)
{
	static const size_t lengths[] = { 0, 1, 9, 600, 1023, 1024, 2500, ROWS };
	static const uint64_t memories[] = { 64 << 20, 100000, 0 };
	struct header header;
	size_t cols[3];
	struct setup setup;
	struct side_columns side;

	sample_header(&header);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
		for (size_t k = 0; k < sizeof memories / sizeof *memories; k++) {
			TEST(lengths[i] == 1 ? "batches of one row" : lengths[i] == 0 ? "batches of many lengths" : "batches of one length");
			check(&header, lengths[i], 5, memories[k]);
			check(&header, lengths[i], 97, memories[k]);
		}
	TEST("where rows came from, and what marks are made of, is not at the side");
	set_up(&setup, cols);
	schema_set_role(&header.schema, WHEN, ROLE_ORIGIN);
	setup.marks.maker = &(struct mark_maker){ .make = NULL };
	setup.marks.maker_col = CITY;
	side_columns_init(&side, &header.schema, &setup, 0);
	CHECK(side.n_cols == 2 && side.cols[0] == ID && side.cols[1] == NOTE);
	side_columns_release(&side);
	TEST("nothing is");
	setup.n_cols = 0;
	schema_set_role(&header.schema, ID, ROLE_ORIGIN);
	for (size_t col = 0; col < header.schema.n_fields; col++)
		schema_set_role(&header.schema, col, ROLE_ORIGIN);
	side_columns_init(&side, &header.schema, &setup, 0);
	CHECK(side.n_cols == 0 && side.n_kept == header.schema.n_fields);
	side_columns_release(&side);
	header_release(&header);
	return unit_done();
}
