/* SPDX-License-Identifier: MIT */
#include "kmeans.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "distances.h"
#include "memory.h"
#include "rng.h"
#include "vector.h"

enum { TILE = DISTANCES_FROM, RUN_BLOCKS = 8 };  /* centres that are measured at once; blocks whose sums are one */
static const double MOST_VALUE = 1e150;         /* whose square is a number, and a sum of many */

/* What one thread works with. */
struct kmeans_lane {
	struct kept_block block;
	const double **whole;           /* columns that are kept whole, */
	size_t *features, n_whole;      /* and their features */
	double *start[TILE], *tile[TILE];       /* by row: what columns of few ones come to; squared distances from the tile's centres */
	double *least, *weights;        /* by row: from the nearest; weights of the block */
	uint32_t *nearest;
	double *sums;                   /* n_starts x size: of the run */
	size_t run;
	bool used;
	struct error err;
};

/* ---- distances ---- */

/* Of one centre more. */
static WIDE void take_nearer(const double *tile, size_t n_rows, uint32_t centre, double *least, uint32_t *nearest)
{
	for (size_t row = 0; row < n_rows; row++) {
		bool nearer = tile[row] < least[row];

		least[row] = nearer ? tile[row] : least[row];
		nearest[row] = nearer ? centre : nearest[row];
	}
}

static void start_nearest(size_t n_rows, double *least, uint32_t *nearest)
{
	for (size_t row = 0; row < n_rows; row++) {
		least[row] = INFINITY;
		nearest[row] = 0;
	}
}

void kmeans_nearest(const double *const *columns, size_t n_features, size_t n_rows, const double *centres, size_t k, uint32_t *nearest,
                    double *distances)
{
	size_t wide = kmeans_wide(k);
	double *zero = mem_new((1 + TILE) * PANEL_ROWS, sizeof *zero), *tile[TILE];
	const double *start[TILE];

	for (size_t t = 0; t < TILE; t++) {
		start[t] = zero;
		tile[t] = zero + (1 + t) * PANEL_ROWS;
	}
	start_nearest(n_rows, distances, nearest);
	for (size_t c = 0; c < k; c += TILE) {
		distances_squared(columns, NULL, n_features, n_rows, centres + c, wide, start, tile);
		for (size_t t = 0; t < TILE && c + t < k; t++)
			take_nearer(tile[t], n_rows, (uint32_t)(c + t), distances, nearest);
	}
	free(zero);
}

/* The block's columns; its weights, 1 where there are none. */
static int take_block(struct kmeans *kmeans, struct kmeans_lane *lane, size_t i, struct error *err)
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
	for (size_t row = 0; row < block->n_rows; row++)
		lane->weights[row] = block->weight ? block->weight[row] : 1;
	return 0;
}

/* What the columns of few ones add to the distances from the centres of a tile. */
static void start_tile(const struct kmeans_lane *lane, size_t n_features, const double *centres, size_t wide)
{
	const struct kept_block *block = &lane->block;
	double base[TILE] = { 0 };

	for (size_t j = 0; j < n_features; j++)
		for (size_t t = 0; t < TILE && !block->columns[j].values; t++) {
			double off = block->columns[j].most - centres[j * wide + t];

			base[t] += off * off;
		}
	for (size_t t = 0; t < TILE; t++)
		for (size_t row = 0; row < block->n_rows; row++)
			lane->start[t][row] = base[t];
	for (size_t j = 0; j < n_features; j++) {
		const struct kept_column *column = &block->columns[j];

		for (size_t t = 0; t < TILE && !column->values; t++) {
			double centre = centres[j * wide + t], most = column->most - centre, odd = 1 - column->most - centre;
			double more = odd * odd - most * most;

			for (size_t p = 0; p < column->n_places; p++)
				lane->start[t][column->places[p]] += more;
		}
	}
}

/* The squared distances of the block's rows from centres c .. c + TILE - 1, in lane->tile. */
static void measure_tile(struct kmeans *kmeans, struct kmeans_lane *lane, const double *centres, size_t wide)
{
	start_tile(lane, kmeans->n_features, centres, wide);
	distances_squared(lane->whole, lane->features, lane->n_whole, lane->block.n_rows, centres, wide, (const double *const *)lane->start, lane->tile);
}

static void find_nearest(struct kmeans *kmeans, struct kmeans_lane *lane, const double *centres)
{
	size_t n_rows = lane->block.n_rows;

	start_nearest(n_rows, lane->least, lane->nearest);
	for (size_t c = 0; c < kmeans->k; c += TILE) {
		measure_tile(kmeans, lane, centres + c, kmeans->wide);
		for (size_t t = 0; t < TILE && c + t < kmeans->k; t++)
			take_nearer(lane->tile[t], n_rows, (uint32_t)(c + t), lane->least, lane->nearest);
	}
	for (size_t row = 0; row < n_rows; row++)       /* the odd ones' squares less the others' may be off by a rounding */
		lane->least[row] = lane->least[row] > 0 ? lane->least[row] : 0;
}

/* ---- a pass ---- */

static void add_sums(struct kmeans *kmeans, struct kmeans_lane *lane, double *sums)
{
	const struct kept_block *block = &lane->block;
	double *weights = sums + kmeans->n_features * kmeans->wide, *inertia = weights + kmeans->wide;
	const uint32_t *nearest = lane->nearest;

	for (size_t row = 0; row < block->n_rows; row++) {
		weights[nearest[row]] += lane->weights[row];
		*inertia += lane->weights[row] * lane->least[row];
	}
	for (size_t j = 0; j < kmeans->n_features; j++) {
		const struct kept_column *column = &block->columns[j];
		double *to = sums + j * kmeans->wide, odd = 1 - 2 * column->most;

		for (size_t row = 0; column->values && row < block->n_rows; row++)
			to[nearest[row]] += lane->weights[row] * column->values[row];
		for (size_t row = 0; !column->values && column->most != 0 && row < block->n_rows; row++)
			to[nearest[row]] += lane->weights[row];
		for (size_t p = 0; !column->values && p < column->n_places; p++)
			to[nearest[column->places[p]]] += odd * lane->weights[column->places[p]];
	}
}

static bool takes_part(const struct kmeans *kmeans, size_t start) { return kmeans->all || !kmeans->starts[start].settled; }

static void sum_run(void *state, size_t i)
{
	struct kmeans *kmeans = state;
	struct kmeans_lane *lane = &kmeans->lanes[i];
	size_t first = lane->run * RUN_BLOCKS, end = first + RUN_BLOCKS;

	lane->used = first < kmeans->rows.n_blocks;
	memset(lane->sums, 0, kmeans->n_starts * kmeans->size * sizeof *lane->sums);
	for (size_t b = first; b < end && b < kmeans->rows.n_blocks && !lane->err.code; b++) {
		if (take_block(kmeans, lane, b, &lane->err) < 0)
			return;
		for (size_t s = 0; s < kmeans->n_starts; s++)
			if (takes_part(kmeans, s)) {
				find_nearest(kmeans, lane, kmeans->starts[s].centres);
				add_sums(kmeans, lane, lane->sums + s * kmeans->size);
			}
	}
}

/* Runs side by side as there are lanes; `merge` sees each lane that had one, in the order of the runs. */
static int run_all(struct kmeans *kmeans, void (*run)(void *kmeans, size_t lane), void (*merge)(struct kmeans *kmeans, struct kmeans_lane *lane),
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

static void merge_sums(struct kmeans *kmeans, struct kmeans_lane *lane)
{
	for (size_t i = 0; i < kmeans->n_starts * kmeans->size; i++)
		kmeans->total[i] += lane->sums[i];
}

static int sum_all(struct kmeans *kmeans, bool all, struct error *err)
{
	kmeans->all = all;
	memset(kmeans->total, 0, kmeans->n_starts * kmeans->size * sizeof *kmeans->total);
	return run_all(kmeans, sum_run, merge_sums, err);
}

/* ---- clusters without a row ---- */

struct far { double distance; uint32_t cluster; double weight, *values; };

static double value_at(const struct kept_block *block, size_t feature, size_t row)
{
	const struct kept_column *column = &block->columns[feature];

	if (column->values)
		return column->values[row];
	for (size_t p = 0; p < column->n_places; p++)
		if (column->places[p] == row)
			return 1 - column->most;
	return column->most;
}

/* The row is one of the n farthest so far: it takes its place among them, the farthest first, the first of equals. */
static void take_far(struct kmeans *kmeans, const struct kmeans_lane *lane, size_t row, struct far *fars, size_t n)
{
	size_t at = n - 1;
	struct far far = fars[at];

	far.distance = lane->least[row];
	far.cluster = lane->nearest[row];
	far.weight = lane->weights[row];
	for (size_t j = 0; j < kmeans->n_features; j++)
		far.values[j] = value_at(&lane->block, j, row);
	for (; at > 0 && fars[at - 1].distance < far.distance; at--)
		fars[at] = fars[at - 1];
	fars[at] = far;
}

/* The n rows that are farthest from their centres. */
static int find_far(struct kmeans *kmeans, const double *centres, struct far *fars, size_t n, struct error *err)
{
	struct kmeans_lane *lane = &kmeans->lanes[0];

	for (size_t b = 0; b < kmeans->rows.n_blocks; b++) {
		if (take_block(kmeans, lane, b, err) < 0)
			return -1;
		find_nearest(kmeans, lane, centres);
		for (size_t row = 0; row < lane->block.n_rows; row++)
			if (lane->least[row] > fars[n - 1].distance)
				take_far(kmeans, lane, row, fars, n);
	}
	return 0;
}

/* Each takes a row, the farthest first. */
static int fill_empty(struct kmeans *kmeans, const double *centres, double *sums, size_t n_empty, struct error *err)
{
	double *weights = sums + kmeans->n_features * kmeans->wide;
	struct far *fars = mem_array(n_empty, sizeof *fars);
	int result;

	for (size_t i = 0; i < n_empty; i++)
		fars[i] = (struct far){ .distance = 0, .values = mem_array(kmeans->n_features + 1, sizeof(double)) };
	result = find_far(kmeans, centres, fars, n_empty, err);
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

		for (size_t j = 0; j < kmeans->n_features; j++) {
			double *centre = &start->centres[j * kmeans->wide + c];
			double value = sums[j * kmeans->wide + from] / weights[from], off = value - *centre;

			shift += off * off;
			*centre = value;
		}
	}
	return shift;
}

int kmeans_step(struct kmeans *kmeans, struct error *err)
{
	size_t n_left = 0;

	if (sum_all(kmeans, false, err) < 0)
		return -1;
	for (size_t s = 0; s < kmeans->n_starts; s++) {
		struct kmeans_start *start = &kmeans->starts[s];
		double *sums = kmeans->total + s * kmeans->size, *weights = sums + kmeans->n_features * kmeans->wide;
		size_t n_empty = 0;

		if (start->settled)
			continue;
		start->inertia = weights[kmeans->wide];
		for (size_t c = 0; c < kmeans->k; c++)
			n_empty += weights[c] == 0;
		if (n_empty > 0 && fill_empty(kmeans, start->centres, sums, n_empty, err) < 0)
			return -1;
		start->settled = move_centres(kmeans, start, sums) <= kmeans->tol;
		start->n_steps++;
		n_left += !start->settled;
	}
	return n_left > 0;
}

int kmeans_judge(struct kmeans *kmeans, size_t *best, double *inertia, double *weights, struct error *err)
{
	size_t at = kmeans->n_features * kmeans->wide;

	if (sum_all(kmeans, true, err) < 0)
		return -1;
	*best = 0;
	for (size_t s = 1; s < kmeans->n_starts; s++)
		if (kmeans->total[s * kmeans->size + at + kmeans->wide] < kmeans->total[*best * kmeans->size + at + kmeans->wide])
			*best = s;
	*inertia = kmeans->total[*best * kmeans->size + at + kmeans->wide];
	memcpy(weights, &kmeans->total[*best * kmeans->size + at], kmeans->k * sizeof *weights);
	return 0;
}

/* ---- where centres start ---- */

/* Rows drawn with chances that are their weight times how far they are from the centres that are there. */
struct kmeans_seeding {
	struct rng rng;
	double *far;                    /* by row: squared distance from the nearest centre; 1: there is none yet */
	bool none;                      /* so it is */
	double *masses;                 /* by block: sum of weight x far */
	size_t n, wide;                 /* candidates; 0: masses are wanted for what stands in `far` */
	double *centres;                /* theirs, as centres lie */
	double *left;                   /* by block and candidate: the masses with it */
	bool keep;                      /* the one candidate becomes a centre */
	size_t drawn, drawn_block;      /* the row that was drawn last */
};

static double mass_of(const struct kmeans_lane *lane, const double *far)
{
	double mass = 0;

	for (size_t row = 0; row < lane->block.n_rows; row++)
		mass += lane->weights[row] * far[row];
	return mass;
}

static void weigh_candidates(struct kmeans *kmeans, struct kmeans_lane *lane, size_t b, double *far)
{
	struct kmeans_seeding *seeding = kmeans->seeding;

	for (size_t c = 0; c < seeding->n; c += TILE) {
		measure_tile(kmeans, lane, seeding->centres + c, seeding->wide);
		for (size_t t = 0; t < TILE && c + t < seeding->n; t++) {
			for (size_t row = 0; row < lane->block.n_rows; row++) {
				double distance = lane->tile[t][row] > 0 ? lane->tile[t][row] : 0;

				lane->least[row] = seeding->none || distance < far[row] ? distance : far[row];
			}
			seeding->left[b * seeding->n + c + t] = mass_of(lane, lane->least);
		}
	}
	if (seeding->keep) {
		memcpy(far, lane->least, lane->block.n_rows * sizeof *far);
		seeding->masses[b] = seeding->left[b];
	}
}

static void weigh_run(void *state, size_t i)
{
	struct kmeans *kmeans = state;
	struct kmeans_lane *lane = &kmeans->lanes[i];
	size_t first = lane->run * RUN_BLOCKS;

	for (size_t b = first; b < first + RUN_BLOCKS && b < kmeans->rows.n_blocks; b++) {
		double *far;

		if (take_block(kmeans, lane, b, &lane->err) < 0)
			return;
		far = kmeans->seeding->far + lane->block.first_row;
		if (kmeans->seeding->n == 0)
			kmeans->seeding->masses[b] = mass_of(lane, far);
		else
			weigh_candidates(kmeans, lane, b, far);
	}
}

/* Becomes candidate c: the row with so much mass before it, or the last one of any. */
static int draw_row(struct kmeans *kmeans, double before, size_t c, struct error *err)
{
	struct kmeans_seeding *seeding = kmeans->seeding;
	struct kmeans_lane *lane = &kmeans->lanes[0];
	size_t b = 0, last = 0, row = 0, chosen = 0;

	for (size_t i = 0; i < kmeans->rows.n_blocks; i++)
		last = seeding->masses[i] > 0 ? i : last;
	for (; b < last && before >= seeding->masses[b]; b++)
		before -= seeding->masses[b];
	if (take_block(kmeans, lane, b, err) < 0)
		return -1;
	for (; row < lane->block.n_rows; row++) {
		double mass = lane->weights[row] * seeding->far[lane->block.first_row + row];

		if (mass > 0)
			chosen = row;
		if (mass > 0 && before < mass)
			break;
		before -= mass;
	}
	for (size_t j = 0; j < kmeans->n_features; j++)
		seeding->centres[j * seeding->wide + c] = value_at(&lane->block, j, chosen);
	seeding->drawn = lane->block.first_row + chosen;
	seeding->drawn_block = b;
	return 0;
}

static double sum_masses(const struct kmeans *kmeans, const double *masses, size_t step)
{
	double sum = 0;

	for (size_t b = 0; b < kmeans->rows.n_blocks; b++)
		sum += masses[b * step];
	return sum;
}

/* The candidate beside which the least mass is left. */
static size_t best_candidate(const struct kmeans *kmeans)
{
	const struct kmeans_seeding *seeding = kmeans->seeding;
	size_t best = 0;
	double least = INFINITY;

	for (size_t c = 0; c < seeding->n; c++) {
		double left = sum_masses(kmeans, seeding->left + c, seeding->n);

		if (left < least) {
			least = left;
			best = c;
		}
	}
	return best;
}

/* Centre c, of so many candidates. */
static int draw_centre(struct kmeans *kmeans, struct kmeans_start *start, size_t c, size_t n_candidates, struct error *err)
{
	struct kmeans_seeding *seeding = kmeans->seeding;
	double mass = sum_masses(kmeans, seeding->masses, 1);
	size_t best = 0;

	for (size_t i = 0; i < n_candidates; i++)
		if (draw_row(kmeans, rng_unit(&seeding->rng) * mass, i, err) < 0)
			return -1;
	seeding->n = n_candidates;
	if (n_candidates > 1) {
		if (run_all(kmeans, weigh_run, NULL, err) < 0)
			return -1;
		best = best_candidate(kmeans);
	}
	for (size_t j = 0; j < kmeans->n_features; j++)
		seeding->centres[j * seeding->wide] = start->centres[j * kmeans->wide + c] = seeding->centres[j * seeding->wide + best];
	seeding->n = 1;
	seeding->keep = true;
	if (run_all(kmeans, weigh_run, NULL, err) < 0)
		return -1;
	seeding->keep = seeding->none = false;
	return 0;
}

/* The same of a row by its weight alone, which is drawn no more. */
static int draw_any(struct kmeans *kmeans, struct kmeans_start *start, size_t c, struct error *err)
{
	struct kmeans_seeding *seeding = kmeans->seeding;
	struct kmeans_lane *lane = &kmeans->lanes[0];

	if (draw_row(kmeans, rng_unit(&seeding->rng) * sum_masses(kmeans, seeding->masses, 1), 0, err) < 0)
		return -1;
	for (size_t j = 0; j < kmeans->n_features; j++)
		start->centres[j * kmeans->wide + c] = seeding->centres[j * seeding->wide];
	seeding->far[seeding->drawn] = 0;
	seeding->masses[seeding->drawn_block] = mass_of(lane, seeding->far + lane->block.first_row);
	return 0;
}

int kmeans_seed(struct kmeans *kmeans, size_t start, bool plus_plus, uint32_t seed, struct error *err)
{
	size_t n_candidates = 2 + (size_t)log((double)kmeans->k), n_blocks = kmeans->rows.n_blocks;
	struct kmeans_seeding seeding = { .far = mem_array(kmeans->rows.n_rows, sizeof(double)), .none = true, .wide = kmeans_wide(n_candidates),
	                                  .masses = mem_array(n_blocks, sizeof(double)), .left = mem_array(n_blocks * n_candidates, sizeof(double)) };
	int result;

	seeding.centres = mem_new(kmeans->n_features * seeding.wide + 1, sizeof(double));
	rng_seed(&seeding.rng, (uint32_t)(hash_mix((uint64_t)start << 32 | seed) >> 32));
	for (size_t row = 0; row < kmeans->rows.n_rows; row++)
		seeding.far[row] = 1;
	kmeans->seeding = &seeding;
	result = run_all(kmeans, weigh_run, NULL, err);
	for (size_t c = 0; c < kmeans->k && result == 0; c++)
		result = plus_plus ? draw_centre(kmeans, &kmeans->starts[start], c, c == 0 ? 1 : n_candidates, err)
		                   : draw_any(kmeans, &kmeans->starts[start], c, err);
	kmeans->seeding = NULL;
	free(seeding.far);
	free(seeding.masses);
	free(seeding.left);
	free(seeding.centres);
	return result;
}

void kmeans_place(struct kmeans *kmeans, size_t start, const double *centres)
{
	memcpy(kmeans->starts[start].centres, centres, kmeans->n_features * kmeans->wide * sizeof *centres);
}

/* ---- rows ---- */

void kmeans_open(struct kmeans *kmeans, size_t k, size_t n_features, size_t n_starts, double tol, int threads, uint64_t memory, const struct host *host)
{
	size_t wide = kmeans_wide(k);

	*kmeans = (struct kmeans){ .k = k, .wide = wide, .n_features = n_features, .n_starts = n_starts, .relative_tol = tol,
	                           .n_lanes = threads > 1 ? (size_t)threads : 1, .size = (n_features + 1) * wide + 1 };
	row_store_init(&kmeans->rows, n_features, memory, host);
	kmeans->workers = workers_new(threads);
	kmeans->starts = mem_new(n_starts, sizeof *kmeans->starts);
	for (size_t s = 0; s < n_starts; s++)
		kmeans->starts[s].centres = mem_new(n_features * wide + 1, sizeof(double));
	kmeans->total = mem_new(n_starts * kmeans->size, sizeof(double));
	kmeans->lanes = mem_new(kmeans->n_lanes, sizeof *kmeans->lanes);
	for (size_t i = 0; i < kmeans->n_lanes; i++) {
		struct kmeans_lane *lane = &kmeans->lanes[i];

		lane->whole = mem_array(n_features + 1, sizeof *lane->whole);
		lane->features = mem_array(n_features + 1, sizeof *lane->features);
		for (size_t t = 0; t < TILE; t++) {
			lane->start[t] = mem_new(PANEL_ROWS, sizeof(double));
			lane->tile[t] = mem_new(PANEL_ROWS, sizeof(double));
		}
		lane->least = mem_new(PANEL_ROWS, sizeof(double));
		lane->weights = mem_new(PANEL_ROWS, sizeof(double));
		lane->nearest = mem_new(PANEL_ROWS, sizeof *lane->nearest);
		lane->sums = mem_new(n_starts * kmeans->size, sizeof(double));
	}
}

uint64_t kmeans_memory(size_t k, size_t n_features, size_t n_starts, size_t lanes, uint64_t n_rows)
{
	uint64_t size = ((uint64_t)n_features + 1) * kmeans_wide(k) + 1;

	return (size * n_starts * (2 + lanes) + lanes * (2 * TILE + 3 + n_features) * PANEL_ROWS + n_rows) * sizeof(double);
}

int kmeans_add(struct kmeans *kmeans, const struct panel *panel, struct error *err)
{
	struct panel own = *panel;

	own.y = NULL;
	return row_store_add(&kmeans->rows, &own, err);
}

/* In lane->sums: the sums of each feature, then, around the means in kmeans->total, those of the squares. */
static void sum_values(void *state, size_t i)
{
	struct kmeans *kmeans = state;
	struct kmeans_lane *lane = &kmeans->lanes[i];
	const double *means = kmeans->all ? kmeans->total : NULL;
	size_t first = lane->run * RUN_BLOCKS;

	memset(lane->sums, 0, kmeans->n_features * sizeof *lane->sums);
	for (size_t b = first; b < first + RUN_BLOCKS && b < kmeans->rows.n_blocks; b++) {
		if (take_block(kmeans, lane, b, &lane->err) < 0)
			return;
		for (size_t j = 0; j < kmeans->n_features; j++) {
			kept_column_spread(&lane->block.columns[j], lane->block.n_rows, lane->least);
			for (size_t row = 0; row < lane->block.n_rows; row++) {
				double off = means ? lane->least[row] - means[j] : 0;

				if (!(fabs(lane->least[row]) <= MOST_VALUE))
					error_set(&lane->err, STATUS_FAILED, "a feature is too large for its square to be a number (scale it)");
				lane->sums[j] += means ? off * off : lane->least[row];
			}
		}
	}
}

static void merge_means(struct kmeans *kmeans, struct kmeans_lane *lane)
{
	for (size_t j = 0; j < kmeans->n_features; j++)
		kmeans->total[j] += lane->sums[j] / (double)kmeans->rows.n_rows;
}

static void merge_variances(struct kmeans *kmeans, struct kmeans_lane *lane)
{
	for (size_t j = 0; j < kmeans->n_features; j++)
		kmeans->tol += kmeans->relative_tol * (lane->sums[j] / (double)kmeans->rows.n_rows / (double)kmeans->n_features);
}

int kmeans_close(struct kmeans *kmeans, struct error *err)
{
	row_store_close(&kmeans->rows);
	if (kmeans->rows.n_rows < kmeans->k)
		return error_set(err, STATUS_FAILED, "k=%zu is more than the %zu rows to learn from", kmeans->k, kmeans->rows.n_rows);
	kmeans->all = false;
	if (run_all(kmeans, sum_values, merge_means, err) < 0)
		return -1;
	kmeans->all = true;
	return run_all(kmeans, sum_values, merge_variances, err);
}

void kmeans_free(struct kmeans *kmeans)
{
	for (size_t i = 0; i < kmeans->n_lanes; i++) {
		struct kmeans_lane *lane = &kmeans->lanes[i];

		kept_block_free(&lane->block);
		free(lane->whole);
		free(lane->features);
		for (size_t t = 0; t < TILE; t++) {
			free(lane->start[t]);
			free(lane->tile[t]);
		}
		free(lane->least);
		free(lane->weights);
		free(lane->nearest);
		free(lane->sums);
	}
	free(kmeans->lanes);
	for (size_t s = 0; s < kmeans->n_starts; s++)
		free(kmeans->starts[s].centres);
	free(kmeans->starts);
	free(kmeans->total);
	workers_free(kmeans->workers);
	row_store_free(&kmeans->rows);
	*kmeans = (struct kmeans){ .k = 0 };
}
