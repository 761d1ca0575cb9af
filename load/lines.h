/* SPDX-License-Identifier: MIT */
/*
 * A row as a line: what CSV, TSV and JSON lines have in common. Numbers, bools and
 * nulls print the same in each; how text is quoted, and what stands between the
 * cells, is the style's. Each thread prints with lines of its own.
 */
#ifndef LINES_H
#define LINES_H

#include "batch.h"
#include "buffer.h"
#include "options.h"

enum { STYLE_SLACK = 64 };

struct line_style {
	const char *open, *close;       /* around a line; close brings its LF */
	char delimiter;                 /* numbers print with the marks of their form, unless one of them is the delimiter; 0: without */
	bool json;                      /* bools are true and false, whatever their form */
	const char *null;
	const void *context;            /* for the functions */
	/* What stands before a cell: a delimiter, a key. */
	void (*before)(const void *context, const struct field *field, bool first, struct buffer *to);
	/* A text, or a time as printed, quoted and escaped; `first`: it opens the line. It says the same as what follows, where that says anything.
	 * STYLE_SLACK bytes behind the text may be read. */
	void (*text)(const void *context, const char *bytes, size_t size, bool first, struct buffer *to);
	/* A text with neither of `odd` nor a control byte in it (text_run.h) stands as it is, between quotes or not; without quotes only if it is not
	 * empty and has no `edge` at an end. */
	char odd[2], edge;              /* edge 0: none */
	bool quoted;                    /* by '"' */
};

/* Rows of option tables that several kinds have; members of their configs: `null` (NULL: nothing), `no_header`. */
#define OPTION_NULL(config) { "null", 0, OPTION_TEXT, offsetof(config, null), "TEXT", NULL, 0, 0, "how a missing value prints (default: nothing)" }
#define OPTION_NO_HEADER(config) { "no-header", 0, OPTION_FLAG, offsetof(config, no_header), NULL, NULL, 0, 0, "no line of names" }
/* Whether --null (NULL is fine) can be told from the cells around it; */
int null_check(const char *null, char delimiter, struct error *err) MUST_CHECK;
/* from every value that the fields can have, but for texts; */
int null_check_types(const char *null, const struct schema *schema, struct error *err) MUST_CHECK;
/* from the texts of a batch (columns are read): quotes would not help, for readers take what they are told is null in quotes, too. */
int null_check_texts(const char *null, const struct batch *batch, struct error *err) MUST_CHECK;

struct lines;
struct lines *lines_new(const struct line_style *style, const struct schema *schema);   /* neither is copied */
void lines_free(struct lines *lines);
void lines_print(struct lines *lines, const struct batch *batch, struct buffer *to);    /* columns are read, or narrow and checked */

#endif
