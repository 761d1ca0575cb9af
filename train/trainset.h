/* SPDX-License-Identifier: MIT */
/*
 * The rows and columns that training needs, as a source over a spool: features,
 * target, weight and marks (made here where chance or folds say them). Rows that
 * training does not use (test rows, no target) are left out if `drop`: where steps
 * will be fitted on what comes; panels leave them out anyway, and sooner.
 */
#ifndef TRAINSET_H
#define TRAINSET_H

#include "marks.h"
#include "spool.h"
#include "stream.h"

/* Behind spool_close, as often and as many at once as wanted. `cols`: of spool's batches, in ascending order; target is one of them, or NO_FIELD. The
 * spool and its header are borrowed until source_close; marks and cols are copied. -1: a column '_split' is there already; the source is
 * closed then, and may be closed again. Rows are numbered anew, from 0, as they are given out. */
int trainset_open(struct source *source, struct spool *spool, const struct header *header, const struct marks *marks, const size_t *cols,
                   size_t n_cols, int target, bool drop, struct error *err) MUST_CHECK;
/* For messages: where row `row` of such a source (with `drop`, as it is numbered there) came from, appended; nothing if there is no such row.
 * target: its column in the spool's batches, or NO_FIELD. */
int trainset_place(struct spool *spool, const struct header *header, const struct marks *marks, int target, bool drop, uint64_t row,
                   struct buffer *to, struct error *err) MUST_CHECK;

#endif
