/* SPDX-License-Identifier: MIT */
/* Forms of fields: which there are, how values print by them, and that no text is made where there are several. */
#include "form.h"

#include "batch.h"
#include "batch_join.h"
#include "number.h"
#include "text_builder.h"
#include "unit.h"

static void test_valid(void)
{
	TEST("which forms there are");
	CHECK(form_valid(TYPE_INT, NULL) && form_valid(TYPE_REAL, NULL) && form_valid(TYPE_TIME, NULL) && form_valid(TYPE_TEXT, NULL));
	CHECK(form_valid(TYPE_REAL, "0") && form_valid(TYPE_REAL, "17") && form_valid(TYPE_REAL, "mixed"));
	CHECK(!form_valid(TYPE_REAL, "18") && !form_valid(TYPE_REAL, "") && !form_valid(TYPE_REAL, "02") && !form_valid(TYPE_REAL, "-1") &&
	      !form_valid(TYPE_REAL, "2 ") && !form_valid(TYPE_REAL, "true/false"));
	CHECK(form_valid(TYPE_BOOL, "True/False") && form_valid(TYPE_BOOL, "TRUE/FALSE") && form_valid(TYPE_BOOL, "true/false"));
	CHECK(!form_valid(TYPE_BOOL, "yes/no") && !form_valid(TYPE_BOOL, "mixed") && !form_valid(TYPE_INT, "0") && !form_valid(TYPE_INT, "mixed"));
	CHECK(form_valid(TYPE_TIME, "%Y-%m-%d %H:%M:%S%.f+05:30") && !form_valid(TYPE_TIME, "%Y-%m-%dT%H:%M%z") && !form_valid(TYPE_TIME, "%.f"));
	CHECK(form_valid(TYPE_TEXT, "%Y-%m-%dT%H:%M%z") && !form_valid(TYPE_TEXT, "%Y-%m-%d") && !form_valid(TYPE_TEXT, "%Y'%z") &&
	      !form_valid(TYPE_TEXT, "%Y-%m-%d\n%z") && !form_valid(TYPE_TEXT, "mixed"));
}

static bool prints(double value, const char *form, const char *wanted)
{
	char text[NUMBER_SIZE];

	return form_print_real(text, value, form_decimals(form)) == strlen(wanted) && strcmp(text, wanted) == 0;
}

static void test_values(void)
{
	char form[FORM_SIZE];
	bool yes = false;

	TEST("reals print by their form where that reads back");
	CHECK(prints(12.5, "2", "12.50") && prints(12.125, "2", "12.125") && prints(3, NULL, "3.0") && prints(3, "0", "3") && prints(2.5, "mixed", "2.5"));
	for (int decimals = 0; decimals <= NUMBER_DECIMALS; decimals++) {
		form_of_decimals(form, decimals);
		CHECK(form_decimals(form) == decimals);
	}
	TEST("words of bools");
	CHECK_TEXT(form_word(NULL, true), "true");
	CHECK_TEXT(form_word("True/False", false), "False");
	CHECK_TEXT(form_of_word("TRUE", 4, &yes), "TRUE/FALSE");
	CHECK(yes && form_of_word("false", 5, &yes) && !yes && !form_of_word("tRUE", 4, &yes) && !form_of_word("truex", 5, &yes) && !form_of_word("", 0, &yes));
}

static void test_text(void)
{
	struct field plain = { .name = "x", .type = TYPE_REAL, .form = "2" }, mixed = { .name = "x", .type = TYPE_REAL, .form = "mixed" };
	struct error err = ERROR_INIT;

	TEST("no text of what is written in several ways");
	CHECK(form_check_text(&plain, false, &err) == 0);
	CHECK(form_check_text(&plain, true, &err) < 0 && err.code == STATUS_REQUIREMENT && strstr(err.message, "--types 'x=text'"));
	error_clear(&err);
	CHECK(form_check_text(&mixed, false, &err) < 0);
	error_clear(&err);
	TEST("the advice is an item of a list within quotes");
	mixed.name = "it's a,b\\c";
	CHECK(form_check_text(&mixed, false, &err) < 0 && strstr(err.message, "--types 'it'\\''s a\\,b\\\\c=text'"));
}

enum { N_ROWS = 200 };

/* A real, and a bool that is mostly false, both with the mark; an int without. */
static void make(struct batch *batch, struct pool *pool, const struct schema *schema)
{
	struct column real = COLUMN_INIT, flag = COLUMN_INIT, count = COLUMN_INIT;
	struct block *places = block_new(pool, sizeof(uint16_t));
	double *values;

	batch_start(batch, pool, schema, N_ROWS);
	values = column_new_values(&real, pool, TYPE_REAL, N_ROWS);
	for (size_t row = 0; row < N_ROWS; row++)
		values[row] = (double)row / 4;
	real.mixed = flag.mixed = true;
	*(uint16_t *)places->data = 3;
	column_set_mostly(&flag, false, (uint16_t *)places->data, 1, places);
	column_set_sequence(&count, 0, 1);
	batch_put(batch, 0, TYPE_REAL, &real);
	batch_put(batch, 1, TYPE_BOOL, &flag);
	batch_put(batch, 2, TYPE_INT, &count);
}

static bool marked(const struct batch *batch)
{
	return batch->columns[0].mixed && batch->columns[1].mixed && !batch->columns[2].mixed;
}

static void test_marks(void)
{
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT, other = BATCH_INIT, halves[2] = { BATCH_INIT, BATCH_INIT };
	struct text_builder *texts = text_builder_new();
	struct pool *pool = pool_new();
	struct error err = ERROR_INIT;
	const uint64_t some[4] = { 0x5555, 0xff, 0, 1 };

	TEST("what a batch says of how its cells were written stays with the column");
	schema_add(&schema, "real", TYPE_REAL, ROLE_FEATURE);
	schema_add(&schema, "flag", TYPE_BOOL, ROLE_FEATURE);
	schema_add(&schema, "count", TYPE_INT, ROLE_FEATURE);
	make(&batch, pool, &schema);
	batch_share(&other, &batch);
	CHECK(marked(&other));
	for (size_t first = 0; first < 3; first++) {
		CHECK(batch_slice(&other, &batch, first, 63, &err) == 0);
		CHECK(marked(&other));
	}
	CHECK(batch_slice(&halves[0], &batch, 0, 100, &err) == 0 && batch_slice(&halves[1], &batch, 100, 100, &err) == 0);
	halves[0].columns[0].mixed = halves[1].columns[1].mixed = false;
	CHECK(batch_join(&other, halves, 2, texts, &err) == 0);
	CHECK(marked(&other));
	CHECK(batch_keep(&batch, some, 17, &err) == 0);
	CHECK(marked(&batch));
	batch_compact(&batch);
	CHECK(marked(&batch));
	batch_free(&batch);
	batch_free(&other);
	batch_free(&halves[0]);
	batch_free(&halves[1]);
	text_builder_free(texts);
	pool_drop(pool);
	schema_release(&schema);
}

int main(void)
{
	test_marks();
	test_valid();
	test_values();
	test_text();
	return unit_done();
}
