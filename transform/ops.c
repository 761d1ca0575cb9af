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
	                             .n = n_steps, .used = mem_array(n_steps, sizeof *tallies->used),
	                             .is_used = mem_new(n_steps, sizeof *tallies->is_used) };
}

void tallies_use(struct tallies *tallies, size_t step)
{
	if (tallies->is_used[step])
		return;
	tallies->is_used[step] = true;
	tallies->used[tallies->n_used++] = step;
}

void tallies_take(struct tallies *to, size_t at, struct tallies *from)
{
	for (size_t i = 0; i < from->n_used; i++) {
		size_t step = from->used[i];

		tallies_use(to, at + step);
		if (from->counts[step].n > 0)
			tally_merge(&to->counts[at + step], &from->counts[step]);
		if (from->dropped[step].n > 0)
			tally_merge(&to->dropped[at + step], &from->dropped[step]);
	}
	unseen_merge(&to->unseen, &from->unseen);
	tallies_clear(from);
}

void tallies_clear(struct tallies *tallies)
{
	for (size_t i = 0; i < tallies->n_used; i++) {
		tally_release(&tallies->counts[tallies->used[i]]);
		tally_release(&tallies->dropped[tallies->used[i]]);
		tallies->is_used[tallies->used[i]] = false;
	}
	tallies->n_used = 0;
	unseen_release(&tallies->unseen);
}

void tallies_release(struct tallies *tallies)
{
	tallies_clear(tallies);
	free(tallies->counts);
	free(tallies->dropped);
	free(tallies->used);
	free(tallies->is_used);
	*tallies = (struct tallies){ .counts = NULL };
}

/* ---- opening ---- */

struct ops *ops_new(bool replay)
{
	struct ops *ops = mem_new(1, sizeof *ops);

	ops->replay = replay;
	return ops;
}

void ops_clear(struct ops *ops)
{
	for (size_t i = 0; i < ops->n; i++) {
		struct op *op = &ops->items[i];

		if (op->kind->close)
			op->kind->close(op->state);
		changes_release(&op->changes);
	}
	ops->n = ops->n_gates = 0;
	free(ops->order);
	ops->order = NULL;
	view_release(&ops->shown);
	schema_release(&ops->base);
}

void ops_free(struct ops *ops)
{
	if (!ops)
		return;
	ops_clear(ops);
	free(ops->items);
	free(ops);
}

/* ---- how wide rows become ---- */

enum { TEXT_BYTES = 16 };       /* of a text that steps make, about */

static size_t width_of(const struct field *field)
{
	return field_is_hole(field) ? 0 : field->type == TYPE_TEXT ? TEXT_BYTES : type_width(field->type);
}

static struct row_width width_of_all(const struct schema *schema)
{
	struct row_width width = { schema->n_fields, 0 };

	for (size_t col = 0; col < schema->n_fields; col++)
		width.bytes += width_of(&schema->fields[col]);
	return width;
}

static void widen(struct ops *ops)
{
	if (ops->width.bytes > ops->widest.bytes)
		ops->widest.bytes = ops->width.bytes;
	if (ops->width.n_fields > ops->widest.n_fields)
		ops->widest.n_fields = ops->width.n_fields;
}

/* What the op adds to a row: fields that are new, and those that left holes. */
static void add_width(struct ops *ops, const struct schema_watch *watch, const struct schema *schema)
{
	const struct schema *before = &ops->shown.schema;

	for (size_t i = 0; i < watch->n; i++) {
		const struct field *old = watch->cols[i] < before->n_fields ? &before->fields[watch->cols[i]] : NULL;

		if (!old || field_is_hole(old) || !field_is_hole(&schema->fields[watch->cols[i]]))
			continue;
		ops->width.bytes -= width_of(old) < ops->width.bytes ? width_of(old) : ops->width.bytes;
		ops->width.n_fields--;
	}
	for (size_t col = before->n_fields; col < schema->n_fields; col++) {
		ops->width.bytes += width_of(&schema->fields[col]);
		ops->width.n_fields++;
	}
	widen(ops);
}

void ops_slice(const struct ops *ops, struct source *source)
{
	if (ops->n > 0 && ops->widest.bytes > ops->base_width.bytes)
		source_slice_wide(source, &ops->widest);
}

/* ---- opening ---- */

/* What batches show behind the op: only fields that it touched are looked at, the others are many. */
static void find_changes(struct ops *ops, struct op *op, const struct schema_watch *watch, const struct schema *schema)
{
	if (watch->moved) {
		changes_find(&op->changes, &ops->shown, schema);
		ops->width = width_of_all(schema);
		widen(ops);
		return;
	}
	add_width(ops, watch, schema);
	for (size_t i = 0; i < watch->n; i++)
		changes_find_at(&op->changes, &ops->shown, schema, watch->cols[i]);
	changes_find_new(&op->changes, &ops->shown, schema);
}

static int open_op(const struct ops *ops, struct op *op, struct schema *schema, struct error *err)
{
	struct step_limits limits = { .seen = ops->seen, .replayed = ops->replay, .host = ops->host };

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

int ops_add(struct ops *ops, const struct unit *unit, struct schema *schema, size_t tally, struct error *err)
{
	struct op op = { .kind = step_find(unit->kind), .unit = unit, .tally = tally };
	struct schema_watch watch = { .cols = NULL };
	int result;

	assert(!ops->order);
	if (!op.kind)
		return error_set(err, STATUS_REQUIREMENT, "the step '%s' is unknown (made by a newer Millrace: update this one)", unit->kind);
	if (ops->n == 0) {
		schema_release(&ops->base);
		schema_copy(&ops->base, schema);
		view_start(&ops->shown, &ops->base);
		ops->base_width = ops->width = ops->widest = width_of_all(schema);
	}
	schema->watch = &watch;
	result = open_op(ops, &op, schema, err);
	schema->watch = NULL;
	if (result == 0)
		find_changes(ops, &op, &watch, schema);
	free(watch.cols);
	if (result < 0)
		return -1;
	op.removes = unit->acts == ACTS_ON_ROWS && op.kind->judge && !ops->replay;
	op.ordered = !ops->replay && op.kind->ordered && op.kind->ordered(unit);
	if (op.removes || op.ordered)
		op.gate = ops->n_gates++;
	array_grow(ops->items, ops->n, ops->room);
	ops->items[ops->n++] = op;
	return 0;
}

void ops_settle(struct ops *ops, struct schema *schema)
{
	ops->order = schema_settle(schema);
	ops->n_settled = schema->n_fields;
	view_release(&ops->shown);      /* changes are found, and of many fields each list counts */
	schema_release(&ops->base);
	ops->base = (struct schema)SCHEMA_INIT;
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

	tallies_use(tallies, op->tally);
	work->counts = &tallies->counts[op->tally];
	work->unseen = &tallies->unseen;
	work->dropped = ops->replay ? &ignored : &tallies->dropped[op->tally];
	work->replay = ops->replay;
	if (op->kind->apply)
		result = op->kind->apply(op->state, batch, work, err);
	if (result == 0) {
		view_take(&work->shown, &op->changes);
		assert(batch->n_columns == batch->schema->n_fields);
	}
	if (result == 0 && op->unit->acts == ACTS_ON_ROWS && op->kind->judge && (!ops->replay || op->kind->counts_on_replay))
		result = judge_rows(ops, op, batch, work, err);
	arena_clear(&work->scratch);
	tally_release(&ignored);
	return result;
}

int ops_run(struct ops *ops, struct batch *batch, struct turn *turn, struct work *work, struct tallies *tallies, struct error *err)
{
	view_start(&work->shown, batch->schema);
	batch->schema = &work->shown.schema;
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
	if (ops->order)
		batch_arrange(batch, ops->order, ops->n_settled);
	return 0;
}

void work_release(struct work *work)
{
	arena_free(&work->scratch);
	view_release(&work->shown);
}
