/* SPDX-License-Identifier: MIT */
/*
 * `drop COLUMN...`: removes columns. Replay passes over names that the input
 * lacks: nobody should need a column in order to lose it.
 */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "step.h"

struct drop { size_t n; size_t gone[]; };        /* the columns */

static int drop_bind(struct binding *binding, struct error *err)
{
	struct names names = { .items = NULL };
	int result = bind_columns(binding, NULL, NULL, &names, err);
	struct unit *unit;
	struct buffer state;

	if (result != BIND_DONE)
		goto out;
	if (names.n == binding->schema->n_fields - binding->schema->n_holes) {
		result = arguments_fail(binding->arguments, binding->arguments->words[1].at, err, "no column would be left");
		goto out;
	}
	unit = entry_add(binding->entry, "drop");
	state = (struct buffer) BUFFER_INIT;
	pack_map(&state, 1);
	state_names(&state, "columns", &names);
	unit_set_state(unit, &state);
out:
	names_release(&names);
	return result;
}

static void *drop_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct unpacked state;
	struct names names = { .items = NULL };
	struct drop *drop = NULL;

	(void)limits;
	if (unit_state(unit, &state, err) < 0)
		return NULL;
	if (state_read_names(&state, "columns", &names, err) == 0) {
		drop = mem_new(1, sizeof *drop + names.n * sizeof *drop->gone);
		for (size_t i = 0; i < names.n; i++) {
			int col = schema_find(before, names.items[i]);

			if (col != NO_FIELD)
				drop->gone[drop->n++] = (size_t)col;
		}
	}
	unpacked_free(&state);
	names_release(&names);
	return drop;
}

static int drop_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	struct drop *drop = drop_open(unit, schema, NULL, err);

	if (!drop)
		return -1;
	for (size_t i = 0; i < drop->n; i++)
		schema_vacate(schema, drop->gone[i]);
	free(drop);
	return 0;
}

static int drop_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	const struct drop *drop = op;

	(void)work, (void)err;
	for (size_t i = 0; i < drop->n; i++)
		batch_vacate(batch, drop->gone[i]);
	return 0;
}

const struct step_kind step_drop = {
	.name = "drop",
	.usage = "drop COLUMN...",
	.summary = "remove columns",
	.example = "drop address",
	.also = "remove|delete",
	.bind = drop_bind,
	.fields = drop_fields,
	.open = drop_open,
	.apply = drop_apply,
	.close = free,
};
