/* SPDX-License-Identifier: MIT */
#include "boost_fitting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "boost_renew.h"
#include "memory.h"

enum { LEAST_IN_BIN = 3 };              /* rows */
static const double HUBER_SHARE = 0.9, LEAST_SHARE = 1e-12;

/* ---- behind the first pass: the scale of s, and where scores start that do not start at a quantile ---- */

static void start_classes(struct boosting *boosting)
{
	const struct target_sums *targets = &boosting->read->targets;
	bool two = boosting->objective.loss == BOOST_LOGISTIC;

	for (size_t k = 0; k < boosting->n_outputs; k++) {
		double share = targets->sums[two ? 1 : k] / targets->sums[targets->n];

		share = fmin(fmax(share, LEAST_SHARE), 1 - LEAST_SHARE);
		boosting->starts[k] = two ? log(share / (1 - share)) : log(share);
	}
}

static int settle_scale(struct boosting *boosting, struct error *err)
{
	const struct tree_read *read = boosting->read;
	enum boost_loss loss = boosting->objective.loss;
	double mean = read->mean, least = read->least;

	boosting->per = 1;
	if (boost_loss_exponential(loss)) {
		if (least < 0 || (loss == BOOST_GAMMA && least == 0) || !(mean > 0))
			return error_set(err, STATUS_FAILED, "loss=%s wants targets %s", boost_loss_name(loss),
			                 loss == BOOST_GAMMA ? "above 0" : "of 0 and more, not all of them 0");
		boosting->away = log(read->unit);
		boosting->starts[0] = log(mean / read->unit);
	} else if (loss == BOOST_LOGISTIC || loss == BOOST_SOFTMAX) {
		start_classes(boosting);
	} else {
		boosting->away = mean;
		boosting->per = read->unit;
	}
	boosting->middle = boost_loss_exponential(loss) ? 0 : read->middle;
	boosting->unit = read->unit;
	return 0;
}

/* ---- in the second pass: scores of the model to go on from ---- */

static void score_panel(void *state, size_t lane, const struct panel *panel, const struct tree_side *kept, size_t first)
{
	const struct boosting *boosting = state;
	const struct side *side = kept == &boosting->read->train ? &boosting->train : &boosting->valid;
	double *scores = &boosting->lane_scores[lane * PANEL_ROWS * boosting->n_outputs];
	size_t n = boosting->n_outputs;

	boost_score(&boosting->from, panel, scores);
	for (size_t k = 0; k < n; k++)
		for (size_t row = 0; row < panel->n_rows; row++)
			side->scores[k][first + row] = (float)((scores[row * n + k] - boosting->away) / boosting->per);
}

static void open_side(struct boosting *boosting, struct side *side, const struct tree_side *kept)
{
	size_t n = 0;

	side->rows = &kept->rows;
	for (size_t block = 0; block < kept->counts.n_blocks; block++)
		n += kept->counts.n[block];
	side->scores = mem_new(boosting->n_outputs, sizeof *side->scores);
	for (size_t k = 0; k < boosting->n_outputs; k++)
		side->scores[k] = mem_array(n + 1, sizeof **side->scores);
}

void boost_side_free(struct boosting *boosting, struct side *side)
{
	for (size_t k = 0; side->scores && k < boosting->n_outputs; k++)
		free(side->scores[k]);
	free(side->scores);
	*side = (struct side){ .rows = NULL };
}

static double side_weight(const struct tree_rows *rows)
{
	double sum = 0;

	for (size_t row = 0; rows->weight && row < rows->n_rows; row++)
		sum += rows->weight[row];
	return rows->weight ? sum : (double)rows->n_rows;
}

/* ---- where scores start ---- */

/* A quantile of these rows' values, NULL: all rows'; in the arrays of the grower, which has not begun. */
static double quantile_of_rows(struct boosting *boosting, const uint32_t *numbers, size_t n, double alpha, const float *values)
{
	return residual_quantile(alpha, numbers, n, values, NULL, boosting->train.rows->weight, (float *)boosting->grower.spare_order,
	                         (float *)boosting->grower.spare_words);
}

/* Where nine in ten stand at the median, as zeros do, it is of the others. */
static double huber_delta(struct boosting *boosting)
{
	const struct tree_rows *rows = boosting->train.rows;
	float *sizes = (float *)boosting->grower.order;
	uint32_t *away = boosting->grower.words;
	size_t n_away = 0;
	double delta;

	if (boosting->options->objective.delta > 0)
		return boosting->options->objective.delta / boosting->unit;
	for (size_t row = 0; row < rows->n_rows; row++) {
		sizes[row] = fabsf(rows->y[row] - (float)boosting->starts[0]);
		away[n_away] = (uint32_t)row;
		n_away += sizes[row] > 0;
	}
	delta = quantile_of_rows(boosting, NULL, rows->n_rows, HUBER_SHARE, sizes);
	return delta > 0 || n_away == 0 ? delta : quantile_of_rows(boosting, away, n_away, HUBER_SHARE, sizes);
}

static void start_quantiles(struct boosting *boosting)
{
	const struct tree_rows *rows = boosting->train.rows;

	for (size_t k = 0; k < boosting->n_outputs; k++)
		boosting->starts[k] = quantile_of_rows(boosting, NULL, rows->n_rows, boost_alpha(&boosting->objective, k), rows->y);
	if (boosting->objective.loss == BOOST_HUBER)
		boosting->objective.delta = huber_delta(boosting);
}

static void start_scores(struct boosting *boosting, struct side *side)
{
	for (size_t k = 0; k < boosting->n_outputs; k++)
		for (size_t row = 0; row < side->rows->n_rows; row++)
			side->scores[k][row] = (float)boosting->starts[k];
}

/* ---- both passes ---- */

static struct tree_keeping keeping_of(const struct boost_options *options)
{
	return (struct tree_keeping){ .max_bins = options->max_bins, .least = LEAST_IN_BIN };
}

/* The rows, unless they were read for all. */
static int keep_rows(struct boosting *boosting, struct error *err)
{
	struct tree_keeping keeping = keeping_of(boosting->options);
	int result = 0;

	open_side(boosting, &boosting->train, &boosting->read->train);
	open_side(boosting, &boosting->valid, &boosting->read->valid);
	if (boosting->from.n_parts > 0) {
		keeping.also = score_panel;
		keeping.state = boosting;
		boosting->lane_scores = mem_array(boosting->own.n_lanes * PANEL_ROWS * boosting->n_outputs, sizeof *boosting->lane_scores);
	}
	boosting->own.middle = boosting->middle;
	if (!boosting->training->shared)
		result = tree_read_keep(&boosting->own, boosting->workers, &keeping, err);
	free(boosting->lane_scores);
	boosting->lane_scores = NULL;
	return result;
}

struct tree_read *boosting_share(const struct boost_options *options, const struct training *training, struct error *err)
{
	const struct tree_keeping keeping = keeping_of(options);
	struct workers *workers = workers_new(training->threads);
	struct tree_read *read = mem_new(1, sizeof *read);
	int result = tree_read_look(read, training, err);

	if (boost_loss_exponential(options->objective.loss))
		read->middle = 0;
	if (result == 0)
		result = tree_read_keep(read, workers, &keeping, err);
	workers_free(workers);
	if (result == 0)
		return read;
	tree_read_unshare(read);
	return NULL;
}

int boost_read(struct boosting *boosting, struct error *err)
{
	const struct training *training = boosting->training;
	enum boost_loss loss = boosting->objective.loss;

	if ((!training->shared && tree_read_look(&boosting->own, training, err) < 0) || settle_scale(boosting, err) < 0 || keep_rows(boosting, err) < 0)
		return -1;
	boosting->weight = side_weight(boosting->train.rows);
	boosting->valid_weight = side_weight(boosting->valid.rows);
	boosting->rules = boosting->options->rules;
	if (boost_loss_squares(loss))   /* gains are squares in the unit */
		boosting->rules.split.min_gain = boosting->rules.split.min_gain / boosting->unit / boosting->unit;
	grower_open(&boosting->grower, boosting->train.rows, &boosting->rules, boosting->workers, training->threads, training->memory);
	if (boost_loss_renews(loss) || loss == BOOST_HUBER)
		start_quantiles(boosting);
	if (boosting->from.n_parts == 0) {
		start_scores(boosting, &boosting->train);
		start_scores(boosting, &boosting->valid);
	}
	return 0;
}
