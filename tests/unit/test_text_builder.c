/* SPDX-License-Identifier: MIT */
/* Columns of text out of single rows, with a dictionary or without, and out of many rows at once. */
#include <stdlib.h>

#include "rng.h"
#include "text_builder.h"
#include "unit.h"

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
	const struct column *read;

	schema_add(&schema, "x", TYPE_TEXT, ROLE_FEATURE);
	batch_start(&batch, NULL, &schema, n);
	for (size_t row = 0; row < n; row++) {
		nth_text(row, different, text, sizeof text);
		if (row % 11 == 5)
			text_builder_add_missing(builder);
		else
			text_builder_add(builder, text, strlen(text));
	}
	text_builder_finish(builder, NULL, &column);
	CHECK(column.has_codes == dictionary);
	CHECK(column.n_entries == (dictionary ? (different < (n + 2) / 3 ? different : (n + 2) / 3) : n));
	column.checked = false;                 /* checked as if it came from a stream */
	batch.columns[0] = column;
	read = column_read(&batch, 0, &err);
	CHECK(read != NULL);
	for (size_t row = 0; read && row < n; row++) {
		size_t size;
		const char *bytes = column_text(read, row, &size);

		nth_text(row, different, text, sizeof text);
		CHECK(column_valid(read, row) == (row % 11 != 5));
		CHECK(column_valid(read, row) ? size == strlen(text) && memcmp(bytes, text, size) == 0 : dictionary ? read->codes[row] == 0 : size == 0);
	}
	batch_free(&batch);
	schema_release(&schema);
}

enum { MOST = 1000, MOST_TEXT = 200, BEGIN_STEP = 2, END_STEP = 3 };

/* Rows of texts: as they are, and as they stand in a file. */
struct rows {
	size_t n, size;
	struct { char text[MOST_TEXT]; size_t size; bool missing; } each[MOST];
	char bytes[MOST * (2 * MOST_TEXT + 3)];
	uint32_t begins[MOST * BEGIN_STEP], ends[MOST * END_STEP];
};

static void print_row(struct rows *rows, size_t row, bool quoted, char quote)
{
	rows->begins[row * BEGIN_STEP] = (uint32_t)rows->size++;        /* the byte before */
	if (quoted)
		rows->bytes[rows->size++] = quote;
	for (size_t i = 0; i < rows->each[row].size; i++) {
		rows->bytes[rows->size++] = rows->each[row].text[i];
		if (quoted && rows->each[row].text[i] == quote)
			rows->bytes[rows->size++] = quote;
	}
	if (quoted)
		rows->bytes[rows->size++] = quote;
	rows->ends[row * END_STEP] = (uint32_t)rows->size;
}

/* quote: or 0, if they have none. in_quotes: of 4, that are in quotes without need. */
static void random_rows(struct rng *rng, struct rows *rows, size_t n, size_t most_size, size_t different, char quote, size_t in_quotes)
{
	*rows = (struct rows){ .n = n };
	for (size_t row = 0; row < n; row++) {
		uint64_t value = hash_mix(rng_below(rng, different));
		size_t size = value % (most_size + 1), one_of = (value >> 32) % 5 == 0 ? 2 : 50;
		bool needed = quote && size == 0;

		rows->each[row].missing = rng_below(rng, 9) == 0 || (!quote && size == 0);
		rows->each[row].size = rows->each[row].missing ? 0 : size;
		for (size_t i = 0; i < rows->each[row].size; i++) {     /* few bytes, 0 too: many are nearly alike */
			char byte = (char)(value >> 8 * (i % 8) & (i % 3 ? 0x1 : 0x41));

			rows->each[row].text[i] = quote && hash_mix(value + i) % one_of == 0 ? quote : byte;
			needed |= quote && rows->each[row].text[i] == quote;
		}
		print_row(rows, row, !rows->each[row].missing && quote && (needed || rng_below(rng, 4) < in_quotes), quote);
	}
}

/* Many at once, in one go; no byte behind them is read but those that may be. */
static void add_places(struct text_builder *builder, const struct rows *rows, char quote)
{
	struct text_places places = {
		.begins = rows->begins, .ends = rows->ends, .begin_step = BEGIN_STEP, .end_step = END_STEP, .after = 1, .quote = quote ? quote : -1,
	};
	char *bytes = malloc(rows->size + TEXT_SLACK);

	memcpy(bytes, rows->bytes, rows->size);
	memset(bytes + rows->size, '"', TEXT_SLACK);
	places.bytes = bytes;
	text_builder_add_places(builder, &places, rows->n);
	free(bytes);
}

static bool same_texts(const struct column *a, const struct column *b, size_t n)
{
	bool same = a->has_codes == b->has_codes && a->n_entries == b->n_entries && a->bytes_size == b->bytes_size && a->n_missing == b->n_missing;

	same = same && (a->bytes_size == 0 || memcmp(a->bytes, b->bytes, a->bytes_size) == 0);
	same = same && memcmp(a->offsets, b->offsets, (a->n_entries + 1) * sizeof *a->offsets) == 0 && !a->valid == !b->valid;
	for (size_t row = 0; row < n && same; row++)
		same = column_valid(a, row) == column_valid(b, row) && (!a->has_codes || a->codes[row] == b->codes[row]);
	return same;
}

static void add_singly(struct text_builder *builder, const struct rows *rows)
{
	for (size_t row = 0; row < rows->n; row++)
		if (rows->each[row].missing)
			text_builder_add_missing(builder);
		else
			text_builder_add(builder, rows->each[row].text, rows->each[row].size);
}

static void test_text_places(void)
{
	struct text_builder *wide = text_builder_new(), *narrow = text_builder_new(), *single = text_builder_new();
	static struct rows rows;
	struct column a, b, c;
	struct rng rng;
	size_t n_codes = 0, n_texts = 0;
	bool same = true;

	TEST("many rows at once are those one by one, with AVX-512 and without, in quotes or not");
	rng_seed(&rng, 3);
	text_builder_set_lanes(narrow, CPU_PLAIN);
	for (int i = 0; i < 3000 && same; i++) {
		size_t n = 0, n_runs = 1 + rng_below(&rng, 4), in_quotes = rng_below(&rng, 5);
		const size_t sizes[] = { 3, 8, 15, 16, 17, 40, 63, 64, 66, 130, MOST_TEXT }, levels[] = { 2, 5, 100, 300, 100000 };
		size_t most_size = sizes[rng_below(&rng, 11)], different = levels[rng_below(&rng, 5)];
		char quote = "\0\"'"[rng_below(&rng, 3)];

		while (n_runs-- > 0) {
			random_rows(&rng, &rows, rng_below(&rng, rng_below(&rng, 3) ? MOST : 70), most_size, different, quote, in_quotes);
			add_places(wide, &rows, quote);
			add_places(narrow, &rows, quote);
			add_singly(single, &rows);
			n += rows.n;
		}
		text_builder_finish(wide, NULL, &a);
		text_builder_finish(narrow, NULL, &b);
		text_builder_finish(single, NULL, &c);
		same = same_texts(&a, &c, n) && same_texts(&b, &c, n);
		n_codes += a.has_codes;
		n_texts += !a.has_codes;
		column_drop(&a);
		column_drop(&b);
		column_drop(&c);
	}
	CHECK(same);
	CHECK(n_codes > 300 && n_texts > 300);
	text_builder_free(wide);
	text_builder_free(narrow);
	text_builder_free(single);
}

/* A dictionary is first asked whether it pays at a row whose text is known, behind one that is missing. */
static void test_trial(void)
{
	enum { TRIAL = 256, DIFFERENT = 230 };
	struct text_builder *many = text_builder_new(), *single = text_builder_new();
	static struct rows rows;
	struct column a, b;

	TEST("a dictionary that does not pay is given up at the same row");
	rows.n = MOST;
	for (size_t row = 0; row < rows.n; row++) {
		rows.each[row].missing = row + 1 == TRIAL;
		if (!rows.each[row].missing)
			rows.each[row].size = (size_t)snprintf(rows.each[row].text, MOST_TEXT, "%zu", row < TRIAL ? row % DIFFERENT : 0);
		print_row(&rows, row, false, 0);
	}
	add_places(many, &rows, 0);
	add_singly(single, &rows);
	text_builder_finish(many, NULL, &a);
	text_builder_finish(single, NULL, &b);
	CHECK(same_texts(&a, &b, rows.n) && !a.has_codes);
	column_drop(&a);
	column_drop(&b);
	text_builder_free(many);
	text_builder_free(single);
}

/* Half of the first rows have a text that is new, and later none has. */
static void test_hundreds(void)
{
	enum { ROWS = 4000, DIFFERENT = 400 };
	struct text_builder *builder = text_builder_new();
	struct column column;
	struct rng rng;

	TEST("a few hundred texts in any order make a dictionary");
	rng_seed(&rng, 1);
	for (size_t row = 0; row < ROWS; row++) {
		char text[32];

		snprintf(text, sizeof text, "%zu", row < ROWS - DIFFERENT ? (size_t)rng_below(&rng, DIFFERENT) : row % DIFFERENT);
		text_builder_add(builder, text, strlen(text));
	}
	text_builder_finish(builder, NULL, &column);
	CHECK(column.has_codes && column.n_entries == DIFFERENT);
	column_drop(&column);
	text_builder_free(builder);
}

static void test_text_builder(void)
{
	struct text_builder *builder = text_builder_new();
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
	text_builder_finish(builder, NULL, &column);
	CHECK(!column.has_codes && column.n_entries == 300);
	CHECK(column.offsets[299] == 787 && column.bytes_size == 790 && memcmp(column.bytes + 787, "299", 3) == 0 && column.bytes[10] == '1');
	column_drop(&column);
	TEST("what a column is hangs on its own rows");
	build(builder, 5000, 10, true);
	build(builder, 5000, 5000, true);
	text_builder_free(builder);
	TEST("no rows, and rows without a text");
	builder = text_builder_new();
	text_builder_finish(builder, NULL, &column);
	CHECK(column.n_entries <= 1 && column.offsets[0] == 0 && column.bytes_size == 0);
	column_drop(&column);
	for (size_t i = 0; i < 70; i++)
		text_builder_add_missing(builder);
	text_builder_finish(builder, NULL, &column);
	CHECK(column.n_missing == 70 && column.valid && column.valid[0] == 0 && column.valid[1] == 0 && column.bytes_size == 0);
	column_drop(&column);
	text_builder_free(builder);
}

int main(void)
{
	test_text_builder();
	test_text_places();
	test_trial();
	test_hundreds();
	return unit_done();
}
