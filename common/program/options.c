/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "number.h"
#include "text.h"

static int set_choice(const struct option_row *row, int *member, const char *value, struct error *err)
{
	const char *word = row->choices;
	int position = 0;

	for (;;) {
		size_t length = strcspn(word, "|");

		if (strlen(value) == length && strncmp(word, value, length) == 0) {
			*member = position;
			return 0;
		}
		if (!word[length])
			return error_set(err, STATUS_USAGE, "%s: '%s' is none of %s", row->name, value, row->choices);
		word += length + 1;
		position++;
	}
}

static int set_number(const struct option_row *row, void *member, const char *value, struct error *err)
{
	bool percent, limited = row->min < row->max;
	int64_t whole;
	double real;

	if (row->type == OPTION_INT) {
		if (!number_int(value, strlen(value), &whole))
			return error_set(err, STATUS_USAGE, "%s: '%s' is not a whole number", row->name, value);
		real = (double)whole;
		*(int64_t *)member = whole;
	} else {
		if (!number_real_rounded(value, strlen(value), &real) && !number_share(value, &real, &percent))
			return error_set(err, STATUS_USAGE, "%s: '%s' is not a number", row->name, value);
		*(double *)member = real;
	}
	if (limited && (real < row->min || real > row->max))
		return error_set(err, STATUS_USAGE, "%s: '%s' is not between %g and %g", row->name, value, row->min, row->max);
	return 0;
}

static int set_flag(const struct option_row *row, bool *member, const char *value, struct error *err)
{
	static const char *const words[2][3] = { { "no", "false", "0" }, { "yes", "true", "1" } };

	for (int i = 0; i < 2; i++)
		for (int j = 0; j < 3; j++)
			if (strcmp(value, words[i][j]) == 0) {
				*member = i == 1;
				return 0;
			}
	return error_set(err, STATUS_USAGE, "%s: '%s' is neither yes nor no", row->name, value);
}

int option_set(const struct option_row *row, void *config, const char *value, struct error *err)
{
	void *member = (char *)config + row->offset;
	struct text_list *list = member;

	switch (row->type) {
	case OPTION_FLAG:
		return set_flag(row, member, value, err);
	case OPTION_INT: case OPTION_REAL:
		return set_number(row, member, value, err);
	case OPTION_SIZE:
		if (!number_size(value, member))
			return error_set(err, STATUS_USAGE, "%s: '%s' is not a size (such as 256M)", row->name, value);
		return 0;
	case OPTION_TEXT:
		*(const char **)member = value;
		return 0;
	case OPTION_CHOICE:
		return set_choice(row, member, value, err);
	case OPTION_LIST:
		array_grow(list->items, list->n, list->room);
		list->items[list->n++] = value;
		list->none = false;
		return 0;
	default:
		return 0;
	}
}

void option_take_back(const struct option_row *row, void *config)
{
	void *member = (char *)config + row->offset;
	struct text_list *list = member;

	assert(row->type == OPTION_FLAG || row->type == OPTION_LIST);
	if (row->type == OPTION_FLAG) {
		*(bool *)member = false;
	} else {
		list->n = 0;
		list->none = true;
	}
}

static const char *row_name(const void *rows, size_t i)
{
	return ((const struct option_row *)rows)[i].name;
}

const struct option_row *option_find(const struct option_row *rows, const char *name, struct error *err)
{
	size_t n = 0;
	const char *closest;

	for (; rows && rows[n].name; n++)
		if (rows[n].type != OPTION_HEADING && strcmp(rows[n].name, name) == 0)
			return &rows[n];
	closest = text_closest(name, row_name, rows, n);
	if (closest)
		error_set(err, STATUS_USAGE, "no option '%s' (did you mean '%s'?)", name, closest);
	else
		error_set(err, STATUS_USAGE, "no option '%s'", name);
	return NULL;
}

void text_list_free(struct text_list *list)
{
	free(list->items);
	free(list->options);
	*list = (struct text_list){ .items = NULL };
}

void options_free_lists(const struct option_row *rows, void *config)
{
	for (const struct option_row *row = rows; row && row->name; row++)
		if (row->type == OPTION_LIST)
			text_list_free((struct text_list *)((char *)config + row->offset));
}
