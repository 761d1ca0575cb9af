/* SPDX-License-Identifier: MIT */
/*
 * `dedupe [COLUMN...]`: of rows that agree in these columns (none named: in all
 * features, targets and ids) the first stays. Nulls agree with nulls.
 *
 * The cells of a row are packed one behind the other, text with its length, and a
 * 128-bit hash (XXH3) of that stands for the row. Among n distinct rows two share a
 * hash with a chance below n * n / 2^129: for a thousand million rows 2e-21, far
 * less than a bit flip in memory. (XXH3 can be fooled by who sets out to; so nobody
 * should dedupe what an enemy wrote.)
 *
 * The table of hashes is filled up to 7/8 and grows by a quarter: 18 to 23 bytes
 * per distinct row. A hash lies near its fraction of the table, so a larger table
 * is filled from the old one front to back.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "columns.h"
#include "memory.h"
#include "step.h"

enum { FIRST_SLOTS = 4096 };

struct dedupe {
	size_t *columns, n_columns;
	XXH128_hash_t *slots;           /* all zero: free */
	size_t n_slots, n_used;
	struct buffer cells;            /* of a batch, row after row */
	size_t *ends, ends_room;        /* where each row's cells end */
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
	free(dedupe->columns);
	free(dedupe->slots);
	free(dedupe->ends);
	buffer_free(&dedupe->cells);
	free(dedupe);
}

static void *dedupe_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct dedupe *dedupe = mem_new(1, sizeof *dedupe);

	(void)limits;
	dedupe->columns = mem_array(unit->reads.n, sizeof *dedupe->columns);
	dedupe->n_slots = FIRST_SLOTS;
	dedupe->slots = mem_new(FIRST_SLOTS, sizeof *dedupe->slots);
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

/* Puts the cell of each row at places[row], which moves behind it. */
static void add_cells(const struct column *column, enum type type, size_t n_rows, unsigned char *cells, size_t *places)
{
	for (size_t row = 0; row < n_rows; row++) {
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

static int pack_rows(struct dedupe *dedupe, struct batch *batch, struct error *err)
{
	size_t n_rows = batch->n_rows, total = 0;

	if (n_rows > dedupe->ends_room)
		dedupe->ends = mem_resize(dedupe->ends, dedupe->ends_room = n_rows, sizeof *dedupe->ends);
	memset(dedupe->ends, 0, n_rows * sizeof *dedupe->ends);
	for (size_t i = 0; i < dedupe->n_columns; i++) {
		const struct column *column = column_read(batch, dedupe->columns[i], err);

		if (!column)
			return -1;
		add_sizes(column, batch->schema->fields[dedupe->columns[i]].type, n_rows, dedupe->ends);
	}
	for (size_t row = 0; row < n_rows; row++) {     /* sizes to first bytes */
		size_t size = dedupe->ends[row];

		dedupe->ends[row] = total;
		total += size;
	}
	buffer_clear(&dedupe->cells);
	buffer_reserve(&dedupe->cells, total);
	for (size_t i = 0; i < dedupe->n_columns; i++) {
		size_t col = dedupe->columns[i];

		add_cells(&batch->columns[col], batch->schema->fields[col].type, n_rows, dedupe->cells.data, dedupe->ends);
	}
	return 0;
}

/* ---- the table ---- */

static bool is_free(XXH128_hash_t hash) { return (hash.low64 | hash.high64) == 0; }

static size_t slot_of(const struct dedupe *dedupe, XXH128_hash_t hash)
{
	size_t at = (size_t)((hash.high64 >> 32) * dedupe->n_slots >> 32);      /* its fraction of the table: up to 2^32 slots */

	while (!is_free(dedupe->slots[at]) && !XXH128_isEqual(dedupe->slots[at], hash))
		if (++at == dedupe->n_slots)
			at = 0;
	return at;
}

static void grow(struct dedupe *dedupe)
{
	XXH128_hash_t *old = dedupe->slots;
	size_t n = dedupe->n_slots;

	dedupe->n_slots += n / 4;
	dedupe->slots = mem_new(dedupe->n_slots, sizeof *dedupe->slots);
	for (size_t i = 0; i < n; i++)
		if (!is_free(old[i]))
			dedupe->slots[slot_of(dedupe, old[i])] = old[i];
	free(old);
}

/* Whether the hash is new. */
static bool add_hash(struct dedupe *dedupe, XXH128_hash_t hash)
{
	size_t at;

	hash.low64 += is_free(hash);
	at = slot_of(dedupe, hash);
	if (!is_free(dedupe->slots[at]))
		return false;
	dedupe->slots[at] = hash;
	if (++dedupe->n_used > dedupe->n_slots / 8 * 7)
		grow(dedupe);
	return true;
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

	if (pack_rows(dedupe, batch, err) < 0)
		return -1;
	for (size_t row = 0; row < batch->n_rows; row++) {
		size_t first = row ? dedupe->ends[row - 1] : 0;

		if (!(keep[row / 64] >> row % 64 & 1))
			continue;
		if (add_hash(dedupe, XXH3_128bits(dedupe->cells.data + first, dedupe->ends[row] - first)))
			continue;
		keep[row / 64] &= ~(UINT64_C(1) << row % 64);
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
	.bind = dedupe_bind,
	.open = dedupe_open,
	.judge = dedupe_judge,
	.close = dedupe_close,
	.ordered = dedupe_ordered,
};
