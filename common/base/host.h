/* SPDX-License-Identifier: MIT */
/*
 * What a library may know of the process that it runs in: one struct, which the program hands down. So a library reads no signal,
 * no terminal and no environment by itself and prints nothing, two lessons can run in one process, and a test can drive any part.
 *
 * It outlives all that it is handed to. Its functions may be called from any thread, but for `line`, which one thread uses. Where
 * a library takes a host, NULL will do: nobody interrupts or asks, remarks go nowhere, nobody advises, time does not pass.
 */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stddef.h>

#include "advice.h"
#include "error.h"

struct buffer;

struct host {
	const char *program;            /* its name, as it stands in messages that travel on */
	const char *command;            /* the same as it is called here: programs may be installed with a prefix */
	const char *folder;             /* for temporary files: TMPDIR, or /tmp */
	bool shows_values;              /* messages may tell values of the data */
	bool shows_lines;               /* somebody watches `line` */
	size_t out_width, err_width;    /* columns of the terminal that standard output, standard error is; 0: it is none */
	bool (*interrupted)(void *state);      /* it is to end: who reads, waits or writes gives up with STATUS_INTERRUPT */
	bool (*asked)(void *state);            /* somebody wants to know how far it is: true once each time */
	double (*seconds)(void *state);        /* since its start */
	void (*note)(void *state, const char *text);                         /* a remark for people: one line */
	void (*line)(void *state, const char *text, bool stays);             /* how far it is, in a line or several: takes the place of the last one, unless that stays; "": none */
	void (*temporary)(void *state, const char *path, bool there);        /* a file that must go on every exit; there false: it is gone, or renamed */
	/* Appends what to do in such a case; name: of the field that it is about, or what the advice says else, or NULL. */
	void (*advise)(void *state, enum advice advice, const char *name, struct buffer *to);
	void *state;
};

/* NULL, or a NULL member, will do for all of these. */
const char *host_program(const struct host *host);      /* NULL: "millrace" */
const char *host_command(const struct host *host);      /* NULL: as host_program */
const char *host_folder(const struct host *host);       /* NULL: "/tmp" */
bool host_shows_values(const struct host *host);
bool host_interrupted(const struct host *host);
bool host_asked(const struct host *host);
/* Behind a system call that failed: a signal broke it off (EINTR), and nobody wants to end, so it is made again. */
bool host_again(const struct host *host);
/* The same of a read or write, events: POLLIN or POLLOUT. A descriptor that does not wait (EAGAIN: another process that has it too may set
 * O_NONBLOCK) is waited for here, for a while: until it is ready, or to look up whether somebody wants to end. */
bool host_again_on(const struct host *host, int fd, short events);
double host_seconds(const struct host *host);
void host_note(const struct host *host, const char *format, ...) FORMAT(2, 3);
void host_line(const struct host *host, const char *text, bool stays);
void host_temporary(const struct host *host, const char *path, bool there);
/* Puts the advice behind the message of the error that was just set: "km has role id (what to do)". Without one to be had, or
 * where it would not fit whole, the message stays as it is. Always -1. */
int host_advise(const struct host *host, enum advice advice, const char *name, struct error *err);
/* The advice alone, appended. false: none is to be had. */
bool host_advice(const struct host *host, enum advice advice, const char *name, struct buffer *to);

#endif
