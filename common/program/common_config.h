/* SPDX-License-Identifier: MIT */
/*
 * What every program takes on its command line. The config of each begins with this member, named `common`; the rows of
 * options below any program may include by name in its table (their offsets are those of the first member).
 *
 * tool_start (tool.h) fills it in. Libraries that are handed a program's config need no more than this.
 */
#ifndef COMMON_CONFIG_H
#define COMMON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host.h"
#include "options.h"

struct common_config {
	struct text_list operands;
	struct kept_options kept;
	const struct host *host;
	bool quiet, verbose, records, show_values;
	int64_t threads, seed;
	uint64_t memory;
};
#define COMMON_DEFAULTS { .threads = 1, .seed = 42, .memory = 256u << 20 }

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

#endif
