/* SPDX-License-Identifier: MIT */
#include "parse_quantity.h"
#include "unit.h"

typedef bool reader(const char *text, size_t size, char decimal, double *value);

static bool gives(reader *read, const char *text, double expected)
{
	double value;

	return read(text, strlen(text), '.', &value) && fabs(value - expected) <= 1e-12 * fabs(expected);
}

static bool refuses(reader *read, const char *text)
{
	double value;

	return !read(text, strlen(text), '.', &value);
}

static bool comma(const char *text, double expected)
{
	double value;

	return parse_number(text, strlen(text), ',', &value) && value == expected;
}

static bool quantity(const char *text, const char *unit, double expected)
{
	struct quantity_unit wanted;
	double value;

	measure_find(unit, FAMILY_OWN, &wanted);
	return parse_quantity(text, strlen(text), '.', &wanted, &value) && fabs(value - expected) <= 1e-12 * fabs(expected);
}

static bool duration(const char *text, const char *unit, double expected)
{
	struct quantity_unit wanted;
	double value;

	return measure_find(unit, FAMILY_TIME, &wanted) && parse_duration(text, strlen(text), '.', &wanted, &value) &&
	       fabs(value - expected) <= 1e-12 * fabs(expected);
}

static bool money(const char *text, const char *currency, double expected)
{
	double value;

	return parse_money(text, strlen(text), '.', currency, &value) && fabs(value - expected) <= 1e-12 * fabs(expected);
}

static void test_numbers(void)
{
	TEST("numbers with signs, thousands, exponents");
	CHECK(gives(parse_number, "12", 12));
	CHECK(gives(parse_number, " -1,234.5 ", -1234.5));
	CHECK(gives(parse_number, "1,234,567", 1234567));
	CHECK(gives(parse_number, "12,34,567", 1234567));
	CHECK(gives(parse_number, "1 234 567.25", 1234567.25));
	CHECK(gives(parse_number, "1\xc2\xa0" "234", 1234));
	CHECK(gives(parse_number, "1'234", 1234));
	CHECK(gives(parse_number, "+007.50", 7.5));
	CHECK(gives(parse_number, ".5", 0.5));
	CHECK(gives(parse_number, "5.", 5));
	CHECK(gives(parse_number, "1e3", 1000));
	CHECK(gives(parse_number, "-1.2E-3", -0.0012));
	CHECK(gives(parse_number, "\xe2\x88\x92" "4", -4));
	CHECK(gives(parse_number, "0.1", 0.1));
	CHECK(gives(parse_number, "0", 0));

	TEST("multipliers");
	CHECK(gives(parse_number, "1.2k", 1200));
	CHECK(gives(parse_number, "3M", 3e6));
	CHECK(gives(parse_number, "2.5 bn", 2.5e9));
	CHECK(gives(parse_number, "2 thousand", 2000));

	TEST("what is no number");
	CHECK(refuses(parse_number, ""));
	CHECK(refuses(parse_number, "NaN"));
	CHECK(refuses(parse_number, "1,23"));
	CHECK(refuses(parse_number, "1,2345"));
	CHECK(refuses(parse_number, "1234,567"));
	CHECK(refuses(parse_number, "1,234 567"));
	CHECK(refuses(parse_number, "12 34"));
	CHECK(refuses(parse_number, "1.2.3"));
	CHECK(refuses(parse_number, "1e"));
	CHECK(refuses(parse_number, "--1"));
	CHECK(refuses(parse_number, "."));
	CHECK(refuses(parse_number, "5 apples"));

	TEST("no thousands behind a leading zero");
	CHECK(refuses(parse_number, "0,767"));
	CHECK(refuses(parse_number, "-0,767"));
	CHECK(refuses(parse_number, "0,767k"));
	CHECK(refuses(parse_number, "0 767"));
	CHECK(refuses(parse_number, "0,767,123"));
	CHECK(refuses(parse_number, "01,234"));
	CHECK(refuses(parse_percent, "0,125 %"));
	CHECK(!money("$0,500", "$", 500));
	CHECK(!money("(0,500 $)", "$", -500));
	CHECK(!quantity("0,767 km", "km", 767));
	CHECK(!quantity("(km) 0,767", "km", 767));
	CHECK(!duration("0,500 h", "min", 30000));
	CHECK(!comma("0.767", 767));
	CHECK(comma("0,767", 0.767));
	CHECK(gives(parse_number, "10,767", 10767));
	CHECK(gives(parse_number, "1,000", 1000));

	TEST("the comma as decimal sign");
	CHECK(comma("1.234,5", 1234.5));
	CHECK(comma("0,75", 0.75));
	CHECK(!comma("1,234.5", 1234.5));
}

static void test_quantities(void)
{
	TEST("units behind and before, and none");
	CHECK(quantity("8.2 km", "km", 8.2));
	CHECK(quantity("850 m", "km", 0.85));
	CHECK(quantity("5mi", "km", 8.04672));
	CHECK(quantity("(min) 24", "min", 24));
	CHECK(quantity("min: 24", "min", 24));
	CHECK(quantity("24 (min)", "s", 1440));
	CHECK(quantity("24", "min", 24));
	CHECK(quantity("-3 KM", "km", -3));
	CHECK(quantity("12.0 oz.", "oz", 12));
	CHECK(quantity("12.0 ounce", "ml", 354.88235475));
	CHECK(quantity("5 ft 3 in", "cm", 160.02));
	CHECK(quantity("5'3\"", "cm", 160.02));
	CHECK(quantity("1,200 g", "kg", 1.2));
	CHECK(quantity("36.6 \xc2\xb0" "C", "f", 97.88));
	CHECK(quantity("7 boxes", "boxes", 7));
	CHECK(quantity("90 km/h", "m/s", 25));

	TEST("other families, and nonsense");
	CHECK(!quantity("8.2 kg", "km", 8.2));
	CHECK(!quantity("12.0 oz. Silo Can", "oz", 12));
	CHECK(!quantity("7 crates", "boxes", 7));
	CHECK(!quantity("km", "km", 0));
	CHECK(!quantity("", "km", 0));
	CHECK(!quantity("3 km 4", "km", 7));
	CHECK(!quantity("1 c 2 c", "c", 3));
}

static void test_durations(void)
{
	TEST("words");
	CHECK(duration("1h 5m", "min", 65));
	CHECK(duration("1h5m", "min", 65));
	CHECK(duration("22 minutes", "min", 22));
	CHECK(duration("(min) 24", "min", 24));
	CHECK(duration("90s", "min", 1.5));
	CHECK(duration("1 hour, 5 minutes and 30 seconds", "s", 3930));
	CHECK(duration("2 days", "h", 48));
	CHECK(duration("7", "min", 7));

	TEST("clocks");
	CHECK(duration("0:45", "min", 45));
	CHECK(duration("21:55:00", "min", 1315));
	CHECK(duration("00:00:01.5", "s", 1.5));
	CHECK(duration("-1:30", "min", -90));
	CHECK(duration("1 day, 2:03:04", "s", 93784));
	CHECK(!duration("1:60", "min", 120));
	CHECK(!duration("1:5", "min", 65));
	CHECK(!duration("12:00:00:00", "min", 0));

	TEST("ISO 8601");
	CHECK(duration("PT1H5M", "min", 65));
	CHECK(duration("P1DT0.5S", "s", 86400.5));
	CHECK(duration("P2W", "d", 14));
	CHECK(!duration("P1M", "d", 30));
	CHECK(!duration("PT5M1H", "min", 65));
	CHECK(!duration("P", "min", 0));
}

static void test_money(void)
{
	TEST("money");
	CHECK(money("$1,234.50", "$", 1234.5));
	CHECK(money("1,234.50 USD", "$", 1234.5));
	CHECK(money("12EUR", "EUR", 12));       /* the E begins no exponent */
	CHECK(money("\xe2\x82\xac 12", "EUR", 12));
	CHECK(money("-$5", "$", -5));
	CHECK(money("$-5", "$", -5));
	CHECK(money("($5.00)", "$", -5));
	CHECK(money("$1.2k", "$", 1200));
	CHECK(money("1.2k USD", "$", 1200));
	CHECK(money("Rs. 500", "INR", 500));
	CHECK(money("12 PLN", "PLN", 12));
	CHECK(money("12", "PLN", 12));
	CHECK(!money("\xe2\x82\xac 12", "$", 12));
	CHECK(!money("$12 EUR", "$", 12));
	CHECK(!money("$", "$", 0));

	TEST("percent");
	CHECK(gives(parse_percent, "5%", 0.05));
	CHECK(gives(parse_percent, "-12.5 percent", -0.125));
	CHECK(gives(parse_percent, "3 \xe2\x80\xb0", 0.003));
	CHECK(refuses(parse_percent, "5"));
	CHECK(refuses(parse_percent, "5%%"));
}

int main(void)
{
	test_numbers();
	test_quantities();
	test_durations();
	test_money();
	return unit_done();
}
