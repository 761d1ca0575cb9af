/* SPDX-License-Identifier: MIT */
/*
 * Metrics of classes. Accuracy, precision, recall and F1 are read off the
 * confusion matrix; the baseline has one too, with a single column that is not
 * empty, so both go through the same functions. As in scikit-learn a ratio 0/0
 * is 0, the macro mean runs over the classes that occur in truth or answers, and
 * probabilities are held to [2^-52, 1 - 2^-52] in the log loss.
 *
 * ROC AUC is the chance that a row of the class has a higher probability of it than a row
 * of another, ties counting a half: after one sort, pairs are counted in whole
 * numbers, so it is exact. With two classes it is that of the second; with more, the
 * mean of each class against the rest.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "memory.h"
#include "metric_tables.h"
#include "moments.h"

const struct metric_kind classification_kinds[N_CLASSIFICATION] = {
	[ACCURACY] = { "accuracy", "right answers", "share of rows with the right class", BETTER_HIGH, UNIT_SHARE, true, NULL },
	[PRECISION] = { "precision", "precision", "of the rows said to be of the class, the share that is; without [CLASS] the mean over classes",
	                BETTER_HIGH, UNIT_SHARE, true, "class" },
	[RECALL] = { "recall", "recall", "of the rows of the class, the share found; without [CLASS] the mean over classes",
	             BETTER_HIGH, UNIT_SHARE, true, "class" },
	[F1] = { "f1", "F1", "harmonic mean of precision and recall; without [CLASS] the mean over classes",
	         BETTER_HIGH, UNIT_SHARE, true, "class" },
	[LOG_LOSS] = { "log_loss", "logarithmic loss", "mean of -ln(probability given to the true class)", BETTER_LOW, UNIT_PLAIN, true, NULL },
	[AUC] = { "auc", "area under the ROC curve", "chance that a row of the class is ranked above one of another: with two classes of the\n"
	          "                second in byte order, else the mean of each against the rest", BETTER_HIGH, UNIT_PLAIN, true, "class" },
};

/* ---- off the confusion matrix ---- */
struct matrix { size_t n_classes; const uint64_t *cells; };     /* (n_classes + 1) x n_classes, truth by answer */
struct rates { double value[N_CLASSIFICATION]; };
struct counts { uint64_t hits, truth, answers; };

static struct counts class_counts(const struct matrix *m, size_t class)
{
	struct counts counts = { .hits = m->cells[class * m->n_classes + class] };
	for (size_t i = 0; i < m->n_classes; i++)
		counts.truth += m->cells[class * m->n_classes + i];
	for (size_t i = 0; i <= m->n_classes; i++)
		counts.answers += m->cells[i * m->n_classes + class];
	return counts;
}

static double ratio(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

static struct rates class_rates(const struct matrix *m, size_t class)
{
	struct counts counts = class_counts(m, class);
	struct rates rates = { .value = {
		[PRECISION] = ratio(counts.hits, counts.answers),
		[RECALL] = ratio(counts.hits, counts.truth),
		[F1] = ratio(2 * counts.hits, counts.truth + counts.answers),
	} };
	return rates;
}

/* Accuracy, and the means over the classes that `present` marks. */
static struct rates overall_rates(const struct matrix *m, const bool *present, uint64_t n_rows)
{
	struct rates mean = { .value = { 0 } };
	uint64_t hits = 0, n = 0;
	for (size_t class = 0; class < m->n_classes; class++) {
		hits += m->cells[class * m->n_classes + class];
		if (!present[class])
			continue;
		struct rates rates = class_rates(m, class);
		for (size_t i = PRECISION; i <= F1; i++)
			mean.value[i] += rates.value[i];
		n++;
	}
	for (size_t i = PRECISION; i <= F1; i++)
		mean.value[i] = n ? mean.value[i] / (double)n : NAN;
	mean.value[ACCURACY] = n_rows ? (double)hits / (double)n_rows : NAN;
	return mean;
}

static void count_cells(const struct classified *rows, uint64_t *cells, uint64_t *baseline)
{
	size_t n = rows->n_classes;
	for (size_t i = 0; i < (n + 1) * n; i++)
		cells[i] = baseline[i] = 0;
	for (size_t row = 0; row < rows->n_rows; row++) {
		cells[rows->truth[row] * n + rows->answer[row]]++;
		baseline[rows->truth[row] * n + rows->majority]++;
	}
}

/* ---- out of the probabilities ---- */
static double surprise(double share)
{
	return -log(fmin(fmax(share, DBL_EPSILON), 1 - DBL_EPSILON));
}

/* shares[row * step + class]: a step of 0 is the baseline. An unknown class was given no probability. */
static double log_loss(const struct classified *rows, const double *shares, size_t step)
{
	struct moment_sum loss;
	double mean;

	moment_sum_init(&loss);
	for (size_t row = 0; row < rows->n_rows; row++) {
		uint32_t truth = rows->truth[row];
		double one = surprise(truth < rows->n_classes ? shares[row * step + truth] : 0);

		moment_sum_add_rows(&loss, row, &one, 1);
	}
	mean = moment_sum_finish(&loss).mean;
	moment_sum_release(&loss);
	return rows->n_rows ? mean : NAN;
}

struct scored { double score; bool positive; };

static int compare_scores(const void *a, const void *b)
{
	double x = ((const struct scored *)a)->score, y = ((const struct scored *)b)->score;
	return (x > y) - (x < y);
}

/* NaN unless the class and others both occur. `scored` has room for n_rows. */
static double class_auc(const struct classified *rows, size_t class, struct scored *scored)
{
	uint64_t negatives = 0, positives = 0, twice = 0;      /* twice: pairs in the right order count 2, ties 1 */
	size_t n = rows->n_rows;

	for (size_t row = 0; row < n; row++)
		scored[row] = (struct scored){ rows->shares[row * rows->n_classes + class], rows->truth[row] == class };
	qsort(scored, n, sizeof *scored, compare_scores);
	for (size_t row = 0, end; row < n; row = end) {
		uint64_t tied[2] = { 0, 0 };
		for (end = row; end < n && scored[end].score == scored[row].score; end++)
			tied[scored[end].positive]++;
		twice += tied[1] * (2 * negatives + tied[0]);
		negatives += tied[0];
		positives += tied[1];
	}
	return positives && negatives ? (double)twice / (2 * (double)positives * (double)negatives) : NAN;
}

static void add_auc(const struct classified *rows, const uint64_t *support, struct metrics *to)
{
	struct scored *scored = mem_array(rows->n_rows, sizeof *scored);
	double sum = 0;
	uint64_t n = 0;

	for (size_t class = rows->n_classes == 2; class < rows->n_classes; class++) {
		double auc = class_auc(rows, class, scored);
		if (rows->n_classes > 2)
			metrics_add(to, &classification_kinds[AUC], rows->classes[class], auc, isnan(auc) ? NAN : 0.5, support[class]);
		if (!isnan(auc)) {
			sum += auc;
			n++;
		}
	}
	metrics_add(to, &classification_kinds[AUC], NULL, n ? sum / (double)n : NAN, n ? 0.5 : NAN, rows->n_rows);
	free(scored);
}

void classification_metrics(const struct classified *rows, struct metrics *to, uint64_t *confusion)
{
	size_t n_classes = rows->n_classes;
	uint64_t *constant = mem_new((n_classes + 1) * n_classes, sizeof *constant);
	uint64_t *support = mem_new(n_classes, sizeof *support);
	bool *present = mem_new(n_classes, sizeof *present);
	struct matrix model = { n_classes, confusion }, baseline = { n_classes, constant };

	count_cells(rows, confusion, constant);
	for (size_t class = 0; class < n_classes; class++) {
		struct counts counts = class_counts(&model, class);
		support[class] = counts.truth;
		present[class] = counts.truth || counts.answers;
	}
	struct rates all = overall_rates(&model, present, rows->n_rows), beside = overall_rates(&baseline, present, rows->n_rows);
	for (size_t i = ACCURACY; i <= F1; i++)
		metrics_add(to, &classification_kinds[i], NULL, all.value[i], beside.value[i], rows->n_rows);
	if (rows->shares) {
		metrics_add(to, &classification_kinds[LOG_LOSS], NULL, log_loss(rows, rows->shares, n_classes), log_loss(rows, rows->prior, 0), rows->n_rows);
		add_auc(rows, support, to);
	}
	for (size_t class = 0; class < n_classes; class++) {
		struct rates own = class_rates(&model, class), other = class_rates(&baseline, class);
		for (size_t i = PRECISION; i <= F1; i++)
			metrics_add(to, &classification_kinds[i], rows->classes[class], present[class] ? own.value[i] : NAN,
			            present[class] ? other.value[i] : NAN, support[class]);
	}
	free(constant);
	free(support);
	free(present);
}
