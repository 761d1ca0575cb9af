/* SPDX-License-Identifier: MIT */
/* Texts of a column are its entries if it has a dictionary with fewer of them than rows, else what its rows show. */
#include "column_edit.h"

#include <assert.h>
#include <string.h>

#include "bits.h"
#include "columns.h"

/* ---- forgetting ---- */

/* Text without a dictionary, written out again without the rows that are missing now. */
static void rewrite_rows(const struct batch *batch, const struct column *from, struct column *result)
{
	uint32_t *offsets = column_new_offsets(result, batch->pool, batch->n_rows);
	size_t size;
	char *bytes;

	offsets[0] = 0;
	for (size_t row = 0; row < batch->n_rows; row++) {
		column_text(from, row, &size);
		offsets[row + 1] = offsets[row] + (column_valid(result, row) ? (uint32_t)size : 0);
	}
	bytes = column_new_bytes(result, batch->pool, offsets[batch->n_rows]);
	for (size_t row = 0; row < batch->n_rows; row++)
		memcpy(bytes + offsets[row], column_text(from, row, &size), offsets[row + 1] - offsets[row]);
}

void column_forget(const struct batch *batch, const struct column *from, enum type type, const uint64_t *rows, struct column *result,
                   uint64_t *n_gone)
{
	size_t n_rows = batch->n_rows;
	uint64_t n = 0, *valid;

	*result = (struct column)COLUMN_INIT;
	for (size_t word = 0; word < bits_words(n_rows); word++)
		n += bits_ones(bits_word(from->valid, word, n_rows) & rows[word]);
	*n_gone += n;
	if (n == 0) {
		column_share(result, from);
		return;
	}
	valid = column_copy_valid(result, batch->pool, n_rows, from);
	for (size_t word = 0; word < bits_words(n_rows); word++)
		valid[word] &= ~rows[word];
	if (column_is_narrow(from)) {
		column_copy_narrow(result, batch->pool, n_rows, from->narrow_width, from);
	} else if (type != TYPE_TEXT) {
		memcpy(column_new_values(result, batch->pool, type, n_rows), from->values, n_rows * type_width(type));
	} else if (from->codes) {
		column_share_entries(result, from);
		memcpy(column_new_codes(result, batch->pool, n_rows), from->codes, n_rows * sizeof *from->codes);
	} else {
		rewrite_rows(batch, from, result);
	}
	result->mixed = from->mixed;
	result->words = from->words;
	column_close(result, type, n_rows);
}

/* ---- texts one by one ---- */

/* A column with a dictionary worth using: each of its entries is looked at, else each row. */
static bool by_entries(const struct batch *batch, const struct column *column)
{
	return column->codes && column->n_entries <= batch->n_rows;
}

static const char *entry_text(const struct column *column, size_t entry, size_t *size)
{
	*size = column->offsets[entry + 1] - column->offsets[entry];
	return column->bytes + column->offsets[entry];
}

/* With a constant width, one loop each. */
static inline void take_entries(unsigned char *values, const unsigned char *entries, size_t width, const uint32_t *codes, size_t n_rows)
{
	for (size_t row = 0; row < n_rows; row++)
		memcpy(values + row * width, entries + codes[row] * width, width);
}

/* Reads the entries; the rows take theirs over. */
static void read_entries(const struct batch *batch, struct arena *scratch, const struct column *from, enum type to,
                         bool (*read)(void *state, const char *bytes, size_t size, void *value), void *state,
                         unsigned char *values, uint64_t *valid)
{
	size_t width = type_width(to);
	unsigned char *entries = arena_new(scratch, from->n_entries, width), *unknown = arena_new(scratch, from->n_entries, 1);

	for (uint32_t entry = 0; entry < from->n_entries; entry++) {
		size_t size;
		const char *text = entry_text(from, entry, &size);

		unknown[entry] = !read(state, text, size, entries + entry * width);
	}
	if (to == TYPE_BOOL)
		take_entries(values, entries, 1, from->codes, batch->n_rows);
	else
		take_entries(values, entries, 8, from->codes, batch->n_rows);
	for (size_t row = 0; row < batch->n_rows; row++)
		valid[row / 64] &= ~((uint64_t)unknown[from->codes[row]] << row % 64);
}

void column_read_texts(const struct batch *batch, struct arena *scratch, const struct column *from, enum type to,
                       bool (*read)(void *state, const char *bytes, size_t size, void *value), void *state,
                       struct column *result, uint64_t *n_lost)
{
	uint64_t *valid;
	unsigned char *values;
	size_t width = type_width(to);

	*result = (struct column)COLUMN_INIT;
	valid = column_copy_valid(result, batch->pool, batch->n_rows, from);
	values = column_new_values(result, batch->pool, to, batch->n_rows);
	if (by_entries(batch, from)) {
		read_entries(batch, scratch, from, to, read, state, values, valid);
	} else {
		for (size_t row = 0; row < batch->n_rows; row++) {
			size_t size;
			const char *text = column_text(from, row, &size);

			if (column_valid(from, row) && !read(state, text, size, values + row * width))
				bit_clear(valid, row);
		}
	}
	column_close(result, to, batch->n_rows);
	*n_lost += result->n_missing - from->n_missing;
}

/* One count more on the block that a run of `from` lies in, for the column. */
static void hold_run(struct column *column, const struct column *from, const void *run)
{
	size_t place = 0;

	for (size_t i = 0; i < COLUMN_BLOCKS && from->blocks[i]; i++) {
		struct block *block = from->blocks[i];

		if ((const unsigned char *)run < block->data || (const unsigned char *)run > block->data + block->size)
			continue;
		while (place < COLUMN_BLOCKS && column->blocks[place] && column->blocks[place] != block)
			place++;
		assert(place < COLUMN_BLOCKS);
		if (!column->blocks[place])
			column->blocks[place] = block_use(block);
		return;
	}
}

/* The codes of `from`, for entries that came of its own one by one. */
static void share_codes(struct column *column, const struct column *from)
{
	column->codes = from->codes;
	column->wire_codes = from->wire_codes;
	column->code_width = from->code_width;
	hold_run(column, from, from->codes);
	if (from->wire_codes)
		hold_run(column, from, from->wire_codes);
}

int column_edit_texts(const struct batch *batch, const struct column *from,
                      void (*edit)(void *state, const char *bytes, size_t size, struct buffer *to), void *state,
                      struct column *result, struct error *err)
{
	bool entries = by_entries(batch, from);
	size_t n = entries ? from->n_entries : batch->n_rows;
	struct buffer bytes = BUFFER_INIT;
	uint32_t *offsets;

	*result = (struct column)COLUMN_INIT;
	offsets = column_new_offsets(result, batch->pool, n);
	offsets[0] = 0;
	for (size_t i = 0; i < n && bytes.size < UINT32_MAX / 2; i++) {
		size_t size;
		const char *text = entries ? entry_text(from, i, &size) : column_text(from, i, &size);

		if (entries || column_valid(from, i))
			edit(state, text, size, &bytes);
		offsets[i + 1] = (uint32_t)bytes.size;
	}
	if (bytes.size >= UINT32_MAX / 2) {
		buffer_free(&bytes);
		column_drop(result);
		return error_set(err, STATUS_FAILED, "a batch of one column grew past 2 GiB");
	}
	memcpy(column_new_bytes(result, batch->pool, bytes.size), buffer_text(&bytes), bytes.size);
	buffer_free(&bytes);
	column_share_valid(result, from);
	if (entries)
		share_codes(result, from);
	column_close(result, TYPE_TEXT, batch->n_rows);
	return 0;
}

void column_find_texts(const struct batch *batch, struct arena *scratch, const struct column *column,
                       bool (*wanted)(void *state, const char *bytes, size_t size), void *state, uint64_t *rows)
{
	bool *entries = by_entries(batch, column) ? arena_array(scratch, column->n_entries, sizeof *entries) : NULL;

	for (uint32_t entry = 0; entries && entry < column->n_entries; entry++) {
		size_t size;
		const char *text = entry_text(column, entry, &size);

		entries[entry] = wanted(state, text, size);
	}
	for (size_t row = 0; row < batch->n_rows; row++) {
		bool is_wanted = column_valid(column, row);

		if (is_wanted && entries) {
			is_wanted = entries[column->codes[row]];
		} else if (is_wanted) {
			size_t size;
			const char *text = column_text(column, row, &size);

			is_wanted = wanted(state, text, size);
		}
		rows[row / 64] |= (uint64_t)is_wanted << row % 64;
	}
}
