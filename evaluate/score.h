/* SPDX-License-Identifier: MIT */
/*
 * The rows of each split with truth and answer, and what the metrics make of them.
 *
 *     scores_start -> (scores_row | scores_leave_out) for every row -> scores_finish -> metrics, confusion, worst
 *
 * A split holds two accumulators (measure.h), of the answers and of the baseline,
 * which are fed a block of 1,024 rows of the stream at a time. Rows are let go with
 * their block, unless a metric needs them all (quantiles, AUC), or the baseline is
 * known only at the end, as classes always are (the truth may have some that
 * training never saw): then a row costs 16 bytes, 8 for a weight and 8 for each
 * probability, in memory up to a bound and beyond it in a temporary file.
 */
#ifndef SCORE_H
#define SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kept_rows.h"
#include "measure.h"
#include "results.h"
#include "silhouette.h"
#include "stream.h"
#include "worst.h"

enum split { SPLIT_TEST, SPLIT_VALID, SPLIT_ALL, N_SPLITS };    /* all: the stream bears no marks */
const char *split_name(enum split split);

/* What is judged: a model, or a column of predictions. */
struct subject {
	enum task task;
	bool undecided;                 /* a regression that may turn out to be of two classes: scores_decide tells */
	bool by_values;                 /* it was, and the rows that came decided */
	char *title;                    /* "linear model, regression of minutes (min)" */
	char *unit;                     /* of the target; NULL: none */
	char *weight;                   /* the field with the rows' weights; NULL: they count alike */
	/* Complete only when all is read. First those of the training, as far as they are known; behind them others that occur in truth or answers.
	 * Both parts in byte order. */
	struct names classes;
	bool bools;                     /* they are those of a bool: true, True and TRUE are one */
	size_t n_trained;               /* 0: not known, and then all classes count alike */
	size_t n_shares;                /* probabilities that come with each answer: one for each class of the training, 1 or 0 */
	bool votes;                     /* it could have had them, and answers with classes alone (model.h) */
	bool one_share;                 /* that 1 is of the class that was answered, or of `positive` */
	char *positive;                 /* NULL: of that which was answered */
	size_t n_features;              /* of a clustering: numbers of a row's point. Its classes are its clusters, all of them trained; it has no baseline */
	struct baseline {
		bool trained;           /* it was learned on the training rows; else of each split's own truth */
		double mean;
		uint32_t majority;
		double *prior;          /* per class of the training */
	} baseline;
};
void subject_release(struct subject *subject);
/* Of complete classes, how many have a probability in every row: the first so many. One that stands for an answer, or for `positive`, tells of
 * two at most; 0: nothing is known of any. */
size_t known_shares(const struct subject *subject);
/* The class as it is named: of a bool, whichever of its words `class` is; another that is none comes back as it is. */
const char *class_named(const struct subject *subject, const char *class);
const char *closest_class(const struct subject *subject, const char *class);   /* for "did you mean"; NULL: none is close */

struct row_block { uint64_t number; size_t first; };    /* in the stream; its first row among those kept */
struct score {
	uint64_t n_rows;                        /* that were scored */
	bool weighs;                            /* one of them has a weight other than 0 */
	struct tally left_out;
	struct worst worst, worst_as_classes;   /* the second while it is undecided */

	/* rows that are kept: of the open block, or all */
	struct kept_rows kept;                  /* truth, answer, shares, weight: as in scored_row */
	struct row_block *blocks;
	size_t n_blocks, blocks_room;

	/* what they come to */
	struct sums model, baseline;
	double constant, *prior;                /* what the baseline says, its probabilities (its own; NULL for numbers) */
	size_t n_prior;
	double *total;                          /* of the model's sums: measure.h tells from it how many rows a class has */
	struct results results;
	uint64_t *confusion;                    /* of classes: n_classes x n_classes rows, whatever their weights: truth by answer, row-major */
	uint8_t *answered;                      /* of classes: 1 where a row was said to be of it */
	struct silhouette silhouette;           /* of clusters */
};

/* Must stay where it is. */
struct scores {
	struct subject *subject;
	struct score splits[N_SPLITS];
	enum split headline;
	struct measures measures;
	const struct item_lists *items;
	const struct metric_kind *only;
	struct names remarks;                   /* for people: what was noticed about tasks and classes */
	struct stretch *stretch;                /* scratch: the block that was read last */
	double *row;                            /* and a row on its way */
	const uint32_t *renumbered;             /* NULL, or what kept class numbers have become */
	const double *values;                   /* NULL, or of kept values which class each is */
	uint64_t memory;
	const struct host *host;
	bool started, keeps;                    /* rows come into sums as they come; they are kept to the end */
};
struct score_options {
	size_t n_worst;
	const struct item_lists *items;         /* of metrics with items of their own. NULL: none. Must outlive the scores */
	const struct metric_kind *only;         /* NULL: every metric of the task */
	uint64_t memory;                        /* bytes for rows, before a temporary file takes them */
	const struct host *host;                /* may be NULL */
};
/* subject is complete but for classes behind those of the training, and must outlive the scores. */
void scores_start(struct scores *scores, struct subject *subject, const struct score_options *options);
struct scored_row {
	double truth, answer;           /* value, or class number; of a clustering cluster and distance (metric.h) */
	const double *shares;           /* subject->n_shares */
	double share_of;                /* one_share: number of the class that it is of */
	const double *point;            /* of a clustering: subject->n_features, for the silhouette */
	double weight;                  /* >= 0; read only if the subject has weights */
};
/* The batch's row is where it came from; row_number: from 0, over all batches, ascending in each split. A split holds less than 2^32 rows. */
int scores_row(struct scores *scores, enum split split, const struct scored_row *row, struct batch *batch, size_t batch_row,
               uint64_t row_number, struct error *err) MUST_CHECK;
void scores_leave_out(struct scores *scores, enum split split, const char *reason);
/* Renumbers classes, for a subject whose classes came in any order: old number -> new. Borrowed. Once, when all rows have come. */
void scores_renumber(struct scores *scores, const uint32_t *to);
/* Truth and answer of every row of a split as they came, in stretches of at most BLOCK_ROWS. */
int scores_look(struct scores *scores, enum split split, void (*look)(void *state, double truth, double answer), void *state, struct error *err) MUST_CHECK;
/* Of an undecided subject: its rows are of the two subject->classes, whose values these are (borrowed); NULL: they are numbers. */
void scores_decide(struct scores *scores, const double *values);
/* A class of the training of which the split has no row, or only such of weight 0: nothing is known of it. */
bool scores_absent(const struct scores *scores, enum split split, size_t class);
/* A class that answers may name: one of the training, or where that is not known any; or one that they did name all the same. */
bool scores_answers(const struct scores *scores, enum split split, size_t class);
/* subject->classes are complete. */
int scores_finish(struct scores *scores, struct error *err) MUST_CHECK;
void scores_release(struct scores *scores);

#endif
