/* SPDX-License-Identifier: MIT */
/* Which columns words mean: names, globs, types, roles, exclusions; and their order. */
#include "selector.h"
#include "unit.h"

static void make(struct schema *schema)
{
	schema_add(schema, "id", TYPE_INT, ROLE_ID);
	schema_add(schema, "lat_from", TYPE_REAL, ROLE_FEATURE);
	schema_add(schema, "lat_to", TYPE_REAL, ROLE_FEATURE);
	schema_add(schema, "city", TYPE_TEXT, ROLE_FEATURE);
	schema_add(schema, "open", TYPE_BOOL, ROLE_FEATURE);
	schema_add(schema, "when", TYPE_TIME, ROLE_FEATURE);
	schema_add(schema, "n", TYPE_INT, ROLE_FEATURE);
	schema_add(schema, "a*b", TYPE_INT, ROLE_FEATURE);
	schema_add(schema, "minutes", TYPE_INT, ROLE_TARGET);
	schema_add(schema, "_line", TYPE_INT, ROLE_ORIGIN);
}

/* What the words between blanks mean, as "a b c", or the error. `name` is quoted. */
static const char *chosen(const char *text)
{
	static char out[2000];
	char copy[200];
	struct selector_word words[10];
	struct names names = { .n = 0 };
	struct schema schema = SCHEMA_INIT;
	struct error err = ERROR_INIT;
	size_t n = 0, at = 0;

	make(&schema);
	snprintf(copy, sizeof copy, "%s", text);
	for (char *word = copy, *next; *word; word = next) {
		bool quoted;

		next = word + strcspn(word, " ");
		if (*next)
			*next++ = '\0';
		quoted = word[0] == '`';
		words[n++] = (struct selector_word){ word + quoted, quoted };
		if (quoted)
			word[strlen(word) - 1] = '\0';
	}
	if (selector_resolve(words, n, &schema, &names, &err) < 0)
		snprintf(out, sizeof out, "%d %s", err.code, err.message);
	else
		out[0] = '\0';
	for (size_t i = 0; i < names.n && err.code == STATUS_DONE; i++)
		at += (size_t)snprintf(out + at, sizeof out - at, "%s%s", i ? " " : "", names.items[i]);
	names_release(&names);
	schema_release(&schema);
	return out;
}

static void test_matches(void)
{
	TEST("names, in the order of the words, each once");
	CHECK_TEXT(chosen("n id n"), "n id");
	CHECK_TEXT(chosen("minutes _line"), "minutes _line");
	TEST("globs match features");
	CHECK_TEXT(chosen("lat_*"), "lat_from lat_to");
	CHECK_TEXT(chosen("?"), "n");
	CHECK_TEXT(chosen("[c-o]*"), "lat_from lat_to city open n");
	CHECK_TEXT(chosen("*"), "lat_from lat_to city open when n a*b");
	CHECK_TEXT(chosen("*_to lat_*"), "lat_to lat_from");
	TEST("a quoted word is a name");
	CHECK_TEXT(chosen("`a*b`"), "a*b");
	CHECK_TEXT(chosen("a*b"), "a*b");
	TEST("types match features");
	CHECK_TEXT(chosen(":number"), "lat_from lat_to n a*b");
	CHECK_TEXT(chosen(":int"), "n a*b");
	CHECK_TEXT(chosen(":real :bool"), "lat_from lat_to open");
	CHECK_TEXT(chosen(":time :text"), "when city");
	TEST("roles");
	CHECK_TEXT(chosen("@target @id"), "minutes id");
	CHECK_TEXT(chosen("@origin"), "_line");
	TEST("exclusions, wherever they stand");
	CHECK_TEXT(chosen(":number !n"), "lat_from lat_to a*b");
	CHECK_TEXT(chosen("!lat_* :number"), "n a*b");
	CHECK_TEXT(chosen("* @id !:number !city"), "open when id");
	CHECK_TEXT(chosen("id !@id n"), "n");
	TEST("exclusions alone leave all other features");
	CHECK_TEXT(chosen("!:number"), "city open when");
	CHECK_TEXT(chosen("!lat_from !lat_to !n"), "city open when a*b");
}

static void test_errors(void)
{
	TEST("names that are not there");
	CHECK_TEXT(chosen("lat_form"), "1 no field 'lat_form' (did you mean 'lat_from'?)");
	CHECK_TEXT(chosen("nothing"), "1 no field 'nothing'");
	CHECK_TEXT(chosen("!nothing"), "1 no field 'nothing'");
	CHECK_TEXT(chosen("`lat_*`"), "1 no field 'lat_*' (did you mean 'lat_to'?)");
	TEST("words that match nothing");
	CHECK_TEXT(chosen("x*"), "1 'x*' matches no field");
	CHECK_TEXT(chosen("* !x*"), "1 '!x*' matches no field");
	CHECK_TEXT(chosen("@weight"), "1 '@weight' matches no field");
	TEST("types and roles that are none");
	CHECK_TEXT(chosen(":float"), "2 no type ':float' (:number :int :real :bool :time :text)");
	CHECK(strncmp(chosen("@boss"), "2 no role '@boss'", 17) == 0);
	CHECK(strncmp(chosen("!@boss"), "2 no role '@boss'", 17) == 0);
}

static bool is_open(const char *text, enum type type)
{
	return selector_open(&(struct selector_word){ text, false }, 1, 1u << type);
}

static void test_open(void)
{
	static const char *const any[] = { "*", "city=*", "@feature", "!n" }, *const none[] = { "n", "@target" };

	TEST("words that more features of a type could match");
	for (enum type type = 0; type < N_TYPES; type++) {
		for (size_t i = 0; i < sizeof any / sizeof *any; i++)
			CHECK(is_open(any[i], type) && !selector_open(&(struct selector_word){ any[i], false }, 1, 0));
		for (size_t i = 0; i < sizeof none / sizeof *none; i++)
			CHECK(!is_open(none[i], type));
		CHECK(!selector_open(&(struct selector_word){ "a*b", true }, 1, 1u << type));
	}
	TEST("by type");
	CHECK(is_open(":bool", TYPE_BOOL) && is_open(":text", TYPE_TEXT) && is_open(":number", TYPE_INT) && is_open(":number", TYPE_REAL));
	CHECK(!is_open(":number", TYPE_BOOL) && !is_open(":text", TYPE_REAL) && !is_open(":bool", TYPE_TEXT));
}

int main(void)
{
	test_matches();
	test_errors();
	test_open();
	return unit_done();
}
