/* SPDX-License-Identifier: MIT */
/*
 * What every program does at its start and end, and options out of one table.
 * The table's rows feed the parser, --help, the OPTIONS section of the man page
 * (--help=man) and shell completion (--help=bash|zsh|fish). The same rows read the
 * `key=value` arguments of models and steps (option_set).
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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

#define MILLRACE_VERSION "0.1"

enum option_type {
	OPTION_FLAG,    /* bool: given or not; in key=value: yes/no, true/false, 1/0 */
	OPTION_INT,     /* int64_t in min..max */
	OPTION_REAL,    /* double in min..max; "5%" where `percent` */
	OPTION_SIZE,    /* uint64_t bytes: 64K, 256M */
	OPTION_TEXT,    /* const char * */
	OPTION_CHOICE,  /* int: position in choices, words parted by '|' */
	OPTION_LIST,    /* struct text_list: may be given several times */
	OPTION_INLINE,  /* its values join the operands, in the order of the command line (offset: the operands) */
	OPTION_HEADING, /* no option: its name is a heading in --help */
};

struct option_row {
	const char *name;       /* long name without dashes, or the key */
	char letter;            /* 0: none. The same letter means the same in every program */
	enum option_type type;
	size_t offset;          /* of the member in the config struct */
	const char *argument;   /* how --help calls it: FILE, N, P; for a choice NULL shows the words */
	const char *choices;    /* OPTION_CHOICE */
	double min, max;        /* OPTION_INT, OPTION_REAL; both 0: any */
	const char *help;       /* one sentence, lower case, no full stop; says the default */
};
#define OPTION_END { .name = NULL }

struct text_list {
	const char **items;             /* the texts belong to argv */
	size_t n, room;
	const char **options;           /* of operands: the OPTION_INLINE option that gave item i, or NULL; NULL if the tool has none */
	size_t room_options;
};

/* Options that belong to formats (formats.h), as they came: whose they are is not known yet. */
struct kept_option { const char *name, *value; };       /* a flag's value is "yes" */
struct kept_options { struct kept_option *items; size_t n, room; };

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
 * SIGPIPE, catches SIGINT and SIGTERM (see tool_interrupted) and SIGUSR1 (tool_status_wanted). */
void tool_start(int argc, char **argv, const struct tool *tool, void *config);

/* Prints the error, if any and not passed on, as one line `name: message`; flushes and checks stdout; removes what
 * tool_temporary still lists; gives the exit status. STATUS_PIPE ends the process by SIGPIPE, without a word. */
int tool_finish(int result, struct error *err);

/* Prints the error now, if it is one to print; tool_finish will not again. */
void tool_report(struct error *err);

const char *tool_name(void);                    /* as in the tool's table, without a PROGRAM_PREFIX */
double tool_seconds(void);                      /* since tool_start */
bool tool_interrupted(void);                    /* SIGINT, SIGTERM or SIGHUP came. Readers then fail with STATUS_INTERRUPT; a second one ends the process */
bool tool_interrupt_came(void);                 /* the same, also while deferred: what a training loop asks */
void tool_defer_interrupt(bool defer);          /* training loop: reads and writes go on; false: also forgets one that came */
bool tool_status_wanted(void);                  /* SIGUSR1 came since the last call */
bool tool_values_shown(void);                   /* --show-values, or stderr is a terminal */
void tool_note(const char *format, ...) FORMAT(1, 2);   /* one line on stderr, `name: ...`; silent with --quiet */

/* A file that must go on every exit, fatal signals included, unless it is forgotten (after the rename). */
void tool_temporary(const char *path);
void tool_temporary_forget(const char *path);

/* Sets one member from text. err: "lr: not a number between 0 and 10". option_find gives NULL and, in err, "did you mean". */
int option_set(const struct option_row *row, void *config, const char *value, struct error *err) MUST_CHECK;
const struct option_row *option_find(const struct option_row *rows, const char *name, struct error *err);

#endif
