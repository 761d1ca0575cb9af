/* SPDX-License-Identifier: MIT */
/*
 * Trials side by side, each in a process of its own that was forked behind all that
 * they share: rows, views, what they have in common. A trial that fails, or whose process is killed,
 * is told so, and the rest goes on.
 *
 *     crew_run: fork n processes -> each takes the next job, until none is left, and tells its outcome through a pipe
 *               -> the caller's `told`, in the order of coming
 *
 * Jobs are taken in order, so with a deadline those at the end are left out. What comes of a job hangs on
 * nothing but the job: outcomes are the same for any number of processes.
 *
 * A process that was killed, or ran out of memory, is replaced. It says nothing by itself, and what is registered to be done when the
 * program ends it does not do. Where so many can't be had, fewer do it all. Nobody may have threads while this runs.
 */
#ifndef TUNE_CREW_H
#define TUNE_CREW_H

#include "bytes.h"
#include "tune_trial.h"

struct crew_job { size_t trial; unsigned view; };       /* numbers that mean something to the caller */

struct told {
	struct outcome outcome;
	bool failed;                    /* why says it */
	char *why;                      /* borrowed */
	struct bytes *map;              /* the model's message, borrowed; NULL: it was not wanted */
};

struct crew {
	size_t n_processes;
	const struct host *host;
	double deadline;                /* of the host's clock; INFINITY: none */
	bool (*stop)(void *state);      /* the work is to end now; may be NULL */
	/* In a process of the crew. map: to be given where the model is wanted; best: of the scores that were told so far, NaN: none. */
	int (*work)(void *state, const struct crew_job *job, double best, struct outcome *outcome, struct bytes **map, struct error *err);
	/* In the caller's. best: to be set to the best score so far. */
	void (*told)(void *state, const struct crew_job *job, const struct told *told, double *best);
	void (*tick)(void *state);      /* some times in a second; may be NULL */
	void *state;
};

/* 1: all jobs are told; 0: the deadline or `stop` came before; -1: no process could be made. */
int crew_run(const struct crew *crew, const struct crew_job *jobs, size_t n_jobs, struct error *err) MUST_CHECK;

#endif
