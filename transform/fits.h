/* SPDX-License-Identifier: MIT */
/*
 * The units that are learned in one pass. Lanes take pieces of the rows (cutter.h),
 * each into a fit of its own; now and then, and at the end, these are merged into
 * the unit's one, so that no lane holds much: neither values nor sums whose
 * neighbours are elsewhere.
 *
 * A single lane takes all rows, as they come, into the unit's one itself: no rows wait
 * for the rest of their block, which of a wide table would be many batches, and no
 * column has two fits. Several lanes do the same in turn where fits of their own would
 * take too much of the memory.
 */
#ifndef FITS_H
#define FITS_H

#include <pthread.h>

#include "cutter.h"
#include "step.h"

struct fit {
	const struct step_kind *kind;
	struct unit *unit;              /* completed when it is learned; not owned */
	size_t step;                    /* the caller's: which step it belongs to */
	void *whole;                    /* what all lanes merged; NULL: not begun */
	void **parts;                   /* by lane; NULL: nothing since it was merged */
	struct buffer again;            /* how a part begins in a pass that sees the rows again; empty in the first */
};

struct fits {
	struct fit *items;
	size_t n, room, n_lanes;
	struct schema fields;           /* of pieces: what the fits read, and the marks */
	size_t *cols;                   /* of these in the batches */
	bool split;                     /* there are marks */
	bool in_turn;                   /* in this pass: all rows go into the wholes, in order */
	uint64_t memory;                /* of each fit */
	struct fits_taken { size_t n; uint64_t bytes; } *taken;        /* by lane, since it merged: batches, and what they hold */
	pthread_mutex_t lock;           /* the wholes */
	const struct host *host;
	struct ranking_file runs;       /* of all of them */
};

void fits_init(struct fits *fits, size_t n_lanes, const struct host *host);       /* host: outlives them, may be NULL */
void fits_release(struct fits *fits);
void fits_add(struct fits *fits, const struct step_kind *kind, struct unit *unit, size_t step);

/* Before a pass, in that many of the lanes: begins those that were not begun. They share `memory`. schema: of the batches. *failed: the fit
 * that could not. */
int fits_start(struct fits *fits, const struct schema *schema, size_t lanes, uint64_t memory, size_t *failed, struct error *err) MUST_CHECK;
/* Pieces, which are all of the blocks in them (in_turn: of any blocks, all in order): into the lane's fits. Their columns are read. */
int fits_update(struct fits *fits, size_t lane, struct pieces *pieces, struct arena *scratch, size_t *failed, struct error *err) MUST_CHECK;
/* Behind a pass: those that are learned have their unit complete and leave, told by `learned` one after the other; the rest wants
 * the rows again. threads: that finish them side by side. */
int fits_finish(struct fits *fits, int threads, void (*learned)(void *state, const struct fit *fit), void *state, size_t *failed, struct error *err) MUST_CHECK;

#endif
