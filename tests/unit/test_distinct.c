/* SPDX-License-Identifier: MIT */
#include "distinct.h"

#include <stdlib.h>

#include "memory.h"
#include "unit.h"

static void add_texts(struct distinct *distinct, const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t number = distinct_add(distinct, texts[i], strlen(texts[i]));

		distinct->items[number].count++;
	}
}

static void test_within(void)
{
	struct distinct distinct;
	uint32_t *order;
	char text[16];

	TEST("no more than a number of them, and by count");
	distinct_start(&distinct, TYPE_TEXT);
	for (unsigned i = 0; i < 900; i++) {
		int size = snprintf(text, sizeof text, "%u", i % 300);

		CHECK(distinct_add_within(&distinct, text, (size_t)size, 300) == i % 300);
		distinct.items[i % 300].count += 1 + (i == 7);
	}
	CHECK(distinct_add_within(&distinct, "x", 1, 300) == NO_VALUE && distinct.n == 300);
	order = distinct_by_count(&distinct);
	CHECK(order[0] == 7 && order[1] == 0 && order[2] == 1 && order[3] == 10);
	free(order);
	order = distinct_order(&distinct);
	CHECK(order[0] == 0 && order[1] == 1 && order[2] == 10 && order[3] == 100 && order[299] == 99);
	free(order);
	distinct_release(&distinct);

	TEST("bytes, not texts; and none");
	distinct_start(&distinct, TYPE_TEXT);
	order = distinct_by_count(&distinct);
	free(order);
	CHECK(distinct_add(&distinct, "a\0b", 3) == 0 && distinct_add(&distinct, "a", 1) == 1 && distinct_add(&distinct, "", 0) == 2);
	order = distinct_by_count(&distinct);
	CHECK(order[0] == 2 && order[1] == 1 && order[2] == 0);
	free(order);
	distinct_release(&distinct);
}

static uint64_t count_of(const struct distinct *distinct, const char *text)
{
	uint32_t number = distinct_find(distinct, text, strlen(text));

	return number == NO_VALUE ? 0 : distinct->items[number].count;
}

static void travel(const struct distinct *from, struct distinct *to)
{
	struct buffer bytes = BUFFER_INIT;
	struct unpacked unpacked;
	struct error err = ERROR_INIT;

	distinct_pack(from, &bytes);
	distinct_start(to, from->type);
	CHECK(pack_read(&unpacked, bytes.data, bytes.size, &err) == 0 && distinct_unpack(to, &unpacked.object));
	unpacked_free(&unpacked);
	buffer_free(&bytes);
}

static void test_merge(void)
{
	static const char *const here[] = { "a", "", "b", "a", "c" }, *const there[] = { "d", "c", "", "c" };
	struct distinct one, other, copy, reals;
	uint32_t numbers[3];

	TEST("merged: counts add, numbers are told");
	distinct_start(&one, TYPE_TEXT);
	distinct_start(&other, TYPE_TEXT);
	add_texts(&one, here, 5);
	add_texts(&other, there, 4);
	distinct_merge(&one, &other, numbers);
	CHECK(one.n == 5 && other.n == 3);
	CHECK(numbers[0] == 4 && numbers[1] == 3 && numbers[2] == 1);
	CHECK(count_of(&one, "a") == 2 && count_of(&one, "") == 2 && count_of(&one, "b") == 1 && count_of(&one, "c") == 3 && count_of(&one, "d") == 1);

	TEST("packed: numbers and counts stay");
	travel(&one, &copy);
	CHECK(copy.n == 5);
	for (size_t i = 0; i < 5; i++)
		CHECK(copy.items[i].count == one.items[i].count && copy.items[i].size == one.items[i].size &&
			memcmp(distinct_bytes(&copy, i), distinct_bytes(&one, i), one.items[i].size) == 0);
	distinct_release(&copy);
	distinct_start(&reals, TYPE_REAL);
	for (int i = 0; i < 1000; i++) {
		uint32_t number = distinct_add(&reals, &(double){ i % 100 / 7.0 }, sizeof(double));

		reals.items[number].count += 2;
	}
	travel(&reals, &copy);
	CHECK(copy.n == 100 && copy.items[99].count == 20 && distinct_find(&copy, &(double){ 99 / 7.0 }, sizeof(double)) == 99);
	distinct_merge(&copy, &reals, NULL);
	CHECK(copy.n == 100 && copy.items[0].count == 40);
	distinct_release(&copy);
	distinct_release(&reals);
	distinct_release(&one);
	distinct_release(&other);

	TEST("packed: nothing");
	distinct_start(&one, TYPE_BOOL);
	travel(&one, &copy);
	CHECK(copy.n == 0);
	distinct_release(&copy);
	distinct_release(&one);
}

static void test_broken(void)
{
	struct distinct from, to;
	struct buffer bytes = BUFFER_INIT;
	struct unpacked unpacked;
	struct error err = ERROR_INIT;

	TEST("packed: of another type, or broken");
	distinct_start(&from, TYPE_TEXT);
	add_texts(&from, (const char *const[]){ "ab", "c" }, 2);
	distinct_pack(&from, &bytes);
	distinct_start(&to, TYPE_INT);
	CHECK(pack_read(&unpacked, bytes.data, bytes.size, &err) == 0 && !distinct_unpack(&to, &unpacked.object));
	CHECK(!distinct_unpack(&to, NULL));
	distinct_release(&to);
	CHECK(!distinct_unpack(&from, &unpacked.object));       /* not an empty one */
	unpacked_free(&unpacked);
	for (size_t i = 0; i < 8 * bytes.size; i++) {           /* each bit turned: refused, or other values */
		bytes.data[i / 8] ^= (unsigned char)(1 << i % 8);
		distinct_start(&to, TYPE_TEXT);
		if (pack_read(&unpacked, bytes.data, bytes.size, &err) == 0) {
			if (distinct_unpack(&to, &unpacked.object))
				CHECK(to.n == 2);
			unpacked_free(&unpacked);
		}
		distinct_release(&to);
		bytes.data[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	buffer_free(&bytes);
	distinct_release(&from);
}

/* A dictionary of `n_entries` texts "0" .. of which row r shows 3 r + 1, each fifth row missing. */
static void look(uint32_t n_entries, size_t n_rows, const uint64_t *rows)
{
	struct distinct added, known;
	struct arena scratch = ARENA_INIT;
	uint32_t *offsets = mem_new(n_entries + 1, sizeof *offsets), *codes = mem_new(n_rows, sizeof *codes);
	uint64_t *valid = mem_new(n_rows / 64 + 1, sizeof *valid);
	struct buffer bytes = BUFFER_INIT;
	struct column column;
	const uint32_t *numbers, *found;
	size_t n;

	for (uint32_t i = 0; i < n_entries; i++) {
		buffer_format(&bytes, "%u", (unsigned)i);
		offsets[i + 1] = (uint32_t)bytes.size;
	}
	for (size_t row = 0; row < n_rows; row++) {
		if (row % 5 == 4)
			continue;
		valid[row / 64] |= UINT64_C(1) << row % 64;
		codes[row] = (uint32_t)(3 * row + 1) % n_entries;
	}
	column = (struct column) { .codes = codes, .offsets = offsets, .bytes = (const char *)bytes.data, .bytes_size = bytes.size,
		.n_entries = n_entries, .valid = valid };
	distinct_start(&added, TYPE_TEXT);
	distinct_start(&known, TYPE_TEXT);
	numbers = distinct_rows(&added, &column, n_rows, rows);
	for (uint32_t i = 0; i < n_entries; i += 2)
		distinct_add(&known, bytes.data + offsets[i], offsets[i + 1] - offsets[i]);
	n = known.n;
	found = distinct_look(&known, &column, n_rows, rows, &scratch);
	for (size_t row = 0; row < n_rows; row++) {
		bool wanted = row % 5 != 4 && (!rows || (rows[row / 64] >> row % 64 & 1));
		uint32_t entry = codes[row], size = offsets[entry + 1] - offsets[entry];

		CHECK((numbers[row] != NO_VALUE) == wanted);
		CHECK(!wanted || (added.items[numbers[row]].size == size && memcmp(distinct_bytes(&added, numbers[row]), bytes.data + offsets[entry], size) == 0));
		CHECK(found[row] == (wanted && entry % 2 == 0 ? entry / 2 : NO_VALUE));
	}
	CHECK(known.n == n);
	distinct_release(&known);
	distinct_release(&added);
	arena_free(&scratch);
	buffer_free(&bytes);
	free(offsets);
	free(codes);
	free(valid);
}

static void test_rows(void)
{
	const uint64_t few[4] = { UINT64_C(1) << 3 | UINT64_C(1) << 10, 0, 1, 0 };
	struct distinct distinct;
	struct arena scratch = ARENA_INIT;
	struct column flags, zeros;
	const uint32_t *numbers, *found;

	TEST("rows by entries, and by hash where the dictionary is much larger");
	look(50, 200, NULL);
	look(10000, 200, NULL);
	look(50, 200, few);
	look(3, 200, few);

	TEST("bools and reals");
	flags = (struct column) { .values = (const uint8_t[]){ 1, 0, 1 } };
	zeros = (struct column) { .values = (const double[]){ 0.0, -0.0, 1.5 } };
	distinct_start(&distinct, TYPE_BOOL);
	numbers = distinct_rows(&distinct, &flags, 3, NULL);
	CHECK(numbers[0] == 0 && numbers[1] == 1 && numbers[2] == 0);
	found = distinct_look(&distinct, &flags, 2, NULL, &scratch);
	CHECK(found[0] == 0 && found[1] == 1);
	distinct_release(&distinct);
	distinct_start(&distinct, TYPE_REAL);
	numbers = distinct_rows(&distinct, &zeros, 3, NULL);
	CHECK(numbers[0] == 0 && numbers[1] == 0 && numbers[2] == 1);
	distinct_release(&distinct);
	arena_free(&scratch);
}

int main(void)
{
	test_within();
	test_merge();
	test_broken();
	test_rows();
	return unit_done();
}
