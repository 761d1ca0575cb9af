/* SPDX-License-Identifier: MIT */
#include "tree_read.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

static const double LARGE = 1e12, SMALL = 1e-12;

struct read_lane { struct target_sums sums; double least, largest, heaviest_valid; uint64_t n_weigh; float *y; };

static bool numbers(const struct tree_read *read) { return read->training->problem->task == TASK_REGRESSION; }

/* ---- the first pass ---- */

static int see_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct tree_read *read = state;
	struct read_lane *own = &read->lanes[lane];

	(void)err;
	block_counts_add(panel->part == PART_TRAIN ? &read->train.counts : &read->valid.counts, panel);
	for (size_t row = 0; panel->weight && row < panel->n_rows; row++)
		if (panel->part == PART_VALID)
			own->heaviest_valid = fmax(own->heaviest_valid, panel->weight[row]);
		else
			own->n_weigh += panel->weight[row] > 0;
	if (panel->part == PART_VALID)
		return 0;
	bin_sample_add(read->sample, lane, panel);
	target_sums_add(&own->sums, panel, panel->y);
	for (size_t row = 0; row < panel->n_rows; row++) {
		own->least = fmin(own->least, panel->y[row]);
		own->largest = fmax(own->largest, fabs(panel->y[row]));
	}
	return 0;
}

/* The lesson has seen to the rows' own weights; those of classes come on top. */
static int settle_weights(struct tree_read *read, struct error *err)
{
	uint64_t n = 0;

	for (size_t i = 0; i < read->n_lanes; i++) {
		n += read->lanes[i].n_weigh;
		read->heaviest_valid = fmax(read->heaviest_valid, read->lanes[i].heaviest_valid);
	}
	read->n_weights = (double)n;
	read->all_weights = read->targets.sums[read->targets.n];
	if (!(read->all_weights > 0))
		return error_set(err, STATUS_FAILED, "the weights of all training rows are 0, times those of their classes");
	if (!isfinite(read->all_weights))
		return error_set(err, STATUS_FAILED, "the weights of the training rows, times those of their classes, are too large for a sum (scale them)");
	return 0;
}

static int settle_targets(struct tree_read *read, struct error *err)
{
	double largest = 0;

	for (size_t i = 0; i < read->n_lanes; i++) {
		read->least = fmin(read->least, read->lanes[i].least);
		largest = fmax(largest, read->lanes[i].largest);
		target_sums_merge(&read->targets, &read->lanes[i].sums);
	}
	target_sums_finish(&read->targets);
	if (settle_weights(read, err) < 0)
		return -1;
	if (!numbers(read))
		return 0;
	read->middle = read->mean = target_sums_mean(&read->targets);
	if (largest > LARGE || (largest > 0 && largest < SMALL))
		read->unit = ldexp(1, ilogb(largest));
	return 0;
}

int tree_read_look(struct tree_read *read, const struct training *training, struct error *err)
{
	*read = (struct tree_read){ .open = true, .training = training, .unit = 1, .least = INFINITY, .n_lanes = training->threads > 1 ? (size_t)training->threads : 1 };
	target_sums_init(&read->targets, training->problem);
	block_counts_init(&read->train.counts);
	block_counts_init(&read->valid.counts);
	if (training->n_rows > MOST_TREE_ROWS || training->n_valid > MOST_TREE_ROWS)
		return error_set(err, STATUS_FAILED, "%" PRIu64 " training rows and %" PRIu64 " valid ones are more than trees take, %d each (sample them)",
		                 training->n_rows, training->n_valid, MOST_TREE_ROWS);
	read->sample = bin_sample_new(training->problem->features.n, training->n_rows, read->n_lanes, training->memory / 2, training->seed);
	read->lanes = mem_new(read->n_lanes, sizeof *read->lanes);
	for (size_t i = 0; i < read->n_lanes; i++) {
		target_sums_init(&read->lanes[i].sums, training->problem);
		read->lanes[i].least = INFINITY;
		read->lanes[i].y = mem_array(PANEL_ROWS, sizeof(float));
	}
	if (training->rows(training->state, read->n_lanes, see_panel, read, err) < 0)
		return -1;
	return settle_targets(read, err);
}

/* ---- the second pass ---- */

struct keep_task { struct tree_read *read; const struct tree_keeping *keeping; };

static int take_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	const struct keep_task *task = state;
	struct tree_read *read = task->read;
	struct tree_side *side = panel->part == PART_TRAIN ? &read->train : &read->valid;
	size_t first = side->rows.first_rows[panel->block];
	float *y = read->lanes[lane].y;

	(void)err;
	for (size_t row = 0; row < panel->n_rows; row++)
		y[row] = (float)((panel->y[row] - read->middle) / read->unit);
	tree_rows_add(&side->rows, panel, y);
	if (side->y)
		memcpy(&side->y[first], panel->y, panel->n_rows * sizeof *side->y);
	if (task->keeping->also)
		task->keeping->also(task->keeping->state, lane, panel, side, first);
	return 0;
}

static void open_side(struct tree_read *read, struct tree_side *side, bool exact)
{
	tree_rows_open(&side->rows, &read->bins, &read->grouping, &side->counts, read->training->weighted);
	if (exact && numbers(read))
		side->y = mem_array(side->rows.n_rows + 1, sizeof *side->y);
}

static void lanes_free(struct tree_read *read)
{
	for (size_t i = 0; read->lanes && i < read->n_lanes; i++) {
		target_sums_release(&read->lanes[i].sums);
		free(read->lanes[i].y);
	}
	free(read->lanes);
	read->lanes = NULL;
}

int tree_read_keep(struct tree_read *read, struct workers *workers, const struct tree_keeping *keeping, struct error *err)
{
	const struct training *training = read->training;
	struct keep_task task = { read, keeping };
	int result;

	bins_make(&read->bins, read->sample, training->levels_of, keeping->max_bins, keeping->least, workers);
	bin_sample_free(read->sample);
	read->sample = NULL;
	grouping_make(&read->grouping, &read->bins);
	open_side(read, &read->train, keeping->exact);
	open_side(read, &read->valid, keeping->exact);
	if (training->weighted) {
		read->train.rows.all_weights = read->all_weights;
		read->train.rows.n_weights = read->n_weights;
		read->valid.rows.all_weights = read->heaviest_valid > 0 ? read->heaviest_valid : 1;
	}
	result = training->rows(training->state, read->n_lanes, take_panel, &task, err);
	lanes_free(read);
	read->training = NULL;
	return result;
}

static void side_release(struct tree_side *side)
{
	tree_rows_free(&side->rows);
	block_counts_release(&side->counts);
	free(side->y);
}

void tree_read_release(struct tree_read *read)
{
	if (!read->open)
		return;
	lanes_free(read);
	target_sums_release(&read->targets);
	side_release(&read->train);
	side_release(&read->valid);
	grouping_release(&read->grouping);
	bins_release(&read->bins);
	bin_sample_free(read->sample);
	*read = (struct tree_read){ .open = false };
}

void tree_read_unshare(void *read)
{
	tree_read_release(read);
	free(read);
}

uint64_t tree_read_size(const struct training *training, bool exact)
{
	uint64_t n = training->n_rows + training->n_valid;

	return tree_rows_size(training->problem->features.n, n, training->weighted) +
	       (exact && training->problem->task == TASK_REGRESSION ? n * sizeof(double) : 0);
}
