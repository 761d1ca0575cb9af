/* SPDX-License-Identifier: MIT */
/*
 * The gradient of a batch. Its rows are cut into blocks of BLOCK_ROWS; each block
 * goes through the net in a slot of its own, and the slots are added up in the
 * blocks' order, in double. As many blocks are in work at once as there are slots,
 * which changes who computes a block and nothing else.
 */
#include "mlp.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* Below so many products a batch is done sooner than a thread wakes up. */
enum { THREAD_WORK = 1 << 20 };

struct slot {
	struct workspace space;
	float *gradient;
	float y[BLOCK_ROWS], weight[BLOCK_ROWS];
	size_t block;
	double losses;
};

void batcher_init(struct batcher *batcher, const struct net *net, int threads)
{
	*batcher = (struct batcher){ .net = net, .n_slots = threads > 1 ? 2 * (size_t)threads : 1 };
	batcher->workers = workers_new(threads);
	batcher->slots = mem_new(batcher->n_slots, sizeof *batcher->slots);
	for (size_t i = 0; i < batcher->n_slots; i++) {
		workspace_init(&batcher->slots[i].space, net);
		batcher->slots[i].gradient = mem_aligned(net->n_params * sizeof(float));
	}
	batcher->turned = mem_aligned(net->n_params * sizeof(float));
	batcher->gradient = mem_new(net->n_params, sizeof(double));
}

void batcher_free(struct batcher *batcher)
{
	workers_free(batcher->workers);
	for (size_t i = 0; i < batcher->n_slots; i++) {
		workspace_free(&batcher->slots[i].space);
		free(batcher->slots[i].gradient);
	}
	free(batcher->slots);
	free(batcher->turned);
	free(batcher->gradient);
}

static size_t row_of(const struct batcher *batcher, size_t i)
{
	return batcher->order ? batcher->order[batcher->first + i] : batcher->first + i;
}

static void run_slot(void *state, size_t i)
{
	const struct batcher *batcher = state;
	const struct net *net = batcher->net;
	struct slot *slot = &batcher->slots[i];
	size_t first = slot->block * BLOCK_ROWS, n = batcher->n - first < BLOCK_ROWS ? batcher->n - first : BLOCK_ROWS;
	size_t n_in = net->widths[0], n_out = padded(net->widths[net->n_layers]), rows = (n + 3) / 4 * 4;
	float *inputs = slot->space.values[0], *deltas = slot->space.deltas[net->n_layers];
	double scale = batcher->total_weight > 0 ? 1 / batcher->total_weight : 0;

	for (size_t row = 0; row < n; row++) {
		const float *from = matrix_row(batcher->matrix, row_of(batcher, first + row));

		memcpy(&inputs[row * padded(n_in)], from, n_in * sizeof *from);
		slot->y[row] = from[n_in];
		slot->weight[row] = from[n_in + 1];
	}
	memset(&inputs[n * padded(n_in)], 0, (rows - n) * padded(n_in) * sizeof *inputs);
	net_forward(net, &slot->space, n);
	slot->losses = loss_rows(net, slot->space.values[net->n_layers], slot->y, slot->weight, n, (float)scale,
	                         batcher->learn ? deltas : NULL);
	if (!batcher->learn)
		return;
	memset(&deltas[n * n_out], 0, (rows - n) * n_out * sizeof *deltas);
	net_backward(net, batcher->turned, &slot->space, n, slot->gradient);
}

static void merge(struct batcher *batcher, const struct slot *slot)
{
	for (size_t i = 0; i < batcher->net->n_params; i++)
		batcher->gradient[i] += slot->gradient[i];
}

void batcher_run(struct batcher *batcher, const struct matrix *matrix, const uint64_t *order, size_t first, size_t n, bool learn,
                 double *weights, double *losses)
{
	size_t n_blocks = (n + BLOCK_ROWS - 1) / BLOCK_ROWS, slots = batcher->n_slots;

	batcher->matrix = matrix;
	batcher->order = order;
	batcher->first = first;
	batcher->n = n;
	batcher->learn = learn;
	batcher->total_weight = 0;
	*losses = 0;
	for (size_t i = 0; i < n; i++)
		batcher->total_weight += matrix_weight(matrix, row_of(batcher, i));
	*weights = batcher->total_weight;
	if (learn) {
		net_turn(batcher->net, batcher->turned);
		memset(batcher->gradient, 0, batcher->net->n_params * sizeof *batcher->gradient);
	}
	if (n * batcher->net->n_params < THREAD_WORK)
		slots = 1;
	for (size_t block = 0; block < n_blocks; block += slots) {
		size_t now = n_blocks - block < slots ? n_blocks - block : slots;

		for (size_t i = 0; i < now; i++)
			batcher->slots[i].block = block + i;
		workers_run(batcher->workers, now, run_slot, batcher);
		for (size_t i = 0; i < now; i++) {
			*losses += batcher->slots[i].losses;
			if (learn)
				merge(batcher, &batcher->slots[i]);
		}
	}
}
