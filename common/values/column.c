/* SPDX-License-Identifier: MIT */
/* Making columns: runs in blocks of their own, or shared with another column, and what must hold before one is put. */
#include <assert.h>
#include <string.h>

#include "batch.h"
#include "narrow.h"

/* Takes a count over; one on a block that the column holds already is dropped. */
static void hold(struct column *column, struct block *block)
{
	size_t i = 0;

	while (i < COLUMN_BLOCKS && column->blocks[i] && column->blocks[i] != block)
		i++;
	assert(i < COLUMN_BLOCKS);
	if (column->blocks[i])
		block_drop(block);
	column->blocks[i] = block;
}

static void *new_run(struct column *column, struct pool *pool, size_t size)
{
	struct block *block = block_new(pool, size);

	hold(column, block);
	return block->data;
}

/* The block that a run of `from` lies in gets one more count, which is the column's. */
static void share_run(struct column *column, const struct column *from, const void *run)
{
	for (size_t i = 0; i < COLUMN_BLOCKS && from->blocks[i]; i++) {
		struct block *block = from->blocks[i];

		if ((const unsigned char *)run >= block->data && (const unsigned char *)run <= block->data + block->size) {
			hold(column, block_use(block));
			return;
		}
	}
}

uint64_t *column_new_valid(struct column *column, struct pool *pool, size_t n_rows, bool all)
{
	uint64_t *valid = new_run(column, pool, bits_words(n_rows) * sizeof *valid);

	memset(valid, all ? 0xff : 0, bits_words(n_rows) * sizeof *valid);
	if (all && n_rows % 64)
		valid[n_rows / 64] = ~UINT64_C(0) >> (64 - n_rows % 64);
	column->valid = valid;
	return valid;
}

uint64_t *column_copy_valid(struct column *column, struct pool *pool, size_t n_rows, const struct column *from)
{
	uint64_t *valid = column_new_valid(column, pool, n_rows, true);

	if (from->valid)
		memcpy(valid, from->valid, bits_words(n_rows) * sizeof *valid);
	return valid;
}

void *column_new_values(struct column *column, struct pool *pool, enum type type, size_t n_rows)
{
	void *values = new_run(column, pool, n_rows * type_width(type));

	column->values = values;
	column->fresh_values = true;
	return values;
}

uint32_t *column_new_codes(struct column *column, struct pool *pool, size_t n_rows)
{
	uint32_t *codes = new_run(column, pool, n_rows * sizeof *codes);

	column->codes = codes;
	column->has_codes = column->fresh_codes = true;
	return codes;
}

uint32_t *column_new_offsets(struct column *column, struct pool *pool, size_t n_entries)
{
	uint32_t *offsets = new_run(column, pool, (n_entries + 1) * sizeof *offsets);

	column->offsets = offsets;
	column->n_entries = (uint32_t)n_entries;
	return offsets;
}

char *column_new_bytes(struct column *column, struct pool *pool, size_t size)
{
	char *bytes = new_run(column, pool, size);

	column->bytes = bytes;
	column->bytes_size = size;
	return bytes;
}

void column_share_valid(struct column *column, const struct column *from)
{
	column->valid = from->valid;
	if (from->valid)
		share_run(column, from, from->valid);
}

void column_share_entries(struct column *column, const struct column *from)
{
	column->offsets = from->offsets;
	column->bytes = from->bytes;
	column->bytes_size = from->bytes_size;
	column->n_entries = from->n_entries;
	share_run(column, from, from->offsets);
	share_run(column, from, from->bytes);
}

void column_share(struct column *column, const struct column *from)
{
	*column = *from;
	for (size_t i = 0; i < COLUMN_BLOCKS && from->blocks[i]; i++)
		block_use(from->blocks[i]);
}

void column_drop(struct column *column)
{
	for (size_t i = 0; i < COLUMN_BLOCKS && column->blocks[i]; i++)
		block_drop(column->blocks[i]);
	*column = (struct column)COLUMN_INIT;
}

void column_set_sequence(struct column *column, int64_t first, int64_t step)
{
	column->encoding = ENCODED_SEQUENCE;
	column->first.number = first;
	column->step = step;
}

void column_set_mostly(struct column *column, bool most, const uint16_t *at, size_t n_odd, struct block *of_at)
{
	column->encoding = ENCODED_MOSTLY;
	column->first.number = most;
	column->at = at;
	column->n_odd = (uint32_t)n_odd;
	hold(column, of_at);
}

void *column_new_narrow(struct column *column, struct pool *pool, size_t n_rows, uint8_t width, uint8_t digits)
{
	void *narrow = new_run(column, pool, n_rows * width);

	column->encoding = ENCODED_NARROW;
	column->narrow = narrow;
	column->narrow_width = width;
	column->digits = digits;
	column->fresh_narrow = true;
	return narrow;
}

void column_place_narrow(struct column *column, const struct column *from)
{
	column->encoding = from->encoding;
	column->center = from->center;
	column->scale = from->scale;
	column->first = from->first;
	column->step = from->step;
}

void *column_copy_narrow(struct column *column, struct pool *pool, size_t n_rows, uint8_t width, const struct column *from)
{
	void *narrow = column_new_narrow(column, pool, n_rows, width, from->digits);

	narrow_widen(from->narrow, from->narrow_width, n_rows, width, narrow);
	column_place_narrow(column, from);
	return narrow;
}

void column_zero_missing(const struct column *column, void *values, size_t width, size_t n_rows)
{
	for (size_t word = 0; column->valid && word < bits_words(n_rows); word++) {
		uint64_t missing = ~column->valid[word] & bits_between(word, 0, n_rows);

		for (; missing; missing &= missing - 1)
			memset((unsigned char *)values + (word * 64 + (size_t)__builtin_ctzll(missing)) * width, 0, width);
	}
}

/* The values' room holds narrow ints now. */
static void set_narrow(struct column *column, uint8_t width, uint8_t digits)
{
	column->encoding = ENCODED_NARROW;
	column->narrow = column->values;
	column->narrow_width = width;
	column->digits = digits;
	column->values = NULL;
	column->fresh_values = false;
}

bool column_narrow_ints(struct column *column, size_t n_rows)
{
	int64_t *ints = (int64_t *)column->values;
	uint8_t width;

	assert(column->fresh_values);
	column_zero_missing(column, ints, sizeof *ints, n_rows);
	width = narrow_longs(ints, n_rows);
	if (width)
		set_narrow(column, width, 0);
	return width;
}

bool column_narrow_reals(struct column *column, size_t n_rows)
{
	double *reals = (double *)column->values;
	unsigned digits;
	uint8_t width;

	assert(column->fresh_values);
	column_zero_missing(column, reals, sizeof *reals, n_rows);
	width = narrow_reals(reals, n_rows, &digits);
	if (width)
		set_narrow(column, width, (uint8_t)digits);
	return width;
}

bool column_scale_narrow(struct column *to, const struct column *from, double center, double scale)
{
	if (from->encoding != ENCODED_NARROW || !narrow_may_scale(from->digits, center, scale))
		return false;
	*to = (struct column)COLUMN_INIT;
	column_share_valid(to, from);
	to->encoding = ENCODED_PLACED;
	to->narrow = from->narrow;
	to->narrow_width = from->narrow_width;
	to->digits = from->digits;
	to->center = center;
	to->scale = scale;
	share_run(to, from, from->narrow);
	return true;
}

bool column_same_narrow(const struct column *column, const struct column *other)
{
	if (column->encoding != other->encoding || !column_is_narrow(column))
		return false;
	return column->encoding == ENCODED_NARROW || (column->center == other->center && column->scale == other->scale &&
	                                              column->first.number == other->first.number && column->step == other->step);
}

void column_close(struct column *column, enum type type, size_t n_rows)
{
	size_t n_valid = 0;

	column->checked = true;
	column->has_codes = column->codes || column->wire_codes;
	for (size_t word = 0; column->valid && word < bits_words(n_rows); word++)
		n_valid += bits_ones(column->valid[word]);
	column->n_missing = column->valid ? n_rows - n_valid : 0;
	if (column->n_missing == 0)
		column->valid = NULL;
	if (column->fresh_values)               /* ours until it is put */
		column_zero_missing(column, (void *)column->values, type_width(type), n_rows);
	if (column->fresh_codes)
		column_zero_missing(column, (void *)column->codes, sizeof *column->codes, n_rows);
	if (column->fresh_narrow)
		column_zero_missing(column, (void *)column->narrow, column->narrow_width, n_rows);
	column->fresh_values = column->fresh_codes = column->fresh_narrow = false;
}

void batch_put(struct batch *batch, size_t col, enum type type, struct column *fresh)
{
	column_close(fresh, type, batch->n_rows);
	if (col == batch->n_columns)
		batch_set_columns(batch, col + 1);
	column_drop(&batch->columns[col]);
	batch->columns[col] = *fresh;
	batch->compact = false;
	*fresh = (struct column)COLUMN_INIT;
}

void codes_narrow(const struct column *column, size_t n_rows, void *to, uint8_t *width)
{
	*width = column->n_entries <= 256 ? 1 : column->n_entries <= 65536 ? 2 : 4;
	if (*width == 1)
		for (size_t row = 0; row < n_rows; row++)
			((uint8_t *)to)[row] = (uint8_t)column->codes[row];
	else if (*width == 2)
		for (size_t row = 0; row < n_rows; row++)
			((uint16_t *)to)[row] = (uint16_t)column->codes[row];
	else
		memcpy(to, column->codes, n_rows * sizeof *column->codes);
}
