/* SPDX-License-Identifier: MIT */
#include "trainset.h"

#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "cell.h"
#include "columns.h"
#include "memory.h"

struct trainset {
	struct source spool;            /* first: source_inner_end */
	struct header header;
	struct marks marks;
	size_t *cols;
	size_t n_cols, split;           /* split: where marks are put */
	int target;                     /* or NO_FIELD */
	bool put_marks, drop;
	unsigned char *of_row;          /* marks of the batch */
	uint64_t *kept;                 /* bit map: rows of it that stay */
	size_t room;
	uint64_t n_rows;                /* given out */
};

static int keep_rows(const struct trainset *trainset, struct batch *batch, struct error *err)
{
	const struct column *target = NULL;
	uint64_t *kept = trainset->kept;
	size_t n;

	if (trainset->target != NO_FIELD && !(target = column_read(batch, (size_t)trainset->target, err)))
		return -1;
	n = marks_pick(trainset->of_row, batch->n_rows, 1 << MARK_TRAIN | 1 << MARK_VALID, kept);
	for (size_t row = 0; target && target->n_missing > 0 && row < batch->n_rows; row++)
		if (!column_valid(target, row) && bit_is_set(kept, row)) {
			bit_clear(kept, row);
			n--;
		}
	return batch_keep(batch, kept, n, err);
}

/* The spool's batch as training sees it. Chance goes by the row's number in the input. */
static int arrange(struct trainset *trainset, struct batch *batch, struct error *err)
{
	if (batch->n_rows > trainset->room) {
		trainset->room = batch->n_rows;
		trainset->of_row = mem_resize(trainset->of_row, trainset->room, 1);
		trainset->kept = mem_resize(trainset->kept, bits_words(trainset->room), sizeof *trainset->kept);
	}
	if (marks_read(&trainset->marks, batch, trainset->of_row, err) < 0)
		return -1;
	batch_arrange(batch, trainset->cols, trainset->n_cols);
	if (trainset->put_marks)
		marks_put(batch, trainset->split, trainset->of_row);
	batch->schema = &trainset->header.schema;
	return trainset->drop ? keep_rows(trainset, batch, err) : 0;
}

static int trainset_next(void *state, struct batch *to, bool now, struct error *err)
{
	struct trainset *trainset = state;
	int result;

	do {
		result = source_next(&trainset->spool, to, now, err);
		if (result == 1 && arrange(trainset, to, err) < 0)
			return -1;
	} while (result == 1 && to->n_rows == 0);
	if (result == 1) {
		to->first_row = trainset->n_rows;
		trainset->n_rows += to->n_rows;
	}
	return result;
}

static void trainset_close(void *state)
{
	struct trainset *trainset = state;

	source_close(&trainset->spool);
	header_release(&trainset->header);
	free(trainset->cols);
	free(trainset->of_row);
	free(trainset->kept);
	free(trainset);
}

int trainset_open(struct source *source, struct spool *spool, const struct header *header, const struct marks *marks, const size_t *cols,
                   size_t n_cols, int target, bool drop, struct error *err)
{
	struct trainset *trainset = mem_new(1, sizeof *trainset);
	struct schema *schema = &trainset->header.schema;

	header_copy(&trainset->header, header);
	schema_arrange(schema, cols, n_cols);
	trainset->marks = *marks;
	trainset->cols = mem_array(n_cols, sizeof *cols);
	memcpy(trainset->cols, cols, n_cols * sizeof *cols);
	trainset->n_cols = n_cols;
	trainset->split = n_cols;
	trainset->target = NO_FIELD;
	trainset->drop = drop;
	trainset->put_marks = marks_are_made(marks);
	for (size_t i = 0; i < n_cols; i++) {
		if ((int)cols[i] == target)
			trainset->target = (int)i;
		if ((int)cols[i] == marks->split)
			trainset->split = i;
	}
	spool_source(spool, header, NULL, &trainset->spool);
	*source = (struct source){ .header = &trainset->header, .next = trainset_next, .end = source_inner_end, .close = trainset_close,
	                           .state = trainset };
	if (!trainset->put_marks || trainset->split < n_cols)
		return 0;
	if (schema_check_generated(schema, "_split", err) < 0) {
		source_close(source);
		return -1;
	}
	schema_add(schema, "_split", TYPE_TEXT, ROLE_SPLIT);
	return 0;
}

/* The rows are counted again, as keep_rows keeps them. */
int trainset_place(struct spool *spool, const struct header *header, const struct marks *marks, int target, bool drop, uint64_t row,
                   struct buffer *to, struct error *err)
{
	struct source source;
	struct batch batch = BATCH_INIT;
	unsigned char *of_row = NULL;
	int result;

	spool_source(spool, header, NULL, &source);
	while ((result = source_next(&source, &batch, false, err)) == 1) {
		const struct column *column = target == NO_FIELD ? NULL : column_read(&batch, (size_t)target, err);

		of_row = mem_resize(of_row, batch.n_rows + 1, 1);
		if ((!column && target != NO_FIELD) || marks_read(marks, &batch, of_row, err) < 0) {
			result = -1;
			break;
		}
		for (size_t i = 0; i < batch.n_rows && to->size == 0; i++)
			if ((!drop || ((of_row[i] == MARK_TRAIN || of_row[i] == MARK_VALID) && (!column || column_valid(column, i)))) && row-- == 0)
				cell_place(&batch, i, batch.first_row + i, to);
		if (to->size)
			break;
	}
	free(of_row);
	batch_free(&batch);
	source_close(&source);
	return result < 0 ? -1 : 0;
}
