/* SPDX-License-Identifier: MIT */
/*
 * Types, from the leaves up. A call names one or more functions; the first whose
 * arguments fit is taken, where bool widens to int and int to real. What is
 * implied then stands in the tree: literals change their type, other arguments get
 * a node that widens them. A text literal beside a time is read as a time, so that
 * `when >= '2024-03-01'` does what it says. When nothing fits, the function that got
 * furthest tells which argument it stumbled on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expression_tree.h"
#include "form.h"
#include "memory.h"
#include "text.h"
#include "timestamp.h"

struct check {
	struct expression *expression;
	const struct schema *schema;
	size_t *error_at;
	struct error *err;
};

/* The letter of argument i: the one before '+' repeats. 0: there is no such argument. */
static char letter_of(const struct function *function, size_t i)
{
	size_t n = strlen(function->takes);

	if (n && function->takes[n - 1] == '+')
		return function->takes[i < n - 1 ? i : n - 2];
	return i < n ? function->takes[i] : '\0';
}

static bool takes_count(const struct function *function, size_t n_args)
{
	size_t n = strlen(function->takes);

	return n && function->takes[n - 1] == '+' ? n_args >= n - 1 : n_args == n;
}

static bool widens(enum type from, enum type to)
{
	return from == to || (from == TYPE_BOOL && (to == TYPE_INT || to == TYPE_REAL)) || (from == TYPE_INT && to == TYPE_REAL);
}

/* Whether an argument is of a type or becomes it: widened, a bare null, or a text literal that reads as a time. */
static bool fits(const struct node *arg, enum type type)
{
	char form[TIME_FORM_SIZE];
	int64_t micros;
	size_t size;
	const char *text;

	if (arg->kind == NODE_NULL || widens(arg->type, type))
		return true;
	if (arg->kind != NODE_VALUE || arg->type != TYPE_TEXT || type != TYPE_TIME)
		return false;
	text = vector_text(&arg->value, 0, &size);
	return time_detect(text, size, form, &micros);
}

/* The type that all x arguments have in common: the widest. A bare null says nothing, a text literal only where nothing else does.
 * N_TYPES: there are only nulls. */
static enum type common_type(const struct function *function, const struct node *node)
{
	enum type common = N_TYPES;
	bool has_literal = false;

	for (size_t i = 0; i < node->n_args; i++) {
		const struct node *arg = node->args[i];

		if (letter_of(function, i) != 'x' || arg->kind == NODE_NULL)
			continue;
		if (arg->kind == NODE_VALUE && arg->type == TYPE_TEXT)
			has_literal = true;
		else if (common == N_TYPES || widens(common, arg->type))
			common = arg->type;
	}
	return common == N_TYPES && has_literal ? TYPE_TEXT : common;
}

/* The type that argument i must have; N_TYPES: any. */
static enum type wanted_type(const struct function *function, size_t i, enum type common)
{
	char letter = letter_of(function, i);

	return letter == 'a' ? N_TYPES : letter == 'x' ? common : letter_type(letter);
}

/* How many arguments fit, from the first on. */
static size_t n_fitting(const struct function *function, const struct node *node)
{
	enum type common = common_type(function, node);

	for (size_t i = 0; i < node->n_args; i++) {
		enum type wanted = wanted_type(function, i, common);

		if (wanted != N_TYPES && !fits(node->args[i], wanted))
			return i;
	}
	return node->n_args;
}

/* How an argument is called in a message: 'city', or the piece of text itself. */
static void describe(const struct check *check, const struct node *node, char *to, size_t size)
{
	const char *text = check->expression->text + node->at;

	if (node->kind == NODE_NAME)
		snprintf(to, size, "'%s' is %s", node->name, type_name(node->type));
	else if (node->end - node->at <= 40)
		snprintf(to, size, "%.*s is %s", (int)(node->end - node->at), text, type_name(node->type));
	else
		snprintf(to, size, "this is %s", type_name(node->type));
}

static int fail_count(struct check *check, const struct node *node)
{
	char usages[300] = "";
	size_t i = 0, at = 0;
	const struct function *function;

	while ((function = function_next(node->name, &i)))
		if (function->usage && at < sizeof usages)
			at += (size_t)snprintf(usages + at, sizeof usages - at, "%s%s", at ? " or " : "", function->usage);
	*check->error_at = node->at;
	return error_set(check->err, STATUS_USAGE, "'%s' with %zu argument%s: it is %s", node->name, node->n_args,
	                 node->n_args == 1 ? "" : "s", usages);
}

static int fail_type(struct check *check, const struct node *node, const struct function *nearest, size_t i)
{
	const struct node *arg = node->args[i];
	char letter = letter_of(nearest, i), what[300];

	describe(check, arg, what, sizeof what);
	*check->error_at = arg->at;
	if (letter == 'x')
		return error_set(check->err, STATUS_USAGE, "'%s' needs values of one type: %s, not %s", node->name, what,
		                 type_name(common_type(nearest, node)));
	return error_set(check->err, STATUS_USAGE, "'%s' needs %s: %s%s", node->name, function_letter(letter), what,
	                 letter == 'b' && type_is_number(arg->type) ? " (compare it with something)" : "");
}

/* Which function of the node's name it is; NULL and err if none fits. */
static const struct function *choose(struct check *check, const struct node *node)
{
	const struct function *function, *nearest = NULL;
	size_t i = 0, most = 0;
	bool known = false;

	while ((function = function_next(node->name, &i))) {
		size_t n;

		known = true;
		if (!takes_count(function, node->n_args))
			continue;
		n = n_fitting(function, node);
		if (n == node->n_args)
			return function;
		if (!nearest || n > most) {
			nearest = function;
			most = n;
		}
	}
	if (nearest) {
		fail_type(check, node, nearest, most);
	} else if (known) {
		fail_count(check, node);
	} else {
		const char *closest = function_closest(node->name);

		*check->error_at = node->at;
		if (closest)
			error_set(check->err, STATUS_USAGE, "no function '%s' (did you mean '%s'?)", node->name, closest);
		else
			error_set(check->err, STATUS_USAGE, "no function '%s'", node->name);
	}
	return NULL;
}

/* ---- what is implied ---- */

/* zone: of the times beside it, in whose wall clock a text without a zone of its own stands. */
static void literal_to(struct check *check, struct node *node, enum type type, int64_t zone)
{
	struct arena *arena = &check->expression->tree;
	char form[TIME_FORM_SIZE];
	int64_t whole = 0;
	double real;
	size_t size;
	const char *text;

	if (type == TYPE_TIME) {
		text = vector_text(&node->value, 0, &size);
		if (time_detect(text, size, form, &whole) && !*time_form_zone(form))
			whole -= zone;
	} else {
		whole = node->type == TYPE_BOOL ? vector_bool(&node->value, 0) : vector_int(&node->value, 0);
	}
	real = (double)whole;
	vector_constant(arena, type, type == TYPE_REAL ? (const void *)&real : &whole, &node->value);
	node->type = type;
}

static struct node *widen_by(struct check *check, struct node *node, const struct function *function)
{
	struct node *outer = arena_new(&check->expression->tree, 1, sizeof *outer);

	*outer = (struct node){ .kind = NODE_CALL, .at = node->at, .end = node->end, .depth = node->depth + 1, .name = function->name,
	                       .function = function, .n_args = 1, .type = letter_type(function->gives), .unit = node->unit };
	outer->args = arena_array(&check->expression->tree, 1, sizeof *outer->args);
	outer->args[0] = node;
	return outer;
}

static struct node *bring_to(struct check *check, struct node *node, enum type type, int64_t zone)
{
	if (node->kind == NODE_NULL) {
		node->type = type;
		vector_null(type, &node->value);
	} else if (node->type != type && node->kind == NODE_VALUE) {
		literal_to(check, node, type, zone);
	} else if (node->type != type) {
		if (node->type == TYPE_BOOL)
			node = widen_by(check, node, &widen_bool);
		if (node->type != type)
			node = widen_by(check, node, &widen_int);
	}
	return node;
}

/* The form of a time that is made of others: that of the first; in UTC if they are of several zones. */
static const char *form_of_times(const struct node *node)
{
	const struct node *first = NULL;

	for (size_t i = 0; i < node->n_args; i++) {
		const struct node *arg = node->args[i];

		if (arg->type != TYPE_TIME || arg->kind == NODE_NULL || arg->kind == NODE_VALUE)
			continue;
		if (first && !time_same_zone(arg->form, first->form))
			return NULL;
		first = first ? first : arg;
	}
	return first ? first->form : NULL;
}

/* What the zone of the first time among the arguments adds to UTC. */
static int64_t zone_beside(const struct node *node)
{
	for (size_t i = 0; i < node->n_args; i++)
		if (node->args[i]->type == TYPE_TIME && node->args[i]->kind != NODE_NULL && node->args[i]->kind != NODE_VALUE)
			return time_form_offset(node->args[i]->form);
	return 0;
}

/* The unit of a result that is one of the x arguments: what all columns among them agree on. */
static void inherit_unit(struct node *node)
{
	bool first = true;

	for (size_t i = 0; i < node->n_args; i++) {
		const struct node *arg = node->args[i];

		if (letter_of(node->function, i) != 'x' || arg->kind == NODE_NULL || arg->kind == NODE_VALUE)
			continue;
		if (first) {
			node->unit = arg->unit;
		} else {
			if (!arg->unit || !node->unit || strcmp(arg->unit, node->unit) != 0)
				node->unit = NULL;
		}
		first = false;
	}
}

/* ---- nodes ---- */

static int check_name(struct check *check, struct node *node)
{
	struct arena *arena = &check->expression->tree;
	const struct field *field;
	size_t i = 0;

	node->column = schema_find(check->schema, node->name);
	if (node->column == NO_FIELD) {
		const char *closest = schema_closest(check->schema, node->name);

		*check->error_at = node->at;
		if (closest)
			return error_set(check->err, STATUS_USAGE, "no field '%s' (did you mean '%s'?)", node->name, closest);
		if (function_next(node->name, &i))
			return error_set(check->err, STATUS_USAGE, "no field '%s' ('%s' is a function: %s(...))", node->name, node->name,
			                 node->name);
		return error_set(check->err, STATUS_USAGE, "no field '%s' (text stands in quotes)", node->name);
	}
	field = &check->schema->fields[node->column];
	node->type = field->type;
	node->form = field->form ? arena_text(arena, field->form, strlen(field->form)) : NULL;
	node->unit = field->unit ? arena_text(arena, field->unit, strlen(field->unit)) : NULL;
	return 0;
}

/* How a time prints that a form reads: in the zone that it has. */
static const char *form_as_read(struct check *check, const struct node *form)
{
	char copy[TIME_FORM_SIZE], prints[TIME_FORM_SIZE];
	size_t size;
	const char *text;

	if (form->kind != NODE_VALUE)
		return NULL;
	text = vector_text(&form->value, 0, &size);
	if (size >= sizeof copy)
		return NULL;
	memcpy(copy, text, size);
	copy[size] = 0;
	time_form_behind(prints, copy);
	return arena_text(&check->expression->tree, prints, strlen(prints));
}

/* What can be known of texts before the first row: a form that no time has, a column of which no text is made. */
static int check_texts(struct check *check, const struct node *node)
{
	const struct node *form = node->function->form_at ? node->args[node->function->form_at - 1] : NULL;
	size_t size;

	if (form && form->kind == NODE_VALUE) {
		const char *text = vector_text(&form->value, 0, &size);
		char *copy = mem_text_n(text, size);
		const char *fault = strlen(copy) == size ? time_form_fault(copy, false) : "a NUL in it";

		if (fault) {
			*check->error_at = form->at;
			error_set(check->err, STATUS_USAGE, "'%s' is no form of a time: %s (such as '%%d-%%m-%%Y')", copy, fault);
		}
		free(copy);
		if (fault)
			return -1;
	}
	for (size_t i = 0; i < node->n_args && node->function->prints; i++)
		if (node->args[i]->kind == NODE_NAME && form_check_text(&check->schema->fields[node->args[i]->column], false, check->err) < 0) {
			*check->error_at = node->args[i]->at;
			return -1;
		}
	return 0;
}

static int check_node(struct check *check, struct node *node)
{
	enum type common;
	int64_t zone;

	if (node->kind == NODE_NAME)
		return check_name(check, node);
	for (size_t i = 0; i < node->n_args; i++)
		if (check_node(check, node->args[i]) < 0)
			return -1;
	if (node->kind != NODE_CALL || node->function)
		return 0;
	node->function = choose(check, node);
	if (!node->function)
		return -1;
	common = common_type(node->function, node);
	zone = zone_beside(node);
	for (size_t i = 0; i < node->n_args; i++) {
		enum type wanted = wanted_type(node->function, i, common);

		/* Only bare nulls: any type does, a condition most likely. */
		if (wanted == N_TYPES && (letter_of(node->function, i) == 'x' || node->args[i]->kind == NODE_NULL))
			wanted = TYPE_BOOL;
		if (wanted != N_TYPES)
			node->args[i] = bring_to(check, node->args[i], wanted, zone);
	}
	if (node->function->gives == 'x') {
		node->type = common == N_TYPES ? TYPE_BOOL : common;
		inherit_unit(node);
	} else {
		node->type = letter_type(node->function->gives);
		node->unit = node->function->unit;
	}
	if (node->type == TYPE_TIME)
		node->form = node->function->form_at ? form_as_read(check, node->args[node->function->form_at - 1]) : form_of_times(node);
	if (node->form && node->function->gives == 'd' && !node->function->form_at && !strstr(node->form, "%H") && !strstr(node->form, "%I"))
		node->form = "%Y-%m-%d %H:%M:%S%.f";    /* a date and some seconds */
	return check_texts(check, node);
}

int expression_check(struct expression *expression, const struct schema *schema, enum type *type, size_t *error_at, struct error *err)
{
	struct check check = { .expression = expression, .schema = schema, .error_at = error_at, .err = err };

	if (check_node(&check, expression->root) < 0)
		return -1;
	if (expression->root->kind == NODE_NULL) {
		*error_at = expression->root->at;
		return error_set(err, STATUS_USAGE, "null alone has no type (write number(null), or text(null))");
	}
	*type = expression->root->type;
	return 0;
}

const char *expression_form(const struct expression *expression)
{
	return expression->root->form;
}

const char *expression_unit(const struct expression *expression)
{
	return type_is_number(expression->root->type) ? expression->root->unit : NULL;
}
