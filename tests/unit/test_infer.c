/* SPDX-License-Identifier: MIT */
/* Which type a column is, from its cells: any order of them gives the same. */
#include "fit.h"
#include "null_words.h"
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

/* Whether a column of these cells, forwards and backwards, has the form; "": none. */
static bool has_form(const char *wanted, const char *const *texts)
{
	struct infer both[2] = { INFER_INIT, INFER_INIT };
	bool same = true;
	size_t n = 0;

	while (texts[n])
		n++;
	for (size_t i = 0; i < n; i++)
		for (int back = 0; back < 2; back++) {
			struct cell cell = cell_of(texts[back ? n - 1 - i : i]);

			infer_cell(&both[back], &cell);
		}
	for (int back = 0; back < 2; back++) {
		char room[TIME_FORM_SIZE];
		const char *form = infer_form(&both[back], infer_type(&both[back]), room);

		same &= strcmp(form ? form : "", wanted) == 0;
		if (strcmp(form ? form : "", wanted) != 0)
			printf("%s: %s\n", texts[0], form ? form : "no form");
	}
	return same;
}
#define HAS_FORM(wanted, ...) has_form(wanted, (const char *const[]){ __VA_ARGS__, NULL })

static void forms(void)
{
	TEST("forms of reals");
	CHECK(HAS_FORM("", "1.5", "2.25", "3.0", "1e-07"));
	CHECK(HAS_FORM("2", "12.50", "0.25", "-3.00"));
	CHECK(HAS_FORM("", "1.5", "2.5"));
	CHECK(HAS_FORM("mixed", "1.50", "2.5") && HAS_FORM("mixed", "1", "2.5") && HAS_FORM("mixed", ".5") && HAS_FORM("mixed", "1e-7", "0.5"));
	CHECK(HAS_FORM("0", "-0", "1", "12"));
	CHECK(HAS_FORM("mixed", "2.500000000000000000e+00") && HAS_FORM("mixed", "0.1000000000000000055511"));
	CHECK(HAS_FORM("", "1", "2") && HAS_FORM("", "a"));
	TEST("forms of bools");
	CHECK(HAS_FORM("", "true", "false") && HAS_FORM("True/False", "True", "False", "False") && HAS_FORM("TRUE/FALSE", "FALSE"));
	CHECK(HAS_FORM("", "True", "true") && HAS_FORM("", "TRUE", "False"));
	TEST("forms of times: fractions may be missing or differ");
	CHECK(HAS_FORM("%Y-%m-%d %H:%M:%S", "2024-03-01 10:00:00", "2024-03-01 10:00:01"));
	CHECK(HAS_FORM("%Y-%m-%d %H:%M:%S.%3f", "2024-03-01 10:00:00.250", "2024-03-01 10:00:01.000"));
	CHECK(HAS_FORM("%Y-%m-%d %H:%M:%S%.f", "2024-03-01 10:00:00.5", "2024-03-01 10:00:01"));
	CHECK(HAS_FORM("%Y-%m-%dT%H:%M:%S%.f+05:30", "2024-03-01T10:00:00.25+05:30", "2024-03-01T10:00:01.5+05:30", "2024-03-01T10:00:01+05:30"));
	CHECK(TYPE_OF("2024-03-01T10:00:00+01:00", "2024-03-01T10:00:00+02:00") == TYPE_TEXT);
	CHECK(HAS_FORM("%Y-%m-%dT%H:%M:%S%z", "2024-03-01T10:00:00+01:00", "2024-03-01T10:00:00+02:00"));
	CHECK(HAS_FORM("%Y-%m-%dT%H:%M:%S%.f%z", "2024-03-01T10:00:00.25Z", "2024-03-01T10:00:00+02:00"));
	CHECK(HAS_FORM("%Y-%m-%dT%H:%M:%S%.f%z", "2024-03-01T10:00:00.25Z", "2024-03-01T10:00:00.5+02:00"));
	CHECK(HAS_FORM("%Y-%m-%dT%H:%M:%S.%2f%z", "2024-03-01T10:00:00.25Z", "2024-03-01T10:00:00.50+02:00"));
	CHECK(HAS_FORM("", "2024-03-01T10:00:00+01:00", "2024-03-01T10:00:00+02:00", "soon"));
	CHECK(TYPE_OF("2024-03-01 10:00", "2024-03-01 10:00:00") == TYPE_TEXT);
	CHECK(TYPE_OF("9999-12-31T23:59:59-05:00") == TYPE_TEXT && TYPE_OF("0001-01-01T00:00:00+00:01") == TYPE_TEXT);
	CHECK(TYPE_OF("9999-12-31T23:59:59+00:00") == TYPE_TIME);
}

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
	CHECK(TYPE_OF("0.100000000000000005551", "2") == TYPE_REAL && TYPE_OF("123456789012345678.5") == TYPE_REAL);
	CHECK(TYPE_OF("9223372036854775808") == TYPE_TEXT && TYPE_OF("1", "9007199254740994", "0.5") == TYPE_TEXT);
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
	CHECK(TYPE_OF("True") == TYPE_BOOL && TYPE_OF("TRUE", "false") == TYPE_BOOL && TYPE_OF("tRUE") == TYPE_TEXT);
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
	CHECK(infer_type(&infer) == TYPE_TIME && !infer_form(&infer, TYPE_TIME, room));
	infer_cell(&infer, &yes);
	CHECK(infer_type(&infer) == TYPE_TEXT);
	TEST("and how they print in a column of text");
	CHECK(strncmp(cell_text(&half, room, &size), "0.5", size) == 0 && size == 3);
	CHECK(strncmp(cell_text(&yes, room, &size), "true", size) == 0 && size == 4);
	CHECK(strncmp(cell_text(&when, room, &size), "1970-01-01T00:00:01.500", size) == 0 && size >= 21);
}

static void given(void)
{
	struct cell digits = cell_of("12345678901234567890"), yes = cell_of("tRUE"), one = cell_of("1"), day = cell_of("05/03/2024");
	union value value;
	struct cell odd, at;

	TEST("a type that was given takes what plainly means it");
	CHECK(!cell_fits(&digits, TYPE_REAL, NULL, false, &value));
	CHECK(cell_fits(&digits, TYPE_REAL, NULL, true, &value) && value.real == 12345678901234567890.0);
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

static void null_words(void)
{
	static const char *const others[] = { "N", "A", "NAN", "nAn", "Nan", "#NA", "NULLS", "Null", "none", "\\n", "??", "--", "..", "n/A", "#N/A#", "0", "-1", ".5" };

	TEST("each word for missing is the one that it is");
	for (int word = 2; word < N_NULL_WORDS; word++)
		CHECK(null_word(null_word_name(word), strlen(null_word_name(word))) == word);
	CHECK(null_word(" \t ", 3) == 1 && null_word("", 0) == NULL_WORD_EMPTY && null_word(" a", 2) == NO_NULL_WORD);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		CHECK(null_word(others[i], strlen(others[i])) == NO_NULL_WORD);
}

int main(void)
{
	null_words();
	numbers();
	forms();
	words();
	foreign();
	given();
	return unit_done();
}
