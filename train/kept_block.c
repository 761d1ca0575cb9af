/* SPDX-License-Identifier: MIT */
#include "kept_block.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "vector.h"

enum { QUAD = 4, STEP = 8 };            /* columns, and rows of them, at once */

/* The last columns may be fewer: then the first stands there again, and counts for nothing. */
struct column_quad {
	size_t cols[QUAD], n;
	const double *const *runs[QUAD];
};

void kept_block_free(struct kept_block *block)
{
	free(block->columns);
	free(block->space);
	*block = (struct kept_block){ .n_rows = 0 };
}

/* Whether a column has a factor in one of the sets. */
static bool counts(const double *factors, size_t n_columns, size_t n_sets, size_t col)
{
	for (size_t k = 0; k < n_sets; k++)
		if (factors[k * n_columns + col] != 0)
			return true;
	return false;
}

/* The next whole columns from `col` on, with factors only those that have one; gives where to go on. */
static size_t next_quad(const struct kept_block *block, size_t n_columns, size_t n_sets, const double *factors, size_t col, struct column_quad *quad)
{
	for (quad->n = 0; col < n_columns && quad->n < QUAD; col++)
		if (block->columns[col].runs && (!factors || counts(factors, n_columns, n_sets, col))) {
			quad->runs[quad->n] = block->columns[col].runs;
			quad->cols[quad->n++] = col;
		}
	for (size_t i = quad->n; quad->n > 0 && i < QUAD; i++) {
		quad->runs[i] = quad->runs[0];
		quad->cols[i] = quad->cols[0];
	}
	return col;
}

/* ---- add ---- */

WIDE static void add_quad(const struct kept_block *block, const struct column_quad *quad, const double *factors, double *restrict to)
{
	double f0 = factors[0], f1 = factors[1], f2 = factors[2], f3 = factors[3];

	for (size_t run = 0, first = 0; run < block->n_runs; run++) {
		const double *a = quad->runs[0][run], *b = quad->runs[1][run], *c = quad->runs[2][run], *d = quad->runs[3][run];
		size_t n = block->run_ends[run] - first;

		for (size_t row = 0; row < n; row++)
			to[first + row] = (((to[first + row] + f0 * a[row]) + f1 * b[row]) + f2 * c[row]) + f3 * d[row];
		first += n;
	}
}

/* A column that holds `odd` at a few places. */
static void add_places(const struct kept_column *column, size_t n_rows, double factor, double *to)
{
	double odd = factor * (1 - 2 * column->most);

	for (size_t row = 0; column->most != 0 && row < n_rows; row++)
		to[row] += factor;
	for (size_t i = 0; i < column->n_places; i++)
		to[column->places[i]] += odd;
}

void kept_block_add(const struct kept_block *block, size_t n_columns, size_t n_sets, const double *factors, double *to)
{
	struct column_quad quad;

	for (size_t next = 0; next < n_columns; ) {
		next = next_quad(block, n_columns, n_sets, factors, next, &quad);
		for (size_t k = 0; quad.n > 0 && k < n_sets; k++) {
			double own[QUAD] = { 0 };

			for (size_t i = 0; i < quad.n; i++)
				own[i] = factors[k * n_columns + quad.cols[i]];
			add_quad(block, &quad, own, &to[k * PANEL_ROWS]);
		}
	}
	for (size_t col = 0; col < n_columns; col++)
		for (size_t k = 0; !block->columns[col].runs && k < n_sets; k++)
			if (factors[k * n_columns + col] != 0)
				add_places(&block->columns[col], block->n_rows, factors[k * n_columns + col], &to[k * PANEL_ROWS]);
}

/* ---- dot ---- */

/* Row r goes to sum r % STEP; runs begin at multiples of STEP. What is behind the last multiple is added at the end. */
WIDE static void dot_quad(const struct kept_block *block, const struct column_quad *quad, const double *with, double *dots)
{
	vec4d sums[QUAD][2] = { { { 0 } } };
	double rest[QUAD] = { 0 };

	for (size_t run = 0, first = 0; run < block->n_runs; run++) {
		const double *a = quad->runs[0][run], *b = quad->runs[1][run], *c = quad->runs[2][run], *d = quad->runs[3][run];
		size_t n = block->run_ends[run] - first, row = 0;

		for (; row + STEP <= n; row += STEP)
			for (size_t half = 0; half < 2; half++) {
				vec4d w = *(const vec4d *)&with[first + row + 4 * half];

				sums[0][half] += *(const vec4d *)&a[row + 4 * half] * w;
				sums[1][half] += *(const vec4d *)&b[row + 4 * half] * w;
				sums[2][half] += *(const vec4d *)&c[row + 4 * half] * w;
				sums[3][half] += *(const vec4d *)&d[row + 4 * half] * w;
			}
		for (; row < n; row++) {
			rest[0] += a[row] * with[first + row];
			rest[1] += b[row] * with[first + row];
			rest[2] += c[row] * with[first + row];
			rest[3] += d[row] * with[first + row];
		}
		first += n;
	}
	for (size_t i = 0; i < QUAD; i++) {
		sums[i][0] += sums[i][1];
		dots[i] = sum4(&sums[i][0]) + rest[i];
	}
}

WIDE static double sum_of(const double *values, size_t n)
{
	vec4d sums[4] = { { 0 } };
	double rest = 0;
	size_t row = 0;

	for (; row + 16 <= n; row += 16)
		for (size_t k = 0; k < 4; k++)
			sums[k] += *(const vec4d *)&values[row + 4 * k];
	for (; row < n; row++)
		rest += values[row];
	sums[0] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
	return sum4(&sums[0]) + rest;
}

static double dot_places(const struct kept_column *column, const double *with, double all)
{
	double odd = 0;

	for (size_t i = 0; i < column->n_places; i++)
		odd += with[column->places[i]];
	return column->most != 0 ? all - odd : odd;
}

void kept_block_dot(const struct kept_block *block, size_t n_columns, size_t n_sets, const double *with, double *sums)
{
	size_t width = n_columns + 1;
	struct column_quad quad;

	for (size_t next = 0; next < n_columns; ) {
		next = next_quad(block, n_columns, n_sets, NULL, next, &quad);
		for (size_t k = 0; quad.n > 0 && k < n_sets; k++) {
			double dots[QUAD];

			dot_quad(block, &quad, &with[k * PANEL_ROWS], dots);
			for (size_t i = 0; i < quad.n; i++)
				sums[k * width + quad.cols[i]] += dots[i];
		}
	}
	for (size_t k = 0; k < n_sets; k++) {
		double all = sum_of(&with[k * PANEL_ROWS], block->n_rows);

		for (size_t col = 0; col < n_columns; col++)
			if (!block->columns[col].runs)
				sums[k * width + col] += dot_places(&block->columns[col], &with[k * PANEL_ROWS], all);
		sums[k * width + n_columns] += all;
	}
}

/* ---- values ---- */

/* Where rows from `first` on stand. */
static const double *rows_of(const struct kept_block *block, const struct kept_column *column, size_t first)
{
	size_t run = 0, before;

	while (block->run_ends[run] <= first)
		run++;
	before = run == 0 ? 0 : block->run_ends[run - 1];
	return column->runs[run] + (first - before);
}

void kept_column_scaled(const struct kept_block *block, size_t col, size_t first, size_t n, double less, double scale, double *values, size_t step)
{
	const struct kept_column *column = &block->columns[col];
	double most = (column->most - less) * scale, odd = (1 - column->most - less) * scale;
	const double *rows = column->runs ? rows_of(block, column, first) : NULL;

	for (size_t row = 0; row < n; row++)
		values[row * step] = rows ? (rows[row] - less) * scale : most;
	for (size_t i = 0; i < column->n_places; i++)
		if (column->places[i] >= first && column->places[i] < first + n)
			values[(column->places[i] - first) * step] = odd;
}

void kept_column_spread(const struct kept_block *block, size_t col, double *values)
{
	const struct kept_column *column = &block->columns[col];

	for (size_t row = 0; !column->runs && row < block->n_rows; row++)
		values[row] = column->most;
	for (size_t i = 0; i < column->n_places; i++)
		values[column->places[i]] = 1 - column->most;
	for (size_t run = 0, first = 0; column->runs && run < block->n_runs; first = block->run_ends[run++])
		memcpy(&values[first], column->runs[run], (block->run_ends[run] - first) * sizeof *values);
}
