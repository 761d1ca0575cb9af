/* SPDX-License-Identifier: MIT */
#include "score.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classes.h"
#include "form.h"
#include "memory.h"
#include "moments.h"
#include "text.h"

/* Of the memory: what each of two splits keeps its rows in, and what sorting takes meanwhile; or their points, and twice that. */
enum { KEPT_SHARE = 4, SORT_SHARE = 2, POINTS_SHARE = 4 };

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

static const char *class_at(const void *list, size_t i)
{
	return ((const struct names *)list)->items[i];
}

const char *class_named(const struct subject *subject, const char *class)
{
	const struct names *classes = &subject->classes;
	bool wanted, value;

	if (!subject->bools || names_have(classes, class) || !form_of_word(class, strlen(class), &wanted))
		return class;
	for (size_t i = 0; i < classes->n; i++)
		if (form_of_word(classes->items[i], strlen(classes->items[i]), &value) && value == wanted)
			return classes->items[i];
	return class;
}

const char *closest_class(const struct subject *subject, const char *class)
{
	return text_closest(class, class_at, &subject->classes, subject->classes.n);
}

/* ---- blocks of rows into sums ---- */

size_t known_shares(const struct subject *subject)
{
	size_t n = subject->n_trained ? subject->n_trained : subject->classes.n;

	return !subject->one_share ? subject->n_shares : n <= 2 ? n : 0;
}

/* Classes and baseline are known. */
static void start_sums(struct scores *scores)
{
	const struct subject *subject = scores->subject;
	size_t n = subject->task == TASK_REGRESSION ? 0 : subject->classes.n;
	struct measured what = { .task = subject->task, .n_classes = n, .items = scores->items, .only = scores->only,
	                         .has_shares = known_shares(subject) > 0 };

	measures_init(&scores->measures, &what);
	for (size_t i = 0; i < N_SPLITS; i++) {
		struct score *score = &scores->splits[i];

		sums_init(&score->model, &scores->measures);
		sums_init(&score->baseline, &scores->measures);
		if (subject->task == TASK_CLASSIFICATION) {
			score->confusion = mem_new(n * n, sizeof *score->confusion);
			score->answered = mem_new(n, 1);
		}
	}
}

static void trained_baseline(struct score *score, const struct subject *subject)
{
	const struct baseline *baseline = &subject->baseline;

	score->constant = subject->task == TASK_REGRESSION ? baseline->mean : subject->task == TASK_CLUSTERING ? NAN : (double)baseline->majority;
	if (baseline->prior) {
		score->n_prior = subject->n_trained;
		score->prior = mem_array(score->n_prior, sizeof *score->prior);
		memcpy(score->prior, baseline->prior, score->n_prior * sizeof *score->prior);
	}
}

void scores_start(struct scores *scores, struct subject *subject, const struct score_options *options)
{
	size_t width = 2 + subject->n_shares + (subject->weight != NULL);

	*scores = (struct scores){ .subject = subject, .items = options->items, .only = options->only, .memory = options->memory, .host = options->host };
	scores->row = mem_array(width, sizeof *scores->row);
	for (size_t i = 0; i < N_SPLITS; i++) {
		kept_init(&scores->splits[i].kept, width, options->memory / KEPT_SHARE, options->host);
		silhouette_start(&scores->splits[i].silhouette, subject->n_features, options->memory / POINTS_SHARE);
		worst_start(&scores->splits[i].worst, options->n_worst);
		worst_start(&scores->splits[i].worst_as_classes, subject->undecided ? options->n_worst : 0);
	}
	for (size_t i = 0; i < N_SPLITS && subject->baseline.trained; i++)
		trained_baseline(&scores->splits[i], subject);
	scores->started = subject->task != TASK_CLASSIFICATION && subject->baseline.trained;
	if (scores->started)
		start_sums(scores);
	scores->keeps = !scores->started || scores->measures.needs_rows;
}

/* A block of kept rows, column by column, as the metrics take them. */
struct stretch {
	double truth[BLOCK_ROWS], answer[BLOCK_ROWS], weight[BLOCK_ROWS];
	double *shares;                 /* BLOCK_ROWS x known_shares */
	double *space;                  /* of kept_read */
};

static struct stretch *stretch_of(struct scores *scores, size_t width)
{
	if (!scores->stretch) {
		scores->stretch = mem_new(1, sizeof *scores->stretch);
		scores->stretch->space = mem_array(BLOCK_ROWS * width, sizeof(double));
		scores->stretch->shares = mem_array(BLOCK_ROWS * (2 + scores->subject->n_shares), sizeof(double));
	}
	return scores->stretch;
}

static double as_judged(const struct scores *scores, double value)
{
	if (scores->values)
		return value == scores->values[1];
	return scores->renumbered ? (double)scores->renumbered[(size_t)value] : value;
}

/* One probability becomes one for each class: with two classes the other has the rest; where only one occurs, the other bears no name. An
 * answer that training never saw leaves nothing known of either. */
static void spread_share(double share, size_t class, double *shares, size_t n)
{
	for (size_t i = 0; i < n; i++)
		shares[i] = class == i ? share : class < n ? 1 - share : 0;
}

/* n <= BLOCK_ROWS of the rows that are kept, from `first` on; good until the next call. */
static int rows_at(struct scores *scores, const struct score *score, size_t first, size_t n, struct judged *rows, struct error *err)
{
	const struct subject *subject = scores->subject;
	size_t n_shares = known_shares(subject), width = score->kept.width;
	size_t positive = subject->positive ? names_find(&subject->classes, subject->positive) : NO_NAME;
	struct stretch *stretch = stretch_of(scores, width);
	const double *row = kept_read(&score->kept, first, n, stretch->space, err);

	if (!row)
		return -1;
	for (size_t i = 0; i < n; i++, row += width) {
		stretch->truth[i] = as_judged(scores, row[0]);
		stretch->answer[i] = as_judged(scores, row[1]);
		if (subject->one_share && n_shares > 0)
			spread_share(row[2], subject->positive ? positive : (size_t)stretch->answer[i], stretch->shares + n_shares * i, n_shares);
		else if (n_shares > 0)
			memcpy(stretch->shares + n_shares * i, row + 2, n_shares * sizeof *row);
		stretch->weight[i] = row[width - 1];
	}
	*rows = (struct judged){ .n_rows = n, .n_classes = scores->measures.n_classes, .truth = stretch->truth, .answer = stretch->answer,
	                         .n_shares = n_shares, .shares = n_shares > 0 ? stretch->shares : NULL,
	                         .weight = subject->weight ? stretch->weight : NULL };
	return 0;
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

static int block_at(struct scores *scores, const struct score *score, size_t i, struct judged *rows, struct error *err)
{
	size_t first = score->blocks[i].first, end = i + 1 < score->n_blocks ? score->blocks[i + 1].first : score->kept.n;

	return rows_at(scores, score, first, end - first, rows, err);
}

static int take_block(struct scores *scores, struct score *score, size_t i, struct error *err)
{
	struct judged rows, constant;

	if (block_at(scores, score, i, &rows, err) < 0)
		return -1;
	constant = beside(score, rows);
	sums_add(&score->model, score->blocks[i].number, &rows, NULL);
	sums_add(&score->baseline, score->blocks[i].number, &constant, NULL);
	for (size_t row = 0; score->confusion && row < rows.n_rows; row++) {
		size_t answer = (size_t)rows.answer[row];

		score->confusion[judged_truth(&rows, row) * rows.n_classes + answer]++;
		score->answered[answer] = true;
	}
	return 0;
}

static int take_blocks(struct scores *scores, struct score *score, struct error *err)
{
	for (size_t i = 0; i < score->n_blocks; i++)
		if (take_block(scores, score, i, err) < 0)
			return -1;
	return 0;
}

/* ---- rows ---- */

static int open_block(struct scores *scores, struct score *score, uint64_t number, struct error *err)
{
	const struct row_block *open = score->n_blocks > 0 ? &score->blocks[score->n_blocks - 1] : NULL;

	if (open && open->number == number && score->kept.n - open->first < BLOCK_ROWS)
		return 0;
	if (!scores->keeps) {
		if (take_blocks(scores, score, err) < 0)
			return -1;
		score->n_blocks = 0;
		kept_clear(&score->kept);
	}
	array_grow(score->blocks, score->n_blocks, score->blocks_room);
	score->blocks[score->n_blocks++] = (struct row_block){ number, score->kept.n };
	return 0;
}

/* How far off an answer is, for the list of the worst. `positive`: whether the one share is of the true class. */
static double row_error(const struct subject *subject, enum task task, double truth, double answer, const double *shares, bool positive)
{
	if (task == TASK_REGRESSION)
		return answer - truth;
	if (task == TASK_CLUSTERING)
		return answer;
	if (!subject->n_shares || truth == answer)
		return truth != answer;
	if (subject->n_trained && truth >= (double)subject->n_trained)
		return 1;
	if (subject->one_share)
		return positive ? 1 - shares[0] : shares[0];
	return 1 - shares[(size_t)truth];
}

int scores_row(struct scores *scores, enum split split, const struct scored_row *row, struct batch *batch, size_t batch_row, uint64_t row_number,
               struct error *err)
{
	struct score *score = &scores->splits[split];
	const struct subject *subject = scores->subject;
	struct worst_row worst = { .truth = row->truth, .answer = row->answer };

	scores->row[0] = row->truth;
	scores->row[1] = row->answer;
	if (subject->n_shares > 0)
		memcpy(scores->row + 2, row->shares, subject->n_shares * sizeof *row->shares);
	if (subject->weight)
		scores->row[2 + subject->n_shares] = row->weight;
	if (open_block(scores, score, row_number / BLOCK_ROWS, err) < 0 || kept_add(&score->kept, scores->row, err) < 0)
		return -1;
	if (row->point)
		silhouette_add(&score->silhouette, row->point, (uint32_t)row->truth);
	score->n_rows++;
	score->weighs = score->weighs || !subject->weight || row->weight > 0;
	worst.error = row_error(subject, subject->task, row->truth, row->answer, row->shares, row->truth == row->share_of);
	worst_add(&score->worst, &worst, batch, batch_row, row_number);
	if (subject->undecided) {
		worst.error = row_error(subject, TASK_CLASSIFICATION, row->truth, row->answer, row->shares, row->truth == row->share_of);
		worst_add(&score->worst_as_classes, &worst, batch, batch_row, row_number);
	}
	return 0;
}

void scores_leave_out(struct scores *scores, enum split split, const char *reason)
{
	tally_add(&scores->splits[split].left_out, reason, NULL, 1);
}

int scores_look(struct scores *scores, enum split split, void (*look)(void *state, double truth, double answer), void *state, struct error *err)
{
	const struct score *score = &scores->splits[split];

	for (size_t i = 0; i < score->n_blocks; i++) {
		struct judged rows;

		if (block_at(scores, score, i, &rows, err) < 0)
			return -1;
		for (size_t row = 0; row < rows.n_rows; row++)
			look(state, rows.truth[row], rows.answer[row]);
	}
	return 0;
}

static void judge_worst(const struct scores *scores, struct worst *worst)
{
	for (size_t row = 0; row < worst->n; row++) {
		worst->rows[row].truth = as_judged(scores, worst->rows[row].truth);
		worst->rows[row].answer = as_judged(scores, worst->rows[row].answer);
	}
}

void scores_renumber(struct scores *scores, const uint32_t *to)
{
	scores->renumbered = to;
	for (size_t i = 0; i < N_SPLITS; i++)
		judge_worst(scores, &scores->splits[i].worst);
}

void scores_decide(struct scores *scores, const double *values)
{
	scores->subject->undecided = false;
	scores->subject->by_values = true;
	scores->values = values;
	if (!values) {
		scores->subject->n_shares = 0;
		scores->subject->one_share = false;
	}
	for (size_t i = 0; i < N_SPLITS && values; i++) {
		struct score *score = &scores->splits[i];
		struct worst numbers = score->worst;

		score->worst = score->worst_as_classes;
		score->worst_as_classes = numbers;
		judge_worst(scores, &score->worst);
	}
}

/* ---- the end ---- */

/* The weighted mean of the truth: around its mean, so that large numbers lose little. */
static int own_mean(struct scores *scores, struct score *score, struct error *err)
{
	double total = 0, off = 0, mean;
	struct moment_sum sum;
	struct judged rows;
	int result = 0;

	moment_sum_init(&sum);
	for (size_t first = 0; first < score->kept.n && result == 0; first += BLOCK_ROWS) {
		size_t left = score->kept.n - first, n = left < BLOCK_ROWS ? left : BLOCK_ROWS;

		if ((result = rows_at(scores, score, first, n, &rows, err)) == 0)
			moment_sum_add_rows(&sum, first, rows.truth, n);
	}
	mean = moment_sum_finish(&sum).mean;
	moment_sum_release(&sum);
	for (size_t i = 0; i < score->n_blocks && scores->subject->weight && result == 0; i++) {
		result = block_at(scores, score, i, &rows, err);
		for (size_t row = 0; result == 0 && row < rows.n_rows; row++) {
			total += rows.weight[row];
			off += rows.weight[row] * (rows.truth[row] - mean);
		}
	}
	score->constant = total > 0 ? mean + off / total : mean;
	return result;
}

/* The share of each class by weight, and the most frequent one (the first among equals). */
static int own_prior(struct scores *scores, struct score *score, struct error *err)
{
	double total = 0;

	score->n_prior = scores->measures.n_classes;
	score->prior = mem_new(score->n_prior, sizeof *score->prior);
	for (size_t i = 0; i < score->n_blocks; i++) {
		struct judged rows;

		if (block_at(scores, score, i, &rows, err) < 0)
			return -1;
		for (size_t row = 0; row < rows.n_rows; row++) {
			double weight = judged_weight(&rows, NULL, row);

			score->prior[judged_truth(&rows, row)] += weight;
			total += weight;
		}
	}
	score->constant = (double)most_probable(score->prior, score->n_prior);
	for (size_t class = 0; class < score->n_prior; class++)
		score->prior[class] /= total > 0 ? total : 1;
	return 0;
}

static int own_baseline(struct scores *scores, struct score *score, struct error *err)
{
	return scores->subject->task == TASK_REGRESSION ? own_mean(scores, score, err) : own_prior(scores, score, err);
}

static void add_left_out(struct score *score, const struct metric_kind *kind)
{
	for (size_t i = 0; i < score->left_out.n; i++) {
		const struct tally_item *item = &score->left_out.items[i];

		results_add(&score->results, &(struct result){ kind, item->what, (double)item->count, NAN, item->count });
	}
}

/* The values that are found here, and on how many rows they rest. */
static void give_values(struct scores *scores, enum split split, double *values, uint64_t *rows)
{
	const struct measures *measures = &scores->measures;
	const struct silhouette *silhouette = &scores->splits[split].silhouette;
	size_t n = measures->n_classes;
	double *means = mem_array(n + 1, sizeof *means);
	uint64_t *counts = mem_array(n + 1, sizeof *counts);

	silhouette_values(silhouette, n, means, counts);
	for (size_t i = 0; i < measures->n; i++)
		if (measures->items[i].kind->given) {
			size_t of = measures->items[i].item == OVERALL ? n : measures->items[i].item;

			values[i] = means[of];
			rows[i] = counts[of];
		}
	if (silhouette->n < silhouette->n_rows)
		names_take(&scores->remarks, mem_format("%s: the silhouette is that of %zu rows by chance, of %" PRIu64, split_name(split), silhouette->n,
		                                        silhouette->n_rows));
	free(means);
	free(counts);
}

static void add_result(const struct scores *scores, struct score *score, const struct measure *measure, double value, double baseline,
                       uint64_t rows)
{
	struct result result = { .kind = measure->kind, .value = value, .rows = rows };

	result.baseline = measure->kind->unit == UNIT_COUNT ? NAN : baseline;
	if (measure->item != OVERALL && measure->kind->brackets == BRACKETS_CLASS)
		result.item = scores->subject->classes.items[measure->item];
	else if (measure->item != OVERALL)
		result.item = items_of(scores->items, measure->kind)->items[measure->item].text;
	results_add(&score->results, &result);
}

struct split_rows { struct scores *scores; struct score *score; bool constant; };
static int read_split(void *state, size_t stretch, struct judged *rows, struct error *err)
{
	struct split_rows *of = state;

	if (block_at(of->scores, of->score, stretch, rows, err) < 0)
		return -1;
	if (of->constant)
		*rows = beside(of->score, *rows);
	return 0;
}

/* Of the model's totals, or the baseline's. */
static int find_values(struct scores *scores, struct score *score, bool constant, const double *total, double *values, struct error *err)
{
	struct split_rows of = { scores, score, constant };
	struct judged_source rows = { score->n_blocks, read_split, &of };

	return measures_values(&scores->measures, &rows, &(struct samples){ .n = 1, .totals = total }, scores->memory / SORT_SHARE, scores->host, values, err);
}

/* What rows weigh together is multiplied with squares, and with itself: far from 1 that is no number, or 0. */
static const double LEAST_WEIGHT = 1e-150, MOST_WEIGHT = 1e150;

static int check_weight(const struct subject *subject, double weight, struct error *err)
{
	int power;

	if (!subject->weight || weight == 0 || (weight >= LEAST_WEIGHT && weight <= MOST_WEIGHT))
		return 0;
	power = (int)floor(log10(fmin(weight, DBL_MAX)));
	return error_set(err, STATUS_FAILED, "the weights '%s' add up to a number too %s to judge by (divide each by 1e%d)", subject->weight,
	                 weight > 1 ? "large" : "small", power);
}

static int finish_score(struct scores *scores, enum split split, struct error *err)
{
	struct score *score = &scores->splits[split];
	const struct measures *measures = &scores->measures;
	size_t n = measures->n, size = measures->size;
	double *constants = mem_array(size, sizeof *constants), *values = mem_array(2 * n, sizeof *values);
	uint64_t *rows = mem_array(n, sizeof *rows);
	int result = take_blocks(scores, score, err);

	score->total = mem_array(size, sizeof *score->total);
	sums_total(&score->model, score->total);
	sums_total(&score->baseline, constants);
	if (result == 0)
		result = check_weight(scores->subject, weight_of_rows(score->total), err);
	if (result == 0)
		result = find_values(scores, score, false, score->total, values, err);
	if (result == 0)
		result = find_values(scores, score, true, constants, values + n, err);
	for (size_t i = 0; i < n; i++)
		rows[i] = measure_rows(measures, &measures->items[i], score->total);
	if (result == 0 && scores->subject->task == TASK_CLUSTERING)
		give_values(scores, split, values, rows);
	for (size_t i = 0; i < n && result == 0; i++)
		if (measures->items[i].kind->counted)
			add_left_out(score, measures->items[i].kind);
		else
			add_result(scores, score, &measures->items[i], values[i], values[n + i], rows[i]);
	free(constants);
	free(values);
	free(rows);
	return result;
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

int scores_finish(struct scores *scores, struct error *err)
{
	const struct subject *subject = scores->subject;

	if (!scores->started)
		start_sums(scores);
	for (size_t i = 0; i < N_SPLITS; i++) {
		struct score *score = &scores->splits[i];

		if (score->n_rows == 0)
			continue;
		if (!subject->baseline.trained && own_baseline(scores, score, err) < 0)
			return -1;
		if (finish_score(scores, (enum split)i, err) < 0)
			return -1;
	}
	for (scores->headline = 0; scores->headline < SPLIT_ALL && scores->splits[scores->headline].n_rows == 0; scores->headline++)
		;
	return 0;
}

void scores_release(struct scores *scores)
{
	for (size_t i = 0; i < N_SPLITS; i++) {
		struct score *score = &scores->splits[i];

		kept_release(&score->kept);
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
		silhouette_release(&score->silhouette);
	}
	if (scores->stretch) {
		free(scores->stretch->shares);
		free(scores->stretch->space);
	}
	free(scores->stretch);
	free(scores->row);
	measures_release(&scores->measures);
	names_release(&scores->remarks);
}
