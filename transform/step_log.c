/* SPDX-License-Identifier: MIT */
/*
 * `log COLUMN...`, `log1p COLUMN...`, `sqrt COLUMN...`: numbers in another scale, a unit
 * per column, in place. They learn nothing, and each can be undone: of a target answers
 * come in its own scale.
 *
 *     log      ln x           undone: e^y
 *     log1p    ln(1 + x)      undone: e^y - 1
 *     sqrt     the root       undone: y^2, and 0 where y < 0, which no root is: so a larger y is never a smaller x
 *
 * A value without an answer (log of 0 or less, log1p of -1 or less, sqrt below 0) becomes
 * null and is counted.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "memory.h"
#include "rescale.h"

static double undo_sqrt(double y) { return y > 0 ? y * y : y - y; }

static const struct scale_kind { const char *name; double (*there)(double x), (*back)(double y); } kinds[] = {
	{ "log", log, exp }, { "log1p", log1p, expm1 }, { "sqrt", sqrt, undo_sqrt },
};

static const struct option_row no_options[] = { OPTION_END };

/* Of a unit of the step: its kind is one of them. */
static const struct scale_kind *kind_of(const struct unit *unit)
{
	const struct scale_kind *kind = kinds;

	while (strcmp(kind->name, unit->kind) != 0)
		kind++;
	return kind;
}

static int log_bind(struct binding *binding, struct error *err)
{
	const char *kind = binding->arguments->words[0].text;
	struct names names = { .items = NULL };
	int result = bind_columns(binding, no_options, NULL, &names, err);

	if (result == BIND_DONE)
		result = bind_types(binding, &names, TYPES_NUMERIC, "cast or parse it", err);
	if (result == BIND_DONE)
		bind_units(binding, kind, &names, true, NULL);
	names_release(&names);
	return result;
}

struct log_op { struct rescale column; const struct scale_kind *kind; };

static void log_close(void *op)
{
	struct log_op *mine = op;

	if (!mine)
		return;
	rescale_release(&mine->column);
	free(mine);
}

static void *log_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct log_op *op = mem_new(1, sizeof *op);

	(void)limits;
	op->kind = kind_of(unit);
	if (rescale_open(&op->column, unit, before, err) == 0)
		return op;
	log_close(op);
	return NULL;
}

static void log_values(const void *state, const double *from, double *to, size_t n)
{
	double (*there)(double) = ((const struct scale_kind *)state)->there;

	for (size_t i = 0; i < n; i++)
		to[i] = there(from[i]);
}

static int log_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	const struct log_op *mine = op;

	return rescale_apply(&mine->column, batch, work, log_values, mine->kind, "no answer", err);
}

static int log_undo(const struct unit *unit, double *values, size_t n_rows, struct error *err)
{
	const struct scale_kind *kind = kind_of(unit);

	if (rescale_check(unit, err) < 0)
		return -1;
	for (size_t row = 0; row < n_rows; row++)
		values[row] = kind->back(values[row]);
	return 0;
}

#define AS_ALL_OF_THEM .bind = log_bind, .fields = rescale_fields, .open = log_open, .apply = log_apply, .close = log_close, \
	.takes_real = takes_any_real, .undo = log_undo,

const struct step_kind step_log = {
	.name = "log",
	.usage = "log COLUMN...",
	.summary = "numbers as their natural logarithm",
	.example = "log items",
	AS_ALL_OF_THEM
};

const struct step_kind step_log1p = {
	.name = "log1p",
	.usage = "log1p COLUMN...",
	.summary = "numbers as the logarithm of 1 + x, for sizes and counts that may be 0",
	.example = "log1p items",
	AS_ALL_OF_THEM
};

const struct step_kind step_sqrt = {
	.name = "sqrt",
	.usage = "sqrt COLUMN...",
	.summary = "numbers as their square root",
	.example = "sqrt items",
	AS_ALL_OF_THEM
};
