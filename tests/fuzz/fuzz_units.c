/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as the state of a unit out of a model: opened or refused, and what opens runs over a batch without
 * reading where it should not. First byte: the kind of step; second: how many columns it reads and writes.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "step.h"
#include "text_builder.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { N_ROWS = 100 };

static void put_texts(struct batch *batch, size_t col)
{
	struct text_builder *builder = text_builder_new();
	struct column fresh = COLUMN_INIT;

	for (size_t row = 0; row < N_ROWS; row++)
		if (row % 7)
			text_builder_add(builder, "train test 12 minutes" + row % 3, row % 20);
		else
			text_builder_add_missing(builder);
	text_builder_finish(builder, batch->pool, &fresh);
	text_builder_free(builder);
	batch_put(batch, col, TYPE_TEXT, &fresh);
}

static void put_numbers(struct batch *batch, size_t col)
{
	enum type type = batch->schema->fields[col].type;
	struct column fresh = COLUMN_INIT;
	void *values = column_new_values(&fresh, batch->pool, type, N_ROWS);
	uint64_t *valid = column_new_valid(&fresh, batch->pool, N_ROWS, false);

	for (size_t row = 0; row < N_ROWS; row++) {
		valid[row / 64] |= (uint64_t)(row % 7 != 0) << row % 64;
		if (type == TYPE_REAL)
			((double *)values)[row] = (double)row * 1e306;
		else if (type == TYPE_BOOL)
			((uint8_t *)values)[row] = row % 2;
		else
			((int64_t *)values)[row] = type == TYPE_TIME ? (int64_t)row << 40 : (int64_t)(row % 5);
	}
	batch_put(batch, col, type, &fresh);
}

static void fill(struct batch *batch, const struct schema *schema)
{
	struct pool *pool = pool_new();

	batch_start(batch, pool, schema, N_ROWS);
	pool_drop(pool);
	for (size_t col = 0; col < schema->n_fields; col++)
		if (schema->fields[col].type == TYPE_TEXT)
			put_texts(batch, col);
		else
			put_numbers(batch, col);
}

/* Columns as a step left them hold to the rules of a batch: they are read as if they came from the wire. */
static void check_columns(struct batch *batch)
{
	struct error err = ERROR_INIT;

	for (size_t col = 0; col < batch->n_columns; col++) {
		struct column *column = &batch->columns[col];

		column->checked = column->has_codes;
		if (column->encoding != ENCODED_PLAIN)
			column->values = NULL;
		assert(column_read(batch, col, &err));
	}
}

static void apply(const struct step_kind *kind, void *op, struct batch *batch, const struct schema *after)
{
	struct error err = ERROR_INIT;
	struct tally counts = { .items = NULL };
	struct work work = { .scratch = ARENA_INIT, .counts = &counts, .dropped = &counts };
	uint64_t keep[(N_ROWS + 63) / 64] = { 0 };
	int result = kind->apply ? kind->apply(op, batch, &work, &err) : 0;

	assert((result < 0) == (err.code != STATUS_DONE));
	batch->schema = after;
	arena_clear(&work.scratch);
	if (result == 0) {
		assert(batch->n_columns == after->n_fields);
		check_columns(batch);
		for (size_t row = 0; row < N_ROWS; row++)
			keep[row / 64] |= UINT64_C(1) << row % 64;
		if (kind->judge && kind->judge(op, batch, keep, &work, &err) < 0)
			assert(err.code != STATUS_DONE);
	}
	arena_free(&work.scratch);
	tally_release(&counts);
}

static void run(const struct step_kind *kind, const struct unit *unit, const struct schema *before)
{
	struct step_limits limits = { .memory = 1 << 20 };
	struct error err = ERROR_INIT;
	struct batch batch = BATCH_INIT;
	struct schema after;
	void *op = kind->open ? kind->open(unit, before, &limits, &err) : NULL;

	assert(!op || err.code == STATUS_DONE);
	schema_copy(&after, before);
	if (err.code == STATUS_DONE && kind->fields && kind->fields(unit, &after, &err) < 0)
		assert(err.code != STATUS_DONE);
	if (op && err.code == STATUS_DONE) {
		fill(&batch, before);
		apply(kind, op, &batch, &after);
	}
	if (kind->close)
		kind->close(op);
	batch_free(&batch);
	schema_release(&after);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *const names[] = { "x", "city", "n", "flag", "when" };
	const enum type types[] = { TYPE_REAL, TYPE_TEXT, TYPE_INT, TYPE_BOOL, TYPE_TIME };
	struct schema schema = SCHEMA_INIT;
	size_t n;
	const struct step_kind *const *kinds = step_list(&n);
	const struct step_kind *kind;
	struct unit unit;

	if (size < 3)
		return 0;
	kind = kinds[bytes[0] % n];
	unit = (struct unit) { .kind = (char *)kind->name, .acts = kind->judge ? ACTS_ON_ROWS : ACTS_ON_COLUMNS };
	for (size_t i = 0; i < 5; i++)
		schema_add(&schema, names[i], types[i], ROLE_FEATURE);
	for (size_t i = 0, first = bytes[1] / 32; i < bytes[1] % 4; i++)
		names_add(&unit.reads, names[(first + i) % 5]);
	for (size_t i = 0, first = bytes[1] / 32; i < bytes[1] / 4 % 8; i++)
		names_add(&unit.writes, i == 0 && bytes[1] % 4 ? names[first % 5] : (const char *[]){ "a", "b", "c", "d", "e", "f", "g" }[i]);
	unit.state = bytes_new(bytes + 2, size - 2);
	run(kind, &unit, &schema);
	names_release(&unit.reads);
	names_release(&unit.writes);
	bytes_drop(unit.state);
	schema_release(&schema);
	return 0;
}
