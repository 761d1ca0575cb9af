/* SPDX-License-Identifier: MIT */
#include "knn_pack.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "rng.h"

enum { MOST_LEVELS = 256, SLOTS = 1024 };

/* Different values of a column, -0 and 0 being two, in the order in which they came. */
struct levels {
	size_t n;
	double values[MOST_LEVELS];
	uint16_t slots[SLOTS];          /* number + 1 by hash; 0: free */
};

static uint64_t bits_of(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	return bits;
}

/* MOST_LEVELS: it is new, and there is no room. */
static size_t level_of(struct levels *levels, double value)
{
	size_t slot = hash_mix(bits_of(value)) % SLOTS;

	for (; levels->slots[slot]; slot = (slot + 1) % SLOTS)
		if (bits_of(levels->values[levels->slots[slot] - 1]) == bits_of(value))
			return levels->slots[slot] - 1u;
	if (levels->n == MOST_LEVELS)
		return MOST_LEVELS;
	levels->values[levels->n++] = value;
	levels->slots[slot] = (uint16_t)levels->n;
	return levels->n - 1;
}

static size_t codes_size(size_t n_levels, size_t n) { return n_levels <= 2 ? (n + 7) / 8 : n; }

/* False: there are too many different values. */
static bool pack_codes(const double *values, size_t n, struct buffer *to)
{
	struct levels levels = { .n = 0 };
	unsigned char *codes;
	size_t size;

	for (size_t row = 0; row < n; row++)
		if (level_of(&levels, values[row]) == MOST_LEVELS)
			return false;
	size = codes_size(levels.n, n);
	codes = mem_new(size + 1, 1);
	for (size_t row = 0; row < n; row++) {
		size_t code = level_of(&levels, values[row]);

		if (levels.n <= 2)
			codes[row / 8] |= (unsigned char)(code << row % 8);
		else
			codes[row] = (unsigned char)code;
	}
	pack_array(to, 2);
	pack_reals(to, levels.values, levels.n);
	pack_bytes(to, codes, size);
	free(codes);
	return true;
}

void knn_pack(const double *values, size_t n, struct buffer *to)
{
	float *floats;
	bool exact = true;

	if (pack_codes(values, n, to))
		return;
	floats = mem_array(n, sizeof *floats);
	for (size_t row = 0; row < n; row++) {
		floats[row] = (float)values[row];
		exact &= floats[row] == values[row];
	}
	if (exact)
		pack_bytes(to, floats, n * sizeof *floats);
	else
		pack_reals(to, values, n);
	free(floats);
}

static bool unpack_codes(object packed, double *values, size_t n)
{
	object list = array_get(packed, 0), bin = array_get(packed, 1);
	double levels[MOST_LEVELS];
	size_t n_levels;

	if (array_size(packed) != 2 || list->type != MSGPACK_OBJECT_BIN || bin->type != MSGPACK_OBJECT_BIN)
		return false;
	n_levels = list->via.bin.size / sizeof *levels;
	if (n_levels == 0 || n_levels > MOST_LEVELS || !object_finite_reals(list, levels, n_levels) || bin->via.bin.size != codes_size(n_levels, n))
		return false;
	for (size_t row = 0; row < n; row++) {
		const unsigned char *codes = (const unsigned char *)bin->via.bin.ptr;
		size_t code = n_levels <= 2 ? codes[row / 8] >> row % 8 & 1u : codes[row];

		if (code >= n_levels)
			return false;
		values[row] = levels[code];
	}
	return true;
}

bool knn_unpack(object packed, double *values, size_t n)
{
	if (!packed || n == 0)
		return false;
	if (packed->type != MSGPACK_OBJECT_BIN)
		return unpack_codes(packed, values, n);
	if (packed->via.bin.size != n * sizeof(float))
		return object_finite_reals(packed, values, n);
	for (size_t row = 0; row < n; row++) {
		float value;

		memcpy(&value, packed->via.bin.ptr + row * sizeof value, sizeof value);
		values[row] = value;
		if (!isfinite(value))
			return false;
	}
	return true;
}
