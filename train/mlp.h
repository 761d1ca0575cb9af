/* SPDX-License-Identifier: MIT */
/*
 * The parts of the family `mlp`: a net of dense layers in float32.
 *
 *     mlp_net.c         shape, initial weights, forward and backward over a block of rows
 *     mlp_product.c     the one product that does nearly all of the work
 *     mlp_activation.c  activations, dropout
 *     mlp_norm.c        batch and layer norm
 *     mlp_embed.c       levels as vectors that are learned
 *     mlp_loss.c        losses, and what the outputs mean
 *     mlp_batch.c       gradient and loss of a batch: blocks side by side, merged in order
 *     mlp_optimize.c    sgd, adam, …; clipping
 *     mlp_schedule.c    the learning rate along the updates
 *     matrix.c          the rows; shuffle.c: in a random order
 *     mlp_train.c       epochs, the best of them, checkpoints
 *     model_mlp.c       the family: parameters, save, load, predict
 *
 * A hidden layer is linear, then norm, activation and dropout, where there are any;
 * the last one is linear. Level 0 are the inputs, level i what layer i - 1 gives.
 *
 * Everything that is computed for rows stands row by row, each row `padded(width)`
 * floats wide, zeros behind the width; weights stand by input, so that the weights
 * from input i to all outputs are one run. Padding stays 0 through training.
 */
#ifndef MLP_H
#define MLP_H

#include "matrix.h"
#include "mlp_embed.h"
#include "model.h"
#include "rng.h"
#include "workers.h"

enum { MAX_LAYERS = 32, MAX_UNITS = 1 << 16, MAX_PARAMS = 1 << 28, MAX_CLASSES = 1000 };
enum { NET_ROWS = 64 };       /* rows that pass the net together; part of what a result depends on */
enum activation { RELU, TANH, SIGMOID, IDENTITY, GELU, SILU, SOFTMAX, N_ACTIVATIONS };
enum loss { LOSS_AUTO, MSE, MAE, HUBER, LOGLOSS, CROSSENTROPY };
enum norm { NORM_NONE, NORM_BATCH, NORM_LAYER };
enum optimizer { ADAM, SGD, ADAMW, RMSPROP, ADAGRAD };

static inline size_t padded(size_t width) { return (width + 7) / 8 * 8; }

struct net {
	size_t n_layers;
	size_t widths[MAX_LAYERS + 1];          /* inputs, hidden layers, outputs */
	struct embedding embedding;             /* where inputs are not the features as they come; the net's */
	enum activation activation;             /* of the hidden layers; the last layer has none: the loss knows */
	enum norm norm;                         /* of the hidden layers */
	enum loss loss;
	size_t weight_at[MAX_LAYERS], bias_at[MAX_LAYERS];      /* in params, by layer; behind a layer's bias follow the scale and the shift of */
	size_t scale_at[MAX_LAYERS], shift_at[MAX_LAYERS];      /* its norm, by level: 1 .. n_layers - 1 */
	size_t mean_at[MAX_LAYERS], variance_at[MAX_LAYERS];    /* batch norm's running ones, by level; behind all that is learned */
	size_t n_dense;                         /* params of layers and norms, with padding */
	size_t n_params;                        /* that are learned: and those of embeddings, with padding */
	size_t n_kept;                          /* and with the running means and variances */
	float *params;                          /* n_kept; weight: padded(inputs) x padded(outputs); all else of layers: padded(outputs) */
};

/* Widths, norm and the embedding's items are set; params are allocated, zeroed, but for scales and variances, which are 1. -1: more than MAX_PARAMS. */
int net_init(struct net *net, struct error *err) MUST_CHECK;
/* Each layer's weight (output by output), then its bias: (u32 & 0xFFFFFF) 2^-24 2b - b, b = 1 / sqrt(inputs). Then each embedding, with
 * b = sqrt(3): deviation 1, as features that were scaled. */
void net_randomize(struct net *net, uint32_t seed);
void net_free(struct net *net);
bool mlp_all_finite(const float *numbers, size_t n);

/* c[m][n] = bias[n] + sum over k of a(m, k) x[k][n], each sum over k in order. m_end: a multiple of 4; width (of x and c): of 8; bias NULL: 0. */
struct operand { const float *at; size_t by_m, by_k; };         /* a(m, k) = at[m * by_m + k * by_k] */
void product(struct operand a, size_t m_end, size_t k_end, const float *x, const float *bias, float *c, size_t width);

/* c[m][0] = sum over k of a[k * by_k + m] x[k][0], and 0 in the columns behind it. */
void product_column(const float *a, size_t m_end, size_t by_k, size_t k_end, const float *x, float *c, size_t width);

/* How rows pass the net. In training (learn) norms take the batch's means and dropout drops; else each row stands for itself. */
struct pass {
	bool learn;
	double dropout, smoothing;              /* shares; smoothing: of the labels */
	uint64_t seed, step;                    /* dropout's: of the lesson, of the update */
	size_t n_batch;                         /* rows of the batch */
	const float *mean, *inverse;            /* batch norm's in this batch: mean, 1 / deviation, placed as the running ones from n_params on */
	const double *gradient;                 /* of the batch, as far as it is known */
};

/*
 * Values and their derivatives for one block of rows, by level. Between linear and
 * values stand up to three more, each of its own where training needs it later, else
 * the same memory as the next: hats (normalised), inner (what the activation gets),
 * active (what it gives, before dropout).
 */
struct workspace {
	float *memory, *values[MAX_LAYERS + 1], *deltas[MAX_LAYERS + 1], *hats[MAX_LAYERS + 1], *inner[MAX_LAYERS + 1], *active[MAX_LAYERS + 1];
	float *inverse[MAX_LAYERS + 1];         /* layer norm: of each row */
	uint32_t *levels;                       /* by embedded feature NET_ROWS: that the rows hold */
	double *sums;                           /* batch norm: of each unit of one level the mean, then the squares about it */
};
/* For training with that pass, or, NULL, only for net_forward. */
void workspace_init(struct workspace *space, const struct net *net, const struct pass *pass);
size_t workspace_floats(const struct net *net, const struct pass *pass);         /* how many it holds */
void workspace_free(struct workspace *space);
/* values[0] holds n rows (embed_row; and zeros up to a multiple of 4); values[1..] are filled. first: the place of the block's first row in the batch.
 * With batch norm in training the pass stops at each norm, its moments in `sums`: gives the level it stopped at, n_layers at the end,
 * and goes on from there in the next call. level: 0 at first. */
size_t net_forward(const struct net *net, struct workspace *space, const struct pass *pass, size_t first, size_t n, size_t level);
/* deltas[n_layers] holds the loss's derivative by the outputs, zeros in added rows. gradient: n_dense, overwritten; that of embeddings
 * stays in deltas[0] (embed_fold); turned: the weights
 * by output, from net_turn. level: n_layers at first. With batch norm it stops below each layer, when pass->gradient must come to hold
 * what all blocks gave of that level's scale and shift; gives the level it stopped at, 0 at the end. */
size_t net_backward(const struct net *net, const float *turned, struct workspace *space, const struct pass *pass, size_t first, size_t n,
                    size_t level, float *gradient);
void net_turn(const struct net *net, float *turned);    /* n_dense floats */

/* Activations. From `from` to `to` (which may be the same) and back: deltas by `out` become deltas by `in`. n rows of `width` units. */
struct activation_kind {
	const char *name;
	void (*forward)(const float *from, float *to, size_t width, size_t n);
	void (*backward)(const float *in, const float *out, float *deltas, size_t width, size_t n);
	bool by_input;                  /* backward reads `in`; else it may be what `out` has overwritten */
};
extern const struct activation_kind activations[N_ACTIVATIONS];
/* Each value 0, or, as many as are not dropped, value / (1 - dropout): by seed, step, level, row (from `first` on) and unit. */
void dropout(const struct pass *pass, size_t level, size_t first, const float *from, float *to, size_t width, size_t n);

/* Norms (epsilon 1e-5, as PyTorch's BatchNorm1d and LayerNorm): of level `level`, n rows. */
struct block_moments { const double *sums; size_t n; };       /* of a block */
void norm_moments(const struct net *net, struct workspace *space, size_t level, size_t n);      /* of hats, into space->sums */
/* Blocks in order: mean and inverse of the level (placed as the running ones), and the running ones move. */
void norm_merge(struct net *net, size_t level, const struct block_moments *blocks, size_t n_blocks, float *mean, float *inverse);
void norm_forward(const struct net *net, struct workspace *space, const struct pass *pass, size_t level, size_t n, float *to);
/* The gradient of scale and shift from deltas[level], by inner; layer norm: and deltas by the linear layer. */
void norm_backward(const struct net *net, struct workspace *space, size_t level, size_t n, float *gradient);
/* Batch norm: deltas by inner become deltas by the linear layer. */
void norm_backward_batch(const struct net *net, struct workspace *space, const struct pass *pass, size_t level, size_t n);

/* Sum of weight x loss over n rows of outputs, and its derivative by them times `scale`. deltas NULL: only the sum. */
double loss_rows(const struct net *net, double smoothing, const float *outputs, const float *y, const float *weight, size_t n, float scale,
                 float *deltas);
/* out: what the model says of a row of outputs: the value, or a probability for each class. */
void loss_answer(const struct net *net, const float *outputs, double *out);
const char *loss_name(enum loss loss);
const char *activation_name(enum activation activation);
const char *norm_name(enum norm norm);

/* Batches. */
struct batcher {
	struct net *net;
	struct workers *workers;
	size_t n_slots, n_at_once;          /* blocks in work: n_at_once; with batch norm all blocks of a batch stay in their slots */
	struct mlp_slot *slots;             /* a block in work: private to mlp_batch.c */
	float **gradients;                  /* n_at_once */
	float *turned, *mean, *inverse;
	double *gradient;               /* n_params */
	struct block_moments *moments;        /* n_slots */
	struct pass pass;
	/* the batch in work */
	const struct matrix *matrix;
	const uint32_t *order;
	size_t first, n, n_blocks, block, level;
	double total_weight;
	bool up;
};
/* rows: of the largest batch. pass: dropout, smoothing and seed. */
void batcher_init(struct batcher *batcher, struct net *net, int threads, size_t rows, const struct pass *pass);
size_t batcher_slots(const struct net *net, size_t threads, size_t rows);       /* n_slots */
void batcher_free(struct batcher *batcher);
/* Rows order[first] .. order[first + n - 1] of the matrix (in memory; order NULL: as they stand): the sums of weights and of weighted losses.
 * learn: batcher->gradient becomes the gradient of their mean; pass.step is the update's. The same bits for any number of threads.
 * -1: rows could not be read. */
int batcher_run(struct batcher *batcher, const struct matrix *matrix, const uint32_t *order, size_t first, size_t n, bool learn,
                double *weights, double *losses, struct error *err) MUST_CHECK;

/* Optimizers. */
struct optimize {
	enum optimizer kind;
	double momentum, weight_decay, clip;    /* clip: of the gradient's norm; 0: none */
	bool nesterov;
	uint64_t step;
	size_t n;
	float *first, *second;          /* what it remembers of each parameter, see mlp_optimize.c */
};
struct optimizer_kind {
	const char *name;
	double lr;                      /* by default */
	bool momentum, second;          /* has one that may be said; needs `second` */
	void (*step)(struct optimize *optimize, double lr, double factor, float *params, const double *gradient);
};
extern const struct optimizer_kind optimizers[];        /* by enum optimizer */
void optimize_init(struct optimize *optimize, size_t n_params);         /* the options are set */
void optimize_step(struct optimize *optimize, double lr, float *params, const double *gradient);
void optimize_free(struct optimize *optimize);

/*
 * The learning rate's factor. All but plateau is told by the number of the update
 * alone; what plateau remembers is in the checkpoint.
 */
enum schedule_kind { SCHEDULE_CONSTANT, SCHEDULE_STEP, SCHEDULE_COSINE, SCHEDULE_PLATEAU, SCHEDULE_ONECYCLE };
struct schedule {
	enum schedule_kind kind;
	double gamma;
	uint64_t step, warmup, epochs;  /* in epochs */
	uint64_t updates;               /* of an epoch */
	double best, factor;            /* plateau: best loss, and the factor now */
	uint64_t bad;                   /* epochs since */
};
void schedule_start(struct schedule *schedule, uint64_t updates);       /* the options are set */
double schedule_factor(const struct schedule *schedule, uint64_t update);       /* update: from 0 */
void schedule_told(struct schedule *schedule, uint64_t epoch, double loss);     /* behind each epoch, from 1 */

/* The rounds (model.h: begin, round, keep, checkpoint, finish, close). */
struct mlp_options {
	enum optimizer optimizer;
	double lr, momentum, weight_decay, clip;
	bool nesterov;
	double dropout, smoothing;
	struct schedule schedule;
	uint64_t batch;                         /* 0: all rows */
};
#define BATCH_BY_ROWS UINT64_MAX        /* batch: a hundredth of the rows, 32 to 1,024 */
uint64_t batch_of_rows(uint64_t batch, uint64_t n_rows);        /* rows of a batch */
/* Takes the net over, whose weights are set, also where it gives NULL; keeps the rows. Options are copied. */
void *mlp_open(struct net *net, const struct mlp_options *options, const struct training *training, object checkpoint, struct error *err);
int mlp_round(void *fitting, struct round *told, struct error *err);
void mlp_keep(void *fitting);
void mlp_checkpoint(const void *fitting, struct buffer *to);
void *mlp_finish(void *fitting, struct error *err);     /* a net of its own */
void mlp_close(void *fitting);
void mlp_free(void *net);

#endif
