/* SPDX-License-Identifier: MIT */
/*
 * The default preparation: what the columns need before a model can read them, as
 * lines of the recipe language. Only columns in need are named:
 *
 *     drop         text that is mostly distinct, constants, columns without a value
 *     date         times -> hour, weekday, month, as far as they differ
 *     impute       numbers -> median, bools and levels -> most frequent, with an indicator; not for families that take missing values
 *     onehot       text -> levels of at least 10 rows, at most 50, the rest "other", and a column for missing ones
 *     levels       the same for families that take levels: at most 254, the rest level 0, and a level for missing ones
 *     scale        for families that want it: numbers that are far from standard, the target of a regression too
 *
 * New columns take names that are free beside all that is there (COLUMN_2_missing).
 */
#ifndef PREPARE_H
#define PREPARE_H

#include "lineage.h"
#include "model.h"
#include "profile.h"

enum { PREPARE_LEVELS = 50 };   /* columns that onehot makes of a text, at most */
enum { PREPARE_NUMBERED = 254 };        /* levels of a text that get a number of their own: with level 0 and missing ones a byte's worth */

struct preparation {
	struct names recipe;            /* lines, for recipe_add_step; none: nothing is needed */
	bool nothing_left;              /* no feature is: each is left out, and a recipe that drops all columns is none */
	struct names shown;             /* for people: "prepare: onehot city ...", "left out: order_id: text, mostly distinct" */
};

struct prepare_options {
	const struct profile *profile;  /* closed, of the features, the target and the column of groups; only read */
	const struct schema *schema;    /* all fields that are there */
	const struct lineage *lineage;  /* how they came to be: one may hold levels already */
	const char *target, *by;        /* by: the column of groups, which stays as it is; NULL: none */
	bool other_scale;               /* the target is brought to another scale first (--target-as): what the profile says of its size is void */
	enum task task;
	unsigned takes;                 /* of the family (model.h) */
	bool all;                       /* shown: every line and column, else a few of each kind with counts */
};
/* The preparation is zeroed. It can't fail. */
void prepare(struct preparation *preparation, const struct prepare_options *options);
void preparation_release(struct preparation *preparation);      /* fine on a zeroed one, and twice */

#endif
