/* SPDX-License-Identifier: MIT */
#include "binding.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "known_levels.h"
#include "memory.h"

size_t arguments_find(const struct arguments *arguments, const char *word)
{
	for (size_t i = 1; i < arguments->n_words; i++) {
		const struct word *here = &arguments->words[i];

		if (!here->key && !here->quoted && strcmp(here->text, word) == 0)
			return i;
	}
	return 0;
}

int bind_columns_before(struct binding *binding, size_t n_words, struct names *names, struct error *err)
{
	struct arguments part = *binding->arguments;
	struct binding shorter = *binding;

	part.n_words = n_words;
	shorter.arguments = &part;
	return bind_columns(&shorter, NULL, NULL, names, err);
}

int bind_types(const struct binding *binding, const struct names *names, unsigned types, const char *advice, struct error *err)
{
	const struct arguments *arguments = binding->arguments;

	for (size_t i = 0; i < names->n; i++) {
		struct error wrong = ERROR_INIT;
		size_t at = arguments->words[1].at;

		if (open_column(binding->schema, names->items[i], types, &wrong) != NO_FIELD)
			continue;
		for (size_t j = 1; j < arguments->n_words; j++)         /* under the name, if it stands there as such */
			if (!arguments->words[j].key && strcmp(arguments->words[j].text, names->items[i]) == 0)
				at = arguments->words[j].at;
		return arguments_fail(arguments, at, err, "%s (%s)", wrong.message, advice);
	}
	return BIND_DONE;
}

struct unit *bind_units(struct binding *binding, const char *kind, const struct names *columns, bool in_place, struct buffer *state)
{
	struct bytes *shared = state && state->size ? bytes_of(state) : NULL;
	size_t first = binding->entry->n_units;

	for (size_t i = 0; i < columns->n; i++) {
		struct unit *unit = entry_add(binding->entry, kind);

		names_add(&unit->reads, columns->items[i]);
		if (in_place)
			names_add(&unit->writes, columns->items[i]);
		unit->state = bytes_use(shared);
	}
	bytes_drop(shared);
	return binding->entry->units + first;
}

int bind_level_columns(struct binding *binding, const struct option_row *rows, void *config, const char *const *as, struct names *names,
                       struct error *err)
{
	int result = bind_columns(binding, rows, config, names, err);

	if (result == BIND_DONE)
		result = bind_types(binding, names, TYPES_LEVELS, "levels are text, int or bool", err);
	return result == BIND_DONE ? bind_as(binding, *as, names->n, err) : result;
}

int bind_expression(struct binding *binding, size_t at, const char *stop, struct bound_expression *bound, struct error *err)
{
	const char *line = binding->arguments->line;
	struct error wrong = ERROR_INIT;
	size_t error_at = at;
	struct expression *expression = expression_parse(line, at, stop, &bound->end, &error_at, &wrong);
	int result = BIND_FAILED;

	if (!expression)
		goto out;
	expression_reads(expression, &bound->reads);
	for (size_t i = 0; i < bound->reads.n && binding->open; i++)
		if (schema_find(binding->schema, bound->reads.items[i]) == NO_FIELD) {
			result = BIND_WAIT;
			goto out;
		}
	if (expression_check(expression, binding->schema, &bound->type, &error_at, &wrong) == 0)
		result = BIND_DONE;
out:
	if (result == BIND_FAILED)
		arguments_fail(binding->arguments, error_at, err, "%s", wrong.message);
	if (result == BIND_DONE) {
		size_t size = bound->end - at;

		while (size && (line[at + size - 1] == ' ' || line[at + size - 1] == '\t'))
			size--;
		bound->text = mem_text_n(line + at, size);
	}
	expression_free(expression);
	return result;
}

void bound_expression_release(struct bound_expression *bound)
{
	free(bound->text);
	names_release(&bound->reads);
}

/* The text under `key` of a unit's state, parsed; NULL and err. */
static struct expression *parse_expression(const struct unit *unit, const char *key, struct error *err)
{
	struct expression *expression = NULL;
	struct unpacked state;
	size_t end, error_at;
	char *text;

	if (unit_state(unit, &state, err) < 0)
		return NULL;
	text = object_text(map_get(&state.object, key));
	if (text)
		expression = expression_parse(text, 0, NULL, &end, &error_at, err);
	else
		error_set(err, STATUS_FAILED, "broken state of '%s': no '%s'", unit->kind, key);
	free(text);
	unpacked_free(&state);
	return expression;
}

struct expression *open_expression(const struct unit *unit, const char *key, const struct schema *schema, enum type *type, struct error *err)
{
	struct expression *expression = parse_expression(unit, key, err);
	size_t error_at;

	if (expression && expression_check(expression, schema, type, &error_at, err) < 0) {
		expression_free(expression);
		expression = NULL;
	}
	return expression;
}

bool expression_of_state_takes_real(const struct unit *unit, const char *key, const char *name)
{
	struct error ignored = ERROR_INIT;
	struct expression *expression = parse_expression(unit, key, &ignored);
	bool takes = expression && expression_takes_real(expression, name);

	expression_free(expression);
	return takes;
}
