/* SPDX-License-Identifier: MIT */
#include "number_marks.h"

#include <stdio.h>
#include <string.h>

#include "form.h"
#include "number.h"
#include "unit.h"

static bool plain_is(const char *text, struct number_marks marks, const char *wanted)
{
	char room[NUMBER_MARKED];
	size_t size = number_unmark(text, strlen(text), marks, room, NULL);

	return size == strlen(wanted) && memcmp(room, wanted, size) == 0;
}

static bool marked_is(const char *text, struct number_marks marks, const char *wanted)
{
	char room[NUMBER_SIZE];
	size_t size = strlen(text);

	memcpy(room, text, size + 1);
	size = number_mark(room, size, marks);
	return size == strlen(wanted) && strcmp(room, wanted) == 0;
}

static void unmark(void)
{
	const struct number_marks german = { ',', '.' }, comma = { ',', 0 }, english = { 0, ',' }, swiss = { 0, '\'' };

	TEST("marks are taken off");
	CHECK(plain_is("1.234,56", german, "1234.56") && plain_is("-1.234.567", german, "-1234567") && plain_is("12,5", german, "12.5"));
	CHECK(plain_is("1234,56", german, "1234.56") && plain_is(",5", german, ".5") && plain_is("1,5E+03", german, "1.5E+03"));
	CHECK(plain_is("6,000,000", english, "6000000") && plain_is("1,234.5", english, "1234.5") && plain_is("1'234.50", swiss, "1234.50"));
	CHECK(plain_is("1\xe2\x80\x99" "234.50", swiss, "1234.50") && plain_is("12\xe2\x80\x99" "345\xe2\x80\x99" "678", swiss, "12345678") && plain_is("1\xe2\x80\x99" "23", swiss, ""));
	CHECK(plain_is("1\xe2\x80\x98" "234", swiss, "") && plain_is("1\xe2\x80", swiss, "") && plain_is("1\xe2\x80\x99" "234", english, ""));
	TEST("groups are of three digits, the first of one to three");
	CHECK(plain_is("1.23", german, "") && plain_is("1.2345", german, "") && plain_is("1234.567", german, "") && plain_is(".123", german, ""));
	CHECK(plain_is("1.234.56", german, "") && plain_is("1..234", german, "") && plain_is("1.234.", german, "") && plain_is("12,34,567", english, ""));
	CHECK(plain_is("1.5", comma, "") && plain_is("1,5,5", comma, "") && plain_is("1,5.5", comma, "") && plain_is("", comma, "") && plain_is("1,5 ", comma, ""));
	CHECK(plain_is("1,5e1.5", comma, ""));
}

static void mark(void)
{
	const struct number_marks german = { ',', '.' }, comma = { ',', 0 }, english = { 0, ',' };

	TEST("and put in");
	CHECK(marked_is("1234.56", german, "1.234,56") && marked_is("-1234567", german, "-1.234.567") && marked_is("123.5", german, "123,5"));
	CHECK(marked_is("-123456", english, "-123,456") && marked_is("999", english, "999") && marked_is("1000", english, "1,000"));
	CHECK(marked_is("1.5e+16", german, "1,5e+16") && marked_is("1234.5", comma, "1234,5") && marked_is("1234.5", NUMBER_MARKS_PLAIN, "1234.5"));
	CHECK(marked_is("-9223372036854775808", english, "-9,223,372,036,854,775,808"));
	CHECK(marked_is("123456789012345678901234567.25", english, "123456789012345678901234567.25"));       /* no room */
}

static bool printed(const char *form, enum type type, int decimals, struct number_marks marks)
{
	struct number_marks has = form_marks(form);

	return form_valid(type, form) && form_decimals(form) == decimals && has.point == marks.point && has.group == marks.group;
}

static void forms(void)
{
	char room[FORM_SIZE];

	TEST("forms with marks");
	CHECK(printed("2,", TYPE_REAL, 2, (struct number_marks){ ',', 0 }) && printed("2,.", TYPE_REAL, 2, (struct number_marks){ ',', '.' }));
	CHECK(printed(",", TYPE_REAL, FORM_SHORTEST, (struct number_marks){ ',', 0 }) && printed(".,", TYPE_REAL, FORM_SHORTEST, (struct number_marks){ 0, ',' }));
	CHECK(printed("mixed,.", TYPE_REAL, FORM_SHORTEST, (struct number_marks){ ',', 0 }) && printed("0.,", TYPE_INT, 0, (struct number_marks){ 0, ',' }));
	CHECK(printed("17,'", TYPE_REAL, 17, (struct number_marks){ ',', '\'' }) && printed("mixed.,", TYPE_INT, FORM_SHORTEST, NUMBER_MARKS_PLAIN));
	CHECK(!form_valid(TYPE_REAL, ".") && !form_valid(TYPE_REAL, "2.") && !form_valid(TYPE_REAL, "2,,") && !form_valid(TYPE_REAL, "2;") && !form_valid(TYPE_REAL, "2,.x"));
	CHECK(!form_valid(TYPE_INT, "0,") && !form_valid(TYPE_INT, "2.,") && !form_valid(TYPE_INT, ",.") && !form_valid(TYPE_REAL, "18,"));
	TEST("and without");
	CHECK(strcmp(form_unmarked(TYPE_REAL, "2,.", room), "2") == 0 && form_unmarked(TYPE_REAL, ",", room) == NULL && form_unmarked(TYPE_INT, "0.,", room) == NULL);
	CHECK(strcmp(form_unmarked(TYPE_REAL, "mixed,", room), "mixed") == 0 && strcmp(form_unmarked(TYPE_TIME, "%Y", room), "%Y") == 0);
}

int main(void)
{
	unmark();
	mark();
	forms();
	return unit_done();
}
