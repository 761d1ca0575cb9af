/* SPDX-License-Identifier: MIT */
#include "table_step.h"

#include <stdlib.h>

#include "memory.h"

struct table_step {
	struct source rows;             /* of the kind's own source; first: source_inner_end */
	struct header header;
	struct batch first;             /* table_step_read took it, and what `next` gave with it */
	bool was_read;
	int result;
};

static int table_next(void *state, struct batch *to, bool now, struct error *err)
{
	struct table_step *table = state;

	if (!table->was_read)
		return source_next(&table->rows, to, now, err);
	table->was_read = false;
	batch_move(to, &table->first);
	return table->result;
}

static void table_close(void *state)
{
	struct table_step *table = state;

	batch_free(&table->first);
	source_close(&table->rows);
	header_release(&table->header);
	free(table);
}

int table_step_open(struct source *out, struct source *in, const struct unit *unit, const char *text, const struct step_limits *limits,
                    struct error *err)
{
	const struct step_kind *kind = step_find(unit->kind);
	struct table_step *table = mem_new(1, sizeof *table);
	struct entry *entry;
	int result = 0;

	*out = (struct source){ .header = &table->header, .next = table_next, .end = source_inner_end, .close = table_close, .cancel = source_inner_cancel,
	                        .state = table };
	header_copy(&table->header, in->header);
	entry = lineage_add(&table->header.lineage, text);
	entry_add_copy(entry, unit);
	if (!kind || !kind->over)
		result = error_set(err, STATUS_REQUIREMENT, "the step '%s' is unknown (made by a newer Millrace: update this one)", unit->kind);
	if (result == 0 && kind->fields)
		result = kind->fields(unit, &table->header.schema, err);
	if (result == 0)
		result = kind->over(unit, &table->rows, in, &table->header, limits, err);
	if (result == 0)
		return 0;
	source_close(in);
	source_close(out);
	return -1;
}

int table_step_read(struct source *source, struct error *err)
{
	struct table_step *table = source->state;

	table->result = source_next(&table->rows, &table->first, false, err);
	table->was_read = table->result >= 0;
	return table->was_read ? 0 : -1;
}
