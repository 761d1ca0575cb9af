/* SPDX-License-Identifier: MIT */
#include "boost_sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "rng.h"

/* Whether a row is among the share. */
static bool by_chance(double share, size_t row, uint64_t chance)
{
	return (double)(hash_mix(row ^ chance) >> 11) * 0x1p-53 < share;
}

size_t sample_rows(double share, size_t n, uint64_t chance, uint32_t *rows)
{
	size_t taken = 0;

	for (size_t row = 0; row < n; row++) {
		rows[taken] = (uint32_t)row;
		taken += by_chance(share, row, chance);
	}
	if (taken == 0 && n > 0)
		rows[taken++] = (uint32_t)(hash_mix(chance) % n);
	return taken;
}

/* The k-th largest of n > k floats >= 0, by their bits, a digit of 16 at a time. */
static float kth_largest(const float *values, size_t n, size_t k)
{
	enum { DIGITS = 1 << 16 };
	size_t *counts = mem_new(DIGITS, sizeof *counts);
	uint32_t prefix = 0, bits;
	float found;

	for (int half = 1; half >= 0; half--) {
		uint32_t digit = DIGITS;

		memset(counts, 0, DIGITS * sizeof *counts);
		for (size_t i = 0; i < n; i++) {
			memcpy(&bits, &values[i], sizeof bits);
			if (half == 1 || bits >> 16 == prefix)
				counts[half == 1 ? bits >> 16 : bits & 0xffff]++;
		}
		while (digit-- > 0 && counts[digit] <= k)
			k -= counts[digit];
		prefix = half == 1 ? digit : prefix << 16 | digit;
	}
	free(counts);
	memcpy(&found, &prefix, sizeof found);
	return found;
}

size_t sample_goss(double top, double other, size_t n, size_t n_outputs, float *const *g, float *const *h, uint64_t chance, float *space, uint32_t *rows)
{
	size_t n_top = (size_t)ceil(top * (double)n), taken = 0;
	double share = other / (1 - top);
	float edge, more = (float)(1 / share);

	memset(space, 0, n * sizeof *space);
	for (size_t k = 0; k < n_outputs; k++)
		for (size_t row = 0; row < n; row++)
			space[row] += fabsf(g[k][row] * h[k][row]);
	if (n_top == 0 || n_top >= n)
		return sample_rows(1, n, chance, rows);
	edge = kth_largest(space, n, n_top - 1);
	for (size_t row = 0; row < n; row++) {
		bool large = space[row] >= edge;

		if (!large && !by_chance(share, row, chance))
			continue;
		rows[taken++] = (uint32_t)row;
		for (size_t k = 0; !large && k < n_outputs; k++) {
			g[k][row] *= more;
			h[k][row] *= more;
		}
	}
	return taken;
}

struct drawn { uint64_t hash; size_t feature; };

static int by_hash(const void *left, const void *right)
{
	const struct drawn *a = left, *b = right;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return a->feature < b->feature ? -1 : a->feature > b->feature;
}

void sample_features(double share, size_t n, uint64_t chance, bool *allowed)
{
	size_t wanted = (size_t)fmax(1, round(share * (double)n));
	struct drawn *drawn = mem_array(n + 1, sizeof *drawn);

	for (size_t j = 0; j < n; j++) {
		drawn[j] = (struct drawn){ hash_mix(j ^ chance), j };
		allowed[j] = false;
	}
	qsort(drawn, n, sizeof *drawn, by_hash);
	for (size_t i = 0; i < n && i < wanted; i++)
		allowed[drawn[i].feature] = true;
	free(drawn);
}
