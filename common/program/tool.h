/* SPDX-License-Identifier: MIT */
/*
 * What every program does at its start and end: its command line (options.h), signals,
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
};

/* The config of every program begins with this member, named `common`. */
struct common_config {
	struct text_list operands;
	struct kept_options kept;
	const struct host *host;
	bool quiet, verbose, records, show_values;
	int64_t threads, seed;
	uint64_t memory;
};
#define COMMON_DEFAULTS { .threads = 1, .seed = 42, .memory = 256u << 20 }

/* Rows that any program may include by name in its table (offsets: the config's first member is `struct common_config common`). */
#define OPTION_RECORDS { "records", 0, OPTION_FLAG, offsetof(struct common_config, records), NULL, NULL, 0, 0, \
	"write plain records: the header, one map a row, the end; any msgpack library reads them" }
#define OPTION_SEED { "seed", 0, OPTION_INT, offsetof(struct common_config, seed), "N", NULL, 0, 4294967295.0, \
	"seed of every random choice (default 42)" }
#define OPTION_THREADS { "threads", 'j', OPTION_INT, offsetof(struct common_config, threads), "N", NULL, 1, 256, \
	"threads (default 1); the result is the same for any number" }
#define OPTION_MEMORY { "memory", 0, OPTION_SIZE, offsetof(struct common_config, memory), "SIZE", NULL, 0, 0, \
	"rows kept in memory before a temporary file in TMPDIR takes the rest (default 256M)" }
#define OPTION_VERBOSE { "verbose", 'v', OPTION_FLAG, offsetof(struct common_config, verbose), NULL, NULL, 0, 0, \
	"say more on standard error; on the last program of a pipe: the table of all stages" }
#define OPTION_QUIET { "quiet", 'q', OPTION_FLAG, offsetof(struct common_config, quiet), NULL, NULL, 0, 0, \
	"no remarks and no progress on standard error, errors only" }
#define OPTION_SHOW_VALUES { "show-values", 0, OPTION_FLAG, offsetof(struct common_config, show_values), NULL, NULL, 0, 0, \
	"name the offending value in messages also where standard error is no terminal" }

/* Reads options and operands into config (--help and --version print and exit 0; a usage error exits 2), ignores
 * SIGPIPE, catches SIGINT, SIGTERM and SIGHUP (host_interrupted; a second one ends the process) and SIGUSR1 (host_asked). */
void tool_start(int argc, char **argv, const struct tool *tool, void *config);

/* Prints the error, if any and not passed on, as one line `name: message`; flushes and checks stdout; removes what
 * host_temporary still lists; gives the exit status. STATUS_PIPE ends the process by SIGPIPE, without a word. */
int tool_finish(int result, struct error *err);

/* Prints the error now, if it is one to print; tool_finish will not again. */
void tool_report(struct error *err);

/* The process, for libraries: what they may know of it (host.h). It is there from tool_start on, and in the config, as common.host. */
const struct host *tool_host(void);
bool tool_interrupt_came(void);                 /* as host_interrupted, also while deferred: what a training loop asks */
void tool_defer_interrupt(bool defer);          /* training loop: after SIGINT reads and writes go on; false: also forgets that it came */

#endif
