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
	static const uint64_t second_only[1] = { 2 };
	static const int64_t first_time = INT64_C(-62135596800000000);  /* 0001-01-01 */
	static const uint32_t codes[] = { 0, 1, 0 }, offsets[] = { 0, 0, 3 };
	struct column text = COLUMN_INIT;

	schema_add(schema, "i", TYPE_INT, ROLE_FEATURE);
	schema_add(schema, "r", TYPE_REAL, ROLE_FEATURE);
	schema_add(schema, "b", TYPE_BOOL, ROLE_FEATURE);
	schema_add(schema, "d", TYPE_TIME, ROLE_FEATURE);
	schema_add(schema, "t", TYPE_TEXT, ROLE_FEATURE);
	batch_start(batch, NULL, schema, 3);
	for (size_t col = 0; col < 4; col++) {
		enum type type = schema->fields[col].type;
		struct column fresh = COLUMN_INIT;
		unsigned char *values = memset(column_new_values(&fresh, NULL, type, 3), 0, 3 * type_width(type));

		if (type == TYPE_BOOL)
			values[1] = 1;
		else
			memcpy(values + 8, type == TYPE_REAL ? (const void *)&(double){ -1.5 } : type == TYPE_TIME ? &first_time : &(int64_t){ INT64_MIN }, 8);
		if (col % 2)
			memcpy(column_new_valid(&fresh, NULL, 3, false), second_only, sizeof second_only);
		batch_put(batch, col, type, &fresh);
	}
	memcpy(column_new_valid(&text, NULL, 3, false), second_only, sizeof second_only);
	memcpy(column_new_offsets(&text, NULL, 2), offsets, sizeof offsets);
	memcpy(column_new_bytes(&text, NULL, 3), "\xc3\xa9x", 3);
	memcpy(column_new_codes(&text, NULL, 3), codes, sizeof codes);
	batch_put(batch, 4, TYPE_TEXT, &text);
}

/* Puts the result, and reads it as if it came from the wire; what is missing of it. */
static size_t check_column(struct column *result, enum type type, size_t n_rows)
{
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;
	struct column *column;
	size_t n_missing;

	schema_add(&schema, "result", type, ROLE_FEATURE);
	batch_start(&batch, NULL, &schema, n_rows);
	batch_put(&batch, 0, type, result);
	column = &batch.columns[0];
	n_missing = column->n_missing;
	column->checked = false;
	column->wire_codes = column->codes;
	column->codes = NULL;
	column->code_width = 4;
	column->has_codes = column->wire_codes != NULL;
	assert(column_read(&batch, 0, &err));
	assert(batch.columns[0].n_missing == n_missing);
	batch_free(&batch);
	schema_release(&schema);
	return n_missing;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;
	struct arena scratch = ARENA_INIT;
	struct column result;
	char *text = mem_text_n((const char *)bytes, size);
	size_t end, n_missing, error_at = SIZE_MAX;
	struct expression *expression = NULL;
	enum type type;
	uint64_t no_answer = 0;

	if (text_is_utf8(text, strlen(text)))
		expression = expression_parse(text, 0, "else", &end, &error_at, &err);
	fill(&schema, &batch);
	if (expression && expression_check(expression, &schema, &type, &error_at, &err) == 0 &&
	    expression_run(expression, &batch, &scratch, &result, &no_answer, &err) == 0) {
		arena_free(&scratch);           /* nothing of the result lies there */
		n_missing = check_column(&result, type, batch.n_rows);
		assert(no_answer <= n_missing && end <= strlen(text));
	} else if (err.code == STATUS_USAGE) {
		assert(error_at <= strlen(text) && text_is_utf8(err.message, strlen(err.message)));
	}
	expression_free(expression);
	arena_free(&scratch);
	batch_free(&batch);
	schema_release(&schema);
	free(text);
	return 0;
}
