/* SPDX-License-Identifier: MIT */
/* Batches one behind the other. */
#include <string.h>

#include "bits.h"
#include "narrow.h"
#include "text_builder.h"

static void join_texts(struct column *to, struct pool *pool, const struct batch *from, size_t n, size_t col, struct text_builder *texts)
{
	text_builder_clear(texts);
	for (size_t i = 0; i < n; i++)
		for (size_t row = 0; row < from[i].n_rows; row++) {
			size_t size;
			const char *text = column_text(&from[i].columns[col], row, &size);

			if (column_valid(&from[i].columns[col], row))
				text_builder_add(texts, text, size);
			else
				text_builder_add_missing(texts);
		}
	text_builder_finish(texts, pool, to);
}

/* The width of narrow ints that hold those of all batches; 0: some are not narrow, or or stand for other values. */
static uint8_t width_of_all(const struct batch *from, size_t n, size_t col)
{
	const struct column *first = &from[0].columns[col];
	uint8_t width = 0;

	for (size_t i = 0; i < n; i++) {
		const struct column *column = &from[i].columns[col];

		if (!column_same_narrow(column, first))
			return 0;
		width = column->narrow_width > width ? column->narrow_width : width;
	}
	return width;
}

static void join_numbers(struct column *to, struct pool *pool, const struct batch *from, size_t n, size_t col, enum type type, size_t n_rows)
{
	const struct column *first = &from[0].columns[col];
	uint8_t width = width_of_all(from, n, col);
	size_t size = width ? width : type_width(type);
	unsigned char *values = width ? column_new_narrow(to, pool, n_rows, width, from[0].columns[col].digits) : column_new_values(to, pool, type, n_rows);

	if (width)
		column_place_narrow(to, first);
	for (size_t i = 0; i < n; values += from[i++].n_rows * size) {
		const struct column *column = &from[i].columns[col];

		if (width)
			narrow_widen(column->narrow, column->narrow_width, from[i].n_rows, width, values);
		else
			memcpy(values, column->values, from[i].n_rows * size);
	}
}

static void join_marks(struct column *to, struct pool *pool, const struct batch *from, size_t n, size_t col, size_t n_rows)
{
	uint64_t *valid = NULL;
	size_t at = 0;

	for (size_t i = 0; i < n; at += from[i++].n_rows) {
		const struct column *column = &from[i].columns[col];

		to->mixed |= column->mixed;
		to->words |= column->words;
		if (!column->valid)
			continue;
		if (!valid)
			valid = column_new_valid(to, pool, n_rows, true);
		for (size_t row = 0; row < from[i].n_rows; row++)
			if (!column_valid(column, row))
				bit_clear(valid, at + row);
	}
}

/* What is narrow in all batches is only checked. */
static int read_all(struct batch *from, size_t n, size_t col, struct error *err)
{
	bool narrow = width_of_all(from, n, col) != 0;

	for (size_t i = 0; i < n; i++)
		if (!(narrow ? column_check(&from[i], col, err) : column_read(&from[i], col, err)))
			return -1;
	return 0;
}

int batch_join(struct batch *to, struct batch *from, size_t n, struct text_builder *texts, struct error *err)
{
	const struct schema *schema = from[0].schema;
	size_t n_rows = 0;

	for (size_t i = 0; i < n; i++)
		n_rows += from[i].n_rows;
	for (size_t col = 0; col < schema->n_fields; col++)
		if (read_all(from, n, col, err) < 0)
			return -1;
	batch_start(to, from[0].pool, schema, n_rows);
	to->first_row = from[0].first_row;
	for (size_t col = 0; col < schema->n_fields; col++) {
		struct column fresh = COLUMN_INIT;
		enum type type = schema->fields[col].type;

		if (type == TYPE_TEXT) {
			join_texts(&fresh, to->pool, from, n, col, texts);
		} else {
			join_numbers(&fresh, to->pool, from, n, col, type, n_rows);
			join_marks(&fresh, to->pool, from, n, col, n_rows);
		}
		batch_put(to, col, type, &fresh);
		if (from[0].columns[col].values && !column_read(to, col, err))
			return -1;
	}
	return 0;
}
