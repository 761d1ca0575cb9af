/* SPDX-License-Identifier: MIT */
#include "glm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "vector.h"

enum { TILE_ROWS = 128, TILE_J = 8 };   /* of the Hessian: rows at once, and columns that one step of its product covers */

enum { CACHED = 320 * 1024 };           /* bytes of columns that are read twice: well within a second cache of 1 MiB */

/* What one run of blocks is worked on with. */
struct glm_lane {
	struct kept_block block, next;
	double *z, *slopes, *curves;    /* n_outputs, and their pairs, of PANEL_ROWS */
	double *tile, *weighed;         /* TILE_ROWS x side: standardised features, and times a curve */
	double *hessian;                /* of each pair: side x side, in which j >= i - TILE_J counts */
	double *gradient;               /* size, of the features as they came */
	double loss, weight;
	struct error err;
};

static size_t side_of(size_t n_features) { return (n_features + 1 + TILE_J - 1) / TILE_J * TILE_J; }
static size_t n_pairs(size_t n_outputs) { return n_outputs * (n_outputs + 1) / 2; }

uint64_t glm_memory(size_t n_features, size_t n_outputs, size_t panel_rows, size_t lanes, bool hessian, bool passing)
{
	uint64_t side = side_of(n_features), size = (uint64_t)n_outputs * (n_features + 1), slots = lanes > 1 ? 2 * lanes : 1;
	uint64_t block = row_store_block_memory(n_features, panel_rows);
	uint64_t lane = block + (n_features + 1) * sizeof(struct kept_column) + ((2 * n_outputs + 1) * PANEL_ROWS + size) * sizeof(double);

	if (passing)
		return lanes * block;
	if (hessian)
		lane += n_pairs(n_outputs) * (side * side + PANEL_ROWS) * sizeof(double) + 2 * TILE_ROWS * side * sizeof(double);
	return slots * lane + 30 * size * sizeof(double) + (hessian ? 2 * size * size * sizeof(double) : 0);
}

void glm_open(struct glm *glm, const struct glm_loss *loss, const struct row_store *rows, size_t n_outputs, int threads)
{
	size_t n_features = rows->n_features;

	*glm = (struct glm){ .loss = loss, .rows = rows, .n_features = n_features, .n_outputs = n_outputs, .size = n_outputs * (n_features + 1),
	                     .n_lanes = threads > 1 ? 2 * (size_t)threads : 1 };
	glm->workers = workers_new(threads);
	glm->lanes = mem_new(glm->n_lanes, sizeof *glm->lanes);
	for (size_t i = 0; i < glm->n_lanes; i++) {
		struct glm_lane *lane = &glm->lanes[i];

		lane->z = mem_aligned(n_outputs * PANEL_ROWS * sizeof *lane->z);
		lane->slopes = mem_aligned(n_outputs * PANEL_ROWS * sizeof *lane->slopes);
		lane->gradient = mem_array(glm->size, sizeof *lane->gradient);
	}
	glm->raw = mem_array(glm->size, sizeof *glm->raw);
	glm->means = mem_new(n_features + 1, sizeof *glm->means);
	glm->deviations = mem_new(n_features + 1, sizeof *glm->deviations);
	glm->l1 = mem_new(glm->size, sizeof *glm->l1);
	glm->l2 = mem_new(glm->size, sizeof *glm->l2);
}

void glm_free(struct glm *glm)
{
	workers_free(glm->workers);
	for (size_t i = 0; i < glm->n_lanes; i++) {
		struct glm_lane *lane = &glm->lanes[i];

		kept_block_free(&lane->block);
		kept_block_free(&lane->next);
		free(lane->z);
		free(lane->slopes);
		free(lane->curves);
		free(lane->tile);
		free(lane->weighed);
		free(lane->hessian);
		free(lane->gradient);
	}
	free(glm->lanes);
	free(glm->raw);
	free(glm->means);
	free(glm->deviations);
	free(glm->l1);
	free(glm->l2);
	*glm = (struct glm){ .loss = NULL };
}

/* ---- runs of blocks ---- */

/* All runs of every stride-th block through `task`, and behind it `merge`, run by run. */
static int run_all(struct glm *glm, size_t every, void (*task)(void *glm, size_t lane), void (*merge)(struct glm *glm, struct glm_lane *lane),
                   struct error *err)
{
	size_t n_blocks = (glm->rows->n_blocks + every - 1) / every, n_runs = (n_blocks + GLM_RUN - 1) / GLM_RUN;

	glm->stride = every;
	for (size_t run = 0; run < n_runs; run += glm->n_lanes) {
		size_t now = n_runs - run < glm->n_lanes ? n_runs - run : glm->n_lanes;

		glm->first_run = run;
		workers_run(glm->workers, now, task, glm);
		for (size_t i = 0; i < now; i++) {
			if (glm->lanes[i].err.code != STATUS_DONE) {
				*err = glm->lanes[i].err;
				glm->lanes[i].err = (struct error)ERROR_INIT;
				return -1;
			}
			merge(glm, &glm->lanes[i]);
		}
	}
	return 0;
}

/* The blocks of a lane's run: true while there is another, which was read. */
static bool next_block(const struct glm *glm, size_t i, size_t *at)
{
	struct glm_lane *lane = &glm->lanes[i];
	size_t n_blocks = (glm->rows->n_blocks + glm->stride - 1) / glm->stride, block = (glm->first_run + i) * GLM_RUN + *at;

	if (*at == GLM_RUN || block >= n_blocks)
		return false;
	++*at;
	return row_store_read(glm->rows, block * glm->stride, &lane->block, &lane->err) == 0;
}

/* The rows that the lane will read behind row `end` of its block, n at most; at: the next block of its run. False: there are none in memory. */
static bool rows_behind(const struct glm *glm, size_t i, size_t at, size_t end, size_t n, struct kept_ahead *ahead)
{
	struct glm_lane *lane = &glm->lanes[i];
	size_t n_blocks = (glm->rows->n_blocks + glm->stride - 1) / glm->stride, run = glm->first_run + i + (at < GLM_RUN ? 0 : glm->n_lanes);
	size_t block = run * GLM_RUN + at % GLM_RUN;

	*ahead = (struct kept_ahead){ &lane->block, end, lane->block.n_rows - end };
	if (ahead->n == 0 && block < n_blocks) {
		row_store_show(glm->rows, block * glm->stride, &lane->next);
		*ahead = (struct kept_ahead){ &lane->next, 0, lane->next.n_rows };
	}
	ahead->n = ahead->n < n ? ahead->n : n;
	return ahead->n > 0;
}

/* ---- means and deviations ---- */

static double scale_of(const struct glm *glm, size_t col) { return glm->deviations[col] > 0 ? 1 / glm->deviations[col] : 0; }

int glm_measure(struct glm *glm, const struct names *features, struct error *err)
{
	row_store_moments(glm->rows, glm->means, glm->deviations);
	for (size_t col = 0; col < glm->n_features; col++) {
		double deviation = sqrt(glm->deviations[col] / glm->rows->weight);

		if (!isfinite(deviation) || !isfinite(glm->means[col]))
			return error_set(err, STATUS_FAILED, "feature '%s' is too large for its square to be a number (divide it before)", features->items[col]);
		/* what rounding leaves of a constant is none */
		glm->deviations[col] = deviation > 1e-12 * fabs(glm->means[col]) ? deviation : 0;
	}
	return 0;
}

void glm_penalise(struct glm *glm, double l1, double l2)
{
	size_t width = glm->n_features + 1;

	for (size_t k = 0; k < glm->n_outputs; k++)
		for (size_t col = 0; col < glm->n_features; col++) {
			double scale = scale_of(glm, col);

			glm->l1[k * width + col] = l1 * scale;
			glm->l2[k * width + col] = l2 * scale * scale;
		}
}

void glm_soften(struct glm *glm, double l1, double width)
{
	glm->soft_l1 = l1;
	glm->soft_width = width;
}

/* ---- coordinates ---- */

void glm_coefficients(const struct glm *glm, const double *at, double *coefficients, double *intercepts)
{
	size_t n = glm->n_features;

	for (size_t k = 0; k < glm->n_outputs; k++, at += n + 1) {
		double *mine = &coefficients[k * n];

		intercepts[k] = at[n];
		for (size_t col = 0; col < n; col++) {
			mine[col] = at[col] * scale_of(glm, col);
			intercepts[k] -= mine[col] * glm->means[col];
		}
	}
}

void glm_variables(const struct glm *glm, const double *coefficients, const double *intercepts, double *to)
{
	size_t n = glm->n_features;

	for (size_t k = 0; k < glm->n_outputs; k++, to += n + 1) {
		const double *mine = &coefficients[k * n];

		to[n] = intercepts[k];
		for (size_t col = 0; col < n; col++) {
			to[col] = mine[col] * glm->deviations[col];
			to[n] += mine[col] * glm->means[col];
		}
	}
}

/* ---- value, gradient, Hessian ---- */

/* How many rows are scored before their gradient is summed: their columns are still in the cache then. */
static size_t rows_at_once(const struct glm *glm)
{
	size_t rows = CACHED / (sizeof(double) * (glm->n_features + 1)) / TILE_ROWS * TILE_ROWS;

	return rows < TILE_ROWS ? TILE_ROWS : rows > PANEL_ROWS ? PANEL_ROWS : rows;
}

static void score(const struct glm *glm, struct glm_lane *lane, size_t first, size_t n)
{
	for (size_t k = 0; k < glm->n_outputs; k++)
		for (size_t row = 0; row < n; row++)
			lane->z[k * PANEL_ROWS + row] = glm->raw[glm->n_outputs * glm->n_features + k];
	kept_block_add(&lane->block, first, n, glm->n_features, glm->n_outputs, glm->raw, lane->z);
}

/* Rows first .. first + n - 1 of a block as standardised, row by row; behind the features a 1, then 0. */
static void fill_tile(const struct glm *glm, struct glm_lane *lane, size_t first, size_t n)
{
	size_t side = side_of(glm->n_features);

	for (size_t col = 0; col < glm->n_features; col++)
		kept_column_scaled(&lane->block, col, first, n, glm->means[col], scale_of(glm, col), &lane->tile[col], side);
	for (size_t row = 0; row < n; row++) {
		lane->tile[row * side + glm->n_features] = 1;
		for (size_t col = glm->n_features + 1; col < side; col++)
			lane->tile[row * side + col] = 0;
	}
}

static void weigh_tile(const struct glm *glm, struct glm_lane *lane, const double *curves, size_t n)
{
	size_t side = side_of(glm->n_features);

	for (size_t row = 0; row < n; row++) {
		for (size_t col = 0; col < side; col++)
			lane->weighed[row * side + col] = curves[row] * lane->tile[row * side + col];
	}
}

/* to += weighed' tile, where j >= i: `rows` rows of it and TILE_J columns at a time, whose sums stay in registers. */
static INLINE void add_product_by(const double *weighed, const double *tile, size_t n, size_t side, double *to, const size_t rows)
{
	for (size_t i = 0; i < side; i += rows)
		for (size_t j = i / TILE_J * TILE_J; j < side; j += TILE_J) {
			vec8d sums[TILE_J] = { { 0 } };

			for (size_t row = 0; row < n; row++) {
				vec8d right = *(const vec8d *)&tile[row * side + j];

				for (size_t k = 0; k < rows; k++)
					sums[k] += weighed[row * side + i + k] * right;
			}
			for (size_t k = 0; k < rows; k++)
				*(vec8d *)&to[(i + k) * side + j] += sums[k];
		}
}

WIDE static void add_product_4(const double *weighed, const double *tile, size_t n, size_t side, double *to)
{
	add_product_by(weighed, tile, n, side, to, 4);
}

#ifdef HAS_AVX512
AVX512 static void add_product_8(const double *weighed, const double *tile, size_t n, size_t side, double *to)
{
	add_product_by(weighed, tile, n, side, to, 8);
}
#endif

static void add_product(const double *weighed, const double *tile, size_t n, size_t side, double *to)
{
#ifdef HAS_AVX512
	if (cpu_lanes() >= CPU_AVX512) {
		add_product_8(weighed, tile, n, side, to);
		return;
	}
#endif
	add_product_4(weighed, tile, n, side, to);
}

/* Of rows from `begin` on, n of them. */
static void add_hessian(const struct glm *glm, struct glm_lane *lane, size_t begin, size_t n_rows)
{
	size_t side = side_of(glm->n_features), pairs = n_pairs(glm->n_outputs);

	for (size_t first = 0; first < n_rows; first += TILE_ROWS) {
		size_t left = n_rows - first, n = left < TILE_ROWS ? left : TILE_ROWS;

		fill_tile(glm, lane, begin + first, n);
		for (size_t pair = 0; pair < pairs; pair++) {
			weigh_tile(glm, lane, &lane->curves[pair * PANEL_ROWS + first], n);
			add_product(lane->weighed, lane->tile, n, side, &lane->hessian[pair * side * side]);
		}
	}
}

static void evaluate_run(void *state, size_t i)
{
	struct glm *glm = state;
	struct glm_lane *lane = &glm->lanes[i];
	size_t side = side_of(glm->n_features), pairs = n_pairs(glm->n_outputs), at_once = rows_at_once(glm);

	lane->loss = lane->weight = 0;
	memset(lane->gradient, 0, glm->size * sizeof *lane->gradient);
	if (glm->wants_curves)
		memset(lane->hessian, 0, pairs * side * side * sizeof *lane->hessian);
	for (size_t at = 0; next_block(glm, i, &at); ) {
		const struct kept_block *block = &lane->block;

		for (size_t first = 0, n; first < block->n_rows; first += n) {
			struct kept_ahead ahead;

			n = block->n_rows - first < at_once ? block->n_rows - first : at_once;
			score(glm, lane, first, n);
			lane->loss += glm->loss->rows(glm->loss, glm->n_outputs, n, lane->z, block->y + first, block->weight ? block->weight + first : NULL,
			                              lane->slopes, glm->wants_curves ? lane->curves : NULL);
			kept_block_dot(block, first, n, glm->n_features, glm->n_outputs, lane->slopes,
			               rows_behind(glm, i, at, first + n, at_once, &ahead) ? &ahead : NULL, lane->gradient);
			if (glm->wants_curves)
				add_hessian(glm, lane, first, n);
		}
		lane->weight += block->total;
	}
}

/* Into the whole, still as sums. */
static void merge_evaluation(struct glm *glm, struct glm_lane *lane)
{
	struct glm_evaluation *to = glm->evaluation;
	size_t side = side_of(glm->n_features), width = glm->n_features + 1;
	const double *block = lane->hessian;

	to->loss += lane->loss;
	to->value += lane->weight;
	for (size_t i = 0; i < glm->size; i++)
		to->gradient[i] += lane->gradient[i];
	for (size_t k = 0; glm->wants_curves && k < glm->n_outputs; k++)
		for (size_t l = k; l < glm->n_outputs; l++, block += side * side)
			for (size_t i = 0; i < width; i++)
				for (size_t j = i; j < width; j++)
					to->hessian[(k * width + i) * glm->size + l * width + j] += block[i * side + j];
}

/* The sums' mean, by the variables instead of the coefficients, and l2. */
static void finish_evaluation(const struct glm *glm, const double *at, struct glm_evaluation *to)
{
	size_t width = glm->n_features + 1;
	double per_weight = 1 / to->value;

	to->loss *= per_weight;
	to->value = to->loss;
	for (size_t i = 0; i < glm->size; i++)
		to->gradient[i] *= per_weight;
	for (size_t k = 0; k < glm->n_outputs; k++)
		for (size_t col = 0; col < glm->n_features; col++) {
			double *slope = &to->gradient[k * width + col];

			*slope = (*slope - glm->means[col] * to->gradient[k * width + glm->n_features]) * scale_of(glm, col);
		}
	for (size_t i = 0; i < glm->size; i++) {
		to->value += glm->l2[i] * at[i] * at[i] / 2;
		to->gradient[i] += glm->l2[i] * at[i];
	}
}

/* Pairs of outputs k < l came as half of their block: it is symmetric, as the whole is. */
static void finish_hessian(const struct glm *glm, double per_weight, double *hessian)
{
	size_t width = glm->n_features + 1, size = glm->size;

	for (size_t k = 0; k < glm->n_outputs; k++)
		for (size_t l = k; l < glm->n_outputs; l++)
			for (size_t i = 0; i < width; i++)
				for (size_t j = i; j < width; j++) {
					double value = hessian[(k * width + i) * size + l * width + j] * per_weight;

					hessian[(k * width + i) * size + l * width + j] = hessian[(k * width + j) * size + l * width + i] = value;
					hessian[(l * width + j) * size + k * width + i] = hessian[(l * width + i) * size + k * width + j] = value;
				}
	for (size_t i = 0; i < size; i++)
		hessian[i * size + i] += glm->l2[i];
}

static void add_soft_l1(const struct glm *glm, const double *at, struct glm_evaluation *to)
{
	size_t width = glm->n_features + 1;

	for (size_t i = 0; i < glm->size; i++) {
		double factor = i % width < glm->n_features ? 2 * glm->soft_l1 * scale_of(glm, i % width) : 0;
		struct smooth penalty;

		if (factor == 0)
			continue;
		penalty = smooth_pinball(factor * at[i], 0.5, glm->soft_width);
		to->value += penalty.value;
		to->gradient[i] += factor * penalty.slope;
		if (to->hessian)
			to->hessian[i * glm->size + i] += factor * factor * penalty.curve;
	}
}

static void make_room(struct glm *glm)
{
	size_t side = side_of(glm->n_features), pairs = n_pairs(glm->n_outputs);

	for (size_t i = 0; i < glm->n_lanes; i++) {
		struct glm_lane *lane = &glm->lanes[i];

		if (lane->hessian)
			continue;
		lane->hessian = mem_array(pairs * side * side, sizeof *lane->hessian);
		lane->curves = mem_aligned(pairs * PANEL_ROWS * sizeof *lane->curves);
		lane->tile = mem_aligned(TILE_ROWS * side * sizeof *lane->tile);
		lane->weighed = mem_aligned(TILE_ROWS * side * sizeof *lane->weighed);
	}
}

int glm_evaluate(struct glm *glm, const double *at, size_t every, struct glm_evaluation *to, struct error *err)
{
	double weight;

	glm->evaluation = to;
	glm->wants_curves = to->hessian != NULL;
	if (glm->wants_curves) {
		make_room(glm);
		memset(to->hessian, 0, glm->size * glm->size * sizeof *to->hessian);
	}
	glm_coefficients(glm, at, glm->raw, &glm->raw[glm->n_outputs * glm->n_features]);
	to->loss = to->value = 0;
	memset(to->gradient, 0, glm->size * sizeof *to->gradient);
	if (run_all(glm, every, evaluate_run, merge_evaluation, err) < 0)
		return -1;
	weight = to->value;
	finish_evaluation(glm, at, to);
	if (glm->wants_curves)
		finish_hessian(glm, 1 / weight, to->hessian);
	if (glm->soft_l1 > 0)
		add_soft_l1(glm, at, to);
	return 0;
}
