/* SPDX-License-Identifier: MIT */
/* Which type a column is, from its cells: any order of them gives the same. */
#include "fit.h"
#include "unit.h"

enum { MOST = 8 };

static struct cell cell_of(const char *text)
{
	return (struct cell){ .kind = CELL_TEXT, .size = (uint32_t)strlen(text), .as.text = text };
}

/* The type of a column of these cells, forwards and backwards; N_TYPES if these differ. */
static enum type type_of(const char *const *texts)
{
	struct infer forwards = INFER_INIT, backwards = INFER_INIT;
	size_t n = 0;

	for (; texts[n]; n++) {
		struct cell cell = cell_of(texts[n]);

		infer_cell(&forwards, &cell);
	}
	for (size_t i = n; i-- > 0;) {
		struct cell cell = cell_of(texts[i]);

		infer_cell(&backwards, &cell);
	}
	return infer_type(&forwards) == infer_type(&backwards) ? infer_type(&forwards) : N_TYPES;
}
#define TYPE_OF(...) type_of((const char *const[]){ __VA_ARGS__, NULL })

static void numbers(void)
{
	TEST("ints");
	CHECK(TYPE_OF("0", "1") == TYPE_INT);
	CHECK(TYPE_OF("-5", "9223372036854775807") == TYPE_INT);
	TEST("reals, and ints among them");
	CHECK(TYPE_OF("22.0") == TYPE_REAL);
	CHECK(TYPE_OF(".28", "1.10", "3") == TYPE_REAL);
	CHECK(TYPE_OF("1", "2", "2.5") == TYPE_REAL);
	CHECK(TYPE_OF("1e-7", "9007199254740992") == TYPE_REAL);
	TEST("an int that no double holds keeps a column from being real");
	CHECK(TYPE_OF("9007199254740993", "1") == TYPE_INT);
	CHECK(TYPE_OF("9007199254740993", "1.5") == TYPE_TEXT);
	CHECK(TYPE_OF("9223372036854775807", "1.5") == TYPE_TEXT);
	TEST("what would not print back stays text");
	CHECK(TYPE_OF("007") == TYPE_TEXT);
	CHECK(TYPE_OF("+5512345") == TYPE_TEXT);
	CHECK(TYPE_OF("12345678901234567890") == TYPE_TEXT);
	CHECK(TYPE_OF("NaN") == TYPE_TEXT);
	CHECK(TYPE_OF("1.5", "NaN") == TYPE_TEXT);
	CHECK(TYPE_OF("inf") == TYPE_TEXT);
	CHECK(TYPE_OF("1", "007") == TYPE_TEXT);
	CHECK(TYPE_OF(" 1") == TYPE_TEXT);
	CHECK(TYPE_OF("") == TYPE_TEXT);
	CHECK(TYPE_OF("1", "") == TYPE_TEXT);
}

static void words(void)
{
	struct infer none = INFER_INIT;

	TEST("bools");
	CHECK(TYPE_OF("true", "false") == TYPE_BOOL);
	CHECK(TYPE_OF("true", "yes") == TYPE_TEXT);
	CHECK(TYPE_OF("True") == TYPE_TEXT);
	CHECK(TYPE_OF("true", "1") == TYPE_TEXT);
	TEST("times of one form");
	CHECK(TYPE_OF("2024-03-01", "1999-12-31") == TYPE_TIME);
	CHECK(TYPE_OF("2024-03-01T10:00:00", "2024-03-01T10:00:01") == TYPE_TIME);
	CHECK(TYPE_OF("2024-03-01 10:00:00", "2024-03-01T10:00:01") == TYPE_TEXT);
	CHECK(TYPE_OF("2024-03-01", "2024-03-01T10:00:01") == TYPE_TEXT);
	CHECK(TYPE_OF("2024-03-01T10:00:00Z", "2024-03-01T10:00:00") == TYPE_TEXT);
	CHECK(TYPE_OF("2024-02-30") == TYPE_TEXT);
	CHECK(TYPE_OF("01-03-2024") == TYPE_TEXT);
	CHECK(TYPE_OF("2024-03-01", "17") == TYPE_TEXT);
	TEST("no value: text");
	CHECK(infer_type(&none) == TYPE_TEXT);
}

static void foreign(void)
{
	struct cell five = { .kind = CELL_INT, .as.number = 5 }, half = { .kind = CELL_REAL, .as.real = 0.5 };
	struct cell yes = { .kind = CELL_BOOL, .as.number = 1 }, when = { .kind = CELL_TIME, .as.number = 1500000 };
	struct cell string = { .kind = CELL_STRING, .size = 1, .as.text = "5" };
	struct infer infer = INFER_INIT;
	char room[TIME_TEXT_SIZE];
	size_t size;

	TEST("cells that say what they are");
	infer_cell(&infer, &five);
	CHECK(infer_type(&infer) == TYPE_INT);
	infer_cell(&infer, &half);
	CHECK(infer_type(&infer) == TYPE_REAL);
	infer_cell(&infer, &string);
	CHECK(infer_type(&infer) == TYPE_TEXT);
	infer = (struct infer)INFER_INIT;
	infer_cell(&infer, &when);
	CHECK(infer_type(&infer) == TYPE_TIME && !infer_form(&infer));
	infer_cell(&infer, &yes);
	CHECK(infer_type(&infer) == TYPE_TEXT);
	TEST("and how they print in a column of text");
	CHECK(strncmp(cell_text(&half, room, &size), "0.5", size) == 0 && size == 3);
	CHECK(strncmp(cell_text(&yes, room, &size), "true", size) == 0 && size == 4);
	CHECK(strncmp(cell_text(&when, room, &size), "1970-01-01T00:00:01.500", size) == 0 && size >= 21);
}

static void given(void)
{
	struct cell digits = cell_of("0.1000000000000000055511"), yes = cell_of("TRUE"), one = cell_of("1"), day = cell_of("05/03/2024");
	union value value;
	struct cell odd, at;

	TEST("a type that was given takes what plainly means it");
	CHECK(!cell_fits(&digits, TYPE_REAL, NULL, false, &value));
	CHECK(cell_fits(&digits, TYPE_REAL, NULL, true, &value) && value.real == 0.1);
	CHECK(!cell_fits(&yes, TYPE_BOOL, NULL, false, &value));
	CHECK(cell_fits(&yes, TYPE_BOOL, NULL, true, &value) && value.number == 1);
	CHECK(cell_fits(&one, TYPE_BOOL, NULL, true, &value) && value.number == 1);
	CHECK(!cell_fits(&day, TYPE_TIME, NULL, true, &value));
	CHECK(cell_fits(&day, TYPE_TIME, "%d/%m/%Y", true, &value) && value.number == time_from_civil(2024, 3, 5, 0, 0, 0, 0));
	TEST("but no word more");
	odd = cell_of("TRUEe");
	at = cell_of("tRU%");
	CHECK(!cell_fits(&odd, TYPE_BOOL, NULL, true, &value));
	CHECK(!cell_fits(&at, TYPE_BOOL, NULL, true, &value));
}

int main(void)
{
	numbers();
	words();
	foreign();
	given();
	return unit_done();
}
