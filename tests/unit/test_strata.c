/* SPDX-License-Identifier: MIT */
/* Rows of classes cut at exact ranks: against sorting by hand, divided and merged, past the memory; shares in whole numbers. */
#include "strata.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rng.h"
#include "text_builder.h"
#include "unit.h"

enum { ROWS = 30000 };

static const char *const names[] = { "owl", "fox", "hen", NULL, "yak" };

/* Every 997th row is a yak, every 11th has no class. */
static const char *class_of(size_t row) { return row % 997 == 0 ? names[4] : row % 11 == 5 ? NULL : names[row * row % 7 % 3]; }
static uint64_t key_of(size_t row) { return hash_mix(row + 77) >> 11; }

static void make(struct batch *batch, struct schema *schema, struct pool *pool, size_t first, size_t n)
{
	struct text_builder *texts = text_builder_new();
	struct column fresh = COLUMN_INIT;

	batch_start(batch, pool, schema, n);
	for (size_t row = first; row < first + n; row++)
		if (class_of(row))
			text_builder_add(texts, class_of(row), strlen(class_of(row)));
		else
			text_builder_add_missing(texts);
	text_builder_finish(texts, pool, &fresh);
	batch_put(batch, 0, TYPE_TEXT, &fresh);
	text_builder_free(texts);
}

/* All rows into one strata, `n_parts` of them by turns, merged; packed and unpacked on the way if `packs`. */
static void run(const struct cut_rule *rule, uint64_t memory, size_t n_parts, bool packs, struct cuts *cuts)
{
	struct strata parts[3];
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	struct pool *pool = pool_new();
	struct error err = ERROR_INIT;
	uint64_t keys[1000];

	schema_add(&schema, "kind", TYPE_TEXT, ROLE_FEATURE);
	for (size_t i = 0; i < n_parts; i++)
		strata_init(&parts[i], TYPE_TEXT, memory, NULL, NULL);
	for (size_t first = 0; first < ROWS; first += 1000) {
		make(&batch, &schema, pool, first, 1000);
		for (size_t row = 0; row < 1000; row++)
			keys[row] = key_of(first + row);
		CHECK(strata_add(&parts[first / 1000 % n_parts], column_read(&batch, 0, &err), 1000, NULL, keys, &err) == 0);
	}
	for (size_t i = 1; i < n_parts; i++) {
		CHECK(strata_merge(&parts[0], &parts[i], &err) == 0);
		strata_release(&parts[i]);
	}
	if (packs) {
		struct buffer packed = BUFFER_INIT;
		struct unpacked value;

		CHECK(strata_pack(&parts[0], &packed, &err) == 0);
		strata_release(&parts[0]);
		strata_init(&parts[0], TYPE_TEXT, memory, NULL, NULL);
		CHECK(pack_read(&value, packed.data, packed.size, &err) == 0 && strata_unpack(&parts[0], &value.object, &err) == 0);
		unpacked_free(&value);
		buffer_free(&packed);
	}
	CHECK(strata_finish(&parts[0], rule, cuts, &err) == 0);
	strata_release(&parts[0]);
	batch_free(&batch);
	pool_drop(pool);
	schema_release(&schema);
}

/* How many rows of the class have a key below that row's. */
static uint64_t rank_of(size_t row)
{
	uint64_t n = 0;

	for (size_t i = 0; i < ROWS; i++)
		n += class_of(i) == class_of(row) && key_of(i) < key_of(row);
	return n;
}

static void test_ranks(void)
{
	const struct shares shares = { 0.25, 0.1 };
	const struct cut_rule rule = shares_rule(&shares);
	struct buffer first = BUFFER_INIT, other = BUFFER_INIT, line = BUFFER_INIT;
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	struct pool *pool = pool_new();
	struct arena scratch = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct cuts cuts, again;
	uint64_t keys[1000], n[3] = { 0 };
	uint32_t parts[1000];

	TEST("the smallest keys of each class, to the row");
	run(&rule, 64 << 20, 1, false, &cuts);
	CHECK(cuts.classes.n == 4 && cuts.n_missing == 2724 && cuts.classes.items[3].count == 31);
	schema_add(&schema, "kind", TYPE_TEXT, ROLE_FEATURE);
	make(&batch, &schema, pool, 0, 1000);
	for (size_t row = 0; row < 1000; row++)
		keys[row] = key_of(row);
	cuts_of_rows(&cuts, column_read(&batch, 0, &err), 1000, keys, &scratch, parts);
	for (size_t row = 0; row < 1000; row += 3) {
		size_t place = 0;
		uint64_t of_class, rank = rank_of(row);

		while (class_of(row) && distinct_find(&cuts.classes, class_of(row), strlen(class_of(row))) != place)
			place++;
		of_class = class_of(row) ? cuts.classes.items[place].count : cuts.n_missing;
		CHECK(parts[row] == (rank < (of_class * 25 + 50) / 100 ? 0u : rank < (of_class * 25 + 50) / 100 + (of_class * 10 + 50) / 100 ? 1u : 2u));
		n[parts[row]]++;
	}
	CHECK(n[0] > 50 && n[1] > 20 && n[2] > 180 && share_mark(0) == MARK_TEST && share_mark(1) == MARK_VALID && share_mark(2) == MARK_TRAIN);
	TEST("divided, packed, past the memory: the same bytes");
	cuts_pack(&cuts, &first);
	for (int way = 0; way < 3; way++) {
		run(&rule, way == 1 ? 200 << 10 : 64 << 20, way == 2 ? 1 : 3, way > 0, &again);
		buffer_clear(&other);
		cuts_pack(&again, &other);
		CHECK(other.size == first.size && memcmp(other.data, first.data, first.size) == 0);
		cuts_release(&again);
	}
	CHECK(!shares_rare(&cuts, &shares, "kind", true, &line) && line.size == 0);
	CHECK(shares_rare(&cuts, &(struct shares){ 0.01, 0 }, "kind", true, &line));
	CHECK_TEXT(buffer_text(&line), "1 of 4 classes of 'kind' has too few rows to be tested: yak 31");
	cuts_release(&cuts);
	buffer_free(&first);
	buffer_free(&other);
	buffer_free(&line);
	arena_free(&scratch);
	batch_free(&batch);
	pool_drop(pool);
	schema_release(&schema);
}

/* More keys than fit: their file is replaced by one that has ended. */
static void test_lost_file(void)
{
	struct ranking_file file;
	struct strata strata;
	struct schema schema = SCHEMA_INIT;
	struct batch batch = BATCH_INIT;
	struct pool *pool = pool_new();
	struct buffer packed = BUFFER_INIT;
	struct error err = ERROR_INIT;
	uint64_t keys[1000];
	int empty = open("/dev/null", O_RDONLY);

	TEST("keys that can't be read back are an error, not fewer keys");
	schema_add(&schema, "kind", TYPE_TEXT, ROLE_FEATURE);
	ranking_file_init(&file, NULL);
	strata_init(&strata, TYPE_TEXT, 200 << 10, NULL, &file);
	for (size_t first = 0; first < 10 * ROWS; first += 1000) {
		make(&batch, &schema, pool, first, 1000);
		for (size_t row = 0; row < 1000; row++)
			keys[row] = key_of(first + row);
		CHECK(strata_add(&strata, column_read(&batch, 0, &err), 1000, NULL, keys, &err) == 0);
	}
	CHECK(strata_pack(&strata, &packed, &err) == 0);
	CHECK(file.n_rows > 0 && dup2(empty, file.fd) >= 0);
	CHECK(strata_pack(&strata, &packed, &err) < 0 && err.code == STATUS_FAILED);
	close(empty);
	strata_release(&strata);
	ranking_file_release(&file);
	buffer_free(&packed);
	batch_free(&batch);
	pool_drop(pool);
	schema_release(&schema);
}

static void test_shares(void)
{
	const struct shares halves = { 0.5, 0.49 };
	const struct cut_rule rule = shares_rule(&halves);
	uint64_t ranks[2];

	TEST("shares in decimals, a half up");
	for (uint64_t share = 0; share < 1000; share++)
		for (uint64_t n = 0; n < 2000; n++)
			CHECK(share_of((double)share / 1000, n) == (share * n + 500) / 1000);
	CHECK(share_of(0.145, 100) == 15 && share_of(0.2, 1000000007) == 200000001);
	TEST("a row of each class is left to train on");
	for (uint64_t n = 0; n < 50; n++) {
		rule.ranks(&rule, 0, n, ranks);
		CHECK(ranks[0] <= ranks[1] && (n == 0 ? ranks[1] == 0 : ranks[1] < n));
	}
}

int main(void)
{
	test_ranks();
	test_lost_file();
	test_shares();
	return unit_done();
}
