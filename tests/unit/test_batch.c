/* SPDX-License-Identifier: MIT */
/* Batches: every refusal of a broken column; encodings; who holds which block; slices, some rows, compacting; gathered text. */
#include <stdlib.h>

#include "memory.h"
#include "unit.h"
#include "sample.h"

/* ---- column_read ---- */

/* What column_read says of a column of n_rows rows. Asked again it says the same. */
static const char *refusal(enum type type, size_t n_rows, struct column column)
{
	static char message[sizeof ((struct error *)0)->message];
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;

	schema_add(&schema, "x", type, ROLE_FEATURE);
	batch_start(&batch, NULL, &schema, n_rows);
	batch.columns[0] = column;
	snprintf(message, sizeof message, "%s", column_read(&batch, 0, &err) ? "" : err.message);
	CHECK(err.code == (message[0] ? STATUS_FAILED : STATUS_DONE));
	CHECK((column_read(&batch, 0, &err) != NULL) == (message[0] == '\0'));
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

/* ---- encodings ---- */

static struct column sequence(int64_t first, int64_t step)
{
	return (struct column){ .encoding = ENCODED_SEQUENCE, .first.number = first, .step = step };
}

static struct column mostly(int64_t most, const uint16_t *at, const void *odd, uint32_t n_odd)
{
	return (struct column){ .encoding = ENCODED_MOSTLY, .first.number = most, .at = at, .odd = odd, .n_odd = n_odd };
}

static void test_hostile_encodings(void)
{
	const uint16_t ascending[] = { 0, 2 }, back[] = { 2, 0 }, twice[] = { 1, 1 }, past[] = { 0, 3 };
	const double reals[] = { 1, 2 }, nans[] = { 1, NAN };
	const int64_t times[] = { 0, 86400000000 }, late[] = { 0, INT64_MAX };
	int64_t nan_bits;

	memcpy(&nan_bits, &nans[1], sizeof nan_bits);
	TEST("sequences up to the ends of 64 bits");
	CHECK_TEXT(refusal(TYPE_INT, 3, sequence(INT64_MAX - 2, 1)), "");
	CHECK_TEXT(refusal(TYPE_INT, 3, sequence(INT64_MIN + 2, -1)), "");
	CHECK_TEXT(refusal(TYPE_INT, 2, sequence(-1, INT64_MIN + 1)), "");
	CHECK_TEXT(refusal(TYPE_INT, 1, sequence(INT64_MAX, INT64_MAX)), "");
	CHECK_TEXT(refusal(TYPE_INT, 0, sequence(5, 1)), "");
	TEST("sequences past them");
	CHECK_TEXT(refusal(TYPE_INT, 3, sequence(INT64_MAX - 1, 1)), HOLDS("numbers that count past 64 bits"));
	CHECK_TEXT(refusal(TYPE_INT, 3, sequence(INT64_MIN + 1, -1)), HOLDS("numbers that count past 64 bits"));
	CHECK_TEXT(refusal(TYPE_INT, 3, sequence(0, INT64_MAX)), HOLDS("numbers that count past 64 bits"));
	TEST("places as they should be");
	CHECK_TEXT(refusal(TYPE_BOOL, 3, mostly(1, ascending, NULL, 2)), "");
	CHECK_TEXT(refusal(TYPE_REAL, 3, mostly(0, ascending, reals, 2)), "");
	CHECK_TEXT(refusal(TYPE_INT, 3, mostly(7, NULL, NULL, 0)), "");
	TEST("places that do not ascend, or lie past the rows");
	CHECK_TEXT(refusal(TYPE_BOOL, 3, mostly(0, back, NULL, 2)), HOLDS("places of values that do not ascend"));
	CHECK_TEXT(refusal(TYPE_BOOL, 3, mostly(0, twice, NULL, 2)), HOLDS("places of values that do not ascend"));
	CHECK_TEXT(refusal(TYPE_BOOL, 3, mostly(0, past, NULL, 2)), HOLDS("places of values that do not ascend"));
	CHECK_TEXT(refusal(TYPE_BOOL, 0, mostly(0, ascending, NULL, 1)), HOLDS("places of values that do not ascend"));
	TEST("values of an encoding are checked");
	CHECK_TEXT(refusal(TYPE_REAL, 3, mostly(0, ascending, nans, 2)), HOLDS("a real that is not finite"));
	CHECK_TEXT(refusal(TYPE_REAL, 3, mostly(nan_bits, ascending, reals, 2)), HOLDS("a real that is not finite"));
	CHECK_TEXT(refusal(TYPE_TIME, 3, mostly(0, ascending, late, 2)), HOLDS("a time outside of the years 1 to 9999"));
	CHECK_TEXT(refusal(TYPE_TIME, 3, mostly(INT64_MIN, ascending, times, 2)), HOLDS("a time outside of the years 1 to 9999"));
}

/* ---- a batch of everything ---- */

/* Columns as sample_batch makes them, then those of which more can be said. */
enum { COUNT, KM, OK, WHEN, CITY, NOTE, ID, EVENT, STREET, N_FIELDS };
static const struct { const char *name; enum type type; } fields[N_FIELDS] = {
	{ "count", TYPE_INT }, { "km", TYPE_REAL }, { "ok", TYPE_BOOL }, { "when", TYPE_TIME },
	{ "city", TYPE_TEXT },          /* few of them: a dictionary */
	{ "note", TYPE_TEXT },          /* all different: no dictionary */
	{ "id", TYPE_INT },             /* counts up */
	{ "event", TYPE_BOOL },         /* mostly false */
	{ "street", TYPE_TEXT },        /* a dictionary with more entries than a slice has rows, none of them empty */
};

static void make_streets(struct column *column, struct pool *pool, size_t n)
{
	struct text_builder *builder = text_builder_new();
	char text[64];

	for (size_t row = 0; row < n; row++) {
		snprintf(text, sizeof text, "a street é %zu", row % (n / 3 + 1));
		if (row % 7 == 3)
			text_builder_add_missing(builder);
		else
			text_builder_add(builder, text, strlen(text));
	}
	text_builder_finish(builder, pool, column);
	text_builder_free(builder);
}

static void make_events(struct column *column, struct pool *pool, size_t n)
{
	struct block *block = block_new(pool, n / 13 * sizeof(uint16_t));
	uint16_t *at = (uint16_t *)block->data;

	for (size_t i = 0; i < n / 13; i++)
		at[i] = (uint16_t)(i * 13 + i % 2);
	column_set_mostly(column, false, at, n / 13, block);
}

/* What each test works on. */
enum { MOST_ROWS = 2000 };
struct lines { struct buffer text; size_t starts[MOST_ROWS + 1]; };     /* rows as people see them, and where each begins */
struct watch { struct block *blocks[N_FIELDS * COLUMN_BLOCKS]; size_t n; };
struct bench {
	struct pool *pool;
	struct schema schema;
	struct batch batch, other;
	struct lines lines, mine;
	struct watch watch;
	struct error err;
};

static struct bench *begin(void)
{
	struct bench *b = calloc(1, sizeof *b);

	b->pool = pool_new();
	for (size_t col = 0; col < N_FIELDS; col++)
		schema_add(&b->schema, fields[col].name, fields[col].type, ROLE_FEATURE);
	return b;
}

static void end(struct bench *b)
{
	pool_drop(b->pool);
	batch_free(&b->batch);          /* and the pool with it */
	batch_free(&b->other);
	schema_release(&b->schema);
	buffer_free(&b->lines.text);
	buffer_free(&b->mine.text);
	free(b);
}

/* Rows 1000 .. 1000 + n - 1 of the stream. */
static void make(struct bench *b, struct batch *batch, size_t n)
{
	struct column column = COLUMN_INIT;

	sample_batch(batch, &b->schema, 1000, n);
	batch->pool = pool_use(b->pool);
	column_set_sequence(&column, 40, 3);
	batch_put(batch, ID, TYPE_INT, &column);
	make_events(&column, b->pool, n);
	batch_put(batch, EVENT, TYPE_BOOL, &column);
	make_streets(&column, b->pool, n);
	batch_put(batch, STREET, TYPE_TEXT, &column);
}

static bool print(struct batch *batch, struct lines *lines)
{
	struct error err = ERROR_INIT;

	buffer_clear(&lines->text);
	for (size_t col = 0; col < batch->n_columns; col++)
		if (!column_read(batch, col, &err))
			return false;
	for (size_t row = 0; row < batch->n_rows; row++) {
		lines->starts[row] = lines->text.size;
		for (size_t col = 0; col < batch->n_columns; col++) {
			if (!cell_print(&batch->schema->fields[col], &batch->columns[col], row, &lines->text))
				buffer_add_byte(&lines->text, '~');
			buffer_add_byte(&lines->text, '|');
		}
	}
	lines->starts[batch->n_rows] = lines->text.size;
	return true;
}

/* Whether the batch says what rows first, first + step ... of b->lines say, and its columns pass as if they came from outside. */
static bool says(struct bench *b, struct batch *batch, size_t first, size_t step)
{
	struct batch copy = BATCH_INIT;
	bool same = print(batch, &b->mine);

	for (size_t row = 0; same && row < batch->n_rows; row++) {
		const size_t *mine = b->mine.starts + row, *theirs = b->lines.starts + first + row * step;

		same = mine[1] - *mine == theirs[1] - *theirs && !memcmp(b->mine.text.data + *mine, b->lines.text.data + *theirs, mine[1] - *mine);
	}
	batch_share(&copy, batch);
	for (size_t col = 0; same && col < copy.n_columns; col++) {
		struct column *column = &copy.columns[col];
		size_t n_missing = column->n_missing;

		for (size_t row = 0; column->codes && row < copy.n_rows; row++)
			same &= column->codes[row] < column->n_entries && (column_valid(column, row) || column->codes[row] == 0);
		column->checked = false;
		same = same && column_read(&copy, col, &b->err) && column->n_missing == n_missing && (n_missing > 0) == (column->valid != NULL);
	}
	batch_free(&copy);
	return same;
}

/* A count of the test's own on each block of a batch: in the end there must be no other. */
static void watch(struct bench *b, const struct batch *batch)
{
	for (size_t col = 0; col < batch->n_columns; col++)
		for (size_t i = 0; i < COLUMN_BLOCKS && batch->columns[col].blocks[i]; i++)
			b->watch.blocks[b->watch.n++] = block_use(batch->columns[col].blocks[i]);
}

static bool all_came_back(struct bench *b)
{
	struct watch *w = &b->watch;
	bool alone = w->n > 0;

	for (; w->n; block_drop(w->blocks[w->n]))
		alone &= w->blocks[--w->n]->users == 1;
	return alone;
}

/* ---- what is done to it ---- */

static void test_share(void)
{
	struct bench *b = begin();
	struct block *block, *again;
	struct schema seen = SCHEMA_INIT;

	TEST("a view shares some columns");
	make(b, &b->batch, 200);
	schema_add_field(&seen, &b->schema.fields[STREET]);
	schema_add_field(&seen, &b->schema.fields[KM]);
	batch_view(&b->other, &b->batch, &seen, (const size_t[]){ STREET, KM });
	CHECK(b->other.n_columns == 2 && b->other.schema == &seen && b->other.first_row == 1000 && b->other.n_rows == 200);
	CHECK(b->other.columns[1].values == b->batch.columns[KM].values && b->other.columns[1].blocks[0]->users == 2);
	batch_clear(&b->other);
	schema_release(&seen);
	TEST("a shared batch has the same bytes, and outlives the first");
	batch_share(&b->other, &b->batch);
	CHECK(b->other.columns[KM].values == b->batch.columns[KM].values && b->batch.columns[KM].blocks[0]->users == 2);
	CHECK(b->other.first_row == 1000 && b->other.n_rows == 200 && b->other.schema == &b->schema);
	CHECK(print(&b->batch, &b->lines));
	batch_free(&b->batch);
	CHECK(b->other.columns[KM].blocks[0]->users == 1 && says(b, &b->other, 0, 1));
	TEST("a moved batch is gone; what it falls on is dropped");
	make(b, &b->batch, 90);
	watch(b, &b->batch);
	batch_move(&b->batch, &b->other);
	CHECK(b->other.n_rows == 0 && b->other.n_columns == 0 && !b->other.pool && b->batch.first_row == 1000 && says(b, &b->batch, 0, 1));
	CHECK(all_came_back(b));
	TEST("the empty one is of use");
	make(b, &b->other, 70);
	watch(b, &b->batch);
	batch_move(&b->batch, &b->other);
	CHECK(b->batch.n_rows == 70 && all_came_back(b));
	batch_free(&b->batch);
	TEST("a block that was dropped is the next one");
	block = block_new(b->pool, 50000);
	CHECK(block->users == 1 && block->size == 50000 && block_memory(block) >= 50000 && (uintptr_t)block->data % 64 == 0);
	block_drop(block_use(block));
	CHECK(block->users == 1);
	block_drop(block);
	again = block_new(b->pool, 49990);
#ifndef __SANITIZE_ADDRESS__                    /* there each is malloc's */
	CHECK(again == block && again->size == 49990);
#endif
	end(b);
	memset(again->data, 2, 49990);
	block_drop(again);                      /* and the pool with it */
}

static void test_put(void)
{
	struct bench *b = begin();
	struct batch *batch = &b->batch;
	struct column column = COLUMN_INIT;
	const int64_t *values;
	int64_t *fresh;

	TEST("what is put is zeroed under missing rows, and what it replaces is dropped");
	batch_start(batch, b->pool, &b->schema, 70);
	batch_set_columns(batch, 1);
	memset(column_new_values(&column, b->pool, TYPE_INT, 70), 1, 70 * 8);
	batch_put(batch, 0, TYPE_INT, &column);
	CHECK(!column.values && !column.blocks[0] && batch->columns[0].checked && batch->columns[0].n_missing == 0);
	watch(b, batch);
	fresh = column_new_values(&column, b->pool, TYPE_INT, 70);
	for (size_t row = 0; row < 70; row++)
		fresh[row] = (int64_t)row + 1;
	memcpy(column_new_valid(&column, b->pool, 70, false), (const uint64_t[]){ 5, 2 }, 16);
	batch_put(batch, 0, TYPE_INT, &column);
	CHECK(all_came_back(b));
	values = batch->columns[0].values;
	CHECK(batch->columns[0].n_missing == 67 && values[0] == 1 && values[1] == 0 && values[2] == 3 && values[64] == 0 && values[65] == 66);
	TEST("a bit map that misses nothing is none; columns may be appended");
	column_new_valid(&column, b->pool, 70, true);
	memset(column_new_values(&column, b->pool, TYPE_BOOL, 70), 1, 70);
	batch_put(batch, 1, TYPE_BOOL, &column);
	CHECK(batch->n_columns == 2 && !batch->columns[1].valid && batch->columns[1].n_missing == 0);
	TEST("shared bytes are not written to");
	column_share(&column, &batch->columns[0]);
	column.valid = (const uint64_t[]){ 4, 0 };
	batch_put(batch, 2, TYPE_INT, &column);
	CHECK(batch->columns[2].n_missing == 69 && batch->columns[2].values == batch->columns[0].values);
	values = batch->columns[0].values;
	CHECK(values[0] == 1 && values[65] == 66);

	TEST("a column that goes leaves a hole");
	batch_vacate(batch, 1);
	CHECK(batch->n_columns == 3 && batch->columns[2].values == batch->columns[0].values);
	CHECK(!batch->columns[1].blocks[0] && batch->columns[1].encoding == ENCODED_MOSTLY && batch->columns[1].n_odd == 0);
	CHECK(batch->columns[0].blocks[0]->users == 2);
	batch_set_columns(batch, 1);
	CHECK(batch->columns[0].blocks[0]->users == 1);
	batch_set_columns(batch, 40);
	CHECK(!batch->columns[39].values && batch->columns[0].n_missing == 67);

	TEST("a dictionary is shared, codes under missing rows are 0");
	batch_start(batch, b->pool, &b->schema, 3);
	batch_set_columns(batch, 0);
	memcpy(column_new_offsets(&column, b->pool, 2), (const uint32_t[]){ 0, 1, 3 }, 12);
	memcpy(column_new_bytes(&column, b->pool, 3), "abb", 3);
	memcpy(column_new_codes(&column, b->pool, 3), (const uint32_t[]){ 1, 0, 1 }, 12);
	batch_put(batch, 0, TYPE_TEXT, &column);
	CHECK(batch->columns[0].has_codes && batch->columns[0].n_entries == 2);
	column_share_entries(&column, &batch->columns[0]);
	memcpy(column_new_codes(&column, b->pool, 3), (const uint32_t[]){ 1, 1, 1 }, 12);
	*column_new_valid(&column, b->pool, 3, false) = 6;
	batch_put(batch, 1, TYPE_TEXT, &column);
	CHECK(batch->columns[1].codes[0] == 0 && batch->columns[1].codes[2] == 1 && batch->columns[1].bytes == batch->columns[0].bytes);
	batch_vacate(batch, 0);
	CHECK(memcmp(batch->columns[1].bytes, "abb", 3) == 0);

	TEST("a column that is not put is dropped");
	column_copy_valid(&column, b->pool, 3, &batch->columns[1]);
	column_share_entries(&column, &batch->columns[1]);
	CHECK(*column.valid == 6 && column.valid != batch->columns[1].valid);
	column_drop(&column);
	CHECK(!column.valid && batch->columns[1].blocks[0]->users == 1);
	end(b);
}

static void test_encodings(void)
{
	struct bench *b = begin();
	const struct column *column, *events;
	bool right = true;

	TEST("encodings are written out at column_read, and stay beside it");
	make(b, &b->batch, 200);
	CHECK(!b->batch.columns[ID].values && !b->batch.columns[EVENT].values);
	column = column_read(&b->batch, ID, &b->err);
	events = column_read(&b->batch, EVENT, &b->err);
	CHECK(column && column->encoding == ENCODED_SEQUENCE && column->step == 3 && column->n_missing == 0);
	CHECK(events && events->encoding == ENCODED_MOSTLY && events->n_odd == 15);
	for (size_t row = 0; row < 200; row++)
		right &= column_int(column, row) == 40 + 3 * (int64_t)row && column_bool(events, row) == (row < 15 * 13 && row % 13 == row / 13 % 2);
	CHECK(right);

	TEST("mostly one int, and mostly true");
	column_drop(&b->batch.columns[COUNT]);
	b->batch.columns[COUNT] = mostly(-5, (const uint16_t[]){ 3, 199 }, (const int64_t[]){ 8, INT64_MIN }, 2);
	column = column_read(&b->batch, COUNT, &b->err);
	CHECK(column && column_int(column, 0) == -5 && column_int(column, 3) == 8 && column_int(column, 199) == INT64_MIN);
	column_drop(&b->batch.columns[OK]);
	b->batch.columns[OK] = mostly(1, (const uint16_t[]){ 3, 199 }, NULL, 2);
	column = column_read(&b->batch, OK, &b->err);
	CHECK(column && column_bool(column, 0) && !column_bool(column, 3) && !column_bool(column, 199));
	end(b);
}

static void test_slices(void)
{
	static const size_t sizes[] = { 0, 1, 63, 64, 65, 70 };
	struct bench *b = begin();
	const struct column *columns;

	make(b, &b->batch, 200);
	columns = b->batch.columns;
	CHECK(columns[CITY].codes && !columns[NOTE].codes && columns[STREET].codes && columns[STREET].n_entries > 65);
	CHECK(print(&b->batch, &b->lines));
	TEST("a slice at every offset says what its rows said");
	for (size_t first = 0; first <= 130; first++)
		for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
			make(b, &b->batch, 200);
			CHECK(first % 2 || print(&b->batch, &b->mine));         /* read before or not */
			watch(b, &b->batch);
			CHECK(batch_slice(&b->other, &b->batch, first, sizes[k], &b->err) == 0);
			batch_clear(&b->batch);
			CHECK(b->other.n_rows == sizes[k] && b->other.first_row == 1000 + first && says(b, &b->other, first, 1));
			CHECK(b->other.columns[ID].encoding == ENCODED_SEQUENCE);
			CHECK(b->other.columns[EVENT].encoding == (first % 2 ? ENCODED_MOSTLY : ENCODED_PLAIN));
			batch_clear(&b->other);
			CHECK(all_came_back(b));
		}
	TEST("values and dictionaries are shared");
	make(b, &b->batch, 200);
	columns = b->batch.columns;
	CHECK(batch_slice(&b->other, &b->batch, 10, 100, &b->err) == 0);
	CHECK(b->other.columns[KM].values == (const double *)columns[KM].values + 10);
	CHECK(b->other.columns[CITY].codes == columns[CITY].codes + 10 && b->other.columns[CITY].bytes == columns[CITY].bytes);
	TEST("slices of slices");
	for (size_t i = 1; i <= 12; i++) {
		CHECK(batch_slice(&b->batch, &b->other, 3, b->other.n_rows - 5, &b->err) == 0);
		batch_move(&b->other, &b->batch);
		CHECK(says(b, &b->other, 10 + 3 * i, 1) && b->other.first_row == 1010 + 3 * i);
	}
	end(b);
}

static void test_keep(void)
{
	static const size_t sizes[] = { 1, 63, 64, 65, 200, 1000 };
	const uint64_t run[] = { ~UINT64_C(0) << 20, ~UINT64_C(0), 0xff, 0 }, gap[] = { ~UINT64_C(0) << 20, ~UINT64_C(0), 0xfe, 0 };
	struct bench *b = begin();

	TEST("some rows: in order, read before or not; who shares the batch keeps all");
	for (size_t k = 0; k < 2 * sizeof sizes / sizeof *sizes; k++)
		for (size_t step = 1; step <= 4; step++) {
			size_t n = sizes[k / 2], n_kept = 0;
			uint64_t rows[16] = { 0 };

			make(b, &b->batch, n);
			batch_share(&b->other, &b->batch);
			CHECK(print(&b->other, &b->lines));
			if (k % 2)
				batch_share(&b->batch, &b->other);
			for (size_t row = step - 1; row < n; row += step, n_kept++)
				rows[row / 64] |= UINT64_C(1) << row % 64;
			CHECK(batch_keep(&b->batch, rows, n_kept, &b->err) == 0);
			CHECK(b->batch.n_rows == n_kept && b->batch.first_row == 1000 && says(b, &b->batch, step - 1, step));
			CHECK(says(b, &b->other, 0, 1));
			watch(b, &b->other);
			batch_clear(&b->other);
			batch_clear(&b->batch);
			CHECK(all_came_back(b));
		}

	TEST("a run of rows of a sequence is one, others are narrow and count from their first; what is mostly false stays that");
	make(b, &b->batch, 200);
	batch_share(&b->other, &b->batch);
	CHECK(print(&b->other, &b->lines));
	CHECK(batch_keep(&b->batch, run, 116, &b->err) == 0);
	CHECK(b->batch.columns[ID].encoding == ENCODED_SEQUENCE && b->batch.columns[ID].first.number == 100);
	CHECK(b->batch.columns[EVENT].encoding == ENCODED_MOSTLY && !b->batch.columns[EVENT].values && b->batch.columns[EVENT].n_odd == 9);
	CHECK(b->batch.columns[CITY].bytes == b->other.columns[CITY].bytes);
	CHECK(says(b, &b->batch, 20, 1));
	make(b, &b->batch, 200);
	CHECK(batch_keep(&b->batch, gap, 115, &b->err) == 0);
	CHECK(b->batch.columns[ID].encoding == ENCODED_PLACED && !b->batch.columns[ID].values && b->batch.columns[ID].first.number == 100 &&
	      b->batch.columns[ID].step == 3 && b->batch.columns[ID].narrow_width == 2);
	CHECK(column_read(&b->batch, ID, &b->err) && column_int(&b->batch.columns[ID], 0) == 40 + 3 * 20 && column_int(&b->batch.columns[ID], 114) == 40 + 3 * 135);
	TEST("no row, all rows");
	CHECK(batch_keep(&b->batch, (const uint64_t[2]){ 0 }, 0, &b->err) == 0 && b->batch.n_rows == 0 && says(b, &b->batch, 0, 1));
	make(b, &b->batch, 64);
	CHECK(batch_keep(&b->batch, run + 1, 64, &b->err) == 0 && b->batch.n_rows == 64 && !b->batch.columns[ID].values);
	TEST("rows of what is broken are refused");
	column_drop(&b->batch.columns[ID]);
	b->batch.columns[ID] = sequence(INT64_MAX, 1);
	CHECK(batch_slice(&b->other, &b->batch, 1, 5, &b->err) < 0 && batch_keep(&b->batch, run + 2, 8, &b->err) < 0);
	end(b);
}

static void test_compact(void)
{
	struct bench *b = begin();
	struct batch *batch = &b->batch, *other = &b->other;
	size_t whole, bytes;

	TEST("what column_read made goes, and comes again");
	make(b, batch, MOST_ROWS);
	bytes = batch_bytes(batch);
	CHECK(print(batch, &b->lines));
	whole = batch_memory(batch);
	CHECK(batch_bytes(batch) == bytes && bytes > MOST_ROWS * 8 * 3 && bytes < whole);
	batch_share(other, batch);
	batch_compact(other);
	CHECK(!other->columns[ID].values && !other->columns[EVENT].values && !other->columns[CITY].codes && other->columns[CITY].code_width == 1);
	CHECK(other->columns[KM].values == batch->columns[KM].values);
	CHECK(batch_memory(other) < whole && batch_bytes(other) < bytes);
	CHECK(says(b, other, 0, 1) && says(b, batch, 0, 1));

	TEST("what was compacted and read may be sliced, and compacted again");
	CHECK(batch_slice(batch, other, 77, 500, &b->err) == 0 && says(b, batch, 77, 1));
	batch_compact(other);
	batch_compact(other);
	CHECK(says(b, other, 0, 1));

	TEST("a few rows do not hold the blocks of many");
	CHECK(batch_slice(batch, other, 501, 60, &b->err) == 0);
	watch(b, other);
	batch_clear(other);
	batch_compact(batch);
	CHECK(batch_memory(batch) < whole / 2);
	CHECK(batch->columns[KM].blocks[0]->size < MOST_ROWS * 8 && batch->columns[COUNT].blocks[0]->size < MOST_ROWS * 8);
	CHECK(says(b, batch, 501, 1));
	batch_free(batch);
	CHECK(all_came_back(b));
	end(b);
}

int main(void)
{
	test_values();
	test_text();
	test_codes();
	test_hostile_encodings();
	test_share();
	test_put();
	test_encodings();
	test_slices();
	test_keep();
	test_compact();
	return unit_done();
}
