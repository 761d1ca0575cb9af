/* SPDX-License-Identifier: MIT */
/*
 * Which configurations are tried, one generation after the other. A generation hangs on the scores
 * of those before it and on the seed, on no clock and on no number of processes: so a search comes out the same wherever it runs,
 * and a budget only ends it sooner.
 *
 *     search_new -> (search_next -> the caller tries them, fills in scores)... -> search_free
 *
 *     grid       all of them, a thousand at a time
 *     random     so many, drawn; of each family alike; a thousand at a time
 *     halving    all (or so many that are drawn) on few rows; a third of them, the best, on three times as many, and so
 *                on, the last on all: Jamieson and Talwalkar (2016), as scikit-learn's HalvingGridSearchCV with factor 3
 *     automatic  first each family as it begins (model.h: defaults, search_from); then, six at a time, neighbours of the best that a family
 *                has shown: four of them two random directions, both ways (FLOW2 of Wu, Wang and Huang 2021), two anywhere. The
 *                step shrinks where none was better, and begins anew where it got short. The family is drawn, in inverse
 *                proportion to the trials that it may need until it leads (as FLAML's learners by their estimated cost): as many as it has
 *                had without gain, or as the pace of its gains takes to the best score
 *
 * By folds, an automatic search tries a configuration in two first, and spares it the others where its family's best did better in both
 * (tune_tries.c). With that 36 trials on taxi duration took 12 s of processor time, 21 s before; on bike hours 88 s and 79 s, as more of them were of
 * boost and of larger nets. No clock is asked, so this too is the same anywhere.
 *
 * What was tried on bike hours (random 20 % held out) and taxi duration, 36 trials, five folds, one seed: families by rank, the best with six
 * chances in ten, gave six trials or more to knn (60 against boost's 36) that taught nothing; nets that began with 32 units and the least
 * learning rate came to 44.7 on bike hours, those that begin with 64 and 0.002 to 42.1. Held-out rmse 37.91 and 2.73 before, 37.46 and
 * 2.70 now. Forests began with sqrt of the features and leaves of one row, which is 0.37 of log loss on adult.
 *
 * Beside FLAML 2.7 (scripts/bench tune), 60 s each, two threads of a machine that did much else, one seed, loss of the same held-out rows, ours
 * and theirs: california 43,993 and 47,637; adult 0.2747 and 0.2769; bike hours 38.46 and 38.76; deliveries 4.062 and 4.080; taxi
 * duration 2.73 and 3.19; titanic 0.498 and 0.468, and with 200 trials on two other splits 0.442 and 0.444, 0.479 and 0.509. There, on 708 rows,
 * 6, 60 and 200 trials come to 0.469, 0.474 and 0.464 in the mean of the splits: what the search finds beyond its first generation is less
 * than some 180 held-out rows can tell.
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
	bool spared;                    /* of later views: its score is what it would be if it did there as much worse than its family's best as before */
	bool failed;
	char *why;                      /* it failed, or has no score; NULL: neither */
	double score, spread;           /* mean over views, deviation (with n - 1) between them; NaN: none */
	double seconds;                 /* of all views */
	uint64_t n_rounds;              /* mean, rounded */
};
struct trials { struct trial *items; size_t n, room; };
void trials_release(struct trials *trials);
const char *trial_value(const struct trial *trial, const char *key);           /* of a parameter, as it is written; NULL: it is the family's default */
/* Whether it comes before the other: tried on more rows, else with a better score; one without a score comes last. */
bool trial_is_better(const struct trial *one, const struct trial *other, const struct metric_kind *metric);
/* The best of those on most rows; equal ones: the first. trials->n: none has a score. */
size_t trials_best(const struct trials *trials, const struct metric_kind *metric);
/* The first `most` of those with a score, the best first, as trials_order has them, into `first`, which holds so many. How many. */
size_t trials_first(const struct trials *trials, const struct metric_kind *metric, size_t most, size_t *first);
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
	bool (*stop)(void *state);      /* asked while many are made: there are no more then; may be NULL */
	void *state;
};

struct tune_search;
/* NULL: the grid is too large to be searched (STATUS_USAGE). options are copied, what they point to is borrowed. */
struct tune_search *search_new(const struct search_options *options, struct error *err);
/* The next generation, appended to trials, which are always the same. How many; 0: the search is over, unless it was stopped before it found one. */
size_t search_next(struct tune_search *search, struct trials *trials);
bool search_stopped(const struct tune_search *search);
/* Of halving: the last generation is to be tried on as many rows as the next one would be. false: these are all already. */
bool search_enlarge(struct tune_search *search, struct trials *trials);
/* How many trials there will be in all, at most: several configurations that say the same count once, as soon as that is known. */
uint64_t search_size(const struct tune_search *search);
uint64_t search_doubles(const struct tune_search *search);   /* of a grid: how many were left out, as they say the same as others */
void search_free(struct tune_search *search);

#endif
