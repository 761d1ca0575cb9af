/* SPDX-License-Identifier: MIT */
/*
 * A conversion is a loop over rows for numbers, and over the distinct texts for
 * text. What comes out must say the same as what went in; a value that can't is
 * missing and counted.
 */
#include "convert.h"

#include <math.h>
#include <string.h>

#include "bits.h"
#include "buffer.h"
#include "cell.h"
#include "column_edit.h"
#include "form.h"
#include "number.h"
#include "text_builder.h"
#include "timestamp.h"

bool convert_possible(enum type from, enum type to)
{
	bool has_time = from == TYPE_TIME || to == TYPE_TIME;

	return from == to || from == TYPE_TEXT || to == TYPE_TEXT || !has_time;
}

/* ---- out of text ---- */

static bool read_int(void *state, const char *bytes, size_t size, void *value)
{
	(void)state;
	return number_int(bytes, size, value);
}

static bool read_real(void *state, const char *bytes, size_t size, void *value)
{
	(void)state;
	return number_real(bytes, size, value);
}

static bool read_bool(void *state, const char *bytes, size_t size, void *value)
{
	bool is_true, known = form_of_word(bytes, size, &is_true) != NULL;

	(void)state;
	*(uint8_t *)value = is_true;
	return known;
}

/* state: the form, or NULL for any of ISO 8601. */
static bool read_time(void *state, const char *bytes, size_t size, void *value)
{
	char form[TIME_FORM_SIZE];

	return state ? time_read(bytes, size, state, false, value) : time_detect(bytes, size, form, value);
}

static void from_text(const struct batch *batch, struct arena *scratch, const struct column *from, enum type to, const char *form,
                      struct column *result, uint64_t *n_lost)
{
	switch (to) {
	case TYPE_INT:
		column_read_texts(batch, scratch, from, to, read_int, NULL, result, n_lost);
		break;
	case TYPE_REAL:
		column_read_texts(batch, scratch, from, to, read_real, NULL, result, n_lost);
		break;
	case TYPE_BOOL:
		column_read_texts(batch, scratch, from, to, read_bool, NULL, result, n_lost);
		break;
	default:
		column_read_texts(batch, scratch, from, to, read_time, (void *)form, result, n_lost);
	}
}

/* ---- into text: as load prints it ---- */

static void to_text(const struct batch *batch, const struct field *field, const struct column *from, struct column *result)
{
	struct text_builder *builder = text_builder_new();
	struct buffer text = BUFFER_INIT;

	for (size_t row = 0; row < batch->n_rows; row++) {
		buffer_clear(&text);
		if (cell_print(field, from, row, &text))
			text_builder_add(builder, buffer_text(&text), text.size);
		else
			text_builder_add_missing(builder);
	}
	text_builder_finish(builder, batch->pool, result);
	text_builder_free(builder);
	buffer_free(&text);
}

/* ---- between numbers and bools ---- */

static bool int_exact(double real, int64_t *whole)
{
	if (!(real >= -0x1p63 && real < 0x1p63) || real != trunc(real))
		return false;
	*whole = (int64_t)real;
	return true;
}

/* One value; false: it can't be said in that type. */
static bool convert_number(const struct column *from, enum type is, enum type to, size_t row, void *values)
{
	int64_t whole = is == TYPE_INT ? column_int(from, row) : is == TYPE_BOOL ? column_bool(from, row) : 0;

	if (to == TYPE_REAL) {
		double *reals = values;

		reals[row] = (double)whole;
		return reals[row] < 0x1p63 && (int64_t)reals[row] == whole;
	}
	if (is == TYPE_REAL && !int_exact(column_real(from, row), &whole))
		return false;
	if (to == TYPE_INT)
		((int64_t *)values)[row] = whole;
	else
		((uint8_t *)values)[row] = whole == 1;
	return to == TYPE_INT || whole == 0 || whole == 1;
}

static void numbers(const struct batch *batch, const struct column *from, enum type is, enum type to, struct column *result,
                    uint64_t *n_lost)
{
	uint64_t *valid = column_new_valid(result, batch->pool, batch->n_rows, false);
	void *values = column_new_values(result, batch->pool, to, batch->n_rows);

	for (size_t row = 0; row < batch->n_rows; row++)
		if (column_valid(from, row) && convert_number(from, is, to, row, values))
			bit_set(valid, row);
	column_close(result, to, batch->n_rows);
	*n_lost += result->n_missing - from->n_missing;
}

int convert_column(struct batch *batch, struct arena *scratch, size_t col, enum type to, const char *form, struct column *result,
                   uint64_t *n_lost, struct error *err)
{
	const struct field *field = &batch->schema->fields[col];
	const struct column *from = column_read(batch, col, err);

	*result = (struct column)COLUMN_INIT;
	if (!from)
		return -1;
	if (!convert_possible(field->type, to))
		return error_set(err, STATUS_FAILED, "column '%s': %s does not convert to %s", field->name, type_name(field->type),
		                 type_name(to));
	if (field->type == to)
		column_share(result, from);
	else if (field->type == TYPE_TEXT)
		from_text(batch, scratch, from, to, form, result, n_lost);
	else if (to == TYPE_TEXT && form_check_text(field, from->mixed, err) < 0)
		return -1;
	else if (to == TYPE_TEXT)
		to_text(batch, field, from, result);
	else
		numbers(batch, from, field->type, to, result, n_lost);
	return 0;
}
