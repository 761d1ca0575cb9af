/* SPDX-License-Identifier: MIT */
#include "selection.h"

#include <stdlib.h>
#include <string.h>

#include "lists.h"
#include "memory.h"
#include "names.h"
#include "selector.h"

static bool hidden(enum role role)
{
	return role == ROLE_ORIGIN || role == ROLE_SPLIT || role == ROLE_SOURCE;
}

int selection_check(const struct selection_request *request, struct error *err)
{
	struct names roles = { .n = 0 };
	enum role role;
	int result = 0;

	if (request->columns.n && (request->all || request->with.n))
		return error_set(err, STATUS_USAGE, "--columns names all that is written: no --all or --with beside it");
	list_split(&request->with, false, &roles);
	for (size_t i = 0; i < roles.n && result == 0; i++)
		if (!role_from_name(roles.items[i], strlen(roles.items[i]), &role) || !hidden(role))
			result = error_set(err, STATUS_USAGE, "--with: '%s' is none of origin, split, source (all other roles are always written)",
					   roles.items[i]);
	names_release(&roles);
	return result;
}

/* The names that the selectors of --columns match. */
static int choose_named(const struct text_list *columns, const struct schema *schema, struct names *chosen, struct error *err)
{
	struct names words = { .n = 0 };
	struct selector_word *selectors;
	unsigned roles = 0;
	int result = 0;

	list_split(columns, false, &words);
	for (size_t i = 0; i < words.n && result == 0; i++)
		if (names_find(&words, words.items[i]) != i)
			result = error_set(err, STATUS_USAGE, "'%s' is there twice", words.items[i]);
	selectors = mem_new(words.n, sizeof *selectors);
	for (size_t i = 0; i < words.n; i++) {
		char *word = words.items[i];
		size_t size = strlen(word);

		if (size >= 2 && word[0] == '`' && word[size - 1] == '`') {
			word[size - 1] = 0;
			selectors[i] = (struct selector_word){ word + 1, true };
		} else {
			selectors[i] = (struct selector_word){ word, false };
		}
	}
	for (enum role role = 0; role < N_ROLES; role++)
		roles |= hidden(role) ? 0 : 1u << role;
	if (result == 0)
		result = selector_resolve_roles(selectors, words.n, schema, roles, chosen, err);
	free(selectors);
	names_release(&words);
	return result < 0 ? error_prefix(err, "--columns") : 0;
}

static void choose_by_role(const struct selection_request *request, const struct schema *schema, struct names *chosen)
{
	struct names with = { .n = 0 };

	list_split(&request->with, false, &with);
	for (size_t col = 0; col < schema->n_fields; col++) {
		enum role role = schema->fields[col].role;

		if (request->all || !hidden(role) || names_have(&with, role_name(role)))
			names_add(chosen, schema->fields[col].name);
	}
	names_release(&with);
}

int selection_make(struct selection *selection, const struct selection_request *request, const struct schema *schema,
                   struct error *err)
{
	struct names chosen = { .n = 0 };
	int result = 0;

	*selection = (struct selection){ .columns = NULL };
	if (request->columns.n)
		result = choose_named(&request->columns, schema, &chosen, err);
	else
		choose_by_role(request, schema, &chosen);
	if (result == 0 && chosen.n == 0)
		result = error_set(err, STATUS_FAILED, "no field to write: all are of the roles origin, split, source (--all writes them)");
	if (result == 0) {
		selection->columns = mem_array(chosen.n, sizeof *selection->columns);
		for (size_t i = 0; i < chosen.n; i++) {
			selection->columns[i] = (size_t)schema_find(schema, chosen.items[i]);
			schema_add_field(&selection->schema, &schema->fields[selection->columns[i]]);
		}
	}
	names_release(&chosen);
	return result;
}

int selection_apply(const struct selection *selection, struct batch *batch, bool narrow, struct column *room, struct error *err)
{
	size_t n = selection->schema.n_fields;

	for (size_t i = 0; i < n; i++) {
		size_t col = selection->columns[i];
		bool stays = narrow && batch->columns[col].encoding == ENCODED_NARROW;

		if (!(stays ? column_check(batch, col, err) : column_read(batch, col, err)))
			return -1;
	}
	for (size_t i = 0; i < n; i++) {
		struct column *column = &batch->columns[selection->columns[i]];

		room[i] = *column;
		*column = (struct column)COLUMN_INIT;
	}
	batch_set_columns(batch, 0);
	batch_set_columns(batch, n);
	memcpy(batch->columns, room, n * sizeof *batch->columns);
	batch->schema = &selection->schema;
	return 0;
}

void selection_release(struct selection *selection)
{
	free(selection->columns);
	schema_release(&selection->schema);
	*selection = (struct selection){ .columns = NULL };
}
