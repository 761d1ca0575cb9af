/* SPDX-License-Identifier: MIT */
/*
 * Formats: the kinds of files and databases that a program reads or writes, as far
 * as its command line goes. A kind of source or sink begins with one.
 *
 * A format's options stand in a table beside it, not in the program's. The parser
 * knows the words of all formats and keeps their values (common_config.kept) until
 * it is known which format it is; then format_config makes that format's config of
 * them, and refuses an option that it does not have. --help, the man page and
 * completion show the same tables. One word has one meaning, one type and one letter
 * in all formats of a program, and is none of the program's own (asserted).
 */
#ifndef FORMATS_H
#define FORMATS_H

#include "error.h"
#include "options.h"

struct format {
	const char *name;               /* -f NAME */
	const char *summary;            /* for --help: lower case, no full stop */
	const char *endings;            /* of file names, parted by '|': ".tsv|.tab"; NULL: none */
	const struct option_row *options;       /* offsets are those of its config; NULL: none */
	size_t config_size;
	const void *defaults;           /* a config; NULL: zeroed */
};

/* `at` is a program's list, as in struct tool: format i, or NULL behind the last. */
const struct format *format_of_path(const struct format *(*at)(size_t i), const char *path);     /* by its ending, in any case; NULL: none */

/* The format's config out of its defaults and what was kept; its texts are those of the command line. NULL and err: the format has no such
 * option ("--delimiter has no meaning with the format msgpack (csv, tsv have it)"), or a value is wrong. */
void *format_config(const struct format *format, const struct format *(*at)(size_t i), const struct kept_options *kept, struct error *err);
void format_config_free(const struct format *format, void *config);     /* NULL is fine */

#endif
