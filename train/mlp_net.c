/* SPDX-License-Identifier: MIT */
/* A net's memory, and rows on their way through it and back (mlp.h). */
#include "mlp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "vector.h"

/* Of weights that stand from `at` on. */
static size_t place_tables(struct net *net, size_t at)
{
	for (size_t i = 0; i < net->embedding.n; i++) {
		net->embedding.items[i].at = at;
		at += net->embedding.items[i].levels * net->embedding.items[i].width;
	}
	return padded(at);
}

int net_init(struct net *net, struct error *err)
{
	size_t at = 0;

	for (size_t layer = 0; layer < net->n_layers; layer++) {
		size_t in = padded(net->widths[layer]), out = padded(net->widths[layer + 1]);

		net->weight_at[layer] = at;
		net->bias_at[layer] = at + in * out;
		at += (in + 1) * out;
		if (net->norm != NORM_NONE && layer + 1 < net->n_layers) {
			net->scale_at[layer + 1] = at;
			net->shift_at[layer + 1] = at + out;
			at += 2 * out;
		}
		if (at > MAX_PARAMS)
			return error_set(err, STATUS_USAGE, "the net has more than %d parameters (make hidden= smaller)", MAX_PARAMS);
	}
	net->n_dense = at;
	net->n_params = at = place_tables(net, at);
	if (at > MAX_PARAMS)
		return error_set(err, STATUS_USAGE, "the net has more than %d parameters (make embed= smaller)", MAX_PARAMS);
	for (size_t level = 1; net->norm == NORM_BATCH && level < net->n_layers; level++) {
		net->mean_at[level] = at;
		net->variance_at[level] = at + padded(net->widths[level]);
		at += 2 * padded(net->widths[level]);
	}
	net->n_kept = at;
	net->params = mem_new(at, sizeof *net->params);
	for (size_t level = 1; net->norm != NORM_NONE && level < net->n_layers; level++)
		for (size_t i = 0; i < net->widths[level]; i++) {
			net->params[net->scale_at[level] + i] = 1;
			if (net->norm == NORM_BATCH)
				net->params[net->variance_at[level] + i] = 1;
		}
	return 0;
}

bool mlp_all_finite(const float *numbers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(numbers[i]))
			return false;
	return true;
}

void net_free(struct net *net)
{
	free(net->params);
	free(net->embedding.items);
	net->params = NULL;
	net->embedding = (struct embedding){ .n = 0 };
}

static float uniform(struct rng *rng, float bound)
{
	return (float)(rng_u32(rng) & 0xFFFFFF) * 0x1p-24f * (2 * bound) - bound;
}

void net_randomize(struct net *net, uint32_t seed)
{
	struct rng *rng = mem_new(1, sizeof *rng);

	rng_seed(rng, seed);
	for (size_t layer = 0; layer < net->n_layers; layer++) {
		size_t in = net->widths[layer], out = net->widths[layer + 1];
		float bound = (float)(1 / sqrt((double)in)), *weight = &net->params[net->weight_at[layer]];

		for (size_t o = 0; o < out; o++)
			for (size_t i = 0; i < in; i++)
				weight[i * padded(out) + o] = uniform(rng, bound);
		for (size_t o = 0; o < out; o++)
			net->params[net->bias_at[layer] + o] = uniform(rng, bound);
	}
	for (size_t i = 0; i < net->embedding.n; i++) {
		const struct embedded *item = &net->embedding.items[i];

		for (size_t k = 0; k < item->levels * item->width; k++)
			net->params[item->at + k] = uniform(rng, sqrtf(3));
	}
	free(rng);
}

/* Gives *at room for `n` floats a row of the block, or counts it: memory NULL. */
static float *take(float *memory, size_t *used, size_t n)
{
	float *at = memory ? &memory[*used] : NULL;

	*used += n * NET_ROWS;
	return at;
}

static size_t lay_out(struct workspace *space, const struct net *net, const struct pass *pass)
{
	bool by_input = activations[net->activation].by_input;
	size_t used = 0;

	for (size_t level = 0; level <= net->n_layers; level++) {
		size_t width = padded(net->widths[level]);
		bool hidden = pass && level > 0 && level < net->n_layers;
		float *next = space->values[level] = take(space->memory, &used, width);

		if (pass)
			space->deltas[level] = take(space->memory, &used, width);
		if (hidden && pass->dropout > 0)
			next = take(space->memory, &used, width);
		space->active[level] = next;
		if (hidden && by_input)
			next = take(space->memory, &used, width);
		space->inner[level] = next;
		if (hidden && net->norm != NORM_NONE) {
			next = take(space->memory, &used, width);
			space->inverse[level] = take(space->memory, &used, 1);
		}
		space->hats[level] = next;
	}
	space->levels = (uint32_t *)take(space->memory, &used, net->embedding.n);
	return used;
}

size_t workspace_floats(const struct net *net, const struct pass *pass)
{
	struct workspace space = { .memory = NULL };

	return lay_out(&space, net, pass);
}

void workspace_init(struct workspace *space, const struct net *net, const struct pass *pass)
{
	size_t n = workspace_floats(net, pass), widest = 0;

	*space = (struct workspace){ .memory = mem_aligned(n * sizeof(float)) };
	memset(space->memory, 0, n * sizeof(float));
	lay_out(space, net, pass);
	for (size_t level = 1; level < net->n_layers; level++)
		widest = net->widths[level] > widest ? net->widths[level] : widest;
	if (pass && net->norm == NORM_BATCH)
		space->sums = mem_new(2 * padded(widest), sizeof *space->sums);
}

void workspace_free(struct workspace *space)
{
	free(space->memory);
	free(space->sums);
	*space = (struct workspace){ .memory = NULL };
}

/* From what the linear layer gave to the level's values. */
static void finish_level(const struct net *net, struct workspace *space, const struct pass *pass, size_t level, size_t first, size_t rows)
{
	bool drops = pass->learn && pass->dropout > 0;
	float *active = drops ? space->active[level] : space->values[level];

	if (net->norm != NORM_NONE)
		norm_forward(net, space, pass, level, rows, space->inner[level]);
	activations[net->activation].forward(space->inner[level], active, net->widths[level], rows);
	if (drops)
		dropout(pass, level, first, active, space->values[level], net->widths[level], rows);
}

size_t net_forward(const struct net *net, struct workspace *space, const struct pass *pass, size_t first, size_t n, size_t level)
{
	size_t rows = (n + 3) / 4 * 4;

	for (;;) {
		size_t in = net->widths[level], out = net->widths[level + 1];
		struct operand values = { space->values[level], padded(in), 1 };

		if (level > 0)
			finish_level(net, space, pass, level, first, rows);
		product(values, rows, in, &net->params[net->weight_at[level]], &net->params[net->bias_at[level]],
		        space->hats[level + 1], padded(out));
		level++;
		if (level == net->n_layers)
			return level;
		if (pass->learn && net->norm == NORM_BATCH) {
			norm_moments(net, space, level, n);
			return level;
		}
	}
}

void net_turn(const struct net *net, float *turned)
{
	/* The first layer's inputs are data, but for embedded ones: nobody asks for their derivative. In squares, so that lines of the cache are
	 * used up. */
	for (size_t layer = net->embedding.n == 0; layer < net->n_layers; layer++) {
		size_t in = padded(net->widths[layer]), out = padded(net->widths[layer + 1]);
		const float *from = &net->params[net->weight_at[layer]];
		float *to = &turned[net->weight_at[layer]];

		for (size_t i = 0; i < in; i += 8)
			for (size_t o = 0; o < out; o += 8)
				for (size_t k = 0; k < 8; k++)
					for (size_t l = 0; l < 8; l++)
						to[(o + l) * in + i + k] = from[(i + k) * out + o + l];
	}
}

/* The bias's gradient: sums of the deltas' columns. */
WIDE static void sum_rows(const float *deltas, size_t n, size_t width, float *sums)
{
	size_t i = 0;

	for (; i + 32 <= width; i += 32) {
		vec8f sum[4] = { { 0 } };

		for (size_t row = 0; row < n; row++)
			for (size_t k = 0; k < 4; k++)
				sum[k] += *(const vec8f *)&deltas[row * width + i + 8 * k];
		memcpy(&sums[i], sum, sizeof sum);
	}
	for (; i < width; i += 8) {
		vec8f sum = { 0 };

		for (size_t row = 0; row < n; row++)
			sum += *(const vec8f *)&deltas[row * width + i];
		*(vec8f *)&sums[i] = sum;
	}
}

/* deltas[level] by its values become those by the linear layer; of batch norm by what the norm gives. */
static void back_level(const struct net *net, struct workspace *space, const struct pass *pass, size_t level, size_t first, size_t n,
                       float *gradient)
{
	float *deltas = space->deltas[level];

	if (pass->dropout > 0)
		dropout(pass, level, first, deltas, deltas, net->widths[level], n);
	activations[net->activation].backward(space->inner[level], space->active[level], deltas, net->widths[level], n);
	if (net->norm != NORM_NONE)
		norm_backward(net, space, level, n, gradient);
}

size_t net_backward(const struct net *net, const float *turned, struct workspace *space, const struct pass *pass, size_t first, size_t n,
                    size_t level, float *gradient)
{
	size_t rows = (n + 3) / 4 * 4;

	for (;;) {
		size_t layer = level - 1, in = padded(net->widths[layer]), out = padded(net->widths[level]);
		struct operand inputs = { space->values[layer], 1, in };
		struct operand deltas = { space->deltas[level], out, 1 };

		if (level < net->n_layers && net->norm == NORM_BATCH)
			norm_backward_batch(net, space, pass, level, n);
		if (net->widths[level] == 1)
			product_column(inputs.at, in, in, n, space->deltas[level], &gradient[net->weight_at[layer]], out);
		else
			product(inputs, in, n, space->deltas[level], NULL, &gradient[net->weight_at[layer]], out);
		sum_rows(space->deltas[level], n, out, &gradient[net->bias_at[layer]]);
		level--;
		if (level == 0 && net->embedding.n == 0)
			return 0;
		product(deltas, rows, net->widths[level + 1], &turned[net->weight_at[layer]], NULL, space->deltas[level], in);
		if (level == 0) {
			embed_fold(net, space, n);
			return 0;
		}
		back_level(net, space, pass, level, first, n, gradient);
		if (net->norm == NORM_BATCH)
			return level;
	}
}
