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
#include "bits.h"
#include "columns.h"
#include "memory.h"
#include "step.h"

static double undo_sqrt(double y) { return y > 0 ? y * y : y - y; }

static const struct scale_kind { const char *name; double (*there)(double x), (*back)(double y); } kinds[] = {
	{ "log", log, exp }, { "log1p", log1p, expm1 }, { "sqrt", sqrt, undo_sqrt },
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static const struct option_row no_options[] = { OPTION_END };

static const struct scale_kind *find_kind(const char *name)
{
	size_t i = 0;

	while (i < N_KINDS && strcmp(kinds[i].name, name) != 0)
		i++;
	return i < N_KINDS ? &kinds[i] : NULL;
}

static int log_bind(struct binding *binding, struct error *err)
{
	const char *kind = binding->arguments->words[0].text;
	struct names names = { .items = NULL };
	int result = bind_columns(binding, no_options, NULL, &names, err);

	if (result == BIND_DONE)
		result = bind_types(binding, &names, TYPES_NUMERIC, "cast or parse it", err);
	for (size_t i = 0; result == BIND_DONE && i < names.n; i++) {
		struct unit *unit = entry_add(binding->entry, kind);

		names_add(&unit->reads, names.items[i]);
		names_add(&unit->writes, names.items[i]);
	}
	names_release(&names);
	return result;
}

/* What a unit of a stored lineage says, which may be broken. */
static int read_unit(const struct unit *unit, const struct schema *schema, const struct scale_kind **kind, struct error *err)
{
	*kind = find_kind(unit->kind);
	if (!*kind || unit->reads.n != 1)
		return error_set(err, STATUS_FAILED, "broken state: not one column");
	return schema ? open_column(schema, unit->reads.items[0], TYPES_NUMERIC, err) : 0;
}

struct log_op { const struct scale_kind *kind; size_t col; enum type type; char *name; };

static void log_close(void *op)
{
	struct log_op *mine = op;

	if (!mine)
		return;
	free(mine->name);
	free(mine);
}

static void *log_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	const struct scale_kind *kind;
	struct log_op *op;
	int col = read_unit(unit, before, &kind, err);

	(void)limits;
	if (col < 0)
		return NULL;
	op = mem_new(1, sizeof *op);
	*op = (struct log_op){ .kind = kind, .col = (size_t)col, .type = before->fields[col].type, .name = mem_text(before->fields[col].name) };
	return op;
}

static int log_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	const struct scale_kind *kind;
	int col = read_unit(unit, schema, &kind, err);

	if (col < 0)
		return -1;
	schema_set_type(schema, col, TYPE_REAL);
	schema_set_unit(schema, (size_t)col, NULL);     /* no longer kilometres */
	schema_set_form(schema, (size_t)col, NULL);
	return 0;
}

/* Values without an answer become null. */
static void lose(const struct batch *batch, const struct log_op *op, const struct column *from, struct column *fresh, double *values,
                 struct tally *counts)
{
	uint64_t *valid = column_copy_valid(fresh, batch->pool, batch->n_rows, from), n = 0;

	for (size_t row = 0; row < batch->n_rows; row++)
		if (!isfinite(values[row])) {
			values[row] = 0;
			n += bit_is_set(valid, row);
			bit_clear(valid, row);
		}
	tally_add(counts, "no answer", op->name, n);
}

static int log_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	const struct log_op *mine = op;
	const struct column *column = column_read(batch, mine->col, err);
	struct column fresh = COLUMN_INIT;
	double total = 0;
	const double *from;
	double *to;

	if (!column)
		return -1;
	from = column_reals(&work->scratch, column, mine->type, batch->n_rows);
	to = column_new_values(&fresh, batch->pool, TYPE_REAL, batch->n_rows);
	for (size_t row = 0; row < batch->n_rows; row++) {
		to[row] = column_valid(column, row) ? mine->kind->there(from[row]) : 0;
		total += to[row] * 0;           /* NaN once one is not finite */
	}
	if (total != 0)
		lose(batch, mine, column, &fresh, to, work->counts);
	else
		column_share_valid(&fresh, column);
	batch_put(batch, mine->col, TYPE_REAL, &fresh);
	return 0;
}

static int log_undo(const struct unit *unit, double *values, size_t n_rows, struct error *err)
{
	const struct scale_kind *kind;

	if (read_unit(unit, NULL, &kind, err) < 0)
		return -1;
	for (size_t row = 0; row < n_rows; row++)
		values[row] = kind->back(values[row]);
	return 0;
}

const struct step_kind step_log = {
	.name = "log",
	.usage = "log COLUMN...",
	.summary = "numbers as their natural logarithm",
	.example = "log items",
	.bind = log_bind,
	.fields = log_fields,
	.open = log_open,
	.apply = log_apply,
	.close = log_close,
	.takes_real = takes_any_real,
	.undo = log_undo,
};

const struct step_kind step_log1p = {
	.name = "log1p",
	.usage = "log1p COLUMN...",
	.summary = "numbers as the logarithm of 1 + x, for sizes and counts that may be 0",
	.example = "log1p items",
	.bind = log_bind,
	.fields = log_fields,
	.open = log_open,
	.apply = log_apply,
	.close = log_close,
	.takes_real = takes_any_real,
	.undo = log_undo,
};

const struct step_kind step_sqrt = {
	.name = "sqrt",
	.usage = "sqrt COLUMN...",
	.summary = "numbers as their square root",
	.example = "sqrt items",
	.bind = log_bind,
	.fields = log_fields,
	.open = log_open,
	.apply = log_apply,
	.close = log_close,
	.takes_real = takes_any_real,
	.undo = log_undo,
};
