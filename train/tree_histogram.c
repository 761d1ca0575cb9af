/* SPDX-License-Identifier: MIT */
#include "tree_histogram.h"

#include <math.h>

#include "vector.h"

enum { AHEAD = 24 };                    /* rows, whose bins are asked of memory before their turn */
enum { FULL_SHIFT = 8 };

/* ---- adding rows ---- */

/* width and shift are constants where it is called, so the inner loop is a row of instructions. */
static INLINE void add_row(const unsigned char *bins, size_t width, unsigned shift, uint32_t word, grad_sum *to)
{
	grad_sum more = grad_word(word);

#pragma GCC unroll 16
	for (size_t k = 0; k < width; k++)
		to[(k << shift) + bins[k]] += more;
}

static INLINE void add_rows(const unsigned char *bins, size_t width, unsigned shift, const uint32_t *rows, size_t first, const uint32_t *words, size_t n,
                            grad_sum *to)
{
	size_t i = 0;

	if (!rows) {
		for (; i < n; i++)
			add_row(bins + (first + i) * width, width, shift, words[i], to);
		return;
	}
	for (; i + AHEAD < n; i++) {
		__builtin_prefetch(bins + (size_t)rows[i + AHEAD] * width);
		add_row(bins + (size_t)rows[i] * width, width, shift, words[i], to);
	}
	for (; i < n; i++)
		add_row(bins + (size_t)rows[i] * width, width, shift, words[i], to);
}

#define ADD_WIDTH(width) \
	case width: \
		if (group->shift == FULL_SHIFT) \
			add_rows(bins, width, FULL_SHIFT, rows, first, words, n, to); \
		else \
			add_rows(bins, width, group->shift, rows, first, words, n, to); \
		break;

void histogram_add(const struct feature_group *group, const unsigned char *bins, const uint32_t *rows, size_t first, const uint32_t *words, size_t n,
                   grad_sum *to)
{
	switch (group->width) {
	ADD_WIDTH(1) ADD_WIDTH(2) ADD_WIDTH(3) ADD_WIDTH(4) ADD_WIDTH(5) ADD_WIDTH(6) ADD_WIDTH(7) ADD_WIDTH(8)
	ADD_WIDTH(9) ADD_WIDTH(10) ADD_WIDTH(11) ADD_WIDTH(12) ADD_WIDTH(13) ADD_WIDTH(14) ADD_WIDTH(15) ADD_WIDTH(16)
	default:
		break;
	}
}

WIDE void histogram_subtract(grad_sum *from, const grad_sum *less, size_t n)
{
	for (size_t i = 0; i < n; i++)
		from[i] -= less[i];
}

WIDE void histogram_merge(grad_sum *to, const grad_sum *more, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] += more[i];
}

/* ---- rounding ---- */

static const double MOST_WORD = 32766, MOST_SUM = 0x1p31 - 1, LEAST_UNIT = 1e-37;

static double unit_of(double most, double sum, size_t n)
{
	double unit = fmax(most / MOST_WORD, sum / (MOST_SUM - (double)n));

	return unit >= LEAST_UNIT ? unit : 0;
}

struct quantum quantise_scales(double most_g, double sum_g, double most_h, double sum_h, bool whole, size_t n)
{
	struct quantum quantum = { unit_of(most_g, sum_g, n), unit_of(most_h, sum_h, n) };

	if (whole && quantum.h <= 1)
		quantum.h = 1;
	return quantum;
}

/* The dither of row r is the fraction of r times the golden ratio, from a place that the salt says: any run of rows has it evenly. */
WIDE void quantise(const float *g, const float *h, size_t n, size_t first, struct quantum quantum, uint32_t salt, uint32_t *words)
{
	float per_g = quantum.g > 0 ? (float)(1 / quantum.g) : 0, per_h = quantum.h > 0 ? (float)(1 / quantum.h) : 0;
	uint32_t dither = salt + (uint32_t)first * UINT32_C(0x9e3779b9);

	for (size_t i = 0; i < n; i++) {
		float u = (float)((dither + (uint32_t)i * UINT32_C(0x9e3779b9)) >> 8) * 0x1p-24f;
		int32_t of_g = (int32_t)floorf(g[i] * per_g + u), of_h = (int32_t)floorf(h[i] * per_h + u);

		words[i] = (uint32_t)of_g << 16 | ((uint32_t)of_h & 0xffff);
	}
}
