/* SPDX-License-Identifier: MIT */
/* Batches: every refusal of a broken column, keeping some rows, holding, and columns of gathered text. */
#include <stdlib.h>

#include "memory.h"
#include "unit.h"

#include "sample.h"

/* ---- column_read ---- */

/* What column_read says of a column of n_rows rows. */
static const char *refusal(enum type type, size_t n_rows, struct column column)
{
	static char message[sizeof ((struct error *)0)->message];
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;

	schema_add(&schema, "x", type, ROLE_FEATURE);
	batch_start(&batch, &schema, n_rows);
	batch.columns[0] = column;
	column.checked = false;
	snprintf(message, sizeof message, "%s", column_read(&batch, 0, &err) ? "" : err.message);
	CHECK(err.code == (message[0] ? STATUS_FAILED : STATUS_DONE));
	batch_free(&batch);
	schema_release(&schema);
	return message;
}

#define HOLDS(what) "broken input: column 'x' holds " what

static void test_values(void)
{
	const uint64_t both = 3, second = 2, spare = 7;
	const double good[] = { -0.0, 1e308 }, infinite[] = { 1, INFINITY }, nan[] = { NAN, 1 }, one_zero[] = { 0, 2.5 };
	const int64_t ints[] = { INT64_MIN, 5 };
	const uint8_t bools[] = { 0, 1 }, odd[] = { 0, 2 };

	TEST("values as they should be");
	CHECK_TEXT(refusal(TYPE_REAL, 2, (struct column){ .values = good }), "");
	CHECK_TEXT(refusal(TYPE_REAL, 2, (struct column){ .values = good, .valid = &both }), "");
	CHECK_TEXT(refusal(TYPE_REAL, 2, (struct column){ .values = one_zero, .valid = &second }), "");
	CHECK_TEXT(refusal(TYPE_INT, 2, (struct column){ .values = ints }), "");
	CHECK_TEXT(refusal(TYPE_BOOL, 2, (struct column){ .values = bools }), "");
	CHECK_TEXT(refusal(TYPE_INT, 0, (struct column){ .values = ints }), "");
	TEST("reals that are not finite");
	CHECK_TEXT(refusal(TYPE_REAL, 2, (struct column){ .values = infinite }), HOLDS("a real that is not finite"));
	CHECK_TEXT(refusal(TYPE_REAL, 2, (struct column){ .values = nan }), HOLDS("a real that is not finite"));
	TEST("a bool that is neither");
	CHECK_TEXT(refusal(TYPE_BOOL, 2, (struct column){ .values = odd }), HOLDS("a bool that is not 0 or 1"));
	TEST("values under missing rows, minus zero among them");
	CHECK_TEXT(refusal(TYPE_INT, 2, (struct column){ .values = ints, .valid = &second }), HOLDS("a value under a missing row"));
	CHECK_TEXT(refusal(TYPE_REAL, 2, (struct column){ .values = good, .valid = &second }), HOLDS("a value under a missing row"));
	TEST("spare bits");
	CHECK_TEXT(refusal(TYPE_INT, 2, (struct column){ .values = ints, .valid = &spare }), HOLDS("spare bits that are set"));
}

static void test_text(void)
{
	const uint64_t second = 2, first = 1;
	const uint32_t whole[] = { 0, 2, 5 }, back[] = { 0, 3, 2 }, late[] = { 1, 2, 5 }, early[] = { 0, 2, 4 }, within[] = { 0, 1, 2 };
	const uint32_t hidden[] = { 0, 2, 5 }, empty[] = { 0 }, none[] = { 0, 0, 3 };

	TEST("text as it should be");
	CHECK_TEXT(refusal(TYPE_TEXT, 2, (struct column){ .offsets = whole, .bytes = "abcde", .bytes_size = 5, .n_entries = 2 }), "");
	CHECK_TEXT(refusal(TYPE_TEXT, 2, (struct column){ .offsets = none, .bytes = "abc", .bytes_size = 3, .n_entries = 2, .valid = &second }), "");
	CHECK_TEXT(refusal(TYPE_TEXT, 0, (struct column){ .offsets = empty, .bytes = "" }), "");
	TEST("offsets that lie");
	CHECK_TEXT(refusal(TYPE_TEXT, 2, (struct column){ .offsets = back, .bytes = "ab", .bytes_size = 2, .n_entries = 2 }),
		   HOLDS("text offsets that go back"));
	CHECK_TEXT(refusal(TYPE_TEXT, 2, (struct column){ .offsets = late, .bytes = "abcde", .bytes_size = 5, .n_entries = 2 }),
		   HOLDS("text offsets that do not cover their bytes"));
	CHECK_TEXT(refusal(TYPE_TEXT, 2, (struct column){ .offsets = early, .bytes = "abcde", .bytes_size = 5, .n_entries = 2 }),
		   HOLDS("text offsets that do not cover their bytes"));
	TEST("bytes that are no UTF-8");
	CHECK_TEXT(refusal(TYPE_TEXT, 2, (struct column){ .offsets = whole, .bytes = "ab\xff""de", .bytes_size = 5, .n_entries = 2 }),
		   HOLDS("text that is not UTF-8"));
	CHECK_TEXT(refusal(TYPE_TEXT, 2, (struct column){ .offsets = within, .bytes = "é", .bytes_size = 2, .n_entries = 2 }),
		   HOLDS("text that is cut within a character"));
	TEST("text under a missing row");
	CHECK_TEXT(refusal(TYPE_TEXT, 2, (struct column){ .offsets = hidden, .bytes = "abcde", .bytes_size = 5, .n_entries = 2, .valid = &first }),
		   HOLDS("a value under a missing row"));
}

static struct column coded(const void *codes, uint8_t width, const uint64_t *valid)
{
	static const uint32_t offsets[] = { 0, 1, 3 };
	return (struct column){ .offsets = offsets, .bytes = "abb", .bytes_size = 3, .n_entries = 2, .has_codes = true,
		.wire_codes = codes, .code_width = width, .valid = valid };
}

static void test_codes(void)
{
	const uint64_t second = 2;
	const uint8_t good1[] = { 0, 1 }, past1[] = { 2, 0 }, under1[] = { 1, 1 };
	const uint16_t good2[] = { 1, 0 }, past2[] = { 0, 256 };
	const uint32_t good4[] = { 1, 1 }, past4[] = { 0, UINT32_MAX };
	static const uint32_t nothing[] = { 0 };
	const struct column no_entries = { .offsets = nothing, .bytes = "", .has_codes = true, .wire_codes = good1, .code_width = 1 };

	TEST("codes of each width");
	CHECK_TEXT(refusal(TYPE_TEXT, 2, coded(good1, 1, NULL)), "");
	CHECK_TEXT(refusal(TYPE_TEXT, 2, coded(good2, 2, NULL)), "");
	CHECK_TEXT(refusal(TYPE_TEXT, 2, coded(good4, 4, NULL)), "");
	CHECK_TEXT(refusal(TYPE_TEXT, 2, coded(good1, 1, &second)), "");
	TEST("codes past the dictionary");
	CHECK_TEXT(refusal(TYPE_TEXT, 2, coded(past1, 1, NULL)), HOLDS("a code past its dictionary, or under a missing row"));
	CHECK_TEXT(refusal(TYPE_TEXT, 2, coded(past2, 2, NULL)), HOLDS("a code past its dictionary, or under a missing row"));
	CHECK_TEXT(refusal(TYPE_TEXT, 2, coded(past4, 4, NULL)), HOLDS("a code past its dictionary, or under a missing row"));
	CHECK_TEXT(refusal(TYPE_TEXT, 2, no_entries), HOLDS("a code past its dictionary, or under a missing row"));
	TEST("a code under a missing row");
	CHECK_TEXT(refusal(TYPE_TEXT, 2, coded(under1, 1, &second)), HOLDS("a code past its dictionary, or under a missing row"));
}

/* ---- changing and holding ---- */

/* The lines of every third row from `skip` on of all lines. */
static void keep_lines(const struct buffer *lines, size_t skip, size_t step, struct buffer *to)
{
	size_t row = 0, start = 0;

	/* A note has one line end of its own; a row ends at the other kind: after the last field, which has no '"'. */
	for (size_t i = 0; i < lines->size; i++) {
		if (lines->data[i] != '\n' || (i > 0 && lines->data[i - 1] == '"'))
			continue;
		if (row >= skip && (row - skip) % step == 0)
			buffer_add(to, lines->data + start, i + 1 - start);
		start = i + 1;
		row++;
	}
}

static void test_keep(void)
{
	static const size_t sizes[] = { 1, 63, 64, 65, 200, 1000 };
	struct buffer lines = BUFFER_INIT, kept = BUFFER_INIT, expected = BUFFER_INIT;
	struct header header;
	struct batch batch = BATCH_INIT, held = BATCH_INIT;
	struct error err = ERROR_INIT;

	sample_header(&header);
	for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
		for (size_t step = 1; step <= 4; step++)
			for (int from_block = 0; from_block < 2; from_block++) {
				size_t n = sizes[k], n_kept = 0;
				uint64_t rows[16] = { 0 };
				TEST(from_block ? "keeping rows of columns in blocks" : "keeping rows of columns in the arena");
				buffer_clear(&lines), buffer_clear(&kept), buffer_clear(&expected);
				sample_batch(&batch, &header.schema, 0, n);
				CHECK(sample_print(&batch, &lines, &err) == 0);
				keep_lines(&lines, step - 1, step, &expected);
				for (size_t row = step - 1; row < n; row += step, n_kept++)
					rows[row / 64] |= (uint64_t)1 << row % 64;
				if (from_block)
					batch_hold(&held, &batch);
				struct batch *changed = from_block ? &held : &batch;
				CHECK(batch_keep(changed, rows, n_kept, &err) == 0 && changed->n_rows == n_kept);
				CHECK(sample_print(changed, &kept, &err) == 0);
				CHECK(sample_same(&kept, &expected));
				/* What was kept may be held and kept again. */
				struct batch again = BATCH_INIT;
				batch_hold(&again, changed);
				batch_clear(changed);
				buffer_clear(&kept);
				CHECK(sample_print(&again, &kept, &err) == 0 && sample_same(&kept, &expected));
				batch_free(&again);
			}
	batch_free(&batch);
	batch_free(&held);
	header_release(&header);
	buffer_free(&lines);
	buffer_free(&kept);
	buffer_free(&expected);
}

static void test_hold(void)
{
	struct buffer lines = BUFFER_INIT, held_lines = BUFFER_INIT;
	struct header header;
	struct batch batch = BATCH_INIT, first = BATCH_INIT, second = BATCH_INIT;
	struct error err = ERROR_INIT;

	TEST("a held batch outlives the first, and shares its blocks");
	sample_header(&header);
	sample_batch(&batch, &header.schema, 0, 500);
	CHECK(sample_print(&batch, &lines, &err) == 0);
	batch_hold(&first, &batch);
	CHECK(batch_bytes(&first) >= 500 * 8 * 4 && batch_bytes(&first) < 500 * 200);
	sample_batch(&batch, &header.schema, 9000, 100);        /* overwrites the arena */
	batch_hold(&second, &first);
	CHECK(first.columns[0].owner && first.columns[0].owner == second.columns[0].owner);
	CHECK(first.columns[0].values == second.columns[0].values);
	CHECK(sample_print(&first, &held_lines, &err) == 0 && sample_same(&held_lines, &lines));
	batch_free(&batch);
	batch_free(&first);
	buffer_clear(&held_lines);
	CHECK(sample_print(&second, &held_lines, &err) == 0 && sample_same(&held_lines, &lines));

	TEST("columns put, appended and removed beside held ones");
	struct column column = { .n_entries = 0 };
	int64_t *values = batch_values(&second, TYPE_INT);
	uint64_t *valid = batch_bits(&second);
	for (size_t row = 0; row < second.n_rows; row++)
		values[row] = (int64_t)row;
	valid[0] = 5;
	column.values = values;
	column.valid = valid;
	batch_put(&second, 0, &column);
	CHECK(second.columns[0].n_missing == second.n_rows - 2 && values[1] == 0 && values[2] == 2);
	size_t n_columns = second.n_columns;
	column.valid = NULL;
	batch_put_as(&second, n_columns, TYPE_INT, &column);
	CHECK(second.n_columns == n_columns + 1 && second.columns[n_columns].n_missing == 0 && second.columns[n_columns].checked);
	const void *behind = second.columns[2].values;
	batch_remove(&second, 1);
	CHECK(second.n_columns == n_columns && second.columns[1].values == behind);
	TEST("a bit map that misses nothing is none");
	sample_batch(&first, &header.schema, 1, 4);
	CHECK(first.columns[0].valid == NULL && first.columns[4].valid != NULL);
	batch_free(&first);
	batch_free(&second);
	header_release(&header);
	buffer_free(&lines);
	buffer_free(&held_lines);
}

/* ---- text_builder ---- */

/* Each text comes three times in a row, until all are used up. */
static void nth_text(size_t row, size_t different, char *text, size_t size)
{
	snprintf(text, size, "value %zu", row / 3 % different);
}

/* n rows of `different` texts, every 11th missing; whether a column without any fault came of it. */
static void build(struct text_builder *builder, size_t n, size_t different, bool dictionary)
{
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;
	struct column column;
	char text[32];

	schema_add(&schema, "x", TYPE_TEXT, ROLE_FEATURE);
	batch_start(&batch, &schema, n);
	for (size_t row = 0; row < n; row++) {
		nth_text(row, different, text, sizeof text);
		if (row % 11 == 5)
			text_builder_add_missing(builder);
		else
			text_builder_add(builder, text, strlen(text));
	}
	text_builder_finish(builder, &batch.arena, &column);
	CHECK(column.has_codes == dictionary);
	CHECK(column.n_entries == (dictionary ? (different < (n + 2) / 3 ? different : (n + 2) / 3) : n));
	column.checked = false;                 /* checked as if it came from a stream */
	batch.columns[0] = column;
	struct column wide = column;
	if (dictionary) {
		wide.wire_codes = column.codes;
		wide.code_width = 4;
		wide.codes = NULL;
		batch.columns[0] = wide;
	}
	const struct column *read = column_read(&batch, 0, &err);
	CHECK(read != NULL);
	for (size_t row = 0; read && row < n; row++) {
		size_t size;
		const char *bytes = column_text(read, row, &size);
		nth_text(row, different, text, sizeof text);
		if (row % 11 == 5)
			CHECK(!column_valid(read, row) && (dictionary || size == 0));
		else
			CHECK(column_valid(read, row) && size == strlen(text) && memcmp(bytes, text, size) == 0);
	}
	batch_free(&batch);
	schema_release(&schema);
}

static void test_text_builder(void)
{
	struct text_builder *builder = text_builder_new();
	struct arena arena = ARENA_INIT;
	struct column column;

	TEST("few texts make a dictionary");
	build(builder, 5000, 10, true);
	build(builder, 5000, 300, true);
	build(builder, 40, 2, true);
	TEST("many dictionary entries: the table grows");
	build(builder, 16000, 4001, true);
	TEST("different texts are written out");
	for (size_t i = 0; i < 300; i++) {
		char text[32];
		snprintf(text, sizeof text, "%zu", i);
		text_builder_add(builder, text, strlen(text));
	}
	text_builder_finish(builder, &arena, &column);
	CHECK(!column.has_codes && column.n_entries == 300);
	CHECK(column.offsets[299] == 787 && column.bytes_size == 790 && memcmp(column.bytes + 787, "299", 3) == 0 && column.bytes[10] == '1');
	arena_free(&arena);
	TEST("then columns begin that way, and the dictionary comes back");
	build(builder, 5000, 10, false);
	size_t batches = 1;
	for (; batches < 200; batches++) {
		for (size_t i = 0; i < 100; i++)
			text_builder_add(builder, "the same", 8);
		text_builder_finish(builder, &arena, &column);
		if (column.has_codes)
			break;
	}
	CHECK(batches > 10 && batches < 100);
	text_builder_free(builder);

	TEST("no rows, and rows without a text");
	builder = text_builder_new();
	text_builder_finish(builder, &arena, &column);
	CHECK(column.n_entries <= 1 && column.offsets[0] == 0 && column.bytes_size == 0);
	for (size_t i = 0; i < 70; i++)
		text_builder_add_missing(builder);
	text_builder_finish(builder, &arena, &column);
	CHECK(column.n_missing == 70 && column.valid && column.valid[0] == 0 && column.valid[1] == 0 && column.bytes_size == 0);
	arena_free(&arena);
	text_builder_free(builder);
}

int main(void)
{
	test_values();
	test_text();
	test_codes();
	test_keep();
	test_hold();
	test_text_builder();
	return unit_done();
}
