/* SPDX-License-Identifier: MIT */
/* Texts of a column are its entries if it has a dictionary with fewer of them than rows, else what its rows show. */
#include "column_edit.h"

#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "memory.h"

void column_put(struct batch *batch, size_t col, enum type type, const struct column *fresh)
{
	if (col == batch->n_columns || batch->columns[col].owner != fresh->owner)
		block_use(fresh->owner);
	batch_put_as(batch, col, type, fresh);
}

void column_close(const struct batch *batch, struct column *column, enum type type)
{
	column->n_missing = batch->n_rows - bits_count(column->valid, batch->n_rows);
	column->checked = true;
	column->has_codes = column->codes != NULL;
	if (column->n_missing == 0) {
		column->valid = NULL;
		return;
	}
	for (size_t row = 0; row < batch->n_rows; row++) {
		if (column_valid(column, row))
			continue;
		if (type != TYPE_TEXT)
			memset((char *)column->values + row * type_width(type), 0, type_width(type));
		else if (column->codes)
			((uint32_t *)column->codes)[row] = 0;
	}
}

static uint64_t *copy_valid(struct batch *batch, const struct column *from)
{
	uint64_t *valid = batch_bits(batch);
	size_t n = bits_words(batch->n_rows);

	if (from->valid) {
		memcpy(valid, from->valid, n * sizeof *valid);
		return valid;
	}
	memset(valid, 0xff, n * sizeof *valid);
	if (batch->n_rows % 64)
		valid[n - 1] = ~UINT64_C(0) >> (64 - batch->n_rows % 64);
	return valid;
}

/* ---- forgetting ---- */

/* Text without a dictionary, written out again without the rows that are missing now. */
static void rewrite_rows(struct batch *batch, const struct column *from, struct column *result)
{
	uint32_t *offsets = arena_array(&batch->arena, batch->n_rows + 1, sizeof *offsets);
	char *bytes = arena_array(&batch->arena, from->bytes_size + 1, 1);

	offsets[0] = 0;
	for (size_t row = 0; row < batch->n_rows; row++) {
		size_t size = 0;
		const char *text = column_text(from, row, &size);

		if (!column_valid(result, row))
			size = 0;
		memcpy(bytes + offsets[row], text, size);
		offsets[row + 1] = offsets[row] + (uint32_t)size;
	}
	*result = (struct column){.valid = result->valid, .offsets = offsets, .bytes = bytes, .bytes_size = offsets[batch->n_rows],
	                          .n_entries = (uint32_t)batch->n_rows};
}

void column_forget(struct batch *batch, const struct column *from, enum type type, const uint64_t *rows, struct column *result,
                   uint64_t *n_gone)
{
	uint64_t *valid = copy_valid(batch, from);

	for (size_t word = 0; word < bits_words(batch->n_rows); word++) {
		*n_gone += (uint64_t)__builtin_popcountll(valid[word] & rows[word]);
		valid[word] &= ~rows[word];
	}
	*result = *from;
	result->valid = valid;
	if (type != TYPE_TEXT) {
		void *values = batch_values(batch, type);

		memcpy(values, from->values, batch->n_rows * type_width(type));
		result->values = values;
		result->owner = NULL;
	} else if (from->codes) {
		uint32_t *codes = arena_array(&batch->arena, batch->n_rows, sizeof *codes);

		memcpy(codes, from->codes, batch->n_rows * sizeof *codes);
		result->codes = codes;
		result->wire_codes = NULL;              /* the dictionary stays where it is */
	} else {
		rewrite_rows(batch, from, result);
	}
	column_close(batch, result, type);
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

/* Reads the entries; the rows take theirs over. */
static void read_entries(struct batch *batch, const struct column *from, size_t width,
                         bool (*read)(void *state, const char *bytes, size_t size, void *value), void *state,
                         unsigned char *values, uint64_t *valid)
{
	unsigned char *entries = arena_new(&batch->arena, from->n_entries, width + 1), *known = entries + from->n_entries * width;

	for (uint32_t entry = 0; entry < from->n_entries; entry++) {
		size_t size;
		const char *text = entry_text(from, entry, &size);

		known[entry] = read(state, text, size, entries + entry * width);
	}
	for (size_t row = 0; row < batch->n_rows; row++) {
		uint32_t entry = from->codes[row];

		memcpy(values + row * width, entries + entry * width, width);
		valid[row / 64] &= ~((uint64_t)!known[entry] << row % 64);
	}
}

void column_read_texts(struct batch *batch, const struct column *from, enum type to,
                       bool (*read)(void *state, const char *bytes, size_t size, void *value), void *state,
                       struct column *result, uint64_t *n_lost)
{
	uint64_t *valid = copy_valid(batch, from);
	unsigned char *values = batch_values(batch, to);
	size_t width = type_width(to), n_missing = from->n_missing;

	if (by_entries(batch, from)) {
		read_entries(batch, from, width, read, state, values, valid);
	} else {
		for (size_t row = 0; row < batch->n_rows; row++) {
			size_t size;
			const char *text = column_text(from, row, &size);

			if (column_valid(from, row) && !read(state, text, size, values + row * width))
				valid[row / 64] &= ~(UINT64_C(1) << row % 64);
		}
	}
	*result = (struct column){.valid = valid, .values = values};
	column_close(batch, result, to);
	*n_lost += result->n_missing - n_missing;
}

int column_edit_texts(struct batch *batch, const struct column *from,
                      void (*edit)(void *state, const char *bytes, size_t size, struct buffer *to), void *state,
                      struct column *result, struct error *err)
{
	bool entries = by_entries(batch, from);
	size_t n = entries ? from->n_entries : batch->n_rows;
	uint32_t *offsets = arena_array(&batch->arena, n + 1, sizeof *offsets);
	struct buffer bytes = BUFFER_INIT;

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
		return error_set(err, STATUS_FAILED, "a batch of one column grew past 2 GiB");
	}
	*result = (struct column){.offsets = offsets, .bytes_size = bytes.size, .n_entries = (uint32_t)n, .n_missing = from->n_missing,
	                          .checked = true};
	result->bytes = arena_text(&batch->arena, buffer_text(&bytes), bytes.size);
	if (from->valid)
		result->valid = copy_valid(batch, from);
	if (entries) {
		uint32_t *codes = arena_array(&batch->arena, batch->n_rows, sizeof *codes);

		memcpy(codes, from->codes, batch->n_rows * sizeof *codes);
		result->codes = codes;
		result->has_codes = true;
	}
	buffer_free(&bytes);
	return 0;
}

void column_find_texts(const struct batch *batch, const struct column *column,
                       bool (*wanted)(void *state, const char *bytes, size_t size), void *state, uint64_t *rows)
{
	bool *entries = by_entries(batch, column) ? mem_new(column->n_entries, sizeof *entries) : NULL;

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
	free(entries);
}
