/* SPDX-License-Identifier: MIT */
/* Maps mostly come with their keys in the order of the fields, so the field behind the last one is tried first. */
#include "records.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "memory.h"
#include "text.h"
#include "text_builder.h"
#include "timestamp.h"

/* ---- writing ---- */

enum { MICROS = 1000000, NANOS = 1000000000 };

/* The timestamp extension (type -1) in its three sizes: seconds, seconds with nanoseconds, far away. */
static void pack_time(struct buffer *to, int64_t micros)
{
	int64_t rest = (micros % MICROS + MICROS) % MICROS, seconds = (micros - rest) / MICROS;
	uint32_t nanos = (uint32_t)rest * 1000;

	if (seconds >= 0 && seconds >> 34 == 0) {
		uint64_t both = (uint64_t)nanos << 34 | (uint64_t)seconds;

		if (both >> 32 == 0) {
			unsigned char bytes[6] = { 0xd6, 0xff };

			for (int i = 0; i < 4; i++)
				bytes[2 + i] = (unsigned char)(both >> (24 - 8 * i));
			buffer_add(to, bytes, sizeof bytes);
		} else {
			unsigned char bytes[10] = { 0xd7, 0xff };

			for (int i = 0; i < 8; i++)
				bytes[2 + i] = (unsigned char)(both >> (56 - 8 * i));
			buffer_add(to, bytes, sizeof bytes);
		}
	} else {
		unsigned char bytes[15] = { 0xc7, 12, 0xff };

		for (int i = 0; i < 4; i++)
			bytes[3 + i] = (unsigned char)(nanos >> (24 - 8 * i));
		for (int i = 0; i < 8; i++)
			bytes[7 + i] = (unsigned char)((uint64_t)seconds >> (56 - 8 * i));
		buffer_add(to, bytes, sizeof bytes);
	}
}

static void pack_value(struct buffer *to, const struct column *column, enum type type, size_t row)
{
	const char *text;
	size_t size;

	if (!column_valid(column, row)) {
		pack_nil(to);
		return;
	}
	switch (type) {
	case TYPE_INT: pack_int(to, column_int(column, row)); break;
	case TYPE_REAL: pack_real(to, column_real(column, row)); break;
	case TYPE_BOOL: pack_bool(to, column_bool(column, row)); break;
	case TYPE_TIME: pack_time(to, column_int(column, row)); break;
	default:
		text = column_text(column, row, &size);
		pack_text_n(to, text, size);
	}
}

int records_pack(struct batch *batch, struct buffer *to, struct error *err)
{
	const struct schema *schema = batch->schema;
	struct buffer *keys = mem_new(schema->n_fields + 1, sizeof *keys);     /* each name packed once */
	int result = 0;

	for (size_t col = 0; col < schema->n_fields; col++) {
		pack_text(&keys[col], schema->fields[col].name);
		if (!column_read(batch, col, err))
			result = -1;
	}
	for (size_t row = 0; row < batch->n_rows && result == 0; row++) {
		pack_map(to, schema->n_fields);
		for (size_t col = 0; col < schema->n_fields; col++) {
			buffer_add(to, keys[col].data, keys[col].size);
			pack_value(to, &batch->columns[col], schema->fields[col].type, row);
		}
	}
	for (size_t col = 0; col < schema->n_fields; col++)
		buffer_free(&keys[col]);
	free(keys);
	return result;
}

/* ---- reading ---- */

struct gathered {
	struct text_builder *text;      /* of a text field */
	uint64_t *values;               /* BATCH_ROWS of 8 bytes (bool: of 1 byte) otherwise */
	uint64_t *valid;
	size_t n_valid;
	bool given;                     /* in the current record */
};

struct records {
	const struct schema *schema;
	struct gathered *columns;
	size_t n_rows, n_bytes;
	char key[MAX_NAME + 1];
};

struct records *records_new(const struct schema *schema)
{
	struct records *records = mem_new(1, sizeof *records);

	records->schema = schema;
	records->columns = mem_new(schema->n_fields + 1, sizeof *records->columns);
	for (size_t col = 0; col < schema->n_fields; col++) {
		struct gathered *column = &records->columns[col];

		if (schema->fields[col].type == TYPE_TEXT)
			column->text = text_builder_new();
		else
			column->values = mem_new(BATCH_ROWS, 8);
		column->valid = mem_new(BATCH_ROWS / 64, 8);
	}
	return records;
}

void records_free(struct records *records)
{
	if (!records)
		return;
	for (size_t col = 0; col < records->schema->n_fields; col++) {
		text_builder_free(records->columns[col].text);
		free(records->columns[col].values);
		free(records->columns[col].valid);
	}
	free(records->columns);
	free(records);
}

bool records_full(const struct records *records)
{
	return records->n_rows == BATCH_ROWS || records->n_bytes >= BATCH_BYTES;
}

static bool time_from_object(object value, const char *form, int64_t *micros)
{
	msgpack_timestamp when;

	if (object_int(value, micros))
		return time_in_calendar(*micros);
	if (value->type == MSGPACK_OBJECT_EXT && msgpack_object_to_timestamp(value, &when) && when.tv_nsec < NANOS) {
		*micros = when.tv_nsec / 1000;
		return !__builtin_mul_overflow(when.tv_sec, (int64_t)MICROS, &when.tv_sec) &&
			!__builtin_add_overflow(*micros, when.tv_sec, micros) && time_in_calendar(*micros);
	}
	return value->type == MSGPACK_OBJECT_STR && form &&
		time_read(value->via.str.ptr, value->via.str.size, form, false, micros);
}

/* An int out of a whole real: what a script's arithmetic makes of it. */
static bool int_from_object(object value, int64_t *number)
{
	double real;

	if (object_int(value, number))
		return true;
	if (!object_real(value, &real) || real != floor(real) || fabs(real) > 9007199254740992.0)
		return false;
	*number = (int64_t)real;
	return true;
}

/* One value into 8 bytes of its type. */
static bool value_from_object(object value, const struct field *field, uint64_t *bits)
{
	int64_t number;
	double real;
	bool flag;

	switch (field->type) {
	case TYPE_INT:
		if (!int_from_object(value, &number))
			return false;
		memcpy(bits, &number, 8);
		return true;
	case TYPE_REAL:
		if (!object_real(value, &real) || !isfinite(real))
			return false;
		memcpy(bits, &real, 8);
		return true;
	case TYPE_TIME:
		if (!time_from_object(value, field->form, &number))
			return false;
		memcpy(bits, &number, 8);
		return true;
	default:
		if (!object_bool(value, &flag))
			return false;
		*bits = flag;
		return true;
	}
}

static int add_value(struct records *records, size_t col, object value, uint64_t row, struct error *err)
{
	const struct field *field = &records->schema->fields[col];
	struct gathered *column = &records->columns[col];
	size_t at = records->n_rows;
	uint64_t bits;

	if (column->given)
		return error_set(err, STATUS_FAILED, "row %llu: field '%s' comes twice", (unsigned long long)row, field->name);
	column->given = true;
	if (value->type == MSGPACK_OBJECT_NIL) {
		if (column->text)
			text_builder_add_missing(column->text);
		return 0;
	}
	if (column->text) {
		if (value->type != MSGPACK_OBJECT_STR)
			return error_set(err, STATUS_FAILED, "row %llu: field '%s' is text: the record holds something else", (unsigned long long)row, field->name);
		if (!text_is_utf8(value->via.str.ptr, value->via.str.size))
			return error_set(err, STATUS_FAILED, "row %llu: field '%s': text that is not UTF-8", (unsigned long long)row, field->name);
		text_builder_add(column->text, value->via.str.ptr, value->via.str.size);
		records->n_bytes += value->via.str.size;
	} else {
		if (!value_from_object(value, field, &bits))
			return error_set(err, STATUS_FAILED, "row %llu: field '%s' is %s: the record holds something else",
				(unsigned long long)row, field->name, type_name(field->type));
		if (field->type == TYPE_BOOL)
			((uint8_t *)column->values)[at] = (uint8_t)bits;
		else
			column->values[at] = bits;
		records->n_bytes += 8;
	}
	bit_set(column->valid, at);
	column->n_valid++;
	return 0;
}

static int find_key(struct records *records, object key, size_t guess)
{
	const struct schema *schema = records->schema;

	if (key->type != MSGPACK_OBJECT_STR || key->via.str.size > MAX_NAME)
		return NO_FIELD;
	if (guess < schema->n_fields && object_is_text(key, schema->fields[guess].name))
		return (int)guess;
	memcpy(records->key, key->via.str.ptr, key->via.str.size);
	records->key[key->via.str.size] = '\0';
	return schema_find(schema, records->key);
}

int records_add(struct records *records, object map, uint64_t row, struct error *err)
{
	size_t next = 0;

	for (size_t col = 0; col < records->schema->n_fields; col++)
		records->columns[col].given = false;
	for (uint32_t i = 0; i < map->via.map.size; i++) {
		object key = &map->via.map.ptr[i].key;
		int col = find_key(records, key, next);

		if (col == NO_FIELD) {
			if (key->type != MSGPACK_OBJECT_STR)
				return error_set(err, STATUS_FAILED, "row %llu: a key that is no text", (unsigned long long)row);
			return error_set(err, STATUS_FAILED, "row %llu: a new field '%.*s' this late (give it in every record, as nil where it is missing)",
				(unsigned long long)row, (int)(key->via.str.size < 80 ? key->via.str.size : 80), key->via.str.ptr);
		}
		if (add_value(records, (size_t)col, &map->via.map.ptr[i].val, row, err) < 0)
			return -1;
		next = (size_t)col + 1;
	}
	for (size_t col = 0; col < records->schema->n_fields; col++)
		if (!records->columns[col].given && records->columns[col].text)
			text_builder_add_missing(records->columns[col].text);
	records->n_rows++;
	return 0;
}

void records_finish(struct records *records, struct pool *pool, struct batch *to)
{
	size_t n = records->n_rows, words = bits_words(n);

	batch_start(to, pool, records->schema, n);
	for (size_t col = 0; col < records->schema->n_fields; col++) {
		struct gathered *from = &records->columns[col];
		enum type type = records->schema->fields[col].type;
		struct column column = COLUMN_INIT;

		if (from->text) {
			text_builder_finish(from->text, pool, &column);
		} else {
			size_t size = n * type_width(type);

			memcpy(column_new_values(&column, pool, type, n), from->values, size);
			if (from->n_valid < n)
				memcpy(column_new_valid(&column, pool, n, false), from->valid, words * 8);
			memset(from->values, 0, size);
		}
		batch_put(to, col, type, &column);
		memset(from->valid, 0, words * 8);
		from->n_valid = 0;
	}
	records->n_rows = records->n_bytes = 0;
}

int records_widen(object value, enum type *type, bool *seen)
{
	enum type found;

	switch (value->type) {
	case MSGPACK_OBJECT_NIL: return 0;
	case MSGPACK_OBJECT_BOOLEAN: found = TYPE_BOOL; break;
	case MSGPACK_OBJECT_POSITIVE_INTEGER: case MSGPACK_OBJECT_NEGATIVE_INTEGER: found = TYPE_INT; break;
	case MSGPACK_OBJECT_FLOAT32: case MSGPACK_OBJECT_FLOAT64: found = TYPE_REAL; break;
	case MSGPACK_OBJECT_STR: found = TYPE_TEXT; break;
	case MSGPACK_OBJECT_EXT: found = TYPE_TIME; break;
	default: return -1;
	}
	if (!*seen)
		*type = found;
	else if (*type == TYPE_INT && found == TYPE_REAL)
		*type = TYPE_REAL;
	*seen = true;           /* a value that misfits is found when the records are read */
	return 0;
}
