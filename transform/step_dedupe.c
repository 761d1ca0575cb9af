/* SPDX-License-Identifier: MIT */
/*
 * `dedupe [COLUMN...]`: of rows that agree in these columns (none named: in all
 * features, targets and ids) the first stays. Nulls agree with nulls.
 *
 * The cells of a row are packed one behind the other, text with its length, and a
 * 128-bit hash (XXH3) of that stands for the row. Among n distinct rows two share a
 * hash with a chance below n * n / 2^129: for a thousand million rows 2e-21, far
 * less than a bit flip in memory. (XXH3 can be fooled by who sets out to; so nobody
 * should dedupe what an enemy wrote.) The hashes lie in a hash_store, within --memory:
 * a row leaves at once, however many came before it.
 */
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "bits.h"
#include "hash_store.h"
#include "memory.h"
#include "step.h"

enum { STRETCH_BYTES = 4 * 1024 * 1024 };       /* rows are packed that many bytes at a time: what dictionaries hold once comes out in each row */

struct dedupe {
	size_t *columns, n_columns;
	struct hash_store *seen;
	struct buffer cells;            /* of a stretch of rows, row after row */
	size_t *ends;                   /* of each row of a batch: the size of its cells, then where they end in its stretch */
	XXH128_hash_t *hashes;          /* of the rows to judge, with their fresh */
	bool *fresh;
	size_t room;                    /* of these three */
};

static int dedupe_bind(struct binding *binding, struct error *err)
{
	struct names names = { .items = NULL };
	const struct schema *schema = binding->schema;
	int result = BIND_DONE;

	if (binding->arguments->n_words > 1) {
		result = bind_columns(binding, NULL, NULL, &names, err);
	} else if (binding->open) {     /* all features: also those to come */
		result = BIND_WAIT;
	} else {
		for (size_t col = 0; col < schema->n_fields; col++)
			if (schema->fields[col].role == ROLE_FEATURE || schema->fields[col].role == ROLE_TARGET ||
			    schema->fields[col].role == ROLE_ID)
				names_add(&names, schema->fields[col].name);
		if (names.n == 0)
			result = arguments_fail(binding->arguments, 0, err, "no feature, target or id to compare: name the columns");
	}
	if (result == BIND_DONE) {
		struct unit *unit = entry_add(binding->entry, "dedupe");

		unit->acts = ACTS_ON_ROWS;
		names_copy(&unit->reads, &names);
	}
	names_release(&names);
	return result;
}

static void dedupe_close(void *op)
{
	struct dedupe *dedupe = op;

	if (!dedupe)
		return;
	hash_store_free(dedupe->seen);
	free(dedupe->columns);
	free(dedupe->ends);
	free(dedupe->hashes);
	free(dedupe->fresh);
	buffer_free(&dedupe->cells);
	free(dedupe);
}

static void *dedupe_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct dedupe *dedupe = mem_new(1, sizeof *dedupe);

	dedupe->columns = mem_array(unit->reads.n, sizeof *dedupe->columns);
	dedupe->seen = hash_store_new(limits->memory, limits->host);
	for (; dedupe->n_columns < unit->reads.n; dedupe->n_columns++) {
		int col = schema_require(before, unit->reads.items[dedupe->n_columns], err);

		if (col == NO_FIELD) {
			dedupe_close(dedupe);
			return NULL;
		}
		dedupe->columns[dedupe->n_columns] = (size_t)col;
	}
	return dedupe;
}

/* ---- rows as bytes ---- */

/* A cell is a byte that says present, then its value: 8 bytes, 1, or a length of 4 and the text. */
static void add_sizes(const struct column *column, enum type type, size_t n_rows, size_t *sizes)
{
	size_t size;

	for (size_t row = 0; row < n_rows; row++) {
		if (!column_valid(column, row))
			sizes[row] += 1;
		else if (type != TYPE_TEXT)
			sizes[row] += type == TYPE_BOOL ? 2 : 9;
		else
			column_text(column, row, &size), sizes[row] += 5 + size;
	}
}

/* Puts the cell of each row from `first` to `end` at places[row], which moves behind it. */
static void add_cells(const struct column *column, enum type type, size_t first, size_t end, unsigned char *cells, size_t *places)
{
	for (size_t row = first; row < end; row++) {
		unsigned char *to = cells + places[row];

		*to++ = column_valid(column, row);
		if (!column_valid(column, row)) {
			places[row] += 1;
		} else if (type == TYPE_TEXT) {
			size_t size;
			const char *text = column_text(column, row, &size);
			uint32_t length = (uint32_t)size;

			memcpy(to, &length, sizeof length);
			if (size)
				memcpy(to + sizeof length, text, size);
			places[row] += 5 + size;
		} else if (type == TYPE_BOOL) {
			*to = column_bool(column, row);
			places[row] += 2;
		} else if (type == TYPE_REAL) {
			double real = column_real(column, row) + 0.0;   /* -0.0 is 0.0 */

			memcpy(to, &real, sizeof real);
			places[row] += 9;
		} else {
			memcpy(to, (const int64_t *)column->values + row, sizeof(int64_t));
			places[row] += 9;
		}
	}
}

static int measure_rows(struct dedupe *dedupe, struct batch *batch, struct error *err)
{
	size_t n_rows = batch->n_rows;

	if (n_rows > dedupe->room) {
		dedupe->room = n_rows;
		dedupe->ends = mem_resize(dedupe->ends, n_rows, sizeof *dedupe->ends);
		dedupe->hashes = mem_resize(dedupe->hashes, n_rows, sizeof *dedupe->hashes);
		dedupe->fresh = mem_resize(dedupe->fresh, n_rows, sizeof *dedupe->fresh);
	}
	memset(dedupe->ends, 0, n_rows * sizeof *dedupe->ends);
	for (size_t i = 0; i < dedupe->n_columns; i++) {
		const struct column *column = column_read(batch, dedupe->columns[i], err);

		if (!column)
			return -1;
		add_sizes(column, batch->schema->fields[dedupe->columns[i]].type, n_rows, dedupe->ends);
	}
	return 0;
}

/* Packs rows from `first` on, one or more; the row behind them. */
static size_t pack_stretch(struct dedupe *dedupe, const struct batch *batch, size_t first)
{
	size_t end = first, total = 0;

	while (end < batch->n_rows && (end == first || total + dedupe->ends[end] <= STRETCH_BYTES)) {
		size_t size = dedupe->ends[end];

		dedupe->ends[end++] = total;    /* add_cells moves it */
		total += size;
	}
	buffer_clear(&dedupe->cells);
	buffer_reserve(&dedupe->cells, total);
	for (size_t i = 0; i < dedupe->n_columns; i++) {
		size_t col = dedupe->columns[i];

		add_cells(&batch->columns[col], batch->schema->fields[col].type, first, end, dedupe->cells.data, dedupe->ends);
	}
	return end;
}

/* The hashes of the rows that are still there, in order: so many. */
static size_t hash_rows(struct dedupe *dedupe, const struct batch *batch, const uint64_t *keep)
{
	size_t n = 0;

	for (size_t first = 0, end; first < batch->n_rows; first = end) {
		size_t at = 0;

		end = pack_stretch(dedupe, batch, first);
		for (size_t row = first; row < end; at = dedupe->ends[row++])
			if (bit_is_set(keep, row))
				dedupe->hashes[n++] = XXH3_128bits(dedupe->cells.data + at, dedupe->ends[row] - at);
	}
	return n;
}

/* The first of equal rows is the first of the stream. */
static bool dedupe_ordered(const struct unit *unit)
{
	(void)unit;
	return true;
}

static int dedupe_judge(void *op, struct batch *batch, uint64_t *keep, struct work *work, struct error *err)
{
	struct dedupe *dedupe = op;
	uint64_t n_dropped = 0;
	size_t n, at = 0;

	if (measure_rows(dedupe, batch, err) < 0)
		return -1;
	n = hash_rows(dedupe, batch, keep);
	if (hash_store_add(dedupe->seen, dedupe->hashes, n, dedupe->fresh, err) < 0)
		return -1;
	for (size_t row = 0; row < batch->n_rows; row++) {
		if (!bit_is_set(keep, row) || dedupe->fresh[at++])
			continue;
		bit_clear(keep, row);
		n_dropped++;
	}
	tally_add(work->dropped, "duplicate", NULL, n_dropped);
	return 0;
}

const struct step_kind step_dedupe = {
	.name = "dedupe",
	.usage = "dedupe [COLUMN...]",
	.summary = "keep the first of rows that agree in these columns, or in all features, targets and ids",
	.example = "dedupe order_id",
	.also = "distinct|unique|drop_duplicates",
	.bind = dedupe_bind,
	.open = dedupe_open,
	.judge = dedupe_judge,
	.close = dedupe_close,
	.ordered = dedupe_ordered,
	.remembers = true,
};
