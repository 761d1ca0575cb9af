/* SPDX-License-Identifier: MIT */
/*
 * A row holds whole groups, those that its ranges begin and end in too:
 *
 *     range 0 [first, end)                  range 1
 *     [ group first / 8 | ... | group ]     [ ... ]
 *
 * so a row's column is its place in the groups, less where they begin.
 */
#include "svm_cache.h"

#include <assert.h>
#include <float.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "vector.h"

enum { LEAST_SLOTS = 4, PIECE = 64, TILE = 8 };         /* groups: reckoned at once; beside a tile of the matrix */
static const uint32_t NO_SLOT = UINT32_MAX;

static size_t first_group(const struct svm_range *range) { return range->first / SVM_LANES; }
static size_t n_groups(const struct svm_range *range) { return svm_groups(range->end) - first_group(range); }
static size_t n_rows_of(const struct svm_range *range) { return range->end - range->first; }

static size_t width_of(const struct svm_range *ranges, size_t n_ranges)
{
	size_t width = 0;

	for (size_t i = 0; i < n_ranges; i++)
		width += n_groups(&ranges[i]) * SVM_LANES;
	return width;
}

uint64_t svm_cache_memory(const struct svm_range *ranges, size_t n_ranges)
{
	uint64_t n_rows = 0, width = width_of(ranges, n_ranges);

	for (size_t i = 0; i < n_ranges; i++)
		n_rows += n_rows_of(&ranges[i]);
	return n_rows > UINT32_MAX || width > UINT32_MAX ? UINT64_MAX : n_rows * (width * sizeof(float) + 4 * sizeof(uint32_t));
}

struct svm_cache *svm_cache_new(const struct svm_kernel *kernel, const struct svm_rows *rows, const struct svm_range *ranges, size_t n_ranges, uint64_t memory)
{
	struct svm_cache *cache = mem_new(1, sizeof *cache);
	uint64_t fit;

	*cache = (struct svm_cache){ .kernel = kernel, .rows = rows, .n_ranges = n_ranges, .width = width_of(ranges, n_ranges), .newest = NO_SLOT, .oldest = NO_SLOT };
	for (size_t i = 0; i < n_ranges; i++) {
		cache->ranges[i] = ranges[i];
		cache->n_rows += n_rows_of(&ranges[i]);
	}
	fit = memory / (cache->width * sizeof *cache->data + 4 * sizeof *cache->slots);
	cache->n_slots = fit < LEAST_SLOTS ? LEAST_SLOTS : fit < cache->n_rows ? (size_t)fit : cache->n_rows;
	cache->data = mem_aligned(cache->n_slots * cache->width * sizeof *cache->data + 1);
	cache->slots = mem_array(cache->n_rows + 1, sizeof *cache->slots);
	memset(cache->slots, 0xff, cache->n_rows * sizeof *cache->slots);
	cache->held = mem_array(3 * cache->n_slots, sizeof *cache->held);
	cache->newer = cache->held + cache->n_slots;
	cache->older = cache->newer + cache->n_slots;
	svm_point_new(&cache->point, rows->n_features);
	cache->x = mem_array(rows->n_features + 1, sizeof *cache->x);
	cache->values = mem_array(PIECE * SVM_LANES, sizeof *cache->values);
	return cache;
}

void svm_cache_free(struct svm_cache *cache)
{
	if (!cache)
		return;
	free(cache->data);
	free(cache->slots);
	free(cache->held);
	svm_point_free(&cache->point);
	free(cache->x);
	free(cache->values);
	free(cache);
}

/* Which range a row is in, and what stands before it: rows, columns. */
static size_t range_of(const struct svm_cache *cache, size_t row, size_t *rows_before, size_t *columns_before)
{
	size_t range = cache->n_ranges > 1 && row >= cache->ranges[1].first;

	*rows_before = range ? n_rows_of(&cache->ranges[0]) : 0;
	*columns_before = range ? n_groups(&cache->ranges[0]) * SVM_LANES : 0;
	return range;
}

size_t svm_cache_column(const struct svm_cache *cache, size_t row)
{
	size_t rows_before, columns_before, range = range_of(cache, row, &rows_before, &columns_before);

	return columns_before + row - first_group(&cache->ranges[range]) * SVM_LANES;
}

static size_t row_number(const struct svm_cache *cache, size_t row)
{
	size_t rows_before, columns_before, range = range_of(cache, row, &rows_before, &columns_before);

	return rows_before + row - cache->ranges[range].first;
}

/* Doubles as floats. false: one of them is none, or too large. */
WIDEST static bool narrow(const double *restrict from, size_t n, float *restrict to)
{
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		to[i] = (float)from[i];
		bad |= !(to[i] <= FLT_MAX && to[i] >= -FLT_MAX);
	}
	return !bad;
}

static bool reckon(struct svm_cache *cache, size_t row, float *to)
{
	bool good = true;

	svm_rows_get(cache->rows, row, cache->x);
	svm_point_set(&cache->point, cache->x, cache->rows->squares[row], cache->rows->n_features);
	for (size_t i = 0; i < cache->n_ranges; i++)
		for (size_t done = 0, n = n_groups(&cache->ranges[i]); done < n; done += PIECE) {
			size_t some = n - done < PIECE ? n - done : PIECE;

			svm_kernel_row(cache->kernel, cache->rows, &cache->point, first_group(&cache->ranges[i]) + done, some, cache->values);
			good &= narrow(cache->values, some * SVM_LANES, to);
			to += some * SVM_LANES;
		}
	return good;
}

/* ---- by age ---- */

static void take_out(struct svm_cache *cache, uint32_t slot)
{
	uint32_t newer = cache->newer[slot], older = cache->older[slot];

	*(newer == NO_SLOT ? &cache->newest : &cache->older[newer]) = older;
	*(older == NO_SLOT ? &cache->oldest : &cache->newer[older]) = newer;
}

static void put_newest(struct svm_cache *cache, uint32_t slot)
{
	cache->newer[slot] = NO_SLOT;
	cache->older[slot] = cache->newest;
	*(cache->newest == NO_SLOT ? &cache->oldest : &cache->newer[cache->newest]) = slot;
	cache->newest = slot;
}

const float *svm_cache_row(struct svm_cache *cache, size_t row)
{
	size_t number = row_number(cache, row);
	uint32_t slot = cache->slots[number];

	if (cache->filled)
		return &cache->data[number * cache->width];
	if (slot != NO_SLOT) {
		take_out(cache, slot);
	} else {
		if (cache->n_used < cache->n_slots) {
			slot = (uint32_t)cache->n_used++;
		} else {
			slot = cache->oldest;
			take_out(cache, slot);
			cache->slots[cache->held[slot]] = NO_SLOT;
		}
		cache->held[slot] = (uint32_t)number;
		cache->slots[number] = slot;
		if (!reckon(cache, row, &cache->data[slot * cache->width])) {
			cache->slots[number] = NO_SLOT;
			put_newest(cache, slot);
			return NULL;
		}
	}
	put_newest(cache, slot);
	return &cache->data[slot * cache->width];
}

/* ---- all at once ---- */

struct filling { struct svm_cache *cache; _Atomic bool bad; };

/* The other half of a tile right of the diagonal. */
static void mirror(struct svm_cache *cache, size_t first_row, size_t end_row, size_t first_column, size_t end_column)
{
	for (size_t column = first_column; column < end_column && column < cache->n_rows; column++)
		for (size_t row = first_row; row < end_row; row++)
			cache->data[column * cache->width + row] = cache->data[row * cache->width + column];
}

/* The matrix from the diagonal on, and its mirror: rows of TILE groups. */
static void fill_rows(void *state, size_t i)
{
	struct filling *filling = state;
	struct svm_cache *cache = filling->cache;
	const struct svm_rows *rows = cache->rows;
	size_t n = rows->n_features, end = svm_groups(cache->n_rows), tile = TILE * SVM_LANES, first = i * tile;
	size_t last = first + tile < cache->n_rows ? first + tile : cache->n_rows;
	double *x = mem_array(n + 1, sizeof *x), values[TILE * SVM_LANES];
	struct svm_point points[TILE * SVM_LANES];
	bool good = true;

	for (size_t row = first; row < last; row++) {
		svm_rows_get(rows, row, x);
		svm_point_new(&points[row - first], n);
		svm_point_set(&points[row - first], x, rows->squares[row], n);
	}
	for (size_t group = i * TILE; group < end && good; group += TILE) {
		size_t some = end - group < TILE ? end - group : TILE, column = group * SVM_LANES;

		for (size_t row = first; row < last; row++) {
			svm_kernel_row(cache->kernel, rows, &points[row - first], group, some, values);
			good &= narrow(values, some * SVM_LANES, &cache->data[row * cache->width + column]);
		}
		if (column > first)
			mirror(cache, first, last, column, column + some * SVM_LANES);
		if (cache->stopped && cache->stopped(cache->state))
			good = false;
	}
	if (!good)
		atomic_store(&filling->bad, true);
	for (size_t row = first; row < last; row++)
		svm_point_free(&points[row - first]);
	free(x);
}

bool svm_cache_fill(struct svm_cache *cache, struct workers *workers, bool (*stopped)(void *state), void *state)
{
	struct filling filling = { .cache = cache };

	assert(cache->n_ranges == 1 && cache->ranges[0].first == 0 && cache->n_slots >= cache->n_rows);
	cache->stopped = stopped;
	cache->state = state;
	workers_run(workers, (svm_groups(cache->n_rows) + TILE - 1) / TILE, fill_rows, &filling);
	cache->filled = !atomic_load(&filling.bad);
	return cache->filled;
}
