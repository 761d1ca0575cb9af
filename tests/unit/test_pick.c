/* SPDX-License-Identifier: MIT */
/* Against one row after the other. */
#include "pick.h"

#include <stdlib.h>

#include "bits.h"
#include "memory.h"
#include "rng.h"
#include "unit.h"

enum { ROWS = 400, WIDEST_VALUE = 8, BEHIND = 64 };

/* Whether what it picks is right, and nothing behind it is touched. */
static bool picks(enum cpu_lanes by, const unsigned char *from, size_t width, const uint64_t *rows, const uint64_t *also, size_t first, size_t end)
{
	unsigned char wanted[ROWS * WIDEST_VALUE + BEHIND], got[ROWS * WIDEST_VALUE + BEHIND];
	size_t n = 0;

	memset(wanted, 0xee, sizeof wanted);
	memset(got, 0xee, sizeof got);
	for (size_t row = first; row < end; row++)
		if ((!rows || bit_is_set(rows, row)) && (!also || bit_is_set(also, row)))
			memcpy(&wanted[n++ * width], &from[row * width], width);
	return pick_values(got, from, width, rows, also, first, end, by) == n && memcmp(wanted, got, sizeof wanted) == 0;
}

static void fill(struct rng *rng, uint64_t *bits, double share)
{
	for (size_t word = 0; word < bits_words(ROWS); word++) {
		bits[word] = 0;
		for (size_t i = 0; i < 64; i++)
			bits[word] |= (uint64_t)(rng_unit(rng) < share) << i;
	}
}

static void check(enum cpu_lanes by)
{
	static const double shares[] = { 0, 0.01, 0.2, 0.5, 0.8, 0.99, 1 };
	uint64_t rows[(ROWS + 63) / 64], also[(ROWS + 63) / 64];
	struct rng rng;
	size_t bad = 0;

	rng_seed(&rng, 1);
	TEST("values of some rows");
	for (int round = 0; round < 3000; round++) {
		size_t width = (size_t)1 << round % 4, n = (size_t)(rng_unit(&rng) * ROWS), first = (size_t)(rng_unit(&rng) * (double)(n + 1));
		unsigned char *from = mem_array(n * width + 1, 1);      /* no longer than its rows: who reads behind them is seen */

		for (size_t i = 0; i < n * width; i++)
			from[i] = (unsigned char)(rng_unit(&rng) * 256);
		fill(&rng, rows, shares[round % 7]);
		fill(&rng, also, shares[round / 7 % 7]);
		bad += !picks(by, from, width, round % 5 ? rows : NULL, round % 3 ? also : NULL, first, n);
		free(from);
	}
	CHECK(bad == 0);
}

int main(void)
{
	for (int by = CPU_PLAIN; by <= (int)cpu_lanes(); by++)
		check((enum cpu_lanes)by);
	return unit_done();
}
