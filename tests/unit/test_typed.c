/* SPDX-License-Identifier: MIT */
#include "typed.h"

#include "unit.h"

/* A field printed, read, printed again. */
static bool comes_back(const struct field *field, bool first, const char *wanted)
{
	struct schema schema = SCHEMA_INIT;
	struct buffer once = BUFFER_INIT, again = BUFFER_INIT;
	struct error err = ERROR_INIT;
	bool same;

	typed_print_field(field, first, &once);
	same = strcmp(buffer_text(&once), wanted) == 0 && typed_parse_field(&schema, (char *)once.data, once.size, &err) == 0;
	if (same) {
		typed_print_field(&schema.fields[0], first, &again);
		same = strcmp(buffer_text(&again), wanted) == 0 && strcmp(schema.fields[0].name, field->name) == 0;
	} else {
		printf("%s instead of %s: %s\n", buffer_text(&once), wanted, err.message);
	}
	buffer_free(&once);
	buffer_free(&again);
	schema_release(&schema);
	return same;
}

static bool refused(const char *text, const char *why)
{
	struct schema schema = SCHEMA_INIT;
	struct error err = ERROR_INIT;
	int result;
	bool same;

	schema_add(&schema, "there", TYPE_INT, ROLE_FEATURE);
	result = typed_parse_field(&schema, text, strlen(text), &err);
	same = result < 0 && schema.n_fields == 1 && strstr(err.message, why);
	if (!same)
		printf("%s: %s\n", text, err.message);
	schema_release(&schema);
	return same;
}

static bool cell(const char *text, size_t size, bool first, const char *wanted)
{
	struct buffer buffer = BUFFER_INIT;
	char back[64];
	bool same;

	typed_print_text(text, size, first, &buffer);
	same = strcmp(buffer_text(&buffer), wanted) == 0;
	same = same && typed_read_text((char *)buffer.data, buffer.size, back) == (ptrdiff_t)size && memcmp(back, text, size) == 0;
	buffer_free(&buffer);
	return same;
}

static void test_fields(void)
{
	struct schema schema = SCHEMA_INIT;
	struct error err = ERROR_INIT;

	TEST("fields of the first line");
	CHECK(comes_back(&(struct field){ .name = "km", .type = TYPE_REAL }, true, "km:real@feature"));
	CHECK(comes_back(&(struct field){ .name = "km", .type = TYPE_REAL, .unit = "km" }, true, "km:real[km]@feature"));
	CHECK(comes_back(&(struct field){ .name = "when", .type = TYPE_TIME, .form = "%Y-%m-%d %H:%M", .role = ROLE_TIME }, false, "when:time(%Y-%m-%d %H:%M)@time"));
	CHECK(comes_back(&(struct field){ .name = "when", .type = TYPE_TIME }, false, "when:time@feature"));
	CHECK(comes_back(&(struct field){ .name = "a:b@c\td\\e\n", .type = TYPE_TEXT, .role = ROLE_ID }, false, "a\\:b\\@c\\td\\\\e\\n:text@id"));
	CHECK(comes_back(&(struct field){ .name = "#end", .type = TYPE_INT, .role = ROLE_TARGET }, true, "\\#end:int@target"));
	CHECK(comes_back(&(struct field){ .name = "#end", .type = TYPE_INT, .role = ROLE_TARGET }, false, "#end:int@target"));
	CHECK(comes_back(&(struct field){ .name = "Time taken (min) [s]", .type = TYPE_INT, .unit = "[m]" }, false, "Time taken (min) [s]:int[[m\\]]@feature"));

	TEST("a script may leave the role out");
	CHECK(typed_parse_field(&schema, "ratio:real", 10, &err) == 0 && schema.fields[0].role == ROLE_FEATURE && schema.fields[0].type == TYPE_REAL);
	schema_release(&schema);

	TEST("what is no field");
	CHECK(refused("km", "no type") && refused("km:rael", "'rael' is no type") && refused("a:b:int", "is no type") && refused("km:int@featur", "no role"));
	CHECK(refused("there:int@id", "twice") && refused(":int@id", "field 2") && refused("km:int(%Y)", "no form") && refused("t:time(%H)", "no form"));
	CHECK(refused("t:time(%Y", "without") && refused("k:real[km", "without") && refused("k\\q:int", "escape") && refused("k\\", "no type"));
}

static void test_cells(void)
{
	char back[8];

	TEST("cells of text");
	CHECK(cell("plain", 5, true, "plain") && cell("", 0, true, "\\e") && cell("a\tb\nc\r\\", 7, false, "a\\tb\\nc\\r\\\\") && cell("a\0b", 3, false, "a\\0b"));
	CHECK(cell("#end", 4, true, "\\#end") && cell("#end", 4, false, "#end") && cell("\\e", 2, false, "\\\\e"));
	CHECK(typed_read_text("a\\", 2, back) == -1 && typed_read_text("\\x", 2, back) == -1 && typed_read_text("a\\eb", 4, back) == -1);
}

int main(void)
{
	test_fields();
	test_cells();
	return unit_done();
}
