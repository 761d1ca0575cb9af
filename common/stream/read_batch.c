/* SPDX-License-Identifier: MIT */
/*
 * A column's map says where its runs stand in the batch's data: [offset, size]. The
 * offsets stand in the column until all are known and cut the data into parts, then
 * they become pointers.
 */
#include "read_batch.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "narrow.h"

enum { MAX_BATCH_ROWS = (1 << 26) - 1, PART_LEAST = 8 * 1024, LONG_DATA = 128 * 1024 };

/* What the runs of a column take of the data. */
struct span { uint64_t data_size, first, last, written_out; };       /* written_out: by encodings, of all columns so far */

/* `run` becomes the offset in the data, as a pointer that is not one yet; place_runs makes one of it. */
static int run_of(object pair, struct span *span, size_t want, bool exact, const void **run, size_t *size)
{
	uint64_t offset, length;

	if (array_size(pair) != 2 || !object_uint(array_get(pair, 0), &offset) || !object_uint(array_get(pair, 1), &length))
		return -1;
	if (offset % 8 || offset > span->data_size || length > span->data_size - offset || (exact && length != want))
		return -1;
	span->first = offset < span->first ? offset : span->first;
	span->last = offset + length > span->last ? offset + length : span->last;
	*run = (const void *)(uintptr_t)(offset + 1);
	*size = (size_t)length;
	return 0;
}

/* An int that counts up: {first, step}. */
static int sequence_from_map(object map, enum type type, struct column *column)
{
	if (type != TYPE_INT || !object_int(map_get(map, "first"), &column->first.number) || !object_int(map_get(map, "step"), &column->step))
		return -1;
	column->encoding = ENCODED_SEQUENCE;
	return 0;
}

/* A column that is mostly one value: {most, at, odd}; a bool needs no odd ones. */
static int mostly_from_map(object map, enum type type, size_t n_rows, struct span *span, struct column *column)
{
	object most = map_get(map, "most");
	size_t size;
	bool flag;

	if (run_of(map_get(map, "at"), span, 0, false, (const void **)&column->at, &size) || size % sizeof *column->at || size / sizeof *column->at > n_rows)
		return -1;
	column->encoding = ENCODED_MOSTLY;
	column->n_odd = (uint32_t)(size / sizeof *column->at);
	if (type == TYPE_BOOL) {
		column->first.number = object_bool(most, &flag) && flag;
		return most->type == MSGPACK_OBJECT_BOOLEAN ? 0 : -1;
	}
	if (type == TYPE_REAL ? !object_real(most, &column->first.real) : !object_int(most, &column->first.number))
		return -1;
	return run_of(map_get(map, "odd"), span, column->n_odd * (size_t)8, true, &column->odd, &size);
}

static int width_from_map(object map, uint8_t *to)
{
	uint64_t width;

	if (!object_uint(map_get(map, "width"), &width) || (width != 1 && width != 2 && width != 4))
		return -1;
	*to = (uint8_t)width;
	return 0;
}

/* Where reals stand, if that is said: {center, scale}. */
static int scale_from_map(object map, enum type type, struct column *column)
{
	object center = map_get(map, "center"), scale = map_get(map, "scale");

	if (!center && !scale)
		return 0;
	column->encoding = ENCODED_PLACED;
	if (type != TYPE_REAL || !object_real(center, &column->center) || !object_real(scale, &column->scale))
		return -1;
	return narrow_may_scale(column->digits, column->center, column->scale) ? 0 : -1;
}

/* From where ints count up, and how far at a time, if that is said: {base, step}. */
static int count_from_map(object map, enum type type, struct column *column)
{
	object base = map_get(map, "base");

	if (!base)
		return map_get(map, "step") ? -1 : 0;
	column->encoding = ENCODED_PLACED;
	if (type != TYPE_INT || !object_int(base, &column->first.number) || !object_int(map_get(map, "step"), &column->step))
		return -1;
	return narrow_may_count(column->first.number, column->step) ? 0 : -1;
}

/* Ints, or reals of so many digits behind the point, as narrow ints: {values, width, digits, center, scale, base, step}. */
static int narrow_from_map(object map, enum type type, size_t n_rows, struct span *span, struct column *column)
{
	object told = map_get(map, "digits");
	uint64_t digits = 0;
	size_t size;

	if ((type != TYPE_INT && type != TYPE_REAL) || width_from_map(map, &column->narrow_width))
		return -1;
	if (type == TYPE_REAL ? !object_uint(told, &digits) || digits > NARROW_DIGITS : told != NULL)
		return -1;
	column->encoding = ENCODED_NARROW;
	column->digits = (uint8_t)digits;
	if (scale_from_map(map, type, column) || count_from_map(map, type, column))
		return -1;
	return run_of(map_get(map, "values"), span, n_rows * column->narrow_width, true, &column->narrow, &size);
}

/* Whether what a column says in less bytes than its values have stays, with those of all columns before it, within what a message may hold. */
static bool may_write_out(enum type type, size_t n_rows, struct span *span)
{
	span->written_out += n_rows * type_width(type);
	return span->written_out <= MESSAGE_CAP;
}

static int column_from_map(object map, enum type type, size_t n_rows, struct span *span, struct column *column)
{
	object mixed = map_get(map, "mixed"), words = map_get(map, "words");
	size_t size;

	if (mixed && (type == TYPE_TEXT || !object_bool(mixed, &column->mixed)))
		return -1;
	if (words && (type == TYPE_TEXT || !object_bool(words, &column->words)))
		return -1;
	if (map_get(map, "first") || map_get(map, "most")) {
		if (map_get(map, "valid") || type == TYPE_TEXT || n_rows > ENCODED_ROWS || !may_write_out(type, n_rows, span))
			return -1;
		return map_get(map, "first") ? sequence_from_map(map, type, column) : mostly_from_map(map, type, n_rows, span, column);
	}
	if (map_get(map, "valid")) {
		if (run_of(map_get(map, "valid"), span, bits_words(n_rows) * 8, true, (const void **)&column->valid, &size))
			return -1;
	}
	if (type != TYPE_TEXT && map_get(map, "width"))
		return may_write_out(type, n_rows, span) ? narrow_from_map(map, type, n_rows, span, column) : -1;
	if (type != TYPE_TEXT)
		return run_of(map_get(map, "values"), span, n_rows * type_width(type), true, &column->values, &size);
	if (run_of(map_get(map, "offsets"), span, 0, false, (const void **)&column->offsets, &size) || size < 4 || size % 4)
		return -1;
	column->n_entries = (uint32_t)(size / 4 - 1);
	if (run_of(map_get(map, "bytes"), span, 0, false, (const void **)&column->bytes, &column->bytes_size))
		return -1;
	if (!map_get(map, "codes"))
		return column->n_entries == n_rows ? 0 : -1;
	if (width_from_map(map, &column->code_width))
		return -1;
	column->has_codes = true;
	return run_of(map_get(map, "codes"), span, n_rows * column->code_width, true, &column->wire_codes, &size);
}

enum { N_RUNS = 8 };

static size_t runs_of(struct column *column, const void ***runs)
{
	const void **all[N_RUNS] = { (const void **)&column->valid, &column->values, (const void **)&column->offsets, (const void **)&column->bytes,
	                            &column->wire_codes, (const void **)&column->at, &column->odd, &column->narrow };
	size_t n = 0;

	for (size_t i = 0; i < N_RUNS; i++)
		if (*all[i])
			runs[n++] = all[i];
	return n;
}

/* A part begins at 0, and where a column does that stands behind all those before it, PART_LEAST behind the last beginning. */
static void add_part(struct batch_reader *reader, uint64_t offset)
{
	if (reader->n_parts > 0 && offset - reader->parts[reader->n_parts - 1].offset < PART_LEAST)
		return;
	array_grow(reader->parts, reader->n_parts, reader->room);
	reader->parts[reader->n_parts++] = (struct part){ offset, NULL };
}

static void open_parts(struct batch_reader *reader, uint64_t data_size)
{
	for (size_t i = 0; i < reader->n_parts; i++) {
		uint64_t end = i + 1 < reader->n_parts ? reader->parts[i + 1].offset : data_size;

		reader->parts[i].block = block_new(reader->pool, (size_t)(end - reader->parts[i].offset));
	}
}

static void drop_parts(struct batch_reader *reader)
{
	for (size_t i = 0; i < reader->n_parts; i++)
		block_drop(reader->parts[i].block);
	reader->n_parts = 0;
}

/* Offsets become pointers into the parts, of which the column takes a count each. */
static void place_runs(struct batch_reader *reader, struct column *column)
{
	const void **runs[N_RUNS];
	size_t n = runs_of(column, runs), n_blocks = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t offset = (uintptr_t)*runs[i] - 1;
		size_t low = 0, high = reader->n_parts, at = 0;
		struct block *block;

		while (low + 1 < high) {
			size_t middle = low + (high - low) / 2;

			if (reader->parts[middle].offset <= offset)
				low = middle;
			else
				high = middle;
		}
		block = reader->parts[low].block;
		*runs[i] = block->data + (offset - reader->parts[low].offset);
		while (at < n_blocks && column->blocks[at] != block)
			at++;
		if (at == n_blocks)
			column->blocks[n_blocks++] = block_use(block);
	}
}

static int read_data(struct batch_reader *reader, struct error *err)
{
	if (reader->n_parts > reader->iov_room)
		reader->iov = mem_resize(reader->iov, reader->iov_room = reader->n_parts, sizeof *reader->iov);
	for (size_t i = 0; i < reader->n_parts; i++)
		reader->iov[i] = (struct iovec){ reader->parts[i].block->data, reader->parts[i].block->size };
	return wire_read_parts(reader->wire, reader->iov, reader->n_parts, err);
}

static int batch_columns(struct batch_reader *reader, const struct schema *schema, object map, uint64_t data_size, struct batch *to,
                         struct error *err)
{
	object columns = map_get(map, "columns");
	uint64_t n_rows, end = 0, written_out = 0;
	bool in_order = true;

	/* Without a column there is no byte for a row: many of them cost nothing, and much later. */
	if (!object_uint(map_get(map, "rows"), &n_rows) || n_rows > (schema->n_fields ? MAX_BATCH_ROWS : ENCODED_ROWS) ||
	    array_size(columns) != schema->n_fields)
		return error_set(err, STATUS_FAILED, "%s: broken batch: rows or columns", reader->wire->name);
	batch_start(to, reader->pool, schema, (size_t)n_rows);
	to->first_row = reader->wire->rows;
	add_part(reader, 0);
	for (size_t col = 0; col < schema->n_fields; col++) {
		struct span span = { data_size, UINT64_MAX, 0, written_out };

		if (column_from_map(array_get(columns, col), schema->fields[col].type, (size_t)n_rows, &span, &to->columns[col])) {
			for (size_t i = 0; i <= col; i++)       /* no pointers yet */
				to->columns[i] = (struct column)COLUMN_INIT;
			return error_set(err, STATUS_FAILED, "%s: broken batch: column '%s'", reader->wire->name, schema->fields[col].name);
		}
		written_out = span.written_out;
		if (span.first == UINT64_MAX)
			continue;
		in_order &= span.first >= end;
		end = span.last > end ? span.last : end;
		if (in_order)
			add_part(reader, span.first);
	}
	if (!in_order)
		reader->n_parts = 1;
	return 0;
}

int batch_read(struct batch_reader *reader, const struct schema *schema, size_t head, struct batch *to, struct error *err)
{
	struct unpacked map = { .zone = NULL };
	size_t map_size, data_head = 0;
	uint64_t data_size = 0;
	int result = wire_whole(reader->wire, head, MESSAGE_CAP, &map_size, err);

	if (result <= 0)
		return result < 0 ? -1 : wire_cut(reader->wire, err);
	if (wire_bin(reader->wire, head + map_size, &data_size, &data_head, err) < 0)
		return -1;
	result = pack_read(&map, wire_here(reader->wire) + head, map_size, err);
	if (result < 0) {
		error_prefix(err, "%s: broken batch", reader->wire->name);
		goto out;
	}
	result = batch_columns(reader, schema, &map.object, data_size, to, err);
	if (result < 0)
		goto out;
	wire_take(reader->wire, head + map_size + data_head);
	open_parts(reader, data_size);
	for (size_t col = 0; col < to->n_columns; col++)
		place_runs(reader, &to->columns[col]);
	result = read_data(reader, err);
	if (data_size >= LONG_DATA)
		wire_expect(reader->wire, head + map_size + data_head);
out:
	drop_parts(reader);
	unpacked_free(&map);
	return result;
}

void batch_reader_release(struct batch_reader *reader)
{
	free(reader->parts);
	free(reader->iov);
}
