/* SPDX-License-Identifier: MIT */
/* Rows of dialects that libcsv does not know. What Python's csv module gives for the same text, where it knows the dialect. */
#include "csv_split.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* The cells of one row, each in brackets, - for a null; a reason where it is broken; "more": a quote is open at the end. Lines end in LF. */
static void split(const struct csv_dialect *dialect, const char *text, struct buffer *to)
{
	struct row row = { .cells = NULL };
	struct csv_split split;
	enum split_result result = SPLIT_MORE;

	split.text = malloc(strlen(text) + 1);
	csv_split_begin(&split, dialect, &row);
	for (const char *line = text, *next; *line && result == SPLIT_MORE; line = next) {
		const char *end = strchr(line, '\n');
		char *bytes;

		next = end ? end + 1 : line + strlen(line);
		bytes = malloc((size_t)(next - line));          /* so that a sanitizer sees what is behind them */
		memcpy(bytes, line, (size_t)(next - line));
		result = csv_split(&split, bytes, (size_t)(next - line));
		if (result == SPLIT_BROKEN)
			buffer_format(to, "%s at %d", split.state == SPLIT_CLOSED ? "closed" : "bare", (int)(split.rest - bytes));
		free(bytes);
	}
	if (result == SPLIT_MORE && !csv_split_end(&split))
		buffer_add_text(to, "more");
	for (size_t i = 0; i < row.n_cells && result != SPLIT_BROKEN; i++)
		if (row.cells[i].kind == CELL_NULL)
			buffer_add_byte(to, '-');
		else
			buffer_format(to, "[%.*s]", (int)row.cells[i].size, row.cells[i].as.text);
	free(split.text);
	free(row.cells);
}

static bool gives(const struct csv_dialect *dialect, const char *text, const char *wanted)
{
	struct buffer to = BUFFER_INIT;
	bool same;

	split(dialect, text, &to);
	same = strcmp(buffer_text(&to), wanted) == 0;
	if (!same)
		printf("%s gives %s\n", text, buffer_text(&to));
	buffer_free(&to);
	return same;
}

int main(void)
{
	const struct csv_dialect wide = { .delimiter = "||", .quote = '"', .escape = -1 }, escaped = { .delimiter = ",", .quote = '"', .escape = '\\' };
	const struct csv_dialect none = { .delimiter = ",", .quote = -1, .escape = '\\' }, trim = { .delimiter = ", ", .quote = '"', .escape = -1, .trim = true };
	const struct csv_dialect lazy = { .delimiter = ",", .quote = '"', .escape = -1, .lazy = true }, same = { .delimiter = "aab", .quote = '"', .escape = -1 };

	TEST("delimiters of several bytes");
	CHECK(gives(&wide, "a||b|c||\n", "[a][b|c]-") && gives(&wide, "\"a||b\"||\"\"\r\n", "[a||b][]") && gives(&wide, "a|", "[a|]") && gives(&wide, "|||", "-[|]"));
	CHECK(gives(&wide, "\"a\n||\n\"||b", "[a\n||\n][b]") && gives(&wide, "\"a\"|b\n", "closed at 3") && gives(&wide, "\"a\n", "more"));
	CHECK(gives(&same, "aaab", "[a]-") && gives(&same, "aabaab\n", "---"));
	TEST("escapes: quotes, delimiters, line ends and themselves");
	CHECK(gives(&escaped, "a\\,b,\\\\,c\\\n\n", "[a,b][\\][c\n]") && gives(&escaped, "\"x\\\"y\",\\\"z\n", "[x\"y][\"z]") && gives(&escaped, "a\\\nb,c\n", "[a\nb][c]"));
	CHECK(gives(&escaped, "\\N,C:\\dir,a\\", "[\\N][C:\\dir][a\\]") && gives(&escaped, "\"a\\\nb\"\n", "[a\nb]") && gives(&escaped, "a\\\r\nb\r\n", "[a\r\nb]"));
	CHECK(gives(&none, "\"a\\,\",b\"\n", "[\"a,\"][b\"]") && gives(&escaped, "\"a\"\"b\"\n", "[a\"b]") && gives(&escaped, "\"a\"\\,b\n", "closed at 3"));
	TEST("blanks, and quotes where they are none");
	CHECK(gives(&trim, " a ,  \" b \"  , c\n", "[a][ b ][c]") && gives(&trim, " a, \" b \" , \n", "[a][ b ]-"));
	CHECK(gives(&lazy, "a\"b,\"c\"d\"\n", "[a\"b][c\"d]") && gives(&escaped, "5\",37.8\"N\n", "[5\"][37.8\"N]") && gives(&escaped, "a\"b\n", "bare at 1"));
	return unit_done();
}
