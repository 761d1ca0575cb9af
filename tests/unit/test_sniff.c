/* SPDX-License-Identifier: MIT */
/* Any bytes can be looked at: every beginning of texts that have all there is to a dialect, whole and not. What they are is tested by cases. */
#include <stdlib.h>

#include "sniff.h"
#include "unit.h"

static const char *const texts[] = {
	"sep=;\r\na;b\r\n1;x\r\n", "'a';'b\n'';'\n1;2\n", "# c\n\n\"a\",\"b\n\"\"\"\n-1,2.5\n1,\"\n", "Report,,\n,,\na,b,c\n1,2,3\n", "a b\n1 2\n\n3 4", "\n\n\r\r\n;;;\n", "5.1|1\r4|1\r", "\xff\xfe\0a\0",
};

int main(void)
{
	const struct sought all = { true, true, true, true, true, true, true, true };

	TEST("every beginning of a text");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		for (size_t size = 0; size <= strlen(texts[i]); size++)
			for (int whole = 0; whole < 2; whole++) {
				const struct settled plain = { .delimiter = ",", .quote = '"', .escape = -1, .comment = -1 };
				struct settled settled = plain;
				char *bytes = malloc(size ? size : 1);          /* so that a sanitizer sees what is behind them */

				memcpy(bytes, texts[i], size);
				sniff(bytes, size, whole, &all, &settled);
				CHECK(settled.skip_lines >= 0 && settled.skip_lines <= 4);
				CHECK(memchr(",;\t| :^~", settled.delimiter[0], 8) != NULL && (settled.quote == '"' || settled.quote == '\''));
				CHECK(size == 0 || !sniff_is_plain(bytes, size, &all, &plain) || settled.delimiter[0] == ',');
				free(bytes);
			}
	return unit_done();
}
