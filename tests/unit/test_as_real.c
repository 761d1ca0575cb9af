/* SPDX-License-Identifier: MIT */
/* Which ints might as well be reals: what later steps, features and classes make of them. */
#include "as_real.h"
#include "expression.h"
#include "memory.h"
#include "step.h"
#include "unit.h"

static struct unit *add_unit(struct lineage *lineage, const char *kind, const char *reads, const char *writes)
{
	struct unit *unit = entry_add(lineage_add(lineage, kind), kind);
	const char *lists[] = { reads, writes };

	for (int i = 0; i < 2; i++)
		for (const char *at = lists[i]; *at; at += strspn(at, " ")) {
			size_t n = strcspn(at, " ");

			names_take(i ? &unit->writes : &unit->reads, mem_text_n(at, n));
			at += n;
		}
	return unit;
}

static void set_text(struct unit *unit, const char *key, const char *value)
{
	struct buffer state = BUFFER_INIT;

	pack_map(&state, 1);
	pack_key_text(&state, key, value);
	unit_set_state(unit, &state);
}

/* Inputs a to e, and x (real); what is marked when `numbers` come out as such, `level` otherwise. */
static void check(struct lineage *lineage, const char *number, const char *other, const char *level, const char *marked)
{
	struct names numbers = { .n = 0 }, levels = { .n = 0 }, beyond = { .n = 0 };
	struct buffer found = BUFFER_INIT;

	for (const char *name = "abcde"; *name; name++)
		schema_add(&lineage->inputs, (char[]){ *name, 0 }, TYPE_INT, ROLE_FEATURE);
	schema_add(&lineage->inputs, "x", TYPE_REAL, ROLE_FEATURE);
	names_add(&numbers, number);
	names_add(&numbers, other);
	if (level)
		names_add(&levels, level);
	names_add(&beyond, "e");
	as_real_mark(lineage, &numbers, &levels, &beyond);
	for (size_t col = 0; col < lineage->inputs.n_fields; col++)
		if (lineage->inputs.fields[col].as_real)
			buffer_add_text(&found, lineage->inputs.fields[col].name);
	CHECK_TEXT(buffer_text(&found), marked);
	buffer_free(&found);
	names_release(&numbers);
	names_release(&levels);
	names_release(&beyond);
	lineage_release(lineage);
	*lineage = (struct lineage)LINEAGE_INIT;
}

static void test_steps(void)
{
	struct lineage lineage = LINEAGE_INIT;

	TEST("a feature as it comes, none that is unused, real, or beyond the reals; not the classes");
	check(&lineage, "a", "x", NULL, "a");
	check(&lineage, "a", "e", NULL, "a");
	check(&lineage, "a", "b", "b", "a");
	TEST("through scale, rename, impute, and arithmetic");
	add_unit(&lineage, "scale", "a", "a");
	add_unit(&lineage, "rename", "b", "z");
	add_unit(&lineage, "impute", "z", "z z_missing");
	set_text(add_unit(&lineage, "derive", "c d", "s"), "expression", "c + 2 * d");
	set_text(add_unit(&lineage, "derive", "a z s", "t"), "expression", "a / z - s");
	check(&lineage, "t", "x", NULL, "abcd");
	TEST("a group, a level, a text, and all that these are made of");
	add_unit(&lineage, "impute", "a b", "a");
	set_text(add_unit(&lineage, "derive", "c", "s"), "expression", "c * 2");
	add_unit(&lineage, "onehot", "s", "s=2 s=4");
	check(&lineage, "a", "s=4", NULL, "a");
	set_text(add_unit(&lineage, "cast", "a", "a"), "type", "text");
	set_text(add_unit(&lineage, "cast", "b", "b"), "type", "real");
	add_unit(&lineage, "onehot", "a", "a=1");
	check(&lineage, "a=1", "b", NULL, "b");
	add_unit(&lineage, "levels", "a", "a_level");
	add_unit(&lineage, "rename", "b", "c_level");
	check(&lineage, "a_level", "c_level", NULL, "b");
	TEST("what is made again is another column; what nobody uses does not count");
	add_unit(&lineage, "onehot", "b", "b=1");
	set_text(add_unit(&lineage, "derive", "a", "q"), "expression", "a + 1");
	set_text(add_unit(&lineage, "derive", "c", "a"), "expression", "c + 1");
	add_unit(&lineage, "onehot", "a", "a=1");
	check(&lineage, "a=1", "q", NULL, "a");
	TEST("a row part that is counted, and one that is not");
	set_text(add_unit(&lineage, "expect", "a", ""), "condition", "substr('text', a) == 't'");
	lineage.entries[0].units[0].acts = ACTS_ON_ROWS;
	add_unit(&lineage, "dedupe", "b", "");
	lineage.entries[1].units[0].acts = ACTS_ON_ROWS;
	check(&lineage, "a", "b", NULL, "b");
	TEST("a table step");
	add_unit(&lineage, "aggregate", "a", "b");
	lineage.entries[0].units[0].acts = ACTS_ON_TABLE;
	check(&lineage, "b", "c", NULL, "c");
}

static bool takes(const char *text, const char *name)
{
	struct error err = ERROR_INIT;
	size_t end, at;
	struct expression *expression = expression_parse(text, 0, NULL, &end, &at, &err);
	bool result = expression && expression_takes_real(expression, name);

	expression_free(expression);
	return result;
}

static void test_expressions(void)
{
	static const char *const fine[] = { "a", "-a + 1", "a / b", "a // 2 % 3", "a in (1, 2)", "if(a > 2, 'big', 'small')", "round(a, 1)",
		"coalesce(a, 0)", "is_null(a)", "sqrt(abs(a))", "round(a, b)", "substr(t, b)", "concat(t, b)", "when + a", "min(a, b, 3, 4)", "not a > 1" };
	static const char *const wrong[] = { "text(a)", "concat(t, a)", "round(b, a)", "substr(t, a)", "substr(t, 1, a + 1)", "split(t, ' ', a)",
		"length(text(a * 2)) > 1", "1 + round(2.5, a)" };

	TEST("expressions that take a real for an int");
	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
		CHECK(takes(fine[i], "a"));
	TEST("and those that do not");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		CHECK(!takes(wrong[i], "a"));
}

int main(void)
{
	test_steps();
	test_expressions();
	return unit_done();
}
