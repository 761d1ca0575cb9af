/* SPDX-License-Identifier: MIT */
#include "weights.h"

int weights_find(const struct schema *schema, int *col, const struct host *host, struct error *err)
{
	const struct field *field;

	if (schema_find_only(schema, ROLE_WEIGHT, col, host, err) < 0)
		return -1;
	if (*col == NO_FIELD)
		return 0;
	field = &schema->fields[*col];

	if (!type_is_number(field->type) && field->type != TYPE_BOOL)
		return error_set(err, STATUS_FAILED, "the weights '%s' are %s (cast them, or give them another role)", field->name,
		                 type_name(field->type));
	return 0;
}

int weights_read(struct batch *batch, int col, struct error *err)
{
	if (!column_read(batch, (size_t)col, err))
		return error_prefix(err, "column '%s'", batch->schema->fields[col].name);
	return 0;
}

int weight_of_row(const struct batch *batch, int col, size_t row, double *weight, struct error *err)
{
	const struct column *column = &batch->columns[col];
	const struct field *field = &batch->schema->fields[col];
	bool valid = column_valid(column, row);

	*weight = valid ? column_number(column, field->type, row) : 0;
	if (valid && *weight >= 0)
		return 0;
	return error_set(err, STATUS_FAILED, "column '%s': the weight is %s", field->name, valid ? "negative" : "missing");
}
