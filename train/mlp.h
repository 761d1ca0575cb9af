/* SPDX-License-Identifier: MIT */
/*
 * The parts of the family `mlp`: a net of dense layers in float32.
 *
 *     mlp_net.c       shape, initial weights, forward and backward over a block of rows
 *     mlp_loss.c      losses, and what the outputs mean
 *     mlp_batch.c     gradient and loss of a batch: blocks side by side, merged in order
 *     mlp_optimize.c  sgd, adam
 *     matrix.c        the rows; shuffle.c: in a random order
 *     mlp_train.c     epochs, the best of them, checkpoints
 *     model_mlp.c     the family: parameters, save, load, predict
 *
 * Everything that is computed for rows stands row by row, each row `padded(width)`
 * floats wide, zeros behind the width; weights stand by input, so that the weights
 * from input i to all outputs are one run. Padding stays 0 through training.
 */
#ifndef MLP_H
#define MLP_H

#include "matrix.h"
#include "model.h"
#include "rng.h"
#include "workers.h"

enum { MAX_LAYERS = 32, MAX_UNITS = 1 << 16, MAX_PARAMS = 1 << 28, MAX_CLASSES = 1000 };
enum { NET_ROWS = 64 };       /* rows that pass the net together; part of what a result depends on */
enum activation { RELU, TANH, SIGMOID, IDENTITY };
enum loss { LOSS_AUTO, MSE, MAE, HUBER, LOGLOSS, CROSSENTROPY };
enum optimizer { ADAM, SGD };

static inline size_t padded(size_t width) { return (width + 7) / 8 * 8; }

struct net {
	size_t n_layers;
	size_t widths[MAX_LAYERS + 1];          /* inputs, hidden layers, outputs */
	enum activation activation;             /* of the hidden layers; the last layer has none: the loss knows */
	enum loss loss;
	size_t weight_at[MAX_LAYERS], bias_at[MAX_LAYERS];      /* in params */
	size_t n_params;                        /* with padding */
	float *params;                          /* weight: padded(inputs) x padded(outputs); bias: padded(outputs) */
};

/* Widths are set; params are allocated, zeroed. -1: more than MAX_PARAMS. */
int net_init(struct net *net, struct error *err) MUST_CHECK;
/* Each layer's weight (output by output), then its bias: (u32 & 0xFFFFFF) 2^-24 2b - b, b = 1 / sqrt(inputs). */
void net_randomize(struct net *net, uint32_t seed);
void net_free(struct net *net);

/* Values and their derivatives for one block of rows. */
struct workspace { float *memory, *values[MAX_LAYERS + 1], *deltas[MAX_LAYERS + 1]; };
void workspace_init(struct workspace *space, const struct net *net);
void workspace_free(struct workspace *space);
/* values[0] holds n rows (and zeros up to a multiple of 4); values[1..] are filled. */
void net_forward(const struct net *net, struct workspace *space, size_t n);
/* deltas[n_layers] holds the loss's derivative by the outputs, zeros in added rows. gradient: n_params, overwritten.
 * turned: the weights by output, from net_turn. */
void net_backward(const struct net *net, const float *turned, struct workspace *space, size_t n, float *gradient);
void net_turn(const struct net *net, float *turned);    /* n_params floats */

/* Sum of weight x loss over n rows of outputs, and its derivative by them times `scale`. deltas NULL: only the sum. */
double loss_rows(const struct net *net, const float *outputs, const float *y, const float *weight, size_t n, float scale, float *deltas);
/* out: what the model says of a row of outputs: the value, or a probability for each class. */
void loss_answer(const struct net *net, const float *outputs, double *out);
const char *loss_name(enum loss loss);
const char *activation_name(enum activation activation);

/* Batches. */
struct batcher {
	const struct net *net;
	struct workers *workers;
	size_t n_slots;
	struct mlp_slot *slots;             /* a block in work: private to mlp_batch.c */
	float *turned;
	double *gradient;               /* n_params */
	/* the batch in work */
	const struct matrix *matrix;
	const uint32_t *order;
	size_t first, n, n_blocks;
	double total_weight;
	bool learn;
};
void batcher_init(struct batcher *batcher, const struct net *net, int threads);
void batcher_free(struct batcher *batcher);
/* Rows order[first] .. order[first + n - 1] of the matrix (in memory; order NULL: as they stand): the sums of weights and of weighted losses.
 * learn: batcher->gradient becomes the gradient of their mean. The same bits for any number of threads. -1: rows could not be read. */
int batcher_run(struct batcher *batcher, const struct matrix *matrix, const uint32_t *order, size_t first, size_t n, bool learn,
                double *weights, double *losses, struct error *err) MUST_CHECK;

/* Optimizers. */
struct optimize {
	enum optimizer kind;
	double lr, momentum, weight_decay;
	uint64_t step;
	size_t n;
	float *first, *second;          /* sgd: velocity; adam: running means of the gradient and of its square */
};
void optimize_init(struct optimize *optimize, size_t n_params);         /* the options are set */
void optimize_step(struct optimize *optimize, float *params, const double *gradient);
void optimize_free(struct optimize *optimize);

/* The rounds (model.h: begin, round, keep, checkpoint, finish, close). */
struct mlp_options {
	enum optimizer optimizer;
	double lr, momentum, weight_decay;
	uint64_t batch;                         /* 0: all rows */
};
#define BATCH_BY_ROWS UINT64_MAX        /* batch: a hundredth of the rows, 32 to 1,024 */
/* Takes the net over, whose weights are set, also where it gives NULL; keeps the rows. Options are copied. */
void *mlp_open(struct net *net, const struct mlp_options *options, const struct training *training, object checkpoint, struct error *err);
int mlp_round(void *fitting, struct round *told, struct error *err);
void mlp_keep(void *fitting);
void mlp_checkpoint(const void *fitting, struct buffer *to);
void *mlp_finish(void *fitting, struct error *err);     /* a net of its own */
void mlp_close(void *fitting);
void mlp_free(void *net);

#endif
