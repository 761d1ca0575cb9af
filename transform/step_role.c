/* SPDX-License-Identifier: MIT */
/*
 * `role COLUMN... ROLE`: what columns are for. A model reads features only, so
 * `role customer id` takes a column out of training and keeps it in the records.
 */
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "memory.h"
#include "step.h"

/* Roles that a user gives; the others are marks of programs. */
static bool role_of_word(const char *text, enum role *role)
{
	return role_from_name(text, strlen(text), role) &&
		(*role == ROLE_FEATURE || *role == ROLE_TARGET || *role == ROLE_ID || *role == ROLE_WEIGHT ||
		    *role == ROLE_GROUP || *role == ROLE_FOLD || *role == ROLE_TIME || *role == ROLE_SOURCE);
}

/* One column says which fold a row is of. */
static int check_fold(const struct binding *binding, const struct names *names, struct error *err)
{
	int old = schema_find_role(binding->schema, ROLE_FOLD);

	if (names->n > 1)
		return arguments_fail(binding->arguments, 0, err, "a row is of one fold: '%s' or '%s'?", names->items[0], names->items[1]);
	if (old == NO_FIELD || strcmp(binding->schema->fields[old].name, names->items[0]) == 0)
		return 0;
	return arguments_fail(binding->arguments, 0, err, "the rows are in folds already, by field '%s' (drop it before)", binding->schema->fields[old].name);
}

static int role_bind(struct binding *binding, struct error *err)
{
	const struct arguments *arguments = binding->arguments;
	struct selector_word *words = mem_array(arguments->n_words, sizeof *words);
	struct names names = { .items = NULL };
	const struct word *last = &arguments->words[arguments->n_words - 1];
	size_t n;
	enum role role;
	int result = BIND_FAILED;
	struct unit *unit;
	struct buffer state;

	if (arguments_options(arguments, 1, NULL, NULL, words, &n, err) < 0)
		goto out;
	if (n < 2 || last->quoted || !role_of_word(last->text, &role)) {
		arguments_fail(arguments, n < 2 ? strlen(arguments->line) : last->at, err,
			"ends in a role: target, id, weight, group, fold, time, feature or source");
		goto out;
	}
	if ((result = bind_selectors(binding, words, n - 1, &names, err)) != BIND_DONE)
		goto out;
	if (role == ROLE_WEIGHT && (result = bind_types(binding, &names, TYPES_NUMBER, "a weight is a number", err)) != BIND_DONE)
		goto out;
	if (role == ROLE_FOLD && check_fold(binding, &names, err) < 0) {
		result = BIND_FAILED;
		goto out;
	}
	unit = entry_add(binding->entry, "role");
	state = (struct buffer) BUFFER_INIT;
	pack_map(&state, 2);
	state_names(&state, "columns", &names);
	pack_key_text(&state, "role", role_name(role));
	unit_set_state(unit, &state);
out:
	names_release(&names);
	free(words);
	return result;
}

/* A replay may lack the columns: a missing target or id is no error there. */
static int role_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	struct unpacked state;
	struct names names = { .items = NULL };
	char *word = NULL;
	int result = -1;
	enum role role;

	if (unit_state(unit, &state, err) < 0)
		return -1;
	if (state_read_names(&state, "columns", &names, err) < 0)
		goto out;
	word = object_text(map_get(&state.object, "role"));
	if (!word || !role_of_word(word, &role)) {
		error_set(err, STATUS_FAILED, "broken state: 'role'");
		goto out;
	}
	for (size_t i = 0; i < names.n; i++) {
		int col = schema_find(schema, names.items[i]);

		if (col != NO_FIELD)
			schema_set_role(schema, col, role);
	}
	result = 0;
out:
	free(word);
	names_release(&names);
	unpacked_free(&state);
	return result;
}

/* Nothing to do for batches. */
static void *role_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	(void)unit, (void)before, (void)limits, (void)err;
	return NULL;
}

const struct step_kind step_role = {
	.name = "role",
	.usage = "role COLUMN... target|id|weight|group|fold|time|feature|source",
	.summary = "say what columns are for; a model reads features only",
	.example = "role order_id id",
	.bind = role_bind,
	.fields = role_fields,
	.open = role_open,
};
