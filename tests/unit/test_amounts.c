/* SPDX-License-Identifier: MIT */
/* Columns of money and percentages (extract/amounts.h): the step that is said reads what was looked at (transform/parse_quantity.h). */
#include "amounts.h"
#include "parse_quantity.h"
#include "pick_text.h"
#include "text_builder.h"
#include "unit.h"

enum { RANDOM = 200000 };

/* The step of a column of these, up to NULL; "" for none. */
static const char *step_of(const char *const *texts, char room[200])
{
	struct amounts amounts = { .n = 0 };
	struct buffer step = BUFFER_INIT;

	for (; *texts; texts++)
		amounts_add_text(&amounts, *texts, strlen(*texts));
	amounts_step(&amounts, "x", &step);
	snprintf(room, 200, "%s", buffer_text(&step));
	buffer_free(&step);
	return room;
}

#define STEP(wanted, ...) do { \
	char room[200]; \
	CHECK(strcmp(step_of((const char *const[]){ __VA_ARGS__, NULL }, room), wanted) == 0); \
} while (0)

static void test_columns(void)
{
	TEST("a column of one currency, or of percentages, and what is none");
	STEP("parse x as money unit=$", "$1,234.50", "$5", "-$8.10", "($3)", "$ -3");
	STEP("parse x as money unit=US$", "US$ 3", "$3", "3 USD");
	STEP("parse x as money unit=EUR", "EUR 3", "4 €");
	STEP("parse x as money unit=€ decimal=comma", "1.234,50 €", "3 €", "12,5€");
	STEP("parse x as money unit=CHF", "CHF 1'234.50", "CHF 7");
	STEP("parse x as money unit=kr", "1 200 kr", "35 kr");
	STEP("parse x as percent", "45%", "7.5 %", "-1%", "+2%");
	STEP("parse x as percent decimal=comma", "45,5%", "1%");
	STEP("parse x as percent", "45%", "NA", "", "-");
	STEP("", "$5", "€5");
	STEP("", "$5", "5%");
	STEP("", "5 km", "6 km");
	STEP("", "12 pounds", "3 pounds");
	STEP("", "$", "%");
	STEP("", "5", "6");
	STEP("", "$5 off", "$6 off");
	STEP("", "$5-$6");
	STEP("", "$0,767.1");
	STEP("", "(5%)");
	STEP("", "1 $ 2");
	STEP("", "x");
}

/* Batches of few rows, as a wide table has them. */
static void test_batches(void)
{
	enum { BATCHES = 1000, ROWS = 32 };
	struct text_builder *builder = text_builder_new();
	struct amounts amounts = { .n = 0 };
	struct buffer step = BUFFER_INIT;

	TEST("of many batches of few rows few texts are looked at");
	for (int batch = 0; batch < BATCHES; batch++) {
		struct column column;

		for (int row = 0; row < ROWS; row++) {
			char text[32];

			snprintf(text, sizeof text, "$%d.50", row);
			text_builder_add(builder, text, strlen(text));
		}
		text_builder_finish(builder, NULL, &column);
		amounts_add(&amounts, &column, ROWS);
		column_drop(&column);
	}
	CHECK(amounts.n == 64 + BATCHES * ROWS / 64);
	CHECK(amounts_step(&amounts, "x", &step) && strcmp(buffer_text(&step), "parse x as money unit=$") == 0);
	buffer_free(&step);
	text_builder_free(builder);
}

static void test_random(void)
{
	struct rng rng;
	size_t n_read = 0, n_refused = 0;

	TEST("each amount alone is read by the step that it brings");
	rng_seed(&rng, 7);
	for (int i = 0; i < RANDOM; i++) {
		char text[100], room[200], unit[20] = "";
		const char *sign = PICK(&rng, "$", "€", "EUR", "USD", "¥", "zł", "kr", "R$", "CHF", "%", "RUB", "km", "");
		bool before = rng_below(&rng, 2);
		double value;

		snprintf(text, sizeof text, "%s%s%s%s%s%s%s%s%s%s", PICK(&rng, "", "", "(", " "), PICK(&rng, "", "", "-", "\xe2\x88\x92", "+"), before ? sign : "", PICK(&rng, "", " ", "-", "\xc2\xa0"),
		         PICK(&rng, "1", "12", "123", "0", "007", "1234", ""), PICK(&rng, "", "", ",345", ".345", " 345", "'345", ",34", "\xc2\xa0" "345"),
		         PICK(&rng, "", "", ".5", ",50", ".345", ",345", "e3"), PICK(&rng, "", " ", "\xc2\xa0"), before ? "" : sign, PICK(&rng, "", "", ")", " "));
		step_of((const char *const[]){ text, NULL }, room);
		if (!*room) {
			n_refused++;
			continue;
		}
		n_read++;
		if (strstr(room, "unit="))
			snprintf(unit, sizeof unit, "%.*s", (int)strcspn(strstr(room, "unit=") + 5, " "), strstr(room, "unit=") + 5);
		if (!parse_measure(*unit ? MEASURE_MONEY : MEASURE_PERCENT, text, strlen(text), strstr(room, "decimal=comma") ? ',' : '.', NULL, unit, &value)) {
			printf("'%s': %s\n", text, room);
			CHECK(false);
			return;
		}
	}
	CHECK(n_read > RANDOM / 10 && n_refused > RANDOM / 10);
}

int main(void)
{
	test_columns();
	test_batches();
	test_random();
	return unit_done();
}
