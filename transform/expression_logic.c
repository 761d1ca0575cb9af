/* SPDX-License-Identifier: MIT */
/*
 * Conditions, choices and nulls. What sees nulls gets its arguments as they are and
 * says itself which rows of its result are missing or lost. Choosing among texts
 * (if, coalesce, min ...) joins the dictionaries of the arguments, so that
 * `if(age < 30, 'young', 'old')` is two words and a code per row.
 */
#include <string.h>

#include "expression_tree.h"
#include "bits.h"
#include "pack.h"

/* ---- and, or, not ---- */

/* `decides` (false for and, true for or) settles the result whatever the other side is. */
static void and_or(struct call *call, bool decides)
{
	const struct vector *left = &call->args[0], *right = &call->args[1];
	uint8_t *values = call->values;

	for (size_t row = 0; row < call->n; row++) {
		bool has_left = vector_valid(left, row), has_right = vector_valid(right, row);
		bool x = has_left && vector_bool(left, row), y = has_right && vector_bool(right, row);

		if ((has_left && x == decides) || (has_right && y == decides))
			values[row] = decides;
		else if (has_left && has_right)
			values[row] = !decides;
		else if (vector_lost(left, row) || vector_lost(right, row))
			call_lose(call, row);
		else
			call_miss(call, row);
	}
}

static void and_run(struct call *call)
{
	and_or(call, false);
}

static void or_run(struct call *call)
{
	and_or(call, true);
}

CALL_MAP(not_run, uint8_t, uint8_t, !x)

/* ---- comparing: -1, 0, 1 ---- */

static int order_text(const struct vector *a, const struct vector *b, size_t row)
{
	size_t a_size, b_size;
	const char *x = vector_text(a, row, &a_size), *y = vector_text(b, row, &b_size);
	int order = memcmp(x, y, a_size < b_size ? a_size : b_size);

	return order ? order : (a_size > b_size) - (a_size < b_size);
}

/* Of one row, for the functions that compare several arguments. */
static int order(const struct vector *a, const struct vector *b, size_t row)
{
	if (a->type == TYPE_TEXT)
		return order_text(a, b, row);
	if (a->type == TYPE_REAL) {
		double x = vector_real(a, row), y = vector_real(b, row);

		return (x > y) - (x < y);
	}
	if (a->type == TYPE_BOOL)
		return vector_bool(a, row) - vector_bool(b, row);
	return (vector_int(a, row) > vector_int(b, row)) - (vector_int(a, row) < vector_int(b, row));
}

CALL_MAP_2(equal_int, int64_t, int64_t, uint8_t, x == y)
CALL_MAP_2(equal_real, double, double, uint8_t, x == y)
CALL_MAP_2(less_int, int64_t, int64_t, uint8_t, x < y)
CALL_MAP_2(less_real, double, double, uint8_t, x < y)
CALL_MAP_2(most_int, int64_t, int64_t, uint8_t, x <= y)
CALL_MAP_2(most_real, double, double, uint8_t, x <= y)

/* Loops for the numbers; bools and text row by row. */
#define COMPARE(name, ints, reals, test) \
	static void name(struct call *call) \
	{ \
		uint8_t *values = call->values; \
		switch (call->args[0].type) { \
		case TYPE_INT: \
		case TYPE_TIME: \
			ints(call); \
			break; \
		case TYPE_REAL: \
			reals(call); \
			break; \
		default: \
			for (size_t row = 0; row < call->n; row++) \
				if (vector_valid(&call->args[0], row) && vector_valid(&call->args[1], row)) \
					values[row] = order(&call->args[0], &call->args[1], row) test 0; \
		} \
	}
COMPARE(equal, equal_int, equal_real, ==)
COMPARE(less, less_int, less_real, <)
COMPARE(most, most_int, most_real, <=)

/* The result the other way round: != out of ==. */
static void invert(struct call *call)
{
	uint8_t *values = call->values;

	for (size_t row = 0; row < call->n; row++)
		values[row] = !values[row];
}

static void differs(struct call *call)
{
	equal(call);
	invert(call);
}

static void greater(struct call *call)
{
	most(call);
	invert(call);
}

static void least(struct call *call)
{
	less(call);
	invert(call);
}

static void between(struct call *call)
{
	const struct vector *x = &call->args[0];
	uint8_t *values = call->values;

	for (size_t row = 0; row < call->n; row++)
		if (!call->valid || bit_is_set(call->valid, row))
			values[row] = order(&call->args[1], x, row) <= 0 && order(x, &call->args[2], row) <= 0;
}

/* As x == a or x == b or ...: true if one is equal; else null if one is not known. */
static void in_run(struct call *call)
{
	const struct vector *x = &call->args[0];
	uint8_t *values = call->values;

	for (size_t row = 0; row < call->n; row++) {
		bool unknown = !vector_valid(x, row), lost = vector_lost(x, row);

		for (size_t i = 1; i < call->n_args && vector_valid(x, row) && !values[row]; i++) {
			if (vector_valid(&call->args[i], row))
				values[row] = order(x, &call->args[i], row) == 0;
			unknown |= !vector_valid(&call->args[i], row);
			lost |= vector_lost(&call->args[i], row);
		}
		if (values[row])
			continue;
		if (lost)
			call_lose(call, row);
		else if (unknown)
			call_miss(call, row);
	}
}

/* ---- choosing ---- */

#define NONE UINT32_MAX

/*
 * Makes the result out of what was chosen for each row: the argument's number, or NONE for a null of our own making.
 * A chosen null stays one, and stays lost if it was.
 */
static void choose_values(struct call *call, const uint32_t *chosen)
{
	for (size_t row = 0; row < call->n; row++) {
		const struct vector *from = chosen[row] == NONE ? NULL : &call->args[chosen[row]];

		if (!from)
			call_miss(call, row);
		else if (vector_lost(from, row))
			call_lose(call, row);
		else if (!vector_valid(from, row))
			call_miss(call, row);
		else if (from->type == TYPE_BOOL)
			((uint8_t *)call->values)[row] = vector_bool(from, row);
		else if (from->type != TYPE_TEXT)
			((uint64_t *)call->values)[row] = ((const uint64_t *)from->column.values)[vector_row(from, row)];
	}
}

/* Where all arguments to choose from have few texts: their entries behind each other, and codes. */
static void join_entries(struct call *call, const uint32_t *chosen, size_t first)
{
	uint32_t *bases = arena_array(call->arena, call->n_args, sizeof *bases);
	uint32_t *codes = arena_new(call->arena, call->n, sizeof *codes), *offsets;
	struct column *result = &call->result->column;
	size_t n = 0, size = 0;
	char *bytes;

	for (size_t i = first; i < call->n_args; i++) {
		bases[i] = (uint32_t)n;
		n += call->args[i].column.n_entries;
		size += call->args[i].column.bytes_size;
	}
	call->too_long = size > MESSAGE_CAP;
	if (call->too_long)
		return;
	offsets = arena_array(call->arena, n + 1, sizeof *offsets);
	bytes = arena_array(call->arena, size + 1, 1);
	n = size = 0;
	for (size_t i = first; i < call->n_args; i++) {
		const struct column *from = &call->args[i].column;

		for (uint32_t entry = 0; entry < from->n_entries; entry++)
			offsets[n++] = (uint32_t)size + from->offsets[entry];
		memcpy(bytes + size, from->bytes, from->bytes_size);
		size += from->bytes_size;
	}
	offsets[n] = (uint32_t)size;
	for (size_t row = 0; row < call->n; row++) {
		const struct vector *from = chosen[row] == NONE ? NULL : &call->args[chosen[row]];

		if (from && vector_valid(from, row))
			codes[row] = bases[chosen[row]] + column_entry(&from->column, vector_row(from, row));
	}
	*result = (struct column){ .offsets = offsets, .bytes = bytes, .bytes_size = size, .n_entries = (uint32_t)n, .codes = codes };
}

/* Where some have a text of its own in each row: the chosen ones written out. */
static void join_rows(struct call *call, const uint32_t *chosen)
{
	uint32_t *offsets = arena_array(call->arena, call->n + 1, sizeof *offsets);
	struct column *result = &call->result->column;

	offsets[0] = 0;
	for (size_t row = 0; row < call->n; row++) {
		const struct vector *from = chosen[row] == NONE ? NULL : &call->args[chosen[row]];
		size_t size;

		if (from && vector_valid(from, row)) {
			const char *text = vector_text(from, row, &size);

			call_text_add(call, text, size);
		}
		offsets[row + 1] = (uint32_t)call->bytes->size;
	}
	*result = (struct column){ .offsets = offsets, .bytes_size = call->bytes->size, .n_entries = (uint32_t)call->n };
	result->bytes = memcpy(arena_array(call->arena, call->bytes->size + 1, 1), buffer_text(call->bytes), call->bytes->size + 1);
}

/* `first`: the first argument to choose from. */
static void choose(struct call *call, const uint32_t *chosen, size_t first)
{
	size_t n_entries = 0;

	choose_values(call, chosen);
	if (call->result->type != TYPE_TEXT)
		return;
	for (size_t i = first; i < call->n_args; i++) {
		const struct vector *arg = &call->args[i];

		n_entries += arg->constant || arg->column.codes ? arg->column.n_entries : call->n;
	}
	if (n_entries < call->n || call->n == 1)
		join_entries(call, chosen, first);
	else
		join_rows(call, chosen);
}

static void if_run(struct call *call)
{
	uint32_t *chosen = arena_array(call->arena, call->n, sizeof *chosen);
	const struct vector *condition = &call->args[0];

	/* A null condition chooses itself: the result is null too, and lost if it was. */
	for (size_t row = 0; row < call->n; row++)
		chosen[row] = !vector_valid(condition, row) ? 0 : vector_bool(condition, row) ? 1 : 2;
	choose(call, chosen, 1);
}

static void coalesce_run(struct call *call)
{
	uint32_t *chosen = arena_array(call->arena, call->n, sizeof *chosen);

	for (size_t row = 0; row < call->n; row++) {
		chosen[row] = 0;
		while (chosen[row] + 1 < call->n_args && !vector_valid(&call->args[chosen[row]], row))
			chosen[row]++;
	}
	choose(call, chosen, 0);
}

static void nullif_run(struct call *call)
{
	uint32_t *chosen = arena_array(call->arena, call->n, sizeof *chosen);
	const struct vector *x = &call->args[0], *y = &call->args[1];

	for (size_t row = 0; row < call->n; row++) {
		bool equal_there = vector_valid(x, row) && vector_valid(y, row) && order(x, y, row) == 0;

		chosen[row] = equal_there ? NONE : 0;
	}
	choose(call, chosen, 0);
}

/* The first of the least (sign 1) or the greatest (sign -1); null if one is missing. */
static void extreme(struct call *call, int sign)
{
	uint32_t *chosen = arena_array(call->arena, call->n, sizeof *chosen);

	for (size_t row = 0; row < call->n; row++) {
		uint32_t best = 0, missing = NONE;

		for (uint32_t i = 0; i < call->n_args && missing == NONE; i++) {
			if (!vector_valid(&call->args[i], row))
				missing = i;
			else if (order(&call->args[i], &call->args[best], row) * sign < 0)
				best = i;
		}
		chosen[row] = missing == NONE ? best : missing;
	}
	choose(call, chosen, 0);
}

static void min_run(struct call *call)
{
	extreme(call, 1);
}

static void max_run(struct call *call)
{
	extreme(call, -1);
}

static void is_null_run(struct call *call)
{
	uint8_t *values = call->values;

	for (size_t row = 0; row < call->n; row++)
		values[row] = !vector_valid(&call->args[0], row);
}

const struct function functions_logic[] = {
	{ "or", "bb", 'b', .run = or_run, .sees_nulls = true, .usage = "a or b", .help = "true if one is, also beside a null" },
	{ "and", "bb", 'b', .run = and_run, .sees_nulls = true, .usage = "a and b", .help = "false if one is, also beside a null" },
	{ "not", "b", 'b', .run = not_run, .usage = "not a", .help = "the other way round" },
	{ "==", "xx", 'b', .run = equal, .usage = "a == b, a = b", .help = "equal; text by its bytes" },
	{ "!=", "xx", 'b', .run = differs, .usage = "a != b, a <> b", .help = "not equal" },
	{ "<", "xx", 'b', .run = less, .usage = "a < b", .help = "less; text by its bytes, times by the clock; also <= > >=" },
	{ "<=", "xx", 'b', .run = most },
	{ ">", "xx", 'b', .run = greater },
	{ ">=", "xx", 'b', .run = least },
	{ "in", "xx+", 'b', .run = in_run, .sees_nulls = true, .usage = "a in (b, c, ...)", .help = "equal to one of them; also 'not in'" },
	{ "between", "xxx", 'b', .run = between, .usage = "between(x, a, b)", .help = "a <= x and x <= b" },
	{ "if", "bxx", 'x', .run = if_run, .sees_nulls = true, .usage = "if(condition, a, b)", .help = "a where the condition is true, b where it is false, null where it is null" },
	{ "coalesce", "x+", 'x', .run = coalesce_run, .sees_nulls = true, .usage = "coalesce(a, b, ...)", .help = "the first that is not null" },
	{ "nullif", "xx", 'x', .run = nullif_run, .sees_nulls = true, .usage = "nullif(a, b)", .help = "a, but null where it equals b" },
	{ "is_null", "a", 'b', .run = is_null_run, .sees_nulls = true, .usage = "is_null(a)", .help = "true where it is missing" },
	{ "min", "x+", 'x', .run = min_run, .sees_nulls = true, .usage = "min(a, b, ...)", .help = "the least" },
	{ "max", "x+", 'x', .run = max_run, .sees_nulls = true, .usage = "max(a, b, ...)", .help = "the greatest" },
	{ .name = NULL },
};
