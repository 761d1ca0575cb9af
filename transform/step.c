/* SPDX-License-Identifier: MIT */
/* The table of steps, and what nearly every one of them does at bind and at open. */
#include "step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "registry.h"
#include "steps.h"
#include "text.h"

REGISTRY(step, STEPS)

const struct step_kind *step_find(const char *name)
{
	return registry_find(&registry, name);
}

bool unit_counts_on_replay(const struct unit *unit)
{
	const struct step_kind *kind = unit->writes.n == 0 && unit->acts != ACTS_ON_TABLE ? step_find(unit->kind) : NULL;

	return kind && kind->counts_on_replay;
}

const struct step_kind *const *step_list(size_t *n)
{
	*n = N_KINDS;
	return kinds;
}

static bool is_one_of(const char *words, const char *word)
{
	for (size_t size; words && *words; words += size + (words[size] == '|')) {
		size = strcspn(words, "|");
		if (strlen(word) == size && memcmp(words, word, size) == 0)
			return true;
	}
	return false;
}

const struct step_kind *step_require(const struct arguments *arguments, struct error *err)
{
	const char *name = arguments->words[0].text;
	const struct step_kind *kind = step_find(name);

	for (size_t i = 0; i < N_KINDS && !kind && !err->code; i++)
		if (is_one_of(kinds[i]->also, name))
			error_set(err, STATUS_USAGE, "no such step (it is called '%s': %s)", kinds[i]->name, kinds[i]->usage);
	if (!kind && !err->code)
		registry_require(&registry, name, err, arguments->n_words == 1 ? "no such step, and a step is one argument, in quotes" : "no such step");
	if (!kind)
		arguments_point(arguments, 0, err);
	return kind;
}

static const char *text_at(const void *texts, size_t i) { return ((char *const *)texts)[i]; }

/* The bare word of the step that the user may have meant; the caller frees. NULL: none. */
static char *closest_option(const struct option_row *rows, const char *word)
{
	struct names bare = { .items = NULL };
	char *closest;

	for (; rows && rows->name; rows++) {
		if (rows->type == OPTION_FLAG)
			names_add(&bare, rows->name);
		for (const char *from = rows->letter == '=' ? rows->choices : ""; *from;) {
			size_t size = strcspn(from, "|");

			names_take(&bare, mem_text_n(from, size));
			from += size + (from[size] == '|');
		}
	}
	closest = mem_text(text_closest(word, text_at, bare.items, bare.n));
	names_release(&bare);
	return closest;
}

/* The message of a selector that failed, with the caret under the first word that fails by itself, which may be a mistyped option. */
static int point_at_selector(const struct arguments *arguments, const struct option_row *rows, const struct selector_word *words, size_t n,
                             const struct schema *schema, struct error *err)
{
	const struct selector_word *word = words + selector_fault(words, n, schema);
	size_t at = arguments->n_words > 1 ? arguments->words[1].at : 0;

	if (word == words + n)
		return arguments_point(arguments, at, err);
	for (size_t j = 1; j < arguments->n_words; j++)
		if (arguments->words[j].text == word->text)
			at = arguments->words[j].at;
	if (!word->quoted && strchr(word->text, ',')) {
		error_clear(err);
		error_set(err, STATUS_USAGE, "no field '%s' (blanks part the columns, not commas)", word->text);
	} else if (!word->quoted && !schema_closest(schema, word->text)) {
		char *option = closest_option(rows, word->text);

		if (option) {
			error_clear(err);
			error_set(err, STATUS_USAGE, "no field or option '%s' (did you mean '%s'?)", word->text, option);
		}
		free(option);
	}
	return arguments_point(arguments, at, err);
}

/* rows: options that words could have been, or NULL. */
static int resolve_selectors(struct binding *binding, const struct option_row *rows, const struct selector_word *words, size_t n,
                             struct names *names, struct error *err)
{
	if (selector_open(words, n, binding->open))
		return BIND_WAIT;
	if (selector_resolve(words, n, binding->schema, names, err) == 0)
		return BIND_DONE;
	if (binding->open) {            /* a step before may still add the field */
		error_clear(err);
		names_release(names);
		return BIND_WAIT;
	}
	return point_at_selector(binding->arguments, rows, words, n, binding->schema, err);
}

int bind_selectors(struct binding *binding, const struct selector_word *words, size_t n, struct names *names, struct error *err)
{
	return resolve_selectors(binding, NULL, words, n, names, err);
}

int bind_columns(struct binding *binding, const struct option_row *rows, void *config, struct names *names, struct error *err)
{
	const struct arguments *arguments = binding->arguments;
	struct selector_word *words = mem_array(arguments->n_words, sizeof *words);
	size_t n;
	int result = BIND_FAILED;

	if (arguments_options(arguments, 1, rows, config, words, &n, err) < 0)
		goto out;
	if (n == 0)
		arguments_fail(arguments, strlen(arguments->line), err, "which columns? (usage: %s)",
			step_find(arguments->words[0].text)->usage);
	else
		result = resolve_selectors(binding, rows, words, n, names, err);
out:
	free(words);
	return result;
}

int bind_field(struct binding *binding, const char *key, const char *name, int *col, struct error *err)
{
	*col = schema_find(binding->schema, name);
	if (*col != NO_FIELD)
		return BIND_DONE;
	if (binding->open)
		return BIND_WAIT;
	if (schema_require(binding->schema, name, err) == NO_FIELD)
		arguments_point(binding->arguments, arguments_key(binding->arguments, key), err);
	return BIND_FAILED;
}

int bind_as(const struct binding *binding, const char *as, size_t n, struct error *err)
{
	size_t at = arguments_key(binding->arguments, "as");

	if (!as)
		return BIND_DONE;
	if (n > 1)
		return arguments_fail(binding->arguments, at, err, "as= names what is made of one column, these are %zu", n);
	return schema_check_name(as, strlen(as), err) < 0 ? arguments_point(binding->arguments, at, err) : BIND_DONE;
}

/* "int or real", out of a bit mask. */
static void name_types(unsigned types, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (unsigned type = 0; type < N_TYPES; type++)
		if (types & 1u << type) {
			unsigned rest = types >> (type + 1);
			const char *before = length == 0 ? "" : rest ? ", " : " or ";

			length += (size_t)snprintf(text + length, size - length, "%s%s", before, type_name((enum type)type));
		}
}

int open_column(const struct schema *schema, const char *name, unsigned types, struct error *err)
{
	char expected[64];
	int col = schema_require(schema, name, err);

	if (col == NO_FIELD || types & 1u << schema->fields[col].type)
		return col;
	name_types(types, expected, sizeof expected);
	error_set(err, STATUS_FAILED, "column '%s' is %s, not %s", name, type_name(schema->fields[col].type), expected);
	return NO_FIELD;
}

int unit_state(const struct unit *unit, struct unpacked *state, struct error *err)
{
	static const unsigned char empty[] = { 0x80 };  /* a map */

	if (pack_read(state, unit->state ? unit->state->data : empty, unit->state ? unit->state->size : 1, err) < 0)
		return error_set(err, STATUS_FAILED, "state of '%s': broken, or a value of 4 GiB or more in it", unit->kind);
	if (state->object.type == MSGPACK_OBJECT_MAP)
		return 0;
	unpacked_free(state);
	return error_set(err, STATUS_FAILED, "state of '%s': no map", unit->kind);
}

bool takes_any_real(const struct unit *unit, const char *name)
{
	(void)unit, (void)name;
	return true;
}

void state_names(struct buffer *to, const char *key, const struct names *names)
{
	pack_text(to, key);
	pack_names(to, names);
}

int state_read_names(const struct unpacked *state, const char *key, struct names *names, struct error *err)
{
	if (!object_names(map_get(&state->object, key), names))
		return error_set(err, STATUS_FAILED, "broken state: '%s'", key);
	return 0;
}
