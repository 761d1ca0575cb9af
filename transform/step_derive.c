/* SPDX-License-Identifier: MIT */
/*
 * `derive NAME = EXPRESSION`: a new column, or new values for one that is there,
 * which then keeps its place and role. A unit in brackets behind the name goes to
 * the schema; without it the expression's own, where it has one: a plain column's,
 * km for haversine, s for the difference of two times.
 */
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "memory.h"

/* ---- NAME [unit] = ---- */

struct head { char *name, *unit; size_t end; };         /* end: of the line's part up to and with the '=' */

static size_t skip_blanks(const char *line, size_t at)
{
	return at + strspn(line + at, " \t");
}

/* A bare or quoted name from byte `at`; the byte behind it. */
static size_t read_name(const char *line, size_t at, struct buffer *name)
{
	char quote = line[at];

	if (!quote || !strchr("'\"`", quote)) {
		size_t size = strcspn(line + at, " \t=[");

		buffer_add(name, line + at, size);
		return at + size;
	}
	for (at++; line[at] && (line[at] != quote || line[at + 1] == quote); at++) {
		at += line[at] == quote;
		buffer_add_byte(name, (unsigned char)line[at]);
	}
	return line[at] ? at + 1 : at;
}

static int read_head(const struct arguments *arguments, struct head *head, struct error *err)
{
	const char *line = arguments->line;
	struct buffer name = BUFFER_INIT;
	size_t first, at;

	if (arguments->n_words < 2)
		return arguments_fail(arguments, strlen(line), err, "which column? (derive NAME = EXPRESSION)");
	first = arguments->words[1].at;
	at = skip_blanks(line, read_name(line, first, &name));
	head->name = mem_text(buffer_text(&name));
	buffer_free(&name);
	if (schema_check_name(head->name, strlen(head->name), err) < 0)
		return arguments_point(arguments, first, err);
	if (line[at] == '[') {
		size_t size = strcspn(line + at + 1, "]");

		if (!line[at + 1 + size] || size == 0)
			return arguments_fail(arguments, at, err, "a unit stands in brackets: [min]");
		head->unit = mem_text_n(line + at + 1, size);
		at = skip_blanks(line, at + size + 2);
	}
	if (line[at] != '=' || line[at + 1] == '=')
		return arguments_fail(arguments, at, err, "'=' is due behind the name (derive NAME = EXPRESSION; odd names in `backquotes`)");
	head->end = skip_blanks(line, at + 1);
	return 0;
}

static int derive_bind(struct binding *binding, struct error *err)
{
	struct head head = { .name = NULL };
	struct bound_expression bound = { .text = NULL };
	int result = BIND_FAILED;

	if (read_head(binding->arguments, &head, err) < 0)
		goto out;
	result = bind_expression(binding, head.end, NULL, &bound, err);
	if (result == BIND_DONE) {
		struct unit *unit = entry_add(binding->entry, "derive");
		struct buffer state = BUFFER_INIT;

		names_copy(&unit->reads, &bound.reads);
		names_add(&unit->writes, head.name);
		pack_map(&state, head.unit ? 2 : 1);
		pack_key_text(&state, "expression", bound.text);
		if (head.unit)
			pack_key_text(&state, "unit", head.unit);
		unit_set_state(unit, &state);
	}
out:
	bound_expression_release(&bound);
	free(head.name);
	free(head.unit);
	return result;
}

/* ---- at work ---- */

struct derive { struct expression *expression; size_t col; enum type type; char *name; };

static void derive_close(void *op)
{
	struct derive *derive = op;

	if (!derive)
		return;
	expression_free(derive->expression);
	free(derive->name);
	free(derive);
}

static struct expression *open_result(const struct unit *unit, const struct schema *before, enum type *type, struct error *err)
{
	if (unit->writes.n == 1)
		return open_expression(unit, "expression", before, type, err);
	error_set(err, STATUS_FAILED, "broken state of 'derive': not one column");
	return NULL;
}

/* The field behind: of the result's type, with its form and unit. */
static int derive_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	struct expression *expression;
	struct unpacked state;
	enum type type;
	char *own_unit;
	int col;

	expression = open_result(unit, schema, &type, err);
	if (!expression)
		return -1;
	if (unit_state(unit, &state, err) < 0) {
		expression_free(expression);
		return -1;
	}
	own_unit = object_text(map_get(&state.object, "unit"));
	col = schema_find(schema, unit->writes.items[0]);
	if (col == NO_FIELD) {
		schema_add(schema, unit->writes.items[0], type, ROLE_FEATURE);
		col = (int)schema->n_fields - 1;
	}
	schema_set_type(schema, col, type);
	schema_set_unit(schema, (size_t)col, own_unit ? own_unit : expression_unit(expression));
	schema_set_form(schema, (size_t)col, expression_form(expression));
	free(own_unit);
	unpacked_free(&state);
	expression_free(expression);
	return 0;
}

static void *derive_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct derive *derive;
	struct expression *expression;
	enum type type;
	int col;

	(void)limits;
	expression = open_result(unit, before, &type, err);
	if (!expression)
		return NULL;
	col = schema_find(before, unit->writes.items[0]);
	derive = mem_new(1, sizeof *derive);
	*derive = (struct derive){ .expression = expression, .col = col == NO_FIELD ? before->n_fields : (size_t)col, .type = type,
	                          .name = mem_text(unit->writes.items[0]) };
	return derive;
}

static int derive_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	const struct derive *derive = op;
	uint64_t no_answer = 0;
	struct column fresh;

	if (expression_run(derive->expression, batch, &work->scratch, &fresh, &no_answer, err) < 0)
		return -1;
	batch_put(batch, derive->col, derive->type, &fresh);
	tally_add(work->counts, "without an answer", derive->name, no_answer);
	return 0;
}

static bool derive_takes_real(const struct unit *unit, const char *name)
{
	return expression_of_state_takes_real(unit, "expression", name);
}

const struct step_kind step_derive = {
	.name = "derive",
	.usage = "derive NAME [UNIT] = EXPRESSION",
	.summary = "compute a column out of others (EXPRESSIONS below)",
	.example = "derive is_small = items <= 2",
	.also = "mutate|assign|compute|add",
	.bind = derive_bind,
	.fields = derive_fields,
	.open = derive_open,
	.apply = derive_apply,
	.close = derive_close,
	.takes_real = derive_takes_real,
};
