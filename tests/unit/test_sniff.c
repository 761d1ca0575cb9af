/* SPDX-License-Identifier: MIT */
/* Any bytes can be looked at: every beginning of texts that have all there is to a dialect, whole and not. What they are is tested by cases. */
#include <stdlib.h>

#include "printed.h"
#include "sniff.h"
#include "unit.h"

static const char *const texts[] = {
	"sep=;\r\na;b\r\n1;x\r\n", "'a';'b\n'';'\n1;2\n", "# c\n\n\"a\",\"b\n\"\"\"\n-1,2.5\n1,\"\n", "Report,,\n,,\na,b,c\n1,2,3\n", "a b\n1 2\n\n3 4", "\n\n\r\r\n;;;\n", "5.1|1\r4|1\r", "\xff\xfe\0a\0",
	"price\n$1,234.50\n$5\n", "a;b\nann,\nann,x\n",
	"n  t  k  name\na  1  2  x\nb  3  4  y z\n", "total 4\na  1  2\nb  3  4\n", "*** 1. row ***\na: 1\n",
};
enum { FIRST_PRINTED = 10 };

/* What a few lines tell is what all of them tell; lines: so many are needed, 0: no beginning tells. */
static const struct early { const char *text; size_t lines; bool no_header; } early[] = {
	{ "2024-05-01T10:00:00,5,x\n2024-05-01T10:00:01,6,y\n2024-05-01T10:00:02,7,z\n", 2, true },
	{ "2024-05-01 10:00:00\n2024-05-01 10:00:01\n2024-05-01 10:00:02\n", 3, true },
	{ "0,a,2.5\n1,b,3.5\n", 2, true },
	{ "start time,n\n10:00,5\n10:01,6\n", 2, false },
	{ "my day\n2024-05-01\n2024-05-02\n", 2, false },
	{ "first name,last name\nann,lee\nbob,day\ncid,fox\n", 3, false },
	{ "0,1\n2,3\n4,5\n", 0, false },             /* names may be numbers */
	{ "a b\n1 2\n3 4\n", 0, false },
	{ "a;b\n1;2,5\n3;4\n", 0, false },
	{ "x y\nz\nu v w\n", 0, false },
	{ "date, degrees,place\n2011-01-01, 1,Galway\n2011-01-02, -1,\"Galway\"\n", 0, false },
	{ "# by hand\nid,n\n1,2\n", 0, false },
	{ "By me, myself\n\nid,n\n1,2\n3,4\n", 0, false },
	{ "a,b\n'x, y',1\n'z',2\n", 0, false },
	{ "In tonnes,,,\nYear,2000,2001,2002\nwood,1,1,2\n", 0, false },
};

static void test_early(const struct sought *all)
{
	TEST("the first lines, where they tell, tell what all do");
	for (size_t i = 0; i < sizeof early / sizeof *early; i++) {
		const struct settled plain = { .delimiter = ",", .quote = '"', .escape = -1, .comment = -1 };
		struct settled whole = plain;
		size_t n = 0, size = strlen(early[i].text);

		sniff(early[i].text, size, true, all, &whole);
		for (size_t at = 0, line = 1; at < size; at++) {
			struct settled found = plain;

			if (early[i].text[at] != '\n')
				continue;
			if (line > 1 && sniff_early(early[i].text, at + 1, all, &found)) {
				n = n ? n : line;
				CHECK(strcmp(found.delimiter, whole.delimiter) == 0 && found.no_header == whole.no_header && found.skip_lines == whole.skip_lines);
				CHECK(found.no_header == early[i].no_header);
			}
			line++;
		}
		CHECK(n == early[i].lines);
	}
}

int main(void)
{
	const struct sought all = { true, true, true, true, true, true, true, true };

	TEST("every beginning of a text");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		for (size_t size = 0; size <= strlen(texts[i]); size++)
			for (int whole = 0; whole < 2; whole++) {
				const struct settled plain = { .delimiter = ",", .quote = '"', .escape = -1, .comment = -1 };
				struct settled settled = plain;
				enum printed_kind kind;
				char *bytes = malloc(size ? size : 1);          /* so that a sanitizer sees what is behind them */

				memcpy(bytes, texts[i], size);
				sniff(bytes, size, whole, &all, &settled);
				CHECK(settled.skip_lines >= 0 && settled.skip_lines <= 4);
				CHECK(memchr(",;\t| :^~", settled.delimiter[0], 8) != NULL && (settled.quote == '"' || settled.quote == '\''));
				settled = plain;
				CHECK(!sniff_early(bytes, size, &all, &settled) || strcmp(settled.delimiter, ",") == 0);
				kind = printed_find(bytes, size, whole).kind;
				CHECK(kind == PRINTED_NOT || i >= FIRST_PRINTED);
				CHECK(kind != PRINTED_NOT || i < FIRST_PRINTED || size < strlen(texts[i]));
				CHECK(size == 0 || !sniff_is_plain(bytes, size, &all, &plain) || settled.delimiter[0] == ',');
				free(bytes);
			}
	test_early(&all);
	return unit_done();
}
