/* SPDX-License-Identifier: MIT */
/*
 * Gradient boosting with histogram trees (Friedman 2001; Ke et al., LightGBM, 2017): each
 * round adds a tree for each output, grown over the gradients of the loss at the scores
 * so far, whose leaves answer by a Newton step times the learning rate.
 *
 * Two passes over the rows: the first samples values for bins (tree_bins.h) and sums the
 * targets, the second keeps each row as bins (tree_rows.h). Then a round is
 *
 *     slopes     g and h of every row in floats, their largest and sums, and the loss     boost_loss.h
 *     sample     which rows and features this round takes                                 boost_sample.h
 *     words      g and h rounded to 16 bits each                                          tree_histogram.h
 *     grow       a tree for each output                                                   tree_grow.h
 *     scores     leaves' answers to their rows; trees to valid rows
 *
 * and ends with the next one's slopes, so that the loss that it tells is that behind it.
 *
 * Targets and scores are floats, around the mean target where it is the answer (boost_fitting.h).
 *
 * Memory: a byte a value and 24 bytes a row (28 with weights), 4 more where rows are sampled
 * and 16 for each further output; of valid rows a byte a value, their target and scores.
 * Sums of leaves come besides, within training->memory but for those of a few.
 */
#ifndef BOOST_H
#define BOOST_H

#include "boost_loss.h"
#include "tree_grow.h"
#include "tree_read.h"

/* A model: a row's scores are starts + what the trees of all parts say. */
struct boost {
	struct boost_objective objective;
	double *starts;                 /* by output */
	struct trees *parts;            /* one, and one more for each time that a fitting went on from the model */
	size_t n_parts;
};
void boost_release(struct boost *boost);                /* fine on a zeroed one, and twice */
void boost_copy(struct boost *to, const struct boost *from);            /* `to` is overwritten */
/* out: n_rows x outputs, scores; overwritten. */
void boost_score(const struct boost *boost, const struct panel *panel, double *out);
/* What each feature adds to them: out as trees_reasons has it, overwritten; a row's last is what starts and trees say on average. */
void boost_explain(const struct boost *boost, const struct panel *panel, double *out);

struct boost_options {
	struct boost_objective objective;       /* delta 0: a quantile of the distances from the median */
	struct grow_rules rules;
	double lr, subsample, colsample;        /* shares of the rows and features that a round takes, by chance */
	double goss_top, goss_other;            /* of the rows: of the largest gradients, and of the others by chance; 0: all */
	size_t max_bins;
};

/* The rows as bins for all fittings with the same bins, and the same of whether answers are e^s (model_sharing): tree_read_unshare frees it. */
struct tree_read *boosting_share(const struct boost_options *options, const struct training *training, struct error *err);

struct boosting;
/* options outlive the fitting, from (training->from) does not: NULL or of the same objective. checkpoint: boosting_checkpoint's, or NULL. */
struct boosting *boosting_new(const struct boost_options *options, const struct training *training, const struct boost *from, object checkpoint,
                              struct error *err);
/* Bytes that it holds besides training->memory: while rows pass, or between rounds. */
uint64_t boosting_size(const struct boost_options *options, const struct training *training, size_t lanes, bool passing);
int boosting_round(struct boosting *boosting, struct round *told, struct error *err) MUST_CHECK;        /* 1: another may follow; 0: no tree finds a split any more; -1 */
void boosting_keep(struct boosting *boosting);
void boosting_checkpoint(const struct boosting *boosting, struct buffer *to);
/* As last kept, or as it stands; overwritten. */
void boosting_model(const struct boosting *boosting, struct boost *boost);
void boosting_free(struct boosting *boosting);          /* NULL is fine */

/* One packed map, and back: overwritten, to be released in any case. -1: broken, or of another problem. */
void boost_pack(const struct boost *boost, struct buffer *to);
int boost_unpack(struct boost *boost, object from, const struct problem *problem, struct error *err) MUST_CHECK;

#endif
