/* SPDX-License-Identifier: MIT */
/* What training sees of kept rows: the marks it gets, whether they stand in a column or are made. */
#include "memory.h"
#include "trainset.h"
#include "unit.h"

#include "sample.h"

enum { ROWS = 3000 };

/* Rows of one number, its own target, and of a column of marks if there is to be one: every fifth is test. */
static struct spool *make_spool(struct header *header, bool words)
{
	struct spool *spool = spool_new(1 << 20, NULL);
	struct batch batch = BATCH_INIT;
	struct column column = COLUMN_INIT;
	struct error err = ERROR_INIT;
	unsigned char of_row[ROWS];
	double *values;

	*header = (struct header){ .schema = SCHEMA_INIT };
	schema_add(&header->schema, "y", TYPE_REAL, ROLE_TARGET);
	if (words)
		schema_add(&header->schema, "part", TYPE_TEXT, ROLE_SPLIT);
	batch_start(&batch, NULL, &header->schema, ROWS);
	values = column_new_values(&column, batch.pool, TYPE_REAL, ROWS);
	for (size_t row = 0; row < ROWS; row++) {
		values[row] = (double)row;
		of_row[row] = row % 5 == 0 ? MARK_TEST : MARK_TRAIN;
	}
	batch_put(&batch, 0, TYPE_REAL, &column);
	if (words)
		marks_put(&batch, 1, of_row);
	CHECK(spool_add(spool, &batch, &err) == 0 && spool_close(spool, &err) == 0);
	batch_free(&batch);
	return spool;
}

/* How many rows have each mark, and whether the column that says so is `name`. drop: of those that are not left out. */
static void count(const struct marks *marks, bool drop, const char *name, size_t counts[N_MARKS])
{
	static const size_t cols[] = { 0, 1 };
	struct header header;
	struct spool *spool = make_spool(&header, marks->split != NO_FIELD);
	struct source source;
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;
	unsigned char of_row[ROWS];
	const struct marks words = { .split = 1 };

	for (int i = 0; i < N_MARKS; i++)
		counts[i] = 0;
	CHECK(trainset_open(&source, spool, &header, marks, cols, marks->split == NO_FIELD ? 1 : 2, 0, drop, &err) == 0);
	CHECK(source.header->schema.n_fields == (name ? 2 : 1));
	if (name)
		CHECK(strcmp(source.header->schema.fields[1].name, name) == 0 && source.header->schema.fields[1].role == ROLE_SPLIT);
	while (name && source_next(&source, &batch, false, &err) == 1) {
		CHECK(batch.n_rows <= ROWS && marks_read(&words, &batch, of_row, &err) == 0);
		for (size_t row = 0; row < batch.n_rows; row++)
			counts[of_row[row]]++;
	}
	source_close(&source);
	batch_free(&batch);
	spool_free(spool);
	header_release(&header);
}

int main(void)
{
	struct marks marks = { .split = NO_FIELD, .seed = 1 };
	size_t counts[N_MARKS];

	TEST("marks that are made: none, test rows, valid rows only");
	count(&marks, true, NULL, counts);
	marks.test = 0.2;
	count(&marks, false, "_split", counts);
	CHECK(counts[MARK_TEST] > 500 && counts[MARK_TEST] < 700 && counts[MARK_VALID] == 0 && counts[MARK_TRAIN] + counts[MARK_TEST] == ROWS);
	count(&marks, true, "_split", counts);
	CHECK(counts[MARK_TEST] == 0 && counts[MARK_TRAIN] > 2300 && counts[MARK_TRAIN] < 2500);
	marks.test = 0;
	marks.valid = 0.2;
	count(&marks, true, "_split", counts);
	CHECK(counts[MARK_TEST] == 0 && counts[MARK_VALID] > 500 && counts[MARK_VALID] < 700 && counts[MARK_TRAIN] + counts[MARK_VALID] == ROWS);

	TEST("a column of marks, and a fold of its train rows");
	marks.valid = 0;
	marks.split = 1;
	count(&marks, true, "part", counts);
	CHECK(counts[MARK_TEST] == 0 && counts[MARK_VALID] == 0 && counts[MARK_TRAIN] == ROWS / 5 * 4);
	marks.n_folds = 3;
	marks.fold = 2;
	marks.of_fold = MARK_VALID;
	count(&marks, true, "part", counts);
	CHECK(counts[MARK_TEST] == 0 && counts[MARK_VALID] > 720 && counts[MARK_VALID] < 880 && counts[MARK_TRAIN] + counts[MARK_VALID] == ROWS / 5 * 4);
	return unit_done();
}
