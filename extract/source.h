/* SPDX-License-Identifier: MIT */
/*
 * What extract can read. A kind is one file source_NAME.c that ends in one
 * `const struct source_kind source_NAME` and stands once in sources.h; --help, the
 * man page and completion come from there.
 *
 * A kind gives records: a struct source (common/stream/stream.h), whose header is
 * complete when `open` returns, whose `end` holds one stage, extract's own. What all
 * kinds are asked (--columns --types --like --null --on-misfit --rejects --max-bad,
 * the origin fields) is done for them in one of two ways:
 *
 *     rows.h         rows of cells, whose types are found by looking: csv, tsv, msgpack
 *     columnar.h     batches of columns that bring their types: columnar files, databases
 *
 * What only a kind has (a delimiter, a query) is an option in its own table, read
 * into its own config: the program names no word of it, and refuses it with other kinds.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include "config.h"
#include "formats.h"
#include "stream.h"

struct source_kind {
	struct format format;           /* stands first */
	const char *alike;              /* the options by which another file is read alike, parted by '|'; NULL: its cells say what they are, */
	const char *unlike;             /* as they do with this option; NULL: with none */
	/* Opens what config->common.operands name; none: standard input. own: the kind's config. Both outlive the source. -1 and err: nothing
	 * is left open. */
	int (*open)(struct source *source, const struct extract_config *config, const void *own, struct error *err);
};

#endif
