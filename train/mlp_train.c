/* SPDX-License-Identifier: MIT */
/*
 * A round is an epoch of batches. Unless a batch is all of the rows they are shuffled
 * before each epoch; the order of an epoch hangs on the seed and its number alone, so
 * a checkpoint needs the weights, what the optimizer and the schedule remember, and nothing
 * else: dropout hangs on the seed and the number of the update.
 *
 * The memory for the rows is shared by training and valid rows by their number.
 */
#include "mlp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "rng.h"
#include "shuffle.h"

struct mlp_fitting {
	struct net *net;
	struct mlp_options options;
	const struct training *training;
	struct matrix parts[2];         /* PART_TRAIN, PART_VALID */
	struct batcher batcher;
	struct optimize optimize;
	struct schedule schedule;
	struct shuffle shuffle;
	bool shuffled;                  /* a batch is not all rows */
	float *best;                    /* parameters as kept; NULL: they were not */
};

static size_t params_size(const struct mlp_fitting *fitting) { return fitting->net->n_params * sizeof(float); }
static size_t kept_size(const struct mlp_fitting *fitting) { return fitting->net->n_kept * sizeof(float); }

void mlp_free(void *net)
{
	if (!net)
		return;
	net_free(net);
	free(net);
}

void mlp_close(void *state)
{
	struct mlp_fitting *fitting = state;

	matrix_free(&fitting->parts[PART_TRAIN]);
	matrix_free(&fitting->parts[PART_VALID]);
	batcher_free(&fitting->batcher);
	optimize_free(&fitting->optimize);
	mlp_free(fitting->net);
	shuffle_free(&fitting->shuffle);
	free(fitting->best);
	free(fitting);
}

/* ---- begin ---- */

static int keep_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct mlp_fitting *fitting = state;

	(void)lane;
	return matrix_add(&fitting->parts[panel->part], panel, err);
}

/* Of the bytes for rows, those for the valid ones. */
static uint64_t valid_share(const struct training *training)
{
	return (uint64_t)((double)training->memory * ((double)training->n_valid / (double)(training->n_rows + training->n_valid + 1)));
}

static int keep_rows(struct mlp_fitting *fitting, struct error *err)
{
	const struct training *training = fitting->training;
	uint64_t for_valid = valid_share(training), for_train = training->memory - for_valid, for_order = training->n_rows * SHUFFLE_ROW;
	size_t n_features = embed_features(fitting->net);

	if (matrix_new(&fitting->parts[PART_TRAIN], n_features, training->n_rows, for_train > for_order ? for_train - for_order : 0,
	               training->host, err) < 0 ||
	    matrix_new(&fitting->parts[PART_VALID], n_features, training->n_valid, for_valid, training->host, err) < 0)
		return -1;
	return training->rows(training->state, 1, keep_panel, fitting, err);
}

uint64_t batch_of_rows(uint64_t batch, uint64_t n_rows)
{
	uint64_t hundredth = n_rows / 100;

	if (batch == BATCH_BY_ROWS)
		batch = hundredth < 32 ? 32 : hundredth > 1024 ? 1024 : hundredth;
	return batch == 0 || batch > n_rows ? n_rows : batch;
}

static int open_shuffle(struct mlp_fitting *fitting, struct error *err)
{
	const struct matrix *train = &fitting->parts[PART_TRAIN];
	uint64_t batch = fitting->options.batch = batch_of_rows(fitting->options.batch, train->n_rows);
	uint64_t memory = fitting->training->memory - valid_share(fitting->training), for_order = train->n_rows * SHUFFLE_ROW / 2;

	fitting->shuffled = batch < train->n_rows;
	if (!fitting->shuffled)
		return 0;
	return shuffle_new(&fitting->shuffle, train, batch, memory > for_order ? memory - for_order : 0, err);
}

static bool read_schedule(struct schedule *schedule, object checkpoint)
{
	return schedule->kind != SCHEDULE_PLATEAU ||
	       (object_real(map_get(checkpoint, "rate"), &schedule->factor) && object_real(map_get(checkpoint, "plateau"), &schedule->best) &&
	        object_uint(map_get(checkpoint, "bad"), &schedule->bad));
}

static bool read_checkpoint(struct mlp_fitting *fitting, object checkpoint)
{
	struct optimize *optimize = &fitting->optimize;
	size_t size = params_size(fitting), kept = kept_size(fitting);
	object best = map_get(checkpoint, "best");

	if (best)
		mlp_keep(fitting);
	return object_bin(map_get(checkpoint, "params"), fitting->net->params, kept) && object_uint(map_get(checkpoint, "step"), &optimize->step) &&
	       object_bin(map_get(checkpoint, "first"), optimize->first, size) &&
	       (!optimize->second || object_bin(map_get(checkpoint, "second"), optimize->second, size)) &&
	       (!best || object_bin(best, fitting->best, kept)) && read_schedule(&fitting->schedule, checkpoint);
}

void *mlp_open(struct net *net, const struct mlp_options *options, const struct training *training, object checkpoint, struct error *err)
{
	struct mlp_fitting *fitting = mem_new(1, sizeof *fitting);
	struct pass pass = { .dropout = options->dropout, .smoothing = options->smoothing, .seed = training->seed };

	*fitting = (struct mlp_fitting){ .net = net, .options = *options, .training = training, .schedule = options->schedule };
	fitting->optimize = (struct optimize){ .kind = options->optimizer, .momentum = options->momentum, .nesterov = options->nesterov,
	                                       .weight_decay = options->weight_decay, .clip = options->clip };
	optimize_init(&fitting->optimize, net->n_params);
	if (keep_rows(fitting, err) < 0 || open_shuffle(fitting, err) < 0)
		goto failed;
	batcher_init(&fitting->batcher, net, training->threads, fitting->options.batch, &pass);
	schedule_start(&fitting->schedule, (fitting->parts[PART_TRAIN].n_rows + fitting->options.batch - 1) / fitting->options.batch);
	if (checkpoint && !read_checkpoint(fitting, checkpoint)) {
		error_set(err, STATUS_FAILED, "the checkpoint of the mlp model is broken");
		goto failed;
	}
	return fitting;
failed:
	mlp_close(fitting);
	return NULL;
}

/* ---- rounds ---- */

/* loss: the mean over the epoch's rows, each before the update that it took part in. */
static int train_epoch(struct mlp_fitting *fitting, uint64_t epoch, double *loss, struct error *err)
{
	const struct matrix *train = &fitting->parts[PART_TRAIN];
	size_t n_rows = train->n_rows, batch = fitting->options.batch;
	struct optimize *optimize = &fitting->optimize;
	double weights = 0, losses = 0;

	if (fitting->shuffled)          /* the generator is the epoch's own: other numbers than the weights came from */
		shuffle_start(&fitting->shuffle, (uint32_t)hash_mix((uint64_t)fitting->training->seed << 32 ^ epoch));
	for (size_t first = 0; first < n_rows; first += batch) {
		size_t n = n_rows - first < batch ? n_rows - first : batch, at = first;
		const struct matrix *from = train;
		const uint32_t *order = NULL;
		double weight, sum;

		fitting->batcher.pass.step = optimize->step;
		if ((fitting->shuffled && shuffle_rows(&fitting->shuffle, first, n, &from, &order, &at, err) < 0) ||
		    batcher_run(&fitting->batcher, from, order, at, n, true, &weight, &sum, err) < 0)
			return -1;
		optimize_step(optimize, fitting->options.lr * schedule_factor(&fitting->schedule, optimize->step), fitting->net->params,
		              fitting->batcher.gradient);
		weights += weight;
		losses += sum;
	}
	*loss = losses / weights;
	return 0;
}

int mlp_round(void *state, struct round *told, struct error *err)
{
	struct mlp_fitting *fitting = state;
	const struct matrix *valid = &fitting->parts[PART_VALID];
	double weights, losses;

	if (train_epoch(fitting, told->number, &told->loss, err) < 0)
		return -1;
	told->lr = fitting->options.lr * schedule_factor(&fitting->schedule, fitting->optimize.step - 1);
	if (!isfinite(told->loss) || !mlp_all_finite(fitting->net->params, fitting->net->n_kept))   /* the last update may be the one too far */
		return error_set(err, STATUS_FAILED, "the loss is no longer a number in epoch %llu (lower lr=, or scale the features and the target)",
		                 (unsigned long long)told->number);
	if (valid->n_rows > 0) {
		if (batcher_run(&fitting->batcher, valid, NULL, 0, valid->n_rows, false, &weights, &losses, err) < 0)
			return -1;
		told->valid = losses / weights;
	}
	schedule_told(&fitting->schedule, told->number, valid->n_rows > 0 ? told->valid : told->loss);
	return 1;
}

void mlp_keep(void *state)
{
	struct mlp_fitting *fitting = state;

	if (!fitting->best)
		fitting->best = mem_array(fitting->net->n_kept, sizeof *fitting->best);
	memcpy(fitting->best, fitting->net->params, kept_size(fitting));
}

void mlp_checkpoint(const void *state, struct buffer *to)
{
	const struct mlp_fitting *fitting = state;
	const struct optimize *optimize = &fitting->optimize;
	const struct schedule *schedule = &fitting->schedule;
	size_t size = params_size(fitting), kept = kept_size(fitting);
	bool plateau = schedule->kind == SCHEDULE_PLATEAU;

	pack_map(to, 3 + (optimize->second != NULL) + (fitting->best != NULL) + 3 * plateau);
	pack_text(to, "params");
	pack_bytes(to, fitting->net->params, kept);
	pack_key_int(to, "step", (int64_t)optimize->step);
	pack_text(to, "first");
	pack_bytes(to, optimize->first, size);
	if (optimize->second) {
		pack_text(to, "second");
		pack_bytes(to, optimize->second, size);
	}
	if (fitting->best) {
		pack_text(to, "best");
		pack_bytes(to, fitting->best, kept);
	}
	if (plateau) {
		pack_key_real(to, "rate", schedule->factor);
		pack_key_real(to, "plateau", schedule->best);
		pack_key_int(to, "bad", (int64_t)schedule->bad);
	}
}

void *mlp_finish(void *state, struct error *err)
{
	const struct mlp_fitting *fitting = state;
	struct net *net = mem_new(1, sizeof *net);

	(void)err;
	*net = *fitting->net;
	net->embedding.items = mem_array(net->embedding.n, sizeof *net->embedding.items);
	for (size_t i = 0; i < net->embedding.n; i++)
		net->embedding.items[i] = fitting->net->embedding.items[i];
	net->params = mem_array(net->n_kept, sizeof *net->params);
	memcpy(net->params, fitting->best ? fitting->best : fitting->net->params, kept_size(fitting));
	return net;
}
