/* SPDX-License-Identifier: MIT */
#include "table.h"

#include "buffer.h"
#include "unit.h"

static void cell(struct table *table, const char *text)
{
	table_cell(table, text, strlen(text));
}

static struct table *example(void)
{
	struct table *table = table_new();

	table_column(table, "name", false);
	table_column(table, "rows", true);
	table_column(table, "mean", true);
	cell(table, "distance");
	table_format(table, "%d", 100);
	table_number(table, 8.11349, 4);
	return table;
}

static void test_print(void)
{
	struct buffer text = BUFFER_INIT;
	struct table *table = example();

	TEST("columns are aligned");
	table_print(table, &text, 0, 0);
	CHECK_TEXT(buffer_text(&text), "name      rows   mean\n────────  ────  ─────\ndistance   100  8.113\n");

	TEST("an indent, an empty cell at the end");
	cell(table, "東京");
	cell(table, "1");
	cell(table, "");
	buffer_clear(&text);
	table_print(table, &text, 2, 0);
	CHECK_TEXT(buffer_text(&text), "  name      rows   mean\n  ────────  ────  ─────\n  distance   100  8.113\n  東京         1\n");

	TEST("columns that do not fit");
	buffer_clear(&text);
	table_print(table, &text, 0, 20);
	CHECK(strstr(buffer_text(&text), "name      rows\n") && strstr(buffer_text(&text), "and 1 column more, from mean on\n"));
	buffer_clear(&text);
	table_print(table, &text, 0, 3);
	CHECK(strstr(buffer_text(&text), "and 2 columns more, from rows on\n"));
	table_free(table);

	TEST("columns that are kept: beside the first, before the others");
	for (size_t width = 20; width >= 5; width -= 5) {
		static const char *const want[] = {
			"aaaa  bbbb  dddd\n────  ────  ────\n1     2     4\nand 2 columns more\n",      /* 20 */
			"aaaa  dddd\n────  ────\n1     4\nand 3 columns more\n",                      /* 15: a fifth more would not fit */
			"aaaa  dddd\n────  ────\n1     4\nand 3 columns more\n",
			"dddd\n────\n4\nand 4 columns more\n",                                       /* 5: the one that is kept */
		};

		table = table_new();
		for (size_t col = 0; col < 5; col++) {
			static const char *const titles[] = { "aaaa", "bbbb", "cccc", "dddd", "eeee" };

			table_column(table, titles[col], false);
			if (col == 3)
				table_keep(table);
		}
		for (size_t col = 0; col < 5; col++)
			table_format(table, "%zu", col + 1);
		buffer_clear(&text);
		table_print(table, &text, 0, width);
		CHECK_TEXT(buffer_text(&text), want[(20 - width) / 5]);
		table_free(table);
	}

	TEST("control bytes, long cells");
	table = table_new();
	table_column(table, "x", false);
	cell(table, "\x1b[2J");
	cell(table, "0123456789012345678901234567890123456789012345678901234567890123456789");
	buffer_clear(&text);
	table_print(table, &text, 0, 0);
	CHECK(strstr(buffer_text(&text), "\\x1b[2J") && strstr(buffer_text(&text), "45678…\n"));
	table_free(table);
	buffer_free(&text);
}

static void test_wrap(void)
{
	struct buffer text = BUFFER_INIT;
	struct table *table = table_new();

	TEST("a column that wraps: broken at blanks, a longer word anywhere, and the titles have room");
	table_column(table, "score", true);
	table_column(table, "words", false);
	table_wrap(table);
	cell(table, "0.5");
	cell(table, "lr=0.1 leaves=4 l2=3");
	cell(table, "12");
	cell(table, "class_weight=yes:5,no:1 C=1");
	cell(table, "3");
	cell(table, "東京 é");
	buffer_clear(&text);
	table_print(table, &text, 1, 24);
	CHECK_TEXT(buffer_text(&text), " score  words\n ─────  ────────────────\n   0.5  lr=0.1 leaves=4\n        l2=3\n"
	                               "    12  class_weight=yes\n        :5,no:1 C=1\n     3  東京 é\n");
	buffer_clear(&text);
	table_print(table, &text, 0, 22);
	CHECK(strstr(buffer_text(&text), "and 1 column more, from words on\n"));
	buffer_clear(&text);
	table_print(table, &text, 0, 0);
	CHECK(strstr(buffer_text(&text), "   12  class_weight=yes:5,no:1 C=1\n"));
	table_free(table);
	buffer_free(&text);
}

static void test_flow(void)
{
	struct buffer text = BUFFER_INIT;
	struct table *table = example();

	TEST("a long table keeps its first widths");
	table_flow(table, &text, 0);
	cell(table, "long district");
	cell(table, "1234567");
	cell(table, "1");
	table_flow(table, &text, 0);
	table_flow(table, &text, 0);
	table_flow_end(table, &text);
	CHECK_TEXT(buffer_text(&text), "name      rows   mean\n────────  ────  ─────\ndistance   100  8.113\nlong di…  1234567      1\n");
	table_free(table);

	TEST("a long table on a terminal");
	table = example();
	buffer_clear(&text);
	table_flow(table, &text, 9);
	table_flow_end(table, &text);
	CHECK_TEXT(buffer_text(&text), "name\n────────\ndistance\nand 2 columns more, from rows on\n");
	table_free(table);
	buffer_free(&text);
}

int main(void)
{
	test_print();
	test_wrap();
	test_flow();
	return unit_done();
}
