/* SPDX-License-Identifier: MIT */
/*
 * `drop COLUMN...`: removes columns. Replay passes over names that the input
 * lacks: nobody should need a column in order to lose it.
 */
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "memory.h"
#include "step.h"

struct drop { size_t n; size_t kept[]; };

static int drop_bind(struct binding *binding, struct error *err)
{
	struct names names = { .items = NULL };
	int result = bind_columns(binding, NULL, NULL, &names, err);
	struct unit *unit;
	struct buffer state;

	if (result != BIND_DONE)
		goto out;
	if (names.n == binding->schema->n_fields) {
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
	bool *gone = mem_new(before->n_fields, sizeof *gone);

	(void)limits;
	if (unit_state(unit, &state, err) < 0)
		goto out;
	if (state_read_names(&state, "columns", &names, err) == 0) {
		for (size_t i = 0; i < names.n; i++) {
			int col = schema_find(before, names.items[i]);

			if (col != NO_FIELD)
				gone[col] = true;
		}
		drop = mem_new(1, sizeof *drop + before->n_fields * sizeof *drop->kept);
		for (size_t col = 0; col < before->n_fields; col++)
			if (!gone[col])
				drop->kept[drop->n++] = col;
	}
	unpacked_free(&state);
out:
	names_release(&names);
	free(gone);
	return drop;
}

static int drop_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	struct drop *drop = drop_open(unit, schema, NULL, err);

	if (!drop)
		return -1;
	schema_arrange(schema, drop->kept, drop->n);
	free(drop);
	return 0;
}

static int drop_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	const struct drop *drop = op;

	(void)work, (void)err;
	batch_arrange(batch, drop->kept, drop->n);
	return 0;
}

const struct step_kind step_drop = {
	.name = "drop",
	.usage = "drop COLUMN...",
	.summary = "remove columns",
	.example = "drop address",
	.bind = drop_bind,
	.fields = drop_fields,
	.open = drop_open,
	.apply = drop_apply,
	.close = free,
};
