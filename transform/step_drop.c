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

struct drop { size_t n; size_t gone[]; };        /* the columns, ascending */

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

static int compare_columns(const void *a, const void *b)
{
	size_t left = *(const size_t *)a, right = *(const size_t *)b;

	return (left > right) - (left < right);
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
		qsort(drop->gone, drop->n, sizeof *drop->gone, compare_columns);
	}
	unpacked_free(&state);
	names_release(&names);
	return drop;
}

/* The others, of n columns; the caller frees. */
static size_t *find_kept(const struct drop *drop, size_t n, size_t *n_kept)
{
	size_t *kept = mem_array(n + 1, sizeof *kept), next = 0;

	*n_kept = 0;
	for (size_t col = 0; col < n; col++) {
		while (next < drop->n && drop->gone[next] < col)
			next++;
		if (next == drop->n || drop->gone[next] != col)
			kept[(*n_kept)++] = col;
	}
	return kept;
}

static int drop_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	struct drop *drop = drop_open(unit, schema, NULL, err);
	size_t *kept, n_kept;

	if (!drop)
		return -1;
	kept = find_kept(drop, schema->n_fields, &n_kept);
	schema_arrange(schema, kept, n_kept);
	free(kept);
	free(drop);
	return 0;
}

static int drop_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	size_t n_kept, *kept = find_kept(op, batch->n_columns, &n_kept);

	(void)work, (void)err;
	batch_arrange(batch, kept, n_kept);
	free(kept);
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
