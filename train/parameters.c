/* SPDX-License-Identifier: MIT */
#include "parameters.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "class_weights.h"
#include "memory.h"
#include "other_names.h"

const struct option_row general_parameters[] = {
	{ "class_weight", 0, OPTION_TEXT, offsetof(struct general_parameters, class_weight), "none|balanced|CLASS:W,...", NULL, 0, 0,
	  "how much a row of a class counts in training, times its own weight; balanced: all classes the same (default none: 1)" },
	OPTION_END,
};

size_t parameter_key(const char *word)
{
	size_t size = 0;

	while (isalpha((unsigned char)word[size]) || word[size] == '_' || (size > 0 && isdigit((unsigned char)word[size])))
		size++;
	return word[size] == '=' ? size : 0;
}

bool parameter_is(const char *word, const char *key)
{
	return parameter_key(word) == strlen(key) && memcmp(word, key, strlen(key)) == 0;
}

const char *parameters_word(const struct names *words, const char *key)
{
	for (size_t i = 0; i < words->n; i++)
		if (parameter_is(words->items[i], key))
			return words->items[i];
	return NULL;
}

/* The same key twice would leave it to chance which of them counts. */
int parameters_words(const struct text_list *words, struct error *err)
{
	struct names keys = { .items = NULL };
	int result = 0;

	for (size_t i = 0; i < words->n && result == 0; i++) {
		size_t size = parameter_key(words->items[i]);
		char *key = mem_text_n(words->items[i], size);

		if (size > 0 && names_have(&keys, key))
			result = error_set(err, STATUS_USAGE, "%s is given twice", key);
		else
			names_add_new(&keys, key);
		free(key);
	}
	names_release(&keys);
	return result;
}

static bool has_key(const struct option_row *rows, const char *word)
{
	size_t size = parameter_key(word);

	for (; rows && rows->name; rows++)
		if (strlen(rows->name) == size && memcmp(rows->name, word, size) == 0)
			return true;
	return false;
}

bool parameters_suit(const struct model_kind *kind, const struct text_list *words)
{
	for (size_t i = 0; i < words->n; i++)
		if (parameter_key(words->items[i]) && !has_key(kind->options, words->items[i]) && !has_key(general_parameters, words->items[i]))
			return false;
	return true;
}

/* The rows of several tables as one, for "did you mean"; their offsets mean nothing any more. */
static struct option_row *join_rows(const struct option_row *const *tables, size_t n_tables)
{
	struct option_row *rows = NULL;
	size_t n = 0, room = 0;

	for (size_t i = 0; i < n_tables; i++)
		for (const struct option_row *row = tables[i]; row && row->name; row++) {
			array_grow(rows, n, room);
			rows[n++] = *row;
		}
	array_grow(rows, n, room);
	rows[n] = (struct option_row)OPTION_END;
	return rows;
}

/* A key that these families lack: what it is called here, or by whom, is said instead of what looks alike. */
static void name_key(const struct model_kind *const *kinds, size_t n, const char *word, struct error *err)
{
	char *key = mem_text_n(word, parameter_key(word));
	const char *ours = NULL;
	size_t n_all, i = 0;
	const struct model_kind *const *all = model_list(&n_all);

	for (size_t own = 0; own < n && !ours; own++)
		ours = other_parameter(kinds[own], key);
	while (!ours && i < n_all && !has_key(all[i]->options, word))
		i++;
	if (ours || i < n_all)
		error_clear(err);
	if (ours)
		error_set(err, STATUS_USAGE, "no option '%s' (here that is '%s')", key, ours);
	else if (i < n_all)
		error_set(err, STATUS_USAGE, "no option '%s' (--model %s has it)", key, all[i]->name);
	free(key);
}

/* "model 'a'", "models 'a' and 'b'", "models 'a' to 'z'" */
static int name_kinds(const struct model_kind *const *kinds, size_t n, struct error *err)
{
	const char *first = kinds[0]->name, *last = kinds[n - 1]->name;

	return n == 1 ? error_prefix(err, "model '%s'", first) : n == 2 ? error_prefix(err, "models '%s' and '%s'", first, last) :
	       error_prefix(err, "models '%s' to '%s', %zu of them", first, last, n);
}

int parameters_require_any(const struct model_kind *const *kinds, size_t n, const struct text_list *words, struct error *err)
{
	const struct option_row **tables = mem_array(n + 1, sizeof *tables);
	struct option_row *rows;
	int result = 0;

	for (size_t i = 0; i < n; i++)
		tables[i] = kinds[i]->options;
	tables[n] = general_parameters;
	rows = join_rows(tables, n + 1);
	for (size_t i = 0; i < words->n && result == 0; i++) {
		char *key = mem_text_n(words->items[i], parameter_key(words->items[i]));

		if (*key && !option_find(rows, key, err)) {
			name_key(kinds, n, words->items[i], err);
			result = name_kinds(kinds, n, err);
		}
		free(key);
	}
	free(rows);
	free(tables);
	return result;
}

/* One word, which is a parameter. */
static int set_word(const struct model_kind *kind, const char *word, void *config, struct general_parameters *general, struct error *err)
{
	const struct option_row *const tables[] = { kind->options, general_parameters };
	struct option_row *rows = join_rows(tables, sizeof tables / sizeof *tables);
	size_t size = parameter_key(word);
	char *key = mem_text_n(word, size);
	bool is_general = has_key(general_parameters, word) && !has_key(kind->options, word);
	const struct option_row *row = option_find(rows, key, err);
	int result = row ? option_set(row, is_general ? (void *)general : config, word + size + 1, err) : -1;

	if (!row)
		name_key(&kind, 1, word, err);
	free(key);
	free(rows);
	return result < 0 ? error_prefix(err, "model '%s'", kind->name) : 0;
}

static int fail_class_weight(const struct model_kind *kind, enum task task, const void *config, struct error *err)
{
	const struct problem of_classes = { .task = TASK_CLASSIFICATION };
	struct error ignored = ERROR_INIT;
	const char *fix = task != TASK_REGRESSION || kind->check(config, &of_classes, &ignored) < 0 ? "leave it out" : "--task classification";

	error_clear(&ignored);
	return error_set(err, STATUS_USAGE, "class_weight= is for classes, and %s (%s)", task == TASK_REGRESSION ? "this is a regression" : "clusters are none",
	                 fix);
}

int parameters_set(const struct model_kind *kind, const struct text_list *words, enum task task, void *config,
                   struct general_parameters *general, struct error *err)
{
	const struct problem problem = { .task = task };

	memcpy(config, kind->defaults, kind->config_size);
	*general = (struct general_parameters){ .class_weight = NULL };
	for (size_t i = 0; i < words->n; i++)
		if (parameter_key(words->items[i]) && set_word(kind, words->items[i], config, general, err) < 0)
			return -1;
	if (general->class_weight && strcmp(general->class_weight, "none") == 0)
		general->class_weight = NULL;
	if (general->class_weight && class_weights_check(general->class_weight, err) < 0)
		return -1;
	if (general->class_weight && task != TASK_CLASSIFICATION)
		return fail_class_weight(kind, task, config, err);
	return kind->check(config, &problem, err);
}

static void pack_settings(const struct option_row *row, const void *settings, struct buffer *to)
{
	for (; row && row->name; row++) {
		const void *member = (const char *)settings + row->offset;
		const struct text_list *list = member;

		switch (row->type) {
		case OPTION_FLAG: pack_bool(to, *(const bool *)member); break;
		case OPTION_INT: pack_int(to, *(const int64_t *)member); break;
		case OPTION_REAL: pack_real(to, *(const double *)member); break;
		case OPTION_SIZE: pack_uint(to, *(const uint64_t *)member); break;
		case OPTION_TEXT: pack_text(to, *(const char *const *)member ? *(const char *const *)member : ""); break;
		case OPTION_CHOICE: pack_int(to, *(const int *)member); break;
		case OPTION_LIST:
			pack_array(to, list->n);
			for (size_t i = 0; i < list->n; i++)
				pack_text(to, list->items[i]);
			break;
		case OPTION_NOT: case OPTION_INLINE: case OPTION_HEADING: break;        /* of programs only */
		}
	}
}

void parameters_pack_set(const struct model_kind *kind, const void *config, const struct general_parameters *general, struct buffer *to)
{
	pack_settings(kind->options, config, to);
	pack_settings(general_parameters, general, to);
}

void parameters_pack(const struct text_list *words, struct buffer *to)
{
	size_t n = 0;

	for (size_t i = 0; i < words->n; i++)
		n += parameter_key(words->items[i]) > 0;
	pack_map(to, n);
	for (size_t i = 0; i < words->n; i++) {
		char *key = mem_text_n(words->items[i], parameter_key(words->items[i]));

		if (*key)
			pack_key_text(to, key, words->items[i] + strlen(key) + 1);
		free(key);
	}
}
