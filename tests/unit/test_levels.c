/* SPDX-License-Identifier: MIT */
/* Levels on their way to a family that takes them: what the preparation does, and what the family is told. */
#include "toy_family.h"

#include "levels_of.h"
#include "prepare.h"

/* ---- which columns hold levels ---- */

static struct unit *add_unit(struct lineage *lineage, const char *kind, const char *reads, const char *writes)
{
	struct unit *unit = entry_add(lineage_add(lineage, kind), kind);

	names_add(&unit->reads, reads);
	names_add(&unit->writes, writes);
	return unit;
}

/* The step, fitted: so many levels that are told apart. */
static void add_levels(struct lineage *lineage, const char *reads, const char *writes, size_t n, const char *missing)
{
	struct unit *unit = add_unit(lineage, "levels", reads, writes);
	struct buffer state = BUFFER_INIT;

	pack_map(&state, 4);
	pack_key_int(&state, "min", 1);
	pack_key_int(&state, "max", 0);
	pack_key_text(&state, "missing", missing);
	pack_text(&state, "levels");
	pack_array(&state, n);
	for (size_t i = 0; i < n; i++)
		pack_text(&state, (char[]){ (char)('a' + i), 0 });
	unit_set_state(unit, &state);
}

static void add_method(struct lineage *lineage, const char *column, const char *method)
{
	struct buffer state = BUFFER_INIT;

	pack_map(&state, 1);
	pack_key_text(&state, "method", method);
	unit_set_state(add_unit(lineage, "impute", column, column), &state);
}

static size_t count_of(const struct lineage *lineage, const char *name)
{
	struct names names = { .items = NULL };
	uint32_t counts[2];

	names_add(&names, "other");
	names_add(&names, name);
	levels_of(lineage, &names, counts);
	names_release(&names);
	CHECK(counts[0] == 0);
	return counts[1];
}

static void check_names(const struct lineage *lineage, const char *name, const char *column, size_t n)
{
	struct names names = { .items = NULL };
	struct level_names levels;

	names_add(&names, name);
	level_names_of(lineage, &names, &levels);
	CHECK(column ? levels.column && strcmp(levels.column, column) == 0 : !levels.column);
	CHECK(levels.names.n == n);
	for (size_t i = 0; i < levels.names.n; i++)
		CHECK(levels.names.items[i][0] == (char)('a' + i) && levels.names.items[i][1] == '\0');
	level_names_release(&levels);
	names_release(&names);
}

static void check_lineage(void)
{
	struct lineage lineage = LINEAGE_INIT;

	TEST("what the step made, with 0 and the nulls' own");
	CHECK(count_of(&lineage, "c_level") == 0);
	add_levels(&lineage, "c", "c_level", 3, "null");
	add_levels(&lineage, "d", "d_level", 5, "own");
	add_levels(&lineage, "e", "e_level", 0, "other");
	CHECK(count_of(&lineage, "c") == 0 && count_of(&lineage, "c_level") == 4 && count_of(&lineage, "d_level") == 7 && count_of(&lineage, "e_level") == 1);
	TEST("another name, and the most frequent for a null");
	add_unit(&lineage, "rename", "c_level", "town");
	add_method(&lineage, "town", "mode");
	CHECK(count_of(&lineage, "town") == 4);
	TEST("what levels are called, under any name");
	check_names(&lineage, "town", "c", 3);
	check_names(&lineage, "d_level", "d", 5);
	check_names(&lineage, "e_level", "e", 0);
	check_names(&lineage, "c", NULL, 0);
	add_unit(&lineage, "onehot", "town", "town=1");
	CHECK(count_of(&lineage, "town") == 4 && count_of(&lineage, "town=1") == 0);
	TEST("an amount");
	add_method(&lineage, "town", "constant");
	CHECK(count_of(&lineage, "town") == 0);
	add_method(&lineage, "town", "mode");
	CHECK(count_of(&lineage, "town") == 0);
	add_unit(&lineage, "scale", "d_level", "d_level");
	CHECK(count_of(&lineage, "d_level") == 0);
	lineage_release(&lineage);
}

/* ---- the preparation ---- */

enum { CITY, PLACE, CODE, KM, N_FIELDS };
static const char *const names[N_FIELDS] = { "city", "place", "c_level", "km" };

/* Of 400 rows: texts of 300 and 20 levels, one of them with 12 nulls; levels that are there, of which 3 are missing; and amounts. */
static void make_profile(struct profile *profile, struct schema *schema)
{
	for (size_t i = 0; i < N_FIELDS; i++)
		schema_add(schema, names[i], i <= PLACE ? TYPE_TEXT : i == CODE ? TYPE_INT : TYPE_REAL, ROLE_FEATURE);
	*profile = (struct profile){ .fields = mem_new(N_FIELDS, sizeof *profile->fields), .n = N_FIELDS };
	for (size_t i = 0; i < N_FIELDS; i++) {
		struct field_profile *field = &profile->fields[i];

		*field = (struct field_profile){ .field = schema->fields[i], .count = 400, .below = UINT64_MAX };
		field->moments = (struct moments){ .n = 400, .mean = 50, .m2 = 400 * 900, .min = 0, .max = 100 };
		distinct_start(&field->levels, schema->fields[i].type);
		for (int level = 0; i <= PLACE && level < (i == CITY ? 300 : 20); level++) {
			char text[20];
			uint32_t number;

			snprintf(text, sizeof text, "town %c%d", 'a' + level % 7, level);
			number = distinct_add(&field->levels, text, strlen(text));
			field->levels.items[number].count = i == CITY ? 1 + 11 * (level < 9) : 20;
		}
		field->many = i == CODE;
	}
	profile->fields[CITY].missing = 12;
	profile->fields[CODE].missing = 3;
}

/* want: all lines, joined by " | ". also: a column that is there, and no feature; or NULL. */
static void check_lines(unsigned takes, const struct lineage *lineage, const char *also, const char *want)
{
	struct preparation preparation = { .recipe = { .items = NULL } };
	struct schema schema = SCHEMA_INIT, all = SCHEMA_INIT;
	struct profile profile;
	struct buffer text = BUFFER_INIT;
	struct prepare_options options = { .profile = &profile, .schema = &all, .lineage = lineage, .target = "y", .task = TASK_REGRESSION,
	                                   .takes = takes };

	make_profile(&profile, &schema);
	schema_copy(&all, &schema);
	if (also)
		schema_add(&all, also, TYPE_REAL, ROLE_SOURCE);
	profile.fields[CITY].count = 1000;              /* so it is not mostly distinct */
	prepare(&preparation, &options);
	for (size_t i = 0; i < preparation.recipe.n; i++)
		buffer_format(&text, "%s%s", i ? " | " : "", preparation.recipe.items[i]);
	preparation_release(&preparation);
	for (size_t i = 0; i < N_FIELDS; i++)
		distinct_release(&profile.fields[i].levels);
	free(profile.fields);
	schema_release(&schema);
	schema_release(&all);
	CHECK_TEXT(buffer_text(&text), want);
	buffer_free(&text);
}

static void check_preparation(void)
{
	struct lineage lineage = LINEAGE_INIT, none = LINEAGE_INIT;

	add_levels(&lineage, "c", "c_level", 3, "null");
	TEST("onehot for a family that takes no levels, and an amount is what holds them");
	check_lines(MODEL_SCALED, &lineage, NULL, "impute c_level median indicator | onehot city min=10 max=50 other missing | "
		"onehot place min=10 max=50 | scale c_level km standard");
	TEST("levels, of nulls too, neither scaled nor filled in");
	check_lines(MODEL_SCALED | MODEL_LEVELS | MODEL_MISSING, &lineage, NULL, "levels city place min=10 max=254 | scale km standard");
	check_lines(MODEL_SCALED | MODEL_LEVELS, &lineage, NULL, "impute c_level mode indicator | levels city min=10 max=254 missing=own | "
		"levels place min=10 max=254 missing=other | scale km standard");
	check_lines(MODEL_LEVELS | MODEL_MISSING, &none, NULL, "levels city place min=10 max=254");
	check_lines(MODEL_SCALED | MODEL_LEVELS | MODEL_MISSING, &none, NULL, "levels city place min=10 max=254 | scale c_level km standard");
	TEST("under a name that is free");
	check_lines(MODEL_LEVELS | MODEL_MISSING, &none, "city_level", "levels city min=10 max=254 as=city_2_level | levels place min=10 max=254");
	lineage_release(&lineage);
}

/* ---- the family ---- */

static const struct training *told;

static void *begin_levels(const void *config, const struct training *training, object checkpoint, struct error *err)
{
	told = training;
	return toy_begin(config, training, checkpoint, err);
}

static void check_family(void)
{
	struct model_kind kind = toy;
	struct fake *fake = make(false);
	struct source source;
	struct lesson *lesson;

	kind.takes |= MODEL_LEVELS;
	kind.begin = begin_levels;
	TEST("a family is told which features hold levels");
	add_levels(&fake->header.lineage, "c", "x1", 3, "null");
	lesson = fake_open(fake, &kind, "rounds=1", &source);
	CHECK(lesson && lesson_rounds(lesson, 1, &fake->err) >= 0);
	CHECK(told && told->levels_of[0] == 0 && told->levels_of[1] == 4 && told->levels_of[2] == 0);
	lesson_free(lesson);
	source_close(&source);
	fake_free(fake);
	TEST("what is no number of a level is the others'");
	CHECK(level_number(0, 4) == 0 && level_number(1, 4) == 1 && level_number(3, 4) == 3 && level_number(4, 4) == 0);
	CHECK(level_number(-1, 4) == 0 && level_number(2.5, 4) == 0 && level_number(1e300, 4) == 0 && level_number(INFINITY, 4) == 0);
	CHECK(level_number(NAN, 4) == 0 && level_number(4294967294.0, UINT32_MAX) == 4294967294u);
}

int main(void)
{
	fill_rows();
	check_lineage();
	check_preparation();
	check_family();
	return unit_done();
}
