/* SPDX-License-Identifier: MIT */
/*
 * What `split` has to see all rows for, before it marks the first: exact shares or
 * folds in each class (strata.h), and the last rows by time.
 *
 * By time, of n rows that have one: the test rows begin with the time of the
 * round(test * n)-th last; all rows of that time are test rows, so there are at least
 * so many. A row less than the gap before that is marked none. The valid rows are the
 * last round(valid * n) of the rows before, in the same way, with a gap of their own.
 * The rest is train; a row without a time is none. Times, ints and reals are compared
 * as doubles (times beyond the year 2255 to a few microseconds).
 *
 * The functions of the fit are those of a step_kind, where their meaning stands. All
 * rows are taken in, also those that an earlier split held out.
 */
#ifndef SPLIT_FIT_H
#define SPLIT_FIT_H

#include "marks.h"
#include "step.h"
#include "strata.h"

enum { MOST_FOLDS = 1000 };
enum split_how { SPLIT_BY_CHANCE, SPLIT_BY_KEY, SPLIT_BY_FIELD, SPLIT_BY_ROWS, SPLIT_BY_CLASS, SPLIT_BY_TIME };

/* What the user said. */
struct split_plan {
	enum split_how how;
	struct marks marks;             /* test, valid, seed */
	uint64_t n_folds;               /* 0: marks are written, not folds */
	double gap;                     /* by time, in the column's numbers: of times microseconds */
};
/* As a unit's state: the beginning of a map, to which the caller adds `more` keys. */
void split_plan_pack(const struct split_plan *plan, uint32_t more, struct buffer *to);
/* false: broken. */
bool split_plan_read(struct split_plan *plan, object state);

/* What the rows said. */
struct split_learned {
	struct cuts cuts;               /* by class: shares, or folds */
	struct split_times { bool test, valid; double test_from, valid_from; } times;
};
bool split_learned_read(const struct split_plan *plan, object state, struct split_learned *learned);    /* overwrites; false: broken */
void split_learned_release(struct split_learned *learned);
enum mark split_time_mark(const struct split_times *times, double gap, double time);

bool split_learns(const struct unit *unit);
void *split_fit_new(const struct unit *unit, const struct schema *schema, const struct step_limits *limits, struct error *err);
int split_fit_update(void *fit, struct batch *batch, const uint64_t *rows, struct error *err);
int split_fit_finish(void *fit, struct unit *unit, struct error *err);
void split_fit_free(void *fit);
int split_fit_merge(void *fit, void *other, struct error *err);
int split_fit_pack(const void *fit, struct buffer *to, struct error *err);
int split_fit_unpack(void *fit, object from, struct error *err);

#endif
