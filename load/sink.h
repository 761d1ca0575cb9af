/* SPDX-License-Identifier: MIT */
/*
 * Where records go: a kind of file, later a kind of database. A kind is one file
 * that ends in one `const struct sink_kind` and stands in one line of sinks.h.
 *
 * What a sink makes is whole or not there: it becomes visible in `end`, which load
 * calls only after the input was proven. (On standard output and in devices
 * nothing can be taken back.)
 */
#ifndef SINK_H
#define SINK_H

#include <stdbool.h>
#include <stddef.h>

#include "stream.h"

struct sink_request {
	const char *path;               /* NULL: standard output */
	bool typed;                     /* names with types and roles, and a last line */
	bool header;                    /* a line of names */
	char delimiter;
	const char *null;               /* how a missing value prints */
};

/* Which members of the request a kind heeds; load refuses the options for the others. */
enum { SINK_TYPED = 1, SINK_HEADER = 2, SINK_DELIMITER = 4, SINK_NULL = 8 };

/* Calls: open, header, batch any number of times, end; close at any time after open, once. All but close: 0, -1 and err. */
struct sink_kind {
	const char *name;
	const char *summary;            /* for --help: lower case, no full stop */
	const char *extensions;         /* endings of file names, parted by blanks: ".jsonl .ndjson" */
	unsigned takes;
	/* Before any input is read, so that a path that can't be written fails at once. The request outlives the sink. NULL and err. */
	void *(*open)(const struct sink_request *request, struct error *err);
	int (*header)(void *sink, const struct schema *schema, struct error *err);      /* schema: of all batches, outlives the sink */
	/* Its columns are read. It is written before this returns, so that a row is out before the next one comes; a sink that has
	 * to see some rows first (table: widths) holds these. The batch stays the caller's. */
	int (*batch)(void *sink, struct batch *batch, struct error *err);
	int (*end)(void *sink, struct error *err);
	void (*close)(void *sink);      /* without an `end` that went well nothing stays */
};

const struct sink_kind *const *sink_list(size_t *n);
const struct sink_kind *sink_named(const char *name, struct error *err);        /* NULL and err, "did you mean" */
const struct sink_kind *sink_for_path(const char *path, struct error *err);     /* by its ending; csv without one */

#endif
