/* SPDX-License-Identifier: MIT */
#include "cell.h"

#include "unit.h"

/* Three rows: values, and a null in the last. */
static struct column column_of(const void *values)
{
	static const uint64_t valid[] = { 3 };

	return (struct column){ .values = values, .valid = valid, .checked = true };
}

static bool prints(const struct field *field, const struct column *column, size_t row, const char *text, const char *json)
{
	struct buffer plain = BUFFER_INIT, object = BUFFER_INIT;
	bool there = cell_print(field, column, row, &plain);
	bool same;

	cell_print_json(field, column, row, &object);
	same = there == (text != NULL) && strcmp(buffer_text(&plain), text ? text : "") == 0 && strcmp(buffer_text(&object), json) == 0;
	if (!same)
		printf("%s and %s\n", buffer_text(&plain), buffer_text(&object));
	buffer_free(&plain);
	buffer_free(&object);
	return same;
}

static bool json(const char *text, size_t size, const char *wanted)
{
	struct buffer buffer = BUFFER_INIT;
	bool same;

	json_text(&buffer, text, size);
	same = strcmp(buffer_text(&buffer), wanted) == 0;
	buffer_free(&buffer);
	return same;
}

static void test_values(void)
{
	struct column ints = column_of((int64_t[]){ -7, 0, 0 }), reals = column_of((double[]){ 22, 1e-7, 0 });
	struct column bools = column_of((uint8_t[]){ 1, 0, 0 }), times = column_of((int64_t[]){ 0, 86400000000, 0 });
	struct column texts = column_of(NULL);

	texts.offsets = (uint32_t[]){ 0, 3, 3, 3 };
	texts.bytes = "a\"b";

	TEST("values as text and as JSON");
	CHECK(prints(&(struct field){ .type = TYPE_INT }, &ints, 0, "-7", "-7"));
	CHECK(prints(&(struct field){ .type = TYPE_REAL }, &reals, 0, "22.0", "22.0") && prints(&(struct field){ .type = TYPE_REAL }, &reals, 1, "1e-07", "1e-07"));
	CHECK(prints(&(struct field){ .type = TYPE_BOOL }, &bools, 0, "true", "true") && prints(&(struct field){ .type = TYPE_BOOL }, &bools, 1, "false", "false"));
	CHECK(prints(&(struct field){ .type = TYPE_TIME, .form = "%d.%m.%Y" }, &times, 1, "02.01.1970", "\"02.01.1970\""));
	CHECK(prints(&(struct field){ .type = TYPE_TEXT }, &texts, 0, "a\"b", "\"a\\\"b\"") && prints(&(struct field){ .type = TYPE_TEXT }, &texts, 1, "", "\"\""));
	CHECK(prints(&(struct field){ .type = TYPE_INT }, &ints, 2, NULL, "null") && prints(&(struct field){ .type = TYPE_TEXT }, &texts, 2, NULL, "null"));
	CHECK(prints(&(struct field){ .type = TYPE_TIME }, &times, 2, NULL, "null"));
}

static void test_json(void)
{
	TEST("JSON strings");
	CHECK(json("a\nb\t\\\x01", 6, "\"a\\nb\\t\\\\\\u0001\"") && json("Zürich 🚲", 12, "\"Zürich 🚲\"") && json("a\0b", 3, "\"a\\u0000b\""));
	CHECK(json("caf\xe9!", 5, "\"caf\xef\xbf\xbd!\"") && json("\xe6\x9d", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"") && json("", 0, "\"\""));
}

static void test_place(void)
{
	struct schema schema = SCHEMA_INIT;
	struct column columns[2] = { { .checked = true, .offsets = (uint32_t[]){ 0, 5 }, .bytes = "a.csv" }, { .checked = true, .values = (int64_t[]){ 17 } } };
	struct batch batch = { .n_rows = 1, .n_columns = 2, .schema = &schema, .columns = columns };
	struct buffer buffer = BUFFER_INIT;

	TEST("where a row came from");
	schema_add(&schema, "_file", TYPE_TEXT, ROLE_ORIGIN);
	cell_place(&batch, 0, 16, &buffer);
	CHECK_TEXT(buffer_text(&buffer), "row 16");
	buffer_clear(&buffer);
	schema_add(&schema, "_line", TYPE_INT, ROLE_ORIGIN);
	cell_place(&batch, 0, 16, &buffer);
	CHECK_TEXT(buffer_text(&buffer), "a.csv:17");
	buffer_free(&buffer);
	schema_release(&schema);
}

int main(void)
{
	test_values();
	test_json();
	test_place();
	return unit_done();
}
