/* SPDX-License-Identifier: MIT */
/* msgpack: what is written is read back, portions of any size, and input that lies about its size, counts and nesting. */
#include <math.h>
#include <stdlib.h>

#include "memory.h"
#include "pack.h"
#include "rng.h"
#include "unit.h"

/* ---- there and back ---- */

static void pack_sample(struct buffer *to)
{
	static const double reals[] = { 1.5, -0.0, 1e300 };

	pack_map(to, 9);
	pack_key_text(to, "text", "São Paulo");
	pack_key_int(to, "small", -7);
	pack_key_int(to, "large", INT64_MIN);
	pack_text(to, "largest");
	pack_uint(to, UINT64_MAX);
	pack_key_real(to, "real", 0.1);
	pack_text(to, "bools");
	pack_array(to, 3);
	pack_bool(to, true);
	pack_bool(to, false);
	pack_nil(to);
	pack_text(to, "reals");
	pack_reals(to, reals, 3);
	pack_text(to, "zero");
	pack_text_n(to, "a\0b", 3);
	pack_text(to, "long");
	pack_array(to, 40);
	for (int i = 0; i < 40; i++) {
		pack_map(to, 1);
		pack_key_text(to, "a text that is longer than thirty-one bytes", "");
	}
}

static void test_values(void)
{
	struct buffer bytes = BUFFER_INIT;
	struct unpacked unpacked;
	struct error err = ERROR_INIT;
	int64_t number = 0;
	uint64_t natural = 0;
	double real = 0, reals[3] = { 0 };
	bool flag = false;
	struct buffer again = BUFFER_INIT;
	object map;
	char *text;

	TEST("what was written is read back");
	pack_sample(&bytes);
	CHECK(pack_read(&unpacked, bytes.data, bytes.size, &err) == 0);
	map = &unpacked.object;
	text = object_text(map_get(map, "text"));
	CHECK(text != NULL);
	CHECK_TEXT(text ? text : "", "São Paulo");
	CHECK(object_is_text(map_get(map, "text"), "São Paulo") && !object_is_text(map_get(map, "text"), "São"));
	CHECK(object_int(map_get(map, "small"), &number) && number == -7);
	CHECK(object_int(map_get(map, "large"), &number) && number == INT64_MIN);
	CHECK(object_uint(map_get(map, "largest"), &natural) && natural == UINT64_MAX);
	CHECK(object_real(map_get(map, "real"), &real) && real == 0.1);
	CHECK(object_real(map_get(map, "small"), &real) && real == -7);
	CHECK(array_size(map_get(map, "bools")) == 3 && object_bool(array_get(map_get(map, "bools"), 0), &flag) && flag);
	CHECK(object_bool(array_get(map_get(map, "bools"), 1), &flag) && !flag);
	CHECK(object_reals(map_get(map, "reals"), reals, 3) == 3 && reals[0] == 1.5 && signbit(reals[1]) && reals[2] == 1e300);
	CHECK(array_size(map_get(map, "long")) == 40);

	TEST("other kinds than asked for, and what is not there");
	CHECK(!map_get(map, "none") && !map_get(NULL, "text") && !map_get(map_get(map, "text"), "text"));
	CHECK(!object_int(NULL, &number) && !object_int(map_get(map, "text"), &number) && !object_int(map_get(map, "largest"), &number));
	CHECK(!object_int(map_get(map, "real"), &number));
	CHECK(!object_uint(map_get(map, "small"), &natural) && !object_real(map_get(map, "text"), &real) && !object_real(NULL, &real));
	CHECK(!object_bool(map_get(map, "small"), &flag) && !object_bool(NULL, &flag));
	CHECK(!object_text(map_get(map, "zero")) && !object_text(map_get(map, "small")) && !object_text(NULL));
	CHECK(array_size(map) == 0 && array_size(NULL) == 0 && !array_get(map_get(map, "bools"), 3) && !array_get(map, 0));
	CHECK(object_reals(map_get(map, "reals"), reals, 2) == -1 && object_reals(map_get(map, "text"), reals, 3) == -1);

	TEST("a value may be packed as it was read");
	pack_object(&again, map);
	CHECK(again.size == bytes.size && memcmp(again.data, bytes.data, bytes.size) == 0);
	free(text);
	unpacked_free(&unpacked);
	unpacked_free(&unpacked);
	buffer_free(&bytes);
	buffer_free(&again);
}

static void test_empty(void)
{
	static const unsigned char bytes[] = { 0x83, 0xa0, 0xc4, 0x00, 0x92, 0xa0, 0xc0, 0x01, 0xa1, 'a', 0xa0 };
	struct unpacked unpacked;
	struct error err = ERROR_INIT;
	const msgpack_object_kv *pairs;
	char *text;

	TEST("empty texts and bins before all others have an address too");
	CHECK(pack_read(&unpacked, bytes, sizeof bytes, &err) == 0);
	pairs = unpacked.object.via.map.ptr;
	CHECK(pairs[0].key.via.str.ptr && pairs[0].val.via.bin.ptr && pairs[1].key.via.array.ptr[0].via.str.ptr);
	CHECK(object_is_text(&pairs[0].key, "") && object_reals(&pairs[0].val, NULL, 0) == 0);
	text = object_text(&pairs[0].key);
	CHECK_TEXT(text ? text : "none", "");
	CHECK(pairs[2].val.via.str.ptr && object_is_text(&pairs[2].key, "a"));
	free(text);
	unpacked_free(&unpacked);
}

/* ---- portions ---- */

/* Scans bytes as they arrive `step` at a time, in blocks of just their size; the result when all are there. */
static enum pack_result scan_in_steps(const unsigned char *bytes, size_t size, size_t step, size_t *at)
{
	struct pack_scan scan = { 0 };
	enum pack_result result = PACK_MORE;

	for (size_t here = step < size ? step : size; result == PACK_MORE; here = here + step < size ? here + step : size) {
		unsigned char *portion = mem_array(here, 1);

		memcpy(portion, bytes, here);
		result = pack_scan(&scan, portion, here);
		free(portion);
		if (here == size)
			break;
	}
	*at = scan.at;
	return result;
}

static void check_portions(const unsigned char *bytes, size_t size)
{
	size_t at;

	for (size_t step = 1; step <= size; step++)
		CHECK(scan_in_steps(bytes, size, step, &at) == PACK_WHOLE && at == size);
	for (size_t cut = 1; cut < size; cut++)
		CHECK(scan_in_steps(bytes, cut, cut, &at) == PACK_MORE);
}

static void test_portions(void)
{
	struct buffer bytes = BUFFER_INIT;
	struct pack_scan scan = { 0 };
	struct unpacked unpacked;
	struct error err = ERROR_INIT;
	size_t size;

	TEST("bytes in portions of any size, cut anywhere");
	pack_sample(&bytes);
	check_portions(bytes.data, bytes.size);
	TEST("a value ends where it ends");
	size = bytes.size;
	pack_int(&bytes, 1);
	CHECK(pack_scan(&scan, bytes.data, bytes.size) == PACK_WHOLE && scan.at == size);
	CHECK(pack_read(&unpacked, bytes.data, bytes.size, &err) < 0);
	CHECK_TEXT(err.message, "broken msgpack");
	TEST("no bytes are no value");
	scan = (struct pack_scan){ 0 };
	CHECK(pack_scan(&scan, bytes.data, 0) == PACK_MORE);
	error_clear(&err);
	CHECK(pack_read(&unpacked, bytes.data, 0, &err) < 0 && err.code == STATUS_FAILED);
	buffer_free(&bytes);
}

/* ---- nesting, counts, sizes ---- */

static void test_nesting(void)
{
	unsigned char flat[PACK_DEPTH + 1];
	struct pack_scan flat_scan = { 0 };

	for (int maps = 0; maps < 2; maps++)
		for (size_t depth = 0; depth <= PACK_DEPTH + 2; depth++) {
			struct buffer bytes = BUFFER_INIT;
			struct unpacked unpacked;
			struct error err = ERROR_INIT;
			struct pack_scan scan = { 0 };
			enum pack_result expected;

			TEST(maps ? "nested maps" : "nested arrays");
			for (size_t i = 0; i < depth; i++) {
				if (maps) {
					pack_map(&bytes, 1);
					pack_nil(&bytes);
				} else {
					pack_array(&bytes, 1);
				}
			}
			pack_nil(&bytes);
			expected = depth <= PACK_DEPTH ? PACK_WHOLE : PACK_DEEP;
			CHECK(pack_scan(&scan, bytes.data, bytes.size) == expected);
			CHECK(pack_read(&unpacked, bytes.data, bytes.size, &err) == (expected == PACK_WHOLE ? 0 : -1));
			if (expected == PACK_DEEP)
				CHECK_TEXT(err.message, "msgpack nested deeper than 16 levels");
			unpacked_free(&unpacked);
			buffer_free(&bytes);
		}
	TEST("empty arrays nest no deeper");
	memset(flat, 0x91, sizeof flat);
	flat[PACK_DEPTH] = 0x90;
	CHECK(pack_scan(&flat_scan, flat, sizeof flat) == PACK_WHOLE);
}

static enum pack_result scan_of(const char *bytes, size_t size)
{
	struct pack_scan scan = { 0 };
	struct unpacked unpacked;
	struct error err = ERROR_INIT;
	enum pack_result result = pack_scan(&scan, (const unsigned char *)bytes, size);

	CHECK(pack_read(&unpacked, bytes, size, &err) < 0 && err.code == STATUS_FAILED && !unpacked.zone);
	return result;
}

static void test_lies(void)
{
	TEST("more values than a message can hold");
	CHECK(scan_of("\xdd\xff\xff\xff\xff", 5) == PACK_BROKEN);
	CHECK(scan_of("\xdf\xff\xff\xff\xff", 5) == PACK_BROKEN);
	CHECK(scan_of("\xdf\x08\x00\x00\x01", 5) == PACK_BROKEN);
	CHECK(scan_of("\x91\xdd\x10\x00\x00\x01", 6) == PACK_BROKEN);
	TEST("more bytes than a message can hold");
	CHECK(scan_of("\xc6\x10\x00\x00\x00", 5) == PACK_BROKEN);
	CHECK(scan_of("\xdb\xff\xff\xff\xff", 5) == PACK_BROKEN);
	CHECK(scan_of("\xc9\xff\xff\xff\xff\x01", 6) == PACK_BROKEN);
	TEST("counts that could be true, but nothing follows: nothing is reserved");
	CHECK(scan_of("\xdd\x0f\xff\xff\xff", 5) == PACK_MORE);
	CHECK(scan_of("\xdf\x08\x00\x00\x00", 5) == PACK_MORE);
	CHECK(scan_of("\xdb\x0f\xff\x00\x00", 5) == PACK_MORE);
	TEST("the byte that begins nothing");
	CHECK(scan_of("\xc1", 1) == PACK_BROKEN);
	CHECK(scan_of("\x92\x01\xc1", 3) == PACK_BROKEN);
}

static void test_chance(void)
{
	struct unpacked unpacked = { .zone = NULL };
	struct error err = ERROR_INIT;
	struct rng rng;

	TEST("bytes by chance are read or refused, as the scan says");
	rng_seed(&rng, 7);
	for (int i = 0; i < 100000; i++) {
		size_t size = rng_below(&rng, 24) + 1;
		unsigned char *bytes = mem_array(size, 1);
		struct pack_scan scan = { 0 };
		enum pack_result result;

		for (size_t k = 0; k < size; k++)
			bytes[k] = (unsigned char)rng_u32(&rng);
		result = pack_scan(&scan, bytes, size);
		CHECK(scan.at <= size);
		if (result == PACK_WHOLE) {
			error_clear(&err);
			CHECK(pack_read_again(&unpacked, bytes, scan.at, &err) == 0);
			CHECK(scan_in_steps(bytes, size, 1, &(size_t){ 0 }) == PACK_WHOLE);
		}
		free(bytes);
	}
	unpacked_free(&unpacked);
}

/* ---- kawanet's msgpack-test-suite ---- */

static size_t read_hex(const char *line, unsigned char *bytes)
{
	size_t n = 0, length = strcspn(line, "\"");

	for (size_t i = 0; i < length; i++)
		if (line[i] != '-' && strspn(line + i, "0123456789abcdef") >= 2) {
			char pair[3] = { line[i], line[i + 1], 0 };

			bytes[n++] = (unsigned char)strtoul(pair, NULL, 16);
			i++;
		}
	return n;
}

static void show_hex(const char *bytes, size_t size, struct buffer *to)
{
	for (size_t i = 0; i < size; i++)
		buffer_format(to, "%s%02x", i ? "-" : "", (unsigned char)bytes[i]);
}

static void show(object value, struct buffer *to);

static void show_ext(object value, struct buffer *to)
{
	msgpack_timestamp when;

	if (msgpack_object_to_timestamp(value, &when)) {
		buffer_format(to, "[%lld,%lu]", (long long)when.tv_sec, (unsigned long)when.tv_nsec);
		return;
	}
	buffer_format(to, "[%d,\"", value->via.ext.type);
	show_hex(value->via.ext.ptr, value->via.ext.size, to);
	buffer_add_text(to, "\"]");
}

/* As the suite writes it, without blanks. */
static void show(object value, struct buffer *to)
{
	switch (value->type) {
	case MSGPACK_OBJECT_NIL: buffer_add_text(to, "null"); break;
	case MSGPACK_OBJECT_BOOLEAN: buffer_add_text(to, value->via.boolean ? "true" : "false"); break;
	case MSGPACK_OBJECT_POSITIVE_INTEGER: buffer_format(to, "%llu", (unsigned long long)value->via.u64); break;
	case MSGPACK_OBJECT_NEGATIVE_INTEGER: buffer_format(to, "%lld", (long long)value->via.i64); break;
	case MSGPACK_OBJECT_FLOAT32:
	case MSGPACK_OBJECT_FLOAT64: buffer_format(to, value->via.f64 == floor(value->via.f64) ? "%.0f" : "%g", value->via.f64); break;
	case MSGPACK_OBJECT_STR: buffer_format(to, "\"%.*s\"", (int)value->via.str.size, value->via.str.ptr); break;
	case MSGPACK_OBJECT_BIN:
		buffer_add_text(to, "\"");
		show_hex(value->via.bin.ptr, value->via.bin.size, to);
		buffer_add_text(to, "\"");
		break;
	case MSGPACK_OBJECT_ARRAY:
		buffer_add_text(to, "[");
		for (uint32_t i = 0; i < value->via.array.size; i++) {
			buffer_add_text(to, i ? "," : "");
			show(&value->via.array.ptr[i], to);
		}
		buffer_add_text(to, "]");
		break;
	case MSGPACK_OBJECT_MAP:
		buffer_add_text(to, "{");
		for (uint32_t i = 0; i < value->via.map.size; i++) {
			buffer_add_text(to, i ? "," : "");
			show(&value->via.map.ptr[i].key, to);
			buffer_add_text(to, ":");
			show(&value->via.map.ptr[i].val, to);
		}
		buffer_add_text(to, "}");
		break;
	default: show_ext(value, to);
	}
}

/* What the suite says of a value, `"number":1,` or `"number":1,"bignum":"1",`: the value of the last pair, a number without quotes. */
static void take_expected(struct buffer *said, struct buffer *expected)
{
	const char *text = buffer_text(said), *big = strstr(text, "\"bignum\":");
	const char *value = strchr(big ? big : text, ':') + 1;
	size_t size = strlen(value) - 1;                /* the comma */

	buffer_clear(expected);
	buffer_add(expected, big ? value + 1 : value, big ? size - 2 : size);
	buffer_clear(said);
}

static void check_encoding(const char *hex, const char *expected)
{
	unsigned char bytes[4096];
	size_t size = read_hex(hex, bytes);
	struct buffer text = BUFFER_INIT;
	struct unpacked value;
	struct error err = ERROR_INIT;

	check_portions(bytes, size);
	CHECK(pack_read(&value, bytes, size, &err) == 0);
	show(&value.object, &text);
	CHECK_TEXT(buffer_text(&text), expected);
	unpacked_free(&value);
	buffer_free(&text);
}

/* What a value is stands in lines behind a `{` of its own; its encodings in lines between `"msgpack": [` and `]`. No text in it has a blank. */
static void test_suite(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[4096];
	struct buffer said = BUFFER_INIT, expected = BUFFER_INIT;
	size_t n_values = 0, n_encodings = 0;
	bool in_list = false;

	TEST("the msgpack test suite");
	while (file && fgets(line, sizeof line, file)) {
		const char *text = line + strspn(line, " ");

		if (strncmp(text, "\"msgpack\": [", 12) == 0) {
			take_expected(&said, &expected);
			n_values++;
			in_list = true;
		} else if (in_list && *text == ']') {
			in_list = false;
		} else if (in_list) {
			check_encoding(text + 1, buffer_text(&expected));
			n_encodings++;
		} else if (strncmp(line, "  {", 3) == 0) {
			buffer_clear(&said);
		} else {
			for (; *text && *text != '\n'; text++)
				if (*text != ' ')
					buffer_add_byte(&said, (unsigned char)*text);
		}
	}
	CHECK(n_values == 85 && n_encodings == 233);
	buffer_free(&said);
	buffer_free(&expected);
	if (file)
		fclose(file);
}

static void test_too_long(void)
{
	struct buffer bytes = BUFFER_INIT;
	size_t too_many = (size_t)UINT32_MAX + 1;

	TEST("what msgpack can't hold is never taken for sound");
	for (int i = 0; i < 5; i++) {
		buffer_clear(&bytes);
		pack_array(&bytes, 1);
		switch (i) {
		case 0: pack_bytes(&bytes, "", too_many); break;
		case 1: pack_text_n(&bytes, "", too_many); break;
		case 2: pack_map(&bytes, too_many); break;
		case 3: pack_array(&bytes, too_many); break;
		default: pack_nil(&bytes);
		}
		CHECK(pack_sound(bytes.data, bytes.size) == (i == 4));
	}
	CHECK(!pack_sound(bytes.data, 1) && !pack_sound(bytes.data, 0));
	buffer_free(&bytes);
}

int main(void)
{
	const char *data = getenv("DATA");

	test_values();
	test_empty();
	test_portions();
	test_nesting();
	test_lies();
	test_chance();
	if (data) {
		char *path = mem_format("%s/suites/msgpack-test-suite/dist/msgpack-test-suite.json", data);
		FILE *file = fopen(path, "r");

		if (file) {
			fclose(file);
			test_suite(path);
		}
		free(path);
	}
	test_too_long();
	return unit_done();
}
