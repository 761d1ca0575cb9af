/* SPDX-License-Identifier: MIT */
/*
 * Foreign records: msgpack maps, one after the other, without a header. A key
 * that was not there before is a new column, null in the records before it; once
 * the types are settled on a pipe it is an error of its record. Strings stay
 * text, whatever they look like; NaN is null; an unsigned integer beyond 63 bits
 * is text, so that no id changes. `line` counts records.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "cells_config.h"
#include "file_kinds.h"
#include "memory.h"
#include "number.h"
#include "pack.h"
#include "rows.h"
#include "source.h"
#include "timestamp.h"

enum { DIGITS = 24 };   /* of an unsigned integer */

struct record_reader {
	struct input *input;
	struct columns *columns;
	struct unpacked record;
	struct row row;
	uint64_t *given;        /* per column: the number of the last record that had it */
	uint64_t number;
	char *name;             /* MAX_NAME + 1: a key with its NUL */
	struct buffer broken;
	struct buffer digits;
};

static int open_reader(void **state, struct input *input, struct columns *columns, const void *config, struct error *err)
{
	struct record_reader *reader;

	(void)config;
	(void)err;
	reader = mem_new(1, sizeof *reader);
	*reader = (struct record_reader){ .input = input, .columns = columns, .name = mem_array(MAX_NAME + 1, 1) };
	*state = reader;
	return 0;
}

static void close_reader(void *state)
{
	struct record_reader *reader = state;

	if (!reader)
		return;
	unpacked_free(&reader->record);
	buffer_free(&reader->broken);
	buffer_free(&reader->digits);
	free(reader->row.cells);
	free(reader->given);
	free(reader->name);
	free(reader);
}

/* Of what was read, up to its first line end. */
static size_t line_size(const struct input *input)
{
	const unsigned char *end = memchr(input->data, '\n', input->size);

	return end ? (size_t)(end - input->data) : input->size;
}

static int start(void *state, struct error *err)
{
	struct record_reader *reader = state;
	unsigned char first;

	if (!reader->columns->named) {
		reader->columns->named = reader->columns->growing = true;
		reader->columns->file = reader->input->name;
	}
	reader->number = 0;
	if (input_start(reader->input, err) < 0 || input_expect(reader->input, false, err) < 0)
		return -1;
	first = reader->input->data[0];
	if (line_is_json((const char *)reader->input->data, line_size(reader->input)))
		return refuse_json(reader->input, line_size(reader->input), err);
	return first >> 4 == 8 || first == 0xde || first == 0xdf ? 0 : file_kind_check(reader->input, "msgpack", err);  /* a map is one */
}

/* ---- cells ---- */

/* The first reason stays. */
static void break_row(struct record_reader *reader, object key, const char *what)
{
	if (reader->row.broken)
		return;
	buffer_clear(&reader->broken);
	if (key->type == MSGPACK_OBJECT_STR)
		buffer_format(&reader->broken, "field '%.*s' %s", (int)(key->via.str.size > 100 ? 100 : key->via.str.size), key->via.str.ptr, what);
	else
		buffer_format(&reader->broken, "a key that %s", what);
	reader->row.broken = buffer_text(&reader->broken);
}

/* The digits of a number that no int holds; they stay until the next record. */
static void set_digits(struct record_reader *reader, struct cell *cell, uint64_t number)
{
	char digits[DIGITS];
	size_t at = DIGITS;

	for (; number; number /= 10)
		digits[--at] = (char)('0' + number % 10);
	buffer_add(&reader->digits, digits + at, DIGITS - at);
	*cell = (struct cell){ .kind = CELL_STRING, .size = (uint32_t)(DIGITS - at),
			       .as.text = (const char *)reader->digits.data + reader->digits.size - (DIGITS - at) };
}

/* What is wrong with an extension, or NULL: it is a time. */
static const char *set_time(struct cell *cell, object value)
{
	msgpack_timestamp when;

	if (!msgpack_object_to_timestamp(value, &when))
		return "is an extension that is no timestamp";
	if (when.tv_nsec > 999999999)
		return "is a timestamp with more nanoseconds than a second has";
	if (when.tv_nsec % 1000)
		return "is a timestamp finer than a microsecond";
	if (__builtin_mul_overflow(when.tv_sec, 1000000, &when.tv_sec) || __builtin_add_overflow(when.tv_sec, when.tv_nsec / 1000, &when.tv_sec) ||
	    !time_in_calendar(when.tv_sec))
		return "is a time outside of the years 1 to 9999";
	*cell = (struct cell){ .kind = CELL_TIME, .as.number = when.tv_sec };
	return NULL;
}

static void set_cell(struct record_reader *reader, struct cell *cell, object key, object value)
{
	const char *wrong;

	switch (value->type) {
	case MSGPACK_OBJECT_NIL:
		break;
	case MSGPACK_OBJECT_BOOLEAN:
		*cell = (struct cell){ .kind = CELL_BOOL, .as.number = value->via.boolean };
		break;
	case MSGPACK_OBJECT_POSITIVE_INTEGER:
		if (value->via.u64 > INT64_MAX)
			set_digits(reader, cell, value->via.u64);
		else
			*cell = (struct cell){ .kind = CELL_INT, .as.number = (int64_t)value->via.u64 };
		break;
	case MSGPACK_OBJECT_NEGATIVE_INTEGER:
		*cell = (struct cell){ .kind = CELL_INT, .as.number = value->via.i64 };
		break;
	case MSGPACK_OBJECT_FLOAT32:
	case MSGPACK_OBJECT_FLOAT64:
		if (isinf(value->via.f64))
			break_row(reader, key, "is infinite");
		else if (!isnan(value->via.f64))
			*cell = (struct cell){ .kind = CELL_REAL, .as.real = value->via.f64 };
		break;
	case MSGPACK_OBJECT_STR:
		*cell = (struct cell){ .kind = CELL_STRING, .size = value->via.str.size, .as.text = value->via.str.ptr };
		break;
	case MSGPACK_OBJECT_EXT:
		wrong = set_time(cell, value);
		if (wrong)
			break_row(reader, key, wrong);
		break;
	case MSGPACK_OBJECT_BIN:
		break_row(reader, key, "holds bytes, not text");
		break;
	default:
		break_row(reader, key, "holds a list or a map");
	}
}

/* ---- records ---- */

static void grow_cells(struct record_reader *reader, size_t n)
{
	struct row *row = &reader->row;

	if (n <= row->room)
		return;
	row->cells = mem_resize(row->cells, 2 * n, sizeof *row->cells);
	reader->given = mem_resize(reader->given, 2 * n, sizeof *reader->given);
	memset(reader->given + row->room, 0, (2 * n - row->room) * sizeof *reader->given);
	row->room = 2 * n;
}

/* The column of a key; keys mostly come in the columns' order, so `guess` is tried first. NO_FIELD: the row is broken. */
static int find_column(struct record_reader *reader, object key, size_t guess)
{
	struct schema *schema = &reader->columns->schema;
	struct error err = ERROR_INIT;
	int col;

	if (guess < schema->n_fields && object_is_text(key, schema->fields[guess].name))
		return (int)guess;
	if (key->type != MSGPACK_OBJECT_STR) {
		break_row(reader, key, "is no text");
		return NO_FIELD;
	}
	if (schema_check_name(key->via.str.ptr, key->via.str.size, &err) < 0) {
		break_row(reader, key, "has a name that is empty, too long, no UTF-8 or holds a NUL");
		return NO_FIELD;
	}
	memcpy(reader->name, key->via.str.ptr, key->via.str.size);
	reader->name[key->via.str.size] = 0;
	col = schema_find(schema, reader->name);
	if (col != NO_FIELD)
		return col;
	if (!reader->columns->growing || schema->n_fields == MAX_COLUMNS) {
		break_row(reader, key, "is not in the first records");
		return NO_FIELD;
	}
	schema_add(schema, reader->name, TYPE_TEXT, ROLE_FEATURE);
	return (int)schema->n_fields - 1;
}

static void fill_row(struct record_reader *reader)
{
	const msgpack_object_map *map = &reader->record.object.via.map;
	size_t n = reader->columns->schema.n_fields;

	grow_cells(reader, n + map->size + 1);
	memset(reader->row.cells, 0, (n + map->size) * sizeof *reader->row.cells);
	buffer_clear(&reader->digits);
	buffer_reserve(&reader->digits, DIGITS * (size_t)map->size);     /* cells point into it */
	for (uint32_t i = 0, next = 0; i < map->size; i++) {
		object key = &map->ptr[i].key;
		int col = find_column(reader, key, next);

		if (col == NO_FIELD)
			continue;
		if (reader->given[col] == reader->number)
			break_row(reader, key, "comes twice");
		reader->given[col] = reader->number;
		set_cell(reader, &reader->row.cells[col], key, &map->ptr[i].val);
		next = (uint32_t)col + 1;
	}
	reader->row.n_cells = reader->columns->schema.n_fields;
}

/* Waits until a whole value stands at input->at. *size 0: the input ended before it began. */
static int whole_value(struct record_reader *reader, size_t *size, struct error *err)
{
	struct input *input = reader->input;
	struct pack_scan scan = { .at = 0 };

	input_mark(input);
	for (;;) {
		size_t there = input->size - input->at;
		enum pack_result result = there ? pack_scan(&scan, input->data + input->at, there) : PACK_MORE;
		ptrdiff_t n;

		*size = scan.at;
		if (result == PACK_WHOLE)
			return 0;
		if (result != PACK_MORE || there > LINE_CAP)
			return error_set(err, STATUS_FAILED, "%s: record %" PRIu64 ": %s", input->name, reader->number + 1,
					 result == PACK_DEEP ? "nested too deep" : result == PACK_BROKEN ? "no msgpack" : result == PACK_DENSE ? "too many small values" : "more than 64 MiB");
		if (input_silent(input))
			return INPUT_SILENT;
		n = input_fill(input, err);
		if (n < 0)
			return -1;
		if (n == 0 && there == 0) {
			*size = 0;
			return 0;
		}
		if (n == 0)
			return error_set(err, input_rewinds(input) ? STATUS_FAILED : STATUS_UPSTREAM, "%s: ended within record %" PRIu64, input->name,
					 reader->number + 1);
	}
}

static void print_json(object value, struct buffer *to);

static void print_map(const msgpack_object_map *map, struct buffer *to)
{
	buffer_add_byte(to, '{');
	for (uint32_t i = 0; i < map->size; i++) {
		if (i)
			buffer_add_byte(to, ',');
		print_json(&map->ptr[i].key, to);
		buffer_add_byte(to, ':');
		print_json(&map->ptr[i].val, to);
	}
	buffer_add_byte(to, '}');
}

/* A value as JSON, as near as JSON can say it: for rejects. */
static void print_json(object value, struct buffer *to)
{
	char number[NUMBER_SIZE];

	switch (value->type) {
	case MSGPACK_OBJECT_BOOLEAN: buffer_add_text(to, value->via.boolean ? "true" : "false"); break;
	case MSGPACK_OBJECT_POSITIVE_INTEGER: buffer_format(to, "%" PRIu64, value->via.u64); break;
	case MSGPACK_OBJECT_NEGATIVE_INTEGER: buffer_format(to, "%" PRId64, value->via.i64); break;
	case MSGPACK_OBJECT_FLOAT32:
	case MSGPACK_OBJECT_FLOAT64:
		if (isfinite(value->via.f64))
			buffer_add(to, number, number_print_real(number, value->via.f64));
		else
			buffer_add_text(to, isnan(value->via.f64) ? "\"NaN\"" : "\"Infinity\"");
		break;
	case MSGPACK_OBJECT_STR: json_text(to, value->via.str.ptr, value->via.str.size); break;
	case MSGPACK_OBJECT_BIN: json_text(to, value->via.bin.ptr, value->via.bin.size); break;
	case MSGPACK_OBJECT_EXT: json_text(to, value->via.ext.ptr, value->via.ext.size); break;
	case MSGPACK_OBJECT_MAP: print_map(&value->via.map, to); break;
	case MSGPACK_OBJECT_ARRAY:
		buffer_add_byte(to, '[');
		for (uint32_t i = 0; i < value->via.array.size; i++) {
			if (i)
				buffer_add_byte(to, ',');
			print_json(&value->via.array.ptr[i], to);
		}
		buffer_add_byte(to, ']');
		break;
	default: buffer_add_text(to, "null");
	}
}

static void print_raw(const struct row *row, struct buffer *to)
{
	struct unpacked record;
	struct error err = ERROR_INIT;

	if (pack_read(&record, row->raw, row->raw_size, &err) < 0)
		return;
	print_json(&record.object, to);
	unpacked_free(&record);
}

static int next(void *state, struct row **row, struct error *err)
{
	struct record_reader *reader = state;
	struct input *input = reader->input;
	size_t size;
	int result = whole_value(reader, &size, err);

	*row = NULL;
	if (result != 0 || size == 0)
		return result;
	reader->number++;
	reader->row.raw = (const char *)input->data + input->at;
	reader->row.raw_size = size;
	reader->row.print_raw = print_raw;
	reader->row.line = reader->number;
	reader->row.broken = NULL;
	if (pack_read_again(&reader->record, reader->row.raw, size, err) < 0)
		return error_prefix(err, "%s: record %" PRIu64, input->name, reader->number);
	if (reader->record.object.type != MSGPACK_OBJECT_MAP) {
		error_set(err, STATUS_FAILED, "%s: record %" PRIu64 " is no map", input->name, reader->number);
		return reader->record.object.type == MSGPACK_OBJECT_ARRAY ? host_advise(input->host, ADVICE_GIVE_STREAM, NULL, err) : -1;
	}
	input->at += size;
	fill_row(reader);
	reader->row.text = (const char *)reader->digits.data;
	reader->row.text_size = reader->digits.size;
	*row = &reader->row;
	return 0;
}

static const struct row_format records = { .open = open_reader, .start = start, .next = next, .close = close_reader };

static int open_source(struct source *source, const struct extract_config *config, const void *own, struct error *err)
{
	return rows_open(source, &records, config, own, err);
}

static const struct option_row options[] = { ROWS_OPTIONS, OPTION_END };

const struct source_kind source_msgpack = {
	.format = {
		.name = "msgpack",
		.summary = "foreign records: one msgpack map after the other, without a header",
		.endings = ".msgpack|.mp",
		.options = options, .config_size = sizeof(struct rows_config),
	},
	.open = open_source,
};
