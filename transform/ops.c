/* SPDX-License-Identifier: MIT */
#include "ops.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "memory.h"

/* ---- tallies ---- */

void tallies_init(struct tallies *tallies, size_t n_steps)
{
	*tallies = (struct tallies){ .counts = mem_new(n_steps, sizeof *tallies->counts), .dropped = mem_new(n_steps, sizeof *tallies->dropped),
	                             .n = n_steps };
}

void tallies_take(struct tallies *to, struct tallies *from)
{
	for (size_t i = 0; i < from->n; i++) {
		if (from->counts[i].n > 0)
			tally_merge(&to->counts[i], &from->counts[i]);
		if (from->dropped[i].n > 0)
			tally_merge(&to->dropped[i], &from->dropped[i]);
	}
	unseen_merge(&to->unseen, &from->unseen);
	tallies_clear(from);
}

void tallies_clear(struct tallies *tallies)
{
	for (size_t i = 0; i < tallies->n; i++) {
		tally_release(&tallies->counts[i]);
		tally_release(&tallies->dropped[i]);
	}
	unseen_release(&tallies->unseen);
}

void tallies_release(struct tallies *tallies)
{
	tallies_clear(tallies);
	free(tallies->counts);
	free(tallies->dropped);
	*tallies = (struct tallies){ .counts = NULL };
}

/* ---- opening ---- */

struct ops *ops_new(bool replay)
{
	struct ops *ops = mem_new(1, sizeof *ops);

	ops->replay = replay;
	ops->current = true;
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
	ops->n = ops->n_gates = 0;
	ops->shown = NULL;
	ops->current = true;
	ops->exact = false;
}

void ops_free(struct ops *ops)
{
	if (!ops)
		return;
	ops_clear(ops);
	free(ops->items);
	free(ops);
}

/* The fields that a unit is about: what they were before it. */
struct before { int *types; size_t n_fields; int read; };       /* by written field: its type, or NO_FIELD; the column of a lone read one */

static void look_before(struct before *before, const struct unit *unit, const struct schema *schema)
{
	*before = (struct before){ mem_array(unit->writes.n + 1, sizeof *before->types), schema->n_fields, NO_FIELD };
	for (size_t w = 0; w < unit->writes.n; w++) {
		int col = schema_find(schema, unit->writes.items[w]);

		before->types[w] = col == NO_FIELD ? NO_FIELD : (int)schema->fields[col].type;
	}
	if (unit->reads.n == 1)
		before->read = schema_find(schema, unit->reads.items[0]);
}

/* What it did to them: added others behind, changed types or a name where they stand (and may have added others), or moved or dropped some. */
enum change { ADDED, CHANGED, MOVED };

static enum change change_of(const struct unit *unit, const struct before *before, const struct schema *schema)
{
	enum change change = ADDED;
	size_t n_new = 0;

	if (unit->writes.n == 0)
		return MOVED;
	for (size_t w = 0; w < unit->writes.n; w++) {
		int col = schema_find(schema, unit->writes.items[w]);

		if (col == NO_FIELD)
			return MOVED;
		if (before->types[w] == NO_FIELD && (size_t)col < before->n_fields)
			return unit->writes.n == 1 && col == before->read && schema->n_fields == before->n_fields ? CHANGED : MOVED;
		if (before->types[w] == NO_FIELD)
			n_new++;
		else if (before->types[w] != (int)schema->fields[col].type)
			change = CHANGED;
	}
	return schema->n_fields == before->n_fields + n_new ? change : MOVED;
}

static void show(struct ops *ops, struct op *op, const struct schema *schema)
{
	op->after = mem_new(1, sizeof *op->after);
	schema_copy(op->after, schema);
	ops->shown = op->after;
	ops->current = true;
	ops->exact = false;
}

/* What batches show behind the op. */
static void show_change(struct ops *ops, struct op *op, enum change change, const struct schema *schema, size_t n_before)
{
	bool adds = schema->n_fields > n_before, rows = op->unit->acts == ACTS_ON_ROWS;

	if (rows || change == MOVED || (adds && (!ops->shown || ops->exact))) {
		show(ops, op, schema);
		ops->exact = rows;
		return;
	}
	for (size_t col = n_before; col < schema->n_fields; col++)
		schema_add_field(ops->shown, &schema->fields[col]);
	ops->current = ops->current && change == ADDED;
}

static int open_op(const struct ops *ops, struct op *op, struct schema *schema, uint64_t memory, struct error *err)
{
	struct step_limits limits = { .memory = memory, .replayed = ops->replay, .host = ops->host };

	if (op->kind->open) {
		op->state = op->kind->open(op->unit, schema, &limits, err);
		if (!op->state && err->code != STATUS_DONE)
			return -1;
	}
	if (!op->kind->fields || op->kind->fields(op->unit, schema, err) == 0)
		return 0;
	if (op->kind->close)
		op->kind->close(op->state);
	return -1;
}

/*
 * Ten thousand units must not cost ten thousand copies of ten thousand fields. So a batch may show fields that only later ops
 * will add: a run of units that add fields has one copy, which grows. And units of one step do not read each other's columns:
 * where they change types or names in place, the batch shows the old ones until the next step begins. Row parts see their
 * fields exactly, as they may write rows down.
 */
int ops_add(struct ops *ops, const struct unit *unit, struct schema *schema, size_t tally, uint64_t memory, struct error *err)
{
	struct op op = { .kind = step_find(unit->kind), .unit = unit, .tally = tally };
	struct op *before = ops->n ? &ops->items[ops->n - 1] : NULL;
	struct before fields;

	if (before && before->tally != tally && !ops->current)
		show(ops, before, schema);
	if (!op.kind)
		return error_set(err, STATUS_REQUIREMENT, "the step '%s' is unknown (made by a newer Millrace: update this one)", unit->kind);
	look_before(&fields, unit, schema);
	if (open_op(ops, &op, schema, memory, err) < 0) {
		free(fields.types);
		return -1;
	}
	show_change(ops, &op, change_of(unit, &fields, schema), schema, fields.n_fields);
	free(fields.types);
	op.removes = unit->acts == ACTS_ON_ROWS && op.kind->judge && !ops->replay;
	op.ordered = !ops->replay && op.kind->ordered && op.kind->ordered(unit);
	if (op.removes || op.ordered)
		op.gate = ops->n_gates++;
	array_grow(ops->items, ops->n, ops->room);
	ops->items[ops->n++] = op;
	return 0;
}

/* ---- running ---- */

/* The rows that a row part lets pass; the others go, or are counted. */
static int judge_rows(const struct ops *ops, const struct op *op, struct batch *batch, struct work *work, struct error *err)
{
	size_t n_words = bits_words(batch->n_rows), n_kept;
	uint64_t *keep = mem_array(n_words + 1, sizeof *keep);
	int result;

	for (size_t word = 0; word < n_words; word++)
		keep[word] = bits_word(NULL, word, batch->n_rows);
	result = op->kind->judge(op->state, batch, keep, work, err);
	n_kept = bits_count(keep, batch->n_rows);
	if (result == 0 && ops->replay)
		tally_add(work->counts, "rows that would have been dropped", NULL, batch->n_rows - n_kept);
	else if (result == 0)
		result = batch_keep(batch, keep, n_kept, err);
	free(keep);
	return result;
}

static int run_op(const struct ops *ops, const struct op *op, struct batch *batch, struct work *work, struct tallies *tallies, struct error *err)
{
	struct tally ignored = { .items = NULL };
	int result = 0;

	work->counts = &tallies->counts[op->tally];
	work->unseen = &tallies->unseen;
	work->dropped = ops->replay ? &ignored : &tallies->dropped[op->tally];
	work->replay = ops->replay;
	if (op->kind->apply)
		result = op->kind->apply(op->state, batch, work, err);
	if (result == 0 && op->after) {
		assert(batch->n_columns <= op->after->n_fields);
		batch->schema = op->after;
	}
	if (result == 0 && op->unit->acts == ACTS_ON_ROWS && op->kind->judge && (!ops->replay || op->kind->counts_on_replay))
		result = judge_rows(ops, op, batch, work, err);
	arena_clear(&work->scratch);
	tally_release(&ignored);
	return result;
}

int ops_run(struct ops *ops, struct batch *batch, struct turn *turn, struct work *work, struct tallies *tallies, struct error *err)
{
	for (size_t i = 0; i < ops->n; i++) {
		struct op *op = &ops->items[i];
		bool gated = op->removes || op->ordered;

		work->stop = false;
		if (!op->ordered && run_op(ops, op, batch, work, tallies, err) < 0)
			return -1;
		if (!gated)
			continue;
		if (turn && gate_enter(turn, op->gate) < 0)
			return -1;
		if (op->ordered && run_op(ops, op, batch, work, tallies, err) < 0)
			return -1;
		if (op->removes) {
			batch->first_row = op->n_rows;
			op->n_rows += batch->n_rows;
		}
		if (work->stop && turn)
			turn_stop(turn);
		if (turn)
			gate_leave(turn, op->gate);
	}
	return 0;
}
