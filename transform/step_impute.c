/* SPDX-License-Identifier: MIT */
/*
 * `impute COLUMN...`: fills in what is missing, a unit per column. With by=, each
 * row takes the value of its group; a group without any, one that was not there
 * in learning and a row without a group take that of all rows. `indicator` adds
 * the bool column COLUMN_missing, whether anything is missing or not.
 *
 * Means and medians of int are real, so that the type does not hang on the data;
 * but where an int to learn from is beyond 2^53, so that reals would change it, they
 * can't be told exactly, and that is an error.
 * impute_fit.c says how the values are learned.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "cell.h"
#include "columns.h"
#include "form.h"
#include "impute.h"
#include "memory.h"
#include "narrow.h"
#include "number.h"
#include "text_builder.h"
#include "timestamp.h"

struct impute_config { int method; const char *constant, *by, *as; bool indicator; };

static const struct option_row impute_options[] = {
	{ "method", '=', OPTION_CHOICE, offsetof(struct impute_config, method), NULL, "mean|median|mode", 0, 0,
	  "which value (default: the median of numbers, the most frequent value of anything else)" },
	{ "constant", 0, OPTION_TEXT, offsetof(struct impute_config, constant), "VALUE", NULL, 0, 0, "this value; nothing is learned" },
	{ "by", 0, OPTION_TEXT, offsetof(struct impute_config, by), "COLUMN", NULL, 0, 0, "a value for each group of rows" },
	{ "indicator", 0, OPTION_FLAG, offsetof(struct impute_config, indicator), NULL, NULL, 0, 0, "add the bool column COLUMN_missing" },
	{ "as", 0, OPTION_TEXT, offsetof(struct impute_config, as), "NAME", NULL, 0, 0, "of one column: call the indicator NAME" },
	OPTION_END
};
static const char *const method_names[] = { "mean", "median", "mode", "constant" };

/* ---- state ---- */

static void pack_filling(struct buffer *to, enum type type, const union filling *value)
{
	switch (type) {
	case TYPE_REAL: pack_real(to, value->real); break;
	case TYPE_BOOL: pack_bool(to, value->integer != 0); break;
	case TYPE_TEXT: pack_text_n(to, value->text.bytes, value->text.size); break;
	default: pack_int(to, value->integer);
	}
}

static bool read_filling(struct arena *arena, enum type type, object from, union filling *value)
{
	bool flag;

	switch (type) {
	case TYPE_REAL:
		return object_real(from, &value->real) && isfinite(value->real);
	case TYPE_BOOL:
		if (!object_bool(from, &flag))
			return false;
		value->integer = flag;
		return true;
	case TYPE_TEXT:
		if (!from || from->type != MSGPACK_OBJECT_STR)
			return false;
		value->text.size = from->via.str.size;
		value->text.bytes = arena_text(arena, from->via.str.ptr, from->via.str.size);
		return true;
	default:
		return object_int(from, &value->integer);
	}
}

void imputation_pack(const struct imputation *imputation, const uint32_t *order, size_t n_groups, struct buffer *to)
{
	struct buffer name = BUFFER_INIT;

	buffer_clear(to);
	pack_map(to, 6);
	pack_key_text(to, "method", method_names[imputation->method]);
	pack_text(to, "indicator");
	pack_bool(to, imputation->indicator);
	pack_key_text(to, "type", type_name(imputation->type));
	pack_text(to, "value");
	if (imputation->known)
		pack_filling(to, imputation->type, &imputation->value);
	else
		pack_nil(to);
	pack_text(to, "groups");
	pack_array(to, n_groups);
	for (size_t i = 0; i < n_groups; i++) {
		buffer_clear(&name);
		distinct_print(&imputation->groups, order[i], &name);
		pack_text_n(to, buffer_text(&name), name.size);
	}
	pack_text(to, "values");
	pack_array(to, n_groups);
	for (size_t i = 0; i < n_groups; i++)
		pack_filling(to, imputation->type, &imputation->group_values[order[i]]);
	buffer_free(&name);
}

static int read_groups(struct imputation *imputation, const struct unpacked *state, struct error *err)
{
	object groups = map_get(&state->object, "groups"), values = map_get(&state->object, "values");
	size_t n = array_size(groups);

	if (n != array_size(values) || (n && !imputation->by))
		return error_set(err, STATUS_FAILED, "broken state of 'impute': groups");
	imputation->group_values = mem_new(n, sizeof *imputation->group_values);
	for (size_t i = 0; i < n; i++) {
		object name = array_get(groups, i);

		if (name->type != MSGPACK_OBJECT_STR || !distinct_parse(&imputation->groups, name->via.str.ptr, name->via.str.size) ||
		    imputation->groups.n != i + 1 ||
		    !read_filling(&imputation->arena, imputation->type, array_get(values, i), &imputation->group_values[i]))
			return error_set(err, STATUS_FAILED, "broken state of 'impute': group %zu", i + 1);
	}
	return 0;
}

static int read_state(struct imputation *imputation, const struct unpacked *state, struct error *err)
{
	object method = map_get(&state->object, "method"), type = map_get(&state->object, "type");
	object value = map_get(&state->object, "value");
	size_t i = 0;

	while (i < N_IMPUTE_METHODS && !object_is_text(method, method_names[i]))
		i++;
	if (i == N_IMPUTE_METHODS || !object_bool(map_get(&state->object, "indicator"), &imputation->indicator) ||
	    !type || type->type != MSGPACK_OBJECT_STR ||
	    !type_from_name(type->via.str.ptr, type->via.str.size, &imputation->type))
		return error_set(err, STATUS_FAILED, "broken state of 'impute'");
	imputation->method = (enum impute_method)i;
	if ((i == IMPUTE_MEAN || i == IMPUTE_MEDIAN) && imputation->type != TYPE_REAL && imputation->type != TYPE_INT)
		return error_set(err, STATUS_FAILED, "broken state of 'impute': type");
	imputation->known = value && value->type != MSGPACK_OBJECT_NIL;
	if (imputation->known && !read_filling(&imputation->arena, imputation->type, value, &imputation->value))
		return error_set(err, STATUS_FAILED, "broken state of 'impute': value");
	return read_groups(imputation, state, err);
}

int imputation_read(struct imputation *imputation, const struct unit *unit, const struct schema *schema, struct error *err)
{
	struct unpacked state;
	int by = NO_FIELD, result;

	*imputation = (struct imputation){ .known = false };
	if (unit->reads.n < 1 || unit->reads.n > 2)
		return error_set(err, STATUS_FAILED, "broken state of 'impute': columns");
	imputation->column = unit->reads.items[0];
	imputation->by = unit->reads.n == 2 ? unit->reads.items[1] : NULL;
	if (imputation->by && (by = open_column(schema, imputation->by, TYPES_ANY, err)) == NO_FIELD)
		return -1;
	distinct_start(&imputation->groups, by == NO_FIELD ? TYPE_TEXT : schema->fields[by].type);
	if (unit_state(unit, &state, err) < 0)
		return -1;
	result = read_state(imputation, &state, err);
	unpacked_free(&state);
	return result;
}

void imputation_release(struct imputation *imputation)
{
	distinct_release(&imputation->groups);
	free(imputation->group_values);
	arena_free(&imputation->arena);
	*imputation = (struct imputation){ .known = false };
}

/* ---- binding ---- */

/* A constant in the column's type. */
static bool read_constant(const char *text, const struct field *field, union filling *value)
{
	size_t size = strlen(text);
	char form[TIME_FORM_SIZE];
	bool known, yes;

	switch (field->type) {
	case TYPE_INT:
		return number_int(text, size, &value->integer);
	case TYPE_REAL:
		return number_real_rounded(text, size, &value->real);
	case TYPE_BOOL:
		known = form_of_word(text, size, &yes) != NULL;
		value->integer = yes;
		return known;
	case TYPE_TIME:
		if (field->form && time_read(text, size, field->form, false, &value->integer))
			return true;
		known = time_detect(text, size, form, &value->integer);
		if (known && !*time_form_zone(form))    /* the wall clock of the column's zone */
			value->integer -= time_form_offset(field->form);
		return known;
	default:
		value->text.bytes = text;
		value->text.size = (uint32_t)size;
		return true;
	}
}

/* The method for one column, with the value if that is a constant. */
static int choose_method(const struct binding *binding, const struct impute_config *config, const struct field *field,
                         struct imputation *imputation, struct error *err)
{
	const struct arguments *arguments = binding->arguments;

	imputation->type = field->type;
	if (config->constant) {
		imputation->method = IMPUTE_CONSTANT;
		imputation->known = true;
		if (!read_constant(config->constant, field, &imputation->value))
			return arguments_fail(arguments, arguments_key(arguments, "constant"), err, "constant=%s is no value of column '%s', which is %s",
				config->constant, field->name, type_name(field->type));
		return 0;
	}
	imputation->method = config->method >= 0 ? (enum impute_method)config->method
		: type_is_number(field->type) ? IMPUTE_MEDIAN : IMPUTE_MODE;
	if (imputation->method != IMPUTE_MODE)
		imputation->type = TYPE_REAL;
	return 0;
}

static int bind_column(struct binding *binding, const struct impute_config *config, const char *name, struct error *err)
{
	const struct field *field = &binding->schema->fields[schema_find(binding->schema, name)];
	struct imputation imputation = { .indicator = config->indicator };
	struct buffer state = BUFFER_INIT;
	struct unit *unit;

	if (config->by && strcmp(config->by, name) == 0)
		return arguments_fail(binding->arguments, arguments_key(binding->arguments, "by"), err, "column '%s' can't be its own group", name);
	if (choose_method(binding, config, field, &imputation, err) < 0)
		return BIND_FAILED;

	unit = entry_add(binding->entry, "impute");
	names_add(&unit->reads, name);
	if (config->by)
		names_add(&unit->reads, config->by);
	names_add(&unit->writes, name);
	if (config->indicator) {
		char *indicator = config->as ? mem_text(config->as) : mem_format("%s_missing", name);

		names_add(&unit->writes, indicator);
		free(indicator);
	}
	imputation_pack(&imputation, NULL, 0, &state);
	unit_set_state(unit, &state);
	return BIND_DONE;
}

static int impute_bind(struct binding *binding, struct error *err)
{
	const struct arguments *arguments = binding->arguments;
	struct impute_config config = { .method = -1 };
	struct names names = { .items = NULL };
	int by, result = bind_columns(binding, impute_options, &config, &names, err);

	if (result == BIND_DONE && config.constant && (config.method >= 0 || config.by))
		result = arguments_fail(arguments, arguments_key(arguments, "constant"), err, "constant= is the same for all rows: no %s beside it",
			config.by ? "by=" : "mean, median or mode");
	if (result == BIND_DONE && (config.method == IMPUTE_MEAN || config.method == IMPUTE_MEDIAN))
		result = bind_types(binding, &names, TYPES_NUMBER, "only numbers have a mean and a median: use mode or constant=", err);
	if (result == BIND_DONE)
		result = bind_as(binding, config.as, names.n, err);
	if (result == BIND_DONE && config.as && !config.indicator)
		result = arguments_fail(arguments, arguments_key(arguments, "as"), err, "as= names the indicator: say `indicator` too");
	if (result == BIND_DONE && config.by)
		result = bind_field(binding, "by", config.by, &by, err);
	for (size_t i = 0; result == BIND_DONE && i < names.n; i++)
		result = bind_column(binding, &config, names.items[i], err);
	names_release(&names);
	return result;
}

/* ---- applying ---- */

struct impute {
	struct imputation imputation;
	size_t col, by;                 /* by: where group_name is */
	enum type from;
	bool replayed;                  /* for a model, which takes reals anyway */
	char *name, *group_name;        /* group_name: NULL without by= */
};

static void impute_close(void *op)
{
	struct impute *impute = op;

	if (!impute)
		return;
	imputation_release(&impute->imputation);
	free(impute->name);
	free(impute->group_name);
	free(impute);
}

/* An int column that holds reals now (takes_real): so do its fillings. */
static void take_reals(struct imputation *imputation)
{
	imputation->type = TYPE_REAL;
	if (imputation->known)
		imputation->value.real = (double)imputation->value.integer;
	for (size_t i = 0; i < imputation->groups.n; i++)
		imputation->group_values[i].real = (double)imputation->group_values[i].integer;
}

static void *impute_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct impute *impute = mem_new(1, sizeof *impute);
	struct imputation *imputation = &impute->imputation;
	unsigned types;
	int col;

	impute->replayed = limits && limits->replayed;
	if (imputation_read(imputation, unit, before, err) < 0)
		goto fail;
	types = imputation->type == TYPE_REAL && imputation->method < IMPUTE_MODE ? (unsigned)TYPES_NUMBER : 1u << imputation->type;
	if (imputation->type == TYPE_INT)
		types = TYPES_NUMBER;
	if ((col = open_column(before, imputation->column, types, err)) == NO_FIELD)
		goto fail;
	if (imputation->type == TYPE_INT && before->fields[col].type == TYPE_REAL)
		take_reals(imputation);
	if (imputation->indicator && unit->writes.n != 2) {
		error_set(err, STATUS_FAILED, "broken state of 'impute': no name for the indicator");
		goto fail;
	}
	impute->col = (size_t)col;
	impute->from = before->fields[col].type;
	impute->name = mem_text(imputation->column);
	if (imputation->by) {
		impute->by = (size_t)schema_find(before, imputation->by);
		impute->group_name = mem_text(imputation->by);
	}
	imputation->column = imputation->by = NULL;     /* the unit's, which may go */
	return impute;
fail:
	impute_close(impute);
	return NULL;
}

static int impute_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	struct impute *impute = impute_open(unit, schema, NULL, err);
	int result = 0;

	if (!impute)
		return -1;
	if (impute->imputation.type != TYPE_TIME)
		schema_set_form(schema, impute->col, NULL);
	schema_set_type(schema, impute->col, impute->imputation.type);
	if (impute->imputation.indicator && (result = schema_check_generated(schema, unit->writes.items[1], err)) == 0)
		schema_add(schema, unit->writes.items[1], TYPE_BOOL, ROLE_FEATURE);
	impute_close(impute);
	return result;
}

/* The value of each missing row, in order: from its group, or NULL where all rows take the same. */
static int read_fillings(const struct impute *impute, struct batch *batch, const uint64_t *missing, struct arena *scratch, const uint32_t **groups,
                         struct error *err)
{
	const struct column *by;

	*groups = NULL;
	if (!impute->group_name)
		return 0;
	by = column_read(batch, impute->by, err);
	if (!by)
		return -1;
	*groups = distinct_look(&impute->imputation.groups, by, batch->n_rows, missing, scratch);
	return 0;
}

static const union filling *filling_of(const struct impute *impute, const uint32_t *groups, size_t row)
{
	if (!groups || groups[row] == NO_VALUE)
		return &impute->imputation.value;
	return &impute->imputation.group_values[groups[row]];
}

static void fill_numbers(const struct impute *impute, struct batch *batch, const uint64_t *missing, const uint32_t *groups, struct arena *scratch)
{
	const struct column *column = &batch->columns[impute->col];
	enum type type = impute->imputation.type;
	size_t width = type_width(type), n_rows = batch->n_rows;
	struct column fresh = COLUMN_INIT;
	unsigned char *to = column_new_values(&fresh, batch->pool, type, n_rows);

	memcpy(to, type == TYPE_REAL ? column_reals(scratch, column, impute->from, n_rows) : column->values, n_rows * width);
	for (size_t word = 0; word < bits_words(n_rows); word++)
		for (uint64_t bits = missing[word]; bits; bits &= bits - 1) {
			size_t row = word * 64 + (size_t)__builtin_ctzll(bits);
			const union filling *value = filling_of(impute, groups, row);

			if (type == TYPE_REAL)
				((double *)to)[row] = value->real;
			else if (type == TYPE_BOOL)
				to[row] = (unsigned char)value->integer;
			else
				((int64_t *)to)[row] = value->integer;
		}
	batch_put(batch, impute->col, type, &fresh);
}

/* What the filling is among narrow ints of `digits`, and how many bytes it needs. */
static bool narrow_filling(const struct impute *impute, uint8_t digits, int32_t *filling, uint8_t *width)
{
	const union filling *value = &impute->imputation.value;

	if (impute->imputation.type == TYPE_REAL) {
		if (!narrow_of_real(value->real, digits, filling))
			return false;
	} else if (value->integer > INT32_MAX || value->integer < INT32_MIN) {
		return false;
	} else {
		*filling = (int32_t)value->integer;
	}
	*width = narrow_width(narrow_bits(*filling));
	return true;
}

/* One value for all, narrow ints: they stay that, if the value is one of them. */
static bool fill_narrow(const struct impute *impute, struct batch *batch, const uint64_t *missing)
{
	const struct column *column = &batch->columns[impute->col];
	struct column fresh = COLUMN_INIT;
	unsigned char *narrow;
	int32_t filling;
	uint8_t width;

	if (column->encoding != ENCODED_NARROW || !narrow_filling(impute, column->digits, &filling, &width))
		return false;
	width = width > column->narrow_width ? width : column->narrow_width;
	narrow = column_copy_narrow(&fresh, batch->pool, batch->n_rows, width, column);
	for (size_t word = 0; word < bits_words(batch->n_rows); word++)
		for (uint64_t bits = missing[word]; bits; bits &= bits - 1)      /* little endian, as the stream */
			memcpy(&narrow[(word * 64 + (size_t)__builtin_ctzll(bits)) * width], &filling, width);
	batch_put(batch, impute->col, impute->imputation.type, &fresh);
	return true;
}

/* One value for all, a dictionary: it gets an entry more, which the missing rows show. */
static void fill_codes(const struct impute *impute, struct batch *batch, const uint64_t *missing)
{
	const struct column *column = &batch->columns[impute->col];
	const union filling *value = &impute->imputation.value;
	uint32_t n = column->n_entries, size = (uint32_t)column->bytes_size;
	struct column fresh = COLUMN_INIT;
	uint32_t *codes = column_new_codes(&fresh, batch->pool, batch->n_rows);
	uint32_t *offsets = column_new_offsets(&fresh, batch->pool, n + (size_t)1);
	char *bytes = column_new_bytes(&fresh, batch->pool, (size_t)size + value->text.size);

	memcpy(codes, column->codes, batch->n_rows * sizeof *codes);
	memcpy(offsets, column->offsets, (n + (size_t)1) * sizeof *offsets);
	if (size)
		memcpy(bytes, column->bytes, size);
	memcpy(bytes + size, value->text.bytes, value->text.size);
	offsets[n + 1] = size + value->text.size;
	for (size_t word = 0; word < bits_words(batch->n_rows); word++)
		for (uint64_t bits = missing[word]; bits; bits &= bits - 1)
			codes[word * 64 + (size_t)__builtin_ctzll(bits)] = n;
	batch_put(batch, impute->col, TYPE_TEXT, &fresh);
}

static void fill_text(const struct impute *impute, struct batch *batch, const uint32_t *groups)
{
	const struct column *column = &batch->columns[impute->col];
	struct text_builder *builder = text_builder_new();
	struct column fresh = COLUMN_INIT;

	for (size_t row = 0; row < batch->n_rows; row++) {
		size_t size;
		const char *text = column_text(column, row, &size);

		if (!column_valid(column, row)) {
			const union filling *value = filling_of(impute, groups, row);

			text = value->text.bytes;
			size = value->text.size;
		}
		text_builder_add(builder, text, size);
	}
	text_builder_finish(builder, batch->pool, &fresh);
	text_builder_free(builder);
	batch_put(batch, impute->col, TYPE_TEXT, &fresh);
}

/* Missing rows that have a group, but no value was learned for it: of a replay they are told. */
static void count_ungrouped(const struct impute *impute, const struct batch *batch, const uint64_t *missing, const uint32_t *groups,
                            struct unseen *unseen)
{
	const struct column *by = &batch->columns[impute->by];
	const struct field field = { .type = impute->imputation.groups.type };
	struct buffer text = BUFFER_INIT;
	uint64_t n = 0;

	for (size_t word = 0; word < bits_words(batch->n_rows); word++)
		for (uint64_t bits = missing[word]; bits; bits &= bits - 1) {
			size_t row = word * 64 + (size_t)__builtin_ctzll(bits);

			if (groups[row] != NO_VALUE || !column_valid(by, row))
				continue;
			n++;
			buffer_clear(&text);
			cell_print(&field, by, row, &text);
			unseen_show_group(unseen, impute->name, buffer_text(&text), text.size);
		}
	unseen_group(unseen, impute->name, impute->group_name, n);
	buffer_free(&text);
}

static int fill(const struct impute *impute, struct batch *batch, const uint64_t *missing, struct work *work, struct error *err)
{
	struct arena *scratch = &work->scratch;
	const uint32_t *groups;

	if (read_fillings(impute, batch, missing, scratch, &groups, err) < 0)
		return -1;
	if (work->replay && groups)
		count_ungrouped(impute, batch, missing, groups, work->unseen);
	if (impute->from != TYPE_TEXT && !groups && fill_narrow(impute, batch, missing))
		return 0;
	if (impute->from != TYPE_TEXT && !column_read(batch, impute->col, err))
		return -1;
	if (impute->from != TYPE_TEXT)
		fill_numbers(impute, batch, missing, groups, scratch);
	else if (batch->columns[impute->col].codes && !groups)
		fill_codes(impute, batch, missing);
	else
		fill_text(impute, batch, groups);
	return 0;
}

/* All values stay: at most the type is another. */
static int keep_values(const struct impute *impute, struct batch *batch, struct arena *scratch, struct error *err)
{
	const struct column *column = &batch->columns[impute->col];
	struct column fresh = COLUMN_INIT;

	if (impute->from == impute->imputation.type)
		return 0;
	if (column->encoding == ENCODED_NARROW) {
		column_copy_narrow(&fresh, batch->pool, batch->n_rows, column->narrow_width, column);
		column_share_valid(&fresh, column);
		batch_put(batch, impute->col, TYPE_REAL, &fresh);
		return 0;
	}
	if (!column_read(batch, impute->col, err))
		return -1;
	memcpy(column_new_values(&fresh, batch->pool, TYPE_REAL, batch->n_rows), column_reals(scratch, column, impute->from, batch->n_rows),
	       batch->n_rows * sizeof(double));
	column_share_valid(&fresh, column);
	batch_put(batch, impute->col, TYPE_REAL, &fresh);
	return 0;
}

/* Where the column is missing, or NULL. */
static const uint64_t *find_missing(const struct column *column, size_t n_rows, struct arena *scratch)
{
	uint64_t *missing;

	if (!column->n_missing)
		return NULL;
	missing = arena_array(scratch, bits_words(n_rows), sizeof *missing);
	for (size_t word = 0; word < bits_words(n_rows); word++)
		missing[word] = ~column->valid[word] & bits_word(NULL, word, n_rows);
	return missing;
}

/* The column of the indicator: true where something was missing. */
static void put_indicator(struct batch *batch, const uint64_t *missing)
{
	struct column fresh = COLUMN_INIT;
	uint8_t *flags = column_new_values(&fresh, batch->pool, TYPE_BOOL, batch->n_rows);

	memset(flags, 0, batch->n_rows);
	for (size_t word = 0; missing && word < bits_words(batch->n_rows); word++)
		for (uint64_t bits = missing[word]; bits; bits &= bits - 1)
			flags[word * 64 + (size_t)__builtin_ctzll(bits)] = 1;
	batch_put(batch, batch->n_columns, TYPE_BOOL, &fresh);
}

static int impute_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	const struct impute *impute = op;
	const struct imputation *imputation = &impute->imputation;
	const uint64_t *missing = NULL;

	/* A column that is whole and keeps its type passes undecoded. */
	if (batch->columns[impute->col].valid || impute->from != imputation->type) {
		const struct column *column = column_check(batch, impute->col, err);

		if (!column || (column->encoding != ENCODED_NARROW && !(column = column_read(batch, impute->col, err))))
			return -1;
		if (column->encoding != ENCODED_NARROW && impute->from == TYPE_INT && imputation->type == TYPE_REAL && !impute->replayed && column_beyond_reals(column, NULL, batch->n_rows))
			return error_set(err, STATUS_FAILED, "column '%s': an int beyond 2^53 would change, since the result is real (use mode or constant=)",
			                 impute->name);
		missing = find_missing(column, batch->n_rows, &work->scratch);
		if (!imputation->known || !missing) {
			if (keep_values(impute, batch, &work->scratch, err) < 0)
				return -1;
		} else {
			tally_add(work->counts, "filled", impute->name, column->n_missing);
			if (fill(impute, batch, missing, work, err) < 0)
				return -1;
		}
	}
	if (imputation->indicator)
		put_indicator(batch, missing);
	return 0;
}

/* All but the groups' column. */
static bool impute_takes_real(const struct unit *unit, const char *name)
{
	return unit->reads.n > 0 && strcmp(unit->reads.items[0], name) == 0 && !(unit->reads.n > 1 && strcmp(unit->reads.items[1], name) == 0);
}

/* The most frequent level is one of them; a mean is none, and a constant may be anything. */
static size_t impute_levels(const struct unit *unit, size_t before)
{
	struct unpacked state;
	struct error ignored = ERROR_INIT;
	bool mode;

	if (before == 0 || unit_state(unit, &state, &ignored) < 0)
		return 0;
	mode = object_is_text(map_get(&state.object, "method"), method_names[IMPUTE_MODE]);
	unpacked_free(&state);
	return mode ? before : 0;
}

const struct step_kind step_impute = {
	.name = "impute",
	.usage = "impute COLUMN... [mean|median|mode|constant=VALUE] [by=COLUMN] [indicator]",
	.summary = "fill in what is missing",
	.example = "impute rating median indicator",
	.options = impute_options,
	.also = "fillna|fill",
	.bind = impute_bind,
	.learns = impute_learns,
	.fit_new = impute_fit_new,
	.fit_update = impute_fit_update,
	.fit_merge = impute_fit_merge,
	.fit_pack = impute_fit_pack,
	.fit_unpack = impute_fit_unpack,
	.fit_finish = impute_fit_finish,
	.fit_free = impute_fit_free,
	.fields = impute_fields,
	.open = impute_open,
	.apply = impute_apply,
	.close = impute_close,
	.takes_real = impute_takes_real,
	.levels = impute_levels,
};
