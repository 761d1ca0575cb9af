/* SPDX-License-Identifier: MIT */
#include "boost_fitting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "boost_renew.h"
#include "memory.h"

enum { LEAST_IN_BIN = 3 };              /* rows */
static const double HUBER_SHARE = 0.9, LEAST_SHARE = 1e-12, LARGE = 1e15, SMALL = 1e-15, MOST_WEIGHT = 1e30;

/* ---- the first pass ---- */

static int see_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct boosting *boosting = state;
	struct boost_lane *own = &boosting->lanes[lane];
	bool gamma = boosting->objective.loss == BOOST_GAMMA;

	(void)err;
	block_counts_add(panel->part == PART_TRAIN ? &boosting->train.counts : &boosting->valid.counts, panel);
	for (size_t row = 0; panel->weight && row < panel->n_rows; row++)
		own->heavy = own->heavy || panel->weight[row] > MOST_WEIGHT;
	if (panel->part == PART_VALID)
		return 0;
	bin_sample_add(boosting->sample, lane, panel);
	target_sums_add(&own->sums, panel, panel->y);
	for (size_t row = 0; row < panel->n_rows; row++) {
		own->largest = fmax(own->largest, fabs(panel->y[row]));
		own->below = own->below || panel->y[row] < 0 || (gamma && panel->y[row] == 0);
	}
	return 0;
}

static void start_classes(struct boosting *boosting, const struct target_sums *sums)
{
	bool two = boosting->objective.loss == BOOST_LOGISTIC;

	for (size_t k = 0; k < boosting->n_outputs; k++) {
		double share = sums->sums[two ? 1 : k] / boosting->weight;

		share = fmin(fmax(share, LEAST_SHARE), 1 - LEAST_SHARE);
		boosting->starts[k] = two ? log(share / (1 - share)) : log(share);
	}
}

/* The scale of s, and where scores start that do not start at a quantile. */
static int settle_targets(struct boosting *boosting, struct error *err)
{
	struct target_sums *sums = &boosting->lanes[0].sums;
	enum boost_loss loss = boosting->objective.loss;
	double largest = 0, mean;
	bool below = false, heavy = false;

	for (size_t i = 0; i < boosting->n_lanes; i++) {
		largest = fmax(largest, boosting->lanes[i].largest);
		below = below || boosting->lanes[i].below;
		heavy = heavy || boosting->lanes[i].heavy;
		if (i > 0)
			target_sums_merge(sums, &boosting->lanes[i].sums);
	}
	target_sums_finish(sums);
	boosting->weight = sums->sums[sums->n];
	if (heavy)
		return error_set(err, STATUS_FAILED, "weights are beyond %g (scale them: only their proportions matter)", MOST_WEIGHT);
	boosting->unit = boosting->per = 1;
	if (loss == BOOST_LOGISTIC || loss == BOOST_SOFTMAX) {
		start_classes(boosting, sums);
		return 0;
	}
	mean = target_sums_mean(sums);
	if (boost_loss_exponential(loss) && (below || !(mean > 0)))
		return error_set(err, STATUS_FAILED, "loss=%s wants targets %s", boost_loss_name(loss),
		                 loss == BOOST_GAMMA ? "above 0" : "of 0 and more, not all of them 0");
	if (largest > LARGE || (largest > 0 && largest < SMALL))
		boosting->unit = ldexp(1, ilogb(largest));
	if (boost_loss_exponential(loss)) {
		boosting->away = log(boosting->unit);
		boosting->starts[0] = log(mean / boosting->unit);
	} else {
		boosting->middle = boosting->away = mean;
		boosting->per = boosting->unit;
	}
	return 0;
}

/* ---- the second pass ---- */

static int take_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct boosting *boosting = state;
	struct boost_lane *own = &boosting->lanes[lane];
	struct side *side = panel->part == PART_TRAIN ? &boosting->train : &boosting->valid;
	size_t first = side->rows.first_rows[panel->block], n = boosting->n_outputs;

	(void)err;
	for (size_t row = 0; row < panel->n_rows; row++)
		own->y[row] = (float)((panel->y[row] - boosting->middle) / boosting->unit);
	tree_rows_add(&side->rows, panel, own->y);
	if (boosting->from.n_parts == 0)
		return 0;
	boost_score(&boosting->from, panel, own->scores);
	for (size_t k = 0; k < n; k++)
		for (size_t row = 0; row < panel->n_rows; row++)
			side->scores[k][first + row] = (float)((own->scores[row * n + k] - boosting->away) / boosting->per);
	return 0;
}

static void open_side(struct boosting *boosting, struct side *side)
{
	tree_rows_open(&side->rows, &boosting->bins, &boosting->grouping, &side->counts, boosting->training->weighted);
	side->scores = mem_new(boosting->n_outputs, sizeof *side->scores);
	for (size_t k = 0; k < boosting->n_outputs; k++)
		side->scores[k] = mem_new(side->rows.n_rows + 1, sizeof **side->scores);
}

void boost_side_free(struct boosting *boosting, struct side *side)
{
	for (size_t k = 0; side->scores && k < boosting->n_outputs; k++)
		free(side->scores[k]);
	free(side->scores);
	tree_rows_free(&side->rows);
	block_counts_release(&side->counts);
}

static double side_weight(const struct tree_rows *rows)
{
	double sum = 0;

	for (size_t row = 0; rows->weight && row < rows->n_rows; row++)
		sum += rows->weight[row];
	return rows->weight ? sum : (double)rows->n_rows;
}

/* ---- where scores start ---- */

static double middle_sizes(struct boosting *boosting, float *space, float *weights)
{
	const struct tree_rows *rows = &boosting->train.rows;
	float *sizes = mem_array(rows->n_rows + 1, sizeof *sizes), *zeros = mem_new(rows->n_rows + 1, sizeof *zeros);
	double size;

	for (size_t row = 0; row < rows->n_rows; row++)
		sizes[row] = fabsf(rows->y[row] - (float)boosting->starts[0]);
	size = left_over(HUBER_SHARE, NULL, rows->n_rows, sizes, zeros, rows->weight, space, weights);
	free(sizes);
	free(zeros);
	return size;
}

/* Scores are 0 yet: all of y is left over. */
static void start_quantiles(struct boosting *boosting)
{
	const struct tree_rows *rows = &boosting->train.rows;
	float *space = (float *)boosting->grower.spare_order, *weights = (float *)boosting->grower.spare_words;
	float *zeros = boosting->from.n_parts == 0 ? boosting->train.scores[0] : mem_new(rows->n_rows + 1, sizeof *zeros);

	for (size_t k = 0; k < boosting->n_outputs; k++)
		boosting->starts[k] = left_over(boost_alpha(&boosting->objective, k), NULL, rows->n_rows, rows->y, zeros, rows->weight, space, weights);
	if (zeros != boosting->train.scores[0])
		free(zeros);
	if (boosting->objective.loss != BOOST_HUBER)
		return;
	if (boosting->options->objective.delta > 0)
		boosting->objective.delta = boosting->options->objective.delta / boosting->unit;
	else
		boosting->objective.delta = middle_sizes(boosting, space, weights);
}

static void start_scores(struct boosting *boosting, struct side *side)
{
	for (size_t k = 0; k < boosting->n_outputs; k++)
		for (size_t row = 0; row < side->rows.n_rows; row++)
			side->scores[k][row] = (float)boosting->starts[k];
}

static void lanes_free(struct boosting *boosting)
{
	for (size_t i = 0; i < boosting->n_lanes; i++) {
		target_sums_release(&boosting->lanes[i].sums);
		free(boosting->lanes[i].y);
		free(boosting->lanes[i].scores);
	}
	free(boosting->lanes);
	boosting->lanes = NULL;
}

static void lanes_new(struct boosting *boosting)
{
	boosting->lanes = mem_new(boosting->n_lanes, sizeof *boosting->lanes);
	for (size_t i = 0; i < boosting->n_lanes; i++) {
		target_sums_init(&boosting->lanes[i].sums, boosting->training->problem);
		boosting->lanes[i].y = mem_array(PANEL_ROWS, sizeof(float));
		boosting->lanes[i].scores = mem_array(PANEL_ROWS * boosting->n_outputs, sizeof(double));
	}
}

static int read_rows(struct boosting *boosting, struct error *err)
{
	const struct training *training = boosting->training;
	enum boost_loss loss = boosting->objective.loss;

	if (training->rows(training->state, boosting->n_lanes, see_panel, boosting, err) < 0 || settle_targets(boosting, err) < 0)
		return -1;
	bins_make(&boosting->bins, boosting->sample, training->levels_of, boosting->options->max_bins, LEAST_IN_BIN, boosting->workers);
	bin_sample_free(boosting->sample);
	boosting->sample = NULL;
	grouping_make(&boosting->grouping, &boosting->bins);
	open_side(boosting, &boosting->train);
	open_side(boosting, &boosting->valid);
	if (training->rows(training->state, boosting->n_lanes, take_panel, boosting, err) < 0)
		return -1;
	boosting->valid_weight = side_weight(&boosting->valid.rows);
	grower_open(&boosting->grower, &boosting->train.rows, &boosting->options->rules, boosting->workers, training->threads, training->memory);
	if (boost_loss_renews(loss) || loss == BOOST_HUBER)
		start_quantiles(boosting);
	if (boosting->from.n_parts == 0) {
		start_scores(boosting, &boosting->train);
		start_scores(boosting, &boosting->valid);
	}
	return 0;
}

int boost_read(struct boosting *boosting, struct error *err)
{
	int result;

	lanes_new(boosting);
	result = read_rows(boosting, err);
	lanes_free(boosting);
	return result;
}
