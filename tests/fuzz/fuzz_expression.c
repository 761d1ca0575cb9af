/* SPDX-License-Identifier: MIT */
/* Any text as an expression over three rows: refused, or a column that keeps to batch.h. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "expression.h"
#include "memory.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void fill(struct schema *schema, struct batch *batch)
{
	static const uint64_t second_only[1] = {2};
	static const uint32_t codes[] = {0, 1, 0}, offsets[] = {0, 0, 3};

	schema_add(schema, "i", TYPE_INT, ROLE_FEATURE);
	schema_add(schema, "r", TYPE_REAL, ROLE_FEATURE);
	schema_add(schema, "b", TYPE_BOOL, ROLE_FEATURE);
	schema_add(schema, "d", TYPE_TIME, ROLE_FEATURE);
	schema_add(schema, "t", TYPE_TEXT, ROLE_FEATURE);
	batch_start(batch, schema, 3);
	for (size_t col = 0; col < 4; col++) {
		enum type type = schema->fields[col].type;
		unsigned char *values = batch_values(batch, type);

		if (type == TYPE_BOOL)
			values[1] = 1;
		else
			memcpy(values + 8, type == TYPE_REAL ? (const void *)&(double){-1.5} : &(int64_t){INT64_MIN}, 8);
		batch_put(batch, col, &(struct column){.valid = col % 2 ? second_only : NULL, .values = values});
	}
	batch_put(batch, 4, &(struct column){.valid = second_only, .offsets = offsets, .bytes = "\xc3\xa9x", .bytes_size = 3,
	                                     .n_entries = 2, .codes = codes});
}

/* Reads the result as if it came from the wire. */
static void check_column(const struct column *result, enum type type, size_t n_rows)
{
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;
	struct column column = *result;

	schema_add(&schema, "result", type, ROLE_FEATURE);
	batch_start(&batch, &schema, n_rows);
	column.checked = false;
	column.wire_codes = column.codes;
	column.codes = NULL;
	column.code_width = 4;
	column.has_codes = column.wire_codes != NULL;
	batch.columns[0] = column;
	assert(column_read(&batch, 0, &err));
	assert(batch.columns[0].n_missing == result->n_missing);
	batch_free(&batch);
	schema_release(&schema);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;
	struct column result;
	char *text = mem_text_n((const char *)bytes, size);
	size_t end, error_at = SIZE_MAX;
	struct expression *expression = NULL;
	enum type type;
	uint64_t no_answer = 0;

	if (text_is_utf8(text, strlen(text)))
		expression = expression_parse(text, 0, "else", &end, &error_at, &err);
	fill(&schema, &batch);
	if (expression && expression_check(expression, &schema, &type, &error_at, &err) == 0 &&
	    expression_run(expression, &batch, &result, &no_answer, &err) == 0) {
		assert(no_answer <= result.n_missing && end <= strlen(text));
		check_column(&result, type, batch.n_rows);
	} else if (err.code == STATUS_USAGE) {
		assert(error_at <= strlen(text) && text_is_utf8(err.message, strlen(err.message)));
	}
	expression_free(expression);
	batch_free(&batch);
	schema_release(&schema);
	free(text);
	return 0;
}
