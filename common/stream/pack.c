/* SPDX-License-Identifier: MIT */
/*
 * pack_scan is a table over the first byte: how many bytes follow as payload, as
 * a length, or as a count of values. It keeps the values still due on each level,
 * so it goes on where it stopped when more bytes have arrived.
 */
#include "pack.h"

#include <math.h>
#include <string.h>
#include <xxhash.h>

#include "memory.h"
#include "text.h"

enum { NEVER_USED = 0xc1, UINT64_TAG = 0xcf, FEW_VALUES = 1 << 20 };

/* What a first byte says: `fixed` payload bytes follow; or a length of `length` bytes that counts bytes (plus `fixed` of
 * them) or, `per` > 0, values per item. */
struct shape { uint8_t fixed, length, per; bool broken; };

static struct shape shape_of(unsigned char first)
{
	static const struct shape wide[32] = {
		/* c0 nil, c1 never, c2 c3 bool */ {0, 0, 0, false}, {0, 0, 0, true}, {0, 0, 0, false}, {0, 0, 0, false},
		/* c4-c6 bin */ {0, 1, 0, false}, {0, 2, 0, false}, {0, 4, 0, false},
		/* c7-c9 ext: a type byte more */ {1, 1, 0, false}, {1, 2, 0, false}, {1, 4, 0, false},
		/* ca cb float */ {4, 0, 0, false}, {8, 0, 0, false},
		/* cc-cf uint */ {1, 0, 0, false}, {2, 0, 0, false}, {4, 0, 0, false}, {8, 0, 0, false},
		/* d0-d3 int */ {1, 0, 0, false}, {2, 0, 0, false}, {4, 0, 0, false}, {8, 0, 0, false},
		/* d4-d8 fixext */ {2, 0, 0, false}, {3, 0, 0, false}, {5, 0, 0, false}, {9, 0, 0, false}, {17, 0, 0, false},
		/* d9-db str */ {0, 1, 0, false}, {0, 2, 0, false}, {0, 4, 0, false},
		/* dc dd array */ {0, 2, 1, false}, {0, 4, 1, false},
		/* de df map */ {0, 2, 2, false}, {0, 4, 2, false},
	};

	if (first < 0xc0 || first >= 0xe0)
		return (struct shape){ 0 };       /* fixint, fixmap, fixarray, fixstr: by pack_scan itself */
	return wide[first - 0xc0];
}

enum pack_result pack_scan(struct pack_scan *scan, const unsigned char *bytes, size_t size)
{
	uint64_t cap = scan->cap ? scan->cap : MESSAGE_CAP;

	if (scan->at == 0 && scan->depth == 0)
		scan->left[0] = 1;
	for (;;) {
		uint64_t skip, values = 0;
		unsigned char first;
		struct shape shape;

		while (scan->left[scan->depth] == 0) {
			if (scan->depth == 0)
				return scan->n_values > FEW_VALUES + scan->at / 2 ? PACK_DENSE : PACK_WHOLE;
			scan->depth--;
		}
		if (scan->at >= size)
			return PACK_MORE;
		first = bytes[scan->at];
		shape = shape_of(first);
		if (shape.broken)
			return PACK_BROKEN;
		skip = 1u + shape.fixed + shape.length;
		if (shape.length) {
			uint64_t count = 0;

			if (size - scan->at < 1u + shape.length)
				return PACK_MORE;
			for (unsigned i = 1; i <= shape.length; i++)
				count = count << 8 | bytes[scan->at + i];
			if (shape.per)
				values = count * shape.per;
			else
				skip += count;
		} else if (first >= 0x80 && first < 0x90) {
			values = 2u * (first & 0x0f);
		} else if (first >= 0x90 && first < 0xa0) {
			values = first & 0x0f;
		} else if (first >= 0xa0 && first < 0xc0) {
			skip += first & 0x1f;
		}
		/* A value takes a byte at least: more of them than a message can hold is a lie. */
		if (skip > cap || values > cap)
			return PACK_BROKEN;
		if (size - scan->at < skip)
			return PACK_MORE;
		scan->at += skip;
		scan->n_values++;
		scan->left[scan->depth]--;
		if (values) {
			if (scan->depth == PACK_DEPTH)
				return PACK_DEEP;
			scan->left[++scan->depth] = values;
		}
	}
}

/* msgpack-c gives an empty text or bin no address as long as no bytes came before it: it gets one here, so that nobody has
 * to ask. True: all values so far were of that kind, look further. */
static bool give_addresses(msgpack_object *value)
{
	bool more = true;

	switch (value->type) {
	case MSGPACK_OBJECT_STR:
		more = !value->via.str.ptr;
		if (more)
			value->via.str.ptr = "";
		break;
	case MSGPACK_OBJECT_BIN:
		more = !value->via.bin.ptr;
		if (more)
			value->via.bin.ptr = "";
		break;
	case MSGPACK_OBJECT_ARRAY:
		for (uint32_t i = 0; i < value->via.array.size && more; i++)
			more = give_addresses(&value->via.array.ptr[i]);
		break;
	case MSGPACK_OBJECT_MAP:
		for (uint32_t i = 0; i < value->via.map.size && more; i++)
			more = give_addresses(&value->via.map.ptr[i].key) && give_addresses(&value->via.map.ptr[i].val);
		break;
	default:
		break;
	}
	return more;
}

int pack_read_again(struct unpacked *unpacked, const void *bytes, size_t size, struct error *err)
{
	struct pack_scan scan = { .cap = size };
	enum pack_result result = pack_scan(&scan, bytes, size);
	msgpack_unpack_return parsed;
	size_t used = 0;

	if (result == PACK_DEEP)
		return error_set(err, STATUS_FAILED, "msgpack nested deeper than %d levels", PACK_DEPTH);
	if (result == PACK_DENSE)
		return error_set(err, STATUS_FAILED, "msgpack of too many small values");
	if (result != PACK_WHOLE || scan.at != size)
		return error_set(err, STATUS_FAILED, "broken msgpack");
	if (unpacked->zone)
		msgpack_zone_clear(unpacked->zone);
	else
		unpacked->zone = mem_given(msgpack_zone_new(4096));
	parsed = msgpack_unpack(bytes, size, &used, unpacked->zone, &unpacked->object);
	if (parsed == MSGPACK_UNPACK_NOMEM_ERROR)
		mem_given(NULL);        /* ends the program: no caller may take it for broken data */
	if (parsed != MSGPACK_UNPACK_SUCCESS)
		return error_set(err, STATUS_FAILED, "broken msgpack");
	give_addresses(&unpacked->object);
	return 0;
}

bool pack_sound(const void *bytes, size_t size)
{
	struct pack_scan scan = { .cap = size };

	return pack_scan(&scan, bytes, size) == PACK_WHOLE && scan.at == size;
}

int pack_read(struct unpacked *unpacked, const void *bytes, size_t size, struct error *err)
{
	unpacked->zone = NULL;
	if (pack_read_again(unpacked, bytes, size, err) == 0)
		return 0;
	unpacked_free(unpacked);
	return -1;
}

void unpacked_free(struct unpacked *unpacked)
{
	if (unpacked->zone)
		msgpack_zone_free(unpacked->zone);
	unpacked->zone = NULL;
}

object map_get(object map, const char *key)
{
	if (!map || map->type != MSGPACK_OBJECT_MAP)
		return NULL;
	for (uint32_t i = 0; i < map->via.map.size; i++)
		if (object_is_text(&map->via.map.ptr[i].key, key))
			return &map->via.map.ptr[i].val;
	return NULL;
}

bool object_is_text(object value, const char *text)
{
	return value && value->type == MSGPACK_OBJECT_STR && value->via.str.size == strlen(text) &&
		memcmp(value->via.str.ptr, text, value->via.str.size) == 0;
}

bool object_int(object value, int64_t *number)
{
	if (!value)
		return false;
	if (value->type == MSGPACK_OBJECT_NEGATIVE_INTEGER) {
		*number = value->via.i64;
		return true;
	}
	if (value->type == MSGPACK_OBJECT_POSITIVE_INTEGER && value->via.u64 <= INT64_MAX) {
		*number = (int64_t)value->via.u64;
		return true;
	}
	return false;
}

bool object_uint(object value, uint64_t *number)
{
	if (!value || value->type != MSGPACK_OBJECT_POSITIVE_INTEGER)
		return false;
	*number = value->via.u64;
	return true;
}

bool object_real(object value, double *number)
{
	int64_t whole;

	if (!value)
		return false;
	if (value->type == MSGPACK_OBJECT_FLOAT32 || value->type == MSGPACK_OBJECT_FLOAT64) {
		*number = value->via.f64;
		return true;
	}
	if (!object_int(value, &whole))
		return false;
	*number = (double)whole;
	return true;
}

bool object_bool(object value, bool *flag)
{
	if (!value || value->type != MSGPACK_OBJECT_BOOLEAN)
		return false;
	*flag = value->via.boolean;
	return true;
}

char *object_text(object value)
{
	if (!value || value->type != MSGPACK_OBJECT_STR || memchr(value->via.str.ptr, 0, value->via.str.size) ||
	    !text_is_utf8(value->via.str.ptr, value->via.str.size))
		return NULL;
	return mem_text_n(value->via.str.ptr, value->via.str.size);
}

bool object_text_if(object value, char **text)
{
	*text = object_text(value);
	return *text || !value || value->type == MSGPACK_OBJECT_NIL;
}

size_t array_size(object value)
{
	return value && value->type == MSGPACK_OBJECT_ARRAY ? value->via.array.size : 0;
}

object array_get(object value, size_t i)
{
	return i < array_size(value) ? &value->via.array.ptr[i] : NULL;
}

bool object_bin(object value, void *to, size_t size)
{
	if (!value || value->type != MSGPACK_OBJECT_BIN || value->via.bin.size != size)
		return false;
	if (size > 0)
		memcpy(to, value->via.bin.ptr, size);
	return true;
}

int object_reals(object value, double *reals, size_t n)
{
	return object_bin(value, reals, n * sizeof *reals) ? (int)n : -1;
}

bool object_finite_reals(object value, double *reals, size_t n)
{
	if (object_reals(value, reals, n) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isfinite(reals[i]))
			return false;
	return true;
}

bool object_names(object value, struct names *names)
{
	for (size_t i = 0; i < array_size(value); i++) {
		char *name = object_text(array_get(value, i));

		if (!name)
			return false;
		names_take(names, name);
	}
	return true;
}

/* ---- writing ---- */

static int add(void *data, const char *bytes, size_t size)
{
	buffer_add(data, bytes, size);
	return 0;
}

static msgpack_packer packer(struct buffer *to)
{
	msgpack_packer p;

	msgpack_packer_init(&p, to, add);
	return p;
}

/* msgpack counts in 32 bits, and msgpack-c drops the rest: more than that becomes the one byte that is never used. */
static bool fits(struct buffer *to, size_t n)
{
	if (n > UINT32_MAX)
		buffer_add_byte(to, NEVER_USED);
	return n <= UINT32_MAX;
}

void pack_map(struct buffer *to, size_t n)
{
	msgpack_packer p = packer(to);

	if (fits(to, n))
		msgpack_pack_map(&p, n);
}

void pack_array(struct buffer *to, size_t n)
{
	msgpack_packer p = packer(to);

	if (fits(to, n))
		msgpack_pack_array(&p, n);
}

void pack_int(struct buffer *to, int64_t value) { msgpack_packer p = packer(to); msgpack_pack_int64(&p, value); }
void pack_uint(struct buffer *to, uint64_t value) { msgpack_packer p = packer(to); msgpack_pack_uint64(&p, value); }
void pack_real(struct buffer *to, double value) { msgpack_packer p = packer(to); msgpack_pack_double(&p, value); }
void pack_nil(struct buffer *to) { msgpack_packer p = packer(to); msgpack_pack_nil(&p); }
void pack_names(struct buffer *to, const struct names *names)
{
	pack_array(to, names->n);
	for (size_t i = 0; i < names->n; i++)
		pack_text(to, names->items[i]);
}

void pack_object(struct buffer *to, object value) { msgpack_packer p = packer(to); msgpack_pack_object(&p, *value); }
void pack_text(struct buffer *to, const char *text) { pack_text_n(to, text, strlen(text)); }

void pack_bool(struct buffer *to, bool value)
{
	buffer_add_byte(to, value ? 0xc3 : 0xc2);
}

void pack_text_n(struct buffer *to, const char *bytes, size_t size)
{
	msgpack_packer p = packer(to);

	if (!fits(to, size))
		return;
	msgpack_pack_str(&p, size);
	msgpack_pack_str_body(&p, bytes, size);
}

void pack_bytes(struct buffer *to, const void *bytes, size_t size)
{
	msgpack_packer p = packer(to);

	if (!fits(to, size))
		return;
	msgpack_pack_bin(&p, size);
	msgpack_pack_bin_body(&p, bytes, size);
}

void pack_reals(struct buffer *to, const double *reals, size_t n)
{
	pack_bytes(to, reals, n * sizeof *reals);
}

void pack_key_text(struct buffer *to, const char *key, const char *text)
{
	pack_text(to, key);
	pack_text(to, text);
}

void pack_key_int(struct buffer *to, const char *key, int64_t value)
{
	pack_text(to, key);
	pack_int(to, value);
}

void pack_key_real(struct buffer *to, const char *key, double value)
{
	pack_text(to, key);
	pack_real(to, value);
}

/* ---- a map that proves itself ---- */

static const unsigned char check_key[] = { 0xa5, 'c', 'h', 'e', 'c', 'k', UINT64_TAG };

void pack_uint_whole(struct buffer *to, uint64_t value)
{
	buffer_add_byte(to, UINT64_TAG);
	for (int shift = 56; shift >= 0; shift -= 8)
		buffer_add_byte(to, (unsigned char)(value >> shift));
}

void pack_key_check(struct buffer *to, size_t from)
{
	pack_text(to, "check");
	pack_uint_whole(to, XXH3_64bits(to->data + from, to->size - from));
}

enum pack_proof pack_proof(const void *map, size_t size)
{
	const unsigned char *bytes = map;
	uint64_t check = 0;

	if (size < sizeof check_key - 1 + CHECK_SIZE || memcmp(bytes + size - CHECK_SIZE - (sizeof check_key - 1), check_key, sizeof check_key) != 0)
		return PROOF_NONE;
	for (size_t i = size - CHECK_SIZE + 1; i < size; i++)
		check = check << 8 | bytes[i];
	return check == XXH3_64bits(bytes, size - CHECK_SIZE) ? PROOF_RIGHT : PROOF_WRONG;
}

bool pack_first_int(const void *map, size_t size, const char *key, int64_t *number)
{
	const unsigned char *bytes = map;
	size_t head = size == 0 ? 0 : (bytes[0] & 0xf0) == 0x80 ? 1 : bytes[0] == 0xde ? 3 : bytes[0] == 0xdf ? 5 : 0, length = strlen(key);
	struct error ignored = ERROR_INIT;
	struct pack_scan scan = { 0 };
	struct unpacked value;
	bool found;

	if (head == 0 || size < head + 1 + length || bytes[head] != (0xa0 | length) || memcmp(bytes + head + 1, key, length) != 0)
		return false;
	head += 1 + length;
	if (pack_scan(&scan, bytes + head, size - head) != PACK_WHOLE || pack_read(&value, bytes + head, scan.at, &ignored) < 0)
		return false;
	found = object_int(&value.object, number);
	unpacked_free(&value);
	return found;
}
