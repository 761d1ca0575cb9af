/* SPDX-License-Identifier: MIT */
/*
 * What every program does at its start and end: its command line (common_config.h), signals,
 * messages, what libraries may know of the process (host.h), the exit status.
 *
 *     int main(int argc, char **argv)
 *     {
 *             struct load_config config = LOAD_DEFAULTS;
 *             struct error err = ERROR_INIT;
 *
 *             tool_start(argc, argv, &load_tool, &config);
 *             return tool_finish(load(&config, &err), &err);
 *     }
 */
#ifndef TOOL_H
#define TOOL_H

#include "common_config.h"
#include "host.h"
#include "options.h"

#define MILLRACE_VERSION "0.1"

struct format;

struct tool {
	const char *name;
	const char *operands;           /* "[FILE...]" */
	const char *summary;            /* one line */
	const char *details;            /* printed after the options: a paragraph or two, may be NULL */
	const struct option_row *options;
	void (*more_help)(void);        /* e.g. the list of steps; may be NULL */
	const struct format *(*formats)(size_t i);      /* those that it reads or writes, NULL behind the last: their options are known, too. NULL: none */
	bool streams;                   /* standard output is a stream of ours: an error before its first byte goes down a pipe, too */
	const char *prints;             /* the option with which it is text for a shell instead, and gets nothing where that fails; NULL: there is none */
};

/* Reads options and operands into config (--help and --version print and exit 0; a usage error exits 2), ignores
 * SIGPIPE, catches SIGINT, SIGTERM and SIGHUP (host_interrupted; a second one ends the process) and SIGUSR1 (host_asked). */
void tool_start(int argc, char **argv, const struct tool *tool, void *config);

/* Prints the error, if any and not passed on, as one line `name: message`; flushes and checks stdout; removes what
 * host_temporary still lists; gives the exit status. STATUS_PIPE ends the process by SIGPIPE, without a word. */
int tool_finish(int result, struct error *err);

/* All that was asked for is printed (--help): flushes and closes standard output, and exits. */
_Noreturn void tool_told(void);

/* Prints the error now, if it is one to print; tool_finish will not again. */
void tool_report(struct error *err);

/* There is a writer now (output.h), which gives errors to who reads on. */
void tool_output_begins(void);

/* The process, for libraries: what they may know of it (host.h). It is there from tool_start on, and in the config, as common.host. */
const struct host *tool_host(void);
/* What stands before the names of our programs, as they are called here: "mr-" where this one is mr-train (make install
 * PROGRAM_PREFIX=mr-), or "". All that is advised to be run begins with it. */
const char *tool_prefix(void);
const char *tool_command(void);        /* its own name with it */
/* As host_advice (tool_advice.c): what libraries advise, in the words of our programs. It is the host's `advise`. */
void tool_advise(void *state, enum advice advice, const char *name, struct buffer *to);
bool tool_interrupt_came(void);                 /* as host_interrupted, also while deferred: what a training loop asks */
void tool_defer_interrupt(bool defer);          /* training loop: after SIGINT or SIGTERM reads and writes go on; false: also forgets that it came */

#endif
