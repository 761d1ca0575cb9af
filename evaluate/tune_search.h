/* SPDX-License-Identifier: MIT */
/*
 * Which configurations are tried, one generation after the other. A generation hangs on the scores
 * of those before it and on the seed, on no clock and on no number of processes: so a search comes out the same wherever it runs,
 * and a budget only ends it sooner.
 *
 *     search_new -> (search_next -> the caller tries them, fills in scores)... -> search_free
 *
 *     grid       all of them at once
 *     random     so many, drawn at once; of each family alike
 *     halving    all (or so many that are drawn) on few rows; a third of them, the best, on three times as many, and so
 *                on, the last on all: Jamieson and Talwalkar (2016), as scikit-learn's HalvingGridSearchCV with factor 3
 *     automatic  first each family as it is; then, six at a time, neighbours of the best that a family has shown: four of them two random
 *                directions, both ways (FLOW2 of Wu, Wang and Huang 2021), two anywhere. The step shrinks where none was better, and
 *                begins anew where it got short. The family is drawn: the best has six chances in ten, the next
 *                half of what is left, and so on
 *
 * A configuration that was tried is not tried again, nor one that says the same in other words.
 */
#ifndef TUNE_SEARCH_H
#define TUNE_SEARCH_H

#include "metric.h"
#include "tune_space.h"
#include "tune_trial.h"

/* One configuration, and what became of it. */
struct trial {
	struct point point;
	struct names words;             /* key=value */
	double share;                   /* of the train rows */
	/* the caller's: */
	struct outcome *outcomes;       /* by view, n_views of its generation */
	size_t n_views, n_told;
	bool bound;                     /* the score is that of other numbers of rounds in each fold, the best there: it is no worse than the true one */
	bool failed;
	char *why;
	double score, spread;           /* mean over views, deviation (with n - 1) between them; NaN: none */
	double seconds;                 /* of all views */
	uint64_t n_rounds;              /* mean, rounded */
};
struct trials { struct trial *items; size_t n, room; };
void trials_release(struct trials *trials);
/* Whether it comes before the other: tried on more rows, else with a better score; one without a score comes last. */
bool trial_is_better(const struct trial *one, const struct trial *other, const struct metric_kind *metric);
/* The best of those on most rows; equal ones: the first. trials->n: none has a score. */
size_t trials_best(const struct trials *trials, const struct metric_kind *metric);
/* Of all, the best first; those without a score behind, in the order of trying. To be freed. */
size_t *trials_order(const struct trials *trials, const struct metric_kind *metric);

enum search_how { SEARCH_GRID, SEARCH_RANDOM, SEARCH_HALVING, SEARCH_AUTOMATIC };
struct search_options {
	const struct space *space;
	const struct metric_kind *metric;
	enum task task;
	enum search_how how;
	uint64_t n;                     /* random, halving: how many are drawn, 0: all; automatic: how many are tried, at most */
	uint64_t n_train;               /* halving: rows */
	uint64_t seed;
};

struct tune_search;
/* NULL: the grid is too large to be searched (STATUS_USAGE). options are copied, what they point to is borrowed. */
struct tune_search *search_new(const struct search_options *options, struct error *err);
/* The next generation, appended to trials, which are always the same. How many; 0: the search is over. */
size_t search_next(struct tune_search *search, struct trials *trials);
/* How many trials there will be in all; several configurations that say the same count once. */
uint64_t search_size(const struct tune_search *search);
uint64_t search_doubles(const struct tune_search *search);   /* of a grid: how many were left out, as they say the same as others */
void search_free(struct tune_search *search);

#endif
