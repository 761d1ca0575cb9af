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
	free(subject->weight);
	free(subject->positive);
	names_release(&subject->classes);
	free(subject->baseline.prior);
}

/* ---- blocks of rows into sums ---- */

/* The classes that have a probability in every row; one that stands for an answer tells only of two. */
static size_t known_shares(const struct subject *subject)
{
	size_t n = subject->n_trained ? subject->n_trained : subject->classes.n;

	return !subject->one_share ? subject->n_shares : n == 2 ? n : 0;
}

/* Classes and baseline are known. */
static void start_sums(struct scores *scores)
{
	const struct subject *subject = scores->subject;
	size_t n = subject->task == TASK_CLASSIFICATION ? subject->classes.n : 0;
	struct measured what = { .task = subject->task, .n_classes = n, .within = scores->within, .only = scores->only,
	                         .has_shares = known_shares(subject) > 0 };

	measures_init(&scores->measures, &what);
	for (size_t i = 0; i < N_SPLITS; i++) {
		struct score *score = &scores->splits[i];

		sums_init(&score->model, &scores->measures);
		sums_init(&score->baseline, &scores->measures);
		if (n > 0) {
			score->confusion = mem_new(n * n, sizeof *score->confusion);
			score->answered = mem_new(n, 1);
		}
	}
}

static void trained_baseline(struct score *score, const struct subject *subject)
{
	const struct baseline *baseline = &subject->baseline;

	score->constant = subject->task == TASK_REGRESSION ? baseline->mean : (double)baseline->majority;
	if (baseline->prior) {
		score->n_prior = subject->n_trained;
		score->prior = mem_array(score->n_prior, sizeof *score->prior);
		memcpy(score->prior, baseline->prior, score->n_prior * sizeof *score->prior);
	}
}

void scores_start(struct scores *scores, struct subject *subject, const struct score_options *options)
{
	*scores = (struct scores){ .subject = subject, .within = options->within, .only = options->only };
	for (size_t i = 0; i < N_SPLITS; i++) {
		worst_start(&scores->splits[i].worst, options->n_worst);
		worst_start(&scores->splits[i].worst_as_classes, subject->undecided ? options->n_worst : 0);
	}
	for (size_t i = 0; i < N_SPLITS && subject->baseline.trained; i++)
		trained_baseline(&scores->splits[i], subject);
	scores->started = subject->task == TASK_REGRESSION && subject->baseline.trained;
	if (scores->started)
		start_sums(scores);
	scores->keeps = !scores->started || scores->measures.needs_rows;
}

/* n of the rows that are kept, from `first` on. */
static struct judged rows_at(const struct scores *scores, const struct score *score, size_t first, size_t n)
{
	size_t n_shares = known_shares(scores->subject);

	return (struct judged){ .n_rows = n, .n_classes = scores->measures.n_classes, .truth = score->truth + first, .answer = score->answer + first,
	                        .n_shares = n_shares, .shares = score->shares ? score->shares + first * n_shares : NULL,
	                        .weight = score->weight ? score->weight + first : NULL, .within = scores->within };
}

/* The same rows, to which the baseline always says the same. */
static struct judged beside(const struct score *score, struct judged rows)
{
	rows.constant = true;
	rows.answer = &score->constant;
	rows.n_shares = score->n_prior;
	rows.shares = rows.shares ? score->prior : NULL;
	return rows;
}

static void take_block(struct scores *scores, struct score *score, size_t i)
{
	size_t first = score->blocks[i].first, end = i + 1 < score->n_blocks ? score->blocks[i + 1].first : score->n_kept;
	struct judged rows = rows_at(scores, score, first, end - first), constant = beside(score, rows);

	sums_add(&score->model, score->blocks[i].number, &rows, NULL);
	sums_add(&score->baseline, score->blocks[i].number, &constant, NULL);
	for (size_t row = 0; score->confusion && row < rows.n_rows; row++) {
		size_t answer = (size_t)rows.answer[row];

		score->confusion[judged_truth(&rows, row) * rows.n_classes + answer]++;
		score->answered[answer] = true;
	}
}

static void take_blocks(struct scores *scores, struct score *score)
{
	for (size_t i = 0; i < score->n_blocks; i++)
		take_block(scores, score, i);
}

/* ---- rows ---- */

static void make_room(struct score *score, const struct subject *subject)
{
	if (score->n_kept < score->room)
		return;
	score->room = score->room ? 2 * score->room : BLOCK_ROWS;
	score->truth = mem_resize(score->truth, score->room, sizeof *score->truth);
	score->answer = mem_resize(score->answer, score->room, sizeof *score->answer);
	if (subject->n_shares > 0)
		score->shares = mem_resize(score->shares, score->room, subject->n_shares * sizeof *score->shares);
	if (subject->weight)
		score->weight = mem_resize(score->weight, score->room, sizeof *score->weight);
}

static void open_block(struct scores *scores, struct score *score, uint64_t number)
{
	const struct row_block *open = score->n_blocks > 0 ? &score->blocks[score->n_blocks - 1] : NULL;

	if (open && open->number == number && score->n_kept - open->first < BLOCK_ROWS)
		return;
	if (!scores->keeps) {
		take_blocks(scores, score);
		score->n_blocks = score->n_kept = 0;
	}
	array_grow(score->blocks, score->n_blocks, score->blocks_room);
	score->blocks[score->n_blocks++] = (struct row_block){ number, score->n_kept };
}

/* How far off an answer is, for the list of the worst. `positive`: whether the one share is of the true class. */
static double row_error(const struct subject *subject, enum task task, double truth, double answer, const double *shares, bool positive)
{
	if (task == TASK_REGRESSION)
		return answer - truth;
	if (!subject->n_shares || truth == answer)
		return truth != answer;
	if (subject->n_trained && truth >= (double)subject->n_trained)
		return 1;
	if (subject->one_share)
		return positive ? 1 - shares[0] : shares[0];
	return 1 - shares[(size_t)truth];
}

void scores_row(struct scores *scores, enum split split, const struct scored_row *row, struct batch *batch, size_t batch_row, uint64_t row_number)
{
	struct score *score = &scores->splits[split];
	const struct subject *subject = scores->subject;
	struct worst_row worst = { .truth = row->truth, .answer = row->answer };

	open_block(scores, score, row_number / BLOCK_ROWS);
	make_room(score, subject);
	score->truth[score->n_kept] = row->truth;
	score->answer[score->n_kept] = row->answer;
	if (subject->n_shares > 0)
		memcpy(score->shares + score->n_kept * subject->n_shares, row->shares, subject->n_shares * sizeof *row->shares);
	if (subject->weight)
		score->weight[score->n_kept] = row->weight;
	score->n_kept++;
	score->n_rows++;
	score->weighs = score->weighs || !subject->weight || row->weight > 0;
	worst.error = row_error(subject, subject->task, row->truth, row->answer, row->shares, row->truth == row->share_of);
	worst_add(&score->worst, &worst, batch, batch_row, row_number);
	if (subject->undecided) {
		worst.error = row_error(subject, TASK_CLASSIFICATION, row->truth, row->answer, row->shares, row->truth == row->share_of);
		worst_add(&score->worst_as_classes, &worst, batch, batch_row, row_number);
	}
}

void scores_leave_out(struct scores *scores, enum split split, const char *reason)
{
	tally_add(&scores->splits[split].left_out, reason, NULL, 1);
}

void scores_renumber(struct scores *scores, const uint32_t *to)
{
	for (size_t i = 0; i < N_SPLITS; i++) {
		struct score *score = &scores->splits[i];

		for (size_t row = 0; row < score->n_kept; row++) {
			score->truth[row] = (double)to[(size_t)score->truth[row]];
			score->answer[row] = (double)to[(size_t)score->answer[row]];
		}
		for (size_t row = 0; row < score->worst.n; row++) {
			score->worst.rows[row].truth = (double)to[(size_t)score->worst.rows[row].truth];
			score->worst.rows[row].answer = (double)to[(size_t)score->worst.rows[row].answer];
		}
	}
}

static void number_values(struct score *score, const double *values)
{
	struct worst numbers = score->worst;

	score->worst = score->worst_as_classes;
	score->worst_as_classes = numbers;
	for (size_t row = 0; row < score->n_kept; row++) {
		score->truth[row] = score->truth[row] == values[1];
		score->answer[row] = score->answer[row] == values[1];
	}
	for (size_t row = 0; row < score->worst.n; row++) {
		score->worst.rows[row].truth = score->worst.rows[row].truth == values[1];
		score->worst.rows[row].answer = score->worst.rows[row].answer == values[1];
	}
}

void scores_decide(struct scores *scores, const double *values)
{
	scores->subject->undecided = false;
	if (!values) {
		scores->subject->n_shares = 0;
		scores->subject->one_share = false;
	}
	for (size_t i = 0; i < N_SPLITS; i++) {
		struct score *score = &scores->splits[i];

		if (values) {
			number_values(score, values);
		} else {
			free(score->shares);
			score->shares = NULL;
		}
	}
}

/* ---- the end ---- */

/* One probability a row becomes one for each class: with two classes the other has the rest, with more there are none.
 * An answer that training never saw leaves nothing known of either. */
static void spread_shares(struct score *score, const struct subject *subject)
{
	double *both = known_shares(subject) == 2 ? mem_array(score->n_kept, 2 * sizeof *both) : NULL;

	for (size_t row = 0; both && row < score->n_kept; row++) {
		size_t class = subject->positive ? strcmp(subject->classes.items[1], subject->positive) == 0 : (size_t)score->answer[row];

		both[2 * row] = class == 0 ? score->shares[row] : class == 1 ? 1 - score->shares[row] : 0;
		both[2 * row + 1] = class == 1 ? score->shares[row] : class == 0 ? 1 - score->shares[row] : 0;
	}
	free(score->shares);
	score->shares = both;
}

/* The weighted mean of the truth. */
static double own_mean(const struct score *score)
{
	double mean = moments_of_rows(score->truth, score->n_kept).mean, total = 0, off = 0;

	for (size_t row = 0; score->weight && row < score->n_kept; row++) {
		total += score->weight[row];
		off += score->weight[row] * (score->truth[row] - mean);
	}
	return total > 0 ? mean + off / total : mean;
}

/* The share of each class by weight, and the most frequent one (the first among equals). */
static void own_prior(struct score *score, const struct judged *rows)
{
	double total = 0;
	size_t most = 0;

	score->n_prior = rows->n_classes;
	score->prior = mem_new(score->n_prior, sizeof *score->prior);
	for (size_t row = 0; row < rows->n_rows; row++) {
		double weight = judged_weight(rows, NULL, row);

		score->prior[judged_truth(rows, row)] += weight;
		total += weight;
	}
	for (size_t class = 1; class < rows->n_classes; class++)
		if (score->prior[class] > score->prior[most])
			most = class;
	for (size_t class = 0; class < rows->n_classes; class++)
		score->prior[class] /= total > 0 ? total : 1;
	score->constant = (double)most;
}

static void own_baseline(struct scores *scores, struct score *score)
{
	struct judged rows = rows_at(scores, score, 0, score->n_kept);

	if (scores->subject->task == TASK_REGRESSION)
		score->constant = own_mean(score);
	else
		own_prior(score, &rows);
}

static void add_left_out(struct score *score, const struct metric_kind *kind)
{
	for (size_t i = 0; i < score->left_out.n; i++) {
		const struct tally_item *item = &score->left_out.items[i];

		results_add(&score->results, &(struct result){ kind, item->what, (double)item->count, NAN, item->count });
	}
}

static void add_result(const struct scores *scores, struct score *score, const struct measure *measure, double value, double baseline)
{
	struct result result = { .kind = measure->kind, .value = value, .rows = measure_rows(&scores->measures, measure, score->total) };

	result.baseline = measure->kind->unit == UNIT_COUNT ? NAN : baseline;
	if (measure->item != OVERALL && measure->kind->brackets == BRACKETS_CLASS)
		result.item = scores->subject->classes.items[measure->item];
	else if (measure->item != OVERALL)
		result.item = scores->within->items[measure->item].text;
	results_add(&score->results, &result);
}

static void finish_score(struct scores *scores, struct score *score)
{
	const struct measures *measures = &scores->measures;
	size_t n = measures->n, size = measures->size;
	double *constants = mem_array(size, sizeof *constants), *values = mem_array(2 * n, sizeof *values);
	struct judged rows = rows_at(scores, score, 0, score->n_kept), constant = beside(score, rows);

	take_blocks(scores, score);
	score->total = mem_array(size, sizeof *score->total);
	sums_total(&score->model, score->total);
	sums_total(&score->baseline, constants);
	measures_values(measures, &rows, &(struct sample){ .total = score->total }, 1, values);
	measures_values(measures, &constant, &(struct sample){ .total = constants }, 1, values + n);
	for (size_t i = 0; i < n; i++)
		if (measures->items[i].kind->brackets == BRACKETS_REASON)
			add_left_out(score, measures->items[i].kind);
		else
			add_result(scores, score, &measures->items[i], values[i], values[n + i]);
	free(constants);
	free(values);
}

bool scores_absent(const struct scores *scores, enum split split, size_t class)
{
	return class < scores->subject->n_trained && weight_of_class(scores->splits[split].total, class) == 0;
}

bool scores_answers(const struct scores *scores, enum split split, size_t class)
{
	size_t n_trained = scores->subject->n_trained;

	return !n_trained || class < n_trained || scores->splits[split].answered[class];
}

void scores_finish(struct scores *scores)
{
	const struct subject *subject = scores->subject;

	if (!scores->started)
		start_sums(scores);
	for (size_t i = 0; i < N_SPLITS; i++) {
		struct score *score = &scores->splits[i];

		if (score->n_rows == 0)
			continue;
		if (subject->one_share)
			spread_shares(score, subject);
		if (!subject->baseline.trained)
			own_baseline(scores, score);
		finish_score(scores, score);
	}
	for (scores->headline = 0; scores->headline < SPLIT_ALL && scores->splits[scores->headline].n_rows == 0; scores->headline++)
		;
}

void scores_release(struct scores *scores)
{
	for (size_t i = 0; i < N_SPLITS; i++) {
		struct score *score = &scores->splits[i];

		free(score->truth);
		free(score->answer);
		free(score->shares);
		free(score->weight);
		free(score->blocks);
		free(score->prior);
		free(score->total);
		free(score->confusion);
		free(score->answered);
		sums_release(&score->model);
		sums_release(&score->baseline);
		tally_release(&score->left_out);
		worst_release(&score->worst);
		worst_release(&score->worst_as_classes);
		results_release(&score->results);
	}
	measures_release(&scores->measures);
	names_release(&scores->remarks);
}
