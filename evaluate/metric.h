/* SPDX-License-Identifier: MIT */
/*
 * A metric: how good answers are beside the truth. One file metric_NAME.c ending in
 * one `const struct metric_kind`, named once in metrics.h: help, conditions,
 * report and records know it from there.
 *
 * It is named `name` or `name[item]`: in records (fields `metric` and `class`), in
 * conditions (`--require 'recall[yes]>0.8'`) and in --help. An item is a class, or a
 * number that means something to the kind alone, such as the tolerance of within[5]:
 * which are measured says the kind's own option, and conditions add theirs
 * (item_lists.h).
 *
 * Most metrics are read off sums, which are made block by block of 1,024 rows and
 * merged as a tree (common/numbers/tree.h), so that rows may be divided over threads
 * and machines and the same bits come out. measure.h keeps them:
 *
 *     size doubles of 0 -> add, a block of rows -> merge with the block behind it... -> value
 *
 * The few that hang on the order of all rows (quantiles, AUC) see them once more,
 * sorted, a stretch at a time:
 *
 *     key of each row -> the rows sorted by it, once -> walk... -> walked, for each sample of them
 *
 * A quantile of all rows, none of which weighs more than another, is found without sorting.
 *
 * Weights: a row of weight w stands for w rows like it, one of weight 0 for none. So
 * whole weights give what repeated rows give, and equal weights change nothing, but
 * for what a kind says itself (p90_error). The source of the definitions is
 * scikit-learn's sample_weight. Counts of rows are not weighted.
 *
 * Times: how often each row is in a sample of the rows: drawn with replacement for an
 * interval, or 1 for the rows of a slice and 0 for others. Every kind heeds them, so
 * each can be bootstrapped and sliced.
 *
 * A value that there is none of is NaN: R2 of a constant truth, AUC of one class, anything of rows whose weights are all 0.
 */
#ifndef METRIC_H
#define METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "item_lists.h"
#include "model.h"
#include "options.h"

enum better { BETTER_LOW, BETTER_HIGH, BETTER_NEAR_0 };                  /* near 0: of either sign, as a mean error is */
enum metric_unit { UNIT_TARGET, UNIT_SHARE, UNIT_PLAIN, UNIT_COUNT };   /* shares are 0 .. 1 and shown as per cent; counts have no baseline */
enum brackets { BRACKETS_NONE, BRACKETS_CLASS, BRACKETS_ITEM };         /* a class, or cluster; an item: of the kind's own */
enum { OF_NUMBERS = 1 << TASK_REGRESSION, OF_CLASSES = 1 << TASK_CLASSIFICATION, OF_CLUSTERS = 1 << TASK_CLUSTERING };

#define OVERALL ((size_t)-1)            /* instead of an item: of all rows */

/* Rows to be judged. */
struct judged {
	size_t n_rows, n_classes;       /* classes: of truth and answers, also those that training never saw */
	const double *truth;            /* n_rows: value, or class number, 0 .. n_classes - 1; of a clustering, which has none, the answer: its cluster */
	const double *answer;           /* the same; of a clustering the distance from the cluster's centre */
	size_t n_shares;                /* the first classes, which have a probability; those behind them were given 0 */
	const double *shares;           /* n_rows x n_shares probabilities, row-major; NULL: not known */
	const double *weight;           /* n_rows, >= 0; NULL: all 1 */
	bool constant;                  /* answer and shares are one row's, which stands for all: the baseline */
	const struct item_list *items;  /* of the kind that looks at the rows: measure.h sets it */
};
static inline double judged_answer(const struct judged *rows, size_t row) { return rows->answer[rows->constant ? 0 : row]; }
static inline double judged_share(const struct judged *rows, size_t row, size_t class)
{
	return class < rows->n_shares ? rows->shares[(rows->constant ? 0 : row) * rows->n_shares + class] : 0;
}
/* The class. */
static inline size_t judged_truth(const struct judged *rows, size_t row) { return (size_t)rows->truth[row]; }
/* How many rows it stands for. */
static inline double judged_weight(const struct judged *rows, const uint8_t *times, size_t row)
{
	return (rows->weight ? rows->weight[row] : 1) * (times ? times[row] : 1);
}

/* Rows of a sample in the order of a key, that stand for no less than nothing: their weight times how often they are in it is above 0. */
struct ranked {
	size_t n;
	const double *keys;             /* ascending */
	const double *weights;          /* for how many rows each stands */
	const bool *own;                /* its truth is the item, a class */
};
/* All that such a walk meets. */
struct walk_of {
	size_t n_items, item;           /* item: or OVERALL */
	const struct item_list *items;  /* the kind's own */
	double rows, weight;            /* how many they are, and how many they stand for */
	bool weighted;                  /* else each stands for as many rows as it is in the sample */
};

struct metric_kind {
	const char *name;               /* "mae" */
	const char *title;              /* in the report: "mean absolute error" */
	const char *help;               /* how it is computed */
	unsigned tasks;                 /* OF_NUMBERS, OF_CLASSES, OF_CLUSTERS, or several */
	enum better better;
	enum metric_unit unit;
	bool at_most_1;                 /* no value is above 1: a condition that asks for more is a slip */
	bool headline;                  /* the report says by it whether the answers beat the baseline: one for each task */
	bool overall;                   /* there is a `name` */
	enum brackets brackets;         /* there is a `name[...]` of each item */
	bool needs_shares;              /* there is none without probabilities */
	bool mirrored;                  /* of two classes both have the same value: there is only a `name`, of the second */
	bool counted;                   /* not measured, but counted while rows are read: its items are what occurred, the others are 0 */
	bool given;                     /* not measured, but found out of more than answers by who keeps the rows (score.h) */
	const char *leaves_out;         /* which rows it does not count: "with truth 0"; NULL: it counts all */

	/* ---- items of its own; without any to be measured the kind is left out ---- */
	const char *item_word;          /* "tolerance" */
	const char *item_form;          /* what they look like: "a number such as 5, or ..." */
	bool (*good_item)(const struct metric_item *item);
	bool item_of_target;            /* one that is not in per cent is in the target's unit */
	const struct option_row *option;        /* which to measure, as a list: OPTION_TEXT, without an offset; NULL: those of conditions */
	const char *items;              /* the option's default */

	/* ---- read off sums ---- */
	size_t (*size)(size_t n_items);                                                 /* doubles; n_items: 0 for BRACKETS_NONE */
	/* The rows of one block, at most BLOCK_ROWS, in order; sums are 0 before. times: n_rows, or NULL: each once. */
	void (*add)(double *sums, const struct judged *block, const uint8_t *times);
	void (*merge)(double *sums, const double *later, size_t size);                  /* NULL: sums add up */
	double (*value)(const double *sums, size_t n_items, size_t item);               /* item: or OVERALL */
	uint64_t (*rows)(const double *sums, size_t n_items, size_t item);              /* with leaves_out: how many it counted */

	/*
	 * ---- of all rows in order ----
	 * item: or OVERALL; but where there is a name for each class the one for all is the mean of those that have a value, or
	 * if mirrored that of the last class, and nobody is asked for OVERALL.
	 */
	double (*key)(const struct judged *rows, size_t row, size_t item);              /* no NaN */
	/* > 0: where rows have no weights and all are in the sample the value is this quantile of the key (quantiles.h), and nobody need walk. Then
	 * the key asks for no item. */
	double share;
	size_t walk_size;                                                               /* doubles of a walk's state, 0 before it */
	void (*walk)(double *state, const struct ranked *rows, const struct walk_of *of);       /* the next rows */
	double (*walked)(double *state, const struct walk_of *of);                      /* the value, behind the last */
};

const struct metric_kind *const *metric_list(size_t *n);                /* in the order of metrics.h */
/* An unknown name is a usage error ("did you mean"). */
const struct metric_kind *metric_require(const char *name, struct error *err);
/* How much better a value is than another; below 0: worse; NaN if one of them is. */
double metric_gain(enum better better, double value, double other);
const char *brackets_word(const struct metric_kind *kind);              /* what its brackets hold: "class"; NULL: there are none */

#endif
