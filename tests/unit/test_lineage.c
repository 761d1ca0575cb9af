/* SPDX-License-Identifier: MIT */
/* The lineage on the wire and back, what makes two of them differ, and input that is none. */
#include <stdio.h>
#include <stdlib.h>

#include "lineage.h"
#include "memory.h"
#include "unit.h"

static struct unit *add_unit(struct entry *entry, const char *kind, const char *column, enum fitted fitted, double state)
{
	struct unit *unit = entry_add(entry, kind);
	struct buffer packed = BUFFER_INIT;

	names_add(&unit->reads, column);
	names_add(&unit->writes, column);
	unit->fitted = fitted;
	pack_map(&packed, 1);
	pack_key_real(&packed, "mean", state);
	unit_set_state(unit, &packed);
	CHECK(packed.size == 0 && unit->state->size > 0);
	unit_seal(unit);
	return unit;
}

/* Two inputs; a step of two units, one without any, a split. */
static void make(struct lineage *lineage)
{
	struct entry *entry;
	struct unit *unit;

	*lineage = (struct lineage)LINEAGE_INIT;
	schema_add(&lineage->inputs, "km", TYPE_REAL, ROLE_FEATURE);
	schema_set_unit(&lineage->inputs, 0, "km");
	schema_add(&lineage->inputs, "when", TYPE_TIME, ROLE_ID);
	schema_set_form(&lineage->inputs, 1, "%Y-%m-%d");
	schema_add(&lineage->inputs, "rooms", TYPE_INT, ROLE_FEATURE);
	lineage->inputs.fields[2].as_real = true;
	lineage->style.format = mem_text("csv");
	names_add(&lineage->style.options, "names");
	names_add(&lineage->style.values, "km,when");
	names_add(&lineage->style.options, "names");
	names_add(&lineage->style.values, "rooms");
	names_add(&lineage->style.nulls, "");
	names_add(&lineage->style.nulls, "NA");
	entry = lineage_add(lineage, "scale km when");
	add_unit(entry, "scale", "km", FITTED_TRAIN, 1.5);
	add_unit(entry, "scale", "when", FITTED_ALL, 2.5);
	lineage_add(lineage, "role when id");
	unit = entry_add(lineage_add(lineage, "split test=0.2"), "split");
	names_add(&unit->writes, "_split");
	names_add(&unit->learned_from, "km");
	unit->acts = ACTS_ON_ROWS;
	unit->crossfit = unit->foreign = true;
	unit_seal(unit);
}

static int there_and_back(const struct lineage *from, struct lineage *to, struct error *err)
{
	struct buffer bytes = BUFFER_INIT, again = BUFFER_INIT;
	struct unpacked unpacked;
	int result;

	lineage_pack(from, &bytes);
	CHECK(pack_read(&unpacked, bytes.data, bytes.size, err) == 0);
	result = lineage_read(to, &unpacked.object, err);
	if (result == 0) {
		lineage_pack(to, &again);
		CHECK(again.size == bytes.size && memcmp(again.data, bytes.data, bytes.size) == 0);
	}
	unpacked_free(&unpacked);
	buffer_free(&bytes);
	buffer_free(&again);
	return result;
}

static void test_round_trip(void)
{
	struct lineage lineage, back, copy;
	struct error err = ERROR_INIT;
	size_t n;
	struct lineage none = LINEAGE_INIT;
	struct unit_place *places;
	const struct unit *unit;

	TEST("there and back");
	make(&lineage);
	CHECK(there_and_back(&lineage, &back, &err) == 0 && lineage_compare(&lineage, &back, &err) == 0);
	CHECK(back.n_entries == 3 && lineage_units(&back) == 3 && back.entries[1].n_units == 0);
	places = lineage_places(&back, &n);
	unit = places[1].unit;
	CHECK_TEXT(unit->kind, "scale");
	CHECK_TEXT(unit->reads.items[0], "when");
	CHECK(unit->fitted == FITTED_ALL && unit->acts == ACTS_ON_COLUMNS && !unit->crossfit && !unit->foreign && unit->learned_from.n == 0);
	CHECK(places[1].step == 1 && places[1].entry == &back.entries[0]);
	unit = places[2].unit;
	CHECK(unit->acts == ACTS_ON_ROWS && unit->crossfit && unit->foreign && unit->fitted == FITTED_NONE && unit->reads.n == 0);
	CHECK(n == 3 && places[2].step == 3 && unit->learned_from.n == 1);
	CHECK_TEXT(places[2].entry->text, "split test=0.2");
	free(places);
	CHECK_TEXT(back.inputs.fields[0].unit, "km");
	CHECK_TEXT(back.inputs.fields[1].form, "%Y-%m-%d");
	CHECK(back.inputs.fields[2].as_real && !back.inputs.fields[0].as_real);
	CHECK_TEXT(back.style.format, "csv");
	CHECK_TEXT(style_option(&back.style, "names"), "km,when");
	CHECK_TEXT(back.style.values.items[1], "rooms");
	CHECK(!style_option(&back.style, "trim") && back.style.nulls.n == 2);
	CHECK_TEXT(back.style.nulls.items[1], "NA");
	TEST("a copy stands alone");
	lineage_copy(&copy, &back);
	CHECK(copy.entries[0].units[0].state == back.entries[0].units[0].state);        /* but for states, which are shared */
	lineage_release(&back);
	CHECK(lineage_compare(&lineage, &copy, &err) == 0);
	lineage_release(&copy);
	TEST("an empty one");
	CHECK(there_and_back(&none, &back, &err) == 0 && back.n_entries == 0 && lineage_compare(&none, &back, &err) == 0);
	lineage_release(&back);
	lineage_release(&lineage);
}

static void test_compare(void)
{
	static const char *const messages[] = {
		"inputs: field 'km' is real here, int there",
		"inputs: field 1 is 'km' here, 'miles' there",
		"inputs: field 'km' has another unit",
		"inputs: field 'when' has times of another zone: none here, Z there",
		"inputs: field 'when' has role id here, feature there",
		"step 1 'scale km when' was fitted on other rows",
		"step 1 is 'scale km when' here, 'scale km' there",
		"3 steps (3 units) here, 4 (4) there",
	};

	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
		struct lineage a, b;
		struct error err = ERROR_INIT;
		struct buffer none = BUFFER_INIT;
		struct unit *unit;

		TEST(messages[i]);
		make(&a);
		make(&b);
		unit = &b.entries[0].units[1];
		switch (i) {
		case 0: b.inputs.fields[0].type = TYPE_INT; break;
		case 1: schema_rename(&b.inputs, 0, "miles"); break;
		case 2: schema_set_unit(&b.inputs, 0, NULL); break;
		case 3: schema_set_form(&b.inputs, 1, NULL); break;
		case 4: b.inputs.fields[1].role = ROLE_FEATURE; break;
		case 6:
			free(b.entries[0].text);
			b.entries[0].text = mem_text("scale km");
			/* fall through */
		case 5:
			unit_set_state(unit, &none);
			unit_seal(unit);
			break;
		default: add_unit(lineage_add(&b, "scale km"), "scale", "km", FITTED_NONE, 0);
		}
		CHECK(lineage_compare(&a, &b, &err) < 0 && err.code == STATUS_FAILED);
		CHECK_TEXT(err.message, messages[i]);
		lineage_release(&a);
		lineage_release(&b);
	}
}

/* Whether texts read with these words (parted by commas) and blanks are alike; the difference goes to `how`. */
static bool alike(const char *words, bool trim, const char *other_words, bool other_trim, struct buffer *how)
{
	struct read_style styles[2] = { READ_STYLE_INIT, READ_STYLE_INIT };
	bool result;

	for (int i = 0; i < 2; i++) {
		const char *list = i ? other_words : words;

		styles[i].format = mem_text(i ? "tsv" : "csv");
		for (; list && *list; list += strcspn(list, ",") + (list[strcspn(list, ",")] == ','))
			names_take(&styles[i].nulls, mem_text_n(list, strcspn(list, ",")));
		if (i ? other_trim : trim) {
			names_add(&styles[i].options, "trim");
			names_add(&styles[i].values, "yes");
		}
	}
	buffer_clear(how);
	result = style_texts_alike(&styles[0], &styles[1], how);
	CHECK(result == (how->size == 0));
	free(styles[1].format);
	styles[1].format = NULL;
	CHECK(style_texts_alike(&styles[0], &styles[1], how));
	style_release(&styles[0]);
	style_release(&styles[1]);
	return result;
}

static void test_style(void)
{
	struct buffer how = BUFFER_INIT;

	TEST("texts that were read alike, whatever the order of words and the format");
	CHECK(alike(NULL, false, NULL, false, &how) && alike("NA,none", true, "none,NA", true, &how));
	TEST("and not alike");
	CHECK(!alike(NULL, false, "NA", false, &how));
	CHECK_TEXT(buffer_text(&how), "with other null words than in training: 'NA' then, none now");
	CHECK(!alike(",NA", false, "NA", false, &how));
	CHECK_TEXT(buffer_text(&how), "with other null words than in training: 'NA' then, '', 'NA' now");
	CHECK(!alike("NA", true, "NA", false, &how));
	CHECK_TEXT(buffer_text(&how), "with --trim, other than in training");
	buffer_free(&how);
}

static void test_digest(void)
{
	struct unit a = { .kind = mem_text("scale") }, b;
	struct buffer empty = BUFFER_INIT;
	uint64_t digest;
	char *name;

	TEST("a digest tells kind, names, order and state");
	names_add(&a.reads, "x");
	names_add(&a.reads, "y");
	unit_seal(&a);
	digest = a.digest;
	unit_copy(&b, &a);
	unit_seal(&b);
	CHECK(b.digest == digest);
	names_add(&b.writes, "z");
	unit_seal(&b);
	CHECK(b.digest != digest);
	unit_release(&b);
	unit_copy(&b, &a);
	name = b.reads.items[0];
	b.reads.items[0] = b.reads.items[1];
	b.reads.items[1] = name;
	unit_seal(&b);
	CHECK(b.digest != digest);
	for (int i = 0; i < 4; i++) {
		unit_release(&b);
		unit_copy(&b, &a);
		b.acts = i == 0 ? ACTS_ON_ROWS : i == 1 ? ACTS_ON_TABLE : ACTS_ON_COLUMNS;
		b.crossfit = i == 2;
		if (i == 3)
			names_add(&b.learned_from, "z");
		unit_seal(&b);
		CHECK(b.digest != digest);
	}
	pack_map(&empty, 0);
	unit_set_state(&a, &empty);
	unit_seal(&a);
	CHECK(a.digest == digest);              /* no state is an empty map */
	free(a.kind);
	a.kind = mem_text("scal");
	unit_seal(&a);
	CHECK(a.digest != digest);
	unit_release(&a);
	unit_release(&b);
}

static void test_names(void)
{
	struct names names = { .n = 0 }, copy;

	TEST("lists of names");
	names_add(&names, "a");
	names_add_new(&names, "a");
	names_add_new(&names, "b");
	names_add(&names, "a");
	CHECK(names.n == 3 && names_have(&names, "b") && !names_have(&names, "c"));
	names_copy(&copy, &names);
	names_release(&names);
	CHECK(copy.n == 3 && names.n == 0);
	CHECK_TEXT(copy.items[2], "a");
	CHECK(names_find(&copy, "a") == 0 && names_find(&copy, "c") == NO_NAME);
	names_release(&copy);
}

/* Lists around the size at which the index begins, and a long one: the same answers with and without it. */
static void test_many_names(void)
{
	struct names names = { .n = 0 }, copy, other = { .n = 0 };
	char name[16];

	TEST("many names");
	for (size_t i = 0; i < 100000; i++) {
		snprintf(name, sizeof name, "c%zu", i);
		CHECK(!names_have(&names, name));
		names_take(&names, mem_text(name));
		CHECK(names_find(&names, name) == i && !names_add_new(&names, name));
	}
	names_add(&names, "c7");
	CHECK(names.n == 100001 && names_find(&names, "c7") == 7 && names_find(&names, "x") == NO_NAME);
	names_copy(&copy, &names);
	CHECK(names_find(&copy, "c99999") == 99999 && names_find(&copy, "c7") == 7);
	names_add(&other, "x");
	CHECK(!names_overlap(&names, &other) && !names_overlap(&other, &names));
	names_add(&other, "c99999");
	CHECK(names_overlap(&names, &other) && names_overlap(&other, &names));
	while (other.n < 20)
		names_add(&other, "y");
	CHECK(names_find(&other, "y") == 2);
	names_release(&names);
	names_release(&copy);
	names_release(&other);
}

/* Every byte of a packed lineage changed: read as another one that packs the same again, or refused with a message. */
static void test_changed(void)
{
	struct lineage lineage, back;
	struct buffer bytes = BUFFER_INIT;
	size_t refused = 0;

	TEST("changed bytes");
	make(&lineage);
	lineage_pack(&lineage, &bytes);
	for (size_t i = 0; i < bytes.size; i++)
		for (unsigned mask = 1; mask < 256; mask <<= 1) {
			struct unpacked unpacked;
			struct error err = ERROR_INIT;

			bytes.data[i] ^= (unsigned char)mask;
			back = (struct lineage)LINEAGE_INIT;
			if (pack_read(&unpacked, bytes.data, bytes.size, &err) == 0) {
				int result = lineage_read(&back, &unpacked.object, &err);

				CHECK((result == 0) == (err.code == STATUS_DONE));
				unpacked_free(&unpacked);
			}
			refused += err.code != STATUS_DONE;
			CHECK(err.code == STATUS_DONE || err.message[0]);
			lineage_release(&back);
			bytes.data[i] ^= (unsigned char)mask;
		}
	CHECK(refused > 8 * bytes.size / 2);
	lineage_release(&lineage);
	buffer_free(&bytes);
}

/* What lineage_read says of bytes that some writer of ours would never write. */
static const char *refusal(void (*put)(struct buffer *to))
{
	static char message[sizeof ((struct error *)0)->message];
	struct buffer bytes = BUFFER_INIT;
	struct unpacked unpacked;
	struct lineage lineage;
	struct error err = ERROR_INIT;

	put(&bytes);
	CHECK(pack_read(&unpacked, bytes.data, bytes.size, &err) == 0);
	CHECK(lineage_read(&lineage, &unpacked.object, &err) < 0 && err.code == STATUS_FAILED);
	snprintf(message, sizeof message, "%s", err.message);
	lineage_release(&lineage);
	unpacked_free(&unpacked);
	buffer_free(&bytes);
	return message;
}

static void put_nil(struct buffer *to) { pack_nil(to); }

static void put_field(struct buffer *to, const char *name, const char *type, const char *role)
{
	pack_map(to, 3);
	pack_key_text(to, "name", name);
	pack_key_text(to, "type", type);
	pack_key_text(to, "role", role);
}

static void put_inputs(struct buffer *to, size_t n)
{
	pack_map(to, 2);
	pack_text(to, "inputs");
	pack_array(to, n);
}

static void put_twice(struct buffer *to)
{
	put_inputs(to, 2);
	put_field(to, "x", "int", "id");
	put_field(to, "x", "int", "id");
	pack_key_int(to, "steps", 0);
}

static void put_type(struct buffer *to)
{
	put_inputs(to, 1);
	put_field(to, "x", "float", "id");
	pack_key_int(to, "steps", 0);
}

static void put_role(struct buffer *to)
{
	put_inputs(to, 1);
	put_field(to, "x", "int", "boss");
	pack_key_int(to, "steps", 0);
}

static void put_name(struct buffer *to)
{
	put_inputs(to, 1);
	put_field(to, "", "int", "id");
	pack_key_int(to, "steps", 0);
}

static void put_steps(struct buffer *to)
{
	put_inputs(to, 0);
	pack_key_int(to, "steps", 0);
}

static void put_digest(struct buffer *to)
{
	put_inputs(to, 0);
	pack_text(to, "steps");
	pack_array(to, 1);
	pack_map(to, 2);
	pack_key_text(to, "text", "scale km");
	pack_text(to, "units");
	pack_array(to, 1);
	pack_map(to, 6);
	pack_key_text(to, "kind", "scale");
	pack_text(to, "reads");
	pack_array(to, 0);
	pack_text(to, "writes");
	pack_array(to, 0);
	pack_key_text(to, "fitted", "all");
	pack_text(to, "state");
	pack_map(to, 0);
	pack_key_int(to, "digest", 1);
}

static void test_refusals(void)
{
	TEST("what is no lineage");
	CHECK_TEXT(refusal(put_nil), "broken header: no fields");
	CHECK_TEXT(refusal(put_twice), "broken header: two fields 'x'");
	CHECK_TEXT(refusal(put_type), "broken header: field 'x' has the unknown type 'float'");
	CHECK_TEXT(refusal(put_role), "broken header: field 'x' has the unknown role 'boss'");
	CHECK_TEXT(refusal(put_name), "broken header: a field without a name");
	CHECK_TEXT(refusal(put_steps), "broken lineage: no steps");
	CHECK_TEXT(refusal(put_digest), "broken lineage: the digest of step 'scale km' differs");
}

int main(void)
{
	test_round_trip();
	test_compare();
	test_style();
	test_digest();
	test_names();
	test_many_names();
	test_changed();
	test_refusals();
	return unit_done();
}
