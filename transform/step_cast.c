/* SPDX-License-Identifier: MIT */
/*
 * `cast COLUMN... as TYPE`: the same values in another type, exactly (convert.h); a
 * value that can't be is null and counted. A unit per column.
 */
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "convert.h"
#include "memory.h"
#include "timestamp.h"

/* The words behind the columns: [as] TYPE [FORM]. */
struct target { enum type type; const char *form; };

static int read_target(const struct arguments *arguments, size_t *n_columns, struct target *target, struct error *err)
{
	size_t as = arguments_find(arguments, "as"), at = as ? as + 1 : arguments->n_words - 1;
	const struct word *word;
	const char *fault;

	*n_columns = as ? as : at;
	if (arguments->n_words < 3 || at >= arguments->n_words)
		return arguments_fail(arguments, strlen(arguments->line), err, "into which type? (cast COLUMN... as int|real|bool|time|text)");
	word = &arguments->words[at];
	if (word->key || !type_from_name(word->text, strlen(word->text), &target->type))
		return arguments_fail(arguments, word->at, err, "'%s' is no type (int, real, bool, time, text)", word->text);
	if (at + 1 == arguments->n_words)
		return 0;
	target->form = arguments->words[at + 1].text;
	if (at + 2 < arguments->n_words || target->type != TYPE_TIME)
		return arguments_fail(arguments, arguments->words[at + 1].at, err, "nothing stands behind the type, but a form behind 'time'");
	fault = time_form_fault(target->form, false);
	if (fault)
		return arguments_fail(arguments, arguments->words[at + 1].at, err, "no form of a time: %s (such as '%%Y-%%m-%%d %%H:%%M')", fault);
	return 0;
}

static int cast_bind(struct binding *binding, struct error *err)
{
	const struct arguments *arguments = binding->arguments;
	struct names names = { .items = NULL };
	struct buffer state = BUFFER_INIT;
	struct target target = { .form = NULL };
	size_t n_columns;
	int result = BIND_FAILED;

	if (read_target(arguments, &n_columns, &target, err) < 0)
		return BIND_FAILED;
	result = bind_columns_before(binding, n_columns, &names, err);
	for (size_t i = 0; result == BIND_DONE && i < names.n; i++) {
		const struct field *field = &binding->schema->fields[schema_find(binding->schema, names.items[i])];

		if (!convert_possible(field->type, target.type))
			result = arguments_fail(arguments, arguments->words[1].at, err, "column '%s' is %s, which does not become %s", field->name,
			                        type_name(field->type), type_name(target.type));
	}
	if (result == BIND_DONE) {
		pack_map(&state, target.form ? 2 : 1);
		pack_key_text(&state, "type", type_name(target.type));
		if (target.form)
			pack_key_text(&state, "form", target.form);
		bind_units(binding, "cast", &names, true, &state);
	}
	names_release(&names);
	return result;
}

struct cast { size_t col; enum type type; char *form, *what, *name; };

static void cast_close(void *op)
{
	struct cast *cast = op;

	if (!cast)
		return;
	free(cast->form);
	free(cast->what);
	free(cast->name);
	free(cast);
}

static int read_state(struct cast *cast, const struct unit *unit, const struct schema *before, struct error *err)
{
	struct unpacked state;
	char *type;
	bool known;
	int col;

	if (unit->writes.n != 1 || unit_state(unit, &state, err) < 0)
		return error_set(err, STATUS_FAILED, "broken state of 'cast': not one column");
	type = object_text(map_get(&state.object, "type"));
	cast->form = object_text(map_get(&state.object, "form"));
	unpacked_free(&state);
	known = type && type_from_name(type, strlen(type), &cast->type);
	free(type);
	if (!known)
		return error_set(err, STATUS_FAILED, "broken state of 'cast': no type");
	col = schema_require(before, unit->writes.items[0], err);
	if (col == NO_FIELD)
		return -1;
	cast->col = (size_t)col;
	return 0;
}

static int cast_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	struct cast cast = { .form = NULL };
	int result = read_state(&cast, unit, schema, err);

	if (result == 0) {
		if (schema->fields[cast.col].type != cast.type)         /* else it stays as it is */
			schema_set_form(schema, cast.col, cast.form);
		schema_set_type(schema, cast.col, cast.type);
	}
	free(cast.form);
	return result;
}

static void *cast_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct cast *cast = mem_new(1, sizeof *cast);

	(void)limits;
	if (read_state(cast, unit, before, err) < 0) {
		cast_close(cast);
		return NULL;
	}
	cast->what = mem_format("could not be cast to %s", type_name(cast->type));
	cast->name = mem_text(unit->writes.items[0]);
	return cast;
}

static int cast_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	const struct cast *cast = op;
	struct column column;
	uint64_t n_lost = 0;

	if (convert_column(batch, &work->scratch, cast->col, cast->type, cast->form, &column, &n_lost, err) < 0)
		return -1;
	batch_put(batch, cast->col, cast->type, &column);
	tally_add(work->counts, cast->what, cast->name, n_lost);
	unseen_lose(work->unseen, cast->name, type_name(cast->type), n_lost);
	return 0;
}

static bool cast_takes_real(const struct unit *unit, const char *name)
{
	struct error ignored = ERROR_INIT;
	struct unpacked state;
	bool takes;

	(void)name;
	if (unit_state(unit, &state, &ignored) < 0)
		return false;
	takes = object_is_text(map_get(&state.object, "type"), type_name(TYPE_REAL));
	unpacked_free(&state);
	return takes;
}

const struct step_kind step_cast = {
	.name = "cast",
	.usage = "cast COLUMN... as int|real|bool|time [FORM]|text",
	.summary = "the same values in another type, exactly",
	.example = "cast items as text",
	.also = "astype|convert",
	.bind = cast_bind,
	.fields = cast_fields,
	.open = cast_open,
	.apply = cast_apply,
	.close = cast_close,
	.takes_real = cast_takes_real,
};
