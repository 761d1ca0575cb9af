/* SPDX-License-Identifier: MIT */
#include "slices.h"

#include <stdlib.h>

#include "memory.h"

enum { LONG_BYTES = 4 << 20, SLICE_BYTES = 1 << 20, COLUMN_BYTES = 1024 };      /* COLUMN_BYTES: less is lost among what stands for a column in a batch */

struct slicing {
	struct source in;               /* first: source_inner_end */
	const struct host *host;
	uint64_t memory;
	bool said;
	struct row_width width;         /* that steps bring rows to; 0: they stay as they are */
	struct batch batch;             /* being cut; empty: none is */
	size_t at;                      /* its first row that is left */
};

/* Bytes of a value in each row, texts apart. */
static size_t row_bytes(const struct batch *batch)
{
	size_t size = 0;

	for (size_t col = 0; col < batch->n_columns; col++)
		size += batch->schema->fields[col].type == TYPE_TEXT ? sizeof(uint32_t) : type_width(batch->schema->fields[col].type);
	return size;
}

/* Bytes of the row's texts; those that stand in a dictionary which many rows share count nothing. */
static size_t text_bytes(const struct batch *batch, size_t row)
{
	size_t sum = 0, size;

	for (size_t col = 0; col < batch->n_columns; col++) {
		const struct column *column = &batch->columns[col];

		if (batch->schema->fields[col].type != TYPE_TEXT || (column->codes && column->n_entries < batch->n_rows / 4))
			continue;
		(void)column_text(column, row, &size);
		sum += size;
	}
	return sum;
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

size_t slice_bytes(size_t n_fields) { return larger(n_fields * COLUMN_BYTES, LONG_BYTES); }

/* Bytes of a slice, but for a row that has more. */
static size_t most_bytes(const struct slicing *slicing, const struct batch *batch)
{
	return larger(larger(batch->n_columns, slicing->width.n_fields) * COLUMN_BYTES, SLICE_BYTES);
}

/* Rows of the next slice: as many as stay within its bytes, at least one. */
static size_t slice_rows(const struct slicing *slicing)
{
	const struct batch *batch = &slicing->batch;
	size_t most = most_bytes(slicing, batch);
	size_t each = larger(row_bytes(batch), slicing->width.bytes), size = each + text_bytes(batch, slicing->at), n = 1;

	while (slicing->at + n < batch->n_rows && size + each + text_bytes(batch, slicing->at + n) <= most)
		size += each + text_bytes(batch, slicing->at + n++);
	return n;
}

static int take_slice(struct slicing *slicing, struct batch *to, struct error *err)
{
	size_t n = slice_rows(slicing);

	if (batch_slice(to, &slicing->batch, slicing->at, n, err) < 0)
		return -1;
	batch_compact(to);              /* a slice that waits must not hold the whole batch */
	slicing->at += n;
	if (slicing->at == slicing->batch.n_rows)
		batch_clear(&slicing->batch);
	return 1;
}

/* Texts are read before they are measured. */
static int start(struct slicing *slicing, struct batch *batch, struct error *err)
{
	batch_move(&slicing->batch, batch);
	slicing->at = 0;
	for (size_t col = 0; col < slicing->batch.n_columns; col++) {
		const struct field *field = &slicing->batch.schema->fields[col];

		if (field->type == TYPE_TEXT && !column_read(&slicing->batch, col, err))
			return error_prefix(err, "column '%s'", field->name);
	}
	return 0;
}

static int next(void *state, struct batch *to, bool now, struct error *err)
{
	struct slicing *slicing = state;
	size_t size;
	int result;

	if (slicing->batch.n_rows > 0)
		return take_slice(slicing, to, err);
	result = source_next(&slicing->in, to, now, err);
	if (result != 1)
		return result;
	size = batch_bytes(to);
	if (larger(size, to->n_rows * slicing->width.bytes) <= LONG_BYTES)
		return result;
	if (size > slicing->memory && !slicing->said)
		host_note(slicing->host, "--memory: the input has batches of %zu MiB, and one is held whole besides", (size + (1 << 20) - 1) >> 20);
	slicing->said |= size > slicing->memory;
	return start(slicing, to, err) < 0 ? -1 : take_slice(slicing, to, err);
}

static void close_slicing(void *state)
{
	struct slicing *slicing = state;

	batch_free(&slicing->batch);
	source_close(&slicing->in);
	free(slicing);
}

static void slice(struct source *source, const struct slicing *how)
{
	struct slicing *slicing = mem_new(1, sizeof *slicing);

	*slicing = *how;
	slicing->in = *source;
	*source = (struct source){ .header = slicing->in.header, .next = next, .end = source_inner_end, .close = close_slicing, .cancel = source_inner_cancel,
	                           .state = slicing };
}

void source_slice(struct source *source, uint64_t memory, const struct host *host)
{
	slice(source, &(struct slicing){ .memory = memory, .host = host });
}

void source_slice_wide(struct source *source, const struct row_width *width)
{
	slice(source, &(struct slicing){ .memory = UINT64_MAX, .width = *width });
}
