/* SPDX-License-Identifier: MIT */
#include "recast.h"

#include <string.h>

#include "bits.h"
#include "cell.h"
#include "text_builder.h"

void cell_of(const struct field *field, const struct column *column, size_t row, struct cell *cell)
{
	static const uint32_t kinds[] = {
		[TYPE_INT] = CELL_INT, [TYPE_REAL] = CELL_REAL, [TYPE_BOOL] = CELL_BOOL, [TYPE_TIME] = CELL_TIME, [TYPE_TEXT] = CELL_STRING,
	};
	size_t size;

	*cell = (struct cell){ .kind = column_valid(column, row) ? kinds[field->type] : CELL_NULL };
	switch (cell->kind) {
	case CELL_STRING:
		cell->as.text = column_text(column, row, &size);
		cell->size = (uint32_t)size;
		break;
	case CELL_INT: case CELL_TIME: cell->as.number = column_int(column, row); break;
	case CELL_REAL: cell->as.real = column_real(column, row); break;
	case CELL_BOOL: cell->as.number = column_bool(column, row); break;
	default: break;
	}
}

/* The bit map of a column without the values that are one of `nulls`; NULL: there are none of them. */
static uint64_t *without_nulls(const struct field *field, const struct column *from, size_t n_rows, const struct names *nulls,
                               struct pool *pool, struct column *to)
{
	uint64_t *valid = NULL;
	struct cell cell;

	for (size_t row = 0; row < n_rows && nulls->n; row++) {
		cell_of(field, from, row, &cell);
		if (cell.kind == CELL_NULL || !cell_is_word(&cell, nulls))
			continue;
		if (!valid)
			valid = column_copy_valid(to, pool, n_rows, from);
		bit_clear(valid, row);
	}
	return valid;
}

static void make_text(const struct field *field, const struct column *from, size_t n_rows, const uint64_t *valid, struct pool *pool,
                      struct column *to)
{
	struct text_builder *builder = text_builder_new();
	struct buffer text = BUFFER_INIT;

	for (size_t row = 0; row < n_rows; row++) {
		buffer_clear(&text);
		if (bit_is_set(valid, row) && cell_print(field, from, row, &text))
			text_builder_add(builder, buffer_text(&text), text.size);
		else
			text_builder_add_missing(builder);
	}
	text_builder_finish(builder, pool, to);
	text_builder_free(builder);
	buffer_free(&text);
}

static void make_values(const struct field *field, const struct column *from, size_t n_rows, const struct slot *slot, uint64_t *valid,
                        struct pool *pool, struct column *to, uint64_t *misfits)
{
	void *values = column_new_values(to, pool, slot->type, n_rows);
	union value value;
	struct cell cell;

	for (size_t row = 0; row < n_rows; row++) {
		if (!bit_is_set(valid, row))
			continue;
		cell_of(field, from, row, &cell);
		if (!cell_fits(&cell, slot->type, slot->form, true, &value)) {
			bit_clear(valid, row);
			bit_set(misfits, row);
			continue;
		}
		switch (slot->type) {
		case TYPE_REAL: ((double *)values)[row] = value.real; break;
		case TYPE_BOOL: ((uint8_t *)values)[row] = value.number != 0; break;
		default: ((int64_t *)values)[row] = value.number; break;
		}
	}
}

void recast(const struct field *field, const struct column *from, size_t n_rows, const struct slot *slot, const struct names *nulls,
            struct pool *pool, struct column *to, uint64_t *misfits)
{
	struct column marked = COLUMN_INIT;
	uint64_t *valid = without_nulls(field, from, n_rows, nulls, pool, &marked);

	if (!valid && slot->type == field->type) {
		column_share(to, from);
		return;
	}
	if (!valid)
		valid = column_copy_valid(&marked, pool, n_rows, from);
	if (slot->type == TYPE_TEXT) {
		make_text(field, from, n_rows, valid, pool, to);
		column_drop(&marked);
	} else {
		*to = marked;
		make_values(field, from, n_rows, slot, valid, pool, to, misfits);
	}
}
