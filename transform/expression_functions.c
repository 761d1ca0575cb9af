/* SPDX-License-Identifier: MIT */
/* Finding a function by its name, listing all of them, and constants. The functions stand in the files of their kind. */
#include <stdio.h>
#include <string.h>

#include "expression_tree.h"
#include "text.h"

static const struct { const char *heading; const struct function *functions; } families[] = {
	{ "arithmetic", functions_number },
	{ "conditions and nulls", functions_logic },
	{ "text", functions_text },
	{ "time", functions_time },
};
enum { N_FAMILIES = sizeof families / sizeof *families };

static const struct function *function_at(size_t i)
{
	for (size_t family = 0; family < N_FAMILIES; family++)
		for (const struct function *function = families[family].functions; function->name; function++)
			if (i-- == 0)
				return function;
	return NULL;
}

const struct function *function_next(const char *name, size_t *i)
{
	const struct function *function;

	while ((function = function_at((*i)++)))
		if (strcmp(function->name, name) == 0)
			return function;
	return NULL;
}

static const char *name_at(const void *list, size_t i)
{
	(void)list;
	return function_at(i)->name;
}

const char *function_closest(const char *name)
{
	size_t n = 0;

	while (function_at(n))
		n++;
	return text_closest(name, name_at, NULL, n);
}

enum type letter_type(char letter)
{
	switch (letter) {
	case 'i': return TYPE_INT;
	case 'r': return TYPE_REAL;
	case 'b': return TYPE_BOOL;
	case 'd': return TYPE_TIME;
	default: return TYPE_TEXT;
	}
}

const char *function_letter(char letter)
{
	switch (letter) {
	case 'i': case 'r': return "numbers";
	case 'b': return "conditions (true or false)";
	case 'd': return "times";
	default: return "text";
	}
}

void expression_help(struct buffer *to)
{
	for (size_t family = 0; family < N_FAMILIES; family++) {
		buffer_format(to, "%s%s\n", family ? "\n" : "", families[family].heading);
		for (const struct function *function = families[family].functions; function->name; function++)
			if (function->usage)
				buffer_format(to, "  %-32s %s\n", function->usage, function->help);
	}
}

/* ---- what is made of a name ---- */

static bool is_under(const struct node *node, const char *name)
{
	bool found = node->kind == NODE_NAME && strcmp(node->name, name) == 0;

	for (size_t i = 0; i < node->n_args && !found; i++)
		found = is_under(node->args[i], name);
	return found;
}

/* The letter for argument i of n; 0: it takes no such number of them. */
static char letter_for(const struct function *function, size_t i, size_t n)
{
	size_t n_letters = strcspn(function->takes, "+");
	bool repeats = function->takes[n_letters] == '+';

	if (n < n_letters || (n > n_letters && !repeats))
		return 0;
	return function->takes[i < n_letters ? i : n_letters - 1];
}

/* Argument i of a call may as well be a real. */
static bool argument_takes_real(const struct node *call, size_t i)
{
	const struct function *function;
	bool takes = false;

	for (size_t at = 0; (function = function_next(call->name, &at));) {
		char letter = letter_for(function, i, call->n_args);

		if (function->prints)
			return false;
		takes = takes || letter == 'r' || letter == 'x' || letter == 'a' || letter == 'b';
	}
	return takes;
}

static bool takes_real(const struct node *node, const char *name)
{
	for (size_t i = 0; i < node->n_args; i++)
		if (is_under(node->args[i], name) && (!argument_takes_real(node, i) || !takes_real(node->args[i], name)))
			return false;
	return true;
}

bool expression_takes_real(const struct expression *expression, const char *name)
{
	return takes_real(expression->root, name);
}

/* ---- constants ---- */

static const uint64_t nothing[2] = { 0 };         /* bit map, value and offsets of what is missing */

void vector_null(enum type type, struct vector *vector)
{
	*vector = (struct vector){ .type = type, .constant = true };
	vector->column = (struct column){ .valid = nothing, .n_missing = 1, .checked = true };
	if (type == TYPE_TEXT) {
		vector->column.offsets = (const uint32_t *)nothing;
		vector->column.bytes = "";
		vector->column.n_entries = 1;
	} else {
		vector->column.values = nothing;
	}
}

void vector_constant(struct arena *arena, enum type type, const void *value, struct vector *vector)
{
	void *copy = arena_new(arena, 1, sizeof(int64_t));

	memcpy(copy, value, type == TYPE_BOOL ? 1 : sizeof(int64_t));
	*vector = (struct vector){ .type = type, .constant = true, .column = { .values = copy, .checked = true } };
}

void vector_constant_text(struct arena *arena, const char *bytes, size_t size, struct vector *vector)
{
	uint32_t *offsets = arena_new(arena, 2, sizeof *offsets);

	offsets[1] = (uint32_t)size;
	*vector = (struct vector){ .type = TYPE_TEXT, .constant = true };
	vector->column = (struct column){ .offsets = offsets, .bytes = arena_text(arena, bytes, size), .bytes_size = size,
	                                 .n_entries = 1, .checked = true };
}
