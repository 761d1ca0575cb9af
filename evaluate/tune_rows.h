/* SPDX-License-Identifier: MIT */
/*
 * The rows that configurations are tried on: taken in once, held out as train would do it,
 * and seen as often as wanted.
 *
 *     rows_take -> rows_part -> view_open, for all rows, each fold, each share
 *                                    -> view_rows, for each kind of family -> view_rest, between kinds -> view_close -> rows_release
 *
 * A view marks the same rows otherwise: those of a fold are valid, or only a share of the train rows is
 * there. What a fit could learn is looked at anew in each: the profile, the classes, the steps of the recipe and the default
 * preparation, from raw records. So nothing of a fold's rows is in what is scored on them.
 *
 * Without a recipe all views share the rows as they came; else each keeps what the recipe made of them. All of it together lies
 * in memory up to a bound, beyond it in temporary files, so a fork shares them.
 */
#ifndef TUNE_ROWS_H
#define TUNE_ROWS_H

#include "budget.h"
#include "holdout.h"
#include "intake.h"
#include "prepared.h"
#include "recipe.h"

enum { MOST_FOLDS = 255 };              /* asked for, or named by a column */

struct rows_options {
	struct setup_options words;     /* operands: the target, if it is named; model: that says what a target of numbers is, or NULL */
	const struct recipe *recipe;    /* no steps: none */
	bool no_prepare;
	int64_t threads;
	uint64_t memory;
};

/* Who says what an answer is judged on. */
enum judged_by { BY_VALID, BY_TENTH, BY_FOLDS };

struct tune_rows {
	struct rows_options options;
	struct source *input;           /* borrowed; its header outlives the rows */
	struct setup setup;             /* of all rows as they came, and, without a recipe, of a family that could do the task */
	struct budget budget;
	struct holdout holdout;
	struct intake intake;           /* keeps the rows as they came */
	enum judged_by by;
	unsigned n_folds;
	bool folds_asked;               /* for that number of them */
	uint8_t *fold_of;               /* by row; NULL: chance says it */
	uint64_t views_left;            /* of what views keep, all together: what the rows as they came left of theirs, still free */
	uint64_t trials, share_left;    /* of what trials hold at once; of what they share (tune_share.h), still free */
};

/* Rows for families that take the same and group by the same: prepared, kept, to be read by any number of lessons, also behind a fork. */
struct view_rows {
	unsigned takes;
	char *by;                       /* the word that says what rows are grouped by; NULL: by nothing */
	const char *operands[2];        /* the target, if it is named, and that word */
	struct text_list words;
	struct intake own_look;
	const struct intake *look;      /* the view's, or where rows are grouped their own */
	struct setup setup;             /* of a family that takes so; its parameters are the caller's to replace in a copy */
	struct header header;
	struct spool *spool;
	struct names shown;             /* what was prepared, for people */
	bool failed;
	struct error why;
	struct in_common *in_common;    /* what trials on them have in common: tune_share.h; NULL: nothing yet */
};

struct view {
	struct tune_rows *rows;
	unsigned fold;                  /* NO_FOLD: no row but valid ones is held out */
	double share;                   /* of the train rows; 1: all */
	struct marks marks;             /* of the rows as they came */
	struct header own_header;       /* with a recipe: what it made, and where these lie */
	struct spool *own;
	const struct header *header;
	struct spool *spool;
	struct intake *look, own_look;
	bool rests;                     /* own_look has no profile */
	struct view_rows **kept;
	size_t n_kept, room;
};
static inline enum task view_task(const struct view *view) { return view->look->classes.n > 0 ? TASK_CLASSIFICATION : TASK_REGRESSION; }
#define NO_FOLD ((unsigned)-1)
#define ALL_TRAIN ((unsigned)-2)        /* the same, and valid rows are train rows */
/* Whether its valid rows of classes that its train rows lack are judged: of a fold, where any answer to them is wrong. */
static inline bool view_judges_unknown(const struct view *view) { return view->fold < ALL_TRAIN; }

/* Overwrites the rows, reads the input to its end. To be released, also after -1. */
int rows_take(struct tune_rows *rows, struct source *input, const struct rows_options *options, struct error *err) MUST_CHECK;
/* How answers are judged. n_folds 0: on valid rows, and where there are none in five folds, or of many rows on a tenth of the train rows, which
 * is held back. With a column with role fold, and n_folds 0, by that. Classes are parted evenly, groups (role group) stay whole. -1: steps that
 * came with the stream have seen rows of folds (STATUS_REQUIREMENT), or too few rows. */
int rows_part(struct tune_rows *rows, unsigned n_folds, struct error *err) MUST_CHECK;
void rows_release(struct tune_rows *rows);

/* Overwrites the view; -1: there is nothing to learn from in it. To be closed, also after -1. */
int view_open(struct view *view, struct tune_rows *rows, unsigned fold, double share, struct error *err) MUST_CHECK;
bool view_lacks_classes(const struct view *view);      /* behind a view_open that failed: its train rows are of one class */
/* No new kind of rows is wanted soon: the profile of a fold goes, and comes again where one is. Of many folds profiles would take more than --memory. */
void view_rest(struct view *view);
/* The rows for a family with such parameters, made when first asked for. NULL: they can't be made, err says why, each time. */
struct view_rows *view_rows(struct view *view, const struct model_kind *kind, const void *parameters, struct error *err);
void view_close(struct view *view);

#endif
