/* SPDX-License-Identifier: MIT */
/* Replay and leakage over units made by hand: what only a fit saw, cross-fits, row parts and table steps; and how both grow. */
#include <stdlib.h>

#include "buffer.h"
#include "leakage.h"
#include "memory.h"
#include "replay.h"
#include "unit.h"

/* A unit of a step of its own; names parted by blanks. */
static void add_names(struct names *names, const char *words)
{
	while (words && *words) {
		size_t n = strcspn(words, " ");

		names_take(names, mem_text_n(words, n));
		words += n + strspn(words + n, " ");
	}
}

static struct unit *add_unit(struct lineage *lineage, const char *text, const char *kind, const char *reads, const char *writes)
{
	struct unit *unit = entry_add(lineage_add(lineage, text), kind);

	add_names(&unit->reads, reads);
	add_names(&unit->writes, writes);
	unit_seal(unit);
	return unit;
}

/* NAME = EXPRESSION */
static struct unit *add_derive(struct lineage *lineage, const char *name, const char *expression, const char *reads)
{
	char *text = mem_format("derive %s = %s", name, expression);
	struct unit *unit = add_unit(lineage, text, "derive", reads, name);
	struct buffer state = BUFFER_INIT;

	pack_map(&state, 1);
	pack_key_text(&state, "expression", expression);
	unit_set_state(unit, &state);
	unit_seal(unit);
	free(text);
	return unit;
}

static void add_fields(struct schema *schema, const char *words)
{
	struct names names = { .n = 0 };

	add_names(&names, words);
	for (size_t i = 0; i < names.n; i++)
		schema_add(schema, names.items[i], TYPE_REAL, ROLE_FEATURE);
	names_release(&names);
}

static void advise(void *state, enum advice advice, const char *name, struct buffer *to)
{
	(void)state, (void)name;
	buffer_add_text(to, advice == ADVICE_PASS_TABLE ? "on the same way" : "another advice");
}
static const struct host host = { .advise = advise };

/* Replays `want` for the names `needed` (NULL: all) over an input of these fields; the fields that come out, or the message. */
static int outcome(const struct lineage *want, const struct lineage *passed, const char *fields, const char *needed, struct buffer *to)
{
	struct header have = HEADER_INIT;
	struct names names = { .n = 0 };
	struct replay *replay;
	struct error err = ERROR_INIT;

	buffer_clear(to);
	add_fields(&have.schema, fields);
	if (passed)
		lineage_copy(&have.lineage, passed);
	add_names(&names, needed);
	if (replay_new(&replay, &have, want, needed ? &names : NULL, &(struct replay_options){ .host = &host }, &err) == 0) {
		const struct schema *out = replay_schema(replay);

		for (size_t col = 0; col < out->n_fields; col++)
			buffer_format(to, "%s%s", col ? " " : "", out->fields[col].name);
		replay_free(replay);
	} else {
		buffer_add_text(to, err.message);
	}
	names_release(&names);
	header_release(&have);
	return err.code;
}

static void test_learned_from(void)
{
	struct lineage lineage = LINEAGE_INIT;
	struct names features = { .n = 0 };
	struct buffer out = BUFFER_INIT;
	struct error err = ERROR_INIT;
	struct unit *unit;

	add_fields(&lineage.inputs, "km city y");
	add_derive(&lineage, "fast", "km + 1", "km");
	unit = add_derive(&lineage, "city_y", "city * 2", "city");
	names_add(&unit->learned_from, "y");
	unit->fitted = FITTED_TRAIN;
	unit_seal(unit);
	names_add(&features, "fast");
	names_add(&features, "city_y");

	TEST("replay does not ask for what only the fit saw");
	CHECK(outcome(&lineage, NULL, "km city", "fast city_y", &out) == 0);
	CHECK_TEXT(buffer_text(&out), "km city fast city_y");
	CHECK(outcome(&lineage, NULL, "km", "fast city_y", &out) == STATUS_REQUIREMENT);
	CHECK_TEXT(buffer_text(&out), "columns are missing: 'city' (--missing null takes them as null)");

	TEST("a feature whose fit saw the target leaks");
	CHECK(leak_check_target(&lineage, &features, "y", &err) < 0 && err.code == STATUS_REQUIREMENT);
	CHECK_TEXT(err.message, "leakage: feature 'city_y' was made from the target 'y' by step 2 'derive city_y = city * 2' (drop it, or --allow-leak)");

	TEST("also in another form of the target, and through further steps");
	error_clear(&err);
	add_derive(&lineage, "log_y", "log(y)", "y");
	add_derive(&lineage, "more", "city_y + km", "city_y km");
	names_add(&features, "more");
	CHECK(leak_check_target(&lineage, &features, "log_y", &err) < 0);
	CHECK(strstr(err.message, "'city_y' was made from the target 'log_y' by step 2") != NULL);

	TEST("unless it was cross-fit");
	error_clear(&err);
	unit = &lineage.entries[1].units[0];
	unit->crossfit = true;
	unit_seal(unit);
	CHECK(leak_check_target(&lineage, &features, "log_y", &err) == 0);
	CHECK(leak_check_rows(&lineage, &features, "log_y", &err) == 0);

	TEST("a cross-fit on rows that are held out leaks all the same");
	unit->fitted = FITTED_ALL;
	unit_seal(unit);
	CHECK(leak_check_target(&lineage, &features, "log_y", &err) == 0);
	CHECK(leak_check_rows(&lineage, &features, "log_y", &err) < 0 && err.code == STATUS_REQUIREMENT);
	CHECK(strstr(err.message, "step 2 'derive city_y = city * 2' was fitted on rows that are now held out") != NULL);

	TEST("so does what a fit learned from columns that were fitted on all rows");
	error_clear(&err);
	unit->fitted = FITTED_TRAIN;
	names_release(&unit->learned_from);
	names_add(&unit->learned_from, "fast");
	unit_seal(unit);
	lineage.entries[0].units[0].fitted = FITTED_ALL;
	names_release(&features);
	names_add(&features, "city_y");
	CHECK(leak_check_rows(&lineage, &features, "y", &err) < 0 && strstr(err.message, "makes 'fast'") != NULL);
	names_release(&features);
	lineage_release(&lineage);
	buffer_free(&out);
}

static void test_tables(void)
{
	struct lineage want = LINEAGE_INIT, passed = LINEAGE_INIT;
	struct buffer out = BUFFER_INIT;
	struct unit *unit;

	add_fields(&want.inputs, "km city y");
	add_derive(&want, "fast", "km + 1", "km");
	unit = add_unit(&want, "sort km", "sort", "km", NULL);
	unit->acts = ACTS_ON_TABLE;
	unit_seal(unit);
	TEST("a table step that writes nothing is passed over");
	CHECK(outcome(&want, NULL, "km", "fast", &out) == 0);
	CHECK_TEXT(buffer_text(&out), "km fast");

	unit = add_unit(&want, "aggregate mean km by city", "aggregate", "km city", "city km_mean");
	unit->acts = ACTS_ON_TABLE;
	unit_seal(unit);
	lineage_copy(&passed, &want);
	add_derive(&want, "double", "km_mean * 2", "km_mean");
	TEST("one that makes fields must have been passed");
	CHECK(outcome(&want, NULL, "km city", "double", &out) == STATUS_REQUIREMENT);
	CHECK_TEXT(buffer_text(&out), "step 3 'aggregate mean km by city' makes other rows out of the records: give records that passed it (on the same way)");
	CHECK(outcome(&want, NULL, "km_mean", "double", &out) == STATUS_REQUIREMENT);
	TEST("then its outputs are the inputs");
	CHECK(outcome(&want, &passed, "city km_mean", "double", &out) == 0);
	CHECK_TEXT(buffer_text(&out), "km_mean double");
	CHECK(outcome(&want, &passed, "city", "double", &out) == STATUS_REQUIREMENT);
	CHECK_TEXT(buffer_text(&out), "columns are missing: 'km_mean' (--missing null takes them as null)");
	TEST("an input that was not sorted may have passed it too");
	entry_release(&passed.entries[1]);
	passed.entries[1] = passed.entries[2];
	passed.n_entries = 2;
	CHECK(outcome(&want, &passed, "city km_mean", "double", &out) == 0);
	TEST("another table step is another input");
	entry_own(&passed.entries[1]);
	names_add(&passed.entries[1].units[0].reads, "y");
	unit_seal(&passed.entries[1].units[0]);
	CHECK(outcome(&want, &passed, "city km_mean", "double", &out) == STATUS_REQUIREMENT);
	lineage_release(&want);
	lineage_release(&passed);
	buffer_free(&out);
}

static void test_rows(void)
{
	struct lineage want = LINEAGE_INIT, passed = LINEAGE_INIT;
	struct buffer out = BUFFER_INIT;
	struct unit *unit;

	add_fields(&want.inputs, "km city y");
	unit = add_unit(&want, "dedupe km", "dedupe", "km", NULL);
	unit->acts = ACTS_ON_ROWS;
	unit_seal(unit);
	add_derive(&want, "fast", "km + 1", "km");
	add_derive(&want, "km", "fast * 2", "fast");
	add_derive(&want, "last", "km + 3", "km");
	TEST("row parts are passed over; what is made anew is asked for once, and stands where it is made");
	CHECK(outcome(&want, NULL, "y km", "last", &out) == 0);
	CHECK_TEXT(buffer_text(&out), "fast km last");
	TEST("all of it");
	CHECK(outcome(&want, NULL, "y km", NULL, &out) == 0);
	CHECK_TEXT(buffer_text(&out), "y km fast last");
	TEST("what the input has behind it is not done again");
	add_derive(&passed, "fast", "km + 1", "km");
	CHECK(outcome(&want, &passed, "y km fast", "last", &out) == 0);
	CHECK_TEXT(buffer_text(&out), "fast km last");
	lineage_release(&want);
	lineage_release(&passed);
	buffer_free(&out);
}

/* Steps of the input by the first letters of their names: w1 w2 w3 of those stored, f of a front, g one that was fitted, t a table step. */
static int passed_outcome(const struct lineage *want, const char *steps, const char *fields, const char *needed, struct buffer *to)
{
	struct lineage passed = LINEAGE_INIT;
	int result;

	for (; *steps; steps++) {
		struct unit *unit;

		switch (*steps) {
		case '1': add_derive(&passed, "a", "km + 1", "km"); break;
		case '2': add_derive(&passed, "b", "a * 2", "a"); break;
		case '3': add_derive(&passed, "c", "b - 3", "b"); break;
		case 'r': add_unit(&passed, "rename miles=km", "rename", "miles", "km"); break;
		case 'o': add_unit(&passed, "role y target", "role", NULL, NULL); break;
		case 'f': add_derive(&passed, "z", "km * 5", "km"); break;
		default:
			unit = *steps == 't' ? add_unit(&passed, "aggregate km", "aggregate", "km", "km") : add_derive(&passed, "b", "a * 9", "a");
			unit->acts = *steps == 't' ? ACTS_ON_TABLE : ACTS_ON_COLUMNS;
			unit->fitted = *steps == 't' ? FITTED_NONE : FITTED_ALL;
			if (*steps == 'h') {
				free(passed.entries[passed.n_entries - 1].text);
				passed.entries[passed.n_entries - 1].text = mem_text("derive b = a * 2");
			}
			unit_seal(unit);
		}
	}
	result = outcome(want, &passed, fields, needed, to);
	lineage_release(&passed);
	return result;
}

static void test_front(void)
{
	static const struct { const char *steps, *fields, *out; } fine[] = {
		{ "", "y km", "km a b c" },
		{ "rf", "km z", "km a b c" },
		{ "o", "y km", "km a b c" },
		{ "rf1", "km z a", "a b c" },
		{ "r12", "km a b", "b c" },
		{ "ro1o2o", "km a b", "b c" },
		{ "123", "km a b c", "c" },
		{ "123o", "km a b c", "c" },
	};
	static const struct { const char *steps, *message; } wrong[] = {
		{ "12f", "step 3 'derive z = km * 5' of the input stands behind steps of what was trained on (give raw records, or let it come later)" },
		{ "123r", "step 4 'rename miles=km' of the input stands behind steps of what was trained on (give raw records, or let it come later)" },
		{ "1f2", "step 2 'derive z = km * 5' of the input stands behind steps of what was trained on (give raw records, or let it come later)" },
		{ "2", "step 1 'derive b = a * 2' of the input was done without step 1 'derive a = km + 1' before it (give raw records)" },
		{ "13", "step 2 'derive c = b - 3' of the input stands behind steps of what was trained on (give raw records, or let it come later)" },
		{ "11", "step 1 'derive a = km + 1' of the input is in what was trained on, too (give raw records)" },
		{ "g", "step 1 'derive b = a * 9' of the input learned from its rows, and is not in what was trained on (give records that did not pass it)" },
		{ "g12", "step 1 'derive b = a * 9' of the input learned from its rows, and is not in what was trained on (give records that did not pass it)" },
		{ "h", "step 1 'derive b = a * 2' of the input was fitted on other rows than the stored one (give raw records)" },
		{ "ft", "step 2 'aggregate km' of the input makes other rows, and is not in what was trained on (give records that did not pass it)" },
	};
	struct lineage want = LINEAGE_INIT;
	struct buffer out = BUFFER_INIT;

	add_fields(&want.inputs, "km y");
	add_derive(&want, "a", "km + 1", "km");
	add_derive(&want, "b", "a * 2", "a");
	add_derive(&want, "c", "b - 3", "b");
	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
		TEST("a front that learned nothing made the raw records");
		CHECK(passed_outcome(&want, fine[i].steps, fine[i].fields, "c", &out) == 0);
		CHECK_TEXT(buffer_text(&out), fine[i].out);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		TEST(wrong[i].message);
		CHECK(passed_outcome(&want, wrong[i].steps, "y km a b c z", "c", &out) == STATUS_REQUIREMENT);
		CHECK_TEXT(buffer_text(&out), wrong[i].message);
	}
	lineage_release(&want);
	buffer_free(&out);
}

/* So many columns, and steps of which each reads what the one before made: it opens, finds no leak, and (apply) runs. */
static void check_growth(size_t n_columns, size_t n_steps, bool apply)
{
	struct header have = HEADER_INIT;
	struct names features = { .n = 0 };
	struct lineage want = LINEAGE_INIT;
	struct replay *replay;
	struct batch in = BATCH_INIT, out = BATCH_INIT;
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < n_columns; i++) {
		char *name = mem_format("c%zu", i);

		schema_add(&want.inputs, name, TYPE_REAL, ROLE_FEATURE);
		schema_add(&have.schema, name, TYPE_REAL, ROLE_FEATURE);
		names_take(&features, name);
	}
	schema_add(&want.inputs, "y", TYPE_REAL, ROLE_TARGET);
	for (size_t i = 0; i < n_steps; i++) {
		char *name = mem_format("d%zu", i), *before = i ? mem_format("d%zu", i - 1) : mem_text("c0");
		char *expression = mem_format("%s + 1", before);

		add_derive(&want, name, expression, before);
		names_take(&features, name);
		free(before);
		free(expression);
	}
	CHECK(replay_new(&replay, &have, &want, &features, NULL, &err) == 0 && replay_schema(replay)->n_fields == n_columns + n_steps);
	if (apply) {
		batch_start(&in, NULL, &have.schema, 1);
		for (size_t col = 0; col < n_columns; col++) {
			struct column fresh = COLUMN_INIT;
			double *values = column_new_values(&fresh, in.pool, TYPE_REAL, 1);

			values[0] = (double)col;
			batch_put(&in, col, TYPE_REAL, &fresh);
		}
		CHECK(replay_apply(replay, &in, &out, &err) == 0 && out.n_columns == n_columns + n_steps);
		CHECK(column_real(&out.columns[n_columns + n_steps - 1], 0) == (double)n_steps);
	}
	CHECK(leak_check_target(&want, &features, "y", &err) == 0 && leak_check_rows(&want, &features, "y", &err) == 0);
	batch_free(&out);
	batch_free(&in);
	replay_free(replay);
	names_release(&features);
	lineage_release(&want);
	header_release(&have);
}

static void test_growth(void)
{
	TEST("a chain of steps");
	check_growth(50, 300, true);
	TEST("ten thousand of them over twenty thousand columns: were any loop quadratic, this took minutes");
	check_growth(20000, 10000, false);
}

int main(void)
{
	test_learned_from();
	test_tables();
	test_rows();
	test_front();
	test_growth();
	return unit_done();
}
