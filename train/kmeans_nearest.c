/* SPDX-License-Identifier: MIT */
/*
 * The nearest centre is the first of those whose squared distance, in double and in
 * full, is least. Two things that cost less decide nearly always, and leave no doubt
 * where they do:
 *
 * - Of each row is kept how far its centre is at most and any other at least, as far as
 *   triangles say with how far centres moved since (Hamerly, Making k-means even faster,
 *   2010). A row whose centre is surely the nearest is not looked at.
 * - All others go, 16 rows and 8 centres at once, through |c|^2 - 2 x c in float32, with
 *   x and c less the means and in a unit in which they are about 1. Rounding takes at
 *   most (F + 5) 2^-24 (|x| + |c|)^2 of it, over F features: where the least is below the
 *   second by more than twice that it is the least; the rest, one row in some thousands,
 *   are measured in double.
 *
 * Where there is no room to keep anything of a row all go through the second. What is
 * found is the same bits whatever found it.
 */
#include "kmeans_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "vector.h"

enum { GROUP = 16, CENTRES = KMEANS_TILE, MANY = 4 };       /* MANY: if more than one row in so many is doubtful all are taken, as they lie */
static const float LARGE = 1e25f, TINY = 0x1p-100f;     /* of squares: float32 has no more room; more than what gets lost below it */
static const float UP = 1 + 0x1p-20f, DOWN = 1 - 0x1p-20f;      /* more than some roundings */

typedef int vec8i32 __attribute__((vector_size(32), aligned(4), may_alias));
typedef int vec16i32 __attribute__((vector_size(64), aligned(4), may_alias));

/* ---- rows of a block ---- */

void chosen_begin(struct chosen *chosen)
{
	for (size_t i = 0; i < chosen->n && !chosen->all; i++)
		chosen->at[chosen->rows[i]] = 0;
	chosen->n = 0;
	chosen->all = false;
}

void chosen_all(struct chosen *chosen, size_t n_rows)
{
	chosen_begin(chosen);
	for (size_t row = 0; row < n_rows; row++)
		chosen->rows[row] = (uint16_t)row;
	chosen->n = n_rows;
	chosen->all = true;
}

/* Those with a flag, into none; without a branch, which nobody could foretell. */
static void chosen_flagged(struct chosen *chosen, const unsigned char *flags, size_t n_rows)
{
	size_t n = 0;

	for (size_t row = 0; row < n_rows; row++) {
		chosen->rows[n] = (uint16_t)row;
		n += flags[row];
		chosen->at[row] = (uint16_t)(flags[row] ? n : 0);
	}
	chosen->n = n;
}

const double *chosen_values(const struct chosen *chosen, size_t first, size_t n, const struct kept_column *column, double *to)
{
	if (column->values && chosen->all)
		return column->values + first;
	for (size_t i = 0; i < n; i++)
		to[i] = column->values ? column->values[chosen->rows[first + i]] : column->most;
	for (size_t p = 0; !column->values && p < column->n_places; p++) {
		size_t i = chosen->all ? column->places[p] + 1U : chosen->at[column->places[p]];

		if (i > first && i <= first + n)
			to[i - 1 - first] = 1 - column->most;
	}
	return to;
}

double kmeans_value_at(const struct kept_block *block, size_t feature, size_t row)
{
	const struct kept_column *column = &block->columns[feature];

	if (column->values)
		return column->values[row];
	for (size_t p = 0; p < column->n_places; p++)
		if (column->places[p] == row)
			return 1 - column->most;
	return column->most;
}

/* ---- what a pass needs of the centres ---- */

/* away: the farthest that a centre moved, by centre of the others. */
static void view_moves(const struct kmeans *kmeans, struct kmeans_start *start)
{
	size_t first = 0;
	float second = 0;

	for (size_t c = 1; c < kmeans->k; c++)
		first = start->moved[c] > start->moved[first] ? c : first;
	for (size_t c = 0; c < kmeans->k; c++)
		if (c != first)
			second = start->moved[c] > second ? start->moved[c] : second;
	for (size_t c = 0; c < kmeans->k; c++)
		start->away[c] = c == first ? second : start->moved[first];
}

void kmeans_view(struct kmeans *kmeans, struct kmeans_start *start)
{
	double longest = 0;

	for (size_t c = 0; c < kmeans_tiles(kmeans->k) * CENTRES; c++) {
		float *to = &start->small[c / CENTRES * kmeans->n_features * CENTRES + c % CENTRES];
		double square = 0;

		for (size_t j = 0; j < kmeans->n_features && c < kmeans->k; j++) {
			double value = (start->centres[j * kmeans->wide + c] - kmeans->means[j]) * kmeans->unit;

			square += value * value;
			to[j * CENTRES] = (float)(-2 * value);
		}
		start->squares[c] = c < kmeans->k ? (float)square : INFINITY;
		longest = c < kmeans->k && !(square <= longest) ? square : longest;
	}
	start->longest = (float)sqrt(longest) * UP;
	view_moves(kmeans, start);
}

/* ---- rows that are looked at ---- */

/* Bounds as triangles move them. Sets doubtful[row] where they leave a doubt. */
static WIDEST void move_bounds(const uint16_t *restrict nearest, size_t n, const float *restrict moved, const float *restrict away, float *restrict upper,
                             float *restrict lower, unsigned char *restrict doubtful)
{
	for (size_t row = 0; row < n; row++) {
		float most = (upper[row] + moved[nearest[row]]) * UP, least = lower[row] * DOWN - away[nearest[row]];

		upper[row] = most;
		lower[row] = least;
		doubtful[row] = !(most < least);
	}
}

static void choose_doubtful(const struct kmeans_start *start, struct kmeans_lane *lane)
{
	size_t n_rows = lane->block.n_rows, first = lane->block.first_row, n = 0;
	unsigned char doubtful[PANEL_ROWS];

	if (!start->known) {
		chosen_all(&lane->doubtful, n_rows);
		return;
	}
	move_bounds(start->nearest + first, n_rows, start->moved, start->away, start->upper + first, start->lower + first, doubtful);
	for (size_t row = 0; row < n_rows; row++)
		n += doubtful[row];
	if (n > n_rows / MANY) {
		chosen_all(&lane->doubtful, n_rows);
		return;
	}
	chosen_begin(&lane->doubtful);
	if (n > 0)
		chosen_flagged(&lane->doubtful, doubtful, n_rows);
}

static WIDEST void make_small(const double *restrict values, size_t n, double mean, double unit, float *restrict to, size_t step)
{
	size_t i = 0;

	for (; i + GROUP <= n; i += GROUP, to += step)
		for (size_t r = 0; r < GROUP; r++)
			to[r] = (float)((values[i + r] - mean) * unit);
	for (; i < n; i++)
		to[i % GROUP] = (float)((values[i] - mean) * unit);
}

static WIDEST void add_squares(const float *restrict small, size_t n_features, float *restrict squares)
{
	float sums[GROUP] = { 0 };

	for (size_t j = 0; j < n_features; j++)
		for (size_t r = 0; r < GROUP; r++)
			sums[r] += small[j * GROUP + r] * small[j * GROUP + r];
	memcpy(squares, sums, sizeof sums);
}

static void fill_small(struct kmeans *kmeans, struct kmeans_lane *lane)
{
	size_t n = lane->doubtful.n, step = kmeans->n_features * GROUP;

	if (n % GROUP != 0)
		memset(&lane->small[n / GROUP * step], 0, step * sizeof *lane->small);
	for (size_t j = 0; j < kmeans->n_features; j++) {
		const double *values = chosen_values(&lane->doubtful, 0, n, &lane->block.columns[j], lane->values);

		make_small(values, n, kmeans->means[j], kmeans->unit, &lane->small[j * GROUP], step);
	}
	for (size_t i = 0; i < n; i += GROUP)
		add_squares(&lane->small[i / GROUP * step], kmeans->n_features, &lane->squares[i]);
}

/* ---- float32 ---- */

/* The least and second least score of each row of a group over all centres, in vectors of LANES rows, `NOW` centres at once. */
#define SCORES(name, TARGET, vector, integers, LANES, NOW) \
TARGET static void name(const float *small, size_t n_features, const float *centres, const float *squares, size_t n_tiles, float *best, float *second, \
                        int32_t *candidate) \
{ \
	enum { VECTORS = GROUP / LANES }; \
	vector least[VECTORS], next[VECTORS]; \
	integers at[VECTORS]; \
\
	for (size_t v = 0; v < VECTORS; v++) { \
		next[v] = least[v] = (vector){ 0 } + INFINITY; \
		at[v] = (integers){ 0 }; \
	} \
	for (size_t c = 0; c < n_tiles * CENTRES; c += NOW) { \
		const float *tile = &centres[c / CENTRES * n_features * CENTRES + c % CENTRES]; \
		vector score[NOW][VECTORS]; \
\
		_Pragma("GCC unroll 8") \
		for (size_t t = 0; t < NOW; t++) \
			_Pragma("GCC unroll 2") \
			for (size_t v = 0; v < VECTORS; v++) \
				score[t][v] = (vector){ 0 } + squares[c + t]; \
		for (size_t j = 0; j < n_features; j++) { \
			_Pragma("GCC unroll 8") \
			for (size_t t = 0; t < NOW; t++) \
				_Pragma("GCC unroll 2") \
				for (size_t v = 0; v < VECTORS; v++) \
					score[t][v] += *(const vector *)&small[j * GROUP + v * LANES] * tile[j * CENTRES + t]; \
		} \
		_Pragma("GCC unroll 8") \
		for (size_t t = 0; t < NOW; t++) \
			_Pragma("GCC unroll 2") \
			for (size_t v = 0; v < VECTORS; v++) { \
				integers less = score[t][v] < least[v], worse = ((integers)least[v] & less) | ((integers)score[t][v] & ~less); \
				integers below = (vector)worse < next[v]; \
\
				next[v] = (vector)((worse & below) | ((integers)next[v] & ~below)); \
				least[v] = (vector)(((integers)score[t][v] & less) | ((integers)least[v] & ~less)); \
				at[v] = (((integers){ 0 } + (int32_t)(c + t)) & less) | (at[v] & ~less); \
			} \
	} \
	for (size_t v = 0; v < VECTORS; v++) { \
		*(vector *)&best[v * LANES] = least[v]; \
		*(vector *)&second[v * LANES] = next[v]; \
		*(integers *)&candidate[v * LANES] = at[v]; \
	} \
}

SCORES(scores_8, WIDE, vec8f, vec8i32, 8, 4)
#ifdef HAS_AVX512
SCORES(scores_16, AVX512, vec16f, vec16i32, 16, 8)
#endif

static void score_rows(struct kmeans *kmeans, struct kmeans_lane *lane, const struct kmeans_start *start)
{
	size_t n_features = kmeans->n_features, n_tiles = kmeans_tiles(kmeans->k);
	bool widest = false;

#ifdef HAS_AVX512
	widest = cpu_lanes() >= CPU_AVX512;
#endif
	for (size_t i = 0; i < lane->doubtful.n; i += GROUP) {
		const float *small = &lane->small[i * n_features];

#ifdef HAS_AVX512
		if (widest) {
			scores_16(small, n_features, start->small, start->squares, n_tiles, &lane->best[i], &lane->second[i], &lane->candidate[i]);
			continue;
		}
#endif
		scores_8(small, n_features, start->small, start->squares, n_tiles, &lane->best[i], &lane->second[i], &lane->candidate[i]);
	}
	(void)widest;
}

/* From scores to bounds: best and second become the distance of the nearest at most, and of the others at least. Sets unsure[i] where the
 * scores leave it open which is the nearest. */
static WIDEST void judge_scores(const float *restrict squares, size_t n, float slack, float longest, float *restrict best, float *restrict second,
                              unsigned char *restrict unsure)
{
	for (size_t i = 0; i < n; i++) {
		float reach = sqrtf(squares[i]) + longest, off = reach * reach * slack + TINY;
		bool room = off < LARGE, sure = room && second[i] - best[i] > 2 * off;
		float most = squares[i] + best[i] + off, least = squares[i] + (sure ? second[i] : best[i]) - off;

		unsure[i] = !sure;
		best[i] = room ? sqrtf(most > 0 ? most : 0) * UP : INFINITY;
		second[i] = room && least > 0 ? sqrtf(least) * DOWN : 0;
	}
}

/* ---- double ---- */

/* Of one centre more. */
static WIDE void take_nearer(const double *tile, size_t n_rows, uint32_t centre, double *least, uint32_t *nearest)
{
	for (size_t row = 0; row < n_rows; row++) {
		bool nearer = tile[row] < least[row];

		least[row] = nearer ? tile[row] : least[row];
		nearest[row] = nearer ? centre : nearest[row];
	}
}

static void find_nearest(const double *const *columns, size_t n_features, size_t n_rows, const double *centres, size_t k, const double *zero,
                         double *const *tile, uint32_t *nearest, double *least)
{
	const double *start[TILE];

	for (size_t t = 0; t < TILE; t++)
		start[t] = zero;
	for (size_t row = 0; row < n_rows; row++) {
		least[row] = INFINITY;
		nearest[row] = 0;
	}
	for (size_t c = 0; c < k; c += TILE) {
		distances_squared(columns, NULL, n_features, n_rows, centres + c, kmeans_wide(k), start, tile);
		for (size_t t = 0; t < TILE && c + t < k; t++)
			take_nearer(tile[t], n_rows, (uint32_t)(c + t), least, nearest);
	}
}

void kmeans_nearest(const double *const *columns, size_t n_features, size_t n_rows, const double *centres, size_t k, uint32_t *nearest,
                    double *distances)
{
	double *zero = mem_new((1 + TILE) * PANEL_ROWS, sizeof *zero), *tile[TILE];

	for (size_t t = 0; t < TILE; t++)
		tile[t] = zero + (1 + t) * PANEL_ROWS;
	find_nearest(columns, n_features, n_rows, centres, k, zero, tile, nearest, distances);
	free(zero);
}

static void find_unsure(struct kmeans *kmeans, struct kmeans_lane *lane, const double *centres)
{
	uint32_t nearest[EXACT_ROWS];
	double least[EXACT_ROWS];

	for (size_t first = 0; first < lane->unsure.n; first += EXACT_ROWS) {
		size_t left = lane->unsure.n - first, n = left < EXACT_ROWS ? left : EXACT_ROWS;

		for (size_t j = 0; j < kmeans->n_features; j++)
			lane->columns[j] = chosen_values(&lane->unsure, first, n, &lane->block.columns[j], &lane->exact[j * EXACT_ROWS]);
		find_nearest(lane->columns, kmeans->n_features, n, centres, kmeans->k, lane->zero, lane->tile, nearest, least);
		for (size_t i = 0; i < n; i++)
			lane->now[lane->unsure.rows[first + i]] = (uint16_t)nearest[i];
	}
}

/* ---- all of it ---- */

static void assign_doubtful(struct kmeans *kmeans, struct kmeans_lane *lane, struct kmeans_start *start)
{
	const struct chosen *doubtful = &lane->doubtful;
	size_t first = lane->block.first_row;
	unsigned char unsure[PANEL_ROWS];

	fill_small(kmeans, lane);
	score_rows(kmeans, lane, start);
	judge_scores(lane->squares, doubtful->n, ((float)kmeans->n_features + 8) * 0x1p-23f, start->longest, lane->best, lane->second, unsure);
	chosen_begin(&lane->unsure);
	for (size_t i = 0; i < doubtful->n; i++) {
		lane->now[doubtful->rows[i]] = (uint16_t)lane->candidate[i];
		if (unsure[i])
			chosen_add(&lane->unsure, doubtful->rows[i]);
	}
	find_unsure(kmeans, lane, start->centres);
	for (size_t i = 0; i < doubtful->n && start->nearest; i++) {
		start->upper[first + doubtful->rows[i]] = lane->best[i];
		start->lower[first + doubtful->rows[i]] = lane->second[i];
	}
}

void kmeans_assign(struct kmeans *kmeans, struct kmeans_lane *lane, struct kmeans_start *start)
{
	size_t n_rows = lane->block.n_rows;
	uint16_t *nearest = start->nearest ? start->nearest + lane->block.first_row : NULL;

	if (start->known) {
		memcpy(lane->was, nearest, n_rows * sizeof *nearest);
		memcpy(lane->now, nearest, n_rows * sizeof *nearest);
	}
	choose_doubtful(start, lane);
	assign_doubtful(kmeans, lane, start);
	if (nearest)
		memcpy(nearest, lane->now, n_rows * sizeof *nearest);
	if (!start->known) {
		chosen_all(&lane->changed, n_rows);
		return;
	}
	chosen_begin(&lane->changed);
	for (size_t i = 0; i < lane->doubtful.n; i++) {
		size_t row = lane->doubtful.rows[i];

		if (lane->was[row] != lane->now[row])
			chosen_add(&lane->changed, row);
	}
}

static WIDE void add_square(const double *restrict values, size_t n, const double *restrict centres, const uint16_t *restrict nearest, double *restrict least)
{
	for (size_t row = 0; row < n; row++) {
		double off = values[row] - centres[nearest[row]];

		least[row] += off * off;
	}
}

void kmeans_measure(struct kmeans *kmeans, struct kmeans_lane *lane, const double *centres)
{
	size_t n_rows = lane->block.n_rows;

	chosen_all(&lane->unsure, n_rows);
	memset(lane->least, 0, n_rows * sizeof *lane->least);
	for (size_t j = 0; j < kmeans->n_features; j++)
		add_square(chosen_values(&lane->unsure, 0, n_rows, &lane->block.columns[j], lane->values), n_rows, centres + j * kmeans->wide, lane->now,
		           lane->least);
}
