/* SPDX-License-Identifier: MIT */
/*
 * `select COLUMN...`: keeps the features that are named, in that order. Columns
 * with another role (target, id, split mark, origin ...) stay behind them even
 * unnamed: who picks features does not mean to lose the target or the marks of
 * held-out rows; `drop` removes those.
 *
 * A line that keeps every feature, behind another select, says so in its state and not
 * with all of their names: ten thousand such lines over thousands of columns are to
 * take the memory of the lines. The first says them: what a replay's input has besides
 * goes there.
 */
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "memory.h"
#include "step.h"

/* Columns that are kept, as runs of neighbours: a line of many may stand in a list of many. */
struct select_state { struct column_run { size_t first, n; } *runs; size_t n_runs, room, n; };

static void select_close(void *op)
{
	struct select_state *selection = op;

	if (!selection)
		return;
	free(selection->runs);
	free(selection);
}

static void keep_column(struct select_state *selection, size_t col)
{
	struct column_run *last = selection->n_runs ? &selection->runs[selection->n_runs - 1] : NULL;

	selection->n++;
	if (last && col == last->first + last->n) {
		last->n++;
		return;
	}
	array_grow_few(selection->runs, selection->n_runs, selection->room);
	selection->runs[selection->n_runs++] = (struct column_run){ col, 1 };
}

static void spread_runs(const struct select_state *selection, size_t *kept)
{
	for (size_t i = 0; i < selection->n_runs; i++)
		for (size_t k = 0; k < selection->runs[i].n; k++)
			*kept++ = selection->runs[i].first + k;
}

static bool keeps_all(const struct binding *binding)
{
	const struct arguments *arguments = binding->arguments;
	struct selector_word *words;
	struct error ignored = ERROR_INIT;
	bool all;
	size_t n;

	if (!binding->selected)
		return false;
	words = mem_array(arguments->n_words, sizeof *words);
	all = arguments_options(arguments, 1, NULL, NULL, words, &n, &ignored) == 0 && n > 0 && !selector_open(words, n, binding->open) &&
		selector_is_all(words, n, binding->schema);
	free(words);
	return all;
}

static int select_bind(struct binding *binding, struct error *err)
{
	struct names names = { .items = NULL };
	struct buffer state = BUFFER_INIT;
	bool all = keeps_all(binding);
	int result = all ? BIND_DONE : bind_columns(binding, NULL, NULL, &names, err);

	if (result == BIND_DONE) {
		struct unit *unit = entry_add(binding->entry, "select");

		pack_map(&state, 1);
		if (all) {
			pack_text(&state, "all");
			pack_bool(&state, true);
		} else {
			state_names(&state, "columns", &names);
		}
		unit_set_state(unit, &state);
	}
	names_release(&names);
	return result;
}

static void keep_names(struct select_state *selection, const struct names *names, const struct schema *before)
{
	bool *taken = mem_new(before->n_fields, sizeof *taken);

	for (size_t i = 0; i < names->n; i++) {
		int col = schema_find(before, names->items[i]);

		if (col == NO_FIELD || taken[col])
			continue;
		taken[col] = true;
		keep_column(selection, (size_t)col);
	}
	for (size_t col = 0; col < before->n_fields; col++)
		if (!taken[col] && before->fields[col].role != ROLE_FEATURE && !field_is_hole(&before->fields[col]))
			keep_column(selection, col);
	free(taken);
}

/* Features first, and no holes. */
static bool in_order(const struct schema *schema)
{
	bool others = false;

	for (size_t col = 0; col < schema->n_fields; col++) {
		if (schema->fields[col].role != ROLE_FEATURE)
			others = true;
		else if (others)
			return false;
	}
	return schema->n_holes == 0;
}

static void keep_all(struct select_state *selection, const struct schema *before)
{
	if (in_order(before)) {
		selection->runs = mem_array(1, sizeof *selection->runs);
		selection->runs[selection->n_runs++] = (struct column_run){ 0, before->n_fields };
		selection->n = before->n_fields;
		return;
	}
	for (int others = 0; others < 2; others++)
		for (size_t col = 0; col < before->n_fields; col++)
			if ((before->fields[col].role != ROLE_FEATURE) == others && !field_is_hole(&before->fields[col]))
				keep_column(selection, col);
}

/* Names that the input of a replay lacks are passed over: what needs them says so itself. NULL and no error: all stay where they are. */
static void *select_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct unpacked state;
	struct names names = { .items = NULL };
	struct select_state *selection = NULL;
	bool all = false;

	(void)limits;
	if (unit_state(unit, &state, err) < 0)
		return NULL;
	if (object_bool(map_get(&state.object, "all"), &all) || state_read_names(&state, "columns", &names, err) == 0) {
		selection = mem_new(1, sizeof *selection);
		if (all)
			keep_all(selection, before);
		else
			keep_names(selection, &names, before);
	}
	unpacked_free(&state);
	names_release(&names);
	if (selection && selection->n == before->n_fields && selection->n_runs <= 1 && (selection->n == 0 || selection->runs[0].first == 0)) {
		select_close(selection);
		selection = NULL;
	}
	return selection;
}

static int select_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	struct select_state *selection = select_open(unit, schema, NULL, err);
	size_t *kept;

	if (!selection)
		return err->code == STATUS_DONE ? 0 : -1;
	kept = mem_array(selection->n, sizeof *kept);
	spread_runs(selection, kept);
	schema_arrange(schema, kept, selection->n);
	free(kept);
	select_close(selection);
	return 0;
}

static int select_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	const struct select_state *selection = op;
	size_t *kept;

	(void)err;
	if (!selection)
		return 0;
	kept = arena_array(&work->scratch, selection->n, sizeof *kept);
	spread_runs(selection, kept);
	batch_arrange(batch, kept, selection->n);
	return 0;
}

const struct step_kind step_select = {
	.name = "select",
	.usage = "select COLUMN...",
	.summary = "keep these features, in this order; columns with another role stay",
	.example = "select items rating",
	.also = "keep",
	.bind = select_bind,
	.fields = select_fields,
	.open = select_open,
	.apply = select_apply,
	.close = select_close,
};
