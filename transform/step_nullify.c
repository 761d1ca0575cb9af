/* SPDX-License-Identifier: MIT */
/*
 * `nullify COLUMN... is VALUE...`: values that stand for "not known" become null.
 * In text columns they are whole texts; in others they are read as the column's
 * type, so that 0 is 0.0 too. A value that can't be of a column's type is passed
 * over there, but it must fit one of the columns. A unit per column.
 */
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "column_edit.h"
#include "columns.h"
#include "form.h"
#include "memory.h"
#include "number.h"
#include "timestamp.h"

/* A value as the columns' types would have it. */
struct value {
	char *text;
	size_t size;
	bool is_int, is_real, is_bool, is_time, is_zoned;
	int64_t whole, micros;
	double real;
	bool flag;
};

static void value_read(struct value *value, const char *text)
{
	char form[TIME_FORM_SIZE];
	size_t size = strlen(text);

	*value = (struct value){ .text = mem_text(text), .size = size };
	value->is_real = number_real_rounded(text, size, &value->real);
	value->is_int = number_int(text, size, &value->whole);
	if (!value->is_int && value->is_real && value->real >= -0x1p63 && value->real < 0x1p63) {
		value->whole = (int64_t)value->real;
		value->is_int = (double)value->whole == value->real;
	}
	value->is_bool = form_of_word(text, size, &value->flag) != NULL;
	value->is_time = time_detect(text, size, form, &value->micros);
	value->is_zoned = value->is_time && *time_form_zone(form);
}

static bool value_fits(const struct value *value, enum type type)
{
	switch (type) {
	case TYPE_INT: return value->is_int;
	case TYPE_REAL: return value->is_real;
	case TYPE_BOOL: return value->is_bool;
	case TYPE_TIME: return value->is_time;
	default: return true;
	}
}

/* ---- binding ---- */

/* Whether each value says something about one of the columns. */
static int check_values(const struct binding *binding, size_t first, const struct names *names, struct error *err)
{
	const struct arguments *arguments = binding->arguments;

	for (size_t i = first; i < arguments->n_words; i++) {
		struct value value;
		bool fits = false;

		if (arguments->words[i].key)
			return arguments_fail(arguments, arguments->words[i].at, err, "a value with '=' goes in quotes");
		value_read(&value, arguments->words[i].text);
		for (size_t j = 0; j < names->n && !fits; j++)
			fits = value_fits(&value, binding->schema->fields[schema_find(binding->schema, names->items[j])].type);
		free(value.text);
		if (!fits)
			return arguments_fail(arguments, arguments->words[i].at, err, "none of the columns can hold '%s'",
			                      arguments->words[i].text);
	}
	return BIND_DONE;
}

static int nullify_bind(struct binding *binding, struct error *err)
{
	const struct arguments *arguments = binding->arguments;
	struct names names = { .items = NULL };
	struct buffer state = BUFFER_INIT;
	size_t is = arguments_find(arguments, "is");
	int result;

	if (is < 2 || is + 1 == arguments->n_words)
		return arguments_fail(arguments, strlen(arguments->line), err, "which values? (nullify COLUMN... is VALUE...)");
	result = bind_columns_before(binding, is, &names, err);
	if (result == BIND_DONE)
		result = check_values(binding, is + 1, &names, err);
	if (result == BIND_DONE) {
		pack_map(&state, 1);
		pack_text(&state, "values");
		pack_array(&state, arguments->n_words - is - 1);
		for (size_t word = is + 1; word < arguments->n_words; word++)
			pack_text(&state, arguments->words[word].text);
		bind_units(binding, "nullify", &names, true, &state);
	}
	names_release(&names);
	return result;
}

/* ---- at work ---- */

struct nullify {
	size_t col, n;
	enum type type;
	struct value *values;           /* that fit the type */
	char *name;
};

static void nullify_close(void *op)
{
	struct nullify *nullify = op;

	if (!nullify)
		return;
	for (size_t i = 0; i < nullify->n; i++)
		free(nullify->values[i].text);
	free(nullify->values);
	free(nullify->name);
	free(nullify);
}

static void *nullify_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct nullify *nullify = mem_new(1, sizeof *nullify);
	struct names texts = { .items = NULL };
	struct unpacked state;
	int col, result;

	(void)limits;
	if (unit->writes.n != 1) {
		error_set(err, STATUS_FAILED, "broken state of 'nullify': not one column");
		goto fail;
	}
	col = schema_require(before, unit->writes.items[0], err);
	if (col == NO_FIELD || unit_state(unit, &state, err) < 0)
		goto fail;
	result = state_read_names(&state, "values", &texts, err);
	unpacked_free(&state);
	nullify->col = (size_t)col;
	nullify->type = before->fields[col].type;
	nullify->name = mem_text(unit->writes.items[0]);
	nullify->values = mem_new(texts.n, sizeof *nullify->values);
	for (size_t i = 0; i < texts.n; i++) {
		struct value value;

		value_read(&value, texts.items[i]);
		if (value.is_time && !value.is_zoned)   /* the wall clock of the column's zone */
			value.micros -= time_form_offset(before->fields[col].form);
		if (value_fits(&value, nullify->type))
			nullify->values[nullify->n++] = value;
		else
			free(value.text);
	}
	names_release(&texts);
	if (result == 0)
		return nullify;
fail:
	nullify_close(nullify);
	return NULL;
}

static bool is_listed(void *state, const char *bytes, size_t size)
{
	const struct nullify *nullify = state;

	for (size_t i = 0; i < nullify->n; i++)
		if (nullify->values[i].size == size && memcmp(nullify->values[i].text, bytes, size) == 0)
			return true;
	return false;
}

/* Adds the rows that hold one value, whatever the type but text. */
static void find_value(const struct batch *batch, const struct column *column, enum type type, const struct value *value, uint64_t *rows)
{
	for (size_t row = 0; row < batch->n_rows; row++) {
		bool equal;

		switch (type) {
		case TYPE_INT:
			equal = column_int(column, row) == value->whole;
			break;
		case TYPE_TIME:
			equal = column_int(column, row) == value->micros;
			break;
		case TYPE_REAL:
			equal = column_real(column, row) == value->real;
			break;
		default:
			equal = column_bool(column, row) == value->flag;
		}
		rows[row / 64] |= (uint64_t)equal << row % 64;
	}
}

static int nullify_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	const struct nullify *nullify = op;
	const struct column *from = column_read(batch, nullify->col, err);
	uint64_t *rows = arena_new(&work->scratch, bits_words(batch->n_rows), sizeof *rows), n_gone = 0;
	struct column column;

	if (!from)
		return -1;
	if (nullify->type == TYPE_TEXT)
		column_find_texts(batch, &work->scratch, from, is_listed, op, rows);
	else
		for (size_t i = 0; i < nullify->n; i++)
			find_value(batch, from, nullify->type, &nullify->values[i], rows);
	column_forget(batch, from, nullify->type, rows, &column, &n_gone);
	batch_put(batch, nullify->col, nullify->type, &column);
	tally_add(work->counts, "set to null", nullify->name, n_gone);
	return 0;
}

const struct step_kind step_nullify = {
	.name = "nullify",
	.usage = "nullify COLUMN... is VALUE...",
	.summary = "take values that stand for \"not known\" as null",
	.example = "nullify city is unknown ''",
	.bind = nullify_bind,
	.open = nullify_open,
	.apply = nullify_apply,
	.close = nullify_close,
	.takes_real = takes_any_real,
};
