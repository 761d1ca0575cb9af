/* SPDX-License-Identifier: MIT */
/* Every pair of types: exact or null. Cells are parted by '|', null is '-'. */
#include "cell.h"
#include "column_edit.h"
#include "convert.h"
#include "memory.h"
#include "text_builder.h"
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
	text_builder_finish(builder, batch->pool, &column);
	text_builder_free(builder);
	batch_put(batch, 0, TYPE_TEXT, &column);
}

static struct outcome convert(struct batch *batch, struct schema *schema, enum type to, const char *form)
{
	struct outcome outcome = { .cells = "" };
	struct error err = ERROR_INIT;
	struct buffer cells = BUFFER_INIT;
	struct arena scratch = ARENA_INIT;
	struct field field = { .type = to, .form = (char *)form };
	struct column column;

	if (convert_column(batch, &scratch, 0, to, form, &column, &outcome.n_lost, &err) < 0) {
		buffer_add_text(&cells, err.message);
	} else {
		batch_put(batch, 0, to, &column);
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
	arena_free(&scratch);
	batch_free(batch);
	schema_release(schema);
	return outcome;
}

static struct outcome texts_to(const char *const *texts, size_t n, enum type to, const char *form)
{
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;

	schema_add(&schema, "x", TYPE_TEXT, ROLE_FEATURE);
	batch_start(&batch, NULL, &schema, n);
	put_texts(&batch, texts, n);
	return convert(&batch, &schema, to, form);
}

/* Row 1 of 4 is missing. */
static struct outcome values_to(enum type from, const void *values, enum type to, const char *form)
{
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	struct column column = COLUMN_INIT;

	schema_add(&schema, "x", from, ROLE_FEATURE);
	schema_set_form(&schema, 0, form);
	batch_start(&batch, NULL, &schema, 4);
	memcpy(column_new_values(&column, NULL, from, 4), values, from == TYPE_BOOL ? 4 : 32);
	*column_new_valid(&column, NULL, 4, false) = 0xd;
	batch_put(&batch, 0, from, &column);
	return convert(&batch, &schema, to, NULL);
}

static void test_text(void)
{
	static const char *const numbers[] = { "12", NULL, "1.5", "007", "9223372036854775809", "true", " 3", "-0.25" };
	static const char *const dates[] = { "2024-03-01", "2024-03-01T10:30", "01.03.2024", NULL };
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
	const char *texts[400];
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;
	struct arena scratch = ARENA_INIT;
	struct column column;
	uint64_t n_lost = 0;

	for (size_t i = 0; i < 300; i++)
		texts[i] = i % 3 == 0 ? "1" : i % 3 == 1 ? "x" : NULL;
	schema_add(&schema, "x", TYPE_TEXT, ROLE_FEATURE);
	batch_start(&batch, NULL, &schema, 300);
	put_texts(&batch, texts, 300);

	TEST("a dictionary is read once per entry, rows are counted");
	CHECK(batch.columns[0].codes != NULL);
	CHECK(convert_column(&batch, &scratch, 0, TYPE_INT, NULL, &column, &n_lost, &err) == 0);
	CHECK(n_lost == 100 && column.n_missing == 200);
	CHECK(column_valid(&column, 0) && column_int(&column, 0) == 1);
	CHECK(!column_valid(&column, 1) && column_int(&column, 1) == 0);
	column_drop(&column);

	TEST("the same type is shared");
	CHECK(convert_column(&batch, &scratch, 0, TYPE_TEXT, NULL, &column, &n_lost, &err) == 0);
	CHECK(n_lost == 100 && column.codes == batch.columns[0].codes && column.blocks[0]->users == 2);
	batch_put(&batch, 0, TYPE_TEXT, &column);
	CHECK(batch.columns[0].blocks[0]->users == 1);
	arena_free(&scratch);
	batch_free(&batch);
	schema_release(&schema);
}

static void test_values(void)
{
	static const int64_t ints[] = { 1, 0, 9007199254740993, 0 };
	static const double reals[] = { 1, 0, 2.5, -1e300 };
	static const uint8_t bools[] = { 1, 0, 0, 1 };
	static const int64_t times[] = { 0, 0, 1500000, -1000000 };
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
	CHECK_TEXT(outcome.cells, "1970-01-01 00:00:00|-|1970-01-01T00:00:01.5|1969-12-31 23:59:59");

	TEST("times are no numbers");
	CHECK(!convert_possible(TYPE_TIME, TYPE_INT) && !convert_possible(TYPE_BOOL, TYPE_TIME));
	CHECK_TEXT(values_to(TYPE_TIME, times, TYPE_REAL, NULL).cells, "column 'x': time does not convert to real");
}

/* ---- column_edit ---- */

static void shout(void *state, const char *bytes, size_t size, struct buffer *to)
{
	++*(size_t *)state;
	buffer_add(to, bytes, size);
	buffer_add_byte(to, '!');
}

static bool is_x(void *state, const char *bytes, size_t size)
{
	++*(size_t *)state;
	return size == 1 && *bytes == 'x';
}

static bool cell_is(const struct batch *batch, size_t row, const char *text)
{
	const struct column *column = &batch->columns[0];
	size_t size;
	const char *bytes = column_text(column, row, &size);

	if (!text)
		return !column_valid(column, row) && (column->codes ? column->codes[row] == 0 : size == 0);
	return column_valid(column, row) && size == strlen(text) && memcmp(bytes, text, size) == 0;
}

/* n texts: "1", "x", none, in turn; or, different, each with its number behind. Edited, the x forgotten. */
static void edit(size_t n, bool different)
{
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;
	struct arena scratch = ARENA_INIT;
	char names[400][24], loud[sizeof names[0] + 1];
	const char *texts[400];
	uint64_t rows[7] = { 0 }, n_gone = 0;
	struct column column;
	size_t n_seen = 0;

	for (size_t i = 0; i < n; i++) {
		snprintf(names[i], sizeof names[i], different && i != 1 ? "%s%zu" : "%s", i % 3 ? "x" : "1", i);
		texts[i] = i % 3 == 2 ? NULL : names[i];
	}
	schema_add(&schema, "x", TYPE_TEXT, ROLE_FEATURE);
	batch_start(&batch, NULL, &schema, n);
	put_texts(&batch, texts, n);
	CHECK((batch.columns[0].codes != NULL) == !different);

	column_find_texts(&batch, &scratch, &batch.columns[0], is_x, &n_seen, rows);
	CHECK(n_seen == (different ? n - n / 3 : 2));
	for (size_t row = 0; row < n; row++)
		CHECK((rows[row / 64] >> row % 64 & 1) == (texts[row] && strcmp(texts[row], "x") == 0));
	CHECK(column_edit_texts(&batch, &batch.columns[0], shout, &(size_t){ 0 }, &column, &err) == 0);
	batch_put(&batch, 0, TYPE_TEXT, &column);
	for (size_t row = 0; row < n; row++) {
		snprintf(loud, sizeof loud, "%.*s!", (int)sizeof names[row] - 1, names[row]);
		CHECK(cell_is(&batch, row, texts[row] ? loud : NULL));
	}
	rows[0] |= 4;                           /* is missing already */
	column_forget(&batch, &batch.columns[0], TYPE_TEXT, rows, &column, &n_gone);
	batch_put(&batch, 0, TYPE_TEXT, &column);
	CHECK(n_gone == (different ? 1 : n / 3) && batch.columns[0].n_missing == n / 3 + n_gone);
	for (size_t row = 0; row < n; row++) {
		snprintf(loud, sizeof loud, "%.*s!", (int)sizeof names[row] - 1, names[row]);
		CHECK(cell_is(&batch, row, texts[row] && !(rows[row / 64] >> row % 64 & 1) ? loud : NULL));
	}
	TEST("where nothing goes the column is shared");
	column_forget(&batch, &batch.columns[0], TYPE_TEXT, rows, &column, &n_gone);
	CHECK(n_gone == (different ? 1 : n / 3) && column.bytes == batch.columns[0].bytes && column.valid == batch.columns[0].valid);
	column_drop(&column);
	CHECK(batch.columns[0].blocks[0]->users == 1);
	batch_free(&batch);
	arena_free(&scratch);
	schema_release(&schema);
}

static void test_edits(void)
{
	TEST("texts of a dictionary: found, edited, forgotten");
	edit(300, false);
	TEST("texts of rows: found, edited, forgotten");
	edit(400, true);
}

static void test_forget(void)
{
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	struct column column = COLUMN_INIT;
	uint64_t n_gone = 0;
	const double *before;
	double *reals;

	TEST("values forgotten: the old bytes stay as they were");
	schema_add(&schema, "x", TYPE_REAL, ROLE_FEATURE);
	batch_start(&batch, NULL, &schema, 3);
	reals = column_new_values(&column, NULL, TYPE_REAL, 3);
	reals[0] = 1, reals[1] = 2, reals[2] = 3;
	batch_put(&batch, 0, TYPE_REAL, &column);
	before = batch.columns[0].values;
	column_forget(&batch, &batch.columns[0], TYPE_REAL, (const uint64_t[]){ 5 }, &column, &n_gone);
	CHECK(n_gone == 2 && column.n_missing == 2 && *column.valid == 2);
	CHECK(column_real(&column, 0) == 0 && column_real(&column, 1) == 2 && column_real(&column, 2) == 0);
	CHECK(before[0] == 1 && before[2] == 3);
	column_drop(&column);
	batch_free(&batch);
	schema_release(&schema);
}

int main(void)
{
	test_text();
	test_dictionary();
	test_values();
	test_edits();
	test_forget();
	return unit_done();
}
