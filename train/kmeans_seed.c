/* SPDX-License-Identifier: MIT */
/* Where centres start: greedy k-means++, or rows by chance. */
#include "kmeans_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "rng.h"
#include "vector.h"

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

/* What the columns of few ones add to the distances from the first n centres of a tile. */
static void start_tile(const struct kmeans_lane *lane, size_t n_features, const double *centres, size_t wide, size_t n)
{
	const struct kept_block *block = &lane->block;
	double base[TILE] = { 0 };

	for (size_t j = 0; j < n_features; j++)
		for (size_t t = 0; t < n && !block->columns[j].values; t++) {
			double off = block->columns[j].most - centres[j * wide + t];

			base[t] += off * off;
		}
	for (size_t t = 0; t < n; t++)
		for (size_t row = 0; row < block->n_rows; row++)
			lane->start[t][row] = base[t];
	for (size_t j = 0; j < n_features; j++) {
		const struct kept_column *column = &block->columns[j];

		for (size_t t = 0; t < n && !column->values; t++) {
			double centre = centres[j * wide + t], most = column->most - centre, odd = 1 - column->most - centre;
			double more = odd * odd - most * most;

			for (size_t p = 0; p < column->n_places; p++)
				lane->start[t][column->places[p]] += more;
		}
	}
}

static WIDE void add_square(const double *restrict values, size_t n, double centre, double *restrict to)
{
	for (size_t row = 0; row < n; row++) {
		double off = values[row] - centre;

		to[row] += off * off;
	}
}

/* The squared distances of the block's rows from up to TILE centres, in lane->tile: from one in a quarter of the time, to the same bits. */
static void measure_tile(struct kmeans *kmeans, struct kmeans_lane *lane, const double *centres, size_t wide, size_t n)
{
	start_tile(lane, kmeans->n_features, centres, wide, n == 1 ? 1 : TILE);
	if (n == 1) {
		memcpy(lane->tile[0], lane->start[0], lane->block.n_rows * sizeof *lane->tile[0]);
		for (size_t i = 0; i < lane->n_whole; i++)
			add_square(lane->whole[i], lane->block.n_rows, centres[lane->features[i] * wide], lane->tile[0]);
		return;
	}
	distances_squared(lane->whole, lane->features, lane->n_whole, lane->block.n_rows, centres, wide, (const double *const *)lane->start, lane->tile);
}

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
		measure_tile(kmeans, lane, seeding->centres + c, seeding->wide, seeding->n - c);
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

		if (kmeans_take_block(kmeans, lane, b, &lane->err) < 0)
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
	if (kmeans_take_block(kmeans, lane, b, err) < 0)
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
		seeding->centres[j * seeding->wide + c] = kmeans_value_at(&lane->block, j, chosen);
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
		if (kmeans_run_all(kmeans, weigh_run, NULL, err) < 0)
			return -1;
		best = best_candidate(kmeans);
	}
	for (size_t j = 0; j < kmeans->n_features; j++)
		seeding->centres[j * seeding->wide] = start->centres[j * kmeans->wide + c] = seeding->centres[j * seeding->wide + best];
	seeding->n = 1;
	seeding->keep = true;
	if (kmeans_run_all(kmeans, weigh_run, NULL, err) < 0)
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
	result = kmeans_run_all(kmeans, weigh_run, NULL, err);
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
