/* SPDX-License-Identifier: MIT */
#include "ops.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "memory.h"

struct ops *ops_new(size_t n_tallies)
{
	struct ops *ops = mem_new(1, sizeof *ops);

	ops->n_tallies = n_tallies;
	ops->counts = mem_new(n_tallies, sizeof *ops->counts);
	ops->dropped = mem_new(n_tallies, sizeof *ops->dropped);
	return ops;
}

void ops_clear(struct ops *ops)
{
	for (size_t i = 0; i < ops->n; i++) {
		struct op *op = &ops->items[i];

		if (op->kind->close)
			op->kind->close(op->state);
		if (op->after) {
			schema_release(op->after);
			free(op->after);
		}
	}
	ops->n = 0;
}

void ops_free(struct ops *ops)
{
	if (!ops)
		return;
	ops_clear(ops);
	free(ops->items);
	for (size_t i = 0; i < ops->n_tallies; i++) {
		tally_release(&ops->counts[i]);
		tally_release(&ops->dropped[i]);
	}
	free(ops->counts);
	free(ops->dropped);
	free(ops);
}

static struct schema *snapshot(const struct schema *schema)
{
	struct schema *copy = mem_new(1, sizeof *copy);

	schema_copy(copy, schema);
	return copy;
}

/*
 * Units of a step do not read each other's columns: their batch may show the fields before the step until the next one begins,
 * unless columns come or go, or rows. So ten thousand units cost no ten thousand copies of ten thousand fields.
 */
int ops_add(struct ops *ops, const struct unit *unit, struct schema *schema, size_t tally, struct error *err)
{
	struct op op = {.kind = step_find(unit->kind), .unit = unit, .tally = tally};
	struct op *before = ops->n ? &ops->items[ops->n - 1] : NULL;
	size_t n_before = schema->n_fields;

	if (before && before->tally != tally && !before->after)
		before->after = snapshot(schema);
	if (!op.kind)
		return error_set(err, STATUS_REQUIREMENT, "the step '%s' is unknown (made by a newer Millrace: update this one)", unit->kind);
	op.state = op.kind->open(unit, schema, err);
	if (!op.state && err->code != STATUS_DONE)
		return -1;
	if (unit->rows || schema->n_fields != n_before)
		op.after = snapshot(schema);
	array_grow(ops->items, ops->n, ops->room);
	ops->items[ops->n++] = op;
	return 0;
}

/* The rows that a row part lets pass; with `drop` the others go. */
static int judge_rows(struct ops *ops, const struct op *op, struct batch *batch, bool drop, struct rejects *rejects, bool *stop,
                      struct error *err)
{
	size_t n_words = bits_words(batch->n_rows), n_kept;
	uint64_t *keep = batch_bits(batch);
	struct tally ignored = {.items = NULL};
	bool stopped = false;
	int result;

	for (size_t word = 0; word < n_words; word++)
		keep[word] = bits_word(NULL, word, batch->n_rows);
	result = op->kind->judge(op->state, batch, keep, drop ? &ops->dropped[op->tally] : &ignored, rejects,
	                         drop ? &stopped : NULL, err);
	tally_release(&ignored);
	if (result)
		return -1;
	n_kept = bits_count(keep, batch->n_rows);
	if (!drop) {
		tally_add(&ops->counts[op->tally], "rows that would have been dropped", batch->n_rows - n_kept);
		return 0;
	}
	*stop |= stopped;
	return batch_keep(batch, keep, n_kept, err);
}

int ops_run(struct ops *ops, struct batch *batch, bool judge, struct rejects *rejects, bool *stop, struct error *err)
{
	for (size_t i = 0; i < ops->n; i++) {
		const struct op *op = &ops->items[i];

		if (op->kind->apply && op->kind->apply(op->state, batch, &ops->counts[op->tally], err))
			return -1;
		if (op->after) {
			assert(batch->n_columns == op->after->n_fields);
			batch->schema = op->after;
		}
		if (op->unit->rows && op->kind->judge && (judge || op->kind->counts_on_replay)
		    && judge_rows(ops, op, batch, judge, rejects, stop, err))
			return -1;
	}
	return 0;
}
