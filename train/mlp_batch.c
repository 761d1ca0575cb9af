/* SPDX-License-Identifier: MIT */
/*
 * The gradient of a batch. Its rows are cut into blocks of NET_ROWS; each block
 * goes through the net in a slot of its own, and the slots are added up in the
 * blocks' order, in double. As many blocks are in work at once as there are threads
 * for them, which changes who computes a block and nothing else.
 *
 * Batch norm needs something of all blocks at each hidden level, on the way up and on
 * the way down. There the way is cut into stages, each for all blocks before the next
 * one, and the blocks stay in slots of their own until the batch is done. With H
 * hidden levels:
 *
 *     stage 0 .. H - 1     up to the linear layer below the next norm; moments merged
 *     stage H              up to the loss, down to the highest norm; gradients merged
 *     stage H + 1 .. 2H    down to the next norm, at last to the inputs; gradients merged
 *
 * All else is a single stage.
 */
#include "mlp.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "vector.h"

/* Below so many products a batch is done sooner than a thread wakes up. */
enum { THREAD_WORK = 1 << 20 };
enum { AHEAD = NET_ROWS };      /* rows in random order are fetched so far ahead, in the next batch, too */

struct mlp_slot {
	struct workspace space;
	float *rows;                    /* room for a block's, out of a file */
	float y[NET_ROWS], weight[NET_ROWS];
	double losses;
	struct error err;               /* of reading */
};

static size_t blocks_of(size_t rows) { return (rows + NET_ROWS - 1) / NET_ROWS; }

static size_t at_once(size_t threads) { return threads > 1 ? 2 * threads : 1; }

size_t batcher_slots(const struct net *net, size_t threads, size_t rows)
{
	size_t least = at_once(threads);

	return net->norm == NORM_BATCH && blocks_of(rows) > least ? blocks_of(rows) : least;
}

void batcher_init(struct batcher *batcher, struct net *net, int threads, size_t rows, const struct pass *pass)
{
	size_t n_running = net->n_kept - net->n_params;

	*batcher = (struct batcher){ .net = net, .pass = *pass, .n_slots = batcher_slots(net, (size_t)threads, rows),
	                             .n_at_once = at_once((size_t)threads) };
	batcher->workers = workers_new(threads);
	batcher->slots = mem_new(batcher->n_slots, sizeof *batcher->slots);
	batcher->gradients = mem_new(batcher->n_at_once, sizeof *batcher->gradients);
	batcher->moments = mem_new(batcher->n_slots, sizeof *batcher->moments);
	for (size_t i = 0; i < batcher->n_slots; i++) {
		workspace_init(&batcher->slots[i].space, net, pass);
		batcher->slots[i].rows = mem_array(NET_ROWS * (embed_features(net) + 1), sizeof(float));
		batcher->moments[i].sums = batcher->slots[i].space.sums;
	}
	for (size_t i = 0; i < batcher->n_at_once; i++)
		batcher->gradients[i] = mem_aligned(net->n_dense * sizeof(float));
	batcher->turned = mem_aligned(net->n_dense * sizeof(float));
	batcher->gradient = mem_new(net->n_params, sizeof(double));
	if (n_running > 0) {
		batcher->mean = mem_new(n_running, sizeof(float));
		batcher->inverse = mem_new(n_running, sizeof(float));
	}
	batcher->pass.mean = batcher->mean;
	batcher->pass.inverse = batcher->inverse;
	batcher->pass.gradient = batcher->gradient;
}

void batcher_free(struct batcher *batcher)
{
	workers_free(batcher->workers);
	for (size_t i = 0; i < batcher->n_slots; i++) {
		workspace_free(&batcher->slots[i].space);
		free(batcher->slots[i].rows);
	}
	for (size_t i = 0; i < batcher->n_at_once; i++)
		free(batcher->gradients[i]);
	free(batcher->slots);
	free(batcher->gradients);
	free(batcher->moments);
	free(batcher->turned);
	free(batcher->gradient);
	free(batcher->mean);
	free(batcher->inverse);
	*batcher = (struct batcher){ .net = NULL };
}

static bool staged(const struct batcher *batcher) { return batcher->pass.learn && batcher->net->norm == NORM_BATCH; }

/* The slot of the i-th block in work. */
static struct mlp_slot *slot_of(const struct batcher *batcher, size_t i)
{
	return &batcher->slots[staged(batcher) ? batcher->block + i : i];
}

static size_t rows_of_block(const struct batcher *batcher, size_t block)
{
	size_t left = batcher->n - block * NET_ROWS;

	return left < NET_ROWS ? left : NET_ROWS;
}

static size_t row_of(const struct batcher *batcher, size_t i)
{
	return batcher->order ? batcher->order[batcher->first + i] : batcher->first + i;
}

/* Rows are short: a call of memcpy would take longer. */
static INLINE void copy_row(float *to, const float *from, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		*(vec8f *)&to[i] = *(const vec8f *)&from[i];
	for (; i < n; i++)
		to[i] = from[i];
}

/* Rows first .. first + n - 1 of the batch: the net's inputs, targets and weights. */
WIDE static int fill_slot(const struct batcher *batcher, struct mlp_slot *slot, size_t first, size_t n)
{
	size_t n_in = embed_features(batcher->net), width = padded(batcher->net->widths[0]), run = batcher->order ? 1 : n;
	float *inputs = slot->space.values[0];
	const float *from = NULL;

	for (size_t row = 0; row < n; row++) {
		size_t place = row_of(batcher, first + row);

		if (batcher->order && batcher->first + first + row + AHEAD < batcher->matrix->n_rows)
			matrix_fetch(batcher->matrix, row_of(batcher, first + row + AHEAD));
		from = row % run ? from + n_in + 1 : matrix_read(batcher->matrix, place, run, slot->rows, &slot->err);
		if (!from)
			return -1;
		if (batcher->net->embedding.n)
			embed_row(batcher->net, &slot->space, row, from);
		else
			copy_row(&inputs[row * width], from, n_in);
		slot->y[row] = from[n_in];
		slot->weight[row] = matrix_weight(batcher->matrix, place);
	}
	memset(&inputs[n * width], 0, ((n + 3) / 4 * 4 - n) * width * sizeof *inputs);
	return 0;
}

/* The i-th block in work, through the stage. */
static void run_slot(void *state, size_t i)
{
	const struct batcher *batcher = state;
	const struct net *net = batcher->net;
	struct mlp_slot *slot = slot_of(batcher, i);
	size_t first = (batcher->block + i) * NET_ROWS, n = rows_of_block(batcher, batcher->block + i);
	size_t n_out = padded(net->widths[net->n_layers]), level = batcher->level;
	float *deltas = slot->space.deltas[net->n_layers];
	double scale = batcher->total_weight > 0 ? 1 / batcher->total_weight : 0;

	if (batcher->up) {
		if (level == 0 && fill_slot(batcher, slot, first, n) < 0)
			return;
		level = net_forward(net, &slot->space, &batcher->pass, first, n, level);
		if (level < net->n_layers) {
			batcher->moments[batcher->block + i].n = n;
			return;
		}
		slot->losses = loss_rows(net, batcher->pass.smoothing, slot->space.values[level], slot->y, slot->weight, n, (float)scale,
		                         batcher->pass.learn ? deltas : NULL);
		if (!batcher->pass.learn)
			return;
		memset(&deltas[n * n_out], 0, ((n + 3) / 4 * 4 - n) * n_out * sizeof *deltas);
	}
	net_backward(net, batcher->turned, &slot->space, &batcher->pass, first, n, level, batcher->gradients[i]);
}

/* first .. end - 1: what the stage gave. */
WIDEST static void merge(double *restrict gradient, const float *restrict part, size_t first, size_t end, bool begins)
{
	if (begins)
		for (size_t i = first; i < end; i++)
			gradient[i] = part[i];
	else
		for (size_t i = first; i < end; i++)
			gradient[i] += part[i];
}

/* All blocks through one stage, from `level` on. */
static int run_stage(struct batcher *batcher, size_t level, bool up, double *losses, struct error *err)
{
	const struct net *net = batcher->net;
	bool last = up && (!staged(batcher) || level + 1 == net->n_layers), downward = batcher->pass.learn && (last || !up);
	size_t at_most = batcher->n * net->n_params < THREAD_WORK ? 1 : batcher->n_at_once;
	size_t from = 0, end = net->n_dense;

	if (staged(batcher)) {          /* a layer, and the norm below it */
		size_t layer = up ? level : level - 1;

		from = layer > 0 ? net->scale_at[layer] : 0;
		end = net->bias_at[layer] + padded(net->widths[layer + 1]);
	}
	if (downward && from == 0)
		memset(&batcher->gradient[net->n_dense], 0, (net->n_params - net->n_dense) * sizeof *batcher->gradient);
	batcher->level = level;
	batcher->up = up;
	for (batcher->block = 0; batcher->block < batcher->n_blocks; batcher->block += at_most) {
		size_t left = batcher->n_blocks - batcher->block, now = left < at_most ? left : at_most;

		workers_run(batcher->workers, now, run_slot, batcher);
		for (size_t i = 0; i < now; i++) {
			const struct mlp_slot *slot = slot_of(batcher, i);

			if (slot->err.code != STATUS_DONE) {
				*err = slot->err;
				return -1;
			}
			if (last)
				*losses += slot->losses;
			if (downward)
				merge(batcher->gradient, batcher->gradients[i], from, end, batcher->block + i == 0);
			if (downward && from == 0)
				embed_merge(net, &slot->space, rows_of_block(batcher, batcher->block + i), batcher->gradient);
		}
	}
	return 0;
}

static int run_stages(struct batcher *batcher, double *losses, struct error *err)
{
	size_t hidden = batcher->net->n_layers - 1;

	for (size_t level = 0; level < hidden; level++) {
		if (run_stage(batcher, level, true, losses, err) < 0)
			return -1;
		norm_merge(batcher->net, level + 1, batcher->moments, batcher->n_blocks, batcher->mean, batcher->inverse);
	}
	if (run_stage(batcher, hidden, true, losses, err) < 0)
		return -1;
	for (size_t level = hidden; level > 0; level--)
		if (run_stage(batcher, level, false, losses, err) < 0)
			return -1;
	return 0;
}

int batcher_run(struct batcher *batcher, const struct matrix *matrix, const uint32_t *order, size_t first, size_t n, bool learn,
                double *weights, double *losses, struct error *err)
{
	batcher->matrix = matrix;
	batcher->order = order;
	batcher->first = first;
	batcher->n = batcher->pass.n_batch = n;
	batcher->n_blocks = blocks_of(n);
	batcher->pass.learn = learn;
	batcher->total_weight = 0;
	*losses = 0;
	for (size_t i = 0; i < n; i++)
		batcher->total_weight += matrix_weight(matrix, row_of(batcher, i));
	*weights = batcher->total_weight;
	if (learn)
		net_turn(batcher->net, batcher->turned);
	return staged(batcher) ? run_stages(batcher, losses, err) : run_stage(batcher, 0, true, losses, err);
}
