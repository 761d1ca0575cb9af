/* SPDX-License-Identifier: MIT */
/*
 * The rows of each split with truth and answer, and what the metrics make of
 * them. A row costs 16 bytes, and 8 for each probability, until the end: the
 * quantiles, the AUC and the baselines are exact.
 *
 *     scores_start      -> scores_row for every row  -> scores_finish  -> metrics, confusion, worst
 */
#ifndef SCORE_H
#define SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "metric.h"
#include "stream.h"
#include "worst.h"

enum split { SPLIT_TEST, SPLIT_VALID, SPLIT_ALL, N_SPLITS };    /* all: the stream bears no marks */
const char *split_name(enum split split);

/* What is judged: a model, or a column of predictions. */
struct subject {
	enum task task;
	char *title;                    /* "linear model, regression of minutes (min)" */
	char *unit;                     /* of the target; NULL: none */
	struct names classes;           /* byte order; a column's are known only when all is read */
	size_t n_shares;                /* probabilities that come with each answer: one per class, 1 or 0 */
	char *positive;                 /* n_shares is 1: the class that it is of; NULL: that which was answered */
	struct baseline {
		bool trained;           /* it was learned on the training rows; else of each split's own truth */
		double mean;
		uint32_t majority;
		double *prior;          /* per class */
	} baseline;
};
void subject_release(struct subject *subject);

struct score {
	size_t n_rows, room;
	double *truth, *answer, *shares;        /* as in scored_row */
	struct tally left_out;
	struct worst worst;
	struct metrics metrics;
	uint64_t *confusion;                    /* classification: metric.h */
};

struct scores {
	struct subject *subject;
	struct score splits[N_SPLITS];
	enum split headline;
};
void scores_start(struct scores *scores, struct subject *subject, size_t n_worst);
struct scored_row {
	double truth, answer;           /* value, or class number; truth -1: a class that the model does not know */
	const double *shares;           /* subject->n_shares */
	double share_of;                /* n_shares is 1: number of the class that it is of */
};
/* The batch's row is where it came from; row_number: from 0, over all batches. */
void scores_row(struct scores *scores, enum split split, const struct scored_row *row, struct batch *batch, size_t batch_row,
                uint64_t row_number);
void scores_leave_out(struct scores *scores, enum split split, const char *reason);
/* Renumbers classes, for a subject whose classes came in any order: old number -> new. */
void scores_renumber(struct scores *scores, const uint32_t *to);
/* subject->classes are complete. */
void scores_finish(struct scores *scores, const struct tolerances *within);
void scores_release(struct scores *scores);

#endif
