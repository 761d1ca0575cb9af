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

/* The rows that are looked at. */
struct row_range { size_t first, end; };

/* Of a run what lies in a range: n rows, from row `from` of the range on, behind those skipped. */
struct run_part { size_t from, n, skipped; };

static INLINE struct run_part part_of_run(const struct kept_block *block, size_t run, struct row_range range)
{
	size_t begin = run > 0 ? block->run_ends[run - 1] : 0, end = block->run_ends[run];
	size_t from = begin > range.first ? begin : range.first, to = end < range.end ? end : range.end;

	return (struct run_part){ .from = from - range.first, .n = to > from ? to - from : 0, .skipped = from - begin };
}

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

WIDEST static void add_quad(const struct kept_block *block, struct row_range range, const struct column_quad *quad, const struct column_quad *ahead,
                          const double *factors, double *restrict to)
{
	double f0 = factors[0], f1 = factors[1], f2 = factors[2], f3 = factors[3];

	for (size_t run = 0; run < block->n_runs; run++) {
		struct run_part part = part_of_run(block, run, range);
		const double *a = quad->runs[0][run] + part.skipped, *b = quad->runs[1][run] + part.skipped;
		const double *c = quad->runs[2][run] + part.skipped, *d = quad->runs[3][run] + part.skipped;
		double *mine = to + part.from;
		size_t row = 0;

		for (; row + STEP <= part.n; row += STEP) {
			vec8d sum;

			for (size_t i = 0; i < QUAD; i++)
				__builtin_prefetch(ahead->runs[i][run] + part.skipped + row);
			sum = *(vec8d *)&mine[row] + f0 * *(const vec8d *)&a[row];
			sum += f1 * *(const vec8d *)&b[row];
			sum += f2 * *(const vec8d *)&c[row];
			*(vec8d *)&mine[row] = sum + f3 * *(const vec8d *)&d[row];
		}
		for (; row < part.n; row++)
			mine[row] = (((mine[row] + f0 * a[row]) + f1 * b[row]) + f2 * c[row]) + f3 * d[row];
	}
}

/* The column's places that lie in the range. */
static const uint16_t *places_in(const struct kept_column *column, struct row_range range, const uint16_t **end)
{
	const uint16_t *place = column->places, *behind = place + column->n_places;

	while (place < behind && *place < range.first)
		place++;
	while (place < behind && behind[-1] >= range.end)
		behind--;
	*end = behind;
	return place;
}

/* A column that holds 1 - most at a few places. */
static void add_places(const struct kept_column *column, struct row_range range, double factor, double *to)
{
	double odd = factor * (1 - 2 * column->most);
	const uint16_t *end, *place = places_in(column, range, &end);

	for (size_t row = 0; column->most != 0 && row < range.end - range.first; row++)
		to[row] += factor;
	for (; place < end; place++)
		to[*place - range.first] += odd;
}

void kept_block_add(const struct kept_block *block, size_t first, size_t n, size_t n_columns, size_t n_sets, const double *factors, double *to)
{
	struct row_range range = { first, first + n };
	struct column_quad quad, ahead;
	size_t next = next_quad(block, n_columns, n_sets, factors, 0, &ahead);

	while (ahead.n > 0) {
		quad = ahead;
		next = next_quad(block, n_columns, n_sets, factors, next, &ahead);
		for (size_t k = 0; k < n_sets; k++) {
			double own[QUAD] = { 0 };

			for (size_t i = 0; i < quad.n; i++)
				own[i] = factors[k * n_columns + quad.cols[i]];
			add_quad(block, range, &quad, ahead.n > 0 && k == 0 ? &ahead : &quad, own, &to[k * PANEL_ROWS]);
		}
	}
	for (size_t col = 0; col < n_columns; col++)
		for (size_t k = 0; !block->columns[col].runs && k < n_sets; k++)
			if (factors[k * n_columns + col] != 0)
				add_places(&block->columns[col], range, factors[k * n_columns + col], &to[k * PANEL_ROWS]);
}

/* ---- dot ---- */

/* What is asked for: of each column of a quad `n` values behind `from`, counted as rows of the range are. */
struct fetch { const double *columns[QUAD]; size_t from, n; };

/* Of rows that lie in several runs those of the longest. */
static struct fetch fetch_of(const struct kept_ahead *ahead, const struct column_quad *quad)
{
	struct row_range range = { ahead->first, ahead->first + ahead->n };
	struct fetch fetch = { .n = 0 };

	for (size_t run = 0; run < ahead->block->n_runs; run++) {
		struct run_part part = part_of_run(ahead->block, run, range);

		if (part.n <= fetch.n)
			continue;
		fetch.from = part.from;
		fetch.n = part.n;
		for (size_t i = 0; i < QUAD; i++) {
			const struct kept_column *column = &ahead->block->columns[quad->cols[i]];

			if (!column->runs)
				return (struct fetch){ .n = 0 };
			fetch.columns[i] = column->runs[run] + part.skipped;
		}
	}
	return fetch;
}

/* Row r goes to sum r % STEP, since runs and the range begin at multiples of it. What is behind the last multiple is added at the end. */
WIDEST static void dot_quad(const struct kept_block *block, struct row_range range, const struct column_quad *quad, const double *with,
                          const struct fetch *fetch, double *dots)
{
	vec8d sums[QUAD] = { { 0 } };
	double rest[QUAD] = { 0 };

	for (size_t run = 0; run < block->n_runs; run++) {
		struct run_part part = part_of_run(block, run, range);
		const double *a = quad->runs[0][run] + part.skipped, *b = quad->runs[1][run] + part.skipped;
		const double *c = quad->runs[2][run] + part.skipped, *d = quad->runs[3][run] + part.skipped;
		const double *mine = with + part.from;
		size_t row = 0;

		for (; row + STEP <= part.n; row += STEP) {
			size_t wanted = part.from + row - fetch->from;
			vec8d w;

			for (size_t i = 0; wanted < fetch->n && i < QUAD; i++)
				__builtin_prefetch(&fetch->columns[i][wanted], 0, 2);
			w = *(const vec8d *)&mine[row];
			sums[0] += *(const vec8d *)&a[row] * w;
			sums[1] += *(const vec8d *)&b[row] * w;
			sums[2] += *(const vec8d *)&c[row] * w;
			sums[3] += *(const vec8d *)&d[row] * w;
		}
		for (; row < part.n; row++) {
			rest[0] += a[row] * mine[row];
			rest[1] += b[row] * mine[row];
			rest[2] += c[row] * mine[row];
			rest[3] += d[row] * mine[row];
		}
	}
	for (size_t i = 0; i < QUAD; i++) {
		const vec4d *halves = (const vec4d *)&sums[i];
		vec4d both = halves[0] + halves[1];

		dots[i] = sum4(&both) + rest[i];
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

static double dot_places(const struct kept_column *column, struct row_range range, const double *with, double all)
{
	const uint16_t *end, *place = places_in(column, range, &end);
	double odd = 0;

	for (; place < end; place++)
		odd += with[*place - range.first];
	return column->most != 0 ? all - odd : odd;
}

void kept_block_dot(const struct kept_block *block, size_t first, size_t n, size_t n_columns, size_t n_sets, const double *with,
                    const struct kept_ahead *ahead, double *sums)
{
	const struct fetch none = { .n = 0 };
	struct row_range range = { first, first + n };
	size_t width = n_columns + 1;
	struct column_quad quad;
	struct fetch fetch;

	for (size_t next = 0; next < n_columns; ) {
		next = next_quad(block, n_columns, n_sets, NULL, next, &quad);
		if (quad.n == 0)
			break;
		fetch = ahead ? fetch_of(ahead, &quad) : none;
		for (size_t k = 0; k < n_sets; k++) {
			double dots[QUAD];

			dot_quad(block, range, &quad, &with[k * PANEL_ROWS], k == 0 ? &fetch : &none, dots);
			for (size_t i = 0; i < quad.n; i++)
				sums[k * width + quad.cols[i]] += dots[i];
		}
	}
	for (size_t k = 0; k < n_sets; k++) {
		double all = sum_of(&with[k * PANEL_ROWS], n);

		for (size_t col = 0; col < n_columns; col++)
			if (!block->columns[col].runs)
				sums[k * width + col] += dot_places(&block->columns[col], range, &with[k * PANEL_ROWS], all);
		sums[k * width + n_columns] += all;
	}
}

/* ---- values ---- */

void kept_column_scaled(const struct kept_block *block, size_t col, size_t first, size_t n, double less, double scale, double *values, size_t step)
{
	const struct kept_column *column = &block->columns[col];
	double most = (column->most - less) * scale, odd = (1 - column->most - less) * scale;

	for (size_t run = 0, begin = 0; column->runs && run < block->n_runs; begin = block->run_ends[run++]) {
		size_t end = block->run_ends[run] < first + n ? block->run_ends[run] : first + n;

		for (size_t row = begin > first ? begin : first; row < end; row++)
			values[(row - first) * step] = (column->runs[run][row - begin] - less) * scale;
	}
	for (size_t row = 0; !column->runs && row < n; row++)
		values[row * step] = most;
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
