/* SPDX-License-Identifier: MIT */
/*
 * One run of tune, and who does what of it:
 *
 *     tune.c            words, rows, the model and the held-out records, what is said
 *     tune_space.c      which parameters may have which values
 *     tune_search.c     which configurations are tried next
 *     tune_rows.c       the rows, in folds
 *     tune_trial.c      one configuration on one fold: trained and judged
 *     tune_crew.c       many of these side by side, in processes
 *     tune_tries.c      a generation of trials: its views, its crew, the best so far
 *     tune_board.c      the leaderboard
 *     tune_advice.c     what the trials suggest to try next
 */
#ifndef TUNE_RUN_H
#define TUNE_RUN_H

#include "common_config.h"
#include "giving.h"
#include "tune_board.h"
#include "tune_crew.h"
#include "tune_rows.h"

struct tune_config {
	struct common_config common;    /* operands: [TARGET] [key=value,...] */
	const char *models, *metric, *budget, *leaderboard, *output;
	struct text_list features, recipes;
	int task, target_as, refit;     /* target_as: -1: none */
	int64_t n_random, n_trials, n_folds;
	double holdout, valid;
	bool halving, no_prepare, allow_leak;
};
enum { REFIT_TRAIN, REFIT_ALL };
#define NO_TRIAL ((size_t)-1)

struct tune_run {
	const struct tune_config *config;
	const struct host *host;
	struct host quiet;              /* the same, for trials: many would say the same */
	bool (*interrupted)(void);      /* also while the host defers it: the search is to end with what it has */
	struct recipe recipe;
	struct source input;
	struct tune_rows rows;
	struct view all;                /* every row as it is marked */
	struct view whole;              /* with --refit all: valid rows are train rows */
	enum task task;
	struct criterion scoring;
	struct space space;
	struct trials trials;
	struct tune_search *search;
	bool races;                     /* trials that do worse than their family's best in each of the first folds are spared the others */
	struct board board;
	struct giving giving;
	struct file leaderboard;
	double end;                     /* of the host's clock; INFINITY: no budget */
	double made_by;                 /* when no more configurations are made for a generation: a share of the time left */
	size_t best;                    /* trial, or NO_TRIAL */
	struct panel_rows learned_from; /* the best one's rows, in the end */
	struct bytes *map;              /* the best one's model; NULL: it is still to be made */
	bool cut;                       /* the budget or an interrupt came before the search was over */
};

/* Tries what the search says, until it is over, the budget is spent or an interrupt comes. -1: nothing could be tried. */
int tries_run(struct tune_run *run, struct error *err) MUST_CHECK;
/* What the trials suggest, a line each: "the best C is at the edge of what was tried". learned: the score of the best on the rows that it learned
 * from; NaN: not known. */
void tune_advise(const struct tune_run *run, double learned, struct names *lines);

#endif
