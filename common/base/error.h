/* SPDX-License-Identifier: MIT */
/*
 * What failed, for a person and for the exit status. A function that can fail
 * takes a `struct error *` last and returns -1 (or NULL) after it filled it in.
 * The first cause is kept: filling in a second time is ignored until
 * error_clear. Messages are lower case, without a full stop and without the
 * program's name; each layer puts its own place in front with error_prefix:
 *
 *     step 3 'scale': column 'age': not a number (cast it, or leave it out)
 */
#ifndef ERROR_H
#define ERROR_H

#include <stdbool.h>

enum status {                   /* exit codes, the same in every program */
	STATUS_DONE = 0,
	STATUS_FAILED = 1,      /* data or I/O failed */
	STATUS_USAGE = 2,
	STATUS_REQUIREMENT = 3, /* a requirement is not met, a model does not fit, leakage */
	STATUS_UPSTREAM = 4,    /* upstream failed, or the input was cut short */
	STATUS_INTERRUPT = 130, /* SIGINT while reading */
	STATUS_PIPE = 141,      /* the reader went away: ends as SIGPIPE does */
};

struct error {
	int code;               /* an enum status; STATUS_DONE: nothing failed */
	bool passed_on;         /* came down the pipe: the program that failed has printed it */
	char program[64];       /* which program failed, if passed_on */
	char message[1800];
	int lines;              /* where in the message the lines begin that show the place, with a caret; 0: it is one line */
};

#define ERROR_INIT { .code = STATUS_DONE }
#define MUST_CHECK __attribute__((warn_unused_result))
#define FORMAT(f, a) __attribute__((format(printf, f, a)))

/* Both always return -1, so that a caller can write `return error_set(...)`. */
int error_set(struct error *err, enum status code, const char *format, ...) FORMAT(3, 4);
int error_prefix(struct error *err, const char *format, ...) FORMAT(2, 3);
/* As error_set with STATUS_FAILED, followed by ": " and strerror(errno). EINTR is STATUS_INTERRUPT: what is not ended by it is made again (host_again). */
int error_errno(struct error *err, const char *format, ...) FORMAT(2, 3);
void error_lines(struct error *err, const char *lines);     /* adds them, each with its line end before it */
/* What this program could not do: "WHAT: message", or of what came down the pipe "WHAT: PROGRAM failed", which is then printed too. */
int error_own(struct error *err, const char *format, ...) FORMAT(2, 3);
void error_clear(struct error *err);

#endif
