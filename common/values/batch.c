/* SPDX-License-Identifier: MIT */
#include "batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

/* ---- blocks ---- */

struct block *block_new(size_t size)
{
	struct block *block = mem_aligned(64 + size);           /* the bytes behind the head, both aligned to 64 */

	*block = (struct block){.users = 1, .size = size, .data = (unsigned char *)block + 64};
	return block;
}

struct block *block_use(struct block *block)
{
	if (block)
		block->users++;
	return block;
}

void block_drop(struct block *block)
{
	if (block && --block->users == 0)
		free(block);
}

/* ---- checking a column ---- */

static size_t n_words(size_t n_rows)
{
	return (n_rows + 63) / 64;
}

static size_t count_missing(const uint64_t *valid, size_t n_rows)
{
	size_t n_valid = 0;

	if (!valid)
		return 0;
	for (size_t word = 0; word < n_words(n_rows); word++)
		n_valid += (size_t)__builtin_popcountll(valid[word]);
	return n_rows - n_valid;
}

static bool all_finite(const double *reals, size_t n)
{
	uint64_t bad = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t bits;

		memcpy(&bits, &reals[i], sizeof bits);
		bad |= ((bits >> 52 & 0x7ff) + 1) >> 11;        /* carries out of 11 bits only when all are ones */
	}
	return bad == 0;
}

static bool zero_under_missing(const struct column *column, enum type type, size_t n_rows)
{
	const unsigned char *values = column->values;
	size_t width = type_width(type);

	for (size_t row = 0; row < n_rows; row++) {
		uint64_t value = 0;

		if (column_valid(column, row))
			continue;
		memcpy(&value, values + row * width, width);
		if (value)
			return false;
	}
	return true;
}

/* Years 1 to 9999: what prints and reads back. */
static bool all_in_calendar(const int64_t *times, size_t n)
{
	static const int64_t first = INT64_C(-62135596800000000), last = INT64_C(253402300799999999);
	bool inside = true;

	for (size_t i = 0; i < n; i++)
		inside &= (times[i] >= first) & (times[i] <= last);
	return inside;
}

static const char *check_values(const struct column *column, enum type type, size_t n_rows)
{
	if (type == TYPE_REAL && !all_finite(column->values, n_rows))
		return "a real that is not finite";
	if (type == TYPE_TIME && !all_in_calendar(column->values, n_rows))
		return "a time outside of the years 1 to 9999";
	if (type == TYPE_BOOL) {
		uint8_t any = 0;

		for (size_t row = 0; row < n_rows; row++)
			any |= ((const uint8_t *)column->values)[row];
		if (any > 1)
			return "a bool that is not 0 or 1";
	}
	if (column->n_missing && !zero_under_missing(column, type, n_rows))
		return "a value under a missing row";
	return NULL;
}

static const char *check_entries(const struct column *column)
{
	const uint32_t *offsets = column->offsets;
	uint32_t n = column->n_entries;

	if (offsets[0] != 0 || offsets[n] != column->bytes_size)
		return "text offsets that do not cover their bytes";
	for (uint32_t i = 0; i < n; i++)
		if (offsets[i] > offsets[i + 1])
			return "text offsets that go back";
	if (!text_is_utf8(column->bytes, column->bytes_size))
		return "text that is not UTF-8";
	for (uint32_t i = 1; i < n; i++)
		if (offsets[i] < column->bytes_size && ((unsigned char)column->bytes[offsets[i]] & 0xc0) == 0x80)
			return "text that is cut within a character";
	return NULL;
}

static const char *check_text(const struct column *column, size_t n_rows)
{
	const char *broken = check_entries(column);

	if (broken || column->has_codes || !column->n_missing)
		return broken;
	for (size_t row = 0; row < n_rows; row++)
		if (!column_valid(column, row) && column->offsets[row] != column->offsets[row + 1])
			return "a value under a missing row";
	return NULL;
}

/* Codes of 1, 2 or 4 bytes to 4; NULL if one lies outside of the dictionary, or is not 0 under a missing row. */
static const uint32_t *widen(struct batch *batch, const struct column *column)
{
	uint32_t *codes = arena_array(&batch->arena, batch->n_rows, sizeof *codes), most = 0;
	const uint8_t *bytes = column->wire_codes;
	const uint16_t *shorts = column->wire_codes;
	size_t n = batch->n_rows;

	switch (column->code_width) {
	case 1:
		for (size_t row = 0; row < n; row++) {
			codes[row] = bytes[row];
			most = codes[row] > most ? codes[row] : most;
		}
		break;
	case 2:
		for (size_t row = 0; row < n; row++) {
			codes[row] = shorts[row];
			most = codes[row] > most ? codes[row] : most;
		}
		break;
	default:
		memcpy(codes, column->wire_codes, n * sizeof *codes);
		for (size_t row = 0; row < n; row++)
			most = codes[row] > most ? codes[row] : most;
	}
	if (n && most >= column->n_entries)
		return NULL;
	if (!column->checked && column->n_missing)
		for (size_t row = 0; row < n; row++)
			if (!column_valid(column, row) && codes[row])
				return NULL;
	return codes;
}

const struct column *column_read(struct batch *batch, size_t col, struct error *err)
{
	struct column *column = &batch->columns[col];
	enum type type = batch->schema->fields[col].type;
	const char *broken = NULL;

	if (column->checked && (!column->has_codes || column->codes))
		return column;
	if (!column->checked) {
		size_t spare = batch->n_rows % 64;

		column->n_missing = count_missing(column->valid, batch->n_rows);
		if (column->valid && spare && column->valid[batch->n_rows / 64] >> spare)
			broken = "spare bits that are set";
		else if (type == TYPE_TEXT)
			broken = check_text(column, batch->n_rows);
		else
			broken = check_values(column, type, batch->n_rows);
	}
	if (!broken && column->has_codes && !(column->codes = widen(batch, column)))
		broken = "a code past its dictionary, or under a missing row";
	if (broken) {
		error_set(err, STATUS_FAILED, "broken input: column '%s' holds %s", batch->schema->fields[col].name, broken);
		return NULL;
	}
	column->checked = true;
	return column;
}

double column_number(const struct column *column, enum type type, size_t row)
{
	switch (type) {
	case TYPE_INT: return (double)column_int(column, row);
	case TYPE_REAL: return column_real(column, row);
	case TYPE_BOOL: return column_bool(column, row);
	default: return 0;
	}
}

/* ---- making and changing batches ---- */

void batch_set_columns(struct batch *batch, size_t n_columns)
{
	if (n_columns > batch->n_columns) {
		struct column *columns = arena_new(&batch->arena, n_columns, sizeof *columns);

		if (batch->n_columns)
			memcpy(columns, batch->columns, batch->n_columns * sizeof *columns);
		batch->columns = columns;
	}
	for (size_t col = n_columns; col < batch->n_columns; col++)
		block_drop(batch->columns[col].owner);
	batch->n_columns = n_columns;
}

void batch_start(struct batch *batch, const struct schema *schema, size_t n_rows)
{
	batch_clear(batch);
	batch->schema = schema;
	batch->n_rows = n_rows;
	batch_set_columns(batch, schema->n_fields);
}

void batch_clear(struct batch *batch)
{
	batch_set_columns(batch, 0);
	batch->columns = NULL;
	batch->n_rows = 0;
	arena_clear(&batch->arena);
}

void batch_free(struct batch *batch)
{
	batch_clear(batch);
	arena_free(&batch->arena);
}

uint64_t *batch_bits(struct batch *batch)
{
	return arena_new(&batch->arena, n_words(batch->n_rows), sizeof(uint64_t));
}

void *batch_values(struct batch *batch, enum type type)
{
	return arena_new(&batch->arena, batch->n_rows, type_width(type));
}

void batch_put_as(struct batch *batch, size_t col, enum type type, const struct column *fresh)
{
	struct column *column;
	struct block *old;
	size_t width = type_width(type);

	if (col == batch->n_columns)
		batch_set_columns(batch, col + 1);
	column = &batch->columns[col];
	old = column->owner;
	*column = *fresh;
	column->checked = true;
	column->has_codes = column->codes || column->wire_codes;
	column->n_missing = count_missing(column->valid, batch->n_rows);
	if (column->n_missing == 0)
		column->valid = NULL;
	if (column->values && column->valid && !column->owner) {
		unsigned char *values = (unsigned char *)column->values;        /* of the arena: ours to write */

		for (size_t row = 0; row < batch->n_rows; row++)
			if (!column_valid(column, row))
				memset(values + row * width, 0, width);
	}
	if (old != column->owner)
		block_drop(old);
}

void batch_put(struct batch *batch, size_t col, const struct column *fresh)
{
	batch_put_as(batch, col, batch->schema->fields[col].type, fresh);
}

void batch_remove(struct batch *batch, size_t col)
{
	block_drop(batch->columns[col].owner);
	batch->n_columns--;
	memmove(batch->columns + col, batch->columns + col + 1, (batch->n_columns - col) * sizeof *batch->columns);
}

/* ---- keeping some rows ---- */

static void *keep_values(struct arena *arena, const void *from, size_t width, const uint32_t *kept, size_t n_kept)
{
	void *to = arena_array(arena, n_kept, width);

	switch (width) {
	case 1:
		for (size_t i = 0; i < n_kept; i++)
			((uint8_t *)to)[i] = ((const uint8_t *)from)[kept[i]];
		break;
	case 4:
		for (size_t i = 0; i < n_kept; i++)
			((uint32_t *)to)[i] = ((const uint32_t *)from)[kept[i]];
		break;
	default:
		for (size_t i = 0; i < n_kept; i++)
			((uint64_t *)to)[i] = ((const uint64_t *)from)[kept[i]];
	}
	return to;
}

static uint64_t *keep_bits(struct arena *arena, const uint64_t *from, const uint32_t *kept, size_t n_kept)
{
	uint64_t *to = arena_new(arena, n_words(n_kept), sizeof *to);

	for (size_t i = 0; i < n_kept; i++)
		to[i / 64] |= (from[kept[i] / 64] >> kept[i] % 64 & 1) << i % 64;
	return to;
}

static void keep_text(struct arena *arena, const struct column *from, struct column *to, const uint32_t *kept, size_t n_kept)
{
	uint32_t *offsets = arena_array(arena, n_kept + 1, sizeof *offsets), size = 0;
	char *bytes;

	for (size_t i = 0; i < n_kept; i++)
		size += from->offsets[kept[i] + 1] - from->offsets[kept[i]];
	bytes = arena_array(arena, size, 1);
	offsets[0] = 0;
	for (size_t i = 0; i < n_kept; i++) {
		uint32_t length = from->offsets[kept[i] + 1] - from->offsets[kept[i]];

		memcpy(bytes + offsets[i], from->bytes + from->offsets[kept[i]], length);
		offsets[i + 1] = offsets[i] + length;
	}
	to->offsets = offsets;
	to->bytes = bytes;
	to->bytes_size = size;
	to->n_entries = (uint32_t)n_kept;
}

int batch_keep(struct batch *batch, const uint64_t *rows, size_t n_kept, struct error *err)
{
	uint32_t *kept;
	size_t n = 0;

	if (n_kept == batch->n_rows)
		return 0;
	kept = arena_array(&batch->arena, n_kept, sizeof *kept);
	for (size_t word = 0; word < n_words(batch->n_rows); word++)
		for (uint64_t bits = rows[word]; bits; bits &= bits - 1)
			kept[n++] = (uint32_t)(word * 64 + (size_t)__builtin_ctzll(bits));
	assert(n == n_kept);
	for (size_t col = 0; col < batch->n_columns; col++) {
		const struct column *column = column_read(batch, col, err);
		enum type type = batch->schema->fields[col].type;
		struct column fresh;

		if (!column)
			return -1;
		fresh = *column;
		fresh.wire_codes = NULL;
		if (type == TYPE_TEXT && column->codes) {
			/* The dictionary stays: shared with the block, if it lies in one. */
			fresh.codes = keep_values(&batch->arena, column->codes, sizeof *column->codes, kept, n_kept);
		} else {
			fresh.owner = NULL;
			if (type == TYPE_TEXT)
				keep_text(&batch->arena, column, &fresh, kept, n_kept);
			else
				fresh.values = keep_values(&batch->arena, column->values, type_width(type), kept, n_kept);
		}
		if (column->valid)
			fresh.valid = keep_bits(&batch->arena, column->valid, kept, n_kept);
		fresh.n_missing = count_missing(fresh.valid, n_kept);
		if (fresh.n_missing == 0)
			fresh.valid = NULL;
		if (!fresh.owner)
			block_drop(column->owner);
		batch->columns[col] = fresh;
	}
	batch->n_rows = n_kept;
	return 0;
}

/* ---- holding a batch ---- */

/* The runs of a column with their sizes: what batch_hold copies. */
struct run { const void **at; size_t size; };

static size_t column_runs(struct column *column, enum type type, size_t n_rows, struct run *runs)
{
	size_t n = 0;

	if (column->valid)
		runs[n++] = (struct run){(const void **)&column->valid, n_words(n_rows) * 8};
	if (type != TYPE_TEXT) {
		runs[n++] = (struct run){&column->values, n_rows * type_width(type)};
		return n;
	}
	runs[n++] = (struct run){(const void **)&column->offsets, ((size_t)column->n_entries + 1) * 4};
	runs[n++] = (struct run){(const void **)&column->bytes, column->bytes_size};
	if (column->wire_codes)
		runs[n++] = (struct run){&column->wire_codes, n_rows * column->code_width};
	return n;
}

enum { MAX_RUNS = 4 };

static size_t aligned(size_t size)
{
	return (size + 63) / 64 * 64;
}

const void *codes_narrow(struct arena *arena, const struct column *column, size_t n_rows, uint8_t *width)
{
	*width = column->n_entries <= 256 ? 1 : column->n_entries <= 65536 ? 2 : 4;
	if (*width == 1) {
		uint8_t *codes = arena_array(arena, n_rows, sizeof *codes);

		for (size_t row = 0; row < n_rows; row++)
			codes[row] = (uint8_t)column->codes[row];
		return codes;
	}
	if (*width == 2) {
		uint16_t *codes = arena_array(arena, n_rows, sizeof *codes);

		for (size_t row = 0; row < n_rows; row++)
			codes[row] = (uint16_t)column->codes[row];
		return codes;
	}
	return column->codes;
}

static size_t column_bytes(const struct column *column, enum type type, size_t n_rows)
{
	struct column view = *column;
	struct run runs[MAX_RUNS];
	size_t size = 0;

	for (size_t i = column_runs(&view, type, n_rows, runs); i-- > 0;)
		size += runs[i].size;
	return size;
}

size_t batch_bytes(const struct batch *batch)
{
	size_t size = 0;

	for (size_t col = 0; col < batch->n_columns; col++) {
		const struct column *column = &batch->columns[col];

		size += column_bytes(column, batch->schema->fields[col].type, batch->n_rows);
		if (column->codes && !column->wire_codes)
			size += batch->n_rows * 4;
	}
	return size;
}

/* How much of each block the columns still use: a block that is mostly garbage (a wide column was dropped) is not worth keeping. */
static void count_live(const struct batch *batch)
{
	for (size_t col = 0; col < batch->n_columns; col++)
		if (batch->columns[col].owner)
			batch->columns[col].owner->live = 0;
	for (size_t col = 0; col < batch->n_columns; col++)
		if (batch->columns[col].owner)
			batch->columns[col].owner->live += column_bytes(&batch->columns[col], batch->schema->fields[col].type, batch->n_rows);
}

/* Whether a column can share its block. If its codes or bit map were made anew while the dictionary stayed there, it can't. */
static bool shares(const struct column *column)
{
	return column->owner && !(column->codes && !column->wire_codes) && 4 * column->owner->live >= 3 * column->owner->size;
}

void batch_hold(struct batch *to, const struct batch *from)
{
	struct block *block = NULL;
	size_t size = 0, at = 0;
	struct run runs[MAX_RUNS];

	count_live(from);
	batch_start(to, from->schema, from->n_rows);
	if (from->n_columns != to->n_columns)
		batch_set_columns(to, from->n_columns);
	for (size_t col = 0; col < from->n_columns; col++) {
		struct column *column = &to->columns[col];
		const struct column *old = &from->columns[col];

		*column = *old;
		if (shares(old)) {
			block_use(column->owner);
			column->codes = NULL;
			continue;
		}
		column->owner = NULL;
		if (column->codes && !column->wire_codes)       /* in the arena of `to`, to be copied with the other runs */
			column->wire_codes = codes_narrow(&to->arena, column, from->n_rows, &column->code_width);
		column->codes = NULL;
		for (size_t i = column_runs(column, from->schema->fields[col].type, from->n_rows, runs); i-- > 0;)
			size += aligned(runs[i].size);
	}
	if (size)
		block = block_new(size);
	for (size_t col = 0; col < from->n_columns; col++) {
		struct column *column = &to->columns[col];

		if (column->owner)
			continue;
		for (size_t n = column_runs(column, from->schema->fields[col].type, from->n_rows, runs), i = 0; i < n; i++) {
			if (runs[i].size)
				memcpy(block->data + at, *runs[i].at, runs[i].size);
			*runs[i].at = block->data + at;
			at += aligned(runs[i].size);
		}
		column->owner = block_use(block);
	}
	block_drop(block);
}
