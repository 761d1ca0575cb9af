/* SPDX-License-Identifier: MIT */
#include "group_answers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* Sums of weights that differ by less, as a share of all, differ by rounding. */
static const double ROUNDING = 1e-12;
enum { MOST_SUMS = 10 * 1000 * 1000 };

struct neumaier { double sum, lost; };
struct kept_target { size_t group; double y, weight; };
struct latest { double time, y; bool there; };

struct gathering {
	const struct training *training;
	enum answer answer;
	size_t n_groups, n;
	struct neumaier *sums, *weights;        /* n_groups x n; n_groups */
	struct kept_target *kept;
	size_t n_kept, room;
	struct latest *latest;          /* of each group, and of all rows */
};

/* Neumaier, Zeitschrift fuer Angewandte Mathematik und Mechanik 54 (1974) */
static void add_up(struct neumaier *to, double value)
{
	double sum = to->sum + value;

	to->lost += fabs(to->sum) >= fabs(value) ? to->sum - sum + value : value - sum + to->sum;
	to->sum = sum;
}

static double total(const struct neumaier *sum) { return isfinite(sum->lost) ? sum->sum + sum->lost : sum->sum; }

static void take_latest(struct latest *latest, double time, double y)
{
	if (latest->there && time < latest->time)
		return;
	*latest = (struct latest){ time, y, true };
}

static void take_row(struct gathering *gathering, size_t group, double y, double weight)
{
	bool classes = gathering->training->problem->task == TASK_CLASSIFICATION;

	if (gathering->answer == ANSWER_MEAN) {
		add_up(&gathering->weights[group], weight);
		add_up(&gathering->sums[group * gathering->n + (classes ? (size_t)y : 0)], classes ? weight : weight * y);
		return;
	}
	array_grow(gathering->kept, gathering->n_kept, gathering->room);
	gathering->kept[gathering->n_kept++] = (struct kept_target){ group, y, weight };
}

static int take_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct gathering *gathering = state;

	(void)lane, (void)err;
	for (size_t row = 0; panel->part == PART_TRAIN && row < panel->n_rows; row++) {
		double weight = panel->weight ? panel->weight[row] : 1;
		double time = panel->time && !isnan(panel->time[row]) ? panel->time[row] : -INFINITY;
		bool grouped = panel->group && panel->group[row] != NO_GROUP;

		if (weight == 0)
			continue;
		if (gathering->answer == ANSWER_LAST)
			take_latest(&gathering->latest[gathering->n_groups], panel->time ? time : 0, panel->y[row]);
		if (grouped && gathering->answer == ANSWER_LAST)
			take_latest(&gathering->latest[(size_t)panel->group[row]], panel->time ? time : 0, panel->y[row]);
		else if (grouped)
			take_row(gathering, (size_t)panel->group[row], panel->y[row], weight);
	}
	return 0;
}

/* ---- answers ---- */

static void answer_means(const struct gathering *gathering, double *answers)
{
	for (size_t g = 0; g < gathering->n_groups; g++)
		for (size_t k = 0; k < gathering->n && total(&gathering->weights[g]) > 0; k++)
			answers[g * gathering->n + k] = total(&gathering->sums[g * gathering->n + k]) / total(&gathering->weights[g]);
}

static int by_group(const void *a, const void *b)
{
	const struct kept_target *one = a, *other = b;

	if (one->group != other->group)
		return one->group < other->group ? -1 : 1;
	return one->y < other->y ? -1 : one->y > other->y;
}

/* As median.h says it, of rows in order. */
static double median(const struct kept_target *rows, size_t n)
{
	double all = 0, upto = 0, middle;
	size_t at = 0, next;

	for (size_t i = 0; i < n; i++)
		all += rows[i].weight;
	for (upto = rows[0].weight; at + 1 < n && upto < all / 2 - all * ROUNDING; )
		upto += rows[++at].weight;
	for (next = at; next + 1 < n && rows[next].y == rows[at].y; next++)
		upto += next > at ? rows[next].weight : 0;
	if (upto > all / 2 + all * ROUNDING || rows[next].y == rows[at].y)
		return rows[at].y;
	middle = (rows[at].y + rows[next].y) / 2;
	return isfinite(middle) ? middle : rows[at].y / 2 + rows[next].y / 2;
}

static void answer_medians(struct gathering *gathering, double *answers)
{
	size_t end;

	if (gathering->n_kept > 0)
		qsort(gathering->kept, gathering->n_kept, sizeof *gathering->kept, by_group);
	for (size_t first = 0; first < gathering->n_kept; first = end) {
		for (end = first; end < gathering->n_kept && gathering->kept[end].group == gathering->kept[first].group; end++)
			;
		answers[gathering->kept[first].group] = median(&gathering->kept[first], end - first);
	}
}

static void answer_latest(const struct gathering *gathering, const struct latest *latest, double *answer)
{
	if (!latest->there)
		return;
	memset(answer, 0, gathering->n * sizeof *answer);
	if (gathering->training->problem->task == TASK_CLASSIFICATION)
		answer[(size_t)latest->y] = 1;
	else
		*answer = latest->y;
}

static void give_answers(struct gathering *gathering, double *overall, double *answers)
{
	size_t n = gathering->n;

	if (gathering->answer == ANSWER_LAST)
		answer_latest(gathering, &gathering->latest[gathering->n_groups], overall);
	for (size_t g = 0; g < gathering->n_groups; g++)
		memcpy(&answers[g * n], overall, n * sizeof *answers);
	if (gathering->answer == ANSWER_MEAN)
		answer_means(gathering, answers);
	else if (gathering->answer == ANSWER_MEDIAN)
		answer_medians(gathering, answers);
	for (size_t g = 0; g < gathering->n_groups && gathering->answer == ANSWER_LAST; g++)
		answer_latest(gathering, &gathering->latest[g], &answers[g * n]);
}

uint64_t group_answers_memory(const struct training *training, enum answer answer, bool passing)
{
	const struct problem *problem = training->problem;
	uint64_t n = problem->task == TASK_CLASSIFICATION ? problem->classes.n : 1;

	if (answer == ANSWER_MEDIAN)    /* sorting takes as much again */
		return (passing ? 1 : 2) * training->n_rows * sizeof(struct kept_target);
	return problem->groups.n * (answer == ANSWER_LAST ? sizeof(struct latest) : (n + 1) * sizeof(struct neumaier));
}

int group_answers(const struct training *training, enum answer answer, double *overall, double *answers, struct error *err)
{
	const struct problem *problem = training->problem;
	struct gathering gathering = { .training = training, .answer = answer, .n_groups = problem->groups.n,
	                               .n = problem->task == TASK_CLASSIFICATION ? problem->classes.n : 1 };
	int result;

	if (gathering.n_groups * gathering.n > MOST_SUMS)
		return error_set(err, STATUS_FAILED, "by=%s: %zu groups of %zu classes are too many", problem->by, gathering.n_groups, gathering.n);
	if (answer == ANSWER_MEAN) {
		gathering.sums = mem_new(gathering.n_groups * gathering.n + 1, sizeof *gathering.sums);
		gathering.weights = mem_new(gathering.n_groups + 1, sizeof *gathering.weights);
	}
	if (answer == ANSWER_LAST)
		gathering.latest = mem_new(gathering.n_groups + 1, sizeof *gathering.latest);
	result = training->rows(training->state, 1, take_panel, &gathering, err);
	if (result == 0)
		give_answers(&gathering, overall, answers);
	for (size_t i = 0; i < gathering.n_groups * gathering.n && result == 0; i++)
		if (!isfinite(answers[i]))
			result = error_set(err, STATUS_FAILED, "the sum of a group's targets or weights is too large for a number");
	free(gathering.sums);
	free(gathering.weights);
	free(gathering.latest);
	free(gathering.kept);
	return result;
}
