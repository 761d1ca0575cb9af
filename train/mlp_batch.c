/* SPDX-License-Identifier: MIT */
/*
 * The gradient of a batch. Its rows are cut into blocks of NET_ROWS; each block
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

struct mlp_slot {
	struct workspace space;
	float *gradient, *rows;         /* rows: room for a block's, out of a file */
	float y[NET_ROWS], weight[NET_ROWS];
	size_t block;
	double losses;
	struct error err;               /* of reading */
};

void batcher_init(struct batcher *batcher, const struct net *net, int threads)
{
	*batcher = (struct batcher){ .net = net, .n_slots = threads > 1 ? 2 * (size_t)threads : 1 };
	batcher->workers = workers_new(threads);
	batcher->slots = mem_new(batcher->n_slots, sizeof *batcher->slots);
	for (size_t i = 0; i < batcher->n_slots; i++) {
		workspace_init(&batcher->slots[i].space, net);
		batcher->slots[i].gradient = mem_aligned(net->n_params * sizeof(float));
		batcher->slots[i].rows = mem_array(NET_ROWS * (net->widths[0] + 1), sizeof(float));
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
		free(batcher->slots[i].rows);
	}
	free(batcher->slots);
	free(batcher->turned);
	free(batcher->gradient);
	*batcher = (struct batcher){ .net = NULL };
}

static size_t row_of(const struct batcher *batcher, size_t i)
{
	return batcher->order ? batcher->order[batcher->first + i] : batcher->first + i;
}

/* Rows first .. first + n - 1 of the batch: the net's inputs, targets and weights. */
static int fill_slot(const struct batcher *batcher, struct mlp_slot *slot, size_t first, size_t n)
{
	size_t n_in = batcher->net->widths[0], width = padded(n_in), run = batcher->order ? 1 : n;
	float *inputs = slot->space.values[0];
	const float *from = NULL;

	for (size_t row = 0; row < n; row++) {
		size_t place = row_of(batcher, first + row);

		from = row % run ? from + n_in + 1 : matrix_read(batcher->matrix, place, run, slot->rows, &slot->err);
		if (!from)
			return -1;
		memcpy(&inputs[row * width], from, n_in * sizeof *from);
		slot->y[row] = from[n_in];
		slot->weight[row] = matrix_weight(batcher->matrix, place);
	}
	return 0;
}

static void run_slot(void *state, size_t i)
{
	const struct batcher *batcher = state;
	const struct net *net = batcher->net;
	struct mlp_slot *slot = &batcher->slots[i];
	size_t first = slot->block * NET_ROWS, n = batcher->n - first < NET_ROWS ? batcher->n - first : NET_ROWS;
	size_t width = padded(net->widths[0]), n_out = padded(net->widths[net->n_layers]), rows = (n + 3) / 4 * 4;
	float *deltas = slot->space.deltas[net->n_layers];
	double scale = batcher->total_weight > 0 ? 1 / batcher->total_weight : 0;

	if (fill_slot(batcher, slot, first, n) < 0)
		return;
	memset(&slot->space.values[0][n * width], 0, (rows - n) * width * sizeof(float));
	net_forward(net, &slot->space, n);
	slot->losses = loss_rows(net, slot->space.values[net->n_layers], slot->y, slot->weight, n, (float)scale,
	                         batcher->learn ? deltas : NULL);
	if (!batcher->learn)
		return;
	memset(&deltas[n * n_out], 0, (rows - n) * n_out * sizeof *deltas);
	net_backward(net, batcher->turned, &slot->space, n, slot->gradient);
}

static void merge(struct batcher *batcher, const struct mlp_slot *slot)
{
	for (size_t i = 0; i < batcher->net->n_params; i++)
		batcher->gradient[i] += slot->gradient[i];
}

int batcher_run(struct batcher *batcher, const struct matrix *matrix, const uint32_t *order, size_t first, size_t n, bool learn,
                double *weights, double *losses, struct error *err)
{
	size_t n_blocks = (n + NET_ROWS - 1) / NET_ROWS, slots = batcher->n_slots;

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
			if (batcher->slots[i].err.code != STATUS_DONE) {
				*err = batcher->slots[i].err;
				return -1;
			}
			*losses += batcher->slots[i].losses;
			if (learn)
				merge(batcher, &batcher->slots[i]);
		}
	}
	return 0;
}
