/* SPDX-License-Identifier: MIT */
#include "rescale.h"

#include <math.h>
#include <stdlib.h>

#include "bits.h"
#include "columns.h"
#include "memory.h"

int rescale_check(const struct unit *unit, struct error *err)
{
	return unit->reads.n == 1 ? 0 : error_set(err, STATUS_FAILED, "broken state of '%s': not one column", unit->kind);
}

int rescale_open(struct rescale *rescale, const struct unit *unit, const struct schema *before, struct error *err)
{
	int col;

	*rescale = (struct rescale){ .name = NULL };
	if (rescale_check(unit, err) < 0)
		return -1;
	col = open_column(before, unit->reads.items[0], TYPES_NUMERIC, err);
	if (col == NO_FIELD)
		return -1;
	*rescale = (struct rescale){ .col = (size_t)col, .type = before->fields[col].type, .name = mem_text(before->fields[col].name) };
	return 0;
}

void rescale_release(struct rescale *rescale)
{
	free(rescale->name);
	*rescale = (struct rescale){ .name = NULL };
}

int rescale_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	struct rescale rescale;

	if (rescale_open(&rescale, unit, schema, err) < 0)
		return -1;
	schema_set_type(schema, rescale.col, TYPE_REAL);
	schema_set_unit(schema, rescale.col, NULL);
	schema_set_form(schema, rescale.col, NULL);
	rescale_release(&rescale);
	return 0;
}

static void lose(const struct rescale *rescale, const struct batch *batch, const struct column *from, struct column *fresh, double *values,
                 const char *lost, struct tally *counts)
{
	uint64_t *valid = column_copy_valid(fresh, batch->pool, batch->n_rows, from), n = 0;

	for (size_t row = 0; row < batch->n_rows; row++)
		if (!isfinite(values[row])) {
			values[row] = 0;
			bit_clear(valid, row);
			n++;
		}
	tally_add(counts, lost, rescale->name, n);
}

int rescale_apply(const struct rescale *rescale, struct batch *batch, struct work *work,
                  void (*map)(const void *state, const double *from, double *to, size_t n), const void *state, const char *lost, struct error *err)
{
	const struct column *column = column_read(batch, rescale->col, err);
	struct column fresh = COLUMN_INIT;
	double total = 0;
	double *to;

	if (!column)
		return -1;
	to = column_new_values(&fresh, batch->pool, TYPE_REAL, batch->n_rows);
	map(state, column_reals(&work->scratch, column, rescale->type, batch->n_rows), to, batch->n_rows);
	for (size_t row = 0; column->n_missing && row < batch->n_rows; row++)
		if (!column_valid(column, row))
			to[row] = 0;
	for (size_t row = 0; row < batch->n_rows; row++)
		total += to[row] * 0;           /* NaN once one is not finite */
	if (total != 0)
		lose(rescale, batch, column, &fresh, to, lost, work->counts);
	else
		column_share_valid(&fresh, column);
	batch_put(batch, rescale->col, TYPE_REAL, &fresh);
	return 0;
}
