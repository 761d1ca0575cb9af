/* SPDX-License-Identifier: MIT */
/*
 * What extract can read. A kind is one file source_NAME.c that ends in one
 * `const struct source_kind source_NAME` and stands once in sources.h; help and
 * man page come from there.
 *
 * A kind gives records: a struct source (common/stream/stream.h), whose header is
 * complete when `open` returns, whose `end` holds one stage, extract's own. How
 * it finds them is its matter. Formats of rows and cells leave types, bad rows
 * and the origin fields to rows.h; a database or a columnar file knows its types
 * and makes batches by itself.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include "config.h"
#include "stream.h"

struct source_kind {
	const char *name;               /* -f NAME */
	const char *summary;
	const char *endings;            /* of file names, parted by '|': ".tsv|.tab"; NULL: only by -f */
	bool typed;                     /* takes --typed */
	/* Opens what config->common.operands name; none: standard input. config outlives the source. -1: nothing is left open. */
	int (*open)(struct source *source, const struct extract_config *config, struct error *err);
};

#endif
