/* SPDX-License-Identifier: MIT */
#include "forest_judge.h"

#include <math.h>
#include <stdlib.h>

#include "memory.h"
#include "rng.h"

static const double LEAST_SHARE = 2.220446049250313e-16;       /* of a class, in a log loss */

/* ---- drawing ---- */

void row_draw_init(struct row_draw *draw, double mean)
{
	double term = exp(-mean), sum = 0;

	for (size_t i = 0; i < MOST_DRAWS; i++) {
		sum += term;
		draw->below[i] = sum < 1 ? (uint64_t)(sum * 0x1p64) : UINT64_MAX;
		term *= mean / (double)(i + 1);
	}
	draw->below[MOST_DRAWS - 1] = UINT64_MAX;
}

unsigned row_draws(const struct row_draw *draw, uint64_t tree, size_t row)
{
	uint64_t hash = hash_mix(tree ^ row);
	unsigned n = 0;

	while (n + 1 < MOST_DRAWS && hash >= draw->below[n])
		n++;
	return n;
}

/* ---- judging ---- */

/* Sums over rows that have an answer, by their weights. */
struct run_judged { uint64_t n; double weight, loss, right, y, squares; };

struct judge_task {
	struct forest_judge *judge;
	const struct trees *trees;
	size_t tree;
	const struct row_draw *draw;
	uint64_t hash;
};

void forest_judge_open(struct forest_judge *judge, const struct tree_read *read, const struct tree_side *side, size_t n_classes)
{
	size_t n = side->rows.n_rows;

	*judge = (struct forest_judge){ .side = side, .n_classes = n_classes, .middle = read->middle, .unit = read->unit };
	judge->sums = mem_new(n * forest_outputs(n_classes) + 1, sizeof *judge->sums);
	judge->n_trees = mem_new(n + 1, sizeof *judge->n_trees);
	judge->runs = mem_new(n_runs(n), sizeof *judge->runs);
}

void forest_judge_close(struct forest_judge *judge)
{
	free(judge->sums);
	free(judge->n_trees);
	free(judge->runs);
	*judge = (struct forest_judge){ .side = NULL };
}

uint64_t forest_judge_size(uint64_t n_rows, size_t n_classes)
{
	return n_rows * (forest_outputs(n_classes) * sizeof(double) + sizeof(uint32_t));
}

static void judge_row(const struct forest_judge *judge, size_t row, struct run_judged *to)
{
	size_t width = forest_outputs(judge->n_classes), most = 0, truth;
	const double *sums = &judge->sums[row * width];
	double n = judge->n_trees[row], weight = (double)tree_side_weight(judge->side, row), share, off;

	to->n++;
	to->weight += weight;
	if (judge->n_classes == 0) {
		off = (judge->side->y[row] - judge->middle) / judge->unit;
		to->y += weight * off;
		to->squares += weight * off * off;
		off = (judge->side->y[row] - sums[0] / n) / judge->unit;
		to->loss += weight * off * off;
		return;
	}
	truth = (size_t)judge->side->rows.y[row];
	for (size_t k = 1; k < width; k++)
		most = sums[k] > sums[most] ? k : most;
	share = sums[width > 1 ? truth : 0] / n;
	if (width == 1) {
		most = share > 0.5;
		share = truth ? share : 1 - share;
	}
	to->right += most == truth ? weight : 0;
	to->loss -= weight * log(fmax(share, LEAST_SHARE));
}

static void judge_run(void *state, size_t run)
{
	const struct judge_task *judging = state;
	struct forest_judge *judge = judging->judge;
	size_t first = run * RUN_ROWS, left = judge->side->rows.n_rows - first, n = left < RUN_ROWS ? left : RUN_ROWS, width = forest_outputs(judge->n_classes), n_out = 0;
	const double *values = &judging->trees->values[judging->trees->trees[judging->tree].first_value];
	uint32_t *rows = mem_array(2 * n, sizeof *rows), *leaves = rows + n;
	struct run_judged sums = { .n = 0 };

	for (size_t row = first; row < first + n; row++) {
		rows[n_out] = (uint32_t)row;
		n_out += !judging->draw || row_draws(judging->draw, judging->hash, row) == 0;
	}
	trees_find_leaves(judging->trees, judging->tree, &judge->side->rows, rows, 0, n_out, leaves);
	for (size_t i = 0; i < n_out; i++) {
		judge->n_trees[rows[i]]++;
		for (size_t k = 0; k < width; k++)
			judge->sums[rows[i] * width + k] += values[leaves[i] * width + k];
	}
	for (size_t row = first; row < first + n; row++)
		if (judge->n_trees[row] > 0)
			judge_row(judge, row, &sums);
	judge->runs[run] = sums;
	free(rows);
}

double forest_judge_add(struct forest_judge *judge, const struct trees *trees, size_t tree, const struct row_draw *draw, uint64_t hash,
                        struct workers *workers, struct forest_score *score)
{
	struct judge_task judging = { judge, trees, tree, draw, hash };
	size_t n = n_runs(judge->side->rows.n_rows);
	struct run_judged all = { .n = 0 };
	double loss;

	workers_run(workers, n, judge_run, &judging);
	for (size_t run = 0; run < n; run++) {
		const struct run_judged *one = &judge->runs[run];

		all = (struct run_judged){ all.n + one->n, all.weight + one->weight, all.loss + one->loss, all.right + one->right, all.y + one->y, all.squares + one->squares };
	}
	*score = (struct forest_score){ .n_rows = 0 };
	if (!(all.weight > 0))
		return NAN;
	loss = all.loss / all.weight;
	*score = (struct forest_score){ all.n, all.right / all.weight, loss };
	if (judge->n_classes == 0)
		*score = (struct forest_score){ all.n, 1 - all.loss / (all.squares - all.y * all.y / all.weight), sqrt(loss) * judge->unit };
	if (!isfinite(score->first) || !isfinite(score->second))
		*score = (struct forest_score){ .n_rows = 0 };
	return judge->n_classes ? loss : tree_read_square(loss, judge->unit);
}
