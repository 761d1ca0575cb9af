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
	ops->current = true;
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
	ops->shown = NULL;
	ops->current = true;
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

/* The type that each written field has before the unit; NO_FIELD: it is new. */
static int *types_before(const struct unit *unit, const struct schema *schema)
{
	int *types = mem_array(unit->writes.n, sizeof *types);

	for (size_t w = 0; w < unit->writes.n; w++) {
		int col = schema_find(schema, unit->writes.items[w]);

		types[w] = col == NO_FIELD ? NO_FIELD : (int)schema->fields[col].type;
	}
	return types;
}

/* Whether the fields before the unit kept their places, names and types, and all that it may have done is to add others behind. */
static bool only_added(const struct unit *unit, const int *types, const struct schema *schema, size_t n_before)
{
	size_t n_new = 0;

	for (size_t w = 0; w < unit->writes.n; w++) {
		int col = schema_find(schema, unit->writes.items[w]);

		if (col == NO_FIELD || ((size_t)col < n_before ? types[w] != (int)schema->fields[col].type : types[w] != NO_FIELD))
			return false;
		n_new += types[w] == NO_FIELD;
	}
	return unit->writes.n && schema->n_fields == n_before + n_new;
}

static void show(struct ops *ops, struct op *op, const struct schema *schema)
{
	op->after = snapshot(schema);
	ops->shown = op->after;
	ops->current = true;
	ops->exact = false;
}

/*
 * Ten thousand units must not cost ten thousand copies of ten thousand fields. So a batch may show fields that only later ops
 * will add: a run of units that add fields has one copy, which grows. And units of one step do not read each other's columns:
 * where they change types in place, the batch shows the fields before the step until the next one begins. Row parts see their
 * fields exactly, as they may write rows down.
 */
int ops_add(struct ops *ops, const struct unit *unit, struct schema *schema, size_t tally, struct error *err)
{
	struct op op = {.kind = step_find(unit->kind), .unit = unit, .tally = tally};
	struct op *before = ops->n ? &ops->items[ops->n - 1] : NULL;
	size_t n_before = schema->n_fields;
	bool added;
	int *types;

	if (before && before->tally != tally && !ops->current)
		show(ops, before, schema);
	if (!op.kind)
		return error_set(err, STATUS_REQUIREMENT, "the step '%s' is unknown (made by a newer Millrace: update this one)", unit->kind);
	types = types_before(unit, schema);
	op.state = op.kind->open(unit, schema, err);
	if (!op.state && err->code != STATUS_DONE) {
		free(types);
		return -1;
	}
	added = only_added(unit, types, schema, n_before);
	free(types);
	if (unit->acts == ACTS_ON_ROWS) {
		show(ops, &op, schema);
		ops->exact = true;
	} else if (added && ops->shown && ops->current && !ops->exact) {
		for (size_t col = n_before; col < schema->n_fields; col++)
			schema_add_field(ops->shown, &schema->fields[col]);
	} else if (schema->n_fields != n_before) {
		show(ops, &op, schema);
	} else {
		ops->current = ops->current && added;
	}
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
		tally_add(&ops->counts[op->tally], "rows that would have been dropped", NULL, batch->n_rows - n_kept);
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
			assert(batch->n_columns <= op->after->n_fields);
			batch->schema = op->after;
		}
		if (op->unit->acts == ACTS_ON_ROWS && op->kind->judge && (judge || op->kind->counts_on_replay)
		    && judge_rows(ops, op, batch, judge, rejects, stop, err))
			return -1;
	}
	return 0;
}
