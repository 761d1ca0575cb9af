/* SPDX-License-Identifier: MIT */
#include "kmeans.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kmeans_parts.h"
#include "memory.h"
#include "vector.h"

/* What a run adds: by feature the sum of its values and the largest; around the means, the squares without and with weights. */
struct kmeans_look { double sum, most, squares, weighted; };

static const double MOST_VALUE = 1e150;         /* whose square is a number, and a sum of many */
static const double LEAST_VARIANCE = 0x1p-900;  /* whose roundings double can hold */

/* ---- a pass ---- */

int kmeans_take_block(struct kmeans *kmeans, struct kmeans_lane *lane, size_t i, struct error *err)
{
	struct kept_block *block = &lane->block;

	if (row_store_read(&kmeans->rows, i, block, err) < 0)
		return -1;
	lane->n_whole = 0;
	for (size_t j = 0; j < kmeans->n_features; j++)
		if (block->columns[j].values) {
			lane->whole[lane->n_whole] = block->columns[j].values;
			lane->features[lane->n_whole++] = j;
		}
	lane->weights = block->weight ? block->weight : lane->ones;
	return 0;
}

static bool takes_part(const struct kmeans *kmeans, size_t start) { return kmeans->all || !kmeans->starts[start].settled; }

static void add_inertia(const struct kmeans_lane *lane, double *inertia)
{
	for (size_t row = 0; row < lane->block.n_rows; row++)
		*inertia += lane->weights[row] * lane->least[row];
}

static void pass_run(void *state, size_t i)
{
	struct kmeans *kmeans = state;
	struct kmeans_lane *lane = &kmeans->lanes[i];
	size_t first = lane->run * RUN_BLOCKS, end = first + RUN_BLOCKS;

	memset(lane->inertia, 0, kmeans->n_starts * sizeof *lane->inertia);
	for (size_t b = first; b < end && b < kmeans->rows.n_blocks; b++) {
		if (kmeans_take_block(kmeans, lane, b, &lane->err) < 0)
			return;
		for (size_t s = 0; s < kmeans->n_starts; s++) {
			struct kmeans_start *start = &kmeans->starts[s];

			if (!takes_part(kmeans, s))
				continue;
			kmeans_assign(kmeans, lane, start);
			kmeans_sums_change(kmeans, lane, start->known, lane->sums + s * 2 * kmeans->size);
			if (kmeans->all) {
				kmeans_measure(kmeans, lane, start->centres);
				add_inertia(lane, &lane->inertia[s]);
			}
		}
	}
}

int kmeans_run_all(struct kmeans *kmeans, void (*run)(void *kmeans, size_t lane), void (*merge)(struct kmeans *kmeans, struct kmeans_lane *lane),
                   struct error *err)
{
	size_t n_runs = (kmeans->rows.n_blocks + RUN_BLOCKS - 1) / RUN_BLOCKS;

	for (size_t first = 0; first < n_runs; first += kmeans->n_lanes) {
		size_t left = n_runs - first, n = left < kmeans->n_lanes ? left : kmeans->n_lanes;

		for (size_t i = 0; i < n; i++)
			kmeans->lanes[i].run = first + i;
		workers_run(kmeans->workers, n, run, kmeans);
		for (size_t i = 0; i < n; i++) {
			if (kmeans->lanes[i].err.code) {
				*err = kmeans->lanes[i].err;
				return -1;
			}
			if (merge)
				merge(kmeans, &kmeans->lanes[i]);
		}
	}
	return 0;
}

static void merge_inertia(struct kmeans *kmeans, struct kmeans_lane *lane)
{
	for (size_t s = 0; s < kmeans->n_starts; s++)
		kmeans->inertia[s] += lane->inertia[s];
}

/* All rows to the nearest centres of all starts that are not settled. all: of these too, and inertia is summed in full. */
static int pass(struct kmeans *kmeans, bool all, struct error *err)
{
	size_t n = kmeans->n_starts * 2 * kmeans->size;

	kmeans->all = all;
	memset(kmeans->inertia, 0, kmeans->n_starts * sizeof *kmeans->inertia);
	for (size_t i = 0; i < kmeans->n_lanes; i++)
		memset(kmeans->lanes[i].sums, 0, n * sizeof(double));
	for (size_t s = 0; s < kmeans->n_starts; s++) {
		struct kmeans_start *start = &kmeans->starts[s];

		if (!takes_part(kmeans, s))
			continue;
		kmeans_view(kmeans, start);
		if (!start->known)
			memset(start->sums, 0, 2 * kmeans->size * sizeof *start->sums);
	}
	if (kmeans_run_all(kmeans, pass_run, merge_inertia, err) < 0)
		return -1;
	for (size_t s = 0; s < kmeans->n_starts; s++) {
		struct kmeans_start *start = &kmeans->starts[s];

		for (size_t l = 0; l < kmeans->n_lanes && takes_part(kmeans, s); l++)
			for (size_t i = 0; i < 2 * kmeans->size; i++)
				start->sums[i] += kmeans->lanes[l].sums[s * 2 * kmeans->size + i];
		if (takes_part(kmeans, s)) {
			memset(start->moved, 0, kmeans->k * sizeof *start->moved);
			memset(start->away, 0, kmeans->k * sizeof *start->away);
			start->known = start->nearest;
		}
	}
	return 0;
}

/* ---- clusters without a row ---- */

struct far { double distance; uint32_t cluster; double weight, *values; };

/* The row is one of the n farthest so far: it takes its place among them, the farthest first, the first of equals. */
static void take_far(struct kmeans *kmeans, const struct kmeans_lane *lane, size_t row, struct far *fars, size_t n)
{
	size_t at = n - 1;
	struct far far = fars[at];

	far.distance = lane->least[row];
	far.cluster = lane->now[row];
	far.weight = lane->weights[row];
	for (size_t j = 0; j < kmeans->n_features; j++)
		far.values[j] = kmeans_value_at(&lane->block, j, row);
	for (; at > 0 && fars[at - 1].distance < far.distance; at--)
		fars[at] = fars[at - 1];
	fars[at] = far;
}

/* The n rows that are farthest from their centres. */
static int find_far(struct kmeans *kmeans, struct kmeans_start *start, struct far *fars, size_t n, struct error *err)
{
	struct kmeans_lane *lane = &kmeans->lanes[0];

	for (size_t b = 0; b < kmeans->rows.n_blocks; b++) {
		if (kmeans_take_block(kmeans, lane, b, err) < 0)
			return -1;
		kmeans_assign(kmeans, lane, start);
		kmeans_measure(kmeans, lane, start->centres);
		for (size_t row = 0; row < lane->block.n_rows; row++)
			if (lane->least[row] > fars[n - 1].distance)
				take_far(kmeans, lane, row, fars, n);
	}
	return 0;
}

/* Each takes a row, the farthest first. */
static int fill_empty(struct kmeans *kmeans, struct kmeans_start *start, double *sums, size_t n_empty, struct error *err)
{
	double *weights = sums + kmeans->n_features * kmeans->wide;
	struct far *fars = mem_array(n_empty, sizeof *fars);
	int result;

	for (size_t i = 0; i < n_empty; i++)
		fars[i] = (struct far){ .distance = 0, .values = mem_array(kmeans->n_features + 1, sizeof(double)) };
	result = find_far(kmeans, start, fars, n_empty, err);
	for (size_t c = 0, i = 0; c < kmeans->k && result == 0; c++) {
		const struct far *far = &fars[i];

		if (weights[c] != 0 || i == n_empty)
			continue;
		i++;
		if (far->distance == 0)         /* all other rows lie on centres */
			continue;
		for (size_t j = 0; j < kmeans->n_features; j++) {
			sums[j * kmeans->wide + far->cluster] -= far->values[j] * far->weight;
			sums[j * kmeans->wide + c] = far->values[j] * far->weight;
		}
		weights[far->cluster] -= far->weight;
		weights[c] = far->weight;
	}
	for (size_t i = 0; i < n_empty; i++)
		free(fars[i].values);
	free(fars);
	return result;
}

/* ---- a step ---- */

/* Both parts of a start's sums as one number each, in kmeans->total. */
static double *take_sums(struct kmeans *kmeans, const struct kmeans_start *start)
{
	for (size_t i = 0; i < kmeans->size; i++)
		kmeans->total[i] = start->sums[2 * i] + start->sums[2 * i + 1];
	return kmeans->total;
}

/* Around the centres as they stand: the scatter around the means, less what the centres explain of it. */
static double told_inertia(const struct kmeans *kmeans, const struct kmeans_start *start, const double *sums)
{
	const double *weights = sums + kmeans->n_features * kmeans->wide;
	double inertia = kmeans->scatter;

	for (size_t j = 0; j < kmeans->n_features; j++)
		for (size_t c = 0; c < kmeans->k; c++) {
			double centre = start->centres[j * kmeans->wide + c] - kmeans->means[j], sum = sums[j * kmeans->wide + c] - weights[c] * kmeans->means[j];

			inertia -= centre * (2 * sum - weights[c] * centre);
		}
	return inertia < 0 ? 0 : inertia;
}

/* A cluster that still has no row goes where the heaviest is. Returns the squared shift of all. */
static double move_centres(struct kmeans *kmeans, struct kmeans_start *start, const double *sums)
{
	const double *weights = sums + kmeans->n_features * kmeans->wide;
	double shift = 0;
	size_t heaviest = 0;

	for (size_t c = 1; c < kmeans->k; c++)
		heaviest = weights[c] > weights[heaviest] ? c : heaviest;
	for (size_t c = 0; c < kmeans->k; c++) {
		size_t from = weights[c] > 0 ? c : heaviest;
		double moved = 0;

		for (size_t j = 0; j < kmeans->n_features; j++) {
			double *centre = &start->centres[j * kmeans->wide + c];
			double value = sums[j * kmeans->wide + from] / weights[from], off = value - *centre, small = off * kmeans->unit;

			shift += off * off;
			moved += small * small;
			*centre = value;
		}
		start->moved[c] = (float)(sqrt(moved) * (1 + 0x1p-20));
	}
	return shift;
}

int kmeans_step(struct kmeans *kmeans, struct error *err)
{
	size_t n_left = 0;

	if (pass(kmeans, false, err) < 0)
		return -1;
	for (size_t s = 0; s < kmeans->n_starts; s++) {
		struct kmeans_start *start = &kmeans->starts[s];
		size_t n_empty = 0;
		double *sums, *weights;

		if (start->settled)
			continue;
		sums = take_sums(kmeans, start);
		weights = sums + kmeans->n_features * kmeans->wide;
		start->inertia = told_inertia(kmeans, start, sums);
		for (size_t c = 0; c < kmeans->k; c++)
			n_empty += weights[c] == 0;
		if (n_empty > 0 && fill_empty(kmeans, start, sums, n_empty, err) < 0)
			return -1;
		start->settled = move_centres(kmeans, start, sums) <= kmeans->tol;
		start->n_steps++;
		n_left += !start->settled;
	}
	return n_left > 0;
}

int kmeans_judge(struct kmeans *kmeans, size_t *best, double *inertia, double *weights, struct error *err)
{
	if (pass(kmeans, true, err) < 0)
		return -1;
	*best = 0;
	for (size_t s = 1; s < kmeans->n_starts; s++)
		if (kmeans->inertia[s] < kmeans->inertia[*best])
			*best = s;
	*inertia = kmeans->inertia[*best];
	memcpy(weights, take_sums(kmeans, &kmeans->starts[*best]) + kmeans->n_features * kmeans->wide, kmeans->k * sizeof *weights);
	return 0;
}

void kmeans_place(struct kmeans *kmeans, size_t start, const double *centres)
{
	memcpy(kmeans->starts[start].centres, centres, kmeans->n_features * kmeans->wide * sizeof *centres);
	kmeans->starts[start].known = false;
}

/* ---- rows ---- */

static void lane_open(struct kmeans *kmeans, struct kmeans_lane *lane)
{
	size_t n_features = kmeans->n_features;

	lane->whole = mem_array(n_features + 1, sizeof *lane->whole);
	lane->features = mem_array(n_features + 1, sizeof *lane->features);
	lane->columns = mem_array(n_features + 1, sizeof *lane->columns);
	for (size_t t = 0; t < TILE; t++) {
		lane->start[t] = mem_new(PANEL_ROWS, sizeof(double));
		lane->tile[t] = mem_new(PANEL_ROWS, sizeof(double));
	}
	lane->zero = mem_new(PANEL_ROWS, sizeof(double));
	lane->ones = mem_new(PANEL_ROWS, sizeof(double));
	for (size_t row = 0; row < PANEL_ROWS; row++)
		lane->ones[row] = 1;
	lane->values = mem_new(PANEL_ROWS, sizeof(double));
	lane->least = mem_new(PANEL_ROWS, sizeof(double));
	lane->was = mem_new(PANEL_ROWS, sizeof *lane->was);
	lane->now = mem_new(PANEL_ROWS, sizeof *lane->now);
	lane->small = mem_new(PANEL_ROWS * n_features + 1, sizeof *lane->small);
	lane->squares = mem_new(PANEL_ROWS, sizeof *lane->squares);
	lane->best = mem_new(PANEL_ROWS, sizeof *lane->best);
	lane->second = mem_new(PANEL_ROWS, sizeof *lane->second);
	lane->candidate = mem_new(PANEL_ROWS, sizeof *lane->candidate);
	lane->exact = mem_new(EXACT_ROWS * n_features + 1, sizeof *lane->exact);
	lane->pairs = mem_new(2 * PANEL_ROWS, sizeof *lane->pairs);
	lane->sums = mem_new(kmeans->n_starts * 2 * kmeans->size, sizeof *lane->sums);
	lane->inertia = mem_new(kmeans->n_starts, sizeof *lane->inertia);
	lane->looks = mem_new(n_features + 1, sizeof *lane->looks);
}

static void lane_free(struct kmeans_lane *lane)
{
	kept_block_free(&lane->block);
	free(lane->whole);
	free(lane->features);
	free(lane->columns);
	for (size_t t = 0; t < TILE; t++) {
		free(lane->start[t]);
		free(lane->tile[t]);
	}
	free(lane->zero);
	free(lane->ones);
	free(lane->values);
	free(lane->least);
	free(lane->was);
	free(lane->now);
	free(lane->small);
	free(lane->squares);
	free(lane->best);
	free(lane->second);
	free(lane->candidate);
	free(lane->exact);
	free(lane->pairs);
	free(lane->sums);
	free(lane->inertia);
	free(lane->looks);
}

void kmeans_open(struct kmeans *kmeans, size_t k, size_t n_features, size_t n_starts, double tol, int threads, uint64_t memory, const struct host *host)
{
	size_t wide = kmeans_wide(k), n_scores = kmeans_tiles(k) * KMEANS_TILE;

	*kmeans = (struct kmeans){ .k = k, .wide = wide, .n_features = n_features, .n_starts = n_starts, .relative_tol = tol,
	                           .n_lanes = threads > 1 ? (size_t)threads : 1, .size = (n_features + 1) * wide };
	row_store_init(&kmeans->rows, n_features, memory, host);
	kmeans->workers = workers_new(threads);
	kmeans->starts = mem_new(n_starts, sizeof *kmeans->starts);
	for (size_t s = 0; s < n_starts; s++) {
		struct kmeans_start *start = &kmeans->starts[s];

		start->centres = mem_new(n_features * wide + 1, sizeof *start->centres);
		start->sums = mem_new(2 * kmeans->size, sizeof *start->sums);
		start->small = mem_new(n_features * n_scores + 1, sizeof *start->small);
		start->squares = mem_new(n_scores, sizeof *start->squares);
		start->moved = mem_new(k, sizeof *start->moved);
		start->away = mem_new(k, sizeof *start->away);
	}
	kmeans->total = mem_new(kmeans->size, sizeof *kmeans->total);
	kmeans->inertia = mem_new(n_starts, sizeof *kmeans->inertia);
	kmeans->means = mem_new(n_features + 1, sizeof *kmeans->means);
	kmeans->grids = mem_new(n_features + 1, sizeof *kmeans->grids);
	kmeans->looks = mem_new(n_features + 1, sizeof *kmeans->looks);
	kmeans->lanes = mem_new(kmeans->n_lanes, sizeof *kmeans->lanes);
	for (size_t i = 0; i < kmeans->n_lanes; i++)
		lane_open(kmeans, &kmeans->lanes[i]);
}

uint64_t kmeans_memory(size_t k, size_t n_features, size_t n_starts, size_t lanes, uint64_t n_rows, bool passing)
{
	uint64_t size = ((uint64_t)n_features + 1) * kmeans_wide(k), panel = n_rows < PANEL_ROWS ? n_rows : PANEL_ROWS;
	uint64_t block = row_store_block_memory(n_features, (size_t)panel), of_starts = n_starts * 4 * size * sizeof(double), of_lane;

	if (passing)
		return of_starts + lanes * block;
	of_lane = block + n_features * panel * sizeof(float) + ((2 * TILE + 9) * PANEL_ROWS + EXACT_ROWS * n_features + 2 * size * n_starts) * sizeof(double);
	return of_starts + lanes * of_lane + (size + n_rows) * sizeof(double);
}

int kmeans_add(struct kmeans *kmeans, const struct panel *panel, struct error *err)
{
	struct panel own = *panel;

	own.y = NULL;
	return row_store_add(&kmeans->rows, &own, err);
}

static WIDE void look_at(const double *values, const double *weights, size_t n, bool whole, struct kmeans_look *look)
{
	enum { LANES = 16 };
	double sums[LANES] = { 0 }, most[LANES] = { 0 };

	for (size_t row = 0; row < n; row += LANES)
		for (size_t i = 0; i < LANES && row + i < n; i++) {
			double value = values[row + i], size = weights[row + i] * (whole ? fabs(value) : 1);

			sums[i] += fabs(value) <= MOST_VALUE ? value : NAN;
			most[i] = size > most[i] ? size : most[i];
		}
	for (size_t i = 0; i < LANES; i++) {
		look->sum += sums[i];
		look->most = most[i] > look->most ? most[i] : look->most;
	}
}

static WIDE void look_around(const double *values, const double *weights, size_t n, double mean, struct kmeans_look *look)
{
	enum { LANES = 16 };
	double squares[LANES] = { 0 }, weighted[LANES] = { 0 };

	for (size_t row = 0; row < n; row += LANES)
		for (size_t i = 0; i < LANES && row + i < n; i++) {
			double off = values[row + i] - mean;

			squares[i] += off * off;
			weighted[i] += weights[row + i] * (off * off);
		}
	for (size_t i = 0; i < LANES; i++) {
		look->squares += squares[i];
		look->weighted += weighted[i];
	}
}

static void look_run(void *state, size_t i)
{
	struct kmeans *kmeans = state;
	struct kmeans_lane *lane = &kmeans->lanes[i];
	size_t first = lane->run * RUN_BLOCKS, n = kmeans->n_features;

	memset(lane->looks, 0, (n + 1) * sizeof *lane->looks);
	for (size_t b = first; b < first + RUN_BLOCKS && b < kmeans->rows.n_blocks; b++) {
		if (kmeans_take_block(kmeans, lane, b, &lane->err) < 0)
			return;
		for (size_t j = 0; j < n; j++) {
			const struct kept_column *column = &lane->block.columns[j];
			const double *values = column->values;

			if (!values)
				kept_column_spread(&lane->block, j, lane->values);
			values = values ? values : lane->values;
			if (kmeans->all)
				look_around(values, lane->weights, lane->block.n_rows, kmeans->means[j], &lane->looks[j]);
			else
				look_at(values, lane->weights, lane->block.n_rows, column->values != NULL, &lane->looks[j]);
			if (isnan(lane->looks[j].sum))
				error_set(&lane->err, STATUS_FAILED, "a feature is too large for its square to be a number (scale it)");
		}
		if (!kmeans->all)
			look_at(lane->ones, lane->weights, lane->block.n_rows, true, &lane->looks[n]);
	}
}

static void merge_looks(struct kmeans *kmeans, struct kmeans_lane *lane)
{
	for (size_t j = 0; j <= kmeans->n_features; j++) {
		struct kmeans_look *to = &kmeans->looks[j];
		const struct kmeans_look *look = &lane->looks[j];

		to->sum += look->sum;
		to->most = look->most > to->most ? look->most : to->most;
		to->squares += look->squares;
		to->weighted += look->weighted;
	}
}

/* What is known of each row of a start, where rows leave room for it. */
static void keep_nearest(struct kmeans *kmeans)
{
	const struct row_store *rows = &kmeans->rows;
	uint64_t n = rows->n_rows, room = rows->held < rows->memory ? rows->memory - rows->held : 0;

	if (room / KMEANS_OF_ROW / kmeans->n_starts < n)
		return;
	for (size_t s = 0; s < kmeans->n_starts; s++) {
		struct kmeans_start *start = &kmeans->starts[s];

		start->nearest = mem_array(n, sizeof *start->nearest);
		start->upper = mem_array(n, sizeof *start->upper);
		start->lower = mem_array(n, sizeof *start->lower);
	}
}

int kmeans_close(struct kmeans *kmeans, struct error *err)
{
	size_t n = kmeans->n_features;
	double n_rows, variance = 0;

	row_store_close(&kmeans->rows);
	n_rows = (double)kmeans->rows.n_rows;
	if (kmeans->rows.n_rows < kmeans->k)
		return error_set(err, STATUS_FAILED, "k=%zu is more than the %zu rows to learn from", kmeans->k, kmeans->rows.n_rows);
	kmeans->all = false;
	if (kmeans_run_all(kmeans, look_run, merge_looks, err) < 0)
		return -1;
	for (size_t j = 0; j <= n; j++) {
		kmeans->means[j] = kmeans->looks[j].sum / n_rows;
		kmeans->grids[j] = kmeans_grid(kmeans->looks[j].most, kmeans->rows.n_rows);
	}
	kmeans->all = true;
	if (kmeans_run_all(kmeans, look_run, merge_looks, err) < 0)
		return -1;
	for (size_t j = 0; j < n; j++) {
		variance += kmeans->looks[j].squares / n_rows / (double)n;
		kmeans->scatter += kmeans->looks[j].weighted;
	}
	kmeans->tol = kmeans->relative_tol * variance;
	kmeans->unit = variance > LEAST_VARIANCE ? 1 / sqrt(variance) : NAN;
	keep_nearest(kmeans);
	return 0;
}

void kmeans_free(struct kmeans *kmeans)
{
	for (size_t i = 0; i < kmeans->n_lanes; i++)
		lane_free(&kmeans->lanes[i]);
	free(kmeans->lanes);
	for (size_t s = 0; s < kmeans->n_starts; s++) {
		struct kmeans_start *start = &kmeans->starts[s];

		free(start->centres);
		free(start->sums);
		free(start->small);
		free(start->squares);
		free(start->moved);
		free(start->away);
		free(start->nearest);
		free(start->upper);
		free(start->lower);
	}
	free(kmeans->starts);
	free(kmeans->total);
	free(kmeans->inertia);
	free(kmeans->means);
	free(kmeans->grids);
	free(kmeans->looks);
	workers_free(kmeans->workers);
	row_store_free(&kmeans->rows);
	*kmeans = (struct kmeans){ .k = 0 };
}
