/* SPDX-License-Identifier: MIT */
/*
 * Who watches a training: the line on the terminal, --log, --checkpoint.
 *
 *     train_watch_open         before any row: what can't be written is refused
 *     train_watch_begin        of the lesson, before its rounds: goes on where the checkpoint left off, if that was asked for
 *     train_watch_end          behind the rounds: the log is closed; an interrupted lesson leaves a checkpoint of where it stands
 *     train_watch_close        the model is written: the checkpoint goes
 *     train_watch_release      any time; what is in the files stays
 *
 * The line on the terminal tells the rounds that are done, the losses, training rows a
 * second and the time that is left, as long as the rounds so far took; SIGUSR1 has it
 * printed where there is no terminal. The log gets one line of JSON as a round ends:
 *
 *     {"round":1,"loss":0.5,"valid":null,"seconds":0.2,"rows_per_second":5000.0,"lr":null}
 *
 * A log or checkpoint that can't be written ends the training; the checkpoint before it stays.
 */
#ifndef TRAIN_WATCH_H
#define TRAIN_WATCH_H

#include "buffer.h"
#include "lesson.h"

enum { CHECKPOINT_EVERY = 60 };         /* seconds, where nobody says it */

struct train_watch_options {
	const char *log, *checkpoint;   /* NULL: none */
	double every;                   /* seconds between checkpoints, at least; 0: after every round */
	bool resume;
	const char *output;             /* of the model: must be none of them; may be NULL */
	bool (*stop)(void *state);      /* as of struct lesson_watch; state is the watch */
	const struct host *host;
};

struct train_watch {
	struct train_watch_options options;
	struct lesson *lesson;
	int log;                        /* descriptor; -1: none */
	bool there;                     /* a checkpoint was, as the training began */
	bool stays;                     /* it is to stay: the lesson was interrupted */
	bool line_stands;               /* the progress line is on the terminal */
	double last_line;               /* when it was written, in seconds of the host */
	uint64_t n_rounds;              /* here: without those of the checkpoint, */
	double seconds;                 /* and what they took */
	struct buffer line;
};

/* Overwrites the watch; released by the caller, also after -1. */
int train_watch_open(struct train_watch *watch, const struct train_watch_options *options, struct error *err) MUST_CHECK;
/* Families of one round have no checkpoints: STATUS_USAGE. Once the family is known. */
int train_watch_check(const struct train_watch *watch, const struct model_kind *kind, struct error *err) MUST_CHECK;
/* What the lesson is to be opened with; the watch stays where it is as long as the lesson. */
struct lesson_watch train_watch_lesson(struct train_watch *watch);
int train_watch_begin(struct train_watch *watch, struct lesson *lesson, struct error *err) MUST_CHECK;
int train_watch_end(struct train_watch *watch, struct error *err) MUST_CHECK;
void train_watch_close(struct train_watch *watch);
void train_watch_release(struct train_watch *watch);    /* fine on a zeroed one, and twice */

#endif
