/* SPDX-License-Identifier: MIT */
/* Loops over words of rows, beside the same row by row. */
#include "columns.h"

#include "rng.h"
#include "unit.h"

enum { ROWS = 333 };

/* Of 64 rows about so many are there. */
static void draw(struct rng *rng, uint64_t *bits, size_t n_rows, unsigned of)
{
	memset(bits, 0, bits_words(n_rows) * sizeof *bits);
	for (size_t row = 0; row < n_rows; row++)
		if (rng_below(rng, 64) < of)
			bit_set(bits, row);
}

static double number_at(const struct column *column, enum type type, size_t row)
{
	return type == TYPE_REAL ? column_real(column, row) : type == TYPE_BOOL ? column_bool(column, row) : (double)column_int(column, row);
}

static void gather_beside(const struct column *column, enum type type, const uint64_t *rows, size_t first, size_t n)
{
	double wanted[ROWS + 1], got[ROWS + 1];
	size_t n_wanted = 0;

	for (size_t row = first; row < first + n; row++)
		if ((!rows || bit_is_set(rows, row)) && column_valid(column, row))
			wanted[n_wanted++] = number_at(column, type, row);
	got[n_wanted] = -77;            /* what lies behind is the caller's */
	CHECK(column_gather(column, type, rows, first, n, got) == n_wanted);
	CHECK(memcmp(got, wanted, n_wanted * sizeof *got) == 0 && got[n_wanted] == -77);
}

static void test_gather(enum type type, unsigned of_rows, unsigned of_valid)
{
	int64_t ints[ROWS];
	double reals[ROWS];
	uint8_t bools[ROWS];
	uint64_t rows[(ROWS + 63) / 64], valid[(ROWS + 63) / 64];
	struct column column = { .values = type == TYPE_REAL ? (void *)reals : type == TYPE_BOOL ? (void *)bools : (void *)ints, .valid = valid };
	struct rng rng;

	rng_seed(&rng, 7);
	for (size_t row = 0; row < ROWS; row++) {
		reals[row] = rng_unit(&rng) - 0.5;
		ints[row] = (int64_t)rng_u32(&rng) - (1 << 30);
		bools[row] = rng_below(&rng, 2);
	}
	draw(&rng, rows, ROWS, of_rows);
	draw(&rng, valid, ROWS, of_valid);
	for (size_t first = 0; first < ROWS; first += 13)
		for (size_t n = 0; first + n <= ROWS; n += 29) {
			gather_beside(&column, type, rows, first, n);
			gather_beside(&column, type, NULL, first, n);
		}
	column.valid = NULL;
	gather_beside(&column, type, NULL, 0, ROWS);
	gather_beside(&column, type, rows, 0, ROWS);
	gather_beside(&column, type, rows, 100, 100);
}

int main(void)
{
	static const unsigned shares[] = { 0, 3, 30, 60, 64 };
	uint64_t word = UINT64_C(0x123456789abcdef);

	TEST("bits of a word");
	for (unsigned i = 0; i < 1000; i++) {
		unsigned n = 0;

		for (unsigned bit = 0; bit < 64; bit++)
			n += word >> bit & 1;
		CHECK(bits_ones(word) == n);
		word = hash_mix(word + i);
	}
	CHECK(bits_ones(0) == 0 && bits_ones(UINT64_MAX) == 64 && bits_ones(UINT64_C(1) << 63) == 1);
	for (unsigned bools = 0; bools < 256; bools++) {
		uint64_t eight = 0;

		for (unsigned i = 0; i < 8; i++)
			eight |= (uint64_t)(bools >> i & 1) << 8 * i;
		CHECK(bits_of_eight(eight) == bools);
	}

	TEST("values of rows, few and many of a word");
	for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
		for (size_t k = 0; k < sizeof shares / sizeof *shares; k++) {
			test_gather(TYPE_REAL, shares[i], shares[k]);
			test_gather(TYPE_INT, shares[i], shares[k]);
			test_gather(TYPE_BOOL, shares[i], shares[k]);
		}
	return unit_done();
}
