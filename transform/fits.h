/* SPDX-License-Identifier: MIT */
/*
 * The units that are learned in one pass, each by a fit a lane: lanes take pieces
 * of the rows (cutter.h), and at the end a unit's fits become one.
 */
#ifndef FITS_H
#define FITS_H

#include "step.h"

struct fit {
	const struct step_kind *kind;
	struct unit *unit;              /* completed when it is learned; not owned */
	size_t step;                    /* the caller's: which step it belongs to */
	void **states;                  /* by lane; NULL: not begun */
};

struct fits {
	struct fit *items;
	size_t n, room, n_lanes;
	size_t *cols, n_cols;           /* of the batches: what the fits read, and the marks */
	int split;                      /* the column of the marks, or NO_FIELD */
};

void fits_init(struct fits *fits, size_t n_lanes);
void fits_release(struct fits *fits);
void fits_add(struct fits *fits, const struct step_kind *kind, struct unit *unit, size_t step);

/* Before a pass: begins those that were not begun, divides anew those that want their rows again. They share `memory`. schema: of the
 * batches. *failed: the fit that could not. */
int fits_start(struct fits *fits, const struct schema *schema, uint64_t memory, size_t *failed, struct error *err) MUST_CHECK;
/* One piece, in the lane's fits; the columns of fits->cols are read. */
int fits_update(struct fits *fits, size_t lane, struct batch *piece, struct arena *scratch, size_t *failed, struct error *err) MUST_CHECK;
/* Behind a pass: those that are learned have their unit complete and leave, told by `learned` one after the other; the rest wants
 * the rows again. threads: that finish them side by side. */
int fits_finish(struct fits *fits, int threads, void (*learned)(void *state, const struct fit *fit), void *state, size_t *failed, struct error *err) MUST_CHECK;

#endif
