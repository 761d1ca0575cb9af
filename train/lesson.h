/* SPDX-License-Identifier: MIT */
/*
 * One training: a family's rounds over prepared rows, and all that stands around them
 * once: budget, patience, the best round, history, interruption, checkpoints.
 *
 *     lesson_open     what is learned from what; reads no row
 *     lesson_resume   at most once, right behind: goes on where a checkpoint left off
 *     lesson_rounds   as often as wanted: some rounds more, or all
 *     lesson_finish   -> the family's model; what was seen on the way can be read and packed
 *     lesson_free     any time; of a lesson that is given up nothing else is needed
 *
 * Several lessons may be open at once, each over a source of its own, and be led by
 * threads of their own; but for those of a family that calls LAPACK (linear): two of
 * these are never in lesson_rounds at once (lapack.h says why). A lesson prints
 * nothing and asks nothing of the process: struct lesson_watch does.
 *
 * Patience counts rounds without a better loss on the valid rows. With valid rows the
 * best round is the one that the model is made of, whether patience ended the lesson,
 * its number of rounds, or an interrupt; without any it is the last.
 *
 * A checkpoint holds everything that the rounds to come hang on, but for the rows: the
 * same rows, parameters, seed and features must be there again (resume refuses other
 * parameters, seeds and features, and rows if there are more or fewer; it may read them).
 * Then the model has the same bytes as if the lesson had never stopped.
 */
#ifndef LESSON_H
#define LESSON_H

#include "model.h"
#include "panels.h"
#include "setup.h"
#include "spool.h"

/* Whoever leads the lesson; any of it may be NULL. */
struct lesson_watch {
	/* Asked between rounds, and in the first pass over the rows, from any thread. true: no more rounds, the best so far stays;
	 * before the first round is done: STATUS_INTERRUPT. */
	bool (*stop)(void *state);
	/* After each round of many. last: none follows. */
	void (*round)(void *state, const char *name, uint64_t n_rounds, const struct round *round, bool last);
	/* Between rounds, `every` seconds or more after the last one (or the first round): what lesson_resume takes. -1 ends the lesson. */
	int (*checkpoint)(void *state, const struct buffer *checkpoint, struct error *err);
	double (*seconds)(void *state);         /* the clock for that */
	double every;
	void *state;
};

struct lesson_options {
	uint64_t n_train, n_valid;      /* rows that will come, at most */
	uint64_t memory, seed;          /* memory: bytes that rows and family may take together, as far as it is in their hands */
	int threads;
	bool prepared;                  /* for messages: --no-prepare would not help */
	/* The rows from the first one again, as a new source; the lesson closes it. NULL: that can't be, and for a family that wants them
	 * again the lesson keeps them. */
	int (*again)(void *state, struct source *source, struct error *err);
	void *again_state;
	struct lesson_watch watch;
};

struct history { double *loss, *valid; size_t n, room; };       /* by round; valid: NaN if there are no valid rows */

/* To be read, from lesson_rounds on. */
struct lesson {
	const struct setup *setup;
	struct problem problem;
	struct panel_rows rows;         /* that are used */
	struct history history;
	struct names remarks;           /* whole after lesson_finish */
	/* what the simplest predictor would say: the training rows by their weights, in the target's own units */
	double target_mean;
	double *class_weights;
	/* private */
	struct lesson_options options;
	const struct lineage *lineage;  /* of the prepared rows */
	struct source *source, reopened;        /* the rows: those of lesson_open, and those of later passes */
	struct panels panels;
	struct spool *kept;             /* by the first pass, for later ones; NULL: none is needed */
	struct training training;
	struct lesson_lane *lanes;      /* in the first pass */
	size_t n_lanes;
	uint64_t n_passes, best;        /* best: the round that was kept; 0: none */
	bool rows_known, over, stopped;
	double saved;                   /* when the last checkpoint was, in the watch's seconds */
	void *fitting;
};

/*
 * source: prepared rows, borrowed; its fields with role feature, but the target, are what is learned from. setup and classes (copied)
 * say the rest. NULL: a column can't be read by models, or parameters do not fit.
 */
struct lesson *lesson_open(const struct setup *setup, struct source *source, const struct names *classes, const struct lesson_options *options,
                           struct error *err);
/* bytes: lesson_checkpoint's. */
int lesson_resume(struct lesson *lesson, const void *bytes, size_t size, struct error *err) MUST_CHECK;
/* At most n rounds more (UINT64_MAX: all). 1: more may follow; 0: over, by the family, its number of rounds, patience or the watch. */
int lesson_rounds(struct lesson *lesson, uint64_t n, struct error *err) MUST_CHECK;
/* Appends one packed map. Between calls of lesson_rounds, after a round at least. false: the family has only one round. */
bool lesson_checkpoint(const struct lesson *lesson, struct buffer *to);
/* The model, of the best round; freed with setup->kind->free. After a round at least, and once. */
void *lesson_finish(struct lesson *lesson, struct error *err);
/* The model's `training`: one packed map. After lesson_finish. */
void lesson_pack(const struct lesson *lesson, struct buffer *to);
void lesson_free(struct lesson *lesson);        /* NULL is fine */

#endif
