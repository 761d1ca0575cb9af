/* SPDX-License-Identifier: MIT */
/* Columns of text out of single rows, with a dictionary or without, and out of many rows at once. */
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

static size_t random_rows(struct rng *rng, char *bytes, struct text_row *rows, size_t n, size_t most_size, size_t different)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t value = hash_mix(rng_below(rng, different));
		uint32_t size = (uint32_t)(value % (most_size + 1));

		rows[i] = (struct text_row){ .text = bytes + at, .size = size, .missing = rng_below(rng, 9) == 0 };
		rows[i].size *= !rows[i].missing;
		for (size_t k = 0; k < rows[i].size; k++)
			bytes[at++] = (char)(value >> 8 * (k % 8) & (k % 3 ? 0x1 : 0x41));      /* few bytes, 0 too: many are nearly alike */
		bytes[at++] = (char)rng_below(rng, 256);
	}
	return at;
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

static void test_text_rows(void)
{
	enum { MOST = 1000, MOST_BYTES = MOST * 101 + TEXT_SLACK };
	struct text_builder *many = text_builder_new(), *single = text_builder_new();
	struct text_row rows[MOST];
	struct column a, b;
	struct rng rng;
	static char bytes[MOST_BYTES];
	bool same = true;

	TEST("many rows at once are those one by one");
	rng_seed(&rng, 3);
	for (int i = 0; i < 2000 && same; i++) {
		size_t n = 0, n_runs = 1 + rng_below(&rng, 4);
		const size_t sizes[] = { 3, 8, 15, 16, 17, 40, 100 }, levels[] = { 2, 5, 100, 300, 100000 };
		size_t most_size = sizes[rng_below(&rng, 7)], different = levels[rng_below(&rng, 5)];

		while (n_runs-- > 0) {
			size_t n_rows = rng_below(&rng, MOST);

			random_rows(&rng, bytes, rows, n_rows, most_size, different);
			text_builder_add_rows(many, rows, n_rows);
			for (size_t row = 0; row < n_rows; row++)
				if (rows[row].missing)
					text_builder_add_missing(single);
				else
					text_builder_add(single, rows[row].text, rows[row].size);
			n += n_rows;
		}
		text_builder_finish(many, NULL, &a);
		text_builder_finish(single, NULL, &b);
		same = same_texts(&a, &b, n);
		column_drop(&a);
		column_drop(&b);
	}
	CHECK(same);
	text_builder_free(many);
	text_builder_free(single);
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
	test_text_rows();
	return unit_done();
}
