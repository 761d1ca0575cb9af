/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <unistd.h>

#include "recipe.h"
#include "unit.h"

/* The words of one line as "key=text|..."; quoted ones in <>. */
static const char *words_of(const char *line, char *out, size_t size)
{
	struct recipe recipe = RECIPE_INIT;
	struct error err = ERROR_INIT;
	size_t at = 0;

	out[0] = '\0';
	if (recipe_add(&recipe, line, "argument 1", &err) < 0)
		snprintf(out, size, "%s", err.message);
	for (size_t i = 0; recipe.n && i < recipe.steps[0].n_words; i++) {
		const struct word *word = &recipe.steps[0].words[i];

		at += (size_t)snprintf(out + at, size - at, "%s%s%s%s%s%s", i ? "|" : "", word->key ? word->key : "", word->key ? "=" : "",
			word->quoted ? "<" : "", word->text, word->quoted ? ">" : "");
	}
	recipe_release(&recipe);
	return out;
}

static void test_words(void)
{
	char out[2048];
	struct recipe recipe = RECIPE_INIT;
	struct error err = ERROR_INIT;

	TEST("words are parted by blanks");
	CHECK_TEXT(words_of("  scale  km\tminutes  ", out, sizeof out), "scale|km|minutes");
	TEST("quotes keep blanks, a doubled quote stands for itself");
	CHECK_TEXT(words_of("drop `Time taken` 'it''s' \"a\"\"b\" `x``y`", out, sizeof out), "drop|<Time taken>|<it's>|<a\"b>|<x`y>");
	TEST("quotes open within a word");
	CHECK_TEXT(words_of("drop lat' 'itude", out, sizeof out), "drop|<lat itude>");
	TEST("an empty word");
	CHECK_TEXT(words_of("nullify x ''", out, sizeof out), "nullify|x|<>");
	TEST("the first bare = parts a key");
	CHECK_TEXT(words_of("rename `Time taken`=minutes a=b=c k= =v", out, sizeof out), "rename|Time taken=minutes|a=b=c|k=|=v");
	TEST("a quoted = does not, nor do comparisons");
	CHECK_TEXT(words_of("drop `city=Paris` a==b a<=b a>=b a!=b", out, sizeof out), "drop|<city=Paris>|a==b|a<=b|a>=b|a!=b");
	TEST("a value may be quoted");
	CHECK_TEXT(words_of("impute x constant='a b'", out, sizeof out), "impute|x|constant=<a b>");
	TEST("a comment begins a word");
	CHECK_TEXT(words_of("drop a#b '#' # the rest", out, sizeof out), "drop|a#b|<#>");
	TEST("a sign before a quoted name stays a sign");
	CHECK_TEXT(words_of("drop !`a b` !`a*b`", out, sizeof out), "drop|!a b|!a\\*b");
	TEST("places of words");
	CHECK(recipe_add(&recipe, "   scale `a b` k=v # c", "argument 1", &err) == 0 && recipe.n == 1);
	CHECK_TEXT(recipe.steps[0].line, "scale `a b` k=v");
	CHECK(recipe.steps[0].indent == 3 && recipe.steps[0].number == 1);
	CHECK(recipe.steps[0].words[1].at == 6 && recipe.steps[0].words[1].end == 11 && recipe.steps[0].words[1].backquoted);
	CHECK(recipe.steps[0].words[2].at == 12 && recipe.steps[0].words[2].end == 15);
	recipe_release(&recipe);
}

static void test_lines(void)
{
	struct recipe recipe = RECIPE_INIT;
	struct error err = ERROR_INIT;
	char path[] = "recipe-XXXXXX";
	const char text[] = "\xef\xbb\xbf# header\n  drop a\n";
	char place[64];
	int fd;

	TEST("lines: blanks, comments, CR LF");
	CHECK(recipe_add(&recipe, "drop a\r\n\n  # nothing\n\tscale b", "argument 2", &err) == 0);
	CHECK(recipe.n == 2);
	CHECK_TEXT(recipe.steps[0].line, "drop a");
	CHECK_TEXT(recipe.steps[0].place, "argument 2:1");
	CHECK_TEXT(recipe.steps[1].place, "argument 2:4");
	CHECK(recipe.steps[1].number == 2 && recipe.steps[1].indent == 1);
	TEST("an argument of one line has no line number");
	CHECK(recipe_add(&recipe, "drop c\n", "argument 3", &err) == 0 && recipe.n == 3);
	CHECK_TEXT(recipe.steps[2].place, "argument 3");
	recipe_release(&recipe);

	TEST("a file, with a byte order mark");
	fd = mkstemp(path);
	CHECK(fd >= 0 && write(fd, text, sizeof text - 1) == (ssize_t)(sizeof text - 1));
	CHECK(recipe_add_file(&recipe, path, NULL, &err) == 0 && recipe.n == 1);
	snprintf(place, sizeof place, "%s:2", path);
	CHECK_TEXT(recipe.steps[0].place, place);
	close(fd);
	unlink(path);
	recipe_release(&recipe);
	TEST("a file that is not there");
	CHECK(recipe_add_file(&recipe, path, NULL, &err) < 0 && err.code == STATUS_FAILED);
}

static void test_errors(void)
{
	char out[2048];
	struct recipe recipe = RECIPE_INIT;
	struct error err = ERROR_INIT;
	char line[1200] = "drop ";
	const char *shown, *caret;

	TEST("a quote that is not closed");
	CHECK_TEXT(words_of("  drop a `b c", out, sizeof out),
		"argument 1:10: step 'drop': this quote (`) is not closed\n  drop a `b c\n         ^");
	TEST("a line without a step");
	CHECK_TEXT(words_of("km=5", out, sizeof out), "argument 1:1: a line begins with the name of a step (--help lists them)");
	TEST("control bytes and broken UTF-8 are refused and not shown");
	CHECK_TEXT(words_of("drop \x1b[31m", out, sizeof out), "argument 1:6: control byte 0x1b");
	CHECK_TEXT(words_of("drop 'a\x1b'", out, sizeof out), "argument 1:8: control byte 0x1b");
	CHECK_TEXT(words_of("drop \xff", out, sizeof out), "argument 1: the line is no valid UTF-8");

	TEST("but a name in backquotes may hold what it wants");
	CHECK(recipe_add(&recipe, "drop `a\x1b\nb`\nlimit 1 # `\nlimit 2", "r", &err) == 0 && recipe.n == 3);
	CHECK_TEXT(recipe.steps[0].words[1].text, "a\x1b\nb");
	CHECK_TEXT(recipe.steps[1].place, "r:3");
	CHECK_TEXT(recipe.steps[2].place, "r:4");
	recipe_release(&recipe);

	TEST("a message with place, step, line and caret; characters are counted, not bytes");
	CHECK(recipe_add(&recipe, "  drop\t\xc3\xa9t\xc3\xa9 km", "deliveries.recipe:3", &err) == 0);
	CHECK(arguments_fail(&recipe.steps[0], recipe.steps[0].words[2].at, &err, "no field '%s'", "km") < 0);
	CHECK_TEXT(err.message, "deliveries.recipe:3:12: step 'drop': no field 'km'\n  drop \xc3\xa9t\xc3\xa9 km\n           ^");
	CHECK(err.code == STATUS_USAGE);
	TEST("behind the line's end");
	arguments_fail(&recipe.steps[0], 1000, &err, "and?");
	CHECK_TEXT(err.message, "deliveries.recipe:3:14: step 'drop': and?\n  drop \xc3\xa9t\xc3\xa9 km\n             ^");
	recipe_release(&recipe);

	TEST("a long line is cut around the caret");
	for (size_t i = 5; i < sizeof line - 1; i++)
		line[i] = i % 10 ? 'x' : ' ';
	CHECK(recipe_add(&recipe, line, "argument 1", &err) == 0);
	arguments_fail(&recipe.steps[0], 1000, &err, "here");
	shown = strchr(err.message, '\n');
	caret = strrchr(err.message, '\n');
	CHECK(strlen(err.message) < 400);
	CHECK(strncmp(shown, "\n  \xe2\x80\xa6", 6) == 0 && strlen(caret) == 1 + 2 + 1 + 80 + 1);
	recipe_release(&recipe);
}

struct config { int method; int64_t ddof; bool flag; const char *by; };
static const struct option_row rows[] = {
	{ "method", '=', OPTION_CHOICE, offsetof(struct config, method), NULL, "mean|median|mode", 0, 0, "" },
	{ "ddof", 0, OPTION_INT, offsetof(struct config, ddof), "N", NULL, 0, 1, "" },
	{ "indicator", 0, OPTION_FLAG, offsetof(struct config, flag), NULL, NULL, 0, 0, "" },
	{ "by", 0, OPTION_TEXT, offsetof(struct config, by), "COLUMN", NULL, 0, 0, "" },
	OPTION_END
};

/* The message, or "" and the columns. */
static const char *options_of(const char *line, struct config *config, struct selector_word *rest, size_t *n_rest, struct recipe *recipe,
                              struct error *err)
{
	recipe_release(recipe);
	error_clear(err);
	if (recipe_add(recipe, line, "argument 1", err) == 0 && arguments_options(&recipe->steps[0], 1, rows, config, rest, n_rest, err) == 0)
		return "";
	return err->message;
}

static void test_options(void)
{
	struct recipe recipe = RECIPE_INIT;
	struct error err = ERROR_INIT;
	struct config config = { .method = -1 };
	struct selector_word rest[16];
	size_t n;

	TEST("keys, flags and marked choices are options, the rest are columns");
	CHECK_TEXT(options_of("impute km median indicator :text ddof=1 by=`a b`", &config, rest, &n, &recipe, &err), "");
	CHECK(config.method == 1 && config.flag && config.ddof == 1 && strcmp(config.by, "a b") == 0);
	CHECK(n == 2 && strcmp(rest[0].text, "km") == 0 && strcmp(rest[1].text, ":text") == 0 && !rest[1].quoted);
	TEST("backquotes tell a column from an option");
	config = (struct config){ .method = -1 };
	CHECK_TEXT(options_of("impute `median` 'indicator' `by=x`", &config, rest, &n, &recipe, &err), "");
	CHECK(n == 3 && config.method == -1 && !config.flag && rest[0].quoted);
	TEST("twice the same option");
	CHECK(strstr(options_of("impute km mean median", &config, rest, &n, &recipe, &err), "argument 1:16: step 'impute': 'method' is given twice"));
	CHECK(strstr(options_of("impute km ddof=1 ddof=1", &config, rest, &n, &recipe, &err), "'ddof' is given twice"));
	TEST("an unknown key and a wrong value stand at their word");
	CHECK(strstr(options_of("impute km bye=x", &config, rest, &n, &recipe, &err), "argument 1:11: step 'impute': "));
	CHECK(strstr(err.message, "by"));
	CHECK(strstr(options_of("impute km ddof=2", &config, rest, &n, &recipe, &err), "argument 1:11: step 'impute': ddof"));
	CHECK(err.code == STATUS_USAGE);
	recipe_release(&recipe);
}

int main(void)
{
	test_words();
	test_lines();
	test_errors();
	test_options();
	return unit_done();
}
