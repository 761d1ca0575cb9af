/* SPDX-License-Identifier: MIT */
#include "batch_join.h"

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

static bool all_narrow(const struct batch *from, size_t n, size_t col)
{
	bool narrow = true;

	for (size_t i = 0; i < n; i++)
		narrow &= column_same_narrow(&from[i].columns[col], &from[0].columns[col]);
	return narrow;
}

/* Narrow ints by the most digits that a batch has; false: these are too many for the others' numbers. */
static bool join_narrow(struct column *to, const struct batch *from, size_t n, size_t col, size_t n_rows, int64_t *longs)
{
	uint8_t digits = 0;
	bool fits = true;

	for (size_t i = 0; i < n; i++)
		digits = from[i].columns[col].digits > digits ? from[i].columns[col].digits : digits;
	for (size_t i = 0; i < n; longs += from[i++].n_rows) {
		const struct column *column = &from[i].columns[col];

		if (column->digits == digits)
			narrow_widen(column->narrow, column->narrow_width, from[i].n_rows, sizeof *longs, longs);
		else
			for (size_t row = 0; row < from[i].n_rows; row++)
				fits &= narrow_rescale(narrow_at(column->narrow, column->narrow_width, row), column->digits, digits, &longs[row]);
	}
	if (!fits || !column_narrow_ints(to, n_rows))
		return false;
	to->digits = digits;
	column_place_narrow(to, &from[0].columns[col]);
	return true;
}

/* What is narrow in all batches is so in `to`, if it can be. */
static int join_numbers(struct column *to, struct pool *pool, struct batch *from, size_t n, size_t col, enum type type, size_t n_rows, struct error *err)
{
	unsigned char *values = column_new_values(to, pool, type, n_rows);

	if (all_narrow(from, n, col) && join_narrow(to, from, n, col, n_rows, (int64_t *)(void *)values))
		return 0;
	for (size_t i = 0; i < n; values += from[i++].n_rows * type_width(type)) {
		const struct column *column = column_read(&from[i], col, err);

		if (!column)
			return -1;
		memcpy(values, column->values, from[i].n_rows * type_width(type));
	}
	return 0;
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

int batch_join(struct batch *to, struct batch *from, size_t n, struct text_builder *texts, struct error *err)
{
	const struct schema *schema = from[0].schema;
	size_t n_rows = 0;

	for (size_t i = 0; i < n; i++) {
		n_rows += from[i].n_rows;
		for (size_t col = 0; col < schema->n_fields; col++)
			if (!column_check(&from[i], col, err))
				return -1;
	}
	batch_start(to, from[0].pool, schema, n_rows);
	to->first_row = from[0].first_row;
	for (size_t col = 0; col < schema->n_fields; col++) {
		struct column fresh = COLUMN_INIT;
		enum type type = schema->fields[col].type;
		int result = 0;

		if (type == TYPE_TEXT) {
			join_texts(&fresh, to->pool, from, n, col, texts);
		} else {
			result = join_numbers(&fresh, to->pool, from, n, col, type, n_rows, err);
			join_marks(&fresh, to->pool, from, n, col, n_rows);
		}
		batch_put(to, col, type, &fresh);
		if (result < 0 || (from[0].columns[col].values && !column_read(to, col, err)))
			return -1;
	}
	return 0;
}
