/* SPDX-License-Identifier: MIT */
/*
 * `sort COLUMN[:desc]...`: rows in order of these columns, the first one first.
 * What it means to be in order is in sort_rows.h. It changes no column, so replay
 * passes it over.
 */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "sort_rows.h"
#include "step.h"

/* "km", "km:asc", "km:desc": a column of that whole name comes first. The field, or NO_FIELD. */
static int read_key(const struct schema *schema, const char *word, bool *descending)
{
	const char *colon = strrchr(word, ':');
	int col = schema_find(schema, word);
	char *name;

	*descending = false;
	if (col != NO_FIELD || !colon || (strcmp(colon, ":desc") != 0 && strcmp(colon, ":asc") != 0))
		return col;
	*descending = strcmp(colon, ":desc") == 0;
	name = mem_text_n(word, (size_t)(colon - word));
	col = schema_find(schema, name);
	free(name);
	return col;
}

static int fail_unknown(const struct binding *binding, const struct word *word, struct error *err)
{
	const char *colon = strrchr(word->text, ':');
	char *name = colon ? mem_text_n(word->text, (size_t)(colon - word->text)) : mem_text(word->text);

	/* As SQL and others say it. */
	if (strcmp(name, "desc") == 0 || strcmp(name, "asc") == 0 || (*name == '-' && schema_find(binding->schema, name + 1) != NO_FIELD))
		arguments_fail(binding->arguments, word->at, err, "no field '%s' (COLUMN:desc sorts from the largest to the smallest)", name);
	else if (schema_require(binding->schema, name, err) == NO_FIELD)
		arguments_point(binding->arguments, word->at, err);
	else
		arguments_fail(binding->arguments, word->at, err, "'%s' is no order (%s:asc or %s:desc)", colon + 1, name, name);
	free(name);
	return BIND_FAILED;
}

static int sort_bind(struct binding *binding, struct error *err)
{
	const struct arguments *arguments = binding->arguments;
	struct buffer state = BUFFER_INIT;
	struct unit *unit;
	int result = BIND_DONE;

	if (arguments->n_words < 2)
		return arguments_fail(arguments, strlen(arguments->line), err, "by which columns? (usage: sort COLUMN[:asc|:desc]...)");
	unit = entry_add(binding->entry, "sort");
	unit->acts = ACTS_ON_TABLE;
	pack_map(&state, 1);
	pack_text(&state, "keys");
	pack_array(&state, arguments->n_words - 1);
	for (size_t i = 1; i < arguments->n_words && result == BIND_DONE; i++) {
		const struct word *word = &arguments->words[i];
		bool descending;
		int col;

		if (word->key) {
			result = arguments_fail(arguments, word->at, err, "sort has no options (COLUMN:desc sorts from the largest to the smallest)");
			break;
		}
		col = read_key(binding->schema, word->text, &descending);
		if (col == NO_FIELD) {
			result = fail_unknown(binding, word, err);
			break;
		}
		if (!names_add_new(&unit->reads, binding->schema->fields[col].name))
			result = arguments_fail(arguments, word->at, err, "column '%s' is a key already", binding->schema->fields[col].name);
		pack_array(&state, 2);
		pack_text(&state, binding->schema->fields[col].name);
		pack_bool(&state, descending);
	}
	unit_set_state(unit, &state);
	return result;
}

static int sort_over(const struct unit *unit, struct source *out, struct source *in, const struct header *behind,
                     const struct step_limits *limits, struct error *err)
{
	struct sort_key *keys = mem_new(unit->reads.n + 1, sizeof *keys);
	struct unpacked state = { .zone = NULL };
	object list;
	int result = -1;

	if (unit_state(unit, &state, err) < 0)
		goto out;
	list = map_get(&state.object, "keys");
	for (size_t i = 0; i < unit->reads.n; i++) {
		object key = array_get(list, i);
		int col = schema_require(&behind->schema, unit->reads.items[i], err);

		if (col == NO_FIELD)
			goto out;
		keys[i] = (struct sort_key){ .col = (size_t)col, .type = behind->schema.fields[col].type };
		if (array_size(list) != unit->reads.n || !object_is_text(array_get(key, 0), unit->reads.items[i]) ||
		    !object_bool(array_get(key, 1), &keys[i].descending)) {
			error_set(err, STATUS_FAILED, "broken state of 'sort'");
			goto out;
		}
	}
	if (unit->reads.n == 0) {
		error_set(err, STATUS_FAILED, "broken state of 'sort': no keys");
		goto out;
	}
	sort_rows(out, in, behind, keys, unit->reads.n, limits);
	result = 0;
out:
	unpacked_free(&state);
	free(keys);
	return result;
}

const struct step_kind step_sort = {
	.name = "sort",
	.usage = "sort COLUMN[:asc|:desc]...",
	.summary = "rows in order of these columns, missing values last, equal rows as they came",
	.example = "sort city ordered_at:desc",
	.also = "order|arrange",
	.bind = sort_bind,
	.over = sort_over,
};
