/* SPDX-License-Identifier: MIT */
/*
 * While few texts are distinct each is stored once, found
 * again through a table of 32-bit hashes, and rows are codes. Once more than half
 * of the rows are distinct that no longer pays: the rows are written out one
 * behind the other, and the next batches of this column begin that way, trying
 * the dictionary again now and then.
 */
#include "text_builder.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL          /* a call costs more than the hash of a short text */
#include <xxhash.h>

#include "bits.h"
#include "buffer.h"
#include "memory.h"

enum { TRIAL_ROWS = 256, PLAIN_BATCHES = 64, LONG_TEXT = 1024 };

struct text_slot { uint32_t hash, entry; };          /* entry + 1; 0: free */

struct text_builder {
	struct buffer bytes;            /* of the entries */
	uint32_t *offsets;              /* n_entries + 1 */
	uint32_t *codes;                /* n_rows, unless plain */
	uint64_t *valid;
	struct text_slot *slots;
	size_t n_slots, n_rows, n_entries, n_missing;
	size_t row_bytes;               /* of all rows, if each were written out */
	size_t room_rows, room_entries;
	unsigned plain_left;            /* batches to go before the dictionary is tried again */
	bool plain;
};

struct text_builder *text_builder_new(void)
{
	struct text_builder *builder = mem_new(1, sizeof *builder);

	builder->n_slots = 1024;
	builder->slots = mem_new(builder->n_slots, sizeof *builder->slots);
	text_builder_clear(builder);
	return builder;
}

void text_builder_free(struct text_builder *builder)
{
	if (!builder)
		return;
	buffer_free(&builder->bytes);
	free(builder->offsets);
	free(builder->codes);
	free(builder->valid);
	free(builder->slots);
	free(builder);
}

void text_builder_clear(struct text_builder *builder)
{
	buffer_clear(&builder->bytes);
	if (builder->n_entries && !builder->plain)
		memset(builder->slots, 0, builder->n_slots * sizeof *builder->slots);
	if (builder->row_bytes > LONG_TEXT * builder->n_rows)
		builder->plain_left = 0;                /* long texts: to try again costs little beside them, and may save much */
	builder->n_rows = builder->n_entries = builder->n_missing = builder->row_bytes = 0;
	builder->plain = builder->plain_left > 0;
	if (builder->plain)
		builder->plain_left--;
}

size_t text_builder_bytes(const struct text_builder *builder)
{
	return builder->bytes.size + (builder->plain ? 4 : 2) * builder->n_rows;
}

static uint32_t add_entry(struct text_builder *builder, const char *bytes, size_t size)
{
	if (builder->n_entries + 2 > builder->room_entries) {
		builder->room_entries = builder->room_entries ? 2 * builder->room_entries : 256;
		builder->offsets = mem_resize(builder->offsets, builder->room_entries, sizeof *builder->offsets);
	}
	assert(builder->bytes.size + size <= UINT32_MAX);       /* the caller keeps batches small */
	builder->offsets[builder->n_entries] = (uint32_t)builder->bytes.size;
	buffer_add(&builder->bytes, bytes, size);
	builder->offsets[++builder->n_entries] = (uint32_t)builder->bytes.size;
	return (uint32_t)builder->n_entries - 1;
}

static void add_row(struct text_builder *builder, uint32_t code, bool valid)
{
	size_t row = builder->n_rows++;

	if (row == builder->room_rows) {
		builder->room_rows = builder->room_rows ? 2 * builder->room_rows : 1024;
		builder->codes = mem_resize(builder->codes, builder->room_rows, sizeof *builder->codes);
		builder->valid = mem_resize(builder->valid, builder->room_rows / 64, sizeof *builder->valid);
	}
	if (row % 64 == 0)
		builder->valid[row / 64] = 0;
	builder->valid[row / 64] |= (uint64_t)valid << row % 64;
	if (!builder->plain)
		builder->codes[row] = code;
}

static void grow_slots(struct text_builder *builder)
{
	struct text_slot *old = builder->slots;
	size_t n_old = builder->n_slots;

	builder->n_slots *= 4;
	builder->slots = mem_new(builder->n_slots, sizeof *builder->slots);
	for (size_t i = 0; i < n_old; i++) {
		size_t at = old[i].hash & (builder->n_slots - 1);

		if (!old[i].entry)
			continue;
		while (builder->slots[at].entry)
			at = (at + 1) & (builder->n_slots - 1);
		builder->slots[at] = old[i];
	}
	free(old);
}

static uint32_t find_entry(struct text_builder *builder, const char *bytes, size_t size)
{
	uint32_t hash = (uint32_t)XXH3_64bits(bytes, size);
	size_t mask = builder->n_slots - 1, at = hash & mask;

	for (; builder->slots[at].entry; at = (at + 1) & mask) {
		uint32_t entry = builder->slots[at].entry - 1;

		if (builder->slots[at].hash == hash && builder->offsets[entry + 1] - builder->offsets[entry] == size &&
		    memcmp(builder->bytes.data + builder->offsets[entry], bytes, size) == 0)
			return entry;
	}
	builder->slots[at] = (struct text_slot){ hash, (uint32_t)builder->n_entries + 1 };
	add_entry(builder, bytes, size);
	if (4 * builder->n_entries > builder->n_slots)
		grow_slots(builder);
	return (uint32_t)builder->n_entries - 1;
}

/* From a dictionary to one entry a row. */
static void write_out(struct text_builder *builder)
{
	struct buffer old = builder->bytes;
	uint32_t *offsets = builder->offsets;

	memset(builder->slots, 0, builder->n_slots * sizeof *builder->slots);
	builder->bytes = (struct buffer)BUFFER_INIT;
	buffer_reserve(&builder->bytes, builder->row_bytes);
	builder->offsets = NULL;
	builder->room_entries = builder->n_entries = 0;
	builder->plain = true;
	builder->plain_left = PLAIN_BATCHES;
	for (size_t row = 0; row < builder->n_rows; row++) {
		uint32_t code = builder->codes[row];

		if (bit_is_set(builder->valid, row))
			add_entry(builder, (char *)old.data + offsets[code], offsets[code + 1] - offsets[code]);
		else
			add_entry(builder, "", 0);
	}
	buffer_free(&old);
	free(offsets);
}

void text_builder_add(struct text_builder *builder, const char *bytes, size_t size)
{
	uint32_t code = builder->plain ? add_entry(builder, bytes, size) : find_entry(builder, bytes, size);

	add_row(builder, code, true);
	builder->row_bytes += size;
	if (!builder->plain && builder->n_rows >= TRIAL_ROWS && 2 * builder->n_entries > builder->n_rows)
		write_out(builder);
}

void text_builder_add_missing(struct text_builder *builder)
{
	if (builder->plain)
		add_entry(builder, "", 0);
	add_row(builder, 0, false);
	builder->n_missing++;
}

void text_builder_finish(struct text_builder *builder, struct pool *pool, struct column *column)
{
	size_t n = builder->n_rows, n_words = bits_words(n), width;

	if (!builder->plain) {
		if (builder->n_entries == 0)
			add_entry(builder, "", 0);      /* code 0 must mean something */
		width = builder->n_entries <= 256 ? 1 : builder->n_entries <= 65536 ? 2 : 4;
		if (builder->bytes.size + 4 * builder->n_entries + width * n >= builder->row_bytes + 4 * n) {
			unsigned left = builder->plain_left;

			write_out(builder);
			builder->plain_left = left;     /* a small batch says little about the next */
		}
	}
	if (builder->n_entries == 0)
		builder->offsets = mem_resize(builder->offsets, builder->room_entries = 2, sizeof *builder->offsets), builder->offsets[0] = 0;
	*column = (struct column)COLUMN_INIT;
	memcpy(column_new_offsets(column, pool, builder->n_entries), builder->offsets, (builder->n_entries + 1) * 4);
	memcpy(column_new_bytes(column, pool, builder->bytes.size), builder->bytes.size ? (char *)builder->bytes.data : "", builder->bytes.size);
	if (builder->n_missing)
		memcpy(column_new_valid(column, pool, n, false), builder->valid, n_words * 8);
	if (!builder->plain)
		memcpy(column_new_codes(column, pool, n), builder->codes, n * 4);
	column_close(column, TYPE_TEXT, n);
	text_builder_clear(builder);
}
