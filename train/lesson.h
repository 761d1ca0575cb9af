/* SPDX-License-Identifier: MIT */
/*
 * One training: a family's rounds over prepared rows, and all that stands around them
 * once: budget, patience, the best round, history, interruption, checkpoints.
 *
 *     lesson_open     what is learned from what; reads no row
 *     lesson_resume   at most once, right behind: goes on where a checkpoint left off
 *     lesson_rounds   as often as wanted: some rounds more, or all
 *     lesson_model    -> the model as it stands between rounds, as often as wanted
 *     lesson_finish   -> the family's model, once; what was seen on the way can be read and packed
 *     lesson_free     any time; of a lesson that is given up nothing else is needed
 *
 * Many lessons over the same rows may share what their families would each make anew, and what the first pass tells a lesson:
 *
 *     lesson_share -> (lesson_open with options.shared -> ... -> lesson_free)... -> lesson_unshare
 *
 * After -1 or NULL of one of these, and after lesson_finish, no more rounds or checkpoints are asked for
 * (asserted): the lesson may be read, and is freed. What it learned so far is gone then, but for the last
 * checkpoint.
 *
 * Several lessons may be open at once, each over a source of its own (of one spool, if
 * need be: spool.h), and be led by threads of their own. A lesson prints nothing and asks
 * nothing of the process: struct lesson_watch does.
 *
 * Patience counts rounds without a better loss on the valid rows. With valid rows the
 * best round is the one that the model is made of, whether patience ended the lesson,
 * its number of rounds, or an interrupt; without any it is the last.
 *
 * A checkpoint holds everything that the rounds to come hang on, but for the rows: the
 * same family, target, features, lineage, rows held out, parameters, seed and model to go on
 * from must be there again, or resume says which of them are other ones. Parameters count as they are set: the
 * order of the words, or a default that is said, changes nothing. The rows must be the same,
 * too, values, weights and order: the first pass over them, which may be in lesson_resume
 * or in the first round behind it, takes a fingerprint (XXH3-64 of each panel, summed) and
 * is refused at its end if it is another. Then the model has the same bytes as if the lesson
 * had never stopped (its options as they are written now), for any number of threads.
 */
#ifndef LESSON_H
#define LESSON_H

#include "model.h"
#include "panels.h"
#include "setup.h"
#include "spool.h"

/* Whoever leads the lesson; any of it may be NULL. */
struct lesson_watch {
	/* Asked between rounds, from the lesson's thread; in passes before the first round is done, and in the first pass of a lesson that
	 * was resumed, from any. true between rounds: no more of them, the best so far stays (also right behind lesson_resume). true in
	 * a pass: STATUS_INTERRUPT; there is no model yet, or none without the pass, and the checkpoint is as good as before. */
	bool (*stop)(void *state);
	/* After each round, also the only one. name: as the family calls it, or "round". last: none follows. -1 ends the lesson. */
	int (*round)(void *state, const char *name, uint64_t n_rounds, const struct round *round, bool last, struct error *err);
	/* Between rounds, `every` seconds or more after the last one (or after the family's begin), never behind the last round: what
	 * lesson_resume takes. Not called for a family of one round. -1 ends the lesson. */
	int (*checkpoint)(void *state, const struct buffer *checkpoint, struct error *err);
	double (*seconds)(void *state);         /* the clock for that, and for what a round took; NULL: after every round */
	double every;
	void *state;
};

/* What lessons over the same rows share: the family's part, and what a lesson knows behind its first pass. */
struct lesson_shared {
	const struct model_kind *kind;
	void *part;
	struct panel_rows rows;
	double target_mean, *class_weights;
	uint64_t size;                  /* bytes, at most */
};

struct lesson_options {
	uint64_t n_train, n_valid;      /* rows that will come, at most */
	const uint64_t *class_rows;     /* by class, training rows: where the setup weighs classes */
	const struct names *groups;     /* of the training rows, where the setup groups them; copied */
	uint64_t memory, seed;          /* memory: bytes that rows and family may take together, as far as it is in their hands */
	uint64_t working;               /* bytes besides, for what threads and family hold of any one moment; see lesson_open */
	uint64_t beside;                /* that the program holds besides both, for what is said */
	int threads;
	const void *from;               /* a model of the family (MODEL_FROM) to go on from, borrowed until the first round is done; NULL: none */
	object continued;               /* with it: its `training` (modelfile.h), borrowed as long as the lesson; the new model's says so. */
	/* Of the same rows, features, seed, memory and class weights, by parameters that share with these (model.h); borrowed as long as the lesson. NULL: none. With it there are no checkpoints. */
	const struct lesson_shared *shared;
	bool checkpoints;               /* lesson_checkpoint will be called; a watch's checkpoint goes without saying */
	/* The rows from the first one again, as a new source beside the lesson's, which stays open; the lesson closes it. NULL: that can't be, and for a family that wants them
	 * again the lesson keeps them. */
	int (*again)(void *state, struct source *source, struct error *err);
	void *again_state;
	/* For messages: where a row of the lesson's came from, appended; NULL: it is told by its number. Also from several threads. */
	int (*place)(void *state, uint64_t row, struct buffer *to, struct error *err);
	void *place_state;
	struct lesson_watch watch;
};

/* By round; NaN: the family told none (loss), there are no valid rows (valid). */
struct history { double *loss, *valid; size_t n, room; };

/* To be read, from lesson_rounds on; problem from lesson_open on. */
struct lesson {
	const struct setup *setup;
	struct problem problem;
	struct panel_rows rows;         /* that are used */
	struct history history;
	struct names remarks;           /* whole after lesson_finish */
	/* what the simplest predictor would say of the target, if any: the training rows by their weights, in its own units */
	double target_mean;
	double *class_weights;
	bool stopped;                   /* the watch ended the rounds */
	/* private */
	double *class_factors;          /* class_weights.h; NULL: none */
	struct lesson_options options;
	const struct lineage *lineage;  /* of the prepared rows */
	struct source *source, reopened;        /* the rows: those of lesson_open, and those of later passes */
	struct panels panels;
	struct spool *kept;             /* by the first pass, for later ones; NULL: none is needed */
	struct training training;
	uint32_t *set_of, *levels_of;   /* the training's */
	struct lesson_lane *lanes;      /* in the first pass */
	size_t n_lanes;
	uint64_t n_passes, best;        /* best: the round that was kept; 0: none */
	uint64_t *fingerprints, fingerprint;    /* of the rows: by lane in the first pass, NULL: not wanted; of all */
	bool rows_known, over, resumed;
	bool ended;                     /* finished, or a call failed */
	uint64_t from_hash;             /* of the model to go on from; 0: none */
	double saved;                   /* when the last checkpoint was, in the watch's seconds */
	void *fitting;
};

/*
 * source: prepared rows, which were not read yet; its fields with role feature, but the target, are what is learned from. setup and
 * classes say the rest. setup, source and what options point to are borrowed and outlive the lesson; options and classes are copied.
 * Where panels and family need more than memory and working, fewer threads are used; where one needs more that is said to the setup's
 * host. NULL: a column can't be read by models, or parameters do not fit; nothing is left behind.
 */
struct lesson *lesson_open(const struct setup *setup, struct source *source, const struct names *classes, const struct lesson_options *options,
                           struct error *err);
/* What lessons with the same setup, but for parameters that have no say in it, and the same options, but for threads, may share. source: as for
 * lesson_open; it is read by so many threads as `threads` says. most: bytes that it may hold. Overwrites `shared`. 1: made, the caller's; 0: these parameters share nothing, or it
 * would hold more; -1: what lessons would find, each for itself. */
int lesson_share(const struct setup *setup, struct source *source, const struct names *classes, const struct lesson_options *options, size_t threads,
                 uint64_t most, struct lesson_shared *shared, struct error *err) MUST_CHECK;
void lesson_unshare(struct lesson_shared *shared);      /* fine on a zeroed one, and twice */
/* bytes: lesson_checkpoint's, not needed behind. STATUS_REQUIREMENT: of another lesson, or of other rows. */
int lesson_resume(struct lesson *lesson, const void *bytes, size_t size, struct error *err) MUST_CHECK;
/* At most n rounds more (UINT64_MAX: all). 1: more may follow; 0: over, by the family, its number of rounds, patience or the watch. */
int lesson_rounds(struct lesson *lesson, uint64_t n, struct error *err) MUST_CHECK;
/* Behind a failure of lesson_rounds: where the step that the target passes first (target_as; NULL: none) left it no row, the message names it. Always -1. */
int lesson_explain(const struct lesson *lesson, const char *target_as, struct error *err);
/* Appends one packed map. Between calls of lesson_rounds, after a round at least, of this lesson or of that which it resumes; where
 * options said so. false: the family has only one round, nothing is appended. */
bool lesson_checkpoint(const struct lesson *lesson, struct buffer *to);
/* The model as lesson_finish would give it now, and the lesson goes on: between rounds, after one at least, of a family of many rounds.
 * The caller's, as there. NULL: the family failed. */
void *lesson_model(const struct lesson *lesson, struct error *err);
/* The model, of the best round: the caller's, freed with setup->kind->free, also behind lesson_free. After a round at least. NULL: the
 * family failed. */
void *lesson_finish(struct lesson *lesson, struct error *err);
/* Whether the family told a loss on valid rows: others do not look at them. After a round at least. */
bool lesson_watched(const struct lesson *lesson);
/* Appends the model's `training`: one packed map. After lesson_finish. */
void lesson_pack(const struct lesson *lesson, struct buffer *to);
void lesson_free(struct lesson *lesson);        /* NULL is fine */

#endif
