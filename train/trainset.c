/* SPDX-License-Identifier: MIT */
#include "trainset.h"

#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "memory.h"

struct trainset {
	struct source spool;
	struct header header;
	struct marks marks;
	size_t *cols;
	size_t n_cols, target;
	bool add_marks, drop;
	unsigned char *of_row;          /* marks of the batch */
	size_t room;
};

static const struct { const char *bytes; uint32_t offsets[4]; } dictionary = { "trainvalidtest", { 0, 5, 10, 14 } };

/* The marks as a column at the end: codes are marks. */
static void append_marks(const struct trainset *trainset, struct batch *batch)
{
	uint32_t *codes = arena_array(&batch->arena, batch->n_rows, sizeof *codes);
	struct column column = { .offsets = dictionary.offsets, .bytes = dictionary.bytes, .bytes_size = 14, .codes = codes, .has_codes = true, .n_entries = 3 };

	for (size_t row = 0; row < batch->n_rows; row++)
		codes[row] = trainset->of_row[row];
	batch_put_as(batch, batch->n_columns, TYPE_TEXT, &column);
}

static int keep_rows(const struct trainset *trainset, struct batch *batch, struct error *err)
{
	const struct column *target = column_read(batch, trainset->target, err);
	uint64_t *rows;
	size_t n = 0;

	if (!target)
		return -1;
	rows = batch_bits(batch);
	for (size_t row = 0; row < batch->n_rows; row++)
		if (trainset->of_row[row] != MARK_TEST && column_valid(target, row)) {
			rows[row / 64] |= UINT64_C(1) << row % 64;
			n++;
		}
	return n == batch->n_rows ? 0 : batch_keep(batch, rows, n, err);
}

static int trainset_next(void *state, struct batch **result, struct error *err)
{
	struct trainset *trainset = state;
	struct batch *batch;

	if (source_next(&trainset->spool, &batch, err) < 0)
		return -1;
	*result = batch;
	if (!batch)
		return 0;
	if (batch->n_rows > trainset->room) {
		trainset->room = batch->n_rows;
		trainset->of_row = mem_resize(trainset->of_row, trainset->room, 1);
	}
	if (marks_read(&trainset->marks, batch, trainset->of_row, err) < 0)
		return -1;
	batch_arrange(batch, trainset->cols, trainset->n_cols);
	if (trainset->add_marks)
		append_marks(trainset, batch);
	batch->schema = &trainset->header.schema;
	return trainset->drop ? keep_rows(trainset, batch, err) : 0;
}

static const struct end *trainset_end(void *state)
{
	struct trainset *trainset = state;

	return trainset->spool.end(trainset->spool.state);
}

static void trainset_close(void *state)
{
	struct trainset *trainset = state;

	source_close(&trainset->spool);
	header_release(&trainset->header);
	free(trainset->cols);
	free(trainset->of_row);
	free(trainset);
}

int trainset_open(struct source *source, struct spool *spool, const struct header *header, const struct marks *marks, const size_t *cols,
                   size_t n_cols, size_t target, bool drop, struct error *err)
{
	struct trainset *trainset = mem_new(1, sizeof *trainset);
	struct schema *schema = &trainset->header.schema;

	header_copy(&trainset->header, header);
	schema_arrange(schema, cols, n_cols);
	trainset->marks = *marks;
	trainset->cols = mem_array(n_cols, sizeof *cols);
	memcpy(trainset->cols, cols, n_cols * sizeof *cols);
	trainset->n_cols = n_cols;
	trainset->drop = drop;
	for (size_t i = 0; i < n_cols; i++)
		if (cols[i] == target)
			trainset->target = i;
	spool_source(spool, header, NULL, &trainset->spool);
	*source = (struct source){ &trainset->header, trainset_next, trainset_end, trainset_close, trainset };
	trainset->add_marks = marks->split == NO_FIELD && marks->holdout > 0;
	if (!trainset->add_marks)
		return 0;
	if (schema_check_generated(schema, "_split", err) < 0) {
		source_close(source);
		return -1;
	}
	schema_add(schema, "_split", TYPE_TEXT, ROLE_SPLIT);
	return 0;
}
