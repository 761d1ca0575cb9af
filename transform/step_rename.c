/* SPDX-License-Identifier: MIT */
/*
 * `rename OLD=NEW...`: one after the other, a unit for each, so that nothing else
 * about a renamed column depends on its neighbours. The unit's reads and writes
 * are its whole state.
 */
#include <string.h>

#include "step.h"

/* What the pairs of the line left: no copy of all fields for each line. */
struct renamed {
	struct names gone;              /* of the fields before the line: who had them is called otherwise, */
	struct schema fields;           /* and stands here */
};

/* One of renamed->fields, which the field joins the first time. */
static int find_renamed(const struct schema *schema, struct renamed *renamed, const char *name)
{
	int col = schema_find(&renamed->fields, name);

	if (col != NO_FIELD || names_have(&renamed->gone, name))
		return col;
	col = schema_find(schema, name);
	if (col == NO_FIELD)
		return col;
	schema_add(&renamed->fields, name, schema->fields[col].type, schema->fields[col].role);
	names_add(&renamed->gone, name);
	return (int)renamed->fields.n_fields - 1;
}

/* One pair, on the fields as the pairs before it left them. */
static int bind_pair(struct binding *binding, const struct word *word, struct renamed *renamed, struct error *err)
{
	const struct arguments *arguments = binding->arguments;
	int col;
	struct unit *unit;

	if (!word->key)
		return arguments_fail(arguments, word->at, err, "expects OLD=NEW (odd names in `backquotes`)");
	col = find_renamed(binding->schema, renamed, word->key);
	if (col == NO_FIELD && binding->open)
		return BIND_WAIT;
	if (col == NO_FIELD && names_have(&renamed->gone, word->key))
		return arguments_fail(arguments, word->at, err, "no field '%s'", word->key);
	if (col == NO_FIELD && schema_require(binding->schema, word->key, err) == NO_FIELD)
		return arguments_point(arguments, word->at, err);
	if (schema_check_name(word->text, strlen(word->text), err) < 0)
		return arguments_point(arguments, word->at, err);
	if (find_renamed(binding->schema, renamed, word->text) != NO_FIELD)
		return arguments_fail(arguments, word->at, err, "there is a field '%s' already", word->text);
	schema_rename(&renamed->fields, (size_t)col, word->text);

	unit = entry_add(binding->entry, "rename");
	names_add(&unit->reads, word->key);
	names_add(&unit->writes, word->text);
	return BIND_DONE;
}

static int rename_bind(struct binding *binding, struct error *err)
{
	const struct arguments *arguments = binding->arguments;
	struct renamed renamed = { .fields = SCHEMA_INIT };
	size_t n_units = binding->entry->n_units;
	int result = BIND_DONE;

	if (arguments->n_words < 2)
		return arguments_fail(arguments, strlen(arguments->line), err, "which columns? (usage: rename OLD=NEW...)");
	for (size_t i = 1; i < arguments->n_words && result == BIND_DONE; i++)
		result = bind_pair(binding, &arguments->words[i], &renamed, err);
	while (result != BIND_DONE && binding->entry->n_units > n_units)
		unit_release(&binding->entry->units[--binding->entry->n_units]);
	schema_release(&renamed.fields);
	names_release(&renamed.gone);
	return result;
}

static int rename_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	int col;

	if (unit->reads.n != 1 || unit->writes.n != 1)
		return error_set(err, STATUS_FAILED, "broken state: not one name for one");
	col = schema_require(schema, unit->reads.items[0], err);
	if (col == NO_FIELD)
		return -1;
	if (schema_find(schema, unit->writes.items[0]) != NO_FIELD)
		return error_set(err, STATUS_FAILED, "there is a field '%s' already", unit->writes.items[0]);
	schema_rename(schema, (size_t)col, unit->writes.items[0]);
	return 0;
}

/* Nothing to do for batches. */
static void *rename_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	(void)unit, (void)before, (void)limits, (void)err;
	return NULL;
}

static size_t rename_levels(const struct unit *unit, size_t before)
{
	(void)unit;
	return before;
}

const struct step_kind step_rename = {
	.name = "rename",
	.usage = "rename OLD=NEW...",
	.summary = "give columns other names",
	.example = "rename minutes=duration",
	.bind = rename_bind,
	.fields = rename_fields,
	.open = rename_open,
	.takes_real = takes_any_real,
	.levels = rename_levels,
};
