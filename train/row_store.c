/* SPDX-License-Identifier: MIT */
/*
 * A block's bytes: y, weights where there are any, the columns that are kept as they
 * are, 8 bytes a value; then 2 bytes for each column, and the places of the others.
 */
#include "row_store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "block.h"
#include "file.h"
#include "memory.h"
#include "vector.h"

enum { WHOLE = 0xffff, MOSTLY_1 = 0x8000, FEW = 4, STRETCH = 64 };    /* heads of columns: as it is; the number of places; one row in so many is few */

struct kept_place {
	uint64_t block;
	struct block *kept;             /* its bytes; NULL: at `at` of the file */
	uint64_t at;
	size_t size, heads;             /* heads: where these begin */
	size_t n_rows, first_row;
	bool has_y, weighted;
	double weight;
	double *moments;                /* of each column: the mean, and the squared deviations' sum */
};

void row_store_init(struct row_store *store, size_t n_features, uint64_t memory, const struct host *host)
{
	*store = (struct row_store){ .n_features = n_features, .memory = memory, .host = host, .fd = -1, .open = true, .pool = pool_new() };
	pthread_mutex_init(&store->lock, NULL);
}

void row_store_free(struct row_store *store)
{
	if (!store->open)
		return;
	for (size_t i = 0; i < store->n_blocks; i++) {
		block_drop(store->places[i].kept);
		free(store->places[i].moments);
	}
	pool_drop(store->pool);
	free(store->places);
	if (store->fd >= 0)
		close(store->fd);
	pthread_mutex_destroy(&store->lock);
	memset(store, 0, sizeof *store);
}

/* ---- adding ---- */

/* The head of a column as it would be kept: how many rows hold 1 - most. Most columns say within a few rows that they hold other values. */
static uint16_t column_head(const double *values, size_t n_rows)
{
	size_t ones = 0;

	for (size_t first = 0; first < n_rows; first += STRETCH) {
		size_t end = first + STRETCH < n_rows ? first + STRETCH : n_rows;
		bool binary = true;

		for (size_t row = first; row < end; row++) {
			ones += values[row] == 1;
			binary &= values[row] == 0 || values[row] == 1;
		}
		if (!binary)
			return WHOLE;
	}
	if (ones <= n_rows / FEW)
		return (uint16_t)ones;
	if (n_rows - ones <= n_rows / FEW)
		return (uint16_t)((n_rows - ones) | MOSTLY_1);
	return WHOLE;
}

static size_t head_places(uint16_t head) { return head == WHOLE ? 0 : head & ~(unsigned)MOSTLY_1; }

/* Copies a column that is kept as it is, and sums it up on the way. */
WIDE static void keep_whole(const double *restrict x, size_t n, double *restrict to, double *moments)
{
	vec4d sums[2] = { { 0 } };
	double mean = 0, square = 0;
	size_t row = 0;

	for (; row + 8 <= n; row += 8)
		for (size_t k = 0; k < 2; k++) {
			vec4d values = *(const vec4d *)&x[row + 4 * k];

			*(vec4d *)&to[row + 4 * k] = values;
			sums[k] += values;
		}
	for (; row < n; row++)
		mean += to[row] = x[row];
	sums[0] += sums[1];
	mean = (mean + sum4(&sums[0])) / (double)n;
	sums[0] = sums[1] = (vec4d){ 0 };
	for (row = 0; row + 8 <= n; row += 8)
		for (size_t k = 0; k < 2; k++) {
			vec4d off = *(const vec4d *)&to[row + 4 * k] - mean;

			sums[k] += off * off;
		}
	for (; row < n; row++)
		square += (to[row] - mean) * (to[row] - mean);
	sums[0] += sums[1];
	moments[0] = mean;
	moments[1] = square + sum4(&sums[0]);
}

/* The places of a column that holds `odd` in so few rows. */
static uint16_t *keep_places(const double *x, size_t n, double odd, uint16_t *places, double *moments)
{
	const uint16_t *first = places;
	double share;

	for (size_t row = 0; row < n; row++)
		if (x[row] == odd)
			*places++ = (uint16_t)row;
	share = (double)(places - first) / (double)n;
	moments[0] = odd == 1 ? share : 1 - share;
	moments[1] = (double)n * share * (1 - share);
	return places;
}

/* Finds out how each column is kept, and what that takes; the heads are the caller's. */
static uint16_t *measure(const struct panel *panel, struct kept_place *place)
{
	size_t n = panel->n_rows, n_whole = (size_t)place->has_y + place->weighted, n_places = panel->n_features;
	uint16_t *heads = mem_array(panel->n_features + 1, sizeof *heads);

	for (size_t i = 0; i < panel->n_features; i++) {
		heads[i] = column_head(&panel->x[i * panel->stride], n);
		n_whole += heads[i] == WHOLE;
		n_places += head_places(heads[i]);
	}
	place->heads = n_whole * n * sizeof(double);
	place->size = place->heads + n_places * sizeof *heads;
	return heads;
}

/* A panel as the bytes of a block. */
static void encode(const struct panel *panel, const uint16_t *heads, struct kept_place *place, unsigned char *bytes)
{
	size_t n = panel->n_rows;
	double *values = (double *)bytes;
	uint16_t *places = (uint16_t *)(bytes + place->heads);

	memcpy(places, heads, panel->n_features * sizeof *places);
	places += panel->n_features;
	if (panel->y) {
		memcpy(values, panel->y, n * sizeof *values);
		values += n;
	}
	if (panel->weight) {
		memcpy(values, panel->weight, n * sizeof *values);
		values += n;
	}
	for (size_t i = 0; i < panel->n_features; i++) {
		const double *x = &panel->x[i * panel->stride];
		double odd = heads[i] & MOSTLY_1 ? 0 : 1;

		if (heads[i] != WHOLE) {
			places = keep_places(x, n, odd, places, &place->moments[2 * i]);
			continue;
		}
		keep_whole(x, n, values, &place->moments[2 * i]);
		values += n;
	}
}

uint64_t row_store_block_memory(size_t n_features, size_t panel_rows)
{
	return (uint64_t)(n_features + 2) * (panel_rows * sizeof(double) + sizeof(struct kept_column));
}

/* Where the block's bytes go: into a block of the pool while these have room, else to their place in the file. */
static int take_place(struct row_store *store, struct kept_place *place, struct error *err)
{
	uint64_t beside = (2 * store->n_features + 1) * sizeof *place->moments;

	if (store->held + beside + place->size <= store->memory) {
		place->kept = block_new(store->pool, place->size);
		store->held += beside + block_memory(place->kept);
	} else {
		if (store->fd < 0 && (store->fd = file_unnamed(store->host, err)) < 0)
			return -1;
		place->at = store->file_size;
		store->file_size += place->size;
	}
	return 0;
}

/* Blocks that go to the file are made in malloc's memory: what a pool got stays taken. */
static int keep_panel(struct row_store *store, const struct panel *panel, const uint16_t *heads, struct kept_place *place, struct error *err)
{
	double *bytes;
	int result;

	if (place->kept) {
		encode(panel, heads, place, place->kept->data);
		return 0;
	}
	bytes = mem_aligned(place->size + sizeof *bytes);
	encode(panel, heads, place, (unsigned char *)bytes);
	result = file_write_at(store->fd, bytes, place->size, place->at, store->host, err);
	free(bytes);
	return result;
}

int row_store_add(struct row_store *store, const struct panel *panel, struct error *err)
{
	struct kept_place place = { .block = panel->block, .n_rows = panel->n_rows, .has_y = panel->y, .weighted = panel->weight };
	uint16_t *heads = measure(panel, &place);
	int result;

	assert(panel->n_features == store->n_features);
	for (size_t row = 0; row < panel->n_rows; row++)
		place.weight += panel->weight ? panel->weight[row] : 1;
	pthread_mutex_lock(&store->lock);
	result = take_place(store, &place, err);
	pthread_mutex_unlock(&store->lock);
	place.moments = mem_array(2 * panel->n_features + 1, sizeof *place.moments);
	if (result == 0)
		result = keep_panel(store, panel, heads, &place, err);
	free(heads);
	if (result < 0) {
		block_drop(place.kept);
		free(place.moments);
		return -1;
	}
	pthread_mutex_lock(&store->lock);
	store->longest = place.size > store->longest ? place.size : store->longest;
	array_grow(store->places, store->n_blocks, store->room);
	store->places[store->n_blocks++] = place;
	pthread_mutex_unlock(&store->lock);
	return 0;
}

static int by_block(const void *a, const void *b)
{
	const struct kept_place *one = a, *other = b;

	return one->block < other->block ? -1 : one->block > other->block;
}

void row_store_close(struct row_store *store)
{
	if (store->n_blocks > 0)
		qsort(store->places, store->n_blocks, sizeof *store->places, by_block);
	for (size_t i = 0; i < store->n_blocks; i++) {
		store->places[i].first_row = store->n_rows;
		store->n_rows += store->places[i].n_rows;
		store->weight += store->places[i].weight;
	}
}

void row_store_moments(const struct row_store *store, double *means, double *squares)
{
	double n = 0;

	memset(means, 0, store->n_features * sizeof *means);
	memset(squares, 0, store->n_features * sizeof *squares);
	for (size_t i = 0; i < store->n_blocks; i++) {
		const struct kept_place *place = &store->places[i];
		double more = (double)place->n_rows, all = n + more;

		for (size_t col = 0; col < store->n_features; col++) {
			double off = place->moments[2 * col] - means[col];

			means[col] += off * (more / all);
			squares[col] += place->moments[2 * col + 1] + off * off * (n * more / all);
		}
		n = all;
	}
}

/* ---- reading ---- */

int row_store_read(const struct row_store *store, size_t i, struct kept_block *block, struct error *err)
{
	const struct kept_place *place = &store->places[i];
	const unsigned char *bytes = place->kept ? place->kept->data : NULL;
	const double *values;
	const uint16_t *heads, *places;
	size_t n = place->n_rows, n_whole = (size_t)place->has_y + place->weighted;

	if (!block->columns)
		block->columns = mem_new(store->n_features + 1, sizeof *block->columns);
	if (!bytes) {
		if (!block->space)
			block->space = mem_aligned(store->longest + sizeof *values);
		if (file_read_at(store->fd, block->space, place->size, place->at, store->host, err) < 0)
			return -1;
		bytes = (const unsigned char *)block->space;
	}
	values = (const double *)bytes;
	block->n_rows = n;
	block->first_row = place->first_row;
	block->total = place->weight;
	block->whole = (uint16_t)n;
	block->n_runs = 1;
	block->run_ends = &block->whole;
	block->y = place->has_y ? values : NULL;
	block->weight = place->weighted ? values + place->has_y * n : NULL;
	heads = (const uint16_t *)(bytes + place->heads);
	places = heads + store->n_features;
	for (size_t col = 0; col < store->n_features; col++) {
		struct kept_column *column = &block->columns[col];

		*column = (struct kept_column){ .places = places, .n_places = head_places(heads[col]), .most = heads[col] & MOSTLY_1 ? 1 : 0 };
		if (heads[col] == WHOLE) {
			column->values = values + n * n_whole++;
			column->runs = &column->values;
		}
		places += column->n_places;
	}
	return 0;
}
