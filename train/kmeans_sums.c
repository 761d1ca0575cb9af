/* SPDX-License-Identifier: MIT */
/*
 * Sums by feature and cluster that hang on which rows are in it and on nothing else: not
 * on their order, and not on which went in and out before. So a pass has to look at the
 * rows that changed their cluster only, in any number of threads.
 *
 * A value is cut in two, its high part a multiple of a grid so coarse that all n of them
 * have their sum in 53 bits, its low part the same of a grid that is as much finer
 * (Demmel, Nguyen: Parallel Reproducible Summation, 2015). No addition rounds then. What
 * is cut off is below 2^-53 of the column's largest value, up to 2^26 rows.
 */
#include "kmeans_parts.h"

#include <math.h>

#include "vector.h"

typedef double vec2d __attribute__((vector_size(16), aligned(8), may_alias));

struct kmeans_grid kmeans_grid(double most, size_t n)
{
	int exponent, bits = 52;

	while (bits > 20 && n > (size_t)1 << (52 - bits))
		bits--;
	bits = bits > 50 ? 50 : bits;
	if (!isfinite(most))
		return (struct kmeans_grid){ NAN, NAN };
	frexp(most, &exponent);
	if (most == 0)
		return (struct kmeans_grid){ 0, 0 };
	return (struct kmeans_grid){ ldexp(1.5, 52 + exponent - bits), ldexp(1.5, 52 + exponent - 2 * bits) };
}

static WIDE void cut_values(const double *restrict values, size_t n, struct kmeans_grid grid, double *restrict pairs)
{
	for (size_t i = 0; i < n; i++) {
		double high = (values[i] + grid.high) - grid.high;

		pairs[2 * i] = high;
		pairs[2 * i + 1] = ((values[i] - high) + grid.low) - grid.low;
	}
}

static void change(const struct chosen *changed, const uint16_t *was, const uint16_t *now, bool known, const double *pairs, double *sums)
{
	for (size_t i = 0; i < changed->n; i++) {
		size_t row = changed->rows[i];
		vec2d pair = *(const vec2d *)&pairs[2 * i];

		*(vec2d *)&sums[2 * (size_t)now[row]] += pair;
		if (known)
			*(vec2d *)&sums[2 * (size_t)was[row]] -= pair;
	}
}

/* Rows at the places hold `odd` instead of `most`: their weight, or that less. */
static void change_places(const struct kmeans_lane *lane, const struct kept_column *column, bool known, const double *pairs, double *sums)
{
	const struct chosen *changed = &lane->changed;

	for (size_t p = 0; p < column->n_places; p++) {
		size_t row = column->places[p], i = changed->all ? row + 1 : changed->at[row];
		vec2d pair;

		if (i == 0)
			continue;
		pair = *(const vec2d *)&pairs[2 * (i - 1)];
		pair = column->most == 0 ? pair : -pair;
		*(vec2d *)&sums[2 * (size_t)lane->now[row]] += pair;
		if (known)
			*(vec2d *)&sums[2 * (size_t)lane->was[row]] -= pair;
	}
}

void kmeans_sums_change(struct kmeans *kmeans, struct kmeans_lane *lane, bool known, double *sums)
{
	const struct chosen *changed = &lane->changed;
	const struct kept_block *block = &lane->block;
	double *weights = lane->least;

	for (size_t i = 0; i < changed->n; i++)
		weights[i] = lane->weights[changed->rows[i]];
	for (size_t j = 0; j < kmeans->n_features && changed->n > 0; j++) {
		const struct kept_column *column = &block->columns[j];
		double *to = sums + j * kmeans->wide * 2;

		if (column->values) {
			for (size_t i = 0; i < changed->n; i++)
				lane->values[i] = column->values[changed->rows[i]] * weights[i];
			cut_values(lane->values, changed->n, kmeans->grids[j], lane->pairs);
			change(changed, lane->was, lane->now, known, lane->pairs, to);
			continue;
		}
		if (column->n_places == 0 && column->most == 0)
			continue;
		cut_values(weights, changed->n, kmeans->grids[j], lane->pairs);
		if (column->most != 0)
			change(changed, lane->was, lane->now, known, lane->pairs, to);
		change_places(lane, column, known, lane->pairs, to);
	}
	cut_values(weights, changed->n, kmeans->grids[kmeans->n_features], lane->pairs);
	change(changed, lane->was, lane->now, known, lane->pairs, sums + kmeans->n_features * kmeans->wide * 2);
}
