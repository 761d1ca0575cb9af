/* SPDX-License-Identifier: MIT */
/*
 * A block's bytes: y, weights where there are any, the columns that are kept as they
 * are, 8 bytes a value; then 2 bytes for each column, and the places of the others.
 *
 * Of a column that stays where it came from only the stretches are there in which two of
 * its runs meet: its rows are divided as if all runs began and ended with a stretch.
 *
 *     stretches   |       |       |       |       |       |       |       |       |
 *     panel       [ run 0                     ][ run 1                           ]
 *     kept        [ run 0                 ][ copy ][ run 1                       ]
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

enum { WHOLE = 0xffff, MOSTLY_1 = 0x8000, FEW = 4, LOOK = 64 };        /* heads of columns: as it is; the number of places; one row in so many is few */
enum { COPY = PANEL_RUNS, MOST_RUNS = 2 * PANEL_RUNS };         /* no run of the panel: a copy; copies and these follow each other */

/* How a block's rows are divided where columns stay in the blocks that they came in. */
struct division {
	size_t n;
	uint16_t ends[MOST_RUNS];       /* by run: the row behind it */
	unsigned char from[MOST_RUNS];  /* the panel's run, or COPY */
	size_t n_shared, n_copied;      /* columns that stay; rows of each that are copied */
	const double **runs;            /* [column * n + run]; not set for columns of places */
	struct block **blocks;          /* one count each */
	size_t n_blocks;
};

struct kept_place {
	uint64_t block;
	struct block *kept;             /* its bytes; NULL: at `at` of the file */
	uint64_t at;
	size_t size, heads;             /* heads: where these begin */
	size_t n_rows, first_row;
	bool has_y, weighted;
	double weight;
	struct division *division;      /* NULL: no column is elsewhere */
	double *moments;                /* of each column: the mean, and the squared deviations' sum */
};

static void division_free(struct division *division)
{
	if (!division)
		return;
	for (size_t i = 0; i < division->n_blocks; i++)
		block_drop(division->blocks[i]);
	free(division->runs);
	free(division->blocks);
	free(division);
}

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
		division_free(store->places[i].division);
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

	for (size_t first = 0; first < n_rows; first += LOOK) {
		size_t end = first + LOOK < n_rows ? first + LOOK : n_rows;
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

/* The mean, and the squared deviations' sum, of rows that weigh `total` in all; weight NULL: 1 each. */
WIDE static void sum_up(const double *x, const double *weight, size_t n, double total, double *moments)
{
	vec4d sums[2] = { { 0 } };
	double mean = 0, square = 0;
	size_t row = 0;

	for (; row + 8 <= n; row += 8)
		for (size_t k = 0; k < 2; k++) {
			vec4d values = *(const vec4d *)&x[row + 4 * k];

			if (weight)
				values *= *(const vec4d *)&weight[row + 4 * k];
			sums[k] += values;
		}
	for (; row < n; row++)
		mean += weight ? weight[row] * x[row] : x[row];
	sums[0] += sums[1];
	mean = total > 0 ? (mean + sum4(&sums[0])) / total : 0;
	sums[0] = sums[1] = (vec4d){ 0 };
	for (row = 0; row + 8 <= n; row += 8)
		for (size_t k = 0; k < 2; k++) {
			vec4d off = *(const vec4d *)&x[row + 4 * k] - mean, square4 = off * off;

			if (weight)
				square4 *= *(const vec4d *)&weight[row + 4 * k];
			sums[k] += square4;
		}
	for (; row < n; row++)
		square += (weight ? weight[row] : 1) * (x[row] - mean) * (x[row] - mean);
	sums[0] += sums[1];
	moments[0] = mean;
	moments[1] = square + sum4(&sums[0]);
}

/* The places of a column that holds `odd` in so few rows. */
static uint16_t *keep_places(const double *x, const double *weight, size_t n, double odd, double total, uint16_t *places, double *moments)
{
	double odds = 0, share;

	for (size_t row = 0; row < n; row++)
		if (x[row] == odd) {
			*places++ = (uint16_t)row;
			odds += weight ? weight[row] : 1;
		}
	share = total > 0 ? odds / total : 0;
	moments[0] = odd == 1 ? share : 1 - share;
	moments[1] = total * share * (1 - share);
	return places;
}

/* Finds out how each column is kept; the heads are the caller's. Gives how many are kept as they are. */
static size_t look_at_columns(const struct panel *panel, uint16_t *heads, size_t *n_places)
{
	size_t n_whole = 0;

	*n_places = 0;
	for (size_t i = 0; i < panel->n_features; i++) {
		heads[i] = column_head(&panel->x[i * panel->stride], panel->n_rows);
		n_whole += heads[i] == WHOLE;
		*n_places += head_places(heads[i]);
	}
	return n_whole;
}

static void size_up(const struct panel *panel, size_t n_values, size_t n_places, struct kept_place *place)
{
	place->heads = (((size_t)place->has_y + place->weighted) * panel->n_rows + n_values) * sizeof(double);
	place->size = place->heads + (panel->n_features + n_places) * sizeof(uint16_t);
}

/* ---- columns that stay where they came from ---- */

static bool stays(const struct panel_runs *runs, size_t col, uint16_t head)
{
	for (size_t run = 0; run < runs->n; run++)
		if (!runs->values[col * PANEL_RUNS + run])
			return false;
	return head == WHOLE;
}

static void divide_rows(const struct panel_runs *runs, size_t n_rows, struct division *division)
{
	size_t run = 0;

	for (size_t first = 0, end; first < n_rows; first = end) {
		unsigned char from;

		end = n_rows - first < KEPT_STRETCH ? n_rows : first + KEPT_STRETCH;
		while (runs->ends[run] <= first)
			run++;
		from = (unsigned char)(runs->ends[run] >= end ? run : COPY);
		division->n_copied += from == COPY ? end - first : 0;
		division->n -= division->n > 0 && division->from[division->n - 1] == from;
		division->from[division->n] = from;
		division->ends[division->n++] = (uint16_t)end;
	}
}

/* NULL: all of the panel is to be copied. */
static struct division *divide(const struct panel *panel, const uint16_t *heads)
{
	const struct panel_runs *runs = panel->runs;
	struct division *division;
	size_t n_shared = 0;

	for (size_t i = 0; runs && i < panel->n_features; i++)
		n_shared += stays(runs, i, heads[i]);
	if (n_shared == 0)
		return NULL;
	division = mem_new(1, sizeof *division);
	division->n_shared = n_shared;
	divide_rows(runs, panel->n_rows, division);
	division->runs = mem_array(panel->n_features * division->n, sizeof *division->runs);
	division->blocks = mem_array(n_shared * runs->n, sizeof *division->blocks);
	return division;
}

/* Where a column's runs stand; a count on each of its blocks. values: room for what is copied; gives where it ends. */
static double *share(const struct panel *panel, size_t col, struct division *division, double *values)
{
	const struct panel_runs *runs = panel->runs;

	for (size_t run = 0, first = 0; run < division->n; first = division->ends[run++]) {
		const double **at = &division->runs[col * division->n + run];
		size_t from = division->from[run], n = division->ends[run] - first;

		if (from == COPY) {
			memcpy(values, &panel->x[col * panel->stride + first], n * sizeof *values);
			*at = values;
			values += n;
		} else {
			*at = runs->values[col * PANEL_RUNS + from] + (first - (from > 0 ? runs->ends[from - 1] : 0));
		}
	}
	for (size_t run = 0; run < runs->n; run++)
		division->blocks[division->n_blocks++] = block_use(runs->blocks[col * PANEL_RUNS + run]);
	return values;
}

/* The same of a column that is copied beside others that are not. */
static void share_copy(struct division *division, size_t col, const double *values)
{
	for (size_t run = 0; run < division->n; run++)
		division->runs[col * division->n + run] = values + (run > 0 ? division->ends[run - 1] : 0);
}

/* ---- a block's bytes ---- */

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
			places = keep_places(x, panel->weight, n, odd, place->weight, places, &place->moments[2 * i]);
			continue;
		}
		sum_up(x, panel->weight, n, place->weight, &place->moments[2 * i]);
		if (place->division && stays(panel->runs, i, heads[i])) {
			values = share(panel, i, place->division, values);
			continue;
		}
		memcpy(values, x, n * sizeof *values);
		if (place->division)
			share_copy(place->division, i, values);
		values += n;
	}
}

uint64_t row_store_block_memory(size_t n_features, size_t panel_rows)
{
	return (uint64_t)(n_features + 2) * (panel_rows * sizeof(double) + sizeof(struct kept_column));
}

static bool is_counted(const struct row_store *store, const struct block *block)
{
	size_t n = sizeof store->counted / sizeof *store->counted;

	for (size_t i = 0; i < n && i < store->n_counted; i++)
		if (store->counted[i] == block)
			return true;
	return false;
}

/* What the blocks take that the panel's columns lie in and that no panel before it did: these stay whole, whoever else has bytes in them. take: they
 * are counted from here on. */
static uint64_t count_blocks(struct row_store *store, const struct panel *panel, const struct kept_place *place, bool take)
{
	size_t n = sizeof store->counted / sizeof *store->counted;
	const struct block *last = NULL;
	uint64_t size = 0;

	for (size_t i = 0; place->division && i < panel->n_features * PANEL_RUNS; i++) {
		const struct block *block = i % PANEL_RUNS < panel->runs->n ? panel->runs->blocks[i] : NULL;

		if (!block || block == last || is_counted(store, block))
			continue;
		size += block_memory(block);
		last = block;
		if (take)
			store->counted[store->n_counted++ % n] = block;
	}
	return size;
}

/* Where the block's bytes go: into a block of the pool while these have room, else to their place in the file. What stays elsewhere counts
 * as it would here. */
static int take_place(struct row_store *store, const struct panel *panel, struct kept_place *place, const struct kept_place *in_memory, struct error *err)
{
	uint64_t beside = (2 * store->n_features + 1) * sizeof *place->moments, elsewhere = count_blocks(store, panel, place, false);

	if (place->division)
		beside += sizeof *place->division + store->n_features * (place->division->n + PANEL_RUNS) * sizeof(void *);
	if (store->held + beside + elsewhere + in_memory->size <= store->memory) {
		(void)count_blocks(store, panel, place, true);
		place->size = in_memory->size;
		place->heads = in_memory->heads;
		place->kept = block_new(store->pool, place->size);
		store->held += beside + elsewhere + block_memory(place->kept);
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
	division_free(place->division);
	place->division = NULL;
	bytes = mem_aligned(place->size + sizeof *bytes);
	encode(panel, heads, place, (unsigned char *)bytes);
	result = file_write_at(store->fd, bytes, place->size, place->at, store->host, err);
	free(bytes);
	return result;
}

int row_store_add(struct row_store *store, const struct panel *panel, struct error *err)
{
	struct kept_place place = { .block = panel->block, .n_rows = panel->n_rows, .has_y = panel->y, .weighted = panel->weight }, in_memory = place;
	uint16_t *heads = mem_array(panel->n_features + 1, sizeof *heads);
	size_t n_places, n_whole = look_at_columns(panel, heads, &n_places), n = panel->n_rows;
	int result;

	assert(panel->n_features == store->n_features);
	place.division = divide(panel, heads);
	size_up(panel, n_whole * n, n_places, &place);
	size_up(panel, n_whole * n - (place.division ? place.division->n_shared * (n - place.division->n_copied) : 0), n_places, &in_memory);
	for (size_t row = 0; row < n; row++)
		place.weight += panel->weight ? panel->weight[row] : 1;
	pthread_mutex_lock(&store->lock);
	result = take_place(store, panel, &place, &in_memory, err);
	pthread_mutex_unlock(&store->lock);
	place.moments = mem_array(2 * panel->n_features + 1, sizeof *place.moments);
	if (result == 0)
		result = keep_panel(store, panel, heads, &place, err);
	free(heads);
	if (result < 0) {
		block_drop(place.kept);
		division_free(place.division);
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

static int take_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	(void)lane;
	return panel->part == PART_TRAIN ? row_store_add(state, panel, err) : 0;
}

int row_store_fill(struct row_store *store, const struct training *training, struct error *err)
{
	row_store_init(store, training->problem->features.n, training->memory, training->host);
	if (training->rows(training->state, training->threads > 1 ? (size_t)training->threads : 1, take_panel, store, err) < 0)
		return -1;
	row_store_close(store);
	return 0;
}

uint64_t row_store_shared_size(const void *config, const struct training *training)
{
	uint64_t size = training->n_rows * (training->problem->features.n + 2) * sizeof(double);

	(void)config;
	return size < training->memory ? size : training->memory;
}

struct row_store *row_store_share(const struct training *training, struct error *err)
{
	struct row_store *store = mem_new(1, sizeof *store);

	if (row_store_fill(store, training, err) == 0)
		return store;
	row_store_unshare(store);
	return NULL;
}

void row_store_unshare(void *store)
{
	if (store)
		row_store_free(store);
	free(store);
}

void row_store_moments(const struct row_store *store, double *means, double *squares)
{
	double weight = 0;

	memset(means, 0, store->n_features * sizeof *means);
	memset(squares, 0, store->n_features * sizeof *squares);
	for (size_t i = 0; i < store->n_blocks; i++) {
		const struct kept_place *place = &store->places[i];
		double more = place->weight, all = weight + more;

		for (size_t col = 0; all > 0 && col < store->n_features; col++) {
			double off = place->moments[2 * col] - means[col];

			means[col] += off * (more / all);
			squares[col] += place->moments[2 * col + 1] + off * off * (weight * more / all);
		}
		weight = all;
	}
}

/* ---- reading ---- */

/* The block as it says, of which these are the bytes. */
static void show(const struct row_store *store, const struct kept_place *place, const unsigned char *bytes, struct kept_block *block)
{
	const struct division *division = place->division;
	const double *values = (const double *)bytes;
	const uint16_t *heads = (const uint16_t *)(bytes + place->heads), *places = heads + store->n_features;
	size_t n = place->n_rows, n_whole = (size_t)place->has_y + place->weighted;

	if (!block->columns)
		block->columns = mem_new(store->n_features + 1, sizeof *block->columns);
	block->n_rows = n;
	block->first_row = place->first_row;
	block->total = place->weight;
	block->whole = (uint16_t)n;
	block->n_runs = division ? division->n : 1;
	block->run_ends = division ? division->ends : &block->whole;
	block->y = place->has_y ? values : NULL;
	block->weight = place->weighted ? values + place->has_y * n : NULL;
	for (size_t col = 0; col < store->n_features; col++) {
		struct kept_column *column = &block->columns[col];

		*column = (struct kept_column){ .places = places, .n_places = head_places(heads[col]), .most = heads[col] & MOSTLY_1 ? 1 : 0 };
		if (heads[col] == WHOLE && division) {
			column->runs = &division->runs[col * division->n];
			column->values = division->n == 1 ? column->runs[0] : NULL;
		} else if (heads[col] == WHOLE) {
			column->values = values + n * n_whole++;
			column->runs = &column->values;
		}
		places += column->n_places;
	}
}

int row_store_read(const struct row_store *store, size_t i, struct kept_block *block, struct error *err)
{
	const struct kept_place *place = &store->places[i];

	if (!place->kept) {
		if (!block->space)
			block->space = mem_aligned(store->longest + sizeof *block->space);
		if (file_read_at(store->fd, block->space, place->size, place->at, store->host, err) < 0)
			return -1;
	}
	show(store, place, place->kept ? place->kept->data : (const unsigned char *)block->space, block);
	return 0;
}

void row_store_show(const struct row_store *store, size_t i, struct kept_block *block)
{
	const struct kept_place *place = &store->places[i];

	block->n_rows = 0;
	if (place->kept)
		show(store, place, place->kept->data, block);
}
