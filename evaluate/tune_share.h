/* SPDX-License-Identifier: MIT */
/*
 * What trials over the same rows have in common, made once, before the processes that try them are forked: what
 * their families share (model_sharing in model.h: bins, a factor, an index, the matrix of a kernel), and
 * the valid rows as panels.
 *
 *     share_want, for each trial to come -> share_make, for the view -> share_find, in any process
 *
 * A family's part is made once two trials have wanted the same. All of it, over all views, takes a
 * quarter of the memory for rows; what does not fit is not shared, and each trial makes its own. Scores and models
 * are the same bytes either way.
 */
#ifndef TUNE_SHARE_H
#define TUNE_SHARE_H

#include "lesson.h"
#include "tune_rows.h"
#include "tune_trial.h"

/* The trial's family and words, and its memory, say what; the rest is only for share_make. */
void share_want(struct view *view, const struct trial_options *trial);
/* What was wanted and is not there, for all rows of the view. threads: of the passes; stop: asked in them, may be NULL. */
void share_make(struct view *view, size_t threads, bool (*stop)(void *state), void *state);
/* NULL: nothing is shared. */
const struct lesson_shared *share_find(const struct view_rows *rows, const struct model_kind *kind, const void *parameters,
                                       const struct general_parameters *general);
/* The valid rows as a family with this problem sees them, in order, each to `take`; 0: they are not kept. */
int share_valid(const struct view_rows *rows, const struct model_kind *kind, const struct problem *problem, panel_taker *take, void *state,
                struct panel_rows *seen, struct error *err) MUST_CHECK;
void in_common_free(struct tune_rows *all, struct in_common *common);         /* NULL is fine; gives the memory back */

#endif
