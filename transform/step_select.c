/* SPDX-License-Identifier: MIT */
/*
 * `select COLUMN...`: keeps the features that are named, in that order. Columns
 * with another role (target, id, split mark, origin ...) stay behind them even
 * unnamed: who picks features does not mean to lose the target or the marks of
 * held-out rows; `drop` removes those.
 */
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "memory.h"
#include "step.h"

struct select_state { size_t n; size_t kept[]; };

static int select_bind(struct binding *binding, struct error *err)
{
	struct names names = { .items = NULL };
	int result = bind_columns(binding, NULL, NULL, &names, err);

	if (result == BIND_DONE) {
		struct unit *unit = entry_add(binding->entry, "select");
		struct buffer state = BUFFER_INIT;

		pack_map(&state, 1);
		state_names(&state, "columns", &names);
		unit_set_state(unit, &state);
	}
	names_release(&names);
	return result;
}

/* Names that the input of a replay lacks are passed over: what needs them says so itself. */
static void *select_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct unpacked state;
	struct names names = { .items = NULL };
	struct select_state *selection = NULL;
	bool *taken = mem_new(before->n_fields, sizeof *taken);

	(void)limits;
	if (unit_state(unit, &state, err) < 0)
		goto out;
	if (state_read_names(&state, "columns", &names, err) == 0) {
		selection = mem_new(1, sizeof *selection + before->n_fields * sizeof *selection->kept);
		for (size_t i = 0; i < names.n; i++) {
			int col = schema_find(before, names.items[i]);

			if (col == NO_FIELD || taken[col])
				continue;
			taken[col] = true;
			selection->kept[selection->n++] = (size_t)col;
		}
		for (size_t col = 0; col < before->n_fields; col++)
			if (!taken[col] && before->fields[col].role != ROLE_FEATURE)
				selection->kept[selection->n++] = col;
	}
	unpacked_free(&state);
out:
	names_release(&names);
	free(taken);
	return selection;
}

static int select_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	struct select_state *selection = select_open(unit, schema, NULL, err);

	if (!selection)
		return -1;
	schema_arrange(schema, selection->kept, selection->n);
	free(selection);
	return 0;
}

static int select_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	const struct select_state *selection = op;

	(void)work, (void)err;
	batch_arrange(batch, selection->kept, selection->n);
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
	.close = free,
};
