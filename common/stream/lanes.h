/* SPDX-License-Identifier: MIT */
/*
 * The batches of a source through several threads, and out again in their order.
 *
 *     source ->  pull, one at a time  ->  work, side by side  ->  given out, one at a time, in order
 *                                          | gate | gate |
 *
 * A lane is a thread that pulls the next batch, works on it and pulls again. Where
 * the work needs what earlier batches left behind (a row's number behind a step that
 * drops rows, a set of what was seen), it enters a gate: batches pass each gate one
 * at a time, in order. So whatever the number of lanes, and whoever is faster, the
 * same comes out; and nothing waits for a batch that is not there yet: a batch that
 * is done leaves while another lane waits for input.
 *
 * With one lane, and for the first batches in any case, the caller does the work and
 * no thread is made.
 */
#ifndef LANES_H
#define LANES_H

#include "stream.h"

struct lanes;
struct turn;                    /* a batch on its way */

struct lanes_work {
	size_t n_gates;
	/* Works on `batch` (which it may change, empty, or move away); lane: 0 .. n_lanes - 1, slot: 0 .. lanes_slots() - 1, both for memory of the
	 * caller's that belongs to nobody else meanwhile: the lane's until this returns, the slot's until `give` has returned. */
	int (*work)(void *state, size_t lane, size_t slot, struct batch *batch, struct turn *turn, struct error *err);
	/* In order, one at a time (with lanes_run from any thread): what the slot gathered. `failed`: this is the batch that failed, and
	 * the last; what it returns is ignored then. NULL: nothing. */
	int (*give)(void *state, size_t slot, struct batch *batch, bool failed, struct error *err);
	void *state;
	const struct host *host;        /* may be NULL */
	bool now;                       /* the source is asked for batches that leave at once; lanes_next says so anew */
};

/* `in` and what `work` points to outlive the lanes; `in` is used by nobody else until lanes_free. */
struct lanes *lanes_new(struct source *in, size_t n_lanes, const struct lanes_work *work);
size_t lanes_slots(size_t n_lanes);
/* The next batch that has rows. 1, 0 (the source ended, or a turn stopped), -1: the first failure in order of the batches, also if asked
 * again. */
int lanes_next(struct lanes *lanes, struct batch *to, bool now, struct error *err) MUST_CHECK;
/* All that are left; batches that still have rows are dropped. */
int lanes_run(struct lanes *lanes, struct error *err) MUST_CHECK;
bool lanes_stopped(const struct lanes *lanes);          /* by a turn; once lanes_next or lanes_run gave 0 */
uint64_t lanes_given(const struct lanes *lanes);         /* batches so far; once it has ended */
void lanes_free(struct lanes *lanes);           /* waits for the threads; NULL is fine */

/* Waits until all earlier batches have left the gate. -1, without an error: this batch is not wanted any more; return -1 at once. Each batch
 * passes the gates in order of their numbers; those that it did not enter it passes when its work is done. */
int gate_enter(struct turn *turn, size_t gate) MUST_CHECK;
void gate_leave(struct turn *turn, size_t gate);
/* Within a gate: nothing behind this batch is wanted. */
void turn_stop(struct turn *turn);

#endif
