/* SPDX-License-Identifier: MIT */
/*
 * The leaderboard: the trials of a search, the best first, for people while it runs and
 * behind it, and as records.
 */
#ifndef TUNE_BOARD_H
#define TUNE_BOARD_H

#include "file.h"
#include "tune_search.h"

struct board {
	const struct space *space;
	const struct trials *trials;
	const struct criterion *scoring;
	const struct host *host;
	uint64_t n_trials;              /* that there will be, at most; UINT64_MAX: any number */
	double deadline;                /* of the host's clock; INFINITY: none */
	double shown;                   /* when it was drawn last */
	uint64_t n_done, n_again;       /* trials; of them those of configurations that were tried on fewer rows before */
	bool folds;                     /* that is how trials are judged */
	bool stands;
};

/* Draws it anew on the terminal, if somebody watches and the last time is a while ago; who asks (SIGUSR1) is told in a line. */
void board_show(struct board *board);
void board_clear(struct board *board);
/* "37 of 420": how many are done. */
void board_count(const struct board *board, struct buffer *to);
/* "accuracy", "recall[yes]" */
void board_metric(const struct criterion *scoring, struct buffer *to);
/* The first n as a table, at most so wide (0: any). */
void board_print(const struct board *board, size_t n, size_t width, struct buffer *to);
/* A trial as it is told to people: "svm C=0.1 kernel=poly". */
void board_trial(const struct board *board, const struct trial *trial, struct buffer *to);
/* All trials as a stream, into a file that is created already, and committed here: rank, model, a column for each parameter that was searched, score, spread, share, rounds, seconds,
 * folds, failed; ranks from 1 on, none for a trial without a score. A parameter is an int or a real where all its values are. */
int board_write(const struct board *board, struct file *file, struct error *err) MUST_CHECK;

#endif
