/* SPDX-License-Identifier: MIT */
/* Every pair of types: exact or null. Cells are parted by '|', null is '-'. */
#include "cell.h"
#include "column_edit.h"
#include "convert.h"
#include "memory.h"
#include "unit.h"

struct outcome { char cells[300]; uint64_t n_lost; bool dictionary; };

/* One column of n texts (NULL: missing) as text, with a dictionary if there are many of few. */
static void put_texts(struct batch *batch, const char *const *texts, size_t n)
{
	struct text_builder *builder = text_builder_new();
	struct column column;

	for (size_t i = 0; i < n; i++) {
		if (texts[i])
			text_builder_add(builder, texts[i], strlen(texts[i]));
		else
			text_builder_add_missing(builder);
	}
	text_builder_finish(builder, &batch->arena, &column);
	text_builder_free(builder);
	batch_put(batch, 0, &column);
}

static struct outcome convert(struct batch *batch, struct schema *schema, enum type to, const char *form)
{
	struct outcome outcome = {.cells = ""};
	struct error err = ERROR_INIT;
	struct buffer cells = BUFFER_INIT;
	struct field field = {.type = to, .form = (char *)form};
	struct column column;

	if (convert_column(batch, 0, to, form, &column, &outcome.n_lost, &err) < 0) {
		buffer_add_text(&cells, err.message);
	} else {
		column_put(batch, 0, to, &column);
		outcome.dictionary = batch->columns[0].codes != NULL;
		for (size_t row = 0; row < batch->n_rows; row++) {
			if (row)
				buffer_add_byte(&cells, '|');
			if (!cell_print(&field, &batch->columns[0], row, &cells))
				buffer_add_byte(&cells, '-');
		}
	}
	snprintf(outcome.cells, sizeof outcome.cells, "%s", buffer_text(&cells));
	buffer_free(&cells);
	batch_free(batch);
	schema_release(schema);
	return outcome;
}

static struct outcome texts_to(const char *const *texts, size_t n, enum type to, const char *form)
{
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;

	schema_add(&schema, "x", TYPE_TEXT, ROLE_FEATURE);
	batch_start(&batch, &schema, n);
	put_texts(&batch, texts, n);
	return convert(&batch, &schema, to, form);
}

/* Row 1 of 4 is missing. */
static struct outcome values_to(enum type from, const void *values, enum type to, const char *form)
{
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	void *copy;

	schema_add(&schema, "x", from, ROLE_FEATURE);
	schema_set_form(&schema, 0, form);
	batch_start(&batch, &schema, 4);
	copy = batch_values(&batch, from);
	memcpy(copy, values, from == TYPE_BOOL ? 4 : 32);
	batch_put(&batch, 0, &(struct column){.valid = (const uint64_t[]){0xd}, .values = copy});
	return convert(&batch, &schema, to, NULL);
}

static void test_text(void)
{
	static const char *const numbers[] = {"12", NULL, "1.5", "007", "9223372036854775809", "true", " 3", "-0.25"};
	static const char *const dates[] = {"2024-03-01", "2024-03-01T10:30", "01.03.2024", NULL};
	struct outcome outcome;

	TEST("text becomes what it says, strictly");
	outcome = texts_to(numbers, 8, TYPE_INT, NULL);
	CHECK_TEXT(outcome.cells, "12|-|-|-|-|-|-|-");
	CHECK(outcome.n_lost == 6);
	outcome = texts_to(numbers, 8, TYPE_REAL, NULL);
	CHECK_TEXT(outcome.cells, "12.0|-|1.5|-|-|-|-|-0.25");
	outcome = texts_to(numbers, 8, TYPE_BOOL, NULL);
	CHECK_TEXT(outcome.cells, "-|-|-|-|-|true|-|-");
	outcome = texts_to(dates, 4, TYPE_TIME, "%Y-%m-%d");
	CHECK_TEXT(outcome.cells, "2024-03-01|-|-|-");
	CHECK(outcome.n_lost == 2);
	outcome = texts_to(dates, 4, TYPE_TIME, NULL);
	CHECK(outcome.n_lost == 1);
	outcome = texts_to(dates, 4, TYPE_TEXT, NULL);
	CHECK_TEXT(outcome.cells, "2024-03-01|2024-03-01T10:30|01.03.2024|-");
}

static void test_dictionary(void)
{
	const char *texts[300];
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;
	struct column column;
	uint64_t n_lost = 0;

	for (size_t i = 0; i < 300; i++)
		texts[i] = i % 3 == 0 ? "1" : i % 3 == 1 ? "x" : NULL;
	schema_add(&schema, "x", TYPE_TEXT, ROLE_FEATURE);
	batch_start(&batch, &schema, 300);
	put_texts(&batch, texts, 300);

	TEST("a dictionary is read once per entry, rows are counted");
	CHECK(batch.columns[0].codes != NULL);
	CHECK(convert_column(&batch, 0, TYPE_INT, NULL, &column, &n_lost, &err) == 0);
	CHECK(n_lost == 100 && column.n_missing == 200);
	CHECK(column_valid(&column, 0) && column_int(&column, 0) == 1);
	CHECK(!column_valid(&column, 1) && column_int(&column, 1) == 0);
	batch_free(&batch);
	schema_release(&schema);
}

static void test_values(void)
{
	static const int64_t ints[] = {1, 0, 9007199254740993, 0};
	static const double reals[] = {1, 0, 2.5, -1e300};
	static const uint8_t bools[] = {1, 0, 0, 1};
	static const int64_t times[] = {0, 0, 1500000, -1000000};
	struct outcome outcome;

	TEST("numbers, exact or null");
	outcome = values_to(TYPE_INT, ints, TYPE_REAL, NULL);
	CHECK_TEXT(outcome.cells, "1.0|-|-|0.0");
	CHECK(outcome.n_lost == 1);
	outcome = values_to(TYPE_INT, ints, TYPE_BOOL, NULL);
	CHECK_TEXT(outcome.cells, "true|-|-|false");
	outcome = values_to(TYPE_REAL, reals, TYPE_INT, NULL);
	CHECK_TEXT(outcome.cells, "1|-|-|-");
	CHECK(outcome.n_lost == 2);
	outcome = values_to(TYPE_REAL, reals, TYPE_BOOL, NULL);
	CHECK_TEXT(outcome.cells, "true|-|-|-");
	outcome = values_to(TYPE_BOOL, bools, TYPE_INT, NULL);
	CHECK_TEXT(outcome.cells, "1|-|0|1");
	outcome = values_to(TYPE_BOOL, bools, TYPE_REAL, NULL);
	CHECK_TEXT(outcome.cells, "1.0|-|0.0|1.0");

	TEST("into text as it prints");
	outcome = values_to(TYPE_INT, ints, TYPE_TEXT, NULL);
	CHECK_TEXT(outcome.cells, "1|-|9007199254740993|0");
	outcome = values_to(TYPE_REAL, reals, TYPE_TEXT, NULL);
	CHECK_TEXT(outcome.cells, "1.0|-|2.5|-1e+300");
	outcome = values_to(TYPE_BOOL, bools, TYPE_TEXT, NULL);
	CHECK_TEXT(outcome.cells, "true|-|false|true");
	outcome = values_to(TYPE_TIME, times, TYPE_TEXT, "%Y-%m-%d %H:%M:%S");
	CHECK_TEXT(outcome.cells, "1970-01-01 00:00:00|-|1970-01-01 00:00:01|1969-12-31 23:59:59");

	TEST("times are no numbers");
	CHECK(!convert_possible(TYPE_TIME, TYPE_INT) && !convert_possible(TYPE_BOOL, TYPE_TIME));
	CHECK_TEXT(values_to(TYPE_TIME, times, TYPE_REAL, NULL).cells, "column 'x': time does not convert to real");
}

int main(void)
{
	test_text();
	test_dictionary();
	test_values();
	return unit_done();
}
