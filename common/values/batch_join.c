/* SPDX-License-Identifier: MIT */
/* Batches one behind the other. */
#include <string.h>

#include "text_builder.h"
#include "bits.h"

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

static void join_values(struct column *to, struct pool *pool, const struct batch *from, size_t n, size_t col, enum type type, size_t n_rows)
{
	unsigned char *values = column_new_values(to, pool, type, n_rows);
	uint64_t *valid = NULL;
	size_t at = 0;

	for (size_t i = 0; i < n; at += from[i++].n_rows) {
		const struct column *column = &from[i].columns[col];

		memcpy(values + at * type_width(type), column->values, from[i].n_rows * type_width(type));
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

int batch_join(struct batch *to, struct batch *from, size_t n, struct text_builder *texts, struct error *err)
{
	const struct schema *schema = from[0].schema;
	size_t n_rows = 0;

	for (size_t i = 0; i < n; i++) {
		n_rows += from[i].n_rows;
		for (size_t col = 0; col < schema->n_fields; col++)
			if (!column_read(&from[i], col, err))
				return -1;
	}
	batch_start(to, from[0].pool, schema, n_rows);
	to->first_row = from[0].first_row;
	for (size_t col = 0; col < schema->n_fields; col++) {
		struct column fresh = COLUMN_INIT;
		enum type type = schema->fields[col].type;

		if (type == TYPE_TEXT)
			join_texts(&fresh, to->pool, from, n, col, texts);
		else
			join_values(&fresh, to->pool, from, n, col, type, n_rows);
		batch_put(to, col, type, &fresh);
	}
	return 0;
}
