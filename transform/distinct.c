/* SPDX-License-Identifier: MIT */
/*
 * An interning table: the bytes of all values stand one behind the other, a table
 * of (hash, number) with linear probing finds them, at most half full.
 */
#include "distinct.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "columns.h"
#include "memory.h"
#include "number.h"

struct distinct_slot { uint32_t hash, number; };        /* number + 1; 0: free */

#define UNSEEN (UINT32_MAX - 1)
enum { FIRST_SLOTS = 64 };

void distinct_start(struct distinct *distinct, enum type type)
{
	*distinct = (struct distinct){ .type = type };
}

void distinct_release(struct distinct *distinct)
{
	free(distinct->items);
	free(distinct->slots);
	free(distinct->rows);
	free(distinct->entries);
	buffer_free(&distinct->bytes);
	*distinct = (struct distinct){ .items = NULL };
}

static void grow(struct distinct *distinct)
{
	size_t n = distinct->n_slots ? 2 * distinct->n_slots : FIRST_SLOTS;
	struct distinct_slot *slots = mem_new(n, sizeof *slots);

	for (size_t i = 0; i < distinct->n_slots; i++) {
		struct distinct_slot slot = distinct->slots[i];
		size_t at = slot.hash & (n - 1);

		if (!slot.number)
			continue;
		while (slots[at].number)
			at = (at + 1) & (n - 1);
		slots[at] = slot;
	}
	free(distinct->slots);
	distinct->slots = slots;
	distinct->n_slots = n;
}

static inline uint64_t word_of(const void *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof word);
	return word;
}

/* Most values are numbers: of 8 bytes, for which calls would cost more than the work (the mixing is that of MurmurHash3's end). */
static uint32_t hash_of(const void *bytes, size_t size)
{
	uint64_t word;

	if (size != sizeof word)
		return (uint32_t)XXH3_64bits(bytes, size);
	word = word_of(bytes);
	word = (word ^ word >> 33) * UINT64_C(0xff51afd7ed558ccd);
	word = (word ^ word >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return (uint32_t)(word >> 32);
}

static inline bool equals(const void *a, const void *b, size_t size)
{
	return size == sizeof(uint64_t) ? word_of(a) == word_of(b) : !size || memcmp(a, b, size) == 0;
}

/* The slot that holds the value, or the free one where it belongs. */
static struct distinct_slot *probe(const struct distinct *distinct, uint32_t hash, const void *bytes, size_t size)
{
	size_t at = hash & (distinct->n_slots - 1);

	for (; distinct->slots[at].number; at = (at + 1) & (distinct->n_slots - 1)) {
		const struct distinct_slot *slot = &distinct->slots[at];
		const struct distinct_value *value = &distinct->items[slot->number - 1];

		if (slot->hash == hash && value->size == size && equals(distinct->bytes.data + value->at, bytes, size))
			break;
	}
	return &distinct->slots[at];
}

uint32_t distinct_add(struct distinct *distinct, const void *bytes, size_t size)
{
	uint32_t hash = hash_of(bytes, size);
	struct distinct_slot *slot;

	if (distinct->n_slots == 0) {   /* most of those that a wide table starts hold nothing */
		grow(distinct);
		buffer_reserve(&distinct->bytes, 64);           /* where there are values, data is not NULL */
	}
	slot = probe(distinct, hash, bytes, size);
	if (slot->number)
		return slot->number - 1;
	array_grow(distinct->items, distinct->n, distinct->room);
	distinct->items[distinct->n++] = (struct distinct_value){ .at = distinct->bytes.size, .size = (uint32_t)size };
	if (size)
		buffer_add(&distinct->bytes, bytes, size);
	*slot = (struct distinct_slot){ .hash = hash, .number = (uint32_t)distinct->n };
	if (2 * distinct->n > distinct->n_slots)
		grow(distinct);
	return (uint32_t)distinct->n - 1;
}

uint32_t distinct_add_within(struct distinct *distinct, const void *bytes, size_t size, size_t most)
{
	return distinct->n < most ? distinct_add(distinct, bytes, size) : distinct_find(distinct, bytes, size);
}

uint32_t distinct_find(const struct distinct *distinct, const void *bytes, size_t size)
{
	const struct distinct_slot *slot;

	if (distinct->n_slots == 0)
		return NO_VALUE;
	slot = probe(distinct, hash_of(bytes, size), bytes, size);
	return slot->number ? slot->number - 1 : NO_VALUE;
}

/* The bytes that stand for a row's value; `real` has room for one. */
static const void *bytes_of_row(const struct distinct *distinct, const struct column *column, size_t row, double *real, size_t *size)
{
	*size = type_width(distinct->type);
	switch (distinct->type) {
	case TYPE_TEXT:
		return column_text(column, row, size);
	case TYPE_BOOL:
		return (const uint8_t *)column->values + row;
	case TYPE_REAL:
		*real = column_real(column, row) + 0.0;         /* -0.0 is 0.0 */
		return real;
	default:
		return (const int64_t *)column->values + row;
	}
}

/* Where numbers go: `entries` has room for entries_of's. */
struct numbering { const struct distinct *in; struct distinct *adds; uint32_t *rows, *entries; };

static uint32_t number_of_row(const struct numbering *numbering, const struct column *column, size_t row)
{
	double real;
	size_t size;
	const void *bytes = bytes_of_row(numbering->in, column, row, &real, &size);

	return numbering->adds ? distinct_add(numbering->adds, bytes, size) : distinct_find(numbering->in, bytes, size);
}

/* How many entries of a dictionary to remember; bools are codes as well: there are two values. 0: a table of them would cost more
 * than it saves. */
static size_t entries_of(const struct distinct *distinct, const struct column *column, size_t n_wanted)
{
	size_t n = column->codes ? column->n_entries : distinct->type == TYPE_BOOL ? 2 : 0;

	return n > 2 * n_wanted ? 0 : n;
}

/* Rows of a dictionary whose entries are all looked for, in loops without a branch. */
static void look_up_rows(const struct numbering *numbering, const struct column *column, size_t n_rows, const uint64_t *rows)
{
	uint32_t *numbers = numbering->rows, *entries = numbering->entries;

	for (uint32_t entry = 0; entry < column->n_entries; entry++)
		entries[entry] = distinct_find(numbering->in, column->bytes + column->offsets[entry], column->offsets[entry + 1] - column->offsets[entry]);
	for (size_t row = 0; row < n_rows; row++)
		numbers[row] = entries[column->codes[row]];
	for (size_t word = 0; (rows || column->valid) && word < bits_words(n_rows); word++)
		for (uint64_t none = bits_word(NULL, word, n_rows) & ~(bits_word(rows, word, n_rows) & bits_word(column->valid, word, n_rows)); none; none &= none - 1)
			numbers[word * 64 + (size_t)__builtin_ctzll(none)] = NO_VALUE;
}

static void number_rows(const struct numbering *numbering, const struct column *column, size_t n_rows, size_t n_entries, const uint64_t *rows)
{
	const uint32_t *codes = column->codes;
	const uint8_t *bools = column->values;
	uint32_t *numbers = numbering->rows;

	if (codes && n_entries > 0 && !numbering->adds) {
		look_up_rows(numbering, column, n_rows, rows);
		return;
	}
	for (size_t entry = 0; entry < n_entries; entry++)
		numbering->entries[entry] = UNSEEN;
	for (size_t word = 0; word < bits_words(n_rows); word++) {
		uint64_t bits = (rows ? rows[word] : ~UINT64_C(0)) & (column->valid ? column->valid[word] : ~UINT64_C(0));
		size_t end = word * 64 + 64 < n_rows ? word * 64 + 64 : n_rows;

		for (size_t row = word * 64; row < end; row++, bits >>= 1) {
			if (!(bits & 1)) {
				numbers[row] = NO_VALUE;
			} else if (!n_entries) {
				numbers[row] = number_of_row(numbering, column, row);
			} else {
				uint32_t *known = &numbering->entries[codes ? codes[row] : bools[row]];

				if (*known == UNSEEN)
					*known = number_of_row(numbering, column, row);
				numbers[row] = *known;
			}
		}
	}
}

const uint32_t *distinct_rows(struct distinct *distinct, const struct column *column, size_t n_rows, const uint64_t *rows)
{
	size_t n_entries = entries_of(distinct, column, bits_count(rows, n_rows));

	if (n_rows > distinct->rows_room)
		distinct->rows = mem_resize(distinct->rows, distinct->rows_room = n_rows, sizeof *distinct->rows);
	if (n_entries > distinct->entries_room)
		distinct->entries = mem_resize(distinct->entries, distinct->entries_room = n_entries, sizeof *distinct->entries);
	number_rows(&(struct numbering){ distinct, distinct, distinct->rows, distinct->entries }, column, n_rows, n_entries, rows);
	return distinct->rows;
}

const uint32_t *distinct_look(const struct distinct *distinct, const struct column *column, size_t n_rows, const uint64_t *rows, struct arena *scratch)
{
	size_t n_entries = entries_of(distinct, column, bits_count(rows, n_rows));
	uint32_t *numbers = arena_array(scratch, n_rows + n_entries, sizeof *numbers);

	number_rows(&(struct numbering){ distinct, NULL, numbers, numbers + n_rows }, column, n_rows, n_entries, rows);
	return numbers;
}

/* ---- merging ---- */

void distinct_merge(struct distinct *to, const struct distinct *from, uint32_t *numbers)
{
	for (size_t i = 0; i < from->n; i++) {
		uint32_t number = distinct_add(to, distinct_bytes(from, i), from->items[i].size);

		to->items[number].count += from->items[i].count;
		if (numbers)
			numbers[i] = number;
	}
}

/* [type, bytes, sizes, counts]: bytes of all values in order of their numbers; sizes of 4 bytes each, counts of 8. */
enum { PACKED_PARTS = 4 };

void distinct_pack(const struct distinct *distinct, struct buffer *to)
{
	struct buffer sizes = BUFFER_INIT, counts = BUFFER_INIT;

	for (size_t i = 0; i < distinct->n; i++) {
		buffer_add(&sizes, &distinct->items[i].size, sizeof distinct->items[i].size);
		buffer_add(&counts, &distinct->items[i].count, sizeof distinct->items[i].count);
	}
	pack_array(to, PACKED_PARTS);
	pack_text(to, type_name(distinct->type));
	pack_bytes(to, distinct->n ? (const void *)distinct->bytes.data : "", distinct->bytes.size);
	pack_bytes(to, buffer_text(&sizes), sizes.size);
	pack_bytes(to, buffer_text(&counts), counts.size);
	buffer_free(&sizes);
	buffer_free(&counts);
}

static bool is_bin(object value) { return value && value->type == MSGPACK_OBJECT_BIN; }

bool distinct_unpack(struct distinct *distinct, object from)
{
	object bytes = array_get(from, 1), sizes = array_get(from, 2), counts = array_get(from, 3);
	size_t at = 0, n, width = type_width(distinct->type);

	if (array_size(from) != PACKED_PARTS || !object_is_text(array_get(from, 0), type_name(distinct->type)) || !is_bin(bytes) ||
	    !is_bin(sizes) || !is_bin(counts) || distinct->n > 0)
		return false;
	n = sizes->via.bin.size / sizeof(uint32_t);
	if (sizes->via.bin.size != n * sizeof(uint32_t) || counts->via.bin.size != n * sizeof(uint64_t))
		return false;
	for (size_t i = 0; i < n; i++) {
		uint32_t size;

		memcpy(&size, sizes->via.bin.ptr + i * sizeof size, sizeof size);
		if (size > bytes->via.bin.size - at || (distinct->type != TYPE_TEXT && size != width) ||
		    distinct_add(distinct, bytes->via.bin.ptr + at, size) != i)
			return false;
		memcpy(&distinct->items[i].count, counts->via.bin.ptr + i * sizeof(uint64_t), sizeof(uint64_t));
		at += size;
	}
	return at == bytes->via.bin.size;
}

/* ---- as text ---- */

void distinct_print(const struct distinct *distinct, size_t i, struct buffer *to)
{
	const void *bytes = distinct_bytes(distinct, i);
	char text[NUMBER_SIZE];
	int64_t integer;
	double real;

	switch (distinct->type) {
	case TYPE_TEXT:
		buffer_add(to, bytes, distinct->items[i].size);
		break;
	case TYPE_BOOL:
		buffer_add_text(to, *(const uint8_t *)bytes ? "true" : "false");
		break;
	case TYPE_REAL:
		memcpy(&real, bytes, sizeof real);
		buffer_add(to, text, number_print_real(text, real));
		break;
	default:
		memcpy(&integer, bytes, sizeof integer);
		buffer_add(to, text, number_print_int(text, integer));
	}
}

bool distinct_parse(struct distinct *distinct, const char *text, size_t size)
{
	int64_t integer;
	uint8_t flag;
	double real;

	switch (distinct->type) {
	case TYPE_TEXT:
		distinct_add(distinct, text, size);
		return true;
	case TYPE_BOOL:
		flag = size == 4 && memcmp(text, "true", 4) == 0;
		if (!flag && (size != 5 || memcmp(text, "false", 5) != 0))
			return false;
		distinct_add(distinct, &flag, 1);
		return true;
	case TYPE_REAL:
		if (!number_real(text, size, &real))
			return false;
		distinct_add(distinct, &real, sizeof real);
		return true;
	default:
		if (!number_int(text, size, &integer))
			return false;
		distinct_add(distinct, &integer, sizeof integer);
		return true;
	}
}

/* ---- order ---- */

static int compare_bytes(const void *a, size_t a_size, const void *b, size_t b_size)
{
	size_t size = a_size < b_size ? a_size : b_size;
	int order = size ? memcmp(a, b, size) : 0;

	return order ? order : (a_size > b_size) - (a_size < b_size);
}

int distinct_compare(const struct distinct *distinct, size_t a, size_t b)
{
	const void *left = distinct_bytes(distinct, a), *right = distinct_bytes(distinct, b);
	int64_t i, j;
	double x, y;

	switch (distinct->type) {
	case TYPE_REAL:
		memcpy(&x, left, sizeof x);
		memcpy(&y, right, sizeof y);
		return (x > y) - (x < y);
	case TYPE_INT:
	case TYPE_TIME:
		memcpy(&i, left, sizeof i);
		memcpy(&j, right, sizeof j);
		return (i > j) - (i < j);
	default:
		return compare_bytes(left, distinct->items[a].size, right, distinct->items[b].size);
	}
}

struct printed { const unsigned char *bytes; size_t size; uint32_t number; };

static int compare_printed(const void *a, const void *b)
{
	const struct printed *left = a, *right = b;

	return compare_bytes(left->bytes, left->size, right->bytes, right->size);
}

uint32_t *distinct_order(const struct distinct *distinct)
{
	struct printed *all = mem_array(distinct->n, sizeof *all);
	uint32_t *order = mem_array(distinct->n, sizeof *order);
	struct buffer text = BUFFER_INIT;

	for (size_t i = 0; i < distinct->n; i++) {
		size_t before = text.size;

		distinct_print(distinct, i, &text);
		all[i] = (struct printed){ .size = text.size - before, .number = (uint32_t)i };
	}
	for (size_t i = 0, at = 0; i < distinct->n; at += all[i++].size)
		all[i].bytes = text.data + at;
	if (distinct->n)
		qsort(all, distinct->n, sizeof *all, compare_printed);
	for (size_t i = 0; i < distinct->n; i++)
		order[i] = all[i].number;
	free(all);
	buffer_free(&text);
	return order;
}

struct counted { uint64_t count; size_t place; uint32_t number; };

static int compare_counted(const void *a, const void *b)
{
	const struct counted *left = a, *right = b;

	return left->count != right->count ? (left->count < right->count ? 1 : -1) : (left->place > right->place) - (left->place < right->place);
}

uint32_t *distinct_by_count(const struct distinct *distinct)
{
	struct counted *all = mem_array(distinct->n, sizeof *all);
	uint32_t *order = distinct_order(distinct);

	for (size_t i = 0; i < distinct->n; i++)
		all[i] = (struct counted){ .count = distinct->items[order[i]].count, .place = i, .number = order[i] };
	if (distinct->n)
		qsort(all, distinct->n, sizeof *all, compare_counted);
	for (size_t i = 0; i < distinct->n; i++)
		order[i] = all[i].number;
	free(all);
	return order;
}

size_t distinct_memory(const struct distinct *distinct)
{
	return distinct->bytes.room + distinct->room * sizeof *distinct->items + distinct->n_slots * sizeof *distinct->slots;
}
