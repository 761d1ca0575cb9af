/* SPDX-License-Identifier: MIT */
/*
 * Epochs of batches. Rows are shuffled before each epoch unless a batch is all of
 * them. With valid rows the weights of the epoch after which their loss was lowest
 * are those that stay, whether training stopped early or came to its end.
 */
#include "mlp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

struct run {
	struct net *net;
	const struct mlp_options *options;
	const struct training *training;
	struct matrix parts[2];         /* PART_TRAIN, PART_VALID */
	struct batcher batcher;
	struct optimize optimize;
	struct rng *rng;
	uint64_t *order;                /* NULL: a batch is all rows */
	float *best;                    /* parameters at best_loss; NULL without valid rows */
	double best_loss;
	uint64_t best_epoch;
};

/* Memory is shared between the parts by their size. */
static int keep_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct run *run = state;

	(void)lane, (void)err;
	matrix_add(&run->parts[panel->part], panel);
	return 0;
}

static int keep_rows(struct run *run, struct error *err)
{
	const struct training *training = run->training;
	uint64_t n = training->n_rows + training->n_valid;
	size_t n_features = run->net->widths[0];
	uint64_t for_valid = (uint64_t)((double)training->memory * ((double)training->n_valid / (double)(n + 1)));

	if (matrix_new(&run->parts[PART_TRAIN], n_features, training->n_rows, training->memory - for_valid, err) < 0 ||
	    matrix_new(&run->parts[PART_VALID], n_features, training->n_valid, for_valid, err) < 0)
		return -1;
	return training->rows(training->state, 1, keep_panel, run, err);
}

static void run_init(struct run *run)
{
	const struct matrix *train = &run->parts[PART_TRAIN];

	batcher_init(&run->batcher, run->net, run->training->threads);
	run->optimize = (struct optimize){ .kind = run->options->optimizer, .lr = run->options->lr,
	                                   .momentum = run->options->momentum, .weight_decay = run->options->weight_decay };
	optimize_init(&run->optimize, run->net->n_params);
	if (run->options->batch > 0 && run->options->batch < train->n_rows) {
		run->order = mem_array(train->n_rows, sizeof *run->order);
		for (size_t i = 0; i < train->n_rows; i++)
			run->order[i] = i;
		run->rng = mem_new(1, sizeof *run->rng);
		rng_seed(run->rng, run->training->seed);
		/* Another stretch of the numbers than the weights came from. */
		for (size_t i = 0; i < net_count(run->net); i++)
			rng_u32(run->rng);
	}
	if (run->parts[PART_VALID].n_rows > 0) {
		run->best = mem_array(run->net->n_params, sizeof *run->best);
		run->best_loss = INFINITY;
	}
}

static void run_free(struct run *run)
{
	batcher_free(&run->batcher);
	optimize_free(&run->optimize);
	free(run->order);
	free(run->rng);
	free(run->best);
}

/* The mean loss over the epoch's rows, each before the update that it took part in. */
static double train_epoch(struct run *run)
{
	const struct matrix *train = &run->parts[PART_TRAIN];
	size_t batch = run->order ? run->options->batch : train->n_rows;
	double weights = 0, losses = 0;

	if (run->order)
		rng_shuffle(run->rng, run->order, train->n_rows);
	for (size_t first = 0; first < train->n_rows; first += batch) {
		size_t n = train->n_rows - first < batch ? train->n_rows - first : batch;
		double weight, loss;

		batcher_run(&run->batcher, train, run->order, first, n, true, &weight, &loss);
		optimize_step(&run->optimize, run->net->params, run->batcher.gradient);
		weights += weight;
		losses += loss;
	}
	return losses / weights;
}

static double valid_loss(struct run *run)
{
	const struct matrix *valid = &run->parts[PART_VALID];
	double weights, losses;

	batcher_run(&run->batcher, valid, NULL, 0, valid->n_rows, false, &weights, &losses);
	return losses / weights;
}

static int train_epochs(struct run *run, struct error *err)
{
	const struct training *training = run->training;
	size_t size = run->net->n_params * sizeof(float);

	for (uint64_t epoch = 1; epoch <= run->options->epochs; epoch++) {
		double loss = train_epoch(run), valid = run->best ? valid_loss(run) : NAN;

		if (!isfinite(loss))
			return error_set(err, STATUS_FAILED, "the loss is no longer a number in epoch %llu (lower lr=, or scale the features and the target)",
			                 (unsigned long long)epoch);
		if (run->best && valid < run->best_loss) {
			run->best_loss = valid;
			run->best_epoch = epoch;
			memcpy(run->best, run->net->params, size);
		}
		if (training->progress(training->state, epoch, run->options->epochs, loss, valid))
			break;
		if (run->best && run->options->patience && epoch - run->best_epoch >= run->options->patience)
			break;
	}
	if (run->best && run->best_epoch) {
		char *text = mem_format("weights of epoch %llu, the best on the valid rows", (unsigned long long)run->best_epoch);

		memcpy(run->net->params, run->best, size);
		training->remark(training->state, text);
		free(text);
	}
	return 0;
}

int mlp_train(struct net *net, const struct mlp_options *options, const struct training *training, struct error *err)
{
	struct run run = { .net = net, .options = options, .training = training };
	struct mlp_options chosen = *options;
	int result = -1;

	if (keep_rows(&run, err) < 0)
		goto out;
	if (options->batch == BATCH_BY_ROWS) {
		size_t hundredth = run.parts[PART_TRAIN].n_rows / 100;

		chosen.batch = hundredth < 32 ? 32 : hundredth > 1024 ? 1024 : hundredth;
		run.options = &chosen;
	}
	run_init(&run);
	result = train_epochs(&run, err);
	run_free(&run);
out:
	matrix_free(&run.parts[PART_TRAIN]);
	matrix_free(&run.parts[PART_VALID]);
	return result;
}
