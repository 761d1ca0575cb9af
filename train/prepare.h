/* SPDX-License-Identifier: MIT */
/*
 * The default preparation: what the columns need before a model can read them, as
 * lines of the recipe language. Only columns in need are named:
 *
 *     drop         text that is mostly distinct, constants, columns without a value
 *     date         times -> hour, weekday, month, as far as they differ
 *     impute       numbers -> median, bools -> most frequent, both with an indicator; text -> the level "missing"; not for
 *                  families that take missing values
 *     onehot       text -> levels of at least 10 rows, at most 50, the rest "other"
 *     scale        for families that want it: numbers that are far from standard, the target of a regression too
 */
#ifndef PREPARE_H
#define PREPARE_H

#include "buffer.h"
#include "lineage.h"
#include "model.h"
#include "profile.h"

struct preparation {
	struct buffer recipe;           /* lines; empty: nothing is needed */
	struct buffer left_out;         /* lines: "order_id: text, mostly distinct"; what `drop` in recipe names, and why */
};

/* The preparation is zeroed. profile: closed, of the features and the target; only read. takes: of the family (model.h). It can't fail. */
void prepare(struct preparation *preparation, const struct profile *profile, const char *target, enum task task, unsigned takes);
void preparation_release(struct preparation *preparation);      /* fine on a zeroed one, and twice */

#endif
