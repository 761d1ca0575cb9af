/* SPDX-License-Identifier: MIT */
#include "number.h"

#include <float.h>
#include <stdint.h>
#include <stdlib.h>

#include "rng.h"
#include "unit.h"

static bool is_int(const char *text, int64_t wanted)
{
	int64_t value = ~wanted;

	return number_int(text, strlen(text), &value) && value == wanted;
}

static bool no_int(const char *text)
{
	int64_t value;

	return !number_int(text, strlen(text), &value);
}

/* Strict real with these bits. */
static bool is_real(const char *text, double wanted)
{
	double value = NAN;

	return number_real(text, strlen(text), &value) && memcmp(&value, &wanted, sizeof value) == 0;
}

static bool no_real(const char *text)
{
	double value;

	return !number_real(text, strlen(text), &value);
}

static bool prints(double value, const char *wanted)
{
	char text[NUMBER_SIZE];
	size_t size = number_print_real(text, value);

	if (strcmp(text, wanted) == 0 && size == strlen(wanted) && is_real(text, value))
		return true;
	printf("%s printed as %s\n", wanted, text);
	return false;
}

static void test_int(void)
{
	const char *const refused[] = { "", "-", "-0", "007", "+5", " 5", "5 ", "1.0", "1e3", "0x10", "9223372036854775808",
		"-9223372036854775809", "12345678901234567890", "1_000", "1,000", "\xd9\xa1" };
	char text[NUMBER_SIZE];
	const int64_t values[] = { 0, 7, 10, 99, 100, 12345, -1, INT64_MAX, INT64_MIN };

	TEST("strict integers");
	CHECK(is_int("0", 0));
	CHECK(is_int("-1", -1));
	CHECK(is_int("9223372036854775807", INT64_MAX));
	CHECK(is_int("-9223372036854775808", INT64_MIN));
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		CHECK(no_int(refused[i]));

	TEST("integers print");
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		char wanted[NUMBER_SIZE];

		snprintf(wanted, sizeof wanted, "%lld", (long long)values[i]);
		CHECK(number_print_int(text, values[i]) == strlen(wanted));
		CHECK_TEXT(text, wanted);
	}
}

static void test_real(void)
{
	const char *const refused[] = { "", "-", ".", "-.", "e5", "1e", "1e+", "1.2.3", "007.5", "00", "+1.5", " 1.5", "1.5 ", "nan", "NaN",
		"inf", "-inf", "0x1p3", "1e309", "1e-400", "1,5", "1.5f", "9007199254740993", "12345678901234567890", "10000000000000000000",
		"9007199254740994", "-9007199254740993", "4611686018427387904", "9223372036854775808", "1e99999999999999999999" };
	double value;

	TEST("strict reals");
	CHECK(is_real("22.0", 22) && is_real(".28", 0.28) && is_real("5.", 5) && is_real("1.10", 1.1) && is_real("-.5", -0.5));
	CHECK(is_real("1e-7", 1e-7) && is_real("2.5E+3", 2500) && is_real("0", 0) && is_real("-0.0", -0.0) && is_real("-0", -0.0));
	CHECK(is_real("9007199254740992", 0x1p53) && is_real("-9007199254740992", -0x1p53));
	CHECK(is_real("9007199254740993.0", 0x1p53) && is_real("12345678901234567890.5", 12345678901234567890.5) && is_real("1e20", 1e20));
	CHECK(is_real("0.10000000000000000555", 0.1) && is_real("2.500000000000000000e+00", 2.5) && is_real("3.14159265358979323846264338327950288", 3.14159265358979323846));
	CHECK(is_real("0.10000000000000000000000", 0.1) && is_real("1.50000000000000000000000000", 1.5));
	CHECK(is_real("1.7976931348623157e308", DBL_MAX) && is_real("4.9406564584124654e-324", 0x1p-1074));
	CHECK(is_real("0.0000000000000000000000000000001", 1e-31) && is_real("0e-999999999", 0));
	CHECK(is_real("123456789.12345678", 123456789.12345678) && is_real("9.0071992547409935", 9.0071992547409935));
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		CHECK(no_real(refused[i]));

	TEST("rounded reals take whole numbers of any size");
	CHECK(number_real_rounded("0.1000000000000000055511151231257827", 36, &value) && value == 0.1);
	CHECK(number_real_rounded("9007199254740993", 16, &value) && value == 0x1p53);
	CHECK(number_real_rounded("123456789012345678901234567890", 30, &value) && value == 123456789012345678901234567890.0);
	CHECK(number_real_rounded("1e-400", 6, &value) && value == 0);
	CHECK(!number_real_rounded("1e309", 5, &value) && !number_real_rounded("1x", 2, &value));

	TEST("only `size` bytes count");
	CHECK(number_real("1.25999", 4, &value) && value == 1.25);
}

/* Whether a text with its value has this shape. */
static bool has_shape(const char *text, int decimals, bool shortest)
{
	double value = NAN;
	struct number_shape shape;

	if (!number_real_rounded(text, strlen(text), &value))
		return false;
	shape = number_shape(text, strlen(text), value);
	if (shape.decimals == decimals && shape.shortest == shortest)
		return true;
	printf("%s: %d decimals, shortest %d\n", text, shape.decimals, shape.shortest);
	return false;
}

static bool prints_with(double value, int decimals, const char *wanted)
{
	char text[NUMBER_SIZE] = "";
	size_t size = number_print_decimals(text, value, decimals);

	return size == strlen(wanted) && strcmp(size ? text : "", wanted) == 0;
}

/* Reference: Python 3.11.7, '%.*f' % (decimals, x), and whether float() of that is x. */
static void test_decimals(void)
{
	struct rng rng;
	bool same = true;

	TEST("so many decimals, where they read back");
	CHECK(prints_with(12.5, 2, "12.50") && prints_with(12.5, 0, "") && prints_with(-3, 0, "-3") && prints_with(0, 3, "0.000"));
	CHECK(prints_with(-0.0, 2, "-0.00") && prints_with(-0.0, 0, "-0") && prints_with(0.05, 2, "0.05") && prints_with(0.05, 1, ""));
	CHECK(prints_with(0, 17, "0.00000000000000000") && prints_with(-0.0, 16, "-0.0000000000000000"));
	CHECK(prints_with(0.1, 17, "0.10000000000000001") && prints_with(1.0 / 3, 15, "") && prints_with(1.0 / 3, 17, "0.33333333333333331"));
	CHECK(prints_with(1e15, 2, "1000000000000000.00") && prints_with(1e22, 1, "10000000000000000000000.0") && prints_with(1e300, 1, ""));
	CHECK(prints_with(123456789.125, 6, "123456789.125000") && prints_with(5e-324, 17, "") && prints_with(0.00001, 5, "0.00001"));

	TEST("how a text was written");
	CHECK(has_shape("1.5", 1, true) && has_shape("1.50", 2, false) && has_shape("3.0", 1, true) && has_shape("3.00", 2, false));
	CHECK(has_shape("7", 0, false) && has_shape("-0", 0, false) && has_shape("-0.0", 1, true) && has_shape("0.00", 2, false));
	CHECK(has_shape(".5", -1, false) && has_shape("5.", -1, false) && has_shape("1e-05", -1, true) && has_shape("1e-5", -1, false));
	CHECK(has_shape("0.00001", 5, false) && has_shape("0.0001", 4, true) && has_shape("1.5e+16", -1, true) && has_shape("2.500000000000000000e+00", -1, false));
	CHECK(has_shape("0.30000000000000004", 17, true) && has_shape("0.1000000000000000055", -1, false) && has_shape("0.10000000000000001", 17, false));
	CHECK(has_shape("9007199254740993.0", -1, false) && has_shape("123456789012345678901234567890.5", -1, false));

	TEST("and by printing every text of up to 17 digits");
	rng_seed(&rng, 7);
	for (int i = 0; i < 100000; i++) {
		char text[64], printed[64];
		int decimals = i % 12;
		double x = (rng_unit(&rng) - 0.3) * pow(10, i % 7);
		struct number_shape shape;

		snprintf(text, sizeof text, "%.*f", decimals, x);
		x = strtod(text, NULL);
		shape = number_shape(text, strlen(text), x);
		snprintf(printed, sizeof printed, "%.*f", decimals, x);
		same &= (shape.decimals == decimals) == (strcmp(text, printed) == 0);
		number_print_real(printed, x);
		same &= shape.shortest == (strcmp(text, printed) == 0);
		same &= number_print_decimals(printed, x, decimals) == strlen(text) && strcmp(printed, text) == 0;
	}
	CHECK(same);
}

/* Reference: Python 3.11.7, repr(x). */
static void test_print(void)
{
	struct rng rng;
	bool same = true;

	TEST("reals print as Python's repr");
	CHECK(prints(0, "0.0") && prints(-0.0, "-0.0") && prints(22, "22.0") && prints(-1.5, "-1.5") && prints(0.1, "0.1"));
	CHECK(prints(0.1 + 0.2, "0.30000000000000004") && prints(1.0 / 3, "0.3333333333333333") && prints(22.745049, "22.745049"));
	CHECK(prints(1e-4, "0.0001") && prints(1e-5, "1e-05") && prints(1e15, "1000000000000000.0") && prints(1e16, "1e+16"));
	CHECK(prints(9007199254740993.0, "9007199254740992.0") && prints(1.5e16, "1.5e+16") && prints(1e22, "1e+22") && prints(1e23, "1e+23"));
	CHECK(prints(1.2345e-5, "1.2345e-05") && prints(0x1p-44, "5.684341886080802e-14") && prints(0x1p-1074, "5e-324") && prints(-0x1p-1073, "-1e-323"));
	CHECK(prints(DBL_MAX, "1.7976931348623157e+308") && prints(DBL_MIN, "2.2250738585072014e-308"));
	CHECK(prints(7.120236347223045e-307, "7.120236347223045e-307") && prints(123456.7890625, "123456.7890625"));

	TEST("what is printed reads back, by us and by strtod, and one digit less does not");
	rng_seed(&rng, 1);
	for (int i = 0; i < 200000; i++) {
		uint64_t bits = (uint64_t)rng_u32(&rng) << 32 | rng_u32(&rng);
		double x, back;
		char text[NUMBER_SIZE], shorter[40];
		int digits = 0;
		size_t size;

		memcpy(&x, &bits, sizeof x);
		if (i % 2)
			x = (rng_unit(&rng) - 0.5) * pow(10, i % 21 - 8);
		if (!isfinite(x))
			continue;
		size = number_print_real(text, x);
		same &= strtod(text, NULL) == x && number_real(text, size, &back) && back == x;
		for (const char *p = text; *p && *p != 'e'; p++)
			digits += *p >= '0' && *p <= '9' && (digits || *p != '0');
		if (digits > 2 && !strstr(text, ".0") && digits < 17) {
			snprintf(shorter, sizeof shorter, "%.*e", digits - 2, x);
			same &= strtod(shorter, NULL) != x;
		}
	}
	CHECK(same);
}

static void test_people(void)
{
	char text[NUMBER_SIZE];
	uint64_t bytes;
	double value;
	bool percent;

	TEST("numbers for people");
	number_print_short(text, 8.11349, 4);
	CHECK_TEXT(text, "8.113");
	number_print_short(text, 1234567.8, 4);
	CHECK_TEXT(text, "1234568");
	number_print_short(text, -0.0, 4);
	CHECK_TEXT(text, "0");
	number_print_short(text, 1.50, 4);
	CHECK_TEXT(text, "1.5");

	TEST("sizes and shares");
	CHECK(number_size("256M", &bytes) && bytes == 256u << 20);
	CHECK(number_size("1.5G", &bytes) && bytes == 3u << 29);
	CHECK(number_size("4096", &bytes) && bytes == 4096);
	CHECK(number_size("64k", &bytes) && bytes == 65536);
	CHECK(!number_size("", &bytes) && !number_size("M", &bytes) && !number_size("-1", &bytes) && !number_size("9e30", &bytes) && !number_size("1X", &bytes));
	CHECK(number_share("5%", &value, &percent) && value == 0.05 && percent);
	CHECK(number_share("0.2", &value, &percent) && value == 0.2 && !percent);
	CHECK(!number_share("%", &value, &percent) && !number_share("five", &value, &percent));
}

int main(void)
{
	test_int();
	test_real();
	test_decimals();
	test_print();
	test_people();
	return unit_done();
}
