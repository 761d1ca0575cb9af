/* SPDX-License-Identifier: MIT */
#include "score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "moments.h"

const char *split_name(enum split split)
{
	static const char *const names[N_SPLITS] = { "test", "valid", "all" };
	return names[split];
}

void subject_release(struct subject *subject)
{
	free(subject->title);
	free(subject->unit);
	free(subject->positive);
	names_release(&subject->classes);
	free(subject->baseline.prior);
}

void scores_start(struct scores *scores, struct subject *subject, size_t n_worst)
{
	*scores = (struct scores){ .subject = subject };
	for (size_t i = 0; i < N_SPLITS; i++)
		worst_start(&scores->splits[i].worst, n_worst);
}

static void make_room(struct score *score, size_t n_shares)
{
	if (score->n_rows < score->room)
		return;
	score->room = score->room ? 2 * score->room : 1024;
	score->truth = mem_resize(score->truth, score->room, sizeof *score->truth);
	score->answer = mem_resize(score->answer, score->room, sizeof *score->answer);
	if (n_shares)
		score->shares = mem_resize(score->shares, score->room, n_shares * sizeof *score->shares);
}

/* How far off an answer is, for the list of the worst. `positive`: whether the one share is of the true class. */
static double row_error(const struct subject *subject, double truth, double answer, const double *shares, bool positive)
{
	if (subject->task == TASK_REGRESSION)
		return answer - truth;
	if (!subject->n_shares || truth == answer)
		return truth != answer;
	if (subject->n_shares == 1)
		return positive ? 1 - shares[0] : shares[0];
	return truth < 0 ? 1 : 1 - shares[(size_t)truth];
}

void scores_row(struct scores *scores, enum split split, const struct scored_row *row, struct batch *batch, size_t batch_row, uint64_t row_number)
{
	struct score *score = &scores->splits[split];
	size_t n_shares = scores->subject->n_shares;
	struct worst_row worst = { .truth = row->truth, .answer = row->answer };

	make_room(score, n_shares);
	score->truth[score->n_rows] = row->truth;
	score->answer[score->n_rows] = row->answer;
	if (n_shares)
		memcpy(score->shares + score->n_rows * n_shares, row->shares, n_shares * sizeof *row->shares);
	score->n_rows++;
	worst.error = row_error(scores->subject, row->truth, row->answer, row->shares, row->truth == row->share_of);
	worst_add(&score->worst, &worst, batch, batch_row, row_number);
}

void scores_leave_out(struct scores *scores, enum split split, const char *reason)
{
	tally_add(&scores->splits[split].left_out, reason, NULL, 1);
}

static double renumbered(double class, const uint32_t *to)
{
	return class < 0 ? class : (double)to[(size_t)class];
}

void scores_renumber(struct scores *scores, const uint32_t *to)
{
	for (size_t i = 0; i < N_SPLITS; i++) {
		struct score *score = &scores->splits[i];
		for (size_t row = 0; row < score->n_rows; row++) {
			score->truth[row] = renumbered(score->truth[row], to);
			score->answer[row] = renumbered(score->answer[row], to);
		}
		for (size_t row = 0; row < score->worst.n; row++) {
			score->worst.rows[row].truth = renumbered(score->worst.rows[row].truth, to);
			score->worst.rows[row].answer = renumbered(score->worst.rows[row].answer, to);
		}
	}
}

static void finish_regression(struct score *score, const struct subject *subject, const struct tolerances *within)
{
	struct regressed rows = { score->n_rows, score->truth, score->answer, subject->baseline.mean, within };
	if (!subject->baseline.trained)
		rows.baseline = moments_of_rows(score->truth, score->n_rows).mean;
	regression_metrics(&rows, &score->metrics);
}

/* One probability a row, with two classes: the other class has the rest. NULL with more classes. */
static double *both_shares(const struct score *score, const struct subject *subject, const uint32_t *answer)
{
	double *shares;
	if (subject->classes.n != 2)
		return NULL;
	shares = mem_array(score->n_rows, 2 * sizeof *shares);
	for (size_t row = 0; row < score->n_rows; row++) {
		size_t class = subject->positive ? strcmp(subject->classes.items[1], subject->positive) == 0 : answer[row];
		shares[2 * row + class] = score->shares[row];
		shares[2 * row + !class] = 1 - score->shares[row];
	}
	return shares;
}

/* The baseline of a truth that stands for itself: its most frequent class (the first among equals) and its shares. */
static void own_baseline(struct classified *rows, double *prior)
{
	for (size_t row = 0; row < rows->n_rows; row++)
		prior[rows->truth[row]]++;
	rows->majority = 0;
	for (uint32_t class = 1; class < rows->n_classes; class++)
		if (prior[class] > prior[rows->majority])
			rows->majority = class;
	for (size_t class = 0; class < rows->n_classes; class++)
		prior[class] /= (double)rows->n_rows;
	rows->prior = prior;
}

static void finish_classification(struct score *score, const struct subject *subject)
{
	size_t n = score->n_rows, n_classes = subject->classes.n;
	uint32_t *truth = mem_array(n, sizeof *truth), *answer = mem_array(n, sizeof *answer);
	double *both = NULL, *prior = mem_new(n_classes + 1, sizeof *prior);
	struct classified rows = { n, n_classes, (const char *const *)subject->classes.items, truth, answer, NULL,
	                           subject->baseline.majority, subject->baseline.prior };

	for (size_t row = 0; row < n; row++) {
		truth[row] = score->truth[row] < 0 ? (uint32_t)n_classes : (uint32_t)score->truth[row];
		answer[row] = (uint32_t)score->answer[row];
	}
	if (subject->n_shares == 1)
		rows.shares = both = both_shares(score, subject, answer);
	else if (subject->n_shares)
		rows.shares = score->shares;
	if (!subject->baseline.trained)
		own_baseline(&rows, prior);
	score->confusion = mem_array((n_classes + 1) * n_classes, sizeof *score->confusion);
	classification_metrics(&rows, &score->metrics, score->confusion);
	free(truth);
	free(answer);
	free(both);
	free(prior);
}

void scores_finish(struct scores *scores, const struct tolerances *within)
{
	for (size_t i = 0; i < N_SPLITS; i++) {
		struct score *score = &scores->splits[i];
		if (!score->n_rows)
			continue;
		metrics_add_rows(&score->metrics, score->n_rows);
		for (size_t reason = 0; reason < score->left_out.n; reason++)
			metrics_add_left_out(&score->metrics, score->left_out.items[reason].what, score->left_out.items[reason].count);
		if (scores->subject->task == TASK_REGRESSION)
			finish_regression(score, scores->subject, within);
		else
			finish_classification(score, scores->subject);
	}
	for (scores->headline = 0; scores->headline < SPLIT_ALL && !scores->splits[scores->headline].n_rows; scores->headline++)
		;
}

void scores_release(struct scores *scores)
{
	for (size_t i = 0; i < N_SPLITS; i++) {
		struct score *score = &scores->splits[i];
		free(score->truth);
		free(score->answer);
		free(score->shares);
		free(score->confusion);
		tally_release(&score->left_out);
		worst_release(&score->worst);
		metrics_release(&score->metrics);
	}
}
