/* SPDX-License-Identifier: MIT */
#include "text_column.h"

#include "column_edit.h"

/* Of a stored lineage, which may be broken. */
static int check_unit(const struct unit *unit, struct error *err)
{
	return unit->writes.n == 1 ? 0 : error_set(err, STATUS_FAILED, "broken state of '%s': not one column", unit->kind);
}

int text_column_open(const struct unit *unit, const struct schema *before, struct unpacked *state, struct error *err)
{
	int col = check_unit(unit, err) < 0 ? NO_FIELD : open_column(before, unit->writes.items[0], TYPES_TEXT, err);

	return col == NO_FIELD || unit_state(unit, state, err) < 0 ? NO_FIELD : col;
}

int text_column_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	int col = check_unit(unit, err) < 0 ? NO_FIELD : schema_require(schema, unit->writes.items[0], err);

	if (col == NO_FIELD)
		return -1;
	schema_set_form(schema, (size_t)col, NULL);
	return 0;
}

int text_column_apply(struct batch *batch, size_t col, void (*edit)(void *state, const char *bytes, size_t size, struct buffer *to), void *state,
                      struct error *err)
{
	const struct column *from = column_read(batch, col, err);
	struct column column = COLUMN_INIT;

	if (!from || column_edit_texts(batch, from, edit, state, &column, err) < 0)
		return -1;
	batch_put(batch, col, TYPE_TEXT, &column);
	return 0;
}
