/* SPDX-License-Identifier: MIT */
#include "side_columns.h"

#include <assert.h>
#include <stdlib.h>

#include "batch_join.h"
#include "marks.h"
#include "memory.h"

size_t handed_rows(const struct marks *marks, const unsigned char *of_row, size_t n_rows, uint64_t *rows)
{
	return marks_pick(of_row, n_rows, marks->split != NO_FIELD ? 1 << MARK_VALID | 1 << MARK_TEST : 1 << MARK_TEST, rows);
}

void side_columns_init(struct side_columns *side, const struct schema *schema, const struct setup *setup, uint64_t memory)
{
	const struct marks *marks = &setup->marks;

	*side = (struct side_columns){ .cols = mem_array(schema->n_fields + 1, sizeof *side->cols),
	                               .kept = mem_array(schema->n_fields + 1, sizeof *side->kept), .batch = BATCH_INIT };
	for (size_t col = 0, next = 0; col < schema->n_fields; col++) {
		bool is_read = next < setup->n_cols && setup->cols[next] == col;

		next += is_read;
		if (is_read || schema->fields[col].role == ROLE_ORIGIN || (marks->maker && marks->maker_col == col))
			side->kept[side->n_kept++] = col;
		else
			side->cols[side->n_cols++] = col;
	}
	schema_copy(&side->kept_schema, schema);
	schema_arrange(&side->kept_schema, side->kept, side->n_kept);
	schema_copy(&side->header.schema, schema);
	schema_arrange(&side->header.schema, side->cols, side->n_cols);
	(void)schema_find(&side->header.schema, "");    /* makes its index, before lanes share it */
	(void)schema_find(&side->kept_schema, "");
	side->spool = spool_new(memory, setup->host);
}

void side_columns_release(struct side_columns *side)
{
	source_close(&side->source);
	batch_free(&side->batch);
	spool_free(side->spool);
	text_builder_free(side->texts);
	schema_release(&side->kept_schema);
	header_release(&side->header);
	free(side->cols);
	free(side->kept);
	*side = (struct side_columns){ .cols = NULL };
}

int side_columns_take(const struct side_columns *side, struct batch *batch, const uint64_t *rows, size_t n_rows, struct batch *part, struct error *err)
{
	batch_view(part, batch, &side->header.schema, side->cols);
	if (n_rows == 0)
		batch_clear(part);
	else if (batch_keep(part, rows, n_rows, err) < 0)
		return -1;
	else
		batch_compact(part);
	return 0;
}

int side_columns_add(struct side_columns *side, struct batch *part, struct error *err)
{
	return part->n_rows == 0 ? 0 : spool_add(side->spool, part, err);
}

int side_columns_close(struct side_columns *side, struct error *err) { return spool_close(side->spool, err); }

void side_columns_open(struct side_columns *side)
{
	spool_drain(side->spool, &side->header, NULL, &side->source);
	side->texts = text_builder_new();
}

/* The next rows of the batch at hand, at most n, or of the next one. */
static int next_part(struct side_columns *side, size_t n, struct batch *part, struct error *err)
{
	size_t left = side->batch.n_rows - side->at;

	if (left == 0) {
		int result = source_next(&side->source, &side->batch, false, err);

		assert(result != 0);            /* as many rows were taken */
		if (result < 0)
			return -1;
		side->at = 0;
		left = side->batch.n_rows;
	}
	if (side->at == 0 && left <= n) {
		batch_move(part, &side->batch);
		return 0;
	}
	n = n < left ? n : left;
	if (batch_slice(part, &side->batch, side->at, n, err) < 0)
		return -1;
	side->at += n;
	return 0;
}

/* The next n rows, as one batch. Spools join short batches, each in its own way. */
static int next_rows(struct side_columns *side, size_t n, struct batch *to, struct error *err)
{
	struct batch parts[2] = { BATCH_INIT, BATCH_INIT }, joined = BATCH_INIT;
	int result = next_part(side, n, to, err);

	while (result == 0 && to->n_rows < n) {
		batch_move(&parts[0], to);
		result = next_part(side, n - parts[0].n_rows, &parts[1], err);
		if (result == 0)
			result = batch_join(&joined, parts, 2, side->texts, err);
		batch_move(to, &joined);
	}
	batch_free(&parts[0]);
	batch_free(&parts[1]);
	batch_free(&joined);
	return result;
}

int side_columns_join(struct side_columns *side, struct batch *batch, const struct schema *schema, struct error *err)
{
	struct batch part = BATCH_INIT;
	int result = next_rows(side, batch->n_rows, &part, err);

	if (result == 0) {
		batch_spread(batch, schema, side->kept);
		for (size_t i = 0; i < side->n_cols; i++) {
			batch->columns[side->cols[i]] = part.columns[i];
			part.columns[i] = (struct column)COLUMN_INIT;
		}
	}
	batch_free(&part);
	return result;
}
