/* SPDX-License-Identifier: MIT */
#include "selector.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "memory.h"
#include "text.h"

static bool plain_bytes(const char *text)
{
	size_t size = 0;

	while (isalnum((unsigned char)text[size]) || text[size] == '_')
		size++;
	return size > 0 && !text[size];
}

static bool plain_word(const char *name)
{
	static const char *const options[] = { "mean", "median", "mode", "constant", "by", "indicator", "min", "max", "other", "unknown",
		"hour", "weekday", "month", "day", "drop", "keep", "standard", "minmax", "robust", "maxabs", "ddof", "method", "cyclic", "year",
		"weekend", "yearday", "minute", "missing", "as", "else", "local", "utc" };

	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (strcmp(name, options[i]) == 0)
			return false;
	return !isdigit((unsigned char)*name) && plain_bytes(name);
}

void selector_print_name(struct buffer *to, const char *name)
{
	if (plain_word(name)) {
		buffer_add_text(to, name);
		return;
	}
	buffer_add_byte(to, '`');
	for (; *name; name++) {
		if (*name == '`')
			buffer_add_byte(to, '`');
		buffer_add_byte(to, (unsigned char)*name);
	}
	buffer_add_byte(to, '`');
}

static bool excludes(const struct selector_word *word)
{
	return !word->quoted && word->text[0] == '!' && word->text[1];
}

/* What is left of a word without its `!`. */
static const char *pattern_of(const struct selector_word *word)
{
	return word->text + excludes(word);
}

static bool is_name(const struct selector_word *word)
{
	const char *pattern = pattern_of(word);

	return word->quoted || (pattern[0] != ':' && pattern[0] != '@' && !text_is_glob(pattern));
}

static bool type_matches(const char *name, enum type type)
{
	return strcmp(name, "number") == 0 ? type_is_number(type) : strcmp(name, type_name(type)) == 0;
}

/* Whether `:type` or `@role` could match a feature of one of the types. */
static bool may_match(const char *pattern, unsigned types)
{
	if (pattern[0] == '@')
		return strcmp(pattern, "@feature") == 0;
	for (unsigned type = 0; pattern[0] == ':' && type < N_TYPES; type++)
		if (types & 1u << type && type_matches(pattern + 1, (enum type)type))
			return true;
	return false;
}

bool selector_open(const struct selector_word *words, size_t n, unsigned types)
{
	for (size_t i = 0; types && i < n; i++) {
		const char *pattern = pattern_of(&words[i]);

		if (excludes(&words[i]))
			return true;
		if (!is_name(&words[i]) && (text_is_glob(pattern) || may_match(pattern, types)))
			return true;
	}
	return false;
}

static int check_word(const char *pattern, struct error *err)
{
	enum type type;
	enum role role;

	if (pattern[0] == ':' && strcmp(pattern, ":number") != 0 && !type_from_name(pattern + 1, strlen(pattern + 1), &type))
		return error_set(err, STATUS_USAGE, "no type '%s' (:number :int :real :bool :time :text)", pattern);
	if (pattern[0] == '@' && !role_from_name(pattern + 1, strlen(pattern + 1), &role))
		return error_set(err, STATUS_USAGE, "no role '%s' (@feature @target @id @weight @group @time @split @fold @origin @source)", pattern);
	return 0;
}

/* Whether a field matches a pattern that is no name. */
static bool field_matches(const struct field *field, const char *pattern, unsigned roles)
{
	if (field_is_hole(field))
		return false;
	if (pattern[0] == '@')
		return strcmp(pattern + 1, role_name(field->role)) == 0;
	if (!(roles & 1u << field->role))
		return false;
	return pattern[0] == ':' ? type_matches(pattern + 1, field->type) : text_glob(pattern, field->name);
}

/* Marks what a word matches, all of it among the columns from *first to before *end; a name that is not there is an error. */
static int mark(const struct selector_word *word, const struct schema *schema, unsigned roles, bool *marks, size_t *first, size_t *end, struct error *err)
{
	const char *pattern = pattern_of(word);
	bool any = false;

	*first = 0;
	*end = schema->n_fields;
	if (is_name(word)) {
		int col = schema_require(schema, pattern, err);

		if (col == NO_FIELD)
			return -1;
		marks[col] = true;
		*first = (size_t)col;
		*end = *first + 1;
		return 0;
	}
	if (check_word(pattern, err) < 0)
		return -1;
	for (size_t col = 0; col < schema->n_fields; col++)
		if (field_matches(&schema->fields[col], pattern, roles)) {
			marks[col] = true;
			any = true;
		}
	if (!any)
		return error_set(err, STATUS_FAILED, "'%s' matches no field", word->text);
	return 0;
}

static bool only_names(const struct selector_word *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (excludes(&words[i]) || !is_name(&words[i]))
			return false;
	return n > 0;
}

/* In the time of the words, not that of the fields. */
static int resolve_names(const struct selector_word *words, size_t n, const struct schema *schema, struct names *names, struct error *err)
{
	struct names added = { .items = NULL };
	int result = 0;

	for (size_t i = 0; i < n && result == 0; i++) {
		if (schema_require(schema, words[i].text, err) == NO_FIELD)
			result = -1;
		else if (names_add_new(&added, words[i].text))
			names_add(names, words[i].text);
	}
	names_release(&added);
	return result;
}

int selector_resolve(const struct selector_word *words, size_t n, const struct schema *schema, struct names *names, struct error *err)
{
	return selector_resolve_roles(words, n, schema, 1u << ROLE_FEATURE, names, err);
}

/* The columns that words match, which are not all names: *n_cols of them into cols, room for all fields. */
static int resolve_columns(const struct selector_word *words, size_t n, const struct schema *schema, unsigned roles, size_t *cols, size_t *n_cols,
                           struct error *err)
{
	struct arena arena = ARENA_INIT;
	bool *out = arena_new(&arena, schema->n_fields + 1, sizeof *out), *in = arena_new(&arena, schema->n_fields + 1, sizeof *in);
	bool *added = arena_new(&arena, schema->n_fields + 1, sizeof *added);
	size_t n_included = 0, first, end;
	int result = 0;

	*n_cols = 0;
	for (size_t i = 0; i < n && result == 0; i++) {
		if (excludes(&words[i]))
			result = mark(&words[i], schema, roles, out, &first, &end, err);
		else
			n_included++;
	}
	for (size_t i = 0; i < n + (n_included == 0) && result == 0; i++) {
		static const struct selector_word all = { "*", false };
		const struct selector_word *word = i < n ? &words[i] : &all;

		if (excludes(word))
			continue;
		result = mark(word, schema, roles, in, &first, &end, err);
		for (size_t col = first; col < end && result == 0; col++) {
			if (in[col] && !out[col] && !added[col]) {
				cols[(*n_cols)++] = col;
				added[col] = true;
			}
			in[col] = false;
		}
	}
	arena_free(&arena);
	return result;
}

int selector_resolve_roles(const struct selector_word *words, size_t n, const struct schema *schema, unsigned roles, struct names *names,
                           struct error *err)
{
	size_t *cols, n_cols;
	int result;

	if (only_names(words, n))
		return resolve_names(words, n, schema, names, err);
	cols = mem_array(schema->n_fields + 1, sizeof *cols);
	result = resolve_columns(words, n, schema, roles, cols, &n_cols, err);
	for (size_t i = 0; i < n_cols && result == 0; i++)
		names_add(names, schema->fields[cols[i]].name);
	free(cols);
	return result;
}

bool selector_is_all(const struct selector_word *words, size_t n, const struct schema *schema)
{
	struct error ignored = ERROR_INIT;
	size_t *cols, n_cols, at = 0;
	bool is_all;

	if (only_names(words, n))
		return false;           /* said in the time of the words: nobody names thousands of features again and again */
	cols = mem_array(schema->n_fields + 1, sizeof *cols);
	is_all = resolve_columns(words, n, schema, 1u << ROLE_FEATURE, cols, &n_cols, &ignored) == 0;
	for (size_t col = 0; col < schema->n_fields && is_all; col++)
		if (schema->fields[col].role == ROLE_FEATURE && !field_is_hole(&schema->fields[col]))
			is_all = at < n_cols && cols[at++] == col;
	free(cols);
	return is_all && at == n_cols;
}

size_t selector_fault(const struct selector_word *words, size_t n, const struct schema *schema)
{
	bool *marks = mem_new(schema->n_fields + 1, sizeof *marks);
	struct error ignored = ERROR_INIT;
	size_t first, end, i = 0;

	while (i < n && mark(&words[i], schema, 1u << ROLE_FEATURE, marks, &first, &end, &ignored) == 0)
		i++;
	free(marks);
	return i;
}
