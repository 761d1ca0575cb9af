/* SPDX-License-Identifier: MIT */
/* Rows kept where they came from, copied, and in a file, beside sums made row by row. */
#include "row_store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "unit.h"

/* Columns: WHOLE numbers, of which the last never lies in blocks, and two of few ones and of few zeros. */
enum { ROWS = 2 * PANEL_ROWS + 333, WHOLE = 6, COLS = WHOLE + 2, SETS = 2, BLOCKS = 3 };

static double x_of(size_t row, size_t col)
{
	if (col == WHOLE)
		return row % 11 == 3;
	if (col == WHOLE + 1)
		return row % 7 != 2;
	return sin((double)(row * (col + 3) + col)) * 3 + (double)col * 100;
}

static double weight_of(size_t row) { return (double)(row % 3) / 2; }

/* The runs of a panel, each column's in a block of its own, an odd number of values behind its begin. */
struct pieces { struct panel_runs runs; const double *values[COLS * PANEL_RUNS]; struct block *blocks[COLS * PANEL_RUNS]; };

static void make_pieces(struct pieces *pieces, struct pool *pool, size_t first, size_t n, const size_t *ends, size_t n_ends)
{
	pieces->runs = (struct panel_runs){ .values = pieces->values, .blocks = pieces->blocks };
	for (size_t begin = 0; begin < n; pieces->runs.n++) {
		size_t run = pieces->runs.n, end = run < n_ends && ends[run] < n ? ends[run] : n;

		pieces->runs.ends[run] = end;
		for (size_t col = 0; col < COLS; col++) {
			struct block *block = block_new(pool, (end - begin + 3) * sizeof(double));
			double *values = (double *)block->data + 1 + run % 2;

			for (size_t row = begin; row < end; row++)
				values[row - begin] = x_of(first + row, col);
			pieces->blocks[col * PANEL_RUNS + run] = block;
			pieces->values[col * PANEL_RUNS + run] = col == WHOLE - 1 ? NULL : values;
		}
		begin = end;
	}
}

static void fill(struct row_store *store, struct pool *pool, const size_t *ends, size_t n_ends)
{
	static double x[COLS * PANEL_ROWS], y[PANEL_ROWS], weight[PANEL_ROWS];
	struct error err = ERROR_INIT;

	for (size_t first = 0; first < ROWS; first += PANEL_ROWS) {
		size_t n = ROWS - first < PANEL_ROWS ? ROWS - first : PANEL_ROWS;
		struct panel panel = { .block = first / PANEL_ROWS, .n_rows = n, .n_features = COLS, .x = x, .stride = PANEL_ROWS, .y = y, .weight = weight };
		struct pieces pieces;

		for (size_t row = 0; row < n; row++) {
			y[row] = (double)(first + row);
			weight[row] = weight_of(first + row);
			for (size_t col = 0; col < COLS; col++)
				x[col * PANEL_ROWS + row] = x_of(first + row, col);
		}
		if (pool) {
			make_pieces(&pieces, pool, first, n, ends, n_ends);
			panel.runs = &pieces.runs;
		}
		CHECK(row_store_add(store, &panel, &err) == 0);
		for (size_t i = 0; pool && i < COLS; i++)       /* only the store holds them from here on */
			for (size_t run = 0; run < pieces.runs.n; run++)
				block_drop(pieces.blocks[i * PANEL_RUNS + run]);
	}
	row_store_close(store);
}

/* All that is read of a store, as one run of numbers. */
struct sums { double means[COLS], squares[COLS], scores[SETS][ROWS], dots[SETS * (COLS + 1)], spread[COLS][ROWS], scaled[COLS][ROWS]; };

static double factor_of(size_t set, size_t col) { return col == 2 ? 0 : (double)(1 + set) * 0.25 - (double)col * 0.125; }

static void sum_up(const struct row_store *store, size_t visit, struct sums *sums)
{
	struct kept_block block = { .n_rows = 0 };
	struct error err = ERROR_INIT;
	double factors[SETS * COLS];

	memset(sums, 0, sizeof *sums);
	for (size_t i = 0; i < SETS * COLS; i++)
		factors[i] = factor_of(i / COLS, i % COLS);
	row_store_moments(store, sums->means, sums->squares);
	for (size_t i = 0; i < store->n_blocks; i++) {
		CHECK(row_store_read(store, i, &block, &err) == 0);
		for (size_t first = 0, n; first < block.n_rows; first += n) {
			double scores[SETS * PANEL_ROWS] = { 0 };
			struct kept_ahead ahead = { &block, 0, block.n_rows };

			n = block.n_rows - first < visit ? block.n_rows - first : visit;
			kept_block_add(&block, first, n, COLS, SETS, factors, scores);
			kept_block_dot(&block, first, n, COLS, SETS, scores, &ahead, sums->dots);
			for (size_t set = 0; set < SETS; set++)
				memcpy(&sums->scores[set][block.first_row + first], &scores[set * PANEL_ROWS], n * sizeof *scores);
			for (size_t col = 0; col < COLS; col++)
				kept_column_scaled(&block, col, first, n, 2, 0.5, &sums->scaled[col][block.first_row + first], 1);
		}
		for (size_t col = 0; col < COLS; col++)
			kept_column_spread(&block, col, &sums->spread[col][block.first_row]);
		CHECK(block.y[7] == (double)(block.first_row + 7) && block.weight[7] == weight_of(block.first_row + 7));
	}
	kept_block_free(&block);
}

static void check_truth(const struct sums *sums)
{
	for (size_t set = 0; set < SETS; set++) {
		double dots[COLS + 1] = { 0 };

		for (size_t row = 0; row < ROWS; row++) {
			double score = 0;

			for (size_t col = 0; col < COLS; col++)
				score += factor_of(set, col) * x_of(row, col);
			CHECK_NEAR(sums->scores[set][row], score, 1e-12);
			for (size_t col = 0; col <= COLS; col++)
				dots[col] += score * (col < COLS ? x_of(row, col) : 1);
		}
		for (size_t col = 0; col <= COLS; col++)
			CHECK_NEAR(sums->dots[set * (COLS + 1) + col], dots[col], 1e-12 * fabs(dots[col]));
	}
	for (size_t col = 0; col < COLS; col++) {
		double mean = 0, square = 0, total = 0;

		for (size_t row = 0; row < ROWS; row++) {
			mean += weight_of(row) * x_of(row, col);
			total += weight_of(row);
			CHECK(sums->spread[col][row] == x_of(row, col));
			CHECK(sums->scaled[col][row] == (x_of(row, col) - 2) * 0.5);
		}
		mean /= total;
		for (size_t row = 0; row < ROWS; row++)
			square += weight_of(row) * (x_of(row, col) - mean) * (x_of(row, col) - mean);
		CHECK_NEAR(sums->means[col], mean, 1e-12 * fabs(mean));
		CHECK_NEAR(sums->squares[col], square, 1e-11 * square);
	}
}

/* ends: of the runs of a block; pool NULL: they are not told. */
static void check_store(uint64_t memory, struct pool *pool, const size_t *ends, size_t n_ends, const struct sums *want)
{
	struct sums *got = mem_new(1, sizeof *got);
	struct row_store store;

	row_store_init(&store, COLS, memory, NULL);
	fill(&store, pool, ends, n_ends);
	CHECK(store.n_rows == ROWS && store.n_blocks == BLOCKS);
	sum_up(&store, 256, got);
	CHECK(memcmp(got, want, sizeof *got) == 0);
	row_store_free(&store);
	free(got);
}

/* Runs of 700 rows and the rest: what lies in them stays there, but for the stretch in which they meet, and nothing is held behind the end. */
static void check_held(struct pool *pool)
{
	static const size_t end = 700;
	static double x[COLS * PANEL_ROWS];
	struct panel panel = { .n_rows = PANEL_ROWS, .n_features = COLS, .x = x, .stride = PANEL_ROWS };
	struct kept_block block = { .n_rows = 0 };
	struct error err = ERROR_INIT;
	struct pieces pieces;
	struct row_store store;

	for (size_t i = 0; i < COLS * PANEL_ROWS; i++)
		x[i] = x_of(i % PANEL_ROWS, i / PANEL_ROWS);
	make_pieces(&pieces, pool, 0, PANEL_ROWS, &end, 1);
	panel.runs = &pieces.runs;
	row_store_init(&store, COLS, UINT64_MAX, NULL);
	CHECK(row_store_add(&store, &panel, &err) == 0);
	row_store_close(&store);
	CHECK(row_store_read(&store, 0, &block, &err) == 0);
	CHECK(block.n_runs == 3 && block.run_ends[0] == 688 && block.run_ends[1] == 704 && block.run_ends[2] == PANEL_ROWS);
	CHECK(!block.columns[0].values && block.columns[0].runs[0] == pieces.values[0]);
	CHECK(block.columns[0].runs[2] == pieces.values[1] + 4);
	CHECK(block.columns[WHOLE - 1].runs[2] == block.columns[WHOLE - 1].runs[0] + 704 && !block.columns[WHOLE].runs);
	CHECK(pieces.blocks[0]->users == 2 && pieces.blocks[1]->users == 2 && pieces.blocks[WHOLE * PANEL_RUNS]->users == 1);
	kept_block_free(&block);
	row_store_free(&store);
	for (size_t i = 0; i < COLS; i++)
		for (size_t run = 0; run < pieces.runs.n; run++) {
			CHECK(pieces.blocks[i * PANEL_RUNS + run]->users == 1);
			block_drop(pieces.blocks[i * PANEL_RUNS + run]);
		}
}

int main(void)
{
	static const size_t cuts[][PANEL_RUNS] = { { PANEL_ROWS }, { 512 }, { 5 }, { 700 }, { 16, 40 }, { 100, 105, 1023 }, { 330, 600, 601 }, { 48, 64, 80 } };
	struct sums *want = mem_new(1, sizeof *want);
	struct pool *pool = pool_new();
	struct row_store store;

	TEST("copied");
	row_store_init(&store, COLS, UINT64_MAX, NULL);
	fill(&store, NULL, NULL, 0);
	sum_up(&store, PANEL_ROWS, want);
	check_truth(want);
	sum_up(&store, 256, want);
	check_truth(want);
	row_store_free(&store);
	TEST("the same bits where they came from, however the rows are cut, and in a file");
	for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
		for (size_t n = 1; n < PANEL_RUNS && cuts[i][n - 1] > 0; n++) {
			check_store(UINT64_MAX, pool, cuts[i], n, want);
			check_store(100000, pool, cuts[i], n, want);
			check_store(0, pool, cuts[i], n, want);
		}
	check_store(0, NULL, NULL, 0, want);
	TEST("a count on what is read where it is");
	check_held(pool);
	pool_drop(pool);
	free(want);
	return unit_done();
}
