/* SPDX-License-Identifier: MIT */
/* Forms of fields: which there are, how values print by them, and that no text is made where there are several. */
#include "form.h"

#include "number.h"
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
	CHECK(form_check_text(&plain, true, &err) < 0 && err.code == STATUS_REQUIREMENT && strstr(err.message, "--types 'x=text'") && strstr(err.message, "--like"));
	error_clear(&err);
	CHECK(form_check_text(&mixed, false, &err) < 0);
}

int main(void)
{
	test_valid();
	test_values();
	test_text();
	return unit_done();
}
