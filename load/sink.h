/* SPDX-License-Identifier: MIT */
/*
 * Where records go: a kind of file, later a kind of database. A kind is one file
 * sink_NAME.c that ends in one `const struct sink_kind sink_NAME` and stands once in
 * sinks.h; --help, the man page and completion come from there. What only a kind has
 * (a delimiter, a table's name) is an option in its own table, read into its own
 * config: the program names no word of it, and refuses it with other kinds.
 *
 * What a sink makes is whole or not there: rows, and the bookmarks of the end if the
 * kind can keep them, become visible together in `commit`, which comes only after the
 * input was proven. Whoever is killed before that leaves what was there; after it all
 * is there, and who reads the bookmarks back can go on from them: no row twice, none
 * lost. (On standard output and in devices nothing can be taken back.)
 */
#ifndef SINK_H
#define SINK_H

#include "formats.h"
#include "selection.h"
#include "stream.h"

/* Calls: ask, open, header, batch (or write) any number of times, commit; close at any time after open, once. 0, or -1 and err. */
struct sink_kind {
	struct format format;           /* stands first */
	/* What the config means for which fields are written: may change `select`, or find that it contradicts the config. NULL: nothing. */
	int (*ask)(const void *config, struct selection_request *select, struct error *err);
	/* Before any input is read, so that a target that can't be written fails at once. target: a path or what else the user named; NULL:
	 * standard output. All three outlive the sink. NULL and err. */
	void *(*open)(const char *target, const void *config, const struct host *host, struct error *err);
	/* header: of the stream, for its lineage and source; chosen: the fields of all batches, in their order. Both are there until commit has
	 * returned. */
	int (*header)(void *sink, const struct header *header, const struct schema *chosen, struct error *err);
	/* Its columns are read. It is written before this returns, so that a row is out before the next one comes; a sink that has
	 * to see some rows first (table: widths) holds these. The batch stays the caller's. NULL where the next four are not. */
	int (*batch)(void *sink, struct batch *batch, struct error *err);
	/* The same in two parts, for a kind that makes bytes of a batch whatever came before: threads have a printer each, made behind `header` and freed
	 * before `commit`, and what they print, side by side, is written in order. */
	void *(*printer)(void *sink);
	int (*print)(void *printer, struct batch *batch, struct buffer *to, struct error *err);
	void (*printer_free)(void *printer);
	int (*write)(void *sink, const struct buffer *bytes, struct error *err);
	bool narrow;                    /* `print` takes narrow columns as they are (batch.h): all others are read */
	/* end: proven. -1: nothing became visible. */
	int (*commit)(void *sink, const struct end *end, struct error *err);
	void (*close)(void *sink);      /* without a `commit` that went well nothing stays */
};

/* All of the source, as it is selected, into a sink that is open: header, batches, commit. n_threads: side by side, at least 1; the sink gets the
 * same for any number. *n_rows: how many. */
int sink_fill(const struct sink_kind *kind, void *sink, struct source *source, const struct selection_request *select, size_t n_threads,
              const struct host *host, uint64_t *n_rows, struct error *err) MUST_CHECK;

#endif
