/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as the state of a unit out of a model: opened or refused, and what opens runs over a batch without
 * reading where it should not. First byte: the kind of step; second: how many columns it reads and writes.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "step.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { N_ROWS = 100 };

static void fill(struct batch *batch, const struct schema *schema)
{
	struct text_builder *builder = text_builder_new();
	struct column text = { .valid = NULL };

	batch_start(batch, schema, N_ROWS);
	double *reals = batch_values(batch, TYPE_REAL);
	int64_t *ints = batch_values(batch, TYPE_INT), *times = batch_values(batch, TYPE_TIME);
	uint8_t *bools = batch_values(batch, TYPE_BOOL);
	uint64_t *valid = batch_bits(batch);
	for (size_t row = 0; row < N_ROWS; row++) {
		valid[row / 64] |= (uint64_t)(row % 7 != 0) << row % 64;
		reals[row] = (double)row * 1e306;
		ints[row] = (int64_t)(row % 5);
		times[row] = (int64_t)row << 40;
		bools[row] = row % 2;
		if (row % 7)
			text_builder_add(builder, "train test 12 minutes" + row % 3, row % 20);
		else
			text_builder_add_missing(builder);
	}
	text_builder_finish(builder, &batch->arena, &text);
	text_builder_free(builder);
	batch_put(batch, 0, &(struct column){ .values = reals, .valid = valid });
	batch_put(batch, 1, &text);
	batch_put(batch, 2, &(struct column){ .values = ints, .valid = valid });
	batch_put(batch, 3, &(struct column){ .values = bools, .valid = valid });
	batch_put(batch, 4, &(struct column){ .values = times, .valid = valid });
}

static void run(const struct step_kind *kind, const struct unit *unit, const struct schema *before)
{
	struct error err = ERROR_INIT;
	struct tally counts = { .items = NULL };
	struct batch batch = BATCH_INIT;
	struct schema after;
	bool stop = false;

	schema_copy(&after, before);
	void *op = kind->open(unit, &after, &err);
	assert((op == NULL) == (err.code != STATUS_DONE));
	if (op) {
		fill(&batch, before);
		int result = kind->apply ? kind->apply(op, &batch, &counts, &err) : 0;
		batch.schema = &after;
		assert(result != 0 || batch.n_columns == after.n_fields);
		for (size_t col = 0; result == 0 && col < batch.n_columns; col++) {
			batch.columns[col].checked = batch.columns[col].has_codes;      /* what a step made holds to the rules of a batch */
			assert(column_read(&batch, col, &err));
		}
		uint64_t *keep = batch_bits(&batch);
		for (size_t row = 0; row < N_ROWS; row++)
			keep[row / 64] |= UINT64_C(1) << row % 64;
		if (result == 0 && kind->judge && kind->judge(op, &batch, keep, &counts, NULL, &stop, &err) != 0)
			assert(err.code != STATUS_DONE);
	}
	if (kind->close)
		kind->close(op);
	batch_free(&batch);
	schema_release(&after);
	tally_release(&counts);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *const names[] = { "x", "city", "n", "flag", "when" };
	const enum type types[] = { TYPE_REAL, TYPE_TEXT, TYPE_INT, TYPE_BOOL, TYPE_TIME };
	struct schema schema = SCHEMA_INIT;
	size_t n;
	const struct step_kind *const *kinds = step_list(&n);

	if (size < 3)
		return 0;
	const struct step_kind *kind = kinds[bytes[0] % n];
	struct unit unit = { .kind = (char *)kind->name, .acts = kind->judge ? ACTS_ON_ROWS : ACTS_ON_COLUMNS };
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
