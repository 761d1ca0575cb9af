/* SPDX-License-Identifier: MIT */
/*
 * What a fitting of boosting holds: rows read by boost_read.c, rounds led by boost.c.
 *
 * Targets and scores are kept as floats in a scale of their own, s:
 *
 *     y kept = (y - middle) / unit         a row's score = away + per s
 *
 * middle is the mean of targets whose score is the answer, unit a power of two (tree_read.h). Where the answer
 * is e^score, middle is 0, away = log unit and per 1; of classes nothing is moved.
 */
#ifndef BOOST_FITTING_H
#define BOOST_FITTING_H

#include "boost.h"
#include "tree_read.h"

struct side {                           /* training or valid rows */
	const struct tree_rows *rows;   /* of what was read */
	float **scores;                 /* by output: n_rows */
};

struct run_sums { double most_g, sum_g, most_h, sum_h; };

struct boosting {
	const struct boost_options *options;
	const struct training *training;
	struct boost_objective objective;       /* delta in units of s */
	size_t n_outputs;
	struct workers *workers;
	/* rows */
	struct tree_read own;
	const struct tree_read *read;   /* its own, or shared by fittings (boosting_share) */
	struct side train, valid;
	double *lane_scores;            /* while rows are read, by lane: of a panel, by the model to go on from */
	double weight, valid_weight;    /* of all rows */
	double middle, unit, away, per;
	double *starts;                 /* by output, as s */
	struct boost from;              /* the model to go on from; no parts: none */
	struct grow_rules rules;        /* the options', in the scale of s */
	/* rounds */
	struct grower grower;
	/* By output and row. Those of the first lie in the grower's arrays: g and h in the spare ones, done with when its tree is grown. */
	float **g, **h;
	uint32_t **words;
	uint32_t *sampled;              /* rows of the round; NULL: all */
	size_t n_sampled;
	bool *allowed;                  /* features of the round; NULL: all */
	struct quantum *quanta;         /* by output */
	struct run_sums *runs;          /* by run and output */
	double *losses;                 /* by run */
	double loss;                    /* a training row's, behind the last round */
	struct trees trees;             /* until the rows are there a checkpoint's, pruned; n_outputs 0: there is none */
	uint64_t n_rounds;
	size_t kept;                    /* trees; SIZE_MAX: never */
	bool begun;
};

/* Both passes; scores are where the rounds begin. */
int boost_read(struct boosting *boosting, struct error *err) MUST_CHECK;
void boost_side_free(struct boosting *boosting, struct side *side);

#endif
