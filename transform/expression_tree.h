/* SPDX-License-Identifier: MIT */
/*
 * What the files of the expression language share: the tree, the values that its
 * nodes take over the rows of a batch, and the table of functions. Operators are
 * functions whose names are signs.
 *
 *     expression_parse.c      text -> tree
 *     expression_check.c      which function of a name fits the types; implied conversions become nodes
 *     expression_run.c        tree + batch -> column
 *     expression_functions.c  finding a function, help
 *     expression_number.c expression_logic.c expression_text.c expression_time.c     the functions
 */
#ifndef EXPRESSION_TREE_H
#define EXPRESSION_TREE_H

#include "arena.h"
#include "bits.h"
#include "expression.h"

enum { EXPRESSION_DEPTH = 300, EXPRESSION_ARGUMENTS = 1000 };

/*
 * A value for each of n rows. Text may have a dictionary (codes), as a column has.
 * What stands under a missing row may be anything, but reals are finite there too.
 */
struct vector {
	enum type type;
	bool constant;                  /* one value, in place 0, for all rows */
	struct column column;           /* only to look at: no counts on blocks; wire_codes and the flags are not used */
	const uint64_t *lost;           /* missing for want of an answer, a part of the missing; NULL: none */
	const char *form;               /* how it prints: of a time, and of what is a column as it was read */
	int64_t offset;                 /* of a time: what its form's zone adds to UTC */
};

struct call;

struct function {
	const char *name;
	/* A letter per argument: i int, r real, b bool, d time, t text (b widens to i, i to r); x: all of one type; a: any.
	 * '+' behind the last: one or more of it. */
	const char *takes;
	char gives;                     /* a letter; x: the type of the x */
	/* One of the two. run: all rows of the call, also those with a missing argument (their result is not looked at). row: one
	 * row, asked only where nothing is missing. */
	void (*run)(struct call *call);
	void (*row)(struct call *call, size_t row);
	bool sees_nulls;                /* run gets all rows as they are and sets valid and lost itself */
	const char *unit;               /* of the result */
	bool prints;                    /* makes text of its arguments as load prints them */
	size_t form_at;                 /* this argument is the form of a time; 0: none */
	const char *usage, *help;       /* NULL: not listed (a form of the function above it) */
};

/* A function at work on n rows. The result's values are there to be written, zeroed for text; see call_lose, call_text_add. */
struct call {
	const struct function *function;
	struct arena *arena;
	size_t n, n_rows;               /* n: rows at work: 1 if all arguments are constant, entries of a dictionary; n_rows: of the batch */
	const struct vector *args;
	size_t n_args;
	struct vector *result;
	void *values;                   /* int64_t, double or uint8_t per row: of the result; NULL for text */
	const uint64_t *valid;          /* of the result; NULL: all there */
	uint64_t *own_valid;            /* the same, once it is not an argument's any more */
	uint64_t *lost;                 /* of the result; NULL: none lost */
	struct buffer *bytes;           /* text made so far: row after row */
	bool too_long;
	struct column *into;            /* of the root: values and texts that stay; else NULL */
	struct pool *pool;              /* where these come from */
};

struct node {
	enum node_kind { NODE_VALUE, NODE_NULL, NODE_NAME, NODE_CALL } kind;
	size_t at, end;                 /* bytes of the text */
	unsigned depth;
	const char *name;               /* NODE_NAME: of the column; NODE_CALL: of the function */
	const struct function *function;        /* NODE_CALL, after the check */
	struct node **args;
	size_t n_args;
	struct vector value;            /* NODE_VALUE; NODE_NULL after the check */
	int column;                     /* NODE_NAME, after the check */
	enum type type;                 /* NODE_VALUE; the others after the check */
	const char *form, *unit;        /* after the check; of the schema, copied */
};

struct expression {
	struct arena tree;              /* nodes and constants */
	const char *text;               /* as given, from byte 0 */
	struct node *root;
};

/* ---- expression_functions.c ---- */
/* The functions of a name in the order of the table, which is the order of preference: begin with i = 0; NULL: no more. */
const struct function *function_next(const char *name, size_t *i);
const char *function_closest(const char *name);         /* NULL: none is close */
const char *function_letter(char letter);               /* for people: what an argument must be: "a number" */
/* Type of a letter (not x, a). */
enum type letter_type(char letter);
extern const struct function functions_number[], functions_logic[], functions_text[], functions_time[];        /* end: name NULL */
extern const struct function widen_bool, widen_int;     /* bool -> int, int -> real: put in by the check */

/* ---- for the functions ---- */
/* The row of the result is missing (and lost: for want of an answer). */
void call_lose(struct call *call, size_t row);
void call_miss(struct call *call, size_t row);
/* Appends to the text of the row at work. */
void call_text_add(struct call *call, const void *bytes, size_t size);

/* A constant in arena memory; `value` is copied. vector_null is missing, and fits any type. */
void vector_constant(struct arena *arena, enum type type, const void *value, struct vector *vector);
void vector_constant_text(struct arena *arena, const char *bytes, size_t size, struct vector *vector);
void vector_null(enum type type, struct vector *vector);

static inline size_t vector_row(const struct vector *vector, size_t row)
{
	return vector->constant ? 0 : row;
}
static inline bool vector_valid(const struct vector *vector, size_t row)
{
	return column_valid(&vector->column, vector_row(vector, row));
}
static inline bool vector_lost(const struct vector *vector, size_t row)
{
	size_t at = vector_row(vector, row);

	return vector->lost && bit_is_set(vector->lost, at);
}
static inline const char *vector_text(const struct vector *vector, size_t row, size_t *size)
{
	return column_text(&vector->column, vector_row(vector, row), size);
}
static inline int64_t vector_int(const struct vector *vector, size_t row)
{
	return column_int(&vector->column, vector_row(vector, row));
}
static inline double vector_real(const struct vector *vector, size_t row)
{
	return column_real(&vector->column, vector_row(vector, row));
}
static inline bool vector_bool(const struct vector *vector, size_t row)
{
	return column_bool(&vector->column, vector_row(vector, row));
}

/*
 * Loops over all rows: argument k as a_k[row & m_k], so that constants stand in
 * place 0. `x`, `y` are the arguments in `expression`, `row` the row.
 */
#define CALL_ARGUMENT(type, k) \
	const type *a_##k = call->args[k].column.values; \
	const size_t m_##k = call->args[k].constant ? 0 : SIZE_MAX
#define CALL_MAP(name, from, to, expression) \
	static void name(struct call *call) \
	{ \
		CALL_ARGUMENT(from, 0); \
		to *values = call->values; \
		for (size_t row = 0; row < call->n; row++) { \
			from x = a_0[row & m_0]; \
			values[row] = (to)(expression); \
		} \
	}
#define CALL_MAP_2(name, from, and_from, to, expression) \
	static void name(struct call *call) \
	{ \
		CALL_ARGUMENT(from, 0); \
		CALL_ARGUMENT(and_from, 1); \
		to *values = call->values; \
		for (size_t row = 0; row < call->n; row++) { \
			from x = a_0[row & m_0]; \
			and_from y = a_1[row & m_1]; \
			values[row] = (to)(expression); \
		} \
	}

#endif
