/* SPDX-License-Identifier: MIT */
/* Small expressions over a batch of four rows. Expected columns are written as cells parted by '|', null as '-'. */
#include <stdlib.h>

#include "cell.h"
#include "expression.h"
#include "memory.h"
#include "unit.h"

enum { ROWS = 4 };

static const int64_t ints[ROWS] = { 1, -7, 0, INT64_MAX };
static const double reals[ROWS] = { 0.5, 0, 0, -2 };
static const uint8_t bools[ROWS] = { 1, 0, 0, 1 };
static const int64_t times[ROWS] = { 0, 1647689400000000, 0, -1000000 };  /* 1970-01-01, 2022-03-19 11:30, null, 1969-12-31 23:59:59 */
static const uint64_t not_third[1] = { 0xb };
static const uint32_t city_offsets[] = { 0, 5, 11 }, city_codes[ROWS] = { 1, 0, 0, 1 };
static const uint32_t note_offsets[] = { 0, 5, 5, 5, 12 };

static void put_values(struct batch *batch, size_t col, bool all, const void *values)
{
	enum type type = batch->schema->fields[col].type;
	struct column fresh = COLUMN_INIT;

	memcpy(column_new_values(&fresh, batch->pool, type, ROWS), values, ROWS * type_width(type));
	if (!all)
		column_copy_valid(&fresh, batch->pool, ROWS, &(struct column){ .valid = not_third });
	batch_put(batch, col, type, &fresh);
}

/* codes NULL: a text for each row, and none is missing. */
static void put_texts(struct batch *batch, size_t col, const uint32_t *codes, size_t n_entries, const uint32_t *offsets, const char *bytes)
{
	struct column fresh = COLUMN_INIT;

	memcpy(column_new_offsets(&fresh, batch->pool, n_entries), offsets, (n_entries + 1) * sizeof *offsets);
	memcpy(column_new_bytes(&fresh, batch->pool, offsets[n_entries]), bytes, offsets[n_entries]);
	if (codes) {
		memcpy(column_new_codes(&fresh, batch->pool, ROWS), codes, ROWS * sizeof *codes);
		column_copy_valid(&fresh, batch->pool, ROWS, &(struct column){ .valid = not_third });
	}
	batch_put(batch, col, TYPE_TEXT, &fresh);
}

static void fill(struct schema *schema, struct batch *batch)
{
	struct pool *pool = pool_new();

	schema_add(schema, "i", TYPE_INT, ROLE_FEATURE);
	schema_add(schema, "r", TYPE_REAL, ROLE_FEATURE);
	schema_add(schema, "b", TYPE_BOOL, ROLE_FEATURE);
	schema_add(schema, "when", TYPE_TIME, ROLE_FEATURE);
	schema_add(schema, "city", TYPE_TEXT, ROLE_FEATURE);
	schema_add(schema, "odd name", TYPE_TEXT, ROLE_FEATURE);
	schema_add(schema, "whole", TYPE_INT, ROLE_FEATURE);
	schema_set_unit(schema, 0, "km");
	schema_set_form(schema, 3, "%Y-%m-%d %H:%M:%S");
	batch_start(batch, pool, schema, ROWS);
	pool_drop(pool);
	put_values(batch, 0, false, ints);
	put_values(batch, 1, false, reals);
	put_values(batch, 2, false, bools);
	put_values(batch, 3, false, times);
	put_texts(batch, 4, city_codes, 2, city_offsets, "PortoLisboa");
	put_texts(batch, 5, NULL, ROWS, note_offsets, " 1.5 \xc3\x89t\xc3\xa9 x");
	put_values(batch, 6, true, (int64_t[]){ 3, 2, 1, 0 });
}

/* shares: of the column's runs (bit map, values, dictionary), how many are a column's of the batch. */
struct outcome { char cells[400]; uint64_t no_answer; bool dictionary; size_t shares; char unit[16]; };

static size_t count_shares(const struct batch *batch, const struct column *column)
{
	size_t n = 0;

	for (size_t col = 0; col < batch->n_columns; col++) {
		const struct column *other = &batch->columns[col];

		n += column->valid && column->valid == other->valid;
		n += column->values && column->values == other->values;
		n += column->offsets && column->offsets == other->offsets;
	}
	return n;
}

static struct outcome run(const char *text)
{
	struct outcome outcome = { .cells = "" };
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;
	struct field field = { .name = (char *)"result" };
	struct buffer cells = BUFFER_INIT;
	struct arena scratch = ARENA_INIT;
	struct column column;
	size_t end, error_at;
	struct expression *expression = expression_parse(text, 0, NULL, &end, &error_at, &err);

	fill(&schema, &batch);
	if (expression && expression_check(expression, &schema, &field.type, &error_at, &err) == 0 &&
	    expression_run(expression, &batch, &scratch, &column, &outcome.no_answer, &err) == 0) {
		field.form = (char *)expression_form(expression);
		outcome.shares = count_shares(&batch, &column);
		arena_free(&scratch);           /* nothing of the result lies there */
		batch_put(&batch, batch.n_columns, field.type, &column);
		for (size_t row = 0; row < ROWS; row++) {
			if (row)
				buffer_add_byte(&cells, '|');
			if (!cell_print(&field, &batch.columns[7], row, &cells))
				buffer_add_byte(&cells, '-');
		}
		outcome.dictionary = batch.columns[7].codes != NULL;
		if (expression_unit(expression))
			snprintf(outcome.unit, sizeof outcome.unit, "%s", expression_unit(expression));
	} else {
		buffer_format(&cells, "%zu: %s", error_at, err.message);
	}
	snprintf(outcome.cells, sizeof outcome.cells, "%s", buffer_text(&cells));
	buffer_free(&cells);
	expression_free(expression);
	arena_free(&scratch);
	batch_free(&batch);
	schema_release(&schema);
	return outcome;
}

static bool gives_losing(const char *text, const char *expected, uint64_t no_answer)
{
	struct outcome outcome = run(text);
	bool same = strcmp(outcome.cells, expected) == 0 && outcome.no_answer == no_answer;

	if (!same)
		printf("%s gives %s, %llu lost\n", text, outcome.cells, (unsigned long long)outcome.no_answer);
	return same;
}

static bool gives(const char *text, const char *expected)
{
	return gives_losing(text, expected, 0);
}

static void test_arithmetic(void)
{
	TEST("ints stay ints and are lost on overflow");
	CHECK(gives("whole + 1", "4|3|2|1"));
	CHECK(gives_losing("i + 1", "2|-6|-|-", 1));
	CHECK(gives_losing("i * 2", "2|-14|-|-", 1));
	CHECK(gives_losing("-i - 2", "-3|5|-|-", 1));
	CHECK(gives("7 // 2", "3|3|3|3"));
	CHECK(gives("i // 2", "0|-4|-|4611686018427387903"));
	CHECK(gives("i % 4", "1|1|-|3"));
	CHECK(gives("i % -4", "-3|-3|-|-1"));
	CHECK(gives_losing("1 // (whole - 1)", "0|1|-|-1", 1));
	CHECK(gives_losing("1 % (whole - 1)", "1|0|-|0", 1));
	CHECK(gives_losing("9223372036854775807 + whole", "-|-|-|9223372036854775807", 3));
	CHECK(gives_losing("(-9223372036854775807 - 1) // -1", "-|-|-|-", 4));
	CHECK(gives("(-9223372036854775807 - 1) % -1", "0|0|0|0"));
	CHECK(gives_losing("abs(-9223372036854775807 - 1)", "-|-|-|-", 4));

	TEST("reals, mixed and lost");
	CHECK(gives("whole / 2", "1.5|1.0|0.5|0.0"));
	CHECK(gives("r + 1", "1.5|1.0|-|-1.0"));
	CHECK(gives_losing("1 / r", "2.0|-|-|-0.5", 1));
	CHECK(gives_losing("r / r", "1.0|-|-|1.0", 1));
	CHECK(gives_losing("log(r)", "-0.6931471805599453|-|-|-", 2));
	CHECK(gives_losing("sqrt(r)", "0.7071067811865476|0.0|-|-", 1));
	CHECK(gives_losing("exp(1000)", "-|-|-|-", 4));
	CHECK(gives("-10.5 % 3", "1.5|1.5|1.5|1.5"));
	CHECK(gives("10.5 % -3", "-1.5|-1.5|-1.5|-1.5"));
	CHECK(gives("(-10) % 1440", "1430|1430|1430|1430"));

	TEST("precedence");
	CHECK(gives("1 + 2 * 3", "7|7|7|7"));
	CHECK(gives("(1 + 2) * 3", "9|9|9|9"));
	CHECK(gives("2 ^ 3 ^ 2", "512.0|512.0|512.0|512.0"));
	CHECK(gives("-2 ^ 2", "-4.0|-4.0|-4.0|-4.0"));
	CHECK(gives("2 ^ -1", "0.5|0.5|0.5|0.5"));
	CHECK(gives("10 - 3 - 2", "5|5|5|5"));
	CHECK(gives("8 / 4 / 2", "1.0|1.0|1.0|1.0"));
	CHECK(gives("not 1 == 2 and true", "true|true|true|true"));
	CHECK(gives("true or true and false", "true|true|true|true"));

	TEST("bools count as 0 and 1");
	CHECK(gives("b * 2", "2|0|-|2"));
	CHECK(gives("b + 0.5", "1.5|0.5|-|1.5"));
	CHECK(gives("true + true", "2|2|2|2"));

	TEST("functions of numbers");
	CHECK(gives("round(2.5)", "3.0|3.0|3.0|3.0"));
	CHECK(gives("round(-2.5)", "-3.0|-3.0|-3.0|-3.0"));
	CHECK(gives("round(1234.567, 1)", "1234.6|1234.6|1234.6|1234.6"));
	CHECK(gives("round(1234.567, -2)", "1200.0|1200.0|1200.0|1200.0"));
	CHECK(gives("round(r, 400)", "0.5|0.0|-|-2.0"));
	CHECK(gives("round(r, -9223372036854775807 - 1)", "0.0|0.0|-|0.0"));
	CHECK(gives("int(-2.9)", "-2|-2|-2|-2"));
	CHECK(gives_losing("int(1e30)", "-|-|-|-", 4));
	CHECK(gives("number(whole)", "3.0|2.0|1.0|0.0"));
	CHECK(gives("sign(r)", "1|0|-|-1"));
	CHECK(gives("floor(r)", "0.0|0.0|-|-2.0"));
	CHECK(gives("min(whole, r, 1)", "0.5|0.0|-|-2.0"));
	CHECK(gives("max(whole, 1)", "3|2|1|1"));
	CHECK(gives("atan2(1, 1) * 4 == pi()", "true|true|true|true"));

	/* haversine 2.9.0 for Python, haversine((45.7597, 4.8422), (48.8567, 2.3508)): 392.2172595594006 */
	TEST("haversine");
	CHECK(gives("round(haversine(45.7597, 4.8422, 48.8567, 2.3508), 9)", "392.217259559|392.217259559|392.217259559|392.217259559"));
	CHECK_TEXT(run("haversine(r, r, 1, 1)").unit, "km");
}

static void test_logic(void)
{
	TEST("null in and, or, not");
	CHECK(gives("b and true", "true|false|-|true"));
	CHECK(gives("b and false", "false|false|false|false"));
	CHECK(gives("false and b", "false|false|false|false"));
	CHECK(gives("b or true", "true|true|true|true"));
	CHECK(gives("b or false", "true|false|-|true"));
	CHECK(gives("not b", "false|true|-|false"));

	TEST("comparisons");
	CHECK(gives("whole > 1", "true|true|false|false"));
	CHECK(gives("whole >= 1 and whole <> 2", "true|false|true|false"));
	CHECK(gives("r < 0.5", "false|true|-|true"));
	CHECK(gives("r <= whole", "true|true|-|true"));
	CHECK(gives("city = 'Porto'", "false|true|-|false"));
	CHECK(gives("city != \"Porto\"", "true|false|-|true"));
	CHECK(gives("city < 'M'", "true|false|-|true"));
	CHECK(gives("b == true", "true|false|-|true"));
	CHECK(gives("between(whole, 1, 2)", "false|true|true|false"));
	CHECK(gives("when >= '1970-01-01'", "true|true|-|false"));
	CHECK(gives("'2022-03-19 11:30:00' == when", "false|true|-|false"));

	TEST("in");
	CHECK(gives("whole in (1, 3)", "true|false|true|false"));
	CHECK(gives("whole not in (1, 3)", "false|true|false|true"));
	CHECK(gives("city in ('Porto', 'Faro')", "false|true|-|false"));
	CHECK(gives("whole in (i, 2)", "false|true|-|false"));
	CHECK(gives("r in (0, 1)", "false|true|-|false"));

	TEST("choosing");
	CHECK(gives("if(b, 1, 2)", "1|2|-|1"));
	CHECK(gives("if(coalesce(b, false), 1, 2)", "1|2|2|1"));
	CHECK(gives_losing("if(1 / r > 0, 1, 2)", "1|-|-|2", 1));
	CHECK(gives("if(whole > 1, r, whole)", "0.5|0.0|1.0|0.0"));
	CHECK(gives("if(whole > 1, null, whole)", "-|-|1|0"));
	CHECK(gives("coalesce(r, whole, 9)", "0.5|0.0|1.0|-2.0"));
	CHECK(gives("coalesce(city, 'none')", "Lisboa|Porto|none|Lisboa"));
	CHECK(gives("nullif(whole, 2)", "3|-|1|0"));
	CHECK(gives("nullif(city, 'Porto')", "Lisboa|-|-|Lisboa"));
	CHECK(gives("is_null(city)", "false|false|true|false"));
	CHECK(gives("is_null(null)", "true|true|true|true"));
	CHECK(gives("max(city, 'Nazare')", "Nazare|Porto|-|Nazare"));

	TEST("only an answer that is missing in the result was lost");
	CHECK(gives("if(r == 0, 0, 1 / r)", "2.0|0.0|-|-0.5"));
	CHECK(gives("coalesce(1 / r, 7)", "2.0|7.0|7.0|-0.5"));
	CHECK(gives("is_null(1 / r)", "false|true|true|false"));
	CHECK(gives_losing("1 / r > 0", "true|-|-|false", 1));
	CHECK(gives_losing("1 / r > 0 and true", "true|-|-|false", 1));
	CHECK(gives("1 / r > 0 and false", "false|false|false|false"));
}

static void test_text(void)
{
	TEST("text functions");
	CHECK(gives("lower(city)", "lisboa|porto|-|lisboa"));
	CHECK(gives("upper(`odd name`)", " 1.5 |||\xc3\x89T\xc3\x89 X"));
	CHECK(gives("trim(`odd name`)", "1.5|||\xc3\x89t\xc3\xa9 x"));
	CHECK(gives("length(`odd name`)", "5|0|0|5"));
	CHECK(gives("length(city) * 2", "12|10|-|12"));
	CHECK(gives("concat(city, '-', whole, '-', b, '-', r)", "Lisboa-3-true-0.5|Porto-2-false-0.0|-|Lisboa-0-true--2.0"));
	CHECK(gives("concat('it''s ', \"a \"\"b\"\"\")", "it's a \"b\"|it's a \"b\"|it's a \"b\"|it's a \"b\""));
	CHECK(gives("contains(city, 'o')", "true|true|-|true"));
	CHECK(gives("starts_with(city, 'Po')", "false|true|-|false"));
	CHECK(gives("ends_with(city, 'boa')", "true|false|-|true"));
	CHECK(gives("replace(city, 'o', '00')", "Lisb00a|P00rt00|-|Lisb00a"));
	CHECK(gives("replace('aaa', 'aa', 'b')", "ba|ba|ba|ba"));
	CHECK(gives("substr(city, 2, 3)", "isb|ort|-|isb"));
	CHECK(gives("substr(`odd name`, 3)", ".5 |||\xc3\xa9 x"));
	CHECK(gives("substr(city, 0, 2)", "L|P|-|L"));
	CHECK(gives("substr(city, -9223372036854775807, 2)", "||-|"));
	CHECK(gives("split('a,b,,d', ',', 3)", "|||"));
	CHECK(gives("split('a,b,,d', ',', -1)", "d|d|d|d"));
	CHECK(gives("split('a,b', ',', 3)", "-|-|-|-"));
	CHECK(gives("split('a,b', ',', -3)", "-|-|-|-"));
	CHECK(gives("split(city, 's', 1)", "Li|Porto|-|Li"));
	CHECK(gives_losing("number(`odd name`)", "1.5|-|-|-", 3));
	CHECK(gives("int('12')", "12|12|12|12"));
	CHECK(gives_losing("int('1.5')", "-|-|-|-", 4));
	CHECK(gives("text(r)", "0.5|0.0|-|-2.0"));

	/* Python 3.11: 'AÀŁŽΆΣЖЁЯ'.lower() and its upper() */
	TEST("letters of other alphabets");
	CHECK(gives("lower('A\u00c0\u0141\u017d\u0386\u03a3\u0416\u0401\u042f')",
	            "a\u00e0\u0142\u017e\u03ac\u03c3\u0436\u0451\u044f|a\u00e0\u0142\u017e\u03ac\u03c3\u0436\u0451\u044f|"
	            "a\u00e0\u0142\u017e\u03ac\u03c3\u0436\u0451\u044f|a\u00e0\u0142\u017e\u03ac\u03c3\u0436\u0451\u044f"));
	CHECK(gives("upper('a\u00e0\u0142\u017e\u03ac\u03c3\u0436\u0451\u044f\u00df') == 'A\u00c0\u0141\u017d\u0386\u03a3\u0416\u0401\u042f\u00df'",
	            "true|true|true|true"));
	CHECK(gives("trim(' \u00a0\tx y\u00a0 ')", "x y|x y|x y|x y"));
	CHECK(gives("squeeze(' a \u00a0 b')", " a b| a b| a b| a b"));

	TEST("dictionaries live on");
	CHECK(run("lower(city)").dictionary);
	CHECK(run("coalesce(upper(city), 'none')").dictionary);
	CHECK(run("if(b, 'yes', 'no')").dictionary);
	CHECK(run("'constant'").dictionary);
	CHECK(!run("trim(`odd name`)").dictionary);

	TEST("what is an argument's is shared");
	CHECK(run("city").shares == 2 && run("r").shares == 2);
	CHECK(run("r + 1").shares == 1 && run("r * whole + 1").shares == 1 && run("length(city)").shares == 1);
	CHECK(run("lower(city)").shares == 1 && run("nullif(city, 'Porto')").shares == 0);
	CHECK(run("r + i").shares == 0 && run("1 / r").shares == 0 && run("whole + 1").shares == 0);

	TEST("choosing among rows of text");
	CHECK(gives("if(b, `odd name`, city)", " 1.5 |Porto|-|\xc3\x89t\xc3\xa9 x"));
	CHECK(gives("if(b, 'yes', if(whole > 1, 'no', 'never'))", "yes|no|-|yes"));
}

static void test_time(void)
{
	TEST("times");
	CHECK(gives("year(when)", "1970|2022|-|1969"));
	CHECK(gives("hour(when) * 60 + minute(when)", "0|690|-|1439"));
	CHECK(gives("weekday(when)", "3|5|-|2"));
	CHECK(gives("yearday(when)", "1|78|-|365"));
	CHECK(gives("when - when", "0.0|0.0|-|0.0"));
	CHECK(gives("epoch(when)", "0.0|1647689400.0|-|-1.0"));
	CHECK(gives("when + 3600", "1970-01-01 01:00:00|2022-03-19 12:30:00|-|1970-01-01 00:59:59"));
	CHECK(gives("3600 + when == when - -3600", "true|true|-|true"));
	CHECK(gives_losing("when + 1e15", "-|-|-|-", 3));
	CHECK(gives("max(when, '1990-01-01')", "1990-01-01 00:00:00|2022-03-19 11:30:00|-|1990-01-01 00:00:00"));
	CHECK(gives("text(when)", "1970-01-01 00:00:00|2022-03-19 11:30:00|-|1969-12-31 23:59:59"));
	CHECK(gives("(time('2022-03-20') - time('19-03-2022', '%d-%m-%Y')) / 3600", "24.0|24.0|24.0|24.0"));
	CHECK(gives_losing("time('soon')", "-|-|-|-", 4));
	CHECK_TEXT(run("when - when").unit, "s");
}

static void test_errors(void)
{
	TEST("messages and the byte of the caret");
	CHECK(gives("city + 1", "0: '+' needs numbers: 'city' is text"));
	CHECK(gives("1 + city", "4: '+' needs numbers: 'city' is text"));
	CHECK(gives("i and b", "0: 'and' needs conditions (true or false): 'i' is int (compare it with something)"));
	CHECK(gives("city == 5", "8: '==' needs values of one type: 5 is int, not text"));
	CHECK(gives("when > 'soon'", "7: '>' needs values of one type: 'soon' is text, not time"));
	CHECK(gives("lower(i)", "6: 'lower' needs text: 'i' is int"));
	CHECK(gives("ciry == 'x'", "0: no field 'ciry' (did you mean 'city'?)"));
	CHECK(gives("nonsense", "0: no field 'nonsense' (text stands in quotes)"));
	CHECK(gives("lowr(city)", "0: no function 'lowr' (did you mean 'lower'?)"));
	CHECK(gives("round()", "0: 'round' with 0 arguments: it is round(x) or round(x, digits)"));
	CHECK(gives("1 +", "3: the expression ends early: a value is missing"));
	CHECK(gives("(1 + 2", "6: the expression ends early: ')' is missing"));
	CHECK(gives("1 2", "2: '2' where an operator is due"));
	CHECK(gives("1 < 2 < 3", "6: comparisons don't chain (write 'a < b and b < c')"));
	CHECK(gives("b && b", "2: '&&' is written 'and' here"));
	CHECK(gives("'open", "0: this ' has no end"));
	CHECK(gives("12abc", "0: '12abc' is no number (text stands in quotes, odd names in `backquotes`)"));
	CHECK(gives("i in i", "5: 'i' where a list in parentheses is due"));
	CHECK(gives("null", "0: null alone has no type (write number(null), or text(null))"));
	CHECK(gives("min(1,)", "6: ')' where a value is due"));
	CHECK(gives("", "0: the expression ends early: a value is missing"));
	CHECK(gives("number(null)", "-|-|-|-"));
}

/* `n` times `open`, a 1, `n` times `close`. */
static bool parses(const char *open, const char *close, size_t n)
{
	struct buffer text = BUFFER_INIT;
	struct error err = ERROR_INIT;
	struct expression *expression;
	size_t end, error_at;

	for (size_t i = 0; i < n; i++)
		buffer_add_text(&text, open);
	buffer_add_byte(&text, '1');
	for (size_t i = 0; i < n; i++)
		buffer_add_text(&text, close);
	expression = expression_parse(buffer_text(&text), 0, NULL, &end, &error_at, &err);
	expression_free(expression);
	buffer_free(&text);
	return expression != NULL;
}

static void test_limits(void)
{
	TEST("depth is capped, however it comes about");
	CHECK(parses("(", ")", 200));
	CHECK(!parses("(", ")", 100000));
	CHECK(parses("-", "", 100));
	CHECK(!parses("-", "", 100000));
	CHECK(parses("", "+1", 200));
	CHECK(!parses("", "+1", 100000));
	CHECK(!parses("2^", "", 100000));
	CHECK(!parses("abs(", ")", 100000));
	CHECK(!parses("not ", "", 100000));
}

static void test_stop(void)
{
	const char *line = "expect city != 'else' else drop";
	struct error err = ERROR_INIT;
	struct names names = { .items = NULL };
	size_t end = 0, error_at;
	struct expression *expression = expression_parse(line, 7, "else", &end, &error_at, &err);

	TEST("an expression ends before its stop word");
	CHECK(expression != NULL && end == 22);
	expression_free(expression);
	expression = expression_parse("a + b * a - c", 0, NULL, &end, &error_at, &err);
	expression_reads(expression, &names);
	CHECK(names.n == 3 && strcmp(names.items[2], "c") == 0);
	names_release(&names);
	expression_free(expression);
}

int main(void)
{
	test_arithmetic();
	test_logic();
	test_text();
	test_time();
	test_errors();
	test_limits();
	test_stop();
	return unit_done();
}
